/** Types of training layers by regression. */
import type { Matrix, NdArray } from '../array.js';
import type { TaskOptions } from '../task.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { RegressorRowsHandle } from './exp-syn/native.js';

/** Options of `trainRr`. */
export interface TrainRrOptions {
  /** Weight of the penalty on the size of the coefficients, 0 or more. Default 0. */
  regularize?: number;
  /** Starts a new training. Default true. */
  isFirst?: boolean;
  /** Ends it: the sample at the end of the target counts too, and weights and bias are set. Default false. */
  isLast?: boolean;
  /** Train the bias along with the weights. Default true. */
  trainBiases?: boolean;
  /** Solve and set weights and bias after a batch that is not the last. Default false. */
  calcIntermediateResults?: boolean;
  /** Return the sums of the regression, and the coefficients if they were calculated. Default true. */
  returnTrainingProgress?: boolean;
  /** Return what the trained weights make of the regressors of this batch (so they are calculated). Default false. */
  returnTrainedOutput?: boolean;
  /** Targets are class labels 1, 0 or -1 (ignored), and both classes count the same. Default false. */
  fisherRelabelling?: boolean;
  /** Scale the regressors by mean and standard deviation of the first batch. Default false. */
  standardize?: boolean;
  /** Whether the penalty applies to the bias too. Default true. */
  regularizeBias?: boolean;
}

/** Options of `train`: those of the method, and which one. */
export interface TrainOptions extends TrainRrOptions {
  /** Default `'rr'`. */
  method?: string;
}

/** Options of `trainRrAsync`. */
export type AsyncTrainRrOptions = TrainRrOptions & TaskOptions;

/** The sums of the regression after a batch. */
export interface TrainingProgress {
  /** Sum of X'X. */
  xtx: NdArray<Float64Array>;
  /** Sum of X'Y. */
  xty: Matrix;
  kahanCompXtx: NdArray<Float64Array>;
  kahanCompXty: Matrix;
  /** Means of the regressors in the first batch, with `standardize`. */
  inpMean?: Matrix;
  /** Standard deviations of the regressors in the first batch, with `standardize`. */
  inpStd?: Matrix;
  /** Where they were calculated. */
  weights?: Matrix;
  /** Where they were calculated, with `trainBiases`. */
  biases?: Float64Array;
  /** State of the filter that makes the regressors, of layers that have one. */
  trainingState?: Float64Array;
}

/** What `trainRr` returns. */
export interface TrainRrResult {
  trainingProgress?: TrainingProgress;
  /** The trained weights applied to the regressors of this batch. */
  output?: TSContinuous;
  /** Mean squared error of each unit, where weights were calculated: in this batch, and over all since the first. */
  mse?: { batch: Float64Array; total: Float64Array };
  /** Estimated condition number of the system of equations, where weights were calculated. */
  conditionEstimate?: number;
}

/** The sampling times of a batch: `tStart + k * dt` for k from 0 to `numSamples - 1`. */
export interface TrainingWindow {
  tStart: number;
  dt: number;
  numSamples: number;
  /** All of them. */
  times: Float64Array;
  isFirst: boolean;
  isLast: boolean;
  /** Options of a subclass that are true or false. */
  flags: Readonly<Record<string, boolean>>;
}

/** What a batch is in a training. */
export type TrainingFlags = Pick<TrainingWindow, 'isFirst' | 'isLast' | 'flags'>;

/** Target and regressors of a batch. */
export interface TrainingBatch {
  window: TrainingWindow;
  /** `numSamples` x `size`. */
  target: Matrix;
  regressors: Regressors;
}

/** Regressors that the core makes row by row, so that they are never held as a whole. */
export interface RegressorRows {
  /** @internal */
  readonly handle: RegressorRowsHandle;
  /** How many there are in a row. */
  readonly numFeatures: number;
}

/** The regressors of a batch. */
export interface Regressors {
  /** `numSamples` x number of regressors, or what makes them. */
  input: Matrix | RegressorRows;
  /** See {@link TrainingProgress.trainingState}. */
  trainingState?: Float64Array;
  /** Called after the batch has been added: keeps what the next batch needs. */
  commit?: () => void;
  /** Called when the batch is done with, added or not: frees memory. */
  release?: () => void;
}
