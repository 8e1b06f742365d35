/** Joining continuous series: side by side, one after the other, interleaved. */
import { toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkNumber, checkOptions, rangeError, shapeError, typeError } from '../../check.js';
import { type Offset, readInplace, readSeriesList } from '../time-series.js';
import { TimeAxis } from '../time-axis.js';
import { TSContinuous } from '../ts-continuous.js';
import { sampleOn } from './sampling.js';
import { fillFits } from './channels.js';

/** Options of {@link TSContinuous.appendT}. */
export interface AppendTOptions {
  /**
   * Seconds between the end of each series and the start of the next: one number for all or one entry for each. Null means the median
   * distance of the earlier one's samples; `'contiguous'` means 0 where the extent of the earlier one reaches beyond its
   * last sample (clocked series) and that median otherwise. Default null.
   */
  offset?: Offset | readonly Offset[];
  /** Change this series and return it; default false. */
  inplace?: boolean;
}

/** Options of {@link TSContinuous.merge}. */
export interface MergeOptions {
  /** Leave out samples at times that an earlier series has too; default true. */
  removeDuplicates?: boolean;
  /** Change this series and return it; default false. */
  inplace?: boolean;
}

/** One series, where it comes to lie in time. */
interface Part {
  series: TSContinuous;
  delay: number;
}

/** @internal */
export function appendC(ts: TSContinuous, other: unknown, options: unknown): TSContinuous {
  const others = readSeriesList(other, 'other', TSContinuous);
  const inplace = readInplace(options);
  let samples = ts._samples;
  let channels = ts._channels;
  for (const series of others) {
    const added =
      series.length > 0 ? sampleOn(series, ts._axis) : new Float64Array(ts.length * series._channels).fill(NaN);
    const out = new Float64Array(ts.length * (channels + series._channels));
    native.joinColumns(samples, channels, added, series._channels, ts.length, out);
    samples = out;
    channels += series._channels;
  }
  if (samples === ts._samples) samples = samples.slice();
  const fill = fillFits(ts.fillValue, channels) ? ts.fillValue : 'extrapolate';
  return ts._with({ axis: ts._shareAxis(), samples, channels, fill }, inplace);
}

/** @internal */
export function appendT(ts: TSContinuous, other: unknown, options: unknown): TSContinuous {
  const others = readSeriesList(other, 'other', TSContinuous);
  const given = checkOptions<AppendTOptions>(options, 'options', ['offset', 'inplace']);
  const inplace = checkBoolean(given.inplace ?? false, 'inplace');
  const offsets = readOffsets(given.offset, others.length);
  const parts: Part[] = [{ series: ts, delay: 0 }];
  let previous = ts;
  let end = ts.tStop;
  others.forEach((series, i) => {
    const delay = end + gap(previous, series, offsets[i]) - series.tStart;
    parts.push({ series, delay });
    previous = series;
    end = series.tStop + delay;
  });
  return join(ts, parts, false, inplace);
}

function readOffsets(offset: unknown, count: number): Offset[] {
  const one = (value: unknown, name: string): Offset =>
    value === null || value === undefined || value === 'contiguous' ? (value ?? null) : checkNumber(value, name);
  if (typeof offset === 'string' && offset !== 'contiguous')
    throw rangeError('offset', "a number, null or 'contiguous'", offset);
  if (!Array.isArray(offset) && !ArrayBuffer.isView(offset))
    return new Array<Offset>(count).fill(one(offset, 'offset'));
  const list: unknown[] = Array.isArray(offset) ? offset : Array.from(toNdArray(offset, 'offset', 'float64').data);
  if (list.length !== count)
    throw shapeError('offset', `one entry for each of the ${count} series`, `${list.length} entries`);
  return list.map((entry, i) => one(entry, `offset[${i}]`));
}

function gap(previous: TSContinuous, next: TSContinuous, offset: Offset): number {
  if (typeof offset === 'number') return offset;
  if (previous.length < 2 || next.length === 0) return 0;
  if (offset === 'contiguous' && previous.tStop > previous._axis.last) return 0;
  return native.medianStep(previous._axis.array);
}

/** @internal */
export function merge(ts: TSContinuous, other: unknown, options: unknown): TSContinuous {
  const others = readSeriesList(other, 'other', TSContinuous);
  const given = checkOptions<MergeOptions>(options, 'options', ['removeDuplicates', 'inplace']);
  const removeDuplicates = checkBoolean(given.removeDuplicates ?? true, 'removeDuplicates');
  const inplace = checkBoolean(given.inplace ?? false, 'inplace');
  return join(
    ts,
    [ts, ...others].map((series) => ({ series, delay: 0 })),
    removeDuplicates,
    inplace,
  );
}

function join(ts: TSContinuous, parts: readonly Part[], removeDuplicates: boolean, inplace: boolean): TSContinuous {
  const withContent = parts.filter(({ series }) => series.length > 0 || series._channels > 0);
  const channels = withContent[0]?.series._channels ?? 0;
  for (const { series } of withContent) {
    if (series._channels !== channels) {
      throw shapeError(`series '${series.name}'`, `one with ${channels} channels`, `${series._channels} channels`);
    }
  }
  const total = parts.reduce((sum, { series }) => sum + series.length, 0);
  const times = new Float64Array(total);
  const samples = new Float64Array(total * channels);
  let at = 0;
  for (const { series, delay } of parts) {
    const place = times.subarray(at, at + series.length);
    if (delay === 0) place.set(series._axis.array);
    else native.shiftTimes(series._axis.array, delay, place);
    samples.set(series._samples, at * channels);
    at += series.length;
  }
  const lengths = Float64Array.from(parts, ({ series }) => series.length);
  const outTimes = new Float64Array(total);
  const outSamples = new Float64Array(total * channels);
  const rows = native.mergeSeries(times, samples, channels, lengths, removeDuplicates, outTimes, outSamples);
  const fill = fillFits(ts.fillValue, channels) ? ts.fillValue : 'extrapolate';
  return ts._with(
    {
      axis: TimeAxis.of(rows === total ? outTimes : outTimes.slice(0, rows)),
      samples: rows === total ? outSamples : outSamples.slice(0, rows * channels),
      channels,
      fill,
      tStart: Math.min(...parts.map(({ series, delay }) => series.tStart + delay)),
      tStop: Math.max(
        rows > 0 ? outTimes[rows - 1] : -Infinity,
        ...parts.map(({ series, delay }) => series.tStop + delay),
      ),
    },
    inplace,
  );
}

/** @internal For static helpers: which of two operands is a series. */
export function checkSeries(value: unknown, name: string): TSContinuous {
  if (!(value instanceof TSContinuous)) throw typeError(name, 'a TSContinuous', value);
  return value;
}
