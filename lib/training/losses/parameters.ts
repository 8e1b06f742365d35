/** Costs of parameters, as functions of a tree and as losses. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber } from '../../check.js';
import type { Loss } from '../types.js';
import { type ParameterSelection, selectedLeaves } from '../selection.js';
import { boundAt, checkSameNames, type Leaf, leafLike, leavesOf, type ParameterTree, treeOf } from '../tree.js';
import { lossOptions } from './output-loss.js';

/** A cost of one leaf; writes its gradient where there is room for it. */
type LeafCost = (leaf: Leaf, gradient: Float64Array | undefined) => number;

const meanSquare: LeafCost = ({ data }, gradient) => native.parameterCost(0, 1, data, gradient);
const sparsity =
  (sigma: number): LeafCost =>
  ({ data }, gradient) =>
    native.parameterCost(1, sigma, data, gradient);

function mean(leaves: readonly Leaf[], cost: LeafCost): number {
  return leaves.length === 0 ? 0 : leaves.reduce((sum, leaf) => sum + cost(leaf, undefined), 0) / leaves.length;
}

/**
 * The mean over all arrays of a tree of the mean of p^2 of each, so that all arrays weigh the same. NaN do not count.
 *
 * @param params Numbers and arrays in nested plain objects, such as `module.parameters('weights')`.
 */
export function l2sqrNorm(params: ParameterTree): number {
  return mean(leavesOf(params, 'params'), meanSquare);
}

/**
 * The mean over all arrays of the mean of p^4 / (p^4 + sigma): a smooth stand-in for the share of elements that are not zero (Wei et al. 2018).
 *
 * @param sigma Greater than 0. Default 1e-4.
 */
export function l0NormApprox(params: ParameterTree, sigma = 1e-4): number {
  checkNumber(sigma, 'sigma', { positive: true });
  return mean(leavesOf(params, 'params'), sparsity(sigma));
}

/** Bounds that allow everything: a tree like `params` with -Infinity, and one with Infinity, one number for each parameter, to be changed. */
export function makeBounds(params: ParameterTree): [lower: ParameterTree, upper: ParameterTree] {
  const leaves = leavesOf(params, 'params');
  return [treeOf(leaves, () => -Infinity), treeOf(leaves, () => Infinity)];
}

interface Bounds {
  lower: Float64Array;
  upper: Float64Array;
}

function boundsOf(leaves: readonly Leaf[], lower: ParameterTree, upper: ParameterTree): Bounds[] {
  checkSameNames(leaves, lower, 'lower');
  checkSameNames(leaves, upper, 'upper');
  return leaves.map((leaf) => ({ lower: boundAt(lower, leaf, 'lower'), upper: boundAt(upper, leaf, 'upper') }));
}

/**
 * The cost of violated bounds: the sum of exp(lower - p) for each element below its bound and of exp(p - upper) for each above.
 *
 * @param lower Bounds in a tree like `params`, numbers for all elements of a parameter or arrays: what {@link makeBounds} returned, changed.
 * @throws RockpoolError `ERR_KEY` unless the trees have the same names.
 */
export function boundsCost(params: ParameterTree, lower: ParameterTree, upper: ParameterTree): number {
  const leaves = leavesOf(params, 'params');
  return boundsOf(leaves, lower, upper).reduce(
    (sum, b, i) => sum + native.boundsCost(leaves[i].data, b.lower, b.upper, undefined),
    0,
  );
}

/** A copy of a tree with each element moved into its bounds. @throws RangeError `ERR_VALUE` where the lower bound is above the upper one. */
export function boundsClip<T extends ParameterTree>(params: T, lower: ParameterTree, upper: ParameterTree): T {
  const leaves = leavesOf(params, 'params');
  const bounds = boundsOf(leaves, lower, upper);
  return treeOf(leaves, (leaf, i) => {
    const out = new Float64Array(leaf.data.length);
    native.boundsClip(leaf.data, bounds[i].lower, bounds[i].upper, out);
    return leafLike(leaf, out);
  }) as T;
}

/** Sum of exp(lower - x) where x < lower and exp(x - upper) where x > upper, for one array. A bound that is left out or null is none. */
export function summedExpBoundaryLoss(
  data: ArrayInput,
  lowerBound?: number | null,
  upperBound?: number | null,
): number {
  const [lower, upper] = limits(lowerBound, upperBound);
  return native.boundsCost(NdArray.from(data, 'data').data, lower, upper, undefined);
}

function limits(lower: number | null | undefined, upper: number | null | undefined): [Float64Array, Float64Array] {
  const low = checkNumber(lower ?? -Infinity, 'lowerBound', { infinite: true });
  const high = checkNumber(upper ?? Infinity, 'upperBound', { infinite: true });
  return [Float64Array.of(low), Float64Array.of(high)];
}

/** Which parameters a loss is of. */
export interface ParameterLossOptions {
  /** Names, families or paths. Default: all parameters. */
  parameters?: ParameterSelection;
}

/** A loss of parameters alone: the sum of what `cost` gives for each, times `weight(number of parameters)`. */
function parameterLoss(
  name: string,
  selection: ParameterSelection | undefined,
  cost: LeafCost,
  weight: (n: number) => number = () => 1,
): Loss {
  return {
    name,
    evaluate: ({ module }) => {
      const leaves = selectedLeaves(module, selection, 'parameters');
      const factor = weight(leaves.length);
      let loss = 0;
      const parameters = treeOf(leaves, (leaf) => {
        const gradient = new Float64Array(leaf.data.length);
        loss += factor * cost(leaf, gradient);
        native.scaleArray(factor, gradient, gradient);
        return leafLike(leaf, gradient);
      });
      return { loss, terms: { [name]: loss }, parameters };
    },
  };
}

const share = (n: number): number => (n > 0 ? 1 / n : 0);

/** {@link l2sqrNorm} of parameters as a loss. */
export function l2Loss(options?: ParameterLossOptions): Loss {
  const { parameters } = lossOptions<ParameterLossOptions>(options, ['parameters']);
  return parameterLoss('l2', parameters, meanSquare, share);
}

/** {@link l0NormApprox} of parameters as a loss. */
export function l0Loss(options?: ParameterLossOptions & { sigma?: number }): Loss {
  const { parameters, sigma = 1e-4 } = lossOptions<ParameterLossOptions & { sigma?: number }>(options, [
    'parameters',
    'sigma',
  ]);
  checkNumber(sigma, 'sigma', { positive: true });
  return parameterLoss('l0', parameters, sparsity(sigma), share);
}

/** {@link boundsCost} of all parameters as a loss. */
export function boundsLoss(lower: ParameterTree, upper: ParameterTree): Loss {
  leavesOf(lower, 'lower');
  leavesOf(upper, 'upper');
  return parameterLoss('bounds', undefined, (leaf, gradient) =>
    native.boundsCost(leaf.data, boundAt(lower, leaf, 'lower'), boundAt(upper, leaf, 'upper'), gradient),
  );
}

/**
 * {@link summedExpBoundaryLoss} of parameters as a loss: soft bounds, the same for all of them.
 *
 * @example
 * sumLosses(mse(), parameterBoundary({ parameters: 'taus', lower: 10e-3 }))
 */
export function parameterBoundary(
  options: ParameterLossOptions & { lower?: number | null; upper?: number | null },
): Loss {
  const given = lossOptions<typeof options>(options, ['parameters', 'lower', 'upper']);
  const [lower, upper] = limits(given.lower, given.upper);
  return parameterLoss('parameterBoundary', given.parameters, ({ data }, gradient) =>
    native.boundsCost(data, lower, upper, gradient),
  );
}
