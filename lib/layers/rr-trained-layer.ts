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
} from '../check.js';
import type { RidgeSolution } from '../learning/native.js';
import { RidgeRegression, type RidgeBatch } from '../learning/ridge-regression.js';
import { taskOptionNames } from '../task.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { warn } from '../warnings.js';
import { Layer } from './layer.js';
import { sampleOrNan, sampleTarget, trainedOutput, trainingWindow, warnNotContained } from './training-batch.js';
import type {
  AsyncTrainRrOptions,
  Regressors,
  TrainingBatch,
  TrainingFlags,
  TrainingProgress,
  TrainingWindow,
  TrainOptions,
  TrainRrOptions,
  TrainRrResult,
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
interface Batch extends TrainingBatch {
  settings: Settings;
  solve: boolean;
  trainer: RidgeRegression;
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
    const { method = 'rr', ...rest } = checkOptions<TrainOptions>(options, 'options', ['method', ...this.#names()]);
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
    const batch = this.#prepare(tsTarget, tsInput, checkOptions<TrainRrOptions>(options, 'options', this.#names()));
    try {
      return this.#finish(batch, batch.trainer._train(toAdd(batch), batch.solve));
    } finally {
      batch.regressors.release?.();
    }
  }

  /** {@link trainRr} off the event loop (the sampling excepted). When it is aborted or fails, nothing has changed. */
  trainRrAsync(
    tsTarget: TSContinuous,
    tsInput?: TimeSeries | null,
    options: AsyncTrainRrOptions = {},
  ): Promise<TrainRrResult> {
    return this.runExclusive(async () => {
      const given = checkOptions<AsyncTrainRrOptions>(options, 'options', [...this.#names(), ...taskOptionNames]);
      const { signal, onProgress, ...rest } = given;
      const batch = this.#prepare(tsTarget, tsInput, rest);
      try {
        const solution = await batch.trainer._trainAsync(toAdd(batch), batch.solve, { signal, onProgress });
        return this._lock().permit(() => this.#finish(batch, solution));
      } finally {
        batch.regressors.release?.();
      }
    });
  }

  /** Further options of training that are true or false, and their defaults; a subclass finds them in the window's `flags`. */
  protected get trainingFlags(): Readonly<Record<string, boolean>> {
    return {};
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

  /** Checks target and input of a batch and samples the target. */
  protected trainingBatch(
    tsTarget: TSContinuous,
    tsInput: TimeSeries | null | undefined,
    options: TrainingFlags,
  ): TrainingBatch {
    const window = trainingWindow(this, tsTarget, options);
    const target = sampleTarget(tsTarget, window);
    const input = tsInput ?? null;
    if (input) warnNotContained(this, tsTarget, input, window);
    return { window, target, regressors: this.prepareRegressors(input, window) };
  }

  #names(): string[] {
    return [...optionNames, ...Object.keys(this.trainingFlags)];
  }

  #prepare(tsTarget: TSContinuous, tsInput: TimeSeries | null | undefined, options: object): Batch {
    const settings = readSettings(options);
    const flags = { ...this.trainingFlags };
    for (const name of Object.keys(flags))
      flags[name] = checkBoolean((options as Record<string, unknown>)[name] ?? flags[name], name);
    const batch = this.trainingBatch(tsTarget, tsInput, { ...settings, flags });
    const { input } = batch.regressors;
    const trainer = this.#trainerFor(settings, input instanceof NdArray ? input.shape[1] : input.numFeatures);
    const solve = settings.isLast || settings.calcIntermediateResults || settings.returnTrainedOutput;
    return { ...batch, settings, solve, trainer };
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

  #finish(batch: Batch, solution: RidgeSolution | undefined): TrainRrResult {
    const { settings, trainer, window, regressors } = batch;
    this.#trainer = trainer;
    regressors.commit?.();
    const result: TrainRrResult = {};
    if (solution) {
      this.applyTraining(trainer.weights!, trainer.bias);
      result.mse = { batch: solution.batchMse!, total: trainer.mse!.slice() };
      result.conditionEstimate = trainer.conditionEstimate;
      if (settings.returnTrainedOutput) result.output = trainedOutput(solution.predicted!, this.size, window);
    }
    if (settings.returnTrainingProgress)
      result.trainingProgress = progressOf(trainer, solution !== undefined, regressors.trainingState);
    if (settings.isLast) trainer.reset();
    return result;
  }
}

function toAdd({ settings, window, target, regressors: { input } }: Batch): RidgeBatch {
  const x = input instanceof NdArray ? input.data : input.handle;
  return { x, y: target.data, rows: window.numSamples, evaluate: settings.returnTrainedOutput ? 2 : 1 };
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
