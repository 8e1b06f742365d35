/** What the weight generators share: seeds, sizes, results, functions that supply weights. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkFunction, checkInteger, checkNumber, checkOptions, rangeError, shapeError, typeError } from '../check.js';
import { freshSeed } from '../lazy.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import type { SparseParts } from './native.js';

/** Where the random numbers of a weight generator come from. */
export interface RandomOptions {
  /** An integer from 0 to 2^53 - 1: the same seed gives the same matrix on every machine. Default: a new one each time. */
  seed?: number;
  /** A source of uniform numbers in [0, 1), such as `Math.random`, from which one seed is drawn. Default: none. */
  rng?: () => number;
}

/** Asks for a {@link SparseMatrix}. The same seed gives the same matrix, dense or sparse. */
export interface Sparse {
  /** The result has compressed rows and was never dense. */
  sparse: true;
}

/** Asks for a dense matrix, of at most 32768 rows and columns. */
export interface Dense {
  /** Compressed rows instead of a dense matrix. Default false. */
  sparse?: false;
}

/** Supplies weights: gets the shape that is wanted, returns an array of that shape, which is copied. */
export type WeightFct = (shape: readonly number[]) => ArrayInput;

/** Numbers of connections: 32-bit integers, or a sparse matrix of whole numbers. */
export type Counts = NdArray<Int32Array> | SparseMatrix;

/** Most rows and columns of a dense result, and of a sparse one. */
export const maxDense = 32768;
export const maxSparse = 2 ** 26;

/** Most elements of a sparse result. */
const maxEntries = 2 ** 28;

/** The seed that options ask for. */
export function seedOf({ seed, rng }: RandomOptions): number {
  if (seed !== undefined && rng !== undefined) throw typeError('options', 'with one of seed and rng', 'both', true);
  if (seed !== undefined) return checkInteger(seed, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (rng === undefined) return freshSeed();
  const draw = checkNumber(checkFunction<() => number>(rng, 'rng')(), 'the value of rng()', { min: 0, max: 1 });
  return Math.min(Math.floor(draw * 2 ** 53), Number.MAX_SAFE_INTEGER);
}

/** The options of a function whose arguments all have defaults: by position, in one object, or both. */
export function readArguments<O extends object>(
  args: readonly unknown[],
  positions: readonly string[],
  options: readonly string[],
): Partial<O> {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const last: unknown = given[given.length - 1];
  const named = typeof last === 'object' && last !== null && !Array.isArray(last) && !ArrayBuffer.isView(last);
  if (given.length > positions.length + 1 || (!named && given.length > positions.length))
    throw shapeError('arguments', `${positions.join(', ')} and an options object`, `${given.length} arguments`);
  const all = [...positions, ...options];
  const merged: Record<string, unknown> = named ? { ...checkOptions<O>(last, 'options', all) } : {};
  for (const [i, name] of positions.entries()) {
    if (i < given.length - (named ? 1 : 0) && given[i] !== undefined) merged[name] = given[i];
  }
  return merged as Partial<O>;
}

/** A number of neurons. */
export function checkSize(value: unknown, name: string, sparse: boolean, min = 1): number {
  const n = checkInteger(value, name, { min, max: maxSparse });
  if (!sparse && n > maxDense)
    throw rangeError(name, `an integer from ${min} to ${maxDense} for a dense matrix (more with sparse: true)`, n);
  return n;
}

/** A number of elements that a result is to have. */
export function checkEntries(entries: number, name: string, sparse: boolean): void {
  if (sparse && entries > maxEntries)
    throw rangeError(name, `at most ${maxEntries} elements of a sparse matrix`, entries);
}

/** A number of connections. */
export function checkCount(value: unknown, name: string): number {
  return checkInteger(value, name, { min: 0, max: 2 ** 31 - 1 });
}

/** Round half to even, as the original rounds. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** What a weight function supplies, checked and copied. */
export function suppliedWeights(fct: WeightFct, shape: readonly number[]): Float64Array<ArrayBuffer> {
  const result = checkFunction<WeightFct>(fct, 'weightFct')(Object.freeze([...shape]));
  const array = toNdArray(result, 'the value of weightFct', 'float64');
  if (String(array.shape) !== String(shape))
    throw shapeError('the value of weightFct', shapeText(shape), shapeText(array.shape));
  const copy = allocate(shape, 'the weights') as Float64Array<ArrayBuffer>;
  copy.set(array.data);
  const wrong = native.firstNotFinite(copy);
  if (wrong < copy.length) throw rangeError('the value of weightFct', 'an array of finite numbers', copy[wrong]);
  return copy;
}

/** A sparse matrix from the core's parts. */
export function sparseOf(shape: readonly [number, number], { indptr, indices, data }: SparseParts): SparseMatrix {
  return new SparseMatrix({ shape, indptr, indices, data });
}

/** Has the core fill a dense array or make compressed rows. */
export function generate(
  shape: readonly [number, number],
  sparse: boolean,
  run: (out: Float64Array | undefined) => SparseParts | undefined,
): Matrix | SparseMatrix {
  if (sparse) return sparseOf(shape, run(undefined) as SparseParts);
  const out = allocate(shape, 'the weights');
  run(out);
  return new NdArray(out, shape);
}

/** Weights in compressed rows as what was asked for. */
export function weightsOf(
  shape: readonly [number, number],
  parts: SparseParts,
  sparse: boolean,
): Matrix | SparseMatrix {
  const matrix = sparseOf(shape, parts);
  return sparse ? matrix : matrix.toDense();
}

/** Whole numbers in compressed rows as what was asked for. */
export function countsOf(shape: readonly [number, number], parts: SparseParts, sparse: boolean): Counts {
  const matrix = sparseOf(shape, { ...parts, data: Float64Array.from(parts.counts) });
  if (sparse) return matrix;
  const out = allocate(shape, 'the counts', 'int32') as Int32Array;
  native.csrCountsToDense(...matrix.csrArgs(), out);
  return new NdArray(out, shape);
}

/** Any matrix as a dense one. */
export function denseMatrix(value: ArrayInput | SparseMatrix, name: string): Matrix {
  if (value instanceof SparseMatrix) return value.toDense();
  const array = toNdArray(value, name, 'float64');
  if (array.ndim !== 2 || array.size === 0) throw shapeError(name, 'a matrix', shapeText(array.shape));
  const wrong = native.firstNotFinite(array.data);
  if (wrong < array.size) throw rangeError(name, 'a matrix of finite numbers', array.data[wrong]);
  return array;
}

/** The same, square. */
export function squareMatrix(value: ArrayInput | SparseMatrix, name: string): Matrix {
  const matrix = denseMatrix(value, name);
  if (matrix.shape[0] !== matrix.shape[1]) throw shapeError(name, 'a square matrix', shapeText(matrix.shape));
  return matrix;
}
