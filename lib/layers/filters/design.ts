/** Design of Butterworth filters, and the mel scale. */
import { allocate, type ArrayLike_ as ArrayInput, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, rangeError } from '../../check.js';
import type { FilterBankPlan } from './native.js';

/** The filters of a bank as second-order sections `b0 b1 b2 a0 a1 a2` with a0 = 1. */
export interface FilterDesign {
  /** `numFilters` x sections x 6. */
  bandpass: NdArray<Float64Array>;
  /** Sections x 6: what follows the rectification, the same for all filters; null for none. */
  lowpass: NdArray<Float64Array> | null;
}

/** Lower and upper edges in Hz. */
export interface Bands {
  low: Float64Array;
  high: Float64Array;
}

/** Largest order of a filter. */
export const maxOrder = 64;

/** Butterworth band-passes of an order, and the low-pass behind them. */
export function butterworth(order: number, fs: number, { low, high }: Bands, cutoffFs: number): FilterDesign {
  const bandpass = allocate([low.length, order, 6], 'the filters');
  native.butterBandpass(order, fs, low, high, bandpass);
  const sections = Math.ceil(order / 2);
  const lowpass = new Float64Array(6 * sections);
  native.butterLowpass(order, fs, cutoffFs, lowpass);
  return {
    bandpass: new NdArray(bandpass, [low.length, order, 6]),
    lowpass: new NdArray(lowpass, [sections, 6]),
  };
}

/** A design and what is made from it. */
export interface PreparedFilters {
  design: FilterDesign;
  plan: FilterBankPlan;
  /** Numbers of the state: two for each section of each filter. */
  size: number;
}

/** @throws RangeError when the sections are not those of so many filters. */
export function prepareFilters(design: FilterDesign, filters: number, rectify = true): PreparedFilters {
  const { bandpass, lowpass } = design;
  const plan = native.filterBankPlan(filters, bandpass.data, lowpass?.data, rectify);
  const sections = bandpass.size / 6 + (lowpass === null ? 0 : (lowpass.size / 6) * filters);
  return { design, plan, size: 2 * sections };
}

/** Frequencies in Hz, and the magnitudes of the band-passes there, filters x n. */
export function filterResponse(
  { bandpass }: FilterDesign,
  filters: number,
  nyquist: number,
  n: number,
): [Float64Array, NdArray<Float64Array>] {
  const response = allocate([filters, n], 'the response');
  const [frequencies, radians] = [allocate([n], 'the frequencies'), allocate([n], 'the frequencies')];
  native.timeTrace(0, nyquist / n, frequencies);
  native.timeTrace(0, Math.PI / n, radians);
  native.filterResponse(bandpass.data, filters, radians, response);
  return [frequencies, new NdArray(response, [filters, n])];
}

/** A frequency above 0 and below half the sample rate. */
export function checkFrequency(value: unknown, name: string, fs: number): number {
  const frequency = checkNumber(value, name, { positive: true });
  if (frequency >= fs / 2) throw rangeError(name, `less than half the sample rate, ${fs / 2}`, frequency);
  return frequency;
}

/** @inline */
type Scale = {
  (value: number): number;
  (value: ArrayInput): number | NdArray<Float64Array>;
};

function scale(convert: (from: Float64Array, to: Float64Array) => void, name: string): Scale {
  return ((value: unknown) => {
    const { data, shape } = toNdArray(value, name, 'float64');
    const out = allocate(shape, 'the result');
    convert(data, out);
    return typeof value === 'number' ? out[0] : new NdArray(out, shape);
  }) as Scale;
}

/** A frequency in Hz, or an array of them, on the mel scale: 2595 log10(1 + f / 700). */
export const hz2mel: Scale = scale((from, to) => native.hz2mel(from, to), 'hz');

/** The frequency in Hz of a number on the mel scale, or of an array of them: 700 (10^(m / 2595) - 1). */
export const mel2hz: Scale = scale((from, to) => native.mel2hz(from, to), 'mel');
