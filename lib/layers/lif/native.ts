/** Native functions of LIF neurons with several spikes per step: see `native/include/rockpool/lif.h`. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { EventArgs } from '../../time-series/events-native.js';
import type { SamplerArgs } from '../../time-series/native.js';

/** A prepared set of neurons. */
export type LifPlan = { readonly __lifPlan: unique symbol };

export type LifParameters = readonly [
  inputs: number,
  units: number,
  outputs: number,
  wIn: Float64Array | undefined,
  wRecurrent: Float64Array | undefined,
  wOut: Float64Array | undefined,
  tauMem: Float64Array,
  tauSyn: Float64Array,
  bias: Float64Array,
  dt: number,
  noiseStd: number,
  /** 1 stationary, 2 unscaled */
  noiseScaling: number,
  /** 0 logistic, 1 tanh */
  surrogate: number,
  gain: number,
  shift: number,
  /** 0 float64, 1 float32 */
  precision: number,
];

/** Nothing, a series sampled at `k * dt`, or events. */
export type LifInput =
  | readonly []
  | readonly [kind: 0, dt: number, ...series: SamplerArgs]
  | readonly [kind: 1, dt: number, countEvents: boolean, ...events: EventArgs];

/** Times and channels of the spikes; undefined when they were not asked for. */
export type LifSpikes = [times: Float64Array, channels: Int32Array] | undefined;

export interface NativeLif {
  lifPlan(...parameters: LifParameters): LifPlan;
  /** Whether a plan of these parameters would be the same, but for noise, surrogate and precision. */
  lifPlanMatches(...args: [...LifParameters, plan: LifPlan]): boolean;
  /** Writes the state. `out` is `steps` x `outputs`, a record `steps` x `units`. */
  lifRun(
    plan: LifPlan,
    firstStep: number,
    steps: number,
    seed: number,
    vMem: Float64Array,
    iSyn: Float64Array,
    spikes: Float64Array,
    listSpikes: boolean,
    out: Float64Array | undefined,
    vMemRecord: Float64Array | undefined,
    iSynRecord: Float64Array | undefined,
    iRecRecord: Float64Array | undefined,
    surrogateRecord: Float64Array | undefined,
    ...input: LifInput
  ): LifSpikes;
  /** Leaves the state alone; `out` and the new state must be fresh arrays that nobody else knows: a pool thread writes them. */
  lifRunAsync(
    plan: LifPlan,
    firstStep: number,
    steps: number,
    seed: number,
    vMem: Float64Array,
    iSyn: Float64Array,
    spikes: Float64Array,
    listSpikes: boolean,
    out: Float64Array | undefined,
    newVMem: Float64Array,
    newISyn: Float64Array,
    newSpikes: Float64Array,
    onProgress: NativeProgress,
    ...input: LifInput
  ): NativeJob<LifSpikes>;
}
