/** What there is to say about files' contents, as data and as text. */
import { native } from '../binding.js';
import { TextArray, type NpzValue } from '../io/npz.js';
import { TSContinuous, TSEvent, type TimeSeries } from '../time-series/index.js';
import { nextUp } from '../time-series/numbers.js';
import { fields, table } from './output.js';

/** A number with at most six digits. */
export const short = (x: number): string => (Number.isFinite(x) ? String(Number(x.toPrecision(6))) : String(x));

export interface SeriesInfo {
  class: 'TSContinuous' | 'TSEvent';
  name: string;
  channels: number;
  /** Samples or events. */
  length: number;
  tStart: number;
  tStop: number;
  duration: number;
  periodic: boolean;
  /** Of samples at even intervals. */
  dt?: number;
  units?: string;
  interpolation?: string;
  minimum?: number;
  maximum?: number;
  /** Samples that are not defined. */
  undefinedSamples?: boolean;
  /** Events a second, of all channels together. */
  rate?: number;
}

/** Seconds between samples at even intervals. */
export function intervalOf(series: TimeSeries): number | undefined {
  if (series instanceof TSEvent) return undefined;
  const { _axis: axis, length } = series;
  if (axis.clock) return axis.clock.dt;
  const rate = length < 2 ? 0 : native.evenSampleRate(axis.array);
  return rate > 0 ? 1 / rate : undefined;
}

/** Size, extent and kind of a series. */
export function seriesInfo(series: TimeSeries): SeriesInfo {
  const { name, length, tStart, periodic } = series;
  // events at one moment last until the next number behind it, which is no time that anybody means
  const lasts = series.tStop > nextUp(tStart);
  const [tStop, duration] = lasts ? [series.tStop, series.duration] : [tStart, 0];
  const common = { name, length, tStart, tStop, duration, periodic };
  if (series instanceof TSEvent) {
    const rate = duration > 0 ? length / duration : Infinity;
    return {
      class: 'TSEvent',
      channels: series.numChannels,
      ...common,
      rate: Number.isFinite(rate) ? rate : undefined,
    };
  }
  const continuous = series as TSContinuous;
  const some = length > 0 && continuous.numChannels > 0;
  return {
    class: 'TSContinuous',
    channels: continuous.numChannels,
    ...common,
    dt: intervalOf(continuous),
    units: continuous.units ?? undefined,
    interpolation: String(continuous.interpKind),
    minimum: some ? continuous.min : undefined,
    maximum: some ? continuous.max : undefined,
    undefinedSamples: some && native.firstNotFinite(continuous._samples) < continuous._samples.length,
  };
}

/** {@link seriesInfo} as lines. */
export function seriesText(info: SeriesInfo): string {
  const { dt } = info;
  return fields({
    'time series': `${info.class} '${info.name}'`,
    channels: info.channels,
    [info.class === 'TSEvent' ? 'events' : 'samples']: info.length,
    time: `${short(info.tStart)} s to ${short(info.tStop)} s (${short(info.duration)} s)${info.periodic ? ', periodic' : ''}`,
    interval: dt === undefined ? undefined : `${short(dt)} s (${short(1 / dt)} Hz)`,
    interpolation: info.interpolation,
    units: info.units,
    values:
      info.minimum === undefined
        ? undefined
        : `${short(info.minimum)} to ${short(info.maximum as number)}${info.undefinedSamples ? ', some not finite' : ''}`,
    'mean rate': info.rate === undefined ? undefined : `${short(info.rate)} events a second`,
  });
}

/** Name, type and shape of an array of a file. */
export interface ArrayInfo {
  name: string;
  dtype: string;
  shape: readonly number[];
  /** A short text itself. */
  text?: string;
}

/** The arrays of a file. */
export function arraysInfo(arrays: ReadonlyMap<string, NpzValue>): ArrayInfo[] {
  return [...arrays].map(([name, value]) => {
    const { shape } = value;
    if (!(value instanceof TextArray))
      return { name, dtype: value.data.constructor.name.replace(/Array$/, '').toLowerCase(), shape };
    const text = value.item();
    return { name, dtype: 'text', shape, ...(text !== undefined && text.length <= 60 && { text }) };
  });
}

export const arraysText = (arrays: readonly ArrayInfo[]): string =>
  table(
    ['array', 'type', 'shape', ''],
    arrays.map(({ name, dtype, shape, text }) => [name, dtype, shape.join(' x ') || 'single', text ?? '']),
  );
