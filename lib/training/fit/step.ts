/** One step of a training: gradients, clipping, the optimiser, bounds. */
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import type { Module } from '../../modules/module.js';
import { clipGradients, gradientNorm, type ClipOptions } from '../optimisers/clipping.js';
import { type ParameterBounds, projection, type Projection } from '../optimisers/bounds.js';
import { Optimiser, type OptimiserLike } from '../optimisers/optimiser.js';
import { type ParameterSelection, selectedLeaves } from '../selection.js';
import { type Leaf, leavesOf, type ParameterTree, treeOf } from '../tree.js';

/** How a step changes parameters. */
export interface UpdateOptions {
  optimiser: OptimiserLike;
  trained?: ParameterSelection | undefined;
  frozen?: ParameterSelection | undefined;
  clip?: ClipOptions | undefined;
  bounds?: ParameterBounds | undefined;
}

/** Steps on the parameters of a module. */
export class Updater {
  readonly #module: Module<object>;
  readonly #options: UpdateOptions;
  readonly #names: ReadonlySet<string>;
  readonly #project: Projection;

  constructor(module: Module<object>, options: UpdateOptions) {
    this.#module = module;
    this.#options = options;
    const frozen = new Set(
      options.frozen === undefined ? [] : selectedLeaves(module, options.frozen, 'frozen').map(({ name }) => name),
    );
    const trained = selectedLeaves(module, options.trained, 'trained').map(({ name }) => name);
    this.#names = new Set(trained.filter((name) => !frozen.has(name)));
    const project = options.bounds && projection(module, options.bounds);
    this.#project = project ?? ((tree) => tree);
  }

  #chosen(tree: ParameterTree): ParameterTree {
    const leaves = leavesOf(tree).filter(({ name }) => this.#names.has(name));
    return treeOf(leaves, (leaf: Leaf) => leaf.value);
  }

  /**
   * Changes the parameters, or nothing when the module refuses one of them.
   *
   * @returns The norm of the gradients of what is trained, before clipping.
   */
  step(gradients: ParameterTree): number {
    const { optimiser, clip } = this.#options;
    const own = this.#chosen(gradients);
    const norm = gradientNorm(own);
    const used = clip ? clipGradients(own, clip) : own;
    const parameters = this.#chosen(this.#module.parameters());
    if (optimiser instanceof Optimiser) {
      const prepared = optimiser._prepare(parameters, used);
      this.#set(prepared.parameters);
      prepared.commit();
    } else {
      this.#set(optimiser.step(parameters, used));
    }
    return norm;
  }

  #set(parameters: ParameterTree): void {
    const tree = this.#project(parameters);
    for (const { name, data } of leavesOf(tree))
      if (native.firstNotFinite(data) < data.length)
        throw new RockpoolError(
          'ERR_NOT_FINITE',
          `a step made ${name} of ${this.#module.fullName} infinite or NaN: a smaller step size or clipping may help`,
          { details: { parameter: `${this.#module.fullName}.${name}` } },
        );
    this.#module.setAttributes(tree, { strict: true });
  }
}
