/** The layers: the base class, and the concrete ones. */
export { Layer } from './layer.js';
export { layerClass, registerLayerClass, type LayerClass } from './registry.js';
export { mergeArguments } from './arguments.js';
export type { ExpandOptions } from './expand.js';
export type {
  AsyncEvolveOptions,
  EvolveOptions,
  LayerConfig,
  LayerOptions,
  LayerSnapshot,
  PreparedInput,
  PrepareOptions,
  RandomizeOptions,
  SamplingWindow,
  StreamOptions,
  StreamSource,
  ToDictOptions,
  WeightedLayerOptions,
} from './types.js';
export { PassThrough, type PassThroughOptions } from './pass-through.js';
export { FFRateEuler, type FFRateEulerOptions } from './ff-rate-euler.js';
export { RecRateEuler, type RecRateEulerOptions } from './rec-rate-euler.js';
export type { Activation, ActivationFunction, ActivationName, NoiseScaling, Precision } from './rate-options.js';
export { RRTrainedLayer } from './rr-trained-layer.js';
export type {
  AsyncTrainRrOptions,
  Regressors,
  TrainingProgress,
  TrainingWindow,
  TrainOptions,
  TrainRrOptions,
  TrainRrResult,
} from './training-types.js';
