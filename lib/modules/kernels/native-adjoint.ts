/** Native functions of adjoints: `native/include/rockpool/linear_adjoint.h` and its like. */
import type { AsyncOperation, LeakCode, LifParameterArgs, Operation, Real } from './native.js';

type Maybe<A> = A | undefined;

/** Arrays of the tape are not copied by jobs: they must be known to nobody else. Sums are added to. */
export type LinearBackwardArgs = readonly [
  inputs: number,
  outputs: number,
  batch: number,
  steps: number,
  x: Real,
  gradient: Real,
  weight: Maybe<Float64Array>,
  inputGradient: Maybe<Real>,
  /** [inputs, outputs] */
  weightSums: Maybe<Float64Array>,
  /** [batch, outputs] */
  biasSums: Maybe<Float64Array>,
];

/** Potentials, currents, spikes, hyperpolarisations. */
type LifStates<A> = readonly [vmem: A, isyn: Maybe<Float64Array>, spikes: A, iahp: Maybe<Float64Array>];

/** What a run left for the way back. */
type LifTape = readonly [
  vmemBefore: Real,
  spikes: Maybe<Real>,
  isyn: Maybe<Real>,
  iahp: Maybe<Real>,
  /** The last two for decays that may be 0. */
  input: Maybe<Real>,
  irec: Maybe<Real>,
];

type LifGradients = readonly [
  output: Real,
  vmem: Maybe<Real>,
  isyn: Maybe<Real>,
  irec: Maybe<Real>,
  iahp: Maybe<Real>,
  spikes: Maybe<Real>,
];

/** [batch, …], but of the recurrent weights. */
type LifSums = readonly [
  vFromV: Maybe<Float64Array>,
  iFromI: Maybe<Float64Array>,
  bias: Maybe<Float64Array>,
  threshold: Maybe<Float64Array>,
  aFromA: Maybe<Float64Array>,
  wAhp: Maybe<Float64Array>,
  wRec: Maybe<Float64Array>,
];

export type LifBackwardArgs = readonly [
  ...LifParameterArgs,
  smooth: boolean,
  batch: number,
  steps: number,
  ...before: LifStates<Float64Array>,
  ...after: LifStates<Maybe<Float64Array>>,
  ...origin: LifStates<Float64Array>,
  ...LifTape,
  ...LifGradients,
  inputGradient: Maybe<Real>,
  arrivalGradient: Maybe<Real>,
  ...LifSums,
];

export interface NativeAdjoints {
  linearBackward: Operation<LinearBackwardArgs>;
  linearBackwardAsync: AsyncOperation<LinearBackwardArgs>;
  lifBackward: Operation<LifBackwardArgs>;
  lifBackwardAsync: AsyncOperation<LifBackwardArgs>;
  /** Multiplies gradients by decays, or by `dt / tau` with `euler`, by the derivative of these at each value. */
  chainLeak(form: LeakCode, euler: boolean, dt: number, values: Float64Array, gradients: Float64Array): void;
  /** `out[j]` = the sum over the batch of [batch, n]. */
  batchSum(values: Float64Array, out: Float64Array): void;
  /** `out[r, j width + offset] = values[r, j] factors[j]`. */
  spreadColumns(values: Float64Array, factors: Float64Array, width: number, offset: number, out: Float64Array): void;
  /** `out[r, j] = values[r, j width + offset] factors[j]`. */
  collectColumns(values: Float64Array, factors: Float64Array, width: number, offset: number, out: Float64Array): void;
  /** `sums[j] += ` the sum over rows of `a[r, j] b[r, j width + offset]`. */
  addColumnProducts(a: Float64Array, b: Float64Array, width: number, offset: number, sums: Float64Array): void;
  /** What a standard normal is multiplied by in `x += gain (drive - x)` for a stationary deviation of 1. */
  stationaryNoise(gain: Float64Array, out: Float64Array): void;
  /** `v = vMem + spikes + shiftV`, and its surrogate. kind: 0 logistic, 1 tanh. */
  lifSurrogate(
    kind: number,
    gain: number,
    shift: number,
    shiftV: number,
    vMem: Float64Array,
    spikes: Float64Array,
    v: Float64Array,
    u: Float64Array,
  ): void;
  /** `sums += gradient` times the surrogate's derivative. */
  addSurrogateGradient(
    kind: number,
    gain: number,
    shift: number,
    u: Float64Array,
    gradient: Float64Array,
    sums: Float64Array,
  ): void;
}
