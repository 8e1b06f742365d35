/** Initial weights of modules. */
import { allocate, NdArray, sizeOf } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkOptions, shapeError, typeError } from '../check.js';
import { maxDense, type RandomOptions, seedOf } from './common.js';

/** @inline */
type Shape = number | readonly number[];

function readShape(shape: Shape, atLeast = 1): number[] {
  const list: unknown = typeof shape === 'number' ? [shape] : shape;
  if (!Array.isArray(list)) throw typeError('shape', 'an integer or a list of integers', shape);
  const dims = list.map((n, i) => checkInteger(n, `shape[${i}]`, { min: 1, max: maxDense ** 2 }));
  if (dims.length < atLeast || sizeOf(dims) > maxDense ** 2)
    throw shapeError('shape', `of ${atLeast} or more dimensions and at most 2^30 elements`, dims.join(' x ') || 'none');
  return dims;
}

function uniform(dims: number[], bound: number, options: RandomOptions): NdArray<Float64Array> {
  const seed = seedOf(checkOptions<RandomOptions>(options, 'options', ['seed', 'rng']));
  const out = allocate(dims, 'the weights');
  native.uniformArray(seed, 0, -bound, bound, out);
  return new NdArray(out, dims);
}

/** @internal Uniform on (-bound, bound). */
export function uniformWithin(shape: Shape, bound: number, options: RandomOptions = {}): NdArray<Float64Array> {
  return uniform(readShape(shape), bound, options);
}

/** Normals with the standard deviation 1 / sqrt(`shape[0]`): a square matrix has a spectral radius of about 1. Stream 0, row i is step i. */
export function unitEigs(shape: Shape, options: RandomOptions = {}): NdArray<Float64Array> {
  const dims = readShape(shape);
  const seed = seedOf(checkOptions<RandomOptions>(options, 'options', ['seed', 'rng']));
  const out = allocate(dims, 'the weights');
  native.normalMatrix(seed, 0, sizeOf(dims) / dims[0], 0, 1 / Math.sqrt(dims[0]), out);
  return new NdArray(out, dims);
}

/** Uniform on (-b, b), b = sqrt(6 / `shape[0]`). */
export function kaiming(shape: Shape, options: RandomOptions = {}): NdArray<Float64Array> {
  const dims = readShape(shape);
  return uniform(dims, Math.sqrt(6 / dims[0]), options);
}

/** Uniform on (-b, b), b = sqrt(6 / (`shape[0]` + `shape[1]`)). */
export function xavier(shape: readonly number[], options: RandomOptions = {}): NdArray<Float64Array> {
  const dims = readShape(shape, 2);
  return uniform(dims, Math.sqrt(6 / (dims[0] + dims[1])), options);
}

/** Options of {@link kaimingTorch}. */
export interface KaimingTorchOptions extends RandomOptions {
  /** The dimension that counts the inputs: 0 for weights [in, out], 1 for a matrix [out, in]. Default 0. */
  fanDimension?: number;
}

/** Uniform on (-b, b), b = sqrt(6 / fan): the Kaiming initialisation of the Torch modules. */
export function kaimingTorch(shape: Shape, options: KaimingTorchOptions = {}): NdArray<Float64Array> {
  const { fanDimension = 0, ...random } = checkOptions<KaimingTorchOptions>(options, 'options', [
    'seed',
    'rng',
    'fanDimension',
  ]);
  const dims = readShape(shape);
  const fan = dims[checkInteger(fanDimension, 'fanDimension', { min: 0, max: dims.length - 1 })];
  return uniform(dims, Math.sqrt(6 / fan), random);
}

/** Uniform on (-b, b), b = sqrt(1 / `shape[0]`) of the shape of the bias itself: the initial bias of `Linear`. */
export function linearBias(shape: Shape, options: RandomOptions = {}): NdArray<Float64Array> {
  const dims = readShape(shape);
  return uniform(dims, Math.sqrt(1 / dims[0]), options);
}
