/** The modules. */
export { Linear, LinearJax, LinearTorch, type LinearOptions } from '../../modules/neurons/linear.js';
export {
  aLIFTorch,
  LIF,
  LIFBitshiftSinabs,
  LIFBitshiftTorch,
  LIFExodus,
  LIFJax,
  LIFMembraneExodus,
  LIFNeuronTorch,
  LIFODEJax,
  LIFSinabs,
  LIFTorch,
} from '../../modules/neurons/lif.js';
export { LIFBase } from '../../modules/neurons/lif-base.js';
export type {
  ALIFOptions,
  LIFOptions,
  LifScheme,
  LIFTorchOptions,
  SpikeGeneration,
  Values,
} from '../../modules/neurons/lif-options.js';
export {
  bitshiftToDecay,
  bitshiftToTau,
  decayToBitshift,
  decayToTau,
  tauToBitshift,
  tauToDecay,
  type LeakMode,
} from '../../modules/neurons/leak.js';
export { Rate, RateEulerJax, RateJax, RateTorch } from '../../modules/neurons/rate.js';
export type { RateActivation, RateModuleOptions } from '../../modules/neurons/rate-options.js';
export type { OwnActivation, OwnSlope } from '../../modules/neurons/rate-own.js';
export {
  ExpSmoothJax,
  ExpSyn,
  ExpSynExodus,
  ExpSynJax,
  ExpSynTorch,
  LowPass,
  type ExpSmoothOptions,
  type ExpSynOptions,
} from '../../modules/neurons/synapses.js';
export {
  TimeStepDropout,
  UnitDropout,
  type DropoutOptions,
  type TimeStepDropoutOptions,
} from '../../modules/neurons/dropout.js';
export {
  BooleanState,
  UpDownTorch,
  type BooleanStateOptions,
  type UpDownModuleOptions,
} from '../../modules/neurons/signal.js';
export {
  ButterFilter,
  ButterMelFilter,
  type ButterFilterModuleOptions,
  type ButterMelFilterModuleOptions,
} from '../../modules/neurons/filters.js';
export { LogSoftmaxJax, SoftmaxJax, type SoftmaxOptions } from '../../modules/neurons/softmax.js';
export type { ActivationName } from '../../modules/neurons/activations.js';
export type { KernelOptions, StateReduction } from '../../modules/kernels/kernel-module.js';
export type { WeightInit } from '../../modules/kernels/initial-weights.js';
export {
  Instant,
  InstantJax,
  InstantTorch,
  type InstantDerivative,
  type InstantFunction,
  type InstantOptions,
} from '../../modules/instant.js';
export type { FilterModuleOptions } from '../../modules/neurons/filter-options.js';
