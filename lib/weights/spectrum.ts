/** Spectral radius, scaling to it, and the removal of modes. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, checkOneOf, checkOptions, rangeError, shapeError } from '../check.js';
import type { CsrArgs } from '../synapses/native.js';
import { SparseMatrix } from '../synapses/sparse-matrix.js';
import { warn } from '../warnings.js';
import { squareMatrix } from './common.js';
import type { NativeRadius } from './native.js';

/** Up to this size all eigenvalues are computed. */
const largestDense = 2000;

/** How {@link spectralRadius} works. */
export interface SpectralRadiusOptions {
  /**
   * `dense`: all eigenvalues, by Hessenberg reduction and QR; time grows like the cube of the size. `krylov`: the largest by restarted
   * Arnoldi iteration. Default `auto`: `dense` up to a size of 2000.
   */
  method?: 'auto' | 'dense' | 'krylov';
  /** Of `krylov`: the residual |A x - lambda x| / (|lambda| |x|) at which it ends. Default 1e-10. */
  tolerance?: number;
  /** Of `krylov`: it gives up after so many products with the matrix. Default 5000, from 16000 rows on 8e7 / rows, at least 200. */
  maxProducts?: number;
}

/** What {@link spectralRadius} found. */
export interface SpectralRadius {
  /** The largest magnitude of the eigenvalues. */
  radius: number;
  /** |A x - lambda x| / (|lambda| |x|), of `krylov`; 0 of `dense`. */
  residual: number;
  /** False when `krylov` gave up before the residual was small; `radius` is then its best estimate. */
  converged: boolean;
  method: 'dense' | 'krylov';
}

const defaultTolerance = 1e-10;

/** What can be done in about a minute. */
const defaultProducts = (n: number): number => Math.min(5000, Math.max(200, Math.round(8e7 / n)));

function ofCsr(args: CsrArgs, method: 'dense' | 'krylov', tolerance: number, maxProducts: number): NativeRadius {
  if (method === 'krylov') return native.krylovRadiusSparse(...args, tolerance, maxProducts);
  const dense = allocate([args[0], args[0]], 'the dense matrix');
  native.csrToDense(...args, dense);
  return ofDense(dense, args[0], method, tolerance, maxProducts);
}

function ofDense(
  data: Float64Array,
  n: number,
  method: 'dense' | 'krylov',
  tolerance: number,
  maxProducts: number,
): NativeRadius {
  if (method === 'krylov') return native.krylovRadius(data, n, tolerance, maxProducts);
  return { radius: native.spectralRadius(data, n), residual: 0, products: 0, converged: true };
}

/**
 * The spectral radius of a square matrix: the largest magnitude of its eigenvalues, single ones or complex pairs.
 *
 * @throws RangeError `ERR_SHAPE` for a matrix that is not square, `ERR_VALUE` for elements that are not finite.
 */
export function spectralRadius(matrix: ArrayInput | SparseMatrix, options: SpectralRadiusOptions = {}): SpectralRadius {
  const given = checkOptions<SpectralRadiusOptions>(options, 'options', ['method', 'tolerance', 'maxProducts']);
  const asked = checkOneOf(given.method ?? 'auto', 'method', ['auto', 'dense', 'krylov']);
  const tolerance = checkNumber(given.tolerance ?? defaultTolerance, 'tolerance', { min: 1e-15, max: 1 });
  const square = matrix instanceof SparseMatrix ? matrix : squareMatrix(matrix, 'matrix');
  const n = square.shape[0];
  if (square.shape[1] !== n) throw shapeError('matrix', 'a square matrix', shapeText(square.shape));
  const maxProducts = checkInteger(given.maxProducts ?? defaultProducts(n), 'maxProducts', { min: 1 });
  const method = asked === 'auto' ? (n > largestDense ? 'krylov' : 'dense') : asked;
  const { radius, residual, converged } =
    square instanceof SparseMatrix
      ? ofCsr(square.csrArgs(), method, tolerance, maxProducts)
      : ofDense(square.data, n, method, tolerance, maxProducts);
  return { radius, residual, converged, method };
}

function factorFor({ radius, residual, converged }: NativeRadius, target: number, quantity: string): number {
  if (!converged)
    warn(
      'SPECTRAL_RADIUS_NOT_CONVERGED',
      `the ${quantity} was found with a residual of ${residual.toExponential(1)} only; the weights are scaled by it`,
    );
  if (radius > 0 && Number.isFinite(target / radius)) return target / radius;
  warn('ZERO_SPECTRAL_RADIUS', `the drawn matrix has a ${quantity} of 0 and is left as it is`);
  return 1;
}

/** @internal Scales a square matrix to a spectral radius; returns the factor. */
export function scaleDense(data: Float64Array, n: number, target: number): number {
  const method = n > largestDense ? 'krylov' : 'dense';
  const found = ofDense(data, n, method, defaultTolerance, defaultProducts(n));
  const factor = factorFor(found, target, 'spectral radius');
  native.scaleInPlace(data, factor);
  return factor;
}

/** @internal The same of compressed rows. Of a matrix that is not square the largest singular value, with a warning. */
export function scaleCsr(args: CsrArgs, target: number): number {
  const [rows, columns] = args;
  const limits = [defaultTolerance, defaultProducts(Math.min(rows, columns))] as const;
  let factor: number;
  if (rows === columns) {
    const found = ofCsr(args, rows > largestDense ? 'krylov' : 'dense', ...limits);
    factor = factorFor(found, target, 'spectral radius');
  } else {
    warn('NOT_SQUARE', 'a matrix that is not square has no eigenvalues: its largest singular value is scaled instead');
    factor = factorFor(native.largestSingularValue(...args, ...limits), target, 'largest singular value');
  }
  native.scaleInPlace(args[4], factor);
  return factor;
}

/** Options of {@link wipeNonSwitchingEigs}. */
export interface WipeNonSwitchingEigsOptions {
  /** The inhibitory neurons, as row numbers. Default none. */
  idcsInh?: ArrayInput | null;
  /** Time constant of the inhibitory neurons in units of that of the others. Default 1. */
  inhTauFactor?: number;
  /** What the weights are multiplied by at the end. Default 30 * `inhTauFactor`, as the original does; 1 keeps their size. */
  scale?: number;
}

/** Result of {@link wipeNonSwitchingEigs}. */
export interface WipedWeights {
  weights: Matrix;
  /** The Jacobian without the modes. */
  jacobian: Matrix;
  /** How many eigenvalues were set to 0. */
  numWiped: number;
}

function rowNumbers(value: ArrayInput | null | undefined, n: number): Int32Array {
  if (value === undefined || value === null) return new Int32Array(0);
  const { data, ndim, shape } = toNdArray(value, 'idcsInh', 'float64');
  if (ndim !== 1) throw shapeError('idcsInh', 'a list of row numbers', shapeText(shape));
  const rows = Int32Array.from(data);
  const wrong = rows.findIndex((row, i) => row !== data[i] || row < 0 || row >= n || rows.indexOf(row) !== i);
  if (wrong >= 0) throw rangeError('idcsInh', `different integers from 0 to ${n - 1}`, data[wrong]);
  return rows;
}

/**
 * Removes from a network the modes of the linearised dynamics in which all units move in the same direction, so that its activity can
 * only switch between groups of units. The Jacobian is J = W - I, with the inhibitory rows divided by `inhTauFactor`. A mode counts
 * when its eigenvector, turned so that the largest element is real, has only elements with a real part of one sign; the eigenvalue with
 * the largest real part and the largest real eigenvalue always stay, complex pairs go together.
 *
 * @throws RockpoolError `ERR_SINGULAR` when such a mode is defective (has no eigenvector of its own).
 */
export function wipeNonSwitchingEigs(
  weights: ArrayInput | SparseMatrix,
  options: WipeNonSwitchingEigsOptions = {},
): WipedWeights {
  const given = checkOptions<WipeNonSwitchingEigsOptions>(options, 'options', ['idcsInh', 'inhTauFactor', 'scale']);
  const { data, shape } = squareMatrix(weights, 'weights');
  const factor = checkNumber(given.inhTauFactor ?? 1, 'inhTauFactor', { positive: true });
  const scale = checkNumber(given.scale ?? 30 * factor, 'scale');
  const rows = rowNumbers(given.idcsInh, shape[0]);
  const [out, jacobian] = [allocate(shape, 'the weights'), allocate(shape, 'the Jacobian')];
  const numWiped = native.wipeNonSwitching(data, shape[0], rows, factor, scale, out, jacobian);
  return { weights: new NdArray(out, shape), jacobian: new NdArray(jacobian, shape), numWiped };
}
