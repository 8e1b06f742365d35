/** Options of the LIF layers. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkNumber, checkOneOf, checkOptions } from '../../check.js';
import { type JaxOptions, jaxOptionNames } from '../jax/jax-layer.js';
import type { NoiseScaling, Precision } from '../rate-options.js';

/**
 * The smooth function of the membrane potential that stands for the spikes: `1 / (1 + exp(-(gain V + shift)))` for `'logistic'`,
 * `(1 + tanh(gain V + shift)) / 2` for `'tanh'`.
 */
export interface Surrogate {
  kind: 'logistic' | 'tanh';
  gain: number;
  shift: number;
}

/** Options that the LIF layers share. */
export interface LifJaxOptions extends JaxOptions {
  /** Time constants of the membranes in seconds: a number or one for each neuron. */
  tauMem: ArrayInput;
  /** Time constants of the synapses in seconds: a number or one for each neuron. */
  tauSyn: ArrayInput;
  /** Constant input: a number or one for each neuron. Default -1. */
  bias?: ArrayInput;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number | null;
  /** Time step in seconds. Default: a tenth of the smallest time constant, which is also the largest that is allowed. */
  dt?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Seed of the layer's random numbers. Default: that of `rngKey`, else drawn anew for each layer. */
  seed?: number;
  /** The same as two words of 32 bits, as in the files of the original. */
  rngKey?: ArrayInput | null;
  /**
   * `'legacy'` (default): the noise is added to the membrane's input and drawn anew in each time step, whatever its length, so that
   * the potential has the standard deviation `noiseStd * sqrt(a / (2 - a))` with `a = dt / tauMem`. `'stationary'`: exactly `noiseStd`.
   */
  noiseScaling?: NoiseScaling;
  /** What a step is computed in. Default `'float64'`. */
  precision?: Precision;
  /** Default `{ kind: 'tanh', gain: 20, shift: 1 }`. */
  surrogate?: Partial<Surrogate>;
}

/** Options of the LIF layers whose input is events. */
export interface LifEventOptions extends LifJaxOptions {
  /** Every event counts; otherwise several events of one channel in a time step count once. Default true. */
  addEvents?: boolean;
}

/** @internal Names of these options. */
export const lifOptionNames = ['tauMem', 'tauSyn', 'bias', 'surrogate', ...jaxOptionNames];

export const defaultSurrogate: Surrogate = { kind: 'tanh', gain: 20, shift: 1 };

/** A whole surrogate; without `kind` that of the default, `shift` 0 for a logistic one. */
export function checkSurrogate(value: unknown): Surrogate {
  const given = checkOptions<Surrogate>(value, 'surrogate', ['kind', 'gain', 'shift']);
  const kind = checkOneOf<Surrogate['kind']>(given.kind ?? defaultSurrogate.kind, 'surrogate.kind', [
    'logistic',
    'tanh',
  ]);
  const standard = kind === 'tanh' ? defaultSurrogate : { gain: 10, shift: 0 };
  return {
    kind,
    gain: checkNumber(given.gain ?? standard.gain, 'surrogate.gain'),
    shift: checkNumber(given.shift ?? standard.shift, 'surrogate.shift'),
  };
}
