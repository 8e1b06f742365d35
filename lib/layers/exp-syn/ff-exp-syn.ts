/** Exponential synapses with weighted events as input: evolution and training. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInstance } from '../../check.js';
import type { LogisticResult } from '../../learning/native.js';
import { runTask } from '../../task.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { named } from '../jax/last-evolution.js';
import { checkChannels, refuseTaskOptions } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import { registerLayerClass } from '../registry.js';
import type { Regressors, TrainingBatch, TrainingWindow, TrainRrResult } from '../training-types.js';
import type { AsyncEvolveOptions, EventInputWindow, EvolveOptions } from '../types.js';
import { FilterCarry } from './carry.js';
import { ExpSynLayer } from './exp-syn-layer.js';
import {
  type AsyncExpSynTrainRrOptions,
  type AsyncTrainLogregOptions,
  type ExpSynTrainOptions,
  type ExpSynTrainResult,
  type ExpSynTrainRrOptions,
  logregArguments,
  logregMethods,
  type LogregSettings,
  readLogregSettings,
  type TrainLogregOptions,
  type TrainLogregResult,
} from './logreg.js';
import { type ExpSynRun, runExpSyn, runExpSynAsync } from './run.js';

/**
 * Synaptic currents that jump by the weight of every input event and decay exponentially in between:
 *
 *     tauSyn dI/dt = -I + tauSyn (sum over events of weights) + noise,     output = I + bias
 *
 * exact at the time steps. The output is taken at the start of every step and at the end of the evolution, one sample more than there
 * are time steps; an event shows, undecayed, in the first sample after its time step.
 */
export class FFExpSyn extends ExpSynLayer {
  readonly #carry = new FilterCarry();

  /** Sum of the products of the regressors of the training under way, a copy; null before the first. */
  get xtx(): NdArray<Float64Array> | null {
    return this.ridgeRegression?.xtx ?? null;
  }

  /** Sum of the products of regressors and target of the training under way, a copy; null before the first. */
  get xty(): Matrix | null {
    return this.ridgeRegression?.xty ?? null;
  }

  /**
   * Evolves the layer and returns I + bias: `numTimesteps + 1` samples, `size` channels.
   *
   * @param tsInput Events on the channels of the inputs. Outside its extent it has none.
   * @throws RangeError `ERR_INDEX` for events on channels that there are not; RockpoolError `ERR_NOT_FINITE` when a current becomes infinite or
   *   NaN. The layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    refuseTaskOptions(options);
    const window = this.eventWindow(tsInput, options);
    try {
      return this.#finish(runExpSyn(this.#run(window)), window.numTimesteps);
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const window = this.eventWindow(tsInput, options);
      try {
        const { out, state } = await runExpSynAsync(this.#run(window), options);
        this.storeState(state);
        return this.#finish(out, window.numTimesteps);
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /**
   * Trains with the method of that name: those of {@link trainRr}, and `'logreg'`, `'logistic'` and `'logistic regression'` for
   * {@link trainLogreg}, which has no use for `isFirst` and `isLast`.
   *
   * @throws RangeError `ERR_VALUE` for an unknown method.
   */
  override train(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: ExpSynTrainOptions = {},
  ): ExpSynTrainResult {
    if (!logregMethods.includes(options?.method as string)) return super.train(tsTarget, tsInput, options);
    const rest: Record<string, unknown> = { ...options };
    for (const name of ['method', 'isFirst', 'isLast']) delete rest[name];
    return this.trainLogreg(tsTarget, tsInput, rest);
  }

  /**
   * Adds a batch to a ridge regression of the target on the filtered events: the output that the layer would have with weights of 1 and
   * no bias, sampled every `dt` from the start of the target on. See {@link RRTrainedLayer.trainRr} for the rest. The filtered events
   * are never held as a matrix.
   *
   * @throws RangeError `ERR_INDEX` for events on channels that there are not.
   */
  override trainRr(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: ExpSynTrainRrOptions = {},
  ): TrainRrResult {
    return super.trainRr(tsTarget, tsInput, options);
  }

  /** {@link trainRr} off the event loop (the sampling of the target excepted). */
  override trainRrAsync(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: AsyncExpSynTrainRrOptions = {},
  ): Promise<TrainRrResult> {
    return super.trainRrAsync(tsTarget, tsInput, options);
  }

  /**
   * Gradient descent on the cross-entropy of the target and `1 / (1 + exp(-(X weights + bias)))`, X being the filtered input of
   * {@link trainRr} at `round(duration / dt)` times from the start of the target on. The first pass takes the samples in their order,
   * every further one in another order. Weights and bias are set at the end; an error changes nothing.
   *
   * @param tsTarget Probabilities from 0 to 1: one channel for each unit.
   * @throws TypeError, RangeError as {@link trainRr}; RockpoolError `ERR_NOT_FINITE` when the descent does not converge.
   */
  trainLogreg(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: TrainLogregOptions = {},
  ): TrainLogregResult {
    this.checkIdle();
    const settings = readLogregSettings(options, this.seed, false);
    const batch = this.#logregBatch(tsTarget, tsInput, settings);
    try {
      const learnt = native.logisticTrain(...logregArguments(batch, settings, ...this.model()));
      return this.#takeLearnt(batch, settings, learnt);
    } finally {
      batch.regressors.release?.();
    }
  }

  /** {@link trainLogreg} off the event loop (the sampling of the target excepted). */
  trainLogregAsync(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: AsyncTrainLogregOptions = {},
  ): Promise<TrainLogregResult> {
    return this.runExclusive(async () => {
      const settings = readLogregSettings(options, this.seed, true);
      const batch = this.#logregBatch(tsTarget, tsInput, settings);
      const args = logregArguments(batch, settings, ...this.model());
      try {
        const learnt = await runTask(settings, (progress) => native.logisticTrainAsync(...args, progress));
        return this._lock().permit(() => this.#takeLearnt(batch, settings, learnt));
      } finally {
        batch.regressors.release?.();
      }
    });
  }

  /** Name of the output. */
  protected get outputName(): string {
    return 'Receiver current';
  }

  protected override get trainingFlags(): Readonly<Record<string, boolean>> {
    return { storeStates: true };
  }

  protected override prepareRegressors(tsInput: TimeSeries | null, window: TrainingWindow): Regressors {
    const input = tsInput === null ? null : checkInstance(tsInput, 'tsInput', TSEvent);
    if (input) checkChannels(this, input, false);
    return this.#carry.regressors(this, input, window);
  }

  #logregBatch(
    tsTarget: TSContinuous,
    tsInput: TimeSeries | null | undefined,
    { storeStates }: LogregSettings,
  ): TrainingBatch {
    return this.trainingBatch(tsTarget, tsInput, { isFirst: false, isLast: false, flags: { storeStates } });
  }

  #takeLearnt({ regressors }: TrainingBatch, { verbose }: LogregSettings, learnt: LogisticResult): TrainLogregResult {
    const { crossEntropy, weights, bias } = learnt;
    regressors.commit?.();
    this.applyTraining(new NdArray(weights, [this.sizeIn, this.size]), bias);
    if (verbose) {
      const lines = Array.from(crossEntropy, (h, i) => `pass ${i + 1} of ${crossEntropy.length}: cross-entropy ${h}`);
      console.log(`${this.startPrint}${lines.join('\n')}`);
    }
    const { trainingState } = regressors;
    return { crossEntropy, ...(trainingState && { trainingState }) };
  }

  #run(window: EventInputWindow): ExpSynRun {
    const { timestep, seed, dt, size } = this;
    const rows = window.numTimesteps + 1;
    const plan = this.expSynPlan();
    return { plan, timestep, seed, dt, state: this.stateNoBias, window, rows, columns: size };
  }

  #finish(samples: Float64Array, numTimesteps: number): TSContinuous {
    const { timestep: first, t: tStart, size, dt } = this;
    this.timestep = first + numTimesteps;
    return wrapClocked(samples, size, dt, first, numTimesteps + 1, tStart, this.t, this.outputName);
  }
}

registerLayerClass('FFExpSyn', FFExpSyn);
