/** The two ways to give constructor arguments: `(weights, { … })` and `({ weights, … })`. */
import { checkOptions, typeError } from '../check.js';

/**
 * Merges the arguments of a constructor into one options object. `names` are the names of the positional arguments; when the
 * first argument is an object that has one of them, it is the options object itself.
 *
 * @example
 * const { weightsIn, weightsRec, dt } = mergeArguments<Options>(args, ['weightsIn', 'weightsRec']);
 */
export function mergeArguments<O extends object>(given: readonly unknown[], names: readonly (keyof O & string)[]): O {
  const args = given.slice(0, given.findLastIndex((arg) => arg !== undefined) + 1);
  if (args.length === 1 && isOptions(args[0], names)) return { ...(args[0] as O) };
  if (args.length > names.length + 1)
    throw typeError('arguments', `${names.join(', ')} and an options object`, `${args.length} arguments`, true);
  const merged = { ...(checkedObject(args[names.length]) as O) };
  for (const [i, name] of names.entries()) {
    if (args[i] === undefined) continue;
    if (merged[name] !== undefined)
      throw typeError('options', `without ${name}, which is given as argument ${i + 1}`, `the option '${name}'`, true);
    merged[name] = args[i] as O[typeof name];
  }
  return merged;
}

function isOptions(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    names.some((name) => name in value)
  );
}

function checkedObject(value: unknown): object {
  if (value === undefined) return {};
  return checkOptions(value, 'options', Object.keys(value ?? {}));
}
