/** Losses. */
export { activityBounds, activityL2, activityMean, type ActivityOptions, targetActivity } from './activity.js';
export {
  binaryPeakLoss,
  BinaryPeakLoss,
  crossEntropy,
  type CrossEntropyOptions,
  type OverTime,
  peakLoss,
  PeakLoss,
  type PeakLossOptions,
} from './classification.js';
export { scaled, sumLosses } from './combine.js';
export { ctcLoss, type CtcOptions, type CtcTarget, type LabelSequences } from './ctc.js';
export type { OutputLoss } from './output-loss.js';
export {
  boundsClip,
  boundsCost,
  boundsLoss,
  l0Loss,
  l0NormApprox,
  l2Loss,
  l2sqrNorm,
  makeBounds,
  parameterBoundary,
  type ParameterLossOptions,
  summedExpBoundaryLoss,
} from './parameters.js';
export { logsoftmax, logsoftmaxGradient, softmax, type SoftmaxFunctionOptions, softmaxGradient } from './softmax.js';
export { mse, MSELoss, sse, type SquaredErrorOptions } from './squared.js';
