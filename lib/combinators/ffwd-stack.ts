/** Modules one after the other, with weights between them. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { checkFunction, checkOptions, shapeError } from '../check.js';
import type { ModuleBase } from '../modules/module-base.js';
import { chainGraphs, type GraphModuleBase, LinearWeights } from '../graph/index.js';
import { gradientLike, Module } from '../modules/module.js';
import { kernelCall } from '../modules/kernels/kernel-module.js';
import { type GradientSums, inPrecision, type NativeCall, type Signal, type Steps } from '../modules/pass.js';
import { Parameter } from '../modules/parameter.js';
import type { Real } from '../modules/kernels/native.js';
import { runTask, type TaskOptions } from '../task.js';
import { native } from '../binding.js';
import { registerModuleClass } from '../modules/registry.js';
import { type AnyModule, type Between, Chain, inOrder, type NamedModules, readMembers } from './chain.js';

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
    this.whole(() => {
      for (const [name, module] of members) this.addMember(module, name);
      for (let i = 0; i + 1 < this.length; i++) {
        const shape = [this.at(i).sizeOut, this.at(i + 1).sizeIn];
        const init = weightInit ?? ((s: number[]) => NdArray.zeros(s));
        this.register(weightName(i), new Parameter({ shape, init, family: 'weights' }));
      }
    });
    this.reshape([this.at(0).sizeIn, this.at(-1).sizeOut], this.at(0).spikingInput, this.at(-1).spikingOutput);
  }

  /** The weights between member `index` and the next: the module's own array. */
  weight(index: number): Matrix {
    return this.attribute(weightName(index));
  }

  protected override between(output: Matrix, index: number): Matrix {
    const product = this.#product(output, index);
    product?.call.run();
    return (product?.out ?? output) as Matrix;
  }

  protected override async betweenAsync(output: Matrix, index: number, task: TaskOptions): Promise<Matrix> {
    const product = this.#product(output, index);
    if (product) await runTask(task, (progress) => product.call.start(progress));
    return (product?.out ?? output) as Matrix;
  }

  /** What makes the input of the next member, of the output of member `index`; null for the last one. */
  #product(output: Signal, index: number): Product | null {
    if (index + 1 >= this.length) return null;
    const weight = this.weight(index);
    const [inputs, outputs] = weight.shape;
    const [batch, steps] = output.shape;
    const precision = output.data instanceof Float32Array ? 'float32' : 'float64';
    const room = (width: number): Signal =>
      new NdArray(allocate([batch, steps, width], 'a signal', precision) as Real, [batch, steps, width]);
    const out = room(outputs);
    const args = [inputs, outputs, weight.data, undefined, output.data, out.data] as const;
    const call = kernelCall([native.linear, native.linearAsync], precision === 'float64' ? 0 : 1, args);
    const back = function* (gradient: Signal, sums: GradientSums): Steps<Signal> {
      const into = room(inputs);
      const g = inPrecision(gradient, precision).data;
      const sum = sums.array(weightName(index), inputs * outputs);
      const given = [inputs, outputs, batch, steps, output.data, g, weight.data, into.data, sum, undefined] as const;
      const operations = [native.linearBackward, native.linearBackwardAsync] as const;
      yield kernelCall([...operations], precision === 'float64' ? 0 : 1, given);
      return into;
    };
    return { call, out, back };
  }

  protected override *passBetween(output: Signal, index: number): Steps<Between> {
    const product = this.#product(output, index);
    if (!product) return { output, back: null };
    yield product.call;
    return { output: product.out, back: product.back };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const own = this.slice(0, -1).map(
      (_, i) => [weightName(i), gradientLike(this.weight(i), sums.get(weightName(i)))] as const,
    );

    return { ...Object.fromEntries(own), ...super._gradients(sums) };
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

/** A product with weights between two members. */
interface Product {
  call: NativeCall;
  out: Signal;
  back: (gradient: Signal, sums: GradientSums) => Steps<Signal>;
}

registerModuleClass('ModFFwdStack', FFwdStack);

function weightName(index: number): string {
  return `${index}_${index + 1}_weight`;
}
