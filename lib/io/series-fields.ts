/**
 * Time series as named fields: what `toDict` returns and what a file holds.
 *
 * The fields are the original's, where values of text are put in the names of empty fields (`name_<NAME>`); files of ours hold
 * further ones (`rp_...`) for what the original does not keep. See docs/dev/files.md.
 */
import { NdArray, type NdData } from '../array.js';
import { native } from '../binding.js';
import { checkOptions, rangeError } from '../check.js';
import { nextUp } from '../time-series/numbers.js';
import type { FillConstant } from '../time-series/continuous/kinds.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { checkDType, type NpzDType, type NpzInput } from './npz-write.js';

/** Element types of the arrays, to save space; default: doubles, and integers of 64 bits for channels. */
export interface ContinuousDictOptions {
  /** `float16`, `float32` or `float64`. */
  dtypeTimes?: NpzDType | null;
  /** Any; a value that it cannot hold exactly is an error if it is an integer type. */
  dtypeSamples?: NpzDType | null;
}

/** The same for events. */
export interface EventDictOptions {
  /** `float16`, `float32` or `float64`. */
  dtypeTimes?: NpzDType | null;
  /** An integer type that holds the number of channels. */
  dtypeChannels?: NpzDType | null;
}

/** What `toDict` returns: arrays, numbers and flags under the original's keys. */
export type SeriesDict = Record<string, NdArray | number | boolean>;

/** Decimal resolution of the float types. */
const resolutions: Record<string, number> = { float16: 1e-3, float32: 1e-6, float64: 1e-15 };

/** Largest value of the integer types. */
const largest: Record<string, number> = {
  int8: 127,
  uint8: 255,
  int16: 32767,
  uint16: 65535,
  int32: 2147483647,
  uint32: 4294967295,
  int64: Number.MAX_SAFE_INTEGER,
  uint64: Number.MAX_SAFE_INTEGER,
};

function roundTo(value: number, dtype: NpzDType): number {
  return dtype === 'float16' ? native.roundToHalf(value) : dtype === 'float32' ? Math.fround(value) : value;
}

function timesDType(value: NpzDType | null | undefined): NpzDType | null {
  if (value === undefined || value === null) return null;
  const dtype = checkDType(value, 'dtypeTimes');
  if (!(dtype in resolutions)) throw rangeError('dtypeTimes', 'float16, float32 or float64', value);
  return dtype;
}

/**
 * The limits to store with times of a type: rounding may move the first and last time outside the extent. Rounding keeps the
 * order, so only these two matter.
 */
function storedExtent(series: TimeSeries, dtype: NpzDType | null, events: boolean): { tStart: number; tStop: number } {
  const { tStart, tStop } = series;
  if (dtype === null || series.length === 0) return { tStart, tStop };
  const first = roundTo(series._axis.first, dtype);
  const last = roundTo(series._axis.last, dtype);
  if (!Number.isFinite(first) || !Number.isFinite(last))
    throw rangeError('dtypeTimes', 'a type that holds all times', dtype);
  const end = events ? Math.max(roundTo(last + roundTo(resolutions[dtype], dtype), dtype), nextUp(last)) : last;
  return { tStart: Math.min(tStart, first), tStop: Math.max(tStop, end) };
}

/** Part of an entry's name in a ZIP: no zero character (it would end the name for others), not too long. */
function inName(text: string): string {
  return text.replaceAll('\0', '').slice(0, 1000);
}

const empty = (): NdArray => NdArray.zeros(0);

type Fields = Map<string, NpzInput>;

function putTrials(fields: Fields, series: TimeSeries): void {
  if (series.trialStartTimes)
    fields.set('trial_start_times', new NdArray(series.trialStartTimes, [series.trialStartTimes.length]));
}

const fillArray = (value: FillConstant): NdArray =>
  typeof value === 'number'
    ? new NdArray(Float64Array.of(value), [])
    : new NdArray(Float64Array.from(value), [value.length]);

function putContinuousExtensions(fields: Fields, series: TSContinuous): void {
  fields.set('rp_name', series.name);
  fields.set('rp_interp_kind', String(series.interpKind));
  if (series.units !== null) fields.set('rp_units', series.units);
  const fill = series.fillValue;
  if (typeof fill === 'object' && 'below' in fill) {
    fields.set('rp_fill_below', fillArray(fill.below));
    fields.set('rp_fill_above', fillArray(fill.above));
  } else if (fill !== 'extrapolate') {
    fields.set('rp_fill_value', fillArray(fill));
  }
  const flags = [series.beyondRangeException, series.approxLimitTimes];
  if (!flags.every(Boolean)) fields.set('rp_flags', { array: Uint8Array.from(flags, Number), dtype: 'bool' });
}

/** The fields of a file. The arrays are the series' own. */
export function continuousFields(series: TSContinuous, options: unknown, extensions: boolean): Fields {
  const given = checkOptions<ContinuousDictOptions>(options, 'options', ['dtypeTimes', 'dtypeSamples']);
  const dtypeTimes = timesDType(given.dtypeTimes);
  const dtypeSamples =
    given.dtypeSamples === undefined || given.dtypeSamples === null
      ? null
      : checkDType(given.dtypeSamples, 'dtypeSamples');
  const { tStart, tStop } = storedExtent(series, dtypeTimes, false);
  const samples = new NdArray(series._samples, [series.length, series.numChannels]);
  const fields: Fields = new Map<string, NpzInput>([
    ['times', { array: series._axis.array, dtype: dtypeTimes ?? 'float64' }],
    ['samples', { array: samples, dtype: dtypeSamples ?? 'float64' }],
    ['t_start', tStart],
    ['t_stop', tStop],
    [`interp_kind_${series.interpKind}`, empty()],
    ['periodic', series.periodic],
    [`name_${inName(series.name)}`, empty()],
    ['type_TSContinuous', empty()],
  ]);
  putTrials(fields, series);
  if (extensions) putContinuousExtensions(fields, series);
  return fields;
}

/** The same for events. */
export function eventFields(series: TSEvent, options: unknown, extensions: boolean): Fields {
  const given = checkOptions<EventDictOptions>(options, 'options', ['dtypeTimes', 'dtypeChannels']);
  const dtypeTimes = timesDType(given.dtypeTimes);
  const dtypeChannels = given.dtypeChannels ?? 'int64';
  checkDType(dtypeChannels, 'dtypeChannels');
  const max = largest[dtypeChannels];
  if (max === undefined) throw rangeError('dtypeChannels', 'an integer type', dtypeChannels);
  if (max < series.numChannels) {
    throw rangeError(
      'dtypeChannels',
      `a type that holds the number of channels of series '${series.name}', ${series.numChannels}`,
      dtypeChannels,
    );
  }
  const { tStart, tStop } = storedExtent(series, dtypeTimes, true);
  const fields: Fields = new Map<string, NpzInput>([
    ['times', { array: series._axis.array, dtype: dtypeTimes ?? 'float64' }],
    ['channels', { array: series._peek().channels, dtype: dtypeChannels }],
    ['t_start', tStart],
    ['t_stop', tStop],
    ['periodic', series.periodic],
    ['num_channels', { array: series.numChannels, dtype: 'int64' }],
    [`name_${inName(series.name)}`, empty()],
    ['type_TSEvent', empty()],
  ]);
  putTrials(fields, series);
  if (extensions) fields.set('rp_name', series.name);
  return fields;
}

/** A copy of an array with the precision of a type. */
function asDType(value: NdArray, dtype: NpzDType): NdArray {
  if (dtype === 'float64' || !dtype.startsWith('float')) return value.copy();
  const rounded = Float32Array.from(value.data);
  if (dtype === 'float16') {
    const bare = [
      ['x', 'float16', Float64Array.from(value.shape), value.data] as [string, string, Float64Array, typeof value.data],
    ];
    const npy = new Uint8Array(native.npzSize(bare, true));
    native.npzWrite(bare, true, npy);
    native.npyRead(npy, rounded);
  }
  return new NdArray(rounded, value.shape);
}

/** An array of a series, which are doubles, integers or NdArrays. */
function ownArray(array: unknown): NdArray {
  return array instanceof NdArray ? (array as NdArray) : new NdArray(array as NdData, [(array as NdData).length]);
}

/** The fields as arrays, numbers and flags of their own. */
export function dictOf(fields: Fields): SeriesDict {
  const dict: SeriesDict = {};
  for (const [key, value] of fields) {
    if (typeof value === 'number' || typeof value === 'boolean') dict[key] = value;
    else if (value instanceof NdArray) dict[key] = value.copy();
    else if (typeof value === 'object' && 'array' in value) {
      dict[key] = typeof value.array === 'number' ? value.array : asDType(ownArray(value.array), value.dtype);
    }
  }
  return dict;
}
