/** Options of delta modulation. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import type { SpikeTime } from '../iaf/options.js';
import type { LayerOptions } from '../types.js';
import type { TauDecay } from './thresholds.js';

/** How the events of a direction are spread over its channels; see {@link FFUpDownOptions.roundRobin}. */
export type RoundRobin = 'legacy' | 'perChannel';

/** Options that the encoder and the decoder share. */
export interface UpDownOptions extends Omit<LayerOptions, 'noiseStd'> {
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** What an up-event stands for, in units of the signal: a number or one for each signal. Default 1e-3. */
  thrUp?: ArrayInput;
  /** The same for down-events. Default 1e-3. */
  thrDown?: ArrayInput;
  /** Time constants in seconds, at least `dt`, with which the references decay: a number or one for each signal; null: no decay. Default null. */
  tauDecay?: TauDecay;
  /** How often every event is emitted. Default 1. */
  repeatOutput?: number;
}

/** Options of {@link FFUpDown}. With `multiplexSpikes` the thresholds must be greater than 0, otherwise 0 or more. */
export interface FFUpDownOptions extends UpDownOptions {
  /** Standard deviation of the noise that is added to the input in each time step, not scaled by its length. Default 0. */
  noiseStd?: number | null;
  /** Time steps that the original computes at once; it has no effect here. Default 5000. */
  maxNumTimesteps?: number | null;
  /** Several events of a channel in a time step, as many as the input is thresholds away; otherwise one. Default true. */
  multiplexSpikes?: boolean;
  /**
   * With several channels for each direction: `'legacy'` (default) has one turn for all directions, which begins anew with each evolution;
   * with `'perChannel'` each direction has its own, which goes on, so that an evolution can be cut in pieces.
   */
  roundRobin?: RoundRobin;
  /** Where in its time step an event is stamped. Default `'mid'`. */
  spikeTime?: SpikeTime;
}

/** Options of {@link UpDownDecoder}. */
export interface UpDownDecoderOptions extends UpDownOptions {
  /** What the signals begin with: a number or one for each. Default 0. */
  initial?: ArrayInput;
}

export const sharedOptionNames = ['dt', 'thrUp', 'thrDown', 'tauDecay', 'repeatOutput', 'name', 'seed'];

export const encoderOptionNames = [
  'weights',
  ...sharedOptionNames,
  'noiseStd',
  'maxNumTimesteps',
  'multiplexSpikes',
  'roundRobin',
  'spikeTime',
];

export const decoderOptionNames = ['shape', ...sharedOptionNames, 'initial'];
