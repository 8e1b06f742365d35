/** Parameters of the Jax-named rate layers. */
import { type ArrayLike_ as ArrayInput, type Matrix } from '../../array.js';
import { checkNumber, rangeError, typeError } from '../../check.js';
import { warn } from '../../warnings.js';
import { Layer } from '../layer.js';
import { PlanCache } from '../rate-core.js';
import type { RateParameters, RatePlan } from '../rate-native.js';
import type { RateJaxOptions, RateJaxWeights } from './rate-options-jax.js';
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
} from '../rate-options.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import {
  checkFiniteVector,
  checkMatrix,
  checkResolved,
  checkTimeConstants,
  isCoarse,
  rngKeyOf,
  seedOf,
  stepsPerTau,
} from './parameters.js';

/** A layer with the parameters of Jax-named rate neurons; the evolution is {@link RateEulerJax}. */
export abstract class RateJaxLayer<
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends Layer {
  readonly #plans = new PlanCache();
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  /** Without input weights the recurrent ones are the layer's `weights`. */
  readonly #hasInputWeights: boolean;
  #wRecurrent: Matrix | null;
  #wOut: Matrix | null;
  #tau: Float64Array;
  #bias: Float64Array;
  #activation: Activation;
  /** @internal */
  constructor({ wIn, wRecurrent, wOut }: RateJaxWeights, options: Partial<RateJaxOptions>) {
    super((wIn ?? wRecurrent) as Matrix, {
      noiseStd: options.noiseStd,
      name: options.name,
      seed: seedOf(options),
    });
    this.#hasInputWeights = wIn !== null;
    this.#wRecurrent = wIn !== null ? wRecurrent : null;
    this.#wOut = wOut;
    if (options.tau === undefined) throw typeError('tau', 'a number or an array of numbers', options.tau);
    this.#tau = this.#checkTau(options.tau);
    super.dt = checkNumber(options.dt ?? smallest(this.#tau) / stepsPerTau, 'dt', { positive: true });
    this.#bias = this.#checkBias(options.bias === undefined ? 0 : options.bias);
    this.#activation = checkActivation(options.activationFunc ?? 'relu', 'activationFunc');
    this.#noiseScaling = checkNoiseScaling(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
    if (isCoarse(this.dt, smallest(this.#tau))) {
      warn(
        'DT_COARSE',
        `${this.startPrint}the time step ${this.dt} is more than a tenth of the smallest tau, ${smallest(this.#tau)}`,
      );
    }
    this.resetAll();
  }

  override get sizeOut(): number {
    return this.#wOut ? this.#wOut.shape[1] : this.size;
  }

  /** The input weights, or the recurrent ones of a layer without: the layer's own array. */
  override get weights(): Matrix {
    this.#plans.watch();
    return super.weights;
  }

  override set weights(value: ArrayInput) {
    super.weights = value;
    this.#plans.drop();
  }

  /** Input weights, `sizeIn` x `size`, indexed [pre, post]: the layer's own array. */
  get wIn(): In {
    return (this.#hasInputWeights ? this.weights : null) as In;
  }

  set wIn(value: ArrayInput) {
    if (!this.#hasInputWeights) throw this.#without('wIn', value);
    this.weights = checkMatrix(value, 'wIn', this.sizeIn, this.size, 'sizeIn x size');
  }

  /** Recurrent weights, `size` x `size`, indexed [pre, post]: the layer's own array. */
  get wRecurrent(): Rec {
    this.#plans.watch();
    return (this.#hasInputWeights ? this.#wRecurrent : this.weights) as Rec;
  }

  set wRecurrent(value: ArrayInput) {
    this.checkIdle();
    if (this.#hasInputWeights && !this.#wRecurrent) throw this.#without('wRecurrent', value);
    const matrix = checkMatrix(value, 'wRecurrent', this.size, this.size, 'size x size');
    if (this.#hasInputWeights) this.#wRecurrent = matrix;
    else this.weights = matrix;
    this.#plans.drop();
  }

  /** Output weights, `size` x `sizeOut`, indexed [pre, post]: the layer's own array. */
  get wOut(): Out {
    this.#plans.watch();
    return this.#wOut as Out;
  }

  set wOut(value: ArrayInput) {
    this.checkIdle();
    if (!this.#wOut) throw this.#without('wOut', value);
    this.#wOut = checkMatrix(value, 'wOut', this.size, this.sizeOut, 'size x sizeOut');
    this.#plans.drop();
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError when it is above a tenth of the smallest `tau`. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    checkResolved(dt, smallest(this.#tau), 'tau');
    super.dt = dt;
    this.#plans.drop();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.#plans.drop();
  }

  /** Time constants in seconds, one for each unit: the layer's own array. A number sets all; at least ten time steps. */
  get tau(): Float64Array {
    this.#plans.watch();
    return this.#tau;
  }

  set tau(value: ArrayInput) {
    this.checkIdle();
    const tau = this.#checkTau(value);
    if (isCoarse(this.dt, smallest(tau)))
      throw rangeError('tau', `at least ten time steps, ${stepsPerTau * this.dt}`, smallest(tau));
    this.#tau = tau;
    this.#plans.drop();
  }

  /** Added to the input, one number for each unit: the layer's own array. A number sets all. */
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

  /** What `noiseStd` means; see {@link RateJaxOptions.noiseScaling}. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  /** The seed as two words of 32 bits. */
  get rngKey(): [number, number] {
    return rngKeyOf(this.seed);
  }

  /**
   * The original's entries, and `noise_scaling` and `precision` where they are not the default.
   *
   * @throws TypeError when the activation is a function, which no file can hold.
   */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { weights, ...rest } = super.toDict(options);
    return {
      ...(this.#hasInputWeights ? { w_in: weights } : { weights }),
      ...(this.#wRecurrent && { w_recurrent: this.#wRecurrent.toArray() }),
      ...(this.#wOut && { w_out: this.#wOut.toArray() }),
      ...rest,
      tau: Array.from(this.#tau),
      bias: Array.from(this.#bias),
      rng_key: this.rngKey,
      ...rateExtras(this.#activation, this.#noiseScaling, this.#precision),
      activation_func: this.#activation,
    };
  }

  #without(name: string, value: unknown): TypeError {
    return typeError(name, `left out, since a ${this.className} like this has none`, value);
  }

  #checkTau(value: ArrayInput): Float64Array {
    return checkTimeConstants(this.expandToNetSize(value, 'tau'), 'tau');
  }

  #checkBias(value: ArrayInput): Float64Array {
    return checkFiniteVector(this.expandToNetSize(value, 'bias'), 'bias');
  }

  /** @internal The prepared parameters. */
  protected ratePlan(): RatePlan {
    return this.#plans.get(this.#parameters);
  }

  readonly #parameters = (): RateParameters => {
    const h = typeof this.#activation === 'function' ? 'linear' : this.#activation;
    const wIn = this.#hasInputWeights ? super.weights.data : undefined;
    const wRecurrent = this.#hasInputWeights ? this.#wRecurrent?.data : super.weights.data;
    return [
      this.sizeIn,
      this.size,
      this.sizeOut,
      wIn,
      wRecurrent,
      this.#wOut?.data,
      undefined,
      this.#bias,
      this.#tau,
      this.dt,
      this.noiseStd,
      this.#noiseScaling === 'legacy' ? 2 : 1,
      h,
      1,
      1,
      false,
      this.#precision === 'float32' ? 1 : 0,
      true,
    ];
  };
}
