/** Options of the LIF modules. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkOneOf } from '../../check.js';
import type { NoiseScaling } from '../../layers/rate-options.js';
import type { WeightInit } from '../kernels/initial-weights.js';
import type { KernelOptions } from '../kernels/kernel-module.js';
import type { ConstantValue } from '../parameter.js';
import type { LeakMode } from './leak.js';

/** Numbers, for all neurons or for each; `Constant(...)` keeps training away from them. */
export type Values = ArrayInput | ConstantValue | null;

/**
 * How currents and membranes are integrated. `'addThenDecay'`: input is added and decays in the same step; `'decayThenAdd'`; `'euler'`:
 * forward Euler steps of the differential equations, whose gain is 1.
 */
export type LifScheme = 'addThenDecay' | 'decayThenAdd' | 'euler';

/** The smooth function that stands for the generation of spikes in training. Forward, all are the same. */
export type SpikeGeneration = 'StepPWL' | 'PeriodicExponential';

/** Options of the LIF modules. */
export interface LIFOptions extends KernelOptions {
  /** `[inputs, neurons]`, where each neuron has inputs / neurons synapses; one number: one synapse each. */
  shape: number | readonly number[];
  /** Time constants of the membranes in seconds, `[neurons]` or one. Default 20e-3. */
  tauMem?: Values;
  /** Time constants of the synapses in seconds, `[neurons, synapses]`, `[1, synapses]` or one. Default 20e-3. */
  tauSyn?: Values;
  /** Added to the membrane at each step, `[neurons]` or one. Default 0. */
  bias?: Values;
  /** There are recurrent weights. Default false. */
  hasRec?: boolean;
  /** Recurrent weights, `[neurons, inputs]`: from a neuron to an input column. Default: from `weightInitFunc`. */
  wRec?: Values;
  /** Default: uniform on (-b, b), b = sqrt(6 / neurons). */
  weightInitFunc?: WeightInit;
  /** Membrane potential of a spike, `[neurons]` or one, greater than 0. Default 1. */
  threshold?: Values;
  /** Standard deviation of the noise on the membrane; see `noiseScaling`. Default 0. */
  noiseStd?: number;
  /**
   * `'stationary'` (default): without input and spikes the membrane has the standard deviation `noiseStd`. `'legacy'`: each step adds
   * `noiseStd * sqrt(dt)` times a normal, as the original does.
   */
  noiseScaling?: NoiseScaling;
  /** Most spikes of a neuron in a step. Default 65536. */
  maxSpikesPerDt?: number;
  /**
   * In training, spikes have no derivative at potentials above `maxSpikesPerDt` thresholds, where no more of them come. Default false, as in
   * the original.
   */
  maskSurrogate?: boolean;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** Default `'addThenDecay'`. */
  scheme?: LifScheme;
  /** The input is spikes. Default: as the class says. */
  spikingInput?: boolean;
  /** The output is spikes. Default true. */
  spikingOutput?: boolean;
}

/** Options of the Torch-named LIF modules. */
export interface LIFTorchOptions extends LIFOptions {
  /** In which form the leaks are parameters: `tauMem` and `tauSyn`, `alpha` and `beta`, `dashMem` and `dashSyn`. Default `'taus'`. */
  leakMode?: LeakMode;
  /** Decays of the membranes of a step, with `leakMode: 'decays'`. Default 0.5. */
  alpha?: Values;
  /** Decays of the synapses of a step, likewise. Default 0.5. */
  beta?: Values;
  /** Bit shifts of the membranes, with `leakMode: 'bitshifts'`. Default 1. */
  dashMem?: Values;
  /** Bit shifts of the synapses, likewise. Default 1. */
  dashSyn?: Values;
  /** The surrogate in training. Default `'StepPWL'`. */
  spikeGenerationFn?: SpikeGeneration;
  /** Half width of the surrogate of `'StepPWL'`, or decay of that of `'PeriodicExponential'`. Default 0.5. */
  learningWindow?: number;
}

/** Options of {@link aLIFTorch}. */
export interface ALIFOptions extends LIFTorchOptions {
  /** Time constants of the after-hyperpolarisation in seconds, `[neurons]` or one. Default 20e-3. */
  tauAhp?: Values;
  /** What a spike adds to its current, `[neurons]` or one. Default -0.9. */
  wAhp?: Values;
}

/** The parameter of each form of the leak of a membrane and of a synapse, and its default. */
export const leakNames: Record<LeakMode, { mem: string; syn: string; standard: number }> = {
  taus: { mem: 'tauMem', syn: 'tauSyn', standard: 20e-3 },
  decays: { mem: 'alpha', syn: 'beta', standard: 0.5 },
  bitshifts: { mem: 'dashMem', syn: 'dashSyn', standard: 1 },
};

/** Codes of the kernel. */
export const schemes: Record<LifScheme, number> = { addThenDecay: 0, decayThenAdd: 1, euler: 2 };

/** What distinguishes the classes. */
export interface LifVariant {
  scheme?: LifScheme;
  /** There are alpha, beta, dashes, a surrogate: the names of the Torch modules. */
  torch?: boolean;
  /** No synapses. */
  neuronOnly?: boolean;
  ahp?: boolean;
  /** The output is the membrane potential, which never spikes. */
  outputMembrane?: boolean;
  /** Recurrence and noise are no options. */
  feedForward?: boolean;
  /** Decays are restricted to powers of two, by this rule. */
  bitshift?: boolean;
  spikingInput?: boolean;
  maxSpikesPerDt?: number;
  spikeGenerationFn?: SpikeGeneration;
}

const plain = [
  ...['tauMem', 'tauSyn', 'bias', 'hasRec', 'wRec', 'weightInitFunc', 'threshold', 'noiseStd', 'noiseScaling'],
  ...['maxSpikesPerDt', 'maskSurrogate', 'dt', 'scheme', 'spikingInput', 'spikingOutput'],
];
const torch = ['leakMode', 'alpha', 'beta', 'dashMem', 'dashSyn', 'spikeGenerationFn', 'learningWindow'];
const recurrence = ['hasRec', 'wRec', 'weightInitFunc'];
const noise = ['noiseStd', 'noiseScaling'];
const synaptic = ['tauSyn', 'beta', 'dashSyn'];

/** @internal The options that a class has. */
export function optionNames(variant: LifVariant): string[] {
  const without = [
    ...(variant.feedForward ? [...recurrence, ...noise] : []),
    ...(variant.neuronOnly ? [...recurrence, ...synaptic] : []),
    ...(variant.scheme ? ['scheme'] : []),
  ];
  const all = [...plain, ...(variant.torch ? torch : []), ...(variant.ahp ? ['tauAhp', 'wAhp'] : [])];
  return all.filter((name) => !without.includes(name));
}

export function checkSpikeGeneration(value: unknown): SpikeGeneration {
  return checkOneOf<SpikeGeneration>(value, 'spikeGenerationFn', ['StepPWL', 'PeriodicExponential']);
}

export function checkScheme(value: unknown): LifScheme {
  return checkOneOf<LifScheme>(value, 'scheme', ['addThenDecay', 'decayThenAdd', 'euler']);
}
