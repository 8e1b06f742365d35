/** Exponential synapses under the name of the original's PyTorch class. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { checkInteger } from '../../check.js';
import { mergeArguments } from '../arguments.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import type { KernelChoices } from './exp-syn-layer.js';
import { FFExpSyn } from './ff-exp-syn.js';
import type { FFExpSynOptions } from './options.js';

/** Options of {@link FFExpSynTorch}. */
export interface FFExpSynTorchOptions extends FFExpSynOptions {
  /** Time steps that are computed at once, at most. Default 5000. Results do not depend on it. */
  maxNumTimesteps?: number;
}

/** {@link FFExpSyn} under another name. The original's class computes in single precision: ours does with `precision: 'float32'`. */
export class FFExpSynTorch extends FFExpSyn {
  readonly #maxNumTimesteps: number;

  /** As for {@link FFExpSyn}. */
  constructor(weights: ArrayInput, options?: FFExpSynTorchOptions);
  constructor(options: FFExpSynTorchOptions & { weights: ArrayInput });
  constructor(...args: [unknown?, FFExpSynTorchOptions?]) {
    const merged = mergeArguments<FFExpSynTorchOptions & { weights: ArrayInput }>(args, ['weights']);
    const { maxNumTimesteps, ...options } = merged;
    super(options);
    this.#maxNumTimesteps = checkInteger(maxNumTimesteps ?? 5000, 'maxNumTimesteps', { min: 1 });
  }

  /** Time steps that are computed at once, at most. */
  get maxNumTimesteps(): number {
    return this.#maxNumTimesteps;
  }

  /** The entries of {@link FFExpSyn}, and `max_num_timesteps`. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), max_num_timesteps: this.#maxNumTimesteps };
  }

  protected override get outputName(): string {
    return 'Filtered spikes';
  }

  protected override get kernelChoices(): KernelChoices {
    return { ...super.kernelChoices, blockSteps: this.#maxNumTimesteps };
  }
}

registerLayerClass('FFExpSynTorch', FFExpSynTorch);
