/** Leaky integrate-and-fire neurons with exponential synapses. */
import type { Matrix } from '../../array.js';
import { mergeArguments } from '../../layers/arguments.js';
import { moduleOptions } from '../kernels/kernel-module.js';
import { registerModuleClass } from '../registry.js';
import type { LeakMode } from './leak.js';
import { LIFBase } from './lif-base.js';
import {
  type ALIFOptions,
  leakNames,
  type LIFOptions,
  type LIFTorchOptions,
  type LifVariant,
  optionNames,
  type SpikeGeneration,
} from './lif-options.js';

interface LIFSpec {
  parameters: {
    wRec?: Matrix;
    tauMem: Matrix | number;
    tauSyn: Matrix | number;
    bias: Matrix | number;
    threshold: Matrix | number;
  };
  states: { spikes: Matrix; isyn: Matrix; vmem: Matrix };
  simulationParameters: { dt: number; noiseStd: number; maxSpikesPerDt: number };
}

interface LIFTorchSpec extends LIFSpec {
  parameters: LIFSpec['parameters'] & {
    alpha?: Matrix | number;
    beta?: Matrix | number;
    dashMem?: Matrix | number;
    dashSyn?: Matrix | number;
  };
  simulationParameters: LIFSpec['simulationParameters'] & {
    learningWindow: number;
    spikeGenerationFn: SpikeGeneration;
  };
}

interface LIFNeuronSpec {
  parameters: Omit<LIFTorchSpec['parameters'], 'wRec' | 'tauSyn' | 'beta' | 'dashSyn'>;
  states: Omit<LIFTorchSpec['states'], 'isyn'>;
  simulationParameters: LIFTorchSpec['simulationParameters'];
}

interface ALIFSpec extends LIFTorchSpec {
  parameters: LIFTorchSpec['parameters'] & { tauAhp: Matrix | number; wAhp: Matrix | number };
  states: LIFTorchSpec['states'] & { iahp: Matrix };
}

/** @inline */
type Shape = number | readonly number[];
type Given = [unknown?, object?];

function read(args: Given, variant: LifVariant): Partial<ALIFOptions> {
  return moduleOptions<ALIFOptions>(mergeArguments<ALIFOptions>(args, ['shape']), optionNames(variant));
}

const lif: LifVariant = {};

/**
 * Leaky integrate-and-fire neurons with exponential synapses and several spikes per time step.
 *
 * With `alpha = exp(-dt / tauMem)` and `beta = exp(-dt / tauSyn)`, per step:
 *
 *     isyn   = (isyn + input + spikes @ wRec) * beta
 *     vmem   = vmem * alpha + (sum of isyn) + bias + noise
 *     spikes = the largest n <= maxSpikesPerDt with n * threshold <= vmem
 *     vmem  -= spikes * threshold
 *
 * Input column `j * synapses + k` feeds synapse `k` of neuron `j`; the columns of `wRec` likewise. The output are numbers of spikes. Recorded
 * are `vmem` (after the reset), `isyn`, `irec` and `spikes`.
 */
export class LIF extends LIFBase<LIFSpec> {
  /** Time constants of the membranes in seconds. */
  declare tauMem: Matrix | number;
  /** Time constants of the synapses in seconds. */
  declare tauSyn: Matrix | number;
  /** Recurrent weights, [neurons, inputs]; undefined without recurrence. */
  declare wRec: Matrix;
  /** Synaptic currents, [neurons, synapses]. */
  declare isyn: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFOptions, 'shape'>);
  constructor(options: LIFOptions);
  constructor(...args: Given) {
    super(read(args, lif), lif);
  }
}

/** {@link LIF} under the name of the original's Jax module. */
export class LIFJax extends LIF {}

const ode: LifVariant = { scheme: 'euler' };

/**
 * {@link LIF} integrated by forward Euler steps of its differential equations, whose gain is 1:
 * `isyn += dt / tauSyn * (input + spikes @ wRec - isyn)`, `vmem += dt / tauMem * ((sum of isyn) + bias + noise - vmem)`.
 */
export class LIFODEJax extends LIFBase<LIFSpec> {
  declare tauMem: Matrix | number;
  declare tauSyn: Matrix | number;
  declare wRec: Matrix;
  declare isyn: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFOptions, 'shape' | 'scheme'>);
  constructor(options: Omit<LIFOptions, 'scheme'>);
  constructor(...args: Given) {
    super(read(args, ode), ode);
  }
}

/** The three forms of both leaks: one is a parameter, the others are computed from it and set it. */
abstract class LIFTorchBase<S extends object> extends LIFBase<S> {
  /** Recurrent weights, [neurons, inputs]; undefined without recurrence. */
  declare wRec: Matrix;
  /** Synaptic currents, [neurons, synapses]. */
  declare isyn: Matrix;
  /** Half width or decay of the surrogate in training. */
  declare learningWindow: number;
  /** The surrogate in training. */
  declare spikeGenerationFn: SpikeGeneration;

  /** Time constants of the membranes in seconds: the parameter with `leakMode: 'taus'`, otherwise converted. */
  declare tauMem: Matrix | number;
  /** Decays of the membranes in a step. */
  declare alpha: Matrix | number;
  /** Bit shifts of the membranes. */
  declare dashMem: Matrix | number;
  /** Time constants of the synapses in seconds. */
  declare tauSyn: Matrix | number;
  /** Decays of the synapses in a step. */
  declare beta: Matrix | number;
  /** Bit shifts of the synapses. */
  declare dashSyn: Matrix | number;

  static {
    for (const mode of Object.keys(leakNames) as LeakMode[])
      for (const part of ['mem', 'syn'] as const)
        Object.defineProperty(this.prototype, leakNames[mode][part], {
          get(this: LIFTorchBase<LIFTorchSpec>): unknown {
            const name = leakNames[mode][part];
            return this.hasAttribute(name) ? this.attribute(name) : this.leak(part, mode);
          },
          set(this: LIFTorchBase<LIFTorchSpec>, value: unknown) {
            this.setLeak(part, mode, value);
          },
          configurable: true,
        });
  }
}

const torch: LifVariant = { torch: true, spikingInput: true };

/**
 * {@link LIF} with the parameters of the original's Torch module: leaks as time constants, decays or bit shifts, and a surrogate of the
 * generation of spikes for training.
 */
export class LIFTorch extends LIFTorchBase<LIFTorchSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape'>);
  constructor(options: LIFTorchOptions);
  constructor(...args: Given) {
    super(read(args, torch), torch);
  }
}

const bitshift: LifVariant = { ...torch, bitshift: true, maxSpikesPerDt: 31 };

/**
 * {@link LIFTorch} whose decays are powers of two, as integer hardware has them: every time constant becomes the one of the bit shift
 * `round(log2(tau / dt))`, at least 1. At most 31 spikes in a step.
 */
export class LIFBitshiftTorch extends LIFTorchBase<LIFTorchSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape'>);
  constructor(options: LIFTorchOptions);
  constructor(...args: Given) {
    super(read(args, bitshift), bitshift);
  }
}

const neuron: LifVariant = { torch: true, neuronOnly: true };

/** Membranes without synapses: `vmem = vmem * alpha + input + bias + noise`, then spikes as {@link LIF}. */
export class LIFNeuronTorch extends LIFTorchBase<LIFNeuronSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape' | 'tauSyn' | 'hasRec' | 'wRec'>);
  constructor(options: Omit<LIFTorchOptions, 'tauSyn' | 'hasRec' | 'wRec'>);
  constructor(...args: Given) {
    super(read(args, neuron), neuron);
  }
}

const ahp: LifVariant = { ...torch, ahp: true };

/**
 * {@link LIFTorch} with after-hyperpolarisation: each spike adds `wAhp` to a current `iahp` that decays with `tauAhp` and is part of the
 * membrane's input.
 */

export class aLIFTorch extends LIFTorchBase<ALIFSpec> {
  /** Time constants of the after-hyperpolarisation in seconds. */
  declare tauAhp: Matrix | number;
  /** What a spike adds to its current. */
  declare wAhp: Matrix | number;
  /** Currents of the after-hyperpolarisation, [neurons]. */
  declare iahp: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<ALIFOptions, 'shape'>);
  constructor(options: ALIFOptions);
  constructor(...args: Given) {
    super(read(args, ahp), ahp);
  }
}

const gpu: LifVariant = { ...torch, feedForward: true, spikeGenerationFn: 'PeriodicExponential' };

/** {@link LIFTorch} without recurrence and noise, under the name of a module of the original that needs CUDA. Ours runs on the CPU. */
export class LIFExodus extends LIFTorchBase<LIFTorchSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape' | 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(options: Omit<LIFTorchOptions, 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(...args: Given) {
    super(read(args, gpu), gpu);
  }
}

/** {@link LIFExodus} under another name. */
export class LIFSinabs extends LIFExodus {}

const gpuBitshift: LifVariant = { ...gpu, bitshift: true, maxSpikesPerDt: 31 };

/** {@link LIFBitshiftTorch} without recurrence and noise. */
export class LIFBitshiftSinabs extends LIFTorchBase<LIFTorchSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape' | 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(options: Omit<LIFTorchOptions, 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(...args: Given) {
    super(read(args, gpuBitshift), gpuBitshift);
  }
}

const membrane: LifVariant = { ...gpu, outputMembrane: true };

/** Synapses and membranes as {@link LIFExodus}; the output is the membrane potential, and there are no spikes. */
export class LIFMembraneExodus extends LIFTorchBase<LIFTorchSpec> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<LIFTorchOptions, 'shape' | 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(options: Omit<LIFTorchOptions, 'hasRec' | 'wRec' | 'noiseStd'>);
  constructor(...args: Given) {
    super(read(args, membrane), membrane);
  }
}

const classes = {
  ...{ LIF, LIFJax, LIFODEJax, LIFTorch, LIFBitshiftTorch, LIFNeuronTorch, aLIFTorch },
  ...{ LIFExodus, LIFSinabs, LIFBitshiftSinabs, LIFMembraneExodus },
};
for (const [name, cls] of Object.entries(classes)) registerModuleClass(name, cls);
