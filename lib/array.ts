/** N-dimensional arrays: typed data in row-major order and a shape. */
import { checkOneOf, indexError, rangeError, shapeError, typeError } from './check.js';
import { RockpoolError } from './errors.js';

/** Element storage of an {@link NdArray}. */
export type NdData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** Names of the element types, as NumPy spells them. */
export type DType = 'float64' | 'float32' | 'int32' | 'uint32' | 'uint8';

/** Nested plain arrays of numbers. */
export type NestedArray = number[] | NdData[] | NestedArray[];

/**
 * Whatever is accepted where an array is asked for: a number, nested arrays, a typed array, an {@link NdArray} or anything
 * of the form `{ data, shape }` (scijs ndarrays included, with their `stride` and `offset`).
 */
export type ArrayLike_ =
  | number
  | NestedArray
  | readonly number[]
  | readonly (readonly number[])[]
  | NdData
  | Int8Array
  | Int16Array
  | Uint16Array
  | {
      readonly data: ArrayLike<number>;
      readonly shape: readonly number[];
      readonly stride?: readonly number[];
      readonly offset?: number;
    };

const constructors = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
};

const dtypes = Object.keys(constructors) as DType[];

/** Text form of a shape: `3 x 4`, or `a scalar`. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 0 ? 'a scalar' : shape.length === 1 ? `length ${shape[0]}` : shape.join(' x ');
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Room for an array of a shape. @throws RockpoolError `ERR_NOMEM` when there is not enough memory for it. */
export function allocate(shape: readonly number[], name: string): Float64Array;
export function allocate(shape: readonly number[], name: string, dtype: DType): NdData;
export function allocate(shape: readonly number[], name: string, dtype: DType = 'float64'): NdData {
  try {
    return new constructors[dtype](sizeOf(shape));
  } catch (cause) {
    throw new RockpoolError('ERR_NOMEM', `expected ${name} to fit in memory, received ${shapeText(shape)}`, { cause });
  }
}

/** The same, not filled with zeros: for arrays that the core writes whole before anybody sees them. */
export function allocateUnset(shape: readonly number[], name: string, dtype: DType): NdData {
  const Type = constructors[dtype];
  const bytes = sizeOf(shape) * Type.BYTES_PER_ELEMENT;
  // The length of a Buffer has a limit of its own; small ones are filled at no cost.
  if (!(bytes >= 2 ** 16 && bytes <= 2 ** 30)) return allocate(shape, name, dtype);
  try {
    return new Type(Buffer.allocUnsafeSlow(bytes).buffer);
  } catch (cause) {
    throw new RockpoolError('ERR_NOMEM', `expected ${name} to fit in memory, received ${shapeText(shape)}`, { cause });
  }
}

/** @internal */
export function checkShape(shape: unknown): readonly number[] {
  if (!Array.isArray(shape)) throw typeError('shape', 'a list of integers of 0 or more', shape);
  for (let i = 0; i < shape.length; i++) {
    if (!Number.isInteger(shape[i]) || shape[i] < 0)
      throw rangeError('shape', 'a list of integers of 0 or more', shape);
  }
  return shape as readonly number[];
}

/** Row-major array of numbers. Holds its data by reference; `copy()` makes an independent one. */
export class NdArray<D extends NdData = NdData> {
  readonly data: D;
  readonly shape: readonly number[];

  /** @throws RangeError `ERR_SHAPE` when `data` does not have as many elements as `shape` says. */
  constructor(data: D, shape: readonly number[]) {
    checkShape(shape);
    if (!Object.values(constructors).some((Type) => data instanceof Type))
      throw typeError('data', `a typed array of ${Object.keys(constructors).join(', ')}`, data);
    if (data.length !== sizeOf(shape)) {
      throw shapeError('data', `${sizeOf(shape)} elements long (${shapeText(shape)})`, `${data.length} elements`);
    }
    this.data = data;
    this.shape = Object.freeze([...shape]);
  }

  /** An array of zeros. */
  static zeros(shape: number | readonly number[]): NdArray<Float64Array>;
  static zeros(shape: number | readonly number[], dtype: DType): NdArray;
  static zeros(shape: number | readonly number[], dtype: DType = 'float64'): NdArray {
    const dims = checkShape(typeof shape === 'number' ? [shape] : shape);
    return new NdArray(allocate(dims, 'an array of zeros', checkOneOf(dtype, 'dtype', dtypes)), dims);
  }

  /** Any array-like as an NdArray of doubles (an existing Float64Array is not copied). */
  static from(value: ArrayLike_, name?: string): NdArray<Float64Array>;
  static from(value: ArrayLike_, name: string, dtype: DType): NdArray;
  static from(value: ArrayLike_, name = 'value', dtype: DType = 'float64'): NdArray {
    return toNdArray(value, name, checkOneOf(dtype, 'dtype', dtypes));
  }

  get dtype(): DType {
    if (this.data instanceof Float64Array) return 'float64';
    if (this.data instanceof Float32Array) return 'float32';
    if (this.data instanceof Int32Array) return 'int32';
    return this.data instanceof Uint32Array ? 'uint32' : 'uint8';
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Length of the first dimension (1 for a scalar). */
  get length(): number {
    return this.shape[0] ?? 1;
  }

  /** One element. @throws RangeError `ERR_INDEX` outside the shape. */
  get(...indices: number[]): number {
    return this.data[this.#offset(indices)];
  }

  /** Writes one element. */
  set(...indicesAndValue: number[]): void {
    const value: unknown = indicesAndValue[indicesAndValue.length - 1];
    if (typeof value !== 'number') throw typeError('value', 'a number', value);
    this.data[this.#offset(indicesAndValue.slice(0, -1))] = value;
  }

  /** Row `i` of a matrix, as a view. */
  row(i: number): D {
    const columns = sizeOf(this.shape.slice(1));
    if (!Number.isInteger(i) || i < 0 || i >= this.length)
      throw indexError('i', `a row index from 0 to ${this.length - 1}`, i);
    return this.data.subarray(i * columns, (i + 1) * columns) as D;
  }

  /** The same data with another shape of as many elements. */
  reshape(...shape: number[]): NdArray<D> {
    return new NdArray(this.data, shape);
  }

  copy(): NdArray<D> {
    return new NdArray(this.data.slice() as D, this.shape);
  }

  /** Nested plain arrays; a plain number for a scalar. */
  toArray(): number | NestedArray {
    const build = (dim: number, offset: number): number | NestedArray => {
      if (dim === this.shape.length) return this.data[offset];
      const stride = sizeOf(this.shape.slice(dim + 1));
      return Array.from({ length: this.shape[dim] }, (_, i) => build(dim + 1, offset + i * stride)) as NestedArray;
    };
    return build(0, 0);
  }

  toJSON(): number | NestedArray {
    return this.toArray();
  }

  #offset(indices: readonly number[]): number {
    if (indices.length !== this.shape.length) {
      throw shapeError('indices', `${this.shape.length} integers`, `${indices.length} of them`);
    }
    let offset = 0;
    for (const [dim, i] of indices.entries()) {
      const n = this.shape[dim];
      if (!Number.isInteger(i) || i < 0 || i >= n) throw indexError(`index ${dim}`, `an integer from 0 to ${n - 1}`, i);
      offset = offset * n + i;
    }
    return offset;
  }
}

/** A matrix of doubles. */
export type Matrix = NdArray<Float64Array>;

function isTypedArray(value: unknown): value is NdData | Int8Array | Int16Array | Uint16Array | Uint8ClampedArray {
  return (
    ArrayBuffer.isView(value) &&
    !(value instanceof DataView) &&
    !(value instanceof BigInt64Array) &&
    !(value instanceof BigUint64Array)
  );
}

/** `ArrayBuffer.prototype.detached` exists only from Node 21 on; making a view of a detached buffer throws everywhere. */
function isDetached(buffer: ArrayBufferLike): boolean {
  try {
    new Uint8Array(buffer);
    return false;
  } catch {
    return true;
  }
}

/** Refuses memory that another thread may write or that may shrink under a native call. */
function checkBuffer(array: ArrayBufferView, name: string): void {
  if (typeof SharedArrayBuffer !== 'undefined' && array.buffer instanceof SharedArrayBuffer) {
    throw typeError(name, 'an array over ordinary memory', 'one over a SharedArrayBuffer', true);
  }
  if ((array.buffer as ArrayBuffer & { resizable?: boolean }).resizable) {
    throw typeError(name, 'an array over memory of fixed size', 'one over a resizable ArrayBuffer', true);
  }
  if (array.buffer.byteLength === 0 && isDetached(array.buffer)) {
    throw typeError(name, 'an array whose memory is here', 'one whose buffer was transferred', true);
  }
}

function nestedShape(value: readonly unknown[], name: string): number[] {
  const shape: number[] = [];
  let level: unknown = value;
  while (Array.isArray(level) || isTypedArray(level)) {
    shape.push(level.length);
    if (!Array.isArray(level) || level.length === 0) break;
    level = level[0];
    if (shape.length > 32) throw shapeError(name, 'an array of at most 32 dimensions', 'a deeper one');
  }
  return shape;
}

/**
 * Converts any array-like to an {@link NdArray} with elements of `dtype`. Data of the right type is used as it is, without a
 * copy; all else is converted.
 *
 * @throws TypeError `ERR_TYPE` for anything that is no array of numbers, RangeError `ERR_SHAPE` for ragged nested arrays.
 */
export function toNdArray(value: unknown, name: string, dtype: 'float64'): NdArray<Float64Array>;
export function toNdArray(value: unknown, name: string, dtype?: DType): NdArray;
export function toNdArray(value: unknown, name: string, dtype: DType = 'float64'): NdArray {
  const Target = constructors[dtype];
  if (typeof value === 'number') return new NdArray(Target.of(value), []);
  if (isTypedArray(value)) {
    checkBuffer(value, name);
    return new NdArray(value instanceof Target ? value : Target.from(value), [value.length]);
  }
  if (value instanceof NdArray) {
    const array = value as NdArray;
    checkBuffer(array.data, name);
    return array.data instanceof Target ? array : new NdArray(Target.from(array.data), array.shape);
  }
  if (Array.isArray(value)) return fromNested(value, name, Target);
  if (typeof value === 'object' && value !== null && 'data' in value && 'shape' in value)
    return fromStrided(value, name, Target);
  throw typeError(name, 'a number, an array of numbers, a typed array or { data, shape }', value);
}

function dtypeOf(Target: (typeof constructors)[DType]): DType {
  return (Object.keys(constructors) as DType[]).find((name) => constructors[name] === Target) as DType;
}

function fromNested(value: readonly unknown[], name: string, Target: (typeof constructors)[DType]): NdArray {
  const shape = nestedShape(value, name);
  const data = allocate(shape, name, dtypeOf(Target));
  let at = 0;
  const fill = (level: unknown, dim: number): void => {
    if (dim === shape.length) {
      if (typeof level !== 'number') {
        if (Array.isArray(level) || isTypedArray(level))
          throw shapeError(name, `an array of ${shapeText(shape)}`, 'rows of different depth');
        throw typeError(name, 'an array of numbers', level);
      }
      data[at++] = level;
      return;
    }
    if (!Array.isArray(level) && !isTypedArray(level)) {
      if (typeof level === 'number')
        throw shapeError(name, `an array of ${shapeText(shape)}`, 'rows of different depth');
      throw typeError(name, 'an array of numbers', level);
    }
    if (level.length !== shape[dim]) {
      throw shapeError(name, `an array of ${shapeText(shape)}`, `a row of ${level.length} elements`);
    }
    if (isTypedArray(level) && dim === shape.length - 1) {
      checkBuffer(level, name);
      data.set(level, at);
      at += level.length;
      return;
    }
    for (let i = 0; i < level.length; i++) fill(level[i], dim + 1);
  };
  fill(value, 0);
  return new NdArray(data, shape);
}

/** Every element lies within the data: told before any memory is taken. */
function checkStrides(
  name: string,
  length: number,
  dims: readonly number[],
  strides: readonly number[],
  offset: unknown,
): void {
  if (strides.length !== dims.length || !strides.every((s) => Number.isSafeInteger(s)))
    throw typeError(`${name}.stride`, `a list of ${dims.length} integers`, strides);
  if (!Number.isSafeInteger(offset)) throw typeError(`${name}.offset`, 'an integer', offset);
  if (sizeOf(dims) === 0) return;
  let low = offset as number;
  let high = low;
  for (const [i, n] of dims.entries()) {
    const reach = (n - 1) * strides[i];
    if (reach < 0) low += reach;
    else high += reach;
  }
  if (low < 0 || high >= length)
    throw shapeError(`${name}.data`, `long enough for ${shapeText(dims)}`, `${length} elements`);
}

function fromStrided(value: object, name: string, Target: (typeof constructors)[DType]): NdArray {
  const {
    data,
    shape,
    stride,
    offset = 0,
  } = value as { data: unknown; shape: unknown; stride?: unknown; offset?: number };
  if (
    !(Array.isArray(shape) || isTypedArray(shape)) ||
    !Array.from(shape as ArrayLike<number>).every((n) => Number.isSafeInteger(n) && n >= 0)
  ) {
    throw typeError(`${name}.shape`, 'a list of integers of 0 or more', shape);
  }
  if (!Array.isArray(data) && !isTypedArray(data))
    throw typeError(`${name}.data`, 'an array or typed array of numbers', data);
  if (isTypedArray(data)) checkBuffer(data, name);
  const dims = Array.from(shape as ArrayLike<number>);
  const contiguous = dims.map((_, i) => sizeOf(dims.slice(i + 1)));
  const strides = stride === undefined ? contiguous : Array.from(stride as ArrayLike<number>);
  const source = data as ArrayLike<number>;
  const packed = offset === 0 && strides.every((s, i) => s === contiguous[i] || dims[i] <= 1);
  if (packed && source.length === sizeOf(dims)) {
    if (data instanceof Target) return new NdArray(data, dims);
    const flat = toNdArray(data, `${name}.data`, 'float64');
    return new NdArray(Target.from(flat.data), dims);
  }
  checkStrides(name, source.length, dims, strides, offset);
  const out = allocate(dims, name, dtypeOf(Target));
  const index = new Array<number>(dims.length).fill(0);
  for (let at = 0; at < out.length; at++) {
    let from = offset;
    for (let d = 0; d < dims.length; d++) from += index[d] * strides[d];
    const element = source[from];
    if (typeof element !== 'number')
      throw shapeError(`${name}.data`, `long enough for ${shapeText(dims)}`, `${source.length} elements`);
    out[at] = element;
    for (let d = dims.length - 1; d >= 0; d--) {
      index[d] = index[d] + 1;
      if (index[d] < dims[d]) break;
      index[d] = 0;
    }
  }
  return new NdArray(out, dims);
}
