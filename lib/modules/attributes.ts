/** The registry of a module: its attributes and submodules, in the order in which they came. */
import { type Matrix, NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { type AttributeBase, type AttributeKind, permittedShape, sameShape, shapeOf } from './parameter.js';

/** A registered attribute. */
export interface Attribute {
  readonly kind: AttributeKind;
  readonly family: string | null;
  readonly source: AttributeBase<unknown>;
  value: unknown;
}

export function makeAttribute(source: AttributeBase<unknown>): Attribute {
  return { kind: source.kind, family: source.family, source, value: source.value };
}

/** A value that the attribute may take: of the shape that it has, or with `anyShape` of any permitted one. Arrays are copied. */
export function fittingValue(attribute: Attribute, value: unknown, name: string, anyShape = false): unknown {
  if (anyShape && value !== null && value !== undefined && attribute.source.shapes.length > 0)
    return permittedShape(value, attribute.source.shapes, name);
  return sameShape(value, shapeOf(attribute.value), name, attribute.value);
}

/** Writes a value that fits. An array of the same shape keeps its place, so that who holds it sees the new elements. */
export function writeValue(attribute: Attribute, value: unknown): void {
  const old = attribute.value;
  if (isMatrix(old) && isMatrix(value) && old.size === value.size && String(old.shape) === String(value.shape))
    old.data.set(value.data);
  else attribute.value = value;
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
  if (name === '' || reserved.has(name) || !free || (inherited !== undefined && !accessor))
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
