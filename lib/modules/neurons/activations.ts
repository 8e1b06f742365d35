/** Activations that the core computes. */
import { rangeError, typeError } from '../../check.js';

/** `x`; max(0, x); `x`, or 0.01 `x` below 0; tanh x; (tanh x + 1) / 2. */
export type ActivationName = 'identity' | 'relu' | 'leakyRelu' | 'tanh' | 'sigmoid';

export const activationCodes: Record<ActivationName, number> = {
  identity: 0,
  relu: 1,
  leakyRelu: 2,
  tanh: 3,
  sigmoid: 4,
};

const spellings: Record<string, ActivationName | undefined> = {
  identity: 'identity',
  linear: 'identity',
  relu: 'relu',
  r: 'relu',
  leakyrelu: 'leakyRelu',
  leaky_relu: 'leakyRelu',
  tanh: 'tanh',
  t: 'tanh',
  sigmoid: 'sigmoid',
  sig: 'sigmoid',
  s: 'sigmoid',
};

/** A function as it is; a name in any of the original's spellings, in any case, as an {@link ActivationName}. */
export function readActivation<A>(value: unknown, name: string): A {
  if (typeof value === 'function') return value as A;
  const what = "'relu', 'tanh', 'sigmoid', 'leakyRelu', 'identity' or a function";
  if (typeof value !== 'string') throw typeError(name, what, value);
  const known = spellings[value.toLowerCase()];
  if (known === undefined) throw rangeError(name, what, value);
  return known as A;
}
