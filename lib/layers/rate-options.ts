/** Options that the rate layers share. */
import { allocate, type ArrayLike_ as ArrayInput, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkOneOf, describe, rangeError, shapeError, typeError } from '../check.js';

/** Activations that are computed in the core: max(0, x), tanh x, (tanh x + 1) / 2, x. */
export type ActivationName = 'relu' | 'tanh' | 'sigmoid' | 'linear';

/** An activation of your own: gets the vector of all units and returns as many numbers. */
export type ActivationFunction = (x: Float64Array) => ArrayInput;

/** A name or a function. Names are also read in the spellings of the original (`H_ReLU`, `sig`, `identity`). */
export type Activation = ActivationName | ActivationFunction;

/** What a step is computed in: `float32` reads half the memory and is good to about seven digits. */
export type Precision = 'float64' | 'float32';

/**
 * What `noiseStd` means. `legacy`: as in the original, where the free state has the standard deviation
 * `noiseStd / sqrt(1 - dt / (2 tau))`; `stationary`: exactly `noiseStd`.
 */
export type NoiseScaling = 'legacy' | 'stationary';

const names: Readonly<Record<string, ActivationName>> = {
  relu: 'relu',
  h_relu: 'relu',
  re_lu: 'relu',
  tanh: 'tanh',
  h_tanh: 'tanh',
  sigmoid: 'sigmoid',
  sig: 'sigmoid',
  h_sigmoid: 'sigmoid',
  linear: 'linear',
  identity: 'linear',
};

/** Checks an activation; a known name in any spelling becomes an {@link ActivationName}. */
export function checkActivation(value: unknown, name: string): Activation {
  if (typeof value === 'function') return value as ActivationFunction;
  const what = "'relu', 'tanh', 'sigmoid', 'linear' or a function";
  if (typeof value !== 'string') throw typeError(name, what, value);
  const known = names[value.toLowerCase()];
  if (known === undefined) throw rangeError(name, what, value);
  return known;
}

export function checkPrecision(value: unknown): Precision {
  return checkOneOf<Precision>(value ?? 'float64', 'precision', ['float64', 'float32']);
}

export function checkNoiseScaling(value: unknown): NoiseScaling {
  return checkOneOf<NoiseScaling>(value ?? 'legacy', 'noiseScaling', ['legacy', 'stationary']);
}

/** A copy of one number or of `size` numbers, not expanded. Each must be finite. */
export function checkVector(value: unknown, name: string, size: number): Float64Array {
  if (value === null || value === undefined) throw typeError(name, 'a number or an array of numbers', value);
  const array = toNdArray(value, name, 'float64');
  if (array.size !== 1 && array.size !== size) {
    throw shapeError(
      name,
      `a number or ${size} numbers`,
      array.ndim === 1 ? `${array.size} numbers` : shapeText(array.shape),
    );
  }
  if (!array.data.every(Number.isFinite))
    throw rangeError(
      name,
      'finite',
      array.data.find((v) => !Number.isFinite(v)),
    );
  return array.data.slice();
}

/** The smallest element. */
export function smallest(values: Float64Array): number {
  return values.reduce((least, v) => Math.min(least, v), Infinity);
}

/** H(x) in a new array. @throws TypeError or RangeError when a function of the user's returns something else than as many numbers. */
export function activate(activation: Activation, x: Float64Array): Float64Array {
  if (typeof activation === 'function') {
    const result: unknown = activation(x.slice());
    if (result === null || result === undefined)
      throw typeError('the result of activationFunc', `${x.length} numbers`, result);
    const array = toNdArray(result, 'the result of activationFunc', 'float64');
    if (array.size !== x.length)
      throw shapeError('the result of activationFunc', `${x.length} numbers`, describe(array));
    return array.data;
  }
  const out = new Float64Array(x.length);
  native.applyActivation(activation, x, out);
  return out;
}

/** The name under which a dictionary holds an activation. @throws TypeError for a function. */
export function storedActivation(activation: Activation): ActivationName {
  if (typeof activation === 'function') {
    throw typeError(
      'activationFunc',
      "'relu', 'tanh', 'sigmoid' or 'linear', since a dictionary cannot hold a function",
      activation,
    );
  }
  return activation;
}

/** What a dictionary holds beyond the original's entries. */
export function rateExtras(
  activation: Activation,
  noiseScaling: NoiseScaling,
  precision: Precision,
): Record<string, string> {
  const name = storedActivation(activation);
  return {
    ...(name !== 'relu' && { activation_func: name }),
    ...(noiseScaling !== 'legacy' && { noise_scaling: noiseScaling }),
    ...(precision !== 'float64' && { precision }),
  };
}

/** Room for the output of a run. @throws RockpoolError `ERR_NOMEM` when there is not enough memory for it. */
export function outputArray(rows: number, columns: number): Float64Array {
  return allocate([rows, columns], 'the output');
}
