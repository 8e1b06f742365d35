/** Generators of weight matrices. All results are indexed [pre, post]. */
export {
  combineFfRecStack,
  discretiseWeightMatrix,
  discretiseWeightMatrix as DiscretiseWeightMatrix,
  type DiscretisedWeights,
  type DiscretiseOptions,
} from './blocks.js';
export type { Counts, Dense, RandomOptions, Sparse, WeightFct } from './common.js';
export type { ConformOptions } from './conform.js';
export {
  digital,
  type DigitalMatrix,
  type DigitalOptions,
  type DigitalReservoir,
  type DigitalWeights,
  inResDigital,
  type InResDigitalOptions,
} from './digital.js';
export {
  type ConformingReservoir,
  type ConformingWeights,
  type DiscreteWeights,
  dynapseConform,
  type DynapseConformOptions,
  inResDynapse,
  type InResDynapseBaseOptions,
  inResDynapseFlex,
  type InResDynapseFlexOptions,
  type InResDynapseOptions,
} from './dynapse.js';
export { kaiming, kaimingTorch, type KaimingTorchOptions, linearBias, unitEigs, xavier } from './initialisers.js';
export {
  addRandomLongRange,
  type AddRandomLongRangeOptions,
  oneDimExcRes,
  type OneDimExcResOptions,
  twoDimExcRes,
  type TwoDimExcResOptions,
} from './neighbours.js';
export {
  rndmEiNet,
  type RndmEiNetOptions,
  unitLambdaNet,
  type UnitLambdaNetOptions,
  wilsonCowanNet,
  type WilsonCowanNetOptions,
} from './random-dense.js';
export {
  genSparsePartitionedNetwork,
  type GenSparsePartitionedNetworkOptions,
  iafSparseNet,
  type IafSparseNetOptions,
  type PartitionedNetwork,
  rndmSparseEiNet,
  type RndmSparseEiNetOptions,
} from './random-sparse.js';
export {
  inpToRec,
  type InpToRecOptions,
  partitioned2dReservoir,
  type Partitioned2dReservoirOptions,
  ringReservoir,
  type RingReservoirOptions,
} from './reservoirs.js';
export {
  spectralRadius,
  type SpectralRadius,
  type SpectralRadiusOptions,
  type WipedWeights,
  wipeNonSwitchingEigs,
  wipeNonSwitchingEigs as wipeNonSwitichingEigs,
  type WipeNonSwitchingEigsOptions,
} from './spectrum.js';
export { eigenvalues, type Eigenvalues } from './eigenvalues.js';
export { SparseMatrix, type SparseMatrixInit } from '../synapses/sparse-matrix.js';
