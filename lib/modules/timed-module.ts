/** Modules that evolve time series: long, since it is the one page that tells what every timed module does. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../array.js';
import { native } from '../binding.js';
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkSignal,
  rangeError,
  typeError,
} from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { mergeArguments } from '../layers/arguments.js';
import * as prepare from '../layers/prepare-input.js';
import { streamPieces } from '../layers/stream.js';
import type { PreparedInput, StreamOptions, StreamSource } from '../layers/types.js';
import { commonTimeStep } from '../networks/time-steps.js';
import { stepFloor, timeOf } from '../time-grid.js';
import { TimeSeries } from '../time-series/time-series.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import { warnOnce } from '../warnings.js';
import { ModuleBase } from './module-base.js';
import { clockedSeries, eventSeries, seriesMatrix } from './output-series.js';
import { inputSeries, numbersIn } from './timed-input.js';
import type {
  AsyncTimedEvolveOptions,
  SeriesOptions,
  TimedEvolveOptions,
  TimedInput,
  TimedModuleOptions,
  TimedResult,
  TimedSpec,
} from './timed-types.js';
import type { AnySpec, ModuleSnapshot } from './types.js';

/** Seconds by which a duration may be too short for its last time step. */
const slack = 1e-6;
const evolveOptionNames = ['duration', 'numTimesteps', 'record', 'kwargsTimeseries'];

type TimedEvolve = (tsInput: TimeSeries | null, options: TimedEvolveOptions) => TimedResult;

/**
 * A module of the high-level interface: a time series in, a time series out, and a clock that counts time steps of `dt`.
 *
 * A subclass registers parameters and submodules in its constructor and provides {@link evolve}. The base class determines the number of
 * time steps before that and advances the clock after it; see `docs/module-api.md`.
 */
export abstract class TimedModule<S extends object = AnySpec> extends ModuleBase<TimedSpec<S>> {
  #dt: number;
  #timestep = 0;
  readonly #addEvents: boolean;
  readonly #strictDt: boolean;
  readonly #evolve: TimedEvolve;

  /** @throws TypeError or RangeError for an option of the wrong kind or value. */
  constructor(shape: number | readonly number[], options: Omit<TimedModuleOptions, 'shape'>);
  constructor(options: TimedModuleOptions);
  constructor(...args: [unknown?, object?]) {
    const given = mergeArguments<TimedModuleOptions>(args, ['shape']);
    const {
      dt,
      addEvents = true,
      strictDt = false,
      ...base
    } = checkOptions<TimedModuleOptions>(given, 'options', [
      'shape',
      'dt',
      'spikingInput',
      'spikingOutput',
      'addEvents',
      'strictDt',
    ]);
    super(base as TimedModuleOptions);
    this.#dt = checkNumber(dt, 'dt', { positive: true });
    this.#addEvents = checkBoolean(addEvents, 'addEvents');
    this.#strictDt = checkBoolean(strictDt, 'strictDt');
    this.link('dt', {
      kind: 'simulationParameter',
      family: 'dt',
      read: () => this.readDt(),
      write: (value) => this.writeDt(checkNumber(value, 'dt', { positive: true })),
    });
    this.#evolve = (this as unknown as { evolve: TimedEvolve }).evolve;
    Object.defineProperty(this, 'evolve', {
      value: (tsInput?: TimedInput, options?: TimedEvolveOptions) => this.#run(tsInput, options),
      writable: true,
      configurable: true,
    });
  }

  // ---- Time -------------------------------------------------------------------------------------------------------

  /**
   * Time step in seconds. With submodules it is the least common multiple of the one that was asked for and of all of theirs.
   *
   * @throws RockpoolError `ERR_DT` when there is none.
   */
  get dt(): number {
    return this.attribute('dt');
  }

  set dt(value: number) {
    this.assign('dt', value);
  }

  /** The time step that holds; a subclass with a time step elsewhere says where. */
  protected readDt(): number {
    const inner = Object.entries(this.modules() as Record<string, ModuleBase>).flatMap(([name, m]) =>
      numbersIn(m.attributesNamed('dt')).map((dt) => [name, dt] as const),
    );
    if (inner.length === 0) return this.#dt;
    const names = [this.fullName, ...inner.map(([name]) => name)];
    return commonTimeStep([this.#dt, ...inner.map(([, dt]) => dt)], names);
  }

  protected writeDt(value: number): void {
    this.#dt = value;
  }

  /** Time steps of this module in one of its parent; 1 without a timed parent. */
  get parentDtFactor(): number {
    const parent: unknown = this.parent;
    return parent instanceof TimedModule ? Math.round((parent as TimedModule).dt / this.dt) : 1;
  }

  /** Present time in seconds: `timestep * dt`. During `evolve` of a subclass: the time at its begin. */
  get t(): number {
    return timeOf(this.timestep, 0, this.dt);
  }

  /** Sets the step that holds this time. */
  set t(value: number) {
    this.checkIdle();
    const timestep = stepFloor(checkNumber(value, 't', { min: 0 }), 0, this.dt);
    this.writeClock(checkInteger(timestep, 'the time step of t', { min: 0 }));
  }

  /** Present time in steps. */
  get timestep(): number {
    return this.readClock();
  }

  protected readClock(): number {
    return this.#timestep;
  }

  protected writeClock(timestep: number): void {
    this.#timestep = timestep;
  }

  /** Sets the clocks of this module and of all submodules to 0. */
  resetTime(): this {
    this.checkIdle();
    this.writeClock(0);
    resetClocks(this.modules() as Record<string, ModuleBase>);
    return this;
  }

  /** Sets states and clocks back. */
  override resetAll(): this {
    this.resetState();
    return this.resetTime();
  }

  // ---- Types ------------------------------------------------------------------------------------------------------

  /** Class of the series that the module takes. */
  get inputType(): typeof TSContinuous | typeof TSEvent {
    return this.spikingInput ? TSEvent : TSContinuous;
  }

  /** Class of the series that the module returns. */
  get outputType(): typeof TSContinuous | typeof TSEvent {
    return this.spikingOutput ? TSEvent : TSContinuous;
  }

  /** Events of one time step are counted. */
  get addEvents(): boolean {
    return this.#addEvents;
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the module from its present time.
   *
   * A subclass receives a series of {@link inputType} or null, and options with `numTimesteps` (of its own) and `record`; it evolves so
   * many time steps and returns `[output, newState, recorded]`.
   *
   * @throws RangeError `ERR_TIME_RANGE` for an input that ends before the present time or less than a time step after it.
   */
  abstract evolve(tsInput?: TimedInput, options?: TimedEvolveOptions): TimedResult<TimedSpec<S>>;

  /** The same as {@link evolve}. */
  call(tsInput?: TimedInput, options?: TimedEvolveOptions): TimedResult<TimedSpec<S>> {
    return this.evolve(tsInput, options);
  }

  /** The same off the event loop, where the module can. An aborted or failed evolution leaves the module as it was. */
  evolveAsync(tsInput?: TimedInput, options: AsyncTimedEvolveOptions = {}): Promise<TimedResult<TimedSpec<S>>> {
    return this.runExclusive(async () => {
      const { signal, onProgress, ...rest } = checkOptions<AsyncTimedEvolveOptions>(options, 'options', [
        ...evolveOptionNames,
        ...this.moreOptions(),
        'signal',
        'onProgress',
      ]);
      if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
      if (checkSignal(signal)?.aborted) throw abortError(signal as AbortSignal);
      const { input, options: own } = this.#begin(tsInput, rest);
      const before = this.snapshot();
      const first = this.timestep;
      try {
        const result = await this.evolveTimed(input, { ...own, signal, onProgress });
        this.writeClock(first + own.numTimesteps);
        return result as TimedResult<TimedSpec<S>>;
      } catch (error) {
        this.within(() => this.restore(before));
        throw error;
      }
    });
  }

  /** What {@link evolveAsync} does between looking at its arguments and advancing the clock. Default: what `evolve` does. */
  protected evolveTimed(
    input: TimeSeries | null,
    { signal: _signal, onProgress: _onProgress, ...options }: AsyncTimedEvolveOptions & { numTimesteps: number },
  ): Promise<TimedResult> {
    return Promise.resolve(this.#evolve(input, options));
  }

  /**
   * Evolves piece after piece and yields what each evolution returns. Each piece starts at the module's present time and lasts a whole
   * number of time steps.
   */
  stream(
    source: StreamSource,
    options: StreamOptions = {},
  ): AsyncGenerator<TimedResult<TimedSpec<S>>, void, undefined> {
    const { signal } = checkOptions<StreamOptions>(options, 'options', ['signal']);
    return streamPieces(this, source, signal, (piece, n) =>
      this.evolveAsync(piece, { duration: timeOf(n, 0, this.dt), signal }),
    );
  }

  /** Names of options that `evolve` of a subclass takes besides those of all. */
  protected moreOptions(): readonly string[] {
    return [];
  }

  #run(tsInput: TimedInput | undefined, options: TimedEvolveOptions | undefined): TimedResult {
    const { input, options: own } = this.#begin(tsInput, options);
    const before = this.snapshot();
    const first = this.timestep;
    try {
      const result: unknown = this.#evolve(input, own);
      if (!Array.isArray(result) || result.length !== 3)
        throw typeError(`the result of evolve of ${this.className}`, '[output, newState, recorded]', result);
      this.writeClock(first + own.numTimesteps);
      return result as TimedResult;
    } catch (error) {
      this.restore(before);
      throw error;
    }
  }

  #begin(
    tsInput: TimedInput | undefined,
    given: TimedEvolveOptions | undefined,
  ): { input: TimeSeries | null; options: TimedEvolveOptions & { numTimesteps: number } } {
    this.checkIdle();
    const { duration, numTimesteps, ...rest } = checkOptions<TimedEvolveOptions>(given, 'options', [
      ...evolveOptionNames,
      ...this.moreOptions(),
    ]);
    if (rest.record !== undefined) checkBoolean(rest.record, 'record');
    this.checkDt();
    const input = inputSeries(this, tsInput);
    const n = this.determineTimesteps(input, { duration, numTimesteps });
    const asked = numTimesteps !== undefined && numTimesteps !== null;
    const own = asked ? checkInteger(Math.ceil(n * this.parentDtFactor), 'numTimesteps', { min: 0 }) : n;
    return { input, options: { ...rest, numTimesteps: own } };
  }

  /** Tells that submodules need another time step than the one that was asked for. */
  protected checkDt(): void {
    const { dt } = this;
    if (Math.abs(dt - this.#dt) <= 1e-9 * this.#dt) return;
    const text = `expected dt of ${this.fullName} to be a multiple of those of its submodules, received ${this.#dt}`;
    if (this.#strictDt) throw new RockpoolError('ERR_DT', text, { details: { dt, asked: this.#dt } });
    warnOnce(this, 'DT_REPLACED', `${text}; it is ${dt} now`);
  }

  // ---- For subclasses ---------------------------------------------------------------------------------------------

  /** Number of own time steps that an evolution has to take; checks the arguments of `evolve`. */
  protected determineTimesteps(
    tsInput?: TimeSeries | null,
    { duration, numTimesteps }: TimedEvolveOptions = {},
  ): number {
    const input = prepare.checkInput(tsInput, TimeSeries);
    const n = prepare.determineTimesteps({ t: this.t, dt: this.dt, slack }, input, { duration, numTimesteps });
    if (n === 0 && input && (duration ?? numTimesteps ?? null) === null)
      throw rangeError(
        'tsInput.tStop',
        `at least a time step of ${this.dt} after the present time ${this.t}`,
        input.tStop,
        'ERR_TIME_RANGE',
      );
    return n;
  }

  /**
   * The input at each time step: sampled or rasterised, as {@link inputType} says; zeros where there is none. One channel of a continuous
   * input feeds all inputs. Samples that are undefined (NaN) count as 0, or with `undefinedSamples: 'error'` are an error.
   */
  protected prepareInput(
    tsInput?: TimeSeries | null,
    options: TimedEvolveOptions & { undefinedSamples?: 'zero' | 'error' } = {},
  ): PreparedInput {
    const { undefinedSamples = 'zero' } = options;
    checkOneOf(undefinedSamples, 'undefinedSamples', ['zero', 'error']);
    const numTimesteps = this.determineTimesteps(tsInput, options);
    const { t, dt, sizeIn, inputType, fullName } = this;
    const target = { t, dt, sizeIn, inputType, startPrint: `${fullName}: ` };
    if (inputType === TSEvent) {
      const events = prepare.prepareEvents(target, tsInput as TSEvent, { numTimesteps, addEvents: this.#addEvents });
      return { ...events, input: toNdArray(events.input, 'raster', 'float64') };
    }
    const prepared = prepare.prepareContinuous(target, tsInput as TSContinuous, { numTimesteps });
    if (undefinedSamples === 'error' && tsInput && numTimesteps > 0) {
      const samples = (tsInput as TSContinuous).sample(prepared.timeBase);
      const first = native.firstNotFinite(samples.data);
      if (first < samples.size)
        throw rangeError('tsInput', 'defined at all time steps', samples.data[first], 'ERR_VALUE');
    }
    return prepared;
  }

  /** `tStart + k * dt` for k from 0 to `numTimesteps - 1`. */
  protected genTimeTrace(tStart: number, numTimesteps: number): Float64Array {
    return prepare.timeTrace(
      checkNumber(tStart, 'tStart'),
      this.dt,
      checkInteger(numTimesteps, 'numTimesteps', { min: 0 }),
    );
  }

  /** An output array `[T, N]` or `[batch, T, N]` (of which the first batch counts) as a series of {@link outputType}. */
  protected genTimeSeries(output: ArrayInput, options: SeriesOptions = {}): TSContinuous | TSEvent {
    return this.spikingOutput ? this.genTSEvent(output, options) : this.genTSContinuous(output, options);
  }

  /** The same as a continuous series. */
  protected genTSContinuous(output: ArrayInput, options: SeriesOptions = {}): TSContinuous {
    return clockedSeries(seriesMatrix(output), this, { name: this.#outputName('samples'), ...options });
  }

  /** The same, numbers of events, as an event series. */
  protected genTSEvent(output: ArrayInput, options: SeriesOptions = {}): TSEvent {
    return eventSeries(seriesMatrix(output), this, { name: this.#outputName('events'), ...options });
  }

  #outputName(what: string): string {
    return `Output ${what}${this.name === '' ? '' : ` '${this.name}'`}`;
  }

  // ---- Snapshots --------------------------------------------------------------------------------------------------

  override snapshot(): ModuleSnapshot {
    return { ...super.snapshot(), timestep: this.timestep };
  }

  protected override prepareRestore(snapshot: ModuleSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const timestep = checkInteger(snapshot['timestep'], 'timestep', { min: 0 });
    return () => {
      putBack();
      this.writeClock(timestep);
    };
  }

  protected override config(): Record<string, unknown> {
    return {
      dt: this.#dt,
      ...(!this.#addEvents && { addEvents: false }),
      ...(this.#strictDt && { strictDt: true }),
    };
  }
}

function resetClocks(modules: Record<string, ModuleBase>): void {
  for (const module of Object.values(modules)) {
    if (module instanceof TimedModule) module.resetTime();
    else resetClocks(module.modules());
  }
}
