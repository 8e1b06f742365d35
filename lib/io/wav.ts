/** WAV sound files as continuous series, one channel of the series for each channel of the sound. */
import * as fs from 'node:fs';
import { basename } from 'node:path';
import { native } from '../binding.js';
import { checkInstance, checkInteger, checkOneOf, checkOptions, checkString, rangeError, typeError } from '../check.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import type { InterpKind } from '../time-series/continuous/kinds.js';
import { checkKind } from '../time-series/continuous/kinds.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { warn } from '../warnings.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { checkPath, fileError, type PathInput } from './file-error.js';
import { regularFile, regularFileSync } from './regular-file.js';

/** Options of {@link readWav}. */
export interface ReadWavOptions {
  /** Name of the series; default: that of the file, without its ending. */
  name?: string;
  /** Default `'previous'`, as for every clocked series. */
  interpKind?: InterpKind;
}

const formats = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'float64'] as const;

/** How samples are written: integers of 8 to 32 bits, or floats. */
export type WavFormat = (typeof formats)[number];

/** Options of {@link writeWav}. */
export interface WriteWavOptions {
  /** Frames a second, an integer; default: the rate of a series whose times are a clock's, or evenly spaced. */
  rate?: number;
  /** Default `'float32'`. */
  format?: WavFormat;
}

const bigBytes = 1 << 20;

interface WavSource {
  from: string | Uint8Array;
  path: string;
  name: string;
  kind: InterpKind;
}

function prepareRead(source: unknown, options: Partial<ReadWavOptions>): WavSource {
  const kind = checkKind(options.interpKind ?? 'previous');
  const given = options.name === undefined ? undefined : checkString(options.name, 'name');
  if (source instanceof Uint8Array) return { from: source, path: 'bytes', name: given ?? 'unnamed', kind };
  if (typeof source !== 'string' && !(source instanceof URL))
    throw typeError('source', 'a path or the bytes of a file', source);
  const path = checkPath(source);
  return { from: path, path, name: given ?? basename(path).replace(/\.[^.]+$/, ''), kind };
}

function seriesOf(bytes: Uint8Array, { name, kind }: WavSource): { samples: Float64Array; series: () => TSContinuous } {
  const { channels, rate, frames } = native.wavHeader(bytes);
  const samples = new Float64Array(frames * channels);
  const series = () => {
    const clock = { t0: 0, dt: 1 / rate, n: frames, tStart: 0, tStop: frames / rate };
    return TSContinuous.clockedTrusted({ samples, numChannels: channels, ...clock, name, interpKind: kind });
  };
  return { samples, series };
}

/**
 * Reads a WAV file: integers of 8, 16, 24 or 32 bits (scaled so that full scale is 1) or floats of 32 or 64 bits. Frame `k` is at
 * `k / rate` seconds, and the series ends at `frames / rate`.
 *
 * @param source a path, a file: URL or the bytes of a file
 * @throws RockpoolError `ERR_FILE` with `path` and what is wrong: cut off, damaged, or packed in a format that cannot be read
 */
export function readWavSync(source: PathInput | Uint8Array, options?: ReadWavOptions): TSContinuous {
  const from = prepareRead(source, checkOptions<ReadWavOptions>(options, 'options', ['name', 'interpKind']));
  try {
    const bytes =
      typeof from.from === 'string' ? fs.readFileSync(regularFileSync(from.from)) : new Uint8Array(from.from);
    const { samples, series } = seriesOf(bytes, from);
    native.wavRead(bytes, samples);
    return series();
  } catch (error) {
    throw fileError('read', from.path, error);
  }
}

/** {@link readWavSync} without blocking the event loop. */
export async function readWav(
  source: PathInput | Uint8Array,
  options?: ReadWavOptions & TaskOptions,
): Promise<TSContinuous> {
  const given = checkOptions<ReadWavOptions & TaskOptions>(options, 'options', [
    'name',
    'interpKind',
    ...taskOptionNames,
  ]);
  const from = prepareRead(source, given);
  try {
    const bytes =
      typeof from.from === 'string'
        ? await fs.promises.readFile(await regularFile(from.from))
        : new Uint8Array(from.from);
    const { samples, series } = seriesOf(bytes, from);
    if (bytes.length > bigBytes) await runTask(given, (progress) => native.wavReadJob(bytes, samples, progress));
    else native.wavRead(bytes, samples);
    return series();
  } catch (error) {
    throw fileError('read', from.path, error);
  }
}

/** Frames a second of a series with evenly spaced times. */
function rateOf(series: TSContinuous): number {
  const { clock, first, last, length } = series._axis;
  const rate = clock ? 1 / clock.dt : (length - 1) / (last - first);
  const rounded = Math.round(rate);
  if (!(rounded >= 1) || Math.abs(rate - rounded) > 1e-6 * rate) {
    throw rangeError('rate', 'given, since the series has no whole number of samples a second', undefined);
  }
  return rounded;
}

/** The samples at the ticks of `rate`, from the start of the series. */
function framesOf(series: TSContinuous, rate: number): Float64Array {
  const { clock, last } = series._axis;
  const start = series.tStart;
  if (clock && Math.abs(clock.dt * rate - 1) < 1e-12 && clock.first * clock.dt + clock.t0 === start)
    return series._samples;
  const ticks = Math.max(Math.ceil(series.duration * rate - 1e-6), Math.floor((last - start) * rate + 1e-6) + 1);
  const times = new Float64Array(ticks);
  native.clockTimes(start, 1 / rate, 0, times);
  return series.sample(times).data;
}

function encode(series: unknown, options: WriteWavOptions | undefined): Uint8Array {
  const ts = checkInstance(series, 'series', TSContinuous);
  const given = checkOptions<WriteWavOptions>(options, 'options', ['rate', 'format']);
  const format = checkOneOf(given.format ?? 'float32', 'format', formats);
  if (ts.length === 0 || ts.numChannels === 0)
    throw rangeError('series', 'one with samples and channels', `${ts.length} x ${ts.numChannels}`);
  const rate = given.rate === undefined ? rateOf(ts) : checkInteger(given.rate, 'rate', { min: 1, max: 0xffffffff });
  const samples = framesOf(ts, rate);
  const encoding = formats.indexOf(format);
  const out = new Uint8Array(native.wavSize(encoding, ts.numChannels, samples.length / ts.numChannels));
  const clipped = native.wavWrite(encoding, ts.numChannels, rate, samples, out);
  if (clipped > 0)
    warn(
      'WAV_CLIPPED',
      `series '${ts.name}': ${clipped} samples are beyond full scale (or NaN) and were clipped (or set to 0)`,
    );
  return out;
}

/**
 * Writes a series as a WAV file, sampled at `tStart + k / rate`. Integer formats hold values from -1 to 1; what is beyond is clipped, with
 * the warning `WAV_CLIPPED`. The path holds either the old file or the new one, whole, at every moment.
 *
 * @throws RangeError `ERR_VALUE` when the series has no samples or no rate can be told; RockpoolError `ERR_FILE`
 */
export function writeWavSync(path: PathInput, series: TSContinuous, options?: WriteWavOptions): void {
  const target = checkPath(path);
  writeFileAtomicSync(target, encode(series, options));
}

/** {@link writeWavSync}, not blocking while the file is written. */
export async function writeWav(path: PathInput, series: TSContinuous, options?: WriteWavOptions): Promise<void> {
  const target = checkPath(path);
  await writeFileAtomic(target, encode(series, options));
}
