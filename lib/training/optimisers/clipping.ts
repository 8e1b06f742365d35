/** Clipping of gradients. */
import { native } from '../../binding.js';
import { checkNumber, checkOptions } from '../../check.js';
import { type Leaf, leafLike, leavesOf, type ParameterTree, treeOf } from '../tree.js';

/** Options of {@link clipGradients}. */
export interface ClipOptions {
  /** All gradients are scaled such that their norm, over all arrays together, is at most this. */
  norm?: number;
  /** Each element is moved into [-value, value], before the norm is taken. */
  value?: number;
}

/** @internal Checks options of clipping. */
export function checkClip(options: unknown): ClipOptions {
  const { norm, value } = checkOptions<ClipOptions>(options, 'clip', ['norm', 'value']);
  if (norm !== undefined) checkNumber(norm, 'clip.norm', { positive: true });
  if (value !== undefined) checkNumber(value, 'clip.value', { positive: true });
  return { ...(norm !== undefined && { norm }), ...(value !== undefined && { value }) };
}

/** The root of the sum of squares over all arrays of a tree, without overflow. */
export function gradientNorm(gradients: ParameterTree): number {
  return normOf(leavesOf(gradients, 'gradients'));
}

function normOf(leaves: readonly Leaf[]): number {
  const parts = leaves.map(({ data }) => {
    const result = new Float64Array(2);
    native.sumOfSquares(data, result);
    return { scale: result[0], norm: result[0] * Math.sqrt(result[1]) };
  });
  if (parts.some(({ norm }) => Number.isNaN(norm))) return NaN;
  return Math.hypot(...parts.map(({ norm }) => norm));
}

/** Clipped gradients in a new tree. */
export function clipGradients<T extends ParameterTree>(gradients: T, options: ClipOptions): T {
  const { norm, value } = checkClip(options);
  let leaves = leavesOf(gradients, 'gradients');
  if (value !== undefined) {
    const [lower, upper] = [Float64Array.of(-value), Float64Array.of(value)];
    leaves = mapLeaves(leaves, (data, out) => native.boundsClip(data, lower, upper, out));
  }
  const length = norm === undefined ? 0 : normOf(leaves);
  if (norm !== undefined && length > norm)
    leaves = mapLeaves(leaves, (data, out) => native.scaleArray(norm / length, data, out));
  return treeOf(leaves, (leaf) => leafLike(leaf, leaf.data)) as T;
}

function mapLeaves(leaves: readonly Leaf[], write: (data: Float64Array, out: Float64Array) => void): Leaf[] {
  return leaves.map((leaf) => {
    const data = new Float64Array(leaf.data.length);
    write(leaf.data, data);
    return { ...leaf, data };
  });
}
