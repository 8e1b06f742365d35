/** Mismatch of analog devices. */
import { checkInteger, checkNumber, typeError } from '../../check.js';
import type { Module } from '../../modules/module.js';
import { NdArray } from '../../array.js';
import { atPath, type Leaf, leafLike, leavesOf, type ParameterTree, treeOf } from '../tree.js';
import { keyOfLeaf, mismatchDeviation, mismatchTransform } from './transforms.js';

/** Which attributes vary: a tree like that of the module, with true for those that do. */
export interface MismatchPrototype {
  [name: string]: boolean | MismatchPrototype;
}

/**
 * A function that gives a module's parameters as they may come out on a chip: p (1 + (percentDeviation / sigmaRule) N), N a standard normal for
 * each element. Its result is for `setAttributes`; the module stays as it is.
 *
 * @param prototype True for each parameter or simulation parameter that varies; null: all parameters.
 * @param percentDeviation The share of a value that its deviations hardly exceed. Default 0.3.
 * @param sigmaRule How many standard deviations that is. Default 3.
 */
export function mismatchGenerator(
  prototype: MismatchPrototype | null,
  percentDeviation = 0.3,
  sigmaRule = 3,
): (module: Module<object>, seed: number) => ParameterTree {
  if (prototype !== null && (typeof prototype !== 'object' || Array.isArray(prototype)))
    throw typeError('prototype', 'a tree of true and false, or null', prototype);
  checkNumber(percentDeviation, 'percentDeviation', { min: 0 });
  mismatchDeviation({ percentDeviation, sigmaRule });
  const transform = mismatchTransform({ percentDeviation, sigmaRule });
  return (module, seed) => {
    checkInteger(seed, 'seed', { min: 0 });
    const flagged = ({ path }: Leaf): boolean => prototype === null || atPath(prototype, path) === true;
    const fixed = prototype === null ? [] : leavesOf(numeric(module.simulationParameters())).filter(flagged);
    const leaves = [...leavesOf(module.parameters()), ...fixed];
    return treeOf(leaves, (leaf, i) => {
      if (!flagged(leaf)) return leaf.value;
      const value = new NdArray(leaf.data, [leaf.data.length]);
      return leafLike(leaf, transform.apply(value, keyOfLeaf({ seed, step: 0 }, i)).data);
    });
  };
}

/** What of a tree is numbers. */
function numeric(tree: ParameterTree): ParameterTree {
  const out: ParameterTree = {};
  for (const [name, value] of Object.entries(tree)) {
    const isTree = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    if (typeof value === 'number' || value instanceof NdArray) out[name] = value;
    else if (isTree) out[name] = numeric(value as ParameterTree);
  }
  return out;
}
