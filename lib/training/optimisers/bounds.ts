/** Bounds that parameters are moved into after each step. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkOptions, shapeError } from '../../check.js';
import type { Module } from '../../modules/module.js';
import { selectedLeaves } from '../selection.js';
import { type Leaf, leafLike, leavesOf, type ParameterTree, treeOf } from '../tree.js';

/**
 * Bounds by name, family or path of parameters: `{ taus: { lower: 10e-3 }, '0_Linear.weight': { lower: -1, upper: 1 } }`. Numbers for all
 * elements, or arrays. Of several that mean a parameter, all hold.
 */
export type ParameterBounds = Record<string, { lower?: ArrayInput; upper?: ArrayInput }>;

/** @internal Moves the parameters of a tree into their bounds; the tree itself stays. */
export type Projection = (tree: ParameterTree) => ParameterTree;

/** @internal The projection for a module. */
export function projection(module: Module<object>, bounds: ParameterBounds): Projection {
  const given = checkOptions<ParameterBounds>(bounds, 'bounds', Object.keys(bounds ?? {})) as ParameterBounds;
  const limits = Object.entries(given).flatMap(([name, limit]) => {
    const { lower = -Infinity, upper = Infinity } = checkOptions<{ lower: ArrayInput; upper: ArrayInput }>(
      limit,
      `bounds.${name}`,
      ['lower', 'upper'],
    );
    return selectedLeaves(module, name, 'bounds').map((leaf) => ({
      name: leaf.name,
      lower: numbers(lower, leaf, `bounds.${name}.lower`),
      upper: numbers(upper, leaf, `bounds.${name}.upper`),
    }));
  });
  return (tree) =>
    treeOf(leavesOf(tree), (leaf) => {
      const own = limits.filter(({ name }) => name === leaf.name);
      if (own.length === 0) return leaf.value;
      const out = leaf.data.slice();
      for (const { lower, upper } of own) native.boundsClip(out, lower, upper, out);
      return leafLike(leaf, out);
    });
}

function numbers(bound: ArrayInput, leaf: Leaf, name: string): Float64Array {
  const { data } = toNdArray(bound, name, 'float64');
  if (data.length !== 1 && data.length !== leaf.data.length)
    throw shapeError(name, `1 or ${leaf.data.length} elements, as ${leaf.name} has`, `${data.length}`);
  return data;
}
