/** The registry of a module: its attributes and submodules, in the order in which they came. */
import { type Matrix, NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { typeError } from '../check.js';
import { type AttributeBase, type AttributeKind, permittedShape, sameShape, shapeOf } from './parameter.js';

/** A registered attribute. */
export interface Attribute {
  readonly kind: AttributeKind;
  readonly family: string | null;
  /** The value; an array is live. */
  read(): unknown;
  /** A value that may be written: of the present shape, or with `anyShape` of any permitted one. Changes nothing. */
  fit(value: unknown, name: string, anyShape?: boolean): unknown;
  /** Writes what {@link fit} returned. */
  write(value: unknown): void;
  /** Goes back to the first value. */
  reset(): void;
  /** Makes the present value the first one; with `constant` a parameter becomes a simulation parameter. */
  rebase(constant: boolean): void;
}

/** An attribute that the module holds itself. */
export class OwnAttribute implements Attribute {
  kind: AttributeKind;
  readonly family: string | null;
  readonly #source: AttributeBase<unknown>;
  #value: unknown;
  #first: { value: unknown } | null = null;

  constructor(source: AttributeBase<unknown>) {
    this.kind = source.kind;
    this.family = source.family;
    this.#source = source;
    this.#value = source.value;
  }

  read(): unknown {
    return this.#value;
  }

  fit(value: unknown, name: string, anyShape = false): unknown {
    const { shapes } = this.#source;
    if (anyShape && value !== null && value !== undefined && shapes.length > 0)
      return permittedShape(value, shapes, name);
    return sameShape(value, shapeOf(this.#value), name, this.#value);
  }

  /** An array of the same shape keeps its place, so that who holds it sees the new elements. */
  write(value: unknown): void {
    const old = this.#value;
    if (isMatrix(old) && isMatrix(value) && old.size === value.size && String(old.shape) === String(value.shape))
      old.data.set(value.data);
    else this.#value = value;
  }

  reset(): void {
    this.write(this.#first ? copyTree(this.#first.value) : this.#source.fresh());
  }

  rebase(constant: boolean): void {
    this.#first = { value: copyTree(this.#value) };
    if (constant) this.kind = 'simulationParameter';
  }
}

/** Where a linked attribute is. */
export interface Link {
  kind: AttributeKind;
  family?: string | null;
  read: () => unknown;
  /** Checks and stores. */
  write: (value: unknown) => void;
}

/** An attribute that something else holds, which reads and checks it: there is no second copy of it. */
export class LinkedAttribute implements Attribute {
  readonly kind: AttributeKind;
  readonly family: string | null;
  readonly read: () => unknown;
  readonly write: (value: unknown) => void;
  #first: unknown;

  constructor({ kind, family = null, read, write }: Link) {
    this.kind = kind;
    this.family = family;
    this.read = read;
    this.write = (value) => {
      if (!same(value, read())) write(value);
    };
    this.#first = kind === 'parameter' ? copyTree(read()) : null;
  }

  /** Writes the value and then the old one, since only its owner knows what it accepts. */
  fit(value: unknown, name: string): unknown {
    if (value === null || value === undefined) throw typeError(name, 'a value', value);
    const kept = copyTree(value);
    const before = copyTree(this.read());
    if (same(kept, before)) return kept;
    this.write(kept);
    this.write(before);
    return kept;
  }

  /** Goes back to the value at registration; states are their owner's to reset. */
  reset(): void {
    if (this.kind === 'parameter') this.write(copyTree(this.#first));
  }

  rebase(): void {
    if (this.kind === 'parameter') this.#first = copyTree(this.read());
  }
}

/** Whether two values are the same number, text, object or array of numbers. */
function same(a: unknown, b: unknown): boolean {
  if (!isMatrix(a) || !isMatrix(b)) return Object.is(a, b);
  return String(a.shape) === String(b.shape) && Buffer.from(bytes(a)).equals(bytes(b));
}

function bytes({ data }: Matrix): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function isMatrix(value: unknown): value is Matrix {
  return value instanceof NdArray;
}

/** A copy of a tree of values: arrays and plain objects are new, everything else is the same. */
export function copyTree<T>(tree: T): T {
  if (tree instanceof NdArray) return tree.copy() as T;
  if (ArrayBuffer.isView(tree) && !(tree instanceof DataView)) return (tree as unknown as Float64Array).slice() as T;
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, copyTree(value as unknown)])) as T;
}

/** `weights`, `taus`, `biases` and `thresholds` are found in the singular too. */
export function canonicalFamily(family: string): string {
  return singulars[family] ?? family;
}

const singulars: Record<string, string | undefined> = {
  weight: 'weights',
  tau: 'taus',
  bias: 'biases',
  threshold: 'thresholds',
};

/** The accessor for a registered name; `ERR_NAME` for a name that the object uses for something else. */
export function defineAccessor(
  self: object,
  name: string,
  reserved: ReadonlySet<string>,
  get: () => unknown,
  set: (value: unknown) => void,
): void {
  const own = Object.getOwnPropertyDescriptor(self, name);
  // A class field without a value, `tau!: Matrix`, makes room for an attribute.
  const free = own === undefined || (own.configurable === true && 'value' in own && own.value === undefined);
  const inherited = own ? undefined : inheritedDescriptor(self, name);
  const accessor = inherited?.get !== undefined && inherited.set !== undefined;
  if (name === '' || name === '__proto__' || reserved.has(name) || !free || (inherited !== undefined && !accessor))
    throw new RockpoolError(
      'ERR_NAME',
      `expected the name of an attribute to be free, received '${name}', which ${self.constructor.name} uses for something else`,
    );
  if (!accessor) Object.defineProperty(self, name, { get, set, enumerable: true, configurable: true });
}

function inheritedDescriptor(self: object, name: string): PropertyDescriptor | undefined {
  for (let p: unknown = Object.getPrototypeOf(self); p !== null; p = Object.getPrototypeOf(p)) {
    const found = Object.getOwnPropertyDescriptor(p, name);
    if (found) return found;
  }
  return undefined;
}
