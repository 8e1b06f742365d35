/** Trees of parameters: nested plain objects of numbers and arrays. */
import { type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { shapeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';

/** Numbers and arrays by name, in nested plain objects: what `parameters()` returns, and what is computed from it. */
export interface ParameterTree {
  [name: string]: unknown;
}

/** A number or an array of a tree. */
export interface Leaf {
  /** Names from the root. */
  path: readonly string[];
  /** The same, joined by dots. */
  name: string;
  /** As in the tree. */
  value: number | Matrix;
  /** The numbers; an array's own. */
  data: Float64Array;
}

function isTree(value: unknown): value is ParameterTree {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** All leaves, in the order of the tree. What is neither a number, an array nor a tree is an error. */
export function leavesOf(tree: unknown, what = 'parameters'): Leaf[] {
  if (!isTree(tree)) throw typeError(what, 'a plain object of numbers, arrays and such objects', tree);
  return collect(tree, what, []);
}

function collect(tree: ParameterTree, what: string, path: readonly string[]): Leaf[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const inner = [...path, key];
    const name = inner.join('.');
    // Plain `{ data, shape }` is an array, as everywhere.
    if (isTree(value) && !('data' in value && 'shape' in value)) return collect(value, what, inner);
    const array = toNdArray(value, `${what}.${name}`, 'float64');
    return [{ path: inner, name, value: typeof value === 'number' ? value : array, data: array.data }];
  });
}

/** The tree of the same form with other leaves. `make` returns undefined for a leaf that is left out. */
export function treeOf<T>(
  leaves: readonly Leaf[],
  make: (leaf: Leaf, i: number) => T | undefined,
): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  leaves.forEach((leaf, i) => {
    const value = make(leaf, i);
    if (value === undefined) return;
    let at = root;
    for (const name of leaf.path.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
    at[leaf.path[leaf.path.length - 1]] = value;
  });
  return root;
}

/** A leaf of the same kind and shape with other numbers. */
export function leafLike({ value }: Leaf, data: Float64Array): number | Matrix {
  return typeof value === 'number' ? data[0] : new NdArray(data, value.shape);
}

/** The value at a path; undefined where there is none. */
export function atPath(tree: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isTree(at) ? at[name] : undefined), tree);
}

/** The numbers at the path of a leaf, of its size; undefined where the tree has none. */
export function numbersAt(tree: unknown, leaf: Leaf, what: string): Float64Array | undefined {
  const value = atPath(tree, leaf.path);
  if (value === undefined || value === null) return undefined;
  const name = `${what}.${leaf.name}`;
  const array = toNdArray(value, name, 'float64');
  if (array.size !== leaf.data.length)
    throw shapeError(
      name,
      typeof leaf.value === 'number' ? 'a number' : shapeText(leaf.value.shape),
      shapeText(array.shape),
    );
  return array.data;
}

/** One bound for all elements of a leaf, or one for each. */
export function boundAt(tree: unknown, leaf: Leaf, what: string): Float64Array {
  const value = atPath(tree, leaf.path);
  const name = `${what}.${leaf.name}`;
  if (value === undefined || value === null)
    throw new RockpoolError('ERR_KEY', `expected ${name} to be a number or an array, received none`);
  const { data } = toNdArray(value, name, 'float64');
  if (data.length !== 1 && data.length !== leaf.data.length)
    throw shapeError(name, `1 or ${leaf.data.length} elements`, `${data.length} elements`);
  return data;
}

/** Two trees have the same names. */
export function checkSameNames(leaves: readonly Leaf[], tree: unknown, what: string): void {
  const names = new Set(leaves.map(({ name }) => name));
  for (const { name } of leavesOf(tree, what))
    if (!names.has(name))
      throw new RockpoolError('ERR_KEY', `expected ${what} to have the names of the parameters, received '${name}'`);
}
