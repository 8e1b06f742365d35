/** The integrate-and-fire layers that the original runs on NEST. */
import { type ArrayLike_ as ArrayInput, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, shapeError } from '../../check.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import { mergeArguments } from '../arguments.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { IAFLayer } from './iaf-layer.js';
import { type IAFModel, iafModels } from './model.js';
import { type NestOptions, weightNames, type WeightsInput } from './options.js';
import { atEnd } from './read-outs.js';
import type { Signal } from './record.js';
import type { Weights, WeightsRole } from './weights.js';

/** A layer of the NEST back-end. */
export abstract class NestLayer extends IAFLayer {
  readonly #numCores: number;

  protected constructor(model: IAFModel, args: readonly unknown[]) {
    super(model, args);
    const { numCores } = mergeArguments<Record<string, unknown>>(args, weightNames(model));
    this.#numCores = checkInteger(numCores ?? 1, 'numCores', { min: 1 });
  }

  /** Capacities, one for each unit: the layer's own array. The resistance is `tauMem / capacity`. A number sets all. */
  get capacity(): Float64Array {
    return this.vector('capacity');
  }

  set capacity(value: ArrayInput) {
    this.setVector('capacity', value);
  }

  /** Threads that the original uses. Nothing depends on it here: `setConcurrency` sets the threads of this library. */
  get numCores(): number {
    return this.#numCores;
  }

  /**
   * Membrane potentials of the last evolution: at its start and after each step, T + 1 samples. Null when nothing was recorded in memory.
   */
  get recordedStates(): TSContinuous | null {
    return this.recorded && atEnd(this.recorded, 'vPost');
  }

  /** The original's entries, and the options that are not at their default. Sparse weights are stored as their parts. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), num_cores: this.#numCores };
  }

  protected override recordSignals(): readonly Signal[] {
    return ['vPost'];
  }
}

/** Integrate-and-fire neurons with continuous input, feed-forward, integrated exactly; a unit also fires when it just reaches its threshold. */
export class FFIAFNest extends NestLayer {
  /** @param weights Input weights, `sizeIn` x `size`. */
  constructor(weights: WeightsInput, options?: NestOptions);
  constructor(options: NestOptions & { weights: WeightsInput });
  constructor(...args: unknown[]) {
    super(iafModels.FFIAFNest, args);
  }
}

/** Options of {@link RecIAFSpkInNest}. */
export interface RecIAFSpkInNestOptions extends NestOptions {
  /**
   * Delay of the input in seconds, at least one time step: a number, or one for each weight (`sizeIn` x `size`; one for each entry
   * of a sparse matrix). Rounded to whole steps. An event of a step acts first on the potential of the step that comes so much later.
   * Default 1e-4, or one time step where that is longer.
   */
  delayIn?: ArrayInput;
  /** Delay of the recurrent connections, likewise (`size` x `size`). A spike is at the end of its step. Default as for `delayIn`. */
  delayRec?: ArrayInput;
  /** Time constants of both kinds of synapses, where they are not given, in seconds. Default 50e-3. */
  tauSyn?: ArrayInput;
  /** Time constants of the synapses with positive weights, in seconds. Default `tauSyn`. */
  tauSynExc?: ArrayInput | null;
  /** Time constants of the synapses with negative weights, in seconds. Default `tauSyn`. */
  tauSynInh?: ArrayInput | null;
}

/** A delay as it was given, and in steps. */
interface Delay {
  seconds: number | NdArray<Float64Array>;
  steps: Float64Array;
}

/** @param extra Steps from a spike to where its delay begins to count. */
function readDelay(value: unknown, name: string, weights: Weights, dt: number, extra: number): Delay {
  const given = toNdArray(value ?? Math.max(1e-4, dt), name, 'float64');
  const { shape } = weights;
  const stored = weights instanceof NdArray ? weights.size : weights.nnz;
  const fits =
    weights instanceof NdArray && given.ndim === 2
      ? given.shape[0] === shape[0] && given.shape[1] === shape[1]
      : given.size === stored;
  if (given.size !== 1 && !fits) {
    const what =
      weights instanceof NdArray ? shapeText(shape) : `${stored} numbers (one for each entry of the weights)`;
    throw shapeError(name, `a number or ${what}`, shapeText(given.shape));
  }
  const steps = new Float64Array(given.size);
  native.delaySteps(given.data, dt, extra, name, steps);
  return { seconds: given.size === 1 ? given.data[0] : new NdArray(given.data.slice(), given.shape), steps };
}

const plainDelay = ({ seconds }: Delay): unknown => (typeof seconds === 'number' ? seconds : seconds.toArray());

/**
 * Recurrently connected integrate-and-fire neurons with events as input, integrated exactly. Positive and negative weights have
 * synapses of their own, connections have delays; a unit also fires when it just reaches its threshold.
 */
export class RecIAFSpkInNest extends NestLayer {
  /** @internal What an instance is made from. */
  protected static readonly _iafModel: IAFModel = iafModels.RecIAFSpkInNest;

  readonly #delays: Record<WeightsRole, Delay>;
  /** The two time constants were set together. */
  #together: boolean;

  /**
   * @param weightsIn Input weights, `sizeIn` x `size`.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these. 0 is no connection.
   */
  constructor(weightsIn: WeightsInput, weightsRec: WeightsInput, options?: RecIAFSpkInNestOptions);
  constructor(options: RecIAFSpkInNestOptions & { weightsIn: WeightsInput; weightsRec: WeightsInput });
  constructor(...args: unknown[]) {
    const given = mergeArguments<Record<string, unknown>>(args, weightNames(new.target._iafModel));
    const { tauSyn = 50e-3, tauSynExc, tauSynInh, delayIn, delayRec } = given;
    super(new.target._iafModel, [
      { ...given, tauSynExc: tauSynExc ?? tauSyn, tauSynInh: tauSynInh ?? tauSyn, tauSyn: undefined },
    ]);
    this.#together = (tauSynExc ?? null) === null && (tauSynInh ?? null) === null;
    this.#delays = {
      input: readDelay(delayIn, 'delayIn', this._weightsOf('input'), this.dt, 0),
      recurrent: readDelay(delayRec, 'delayRec', this._weightsOf('recurrent'), this.dt, 1),
    };
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

  /** Delay of the input in seconds, as it was given. */
  get delayIn(): number | NdArray<Float64Array> {
    return this.#delays.input.seconds;
  }

  /** Delay of the recurrent connections in seconds, as it was given. */
  get delayRec(): number | NdArray<Float64Array> {
    return this.#delays.recurrent.seconds;
  }

  /** Time constants of both kinds of synapses, when they were set together; otherwise null. Setting it sets both. */
  get tauSyn(): Float64Array | null {
    return this.#together ? this._parameters.get('tauSynExc').slice() : null;
  }

  set tauSyn(value: ArrayInput) {
    this.setVector('tauSynExc', value);
    this.setVector('tauSynInh', value);
    this.#together = true;
  }

  /** Time constants of the synapses with positive weights in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynExc(): Float64Array {
    return this.vector('tauSynExc');
  }

  set tauSynExc(value: ArrayInput) {
    this.setVector('tauSynExc', value);
    this.#together = false;
  }

  /** Time constants of the synapses with negative weights in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynInh(): Float64Array {
    return this.vector('tauSynInh');
  }

  set tauSynInh(value: ArrayInput) {
    this.setVector('tauSynInh', value);
    this.#together = false;
  }

  /** Synaptic currents through positive weights: the layer's own array. */
  get synapseStateExc(): Float64Array {
    return this.current(0);
  }

  set synapseStateExc(value: ArrayInput) {
    this.setCurrent(0, 'synapseStateExc', value);
  }

  /** Synaptic currents through negative weights: the layer's own array. */
  get synapseStateInh(): Float64Array {
    return this.current(1);
  }

  set synapseStateInh(value: ArrayInput) {
    this.setCurrent(1, 'synapseStateInh', value);
  }

  /** The original's entries, and the options that are not at their default. Sparse weights are stored as their parts. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { input, recurrent } = this.#delays;
    return { ...super.toDict(options), delay_in: plainDelay(input), delay_rec: plainDelay(recurrent) };
  }

  protected override putWeights(role: WeightsRole, name: string, value: unknown): void {
    const before = this._weightsOf(role);
    super.putWeights(role, name, value);
    const { length } = this.#delays[role].steps;
    const weights = this._weightsOf(role);
    const stored = weights instanceof NdArray ? weights.size : weights.nnz;
    if (length === 1 || length === stored) return;
    super.putWeights(role, name, before);
    const fitting = `weights with ${length} entries, as many as there are delays`;
    throw shapeError(name, fitting, `${stored} entries`);
  }

  protected override delaySteps(role: WeightsRole): Float64Array {
    return this.#delays[role].steps;
  }
}

registerLayerClass('FFIAFNest', FFIAFNest);
registerLayerClass('RecIAFSpkInNest', RecIAFSpkInNest);
