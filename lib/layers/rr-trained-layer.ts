/** Base class of layers whose weights can be trained by ridge regression. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import {
  checkBoolean,
  checkInstance,
  checkNumber,
  checkOptions,
  checkString,
  rangeError,
  shapeError,
  typeError,
} from '../check.js';
import { RidgeRegression } from '../learning/ridge-regression.js';
import { taskOptionNames } from '../task.js';
import { stepFloor, timeOf } from '../time-grid.js';
import { sampleTicks } from '../time-series/continuous/sampling.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { warn } from '../warnings.js';
import { Layer } from './layer.js';
import type {
  AsyncTrainRrOptions,
  Regressors,
  TrainOptions,
  TrainRrOptions,
  TrainRrResult,
  TrainingProgress,
  TrainingWindow,
} from './training-types.js';

const defaults = {
  regularize: 0,
  isFirst: true,
  isLast: false,
  trainBiases: true,
  calcIntermediateResults: false,
  returnTrainingProgress: true,
  returnTrainedOutput: false,
  fisherRelabelling: false,
  standardize: false,
  regularizeBias: true,
};

type Settings = typeof defaults;
const optionNames = Object.keys(defaults);
/** Settings that the first batch fixes. */
const kept = ['regularize', 'fisherRelabelling', 'standardize', 'trainBiases', 'regularizeBias'] as const;
const methods = ['rr', 'ridge', 'ridge regression', 'regression', 'linear regression', 'linreg'];

/** A share of a time step by which the input may begin late or end early without anybody noticing. */
const endTolerance = 1e-3;

function readSettings(options: object): Settings {
  const settings = {
    ...defaults,
    ...Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)),
  };
  checkNumber(settings.regularize, 'regularize', { min: 0 });
  for (const name of optionNames) if (name !== 'regularize') checkBoolean(settings[name as keyof Settings], name);
  return settings;
}

/** A batch, ready to be added. */
interface Batch {
  settings: Settings;
  solve: boolean;
  trainer: RidgeRegression;
  window: TrainingWindow;
  target: Matrix;
  regressors: Regressors;
}

/**
 * A layer whose weights (and bias) can be set by ridge regression of a target on the layer's input, in one batch or in many.
 *
 * A subclass has a property `bias` to which an array of `size` numbers can be assigned, and may override
 * {@link RRTrainedLayer.prepareRegressors}.
 */
export abstract class RRTrainedLayer extends Layer {
  #trainer: RidgeRegression | null = null;

  /** The regression under way, or the last one; null before the first training. */
  get ridgeRegression(): RidgeRegression | null {
    return this.#trainer;
  }

  /**
   * Trains with the method of that name: `'rr'`, `'ridge'`, `'ridge regression'`, `'regression'`, `'linear regression'` and `'linreg'`
   * are {@link trainRr}.
   *
   * @throws RangeError `ERR_VALUE` for an unknown method.
   */
  train(tsTarget: TSContinuous, tsInput?: TimeSeries | null, options: TrainOptions = {}): TrainRrResult {
    const { method = 'rr', ...rest } = checkOptions<TrainOptions>(options, 'options', ['method', ...optionNames]);
    if (!methods.includes(checkString(method, 'method')))
      throw rangeError('method', `one of ${methods.map((m) => `'${m}'`).join(', ')}`, method);
    return this.trainRr(tsTarget, tsInput, rest);
  }

  /**
   * Adds a batch to a ridge regression of the target on the input, both sampled every `dt` from the start of the target on:
   * `round(duration / dt)` samples, one more in the last batch, none after the end of the target. The input counts as it is, without
   * what the layer would make of it over time. Where there is no input, it counts as 0.
   *
   * Weights and bias are set after the last batch, and after others with `calcIntermediateResults` or `returnTrainedOutput`. The options
   * `regularize`, `fisherRelabelling`, `standardize`, `trainBiases` and `regularizeBias` are those of the first batch. An error changes
   * nothing.
   *
   * @param tsTarget What the layer is to emit: one channel for each unit.
   * @throws TypeError for arguments of another kind; RangeError `ERR_SHAPE` for a wrong number of channels, `ERR_VALUE` for a target that
   * is NaN somewhere, with the positions.
   */
  trainRr(tsTarget: TSContinuous, tsInput?: TimeSeries | null, options: TrainRrOptions = {}): TrainRrResult {
    this.checkIdle();
    const batch = this.#prepare(tsTarget, tsInput, checkOptions<TrainRrOptions>(options, 'options', optionNames));
    batch.trainer.trainBatch(batch.regressors.input, batch.target, { updateModel: batch.solve });
    return this.#finish(batch);
  }

  /** {@link trainRr} off the event loop (the sampling excepted). When it is aborted or fails, nothing has changed. */
  trainRrAsync(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: AsyncTrainRrOptions = {},
  ): Promise<TrainRrResult> {
    return this.runExclusive(async () => {
      const given = checkOptions<AsyncTrainRrOptions>(options, 'options', [...optionNames, ...taskOptionNames]);
      const { signal, onProgress, ...rest } = given;
      const batch = this.#prepare(tsTarget, tsInput, rest);
      const { input } = batch.regressors;
      await batch.trainer.trainBatchAsync(input, batch.target, { updateModel: batch.solve, signal, onProgress });
      return this._lock().permit(() => this.#finish(batch));
    });
  }

  /**
   * The regressors of a batch: one row for each of the window's times, one column for each input. Here, the sampled input; a subclass may
   * filter it first.
   */
  protected prepareRegressors(tsInput: TimeSeries | null, window: TrainingWindow): Regressors {
    const { sizeIn } = this;
    if (tsInput === null) return { input: NdArray.zeros([window.numSamples, sizeIn]) };
    const input = checkInstance(tsInput, 'tsInput', TSContinuous);
    if (input.numChannels !== sizeIn && input.numChannels !== 1) {
      throw shapeError('tsInput', `an input of ${sizeIn} channels (sizeIn) or of one`, `${input.numChannels} channels`);
    }
    const columns = sampleOrNan(input, window);
    const out = NdArray.zeros([window.numSamples, sizeIn]);
    native.prepareSamples(columns, input.numChannels, sizeIn, out.data);
    return { input: out };
  }

  /** Takes the result of a training. */
  protected applyTraining(weights: Matrix, bias: Float64Array | null): void {
    this.weights = weights;
    if (bias) (this as unknown as { bias: ArrayInput }).bias = bias;
  }

  #prepare(tsTarget: TSContinuous, tsInput: TimeSeries | null | undefined, options: object): Batch {
    const settings = readSettings(options);
    if (!(tsTarget instanceof TSContinuous)) throw typeError('tsTarget', 'a TSContinuous', tsTarget);
    if (tsTarget.numChannels !== this.size) {
      throw shapeError('tsTarget', `a series of ${this.size} channels (size)`, `${tsTarget.numChannels} channels`);
    }
    const window = this.#window(tsTarget, settings);
    const target = this.#sampleTarget(tsTarget, window);
    const input = tsInput ?? null;
    if (input) this.#warnNotContained(tsTarget, input, window);
    const regressors = this.prepareRegressors(input, window);
    const trainer = this.#trainerFor(settings, regressors.input.shape[1]);
    const solve = settings.isLast || settings.calcIntermediateResults || settings.returnTrainedOutput;
    return { settings, solve, trainer, window, target, regressors };
  }

  #window(tsTarget: TSContinuous, { isFirst, isLast }: Settings): TrainingWindow {
    const { dt } = this;
    const { tStart, tStop, duration } = tsTarget;
    const n = Math.round(duration / dt) + (isLast ? 1 : 0);
    const numSamples = Math.min(n, stepFloor(tStop, tStart, dt) + 1);
    if (numSamples < 1) throw rangeError('tsTarget.duration', `at least half a time step, ${dt / 2}`, duration);
    return { tStart, dt, numSamples, times: this.genTimeTrace(tStart, numSamples), isFirst, isLast };
  }

  #sampleTarget(tsTarget: TSContinuous, window: TrainingWindow): Matrix {
    const { times } = window;
    const samples = sampleOrNan(tsTarget, window);
    const found = new Uint32Array(5);
    const count = native.findNan(samples, found);
    const channels = tsTarget.numChannels;
    if (count > 0) {
      const places = Array.from(
        found.subarray(0, count),
        (i) => `t = ${times[Math.floor(i / channels)]} (channel ${i % channels})`,
      );
      const more = count > found.length ? ` and ${count - found.length} more` : '';
      throw rangeError('tsTarget', `defined at all times, but it is NaN at ${places.join(', ')}${more}`, NaN);
    }
    return new NdArray(samples, [times.length, channels]);
  }

  #warnNotContained(tsTarget: TSContinuous, tsInput: TimeSeries, { tStart, dt, numSamples }: TrainingWindow): void {
    if (tsTarget.periodic || tsInput.periodic) return;
    const last = timeOf(numSamples - 1, tStart, dt);
    const slack = endTolerance * dt;
    if (tsInput.tStart - tStart <= slack && last - tsInput.tStop <= slack) return;
    warn(
      'INPUT_NOT_CONTAINED',
      `${this.startPrint}the training from ${tStart} to ${last} is not contained in the input, which lasts from ${tsInput.tStart} to ${tsInput.tStop}; it counts as 0 elsewhere`,
    );
  }

  #trainerFor(settings: Settings, numFeatures: number): RidgeRegression {
    const { regularize, fisherRelabelling, standardize, trainBiases, regularizeBias, isFirst } = settings;
    const present = this.#trainer;
    if (isFirst || !present) {
      return new RidgeRegression(numFeatures, this.size, {
        regularize,
        fisherRelabelling,
        standardize,
        trainBiases,
        regularizeBias,
      });
    }
    for (const name of kept) {
      if (present[name] !== settings[name]) {
        warn(
          'RIDGE_OPTION_KEPT',
          `${this.startPrint}${name} stays ${present[name]}, as in the first batch; ${settings[name]} is ignored`,
        );
      }
    }
    return present;
  }

  #finish({ settings, solve, trainer, window, target, regressors }: Batch): TrainRrResult {
    this.#trainer = trainer;
    regressors.commit?.();
    const result: TrainRrResult = {};
    if (solve) {
      this.applyTraining(trainer.weights!, trainer.bias);
      const predicted = trainer.predict(regressors.input);
      result.mse = { batch: trainer._errors(predicted, target), total: trainer.mse!.slice() };
      result.conditionEstimate = trainer.conditionEstimate;
      if (settings.returnTrainedOutput) result.output = this.#outputOf(predicted, window);
    }
    if (settings.returnTrainingProgress) result.trainingProgress = progressOf(trainer, solve, regressors.trainingState);
    if (settings.isLast) trainer.reset();
    return result;
  }

  #outputOf(predicted: Matrix, { tStart, dt, numSamples }: TrainingWindow): TSContinuous {
    return TSContinuous.clockedTrusted({
      samples: predicted.data,
      numChannels: this.size,
      t0: tStart,
      dt,
      n: numSamples,
      tStart,
      tStop: timeOf(numSamples - 1, tStart, dt),
    });
  }
}

function progressOf(
  trainer: RidgeRegression,
  solved: boolean,
  trainingState: Float64Array | undefined,
): TrainingProgress {
  const progress: TrainingProgress = {
    xtx: trainer.xtx,
    xty: trainer.xty,
    kahanCompXtx: trainer.kahanCompXtx,
    kahanCompXty: trainer.kahanCompXty,
  };
  const { inpMean, inpStd, weights, bias } = trainer;
  if (inpMean && inpStd) Object.assign(progress, { inpMean, inpStd });
  if (solved && weights) progress.weights = weights.copy();
  if (solved && bias) progress.biases = bias.slice();
  if (trainingState) progress.trainingState = trainingState;
  return progress;
}

/** The values of a series, NaN outside it; its ends stand for times that miss them by less than the tolerance. */
function sampleOrNan(series: TSContinuous, { tStart, numSamples, dt }: TrainingWindow): Float64Array {
  return sampleTicks(series, { t0: tStart, dt, first: 0 }, numSamples, endTolerance * dt);
}
