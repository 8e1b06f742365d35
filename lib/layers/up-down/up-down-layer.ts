/** Parameters that the encoder and the decoder of delta modulation share. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkInteger } from '../../check.js';
import { Layer } from '../layer.js';
import type { LayerConfig, LayerOptions, ToDictOptions } from '../types.js';
import type { UpDownParameters } from './native.js';
import type { UpDownOptions } from './options.js';
import { nativeParameters, readTauDecay, readThresholds, type TauDecay, type UpDownSize } from './thresholds.js';

/** A layer with thresholds, decays and a reference for each of its signals. */
export abstract class UpDownLayer extends Layer {
  readonly #size: UpDownSize;
  /** @internal Thresholds must be greater than 0. */
  protected _positive: boolean;
  #thrUp: Float64Array;
  #thrDown: Float64Array;
  #tauDecay: (number | null)[];
  #repeatOutput: number;

  /** @internal */
  protected constructor(
    shape: readonly [sizeIn: number, size: number],
    size: UpDownSize,
    options: UpDownOptions & Pick<LayerOptions, 'noiseStd'>,
    positive: boolean,
  ) {
    const { dt, noiseStd, name, seed } = options;
    // The base class only needs the shape: no weight is ever read.
    super({ shape } as unknown as ArrayInput, { dt: dt ?? 1e-3, noiseStd, name, seed });
    this.#size = size;
    this._positive = positive;
    this.#thrUp = this.#thresholds(options.thrUp ?? 1e-3, 'thrUp');
    this.#thrDown = this.#thresholds(options.thrDown ?? 1e-3, 'thrDown');
    this.#tauDecay = readTauDecay(options.tauDecay, size.signals, this.dt);
    this.#repeatOutput = checkRepeat(options.repeatOutput ?? 1);
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError when a `tauDecay` is below it. */
  override set dt(value: number) {
    const before = super.dt;
    super.dt = value;
    try {
      readTauDecay(this.#tauDecay, this.signals, super.dt);
    } catch (error) {
      super.dt = before;
      throw error;
    }
  }

  /** Number of signals (M). */
  get signals(): number {
    return this.#size.signals;
  }

  /** Event channels of each direction of a signal. */
  get multiChannels(): number {
    return this.#size.multiChannels;
  }

  /** What an up-event stands for, one number for each signal: the layer's own array. A number sets all. */
  get thrUp(): Float64Array {
    return this.#thrUp;
  }

  set thrUp(value: ArrayInput) {
    this.checkIdle();
    this.#thrUp = this.#thresholds(value, 'thrUp');
  }

  /** What a down-event stands for, one number for each signal: the layer's own array. A number sets all. */
  get thrDown(): Float64Array {
    return this.#thrDown;
  }

  set thrDown(value: ArrayInput) {
    this.checkIdle();
    this.#thrDown = this.#thresholds(value, 'thrDown');
  }

  /** Time constants of the references in seconds, null where there is no decay: the layer's own array. A number sets all. */
  get tauDecay(): (number | null)[] {
    return this.#tauDecay;
  }

  set tauDecay(value: TauDecay) {
    this.checkIdle();
    this.#tauDecay = readTauDecay(value, this.signals, this.dt);
  }

  /** How often every event is emitted. */
  get repeatOutput(): number {
    return this.#repeatOutput;
  }

  set repeatOutput(value: number) {
    this.checkIdle();
    this.#repeatOutput = checkRepeat(value);
  }

  /** The original's entries. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      repeat_output: this.#repeatOutput,
      tau_decay: [...this.#tauDecay],
      thr_up: Array.from(this.#thrUp),
      thr_down: Array.from(this.#thrDown),
    };
  }

  /** @internal */
  protected parameters(): UpDownParameters {
    const { dt, multiChannels } = this;
    return nativeParameters(this.#thrUp, this.#thrDown, this.#tauDecay, dt, this.#repeatOutput, multiChannels);
  }

  #thresholds(value: unknown, name: string): Float64Array {
    return readThresholds(value, name, this.signals, this._positive);
  }
}

function checkRepeat(value: unknown): number {
  return checkInteger(value, 'repeatOutput', { min: 1, max: 2 ** 31 - 1 });
}
