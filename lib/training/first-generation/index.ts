/** Training of the layers of the first generation by gradient. */
export {
  addTrainOutput,
  gradientEvolution,
  type GradientEvolutionOptions,
  type TrainableRate,
  type TrainAdamOptions,
} from './rate-training.js';
export { lifLoss, type LifLossParams } from './lif-loss.js';
export { addShimLifJaxSgd } from './lif-training.js';
export { reservoirTransfer, type ReservoirTransferOptions } from './reservoir-transfer.js';
export { rateLoss, type RateLossParams } from './rate-loss.js';
export type {
  AsyncTrainOutputTargetOptions,
  LayerLoss,
  LossParams,
  SpikingTrainingSignal,
  TrainedOutput,
  TrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from './types.js';
