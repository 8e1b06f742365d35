/** Eigenvalues of weight matrices. */
import { type ArrayLike_ as ArrayInput, allocate, shapeText } from '../array.js';
import { native } from '../binding.js';
import { shapeError } from '../check.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import { squareMatrix } from './common.js';

/** Complex numbers. */
export interface Eigenvalues {
  real: Float64Array;
  imaginary: Float64Array;
}

/**
 * All eigenvalues of a square matrix, by falling real part; of a complex pair the one above the real axis comes first. Time grows like
 * the cube of the size: for large matrices see {@link spectralRadius}.
 *
 * @throws RangeError `ERR_SHAPE` for a matrix that is not square, `ERR_VALUE` for elements that are not finite.
 */
export function eigenvalues(matrix: ArrayInput | SparseMatrix): Eigenvalues {
  if (matrix instanceof SparseMatrix && matrix.shape[0] !== matrix.shape[1])
    throw shapeError('matrix', 'a square matrix', shapeText(matrix.shape));
  const { data, shape } = squareMatrix(matrix instanceof SparseMatrix ? matrix.toDense() : matrix, 'matrix');
  const [n] = shape;
  const [real, imaginary] = [allocate([n], 'the eigenvalues'), allocate([n], 'the eigenvalues')];
  native.eigenvalues(data, n, real, imaginary);
  return { real, imaginary };
}
