/** What all layers with weights and Jax in their names have. */
import { type ArrayLike_ as ArrayInput, type Matrix, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, rangeError, typeError } from '../../check.js';
import { warn } from '../../warnings.js';
import { Layer } from '../layer.js';
import { checkNoiseScaling, checkPrecision, type NoiseScaling, type Precision } from '../rate-options.js';
import { checkMatrix, checkResolved, isCoarse, rngKeyOf, seedOf, stepsPerTau } from './parameters.js';

/** @internal Options that these layers share. */
export interface JaxOptions {
  noiseStd?: number | null;
  dt?: number | null;
  name?: string | null;
  seed?: number;
  rngKey?: ArrayInput | null;
  noiseScaling?: NoiseScaling;
  precision?: Precision;
}

/** The part of a `PlanCache` that setters and getters of parameters need. */
interface Watched {
  drop(): void;
  watch(): void;
}

/** @internal Names of these options. */
export const jaxOptionNames = ['noiseStd', 'dt', 'name', 'seed', 'rngKey', 'noiseScaling', 'precision'];

/** @internal The weights of a layer, checked; null for those that it does not have. */
export interface JaxWeights {
  wIn: Matrix | null;
  wRecurrent: Matrix | null;
  wOut: Matrix | null;
}

/**
 * Base class of the layers with input, recurrent and output weights. Type parameters tell which a class has; null stands for those that
 * it has not: input i drives unit i, no recurrence, every unit is an output.
 */
export abstract class JaxLayer<
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends Layer {
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  readonly #plans: Watched;
  /** Without input weights the recurrent ones are the layer's `weights`. */
  readonly #hasInputWeights: boolean;
  #wRecurrent: Matrix | null;
  #wOut: Matrix | null;

  /** @internal `plans` is where the plan of the subclass lives: it is dropped when a parameter is set. */
  constructor({ wIn, wRecurrent, wOut }: JaxWeights, options: JaxOptions, plans: Watched) {
    super((wIn ?? wRecurrent) as Matrix, { noiseStd: options.noiseStd, name: options.name, seed: seedOf(options) });
    this.#plans = plans;
    this.#hasInputWeights = wIn !== null;
    this.#wRecurrent = wIn !== null ? wRecurrent : null;
    this.#wOut = wOut;
    this.#noiseScaling = checkNoiseScaling(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
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
    if (value !== null && value !== undefined) {
      const { data } = toNdArray(value, 'weights', 'float64');
      const wrong = native.firstNotFinite(data);
      if (wrong < data.length) throw rangeError('weights', 'finite', data[wrong]);
    }
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

  /** @throws RangeError when it is above a tenth of the smallest time constant. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    checkResolved(dt, this.smallestTau, this.tauNames);
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

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  /** The seed as two words of 32 bits. */
  get rngKey(): [number, number] {
    return rngKeyOf(this.seed);
  }

  /** @internal The smallest time constant. */
  protected abstract get smallestTau(): number;

  /** @internal What time constants are called in messages. */
  protected abstract get tauNames(): string;

  /** @internal Takes the time step that a constructor was given; a tenth of the smallest time constant without. */
  protected takeDt(given: number | null | undefined, whenCoarse: 'warn' | 'refuse'): void {
    const tau = this.smallestTau;
    const dt = checkNumber(given ?? tau / stepsPerTau, 'dt', { positive: true });
    if (whenCoarse === 'refuse') checkResolved(dt, tau, this.tauNames);
    else if (isCoarse(dt, tau))
      warn(
        'DT_COARSE',
        `${this.startPrint}the time step ${dt} is more than a tenth of the smallest ${this.tauNames}, ${tau}`,
      );
    super.dt = dt;
  }

  /** @internal Refuses time constants below ten time steps. */
  protected checkLongEnough(smallestTau: number, name: string): void {
    if (isCoarse(this.dt, smallestTau))
      throw rangeError(name, `at least ten time steps, ${stepsPerTau * this.dt}`, smallestTau);
  }

  /** @internal The memory of the weights, for a plan. */
  protected weightData(): {
    wIn: Float64Array | undefined;
    wRecurrent: Float64Array | undefined;
    wOut: Float64Array | undefined;
  } {
    const { data } = super.weights;
    return {
      wIn: this.#hasInputWeights ? data : undefined,
      wRecurrent: this.#hasInputWeights ? this.#wRecurrent?.data : data,
      wOut: this.#wOut?.data,
    };
  }

  /** @internal Entries of a dictionary for weights; `recurrent` is the key of the recurrent ones of a layer without input weights. */
  protected weightEntries(weights: unknown, recurrent: string): Record<string, unknown> {
    return {
      ...(this.#hasInputWeights ? { w_in: weights } : { [recurrent]: weights }),
      ...(this.#wRecurrent && { w_recurrent: this.#wRecurrent.toArray() }),
      ...(this.#wOut && { w_out: this.#wOut.toArray() }),
    };
  }

  /** @internal Entries of a dictionary for options of ours. */
  protected extraEntries(): Record<string, unknown> {
    return {
      rng_key: this.rngKey,
      ...(this.#noiseScaling !== 'legacy' && { noise_scaling: this.#noiseScaling }),
      ...(this.#precision !== 'float64' && { precision: this.#precision }),
    };
  }

  #without(name: string, value: unknown): TypeError {
    return typeError(name, `left out, since a ${this.className} like this has none`, value);
  }
}
