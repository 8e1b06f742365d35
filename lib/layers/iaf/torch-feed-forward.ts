/** The feed-forward integrate-and-fire layers that the original runs on PyTorch. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { registerLayerClass } from '../registry.js';
import { iafModels } from './model.js';
import type { IAFNoiseOptions, RefractoryOptions, TorchOptions, WeightsInput } from './options.js';
import { TorchLayer } from './torch-layer.js';

/** @inline Options of Torch classes with noise. */
type Options = TorchOptions & IAFNoiseOptions;

/** Integrate-and-fire neurons with continuous input, feed-forward. */
export class FFIAFTorch extends TorchLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: Options);
  constructor(options: Options & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFTorch, args);
  }
}

/** {@link FFIAFTorch} with a refractory period. */
export class FFIAFRefrTorch extends TorchLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: Options & RefractoryOptions);
  constructor(options: Options & RefractoryOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFRefrTorch, args);
  }
}

/** Options of feed-forward layers with events as input. */
export interface SpikingInputOptions extends Options {
  /** Time constants of the synapses in seconds. Default 20e-3. */
  tauSyn?: ArrayInput;
  /** Noise goes through the synapse, as in the original. Default: by `numerics`. */
  noiseOnSynapse?: boolean;
}

abstract class SpikingInputLayer extends TorchLayer {
  /** Time constants of the synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSyn(): Float64Array {
    return this.vector('tauSyn');
  }

  set tauSyn(value: ArrayInput) {
    this.setVector('tauSyn', value);
  }

  /** Whether noise goes through the synapse. */
  get noiseOnSynapse(): boolean {
    return this._settings.noiseOnSynapse;
  }

  /** Synaptic currents, at the present time: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(0);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(0, 'synapseState', value);
  }
}

/** Integrate-and-fire neurons with events as input, through an exponential synapse, feed-forward. */
export class FFIAFSpkInTorch extends SpikingInputLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: SpikingInputOptions);
  constructor(options: SpikingInputOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFSpkInTorch, args);
  }
}

/** {@link FFIAFSpkInTorch} with a refractory period. */
export class FFIAFSpkInRefrTorch extends SpikingInputLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: SpikingInputOptions & RefractoryOptions);
  constructor(options: SpikingInputOptions & RefractoryOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFSpkInRefrTorch, args);
  }
}

registerLayerClass('FFIAFTorch', FFIAFTorch);
registerLayerClass('FFIAFRefrTorch', FFIAFRefrTorch);
registerLayerClass('FFIAFSpkInTorch', FFIAFSpkInTorch);
registerLayerClass('FFIAFSpkInRefrTorch', FFIAFSpkInRefrTorch);
