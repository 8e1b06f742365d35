/** What a training takes and returns. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import type { Signal } from '../../modules/pass.js';
import type { Progress, TaskOptions } from '../../task.js';
import type { ClipOptions } from '../optimisers/clipping.js';
import type { OptimiserLike } from '../optimisers/optimiser.js';
import type { ParameterBounds } from '../optimisers/bounds.js';
import type { ParameterSelection } from '../selection.js';
import type { Loss, LossFunction } from '../types.js';
import type { ValueAndGrad } from '../value-and-grad.js';

/** Samples that are evolved together: an input `[batch, steps, channels]` and what the loss takes as target. */
export interface TrainingBatch<Target = unknown> {
  input: ArrayInput;
  target: Target;
}

/**
 * What to train on: all samples as arrays, `[samples, steps, channels]` and a target for each sample; or batches, from something that can be
 * gone through once for each epoch, or from a function of the epoch (0, 1, …) that returns that.
 *
 * The targets of arrays are an array whose first axis is the samples, a list with one entry for each sample, or a plain object of these.
 */
export type TrainingData<Target = unknown> =
  | { input: ArrayInput; target: Target }
  | Iterable<TrainingBatch<Target>>
  | AsyncIterable<TrainingBatch<Target>>
  | ((epoch: number) => Iterable<TrainingBatch<Target>> | AsyncIterable<TrainingBatch<Target>>);

/** A number that tells how good an output is. Averaged over batches by their number of samples. */
export type Metric<Target = unknown> = (output: Signal, target: Target) => number;

/** Means over the batches of an epoch. */
export interface EpochValues {
  loss: number;
  /** Parts of the loss by name. */
  terms: Record<string, number>;
  metrics: Record<string, number>;
}

/** What an epoch was like. */
export interface EpochRecord extends EpochValues {
  /** 0, 1, … */
  epoch: number;
  /** Steps of the optimiser so far. */
  iteration: number;
  /** The mean norm of the gradients, before clipping. */
  gradientNorm: number;
  /** With validation data: after the last step of the epoch. */
  validation?: EpochValues;
}

/** When to stop because nothing becomes better. */
export interface EarlyStoppingOptions {
  /** Epochs without improvement after which training stops. Default 10. */
  patience?: number;
  /** What counts as improvement: a change by more than this. Default 0. */
  minDelta?: number;
  /** What is watched: `'loss'` or the name of a metric. Default `'loss'`. */
  monitor?: string;
  /** Which way is better. Default `'min'`. */
  mode?: 'min' | 'max';
  /** In the end the parameters of the best epoch are put back. Default true. */
  restoreBest?: boolean;
}

/** Where a training is kept, so that it can go on in another process. */
export interface CheckpointOptions {
  /** An `.npz` file, replaced as a whole each time. */
  path: string;
  /** After how many steps of the optimiser it is written, besides after each epoch and when training is stopped. Default: after epochs only. */
  every?: number;
  /** Go on from the file if it is there. Default true. */
  resume?: boolean;
}

/** Progress of a training, in batches where their number is known and epochs otherwise. */
export interface FitProgress extends Progress {
  epoch: number;
  /** Batches of this epoch done. */
  batch: number;
  /** The loss of the last batch. */
  loss: number;
}

/** Options of {@link fit}. */
export interface FitOptions<Target = unknown> extends Omit<TaskOptions, 'onProgress'> {
  /** What becomes smaller. */
  loss: Loss<Target> | LossFunction<Target>;
  /** Default `new Adam()`. It goes on from where it is. */
  optimiser?: OptimiserLike;
  /** Times through the data. Default 1. */
  epochs?: number;
  /** Samples of a batch, of data that are arrays. Default 32. */
  batchSize?: number;
  /** Another order of the samples in each epoch, of data that are arrays. Default true. */
  shuffle?: boolean;
  /** What the order depends on. Default: drawn anew. */
  seed?: number;
  /** Parameters that are trained: names, families, paths, or a function of the path. Default: all. */
  trained?: ParameterSelection;
  /** Parameters that are not, likewise. */
  frozen?: ParameterSelection;
  /** Clipping of gradients. */
  clip?: ClipOptions;
  /** Bounds that parameters are moved into after each step. */
  bounds?: ParameterBounds;
  /** Time steps of a piece of the way back: see `valueAndGrad`. */
  checkpointSteps?: number;
  /**
   * What computes loss and gradients, of this module: `adversarialLoss(module, loss)` for one. Then `loss` is for validation only. Default:
   * `valueAndGrad(module, loss)`.
   */
  gradients?: ValueAndGrad<Target>;
  /** Evaluated after each epoch, without training. */
  validation?: TrainingData<Target>;
  /** Numbers to watch, by name. */
  metrics?: Record<string, Metric<Target>>;
  earlyStopping?: EarlyStoppingOptions;
  checkpoint?: string | CheckpointOptions;
  /** Called after each epoch; training ends when it returns false. */
  onEpoch?: (record: EpochRecord) => unknown;
  /** Called after each batch, at most 20 times a second, and at the end of each epoch. */
  onProgress?: (progress: FitProgress) => void;
}

/** How a training went. */
export interface FitResult {
  /** One record for each epoch, also those of earlier runs that it went on from. */
  history: EpochRecord[];
  /** Steps of the optimiser. */
  iterations: number;
  /** All epochs, nothing became better, or `onEpoch` returned false. */
  stopped: 'epochs' | 'early' | 'callback';
  /** With early stopping: the best epoch and its value. */
  best?: { epoch: number; value: number };
  seed: number;
}
