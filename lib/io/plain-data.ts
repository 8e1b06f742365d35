/**
 * Plain data as JSON that loses nothing: typed arrays keep their type, and NaN, infinities, -0 and integers of any size their value.
 *
 * What JSON does not know becomes an object with one of the keys below; a key of the data that begins with `$` gets another `$`.
 *
 *     { $number: 'NaN' }  { $bigint: '1' }  { $text: 'NaN' }  { $array: 'Int32Array', shape?: [2, 3], … }
 */
import { NdArray, toNdArray, type NdData } from '../array.js';
import { typeError } from '../check.js';

const arrayClasses = {
  Float64Array,
  Float32Array,
  Int32Array,
  Int16Array,
  Int8Array,
  Uint32Array,
  Uint16Array,
  Uint8Array,
};

type ArrayName = keyof typeof arrayClasses;

/** Any typed array that plain data may hold. */
export type PlainArray = NdData | Int16Array | Int8Array | Uint16Array;

/** Numbers that JSON does not know. */
const words: Record<string, number> = { NaN: NaN, Infinity: Infinity, '-Infinity': -Infinity, '-0': -0 };

/** Keeps an array apart, and returns what tells where it is. `path` names it in errors. */
export type PutArray = (array: PlainArray, path: string) => Record<string, unknown>;
/** The numbers of an array that was kept apart. */
export type GetArray = (stored: Record<string, unknown>) => ArrayLike<number>;

function word(value: number): string | null {
  return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : null) : String(value);
}

/** Puts the numbers into the JSON itself, under `data`. */
export const putInline: PutArray = (array, path) => ({
  data: Array.from(toNdArray(array, path).data, (v) => word(v) ?? v),
});

/** Finds what {@link putInline} made of an array, also when a parser took the words for numbers. */
export const getInline: GetArray = ({ data }) => {
  if (!Array.isArray(data)) throw typeError('data', 'a list of numbers', data);
  return data.map((v: unknown, i) => {
    const number = typeof v === 'string' && Object.hasOwn(words, v) ? words[v] : v;
    if (typeof number !== 'number') throw typeError(`data[${i}]`, 'a number', v);
    return number;
  });
};

function nameOf(array: ArrayBufferView, path: string): ArrayName {
  const name = (array as unknown as Record<symbol, unknown>)[Symbol.toStringTag] as string;
  if (Object.hasOwn(arrayClasses, name)) return name as ArrayName;
  throw typeError(path, `a typed array of ${Object.keys(arrayClasses).join(', ')}`, array);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // objects of another context have another Object.prototype: it is the one that has no prototype itself
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Makes JSON data of plain data: numbers, texts, booleans, null, typed arrays, `NdArray`s, lists and plain objects of these. Undefined
 * entries of objects are left out.
 *
 * @throws TypeError for anything else, with its path.
 */
export function encodePlain(value: unknown, path: string, put: PutArray, parents: readonly object[] = []): unknown {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return Object.hasOwn(words, value) ? { $text: value } : value;
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value === 'number') {
    const text = word(value);
    return text === null ? value : { $number: text };
  }
  if (typeof value !== 'object') throw typeError(path, 'plain data', value);
  if (value instanceof NdArray) {
    const data = value.data as NdData;
    return { $array: nameOf(data, path), shape: value.shape, ...put(data, path) };
  }
  if (ArrayBuffer.isView(value)) return { $array: nameOf(value, path), ...put(value as PlainArray, path) };
  if (parents.includes(value)) throw typeError(path, 'plain data', 'an object that holds itself', true);
  const within = [...parents, value];
  if (Array.isArray(value)) return Array.from(value, (v, i) => encodePlain(v, `${path}[${i}]`, put, within));
  if (!isPlain(value)) throw typeError(path, 'plain data', value);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .map(([key, v]) => [
        key.startsWith('$') ? `$${key}` : key,
        encodePlain(v, path === '' ? key : `${path}.${key}`, put, within),
      ]),
  );
}

/** What {@link encodePlain} was given. @throws TypeError or RangeError for what it does not make. */
export function decodePlain(value: unknown, get: GetArray): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((v) => decodePlain(v, get));
  if (ArrayBuffer.isView(value) || value instanceof NdArray) return value;
  const object = value as Record<string, unknown>;
  if ('$number' in object) return wordValue(object['$number']);
  if ('$text' in object) return String(object['$text']);
  if ('$bigint' in object) return BigInt(object['$bigint'] as string);
  if ('$array' in object) return decodeArray(object, get);
  return Object.fromEntries(
    Object.entries(object).map(([key, v]) => [key.startsWith('$$') ? key.slice(1) : key, decodePlain(v, get)]),
  );
}

function wordValue(text: unknown): number {
  if (typeof text === 'number') return text; // a parser of ours reads the words
  if (typeof text !== 'string' || !Object.hasOwn(words, text))
    throw typeError('$number', `one of ${Object.keys(words).join(', ')}`, text);
  return words[text];
}

function decodeArray(object: Record<string, unknown>, get: GetArray): PlainArray | NdArray {
  const { $array: name, shape } = object;
  if (typeof name !== 'string' || !Object.hasOwn(arrayClasses, name))
    throw typeError('$array', `one of ${Object.keys(arrayClasses).join(', ')}`, name);
  const numbers = get(object);
  const Class = arrayClasses[name as ArrayName];
  const array = numbers instanceof Class ? numbers : new Class(numbers);
  return shape === undefined ? array : new NdArray(array as NdData, shape as number[]);
}
