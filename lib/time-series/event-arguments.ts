/** Arguments of the methods of event series. */
import { type ArrayLike_, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, describe, indexError, rangeError, shapeError, typeError } from '../check.js';

/** One channel or a list of them. */
export type ChannelSelection = ArrayLike_;

/** @internal The largest number of channels: ids are 32-bit integers. */
export const maxChannels = 2 ** 31;

/** @internal Integers as an Int32Array of its own, and the largest. @throws RangeError unless all are in [0, 2^31). */
export function readChannelIds(value: unknown, name: string): { ids: Int32Array; largest: number } {
  const { data } = toNdArray(value, name, value instanceof Int32Array ? 'int32' : 'float64');
  const ids = new Int32Array(data.length);
  return { ids, largest: native.eventChannels(data as Float64Array | Int32Array, ids) };
}

/** @internal The channel of each event, and the largest. */
export interface EventChannels {
  channels: Int32Array;
  largest: number;
}

/**
 * @internal The channel of each event: one for all, or as many as there are events; none given means channel 0. With
 * `oneElement`, a list of one element counts as its element.
 */
export function readEventChannels(value: unknown, numEvents: number, oneElement = false): EventChannels {
  const none = { channels: new Int32Array(numEvents), largest: numEvents > 0 ? 0 : -1 };
  if (value === null || value === undefined) return none;
  const { shape } = toNdArray(value, 'channels', value instanceof Int32Array ? 'int32' : 'float64');
  const { ids, largest } = readChannelIds(value, 'channels');
  if (shape.length === 0 || (oneElement && ids.length === 1)) {
    return { channels: new Int32Array(numEvents).fill(largest), largest };
  }
  if (ids.length === 0) return none;
  if (ids.length !== numEvents) {
    throw shapeError('channels', `one integer or as many as there are events (${numEvents})`, `${ids.length} of them`);
  }
  return { channels: ids, largest };
}

/** @internal The number of channels, at least `least`. */
export function readNumChannels(value: unknown, least: number, series: string): number {
  if (value === null || value === undefined) return least;
  const n = checkInteger(value, 'numChannels', { min: 0, max: maxChannels });
  if (n < least) throw rangeError(`numChannels of series '${series}'`, `${least} or more, as its channels ask for`, n);
  return n;
}

/**
 * @internal The selected channels, or their number when all are meant (null or undefined).
 *
 * @throws RangeError `ERR_INDEX` for ids outside of [0, `limit`).
 */
export function readSelection(value: unknown, numChannels: number, limit = numChannels): Int32Array | number {
  if (value === null || value === undefined) return numChannels;
  const { data } = toNdArray(value, 'channels', 'float64');
  const wrong = data.find((id) => !(id >= 0 && id < limit));
  if (wrong !== undefined) {
    const what = limit > 0 ? `integers from 0 to ${limit - 1}` : 'empty: the series has no channels';
    throw indexError('channels', what, wrong);
  }
  return readChannelIds(data, 'channels').ids;
}

/** @internal A finite time, or `fallback` for null and undefined. */
export function readTime(value: unknown, name: string, fallback: number): number {
  return value === null || value === undefined ? fallback : checkNumber(value, name);
}

/** @internal One number (null: 0) for each of `count` series: a number for all, or a list with one entry for each. */
export function readPerSeries(value: unknown, name: string, count: number): number[] {
  const one = (entry: unknown): number =>
    entry === null || entry === undefined || entry === 'contiguous' ? 0 : checkNumber(entry, name);
  if (typeof value !== 'object' || value === null) return Array.from({ length: count }, () => one(value));
  const list: unknown[] = Array.isArray(value) ? value : Array.from(toNdArray(value, name).data);
  if (list.length !== count) {
    throw shapeError(name, `one number, or ${count} of them (one for each series)`, `${list.length} of them`);
  }
  return list.map(one);
}

/** @internal Numbers of events: integers, or a mask with one truth value for each event, as native code takes them. */
export function readEventNumbers(value: unknown, numEvents: number): Float64Array {
  if (Array.isArray(value) && value.length > 0 && typeof value[0] === 'boolean') {
    if (value.length !== numEvents) {
      throw shapeError('mask', `${numEvents} elements long, one for each event`, `${value.length} elements`);
    }
    const chosen: number[] = [];
    for (const [i, pick] of (value as unknown[]).entries()) {
      if (typeof pick !== 'boolean')
        throw typeError('mask', 'an array of booleans', `${describe(pick)} at index ${i}`, true);
      if (pick) chosen.push(i);
    }
    return Float64Array.from(chosen);
  }
  return toNdArray(value, 'index', 'float64').data;
}

/** @internal Start, step and number of the elements that `start:stop:step` selects of `length`. */
export function readSlice(
  start: unknown,
  stop: unknown,
  step: unknown,
  length: number,
): { from: number; by: number; count: number } {
  const by = step === null || step === undefined ? 1 : checkInteger(step, 'step');
  if (by === 0) throw rangeError('step', 'an integer other than 0', by);
  const lowest = by > 0 ? 0 : -1;
  const highest = by > 0 ? length : length - 1;
  const limit = (value: unknown, name: string, fallback: number): number => {
    if (value === null || value === undefined) return fallback;
    const i = checkInteger(value, name);
    return Math.min(Math.max(i < 0 ? i + length : i, lowest), highest);
  };
  const from = limit(start, 'start', by > 0 ? 0 : length - 1);
  const to = limit(stop, 'stop', by > 0 ? length : -1);
  return { from, by, count: Math.max(0, Math.ceil((to - from) / by)) };
}
