/** Matrices made from given ones. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkOptions, shapeError } from '../check.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import { checkSize, denseMatrix, type Dense, type Sparse, sparseOf } from './common.js';

/**
 * One recurrent matrix [[0, weightsFf], [0, weightsRec]] from the weights of inputs (M x N) and those of a recurrent layer (N x N).
 * Sparse when asked for or when one of the two is.
 */
export function combineFfRecStack(
  weightsFf: ArrayInput | SparseMatrix,
  weightsRec: ArrayInput | SparseMatrix,
  options: Sparse,
): SparseMatrix;
export function combineFfRecStack(weightsFf: ArrayInput, weightsRec: ArrayInput, options?: Dense): Matrix;
export function combineFfRecStack(
  weightsFf: ArrayInput | SparseMatrix,
  weightsRec: ArrayInput | SparseMatrix,
  options?: Dense,
): Matrix | SparseMatrix;
export function combineFfRecStack(
  weightsFf: ArrayInput | SparseMatrix,
  weightsRec: ArrayInput | SparseMatrix,
  options: Sparse | Dense = {},
): Matrix | SparseMatrix {
  const given = checkOptions<Sparse | Dense>(options, 'options', ['sparse']);
  const anySparse = weightsFf instanceof SparseMatrix || weightsRec instanceof SparseMatrix;
  const sparse = checkBoolean(given.sparse ?? anySparse, 'sparse');
  const ff = weightsFf instanceof SparseMatrix ? weightsFf : denseMatrix(weightsFf, 'weightsFf');
  const rec = weightsRec instanceof SparseMatrix ? weightsRec : denseMatrix(weightsRec, 'weightsRec');
  const [m, n] = ff.shape;
  if (rec.shape[0] !== n || rec.shape[1] !== n)
    throw shapeError('weightsRec', `${n} x ${n} (as many as weightsFf has columns)`, shapeText(rec.shape));
  const size = checkSize(m + n, 'the sum of sizes', sparse);
  if (sparse) {
    const [a, b] = [ff, rec].map((w) => (w instanceof SparseMatrix ? w : SparseMatrix.fromDense(w)).csrArgs());
    return sparseOf([size, size], native.combineFfRecSparse(...a, ...b));
  }
  const out = allocate([size, size], 'the weights');
  native.combineFfRec(denseMatrix(ff, 'weightsFf').data, denseMatrix(rec, 'weightsRec').data, m, n, out);
  return new NdArray(out, [size, size]);
}

/** Options of {@link discretiseWeightMatrix}. */
export interface DiscretiseOptions {
  /** Connections that the strongest weight of each sign consists of. Default 3. */
  maxNumConnections?: number;
  /**
   * Of each column only the round(`maxNumInputs` / 2) strongest weights of each sign stay, of equal ones those of lower index. Default
   * null: all.
   */
  maxNumInputs?: number | null;
  /** The same for each row, after the columns. Default null. */
  maxNumOutputs?: number | null;
}

/** Result of {@link discretiseWeightMatrix}. */
export interface DiscretisedWeights {
  weights: Matrix;
  /** Connections, negative for inhibitory ones. */
  counts: NdArray<Int32Array>;
}

/**
 * Weights as whole multiples of one base weight for each sign: the strongest weight / `maxNumConnections`. Multiples are rounded half to
 * even.
 */
export function discretiseWeightMatrix(
  weights: ArrayInput | SparseMatrix,
  options: DiscretiseOptions = {},
): DiscretisedWeights {
  const names = ['maxNumConnections', 'maxNumInputs', 'maxNumOutputs'];
  const given = checkOptions<DiscretiseOptions>(options, 'options', names);
  const { data, shape } = denseMatrix(weights, 'weights');
  const connections = checkInteger(given.maxNumConnections ?? 3, 'maxNumConnections', { min: 1, max: 2 ** 31 - 1 });
  const limit = (value: number | null | undefined, name: string): number =>
    value === undefined || value === null ? -1 : checkInteger(value, name, { min: 0 });
  const inputs = limit(given.maxNumInputs, 'maxNumInputs');
  const outputs = limit(given.maxNumOutputs, 'maxNumOutputs');
  const out = allocate(shape, 'the weights');
  const counts = allocate(shape, 'the counts', 'int32') as Int32Array;
  native.discretiseWeights(data, shape[1], connections, inputs, outputs, out, counts);
  return { weights: new NdArray(out, shape), counts: new NdArray(counts, shape) };
}
