/** The integrate-and-fire layers that the original runs on Brian. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkOneOf, checkOptions } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { registerLayerClass } from '../registry.js';
import { IAFLayer } from './iaf-layer.js';
import { iafModels, type VectorName } from './model.js';
import type { BrianCurrentOptions, BrianOptions, IAFIntegrator, NeuronEquations, WeightsInput } from './options.js';
import { atStart, potentialAtStart } from './read-outs.js';
import type { Signal } from './record.js';
import {
  readMstSettings,
  recordOfWindow,
  tempotronMethods,
  type TrainMstMethodOptions,
  type TrainMstOptions,
  type TrainMstResult,
  trainTempotron,
} from './tempotron.js';
import type { Weights } from './weights.js';

/**
 * What was recorded in the last evolution, at the start of each time step. With `record: { every }`, potentials are those at the ends of the
 * recorded steps.
 */
export interface StateMonitor {
  /** Membrane potentials, in volts. */
  v: TSContinuous;
  /** Synaptic current, where there is one. */
  iSyn?: TSContinuous;
  /** Synaptic current of the input, where it is apart. */
  iSynInp?: TSContinuous;
  /** Synaptic current of the recurrent connections, where it is apart. */
  iSynRec?: TSContinuous;
  /** All currents with the bias, in layers with continuous input. */
  iTotal?: TSContinuous;
}

abstract class BrianLayer extends IAFLayer {
  /** How the equations are integrated. */
  get integratorName(): IAFIntegrator {
    return this._settings.integrator;
  }

  /** Equations of the membrane. */
  get neuronEq(): NeuronEquations {
    return this._settings.neuronEq;
  }

  /** The record of the last evolution; null when nothing was recorded in memory. */
  get stateMonitor(): StateMonitor | null {
    const { recorded } = this;
    if (!recorded) return null;
    const monitor: Record<string, TSContinuous> & StateMonitor = { v: potentialAtStart(recorded, 'v') };
    this._model.currents.forEach(({ record }, slot) => {
      monitor[record] = atStart(recorded, slot === 0 ? 'current0' : 'current1', record);
    });
    if (recorded.bias) monitor.iTotal = atStart(recorded, 'total', 'iTotal').add(this.#recordedBias(recorded.bias));
    return monitor;
  }

  #recordedBias(bias: Float64Array): number[] {
    const { record } = this;
    const channels = typeof record === 'object' && record.channels ? (record.channels as number[]) : null;
    return channels ? channels.map((c) => bias[c]) : Array.from(bias);
  }

  protected override recordSignals(): readonly Signal[] {
    const signals: Signal[] = ['vPost'];
    if (this._model.currents.length > 0) signals.push('current0');
    if (this._model.currents.length > 1) signals.push('current1');
    if (this._model.input !== 'events') signals.push('total');
    return signals;
  }
}

abstract class BrianCurrentLayer extends BrianLayer {
  /** Whether the end of a step sees the next sample of the input. */
  get blendInput(): boolean {
    return this._settings.blendInput;
  }
}

/** Integrate-and-fire neurons with continuous input, feed-forward: `tau_mem dV/dt = V_rest - V + input W + bias`. */
export class FFIAFBrian extends BrianCurrentLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: BrianCurrentOptions);
  constructor(options: BrianCurrentOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFBrian, args);
  }
}

/** Options of {@link FFIAFSpkInBrian}. */
export interface FFIAFSpkInBrianOptions extends BrianOptions {
  /** Time constants of the synapses in seconds. Default 20e-3. */
  tauSyn?: ArrayInput;
}

/** Integrate-and-fire neurons with events as input, through an exponential synapse, feed-forward. */
export class FFIAFSpkInBrian extends BrianLayer {
  /** Change of the weights in the last batch of a training. */
  #weightChange: Float64Array | null = null;

  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: FFIAFSpkInBrianOptions);
  constructor(options: FFIAFSpkInBrianOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFSpkInBrian, args);
  }

  /** Time constants of the synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSyn(): Float64Array {
    return this.vector('tauSyn');
  }

  set tauSyn(value: ArrayInput) {
    this.setVector('tauSyn', value);
  }

  /** Synaptic currents: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(0);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(0, 'synapseState', value);
  }

  /**
   * The potential of each unit at times after an input spike of weight 1, without leak from other input or threshold: `t` by `size`.
   * It is 0 before the spike. For equal time constants it is `t / tau * exp(-t / tau)`.
   */
  potKernel(t: ArrayInput): Matrix {
    const times = toNdArray(t, 't', 'float64').data;
    const out = allocate([times.length, this.size], 'the potentials');
    native.potentialKernel(times, this._parameters.get('tauSyn'), this._parameters.get('tauMem'), out);
    return new NdArray(out, [times.length, this.size]);
  }

  /**
   * Trains with the method of that name: `'mst'` or `'multi-spike tempotron'` for {@link trainMstSimple}.
   *
   * @param tsTarget Not used; null.
   * @param tsInput Events that the layer got.
   * @throws TypeError without `duration` or `tStart`, RangeError `ERR_VALUE` for an unknown method.
   */
  train(tsTarget: unknown, tsInput: TimeSeries | null, options: TrainMstMethodOptions): TrainMstResult {
    void tsTarget;
    const { method = 'mst', ...rest } = checkOptions<TrainMstMethodOptions>(
      options,
      'options',
      Object.keys(options ?? {}),
    );
    checkOneOf(method, 'method', tempotronMethods);
    return this.trainMstSimple({ ...rest, tsInput });
  }

  /**
   * The multi-spike tempotron in its simple form, without gradients, over a window of the last evolution: where a unit emitted more spikes than
   * it should, the weights of its eligible synapses are lowered by `lambda`, where fewer, raised. Eligible are those, in the share `eligibilityRatio`,
   * whose input spikes are best correlated with the potential that follows: the sum over spikes s and recorded times t of
   * `potKernel(t - s) * (V(t) - vRest)`. Of equal ones the first inputs count. The layer must have been made with `record`.
   *
   * Model: Guetig, Science 351 (2016).
   *
   * @throws TypeError without `duration` or `tStart`; RockpoolError `ERR_STATE` when the last evolution was not recorded or does not cover the
   *   window, and for sparse weights. An error changes nothing.
   */
  trainMstSimple(options: TrainMstOptions): TrainMstResult {
    this.checkIdle();
    const settings = readMstSettings(this, options);
    const recorded = recordOfWindow(this, this.recorded, settings);
    const given = this._weightsOf('input');
    if (!(given instanceof NdArray))
      throw new RockpoolError(
        'ERR_STATE',
        `${this.startPrint}expected dense weights for a training, received sparse ones`,
      );
    const weights = new NdArray(given.data.slice(), given.shape);
    const before = settings.isFirst ? null : this.#weightChange;
    const change = before?.slice() ?? new Float64Array(weights.size);
    const of = (name: VectorName): Float64Array => this._parameters.get(name);
    const neurons = { vRest: of('vRest'), tauSyn: of('tauSyn'), tauMem: of('tauMem') };
    const result = trainTempotron(this, neurons, recorded, settings, weights.data, change);
    this.weights = weights;
    this.#weightChange = change;
    return result;
  }
}

/** Options of {@link RecIAFBrian}. */
export interface RecIAFBrianOptions extends BrianCurrentOptions {
  /** Time constants of the recurrent synapses in seconds. Default 50e-3. */
  tauSynR?: ArrayInput;
}

/** Recurrently connected integrate-and-fire neurons with one continuous input each. */
export class RecIAFBrian extends BrianCurrentLayer {
  /** @param weights Recurrent weights, `size` x `size`. */
  constructor(weights: WeightsInput, options?: RecIAFBrianOptions);
  constructor(options: RecIAFBrianOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFBrian, args);
  }

  /** Time constants of the recurrent synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynR(): Float64Array {
    return this.vector('tauSynR');
  }

  set tauSynR(value: ArrayInput) {
    this.setVector('tauSynR', value);
  }

  /** Synaptic currents: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(0);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(0, 'synapseState', value);
  }
}

/** Options of {@link RecIAFSpkInBrian}. */
export interface RecIAFSpkInBrianOptions extends BrianOptions {
  /** Time constants of the input synapses in seconds. Default 50e-3. */
  tauSynInp?: ArrayInput;
  /** Time constants of the recurrent synapses in seconds. Default 50e-3. */
  tauSynRec?: ArrayInput;
}

/** Recurrently connected integrate-and-fire neurons with events as input. */
export class RecIAFSpkInBrian extends BrianLayer {
  /**
   * @param weightsIn Input weights, `sizeIn` x `size`.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   */
  constructor(weightsIn: WeightsInput, weightsRec: WeightsInput, options?: RecIAFSpkInBrianOptions);
  constructor(options: RecIAFSpkInBrianOptions & { weightsIn: WeightsInput; weightsRec: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.RecIAFSpkInBrian, args);
  }

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

  /** Synaptic currents of the input: the layer's own array. */
  get synapseStateInp(): Float64Array {
    return this.current(0);
  }

  set synapseStateInp(value: ArrayInput) {
    this.setCurrent(0, 'synapseStateInp', value);
  }

  /** Synaptic currents of the recurrent connections: the layer's own array. */
  get synapseState(): Float64Array {
    return this.current(1);
  }

  set synapseState(value: ArrayInput) {
    this.setCurrent(1, 'synapseState', value);
  }
}

registerLayerClass('FFIAFBrian', FFIAFBrian);
registerLayerClass('FFIAFSpkInBrian', FFIAFSpkInBrian);
registerLayerClass('RecIAFBrian', RecIAFBrian);
registerLayerClass('RecIAFSpkInBrian', RecIAFSpkInBrian);
