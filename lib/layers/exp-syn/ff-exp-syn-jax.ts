/** Exponential filters with output weights, which in the original are written for Jax. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, checkOptions, rangeError, typeError } from '../../check.js';
import { freshSeed } from '../../lazy.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import {
  checkMatrix,
  checkResolved,
  checkTimeConstants,
  isCoarse,
  rngKeyOf,
  seedOf,
  stepsPerTau,
} from '../jax/parameters.js';
import { named } from '../jax/last-evolution.js';
import { Layer } from '../layer.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import { checkNoiseScaling, checkPrecision, type NoiseScaling, type Precision, smallest } from '../rate-options.js';
import { registerLayerClass } from '../registry.js';
import type {
  AsyncEvolveOptions,
  EventInputWindow,
  EvolveOptions,
  LayerConfig,
  RandomizeOptions,
  SamplingWindow,
  ToDictOptions,
} from '../types.js';
import type { ExpSynParameters } from './native.js';
import { identity } from './options.js';
import { ExpSynPlanCache, type ExpSynRun, runExpSyn, runExpSynAsync } from './run.js';

/** Options of {@link FFExpSynCurrentInJax} and {@link FFExpSynJax}. */
export interface FFExpSynJaxOptions {
  /** Time constants in seconds: a number or one for each input. */
  tau: ArrayInput;
  /** Time step in seconds. Default: a tenth of the smallest `tau`. */
  dt?: number | null;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Seed of the layer's random numbers. Default: that of `rngKey`, else drawn anew for each layer. */
  seed?: number;
  /** The same as two words of 32 bits, as in the files of the original. */
  rngKey?: ArrayInput | null;
  /**
   * `'legacy'` (default): noise of that deviation is added in each time step, whatever its length, so that the free current has the
   * standard deviation `noiseStd / sqrt(1 - exp(-2 dt / tau))`. `'stationary'`: exactly `noiseStd`.
   */
  noiseScaling?: NoiseScaling;
  /** What a step is computed in. Default `'float64'`. */
  precision?: Precision;
}

const optionNames = ['wOut', 'tau', 'dt', 'noiseStd', 'name', 'seed', 'rngKey', 'noiseScaling', 'precision'];

/**
 * Exponential filters of the input currents, and a readout:
 *
 *     I[k] = exp(-dt / tau) I[k - 1] + input[k] + noise,     output[k] = I[k] wOut
 *
 * One filter for each input channel. The output is taken after every step: as many samples as there are time steps, sample k at the
 * start of step k.
 */
export class FFExpSynCurrentInJax extends Layer {
  readonly #plans = new ExpSynPlanCache();
  readonly #precision: Precision;
  readonly #noiseScaling: NoiseScaling;
  #wOut: Matrix;
  #tau: Float64Array;

  /**
   * @param wOut Output weights, `size` x `sizeOut`, indexed [pre, post].
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value. A `dt` above a tenth of the smallest `tau` is a
   *   warning here (`DT_COARSE`) and an error when it is set later.
   */
  constructor(wOut: ArrayInput, options: FFExpSynJaxOptions);
  constructor(options: FFExpSynJaxOptions & { wOut: ArrayInput });
  constructor(...args: [unknown?, FFExpSynJaxOptions?]) {
    const merged = mergeArguments<FFExpSynJaxOptions & { wOut: ArrayInput }>(args, ['wOut']);
    const options = checkOptions<typeof merged>(merged, 'options', optionNames);
    const wOut = checkMatrix(options.wOut, 'wOut', undefined, undefined, 'a matrix, size x sizeOut');
    const { noiseStd, name } = options;
    // Input i drives filter i: the identity that the layer's weights are is never held.
    super({ shape: [wOut.shape[0], wOut.shape[0]] } as unknown as ArrayInput, {
      noiseStd,
      name,
      seed: seedOf(options),
    });
    if (options.tau === undefined) throw typeError('tau', 'a number or an array of numbers', options.tau);
    this.#wOut = wOut;
    this.#tau = this.#checkTau(options.tau);
    super.dt = checkNumber(options.dt ?? smallest(this.#tau) / stepsPerTau, 'dt', { positive: true });
    this.#noiseScaling = checkNoiseScaling(options.noiseScaling);
    this.#precision = checkPrecision(options.precision);
    if (isCoarse(this.dt, smallest(this.#tau)))
      warn(
        'DT_COARSE',
        `${this.startPrint}the time step ${this.dt} is more than a tenth of the smallest tau, ${smallest(this.#tau)}`,
      );
    this.resetAll();
  }

  override get sizeOut(): number {
    return this.#wOut.shape[1];
  }

  /** The identity matrix of `size` inputs, a new one each time. It cannot be set: see {@link wOut}. */
  override get weights(): Matrix {
    return identity(this.size);
  }

  override set weights(value: ArrayInput) {
    throw typeError('weights', 'left alone: the weights of this layer are wOut', value);
  }

  /** Output weights, `size` x `sizeOut`, indexed [pre, post]: the layer's own array. */
  get wOut(): Matrix {
    this.#plans.watch();
    return this.#wOut;
  }

  set wOut(value: ArrayInput) {
    this.checkIdle();
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

  /** Time constants in seconds, one for each input: the layer's own array. A number sets all; at least ten time steps. */
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

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** What `noiseStd` means; see {@link FFExpSynJaxOptions.noiseScaling}. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  /** The seed as two words of 32 bits. */
  get rngKey(): [number, number] {
    return rngKeyOf(this.seed);
  }

  /** Draws the currents from a standard normal distribution. */
  override randomizeState(options: Omit<RandomizeOptions, 'factor'> = {}): void {
    this.checkIdle();
    const { seed = freshSeed() } = checkOptions<RandomizeOptions>(options, 'options', ['seed']);
    native.randomFill(
      'normal',
      checkInteger(seed, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER }),
      1,
      0,
      0,
      this.state,
    );
  }

  /** Evolves the layer and returns I wOut: `numTimesteps` samples, `sizeOut` channels. */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const window = this.inputWindow(tsInput, options);
    try {
      return this.#finish(runExpSyn(this.#run(window)), window.numTimesteps);
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const window = this.inputWindow(tsInput, options);
      try {
        const { out, state } = await runExpSynAsync(this.#run(window), options);
        this.storeState(state);
        return this.#finish(out, window.numTimesteps);
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /** The original's entries, and `noise_scaling` and `precision` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    delete base['weights']; // the identity
    return {
      ...base,
      w_out: this.#wOut.toArray(),
      tau: Array.from(this.#tau),
      rng_key: this.rngKey,
      ...(this.#noiseScaling !== 'legacy' && { noise_scaling: this.#noiseScaling }),
      ...(this.#precision !== 'float64' && { precision: this.#precision }),
    };
  }

  /** @internal Checks the input. */
  protected inputWindow(
    tsInput: TimeSeries | null | undefined,
    options: EvolveOptions,
  ): EventInputWindow | SamplingWindow {
    return this.samplingWindow(tsInput, options);
  }

  #checkTau(value: ArrayInput): Float64Array {
    return checkTimeConstants(this.expandToNetSize(value, 'tau'), 'tau');
  }

  #run(window: EventInputWindow | SamplingWindow): ExpSynRun {
    const { timestep, seed, dt, sizeOut: columns, state } = this;
    return {
      plan: this.#plans.get(this.#parameters),
      timestep,
      seed,
      dt,
      state,
      window,
      rows: window.numTimesteps,
      columns,
    };
  }

  readonly #parameters = (): ExpSynParameters => {
    const { size, sizeOut, dt, noiseStd } = this;
    const scaling = this.#noiseScaling === 'legacy' ? 2 : 1;
    const precision = this.#precision === 'float32' ? 1 : 0;
    const wOut = this.#wOut.data;
    return [size, size, sizeOut, undefined, wOut, this.#tau, undefined, dt, noiseStd, scaling, 1, precision, 0];
  };

  #finish(samples: Float64Array, numTimesteps: number): TSContinuous {
    const { timestep: first, t: tStart, sizeOut, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, sizeOut, dt, first, numTimesteps, tStart, this.t, `$I_{syn}$ ${this.name}`);
  }
}

/**
 * {@link FFExpSynCurrentInJax} with events as input: a time step with events of a channel adds 1 to its current, however many they are.
 */
export class FFExpSynJax extends FFExpSynCurrentInJax {
  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  protected override inputWindow(tsInput: TimeSeries | null | undefined, options: EvolveOptions): EventInputWindow {
    return this.eventWindow(tsInput, options);
  }
}

registerLayerClass('FFExpSynCurrentInJax', FFExpSynCurrentInJax);
registerLayerClass('FFExpSynJax', FFExpSynJax);
