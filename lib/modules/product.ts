/** Products of signals and weights. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { shapeError } from '../check.js';

/**
 * A signal `[…, N]` (such as `[time, N]` or `[batch, time, N]`) times weights `[N, M]`: an array `[…, M]`.
 *
 * @throws RangeError `ERR_SHAPE` when the last dimension of the signal is not the first of the weights.
 */
export function matmul(signal: ArrayInput, weights: ArrayInput): Matrix {
  const a = toNdArray(signal, 'signal', 'float64');
  const b = toNdArray(weights, 'weights', 'float64');
  if (b.ndim !== 2) throw shapeError('weights', 'a matrix', shapeText(b.shape));
  const inner = b.shape[0];
  if (a.ndim < 1 || a.shape[a.ndim - 1] !== inner)
    throw shapeError('signal', `an array of ${inner} columns`, shapeText(a.shape));
  const dims = a.shape.slice(0, -1);
  const shape = [...dims, b.shape[1]];
  const rows = dims.reduce((n, m) => n * m, 1);
  const out = allocate(shape, 'the product');
  native.multiply(a.data, rows, inner, b.data, b.shape[1], out);
  return new NdArray(out, shape);
}
