/** Native functions of losses, optimisers and batches: `native/include/rockpool/{losses,parameter_costs,optimisers,batches}.h`. */
import type { Operation, Real } from '../modules/kernels/native.js';

type Maybe<A> = A | undefined;

/** An output, room for its gradient and for the numbers of the loss. */
export type OutputLossArgs = readonly [
  batch: number,
  steps: number,
  channels: number,
  output: Real,
  gradient: Maybe<Real>,
  result: Float64Array,
];

export interface NativeTraining {
  /** result: loss, count */
  squaredError: Operation<readonly [...OutputLossArgs, target: Float64Array, skipNan: boolean, mean: boolean]>;
  /** over: 0 mean, 1 last, 2 sum, 3 max, 4 each; result: loss, count */
  crossEntropy: Operation<
    readonly [
      ...OutputLossArgs,
      over: number,
      labels: Maybe<Int32Array>,
      probabilities: Maybe<Float64Array>,
      eachStep: boolean,
    ]
  >;
  /** result: loss, target part, non-target part */
  peakLoss: Operation<
    readonly [
      ...OutputLossArgs,
      labels: Int32Array,
      binary: boolean,
      interval: number,
      weightNontarget: number,
      targetOutput: number,
      nontargetOutput: number,
    ]
  >;
  /** result: loss, count */
  ctcLoss: Operation<
    readonly [
      ...OutputLossArgs,
      labels: Int32Array,
      labelLengths: Int32Array,
      lengths: Int32Array,
      blank: number,
      logits: boolean,
      perLabel: boolean,
      mean: boolean,
      zeroInfinity: boolean,
    ]
  >;
  /** cost: 0 mean, 1 mean square, 2 target rate a, 3 rate between a and b */
  activityCost: Operation<
    readonly [cost: number, units: number, a: number, b: number, x: Real, gradient: Maybe<Real>, result: Float64Array]
  >;
  softmaxAlong: Operation<
    readonly [outer: number, n: number, inner: number, temperature: number, logarithm: boolean, x: Real, out: Real]
  >;
  softmaxAlongAdjoint: Operation<
    readonly [
      outer: number,
      n: number,
      inner: number,
      temperature: number,
      logarithm: boolean,
      y: Real,
      gradient: Real,
      out: Real,
    ]
  >;
  /** out += factor x */
  addScaled: Operation<readonly [factor: number, x: Real, out: Real]>;
  adamStep(
    p: Float64Array,
    gradient: Float64Array,
    newP: Float64Array,
    m: Float64Array,
    v: Float64Array,
    newM: Float64Array,
    newV: Float64Array,
    stepSize: number,
    b1: number,
    b2: number,
    eps: number,
    weightDecay: number,
    decoupled: boolean,
    iteration: number,
  ): void;
  /** Without momentum the velocities are empty. */
  sgdStep(
    p: Float64Array,
    gradient: Float64Array,
    newP: Float64Array,
    velocity: Float64Array,
    newVelocity: Float64Array,
    stepSize: number,
    momentum: number,
    dampening: number,
    weightDecay: number,
    nesterov: boolean,
    iteration: number,
  ): void;
  /** cost: 0 mean square, 1 sparsity */
  parameterCost(cost: number, sigma: number, p: Float64Array, gradient: Maybe<Float64Array>): number;
  boundsCost(p: Float64Array, lower: Float64Array, upper: Float64Array, gradient: Maybe<Float64Array>): number;
  boundsClip(p: Float64Array, lower: Float64Array, upper: Float64Array, out: Float64Array): void;
  /** result: scale, sum of (x / scale)^2 */
  sumOfSquares(x: Float64Array, result: Float64Array): void;
  scaleArray(factor: number, x: Float64Array, out: Float64Array): void;
  gatherRows: Operation<readonly [width: number, rows: Uint32Array, x: Real, out: Real]>;
  /** order becomes a permutation of 0, 1, ... that depends on seed and pass alone. */
  shuffled(seed: number, pass: number, order: Uint32Array): void;
  /** input and output: ranges [low, high]; slope: output over input range, one for each column. */
  roundToLevels(
    value: Float64Array,
    columns: number,
    levels: number,
    maintainZero: boolean,
    stochastic: boolean,
    input: Maybe<Float64Array>,
    output: Maybe<Float64Array>,
    seed: number,
    step: number,
    out: Float64Array,
    slope: Float64Array,
  ): void;
  /** Returns the scale. */
  roundToIntegers(
    value: Float64Array,
    bits: number,
    mostBits: number,
    maintainZero: boolean,
    mapToMax: boolean,
    out: Float64Array,
  ): number;
  roundAtRandom(value: Float64Array, seed: number, step: number, out: Float64Array): void;
  dropElements(value: Float64Array, probability: number, seed: number, step: number, out: Float64Array): void;
  roundDecays(decay: Float64Array, out: Float64Array): void;
  /** out = p + |p| factor */
  perturb(p: Float64Array, factor: Float64Array, out: Float64Array): void;
  /** out += the derivative of that by p times g */
  addPerturbedGradient(p: Float64Array, factor: Float64Array, g: Float64Array, out: Float64Array): void;
  /** factor += step sign(g) */
  addSigns(step: number, g: Float64Array, factor: Float64Array): void;
  divergence(
    columns: number,
    target: Float64Array,
    output: Float64Array,
    byTarget: Float64Array,
    byOutput: Float64Array,
  ): number;
}
