/** The shapes that a module takes: one number a step, one batch or many. */
import {
  allocate,
  type ArrayLike_ as ArrayInput,
  type Matrix,
  NdArray,
  shapeText,
  sizeOf,
  toNdArray,
} from '../array.js';
import { native } from '../binding.js';
import { shapeError } from '../check.js';
import type { Real } from './kernels/native.js';

/** A batched input and the states that belong to it. */
export interface Batched {
  /** `[batch, time, sizeIn]`. */
  data: Matrix;
  /** Number of batches. */
  batch: number;
  /** Number of time steps. */
  steps: number;
  /** Each state once for each batch, `[batch, …]`; the module's own arrays stay as they are. */
  states: Matrix[];
}

/** `[T]` becomes `[1, T, 1]`, `[T, N]` becomes `[1, T, N]`; then one channel feeds all of `sizeIn`. */
export function batchInput(input: ArrayInput, sizeIn: number, name: string): Matrix {
  const array = toNdArray(input, name, 'float64');
  const { shape } = array;
  if (shape.length < 1 || shape.length > 3)
    throw shapeError(name, '[T], [T, N] or [batch, T, N]', shape.length === 0 ? 'a number' : shapeText(shape));
  const dims = shape.length === 1 ? [1, shape[0], 1] : shape.length === 2 ? [1, ...shape] : shape;
  if (dims[2] === sizeIn) return new NdArray(array.data, dims);
  if (dims[2] !== 1) throw shapeError(name, `${sizeIn} channels wide (sizeIn) or one`, `${dims[2]} channels`);
  const wide = [dims[0], dims[1], sizeIn];
  const out = allocate(wide, name);
  native.repeatRows(array.data, 1, sizeIn, out);
  return new NdArray(out, wide);
}

/** The same; floats of the right shape are read where they lie. */
export function batchSignal(input: ArrayInput, sizeIn: number, name: string): NdArray<Real> {
  if (input instanceof NdArray && (input as NdArray<Real>).data instanceof Float32Array) {
    const { data, shape } = input as NdArray<Real>;
    const dims = shape.length === 2 ? [1, ...shape] : shape;
    if (dims.length === 3 && dims[2] === sizeIn) {
      NdArray.from(input, name, 'float32'); // refuses an array whose memory was transferred
      return new NdArray(data, dims);
    }
  }
  return batchInput(input, sizeIn, name);
}

/** A state, once for each batch. With a `target` shape, dimensions of length 1 and missing leading ones are repeated to it. */
export function batchState(
  state: number | Matrix,
  batch: number,
  target: readonly number[] | undefined,
  name: string,
): Matrix {
  const one = toNdArray(state, name, 'float64');
  const shape = [batch, ...(target ?? one.shape)];
  const out = allocate(shape, name);
  if (sizeOf(shape) === 0) return new NdArray(out, shape);
  native.repeatArray(target ? broadcast(one, target, name) : one.data, out);
  return new NdArray(out, shape);
}

/** The elements of an array, repeated along the axes that are 1 or missing. */
function broadcast(array: Matrix, target: readonly number[], name: string): Float64Array {
  const missing = target.length - array.ndim;
  const dims = [...new Array<number>(Math.max(missing, 0)).fill(1), ...array.shape];
  if (missing < 0 || !dims.every((n, i) => n === 1 || n === target[i]))
    throw shapeError(name, `of a shape that can be repeated to ${shapeText(target)}`, shapeText(array.shape));
  let data = array.data;
  let inner = 1; // elements behind the axis, in the target
  for (let axis = target.length - 1; axis >= 0; inner *= target[axis], axis--) {
    if (dims[axis] === target[axis]) continue;
    const outer = sizeOf(dims.slice(0, axis));
    const out = allocate([outer, target[axis] * inner], name);
    native.repeatRows(data, inner, target[axis], out);
    data = out;
  }
  return data;
}
