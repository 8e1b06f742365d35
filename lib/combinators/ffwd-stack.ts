/** Modules one after the other, with weights between them. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { checkFunction, checkOptions, shapeError } from '../check.js';
import type { ModuleBase } from '../modules/module-base.js';
import { chainGraphs, type GraphModuleBase, LinearWeights } from '../graph/index.js';
import { Module } from '../modules/module.js';
import { Parameter } from '../modules/parameter.js';
import { matmul } from '../modules/product.js';
import { registerModuleClass } from '../modules/registry.js';
import { type AnyModule, Chain, inOrder, type NamedModules, readMembers } from './chain.js';

/** Options of {@link FFwdStack}. */
export interface FFwdStackOptions {
  /** Makes the weights of a given shape, `sizeOut` of one module x `sizeIn` of the next. Default: zeros. */
  weightInit?: (shape: number[]) => ArrayInput;
}

/**
 * Hands the output of each module, times a dense matrix of weights, to the next. The weights between modules 0 and 1 are the parameter
 * `0_1_weight` of the family `weights`, and so on.
 */
export class FFwdStack extends Chain {
  /**
   * @param modules At least two, as a list or as named ones.
   * @throws RangeError for fewer than two modules, TypeError for what is no module.
   */
  constructor(modules: readonly AnyModule[] | NamedModules, options?: FFwdStackOptions);
  constructor(...modules: [AnyModule, AnyModule, ...(AnyModule | FFwdStackOptions)[]]);
  constructor(...args: unknown[]) {
    super({ shape: [0, 0] });
    const last = args[args.length - 1];
    const given = args.length > 1 && !(last instanceof Module) ? args.pop() : undefined;
    const { weightInit } = checkOptions<FFwdStackOptions>(given, 'options', ['weightInit']);
    if (weightInit !== undefined) checkFunction(weightInit, 'weightInit');
    const members = readMembers(args, 'FFwdStack');
    if (members.length < 2) throw shapeError('modules', 'at least two', `${members.length} of them`);
    for (const [name, module] of members) this.addMember(module, name);
    for (let i = 0; i + 1 < this.length; i++) {
      const shape = [this.at(i).sizeOut, this.at(i + 1).sizeIn];
      const init = weightInit ?? ((s: number[]) => NdArray.zeros(s));
      this.register(weightName(i), new Parameter({ shape, init, family: 'weights' }));
    }
    this.reshape([this.at(0).sizeIn, this.at(-1).sizeOut], this.at(0).spikingInput, this.at(-1).spikingOutput);
  }

  /** The weights between member `index` and the next: the module's own array. */
  weight(index: number): Matrix {
    return this.attribute(weightName(index));
  }

  protected override between(output: Matrix, index: number): Matrix {
    return index + 1 < this.length ? matmul(output, this.weight(index)) : output;
  }

  protected override recordsOutput(index: number): boolean {
    return index + 1 < this.length;
  }

  /** The graphs of the members, connected through the weights. */
  override asGraph(): GraphModuleBase {
    const graphs = this.members.flatMap(([, module], i) => {
      if (i === 0) return [module.asGraph()];
      const weights = this.weight(i - 1);
      const init = { name: weightName(i - 1), weights, computationalModule: this };
      return [LinearWeights.factory(weights.shape[0], weights.shape[1], init), module.asGraph()];
    });
    return chainGraphs(graphs, this.name, this);
  }

  static override fromOptions(options: Record<string, unknown>, modules: () => Record<string, ModuleBase>): ModuleBase {
    return new this(inOrder(options['names'], modules()));
  }
}

registerModuleClass('ModFFwdStack', FFwdStack);

function weightName(index: number): string {
  return `${index}_${index + 1}_weight`;
}
