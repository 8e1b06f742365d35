/** The controller of a DynapSE board. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkNumber, checkOptions, checkSignal } from '../../check.js';
import { numChips } from '../../layers/dynapse/connectivity.js';
import { runTask, type TaskOptions, taskOptionNames } from '../../task.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import { type CoreBias, loadBiases } from './bias-file.js';
import type { SpikeBatch } from './board-stream.js';
import { checkBiases } from './chip-biases.js';
import { checkTask, readTask } from './control-base.js';
import { DynapseStimuli, series } from './control-stimuli.js';
import { openBoard, type OpenBoard, type OpenBoardOptions, openOptionNames } from './open.js';
import { channelMap, defaultIsiBase, intervalBase, readNumbers } from './stimulus.js';

/** Options of {@link DynapseControl.open}. */
export interface DynapseControlOptions extends OpenBoardOptions, TaskOptions {
  /** Time step of stimuli in seconds: a whole number of ticks of 1/90 us. Default 2e-5. */
  fpgaIsiBase?: number;
  /**
   * Sends the default configuration: low-power biases, no routes but those by which spikes are seen. False: the board goes on with what it has.
   * Default true.
   */
  configure?: boolean;
  /** Chips that are emptied at once, rather than when neurons of theirs are allocated. Default: none. */
  initChips?: ArrayInput | null;
  /** Biases that are set after the configuration, or the file that holds them. Default: none. */
  biases?: readonly CoreBias[] | string | null;
}

/** Options of {@link DynapseControl.record} and {@link DynapseControl.spikes}. */
export interface RecordOptions extends TaskOptions {
  /** Neurons to record; each is a channel. Default: all 4096, by their numbers. */
  neuronIds?: ArrayInput | null;
}

const openNames = ['fpgaIsiBase', 'configure', 'initChips', 'biases', ...openOptionNames, ...taskOptionNames];
/**
 * A DYNAP-SE1 board, or the board model: neurons, connections, biases, stimuli, recordings.
 *
 * Commands run one at a time (`ERR_BUSY`), and so do recordings; both take an AbortSignal. The board streams from `open` to `close`, so that its
 * neurons keep their power.
 *
 * @example
 * const control = await DynapseControl.open({ controller: 'model' });
 * const [neuron] = await control.allocateNeurons(1);
 * const [input] = control.allocateVirtualNeurons(1);
 * await control.setConnections([[8]], [input], [neuron], { virtual: true });
 * const spikes = await control.sendEvents(stimulus, { virtualNeuronIds: [input], record: [neuron] });
 * await control.close();
 */
export class DynapseControl extends DynapseStimuli {
  /** Use {@link DynapseControl.open}. */
  protected constructor(open: OpenBoard, isiBase: number) {
    super(open, isiBase);
  }

  /**
   * Opens a board, configures it and lets it stream.
   *
   * @throws RockpoolError `ERR_NO_DEVICE`, `ERR_NO_LIBUSB`, `ERR_DEVICE_ACCESS` or `ERR_DEVICE_BUSY` where no board can be had, with what helps;
   *   the other codes of devices; RangeError or TypeError for wrong options, before a board is opened.
   */
  static async open(options: DynapseControlOptions = {}): Promise<DynapseControl> {
    const given = checkTask(checkOptions<DynapseControlOptions>(options, 'options', openNames));
    const isiBase = given.fpgaIsiBase ?? defaultIsiBase;
    intervalBase(isiBase, 'fpgaIsiBase');
    const configure = checkBoolean(given.configure ?? true, 'configure');
    const chips = given.initChips ?? null;
    const biases = typeof given.biases === 'string' ? await loadBiases(given.biases) : given.biases;
    if (chips !== null) readNumbers(chips, 'initChips', numChips);
    if (biases) checkBiases(biases);
    const control = new DynapseControl(await openBoard(given), isiBase);
    const { signal, onProgress } = given;
    try {
      if (configure) {
        await runTask({ signal, onProgress }, (progress) => native.dynapseConfigure(control._board, progress));
        control._biases.setLowPower();
      }
      await control._stream.start();
      if (chips !== null) await control.initChips(chips, { signal });
      if (biases) await control.setBiases(biases, { signal });
      return control;
    } catch (error) {
      await control.close();
      throw error;
    }
  }

  // ---- Recordings -------------------------------------------------------------------------------------------------

  /** Records for some seconds, from 0 on. */
  async record(duration: number, options: RecordOptions = {}): Promise<TSEvent> {
    return this._run(['stream'], async () => {
      const { neuronIds, ...task } = checkTask(
        checkOptions<RecordOptions>(options, 'options', ['neuronIds', ...taskOptionNames]),
      );
      const { channels, count } = channelMap(neuronIds);
      const seconds = checkNumber(duration, 'duration', { positive: true });
      const capture = await this._capture({
        address: 0,
        events: 0,
        intervalBase: 1,
        duration: seconds,
        channels,
        ...task,
      });
      return series(capture, seconds, count);
    });
  }

  /** Spikes as they come, until the loop ends or the signal aborts. `return()` ends it at once, also while the board is quiet. */
  spikes(options: Omit<RecordOptions, 'onProgress'> = {}): AsyncGenerator<SpikeBatch, void, undefined> {
    const stop = new AbortController();
    const batches = this.#spikes(options, stop.signal);
    const end = batches.return.bind(batches);
    batches.return = (value) => {
      stop.abort();
      return end(value);
    };
    return batches;
  }

  async *#spikes(options: RecordOptions, stop: AbortSignal): AsyncGenerator<SpikeBatch, void, undefined> {
    const release = this._take('stream');
    try {
      const { neuronIds, signal } = checkOptions<RecordOptions>(options, 'options', ['neuronIds', 'signal']);
      const signals = checkSignal(signal) ? [signal!, stop] : [stop];
      yield* this._stream.spikes(channelMap(neuronIds).channels, AbortSignal.any(signals));
    } catch (error) {
      if (!stop.aborted) throw error;
    } finally {
      release();
    }
  }

  /** Stops all stimuli, removes all connections, and all neurons can be had again. Biases stay. */
  async reset(options?: TaskOptions): Promise<void> {
    return this._run(['command'], async () => {
      const task = readTask(options);
      await runTask(task, () => native.dynapseStopTrain(this._board));
      await runTask(task, () => native.dynapseRunPoisson(this._board, false));
      await this._silence(task);
      await this._forget(task);
    });
  }
}
