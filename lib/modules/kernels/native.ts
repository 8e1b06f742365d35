/** Native functions of the neuron and signal modules: `native/include/rockpool/{linear,lif_batch,rate_batch,signal_batch,filters}.h`. */
import type { FilterBankPlan } from '../../layers/filters/native.js';
import type { NativeJob, NativeProgress } from '../../native.js';

/** @inline Elements of the arrays that modules compute with. */
export type Real = Float64Array | Float32Array;

/** An array that may be absent. */
type Maybe<A> = A | undefined;

/** 0: doubles, 1: floats; all `Real` arrays of a call are of that type. */
export type PrecisionCode = 0 | 1;

/** Computes here and now. The arrays it writes must be fresh. */
export type Operation<A extends readonly unknown[]> = (
  precision: PrecisionCode,
  progress: undefined,
  ...args: A
) => void;

/** The same on a pool thread, with copies of what it reads. */
export type AsyncOperation<A extends readonly unknown[]> = (
  precision: PrecisionCode,
  progress: NativeProgress,
  ...args: A
) => NativeJob<void>;

export type LinearArgs = readonly [
  inputs: number,
  outputs: number,
  weight: Float64Array,
  bias: Maybe<Float64Array>,
  x: Real,
  out: Real,
];

export type LifParameterArgs = readonly [
  units: number,
  synapses: number,
  /** 0 add then decay, 1 decay then add, 2 Euler */
  scheme: number,
  vFromV: Float64Array,
  iFromI: Maybe<Float64Array>,
  bias: Float64Array,
  threshold: Float64Array,
  wRec: Maybe<Float64Array>,
  aFromA: Maybe<Float64Array>,
  wAhp: Maybe<Float64Array>,
  maxSpikes: number,
  noiseStd: number,
  /** 0 stationary, 1 times sqrt(dt) */
  noise: number,
  dt: number,
  outputMembrane: boolean,
  /** 0 step, 1 periodic exponential */
  surrogate: number,
  window: number,
  masked: boolean,
];

export type LifArgs = readonly [
  ...LifParameterArgs,
  smooth: boolean,
  batch: number,
  steps: number,
  firstStep: number,
  seed: number,
  vmem: Float64Array,
  isyn: Maybe<Float64Array>,
  spikes: Float64Array,
  iahp: Maybe<Float64Array>,
  newVmem: Float64Array,
  newIsyn: Maybe<Float64Array>,
  newSpikes: Float64Array,
  newIahp: Maybe<Float64Array>,
  input: Real,
  out: Real,
  vmemRecord: Maybe<Real>,
  vmemBeforeRecord: Maybe<Real>,
  isynRecord: Maybe<Real>,
  irecRecord: Maybe<Real>,
  iahpRecord: Maybe<Real>,
];

/** Of both directions. */
export type RateRunArgs = readonly [
  units: number,
  /** 0 identity, 1 ReLU, 2 leaky ReLU, 3 tanh, 4 sigmoid, 5 `activity` */
  activation: number,
  leak: Float64Array,
  bias: Float64Array,
  threshold: Float64Array,
  wRec: Maybe<Float64Array>,
  noiseStd: number,
  noise: number,
  dt: number,
  batch: number,
  steps: number,
  firstStep: number,
  seed: number,
];

export type RateArgs = readonly [
  ...RateRunArgs,
  x: Float64Array,
  newX: Float64Array,
  input: Real,
  activity: Maybe<Real>,
  out: Maybe<Real>,
  xRecord: Maybe<Real>,
  recRecord: Maybe<Real>,
];

export type SignalArgs = readonly [
  batch: number,
  steps: number,
  channels: number,
  firstStep: number,
  seed: number,
  input: Real,
  out: Real,
];

export type FilterArgs = readonly [
  ...SignalArgs,
  decay: Float64Array,
  decayFirst: boolean,
  noiseStd: number,
  whiteNoise: boolean,
  state: Float64Array,
  newState: Float64Array,
];
export type LatchArgs = readonly [...SignalArgs, threshold: number, state: Float64Array, newState: Float64Array];
export type UpDownArgs = readonly [
  ...SignalArgs,
  thrUp: Float64Array,
  thrDown: Float64Array,
  refractorySteps: number,
  repeatOutput: number,
  /** the reference, then the refractory steps that are left */
  state: Float64Array,
  newState: Float64Array,
  record: Maybe<Real>,
  /** counts as the way back takes them: max(0, x - 1/2) in place of max(0, floor(x)) */
  smooth: boolean,
];
export type DropoutArgs = readonly [...SignalArgs, p: number, whole: boolean, scale: number];
export type SoftmaxArgs = readonly [...SignalArgs, logarithm: boolean];
export type FilterBatchArgs = readonly [
  plan: FilterBankPlan,
  batch: number,
  steps: number,
  normalize: boolean,
  subtractMean: boolean,
  input: Real,
  out: Real,
  state: Float64Array,
  newState: Float64Array,
];
export type ActivationArgs = readonly [activation: number, x: Real, out: Real];

/** 0 time constant, 1 decay of a step, 2 bit shift. */
export type LeakCode = 0 | 1 | 2;

export interface NativeModules {
  linear: Operation<LinearArgs>;
  linearAsync: AsyncOperation<LinearArgs>;
  lifBatch: Operation<LifArgs>;
  lifBatchAsync: AsyncOperation<LifArgs>;
  rateBatch: Operation<RateArgs>;
  rateBatchAsync: AsyncOperation<RateArgs>;
  activation: Operation<ActivationArgs>;
  activationAsync: AsyncOperation<ActivationArgs>;
  expFilter: Operation<FilterArgs>;
  expFilterAsync: AsyncOperation<FilterArgs>;
  latch: Operation<LatchArgs>;
  latchAsync: AsyncOperation<LatchArgs>;
  upDown: Operation<UpDownArgs>;
  upDownAsync: AsyncOperation<UpDownArgs>;
  dropout: Operation<DropoutArgs>;
  dropoutAsync: AsyncOperation<DropoutArgs>;
  softmax: Operation<SoftmaxArgs>;
  softmaxAsync: AsyncOperation<SoftmaxArgs>;
  filterBatch: Operation<FilterBatchArgs>;
  filterBatchAsync: AsyncOperation<FilterBatchArgs>;
  convertLeak(from: LeakCode, to: LeakCode, dt: number, values: Float64Array, out: Float64Array): void;
  /** `round(log2(tau / dt))` with `logRatio`, else `round(-log2(1 - exp(-dt / tau)))`; at least `least`. */
  roundBitshift(dt: number, logRatio: boolean, least: number, tau: Float64Array, out: Float64Array): void;
  /** `dt / max(tau, minSteps * dt)`. */
  eulerLeak(dt: number, minSteps: number, tau: Float64Array, out: Float64Array): void;
  /** The mean over the batch of [batch, n]. */
  batchMean(values: Float64Array, n: number, out: Float64Array): void;
}
