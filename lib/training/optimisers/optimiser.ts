/** The base of optimisers: what they do to a tree of parameters and its gradients, and what they remember. */
import { checkNumber, checkInteger, rangeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { type Leaf, leafLike, leavesOf, numbersAt, type ParameterTree, treeOf } from '../tree.js';

/** A step size for each step, from the number of steps before it. */
export type Schedule = (iteration: number) => number;

/** All that an optimiser remembers, as plain data: steps so far, and its arrays by parameter. */
export interface OptimiserSnapshot {
  optimiser: string;
  iteration: number;
  slots: Record<string, Float64Array[]>;
}

/** What trains parameters. {@link Adam} and {@link SGD} are such; one of your own needs `step`, and for checkpoints the other two. */
export interface OptimiserLike {
  /** The parameters after a step, in a tree of the same form. Those without a gradient stay. */
  step(parameters: ParameterTree, gradients: ParameterTree): ParameterTree;
  /** What {@link restore} takes: plain objects, numbers and typed arrays. */
  snapshot?(): object;
  restore?(snapshot: object): unknown;
}

/** @internal A parameter in a step. */
export interface StepArrays {
  p: Float64Array;
  gradient: Float64Array;
  newP: Float64Array;
  slots: readonly Float64Array[];
  newSlots: readonly Float64Array[];
}

/** @internal What a step will do. */
export interface PreparedStep {
  parameters: ParameterTree;
  commit(): void;
}

/** An optimiser whose steps the core computes, in doubles. */
export abstract class Optimiser implements OptimiserLike {
  readonly #stepSize: number | Schedule;
  #iteration = 0;
  #slots = new Map<string, Float64Array[]>();
  #spare = new Map<string, Float64Array[]>();

  constructor(stepSize: number | Schedule) {
    if (typeof stepSize !== 'function') checkNumber(stepSize, 'stepSize', { min: 0 });
    this.#stepSize = stepSize;
  }

  /** Arrays that are kept for each parameter. */
  protected abstract readonly numSlots: number;
  protected abstract advance(arrays: StepArrays, stepSize: number, iteration: number): void;

  /** Steps done. */
  get iteration(): number {
    return this.#iteration;
  }

  /** The size of the next step. */
  get stepSize(): number {
    if (typeof this.#stepSize === 'number') return this.#stepSize;
    return checkNumber(this.#stepSize(this.#iteration), `the step size at iteration ${this.#iteration}`, { min: 0 });
  }

  /**
   * One step. Nothing that is given is changed.
   *
   * @param parameters Numbers and arrays in nested plain objects, such as `module.parameters()`.
   * @param gradients A tree of the same form; parameters that it lacks stay as they are.
   * @returns The new parameters, for `module.setAttributes`.
   * @throws RangeError `ERR_SHAPE` for a gradient of another size than its parameter, or one of another size than in earlier steps.
   */
  step(parameters: ParameterTree, gradients: ParameterTree): ParameterTree {
    const prepared = this._prepare(parameters, gradients);
    prepared.commit();
    return prepared.parameters;
  }

  /** @internal A step that is remembered only when it is committed. */
  _prepare(parameters: ParameterTree, gradients: ParameterTree): PreparedStep {
    const { stepSize } = this;
    const leaves = leavesOf(parameters);
    checkGradients(leaves, gradients);
    const written = new Map<string, Float64Array[]>();
    const tree = treeOf(leaves, (leaf) => {
      const gradient = numbersAt(gradients, leaf, 'gradients');
      if (!gradient) return leaf.value;
      const { data: p, name } = leaf;
      const newP = new Float64Array(p.length);
      const [slots, newSlots] = [this.#room(this.#slots, leaf), this.#room(this.#spare, leaf)];
      this.advance({ p, gradient, newP, slots, newSlots }, stepSize, this.#iteration);
      written.set(name, newSlots);
      return leafLike(leaf, newP);
    });
    return { parameters: tree, commit: () => this.#commit(written) };
  }

  #room(slots: Map<string, Float64Array[]>, { name, data }: Leaf): Float64Array[] {
    let found = slots.get(name);
    if (!found) slots.set(name, (found = Array.from({ length: this.numSlots }, () => new Float64Array(data.length))));
    if (found.some(({ length }) => length !== data.length))
      throw rangeError(`the size of ${name}`, `${found[0].length} as in earlier steps`, data.length, 'ERR_SHAPE');
    return found;
  }

  #commit(written: Map<string, Float64Array[]>): void {
    for (const [name, slots] of written) {
      this.#spare.set(name, this.#slots.get(name)!);
      this.#slots.set(name, slots);
    }
    this.#iteration++;
  }

  /** @internal What is remembered is of the sizes of these parameters. @throws RangeError `ERR_SHAPE` otherwise. */
  _checkSizes(parameters: Record<string, Float64Array>): void {
    for (const [name, slots] of this.#slots) {
      const size = parameters[name]?.length;
      if (size === undefined || slots.every(({ length }) => length === size)) continue;
      throw rangeError(
        `the size of ${name} in the snapshot of the optimiser`,
        String(size),
        slots[0].length,
        'ERR_SHAPE',
      );
    }
  }

  /** Forgets all steps. */
  reset(): this {
    this.#iteration = 0;
    this.#slots = new Map();
    this.#spare = new Map();
    return this;
  }

  /** All that is remembered, as a copy. Together with the parameters it continues a training bit for bit. */
  snapshot(): OptimiserSnapshot {
    return {
      optimiser: this.constructor.name,
      iteration: this.#iteration,
      slots: Object.fromEntries([...this.#slots].map(([name, slots]) => [name, slots.map((slot) => slot.slice())])),
    };
  }

  /** Puts back what `snapshot` returned. @throws TypeError or RockpoolError for the snapshot of something else; nothing changes then. */
  restore(snapshot: object): this {
    const { optimiser, iteration, slots } = ((snapshot as object | null) ?? {}) as OptimiserSnapshot;
    if (typeof slots !== 'object' || slots === null) throw typeError('snapshot', 'what snapshot() returned', snapshot);
    if (optimiser !== this.constructor.name)
      throw new RockpoolError(
        'ERR_STATE',
        `expected the snapshot to be of ${this.constructor.name}, received one of ${String(optimiser)}`,
      );
    checkInteger(iteration, 'snapshot.iteration', { min: 0 });
    const entries = Object.entries(slots).map(([name, arrays]) => {
      const ok = Array.isArray(arrays) && arrays.length === this.numSlots;
      if (!ok || arrays.some((a) => !(a instanceof Float64Array)))
        throw typeError(`snapshot.slots.${name}`, `${this.numSlots} arrays of doubles`, arrays);
      return [name, arrays.map((a) => a.slice())] as const;
    });
    this.#slots = new Map(entries);
    this.#spare = new Map();
    this.#iteration = iteration;
    return this;
  }
}

function checkGradients(leaves: readonly Leaf[], gradients: ParameterTree): void {
  const names = new Set(leaves.map(({ name }) => name));
  for (const { name } of leavesOf(gradients, 'gradients'))
    if (!names.has(name))
      throw new RockpoolError('ERR_KEY', `expected gradients to be of the parameters, received one of '${name}'`);
}
