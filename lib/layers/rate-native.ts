/** Native functions of rate neurons and weighted copies. */
import type { NativeJob, NativeProgress } from '../native.js';
import type { SamplerArgs } from '../time-series/native.js';

/** A prepared set of rate neurons. */
export type RatePlan = { readonly __ratePlan: unique symbol };
/** A prepared weighted copy. */
export type PassThroughPlan = { readonly __passThroughPlan: unique symbol };

/** The input of a run: nothing, or the time step and a series, sampled at `k * dt`. */
export type RunInput = readonly [] | readonly [dt: number, ...series: SamplerArgs];
/** No series. */
export type NoSeries = readonly [null, null, null, null, null, null, null, null, null, null, null, null];
/** The input of a run that may be forced as well. */
export type ForcedInput = RunInput | readonly [dt: number, ...(SamplerArgs | NoSeries), ...SamplerArgs];

/** Rate neurons: see `native/include/rockpool/rate.h`. */
export type RateParameters = readonly [
  inputs: number,
  units: number,
  outputs: number,
  wIn: Float64Array | undefined,
  wRec: Float64Array | undefined,
  wOut: Float64Array | undefined,
  gain: Float64Array | undefined,
  bias: Float64Array | undefined,
  tau: Float64Array | undefined,
  dt: number,
  noiseStd: number,
  /** 0 legacy, 1 stationary, 2 unscaled */
  noiseScaling: number,
  activation: string,
  /** 0 in the activation, 1 in the derivative */
  biasIn: number,
  /** 0 before the update, 1 after it */
  record: number,
  finalRecord: boolean,
  /** 0 float64, 1 float32 */
  precision: number,
  /** A state that is not finite is an error (`ERR_NOT_FINITE`). */
  checkFinite: boolean,
];

export interface NativeRate {
  ratePlan(...parameters: RateParameters): RatePlan;
  /** Whether a plan of these parameters would be the same, but for noise, activation, record and precision. */
  ratePlanMatches(...args: [...RateParameters, plan: RatePlan]): boolean;
  /** Records are `steps` x `units`: the weighted input, the recurrent input and the activities. */
  rateRun(
    plan: RatePlan,
    firstStep: number,
    steps: number,
    seed: number,
    state: Float64Array,
    out: Float64Array,
    weightedInput: Float64Array | undefined,
    recurrentInput: Float64Array | undefined,
    activities: Float64Array | undefined,
    ...input: ForcedInput
  ): void;
  /** `out` and `newState` must be fresh arrays that nobody else knows: a pool thread writes them. */
  rateRunAsync(
    plan: RatePlan,
    firstStep: number,
    steps: number,
    seed: number,
    state: Float64Array,
    out: Float64Array,
    newState: Float64Array,
    onProgress: NativeProgress,
    ...input: ForcedInput
  ): NativeJob<void>;
  /** One step whose activity is given from outside. */
  rateStep(
    plan: RatePlan,
    step: number,
    steps: 1,
    seed: number,
    state: Float64Array,
    activity: Float64Array,
    input: Float64Array | undefined,
    force?: Float64Array,
    weightedInput?: Float64Array,
    recurrentInput?: Float64Array,
  ): void;
  /** `out` = the activity, or its product with the output weights. */
  rateProject(plan: RatePlan, activity: Float64Array, out: Float64Array): void;
  /** `out = H(state + bias)` */
  rateActivity(plan: RatePlan, state: Float64Array, out: Float64Array): void;
  /** `out = H(x)` */
  applyActivation(activation: string, x: Float64Array, out: Float64Array): void;
  /** Bytes per second at which one thread reads a block of memory again and again; for benchmarks. */
  readBandwidth(bytes: number, seconds: number): number;
  passThroughPlan(
    inputs: number,
    units: number,
    weights: Float64Array,
    bias: Float64Array,
    noiseStd: number,
    precision: number,
  ): PassThroughPlan;
  passThroughRun(
    plan: PassThroughPlan,
    firstStep: number,
    steps: number,
    seed: number,
    state: Float64Array,
    out: Float64Array,
    buffer: Float64Array,
    ...input: RunInput
  ): void;
  /** As for rateRunAsync. */
  passThroughRunAsync(
    plan: PassThroughPlan,
    firstStep: number,
    steps: number,
    seed: number,
    state: Float64Array,
    out: Float64Array,
    buffer: Float64Array,
    newState: Float64Array,
    newBuffer: Float64Array,
    onProgress: NativeProgress,
    ...input: RunInput
  ): NativeJob<void>;
}
