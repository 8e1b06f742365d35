/** A module that evolves with transformed parameters. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { checkInstance, checkInteger, checkOptions, typeError } from '../../check.js';
import type { GraphModuleBase } from '../../graph/index.js';
import { freshSeed } from '../../lazy.js';
import { Module } from '../../modules/module.js';
import { ModuleBase } from '../../modules/module-base.js';
import { branchOf, GradientSums, type Pass, type PassOptions, type Signal, type Steps } from '../../modules/pass.js';
import type { AsyncModuleEvolveOptions, EvolveResult, ModuleEvolveOptions, RecordTree } from '../../modules/types.js';
import { selectedLeaves } from '../selection.js';
import { type Leaf, leafLike, leavesOf, numbersAt, type ParameterTree, treeOf } from '../tree.js';
import { keyOfLeaf, type ParameterTransform, type TransformKey } from './transforms.js';

/** Transforms by name, family or path of parameters. A parameter that several mean goes through all of them, in order. */
export type ParameterTransforms = Record<string, ParameterTransform>;

const inner = 'module';

/**
 * A module whose parameters are transformed while it evolves, be it to train it for what the transforms stand for (rounded weights, mismatch)
 * or to see what they do to it. Its parameters are those of the module, not transformed, under `module`; so are its states and records.
 *
 * What is evolved is a copy, made as from a file: the classes of the module are to be registered ones, without functions of yours.
 *
 * @example
 * const quantised = new TransformedModule(net, { weights: roundingTransform({ numLevels: 15 }) });
 * await fit(quantised, data, { loss: mse() });
 * quantised.applyTransforms(); // net has 15 levels from now on
 */
export class TransformedModule<M extends Module<object> = Module> extends Module {
  /** The module. */
  declare module: M;
  /** What random transforms depend on, beside the number of the evolution. */
  readonly seed: number;
  readonly #transforms: ParameterTransforms;
  readonly #keys = new WeakMap<GradientSums, TransformKey>();
  #copy: Module | null = null;
  #evolutions = 0;

  /** @throws RockpoolError `ERR_KEY` for a name that means no parameter. */
  constructor(module: M, transforms: ParameterTransforms, options: { seed?: number } = {}) {
    checkInstance(module as unknown as Module, 'module', Module as abstract new (...args: never[]) => Module);
    super({ shape: module.shape, spikingInput: module.spikingInput, spikingOutput: module.spikingOutput });
    const { seed = freshSeed() } = checkOptions<{ seed: number }>(options, 'options', ['seed']);
    this.seed = checkInteger(seed, 'seed', { min: 0 });
    this.#transforms = checkOptions<ParameterTransforms>(
      transforms,
      'transforms',
      Object.keys(transforms ?? {}),
    ) as ParameterTransforms;
    for (const [name, transform] of Object.entries(this.#transforms)) {
      if (typeof transform?.apply !== 'function')
        throw typeError(`transforms.${name}`, 'an object with a function apply', transform);
      selectedLeaves(module, name, 'transforms');
    }
    this.addModule(inner, module);
  }

  get #inner(): Module {
    return this.module;
  }

  /** The transforms of each parameter that has any. */
  #plan(): Map<string, ParameterTransform[]> {
    const plan = new Map<string, ParameterTransform[]>();
    for (const [name, transform] of Object.entries(this.#transforms))
      for (const leaf of selectedLeaves(this.#inner, name, 'transforms'))
        plan.set(leaf.name, [...(plan.get(leaf.name) ?? []), transform]);
    return plan;
  }

  /** The parameters of the module as an evolution of that number sees them. Default: the next one. */
  transformedParameters(evolution: number = this.#evolutions): ParameterTree {
    return this.#transformed({ seed: this.seed, step: checkInteger(evolution, 'evolution', { min: 0 }) });
  }

  #transformed(key: TransformKey): ParameterTree {
    const plan = this.#plan();
    return treeOf(leavesOf(this.#inner.parameters()), (leaf, i) => {
      const chain = values(leaf, plan.get(leaf.name) ?? [], keyOfLeaf(key, i));
      return leafLike(leaf, chain[chain.length - 1].data);
    });
  }

  /** Gives the module the transformed parameters for good. */
  applyTransforms(): M {
    this.checkIdle();
    this.#inner.setAttributes(this.transformedParameters(), { strict: true });
    return this.module;
  }

  /** The copy, with transformed parameters and the state of the module. */
  #prepared(key: TransformKey): Module {
    const copy = (this.#copy ??= (ModuleBase as unknown as { loadFromDict(config: object): Module }).loadFromDict(
      this.#inner.toDict(),
    ));
    copy.setAttributes({ ...this.#inner.simulationParameters() });
    copy.setAttributes(this.#transformed(key), { strict: true });
    return copy.restore(this.#inner.snapshot());
  }

  #finish(copy: Module, [output, , recorded]: EvolveResult, record: boolean): EvolveResult {
    this.#inner.restore(copy.snapshot());
    this.#evolutions++;
    return [output, this.copyState(), record ? { [inner]: recorded } : {}];
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult {
    const record = this.checkRecord(options);
    this.checkIdle();
    const copy = this.#prepared({ seed: this.seed, step: this.#evolutions });
    return this.#finish(copy, copy.evolve(input, { record }), record);
  }

  override evolveAsync(input: ArrayInput, options: AsyncModuleEvolveOptions = {}): Promise<EvolveResult> {
    return this.runExclusive(async () => {
      const given = this.checkAsyncOptions(options);
      const record = this.checkRecord({ record: given.record ?? false });
      const copy = this.#prepared({ seed: this.seed, step: this.#evolutions });
      const result = await copy.evolveAsync(input, given);
      return this.within(() => this.#finish(copy, result, record));
    });
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const { firstStep } = options;
    const step = firstStep === null ? this.#evolutions : Math.floor(firstStep / 2 ** 32);
    const key = { seed: this.seed, step };
    const copy = this.#prepared(key);
    const pass = yield* copy._pass(input, { ...options, state: branchOf(options.state, inner) });
    const keys = this.#keys;
    return {
      output: pass.output,
      state: { [inner]: pass.state },
      recorded: options.record ? { [inner]: pass.recorded } : {},
      *backward({ output, state, recorded }, sums) {
        keys.set(sums, key);
        const own = (recorded?.[inner] as RecordTree | undefined) ?? null;
        const origin = yield* pass.backward({ output, state: branchOf(state, inner), recorded: own }, sums.of(inner));
        return { input: origin.input, state: { [inner]: origin.state } };
      },
    };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const plan = this.#plan();
    const key = this.#keys.get(sums) ?? { seed: this.seed, step: 0 };
    const gradients = (this.#copy ?? this.#inner)._gradients(sums.of(inner));
    const tree = treeOf(leavesOf(this.#inner.parameters()), (leaf, i) => {
      const transforms = plan.get(leaf.name) ?? [];
      const own = keyOfLeaf(key, i);
      const chain = values(leaf, transforms, own);
      let gradient = matrixOf(leaf, numbersAt(gradients, leaf, 'gradients')!);
      for (let k = transforms.length - 1; k >= 0; k--)
        gradient = transforms[k].gradient?.(gradient, chain[k], own) ?? gradient;
      return leafLike(leaf, gradient.data);
    });
    return { [inner]: tree };
  }

  override asGraph(): GraphModuleBase {
    return this.#inner.asGraph();
  }
}

function matrixOf({ value }: Leaf, data: Float64Array): Matrix {
  return new NdArray(data, typeof value === 'number' ? [] : value.shape);
}

/** The value, and what each transform makes of the one before. */
function values(leaf: Leaf, transforms: readonly ParameterTransform[], key: TransformKey): Matrix[] {
  const chain = [matrixOf(leaf, leaf.data.slice())];
  for (const transform of transforms)
    chain.push(NdArray.from(transform.apply(chain[chain.length - 1], key), leaf.name));
  return chain;
}
