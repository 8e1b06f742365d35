/** Native functions of sparse matrices and delays. */

/** A sparse matrix as native arguments. */
export type CsrArgs = readonly [
  rows: number,
  columns: number,
  indptr: Float64Array,
  indices: Int32Array,
  /** One value for each index, or one for all. */
  data: Float64Array,
];

export interface NativeSparse {
  csrCheck(...matrix: CsrArgs): void;
  /** Column numbers from doubles. */
  csrColumns(values: Float64Array, columns: number, out: Int32Array): void;
  csrToDense(...args: [...CsrArgs, dense: Float64Array]): void;
  /** The elements of a dense matrix at the places of the entries. */
  csrGather(...args: [...CsrArgs, dense: Float64Array, values: Float64Array]): void;
  /** steps[k] = round(seconds[k] / dt) + extra; at most a million and `extra`. `name` is that of the argument in messages. */
  delaySteps(seconds: Float64Array, dt: number, extra: number, name: string, steps: Float64Array): void;
}
