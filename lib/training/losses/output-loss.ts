/** What losses of a module's output share. */
import { type ArrayLike_ as ArrayInput, NdArray, toNdArray } from '../../array.js';
import { checkOptions, rangeError, shapeError, typeError } from '../../check.js';
import type { Real } from '../../modules/kernels/native.js';
import type { Signal } from '../../modules/pass.js';
import type { OutputLossArgs } from '../native.js';
import type { Loss, LossContext, LossValue } from '../types.js';

/** A loss that is computed from an output and a target alone. */
export interface OutputLoss<Target> extends Loss<Target> {
  /** The loss of an output, `[batch, steps, channels]` or `[steps, channels]`. */
  value(output: ArrayInput, target: Target): number;
  /** The same and its derivative by the output. */
  valueAndGradient(
    output: ArrayInput,
    target: Target,
  ): { loss: number; terms: Record<string, number>; gradient: Signal };
  evaluate(context: Pick<LossContext<Target>, 'output' | 'target'>): LossValue;
}

/** An output, and what a native loss writes. */
export interface Evaluation {
  output: Signal;
  batch: number;
  steps: number;
  channels: number;
  /** Arguments of a native loss up to its own. */
  args: OutputLossArgs;
  precision: 0 | 1;
  result: Float64Array;
}

type Compute<Target> = (evaluation: Evaluation, target: Target) => { loss: number; terms?: Record<string, number> };

/** A loss from what computes it. */
export function outputLoss<Target>(name: string, compute: Compute<Target>): OutputLoss<Target> {
  const run = (output: Signal, target: Target, wanted: boolean) => {
    const gradient = wanted ? roomLike(output) : undefined;
    const { loss, terms = {} } = compute(evaluation(output, gradient), target);
    return { loss, terms: { [name]: loss, ...terms }, gradient: gradient as Signal };
  };
  const read = (output: ArrayInput): Signal => {
    const array = output instanceof NdArray && (output as NdArray).data instanceof Float32Array;
    const signal = (array ? NdArray.from(output, 'output', 'float32') : NdArray.from(output, 'output')) as Signal;
    if (signal.ndim === 2) return new NdArray(signal.data, [1, ...signal.shape]);
    if (signal.ndim !== 3) throw shapeError('output', '[batch, steps, channels]', `[${signal.shape.join(', ')}]`);
    return signal;
  };
  return {
    name,
    value: (output, target) => run(read(output), target, false).loss,
    valueAndGradient: (output, target) => run(read(output), target, true),
    evaluate: ({ output, target }) => {
      const { loss, terms, gradient } = run(output, target, true);
      return { loss, terms, output: gradient };
    },
  };
}

function evaluation(output: Signal, gradient: Signal | undefined): Evaluation {
  const [batch, steps, channels] = output.shape;
  const result = new Float64Array(3);
  return {
    ...{ output, batch, steps, channels, result },
    args: [batch, steps, channels, output.data, gradient?.data, result],
    precision: output.data instanceof Float32Array ? 1 : 0,
  };
}

/** An array of the shape and precision of another, of zeros. */
export function roomLike({ data, shape }: Signal): Signal {
  return new NdArray<Real>(
    data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length),
    shape,
  );
}

/** Doubles of exactly the shape of an output; a batch of one may be left out. */
export function targetLike({ output }: Evaluation, target: unknown): Float64Array {
  const array = toNdArray(target, 'target', 'float64');
  const shape = array.ndim === output.ndim - 1 && output.shape[0] === 1 ? [1, ...array.shape] : array.shape;
  if (String(shape) !== String(output.shape))
    throw shapeError('target', `[${output.shape.join(', ')}], as the output`, `[${array.shape.join(', ')}]`);
  return array.data;
}

/** Integers of a target. */
export function integers(target: unknown, name: string): NdArray<Int32Array> {
  const array = NdArray.from(target as ArrayInput, name);
  const bad = array.data.findIndex((x) => !Number.isInteger(x) || Math.abs(x) > 2 ** 31 - 1);
  if (bad >= 0) throw rangeError(`${name} at ${bad}`, 'an integer', array.data[bad]);
  return new NdArray(Int32Array.from(array.data), array.shape);
}

/** Checks the options of a loss. */
export function lossOptions<O extends object>(options: unknown, allowed: readonly string[]): Partial<O> {
  if (typeof options === 'function') throw typeError('options', 'an options object', options);
  return checkOptions<O>(options, 'options', allowed);
}
