/** Filter banks: what all of them do. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkNumber, rangeError, shapeError, typeError } from '../../check.js';
import { runTask } from '../../task.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { warn } from '../../warnings.js';
import { named } from '../jax/last-evolution.js';
import { Layer } from '../layer.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import { outputArray } from '../rate-options.js';
import { seriesInput } from '../series-input.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, SamplingWindow, ToDictOptions } from '../types.js';
import {
  checkFrequency,
  type FilterDesign,
  filterResponse,
  maxOrder,
  prepareFilters,
  type PreparedFilters,
} from './design.js';
import type { FilterBankOptions } from './options.js';

/**
 * Filters side by side that listen to one channel: each sample passes the sections of a band-pass, becomes its magnitude, and passes a
 * low-pass, so that channel k of the output is how strong the input is in band k.
 *
 * A subclass provides {@link design} and ends its constructor with `this.resetAll()`. The states of the filters go on from evolution to
 * evolution; {@link resetState} sets them to 0.
 */
export abstract class FilterBank extends Layer {
  readonly #fs: number;
  readonly #order: number;
  readonly #downsample: number;
  readonly #numWorkers: number;
  #cutoffFs: number;
  #meanSubtraction: boolean;
  #normalize: boolean;
  #prepared: PreparedFilters | null = null;

  /**
   * @param fs Sample rate in Hz; the time step is 1 / `fs`.
   * @throws TypeError or RangeError for an argument of the wrong kind or value.
   */
  protected constructor(fs: number, options: FilterBankOptions) {
    const rate = checkNumber(fs, 'fs', { positive: true });
    const filters = checkInteger(options.numFilters ?? 64, 'numFilters', { min: 1, max: 2 ** 24 });
    super({ shape: [1, filters] } as unknown as ArrayInput, { dt: 1 / rate, name: options.name, seed: options.seed });
    this.#fs = rate;
    this.#cutoffFs = checkFrequency(options.cutoffFs ?? 100, 'cutoffFs', rate);
    this.#order = checkInteger(options.order ?? 2, 'order', { min: 1, max: maxOrder });
    this.#meanSubtraction = checkBoolean(options.meanSubtraction ?? false, 'meanSubtraction');
    this.#normalize = checkBoolean(options.normalize ?? false, 'normalize');
    this.#numWorkers = checkInteger(options.numWorkers ?? 1, 'numWorkers', { min: 1 });
    this.#downsample = checkInteger(options.downsample ?? 1, 'downsample', { min: 1 });
  }

  /** The filters, from the present parameters: called when they are first needed and after {@link dropDesign}. */
  protected abstract design(): FilterDesign;

  /** Whether parameters that users can write into are as they were when {@link design} was last called. */
  protected designIsCurrent(): boolean {
    return true;
  }

  /** A parameter has changed: the filters are designed anew. Their states stay. */
  protected dropDesign(): void {
    this.#prepared = null;
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** Sample rate in Hz. */
  get fs(): number {
    return this.#fs;
  }

  /** Half the sample rate, in Hz. */
  get nyquist(): number {
    return this.#fs / 2;
  }

  get numFilters(): number {
    return this.size;
  }

  /** Order of the filters. */
  get order(): number {
    return this.#order;
  }

  /** Cutoff of the low-pass behind the rectification, in Hz. */
  get cutoffFs(): number {
    return this.#cutoffFs;
  }

  set cutoffFs(value: number) {
    this.checkIdle();
    const before = this.#cutoffFs;
    this.#cutoffFs = checkFrequency(value, 'cutoffFs', this.#fs);
    this.redesign(() => {
      this.#cutoffFs = before;
    });
  }

  /** Subtract from each channel of an output its mean. */
  get meanSubtraction(): boolean {
    return this.#meanSubtraction;
  }

  set meanSubtraction(value: boolean) {
    this.checkIdle();
    this.#meanSubtraction = checkBoolean(value, 'meanSubtraction');
  }

  /** Divide each output by its largest magnitude. */
  get normalize(): boolean {
    return this.#normalize;
  }

  set normalize(value: boolean) {
    this.checkIdle();
    this.#normalize = checkBoolean(value, 'normalize');
  }

  /** See {@link FilterBankOptions.numWorkers}. */
  get numWorkers(): number {
    return this.#numWorkers;
  }

  /** One sample is emitted for so many time steps. */
  get downsample(): number {
    return this.#downsample;
  }

  /** Ones, 1 x `numFilters`, a new array each time: every filter hears the input. They cannot be set. */
  override get weights(): Matrix {
    return new NdArray(new Float64Array(this.size).fill(1), [1, this.size]);
  }

  override set weights(value: ArrayInput) {
    throw typeError('weights', 'left alone: all filters hear the input', value);
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError: the filters are those of the sample rate of the construction. */
  override set dt(value: number) {
    throw rangeError('dt', `the one of the construction, ${super.dt}`, value);
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  /** Not used: setting another value than 0 is a warning (`NOISE_UNUSED`). */
  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    if (this.noiseStd > 0)
      warn('NOISE_UNUSED', `${this.startPrint}noiseStd is ${this.noiseStd}, but filters have none`);
  }

  /** The second-order sections of the band-passes, `b0 b1 b2 1 a1 a2`: `numFilters` x sections x 6, a copy. */
  get filters(): NdArray<Float64Array> {
    return this.#prepare().design.bandpass.copy();
  }

  /** The sections of the low-pass, sections x 6, a copy; null when there is none. */
  get lowpass(): NdArray<Float64Array> | null {
    return this.#prepare().design.lowpass?.copy() ?? null;
  }

  /**
   * Magnitude of the transfer functions of the band-passes at `nPts` frequencies from 0 up to, but not including, half the sample rate.
   *
   * @returns The frequencies in Hz, and the magnitudes, `numFilters` x `nPts`.
   */
  getAnalyticalFilterResponse(nPts: number): [frequencies: Float64Array, response: Matrix] {
    const n = checkInteger(nPts, 'nPts', { min: 1 });
    return filterResponse(this.#prepare().design, this.size, this.nyquist, n);
  }

  /** Does nothing: threads belong to the process. The original ends its worker processes. */
  terminate(): void {}

  // ---- State ------------------------------------------------------------------------------------------------------

  /** The two numbers of every section, band-pass then low-pass, of the first filter, then of the next: the layer's own array. */
  override get state(): Float64Array {
    return super.state;
  }

  /** Takes exactly as many numbers. */
  override set state(value: ArrayInput) {
    this.checkIdle();
    const { data, size } = toNdArray(value, 'state', 'float64');
    const expected = this.#prepare().size;
    if (size !== expected) throw shapeError('state', `${expected} numbers`, `${size} of them`);
    this.storeState(data);
  }

  /** Sets the states of all filters to 0. */
  override resetState(): void {
    this.checkIdle();
    this.storeState(allocate([this.#prepare().size], 'the state'));
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * The strength of the input in each band: one sample for each time step that is a multiple of `downsample`, `numFilters` channels.
   *
   * @throws RockpoolError `ERR_NOT_FINITE` when a filter's state becomes infinite or NaN. The layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const window = this.samplingWindow(tsInput, options);
    const rows = this.#rows(window);
    const out = outputArray(rows, this.size);
    try {
      native.filterBankRun(...this.#run(window), this.state, out, ...seriesInput(window, this.dt));
    } catch (error) {
      throw named(error, this.startPrint);
    }
    return this.#finish(out, rows, window.numTimesteps);
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const window = this.samplingWindow(tsInput, options);
      const rows = this.#rows(window);
      const out = outputArray(rows, this.size);
      const state = new Float64Array(this.#prepare().size);
      const args = [...this.#run(window), this.state, out, state] as const;
      const input = seriesInput(window, this.dt);
      try {
        await runTask(options, (progress) => native.filterBankRunAsync(...args, progress, ...input));
      } catch (error) {
        throw named(error, this.startPrint);
      }
      this.storeState(state);
      return this.#finish(out, rows, window.numTimesteps);
    });
  }

  /** The original's entries, and `downsample` where it is not 1. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    for (const name of ['weights', 'dt', 'noise_std']) delete base[name];
    return {
      ...base,
      fs: this.#fs,
      cutoff_fs: this.#cutoffFs,
      num_filters: this.size,
      order: this.#order,
      mean_subtraction: this.#meanSubtraction,
      normalize: this.#normalize,
      num_workers: this.#numWorkers,
      ...(this.#downsample !== 1 && { downsample: this.#downsample }),
    };
  }

  /** Designs the filters for a parameter that was set; when that fails, calls `undo` and throws. */
  protected redesign(undo: () => void): void {
    const before = this.#prepared;
    this.dropDesign();
    try {
      this.#prepare();
    } catch (error) {
      undo();
      this.#prepared = before;
      throw error;
    }
  }

  #prepare(): PreparedFilters {
    if (this.#prepared && this.designIsCurrent()) return this.#prepared;
    return (this.#prepared = prepareFilters(this.design(), this.size));
  }

  #run({ numTimesteps }: SamplingWindow) {
    const { plan } = this.#prepare();
    const { timestep } = this;
    return [plan, timestep, numTimesteps, this.#downsample, this.#normalize, this.#meanSubtraction] as const;
  }

  /** Time steps before `step` that make a sample. */
  #rowsBefore(step: number): number {
    const rest = step % this.#downsample;
    return (step - rest) / this.#downsample + (rest > 0 ? 1 : 0);
  }

  #rows({ numTimesteps }: SamplingWindow): number {
    return this.#rowsBefore(this.timestep + numTimesteps) - this.#rowsBefore(this.timestep);
  }

  #finish(samples: Float64Array, rows: number, numTimesteps: number): TSContinuous {
    const { t: tStart, size, dt } = this;
    const first = this.#rowsBefore(this.timestep);
    this.timestep += numTimesteps;
    return wrapClocked(samples, size, dt * this.#downsample, first, rows, tStart, this.t, 'filteredInput');
  }
}
