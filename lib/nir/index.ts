/** NIR, the exchange format of spiking networks. */
export { readNir, writeNir } from './graph-file.js';
export { fromNir, type FromNirOptions } from './from-nir.js';
export { toNir, toNirGraph, type ToNirOptions } from './to-nir.js';
export { NirNeurons } from './nir-neurons.js';
export type { NirIntegration, NirNeuronsOptions, NirReset, NirResetAt, NirSpikeWhere } from './nir-neurons.js';
export type { NirConvention, NirDynamics } from './conventions.js';
export type { NirFileOptions, NirReadOptions } from './file.js';
export type * from './types.js';
