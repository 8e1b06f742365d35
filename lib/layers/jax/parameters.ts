/** Parameters that the layers with Jax in their names share. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions, rangeError, shapeError, typeError } from '../../check.js';
import { mergeArguments } from '../arguments.js';

/** A copy of a matrix of finite numbers; `rows` and `columns` where they are given, `what` says so in words. */
export function checkMatrix(value: unknown, name: string, rows?: number, columns?: number, what = 'a matrix'): Matrix {
  const expected = rows === undefined ? what : `${rows} x ${columns ?? 'any'} (${what})`;
  if (value === null || value === undefined) throw typeError(name, expected, value);
  const { data, shape } = toNdArray(value, name, 'float64');
  const fits =
    shape.length === 2 &&
    data.length > 0 &&
    (rows === undefined || shape[0] === rows) &&
    (columns === undefined || shape[1] === columns);
  if (!fits) throw shapeError(name, expected, shapeText(shape));
  const wrong = native.firstNotFinite(data);
  if (wrong < data.length) throw rangeError(name, 'finite', data[wrong]);
  return new NdArray(data.slice(), shape);
}

/** A square matrix. */
export function checkSquare(value: unknown, name: string): Matrix {
  const matrix = checkMatrix(value, name, undefined, undefined, 'a square matrix');
  if (matrix.shape[0] !== matrix.shape[1]) throw shapeError(name, 'a square matrix', shapeText(matrix.shape));
  return matrix;
}

/**
 * Weights of a layer with `wIn`, and with the others where `has` says so. Sizes follow from the recurrent weights, else from the input
 * weights.
 */
export function ioWeights(
  o: { wIn: ArrayInput; wRecurrent?: ArrayInput; wOut?: ArrayInput },
  has: { recurrent?: true; out?: true },
) {
  const wRecurrent = has.recurrent ? checkSquare(o.wRecurrent, 'wRecurrent') : null;
  const wIn = checkMatrix(o.wIn, 'wIn', undefined, wRecurrent?.shape[0], 'sizeIn x size');
  const wOut = has.out ? checkMatrix(o.wOut, 'wOut', wIn.shape[1], undefined, 'size x sizeOut') : null;
  return { wIn, wRecurrent, wOut };
}

/** The arguments of a constructor whose weights (`names`) come first or are among the options, checked for unknown names. */
export function readArguments<O extends object>(
  args: readonly unknown[],
  names: readonly (keyof O & string)[],
  optionNames: readonly string[],
): O {
  return checkOptions<O>(mergeArguments<O>(args, names), 'options', [...names, ...optionNames]) as O;
}

/** Finite numbers, one for each unit. */
export function checkFiniteVector(values: Float64Array, name: string): Float64Array {
  const wrong = values.find((v) => !Number.isFinite(v));
  if (wrong !== undefined) throw rangeError(name, 'finite', wrong);
  return values;
}

/** Time constants, one for each unit. */
export function checkTimeConstants(values: Float64Array, name: string): Float64Array {
  const wrong = values.find((v) => !(v > 0 && v < Infinity));
  if (wrong !== undefined) throw rangeError(name, 'finite numbers greater than 0', wrong);
  return values;
}

/** The time step must resolve the fastest unit by this factor. */
export const stepsPerTau = 10;

/** Whether a time step is above a tenth of the smallest time constant, by more than rounding. */
export function isCoarse(dt: number, smallestTau: number): boolean {
  return dt > (smallestTau / stepsPerTau) * (1 + 1e-8);
}

/** @throws RangeError for a time step above a tenth of the smallest time constant, which `name` names. */
export function checkResolved(dt: number, smallestTau: number, name: string): void {
  if (isCoarse(dt, smallestTau))
    throw rangeError('dt', `at most a tenth of the smallest ${name}, ${smallestTau / stepsPerTau}`, dt);
}

const words = 2 ** 32;

/** The seed that a random key of the original (two words of 32 bits) stands for; the upper 11 bits do not count. */
export function seedOf(options: {
  seed?: number | undefined;
  rngKey?: ArrayInput | null | undefined;
}): number | undefined {
  const { seed, rngKey } = options;
  if (seed !== undefined || rngKey === undefined || rngKey === null) return seed;
  const { data } = toNdArray(rngKey, 'rngKey', 'float64');
  if (data.length !== 2) throw shapeError('rngKey', '2 integers', `${data.length} numbers`);
  const [high, low] = Array.from(data, (word) => checkInteger(word, 'rngKey', { min: 0, max: words - 1 }));
  return (high % 2 ** 21) * words + low;
}

/** The random key that stands for a seed. */
export function rngKeyOf(seed: number): [number, number] {
  return [Math.floor(seed / words), seed % words];
}
