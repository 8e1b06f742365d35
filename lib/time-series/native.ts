/** Native functions of time series: vectors of times, and continuous series. */
import type { NativeJob, NativeProgress } from '../native.js';

/**
 * What `series.samplerArgs()` hands to a native call, spread: times (null for a clocked series), samples, fill values,
 * spline, count, channels, flags, tStart, tStop, clockT0, clockDt, clockFirst.
 */
export type SamplerArgs = readonly [
  times: Float64Array | null,
  samples: Float64Array,
  fill: Float64Array | null,
  spline: Float64Array | null,
  count: number,
  channels: number,
  flags: number,
  tStart: number,
  tStop: number,
  clockT0: number,
  clockDt: number,
  clockFirst: number,
];

export interface NativeTimes {
  clockTimes(t0: number, dt: number, first: number, out: Float64Array): void;
  checkTimes(times: Float64Array): number;
  shiftTimes(times: Float64Array, offset: number, out: Float64Array): void;
  searchTimes(times: Float64Array, t: number, after: boolean): number;
  medianStep(times: Float64Array): number;
  periodicTimes(times: Float64Array, before: number, after: number, period: number, out: Float64Array): void;
  timeLimits(times: Float64Array, out: Float64Array): void;
}

export interface NativeContinuous {
  /** `report` receives: queries outside the window, the first of them, queries moved into the window. */
  sample(...args: [...SamplerArgs, times: Float64Array, out: Float64Array, report: Float64Array]): void;
  sampleClocked(
    ...args: [...SamplerArgs, t0: number, dt: number, first: number, n: number, out: Float64Array, report: Float64Array]
  ): void;
  sampleAsync(
    ...args: [...SamplerArgs, times: Float64Array, onProgress: NativeProgress]
  ): NativeJob<{ out: Float64Array; report: Float64Array }>;
  prepareSpline(...args: SamplerArgs): Float64Array;
}

/** A row-major matrix as three arguments. */
export type MatrixArgs = [data: Float64Array, rows: number, columns: number];

export interface NativeMatrices {
  combine(op: number, ...rest: [...MatrixArgs, ...MatrixArgs, rows: number, columns: number, out: Float64Array]): void;
  compare(op: number, ...rest: [...MatrixArgs, ...MatrixArgs, rows: number, columns: number, out: Uint8Array]): void;
  negate(x: Float64Array, out: Float64Array): void;
  absolute(x: Float64Array, out: Float64Array): void;
  valueLimits(x: Float64Array, out: Float64Array): void;
  multiply(a: Float64Array, rows: number, inner: number, b: Float64Array, columns: number, out: Float64Array): void;
  takeColumns(input: Float64Array, rows: number, columns: number, channels: Int32Array, out: Float64Array): void;
  joinColumns(
    a: Float64Array,
    aColumns: number,
    b: Float64Array,
    bColumns: number,
    rows: number,
    out: Float64Array,
  ): void;
  repeatArray(input: Float64Array, out: Float64Array): void;
  /** Every row of `width` elements, `times` times. */
  repeatRows(input: Float64Array, width: number, times: number, out: Float64Array): void;
  /** out = a + b; NaN stays NaN. */
  addArrays(a: Float64Array, b: Float64Array, out: Float64Array): void;
  mergeSeries(
    times: Float64Array,
    samples: Float64Array,
    channels: number,
    lengths: Float64Array,
    removeDuplicates: boolean,
    outTimes: Float64Array,
    outSamples: Float64Array,
  ): number;
  stepCeil(t: number, t0: number, dt: number): number;
}
