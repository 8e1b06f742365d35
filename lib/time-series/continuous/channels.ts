/** Selection of channels. */
import { type ArrayLike_, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions, indexError, rangeError } from '../../check.js';
import type { TSContinuous } from '../ts-continuous.js';
import type { FillConstant, FillValue } from './kinds.js';

/** Channels from `start` to before `stop` in steps; negative bounds count from the end, a negative step goes down. */
export interface ChannelSlice {
  start?: number | null;
  stop?: number | null;
  step?: number | null;
}

/** One channel, several in any order (repeats allowed), or a slice of them. */
export type Channels = ArrayLike_ | ChannelSlice;

/** @internal The channels' numbers, or null for all of them. */
export function readChannels(channels: Channels | null | undefined, count: number): Int32Array | null {
  if (channels === null || channels === undefined) return null;
  if (isSlice(channels)) return readSlice(channels, count);
  const { data } = toNdArray(channels, 'channels', 'float64');
  const what = count > 0 ? `an integer from 0 to ${count - 1}` : 'left out, since the series has no channels';
  for (const c of data) if (!Number.isInteger(c) || c < 0 || c >= count) throw indexError('channels', what, c);
  return Int32Array.from(data);
}

function isSlice(value: object | number): value is ChannelSlice {
  return typeof value === 'object' && !Array.isArray(value) && !ArrayBuffer.isView(value) && !('data' in value);
}

function readSlice(slice: ChannelSlice, count: number): Int32Array {
  const given = checkOptions<ChannelSlice>(slice, 'channels', ['start', 'stop', 'step']);
  const step = given.step === null || given.step === undefined ? 1 : checkInteger(given.step, 'channels.step');
  if (step === 0) throw rangeError('channels.step', 'an integer other than 0', step);
  const bound = (value: number | null | undefined, name: string, missing: number) => {
    if (value === null || value === undefined) return missing;
    const v = checkInteger(value, name);
    const [low, high] = step > 0 ? [0, count] : [-1, count - 1];
    return Math.min(Math.max(v < 0 ? v + count : v, low), high);
  };
  const start = bound(given.start, 'channels.start', step > 0 ? 0 : count - 1);
  const stop = bound(given.stop, 'channels.stop', step > 0 ? count : -1);
  const length = Math.max(0, Math.ceil((stop - start) / step));
  return Int32Array.from({ length }, (_, i) => start + i * step);
}

/** @internal */
export function takeColumns(samples: Float64Array, rows: number, columns: number, channels: Int32Array): Float64Array {
  const out = new Float64Array(rows * channels.length);
  native.takeColumns(samples, rows, columns, channels, out);
  return out;
}

/** @internal Fill values of the chosen channels. */
export function takeFill(fill: FillValue, channels: Int32Array): FillValue {
  const take = (constant: FillConstant): FillConstant =>
    typeof constant === 'number' || constant.length === 1 ? constant : Float64Array.from(channels, (c) => constant[c]);
  if (fill === 'extrapolate') return fill;
  if (typeof fill === 'object' && 'below' in fill) return { below: take(fill.below), above: take(fill.above) };
  return take(fill);
}

/** @internal Whether a fill value has one number, or as many as there are channels. */
export function fillFits(fill: FillValue, channels: number): boolean {
  const fits = (constant: FillConstant) =>
    typeof constant === 'number' || constant.length === 1 || constant.length === channels;
  if (fill === 'extrapolate') return true;
  return typeof fill === 'object' && 'below' in fill ? fits(fill.below) && fits(fill.above) : fits(fill);
}

/** @internal The samples and fill values of a series, of some channels only. */
export function chosenChannels(
  ts: TSContinuous,
  samples: Float64Array,
  rows: number,
  chosen: Int32Array | null,
): { samples: Float64Array; channels: number; fill: FillValue } {
  const { fillValue: fill, _channels: channels } = ts;
  if (chosen === null) return { samples, channels, fill };
  return {
    samples: takeColumns(samples, rows, channels, chosen),
    channels: chosen.length,
    fill: takeFill(fill, chosen),
  };
}
