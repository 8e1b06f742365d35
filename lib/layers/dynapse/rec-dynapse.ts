/** A recurrent spiking layer on a DynapSE board. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { checkFunction, checkSignal } from '../../check.js';
import { planBatches, type StimulusBatch } from '../../devices/dynapse/batches.js';
import { type Capture, joinCaptures } from '../../devices/dynapse/board-stream.js';
import { series } from '../../devices/dynapse/control-stimuli.js';
import { channelMap, type StimulusSteps, stepsOfSeries } from '../../devices/dynapse/stimulus.js';
import { abortError, RockpoolError } from '../../errors.js';
import { type TaskOptions } from '../../task.js';
import { stepFloor } from '../../time-grid.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { checkChannels, checkInput, refuseTaskOptions } from '../prepare-input.js';
import { registerLayerClass } from '../registry.js';
import type { AsyncEvolveOptions, EvolveOptions } from '../types.js';
import type { RecDynapSEOptions } from './board-options.js';
import { RecDynapSEBase } from './rec-dynapse-base.js';

/** An evolution, cut into what the FPGA can play. */
interface Plan extends StimulusSteps {
  batches: StimulusBatch[];
}

/**
 * A recurrent spiking layer whose neurons are those of a DYNAP-SE1 board, or of the board model (`controller: 'model'`), which says so by
 * `layer.controller.simulated`. Each input channel is a virtual neuron.
 *
 * Weights are whole numbers of synapses; at most 64 lead to a neuron, input and recurrent ones together. Synapses from input are fast, excitatory or
 * inhibitory; so are those from neurons with input; from others they are slow excitatory and fast inhibitory. Strengths and time constants are biases of
 * the cores (`layer.controller.setBiases`).
 *
 * Input is played in batches; the neurons go on between them, and between evolutions. There is no state that could be read: `state` is zeros.
 *
 * @example
 * const layer = new RecDynapSE(weightsIn, weightsRec, { controller: 'model', biases: 'biases.py' });
 * const spikes = await layer.evolveAsync(input);
 * await layer.close();
 */
export class RecDynapSE extends RecDynapSEBase {
  /**
   * @param weightsIn Synapses from input channels, `sizeIn` x `size`, rounded to whole numbers.
   * @param weightsRec Synapses between neurons, `size` x `size`, likewise.
   * @throws RangeError `ERR_FAN_IN`, `ERR_FAN_OUT` or `ERR_ALIASING` for what no board can connect; TypeError or RangeError for arguments of a
   *   wrong kind, shape or value. No board is opened: see {@link prepare}.
   */
  constructor(weightsIn: ArrayInput, weightsRec: ArrayInput, options?: RecDynapSEOptions);
  constructor(options: RecDynapSEOptions & { weightsIn: ArrayInput; weightsRec: ArrayInput });
  constructor(...args: unknown[]) {
    super(args);
  }

  /**
   * Plays the input, and returns the spikes of the neurons. On a board it takes as long as the input lasts. Progress counts time steps.
   *
   * @param tsInput A TSEvent, of `sizeIn` channels at most; nothing: only records.
   */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      const { signal, onProgress, ...rest } = options ?? {};
      if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
      if (checkSignal(signal)?.aborted) throw abortError(signal!);
      const plan = this._plan(tsInput, rest);
      await this._prepare({ signal });
      const tStart = this.t;
      const captured = await this.controller._playing(() => this.#play(plan, tStart, { signal, onProgress }));
      return this.#finish(captured, plan.total, tStart);
    });
  }

  /**
   * The same, and nothing else happens in this process meanwhile, as in the original: on a board for as long as the input lasts. The layer must be
   * prepared.
   *
   * @throws RockpoolError `ERR_STATE` before {@link prepare}.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const plan = this._plan(tsInput, options);
    if (!this.prepared)
      throw new RockpoolError(
        'ERR_STATE',
        `${this.startPrint}expected the board to be ready, received evolve() before 'await layer.prepare()'; evolveAsync() prepares by itself`,
      );
    const tStart = this.t;
    const parts = plan.batches.map((batch) => {
      const { words, playback } = this._batch(plan, batch, tStart);
      return this.controller._captureNow(words, playback);
    });
    return this.#finish(joinCaptures(parts), plan.total, tStart);
  }

  #finish(captured: Capture, total: number, tStart: number): TSEvent {
    const output = series(captured, total * this.dt, this.size, tStart);
    output.name = 'DynapSE spikes';
    this.timestep += total;
    return output;
  }

  /** @internal Checks the arguments of an evolution, and cuts its input. */
  protected _plan(tsInput: TimeSeries | null | undefined, options: EvolveOptions): Plan {
    const input = checkInput(tsInput, TSEvent) as TSEvent | null;
    const total = this.determineTimesteps(input, options);
    if (input) checkChannels(this, input, options.ignoreExtraChannels ?? false);
    const none = { steps: new Float64Array(0), channels: new Int32Array(0), total };
    const stimulus = input && total > 0 ? stepsOfSeries(input, this.t, total, this.dt, this.sizeIn) : none;
    const trials = Array.from(input?.trialStartTimes ?? [], (t) => stepFloor(t, this.t, this.dt));
    const batches = planBatches(stimulus.steps, total, {
      trialStarts: trials.filter((step) => step >= 0 && step < total),
      maxNumTrialsBatch: this.maxNumTrialsBatch,
      maxNumTimesteps: this.maxNumTimesteps,
      maxNumEventsBatch: this.maxNumEventsBatch,
    });
    return { ...stimulus, batches: total > 0 ? batches : [] };
  }

  /** @internal The train of a batch, and what its recording needs. */
  protected _batch({ steps, channels }: Plan, batch: StimulusBatch, tStart: number) {
    const { firstStep, endStep, firstEvent, endEvent } = batch;
    const control = this.controller;
    const words = native.dynapsePartWords(
      steps.subarray(firstEvent, endEvent),
      channels.subarray(firstEvent, endEvent),
      firstStep,
      Uint32Array.from(this.virtualNeuronIds!),
      this._coreMask,
      control._chip({ chip: this.inputChipId }),
    );
    return {
      words,
      playback: {
        address: 0,
        events: words.length / 2,
        intervalBase: this._intervalBase(),
        duration: ((endStep - firstStep) * this.dt) / this._speedup,
        start: tStart + firstStep * this.dt,
        channels: channelMap(this.neuronIds).channels,
      },
    };
  }

  async #play(plan: Plan, tStart: number, { signal, onProgress }: TaskOptions): Promise<Capture> {
    const begin = performance.now();
    const parts: Capture[] = [];
    for (const batch of plan.batches) {
      if (signal?.aborted) throw abortError(signal);
      const { words, playback } = this._batch(plan, batch, tStart);
      if (words.length > 0) await this.controller._write(0, words, { signal });
      const progress = (share: number): void => {
        const done = batch.firstStep + share * (batch.endStep - batch.firstStep);
        const elapsed = (performance.now() - begin) / 1e3;
        onProgress?.({
          done,
          total: plan.total,
          etaSeconds: done > 0 ? (elapsed * (plan.total - done)) / done : NaN,
        });
      };
      const own = onProgress && ((p: { done: number; total: number }) => progress(p.done / p.total));
      parts.push(await this.controller._capture({ ...playback, signal, onProgress: own }));
    }
    return joinCaptures(parts);
  }
}

registerLayerClass('RecDynapSE', RecDynapSE);
