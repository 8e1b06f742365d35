/** Native functions of the ways back: `native/include/rockpool/{rate_adjoint,signal_adjoint,filter_adjoint}.h`. */
import type { AsyncOperation, Operation, RateRunArgs, Real } from './native.js';

type Maybe<A> = A | undefined;

export type RateAdjointArgs = readonly [
  ...RateRunArgs,
  /** where it started, and what it left */
  x: Float64Array,
  xRecord: Real,
  activity: Maybe<Real>,
  slopeStart: Maybe<Real>,
  thetaSlopeStart: Maybe<Real>,
  slope: Maybe<Real>,
  thetaSlope: Maybe<Real>,
  gOut: Real,
  gX: Maybe<Real>,
  gRecInput: Maybe<Real>,
  gXAfter: Maybe<Float64Array>,
  gInput: Real,
  gRec: Maybe<Real>,
  gXStart: Float64Array,
  /** for an activation from outside, H(x) at the start, [batch, units]; read for `wRecSums` */
  activityStart: Maybe<Float64Array>,
  /** these three, [batch, units], are added into; the first is a dL/da */
  logLeakSums: Float64Array,
  biasSums: Float64Array,
  thresholdSums: Float64Array,
  /** [units, units], added into */
  wRecSums: Maybe<Float64Array>,
];

export type ActivationAdjointArgs = readonly [activation: number, out: Real, gOut: Real, gInput: Real];

export type SignalAdjointArgs = readonly [
  batch: number,
  steps: number,
  channels: number,
  firstStep: number,
  seed: number,
  gOut: Real,
  gInput: Real,
];

export type FilterAdjointArgs = readonly [
  ...SignalAdjointArgs,
  decay: Float64Array,
  decayFirst: boolean,
  noiseStd: number,
  whiteNoise: boolean,
  state: Float64Array,
  currents: Real,
  gAfter: Maybe<Float64Array>,
  gState: Float64Array,
  /** [batch, channels], added into: beta dL/dbeta */
  logDecaySums: Float64Array,
];

export type SoftmaxAdjointArgs = readonly [...SignalAdjointArgs, logarithm: boolean, out: Real];

export type UpDownAdjointArgs = readonly [
  ...SignalAdjointArgs,
  thrUp: Float64Array,
  thrDown: Float64Array,
  refractorySteps: number,
  repeatOutput: number,
  smooth: boolean,
  input: Real,
  state: Float64Array,
  gRecord: Maybe<Real>,
  gAfter: Maybe<Float64Array>,
  gState: Float64Array,
  thrUpSums: Float64Array,
  thrDownSums: Float64Array,
];

export type FilterBankAdjointArgs = readonly [
  filters: number,
  bandpass: Float64Array,
  lowpass: Maybe<Float64Array>,
  rectify: boolean,
  batch: number,
  steps: number,
  input: Real,
  state: Float64Array,
  gOut: Real,
  gAfter: Maybe<Float64Array>,
  gInput: Real,
  gState: Float64Array,
];

export interface NativeRateAdjoints {
  filterAdjoint: Operation<FilterBankAdjointArgs>;
  filterAdjointAsync: AsyncOperation<FilterBankAdjointArgs>;
  rateAdjoint: Operation<RateAdjointArgs>;
  rateAdjointAsync: AsyncOperation<RateAdjointArgs>;
  activationAdjoint: Operation<ActivationAdjointArgs>;
  activationAdjointAsync: AsyncOperation<ActivationAdjointArgs>;
  expFilterAdjoint: Operation<FilterAdjointArgs>;
  expFilterAdjointAsync: AsyncOperation<FilterAdjointArgs>;
  softmaxAdjoint: Operation<SoftmaxAdjointArgs>;
  softmaxAdjointAsync: AsyncOperation<SoftmaxAdjointArgs>;
  upDownAdjoint: Operation<UpDownAdjointArgs>;
  upDownAdjointAsync: AsyncOperation<UpDownAdjointArgs>;
  /** dL/dtau, from a dL/da with a = dt / max(tau, minSteps dt). */
  eulerLeakAdjoint(dt: number, minSteps: number, tau: Float64Array, logLeak: Float64Array, out: Float64Array): void;
  /** dL/dtau, from beta dL/dbeta with beta = exp(-dt / tau). */
  decayAdjoint(dt: number, tau: Float64Array, logDecay: Float64Array, out: Float64Array): void;
}
