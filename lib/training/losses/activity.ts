/** Costs of activity: of what a module recorded, or of its output. */
import { NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkString } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { Signal } from '../../modules/pass.js';
import type { RecordTree } from '../../modules/types.js';
import type { Loss, LossContext } from '../types.js';
import { lossOptions, roomLike } from './output-loss.js';

/** What an activity is read from. */
export interface ActivityOptions {
  /**
   * A recorded signal: its path (`'1_LIF.vmem'`), or its name (`'spikes'`) for all signals of that name, whose costs are averaged; or
   * `'output'`, the module's output. Default `'output'`.
   */
  of?: string;
}

interface Found {
  path: readonly string[];
  signal: Signal;
}

/** Signals of that path or name. */
function find(tree: RecordTree, of: string, path: readonly string[] = []): Found[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const at = [...path, name];
    if (value instanceof NdArray)
      return name === of || at.join('.') === of ? [{ path: at, signal: value as Signal }] : [];
    return typeof value === 'object' && value !== null ? find(value as RecordTree, of, at) : [];
  });
}

function put(tree: RecordTree, path: readonly string[], value: Signal): void {
  let at = tree;
  for (const name of path.slice(0, -1)) at = (at[name] ??= {}) as RecordTree;
  at[path[path.length - 1]] = value;
}

/** The cost of one signal and its derivative. Units are what is left beside batch and time. */
function cost(kind: number, a: number, b: number, signal: Signal): { cost: number; gradient: Signal } {
  const gradient = roomLike(signal);
  const result = new Float64Array(1);
  const units = signal.shape.slice(2).reduce((n, m) => n * m, 1);
  const precision = signal.data instanceof Float32Array ? 1 : 0;
  native.activityCost(precision, undefined, kind, units, a, b, signal.data, gradient.data, result);
  return { cost: result[0], gradient };
}

function activityLoss(name: string, of: string, kind: number, a = 0, b = 0): Loss {
  checkString(of, 'of');
  const own = of === 'output';
  return {
    name,
    needsRecord: !own,
    evaluate: ({ output, recorded, module }: LossContext) => {
      if (own) {
        const { cost: loss, gradient } = cost(kind, a, b, output);
        return { loss, terms: { [name]: loss }, output: gradient };
      }
      const found = find(recorded, of);
      if (found.length === 0)
        throw new RockpoolError('ERR_KEY', `expected of to name what ${module.fullName} records, received '${of}'`);
      let loss = 0;
      const gradients: RecordTree = {};
      for (const { path, signal } of found) {
        const one = cost(kind, a, b, signal);
        loss += one.cost / found.length;
        const share = roomLike(signal);
        const precision = signal.data instanceof Float32Array ? 1 : 0;
        native.addScaled(precision, undefined, 1 / found.length, one.gradient.data, share.data);
        put(gradients, path, share);
      }
      return { loss, terms: { [name]: loss }, recorded: gradients };
    },
  };
}

/** The mean of a signal: of spikes, their mean number in a time step. */
export function activityMean(options?: ActivityOptions): Loss {
  const { of = 'output' } = lossOptions<ActivityOptions>(options, ['of']);
  return activityLoss('activityMean', of, 0);
}

/** The mean of a signal's square, of membrane potentials for one. */
export function activityL2(options?: ActivityOptions): Loss {
  const { of = 'output' } = lossOptions<ActivityOptions>(options, ['of']);
  return activityLoss('activityL2', of, 1);
}

/** Mean over units of (rate - target)^2, a unit's rate being its mean over batch and time. */
export function targetActivity(options: ActivityOptions & { target: number }): Loss {
  const { of = 'output', target } = lossOptions<ActivityOptions & { target: number }>(options, ['of', 'target']);
  return activityLoss('targetActivity', of, 2, checkNumber(target, 'target'));
}

/** Mean over units of the square of what a unit's rate lacks to `lower` or has beyond `upper`. */
export function activityBounds(options: ActivityOptions & { lower?: number; upper?: number }): Loss {
  const given = lossOptions<ActivityOptions & { lower?: number; upper?: number }>(options, ['of', 'lower', 'upper']);
  const lower = checkNumber(given.lower ?? -Infinity, 'lower', { infinite: true });
  const upper = checkNumber(given.upper ?? Infinity, 'upper', { infinite: true, min: lower });
  return activityLoss('activityBounds', given.of ?? 'output', 3, lower, upper);
}
