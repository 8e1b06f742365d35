/**
 * Exponential synapses with weighted events as input.
 *
 * Long because the class has three methods of training beside its parameters; the work is in `run.ts`, `carry.ts` and `logreg.ts`.
 */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInstance, checkNumber, checkOptions } from '../../check.js';
import type { LogisticResult } from '../../learning/native.js';
import { runTask } from '../../task.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import { named } from '../jax/last-evolution.js';
import { checkChannels, refuseTaskOptions } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import { checkPrecision, type NoiseScaling, type Precision } from '../rate-options.js';
import { registerLayerClass } from '../registry.js';
import { RRTrainedLayer } from '../rr-trained-layer.js';
import type { Regressors, TrainingBatch, TrainingWindow } from '../training-types.js';
import type { AsyncEvolveOptions, EvolveOptions, EventInputWindow, LayerConfig, ToDictOptions } from '../types.js';
import { FilterCarry } from './carry.js';
import {
  type AsyncTrainLogregOptions,
  type ExpSynTrainOptions,
  type ExpSynTrainResult,
  logregArguments,
  logregMethods,
  type LogregSettings,
  readLogregSettings,
  type TrainLogregOptions,
  type TrainLogregResult,
} from './logreg.js';
import type { ExpSynParameters } from './native.js';
import {
  checkFinite,
  checkStationary,
  extras,
  type FFExpSynOptions,
  finiteArray,
  optionNames,
  plus,
  readWeights,
} from './options.js';
import { ExpSynPlanCache, type ExpSynRun, runExpSyn, runExpSynAsync } from './run.js';

/** What of its kernel a subclass chooses. */
export interface KernelChoices {
  /** How a current decays in a step: 0 Euler, 1 exact, 2 Runge and Kutta. */
  decay: 0 | 1 | 2;
  /** At most so many steps at a time; 0: as many as suit the machine. */
  blockSteps: number;
}

/**
 * Synaptic currents that jump by the weight of every input event and decay exponentially in between:
 *
 *     tauSyn dI/dt = -I + tauSyn (sum over events of weights) + noise,     output = I + bias
 *
 * exact at the time steps. The output is taken at the start of every step and at the end of the evolution, one sample more than there
 * are time steps; an event shows, undecayed, in the first sample after its time step.
 */
export class FFExpSyn extends RRTrainedLayer {
  readonly #plans = new ExpSynPlanCache();
  readonly #carry = new FilterCarry();
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  #tauSyn: number;
  #bias: Float64Array;
  #addEvents: boolean;

  /**
   * @param weights `sizeIn` x `size`, indexed [pre, post]; an integer n is the identity matrix of n channels.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for weights that are not finite. A `dt` above
   *   `tauSyn` is a warning (`DT_COARSE`).
   */
  constructor(weights: ArrayInput, options?: FFExpSynOptions);
  constructor(options: FFExpSynOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, FFExpSynOptions?]) {
    const merged = mergeArguments<FFExpSynOptions & { weights: ArrayInput }>(args, ['weights']);
    const options = checkOptions<typeof merged>(merged, 'options', optionNames) as typeof merged;
    const { weights, noiseStd, name, seed } = options;
    super({ weights: readWeights(weights), noiseStd, name, seed });
    this.#tauSyn = checkNumber(options.tauSyn ?? 5e-3, 'tauSyn', { positive: true });
    super.dt = checkNumber(options.dt === null ? this.#tauSyn / 10 : (options.dt ?? 1e-4), 'dt', { positive: true });
    this.#bias = this.#checkBias(options.bias ?? 0);
    this.#addEvents = checkBoolean(options.addEvents ?? true, 'addEvents');
    this.#noiseScaling = checkStationary(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
    this.#warnIfCoarse();
    this.resetAll();
  }

  override get weights(): Matrix {
    this.#plans.watch();
    return super.weights;
  }

  override set weights(value: ArrayInput) {
    this.checkIdle();
    super.weights = finiteArray(value, 'weights');
    this.#plans.drop();
  }

  override get dt(): number {
    return super.dt;
  }

  override set dt(value: number) {
    super.dt = value;
    this.#plans.drop();
    this.#warnIfCoarse();
  }

  /** Standard deviation of the noise on the currents; see {@link NoiseScaling}. */
  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.#plans.drop();
  }

  /** Time constant of the synapses in seconds. */
  get tauSyn(): number {
    return this.#tauSyn;
  }

  set tauSyn(value: number) {
    this.checkIdle();
    this.#tauSyn = checkNumber(value, 'tauSyn', { positive: true });
    this.#plans.drop();
    this.#warnIfCoarse();
  }

  /** Added to the output, one number for each unit: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    this.#plans.watch();
    return this.#bias;
  }

  set bias(value: ArrayInput) {
    this.checkIdle();
    this.#bias = this.#checkBias(value);
    this.#plans.drop();
  }

  /** Every event counts; otherwise several events of one channel in a time step count once. */
  get addEvents(): boolean {
    return this.#addEvents;
  }

  set addEvents(value: boolean) {
    this.checkIdle();
    this.#addEvents = checkBoolean(value, 'addEvents');
  }

  /** The currents with the bias, a new array: what the output begins with. A number sets all. */
  override get state(): Float64Array {
    return plus(super.state, this.#bias, 1);
  }

  override set state(value: ArrayInput) {
    super.state = plus(this.expandToNetSize(value, 'state'), this.#bias, -1);
  }

  /** The currents without the bias: the layer's own array, 0 after a reset. A number sets all. */
  get stateNoBias(): Float64Array {
    return super.state;
  }

  set stateNoBias(value: ArrayInput) {
    super.state = this.expandToNetSize(value, 'stateNoBias');
  }

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  /** Sum of the products of the regressors of the training under way, a copy; null before the first. */
  get xtx(): NdArray<Float64Array> | null {
    return this.ridgeRegression?.xtx ?? null;
  }

  /** Sum of the products of regressors and target of the training under way, a copy; null before the first. */
  get xty(): Matrix | null {
    return this.ridgeRegression?.xty ?? null;
  }

  /**
   * Evolves the layer and returns I + bias: `numTimesteps + 1` samples, `size` channels.
   *
   * @param tsInput Events on the channels of the inputs. Outside its extent it has none.
   * @throws RangeError `ERR_INDEX` for events on channels that there are not; RockpoolError `ERR_NOT_FINITE` when a current becomes infinite or
   *   NaN. The layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const window = this.eventWindow(tsInput, options);
    try {
      return this.#finish(runExpSyn(this.#run(window)), window.numTimesteps);
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const window = this.eventWindow(tsInput, options);
      try {
        const { out, state } = await runExpSynAsync(this.#run(window), options);
        this.storeState(state);
        return this.#finish(out, window.numTimesteps);
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /**
   * Trains with the method of that name: those of {@link trainRr}, and `'logreg'`, `'logistic'` and `'logistic regression'` for
   * {@link trainLogreg}, which has no use for `isFirst` and `isLast`.
   *
   * @throws RangeError `ERR_VALUE` for an unknown method.
   */
  override train(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: ExpSynTrainOptions = {},
  ): ExpSynTrainResult {
    if (!logregMethods.includes(options?.method as string)) return super.train(tsTarget, tsInput, options);
    const rest: Record<string, unknown> = { ...options };
    for (const name of ['method', 'isFirst', 'isLast']) delete rest[name];
    return this.trainLogreg(tsTarget, tsInput, rest);
  }

  /**
   * Gradient descent on the cross-entropy of the target and `1 / (1 + exp(-(X weights + bias)))`, X being the filtered input of
   * {@link trainRr} at `round(duration / dt)` times from the start of the target on. The first pass takes the samples in their order,
   * every further one in another order. Weights and bias are set at the end; an error changes nothing.
   *
   * @param tsTarget Probabilities from 0 to 1: one channel for each unit.
   * @throws TypeError, RangeError as {@link trainRr}; RockpoolError `ERR_NOT_FINITE` when the descent does not converge.
   */
  trainLogreg(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: TrainLogregOptions = {},
  ): TrainLogregResult {
    this.checkIdle();
    const settings = readLogregSettings(options, this.seed, false);
    const batch = this.#logregBatch(tsTarget, tsInput, settings);
    const learnt = native.logisticTrain(...logregArguments(batch, settings, super.weights.data, this.#bias));
    return this.#takeLearnt(batch, settings, learnt);
  }

  /** {@link trainLogreg} off the event loop (the sampling of the target excepted). */
  trainLogregAsync(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: AsyncTrainLogregOptions = {},
  ): Promise<TrainLogregResult> {
    return this.runExclusive(async () => {
      const settings = readLogregSettings(options, this.seed, true);
      const batch = this.#logregBatch(tsTarget, tsInput, settings);
      const args = logregArguments(batch, settings, super.weights.data, this.#bias);
      const learnt = await runTask(settings, (progress) => native.logisticTrainAsync(...args, progress));
      return this._lock().permit(() => this.#takeLearnt(batch, settings, learnt));
    });
  }

  /** The original's entries, and `noise_scaling` and `precision` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      bias: Array.from(this.#bias),
      tau_syn: this.#tauSyn,
      add_events: this.#addEvents,
      ...extras(this.#noiseScaling, this.#precision),
    };
  }

  /** Name of the output. */
  protected get outputName(): string {
    return 'Receiver current';
  }

  protected get kernelChoices(): KernelChoices {
    return { decay: 1, blockSteps: 0 };
  }

  /** `storeStates` (default true): the filtered input of a batch goes on where that of the last one ended. */
  protected override get trainingFlags(): Readonly<Record<string, boolean>> {
    return { storeStates: true };
  }

  protected override prepareRegressors(tsInput: TimeSeries | null, window: TrainingWindow): Regressors {
    const input = tsInput === null ? null : checkInstance(tsInput, 'tsInput', TSEvent);
    if (input) checkChannels(this, input, false);
    return this.#carry.regressors(this, input, window);
  }

  #logregBatch(
    tsTarget: TSContinuous,
    tsInput: TimeSeries | null | undefined,
    { storeStates }: LogregSettings,
  ): TrainingBatch {
    return this.trainingBatch(tsTarget, tsInput, { isFirst: false, isLast: false, flags: { storeStates } });
  }

  #takeLearnt({ regressors }: TrainingBatch, { verbose }: LogregSettings, learnt: LogisticResult): TrainLogregResult {
    const { crossEntropy, weights, bias } = learnt;
    regressors.commit?.();
    this.applyTraining(new NdArray(weights, [this.sizeIn, this.size]), bias);
    if (verbose) {
      const lines = Array.from(crossEntropy, (h, i) => `pass ${i + 1} of ${crossEntropy.length}: cross-entropy ${h}`);
      console.log(`${this.startPrint}${lines.join('\n')}`);
    }
    const { trainingState } = regressors;
    return { crossEntropy, ...(trainingState && { trainingState }) };
  }

  #warnIfCoarse(): void {
    if (this.dt > this.#tauSyn)
      warn('DT_COARSE', `${this.startPrint}the time step ${this.dt} is longer than tauSyn, ${this.#tauSyn}`);
  }

  #checkBias(value: ArrayInput): Float64Array {
    const bias = this.expandToNetSize(value, 'bias');
    checkFinite(bias, 'bias');
    return bias;
  }

  #run(window: EventInputWindow): ExpSynRun {
    const { timestep, seed, dt, size } = this;
    const rows = window.numTimesteps + 1;
    const plan = this.#plans.get(this.#parameters);
    return { plan, timestep, seed, dt, state: super.state, window, rows, columns: size };
  }

  readonly #parameters = (): ExpSynParameters => {
    const { sizeIn, size, dt, noiseStd } = this;
    const { decay, blockSteps } = this.kernelChoices;
    const scaling = this.#noiseScaling === 'legacy' ? 0 : 1;
    const precision = this.#precision === 'float32' ? 1 : 0;
    const tau = Float64Array.of(this.#tauSyn);
    const weights = super.weights.data;
    return [sizeIn, size, 0, weights, undefined, tau, this.#bias, dt, noiseStd, scaling, decay, precision, blockSteps];
  };

  #finish(samples: Float64Array, numTimesteps: number): TSContinuous {
    const { timestep: first, t: tStart, size, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, size, dt, first, numTimesteps + 1, tStart, this.t, this.outputName);
  }
}

registerLayerClass('FFExpSyn', FFExpSyn);
