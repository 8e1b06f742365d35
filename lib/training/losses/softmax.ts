/** Soft-max along an axis. */
import { type ArrayLike_ as ArrayInput, NdArray, sizeOf } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, checkOptions, shapeError } from '../../check.js';
import type { Signal } from '../../modules/pass.js';
import { roomLike } from './output-loss.js';

/** Options of {@link softmax} and {@link logsoftmax}. */
export interface SoftmaxFunctionOptions {
  /** The axis that sums to 1; negative: from the end. `null`: all of the array. Default -1. */
  axis?: number | null;
  /** What the input is divided by first. Towards 0 all goes to the largest. Default 1. */
  temperature?: number;
}

type Read = readonly [outer: number, n: number, inner: number, temperature: number];

function read({ shape }: NdArray, options: SoftmaxFunctionOptions | undefined): Read {
  const { axis = -1, temperature = 1 } = checkOptions<SoftmaxFunctionOptions>(options, 'options', [
    'axis',
    'temperature',
  ]);
  checkNumber(temperature, 'temperature', { positive: true });
  if (axis === null || shape.length === 0) return [1, sizeOf(shape), 1, temperature];
  const at = checkInteger(axis, 'axis', { min: -shape.length, max: shape.length - 1 });
  const k = at < 0 ? at + shape.length : at;
  return [sizeOf(shape.slice(0, k)), shape[k], sizeOf(shape.slice(k + 1)), temperature];
}

function signalOf(x: ArrayInput, name: string): Signal {
  const single = x instanceof NdArray && (x as NdArray).data instanceof Float32Array;
  return NdArray.from(x, name, single ? 'float32' : 'float64') as Signal;
}

function along(x: ArrayInput, options: SoftmaxFunctionOptions | undefined, logarithm: boolean): Signal {
  const array = signalOf(x, 'x');
  const out = roomLike(array);
  const precision = array.data instanceof Float32Array ? 1 : 0;
  native.softmaxAlong(precision, undefined, ...read(array, options), logarithm, array.data, out.data);
  return out;
}

/**
 * exp(x / temperature) / sum of these along an axis, of any size without overflow. Floats stay floats.
 *
 * The original sums over the whole array: `axis: null`.
 */
export function softmax(x: ArrayInput, options?: SoftmaxFunctionOptions): Signal {
  return along(x, options, false);
}

/** The logarithm of {@link softmax}. */
export function logsoftmax(x: ArrayInput, options?: SoftmaxFunctionOptions): Signal {
  return along(x, options, true);
}

function back(
  y: ArrayInput,
  gradient: ArrayInput,
  options: SoftmaxFunctionOptions | undefined,
  logarithm: boolean,
): Signal {
  const array = signalOf(y, 'y');
  const single = array.data instanceof Float32Array;
  const g = NdArray.from(gradient, 'gradient', single ? 'float32' : 'float64') as Signal;
  if (String(g.shape) !== String(array.shape))
    throw shapeError('gradient', `[${array.shape.join(', ')}], as y`, `[${g.shape.join(', ')}]`);
  const out = roomLike(array);
  native.softmaxAlongAdjoint(
    single ? 1 : 0,
    undefined,
    ...read(array, options),
    logarithm,
    array.data,
    g.data,
    out.data,
  );
  return out;
}

/** The derivative of a loss by the input of {@link softmax}, from its result `y` and the derivative by that. */
export function softmaxGradient(y: ArrayInput, gradient: ArrayInput, options?: SoftmaxFunctionOptions): Signal {
  return back(y, gradient, options, false);
}

/** The same of {@link logsoftmax}. */
export function logsoftmaxGradient(y: ArrayInput, gradient: ArrayInput, options?: SoftmaxFunctionOptions): Signal {
  return back(y, gradient, options, true);
}
