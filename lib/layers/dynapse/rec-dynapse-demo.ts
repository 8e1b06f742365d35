/** A layer on a DynapSE board that plays back what was loaded before. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInstance, checkInteger, checkNumber, checkOptions, rangeError, typeError } from '../../check.js';
import { maxTrainEvents } from '../../devices/dynapse/batches.js';
import { series } from '../../devices/dynapse/control-stimuli.js';
import { channelMap, stepsOfSeries } from '../../devices/dynapse/stimulus.js';
import { RockpoolError } from '../../errors.js';
import { type TaskOptions, taskOptionNames } from '../../task.js';
import { stepCeil, stepsOf } from '../../time-grid.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { checkChannels } from '../prepare-input.js';
import { registerLayerClass } from '../registry.js';
import type { EvolveOptions } from '../types.js';
import { RecDynapSE } from './rec-dynapse.js';

/** Events that the memory of the FPGA holds, two words each. */
const maxMemoryEvents = 2 ** 19 - 1;

/** A part of what was loaded. */
interface Rhythm {
  /** In the memory, in words. */
  address: number;
  events: number;
  duration: number;
}

/** Options of an evolution of {@link RecDynapSEDemo}. */
export interface PlaybackOptions extends TaskOptions {
  /** Seconds to record. Default: until the next part begins. */
  duration?: number;
}

/**
 * A {@link RecDynapSE} whose input is loaded into the memory of the FPGA once, up to 524287 events, and played back in parts by `evolveAsync(index)`.
 *
 * @example
 * await layer.loadEvents(beats, [0, 1.2, 2.4], 3.6);
 * const spikes = await layer.evolveAsync(1);
 */
export class RecDynapSEDemo extends RecDynapSE {
  #rhythms: Rhythm[] | null = null;
  /** Time step of what was loaded. */
  #loadedDt = NaN;
  /** Writes to the FPGA's memory when it was loaded. */
  #generation = NaN;

  /**
   * Loads events, and prepares the layer where it is not.
   *
   * @param tsAs The events, on channels of the layer.
   * @param rhythmStarts When each part begins, ascending.
   * @param durTotal When the last part ends.
   * @throws RangeError for more than 65535 events in a part or 524287 in all, those that fill long silences included.
   */
  async loadEvents(tsAs: TSEvent, rhythmStarts: ArrayInput, durTotal: number, options?: TaskOptions): Promise<void> {
    return this.runExclusive(async () => {
      const task = checkOptions<TaskOptions>(options, 'options', taskOptionNames);
      checkChannels(this, checkInstance(tsAs, 'tsAs', TSEvent), false);
      const starts = Array.from(toNdArray(rhythmStarts, 'rhythmStarts', 'float64').data);
      const ends = [...starts.slice(1), checkNumber(durTotal, 'durTotal')];
      const wrong = ends.findIndex((end, k) => !(end > starts[k]));
      if (wrong >= 0) throw rangeError('rhythmStarts', 'ascending, and before durTotal', starts[wrong]);
      await this._prepare({ signal: task.signal });
      const trains = starts.map((start, k) => this.#train(tsAs, start, ends[k] - start));
      const total = trains.reduce((sum, words) => sum + words.length / 2, 0);
      if (total > maxMemoryEvents) throw rangeError('tsAs', `of at most ${maxMemoryEvents} events in memory`, total);
      const words = new Uint16Array(2 * total);
      const rhythms: Rhythm[] = [];
      let address = 0;
      for (const [k, train] of trains.entries()) {
        words.set(train, address);
        rhythms.push({ address, events: train.length / 2, duration: ends[k] - starts[k] });
        address += train.length;
      }
      this.#rhythms = null;
      await this.controller._playing(() => this.controller._write(0, words, task));
      this.#rhythms = rhythms;
      this.#loadedDt = this.dt;
      this.#generation = this.controller._memoryGeneration;
    });
  }

  /** The words of a part, whose first interval counts from its start. */
  #train(tsAs: TSEvent, start: number, duration: number): Uint16Array {
    const total = stepCeil(duration, 0, this.dt);
    const { steps, channels } = stepsOfSeries(tsAs, start, total, this.dt, this.sizeIn);
    if (steps.length > maxTrainEvents)
      throw rangeError('tsAs', `of at most ${maxTrainEvents} events in a part`, steps.length);
    const sources = Uint32Array.from(this.virtualNeuronIds!);
    const chip = this.controller._chip({ chip: this.inputChipId });
    return native.dynapsePartWords(steps, channels, 0, sources, this._coreMask, chip);
  }

  /** Durations of the parts that were loaded, in seconds. */
  get rhythmDurations(): number[] {
    return this.#loaded().map(({ duration }) => duration);
  }

  #loaded(): Rhythm[] {
    if (this.#rhythms) return this.#rhythms;
    throw this.#notLoaded('a call before loadEvents()');
  }

  #notLoaded(got: string): RockpoolError {
    return new RockpoolError('ERR_STATE', `${this.startPrint}expected events to be loaded, received ${got}`);
  }

  /** @throws RockpoolError `ERR_STATE` where what was loaded would not be what is played. */
  #checkLoaded(): void {
    if (this.dt !== this.#loadedDt)
      throw this.#notLoaded(`a time step of ${this.dt} s, they were loaded with ${this.#loadedDt} s: load them again`);
    if (this.controller._memoryGeneration !== this.#generation)
      throw this.#notLoaded('others in the memory of the FPGA, written since: load them again');
  }

  /**
   * Plays a part that was loaded, and returns the spikes. Weights that were set since are on the chips then.
   *
   * @throws RockpoolError `ERR_STATE` before `loadEvents`, and after the time step was changed since (events count in steps) or another stimulus was
   *   written to the memory of the FPGA.
   */
  override async evolveAsync(idxRhythm?: number | TimeSeries | null, options: PlaybackOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      const given = checkOptions<PlaybackOptions>(options, 'options', ['duration', ...taskOptionNames]);
      const { address, events, duration } = this.#rhythm(idxRhythm);
      const seconds = checkNumber(given.duration ?? duration, 'duration', { positive: true });
      await this._prepare({ signal: given.signal });
      const tStart = this.t;
      const capture = await this.controller._playing(() =>
        this.controller._capture({
          address,
          events,
          intervalBase: this._intervalBase(),
          duration: seconds,
          start: tStart,
          channels: channelMap(this.neuronIds).channels,
          signal: given.signal,
          onProgress: given.onProgress,
        }),
      );
      const output = series(capture, seconds, this.size, tStart);
      output.name = 'DynapSEDemoBeat';
      this.timestep += stepsOf(seconds, this.dt);
      return output;
    });
  }

  /** Not here: playback goes by `evolveAsync`. @throws RockpoolError `ERR_STATE`, always. */
  override evolve(_tsInput?: TimeSeries | null, _options?: EvolveOptions): TSEvent {
    throw new RockpoolError(
      'ERR_STATE',
      `${this.startPrint}expected evolveAsync(index), received evolve(): playback takes time`,
    );
  }

  #rhythm(index: unknown): Rhythm {
    if (typeof index !== 'number') throw typeError('idxRhythm', 'the number of a part that was loaded', index);
    const rhythms = this.#loaded();
    this.#checkLoaded();
    return rhythms[checkInteger(index, 'idxRhythm', { min: 0, max: rhythms.length - 1 })];
  }

  /** The same, and what was loaded is gone. */
  override async close(): Promise<void> {
    this.#rhythms = null;
    return super.close();
  }
}

registerLayerClass('RecDynapSEDemo', RecDynapSEDemo);
