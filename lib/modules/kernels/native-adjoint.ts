/** Native functions of adjoints: `native/include/rockpool/linear_adjoint.h` and its like. */
import type { AsyncOperation, Operation, Real } from './native.js';

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

export interface NativeAdjoints {
  linearBackward: Operation<LinearBackwardArgs>;
  linearBackwardAsync: AsyncOperation<LinearBackwardArgs>;
  /** `out[j]` = the sum over the batch of [batch, n]. */
  batchSum(values: Float64Array, out: Float64Array): void;
  /** Index of the first NaN or infinity, or -1. */
  firstNotFinite(values: Float64Array): number;
}
