/** Initial weights of modules, as functions of a shape. */
import type { NdArray } from '../../array.js';
import { freshSeed } from '../../lazy.js';
import * as initialisers from '../../weights/initialisers.js';

/** Makes the first value of a matrix of weights. */
export type WeightInit = (shape: number[]) => Parameters<typeof NdArray.from>[0];

/** Uniform on (-b, b), b = sqrt(6 / inputs), where the inputs are dimension `fan`. */
export const kaiming =
  (fan = 0, seed = freshSeed()): WeightInit =>
  (shape) =>
    initialisers.kaimingTorch(shape, { fanDimension: fan, seed });

/** Normal with the standard deviation 1 / sqrt(rows): a square matrix has eigenvalues of size 1 at most. */
export const unitEigs =
  (seed = freshSeed()): WeightInit =>
  (shape) =>
    initialisers.unitEigs(shape, { seed });

/** Uniform on (-b, b), b = sqrt(1 / n): biases of `Linear`, where n is what the caller says, or the length of the bias. */
export const uniformSqrt =
  (n?: number, seed = freshSeed()): WeightInit =>
  (shape) =>
    n === undefined
      ? initialisers.linearBias(shape, { seed })
      : initialisers.uniformWithin(shape, Math.sqrt(1 / Math.max(n, 1)), { seed });
