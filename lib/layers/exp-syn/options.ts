/** Options and checks of exponential synapses. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOneOf, rangeError, typeError } from '../../check.js';
import type { NoiseScaling, Precision } from '../rate-options.js';
import type { LayerOptions } from '../types.js';

/** Options of {@link FFExpSyn}. */
export interface FFExpSynOptions extends Omit<LayerOptions, 'dt'> {
  /** Added to the output: a number or one for each unit. Default 0. */
  bias?: ArrayInput;
  /** Time step in seconds; null for a tenth of `tauSyn`. Default 1e-4. */
  dt?: number | null;
  /** Time constant of the synapses in seconds. Default 5e-3. */
  tauSyn?: number;
  /** Every event counts; otherwise several events of one channel in a time step count once. Default true. */
  addEvents?: boolean;
  /** What `noiseStd` means. Default `'stationary'`. */
  noiseScaling?: NoiseScaling;
  /** What a step is computed in. Default `'float64'`. */
  precision?: Precision;
}

export const optionNames = [
  'weights',
  'bias',
  'dt',
  'noiseStd',
  'tauSyn',
  'name',
  'addEvents',
  'seed',
  'noiseScaling',
  'precision',
];

export function checkStationary(value: unknown): NoiseScaling {
  return checkOneOf<NoiseScaling>(value ?? 'stationary', 'noiseScaling', ['legacy', 'stationary']);
}

/** Refuses elements that are NaN or infinite. */
export function checkFinite(data: Float64Array, name: string): void {
  const at = native.firstNotFinite(data);
  if (at < data.length) throw rangeError(name, 'finite', data[at]);
}

const largestIdentity = 2 ** 16;

/** Weights of finite numbers; an integer is the size of an identity matrix. */
export function readWeights(value: unknown): ArrayInput {
  if (typeof value === 'number') {
    return identity(checkInteger(value, 'weights', { min: 1, max: largestIdentity }));
  }
  return finiteArray(value, 'weights');
}

/** The identity matrix. */
export function identity(n: number): Matrix {
  const data = allocate([n, n], 'the weights');
  for (let i = 0; i < n; i++) data[i * n + i] = 1;
  return new NdArray(data, [n, n]);
}

/** An array of finite numbers. */
export function finiteArray(value: unknown, name: string): NdArray<Float64Array> {
  if (value === null || value === undefined) throw typeError(name, 'an array of numbers', value);
  const array = toNdArray(value, name, 'float64');
  checkFinite(array.data, name);
  return array;
}

/** a + sign * b. */
export function plus(a: Float64Array, b: Float64Array, sign: 1 | -1): Float64Array {
  const n = a.length;
  const out = new Float64Array(n);
  native.combine(sign === 1 ? 0 : 1, a, 1, n, b, 1, n, 1, n, out);
  return out;
}

/** What a dictionary holds beyond the original's entries. */
export function extras(noiseScaling: NoiseScaling, precision: Precision): Record<string, string> {
  return {
    ...(noiseScaling !== 'stationary' && { noise_scaling: noiseScaling }),
    ...(precision !== 'float64' && { precision }),
  };
}
