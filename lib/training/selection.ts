/** Which parameters of a module are meant. */
import { checkString, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { Module } from '../modules/module.js';
import { type Leaf, leavesOf } from './tree.js';

/**
 * Some parameters: a name (`'tauMem'`), a family (`'weights'`), a path (`'0_Linear.weight'`, or that of a submodule for all in it,
 * `'0_Linear'`), a list of these, or a function of the path.
 */
export type ParameterSelection = string | readonly string[] | ((path: string) => boolean);

/** The leaves of a module's parameters that a selection means; all without one. Each name of it must mean something. */
export function selectedLeaves(
  module: Module<object>,
  selection: ParameterSelection | undefined,
  argument: string,
): Leaf[] {
  const leaves = leavesOf(module.parameters());
  if (selection === undefined) return leaves;
  if (typeof selection === 'function') return leaves.filter(({ name }) => selection(name));
  const names: unknown = typeof selection === 'string' ? [selection] : selection;
  if (!Array.isArray(names)) throw typeError(argument, 'a name, a list of names or a function', selection);
  const wanted = new Set<string>();
  for (const name of names) {
    const family = new Set(leavesOf(module.parameters(checkString(name, argument))).map((leaf) => leaf.name));
    const found = leaves.filter(
      (leaf) =>
        family.has(leaf.name) ||
        leaf.name === name ||
        leaf.path[leaf.path.length - 1] === name ||
        leaf.name.startsWith(`${name as string}.`),
    );
    if (found.length === 0)
      throw new RockpoolError(
        'ERR_KEY',
        `expected ${argument} to name parameters of ${module.fullName}, families or paths, received '${name as string}'`,
      );
    for (const leaf of found) wanted.add(leaf.name);
  }
  return leaves.filter(({ name }) => wanted.has(name));
}
