/** Types that all layers share. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../array.js';
import type { EventArgs } from '../time-series/events-native.js';
import type { SamplerArgs } from '../time-series/native.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { TaskOptions } from '../task.js';

/** How long to evolve: `numTimesteps` wins over `duration`, which wins over the extent of the input. */
export interface EvolveOptions {
  /** Seconds; whole time steps of it are evolved. */
  duration?: number;
  /** Number of time steps of the layer (or network). */
  numTimesteps?: number;
  /** Print what is done: a network prints a line for each layer, a layer nothing. Default false. */
  verbose?: boolean;
  /** Event input: drop events on channels that the layer does not have instead of refusing them. Default false. */
  ignoreExtraChannels?: boolean;
  /** Event input with one channel: feed it to all input channels, as is always done with continuous input. Default false. */
  broadcastInput?: boolean;
}

/** Options of `evolveAsync`. */
export type AsyncEvolveOptions = EvolveOptions & TaskOptions;

/** Options of `stream`. */
export interface StreamOptions {
  /** Ends the stream with `ERR_ABORTED`; the piece in work leaves no trace. */
  signal?: AbortSignal;
}

/** An iterable or async iterable of pieces of input. */
export type StreamSource<T extends TimeSeries = TimeSeries> = Iterable<T> | AsyncIterable<T>;

/** Options that every layer takes. */
export interface LayerOptions {
  /** Time step in seconds. Default 1. */
  dt?: number;
  /** Standard deviation of the noise on the state after 1 s. Default 0. */
  noiseStd?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Seed of the layer's random numbers, an integer from 0 to 2^53 - 1. Default: drawn anew for each layer. */
  seed?: number;
}

/** The same with the weights among the options, for `new SomeLayer({ weights, … })`. */
export type WeightedLayerOptions = LayerOptions & { weights: ArrayInput };

/** Options of the input preparation. */
export interface PrepareOptions extends EvolveOptions, TaskOptions {
  /** Event input: count the events of a bin instead of telling whether there are any. Default: the layer's `addEvents`. */
  addEvents?: boolean;
}

/** Input sampled or rasterised at the time steps of an evolution. */
export interface PreparedInput<I = Matrix> {
  /** Start of each time step, in seconds. */
  timeBase: Float64Array;
  /** `numTimesteps` x `sizeIn`. */
  input: I;
  /** Number of time steps to evolve. */
  numTimesteps: number;
}

/** What a kernel needs to sample a continuous input itself, at `tStart + k * dt`. */
export interface SamplingWindow {
  /** Number of time steps to evolve. */
  numTimesteps: number;
  /** Time of the first step, in seconds. */
  tStart: number;
  /** Arguments for a sampler in the core, or null for no input (zeros). Undefined samples (NaN) count as 0. */
  input: SamplerArgs | null;
  /** The input has one channel, which feeds all of the layer's inputs. */
  replicate: boolean;
}

/** What a kernel needs to read an event input itself, in bins of `dt` that begin at multiples of it. */
export interface EventInputWindow {
  /** Number of time steps to evolve. */
  numTimesteps: number;
  /** Time of the first step, in seconds. */
  tStart: number;
  /** Arguments for a kernel in the core, or null for no events. All channels are those of inputs. */
  input: EventArgs | null;
  /** Every event counts; otherwise several events of one channel in a time step count once. */
  countEvents: boolean;
}

/** What changes when a layer evolves, and the seed. A subclass with more than `state` adds to it. */
export interface LayerSnapshot {
  timestep: number;
  seed?: number;
  state?: Float64Array;
  [name: string]: unknown;
}

/** A plain dictionary of parameters with snake_case keys, as in the files of the original. */
export type LayerConfig = { class_name: string; name: string } & Record<string, unknown>;

/** Options of `toDict`. */
export interface ToDictOptions {
  /** Add the snapshot (`state`, `timestep`, `seed` and `more_state`), so that a loaded layer continues where this one is. Default false. */
  includeState?: boolean;
}

/** Options of `randomizeState`. */
export interface RandomizeOptions {
  /** Standard deviation as a fraction of each entry's magnitude. Default 0.2. */
  factor?: number;
  /** Seed of the draw. Default: a new one each time. */
  seed?: number;
}
