/** Options of the integrate-and-fire layers. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkOneOf, rangeError, typeError } from '../../check.js';
import type { SparseMatrix, SparseMatrixInit } from '../../synapses/sparse-matrix.js';
import type { NoiseScaling, Precision } from '../rate-options.js';
import type { RecordInput } from './record.js';
import type { Backend, IAFModel } from './model.js';

/** Where in its time step a spike is stamped. */
export type SpikeTime = 'start' | 'mid' | 'end';

/** How the membrane is integrated over a time step. */
export type IAFIntegrator = 'euler' | 'exact' | 'rk4';

/**
 * Which conventions the defaults of the finer options follow. `native`: spikes in the middle of their time step, noise of the
 * standard deviation that was asked for, a current held over its step. `legacy`: those of the original class.
 */
export type Numerics = 'native' | 'legacy';

/** Equations of a Brian class: with the usual leak, or `tau_mem dV/dt = R I`. */
export type NeuronEquations = 'iaf' | 'constant_leak';

/** Weights [pre, post]: dense, or sparse; or the parts of a sparse matrix, as a file holds them. */
export type WeightsInput = ArrayInput | SparseMatrix | SparseMatrixInit;

/** Options that all integrate-and-fire layers take. Vectors are one number for all units or one for each. */
export interface IAFOptions {
  /** Time step in seconds. Default 1e-4. */
  dt?: number;
  /** Constant current, in volts over a resistance of 1. Default: that of the class. */
  bias?: ArrayInput;
  /** Membrane time constants in seconds. Default 20e-3. */
  tauMem?: ArrayInput;
  /** Thresholds in volts. Default -55e-3. */
  vThresh?: ArrayInput;
  /** Potentials after a spike, in volts. Default -65e-3. */
  vReset?: ArrayInput;
  /** Potentials at rest, in volts. Default -65e-3. */
  vRest?: ArrayInput;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Record potentials and synaptic currents while evolving, see {@link RecordOptions}. Default false. */
  record?: RecordInput;
  /** Seed of the layer's random numbers, an integer from 0 to 2^53 - 1. Default: drawn anew for each layer. */
  seed?: number;
  /** What a step is computed in. Default `'float64'`. */
  precision?: Precision;
  /** See {@link Numerics}. Default `'native'`. */
  numerics?: Numerics;
  /** Where in its step a spike is stamped. Default: `'mid'`; with legacy numerics that of the original. */
  spikeTime?: SpikeTime;
}

/** Options of layers with noise. */
export interface IAFNoiseOptions {
  /** Standard deviation of the noise on the potential, in volts; see `noiseScaling`. Default 0. */
  noiseStd?: number | null;
  /**
   * `'stationary'`: the potential has the standard deviation `noiseStd` without other input, whatever `dt`. `'legacy'`: as in the
   * original, about 1.63 times that. Default: by `numerics`.
   */
  noiseScaling?: NoiseScaling;
}

/** A refractory period. */
export interface RefractoryOptions {
  /** Time after a spike in which the potential is held, in seconds: one or one for each unit. Default 0; NEST classes 1e-3. */
  refractory?: ArrayInput;
}

/** Options of the Brian classes. */
export interface BrianOptions extends IAFOptions, IAFNoiseOptions, RefractoryOptions {
  /** Default `'iaf'`. */
  neuronEq?: NeuronEquations;
  /** `'rk4'` (default), `'euler'` or `'exact'`; Brian's name `'linear'` means the latter. */
  integratorName?: string;
}

/** Options of the Brian classes with continuous input. */
export interface BrianCurrentOptions extends BrianOptions {
  /**
   * The end of a step sees the next sample of the input, as in Brian: about 5/6 of this sample and 1/6 of the next act. At the end of an
   * evolution the last sample is repeated, so that cutting a run changes it. Only with `'rk4'`. Default: by `numerics`.
   */
  blendInput?: boolean;
}

/** Options of the Torch classes. */
export interface TorchOptions extends IAFOptions {
  /** Default `'euler'`. */
  integrator?: IAFIntegrator;
  /** Time steps that the original computes at once. Accepted and kept; nothing depends on it. Default 400. */
  maxNumTimesteps?: number;
}

/** Options of the NEST classes. */
export interface NestOptions extends IAFOptions, RefractoryOptions {
  /** Capacities: the resistance is `tauMem / capacity`. Default: `tauMem`. */
  capacity?: ArrayInput | null;
  /** Threads that the original uses. Accepted and kept; see `setConcurrency` for those of this library. Default 1. */
  numCores?: number;
}

/** Names of the options of a class. */
export function optionNames(model: IAFModel): string[] {
  const weights = weightNames(model);
  const names = ['dt', 'noiseStd', 'name', 'seed', 'record', 'precision', 'numerics', 'spikeTime', ...weights];
  names.push(...Object.keys(model.vectors));
  if (model.noise) names.push('noiseScaling');
  if (model.noiseOnSynapse) names.push('noiseOnSynapse');
  if (model.refractory) names.push('refractory');
  if (model.addEvents?.option) names.push('addEvents');
  names.push(...backendNames[model.backend]);
  if (model.constantLeak) names.push('legacyConstantLeak');
  else if (model.backend === 'torch') names.push('integrator');
  if (model.backend === 'brian' && model.input !== 'events') names.push('blendInput');
  if (model.backend === 'nest' && model.recurrent) names.push('tauSyn', 'delayIn', 'delayRec');
  return names;
}

const backendNames: Readonly<Record<Backend, readonly string[]>> = {
  brian: ['neuronEq', 'integratorName'],
  torch: ['maxNumTimesteps'],
  nest: ['capacity', 'numCores'],
};

/** Names of the weights that the constructor takes first. */
export function weightNames({ input, recurrent }: IAFModel): readonly ('weights' | 'weightsIn' | 'weightsRec')[] {
  return input === 'events' && recurrent ? ['weightsIn', 'weightsRec'] : ['weights'];
}

const brianIntegrators: Readonly<Record<string, IAFIntegrator>> = {
  rk4: 'rk4',
  euler: 'euler',
  exact: 'exact',
  linear: 'exact',
};

/** A name of Brian's. Its exponential Euler method holds the currents over a step, which is exact where there are no synapses. */
export function readIntegratorName(value: unknown, { currents }: IAFModel): IAFIntegrator {
  const known: Record<string, IAFIntegrator> =
    currents.length === 0 ? { ...brianIntegrators, exponential_euler: 'exact' } : brianIntegrators;
  const what = `one of ${Object.keys(known)
    .map((name) => `'${name}'`)
    .join(', ')}`;
  if (typeof value !== 'string') throw typeError('integratorName', what, value);
  const integrator = Object.hasOwn(known, value) ? known[value] : undefined;
  if (integrator === undefined) throw rangeError('integratorName', what, value);
  return integrator;
}

export const checkSpikeTime = (value: unknown): SpikeTime =>
  checkOneOf<SpikeTime>(value, 'spikeTime', ['start', 'mid', 'end']);

/** The original's stamps; NEST's moved to the middle in its last releases. */
export function defaultSpikeTime(numerics: Numerics, backend: Backend): SpikeTime {
  if (numerics === 'native' || backend === 'nest') return 'mid';
  return backend === 'brian' ? 'start' : 'end';
}
