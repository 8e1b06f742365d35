/** What all combinators share: members in a row, with names. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../array.js';
import { checkInteger, checkString, indexError, rangeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { batchInput } from '../modules/auto-batch.js';
import { Module } from '../modules/module.js';
import type { ModuleBase } from '../modules/module-base.js';
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
    if (this.length > 0) return batchInput(input, this.sizeIn, name);
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
      for (const [i, [name, module]] of this.#members.entries())
        this.#pass(passed, i, name, module.evolve(passed.signal, { record }), record);
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
        }
      } catch (error) {
        this.within(() => this.restore(before));
        throw error;
      }
      return [this.outcome(passed.signal, first), passed.states, passed.records];
    });
  }

  #pass(passed: Passed, index: number, name: string, [output, state, recorded]: EvolveResult, record: boolean): void {
    passed.states[name] = state;
    if (record) {
      passed.records[name] = recorded;
      if (this.recordsOutput(index)) passed.records[`${name}_output`] = output.copy();
    }
    passed.signal = this.between(output, index);
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
