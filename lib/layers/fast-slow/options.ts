/** Options of the layers with fast and slow synapses. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import type { NoiseScaling } from '../rate-options.js';
import type { AsyncEvolveOptions, EvolveOptions } from '../types.js';

/** Options that these layers share. Each of the parameters of the units is a number or one number for each unit. */
export interface FastSlowOptions {
  /** Constant input in volts. Default 0. */
  bias?: ArrayInput;
  /** Time constants of the membranes in seconds. */
  tauMem?: ArrayInput;
  /** Time constants of the fast recurrent synapses in seconds. */
  tauSynRFast?: ArrayInput;
  /** Time constants of the slow recurrent synapses in seconds. */
  tauSynRSlow?: ArrayInput;
  /** Thresholds in volts. Each must be above `vReset`. */
  vThresh?: ArrayInput;
  /** Potentials after a spike in volts. */
  vReset?: ArrayInput;
  /** Potentials at rest in volts. */
  vRest?: ArrayInput;
  /** Time after a spike in which a unit is held at `vReset`, in seconds; 0 or less: none. Default: minus the machine epsilon. */
  refractory?: number;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number | null;
  /**
   * `'stationary'` (default): `noiseStd` is the standard deviation of a free membrane potential. `'legacy'`: as in the original, noise of that
   * standard deviation is added to the input, which makes an effect that depends on the time step. Either way it is drawn once for each time step.
   */
  noiseScaling?: NoiseScaling;
  /** Time step in seconds; null: a tenth of the smallest time constant of the synapses. */
  dt?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Seed of the layer's random numbers, an integer from 0 to 2^53 - 1. Default: drawn anew for each layer. */
  seed?: number;
}

/** How long to evolve, and how precisely. */
export interface FastSlowEvolveOptions extends EvolveOptions {
  /**
   * Shortest time between two spikes that were seen in the same time step, in seconds; at least 1e-9 of a time step and less than one.
   * Default: a tenth of it.
   */
  minDelta?: number | null;
}

/** The same for `evolveAsync`. */
export type AsyncFastSlowEvolveOptions = FastSlowEvolveOptions & AsyncEvolveOptions;

/** @internal Parameters with one number for each unit. */
export const vectorNames = ['bias', 'tauMem', 'tauSynRFast', 'tauSynRSlow', 'vThresh', 'vReset', 'vRest'] as const;

/** @internal */
export type FastSlowVector = (typeof vectorNames)[number];

/** @internal Names of all options that these layers share. */
export const fastSlowOptionNames = [...vectorNames, 'refractory', 'noiseStd', 'noiseScaling', 'dt', 'name', 'seed'];

/** @internal Refractory time that stands for none, as in the original. */
export const noRefractory = -Number.EPSILON;
