/** Transforms of parameters, with their derivatives. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkFunction, checkNumber, checkOptions } from '../../check.js';
import { dropped, integers, type IntQuantOptions, type Range, roundLevels, type RoundingOptions } from './functions.js';

/** Which random numbers a transform gets: they depend on both and on the place in the array. */
export interface TransformKey {
  seed: number;
  /** Another one in each step of a training. */
  step: number;
}

/** @internal The key of array `i` of a tree, for which all random numbers are others. */
export function keyOfLeaf({ seed, step }: TransformKey, i: number): TransformKey {
  return { seed: (seed + i) % 2 ** 53, step };
}

/** What a parameter becomes while a module evolves. */
export interface ParameterTransform {
  /** The transformed value, of the same shape. */
  apply(value: Matrix, key: TransformKey): Matrix;
  /**
   * The derivative by the value from that by the transformed one. Default: the same, straight through, as for rounding, whose own derivative
   * is 0 almost everywhere.
   */
  gradient?(gradient: Matrix, value: Matrix, key: TransformKey): Matrix;
}

function times(gradient: Matrix, factor: number): Matrix {
  if (factor === 1) return gradient;
  const out = NdArray.zeros(gradient.shape);
  native.scaleArray(factor, gradient.data, out.data);
  return out;
}

/** A function of an array, with a derivative that passes straight through it. */
export function straightThrough(fn: (value: Matrix) => Matrix): ParameterTransform {
  checkFunction(fn, 'fn');
  return { apply: (value) => NdArray.from(fn(value), 'what the transform returned') };
}

/** `intQuant`; straight through but for the scale. */
export function intQuantTransform(options?: IntQuantOptions): ParameterTransform {
  const names = ['nBits', 'maintainZero', 'mapToMax', 'maxNBits'];
  const given = checkOptions<IntQuantOptions>(options, 'options', names);
  integers(NdArray.zeros([1]), given); // wrong options are refused now
  return {
    apply: (value) => integers(value, given).value,
    gradient: (gradient, value) => times(gradient, integers(value, given).scale),
  };
}

/** Options of {@link roundingTransform}. */
export interface RoundingTransformOptions extends RoundingOptions {
  /** Up or down at random. Default false: to the nearest. */
  stochastic?: boolean;
}

/** `deterministicRounding` or `stochasticRounding`; straight through but for the ratio of the ranges. */
export function roundingTransform(options?: RoundingTransformOptions): ParameterTransform {
  const names = ['inputRange', 'outputRange', 'numLevels', 'maintainZero', 'stochastic'];
  const { stochastic = false, ...given } = checkOptions<RoundingTransformOptions>(options, 'options', names);
  const round = (value: Matrix, key: TransformKey) => roundLevels(value, given, { stochastic, columns: 1, ...key });
  round(NdArray.zeros([1]), { seed: 0, step: 0 });
  return {
    apply: (value, key) => round(value, key).value,
    gradient: (gradient, value, key) => times(gradient, round(value, key).slope[0]),
  };
}

/** floor(p), and 1 more with the probability of what that takes off; straight through. */
export function stochasticQuantizeTransform(): ParameterTransform {
  return {
    apply: (value, { seed, step }) => {
      const out = NdArray.zeros(value.shape);
      native.roundAtRandom(value.data, seed, step, out.data);
      return out;
    },
  };
}

/** Each element 0 with a probability, independently of all others. */
export function dropoutTransform(prob = 0.5): ParameterTransform {
  checkNumber(prob, 'prob', { min: 0, max: 1 });
  return {
    apply: (value, key) => dropped(value, prob, key),
    gradient: (gradient, _value, key) => dropped(gradient, prob, key),
  };
}

/** Decays that shifts of bits make, see `tDecay`; straight through. */
export function bitshiftTransform(): ParameterTransform {
  return {
    apply: (value) => {
      const out = NdArray.zeros(value.shape);
      native.roundDecays(value.data, out.data);
      return out;
    },
  };
}

/** Options of {@link mismatchTransform} and {@link mismatchGenerator}. */
export interface MismatchOptions {
  /** The share of a value that its deviations hardly exceed. Default 0.3. */
  percentDeviation?: number;
  /** How many standard deviations that is. Default 3. */
  sigmaRule?: number;
}

/** @internal The standard deviation as a share of the value. */
export function mismatchDeviation(options: MismatchOptions | undefined): number {
  const { percentDeviation = 0.3, sigmaRule = 3 } = checkOptions<MismatchOptions>(options, 'options', [
    'percentDeviation',
    'sigmaRule',
  ]);
  return (
    checkNumber(percentDeviation, 'percentDeviation', { min: 0 }) /
    checkNumber(sigmaRule, 'sigmaRule', { positive: true })
  );
}

/** @internal Standard normals times a deviation. */
export function normals(length: number, deviation: number, { seed, step }: TransformKey): Float64Array {
  const out = new Float64Array(length);
  native.randomFill('normal', seed, mismatchStream, step, 0, out);
  native.scaleArray(deviation, out, out);
  return out;
}

const mismatchStream = 0x6d69736d;

/** p (1 + deviation N), N a standard normal of its own for each element: what differences between transistors do. */
export function mismatchTransform(options?: MismatchOptions): ParameterTransform {
  const deviation = mismatchDeviation(options);
  // p N and |p| N have the same distribution; the former is linear in p.
  const multiply = (value: Matrix, key: TransformKey): Matrix => {
    const ones = new Float64Array(value.size).fill(1);
    const factors = new Float64Array(value.size);
    native.perturb(ones, normals(value.size, deviation, key), factors);
    const out = NdArray.zeros(value.shape);
    native.combine(2, value.data, 1, value.size, factors, 1, value.size, 1, value.size, out.data);
    return out;
  };
  return { apply: multiply, gradient: (gradient, _value, key) => multiply(gradient, key) };
}

export type { Range };
