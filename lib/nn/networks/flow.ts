/** Networks whose members are not simply in a row: how signals flow, said once for all ways to evolve. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { NdArray } from '../../array.js';
import { memberProgress } from '../../combinators/progress.js';
import { batchSignal } from '../../modules/auto-batch.js';
import { Module } from '../../modules/module.js';
import type { ModuleBase } from '../../modules/module-base.js';
import {
  branchOf,
  type GradientSums,
  type Pass,
  type PassGradient,
  type PassOptions,
  type PassOrigin,
  type Signal,
  type StateTree,
  type Steps,
  sumSignals,
  zerosLike,
} from '../../modules/pass.js';
import type { AsyncModuleEvolveOptions, EvolveResult, ModuleEvolveOptions, RecordTree } from '../../modules/types.js';

/** What a flow asks for: the output of a member for a signal, the side output of its last evolution, or a sum. */
export type Request =
  readonly [member: string, signal: Matrix] | { readonly side: string } | { readonly sum: readonly [Matrix, Matrix] };

/** What a flow ends with: the output of the network, and what it hands on beside it. */
export interface FlowResult {
  output: Matrix;
  side?: Matrix;
}

/** Asks for signals, again and again, and returns the output of the network. */
export type Flow = Generator<Request, FlowResult, Matrix>;

/** A pass with a side output. */
interface FlowPass extends Pass {
  side?: Signal;
  backward(gradient: PassGradient & { side?: Signal }, sums: GradientSums): Steps<PassOrigin>;
}

/** One step of a pass, for the way back. */
type Taken =
  | { kind: 'member'; name: string; input: Signal; pass: FlowPass }
  | { kind: 'sum'; terms: readonly [Signal, Signal]; output: Signal };

/** A network that evolves its members as a {@link Flow} says. Records are those of the members and their outputs, by name. */
export abstract class FlowModule extends Module {
  #side: Matrix | undefined;

  /** What flows where. */
  protected abstract flow(input: Matrix): Flow;

  #member(name: string): Module {
    return (this.modules() as Record<string, ModuleBase>)[name] as unknown as Module;
  }

  /** Floats stay floats. */
  #input(input: ArrayInput): Matrix {
    this.checkIdle();
    return batchSignal(input, this.sizeIn, `the input of ${this.fullName}`) as Matrix;
  }

  #finish({ output, side }: FlowResult): Matrix {
    this.#side = side;
    return output;
  }

  /** What needs no evolution; null for what does. */
  #quick(request: Request): Matrix | null {
    if ('sum' in request) return sumSignals(...request.sum) as Matrix;
    if (!('side' in request)) return null;
    const member = this.#member(request.side) as unknown as FlowModule;
    const side = member.#side!;
    member.#side = undefined;
    return side;
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult {
    const record = this.checkRecord(options);
    const flow = this.flow(this.#input(input));
    const recorded: RecordTree = {};
    return this.keepOnFailure(() => {
      let next = flow.next();
      while (!next.done) {
        const quick = this.#quick(next.value);
        if (quick) {
          next = flow.next(quick);
          continue;
        }
        const [name, signal] = next.value as readonly [string, Matrix];
        const [output, , inner] = this.#member(name).evolve(signal, { record });
        if (record) keep(recorded, name, inner, output);
        next = flow.next(output);
      }
      return [this.#finish(next.value), this.copyState(), recorded];
    });
  }

  override evolveAsync(input: ArrayInput, options?: AsyncModuleEvolveOptions): Promise<EvolveResult> {
    return this.runExclusive(async () => {
      const { signal: abort, onProgress, record = false } = this.checkAsyncOptions(options);
      const count = Object.keys(this.modules()).length;
      const flow = this.flow(this.#input(input));
      const before = this.snapshot();
      const recorded: RecordTree = {};
      try {
        let next = flow.next();
        for (let i = 0; !next.done;) {
          const quick = this.#quick(next.value);
          if (quick) {
            next = flow.next(quick);
            continue;
          }
          const [name, signal] = next.value as readonly [string, Matrix];
          const task = { record, signal: abort, onProgress: memberProgress(onProgress, i++, count) };
          const [output, , inner] = await this.within(() => this.#member(name).evolveAsync(signal, task));
          if (record) keep(recorded, name, inner, output);
          next = flow.next(output);
        }
        return [this.#finish(next.value), this.within(() => this.copyState()), recorded];
      } catch (error) {
        this.within(() => this.restore(before));
        throw error;
      }
    });
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<FlowPass> {
    const flow = this.flow(input as Matrix);
    const taken: Taken[] = [];
    const last = new Map<string, FlowPass>();
    const state: StateTree = {};
    const recorded: RecordTree = {};
    let next = flow.next();
    while (!next.done) {
      const request = next.value;
      let output: Signal;
      if ('sum' in request) {
        output = sumSignals(...request.sum);
        taken.push({ kind: 'sum', terms: request.sum, output });
      } else if ('side' in request) output = last.get(request.side)!.side!;
      else {
        const [name, signal] = request;
        const own = {
          ...options,
          state: branchOf(options.state, name),
          needsInput: options.needsInput || signal !== input,
        };
        const pass: FlowPass = yield* this.#member(name)._pass(signal, own);
        ({ output } = pass);
        state[name] = pass.state;
        if (options.record) keep(recorded, name, pass.recorded, output as Matrix);
        last.set(name, pass);
        taken.push({ kind: 'member', name, input: signal, pass });
      }
      next = flow.next(output as Matrix);
    }
    const { output, side } = next.value;
    const backward = (gradient: PassGradient & { side?: Signal }, sums: GradientSums): Steps<PassOrigin> => {
      const found = new Gradients();
      found.add(output, gradient.output);
      if (side && gradient.side) found.add(side, gradient.side);
      return back(taken, found, input, gradient, sums, options.needsInput);
    };
    return { output, state, recorded, ...(side && { side }), backward };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const members = this.modules() as Record<string, ModuleBase>;
    return Object.fromEntries(
      Object.entries(members).map(([name, m]) => [name, (m as unknown as Module)._gradients(sums.of(name))] as const),
    );
  }
}

/** Derivatives by signals; what flows to several places gets the sum. */
class Gradients {
  readonly #by = new Map<Signal, Signal>();

  add(signal: Signal, gradient: Signal | null): void {
    if (!gradient) return;
    const old = this.#by.get(signal);
    this.#by.set(signal, old ? sumSignals(old, gradient) : gradient);
  }

  get(signal: Signal): Signal | undefined {
    return this.#by.get(signal);
  }
}

/** The last step first; what it kept is forgotten then. */
function* back(
  taken: Taken[],
  found: Gradients,
  input: Signal,
  gradient: PassGradient,
  sums: GradientSums,
  needsInput: boolean,
): Steps<PassOrigin> {
  const state: StateTree = {};
  for (let step = taken.pop(); step; step = taken.pop()) {
    if (step.kind === 'sum') {
      const g = found.get(step.output) ?? null;
      for (const term of step.terms) found.add(term, g);
      continue;
    }
    const { name, pass } = step;
    const extra: unknown = gradient.recorded?.[`${name}_output`];
    if (extra instanceof NdArray) found.add(pass.output, extra as Signal);
    const side = pass.side && found.get(pass.side);
    const own = {
      output: found.get(pass.output) ?? zerosLike(pass.output),
      state: branchOf(gradient.state, name),
      recorded: (gradient.recorded?.[name] as RecordTree | undefined) ?? null,
      ...(side && { side }),
    };
    const origin: PassOrigin = yield* pass.backward(own, sums.of(name));
    state[name] = origin.state;
    found.add(step.input, origin.input);
  }
  return { input: needsInput ? (found.get(input) ?? zerosLike(input)) : null, state };
}

function keep(recorded: RecordTree, name: string, inner: RecordTree, output: Matrix): void {
  recorded[name] = inner;
  recorded[`${name}_output`] = output.copy();
}
