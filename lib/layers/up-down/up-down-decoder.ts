/** The signal that delta modulation has turned into events. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInstance, checkInteger, checkOptions, rangeError, typeError } from '../../check.js';
import { runTask } from '../../task.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { mergeArguments } from '../arguments.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import { outputArray } from '../rate-options.js';
import { registerLayerClass } from '../registry.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, ToDictOptions } from '../types.js';
import { decoderOptionNames, type UpDownDecoderOptions } from './options.js';
import { readSize } from './thresholds.js';
import { UpDownLayer } from './up-down-layer.js';

/** @inline */
type Given = UpDownDecoderOptions & { shape: ArrayInput };

/**
 * Makes signals of the events of an {@link FFUpDown} layer with the same parameters. In a time step
 *
 *     s *= 1 - dt / tauDecay,   s += thrUp up - thrDown down
 *
 * with the numbers of up- and down-events of the step, each divided by `repeatOutput`; s is the output, and follows the encoder's reference
 * exactly when both began with the same. With `multiplexSpikes` the encoder's input is then less than one threshold away.
 */
export class UpDownDecoder extends UpDownLayer {
  readonly #initial: Float64Array;

  /**
   * @param shape The number of signals M; or `[M, n]` for n event channels of each direction of each signal.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(shape: ArrayInput, options?: UpDownDecoderOptions);
  constructor(options: Given);
  constructor(...args: [unknown?, UpDownDecoderOptions?]) {
    const merged = mergeArguments<Given>(args, ['shape']);
    const options = checkOptions<Given>(merged, 'options', decoderOptionNames);
    const size = readSize(options.shape, 'shape');
    super([2 * size.signals * size.multiChannels, size.signals], size, options, false);
    this.#initial = this.expandToSize(options.initial ?? 0, size.signals, 'initial');
    this.resetAll();
  }

  /** What one event adds to each signal, `sizeIn` x `size`, a new array each time. It cannot be set: see {@link thrUp} and {@link thrDown}. */
  override get weights(): Matrix {
    const { signals, multiChannels, sizeIn, thrUp, thrDown, repeatOutput } = this;
    const weights = NdArray.zeros([sizeIn, signals]);
    for (let channel = 0; channel < sizeIn; channel++) {
      const direction = Math.floor(channel / multiChannels);
      const signal = Math.floor(direction / 2);
      weights.set(channel, signal, (direction % 2 === 0 ? thrUp[signal] : -thrDown[signal]) / repeatOutput);
    }
    return weights;
  }

  override set weights(value: ArrayInput) {
    throw typeError('weights', 'left alone: what an event stands for is thrUp or thrDown', value);
  }

  /** What the signals begin with, a copy. */
  get initial(): Float64Array {
    return this.#initial.slice();
  }

  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  /** Every event counts. */
  get addEvents(): boolean {
    return true;
  }

  /** Sets the signals to what they begin with. */
  override resetState(): void {
    this.checkIdle();
    this.storeState(this.#initial);
  }

  /**
   * The signals: `numTimesteps` samples, `size` channels, sample k with the events of step k, at its start.
   *
   * @throws RangeError `ERR_INDEX` for events on channels that there are not.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const { numTimesteps, input } = this.eventWindow(tsInput, options);
    const out = outputArray(numTimesteps, this.size);
    native.upDownDecode(
      ...this.parameters(),
      this.timestep,
      numTimesteps,
      this.state,
      out,
      ...(input ?? ([] as const)),
    );
    return this.#finish(out, numTimesteps);
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const { numTimesteps, input } = this.eventWindow(tsInput, options);
      const out = outputArray(numTimesteps, this.size);
      const state = new Float64Array(this.size);
      const args = [...this.parameters(), this.timestep, numTimesteps, this.state, out, state] as const;
      await runTask(options, (progress) => native.upDownDecodeAsync(...args, progress, ...(input ?? ([] as const))));
      this.storeState(state);
      return this.#finish(out, numTimesteps);
    });
  }

  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    for (const name of ['weights', 'noise_std']) delete base[name];
    return { ...base, shape: [this.signals, this.multiChannels], initial: Array.from(this.#initial) };
  }

  #finish(samples: Float64Array, numTimesteps: number): TSContinuous {
    const { timestep: first, t: tStart, size, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, size, dt, first, numTimesteps, tStart, this.t, 'Signal from spikes');
  }
}

/** Options of {@link decodeUpDown}. */
export interface DecodeUpDownOptions extends Omit<UpDownDecoderOptions, 'name' | 'seed'> {
  /** Event channels of each direction of a signal. Default 1. */
  multiChannels?: number;
}

/**
 * The signals of the events of an {@link FFUpDown} layer, over the extent of the series: one sample for each time step. The parameters must be
 * those of the layer; `initial` is what its references began with, the first sample of its input. {@link FFUpDown.decoder} knows them.
 *
 * @throws RangeError when the events do not have 2 `multiChannels` channels for each signal, or begin before 0.
 */
export function decodeUpDown(tsEvents: TSEvent, options: DecodeUpDownOptions = {}): TSContinuous {
  const events = checkInstance(tsEvents, 'tsEvents', TSEvent);
  const names = [...decoderOptionNames.filter((n) => !['shape', 'name', 'seed'].includes(n)), 'multiChannels'];
  const { multiChannels = 1, ...rest } = checkOptions<DecodeUpDownOptions>(options, 'options', names);
  const each = 2 * checkInteger(multiChannels, 'multiChannels', { min: 1 });
  const signals = events.numChannels / each;
  if (!Number.isInteger(signals) || signals === 0)
    throw rangeError('tsEvents.numChannels', `a multiple of ${each}`, events.numChannels);
  const decoder = new UpDownDecoder([signals, multiChannels], rest);
  decoder.t = events.tStart;
  return decoder.evolve(events, { duration: events.tStop - decoder.t });
}

registerLayerClass('UpDownDecoder', UpDownDecoder);
