/** The recurrent integrate-and-fire layers that the original runs on PyTorch. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { registerLayerClass } from '../registry.js';
import { iafModels } from './model.js';
import type { IAFNoiseOptions, RefractoryOptions, TorchOptions, WeightsInput } from './options.js';
import { TorchLayer } from './torch-layer.js';
import type { Weights } from './weights.js';

/** Options of recurrent layers with continuous input. */
export interface RecurrentOptions extends TorchOptions, IAFNoiseOptions {
  /** Time constants of the recurrent synapses in seconds. Default 50e-3. */
  tauSynR?: ArrayInput;
}

abstract class RecurrentLayer extends TorchLayer {
  /** Time constants of the recurrent synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynR(): Float64Array {
    return this.vector('tauSynR');
  }

  set tauSynR(value: ArrayInput) {
    this.setVector('tauSynR', value);
  }

  /** Synaptic currents, at the present time: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(0);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(0, 'synapseState', value);
  }
}

/** Recurrently connected integrate-and-fire neurons with one continuous input each. */
export class RecIAFTorch extends RecurrentLayer {
  /** @param weights Recurrent weights, `size` x `size`. */
  constructor(weights: WeightsInput, options?: RecurrentOptions);
  constructor(options: RecurrentOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFTorch, args);
  }
}

/** {@link RecIAFTorch} with a refractory period. */
export class RecIAFRefrTorch extends RecurrentLayer {
  /** @param weights Recurrent weights, `size` x `size`. */
  constructor(weights: WeightsInput, options?: RecurrentOptions & RefractoryOptions);
  constructor(options: RecurrentOptions & RefractoryOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFRefrTorch, args);
  }
}

/** Options of recurrent layers with events as input. */
export interface RecurrentSpikingInputOptions extends TorchOptions {
  /** Time constants of the input synapses in seconds. Default 50e-3. */
  tauSynInp?: ArrayInput;
  /** Time constants of the recurrent synapses in seconds. Default 50e-3. */
  tauSynRec?: ArrayInput;
  /** Several events of one channel in a time step count as many. Default true. */
  addEvents?: boolean;
}

/** @inline Both matrices, for the form of the constructor with one object. */
interface BothWeights {
  weightsIn: WeightsInput;
  weightsRec: WeightsInput;
}

abstract class RecurrentSpikingInputLayer extends TorchLayer {
  /** Input weights as they were given. Dense ones are the layer's own array. */
  get weightsIn(): Weights {
    return this.handOutWeights('input');
  }

  set weightsIn(value: WeightsInput) {
    this.putWeights('input', 'weightsIn', value);
  }

  /** Recurrent weights as they were given. Dense ones are the layer's own array. */
  get weightsRec(): Weights {
    return this.handOutWeights('recurrent');
  }

  set weightsRec(value: WeightsInput) {
    this.putWeights('recurrent', 'weightsRec', value);
  }

  /** Time constants of the input synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynInp(): Float64Array {
    return this.vector('tauSynInp');
  }

  set tauSynInp(value: ArrayInput) {
    this.setVector('tauSynInp', value);
  }

  /** Time constants of the recurrent synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynRec(): Float64Array {
    return this.vector('tauSynRec');
  }

  set tauSynRec(value: ArrayInput) {
    this.setVector('tauSynRec', value);
  }

  /** Synaptic currents of the input, at the present time: the layer's own array. */
  get synapseStateInp(): Float64Array {
    return this.current(0);
  }

  set synapseStateInp(value: ArrayInput) {
    this.setCurrent(0, 'synapseStateInp', value);
  }

  /** Synaptic currents of the recurrent connections, at the present time: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(1);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(1, 'synapseState', value);
  }
}

/** Recurrently connected integrate-and-fire neurons with events as input. */
export class RecIAFSpkInTorch extends RecurrentSpikingInputLayer {
  /**
   * @param weightsIn Input weights, `sizeIn` x `size`.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   */
  constructor(
    weightsIn: WeightsInput,
    weightsRec: WeightsInput,
    options?: RecurrentSpikingInputOptions & IAFNoiseOptions,
  );
  constructor(options: RecurrentSpikingInputOptions & IAFNoiseOptions & BothWeights);
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFSpkInTorch, args);
  }
}

/** {@link RecIAFSpkInTorch} with a refractory period. */
export class RecIAFSpkInRefrTorch extends RecurrentSpikingInputLayer {
  /**
   * @param weightsIn Input weights, `sizeIn` x `size`.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   */
  constructor(
    weightsIn: WeightsInput,
    weightsRec: WeightsInput,
    options?: RecurrentSpikingInputOptions & IAFNoiseOptions & RefractoryOptions,
  );
  constructor(options: RecurrentSpikingInputOptions & IAFNoiseOptions & RefractoryOptions & BothWeights);
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFSpkInRefrTorch, args);
  }
}

/** Options of {@link RecIAFSpkInRefrCLTorch}. */
export interface ConstantLeakOptions
  extends Omit<RecurrentSpikingInputOptions, 'integrator' | 'vRest'>, RefractoryOptions {
  /** Potentials to which the leak leads; null: it always goes down. Default -65e-3. */
  vRest?: ArrayInput | null;
  /** What the potential loses in a second, in volts. Default 0.02. */
  leakRate?: ArrayInput;
  /** Smallest potentials in volts; null: no limit. Default -85e-3. */
  stateMin?: ArrayInput | null;
  /**
   * The leak of the original: multiplied by `dt / tauMem` once more, beyond the rest, upwards without a rest, and no bias. Default: by
   * `numerics`.
   */
  legacyConstantLeak?: boolean;
}

/**
 * {@link RecIAFSpkInRefrTorch} whose potential loses a constant amount in each step, until it is at rest, instead of a share:
 * `V += dt / tau_mem (I + bias) - sign(V - V_rest) min(leak_rate dt, |V - V_rest|)`.
 */
export class RecIAFSpkInRefrCLTorch extends RecurrentSpikingInputLayer {
  /**
   * @param weightsIn Input weights, `sizeIn` x `size`.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   */
  constructor(weightsIn: WeightsInput, weightsRec: WeightsInput, options?: ConstantLeakOptions);
  constructor(options: ConstantLeakOptions & BothWeights);
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFSpkInRefrCLTorch, args);
  }

  override get vRest(): Float64Array {
    return super.vRest;
  }

  /** Null: no rest, the leak always goes down. */
  override set vRest(value: ArrayInput | null) {
    this.setVector('vRest', value);
  }

  /** What the potential loses in a second, in volts, one for each unit: the layer's own array. A number sets all. */
  get leakRate(): Float64Array {
    return this.vector('leakRate');
  }

  set leakRate(value: ArrayInput) {
    this.setVector('leakRate', value);
  }

  /** Smallest potentials in volts, one for each unit: the layer's own array, empty where there is no limit. A number sets all, null none. */
  get stateMin(): Float64Array {
    return this.vector('stateMin');
  }

  set stateMin(value: ArrayInput | null) {
    this.setVector('stateMin', value);
  }

  /** Whether the leak is that of the original. */
  get legacyConstantLeak(): boolean {
    return this._settings.legacyConstantLeak;
  }
}

registerLayerClass('RecIAFTorch', RecIAFTorch);
registerLayerClass('RecIAFRefrTorch', RecIAFRefrTorch);
registerLayerClass('RecIAFSpkInTorch', RecIAFSpkInTorch);
registerLayerClass('RecIAFSpkInRefrTorch', RecIAFSpkInRefrTorch);
registerLayerClass('RecIAFSpkInRefrCLTorch', RecIAFSpkInRefrCLTorch);
