/** A shortcut around modules. */
import type { Matrix } from '../array.js';
import { rangeError } from '../check.js';
import { AliasConnection, asGraphHolder, type GraphModuleBase } from '../graph/index.js';
import { registerModuleClass } from '../modules/registry.js';
import { type Signal, sumSignals } from '../modules/pass.js';
import type { AnyModule, ChainArguments } from './chain.js';
import { Sequential } from './sequential.js';

/** Modules whose output is added to their input, so input and output are equally wide. */
export class Residual extends Sequential {
  /** @throws RangeError `ERR_SHAPE` when the output of the last module is not as wide as the input of the first. */
  constructor(...modules: ChainArguments) {
    super(...modules);
    this.whole(() => this.#checkSizes());
  }

  /** Adds a module. One after which the output is not as wide as the input is refused. */
  override append(module: AnyModule, name?: string): this {
    const { shape, spikingInput, spikingOutput } = this;
    super.append(module, name);
    try {
      this.#checkSizes();
    } catch (error) {
      this.dropMember(shape, spikingInput, spikingOutput);
      throw error;
    }
    return this;
  }

  /** The graph of the sequence, with its inputs connected to its outputs. */
  override asGraph(): GraphModuleBase {
    const graph = super.asGraph();
    const alias = new AliasConnection({
      inputNodes: graph.inputNodes,
      outputNodes: graph.outputNodes,
      name: `${this.name}_residual_loop`,
      computationalModule: this,
    });
    return asGraphHolder(alias);
  }

  #checkSizes(): void {
    if (this.sizeIn !== this.sizeOut)
      throw rangeError('sizeOut of a residual block', `its sizeIn ${this.sizeIn}`, this.sizeOut, 'ERR_SHAPE');
  }

  /** The sum of both; a NaN of either stays. The output of the last member is recorded without the input. */
  protected override outcome(output: Matrix, input: Matrix): Matrix {
    return sumSignals(output, input) as Matrix;
  }

  protected override get hasShortcut(): boolean {
    return true;
  }

  protected override passOutcome(output: Signal, input: Signal): Signal {
    return sumSignals(output, input);
  }
}

registerModuleClass('ModResidual', Residual);
