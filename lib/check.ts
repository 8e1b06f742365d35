/**
 * Argument checks: every predicate and every error sentence of the facade, in one place.
 * The form is always `expected NAME to be WHAT, received GOT`.
 */
import { type ErrorCode, withCode } from './errors.js';

/** A short text for a value in an error message: the value and its kind. */
export function describe(value: unknown): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return value.length > 60 ? `a string of ${value.length} characters` : `'${value}' (string)`;
  if (typeof value === 'number') return `${value} (number)`;
  if (typeof value === 'boolean') return `${value} (boolean)`;
  if (typeof value === 'bigint') return `${value}n (bigint)`;
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'function') return value.name ? `the function ${value.name}` : 'a function';
  try {
    if (Array.isArray(value)) {
      if (value.length > 8) return `an array of ${value.length} elements`;
      if (value.every((v) => typeof v === 'number')) return `[${value.join(', ')}] (array)`;
      return `an array of ${value.length} elements`;
    }
    if (ArrayBuffer.isView(value)) return `a ${value.constructor.name} of ${(value as Uint8Array).length} elements`;
    const { shape, data } = value as { shape?: unknown; data?: unknown };
    if (Array.isArray(shape) && data !== undefined) return `an array of ${shape.join(' x ') || 'no dimensions'}`;
    const name = value.constructor?.name;
    return name && name !== 'Object' ? `an object of class ${name}` : 'a plain object';
  } catch {
    return 'an object that cannot be read';
  }
}

function sentence(name: string, what: string, got: unknown, verbatim: boolean): string {
  return `expected ${name} to be ${what}, received ${verbatim ? String(got) : describe(got)}`;
}

/** A wrong kind of argument. With `verbatim`, `got` is text to be used as it is. */
export function typeError(name: string, what: string, got: unknown, verbatim = false): TypeError & { code: ErrorCode } {
  return withCode(new TypeError(sentence(name, what, got, verbatim)), 'ERR_TYPE', { argument: name, received: got });
}

/** A wrong value. */
export function rangeError(
  name: string,
  what: string,
  got: unknown,
  code: ErrorCode = 'ERR_VALUE',
): RangeError & { code: ErrorCode } {
  return withCode(new RangeError(sentence(name, what, got, false)), code, { argument: name, received: got });
}

/** A wrong shape; `got` is text, such as `100 x 90`. */
export function shapeError(name: string, what: string, got: string): RangeError & { code: ErrorCode } {
  return withCode(new RangeError(sentence(name, what, got, true)), 'ERR_SHAPE', { argument: name, received: got });
}

/** An index out of range. */
export function indexError(name: string, what: string, got: unknown): RangeError & { code: ErrorCode } {
  return rangeError(name, what, got, 'ERR_INDEX');
}

/** Bounds for {@link checkNumber}. */
export interface NumberBounds {
  /** Smallest value allowed. */
  min?: number;
  /** Largest value allowed. */
  max?: number;
  /** Must be greater than 0. */
  positive?: boolean;
  /** Infinities are allowed (NaN never is). */
  infinite?: boolean;
}

function boundsText(kind: string, { min, max, positive }: NumberBounds): string {
  if (positive) return `${kind} greater than 0`;
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  if (min !== undefined) return `${kind} of ${min} or more`;
  if (max !== undefined) return `${kind} of ${max} or less`;
  return kind;
}

/** A finite number within bounds. A one-element array counts as its element. */
export function checkNumber(value: unknown, name: string, bounds: NumberBounds = {}): number {
  const what = boundsText(bounds.infinite ? 'a number' : 'a finite number', bounds);
  const v = asScalar(value);
  if (typeof v !== 'number') throw typeError(name, what, value);
  const ok =
    !Number.isNaN(v) &&
    (bounds.infinite || Number.isFinite(v)) &&
    (!bounds.positive || v > 0) &&
    (bounds.min === undefined || v >= bounds.min) &&
    (bounds.max === undefined || v <= bounds.max);
  if (!ok) throw rangeError(name, what, v);
  return v;
}

/** A safe integer within bounds. */
export function checkInteger(value: unknown, name: string, bounds: NumberBounds = {}): number {
  const what = boundsText('an integer', bounds);
  const v = asScalar(value);
  if (typeof v !== 'number') throw typeError(name, what, value);
  if (
    !Number.isSafeInteger(v) ||
    (bounds.min !== undefined && v < bounds.min) ||
    (bounds.max !== undefined && v > bounds.max) ||
    (bounds.positive && v <= 0)
  ) {
    throw rangeError(name, what, v);
  }
  return v;
}

function asScalar(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const data: unknown = 'data' in value ? value.data : value;
  if (
    (Array.isArray(data) || (ArrayBuffer.isView(data) && !(data instanceof DataView))) &&
    (data as unknown[]).length === 1
  ) {
    return (data as unknown[])[0];
  }
  return value;
}

export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw typeError(name, 'true or false', value);
  return value;
}

export function checkString(value: unknown, name: string): string {
  if (typeof value !== 'string') throw typeError(name, 'a string', value);
  return value;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- any callable is accepted here
export function checkFunction<F extends Function>(value: unknown, name: string): F {
  if (typeof value !== 'function') throw typeError(name, 'a function', value);
  return value as F;
}

/** One of a list of strings. */
export function checkOneOf<T extends string>(value: unknown, name: string, allowed: readonly T[]): T {
  const what = `one of ${allowed.map((a) => `'${a}'`).join(', ')}`;
  if (typeof value !== 'string') throw typeError(name, what, value);
  if (!allowed.includes(value as T)) throw rangeError(name, what, value);
  return value as T;
}

/** An instance of a class. */
export function checkInstance<T>(value: unknown, name: string, Class: abstract new (...args: never[]) => T): T {
  if (!(value instanceof Class)) throw typeError(name, `an instance of ${Class.name}`, value);
  return value;
}

/**
 * An options object: a plain object (or undefined, for none) with no keys but the `allowed` ones, so that a misspelt option is
 * an error instead of being ignored.
 */
export function checkOptions<T extends object>(value: unknown, name: string, allowed: readonly string[]): Partial<T> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw typeError(name, 'an options object', value);
  }
  for (const key of Object.keys(value)) {
    if (!allowed.includes(key))
      throw typeError(name, `an object with only the options ${allowed.join(', ')}`, `the option '${key}'`, true);
  }
  return value;
}

/** An AbortSignal or undefined. */
export function checkSignal(value: unknown, name = 'signal'): AbortSignal | undefined {
  if (value === undefined) return undefined;
  if (!(value instanceof AbortSignal)) throw typeError(name, 'an AbortSignal', value);
  return value;
}
