/** Training: regression. */
export {
  RidgeRegression,
  RidgeRegrTrainer,
  type RidgeRegressionOptions,
  type TrainBatchOptions,
} from '../learning/ridge-regression.js';
