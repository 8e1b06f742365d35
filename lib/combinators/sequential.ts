/** Modules one after the other. */
import { rangeError } from '../check.js';
import { chainGraphs, type GraphModuleBase } from '../graph/index.js';
import type { Module } from '../modules/module.js';
import type { ModuleBase } from '../modules/module-base.js';
import { registerModuleClass } from '../modules/registry.js';
import { type AnyModule, Chain, type ChainArguments, inOrder, readMembers } from './chain.js';

/**
 * Hands the output of each module to the next. Members are called by position and class, `0_Linear`, `1_Rate`, or as a leading `Map`, list
 * of pairs or plain object names them.
 *
 * @example
 * const net = new Sequential(new Linear([2, 5]), new Rate(5));
 * net.at(-1); net.get('0_Linear'); net.append(new Linear([5, 1]));
 */
export class Sequential extends Chain {
  /** @throws RangeError `ERR_SHAPE` for a module whose input is not as wide as the output before it, TypeError for what is no module. */
  constructor(...modules: ChainArguments) {
    super({ shape: [0, 0] });
    this.whole(() => {
      for (const [name, module] of readMembers(modules, 'Sequential')) this.addMember(module, name);
    });
  }

  /** Adds a module behind the last one and returns the sequence. */
  append(module: AnyModule, name?: string): this {
    this.checkIdle();
    this.addMember(module, name ?? null);
    return this;
  }

  protected override checkMember(module: Module, name: string, position: number): void {
    if (this.members.some(([key]) => key === name))
      throw rangeError('name', 'that of no other member', name, 'ERR_NAME');
    if (position > 0 && module.sizeIn !== this.sizeOut)
      throw sizesDiffer(`module ${position - 1}`, this.sizeOut, `module ${position} ('${name}')`, module.sizeIn);
  }

  /** The graphs of the members, connected in order. */
  override asGraph(): GraphModuleBase {
    return chainGraphs(
      this.members.map(([, module]) => module.asGraph()),
      this.name,
      this,
    );
  }

  static override fromOptions(options: Record<string, unknown>, modules: () => Record<string, ModuleBase>): ModuleBase {
    return new this(inOrder(options['names'], modules()));
  }
}

/** One after the other, as a function. */
export function sequential(...modules: ChainArguments): Sequential {
  return new Sequential(...modules);
}

registerModuleClass('ModSequential', Sequential);

function sizesDiffer(before: string, out: number, after: string, into: number): RangeError {
  return rangeError(`sizeIn of ${after}`, `${out}, the sizeOut of ${before}`, into, 'ERR_SHAPE');
}
