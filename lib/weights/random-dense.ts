/** Dense random matrices. */
import { allocate, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptions, rangeError } from '../check.js';
import { warn } from '../warnings.js';
import { maxDense, type RandomOptions, seedOf, suppliedWeights, type WeightFct } from './common.js';
import { scaleDense } from './spectrum.js';

export { seedOf, type RandomOptions } from './common.js';

/** Options of {@link unitLambdaNet}. */
export interface UnitLambdaNetOptions extends RandomOptions {
  /** Scale the matrix so that its spectral radius is 1 within rounding. Takes time like the cube of the size. Default false. */
  exact?: boolean;
}

/** @internal Independent normals; different streams of a seed are independent. */
export function normalMatrix(
  rows: number,
  columns: number,
  { mean, std }: { mean: number; std: number },
  seed: number,
  stream = 0,
): Matrix {
  const out = allocate([rows, columns], 'the weights');
  native.normalMatrix(seed, stream, columns, mean, std, out);
  return new NdArray(out, [rows, columns]);
}

/**
 * A dense random recurrent matrix, `resSize` x `resSize`, whose elements are independent normals with the standard deviation
 * 1 / sqrt(`resSize`). Its spectral radius is about 1, the more exactly the larger it is, and 1 with `exact`.
 *
 * Draws: stream 0, row i is step i.
 */
export function unitLambdaNet(resSize: number, options: UnitLambdaNetOptions = {}): Matrix {
  const n = checkInteger(resSize, 'resSize', { min: 1, max: maxDense });
  const given = checkOptions<UnitLambdaNetOptions>(options, 'options', ['seed', 'rng', 'exact']);
  const exact = checkBoolean(given.exact ?? false, 'exact');
  const weights = normalMatrix(n, n, { mean: 0, std: 1 / Math.sqrt(n) }, seedOf(given));
  if (exact) scaleDense(weights.data, n, 1);
  return weights;
}

/** Options of {@link rndmEiNet}. */
export interface RndmEiNetOptions extends RandomOptions {
  /** Total inhibition of each neuron in units of its total excitation; the sign does not matter. Default 1. */
  ratioInhExc?: number;
  /** Supplies the weights before the signs are sorted out, for the shape [n, n]. Default: normals / sqrt(n). */
  weightFct?: WeightFct;
  /**
   * What becomes of a column without any element of the sign that its part has: `zero` leaves that part 0 and warns, `redraw` draws it
   * again (not with `weightFct`). Default `zero`.
   */
  emptyColumns?: 'zero' | 'redraw';
}

function warnEmpty(count: number, what: string): void {
  if (count > 0) warn('EMPTY_WEIGHTS', `${count} ${what} no weight of the right sign and are left 0`);
}

/**
 * A random matrix of `numExc` excitatory neurons, then `numInh` inhibitory ones: every neuron receives the total excitation 1 and the
 * total inhibition -|`ratioInhExc`|.
 *
 * Draws: stream 0, row i is step i; columns that are drawn again: streams 1 (excitatory part) and 2, column j is step j.
 */
export function rndmEiNet(numExc: number, numInh: number, options: RndmEiNetOptions = {}): Matrix {
  const exc = checkInteger(numExc, 'numExc', { min: 0, max: maxDense });
  const inh = checkInteger(numInh, 'numInh', { min: 0, max: maxDense });
  const n = exc + inh;
  if (n < 1 || n > maxDense) throw rangeError('numExc + numInh', `from 1 to ${maxDense}`, n);
  const names = ['seed', 'rng', 'ratioInhExc', 'weightFct', 'emptyColumns'];
  const given = checkOptions<RndmEiNetOptions>(options, 'options', names);
  const ratio = checkNumber(given.ratioInhExc ?? 1, 'ratioInhExc');
  const empty = checkOneOf(given.emptyColumns ?? 'zero', 'emptyColumns', ['zero', 'redraw']);
  if (empty === 'redraw' && given.weightFct !== undefined)
    throw rangeError('emptyColumns', "'zero' with a weightFct, which is called once", empty);
  const seed = seedOf(given);
  const data = given.weightFct
    ? suppliedWeights(given.weightFct, [n, n])
    : normalMatrix(n, n, { mean: 0, std: 1 / Math.sqrt(n) }, seed).data;
  warnEmpty(native.balanceEi(data, exc, inh, ratio, empty === 'redraw', seed), 'columns have');
  return new NdArray(data, [n, n]);
}

/** Options of {@link wilsonCowanNet}. */
export interface WilsonCowanNetOptions extends RandomOptions {
  /** Added to the diagonal of the excitatory blocks, 0 or more. Default 1. */
  selfExc?: number;
  /** Its magnitude is subtracted from the diagonal of the inhibitory blocks. Default 1. */
  selfInh?: number;
  /** Weight of the random part of the excitatory blocks against `selfExc`, 0 or more. Default 1. */
  excSigma?: number;
  /** The same of the inhibitory blocks. Default 1. */
  inhSigma?: number;
  /** Supplies the random part, [post, pre], of one block at a time: called four times for [n, n]. Default: normals / sqrt(n). */
  weightFct?: WeightFct;
}

/**
 * Coupled excitatory and inhibitory nodes, 2 `numNodes` x 2 `numNodes`: first the excitatory units, then the inhibitory ones. In each
 * of the four blocks the weights of a presynaptic unit add up to 1 / sqrt(2 pi) + `selfExc`, or to -(1 / sqrt(2 pi) + |`selfInh`|).
 *
 * Draws: streams 0 to 3 for the blocks from excitatory to excitatory, excitatory to inhibitory, inhibitory to excitatory, inhibitory to
 * inhibitory; the row of a postsynaptic unit i is step i.
 */
export function wilsonCowanNet(numNodes: number, options: WilsonCowanNetOptions = {}): Matrix {
  const n = checkInteger(numNodes, 'numNodes', { min: 1, max: maxDense / 2 });
  const names = ['seed', 'rng', 'selfExc', 'selfInh', 'excSigma', 'inhSigma', 'weightFct'];
  const given = checkOptions<WilsonCowanNetOptions>(options, 'options', names);
  const selfExc = checkNumber(given.selfExc ?? 1, 'selfExc', { min: 0 });
  const selfInh = checkNumber(given.selfInh ?? 1, 'selfInh');
  const excSigma = checkNumber(given.excSigma ?? 1, 'excSigma', { min: 0 });
  const inhSigma = checkNumber(given.inhSigma ?? 1, 'inhSigma', { min: 0 });
  const seed = seedOf(given);
  const draws = allocate([4, n, n], 'the draws');
  for (let block = 0; block < 4; block++) {
    const part = draws.subarray(block * n * n, (block + 1) * n * n);
    if (given.weightFct) part.set(suppliedWeights(given.weightFct, [n, n]));
    else native.normalMatrix(seed, block, n, 0, 1 / Math.sqrt(n), part);
  }
  const out = allocate([2 * n, 2 * n], 'the weights');
  warnEmpty(native.wilsonCowan(n, selfExc, selfInh, excSigma, inhSigma, draws, out), 'rows of blocks have');
  return new NdArray(out, [2 * n, 2 * n]);
}
