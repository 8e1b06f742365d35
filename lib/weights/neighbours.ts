/** Reservoirs of neurons on a line or a sheet. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, rangeError, shapeError, typeError } from '../check.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import {
  checkCount,
  checkEntries,
  checkSize,
  type Dense,
  generate,
  maxSparse,
  type RandomOptions,
  seedOf,
  type Sparse,
  sparseOf,
  squareMatrix,
} from './common.js';

/** Options of {@link oneDimExcRes}. */
export interface OneDimExcResOptions {
  /** Neurons do not connect to themselves. Default true. */
  zeroDiagonal?: boolean;
  /** The same, as the original spells it. */
  zeroDiagnoal?: boolean;
}

/** Neighbours on a line: 1 where |i - j| <= floor(`nNeighbour` / 2), without wrapping around. `size` x `size`. */
export function oneDimExcRes(size: number, nNeighbour: number, options: OneDimExcResOptions & Sparse): SparseMatrix;
export function oneDimExcRes(size: number, nNeighbour: number, options?: OneDimExcResOptions & Dense): Matrix;
export function oneDimExcRes(
  size: number,
  nNeighbour: number,
  options: OneDimExcResOptions & (Sparse | Dense) = {},
): Matrix | SparseMatrix {
  const given = checkOptions<typeof options>(options, 'options', ['zeroDiagonal', 'zeroDiagnoal', 'sparse']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = checkSize(size, 'size', sparse);
  const reach = Math.floor(checkCount(nNeighbour, 'nNeighbour') / 2);
  checkEntries(n * Math.min(2 * reach + 1, n), 'size * nNeighbour', sparse);
  const zeroDiagonal = checkBoolean(given.zeroDiagonal ?? given.zeroDiagnoal ?? true, 'zeroDiagonal');
  return generate([n, n], sparse, (out) => native.neighbours1d(n, reach, !zeroDiagonal, out));
}

/** Options of {@link twoDimExcRes}. */
export interface TwoDimExcResOptions extends RandomOptions {
  /** Rows and columns of the sheet, of which the neurons fill the first places row by row. Default a square that is large enough. */
  gridDim?: readonly [rows: number, columns: number] | readonly number[] | null;
  /** A neuron may connect to another one more than once. Default true. */
  multipleConn?: boolean;
  /** Distances are measured around the edges of the sheet. Default false. */
  torus?: boolean;
}

/** A sheet as native arguments. */
type SheetArgs =
  Parameters<typeof native.neighbours2d> extends [number, ...infer S, Float64Array | undefined] ? S : never;

function pair(value: unknown, name: string): [number, number] {
  if (typeof value === 'number') return [value, value];
  if (value === null || value === undefined) throw typeError(name, 'two numbers', value);
  const { data, shape, ndim } = toNdArray(value, name, 'float64');
  if (ndim !== 1 || data.length !== 2) throw shapeError(name, 'two numbers', shapeText(shape));
  return [data[0], data[1]];
}

/** @internal Checks what describes a sheet of neurons. */
export function sheetArgs(
  size: number,
  number: unknown,
  width: unknown,
  { gridDim, multipleConn, torus }: TwoDimExcResOptions,
  names: { number: string; size: string },
): SheetArgs {
  const neighbours = checkCount(number, names.number);
  const [wx, wy] = pair(width, 'widthNeighbour').map((w) => checkNumber(w, 'widthNeighbour', { positive: true }));
  const side = Math.ceil(Math.sqrt(size));
  const grid = gridDim === undefined || gridDim === null ? [side, side] : pair(gridDim, 'gridDim');
  const [rows, columns] = grid.map((n) => checkInteger(n, 'gridDim', { min: 1, max: maxSparse }));
  if (rows * columns < size) throw rangeError('gridDim', `a grid of at least ${size} places`, [rows, columns]);
  const multiple = checkBoolean(multipleConn ?? true, 'multipleConn');
  if (multiple ? neighbours > 0 && size < 2 : neighbours >= size)
    throw rangeError(names.number, `less than ${names.size}, ${size}`, neighbours);
  return [size, rows, columns, neighbours, wx, wy, multiple, checkBoolean(torus ?? false, 'torus')];
}

/**
 * Neurons on a sheet, each with `nNeighbour` presynaptic connections: from i to j with a probability proportional to
 * exp(-((dx / wx)^2 + (dy / wy)^2)), never from itself. Elements are numbers of connections.
 *
 * @param size Neurons; neuron k sits in row floor(k / columns), column k mod columns.
 * @param nNeighbour Connections that each neuron receives.
 * @param widthNeighbour wx (along the rows' numbers) and wy, or one number for both.
 *
 * Draws: stream 0, neuron j is step j.
 */
export function twoDimExcRes(
  size: number,
  nNeighbour: number,
  widthNeighbour: ArrayInput,
  options: TwoDimExcResOptions & Sparse,
): SparseMatrix;
export function twoDimExcRes(
  size: number,
  nNeighbour: number,
  widthNeighbour: ArrayInput,
  options?: TwoDimExcResOptions & Dense,
): Matrix;
export function twoDimExcRes(
  size: number,
  nNeighbour: number,
  widthNeighbour: ArrayInput,
  options: TwoDimExcResOptions & (Sparse | Dense) = {},
): Matrix | SparseMatrix {
  const names = ['gridDim', 'multipleConn', 'torus', 'seed', 'rng', 'sparse'];
  const given = checkOptions<typeof options>(options, 'options', names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = checkSize(size, 'size', sparse);
  const sheet = sheetArgs(n, nNeighbour, widthNeighbour, given, { number: 'nNeighbour', size: 'size' });
  checkEntries(n * nNeighbour, 'size * nNeighbour', sparse);
  const seed = seedOf(given);
  return generate([n, n], sparse, (out) => native.neighbours2d(seed, ...sheet, out));
}

/** Options of {@link addRandomLongRange}. */
export interface AddRandomLongRangeOptions extends RandomOptions {
  /** Only partners that have no connection yet. Default false. */
  avoidExisting?: boolean;
  /** A neuron may connect to another one more than once. Default true. */
  multipleConn?: boolean;
  /** Change the given matrix, which must be an `NdArray` of doubles, instead of a copy. Default false. */
  inPlace?: boolean;
}

/**
 * Adds `numLongRange` connections of weight 1 to each neuron (column) of a square matrix, from random other neurons. Gives a copy, sparse when
 * the matrix is.
 *
 * Draws: stream 0, neuron j is step j.
 *
 * @throws RangeError `ERR_VALUE` when a neuron has too few partners that may be chosen.
 */
export function addRandomLongRange(
  weightsRes: SparseMatrix,
  numLongRange: number,
  options?: AddRandomLongRangeOptions,
): SparseMatrix;
export function addRandomLongRange(
  weightsRes: ArrayInput,
  numLongRange: number,
  options?: AddRandomLongRangeOptions,
): Matrix;
export function addRandomLongRange(
  weightsRes: ArrayInput | SparseMatrix,
  numLongRange: number,
  options: AddRandomLongRangeOptions = {},
): Matrix | SparseMatrix {
  const names = ['avoidExisting', 'multipleConn', 'inPlace', 'seed', 'rng'];
  const given = checkOptions<AddRandomLongRangeOptions>(options, 'options', names);
  const number = checkCount(numLongRange, 'numLongRange');
  const avoid = checkBoolean(given.avoidExisting ?? false, 'avoidExisting');
  const multiple = checkBoolean(given.multipleConn ?? true, 'multipleConn');
  const inPlace = checkBoolean(given.inPlace ?? false, 'inPlace');
  if (inPlace && !(weightsRes instanceof NdArray && weightsRes.data instanceof Float64Array))
    throw typeError('weightsRes', 'an NdArray of doubles to be changed in place', weightsRes);
  if (weightsRes instanceof SparseMatrix) {
    if (weightsRes.shape[0] !== weightsRes.shape[1])
      throw shapeError('weightsRes', 'a square matrix', shapeText(weightsRes.shape));
    const parts = native.longRangeSparse(seedOf(given), number, avoid, multiple, ...weightsRes.csrArgs());
    return sparseOf(weightsRes.shape, parts);
  }
  const matrix = squareMatrix(weightsRes, 'weightsRes');
  const seed = seedOf(given);
  // A copy in any case: what fails half way leaves the given matrix as it is.
  const copy = new NdArray(Float64Array.from(matrix.data), matrix.shape);
  native.longRange(seed, matrix.shape[0], number, avoid, multiple, copy.data);
  if (!inPlace) return copy;
  matrix.data.set(copy.data);
  return weightsRes as Matrix;
}
