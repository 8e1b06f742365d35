/** Modules that one kernel of the core evolves. */
import { allocate, allocateUnset, type ArrayLike_ as ArrayInput, type Matrix, NdArray, sizeOf } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOneOf, checkOptions } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import { checkPrecision, type Precision } from '../../layers/rate-options.js';
import { freshSeed } from '../../lazy.js';
import type { NativeJob, NativeProgress } from '../../native.js';
import { runTask } from '../../task.js';
import { batchSignal } from '../auto-batch.js';
import { gradientLike, Module } from '../module.js';
import { inPrecision, type PassOptions, type Signal } from '../pass.js';
import type {
  AnySpec,
  AsyncModuleEvolveOptions,
  EvolveResult,
  ModuleEvolveOptions,
  ModuleOptions,
  ModuleSnapshot,
  RecordTree,
} from '../types.js';
import type { AsyncOperation, Operation, PrecisionCode, Real } from './native.js';

/** Which state a module keeps of a batch: that of its first element, or the mean. */
export type StateReduction = 'first' | 'mean';

/** Options that all modules with a kernel share. */
export interface KernelOptions {
  /** What a step is computed in, and the elements of what an evolution returns. Default `'float64'`. */
  precision?: Precision;
  /** Seed of the module's random numbers. Default: drawn anew for each module. */
  seed?: number;
  /** What is kept of the states of a batch. Default `'first'`, as in the original. */
  stateReduction?: StateReduction;
}

/** @internal Names of these options. */
export const kernelOptionNames = ['precision', 'seed', 'stateReduction'] as const;

/** An input as the kernel takes it. */
export interface KernelInput {
  /** `[batch, steps, sizeIn]`. */
  data: Real;
  batch: number;
  steps: number;
  record: boolean;
}

/** One call of a kernel, and what comes of it. */
export interface KernelCall {
  run(): void;
  start(progress: NativeProgress): NativeJob<void>;
  output: NdArray;
  /** By name, [batch, ...] in one array. */
  states?: Record<string, Float64Array>;
  /** Throws when what was computed must not become the module's state. */
  check?: () => void;
  /** Asked for when all is computed. */
  recorded?: () => RecordTree;
}

/** @internal A call of a pair of native functions with the same arguments. */
export function kernelCall<A extends readonly unknown[]>(
  operations: [now: Operation<A>, later: AsyncOperation<A>],
  precision: PrecisionCode,
  args: A,
): Pick<KernelCall, 'run' | 'start'> {
  const [now, later] = operations;
  return {
    run: () => now(precision, undefined, ...args),
    start: (progress) => later(precision, progress, ...args),
  };
}

/**
 * A module whose evolution is one call of the core. Subclasses say what to call; this class reads the input, keeps state, seed and time
 * step, and offers the evolution here and now and off the event loop.
 */
export abstract class KernelModule<S extends object = AnySpec> extends Module<S> {
  /** What a step is computed in. */
  readonly precision: Precision;
  /** What is kept of the states of a batch. */
  readonly stateReduction: StateReduction;
  #timestep = 0;
  #seed: number;
  readonly #seedGiven: boolean;

  constructor(options: ModuleOptions, kernel: KernelOptions) {
    super(options);
    this.precision = checkPrecision(kernel.precision);
    this.#seed = kernel.seed === undefined ? freshSeed() : checkSeed(kernel.seed, 'seed');
    this.#seedGiven = kernel.seed !== undefined;
    this.stateReduction = checkOneOf(kernel.stateReduction ?? 'first', 'stateReduction', ['first', 'mean']);
  }

  /** Seed of the random numbers, which depend on it and on the time step, not on how a run is cut. */
  get seed(): number {
    return this.#seed;
  }

  /** Time steps evolved so far: what noise and dropout are keyed by. */
  get timestep(): number {
    return this.#timestep;
  }

  /** @internal 0 for doubles, 1 for floats. */
  protected get precisionCode(): PrecisionCode {
    return this.precision === 'float64' ? 0 : 1;
  }

  /** What to call for an input. Reads the state, changes nothing. */
  protected abstract prepare(input: KernelInput): KernelCall;

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<S> {
    const record = this.checkRecord(options);
    this.checkIdle();
    const given = this.#read(input, record);
    const call = this.prepare(given);
    call.run();
    return this.#finish(given, call);
  }

  override evolveAsync(input: ArrayInput, options: AsyncModuleEvolveOptions = {}): Promise<EvolveResult<S>> {
    return this.runExclusive(async () => {
      const { record, ...task } = this.checkAsyncOptions(options);
      const given = this.#read(input, this.checkRecord({ record: record ?? false }));
      const call = this.prepare(given);
      await runTask(task, (progress) => call.start(progress));
      return this.within(() => this.#finish(given, call));
    });
  }

  #read(input: ArrayInput, record: boolean): KernelInput {
    const given = batchSignal(input, this.sizeIn, `the input of ${this.fullName}`);
    const { data, shape } = inPrecision(given, this.precision);
    return { data, batch: shape[0], steps: shape[1], record };
  }

  #finish({ batch, steps }: KernelInput, { output, states = {}, check, recorded }: KernelCall): EvolveResult<S> {
    check?.();
    if (batch > 0)
      for (const [name, all] of Object.entries(states)) this.storeState(name, this.#reduce(name, all, batch));
    this.#timestep += steps;
    return [output as Matrix, this.copyState(), recorded?.() ?? {}];
  }

  #reduce(name: string, all: Float64Array, batch: number): number | Matrix {
    const value = this.attribute<number | Matrix>(name);
    const n = all.length / batch;
    let kept = all.subarray(0, n);
    if (this.stateReduction === 'mean' && batch > 1) {
      kept = new Float64Array(n);
      native.batchMean(all, n, kept);
    }
    return typeof value === 'number' ? kept[0] : new NdArray(kept, value.shape);
  }

  /** An array of the module's precision, [batch, steps, ...shape], which the kernel writes whole. */
  protected room({ batch, steps }: KernelInput, shape: readonly number[], name = 'the output'): NdArray<Real> {
    const dims = [batch, steps, ...shape];
    return new NdArray(allocateUnset(dims, name, this.precision) as Real, dims);
  }

  /** The same when something is recorded. */
  protected recordRoom(input: KernelInput, shape: readonly number[]): NdArray<Real> | undefined {
    return input.record ? this.room(input, shape, 'the record') : undefined;
  }

  /** Room for the new state of all elements of a batch. */
  protected stateRoom(name: string, batch: number): Float64Array {
    const value = this.attribute<number | Matrix>(name);
    return allocate([batch, typeof value === 'number' ? 1 : sizeOf(value.shape)], `the state ${name}`);
  }

  /** An input of a pass, in the module's precision. */
  protected passInput(input: Signal, { record }: PassOptions): KernelInput {
    const { data, shape } = inPrecision(input, this.precision);
    return { data, batch: shape[0], steps: shape[1], record };
  }

  /** The time step that a pass starts at. */
  protected passStep({ firstStep }: PassOptions): number {
    return firstStep ?? this.#timestep;
  }

  /** The state that a pass starts from: `[batch, …]`, or the module's own for all elements. */
  protected passState({ state }: Pick<PassOptions, 'state'>, name: string): Float64Array {
    const given = state?.[name];
    return given instanceof Float64Array ? given : this.numbers(name);
  }

  /** A sum `[batch, n]` over the batch as the gradient of a parameter: of n numbers, or of one for all. */
  protected reduceSums(name: string, sums: Float64Array | undefined): number | Matrix {
    const parameter = this.attribute<number | Matrix>(name);
    if (!sums) return gradientLike(parameter, undefined);
    const total = new Float64Array(typeof parameter === 'number' ? 1 : sizeOf(parameter.shape));
    native.batchSum(sums, total);
    return gradientLike(parameter, total);
  }

  /** The numbers of an attribute. */
  protected numbers(name: string): Float64Array {
    const value = this.attribute<number | Matrix>(name);
    return typeof value === 'number' ? Float64Array.of(value) : value.data;
  }

  /** States and the count of time steps; {@link resetState} leaves the latter, so that noise and dropout do not repeat. */
  override resetAll(): this {
    super.resetAll();
    this.#timestep = 0;
    return this;
  }

  override snapshot(): ModuleSnapshot {
    return { ...super.snapshot(), timestep: this.#timestep, seed: this.#seed };
  }

  protected override prepareRestore(snapshot: ModuleSnapshot): () => void {
    const put = super.prepareRestore(snapshot);
    const timestep = checkInteger(snapshot['timestep'] ?? 0, 'snapshot.timestep', { min: 0 });
    const seed = checkSeed(snapshot['seed'] ?? this.#seed, 'snapshot.seed');
    return () => {
      put();
      this.#timestep = timestep;
      this.#seed = seed;
    };
  }

  protected override config(): Record<string, unknown> {
    return {
      ...super.config(),
      ...(this.precision !== 'float64' && { precision: this.precision }),
      ...(this.#seedGiven && { seed: this.seed }),
      ...(this.stateReduction !== 'first' && { stateReduction: this.stateReduction }),
    };
  }
}

function checkSeed(value: unknown, name: string): number {
  return checkInteger(value, name, { min: 0, max: Number.MAX_SAFE_INTEGER });
}

/** @internal The options of all modules with a kernel, apart from the class's own. */
export function kernelOptions(options: KernelOptions): KernelOptions {
  const { precision, seed, stateReduction } = options;
  return { precision, seed, stateReduction };
}

/** @internal `(shape, options)`, or options in which the shape may be missing. */
export function moduleArguments<O extends { shape?: unknown }>(args: [unknown?, object?]): O {
  const [first] = args;
  const options = typeof first === 'object' && first !== null && !Array.isArray(first) && args.length === 1;
  return options ? { ...(first as O) } : mergeArguments<O>(args, ['shape']);
}

/** @internal Checks the names of a module's options and returns these. */
export function moduleOptions<O extends object>(options: unknown, own: readonly string[]): Partial<O> {
  return checkOptions<O>(options, 'options', ['shape', ...own, ...kernelOptionNames]);
}
