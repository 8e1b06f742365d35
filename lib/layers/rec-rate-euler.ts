/** Recurrent layer of leaky rate neurons. */
import { type ArrayLike_ as ArrayInput, type Matrix, shapeText, toNdArray } from '../array.js';
import { checkNumber, checkOptions, rangeError, shapeError, typeError } from '../check.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { warn } from '../warnings.js';
import { mergeArguments } from './arguments.js';
import { Layer } from './layer.js';
import {
  PlanCache,
  type RunStart,
  runPieces,
  runPiecesAsync,
  runPlan,
  runPlanAsync,
  stepRows,
  wrapClocked,
} from './rate-core.js';
import type { RateParameters } from './rate-native.js';
import {
  type Activation,
  type ActivationFunction,
  checkActivation,
  checkNoiseScaling,
  checkPrecision,
  type NoiseScaling,
  type Precision,
  rateExtras,
  smallest,
} from './rate-options.js';
import { registerLayerClass } from './registry.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, LayerOptions, ToDictOptions } from './types.js';
import { refuseTaskOptions } from './prepare-input.js';

/** Options of {@link RecRateEuler}. */
export interface RecRateEulerOptions extends Omit<LayerOptions, 'noiseStd'> {
  /** Added to the state inside the activation: a number or one for each unit. Default 0. */
  bias?: ArrayInput;
  /** Time constants in seconds: a number or one for each unit. Default 1. */
  tau?: ArrayInput;
  /** Default `'relu'`. A function of your own is called once for each time step. */
  activationFunc?: ActivationFunction | string;
  /** Standard deviation of the noise on the state; see {@link NoiseScaling}. Default 0. */
  noiseStd?: number;
  /** Default `'legacy'`. */
  noiseScaling?: NoiseScaling;
  /** Default `'float64'`. */
  precision?: Precision;
}

const optionNames = [
  'weights',
  'bias',
  'tau',
  'activationFunc',
  'dt',
  'noiseStd',
  'name',
  'seed',
  'noiseScaling',
  'precision',
];

/** The time step must resolve the fastest unit by this factor. */
const stepsPerTau = 10;

function tooLarge(dt: number, tau: Float64Array): boolean {
  return dt > (smallest(tau) / stepsPerTau) * (1 + 1e-9);
}

/**
 * Recurrently connected leaky rate neurons, integrated by the forward Euler method:
 *
 *     tau dx/dt = -x + H(x + bias) W + input(t) + noise
 *
 * Input channel i drives unit i. The output is H(x + bias) at the start of every step and at the end of the evolution: one sample
 * more than there are time steps.
 */
export class RecRateEuler extends Layer {
  readonly #plans = new PlanCache();
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  #tau: Float64Array;
  #bias: Float64Array;
  #activation: Activation;

  /**
   * @param weights Recurrent weights, `size` x `size`, indexed [pre, post].
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value. A `dt` above a tenth of the smallest `tau` is
   *   a warning here (`DT_COARSE`) and an error when it is set later.
   */
  constructor(weights: ArrayInput, options?: RecRateEulerOptions);
  constructor(options: RecRateEulerOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, RecRateEulerOptions?]) {
    const merged = mergeArguments<RecRateEulerOptions & { weights: ArrayInput }>(args, ['weights']);
    const options = checkOptions<typeof merged>(merged, 'options', optionNames);
    if (options.noiseStd === null) throw typeError('noiseStd', 'a number of 0 or more', null);
    super(squareWeights(options.weights), {
      dt: options.dt ?? 0.1,
      noiseStd: options.noiseStd,
      name: options.name,
      seed: options.seed,
    });
    this.#tau = this.#checkTau(options.tau === undefined ? 1 : options.tau);
    this.#bias = this.#checkBias(options.bias === undefined ? 0 : options.bias);
    this.#activation = checkActivation(options.activationFunc ?? 'relu', 'activationFunc');
    this.#noiseScaling = checkNoiseScaling(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
    if (tooLarge(this.dt, this.#tau)) {
      warn(
        'DT_COARSE',
        `${this.startPrint}the time step ${this.dt} is more than a tenth of the smallest tau, ${smallest(this.#tau)}`,
      );
    }
    this.resetAll();
  }

  override get weights(): Matrix {
    this.#plans.watch();
    return super.weights;
  }

  override set weights(value: ArrayInput) {
    super.weights = value;
    this.#plans.drop();
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError when it is above a tenth of the smallest `tau`. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    if (tooLarge(dt, this.#tau))
      throw rangeError('dt', `at most a tenth of the smallest tau, ${smallest(this.#tau) / stepsPerTau}`, dt);
    super.dt = dt;
    this.#plans.drop();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number) {
    if (value === null) throw typeError('noiseStd', 'a number of 0 or more', null);
    super.noiseStd = value;
    this.#plans.drop();
  }

  /** Time constants in seconds, one for each unit: the layer's own array. A number sets all. */
  get tau(): Float64Array {
    this.#plans.watch();
    return this.#tau;
  }

  set tau(value: ArrayInput) {
    this.checkIdle();
    this.#tau = this.#checkTau(value);
    this.#plans.drop();
  }

  /** Added to the state inside the activation, one number for each unit: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    this.#plans.watch();
    return this.#bias;
  }

  set bias(value: ArrayInput) {
    this.checkIdle();
    this.#bias = this.#checkBias(value);
    this.#plans.drop();
  }

  /** Name of the activation, or a function of the user's. */
  get activationFunc(): Activation {
    return this.#activation;
  }

  set activationFunc(value: ActivationFunction | string) {
    this.checkIdle();
    this.#activation = checkActivation(value, 'activationFunc');
    this.#plans.drop();
  }

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  /**
   * Evolves the layer and returns H(x + bias): `numTimesteps + 1` samples, `size` channels.
   *
   * @param tsInput Continuous input of `size` channels, or of one that drives all units. Outside its extent it counts as 0.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    if (typeof this.#activation !== 'function') {
      const window = this.samplingWindow(tsInput, options);
      return this.#finish(runPlan(this.#plan(), this.#start(this.state), window, this.size), window.numTimesteps);
    }
    const { input, numTimesteps } = this.prepareInput(tsInput, options);
    const start = this.#start(this.state.slice());
    const out = runPieces(stepRows(this.#guarded(this.#activation), this.#plan(), start, input, this.size));
    return this.#finish(out, numTimesteps, start.state);
  }

  /** The same off the event loop; with an activation of your own on the event loop, a few milliseconds at a time. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      if (typeof this.#activation !== 'function') {
        const window = this.samplingWindow(tsInput, options);
        const { out, state } = await runPlanAsync(this.#plan(), this.#start(this.state), window, this.size, options);
        return this.#finish(out, window.numTimesteps, state);
      }
      const { input, numTimesteps } = this.prepareInput(tsInput, options);
      const start = this.#start(this.state.slice());
      const out = await runPiecesAsync(
        stepRows(this.#guarded(this.#activation), this.#plan(), start, input, this.size),
        numTimesteps,
        options,
      );
      return this.#finish(out, numTimesteps, start.state);
    });
  }

  /**
   * The original's entries, and `activation_func`, `noise_scaling` and `precision` where they are not the default.
   *
   * @throws TypeError when the activation is a function, which no file can hold.
   */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      tau: Array.from(this.#tau),
      bias: Array.from(this.#bias),
      ...rateExtras(this.#activation, this.#noiseScaling, this.#precision),
    };
  }

  #checkBias(value: ArrayInput): Float64Array {
    const bias = this.expandToNetSize(value, 'bias');
    const wrong = bias.find((v) => !Number.isFinite(v));
    if (wrong !== undefined) throw rangeError('bias', 'finite', wrong);
    return bias;
  }

  #checkTau(value: ArrayInput): Float64Array {
    const tau = this.expandToNetSize(value, 'tau');
    if (!tau.every((v) => v > 0 && v < Infinity))
      throw rangeError(
        'tau',
        'finite numbers greater than 0',
        tau.find((v) => !(v > 0 && v < Infinity)),
      );
    return tau;
  }

  /** The activation, called such that it finds the layer evolving. */
  #guarded(activation: ActivationFunction): ActivationFunction {
    return (x) => this._lock().guard(() => activation(x));
  }

  #plan() {
    return this.#plans.get(this.#parameters);
  }

  readonly #parameters = (): RateParameters => {
    const n = this.size;
    const h = typeof this.#activation === 'function' ? 'linear' : this.#activation;
    const scaling = this.#noiseScaling === 'legacy' ? 0 : 1;
    const precision = this.#precision === 'float32' ? 1 : 0;
    return [
      n,
      n,
      0,
      undefined,
      super.weights.data,
      undefined,
      undefined,
      this.#bias,
      this.#tau,
      this.dt,
      this.noiseStd,
      scaling,
      h,
      0,
      0,
      true,
      precision,
      false,
    ];
  };

  #start(state: Float64Array): RunStart {
    return { timestep: this.timestep, seed: this.seed, dt: this.dt, state };
  }

  /** Takes over the state of a run, moves the clock on and wraps the output. */
  #finish(samples: Float64Array, numTimesteps: number, state?: Float64Array): TSContinuous {
    if (state) this.storeState(state);
    const { timestep: first, t: tStart, size: numChannels, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, numChannels, dt, first, numTimesteps + 1, tStart, this.t);
  }
}

function squareWeights(value: unknown): Matrix {
  if (value === null || value === undefined) throw typeError('weights', 'a square matrix', value);
  const weights = toNdArray(value, 'weights', 'float64');
  const [rows, columns] = weights.shape;
  if (weights.ndim !== 2 || rows !== columns) throw shapeError('weights', 'a square matrix', shapeText(weights.shape));
  return weights;
}

registerLayerClass('RecRateEuler', RecRateEuler);
