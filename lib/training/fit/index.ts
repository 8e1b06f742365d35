/** Training by gradients. */
export { fit } from './fit.js';
export type {
  CheckpointOptions,
  EarlyStoppingOptions,
  EpochRecord,
  EpochValues,
  FitOptions,
  FitProgress,
  FitResult,
  Metric,
  TrainingBatch,
  TrainingData,
} from './types.js';
