/** Options of {@link VirtualDynapse}. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import type { Numerics, SpikeTime, WeightsInput } from '../iaf/options.js';
import type { RecordInput } from '../iaf/record.js';
import type { Precision } from '../rate-options.js';
import type { AsyncEvolveOptions, EvolveOptions } from '../types.js';
import type { ValidateOptions } from './connectivity.js';
import { coreNames } from './parameters.js';

/** Options of `VirtualDynapse`. Parameters of cores are one number for all 16 or one for each; negative ones are clipped to 0. */
export interface VirtualDynapseOptions extends ValidateOptions {
  /** Time step in seconds. Default 1e-4. */
  dt?: number;
  /** Synapses from input channels, at most 1024 x 4096: whole numbers, negative ones inhibit. Smaller ones are filled up with 0. */
  connectionsExt?: WeightsInput | null;
  /** Synapses between neurons, at most 4096 x 4096, likewise. Default: none. */
  connectionsRec?: WeightsInput | null;
  /** Membrane time constants of each core in seconds. Default 0.02. */
  tauMem1?: ArrayInput;
  /** The other membrane time constants that each core offers, in seconds. Default 0.02. */
  tauMem2?: ArrayInput;
  /** Which neurons have the second time constant: a boolean, or one for each of the 4096 neurons. Default false. */
  hasTauMem2?: boolean | readonly boolean[] | Uint8Array;
  /** Time constants of excitatory synapses in seconds. Default 0.05. */
  tauSynExc?: ArrayInput;
  /** Time constants of inhibitory synapses in seconds. Default 0.05. */
  tauSynInh?: ArrayInput;
  /** Weight of one excitatory synapse. Default 1e-4, as in Rockpool 1.1; in 1.0 it is 0.01. */
  baseweightE?: ArrayInput;
  /** Weight of one inhibitory synapse. Default 1e-4 (1.0: 0.01). */
  baseweightI?: ArrayInput;
  /** Constant current. Default 0. */
  bias?: ArrayInput;
  /** Refractory times in seconds. Default 1e-3. */
  refractory?: ArrayInput;
  /** Thresholds in volts. Default 0.01. */
  vThresh?: ArrayInput;
  /** What a spike adds to the adaptation current, in thousandths of the unit of the weights. Default 0. */
  spikeAdapt?: ArrayInput;
  /** Time constants of the adaptation in seconds. Default 0.1. */
  tauAdapt?: ArrayInput;
  /** Slope factors of the exponential term in volts. Default 2e-3. */
  deltaT?: ArrayInput;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Threads that the original uses; no effect here. Default 1. */
  numThreads?: number;
  /**
   * True: each parameter of each neuron, and each synapse, is its core's value times max(0.1, 1 + 0.2 xi). False: exactly the core's values.
   * A matrix of (12 + 2 * 4096) x 4096: these factors. Default true.
   */
  mismatch?: boolean | ArrayInput;
  /** Seed of the mismatch, an integer from 0 to 2^53 - 1. Default: `seed`, or drawn anew. */
  mismatchSeed?: number;
  /** Record membrane potentials, which a board cannot. Default false. */
  record?: RecordInput;
  /** Seed of the layer, an integer from 0 to 2^53 - 1. */
  seed?: number;
  /** What is kept from step to step. Default `'float64'`. */
  precision?: Precision;
  /** See `Numerics`. Default `'native'`. */
  numerics?: Numerics;
  /** Where in its step a spike is stamped. Default `'mid'`. */
  spikeTime?: SpikeTime;
}

/** Options that go to the simulated neurons as they are. */
export const passedOn = ['dt', 'name', 'record', 'seed', 'precision', 'numerics', 'spikeTime'] as const;

export const optionNames: readonly string[] = [
  ...passedOn,
  ...coreNames,
  'connectionsExt',
  'connectionsRec',
  'hasTauMem2',
  'numThreads',
  'mismatch',
  'mismatchSeed',
  'validateFanin',
  'validateFanout',
  'validateAliasing',
];

/** Which channels the input has, and which neurons are heard. */
export interface ChannelOptions {
  /** Input channel of each channel of `tsInput`. Default: the same ones. */
  idsIn?: ArrayInput | null;
  /** Neurons whose spikes are returned. Default: all. */
  idsOut?: ArrayInput | null;
  /** Number the neurons of `idsOut` 0, 1, 2, … in ascending order, instead of leaving them their own numbers. Default true. */
  remapOutChannels?: boolean;
}

export type DynapseEvolveOptions = EvolveOptions & ChannelOptions;
export type AsyncDynapseEvolveOptions = AsyncEvolveOptions & ChannelOptions;

/** Options of `VirtualDynapse.setConnections`. */
export interface SetConnectionsOptions {
  /** The rows are input channels. Default false. */
  external?: boolean;
  /** Add to the connections that there are instead of replacing them. Default false. */
  add?: boolean;
}
