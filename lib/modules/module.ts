/** Modules that evolve arrays. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { checkBoolean, checkFunction, checkOptions, checkSignal } from '../check.js';
import { abortError } from '../errors.js';
import { batchInput, type Batched, batchState } from './auto-batch.js';
import { ModuleBase } from './module-base.js';
import {
  type GradientSums,
  notTrainable,
  type OwnDerivative,
  ownPass,
  runStepsAsync,
  type Pass,
  type PassOptions,
  type Signal,
  type Steps,
} from './pass.js';
import { SimulationParameter } from './parameter.js';
import { type TimedOptions, TimedModuleWrapper } from './timed-module-wrapper.js';
import type { TaskOptions } from '../task.js';
import type { AnySpec, AsyncModuleEvolveOptions, EvolveResult, ModuleEvolveOptions, RecordTree } from './types.js';

/**
 * A module of the low-level interface: an array in, an array out.
 *
 * A subclass registers its attributes in the constructor and provides {@link evolve}; see `docs/module-api.md`.
 */
export abstract class Module<S extends object = AnySpec> extends ModuleBase<S> {
  /**
   * Evolves the module over its input, from its present state.
   *
   * @param input `[time, channel]`, `[batch, time, channel]`, or `[time]` for one channel; one channel feeds all inputs.
   * @returns The output `[batch, time, channel]`, a copy of the state after it (of the first batch, as the module keeps it), and with
   *   `record` what happened inside at each time step, as arrays `[batch, time, …]` by name, and one such tree for each submodule.
   */
  abstract evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<S>;

  /**
   * The same off the event loop, where the module can. An aborted or failed evolution leaves the module as it was.
   */
  evolveAsync(input: ArrayInput, options: AsyncModuleEvolveOptions = {}): Promise<EvolveResult<S>> {
    return this.runExclusive(() => {
      const { signal, record = false } = this.checkAsyncOptions(options);
      if (signal?.aborted) throw abortError(signal);
      return Promise.resolve(this.keepOnFailure(() => this.evolve(input, { record })));
    });
  }

  /**
   * The same as {@link evolve}; takes the result of another module's call as well. Then that output is the input, and this module's state
   * and record are added to those of the result, under the module's name (or its position in the chain when it has none).
   */
  call(input: ArrayInput | EvolveResult<object>, options?: ModuleEvolveOptions): EvolveResult<AnySpec> {
    if (!isResult(input)) return this.evolve(input, options);
    const [before, states, records] = input;
    const [output, state, record] = this.evolve(before, options);
    const name = this.name === '' ? String(Object.keys(states).length) : this.name;
    return [output, { ...(states as RecordTree), [name]: state }, { ...records, [name]: record }];
  }

  /**
   * Evolves from a given state with given parameters (each the module's own where left out) and leaves the module as it is.
   */
  evolvePure(
    input: ArrayInput,
    options: ModuleEvolveOptions & { state?: object; parameters?: object } = {},
  ): EvolveResult<S> {
    const { state, parameters, ...rest } = checkOptions<typeof options>(options, 'options', [
      'record',
      'state',
      'parameters',
    ]);
    const before = this.snapshot();
    const putBack = this._keepParameters();
    try {
      if (parameters) this.#set(parameters);
      if (state) this.#set(state);
      return this.evolve(input, rest);
    } finally {
      putBack();
      this.restore(before);
    }
  }

  #set(tree: object): void {
    for (const write of this._prepareAttributes(tree, true)) write();
  }

  /** Runs `fn`; when it throws, the state is as before. */
  protected keepOnFailure<T>(fn: () => T): T {
    const before = this.snapshot();
    try {
      return fn();
    } catch (error) {
      this.restore(before);
      throw error;
    }
  }

  /** Checks the options of {@link evolve}. */
  protected checkRecord(options: ModuleEvolveOptions | undefined): boolean {
    const { record = false } = checkOptions<ModuleEvolveOptions>(options, 'options', ['record']);
    return checkBoolean(record, 'record');
  }

  /** Checks the options of {@link evolveAsync}. */
  protected checkAsyncOptions(options: AsyncModuleEvolveOptions | undefined): AsyncModuleEvolveOptions {
    const given = checkOptions<AsyncModuleEvolveOptions>(options, 'options', ['record', 'signal', 'onProgress']);
    checkSignal(given.signal);
    if (given.onProgress !== undefined) checkFunction(given.onProgress, 'onProgress');
    return given;
  }

  /**
   * An input as `[batch, time, sizeIn]`, and states repeated for each batch.
   *
   * @param states States as the module keeps them.
   * @param targetShapes What to repeat them to, without the batch. Default: their own shapes.
   * @throws RangeError `ERR_SHAPE` for an input of another width than `sizeIn` or 1, or of no or more than 3 dimensions.
   */
  protected autoBatch(
    input: ArrayInput,
    states: readonly (number | Matrix)[] = [],
    targetShapes: readonly (readonly number[])[] = [],
  ): Batched {
    this.checkIdle();
    const data = batchInput(input, this.sizeIn, `the input of ${this.fullName}`);
    const [batch, steps] = data.shape;
    return {
      data,
      batch,
      steps,
      states: states.map((s, i) => batchState(s, batch, targetShapes[i], `state ${i} of ${this.fullName}`)),
    };
  }

  /** The element of the first batch, which is what a module keeps of a batched state. */
  protected firstBatch(state: Matrix): Matrix {
    const shape = state.shape.slice(1);
    const size = shape.reduce((n, m) => n * m, 1);
    return new NdArray(state.data.slice(0, size), shape);
  }

  /**
   * Turns what was recorded into time series, for {@link timed}. `dt` is the step of the time series, `tStart` their begin. Default: as
   * it is.
   */
  wrapRecordedState(record: RecordTree, _tStart: number, _dt: number): RecordTree {
    return record;
  }

  /** This module as a `TimedModule`, which takes and returns time series. `dt` is needed when the module has none. */
  timed(options: TimedOptions = {}): TimedModuleWrapper<this> {
    return new TimedModuleWrapper<this>(this, options);
  }

  /** @internal For a wrapper, which gives a module without a time step one. */
  _registerDt(dt: number): void {
    this.register('dt', new SimulationParameter({ data: dt, shape: [], family: 'dt' }));
  }

  /**
   * @internal An evolution that can be gone back through. Modules of the core override it; a module of the user's provides `differentiate`
   * (see {@link OwnDerivative}).
   */

  *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const own = this as Partial<OwnDerivative>;
    if (typeof own.differentiate !== 'function') throw notTrainable(this.fullName);
    const shapes = (tree: object): Record<string, readonly number[]> =>
      Object.fromEntries(
        Object.entries(tree).map(([name, v]) => [name, v instanceof NdArray ? (v as Matrix).shape : []] as const),
      );
    const { fullName, sizeIn, sizeOut } = this;
    const states = this.state() as Record<string, Matrix>;
    const batched = (batch: number): Record<string, Matrix> =>
      Object.fromEntries(Object.entries(states).map(([name, v]) => [name, batchState(v, batch, undefined, name)]));
    const module = {
      fullName,
      sizeIn,
      sizeOut,
      states: shapes(states),
      parameters: shapes(this.parameters()),
      own: batched,
    };
    return ownPass(own as OwnDerivative, module, input, options);
  }

  /** @internal Runs passes off the event loop, while nothing else uses the module. */
  _runSteps<T>(steps: Steps<T>, task: TaskOptions): Promise<T> {
    return this.runExclusive(() => runStepsAsync(steps, task, (fn) => this.within(fn)));
  }

  /** @internal Refuses what would use the module while it evolves. */
  _checkIdle(): void {
    this.checkIdle();
  }

  /** @internal What the backward passes added up, as a tree like that of the parameters. */
  _gradients(sums: GradientSums): Record<string, unknown> {
    const parameters = this.parameters() as Record<string, number | Matrix>;
    return Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, gradientLike(value, sums.get(name))] as const),
    );
  }
}

/** A gradient in the form of its parameter; zero where nothing was added. */
export function gradientLike(parameter: number | Matrix, sum: Float64Array | undefined): number | Matrix {
  if (typeof parameter === 'number') return sum?.[0] ?? 0;
  return sum ? new NdArray(sum, parameter.shape) : NdArray.zeros(parameter.shape);
}

function isResult(input: unknown): input is EvolveResult<object> {
  return (
    Array.isArray(input) && input.length === 3 && input[0] instanceof NdArray && isTree(input[1]) && isTree(input[2])
  );
}

function isTree(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
