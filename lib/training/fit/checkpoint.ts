/** A training in a file. */
import { existsSync } from 'node:fs';
import { checkBoolean, checkInteger, checkOptions, checkString } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { loadSnapshot, saveSnapshot } from '../../io/snapshot-file.js';
import { withEnding } from '../../io/npz-write.js';
import type { Module } from '../../modules/module.js';
import type { ModuleSnapshot } from '../../modules/types.js';
import { leafLike, leavesOf, numbersAt, type ParameterTree, treeOf } from '../tree.js';
import type { BestEpoch } from './early-stopping.js';
import type { Sums } from './evaluate.js';
import type { CheckpointOptions, EpochRecord } from './types.js';

const version = 1;

/** Parameters by path: trees may have any names, plain data too, but flat they are easier to read in other tools. */
export type FlatParameters = Record<string, Float64Array>;

/** All that decides how a training goes on. */
export interface TrainingState {
  form: string;
  seed: number;
  /** The epoch and the batch of it that come next. */
  epoch: number;
  batch: number;
  iteration: number;
  parameters: FlatParameters;
  module: ModuleSnapshot;
  optimiser: object;
  sums: Sums;
  history: EpochRecord[];
  best: BestEpoch | null;
  bestParameters: FlatParameters | null;
}

/** A copy of a module's parameters. */
export function copyParameters(module: Module<object>): FlatParameters {
  return Object.fromEntries(leavesOf(module.parameters()).map(({ name, data }) => [name, data.slice()]));
}

/** Sets all parameters of a module. @throws RockpoolError `ERR_KEY`, RangeError `ERR_SHAPE` for those of another module. */
export function setParameters(module: Module<object>, parameters: FlatParameters): void {
  const leaves = leavesOf(module.parameters());
  const names = new Set(leaves.map(({ name }) => name));
  const missing = leaves.find(({ name }) => !Object.hasOwn(parameters, name));
  const other = Object.keys(parameters).find((name) => !names.has(name));
  if (missing || other !== undefined)
    throw new RockpoolError(
      'ERR_KEY',
      `expected the checkpoint to be of ${module.fullName}, received one ${missing ? `without '${missing.name}'` : `with '${other}'`}`,
    );
  const tree = treeOf(leaves, (leaf) => {
    const value: ParameterTree = { [leaf.name]: parameters[leaf.name] };
    const data = numbersAt(value, { ...leaf, path: [leaf.name] }, 'checkpoint')!;
    return leafLike(leaf, data.slice());
  });
  module.setAttributes(tree, { strict: true });
}

/** Writes and reads one file. */
export class Checkpoint {
  /** Steps between two writes; 0: after epochs only. */
  readonly every: number;
  readonly path: string;
  readonly #resume: boolean;

  constructor(options: string | CheckpointOptions) {
    const given = checkOptions<CheckpointOptions>(
      typeof options === 'string' ? { path: options } : options,
      'checkpoint',
      ['path', 'every', 'resume'],
    );
    this.path = withEnding(checkString(given.path, 'checkpoint.path'), '.npz');
    this.every = given.every === undefined ? 0 : checkInteger(given.every, 'checkpoint.every', { min: 1 });
    this.#resume = checkBoolean(given.resume ?? true, 'checkpoint.resume');
  }

  async save(state: TrainingState): Promise<void> {
    await saveSnapshot({ format: 'rockpool-node training', version, ...state } as never, this.path);
  }

  /** What the file holds; null when there is none or it is not to be gone on from. */
  async load(): Promise<TrainingState | null> {
    if (!this.#resume || !existsSync(this.path)) return null;
    const content = (await loadSnapshot(this.path)) as unknown as TrainingState & {
      format?: unknown;
      version?: unknown;
    };
    if (content.format !== 'rockpool-node training' || content.version !== version)
      throw new RockpoolError(
        'ERR_FILE',
        `'${this.path}' cannot be read: it holds no training that this version knows`,
      );
    return content;
  }
}
