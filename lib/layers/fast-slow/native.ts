/** Native functions of neurons with fast and slow synapses: see `native/include/rockpool/fast_slow.h`. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { SamplerArgs } from '../../time-series/native.js';

/** A prepared set of neurons. */
export type FastSlowPlan = { readonly __fastSlowPlan: unique symbol };

export type FastSlowParameters = readonly [
  units: number,
  outputs: number,
  slowByPre: boolean,
  weightsFast: Float64Array,
  weightsSlow: Float64Array,
  bias: Float64Array,
  tauMem: Float64Array,
  tauSynRFast: Float64Array,
  tauSynRSlow: Float64Array,
  vThresh: Float64Array,
  vReset: Float64Array,
  vRest: Float64Array,
  refractory: number,
  dt: number,
  noiseStd: number,
  /** 1 stationary, 2 unscaled */
  noiseScaling: number,
  weightsIn: Float64Array | undefined,
  weightsOut: Float64Array | undefined,
  tauSynROut: Float64Array | undefined,
  /** Time constant of the rates. */
  tauRate: number | undefined,
];

type Nothing<T extends readonly unknown[]> = { readonly [K in keyof T]: undefined };
type Series = readonly [dt: number, ...series: SamplerArgs];

/** A series sampled at `k * dt`, or as many times nothing. */
export type FastSlowSeries = Series | Nothing<Series>;

export type FastSlowRunArgs = readonly [
  plan: FastSlowPlan,
  firstStep: number,
  steps: number,
  seed: number,
  v: Float64Array,
  fast: Float64Array,
  slow: Float64Array,
  held: Float64Array,
  out: Float64Array,
  rate: Float64Array,
  pending: Float64Array,
  /** In time steps. */
  minDelta: number,
  k: number,
  eta: number,
  suppressed: number,
  suppressFrom: number,
  suppressTo: number,
  /** Slow weights, to which what was learnt is added. */
  learned: Float64Array | undefined,
];

export type FastSlowOutcome = [times: Float64Array, channels: Int32Array, pending: Float64Array];

export type FastSlowRows = [
  times: Float64Array,
  v: Float64Array,
  fast: Float64Array,
  slow: Float64Array,
  dotV: Float64Array,
  rate: Float64Array,
  out: Float64Array,
];

export interface NativeFastSlow {
  fastSlowPlan(...parameters: FastSlowParameters): FastSlowPlan;
  /** Writes the state and `learned`. With an array of `steps` x `units` at the end, which it fills with the input, a record too. */
  fastSlowRun(
    ...args: [
      ...FastSlowRunArgs,
      ...input: FastSlowSeries,
      ...target: FastSlowSeries,
      staticInput: Float64Array | undefined,
    ]
  ): [...FastSlowOutcome, ...Partial<FastSlowRows>];
  /** Leaves the state alone. */
  fastSlowRunAsync(
    ...args: [...FastSlowRunArgs, ...input: FastSlowSeries, ...target: FastSlowSeries, onProgress: NativeProgress]
  ): NativeJob<
    [
      ...FastSlowOutcome,
      v: Float64Array,
      fast: Float64Array,
      slow: Float64Array,
      held: Float64Array,
      out: Float64Array,
      rate: Float64Array,
      learned: Float64Array,
    ]
  >;
  /** False, and nothing is written, when all weights are equal. */
  discretizeWeights(weights: Float64Array, levels: number, out: Float64Array): boolean;
  quantizeWeightsForCores(
    weights: Float64Array,
    neurons: number,
    available: Float64Array,
    useDense: boolean,
    out: Float64Array,
  ): void;
}
