/** Training of layers by gradient: options and results. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import type { Module } from '../../modules/module.js';
import type { Signal, StateTree } from '../../modules/pass.js';
import type { RecordTree } from '../../modules/types.js';
import type { TaskOptions } from '../../task.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import type { OptimiserLike } from '../optimisers/optimiser.js';
import type { ParameterTree } from '../tree.js';
import type { GradientTree, Loss, LossContext, LossValue } from '../types.js';

/** Parameters of a loss by name. */
export type LossParams = Record<string, unknown>;

/** A loss of the user's: gets the parameters of the loss beside what the layer did. */
export type LayerLoss = Loss<ArrayInput> | ((context: LossContext<Matrix>, lossParams: LossParams) => LossValue);

/** Samples of a series at the time steps of the layer, or an array `[steps, channels]`; with `batchAxis`, of three dimensions. */
export type TrainingSignal = TSContinuous | ArrayInput;

/** The same, and events for a layer that takes or emits them: their numbers in each time step. */
export type SpikingTrainingSignal = TrainingSignal | TSEvent;

/** Options of `trainOutputTarget`. */
export interface TrainOutputTargetOptions {
  /** Start the optimiser anew. The first call does so, too. Default false. */
  isFirst?: boolean;
  /** Forget the optimiser after this step. Default false. */
  isLast?: boolean;
  /** When something is not finite, look for all that is and for the first time step of it. Default false: the first that is found. */
  debugNans?: boolean;
  /** Default: the layer's own loss. */
  lossFcn?: LayerLoss;
  /**
   * Parameters of the loss. They go to a loss of your own as they are, and are put over the defaults of the layer's. What was given first
   * holds until something else is given.
   */
  lossParams?: LossParams;
  /** An optimiser, or a function that makes one from `optParams`. Default: `Adam`. Read when the training begins. */
  optimizer?: OptimiserLike | ((optParams: Record<string, unknown>) => OptimiserLike);
  /** Options of the optimiser. Default `{ stepSize: 1e-4 }`. */
  optParams?: Record<string, unknown>;
  /** Which dimension of the arrays is the batch, 0 or 1. Default: none, arrays are `[steps, channels]`. */
  batchAxis?: number | null;
  /** Of a forced layer: the forcing signal. */
  tsForce?: TrainingSignal | null;
  /** The derivative of an activation of your own: of all units, from their states. */
  activationDerivative?: (x: Float64Array) => ArrayInput;
  /** Memory: as in `valueAndGrad`. */
  checkpoint?: number;
}

/** The same off the event loop. */
export type AsyncTrainOutputTargetOptions = TrainOutputTargetOptions & TaskOptions;

/** What an evolution with trained parameters gives: output, state after it and what was recorded. */
export type TrainedOutput = [output: Signal, newState: StateTree, recorded: RecordTree];

/** The loss and the gradients before the step, and the evolution after it. */
export type TrainingStep = [loss: number, gradients: GradientTree, outputFunction: () => TrainedOutput];

/** @internal A layer as the trainer sees it. */
export interface TrainableLayer {
  readonly startPrint: string;
  readonly t: number;
  readonly dt: number;
  readonly sizeIn: number;
  readonly sizeOut: number;
}

/** @internal The module that does what a layer does, with the layer's parameters by their names. */
export interface LayerModel {
  module: Module;
  /** The loss without one of the user's. */
  loss(lossParams: LossParams): Loss;
  /** The same with other parameters. */
  with(parameters: ParameterTree): Module;
  /** Checks parameters and gives the function that puts them into the layer. */
  prepare(parameters: ParameterTree): () => void;
}
