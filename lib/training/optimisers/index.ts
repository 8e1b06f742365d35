/** Optimisers. */
export { Adam, type AdamOptions } from './adam.js';
export type { ParameterBounds } from './bounds.js';
export { clipGradients, type ClipOptions, gradientNorm } from './clipping.js';
export { Optimiser, type OptimiserLike, type OptimiserSnapshot, type Schedule } from './optimiser.js';
export { constantSchedule, cosineSchedule, exponentialSchedule, stepSchedule, warmUp } from './schedules.js';
export { SGD, type SGDOptions } from './sgd.js';
