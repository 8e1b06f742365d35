/** Fill values of continuous series. */
import { toOurValue } from './arguments.js';
import type { Environment } from './environment.js';
import { PyTuple } from './values.js';

/** `(below, above)` is how the original writes the pair of fill values. */
export function fillValue(value: unknown, env: Environment): unknown {
  if (!(value instanceof PyTuple) || value.items.length !== 2) return toOurValue(value, env);
  return { below: toOurValue(value.items[0], env), above: toOurValue(value.items[1], env) };
}
