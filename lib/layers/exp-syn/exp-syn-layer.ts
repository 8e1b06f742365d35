/** Parameters of exponential synapses with weighted events as input. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { checkBoolean, checkNumber, checkOptions } from '../../check.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import { checkPrecision, type NoiseScaling, type Precision } from '../rate-options.js';
import { RRTrainedLayer } from '../rr-trained-layer.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import type { ExpSynParameters, ExpSynPlan } from './native.js';
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
import { ExpSynPlanCache } from './run.js';

/** What of its kernel a subclass chooses. */
export interface KernelChoices {
  /** How a current decays in a step: 0 Euler, 1 exact, 2 Runge and Kutta. */
  decay: 0 | 1 | 2;
  /** At most so many steps at a time; 0: as many as suit the machine. */
  blockSteps: number;
}

/** A layer with the parameters of exponential synapses; evolution and training are those of {@link FFExpSyn}. */
export abstract class ExpSynLayer extends RRTrainedLayer {
  readonly #plans = new ExpSynPlanCache();
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

  protected get kernelChoices(): KernelChoices {
    return { decay: 1, blockSteps: 0 };
  }

  /** @internal Weights and bias, for reading only. */
  protected model(): [weights: Float64Array, bias: Float64Array] {
    return [super.weights.data, this.#bias];
  }

  /** @internal The prepared parameters. */
  protected expSynPlan(): ExpSynPlan {
    return this.#plans.get(this.#parameters);
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

  readonly #parameters = (): ExpSynParameters => {
    const { sizeIn, size, dt, noiseStd } = this;
    const { decay, blockSteps } = this.kernelChoices;
    const scaling = this.#noiseScaling === 'legacy' ? 0 : 1;
    const precision = this.#precision === 'float32' ? 1 : 0;
    const tau = Float64Array.of(this.#tauSyn);
    const weights = super.weights.data;
    return [sizeIn, size, 0, weights, undefined, tau, this.#bias, dt, noiseStd, scaling, decay, precision, blockSteps];
  };
}
