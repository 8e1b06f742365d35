/** What all combinators share: members in a row, with names. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../array.js';
import { checkInteger, checkString, indexError, rangeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { batchInput, batchSignal } from '../modules/auto-batch.js';
import { Module } from '../modules/module.js';
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
} from '../modules/pass.js';
import type { ModuleBase } from '../modules/module-base.js';
import type { TaskOptions } from '../task.js';
import type { AsyncModuleEvolveOptions, EvolveResult, ModuleEvolveOptions, RecordTree } from '../modules/types.js';
import { memberProgress } from './progress.js';
import { outputSeries } from './records.js';

/** Named modules: a `Map`, pairs, or a plain object, in order. */
export type NamedModules =
  ReadonlyMap<string, AnyModule> | Iterable<readonly [string, AnyModule]> | Record<string, AnyModule>;

/** A module, whatever it registers. */
export type AnyModule = Module<object>;

/** What combinators are made of: modules, the first of which may be a collection of named ones. */
export type ChainArguments = readonly [] | readonly [AnyModule | NamedModules | readonly AnyModule[], ...AnyModule[]];

type Member = readonly [name: string | null, module: AnyModule];

/** @internal Modules in a row: each one's output is the next one's input. */
export abstract class Chain extends Module {
  readonly #members: [string, Module][] = [];

  /** Number of members. */
  get length(): number {
    return this.#members.length;
  }

  /** Member `index`; negative ones count from the end. @throws RangeError `ERR_INDEX` when there is none. */
  at<M extends AnyModule = Module>(index: number): M {
    const n = this.length;
    const i = checkInteger(index, 'index');
    const member = this.#members[i < 0 ? i + n : i];
    if (!member) throw indexError('index', `from ${-n} to ${n - 1}`, index);
    return member[1] as unknown as M;
  }

  /** The member of that name. @throws RockpoolError `ERR_KEY` when there is none. */
  get<M extends AnyModule = Module>(name: string): M {
    const member = this.#members.find(([key]) => key === checkString(name, 'name'));
    if (!member)
      throw new RockpoolError('ERR_KEY', `expected '${name}' to be a member of ${this.fullName}, received none`);
    return member[1] as unknown as M;
  }

  /** Members `from` to before `to`, as `Array.prototype.slice` counts. They stay members of this module. */
  slice(from?: number, to?: number): Module[] {
    return this.#members.slice(from, to).map(([, module]) => module);
  }

  *[Symbol.iterator](): Iterator<Module> {
    for (const [, module] of this.#members) yield module;
  }

  /** @internal Members with their names, in order. */
  protected get members(): readonly (readonly [string, Module])[] {
    return this.#members;
  }

  /** Makes a module the last member, under its position and class when it has no name. */
  protected addMember(module: unknown, name: string | null): void {
    const position = this.length;
    if (!(module instanceof Module)) throw typeError(`module ${position}`, 'a Module', module);
    const key = name ?? `${position}_${module.className}`;
    this.checkMember(module as Module, key, position);
    this.addModule(key, module as ModuleBase);
    this.#members.push([key, module as Module]);
    const shape = position === 0 ? module.shape : [this.sizeIn, module.sizeOut];
    this.reshape(shape, position === 0 ? module.spikingInput : this.spikingInput, module.spikingOutput);
  }

  /** Runs a constructor; when it fails, the members belong to nobody again. */
  protected whole(construct: () => void): void {
    try {
      construct();
    } catch (error) {
      while (this.length > 0) this.dropMember([0, 0], false, false);
      throw error;
    }
  }

  /** Takes the last member out again. */
  protected dropMember(shape: readonly number[], spikingInput: boolean, spikingOutput: boolean): void {
    const [name] = this.#members.pop()!;
    this.unregister(name);
    this.reshape(shape, spikingInput, spikingOutput);
  }

  /** Refuses a member that does not fit behind those that are there. */
  protected checkMember(_module: Module, _name: string, _position: number): void {
    // anything fits
  }

  /** The signal between member `index` and the next one, or the output. */
  protected between(output: Matrix, _index: number): Matrix {
    return output;
  }

  /** The same off the event loop. */
  protected betweenAsync(output: Matrix, index: number, _task: TaskOptions): Promise<Matrix> {
    return Promise.resolve(this.between(output, index));
  }

  /** What comes out, given what went in. */
  protected outcome(output: Matrix, _input: Matrix): Matrix {
    return output;
  }

  /** Whether the output of member `index` is recorded. */
  protected recordsOutput(_index: number): boolean {
    return true;
  }

  #input(input: ArrayInput): Matrix {
    this.checkIdle();
    const name = `the input of ${this.fullName}`;
    // Floats stay floats.
    if (this.length > 0) return batchSignal(input, this.sizeIn, name) as Matrix;
    const array = toNdArray(input, name, 'float64');
    return batchInput(array, array.shape[array.ndim - 1] ?? 1, name);
  }

  /**
   * Evolves the members one after the other. States and records stand under the members' names; with `record` the output of a member is
   * `<name>_output`.
   */
  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult {
    const record = this.checkRecord(options);
    const first = this.#input(input);
    const passed = new Passed(first);
    this.keepOnFailure(() => {
      for (const [i, [name, module]] of this.#members.entries()) {
        this.#pass(passed, i, name, module.evolve(passed.signal, { record }), record);
        passed.signal = this.between(passed.signal, i);
      }
    });
    return [this.outcome(passed.signal, first), passed.states, passed.records];
  }

  override evolveAsync(input: ArrayInput, options?: AsyncModuleEvolveOptions): Promise<EvolveResult> {
    return this.runExclusive(async () => {
      const { signal, onProgress, record = false } = this.checkAsyncOptions(options);
      const first = this.#input(input);
      const passed = new Passed(first);
      const before = this.snapshot();
      try {
        for (const [i, [name, module]] of this.#members.entries()) {
          const task = { record, signal, onProgress: memberProgress(onProgress, i, this.length) };
          const result = await this.within(() => module.evolveAsync(passed.signal, task));
          this.#pass(passed, i, name, result, record);
          passed.signal = await this.betweenAsync(passed.signal, i, { signal });
        }
      } catch (error) {
        this.within(() => this.restore(before));
        throw error;
      }
      return [this.outcome(passed.signal, first), passed.states, passed.records];
    });
  }

  /** The signal between members in a pass, and the way back. */

  protected *passBetween(output: Signal, _index: number): Steps<Between> {
    return { output, back: null };
  }

  /** What comes out, as {@link outcome}. */

  protected passOutcome(output: Signal, _input: Signal): Signal {
    return output;
  }

  /** Whether the input is part of the output. */
  protected get hasShortcut(): boolean {
    return false;
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const { state, record, needsInput } = options;
    const passes: { name: string; pass: Pass; back: Between['back'] }[] = [];
    const recorded: RecordTree = {};
    const states: StateTree = {};
    let signal = input;
    for (const [i, [name, module]] of this.#members.entries()) {
      const own = { ...options, state: branchOf(state, name), needsInput: needsInput || i > 0 };
      const pass = yield* module._pass(signal, own);
      states[name] = pass.state;
      if (record) {
        recorded[name] = pass.recorded;
        if (this.recordsOutput(i)) recorded[`${name}_output`] = pass.output;
      }
      const { output, back } = yield* this.passBetween(pass.output, i);
      if (options.tape) passes.push({ name, pass, back });
      signal = output;
    }
    const output = this.passOutcome(signal, input);
    return { output, state: states, recorded, backward: (g, sums) => this.#backward(passes, g, sums, needsInput) };
  }

  *#backward(
    passes: { name: string; pass: Pass; back: Between['back'] }[],
    gradient: PassGradient,
    sums: GradientSums,
    needsInput: boolean,
  ): Steps<PassOrigin> {
    let g: Signal | null = gradient.output;
    const state: StateTree = {};
    // The last member first; what it kept can be forgotten then.
    for (let last = passes.pop(); last; last = passes.pop()) {
      const { name, pass, back } = last;
      if (back) g = yield* back(g!, sums);
      const extra: unknown = gradient.recorded?.[`${name}_output`];
      if (extra instanceof NdArray) g = sumSignals(g!, extra as Signal);
      const own: PassGradient = {
        output: g!,
        state: branchOf(gradient.state, name),
        recorded: (gradient.recorded?.[name] as RecordTree | undefined) ?? null,
      };
      const origin: PassOrigin = yield* pass.backward(own, sums.of(name));
      state[name] = origin.state;
      g = origin.input;
    }
    if (!needsInput) return { input: null, state };
    const input = this.hasShortcut ? sumSignals(g!, gradient.output) : g;
    return { input, state };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    return Object.fromEntries(this.#members.map(([name, module]) => [name, module._gradients(sums.of(name))] as const));
  }

  #pass(passed: Passed, index: number, name: string, [output, state, recorded]: EvolveResult, record: boolean): void {
    passed.states[name] = state;
    if (record) {
      passed.records[name] = recorded;
      if (this.recordsOutput(index)) passed.records[`${name}_output`] = output.copy();
    }
    passed.signal = output;
  }

  /** The members' records as they turn them into series, and the outputs as series of the members' time steps. */
  override wrapRecordedState(record: RecordTree, tStart: number, dt: number): RecordTree {
    const wrapped: RecordTree = {};
    for (const [name, module] of this.#members) {
      const own = (module as { dt?: unknown }).dt;
      const step = typeof own === 'number' ? own : dt;
      if (name in record) wrapped[name] = module.wrapRecordedState(record[name] as RecordTree, tStart, step);
      const key = `${name}_output`;
      if (record[key] instanceof NdArray)
        wrapped[key] = outputSeries(record[key] as Matrix, module.spikingOutput, { name: key, dt: step, tStart });
    }
    return wrapped;
  }

  protected override config(): Record<string, unknown> {
    return { names: this.#members.map(([name]) => name) };
  }
}

/** What comes behind a member, and how its derivative becomes that of the member's output. */
export interface Between {
  output: Signal;
  back: ((gradient: Signal, sums: GradientSums) => Steps<Signal>) | null;
}

/** What goes from member to member. */
class Passed {
  readonly states: Record<string, unknown> = {};
  readonly records: RecordTree = {};
  constructor(public signal: Matrix) {}
}

/** @internal The members that a constructor was given, with the names that some have. */
export function readMembers(args: readonly unknown[], who: string): Member[] {
  const [first, ...rest] = args;
  if (args.length === 0) return [];
  const named = first instanceof Module ? [[null, first] as Member] : readNamed(first, who);
  return [...named, ...rest.map((module) => [null, module] as Member)];
}

const constructorOptions = ['shape', 'spikingInput', 'spikingOutput'];

function readNamed(collection: unknown, who: string): Member[] {
  if (typeof collection !== 'object' || collection === null)
    throw typeError(`the arguments of ${who}`, 'modules, or named modules and modules', collection);
  const entries: unknown[] =
    Symbol.iterator in collection ? [...(collection as Iterable<unknown>)] : Object.entries(collection);
  return entries.map((entry, i) => {
    if (entry instanceof Module) return [null, entry] as Member;
    if (!Array.isArray(entry) || entry.length !== 2)
      throw typeError(`module ${i}`, 'a Module or a pair [name, Module]', entry);
    const [name, module] = entry as [unknown, unknown];
    if (!(module instanceof Module) && constructorOptions.includes(name as string))
      throw rangeError(`the options of ${who}`, `without ${String(name)}, which follows from the modules`, module);
    return [checkString(name, `the name of module ${i}`), module] as Member;
  });
}

/** @internal Modules that a file holds, in order. */
export function inOrder(names: unknown, modules: Record<string, ModuleBase>): [string, AnyModule][] {
  const order = Array.isArray(names) ? (names as string[]) : Object.keys(modules);
  return order.map((name) => [name, modules[name] as unknown as AnyModule]);
}
