/** Training by logistic regression: settings and arguments. */
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../../check.js';
import type { LogisticArguments } from '../../learning/native.js';
import { taskOptionNames, type TaskOptions } from '../../task.js';
import type { RegressorRows, TrainingBatch, TrainRrOptions, TrainRrResult } from '../training-types.js';

/** Options of `trainLogreg`. */
export interface TrainLogregOptions {
  /** Step size of the gradient descent. Default 0: nothing is learnt, the cross-entropy is measured. */
  learningRate?: number;
  /** Weight of the penalty on the size of the weights, 0 or more; the bias has none. Default 0. */
  regularize?: number;
  /** Samples of a step; null for all of them. Default null. */
  batchSize?: number | null;
  /** Passes over all samples. Default 1. */
  epochs?: number;
  /** Begin with the filtered input that the last training ended with, as far as it is left. Default true. */
  storeStates?: boolean;
  /** Print a line for each pass when all are done. Default false. */
  verbose?: boolean;
  /** Of the order of the samples from the second pass on, an integer from 0 to 2^53 - 1. Default: the layer's seed. */
  seed?: number;
}

/** Options of `trainLogregAsync`. */
export type AsyncTrainLogregOptions = TrainLogregOptions & TaskOptions;

/** What `trainLogreg` returns. */
export interface TrainLogregResult {
  /** Mean cross-entropy over samples and units, in nats, of each pass: that of the mini-batches, each before its step. */
  crossEntropy: Float64Array;
  /** The last sample of the filtered input, with `storeStates`. */
  trainingState?: Float64Array;
}

/** Options of `trainRr`. */
export interface ExpSynTrainRrOptions extends TrainRrOptions {
  /** The filtered input of a batch goes on where that of the last one ended; otherwise it begins with zeros. Default true. */
  storeStates?: boolean;
}

/** Options of `trainRrAsync`. */
export type AsyncExpSynTrainRrOptions = ExpSynTrainRrOptions & TaskOptions;

/** Options of `train`: those of ridge regression, or of logistic regression with one of its names as `method`. */
export interface ExpSynTrainOptions extends TrainRrOptions, Omit<TrainLogregOptions, 'regularize'> {
  /** Default `'rr'`. */
  method?: string;
}

/** What `train` returns: the result of the method. */
export type ExpSynTrainResult = TrainRrResult & Partial<TrainLogregResult>;

export const logregMethods = ['logreg', 'logistic', 'logistic regression'];

const optionNames = ['learningRate', 'regularize', 'batchSize', 'epochs', 'storeStates', 'verbose', 'seed'];

export type LogregSettings = Required<Omit<TrainLogregOptions, 'batchSize'>> & { batchSize: number };

/** Reads the options. */
export function readLogregSettings(options: unknown, layerSeed: number, async: boolean): LogregSettings & TaskOptions {
  const names = async ? [...optionNames, ...taskOptionNames] : optionNames;
  const given = checkOptions<AsyncTrainLogregOptions>(options, 'options', names);
  const { learningRate, regularize, batchSize, epochs, storeStates, verbose, seed, signal, onProgress } = given;
  return {
    learningRate: checkNumber(learningRate ?? 0, 'learningRate', { min: 0 }),
    regularize: checkNumber(regularize ?? 0, 'regularize', { min: 0 }),
    batchSize: batchSize === undefined || batchSize === null ? 0 : checkInteger(batchSize, 'batchSize', { min: 1 }),
    epochs: checkInteger(epochs ?? 1, 'epochs', { min: 1, max: 2 ** 24 }),
    storeStates: checkBoolean(storeStates ?? true, 'storeStates'),
    verbose: checkBoolean(verbose ?? false, 'verbose'),
    seed: checkInteger(seed ?? layerSeed, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  };
}

/** The arguments of the native function. */
export function logregArguments(
  { window, target, regressors }: TrainingBatch,
  { learningRate, regularize, batchSize, epochs, seed }: LogregSettings,
  weights: Float64Array,
  bias: Float64Array,
): LogisticArguments {
  const { handle } = regressors.input as RegressorRows;
  return [handle, target.data, window.numSamples, weights, bias, learningRate, regularize, batchSize, epochs, seed];
}
