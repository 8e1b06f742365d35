/** Feed-forward layer of leaky rate neurons. */
import { type ArrayLike_ as ArrayInput, type Matrix } from '../array.js';
import { checkNumber, checkOptions, rangeError } from '../check.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { mergeArguments } from './arguments.js';
import { activateRows, PlanCache, runPieces, runPiecesAsync, runPlan, runPlanAsync, wrapClocked } from './rate-core.js';
import type { RateParameters } from './rate-native.js';
import {
  activate,
  type Activation,
  type ActivationFunction,
  checkActivation,
  checkNoiseScaling,
  checkPrecision,
  checkVector,
  type NoiseScaling,
  type Precision,
  rateExtras,
  smallest,
} from './rate-options.js';
import { registerLayerClass } from './registry.js';
import { RRTrainedLayer } from './rr-trained-layer.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, LayerOptions, ToDictOptions } from './types.js';
import { refuseTaskOptions } from './prepare-input.js';

/** Options of {@link FFRateEuler}. */
export interface FFRateEulerOptions extends Omit<LayerOptions, 'dt'> {
  /** Time step in seconds. Default: a tenth of the smallest `tau`. */
  dt?: number | null;
  /** Default `'relu'`. A function of your own is called once for each time step. */
  activationFunc?: ActivationFunction | string;
  /** Time constants in seconds: a number or one for each unit. Default 10. */
  tau?: ArrayInput;
  /** Factor of the weighted input: a number or one for each unit. Default 1. */
  gain?: ArrayInput;
  /** Added to the state inside the activation: a number or one for each unit. Default 0. */
  bias?: ArrayInput;
  /** Default `'legacy'`. */
  noiseScaling?: NoiseScaling;
  /** Default `'float64'`. */
  precision?: Precision;
}

const optionNames = [
  'weights',
  'dt',
  'name',
  'noiseStd',
  'activationFunc',
  'tau',
  'gain',
  'bias',
  'seed',
  'noiseScaling',
  'precision',
];

function checkTau(value: ArrayInput, size: number): Float64Array {
  const tau = checkVector(value, 'tau', size);
  if (!tau.every((v) => v > 0))
    throw rangeError(
      'tau',
      'greater than 0',
      tau.find((v) => !(v > 0)),
    );
  return tau;
}

function checkResolved(tau: Float64Array, dt: number): void {
  if (smallest(tau) < dt) throw rangeError('tau', `at least the time step, ${dt}`, smallest(tau));
}

/**
 * Leaky rate neurons with weighted input, integrated by the forward Euler method:
 *
 *     tau dx/dt = -x + gain (input W) + noise,     output = H(x + bias)
 *
 * The output is taken at the start of every step and at the end of the evolution: one sample more than there are time steps.
 */
export class FFRateEuler extends RRTrainedLayer {
  readonly #plans = new PlanCache();
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  #tau: Float64Array;
  #gain: Float64Array;
  #bias: Float64Array;
  #activation: Activation;

  /**
   * @param weights `sizeIn` x `size`, indexed [pre, post].
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for a `tau` below `dt`.
   */
  constructor(weights: ArrayInput, options?: FFRateEulerOptions);
  constructor(options: FFRateEulerOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, FFRateEulerOptions?]) {
    const merged = mergeArguments<FFRateEulerOptions & { weights: ArrayInput }>(args, ['weights']);
    const options = checkOptions<typeof merged>(merged, 'options', optionNames) as typeof merged;
    const { weights, noiseStd, name, seed } = options;
    super({ weights, noiseStd, name, seed });
    this.#tau = checkTau(options.tau === undefined ? 10 : options.tau, this.size);
    super.dt = checkNumber(options.dt ?? smallest(this.#tau) / 10, 'dt', { positive: true });
    checkResolved(this.#tau, this.dt);
    this.#gain = checkVector(options.gain === undefined ? 1 : options.gain, 'gain', this.size);
    this.#bias = checkVector(options.bias === undefined ? 0 : options.bias, 'bias', this.size);
    this.#activation = checkActivation(options.activationFunc ?? 'relu', 'activationFunc');
    this.#noiseScaling = checkNoiseScaling(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
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

  /** @throws RangeError when it is above the smallest `tau`. */
  override set dt(value: number) {
    checkResolved(this.#tau, checkNumber(value, 'dt', { positive: true }));
    super.dt = value;
    this.#plans.drop();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.#plans.drop();
  }

  /** Time constants in seconds: one number, or one for each unit; the layer's own array. */
  get tau(): Float64Array {
    this.#plans.watch();
    return this.#tau;
  }

  set tau(value: ArrayInput) {
    this.checkIdle();
    const tau = checkTau(value, this.size);
    checkResolved(tau, this.dt);
    this.#tau = tau;
    this.#plans.drop();
  }

  /** `dt / tau`, a new array. Setting it sets `tau`; it must be above 0 and at most 1. */
  get alpha(): Float64Array {
    return this.#tau.map((tau) => this.dt / tau);
  }

  set alpha(value: ArrayInput) {
    this.checkIdle();
    const alpha = checkVector(value, 'alpha', this.size);
    if (!alpha.every((a) => a > 0 && a <= 1))
      throw rangeError(
        'alpha',
        'above 0 and at most 1',
        alpha.find((a) => !(a > 0 && a <= 1)),
      );
    this.#tau = alpha.map((a) => this.dt / a);
    this.#plans.drop();
  }

  /** Factor of the weighted input: one number, or one for each unit; the layer's own array. */
  get gain(): Float64Array {
    this.#plans.watch();
    return this.#gain;
  }

  set gain(value: ArrayInput) {
    this.checkIdle();
    this.#gain = checkVector(value, 'gain', this.size);
    this.#plans.drop();
  }

  /** Added to the state inside the activation: one number, or one for each unit; the layer's own array. */
  get bias(): Float64Array {
    this.#plans.watch();
    return this.#bias;
  }

  set bias(value: ArrayInput) {
    this.checkIdle();
    this.#bias = checkVector(value, 'bias', this.size);
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

  /** H(state), without the bias (unlike the output, which is H(state + bias)). */
  get activation(): Float64Array {
    return activate(this.#activation, this.state);
  }

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  /** Evolves the layer and returns H(x + bias): `numTimesteps + 1` samples, `size` channels. One input channel feeds all inputs. */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const window = this.samplingWindow(tsInput, options);
    const { size } = this;
    if (typeof this.#activation !== 'function') {
      return this.#finish(runPlan(this.#plan(), this.#start(this.state), window, size), window.numTimesteps);
    }
    const state = this.state.slice();
    const out = runPlan(this.#plan(), this.#start(state), window, size);
    runPieces(activateRows(this.#guarded(this.#activation), out, size));
    return this.#finish(out, window.numTimesteps, state);
  }

  /** The same off the event loop; an activation of your own is called on it, a few milliseconds at a time. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const window = this.samplingWindow(tsInput, options);
      const { out, state } = await runPlanAsync(this.#plan(), this.#start(this.state), window, this.size, options);
      if (typeof this.#activation === 'function') {
        await runPiecesAsync(
          activateRows(this.#guarded(this.#activation), out, this.size),
          window.numTimesteps + 1,
          options,
        );
      }
      return this.#finish(out, window.numTimesteps, state);
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
      bias: Array.from(this.#bias),
      tau: Array.from(this.#tau),
      gain: Array.from(this.#gain),
      ...rateExtras(this.#activation, this.#noiseScaling, this.#precision),
    };
  }

  /** The activation, called such that it finds the layer evolving. */
  #guarded(activation: ActivationFunction): ActivationFunction {
    return (x) => this._lock().guard(() => activation(x));
  }

  #plan() {
    return this.#plans.get(this.#parameters);
  }

  readonly #parameters = (): RateParameters => {
    const w = super.weights.data;
    const h = typeof this.#activation === 'function' ? 'linear' : this.#activation;
    const scaling = this.#noiseScaling === 'legacy' ? 0 : 1;
    const precision = this.#precision === 'float32' ? 1 : 0;
    const { sizeIn, size, dt, noiseStd } = this;
    checkResolved(this.#tau, dt); // an element may have been written
    return [
      sizeIn,
      size,
      0,
      w,
      undefined,
      undefined,
      this.#gain,
      this.#bias,
      this.#tau,
      dt,
      noiseStd,
      scaling,
      h,
      0,
      0,
      true,
      precision,
      false,
    ];
  };

  #start(state: Float64Array) {
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

registerLayerClass('FFRateEuler', FFRateEuler);
