/** What files hold, and writing time series: the one place that knows which reader and writer belongs to which kind of file. */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { readCsv } from '../io/csv.js';
import { writeCsv } from '../io/csv-write.js';
import { fileError } from '../io/file-error.js';
import { readNpy, readNpz, TextArray, writeNpy, type NpzValue } from '../io/npz.js';
import { loadTsFromFile } from '../io/series-file.js';
import { readWav, writeWav, type WavFormat } from '../io/wav.js';
import { fromText } from '../layers/config.js';
import type { NirGraph } from '../nir/index.js';
import type { TaskOptions } from '../task.js';
import { TSContinuous, TSEvent, type TimeSeries } from '../time-series/index.js';
import { UsageError } from './exit.js';
import { endingOf, formatOf, unreadable, type Format } from './formats.js';
import { isSeriesDict, seriesOfDict, seriesText } from './series-json.js';

/** What a file holds. */
export type Content = { format: Format } &
  // `details`: what else the file tells
  (
    | { kind: 'series'; series: TimeSeries; details?: Record<string, string | number> }
    | { kind: 'arrays'; arrays: ReadonlyMap<string, NpzValue> }
    | { kind: 'snapshot'; arrays: ReadonlyMap<string, NpzValue>; training: boolean }
    | { kind: 'dictionary'; dictionary: Record<string, unknown> }
    | { kind: 'graph'; graph: NirGraph }
  );

export interface ReadOptions extends TaskOptions {
  /** Seconds between rows, of files without times. */
  dt?: number;
  /** Read a NIR file whose checksum is wrong. */
  ignoreChecksum?: boolean;
}

const stem = (path: string): string => basename(path).replace(/\.[^.]+$/, '');

/** The text of a snapshot's field that tells what it is. */
function snapshotText(arrays: ReadonlyMap<string, NpzValue>): string | undefined {
  const text = arrays.get('snapshot');
  const value = text instanceof TextArray ? text.item() : undefined;
  return value?.includes('"rockpool-node snapshot"') ? value : undefined;
}

async function npzContent(path: string, { signal }: ReadOptions): Promise<Content> {
  const arrays = await readNpz(path, { signal });
  const snapshot = snapshotText(arrays);
  if (snapshot !== undefined)
    return { format: 'npz', kind: 'snapshot', arrays, training: snapshot.includes('"rockpool-node training"') };
  const isSeries = arrays.has('times') && (arrays.has('samples') || arrays.has('channels'));
  return isSeries
    ? { format: 'npz', kind: 'series', series: await loadTsFromFile(path) }
    : { format: 'npz', kind: 'arrays', arrays };
}

async function jsonContent(path: string): Promise<Content> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => Promise.reject(fileError('read', path, error) as Error)); // prettier-ignore
  const dictionary = fromText(text.replace(/^\ufeff/, ''), 'it');
  return isSeriesDict(dictionary)
    ? { format: 'json', kind: 'series', series: seriesOfDict(dictionary) }
    : { format: 'json', kind: 'dictionary', dictionary };
}

const readers: Record<Format, (path: string, options: ReadOptions) => Promise<Content>> = {
  npz: npzContent,
  npy: async (path) => ({
    format: 'npy',
    kind: 'arrays',
    arrays: new Map([[stem(path), await readNpy(path)]]),
  }),
  wav: async (path, { signal, onProgress }) => ({
    format: 'wav',
    kind: 'series',
    series: await readWav(path, { signal, onProgress }),
  }),
  json: jsonContent,
  nir: async (path, { signal, ignoreChecksum }) => {
    const { readNir } = await import('../nir/index.js');
    return {
      format: 'nir',
      kind: 'graph',
      graph: await readNir(path, { signal, checksum: ignoreChecksum ? 'ignore' : 'check' }),
    };
  },
  csv: async (path, { dt, signal, onProgress }) => {
    const series = await readCsv(path, { dt, signal, onProgress });
    if (series.numChannels === 0) throw new RockpoolError('ERR_FILE', 'it has no columns of samples');
    return { format: 'csv', kind: 'series', series };
  },
  aedat: async (path, { signal, onProgress }) => {
    const { readAedat } = await import('../io/aedat.js');
    const { events, version, source, size, triggers } = await readAedat(path, { signal, onProgress });
    const details = {
      version,
      source,
      ...(size && { sensor: `${size.width} x ${size.height}` }),
      triggers: triggers.times.length,
    };
    return { format: 'aedat', kind: 'series', series: events, details };
  },
};

/**
 * Reads a file of any kind.
 *
 * @throws RockpoolError `ERR_FILE` with `path` for everything that is wrong with it.
 */
export async function readContent(path: string, options: ReadOptions = {}): Promise<Content> {
  const format = await formatOf(path);
  try {
    return await readers[format](path, options);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function seriesOfArrays(arrays: ReadonlyMap<string, NpzValue>, path: string, dt: number | undefined): TimeSeries {
  const matrices = [...arrays.values()].filter((a): a is NdArray => a instanceof NdArray && a.ndim > 0 && a.ndim <= 2);
  if (matrices.length !== 1)
    throw new RockpoolError(
      'ERR_FILE',
      `it holds no time series, and ${matrices.length} arrays of one or two dimensions`,
    );
  if (dt === undefined)
    throw new UsageError(`'${path}' holds samples without times: --input-dt SECONDS says how far apart they are`);
  const [matrix] = matrices as [NdArray];
  const samples = Float64Array.from(matrix.data);
  return TSContinuous.fromClocked(new NdArray(samples, matrix.shape), dt, { name: stem(path) });
}

/** The time series of what a file held. @throws RockpoolError `ERR_FILE` when it is something else. */
export function seriesOf(path: string, content: Content, dt?: number): TimeSeries {
  if (content.kind === 'series') return content.series;
  try {
    if (content.kind === 'arrays') return seriesOfArrays(content.arrays, path, dt);
    const what = content.kind === 'snapshot' ? 'a snapshot' : 'a network';
    throw new RockpoolError('ERR_FILE', `it holds ${what} and no time series`);
  } catch (error) {
    throw error instanceof UsageError ? error : fileError('read', path, error);
  }
}

/** The time series of a file. @throws RockpoolError `ERR_FILE` for files of something else. */
export async function readSeries(path: string, options: ReadOptions = {}): Promise<TimeSeries> {
  return seriesOf(path, await readContent(path, options), options.dt);
}

// ---- Writing --------------------------------------------------------------------------------------------------------

/** Formats of samples in WAV files. */
export const wavFormats: readonly WavFormat[] = ['pcm8', 'pcm16', 'pcm24', 'pcm32', 'float32', 'float64'];

export interface WriteOptions {
  signal?: AbortSignal;
  /** Samples a second, of WAV files. */
  rate?: number;
  /** Of WAV files. */
  wavFormat?: WavFormat;
  /** A line of metadata in CSV files. */
  csvMetadata?: boolean;
  /** Names of the channels. */
  names?: readonly string[];
}

type Writer = (path: string, series: TimeSeries, options: WriteOptions) => Promise<void>;

function continuous(series: TimeSeries, what: string): TSContinuous {
  if (series instanceof TSEvent) throw new UsageError(`${what} files hold samples, and these are events`);
  return series as TSContinuous;
}

const writers: Record<string, Writer> = {
  '.npz': (path, series, { signal }) => series.save(path, { signal }),
  '.npy': (path, series, { signal }) => writeNpy(path, continuous(series, 'npy').samples, { signal }),
  '.csv': (path, series, { csvMetadata, names, signal }) =>
    writeCsv(path, series as TSContinuous | TSEvent, {
      metadata: csvMetadata,
      signal,
      ...(!(series instanceof TSEvent) && { names }),
    }),
  '.json': (path, series) => writeFileAtomic(path, seriesText(series)),
  '.wav': (path, series, { rate, wavFormat }) => writeWav(path, continuous(series, 'WAV'), { rate, format: wavFormat }),
};

/** Endings of files that time series are written to. */
export const seriesEndings: readonly string[] = Object.keys(writers);

/** Writes a series, in the form that the ending of the path says, whole or not at all. */
export async function writeSeries(path: string, series: TimeSeries, options: WriteOptions = {}): Promise<void> {
  options.signal?.throwIfAborted();
  await writers[endingOf(path)](path, series, options);
}

/**
 * Looks at the path of an output before the work for it begins.
 *
 * @throws UsageError for another ending; RockpoolError `ERR_FILE` when there is no folder for it, or it is a folder.
 */
export async function checkOutput(path: string, endings: readonly string[], option = '--output'): Promise<void> {
  if (path === '' || path.includes('\0')) throw new UsageError(`${option} needs the path of a file`);
  if (!endings.includes(endingOf(path)))
    throw new UsageError(`${option} '${path}' should end with one of ${endings.join(', ')}`);
  try {
    const folder = await stat(dirname(path)).catch(() => null);
    if (!folder?.isDirectory()) throw new RockpoolError('ERR_FILE', `there is no folder '${dirname(path)}'`);
    const there = await stat(path).catch(() => null);
    if (there?.isDirectory()) throw new RockpoolError('ERR_FILE', 'it is a folder');
  } catch (error) {
    throw fileError('write', path, error);
  }
}
