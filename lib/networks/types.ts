/** Types of networks. */
import type { Layer } from '../layers/layer.js';
import type { EvolveOptions, LayerSnapshot } from '../layers/types.js';
import type { TaskOptions } from '../task.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { Network } from './network.js';

/** What a network is made of: layers, and networks, which stand for their input layer and output layer. */
export type NetworkMember = Layer | Network;

/** Options of the constructor. */
export interface NetworkOptions {
  /** Time step in seconds, a multiple of those of all layers. Default: their least common multiple. */
  dt?: number | null;
  /** Keep the outputs of `evolve` in files instead of memory. Default false. */
  evolveOnDisk?: boolean;
  /** Default `'unnamed'`. */
  name?: string | null;
}

/** What changes when a network evolves. */
export interface NetworkSnapshot extends LayerSnapshot {
  /** The snapshot of each layer under its name in the network; that of a network for a network. */
  layers: Record<string, LayerSnapshot>;
}

/** Options of `addLayer`. */
export interface AddLayerOptions {
  /** The layer whose output it gets. */
  inputLayer?: NetworkMember | string | null;
  /** The layer that gets its output. */
  outputLayer?: NetworkMember | string | null;
  /** It gets the input of the network. Default false. */
  externalInput?: boolean;
  /** Set the layer's clock to the network's instead of refusing a layer at another time. Default false. */
  syncTime?: boolean;
  /** Print what is done. Default false. */
  verbose?: boolean;
}

/** Options of `connect` and `disconnect`. */
export interface ConnectOptions {
  /** Print what is done. Default false. */
  verbose?: boolean;
}

/** The input of a network under `external` (null for none), and the output of each layer under its name, in evolution order. */
export type NetworkOutputs = { external: TimeSeries | null } & Record<string, TimeSeries>;

/** Options of `Network.evolve`. */
export interface NetworkEvolveOptions extends Omit<EvolveOptions, 'ignoreExtraChannels' | 'broadcastInput'> {
  /** Called after each layer with its name and its output. */
  onLayer?: (name: string, output: TimeSeries) => void;
}

/** Options of `Network.evolveAsync`. */
export type AsyncNetworkEvolveOptions = NetworkEvolveOptions & TaskOptions;

/** What a training function learns beside the signals. */
export interface TrainInfo {
  /** Number of the batch, from 0. */
  batch: number;
  /** Number of batches. */
  numBatches: number;
  /** Network time steps of this batch. */
  steps: number;
}

/** Called after each batch. Returning false ends the training. */
export type TrainingFunction<R> = (
  net: Network,
  signals: NetworkOutputs,
  isFirst: boolean,
  isLast: boolean,
  info: TrainInfo,
) => R;

/** Options of `train`. */
export interface TrainOptions {
  /** Input of the network. */
  input?: TimeSeries | null;
  /** Seconds to train for. */
  duration?: number;
  /** Network time steps to train for; wins over `duration`, which wins over the extent of the input. */
  numTimesteps?: number;
  /** Duration of a batch in seconds, or of each of them. Default: one batch. */
  batchDurs?: number | ArrayLike<number>;
  /** Network time steps of a batch, or of each of them; wins over `batchDurs`. */
  numsTsBatch?: number | ArrayLike<number>;
  /** Print a line for each batch. Default false. */
  verbose?: boolean;
  /** Print a line for each layer too. Default false. */
  highVerbosity?: boolean;
  /** Ends the training before the next batch, and a batch in work where the layers can. */
  signal?: AbortSignal;
}

/** Options of `trainAsync`. */
export type AsyncTrainOptions = TrainOptions & TaskOptions;

/** What `train` returns. */
export interface TrainResult {
  /** Batches that were run. */
  batches: number;
  /** Network time steps that were run. */
  steps: number;
  /** The training function ended it. */
  stopped: boolean;
}

/** Options of `Network.stream`. */
export interface NetworkStreamOptions {
  /** Ends the stream with `ERR_ABORTED`; the piece in work leaves no trace. */
  signal?: AbortSignal;
  /** Ends the stream after this many network time steps, within a piece if need be. */
  numTimesteps?: number;
  /** Each layer sees the previous piece of its predecessor: all pieces must be of the same length then. Default false. */
  pipelineDelay?: boolean;
}

/** What `Network.stream` yields for each piece of input. */
export interface StreamedOutputs {
  /** Time of the network after the piece, in seconds. */
  t: number;
  outputs: NetworkOutputs;
}
