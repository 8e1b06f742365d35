/** Number types of the states of digital neurons, by the names that NumPy has for them. */
import { rangeError, typeError } from '../../check.js';

const types = [
  'float64',
  'float32',
  'float16',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
] as const;

const others = { float: 'float64', double: 'float64', single: 'float32', half: 'float16', int: 'int64' } as const;

/**
 * The number type that a state is kept in: integers saturate at the limits of their type and are cut toward zero, floating-point numbers are
 * rounded to their type. 64-bit integers are exact up to 2^53. `'float'` is `'float64'`, `'int'` is `'int64'`.
 */
export type StateType = (typeof types)[number] | keyof typeof others;

const isOther = (name: string): name is keyof typeof others => Object.hasOwn(others, name);

/** Checks a name. */
export function checkStateType(value: unknown): StateType {
  const what = `one of ${[...types, ...Object.keys(others)].map((name) => `'${name}'`).join(', ')}`;
  if (typeof value !== 'string') throw typeError('stateType', what, value);
  if (isOther(value) || (types as readonly string[]).includes(value)) return value as StateType;
  throw rangeError('stateType', what, value);
}

const canonical = (type: StateType): (typeof types)[number] => (isOther(type) ? others[type] : type);

/** The number that native functions know a type by. */
export function stateTypeCode(type: StateType): number {
  return types.indexOf(canonical(type));
}

export function isIntegerType(type: StateType): boolean {
  return /^u?int/.test(canonical(type));
}
