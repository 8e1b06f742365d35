/** Networks whose members are not simply in a row: how signals flow, said once for both ways to evolve. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { memberProgress } from '../../combinators/progress.js';
import { Module } from '../../modules/module.js';
import type { ModuleBase } from '../../modules/module-base.js';
import type { AsyncModuleEvolveOptions, EvolveResult, ModuleEvolveOptions, RecordTree } from '../../modules/types.js';

/** Asks for the output of a member for a signal, again and again, and returns the output of the network. */
export type Flow = Generator<readonly [member: string, signal: Matrix], Matrix, Matrix>;

/** The sum of two signals. */
export function addSignals(a: Matrix, b: Matrix): Matrix {
  const out = new Float64Array(a.data.length);
  native.combine(0, a.data, out.length, 1, b.data, out.length, 1, out.length, 1, out);
  return new NdArray(out, a.shape);
}

/** A network that evolves its members as a {@link Flow} says. Records are those of the members and their outputs, by name. */
export abstract class FlowModule extends Module {
  /** What flows where. */
  protected abstract flow(input: Matrix): Flow;

  #member(name: string): Module {
    return (this.modules() as Record<string, ModuleBase>)[name] as unknown as Module;
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult {
    const record = this.checkRecord(options);
    const flow = this.flow(this.autoBatch(input).data);
    const recorded: RecordTree = {};
    return this.keepOnFailure(() => {
      let next = flow.next();
      while (!next.done) {
        const [name, signal] = next.value;
        const [output, , inner] = this.#member(name).evolve(signal, { record });
        if (record) keep(recorded, name, inner, output);
        next = flow.next(output);
      }
      return [next.value, this.copyState(), recorded];
    });
  }

  override evolveAsync(input: ArrayInput, options?: AsyncModuleEvolveOptions): Promise<EvolveResult> {
    return this.runExclusive(async () => {
      const { signal: abort, onProgress, record = false } = this.checkAsyncOptions(options);
      const count = Object.keys(this.modules()).length;
      const flow = this.flow(this.autoBatch(input).data);
      const before = this.snapshot();
      const recorded: RecordTree = {};
      try {
        let next = flow.next();
        for (let i = 0; !next.done; i++) {
          const [name, signal] = next.value;
          const task = { record, signal: abort, onProgress: memberProgress(onProgress, i, count) };
          const [output, , inner] = await this.within(() => this.#member(name).evolveAsync(signal, task));
          if (record) keep(recorded, name, inner, output);
          next = flow.next(output);
        }
        return [next.value, this.within(() => this.copyState()), recorded];
      } catch (error) {
        this.within(() => this.restore(before));
        throw error;
      }
    });
  }
}

function keep(recorded: RecordTree, name: string, inner: RecordTree, output: Matrix): void {
  recorded[name] = inner;
  recorded[`${name}_output`] = output.copy();
}
