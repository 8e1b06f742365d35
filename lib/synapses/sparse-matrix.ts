/** Sparse matrices of weights. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkOptions, shapeError, typeError } from '../check.js';
import type { CsrArgs } from './native.js';

/** What a {@link SparseMatrix} is made from: compressed rows, as in SciPy's `csr_matrix`. */
export interface SparseMatrixInit {
  /** Rows and columns. */
  shape: readonly [rows: number, columns: number] | readonly number[];
  /** Row i has the entries from number `indptr[i]` to `indptr[i + 1] - 1`: rows + 1 ascending integers from 0 to `nnz`. */
  indptr: ArrayInput;
  /** The column of each entry, ascending within a row. */
  indices: ArrayInput;
  /** The value of each entry, or one number that all share. */
  data: ArrayInput;
}

const names = ['shape', 'indptr', 'indices', 'data'];

/** Whether a value has the parts of a sparse matrix, as a dictionary from a file has. */
export function isSparseInit(value: unknown): value is SparseMatrixInit {
  return typeof value === 'object' && value !== null && 'indptr' in value && 'indices' in value;
}

/**
 * A matrix of which only some elements are stored, row by row. It does not change: arrays of the right type
 * (Float64Array for `indptr` and `data`, Int32Array for `indices`) are kept, not copied, and must not be written to afterwards.
 */
export class SparseMatrix {
  /** Rows and columns. */
  readonly shape: readonly [rows: number, columns: number];
  /** Where each row begins, and the number of entries at the end. */
  readonly indptr: Float64Array;
  /** The column of each entry. */
  readonly indices: Int32Array;
  /** The value of each entry; a single element when all share it. */
  readonly data: Float64Array;

  /**
   * @throws RangeError `ERR_SHAPE` for lengths that do not belong together, `ERR_VALUE` for columns that the matrix does not have or
   *   that do not ascend within a row, row ends that do not ascend, or values that are not finite.
   */
  constructor(init: SparseMatrixInit) {
    const { shape, indptr, indices, data } = checkOptions<SparseMatrixInit>(init ?? null, 'a sparse matrix', names);
    if (!Array.isArray(shape) || shape.length !== 2) throw typeError('shape', 'a list of two integers', shape);
    const [rows, columns] = shape.map((n, i) => checkInteger(n, `shape[${i}]`, { min: 1, max: 2 ** 31 - 1 }));
    this.shape = Object.freeze([rows, columns] as const);
    this.indptr = vector(indptr, 'indptr');
    this.indices = columnNumbers(indices, columns);
    this.data = vector(data, 'data');
    native.csrCheck(...this.csrArgs());
    Object.freeze(this);
  }

  /** The elements of a matrix that are not 0. */
  static fromDense(matrix: ArrayInput): SparseMatrix {
    const { data, shape, ndim } = toNdArray(matrix, 'matrix', 'float64');
    if (ndim !== 2) throw shapeError('matrix', 'a matrix', shapeText(shape));
    const handle = native.iafMatrixDense(shape[0], shape[1], data);
    const [, , nnz] = native.iafMatrixInfo(handle);
    const indptr = allocate([shape[0] + 1], 'the row ends');
    const indices = allocate([nnz], 'the columns', 'int32') as Int32Array;
    const values = allocate([nnz], 'the values');
    native.iafMatrixRead(handle, indptr, indices, values);
    native.releaseHandle(handle);
    return new SparseMatrix({ shape, indptr, indices, data: values });
  }

  /** Number of stored entries. */
  get nnz(): number {
    return this.indices.length;
  }

  /** The matrix with all its elements, in a new array. @throws RockpoolError `ERR_NOMEM` when that does not fit in memory. */
  toDense(): Matrix {
    const out = allocate(this.shape, 'the dense matrix');
    native.csrToDense(...this.csrArgs(), out);
    return new NdArray(out, this.shape);
  }

  /** The parts as plain lists; `new SparseMatrix` takes them. */
  toJSON(): { shape: number[]; indptr: number[]; indices: number[]; data: number[] } {
    return {
      shape: [...this.shape],
      indptr: Array.from(this.indptr),
      indices: Array.from(this.indices),
      data: Array.from(this.data),
    };
  }

  toString(): string {
    return `SparseMatrix ${shapeText(this.shape)} with ${this.nnz} entries`;
  }

  /** @internal The matrix as native arguments. */
  csrArgs(): CsrArgs {
    return [this.shape[0], this.shape[1], this.indptr, this.indices, this.data];
  }
}

function vector(value: unknown, name: string): Float64Array {
  if (value === null || value === undefined) throw typeError(name, 'a list of numbers', value);
  const array = toNdArray(value, name, 'float64');
  if (array.ndim > 1) throw shapeError(name, 'a vector', shapeText(array.shape));
  return array.data;
}

function columnNumbers(value: unknown, columns: number): Int32Array {
  if (value instanceof Int32Array) return toNdArray(value, 'indices', 'int32').data as Int32Array;
  const numbers = vector(value, 'indices');
  const out = allocate([numbers.length], 'the columns', 'int32') as Int32Array;
  native.csrColumns(numbers, columns, out);
  return out;
}
