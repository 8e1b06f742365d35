/** Weighted copy of the input, with an optional delay. */
import { inspect } from 'node:util';
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkNumber, checkOptions, typeError } from '../check.js';
import { runTask } from '../task.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import { pythonFloat } from '../time-series/python-format.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { mergeArguments } from './arguments.js';
import { wrapClocked } from './rate-core.js';
import type { PassThroughPlan, RunInput } from './rate-native.js';
import { checkPrecision, checkVector, outputArray, type Precision } from './rate-options.js';
import { registerLayerClass } from './registry.js';
import { RRTrainedLayer } from './rr-trained-layer.js';
import { snapshotArray } from './snapshot.js';
import type {
  AsyncEvolveOptions,
  EvolveOptions,
  LayerConfig,
  LayerOptions,
  LayerSnapshot,
  ToDictOptions,
} from './types.js';
import { refuseTaskOptions } from './prepare-input.js';

/** Options of {@link PassThrough}. */
export interface PassThroughOptions extends LayerOptions {
  /** Added to the output: a number or one for each unit. Default 0. */
  bias?: ArrayInput;
  /** Seconds by which the output lags behind the input, rounded to whole time steps. Default 0. */
  delay?: number | null;
  /** Default `'float64'`. */
  precision?: Precision;
}

const optionNames = ['weights', 'dt', 'noiseStd', 'bias', 'delay', 'name', 'seed', 'precision'];

/**
 * Emits the weighted input, `delay` later, plus a bias and white noise of standard deviation `noiseStd` per sample:
 *
 *     output(t) = input(t - delay) W + noise + bias
 *
 * One sample per time step. What is on its way when an evolution ends comes out in the next one.
 */
export class PassThrough extends RRTrainedLayer {
  readonly #precision: Precision;
  readonly #delaySteps: number;
  #buffer: Matrix;
  #bias: Float64Array;
  #plan: PassThroughPlan | null = null;
  #handedOut = false;

  /**
   * @param weights `sizeIn` x `size`, indexed [pre, post].
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(weights: ArrayInput, options?: PassThroughOptions);
  constructor(options: PassThroughOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, PassThroughOptions?]) {
    const merged = mergeArguments<PassThroughOptions & { weights: ArrayInput }>(args, ['weights']);
    const { bias, delay, precision, ...base } = checkOptions<typeof merged>(
      merged,
      'options',
      optionNames,
    ) as typeof merged;
    super(base);
    this.#bias = checkVector(bias === undefined ? 0 : bias, 'bias', this.size);
    this.#delaySteps = Math.round(checkNumber(delay ?? 0, 'delay', { min: 0 }) / this.dt);
    this.#buffer = zeroBuffer(this.#delaySteps, this.size);
    this.#precision = checkPrecision(precision);
    this.resetAll();
  }

  override get weights(): Matrix {
    this.#handedOut = true;
    return super.weights;
  }

  override set weights(value: ArrayInput) {
    super.weights = value;
    this.#drop();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.#drop();
  }

  /** Added to the output: one number, or one for each unit; the layer's own array. */
  get bias(): Float64Array {
    this.#handedOut = true;
    return this.#bias;
  }

  set bias(value: ArrayInput) {
    this.checkIdle();
    this.#bias = checkVector(value, 'bias', this.size);
    this.#drop();
  }

  /** Seconds by which the output lags behind the input: `delaySteps * dt`. */
  get delay(): number {
    return this.#delaySteps * this.dt;
  }

  /** The delay in time steps. */
  get delaySteps(): number {
    return this.#delaySteps;
  }

  /** What is on its way, `delaySteps` x `size`, the next sample first; null without delay. The layer's own array. */
  get buffer(): Matrix | null {
    return this.#delaySteps > 0 ? this.#buffer : null;
  }

  /** What a step is computed in. */
  get precision(): Precision {
    return this.#precision;
  }

  /** Forgets what is on its way. */
  resetBuffer(): void {
    this.checkIdle();
    if (this.#bufferIsHere()) this.#buffer.data.fill(0);
    else this.#buffer = zeroBuffer(this.#delaySteps, this.size);
  }

  /** Prints what is on its way. */
  printBuffer(): void {
    console.log(this.#delaySteps > 0 ? this.#buffer.toArray() : 'This layer does not use a delay.');
  }

  override resetState(): void {
    super.resetState();
    this.resetBuffer();
  }

  /** The weighted input: `numTimesteps` samples, `size` channels. One input channel feeds all inputs. */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const { numTimesteps, input } = this.samplingWindow(tsInput, options);
    const out = outputArray(numTimesteps, this.size);
    const series: RunInput = input ? [this.dt, ...input] : [];
    native.passThroughRun(
      this.#plans(),
      this.timestep,
      numTimesteps,
      this.seed,
      this.state,
      out,
      this.#onItsWay(),
      ...series,
    );
    return this.#finish(out, numTimesteps);
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const { numTimesteps, input } = this.samplingWindow(tsInput, options);
      const out = outputArray(numTimesteps, this.size);
      const state = new Float64Array(this.size);
      const before = this.#onItsWay();
      const buffer = outputArray(this.#delaySteps, this.size);
      const series: RunInput = input ? [this.dt, ...input] : [];
      const plan = this.#plans();
      await runTask(options, (progress) =>
        native.passThroughRunAsync(
          plan,
          this.timestep,
          numTimesteps,
          this.seed,
          this.state,
          out,
          before,
          state,
          buffer,
          progress,
          ...series,
        ),
      );
      this.storeState(state);
      this.#putBuffer(buffer);
      return this.#finish(out, numTimesteps);
    });
  }

  override snapshot(): LayerSnapshot {
    return { ...super.snapshot(), ...(this.#delaySteps > 0 && { buffer: this.#buffer.data.slice() }) };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    if (this.#delaySteps === 0 && snapshot['buffer'] === undefined) return putBack;
    const buffer = snapshotArray(snapshot, 'buffer', 'float64', this.#delaySteps * this.size);
    return () => {
      putBack();
      this.#putBuffer(buffer);
    };
  }

  /** The original's entries, and `precision` where it is not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      bias: Array.from(this.#bias),
      delay: this.delay,
      ...(this.#precision !== 'float64' && { precision: this.#precision }),
    };
  }

  /** The original's text: name, sizes and delay. */
  override [inspect.custom](): string {
    return `PassThrough layer object \`${this.name}\`.\nnSize: ${this.size}, size_in: ${this.sizeIn}, delay: ${pythonFloat(this.delay)}`;
  }

  /** False when somebody has transferred the buffer's memory away. */
  #bufferIsHere(): boolean {
    return this.#buffer.data.length === this.#delaySteps * this.size;
  }

  /** The layer's array is kept, unless its memory was transferred away meanwhile. */
  #putBuffer(buffer: Float64Array): void {
    if (this.#bufferIsHere()) this.#buffer.data.set(buffer);
    else this.#buffer = new NdArray(buffer, this.#buffer.shape);
  }

  #onItsWay(): Float64Array {
    if (this.#bufferIsHere()) return this.#buffer.data;
    throw typeError('buffer', 'an array whose memory is here', 'one whose buffer was transferred', true);
  }

  /** The plan; a new one when a parameter was set, or an element of a live array may have been. */
  #plans(): PassThroughPlan {
    if (this.#plan && !this.#handedOut) return this.#plan;
    this.#drop();
    const precision = this.#precision === 'float32' ? 1 : 0;
    return (this.#plan = native.passThroughPlan(
      this.sizeIn,
      this.size,
      super.weights.data,
      this.#bias,
      this.noiseStd,
      precision,
    ));
  }

  #drop(): void {
    if (this.#plan) native.releaseHandle(this.#plan);
    this.#plan = null;
  }

  #finish(samples: Float64Array, numTimesteps: number): TSContinuous {
    const { timestep: first, t: tStart, size: numChannels, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, numChannels, dt, first, numTimesteps, tStart, this.t);
  }
}

function zeroBuffer(steps: number, size: number): Matrix {
  return new NdArray(outputArray(steps, size), [steps, size]);
}

registerLayerClass('PassThrough', PassThrough);
