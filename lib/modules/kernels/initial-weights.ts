/** Initial weights of modules, as functions of a shape. */
import { allocate, type Matrix, NdArray, sizeOf } from '../../array.js';
import { native } from '../../binding.js';
import { freshSeed } from '../../lazy.js';

/** Makes the first value of a matrix of weights. */
export type WeightInit = (shape: number[]) => Parameters<typeof NdArray.from>[0];

function uniform(shape: readonly number[], bound: number, seed: number): Matrix {
  const out = allocate(shape, 'the weights');
  native.randomFill('uniform', seed, 0, 0, 0, out);
  const shifted = allocate(shape, 'the weights');
  native.combine(1, out, out.length, 1, Float64Array.of(0.5), 1, 1, out.length, 1, shifted);
  native.scaleInPlace(shifted, 2 * bound);
  return new NdArray(shifted, shape);
}

/** Uniform on (-b, b), b = sqrt(6 / inputs), where the inputs are dimension `fan`. */
export const kaiming =
  (fan = 0, seed = freshSeed()): WeightInit =>
  (shape) =>
    uniform(shape, Math.sqrt(6 / Math.max(shape[fan] ?? 1, 1)), seed);

/** Normal with the standard deviation 1 / sqrt(rows): a square matrix has eigenvalues of size 1 at most. */
export const unitEigs =
  (seed = freshSeed()): WeightInit =>
  (shape) => {
    const out = allocate(shape, 'the weights');
    const columns = Math.max(sizeOf(shape.slice(1)), 1);
    native.normalMatrix(seed, 0, columns, 0, 1 / Math.sqrt(Math.max(shape[0], 1)), out);
    return new NdArray(out, shape);
  };

/** Uniform on (-b, b), b = sqrt(1 / n): biases of `Linear`, where n is what the caller says, or the length of the bias. */
export const uniformSqrt =
  (n?: number, seed = freshSeed()): WeightInit =>
  (shape) =>
    uniform(shape, Math.sqrt(1 / Math.max(n ?? shape[0] ?? 1, 1)), seed);
