/** Parameters of the Jax-named rate layers. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { typeError } from '../../check.js';
import { PlanCache } from '../rate-core.js';
import type { RateParameters, RatePlan } from '../rate-native.js';
import {
  type Activation,
  type ActivationFunction,
  checkActivation,
  smallest,
  storedActivation,
} from '../rate-options.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { JaxLayer, type JaxWeights } from './jax-layer.js';
import { checkFiniteVector, checkTimeConstants } from './parameters.js';
import type { RateJaxOptions } from './rate-options-jax.js';

/** A layer with the parameters of Jax-named rate neurons; the evolution is {@link RateEulerJax}. */
export abstract class RateJaxLayer<
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends JaxLayer<In, Rec, Out> {
  readonly #plans: PlanCache;
  #tau: Float64Array;
  #bias: Float64Array;
  #activation: Activation;

  /** @internal */
  constructor(weights: JaxWeights, options: Partial<RateJaxOptions>) {
    const plans = new PlanCache({ later: true });
    super(weights, options, plans);
    this.#plans = plans;
    if (options.tau === undefined) throw typeError('tau', 'a number or an array of numbers', options.tau);
    this.#tau = this.#checkTau(options.tau);
    this.takeDt(options.dt, 'warn');
    this.#bias = this.#checkBias(options.bias === undefined ? 0 : options.bias);
    this.#activation = checkActivation(options.activationFunc ?? 'relu', 'activationFunc');
    this.resetAll();
  }

  /** Time constants in seconds, one for each unit: the layer's own array. A number sets all; at least ten time steps. */
  get tau(): Float64Array {
    this.#plans.watch();
    return this.#tau;
  }

  set tau(value: ArrayInput) {
    this.checkIdle();
    const tau = this.#checkTau(value);
    this.checkLongEnough(smallest(tau), 'tau');
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

  protected override get smallestTau(): number {
    return smallest(this.#tau);
  }

  protected override get tauNames(): string {
    return 'tau';
  }

  /**
   * The original's entries, and `noise_scaling` and `precision` where they are not the default.
   *
   * @throws TypeError when the activation is a function, which no file can hold.
   */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { weights, ...rest } = super.toDict(options);
    return {
      ...this.weightEntries(weights, 'weights'),
      ...rest,
      tau: Array.from(this.#tau),
      bias: Array.from(this.#bias),
      ...this.extraEntries(),
      activation_func: storedActivation(this.#activation),
    };
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

  /** @internal Earlier plans are not needed any more. */
  protected ratePlanSettled(): void {
    this.#plans.settle();
  }

  readonly #parameters = (): RateParameters => {
    const h = typeof this.#activation === 'function' ? 'linear' : this.#activation;
    const { wIn, wRecurrent, wOut } = this.weightData();
    return [
      this.sizeIn,
      this.size,
      this.sizeOut,
      wIn,
      wRecurrent,
      wOut,
      undefined,
      this.#bias,
      this.#tau,
      this.dt,
      this.noiseStd,
      this.noiseScaling === 'legacy' ? 2 : 1,
      h,
      1,
      1,
      false,
      this.precision === 'float32' ? 1 : 0,
      true,
    ];
  };
}
