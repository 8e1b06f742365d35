/** Writing `.npz` and `.npy`: uncompressed, whole or not at all. */
import { checkShape, NdArray, shapeText, sizeOf, toNdArray, type ArrayLike_, type NdData } from '../array.js';
import { native } from '../binding.js';
import { checkOptions, rangeError, shapeError, typeError } from '../check.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { checkPath, type PathInput } from './file-error.js';
import type { NativeNpyArray } from './native.js';

/** An array of texts, row-major. A single text has the shape []. */
export class TextArray {
  readonly text: readonly string[];
  readonly shape: readonly number[];

  /** @throws RangeError `ERR_SHAPE` when there are not as many texts as `shape` says. */
  constructor(text: readonly string[], shape?: readonly number[]) {
    if (!Array.isArray(text)) throw typeError('text', 'a list of texts', text);
    const wrong = text.findIndex((t) => typeof t !== 'string');
    if (wrong >= 0) throw typeError(`text[${wrong}]`, 'a string', text[wrong]);
    shape = checkShape(shape ?? [text.length]);
    if (text.length !== sizeOf(shape))
      throw shapeError('text', `${sizeOf(shape)} texts (${shapeText(shape)})`, `${text.length} texts`);
    this.text = text;
    this.shape = Object.freeze([...shape]);
  }

  /** The text of an array that holds just one, else undefined. */
  item(): string | undefined {
    return this.text.length === 1 ? this.text[0] : undefined;
  }
}

const dtypes = [
  'float16',
  'float32',
  'float64',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'bool',
] as const;

/** Types of elements in a file, as NumPy calls them. */
export type NpzDType = (typeof dtypes)[number];

/** What can be written: numbers, arrays, texts, booleans; with `dtype` the type in the file is chosen. */
export type NpzInput =
  ArrayLike_ | string | boolean | TextArray | { readonly array: ArrayLike_; readonly dtype: NpzDType };

/** Checks the name of an element type. */
export function checkDType(value: unknown, name: string): NpzDType {
  const what = `one of ${dtypes.join(', ')}`;
  if (typeof value !== 'string') throw typeError(name, what, value);
  if (!(dtypes as readonly string[]).includes(value)) throw rangeError(name, what, value);
  return value as NpzDType;
}

/** Texts as the file holds them: characters of 32 bits, padded by zeros to one length. */
function encodeText(name: string, value: TextArray): NativeNpyArray {
  const codes = value.text.map((t) => Array.from(t, (c) => c.codePointAt(0) as number));
  const length = Math.max(1, ...codes.map((c) => c.length));
  const data = new Uint32Array(length * codes.length);
  codes.forEach((c, i) => data.set(c, i * length));
  return [name, `U${length}`, Float64Array.from(value.shape), data];
}

function encodeField(name: string, value: unknown): NativeNpyArray {
  if (typeof value === 'string') return encodeText(name, new TextArray([value], []));
  if (value instanceof TextArray) return encodeText(name, value);
  if (typeof value === 'boolean') return [name, 'bool', new Float64Array(0), Uint8Array.of(value ? 1 : 0)];
  let array: NdArray;
  let dtype: string;
  if (typeof value === 'object' && value !== null && 'dtype' in value && 'array' in value) {
    array = keepType(value.array, name);
    dtype = checkDType(value.dtype, `the dtype of '${name}'`);
  } else {
    array = keepType(value, name);
    dtype = array.dtype;
  }
  return [name, dtype, Float64Array.from(array.shape), array.data];
}

/** Typed arrays and NdArrays keep their element type, all else becomes doubles. */
function keepType(value: unknown, name: string): NdArray {
  const data: NdData | undefined =
    value instanceof NdArray
      ? (value.data as NdData)
      : ArrayBuffer.isView(value)
        ? (value as unknown as NdData)
        : undefined;
  const dtype =
    data instanceof Float32Array
      ? 'float32'
      : data instanceof Uint8Array
        ? 'uint8'
        : data instanceof Uint32Array || data instanceof Uint16Array
          ? 'uint32'
          : data instanceof Int32Array || data instanceof Int16Array || data instanceof Int8Array
            ? 'int32'
            : 'float64';
  return toNdArray(value, name, dtype);
}

function encodeFields(fields: unknown): NativeNpyArray[] {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields) || ArrayBuffer.isView(fields)) {
    throw typeError('fields', 'a Map or an object of named arrays', fields);
  }
  const entries: [unknown, unknown][] =
    fields instanceof Map ? [...(fields as Map<unknown, unknown>)] : Object.entries(fields);
  return entries.map(([name, value]) => {
    if (typeof name !== 'string') throw typeError('the name of a field', 'a string', name);
    return encodeField(name, value);
  });
}

/** @internal The path, with the ending. */
export const withEnding = (path: string, ending: string): string => (path.endsWith(ending) ? path : path + ending);

function encodeSync(arrays: NativeNpyArray[], bare: boolean): Uint8Array {
  const out = new Uint8Array(native.npzSize(arrays, bare));
  native.npzWrite(arrays, bare, out);
  return out;
}

async function encode(arrays: NativeNpyArray[], bare: boolean, options: TaskOptions): Promise<Uint8Array> {
  const size = native.npzSize(arrays, bare);
  if (size <= 1 << 20) return encodeSync(arrays, bare);
  const out = new Uint8Array(size);
  await runTask(options, (progress) => native.npzWriteJob(arrays, bare, out, progress));
  return out;
}

/** The bytes of a `.npz` file with these fields. */
export function encodeNpz(fields: ReadonlyMap<string, NpzInput> | Readonly<Record<string, NpzInput>>): Uint8Array {
  return encodeSync(encodeFields(fields), false);
}

/** {@link encodeNpz} off the event loop if it is much. The data are copied at once. */
export async function encodeNpzAsync(fields: ReadonlyMap<string, NpzInput>, options: TaskOptions): Promise<Uint8Array> {
  return encode(encodeFields(fields), false, options);
}

/**
 * Writes an uncompressed `.npz` file that NumPy reads; the path then holds either the old file or the new one, whole.
 *
 * @param path `.npz` is appended when it lacks it
 * @param fields arrays by name. Arrays keep their element type, unless `{ array, dtype }` asks for another one.
 * @throws RangeError `ERR_VALUE` when a value does not fit its `dtype`; RockpoolError `ERR_FILE`
 */
export function writeNpzSync(
  path: PathInput,
  fields: ReadonlyMap<string, NpzInput> | Readonly<Record<string, NpzInput>>,
): void {
  const target = withEnding(checkPath(path), '.npz');
  writeFileAtomicSync(target, encodeSync(encodeFields(fields), false));
}

/** {@link writeNpzSync} without blocking the event loop; the data are copied at once, so they may be changed meanwhile. */
export async function writeNpz(
  path: PathInput,
  fields: ReadonlyMap<string, NpzInput> | Readonly<Record<string, NpzInput>>,
  options?: TaskOptions,
): Promise<void> {
  const checked = checkOptions<TaskOptions>(options, 'options', taskOptionNames);
  const target = withEnding(checkPath(path), '.npz');
  await writeFileAtomic(target, await encode(encodeFields(fields), false, checked));
}

/** Writes one array as a `.npy` file; `.npy` is appended when the path lacks it. */
export function writeNpySync(path: PathInput, array: NpzInput): void {
  const target = withEnding(checkPath(path), '.npy');
  writeFileAtomicSync(target, encodeSync([encodeField('array', array)], true));
}

/** {@link writeNpySync} without blocking the event loop. */
export async function writeNpy(path: PathInput, array: NpzInput, options?: TaskOptions): Promise<void> {
  const checked = checkOptions<TaskOptions>(options, 'options', taskOptionNames);
  const target = withEnding(checkPath(path), '.npy');
  await writeFileAtomic(target, await encode([encodeField('array', array)], true, checked));
}
