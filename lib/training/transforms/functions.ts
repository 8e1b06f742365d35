/** Rounding, dropout and noise of arrays. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, rangeError, shapeError } from '../../check.js';
import { freshSeed } from '../../lazy.js';

/** Where random numbers come from. */
export interface RandomOptions {
  /** The same seed gives the same. Default: drawn anew. */
  seed?: number;
}

/** Options of {@link intQuant}. */
export interface IntQuantOptions {
  /** The largest size becomes 2^(nBits - 1) - 1. Default 8. */
  nBits?: number;
  /** 0 stays 0. Otherwise half the range of the values is taken off first. Default true. */
  maintainZero?: boolean;
  /** The largest size becomes 2^(maxNBits - 1) - 1 instead. Default false. */
  mapToMax?: boolean;
  /** Default 8. */
  maxNBits?: number;
}

/** Lowest and highest value. */
export type Range = readonly [low: number, high: number];

/** Options of {@link deterministicRounding}. */
export interface RoundingOptions {
  /** What is mapped to the output range. Default: as far to both sides of 0 as the values reach, or without `maintainZero` from the smallest to the largest. */
  inputRange?: Range;
  /** Default: the input range. */
  outputRange?: Range;
  /** Number of equally spaced levels, ends included. Default 256. */
  numLevels?: number;
  /** See `inputRange`. Default true. */
  maintainZero?: boolean;
}

/** Options of {@link stochasticRounding}. */
export type StochasticRoundingOptions = RoundingOptions & RandomOptions;

/** @internal What of it a gradient needs. */
export interface Rounded {
  value: Matrix;
  /** Output over input range, of each column or of all. */
  slope: Float64Array;
}

const roundingNames = ['inputRange', 'outputRange', 'numLevels', 'maintainZero'];

/** A seed and which use of it. */
interface Key {
  seed: number;
  step: number;
}

function keyOf({ seed }: RandomOptions): Key {
  return { seed: checkInteger(seed ?? freshSeed(), 'seed', { min: 0 }), step: 0 };
}

function rangeOf(range: Range | undefined, name: string): Float64Array | undefined {
  if (range === undefined) return undefined;
  const { data } = NdArray.from(range, name);
  if (data.length !== 2) throw shapeError(name, 'of two numbers', `${data.length}`);
  if (!(Number.isFinite(data[0]) && Number.isFinite(data[1]) && data[0] <= data[1]))
    throw rangeError(name, 'two finite numbers, the lower one first', range);
  return data;
}

/** @internal */
export function roundLevels(
  value: Matrix,
  options: RoundingOptions,
  how: { stochastic: boolean; columns: number } & Key,
): Rounded {
  const { inputRange, outputRange, numLevels = 256, maintainZero = true } = options;
  const out = NdArray.zeros(value.shape);
  const slope = new Float64Array(how.columns);
  native.roundToLevels(
    value.data,
    how.columns,
    checkInteger(numLevels, 'numLevels', { min: 2 }),
    checkBoolean(maintainZero, 'maintainZero'),
    how.stochastic,
    rangeOf(inputRange, 'inputRange'),
    rangeOf(outputRange, 'outputRange'),
    how.seed,
    how.step,
    out.data,
    slope,
  );
  return { value: out, slope };
}

/** @internal */
export function integers(value: Matrix, options: IntQuantOptions): { value: Matrix; scale: number } {
  const { nBits = 8, maintainZero = true, mapToMax = false, maxNBits = 8 } = options;
  const out = NdArray.zeros(value.shape);
  const bits = checkInteger(nBits, 'nBits', { min: 2, max: 53 });
  const most = checkInteger(maxNBits, 'maxNBits', { min: 2, max: 53 });
  const [zero, map] = [checkBoolean(maintainZero, 'maintainZero'), checkBoolean(mapToMax, 'mapToMax')];
  return { scale: native.roundToIntegers(value.data, bits, most, zero, map, out.data), value: out };
}

/** @internal */
export function dropped(value: Matrix, prob: number, { seed, step }: Key): Matrix {
  const out = NdArray.zeros(value.shape);
  native.dropElements(value.data, prob, seed, step, out.data);
  return out;
}

/** Integers of `nBits` bits, the largest size at the end of their range. Values that are all 0 stay so. */
export function intQuant(value: ArrayInput, options?: IntQuantOptions): Matrix {
  const names = ['nBits', 'maintainZero', 'mapToMax', 'maxNBits'];
  return integers(NdArray.from(value), checkOptions<IntQuantOptions>(options, 'options', names)).value;
}

/** The nearest of equally spaced levels (half to even), mapped from an input to an output range. Values of no range stay as they are. */
export function deterministicRounding(value: ArrayInput, options?: RoundingOptions): Matrix {
  const given = checkOptions<RoundingOptions>(options, 'options', roundingNames);
  return roundLevels(NdArray.from(value), given, { stochastic: false, columns: 1, seed: 0, step: 0 }).value;
}

/** The level below or above, the nearer one more often, such that the mean is the value itself. */
export function stochasticRounding(value: ArrayInput, options?: StochasticRoundingOptions): Matrix {
  const given = checkOptions<StochasticRoundingOptions>(options, 'options', [...roundingNames, 'seed']);
  return roundLevels(NdArray.from(value), given, { stochastic: true, columns: 1, ...keyOf(given) }).value;
}

/** {@link stochasticRounding} of a matrix, each column from a range of its own to `outputRange`. */
export function stochasticChannelRounding(
  value: ArrayInput,
  options: Omit<StochasticRoundingOptions, 'inputRange'> & { outputRange: Range },
): Matrix {
  const given = checkOptions<StochasticRoundingOptions>(options, 'options', [...roundingNames.slice(1), 'seed']);
  const array = NdArray.from(value);
  if (array.ndim !== 2) throw shapeError('value', 'a matrix', `${array.ndim} dimensions`);
  if (given.outputRange === undefined) throw rangeError('outputRange', 'given', undefined);
  return roundLevels(array, given, { stochastic: true, columns: array.shape[1], ...keyOf(given) }).value;
}

/** Each element 0 with a probability, independently. Default 0.5. The rest is not scaled. */
export function dropout(value: ArrayInput, prob = 0.5, options?: RandomOptions): Matrix {
  checkNumber(prob, 'prob', { min: 0, max: 1 });
  return dropped(NdArray.from(value), prob, keyOf(checkOptions<RandomOptions>(options, 'options', ['seed'])));
}

/** The nearest decay 1 - 2^-k that a shift by k bits makes: k = max(0, round(log2(tau / dt))), tau = -dt / log(decay). */
export function tDecay(decay: ArrayInput): Matrix {
  const array = NdArray.from(decay);
  const out = NdArray.zeros(array.shape);
  native.roundDecays(array.data, out.data);
  return out;
}
