/** What an open board plays: event lists, pulses, Poisson trains. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, checkOptions, rangeError, shapeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { numChips, numNeuronsChip } from '../../layers/dynapse/connectivity.js';
import { runTask, type TaskOptions, taskOptionNames } from '../../task.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { unknownContent } from './allocation.js';
import { maxTrainEvents } from './batches.js';
import type { Capture } from './board-stream.js';
import { checkTask, DynapseControlBase, readTask } from './control-base.js';
import type { OpenBoard } from './open.js';
import {
  channelMap,
  checkVirtual,
  intervalBase,
  readSources,
  readStimulus,
  readVirtual,
  type StimulusArrays,
} from './stimulus.js';

/** Where a stimulus goes, and what is recorded of what follows. */
export interface StimulusOptions extends TaskOptions {
  /** Virtual neuron of each channel, 1 to 1023. Default: the channels' own numbers, where channel 0 has no events. */
  virtualNeuronIds?: ArrayInput | null;
  /** Cores of the chip that get the events, one bit each. Default 15: all. */
  coreMask?: number;
  /** The chip that gets them. A board with logic 5 plays to chip 0 alone. Default 0. */
  chip?: number;
  /** Neurons to record; false: none, and the call returns when the stimulus was started. Default: all 4096. */
  record?: ArrayInput | false | null;
  /** Seconds to record from the start of the stimulus on. Default: the duration of the stimulus. */
  tRecord?: number;
}

/** @internal A train in the memory of the FPGA, and its recording. */
export interface Playback extends TaskOptions {
  address: number;
  /** 0: nothing is played. */
  events: number;
  intervalBase: number;
  duration: number;
  start?: number;
  channels: Int32Array;
}

const stimulusNames = ['virtualNeuronIds', 'coreMask', 'chip', 'record', 'tRecord', ...taskOptionNames];
const silent = new Float64Array(numNeuronsChip);

/** What a {@link DynapseControl} plays. */
export abstract class DynapseStimuli extends DynapseControlBase {
  readonly #isiBase: number;
  readonly #logic: number;
  readonly #poissonChips = new Set<number>();
  #memoryGeneration = 0;

  protected constructor(open: OpenBoard, isiBase: number) {
    super(open);
    this.#isiBase = isiBase;
    this.#logic = this.info.logic;
  }

  /** Time step of stimuli in seconds. */
  get fpgaIsiBase(): number {
    return this.#isiBase;
  }

  // ---- Stimuli ----------------------------------------------------------------------------------------------------

  /**
   * Plays events, and returns the spikes that follow: a TSEvent that begins at 0 with the stimulus, with a channel for each recorded neuron.
   *
   * @param stimulus A series, whose events are taken from its start on, or time steps and channels.
   * @returns The spikes; null with `record: false`.
   * @throws RangeError for more than 65535 events, those that fill silences longer than 65535 time steps included: `planBatches` cuts.
   */
  async sendEvents(stimulus: TSEvent | StimulusArrays, options: StimulusOptions & { record: false }): Promise<null>;
  async sendEvents(
    stimulus: TSEvent | StimulusArrays,
    options?: StimulusOptions & { record?: ArrayInput | null },
  ): Promise<TSEvent>;
  async sendEvents(stimulus: TSEvent | StimulusArrays, options?: StimulusOptions): Promise<TSEvent | null>;
  async sendEvents(stimulus: TSEvent | StimulusArrays, options: StimulusOptions = {}): Promise<TSEvent | null> {
    const given = checkOptions<StimulusOptions>(options, 'options', stimulusNames);
    return this.#stimulate(given, () => {
      const { steps, channels, total } = readStimulus(stimulus, undefined, this.#isiBase);
      const count = stimulus instanceof TSEvent ? stimulus.numChannels : numNeuronsChip;
      const sources = readSources(given.virtualNeuronIds, count, channels);
      if (stimulus instanceof TSEvent && sources.length !== count)
        throw shapeError('virtualNeuronIds', `${count} numbers, one for each channel`, `${sources.length} of them`);
      const words = native.dynapsePartWords(steps, channels, 0, sources, this._cores(given), this._chip(given));
      return { words, duration: total * this.#isiBase };
    });
  }

  /**
   * Plays a regular train of one virtual neuron: `width` seconds (0.1) at `frequency` Hz (1000), and records `tRecord` seconds (3). Intervals are
   * whole time steps of {@link fpgaIsiBase}: the rate is that of the interval next to 1 / `frequency`.
   */
  async sendPulse(
    virtualNeuronId: number,
    options: StimulusOptions & { width?: number; frequency?: number } = {},
  ): Promise<TSEvent | null> {
    const {
      width = 0.1,
      frequency = 1000,
      ...rest
    } = checkOptions<typeof options>(options, 'options', ['width', 'frequency', ...stimulusNames]);
    return this.#stimulate({ tRecord: 3, ...rest }, () => {
      const count = Math.round(
        checkNumber(width, 'width', { positive: true }) * checkNumber(frequency, 'frequency', { positive: true }),
      );
      if (count < 1 || count > maxTrainEvents)
        throw rangeError('width * frequency', `1 to ${maxTrainEvents} events`, count);
      const interval = new Float64Array(count).fill(this.#interval(frequency));
      return { words: this.#train(interval, [virtualNeuronId], rest), duration: width };
    });
  }

  /** Plays events of virtual neurons together, `frequency` times a second (intervals in whole time steps, as in {@link sendPulse}), until {@link stopStim}. */
  async startContStim(
    frequency: number,
    virtualNeuronIds: ArrayInput,
    options: TaskOptions & Pick<StimulusOptions, 'coreMask' | 'chip'> = {},
  ): Promise<void> {
    return this._run(['command'], async () => {
      const given = checkOptions<typeof options>(options, 'options', ['coreMask', 'chip', ...taskOptionNames]);
      const ids = readVirtual(virtualNeuronIds, 'virtualNeuronIds');
      if (ids.length === 0) throw shapeError('virtualNeuronIds', 'one number or more', 'none');
      const intervals = new Float64Array(ids.length);
      intervals[0] = this.#interval(checkNumber(frequency, 'frequency', { positive: true }));
      const words = this.#train(intervals, ids, given);
      await this._write(0, words, given);
      await runTask(given, () =>
        this.#start(0, words.length / 2, intervalBase(this.#isiBase, 'fpgaIsiBase'), true, false),
      );
    });
  }

  /** Ends what is played, also a train that repeats. */
  async stopStim(options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => runTask(readTask(options), () => native.dynapseStopTrain(this._board)));
  }

  /**
   * Starts Poisson trains of virtual neurons to all cores of a chip, until {@link stopPoisson}. They come on top of those that were started before.
   *
   * @param frequencies Rates in Hz, 0 to 4300: one for all, or one for each.
   */
  async startPoisson(
    frequencies: number | ArrayInput,
    virtualNeuronIds: ArrayInput,
    options: TaskOptions & { chip?: number } = {},
  ): Promise<void> {
    return this._run(['command'], async () => {
      const { chip = 0, ...task } = checkOptions<typeof options>(options, 'options', ['chip', ...taskOptionNames]);
      checkInteger(chip, 'chip', { min: 0, max: numChips - 1 });
      if (this._unknownChips.includes(chip)) throw unknownContent(chip, 'a stimulus');
      const ids = Uint32Array.from(readVirtual(virtualNeuronIds, 'virtualNeuronIds'));
      const rates = readRates(frequencies, ids.length);
      this.#poissonChips.add(chip);
      await runTask(task, (progress) => native.dynapseSetPoisson(this._board, chip, ids, rates, progress));
      await runTask({}, () => native.dynapseRunPoisson(this._board, true));
    });
  }

  /** Ends Poisson trains; rates are kept. */
  async stopPoisson(options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => runTask(readTask(options), () => native.dynapseRunPoisson(this._board, false)));
  }

  /** All Poisson rates are 0. */
  async resetPoissonRates(options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => this._silence(readTask(options)));
  }

  /** @internal */
  protected async _silence(options: TaskOptions): Promise<void> {
    const sources = Uint32Array.from(silent.keys());
    for (const chip of this.#poissonChips)
      await runTask(options, (progress) => native.dynapseSetPoisson(this._board, chip, sources, silent, progress));
    this.#poissonChips.clear();
  }

  // ---- Parts of the above, also for layers ------------------------------------------------------------------------

  /** @internal Writes to the memory of the FPGA so far, also those that failed: what was loaded is there while this is the same. */
  get _memoryGeneration(): number {
    return this.#memoryGeneration;
  }

  /** @internal */
  async _write(address: number, words: Uint16Array, options: TaskOptions): Promise<void> {
    ++this.#memoryGeneration;
    await runTask({ signal: options.signal }, (progress) =>
      native.dynapseWriteMemory(this._board, address, words, progress),
    );
  }

  /** @internal Plays what is in memory, and records. */
  async _capture(playback: Playback): Promise<Capture> {
    const { address, events, intervalBase: base, ...rest } = playback;
    const begin = (): Promise<void> =>
      events === 0
        ? native.dynapseResetTime(this._board).promise
        : this.#start(address, events, base, false, true).promise;
    try {
      return await this._stream.capture({ ...rest, begin });
    } catch (error) {
      if (events > 0 && this.state === 'busy')
        await native.dynapseStopTrain(this._board).promise.catch(() => undefined);
      throw error;
    }
  }

  /** @internal Plays a train and records, and the event loop waits. */
  _captureNow(words: Uint16Array, playback: Playback): Capture {
    const release = this._take('command', 'stream');
    ++this.#memoryGeneration;
    try {
      return this._stream.captureNow(words, playback);
    } finally {
      release();
    }
  }

  /** @internal Keeps all others away while `fn` plays and records. */
  _playing<T>(fn: () => Promise<T>): Promise<T> {
    return this._run(['command', 'stream'], fn);
  }

  /** @internal Checked bits of cores. */
  _cores({ coreMask = 15 }: { coreMask?: number }): number {
    return checkInteger(coreMask, 'coreMask', { min: 0, max: 15 });
  }

  /** @internal Checked chip of a stimulus. */
  _chip({ chip = 0 }: { chip?: number }): number {
    const number = checkInteger(chip, 'chip', { min: 0, max: numChips - 1 });
    if (this._unknownChips.includes(number)) throw unknownContent(number, 'a stimulus');
    if (number !== 0 && !this.simulated && this.#logic <= 5)
      throw rangeError('chip', '0: the spike generator of logic 5 plays to that chip alone', number);
    return number;
  }

  #start(address: number, events: number, base: number, repeat: boolean, resetClock: boolean) {
    return native.dynapseStartTrain(this._board, address, events, true, 0, base, repeat, resetClock);
  }

  #interval(frequency: number): number {
    const interval = Math.round(1 / (frequency * this.#isiBase));
    if (interval < 1) throw rangeError('frequency', `at most ${1 / this.#isiBase}, once in a time step`, frequency);
    return interval;
  }

  #train(intervals: Float64Array, ids: readonly number[], where: { coreMask?: number; chip?: number }): Uint16Array {
    const sources = Uint32Array.from(ids, (id) => checkVirtual(id, 'virtualNeuronId'));
    return native.dynapseTrainWords(
      intervals,
      sources,
      Uint32Array.of(this._cores(where)),
      Uint32Array.of(this._chip(where)),
    );
  }

  async #stimulate(
    options: StimulusOptions,
    make: () => { words: Uint16Array; duration: number },
  ): Promise<TSEvent | null> {
    const { record = null, tRecord, signal, onProgress } = options;
    return this._run(record === false ? ['command'] : ['command', 'stream'], async () => {
      checkTask(options);
      const { words, duration } = make();
      const events = words.length / 2;
      const base = intervalBase(this.#isiBase, 'fpgaIsiBase');
      const seconds = checkNumber(tRecord ?? duration, 'tRecord', { positive: true });
      const map = record === false ? null : channelMap(record);
      if (events > 0) await this._write(0, words, { signal });
      if (!map) {
        if (events > 0) await runTask({ signal }, () => this.#start(0, events, base, false, false));
        return null;
      }
      const { channels, count } = map;
      const play = { address: 0, events, intervalBase: base, duration: seconds, channels, signal, onProgress };
      return series(await this._capture(play), seconds, count);
    });
  }
}

function readRates(frequencies: number | ArrayInput, count: number): Float64Array {
  const bounds = { min: 0, max: 4300 };
  if (typeof frequencies === 'number')
    return new Float64Array(count).fill(checkNumber(frequencies, 'frequencies', bounds));
  const { length } = (frequencies ?? {}) as { length?: unknown };
  if (typeof length === 'number' && length !== count && length !== 1)
    throw shapeError('frequencies', `one rate or ${count}`, `${length} of them`);
  const rates = toNdArray(frequencies, 'frequencies', 'float64').data;
  if (rates.length !== count) throw shapeError('frequencies', `one rate or ${count}`, `${rates.length} of them`);
  return Float64Array.from(rates, (rate) => checkNumber(rate, 'frequencies', bounds));
}

/** @internal @throws RockpoolError `ERR_DEVICE_IO` for a recording with a hole. */
export function series({ times, channels, lost }: Capture, duration: number, numChannels: number, tStart = 0): TSEvent {
  if (lost > 0)
    throw new RockpoolError(
      'ERR_DEVICE_IO',
      `expected all spikes to be read in time, lost ${lost} of them; queueEvents makes room`,
      {
        details: { lost },
      },
    );
  return new TSEvent({ times, channels, numChannels, tStart, tStop: tStart + duration, name: 'Recorded spikes' });
}
