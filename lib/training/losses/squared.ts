/** Squared errors. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean } from '../../check.js';
import type { LossContext, LossValue } from '../types.js';
import { type OutputLoss, lossOptions, outputLoss, targetLike } from './output-loss.js';

/** Options of {@link mse} and {@link sse}. */
export interface SquaredErrorOptions {
  /** Samples whose target is NaN do not count. Default false: then NaN in a target makes the loss NaN, which training refuses. */
  ignoreNan?: boolean;
}

function squared(name: string, mean: boolean, options: unknown): OutputLoss<ArrayInput> {
  const { ignoreNan = false } = lossOptions<SquaredErrorOptions>(options, ['ignoreNan']);
  checkBoolean(ignoreNan, 'ignoreNan');
  return outputLoss(name, (e, target) => {
    native.squaredError(e.precision, undefined, ...e.args, targetLike(e, target), ignoreNan, mean);
    return { loss: e.result[0] };
  });
}

const isTarget = (args: readonly unknown[]): args is [ArrayInput, ArrayInput] => args.length > 1;

/**
 * The mean of (output - target)^2, over all elements.
 *
 * `mse()` is a loss to train with, whose targets have the shape of the output; `mse(output, target)` is its value.
 *
 * @throws RangeError `ERR_SHAPE` for a target of another shape than the output.
 */
export function mse(options?: SquaredErrorOptions): OutputLoss<ArrayInput>;
export function mse(output: ArrayInput, target: ArrayInput): number;
export function mse(...args: [unknown?, unknown?]): OutputLoss<ArrayInput> | number {
  return isTarget(args) ? squared('mse', true, {}).value(...args) : squared('mse', true, args[0]);
}

/** The sum of (output - target)^2; used as {@link mse}. */
export function sse(options?: SquaredErrorOptions): OutputLoss<ArrayInput>;
export function sse(output: ArrayInput, target: ArrayInput): number;
export function sse(...args: [unknown?, unknown?]): OutputLoss<ArrayInput> | number {
  return isTarget(args) ? squared('sse', false, {}).value(...args) : squared('sse', false, args[0]);
}

/** {@link mse} as an object that keeps its last value. */
export class MSELoss implements OutputLoss<ArrayInput> {
  readonly name = 'mse';
  /** The last value; 0 before the first. */
  loss = 0;
  readonly #loss: OutputLoss<ArrayInput>;

  constructor(options?: SquaredErrorOptions) {
    this.#loss = squared('mse', true, options);
  }

  value(output: ArrayInput, target: ArrayInput): number {
    return (this.loss = this.#loss.value(output, target));
  }

  valueAndGradient(output: ArrayInput, target: ArrayInput): ReturnType<OutputLoss<ArrayInput>['valueAndGradient']> {
    const value = this.#loss.valueAndGradient(output, target);
    this.loss = value.loss;
    return value;
  }

  evaluate(context: Pick<LossContext<ArrayInput>, 'output' | 'target'>): LossValue {
    const value = this.#loss.evaluate(context);
    this.loss = value.loss;
    return value;
  }
}
