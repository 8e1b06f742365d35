/** Networks of layers. */
export { Network } from './network.js';
export {
  buildRandomReservoir,
  buildRateReservoir,
  type RandomReservoirOptions,
  type RateReservoirOptions,
  type RateReservoirWeights,
} from './builders.js';
export { NetworkDeneve, type DeneveNetworkOptions, type DeneveWeights, type LinearProblemOptions } from './deneve.js';
export { NetworkADS, type ADSNetworkOptions, type TrainStepOptions } from './ads.js';
export { JaxStack, type StackLayer } from './jax-stack.js';
export { gcd, isMultiple, lcm } from './time-steps.js';
export type {
  AddLayerOptions,
  AsyncNetworkEvolveOptions,
  AsyncTrainOptions,
  ConnectOptions,
  NetworkEvolveOptions,
  NetworkMember,
  NetworkOptions,
  NetworkOutputs,
  NetworkSnapshot,
  NetworkStreamOptions,
  StreamedOutputs,
  TrainInfo,
  TrainingFunction,
  TrainOptions,
  TrainResult,
} from './types.js';
