/** Options of rate modules. */
import type { NoiseScaling } from '../../layers/rate-options.js';
import type { WeightInit } from '../kernels/initial-weights.js';
import type { KernelOptions } from '../kernels/kernel-module.js';
import type { ActivationName } from './activations.js';
import type { Values } from './lif-options.js';
import type { OwnActivation, OwnSlope } from './rate-own.js';

/** A name, or a function of the states and the thresholds of all neurons, `[neurons]` each, for one element of a batch. */
export type RateActivation = ActivationName | OwnActivation;

/** Options of `Rate`. */
export interface RateModuleOptions extends KernelOptions {
  /** Number of neurons, also as `[n]` or `[n, n]`. */
  shape: number | readonly number[];
  /** Time constants in seconds, `[neurons]` or one. Default 20e-3. */
  tau?: Values;
  /** Added to the input, `[neurons]` or one. Default 0. */
  bias?: Values;
  /** Subtracted inside the activation, `[neurons]` or one. Default 0. */
  threshold?: Values;
  /** There are recurrent weights. Default false. */
  hasRec?: boolean;
  /** Recurrent weights, `[neurons, neurons]`. Default: from `weightInitFunc`. */
  wRec?: Values;
  /** Default: normal with the standard deviation 1 / sqrt(neurons). */
  weightInitFunc?: WeightInit;
  /** Default `'relu'`. */
  activationFunc?: RateActivation;
  /** The derivative of a function of your own: what it takes to train through it. */
  activationDerivative?: OwnSlope;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number;
  /** `'stationary'` (default): of the free state. `'legacy'`: `noiseStd * sqrt(dt)` times a normal is added to the input of a step. */
  noiseScaling?: NoiseScaling;
  /** Time constants below so many time steps count as these. Default 0; the original's native module has 10. */
  minTauSteps?: number;
}
