/** The layers: the base class, and the concrete ones. */
export { Layer } from './layer.js';
export { layerClass, registerLayerClass, type LayerClass } from './registry.js';
export { snapshotArray } from './snapshot.js';
export { mergeArguments } from './arguments.js';
export type { ExpandOptions } from './expand.js';
export type {
  AsyncEvolveOptions,
  EventInputWindow,
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
export { PassThroughEvents, type PassThroughEventsOptions } from './pass-through-events.js';
export { FFExpSyn } from './exp-syn/ff-exp-syn.js';
export { FFExpSynTorch, type FFExpSynTorchOptions } from './exp-syn/ff-exp-syn-torch.js';
export { type ExpSynIntegrator, FFExpSynBrian, type FFExpSynBrianOptions } from './exp-syn/ff-exp-syn-brian.js';
export { FFExpSynCurrentInJax, FFExpSynJax, type FFExpSynJaxOptions } from './exp-syn/ff-exp-syn-jax.js';
export type { FFExpSynOptions } from './exp-syn/options.js';
export type {
  AsyncExpSynTrainRrOptions,
  AsyncTrainLogregOptions,
  ExpSynTrainOptions,
  ExpSynTrainRrOptions,
  ExpSynTrainResult,
  TrainLogregOptions,
  TrainLogregResult,
} from './exp-syn/logreg.js';
export {
  FFRateEulerJax,
  ForceRateEulerJax,
  ForceRateEulerJax_IO,
  RecRateEulerJax,
  RecRateEulerJax_IO,
  type FFRateEulerJaxOptions,
  type ForceOptions,
  type ForceRateEulerJaxOptions,
  type RecRateEulerJaxIOOptions,
  type RecRateEulerJaxOptions,
} from './jax/rate-layers.js';
export type { RateJaxOptions } from './jax/rate-options-jax.js';
export {
  FFLIFCurrentInJax_SO,
  FFLIFJax_IO,
  FFLIFJax_SO,
  RecLIFCurrentInJax,
  RecLIFCurrentInJax_IO,
  RecLIFCurrentInJax_SO,
  RecLIFJax,
  RecLIFJax_IO,
  type LifWeights,
} from './lif/lif-layers.js';
export type { LifEventOptions, LifJaxOptions, Surrogate } from './lif/lif-options.js';
export type { LifState, LifStateParts } from './lif/lif-state.js';
export type { Activation, ActivationFunction, ActivationName, NoiseScaling, Precision } from './rate-options.js';
export { RRTrainedLayer } from './rr-trained-layer.js';
export type {
  AsyncTrainRrOptions,
  RegressorRows,
  Regressors,
  TrainingBatch,
  TrainingFlags,
  TrainingProgress,
  TrainingWindow,
  TrainOptions,
  TrainRrOptions,
  TrainRrResult,
} from './training-types.js';
export { IAFLayer, type IAFRandomizeOptions } from './iaf/iaf-layer.js';
export {
  FFIAFBrian,
  FFIAFSpkInBrian,
  type FFIAFSpkInBrianOptions,
  RecIAFBrian,
  type RecIAFBrianOptions,
  RecIAFSpkInBrian,
  type RecIAFSpkInBrianOptions,
  type StateMonitor,
} from './iaf/brian.js';
export {
  FFIAFRefrTorch,
  FFIAFSpkInRefrTorch,
  FFIAFSpkInTorch,
  FFIAFTorch,
  type SpikingInputOptions,
} from './iaf/torch-feed-forward.js';
export {
  type ConstantLeakOptions,
  RecIAFRefrTorch,
  RecIAFSpkInRefrCLTorch,
  RecIAFSpkInRefrTorch,
  RecIAFSpkInTorch,
  RecIAFTorch,
  type RecurrentOptions,
  type RecurrentSpikingInputOptions,
} from './iaf/torch-recurrent.js';
export { FFIAFNest, RecIAFSpkInNest, type RecIAFSpkInNestOptions } from './iaf/nest.js';
export { RecAEIFSpkInNest, type RecAEIFSpkInNestOptions } from './iaf/adaptive.js';
export { VirtualDynapse } from './dynapse/virtual-dynapse.js';
export { RecDynapSE } from './dynapse/rec-dynapse.js';
export { type PlaybackOptions, RecDynapSEDemo } from './dynapse/rec-dynapse-demo.js';
export type { RecDynapSEOptions } from './dynapse/board-options.js';
export type {
  AsyncDynapseEvolveOptions,
  DynapseEvolveOptions,
  SetConnectionsOptions,
  VirtualDynapseOptions,
} from './dynapse/options.js';
export {
  checkDynapseConnections,
  type CheckConnectionsOptions,
  type ConnectionAlias,
  type ConnectivityReport,
  type ValidateOptions,
} from './dynapse/connectivity.js';
export type {
  BrianCurrentOptions,
  BrianOptions,
  IAFIntegrator,
  IAFNoiseOptions,
  IAFOptions,
  NestOptions,
  NeuronEquations,
  Numerics,
  RefractoryOptions,
  SpikeTime,
  TorchOptions,
  WeightsInput,
} from './iaf/options.js';
export type { RecordInput, RecordOptions } from './iaf/record.js';
export type { TrainMstMethodOptions, TrainMstOptions, TrainMstResult } from './iaf/tempotron.js';
export {
  RecFSSpikeEulerBT,
  type RecFSSpikeEulerBTOptions,
  type SpikeCallback,
} from './fast-slow/rec-fs-spike-euler-bt.js';
export { RecFSSpikeADS, type RecFSSpikeADSOptions } from './fast-slow/rec-fs-spike-ads.js';
export { FastSlowLayer } from './fast-slow/fast-slow-layer.js';
export type { AsyncFastSlowEvolveOptions, FastSlowEvolveOptions, FastSlowOptions } from './fast-slow/options.js';
export type { FastSlowRecord } from './fast-slow/run.js';
export { quantizeWeightsDynapseII, type QuantizeOptions } from './fast-slow/quantize.js';
export { CLIAF, type CLIAFOptions } from './constant-leak/cliaf.js';
export {
  FFCLIAF,
  FFCLIAFCNNTorch,
  type FFCLIAFCNNTorchOptions,
  type FFCLIAFOptions,
} from './constant-leak/ff-cliaf.js';
export { RecCLIAF, type RecCLIAFOptions } from './constant-leak/rec-cliaf.js';
export { SoftMaxLayer, type SoftMaxOptions } from './constant-leak/soft-max-layer.js';
export { RecDIAF } from './constant-leak/rec-diaf.js';
export type { RecDIAFOptions } from './constant-leak/diaf-options.js';
export {
  ConvolutionWeights,
  type ConvolutionOptions,
  type ImageFormat,
  type WeightOperator,
} from './constant-leak/convolution-weights.js';
export type { FFWeights } from './constant-leak/ff-layer.js';
export type { MonitorInput } from './constant-leak/monitor.js';
export type { StateType } from './constant-leak/state-type.js';
export { SparseMatrix, type SparseMatrixInit } from '../synapses/sparse-matrix.js';
export { FFUpDown } from './up-down/ff-up-down.js';
export { decodeUpDown, type DecodeUpDownOptions, UpDownDecoder } from './up-down/up-down-decoder.js';
export { UpDownLayer } from './up-down/up-down-layer.js';
export type { FFUpDownOptions, RoundRobin, UpDownDecoderOptions, UpDownOptions } from './up-down/options.js';
export type { TauDecay, UpDownSize } from './up-down/thresholds.js';
export { FilterBank } from './filters/filter-bank.js';
export type { FilterBankOptions } from './filters/options.js';
export { ButterFilter, type ButterFilterOptions } from './filters/butter-filter.js';
export { ButterMelFilter, type ButterMelFilterOptions } from './filters/butter-mel-filter.js';
export { type Bands, type FilterDesign, hz2mel, mel2hz } from './filters/design.js';
