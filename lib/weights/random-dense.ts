/** Dense random matrices. */
import { freshSeed } from '../lazy.js';
import { allocate, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkFunction, checkInteger, checkNumber, checkOptions } from '../check.js';
import { warn } from '../warnings.js';

/** Where the random numbers of a weight generator come from. */
export interface RandomOptions {
  /** An integer from 0 to 2^53 - 1: the same seed gives the same matrix on every machine. Default: a new one each time. */
  seed?: number;
  /** A source of uniform numbers in [0, 1), such as `Math.random`, from which one seed is drawn. Default: none. */
  rng?: () => number;
}

/** Options of {@link unitLambdaNet}. */
export interface UnitLambdaNetOptions extends RandomOptions {
  /** Scale the matrix so that its spectral radius is 1 within rounding. Takes time like the cube of the size. Default false. */
  exact?: boolean;
}

/** The seed that options ask for. */
export function seedOf({ seed, rng }: RandomOptions): number {
  if (seed !== undefined) return checkInteger(seed, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (rng === undefined) return freshSeed();
  const draw = checkNumber(checkFunction<() => number>(rng, 'rng')(), 'the value of rng()', { min: 0, max: 1 });
  return Math.min(Math.floor(draw * 2 ** 53), Number.MAX_SAFE_INTEGER);
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
 */
export function unitLambdaNet(resSize: number, options: UnitLambdaNetOptions = {}): Matrix {
  const n = checkInteger(resSize, 'resSize', { min: 1, max: 32768 });
  const given = checkOptions<UnitLambdaNetOptions>(options, 'options', ['seed', 'rng', 'exact']);
  const exact = checkBoolean(given.exact ?? false, 'exact');
  const weights = normalMatrix(n, n, { mean: 0, std: 1 / Math.sqrt(n) }, seedOf(given));
  if (!exact) return weights;
  const radius = native.spectralRadius(weights.data, n);
  if (radius > 0) native.scaleInPlace(weights.data, 1 / radius);
  else warn('ZERO_SPECTRAL_RADIUS', 'the drawn matrix has a spectral radius of 0 and is left as it is');
  return weights;
}
