/** Training: regression, and gradients through time. */
export {
  RidgeRegression,
  RidgeRegrTrainer,
  type RidgeRegressionOptions,
  type TrainBatchOptions,
} from '../learning/ridge-regression.js';
export type { DifferentiateContext, Differentiated, OwnDerivative, Signal, StateTree } from '../modules/pass.js';
export {
  type EvaluateOptions,
  valueAndGrad,
  type ValueAndGrad,
  type ValueAndGradOptions,
  type ValueAndGradResult,
} from './value-and-grad.js';
export type { GradientTree, Loss, LossContext, LossFunction, LossValue } from './types.js';
export {
  adversarialLoss,
  type AdversarialOptions,
  type Attack,
  type AttackOptions,
  type MismatchLoss,
  pgaAttack,
  softmaxDivergence,
  squaredMismatch,
} from './adversarial.js';
export * from './fit/index.js';
export * from './losses/index.js';
export * from './optimisers/index.js';
export type { ParameterSelection } from './selection.js';
export type { ParameterTree } from './tree.js';
export * from './transforms/index.js';
export * from './first-generation/index.js';
