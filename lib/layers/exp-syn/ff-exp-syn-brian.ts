/** Exponential synapses under the name of the original's Brian class. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkOneOf, rangeError } from '../../check.js';
import { mergeArguments } from '../arguments.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import type { KernelChoices } from './exp-syn-layer.js';
import { FFExpSyn } from './ff-exp-syn.js';
import type { FFExpSynOptions } from './options.js';

/** How currents decay in a time step: exactly, or as one step of the classical Runge-Kutta or of the Euler method has it. */
export type ExpSynIntegrator = 'exact' | 'rk4' | 'euler';

/** Options of {@link FFExpSynBrian}. */
export interface FFExpSynBrianOptions extends FFExpSynOptions {
  /** Default `'exact'`. */
  integratorName?: ExpSynIntegrator;
}

const decays = { euler: 0, exact: 1, rk4: 2 } as const;

/** {@link FFExpSyn} under another name, with the time step fixed at construction. */
export class FFExpSynBrian extends FFExpSyn {
  readonly #integratorName: ExpSynIntegrator;

  /** As for {@link FFExpSyn}; a `dt` of null is the default. */
  constructor(weights: ArrayInput, options?: FFExpSynBrianOptions);
  constructor(options: FFExpSynBrianOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, FFExpSynBrianOptions?]) {
    const merged = mergeArguments<FFExpSynBrianOptions & { weights: ArrayInput }>(args, ['weights']);
    const { integratorName, dt, ...options } = merged;
    super({ ...options, ...(dt !== undefined && dt !== null && { dt }) });
    this.#integratorName = checkOneOf(integratorName ?? 'exact', 'integratorName', ['exact', 'rk4', 'euler']);
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RangeError: the time step is that of the construction. */
  override set dt(value: number) {
    throw rangeError('dt', `the one of the construction, ${super.dt}`, value);
  }

  /** How currents decay in a time step. */
  get integratorName(): ExpSynIntegrator {
    return this.#integratorName;
  }

  /** The entries of {@link FFExpSyn}, and `integrator_name` where it is not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      ...(this.#integratorName !== 'exact' && { integrator_name: this.#integratorName }),
    };
  }

  protected override get kernelChoices(): KernelChoices {
    return { ...super.kernelChoices, decay: decays[this.#integratorName] };
  }
}

registerLayerClass('FFExpSynBrian', FFExpSynBrian);
