/** How integrate-and-fire layers evolve, and their state. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { freshSeed } from '../../lazy.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { snakeCase } from '../config.js';
import { mergeArguments } from '../arguments.js';
import type { Layer } from '../layer.js';
import { refuseBinning, refuseTaskOptions } from '../prepare-input.js';
import { keepBeforeEnd, spikeOffsets } from '../spike-time.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, LayerSnapshot, ToDictOptions } from '../types.js';
import { withoutEquations } from './dictionaries.js';
import { IAFBase } from './iaf-base.js';
import type { IAFModel } from './model.js';
import type { RunInput } from './native.js';
import { NeuronState } from './neuron-state.js';
import { weightNames } from './options.js';
import type { Recorded } from './read-outs.js';
import {
  plainRecord,
  readRecord,
  type RecordInput,
  type RecordSettings,
  type Signal,
  type StartValues,
} from './record.js';
import { RecordFiles } from './record-files.js';
import { type Run, runLater, runNow, type RunOutcome } from './run.js';
import { settingsToDict } from './settings.js';
import { meanMagnitude, plainWeights } from './weights.js';

/** Options of `randomizeState` of integrate-and-fire layers. */
export interface IAFRandomizeOptions {
  /** Seed of the draw, an integer from 0 to 2^53 - 1. Default: a new one each time. */
  seed?: number;
}

/**
 * Leaky integrate-and-fire neurons with up to two exponentially decaying synaptic currents; `docs/spiking-layers.md` tells the model and what
 * the classes differ in.
 */
export abstract class IAFLayer extends IAFBase {
  readonly #neurons: NeuronState;
  #record: RecordSettings = null;
  #files: RecordFiles | null = null;
  #recorded: Recorded | null = null;

  /** @param args The arguments of the constructor of a class: weights and an options object, or all in one object. */
  protected constructor(model: IAFModel, args: readonly unknown[]) {
    super(model, args);
    this.#neurons = new NeuronState(this.size, model.currents.length, model.adaptation ?? false);
    this.#setRecord(mergeArguments<Record<string, unknown>>(args, weightNames(model))['record']);
    this.resetAll();
  }

  /** What is recorded while evolving. Assigning discards the record that is there; files are begun anew. */
  get record(): RecordInput {
    return plainRecord(this.#record);
  }

  set record(value: RecordInput) {
    this.checkIdle();
    this.#setRecord(value);
  }

  #setRecord(value: unknown): void {
    const record = readRecord(value, this.size);
    this.#record = record;
    this.#recorded = null;
    this.#files =
      record && record.to !== null
        ? new RecordFiles(record.to, this.fileSignals(), record.channels?.length ?? this.size, record.append)
        : null;
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the layer and returns its spikes, one channel for each unit.
   *
   * @param tsInput A TSContinuous or TSEvent, as `inputType` says, of `sizeIn` channels. Where a continuous one is not defined its own
   *   rules hold: an error with `beyondRangeException`, otherwise no input.
   * @throws RangeError `ERR_INDEX` for events on channels that the layer does not have; RockpoolError `ERR_NOT_FINITE` when a
   *   potential is no number any more, with the unit and the time step. The layer is as before then.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const run = this.#prepare(tsInput, options);
    const outcome = this.#named(() => runNow(run));
    this.#neurons.take(run.state);
    return this.#finish(run, outcome);
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      // A run in pieces reads the input again and again.
      const input = this.#files && tsInput instanceof this.inputType ? tsInput.copy() : tsInput;
      const run = this.#prepare(input, options);
      const outcome = await runLater(run, options).catch((error: unknown) => {
        throw this.#withName(error);
      });
      this.storeState(outcome.state.v);
      this.#neurons.take(outcome.state);
      return this.#finish(run, outcome);
    });
  }

  override _markRecords(): () => void {
    const recorded = this.#recorded;
    const takeBack = this.#files?.mark();
    return () => {
      this.#recorded = recorded;
      takeBack?.();
    };
  }

  /** What of the last evolution was recorded in memory. */
  protected get recorded(): Recorded | null {
    return this.#recorded;
  }

  /** Name of the output. */
  protected get outputName(): string {
    return this._model.backend === 'brian' ? 'Layer spikes' : `Layer \`${this.name}\` spikes`;
  }

  /** The signals that are recorded in memory. */
  protected abstract recordSignals(): readonly Signal[];

  /** The signals that are recorded to files, and how these are called. */
  protected fileSignals(): ReadonlyMap<Signal, string> {
    const signals = new Map<Signal, string>([['vPost', 'vMem']]);
    this._model.currents.forEach(({ record }, slot) => signals.set(slot === 0 ? 'current0' : 'current1', record));
    return signals;
  }

  /** Values that stand in front of the record of every step. */
  protected startValues(): StartValues {
    return { vPost: this.state };
  }

  #prepare(tsInput: TimeSeries | null | undefined, options: EvolveOptions): Run {
    const { numTimesteps, input } = this.#input(tsInput, options);
    return {
      plan: this._plan(),
      first: this.timestep,
      steps: numTimesteps,
      dt: this.dt,
      seed: this.seed,
      spikeOffset: spikeOffsets[this.spikeTime],
      input,
      state: this.#neurons.forRun(this.state),
      record: this.#record,
      signals: this.#files ? [...this.fileSignals().keys()] : this.#record ? this.recordSignals() : [],
      start: this.#record?.every === 1 && !this.#files ? this.startValues() : {},
      files: this.#files,
      whole: this._settings.blendInput,
    };
  }

  #input(tsInput: TimeSeries | null | undefined, options: EvolveOptions): { numTimesteps: number; input: RunInput } {
    refuseBinning(options);
    if (this._model.input === 'events') {
      const { numTimesteps, input, countEvents } = this.eventWindow(tsInput, options);
      return { numTimesteps, input: input ? [1, this.dt, countEvents, ...input] : [] };
    }
    const { numTimesteps, input } = this.samplingWindow(tsInput, options);
    return { numTimesteps, input: input ? [0, this.dt, ...input] : [] };
  }

  /** Moves the clock on, keeps the record and wraps the spikes. */
  #finish({ first, steps }: Run, { times, channels, record }: RunOutcome): TSEvent {
    const { t: tStart, dt } = this;
    this.timestep = first + steps;
    const tStop = this.t;
    keepBeforeEnd(times, this.spikeTime, tStop, dt);
    const output = TSEvent.fromTrusted({
      times,
      channels,
      numChannels: this.size,
      tStart,
      tStop,
      name: this.outputName,
    });
    const bias = record?.has('total') ? this._parameters.get('bias').slice() : null;
    // The copy shares the memory until somebody gets hold of it.
    this.#recorded = record && { buffers: record, dt, tStart, tStop, first, bias, spikes: output.copy() };
    return output;
  }

  #named<T>(fn: () => T): T {
    try {
      return fn();
    } catch (error) {
      throw this.#withName(error);
    }
  }

  /** Adds the layer to what the core says of a unit. */
  #withName(error: unknown): unknown {
    const codes = ['ERR_NOT_FINITE', 'ERR_STATE'] as const;
    const code = error instanceof RockpoolError && codes.find((one) => one === error.code);
    if (!code) return error;
    const message = `${this.startPrint}${error.message}`;
    return new RockpoolError(code, message, { cause: error, details: { layer: this.name } });
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** A synaptic current: the layer's own array. */
  protected current(slot: 0 | 1): Float64Array {
    return this.#neurons.current(slot);
  }

  /** The adaptation current of a class that has one: the layer's own array. */
  protected get adaptation(): Float64Array {
    return this.#neurons.adaptation!;
  }

  protected setAdaptation(name: string, value: ArrayInput): void {
    this.checkIdle();
    this.#neurons.setAdaptation(name, value);
  }

  protected setCurrent(slot: 0 | 1, name: string, value: ArrayInput): void {
    this.checkIdle();
    this.#neurons.setCurrent(slot, name, value);
  }

  /** Time for which each unit is still held, in seconds. */
  get tRefrCountdown(): Float64Array {
    return Float64Array.from(this.#neurons.refractory, (steps) => steps * this.dt);
  }

  /** Sets the clock to 0. The state stays; spikes with a delay that have not arrived yet are lost. */
  override resetTime(): void {
    super.resetTime();
    this.#neurons.dropPending();
  }

  override get t(): number {
    return super.t;
  }

  /** Sets the step that holds this time. Spikes with a delay that have not arrived yet are lost. */
  override set t(value: number) {
    super.t = value;
    this.#neurons.dropPending();
  }

  /** Potentials to rest (to reset where there is no rest), currents to 0; no unit is held, no spike is under way. */
  override resetState(): void {
    super.resetState();
    this.state.set(this._parameters.orNull('vRest') ?? this._parameters.get('vReset'));
    this.#neurons.reset();
  }

  /** Draws potentials uniformly between reset and threshold, and currents from normal distributions as wide as the weights. */
  override randomizeState(options: IAFRandomizeOptions = {}): void {
    this.checkIdle();
    const given = checkOptions<IAFRandomizeOptions>(options, 'options', ['seed']);
    const seed = checkInteger(given.seed ?? freshSeed(), 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
    native.randomizeBetween(seed, this._parameters.get('vReset'), this._parameters.get('vThresh'), this.state);
    this._model.currents.forEach(({ from }, slot) => {
      const widths = from.map(({ source }) => meanMagnitude(this._weightsOf(source)));
      const width = widths.reduce((sum, w) => sum + w, 0) / widths.length;
      // Stream 1 is that of the potentials.
      native.normalMatrix(seed, 2 + slot, this.size, 0, width, this.#neurons.current(slot));
    });
  }

  /** A copy of all that changes when the layer evolves: also currents, refractory times, and spikes that have not arrived yet. */
  override snapshot(): LayerSnapshot {
    return { ...super.snapshot(), ...this.#neurons.snapshot() };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const neurons = this.#neurons.prepareRestore(snapshot, this.sizeIn);
    return () => {
      putBack();
      neurons();
    };
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /** The original's entries, and the options that are not at their default. Sparse weights are stored as their parts. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { noise_std, ...base } = super.toDict(options);
    delete base['weights']; // only their shape
    const weights = weightNames(this._model).map((name) => {
      const role = name === 'weightsIn' ? 'input' : name === 'weightsRec' ? 'recurrent' : this._mainRole;
      return [snakeCase(name), plainWeights(this._weightsOf(role))] as const;
    });
    const { refractory, noise, addEvents } = this._model;
    const held = this._refractory;
    return {
      ...base,
      ...Object.fromEntries(weights),
      ...(noise && { noise_std }),
      ...Object.fromEntries(this._parameters.toDict().map(([name, value]) => [snakeCase(name), value])),
      ...(refractory && { refractory: typeof held === 'number' ? held : Array.from(held) }),
      ...(addEvents?.option && { add_events: this.addEvents }),
      record: this.record,
      ...settingsToDict(this._settings, this._model),
    };
  }

  /** Makes a layer from the entries of a dictionary. Equations that only Brian can read are left out, with a warning. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    const Class = this as new (options: Record<string, unknown>) => Layer;
    return new Class(withoutEquations(options));
  }
}
