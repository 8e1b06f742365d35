/** Options that the Jax-named rate layers share. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import type { ActivationFunction, NoiseScaling, Precision } from '../rate-options.js';
import { jaxOptionNames } from './jax-layer.js';

/** Options of every Jax-named rate layer. */
export interface RateJaxOptions {
  /** Time constants in seconds: a number or one for each unit. */
  tau: ArrayInput;
  /** Added to the input of a unit, inside the derivative: a number or one for each unit. Default 0. */
  bias?: ArrayInput;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number | null;
  /** Default `'relu'`. A function of your own is called once for each time step, and once before the first. */
  activationFunc?: ActivationFunction | string;
  /** Time step in seconds. Default: a tenth of the smallest `tau`. */
  dt?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Seed of the layer's random numbers. Default: that of `rngKey`, else drawn anew for each layer. */
  seed?: number;
  /** The same as two words of 32 bits, as in the files of the original. */
  rngKey?: ArrayInput | null;
  /**
   * `'legacy'` (default): the noise is part of the derivative and drawn anew in each time step, whatever its length, so that the free
   * state has the standard deviation `noiseStd * sqrt(a / (2 - a))` with `a = dt / tau`. `'stationary'`: exactly `noiseStd`.
   */
  noiseScaling?: NoiseScaling;
  /** Default `'float64'`. */
  precision?: Precision;
}

/** @internal Names of these options. */
export const rateJaxOptionNames = ['tau', 'bias', 'activationFunc', ...jaxOptionNames];
