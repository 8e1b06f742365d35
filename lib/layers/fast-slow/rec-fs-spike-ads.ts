/** The layer of networks that learn a dynamical system: long, since it is all that can be set. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { checkFinite } from '../exp-syn/options.js';
import { checkBoolean, checkInstance, checkNumber, checkOptions, rangeError, shapeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { timeOf } from '../../time-grid.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import { mergeArguments } from '../arguments.js';
import { checkMatrix } from '../jax/parameters.js';
import type { Layer } from '../layer.js';
import * as prepare from '../prepare-input.js';
import { registerLayerClass } from '../registry.js';
import { snapshotArray } from '../snapshot.js';
import type { LayerConfig, LayerSnapshot, ToDictOptions } from '../types.js';
import { defined, readPair } from './arrays.js';
import { FastSlowLayer } from './fast-slow-layer.js';
import { type FastSlowOptions, fastSlowOptionNames } from './options.js';
import { discretizeInto, quantizeWeightsDynapseII, readLevels } from './quantize.js';
import { type FastSlowRecord, noTeaching, type Teaching } from './run.js';

/**
 * Options of {@link RecFSSpikeADS}. Defaults: `tauMem` 0.05, `tauSynRFast` and `tauSynRSlow` 0.07, `vThresh` 1, `vReset` 0, `vRest` 0.5; `dt` a
 * tenth of the smallest time constant of the synapses.
 */
export interface RecFSSpikeADSOptions extends FastSlowOptions {
  /** Learning rate. */
  eta: number;
  /** How strongly the error drives the units while they learn. */
  k: number;
  /** Time constants of the outputs in seconds: a number or one for each output. Their mean is that of the rates. Default 0.07. */
  tauSynROut?: ArrayInput;
  /** Keep the last evolution for `recordedStates`. Default false. */
  record?: boolean;
  /** Number of different values that the slow weights have in an evolution; -1: any number. Default -1. */
  discretize?: number;
  /** The slow weights of an evolution are such as fit on a chip, see `quantizeWeightsDynapseII`; wins over `discretize`. Default false. */
  discretizeDynapse?: boolean;
}

/** @inline All weights, for the form of the constructor with one object. */
interface AllWeights {
  weightsFast: ArrayInput;
  weightsSlow: ArrayInput;
  weightsIn: ArrayInput;
  weightsOut: ArrayInput;
}

const weightNames = ['weightsFast', 'weightsSlow', 'weightsIn', 'weightsOut'] as const;
const ownNames = ['eta', 'k', 'tauSynROut', 'record', 'discretize', 'discretizeDynapse'];
const optionNames = [...weightNames, ...ownNames, ...fastSlowOptionNames];

const defaults = { bias: 0, tauMem: 0.05, tauSynRFast: 0.07, tauSynRSlow: 0.07, vThresh: 1, vReset: 0, vRest: 0.5 };

/**
 * Neurons as those of {@link RecFSSpikeEulerBT}, whose potentials do not fall below 0, with filtered outputs that learn to follow a target:
 * while `isTraining`, the error of the outputs drives the units, and at the end of each evolution the slow weights are changed along the
 * correlation of the units' rates with that drive, by `eta` on average. `NetworkADS` builds such networks.
 *
 * Model: Alemi, Machens, Deneve, Slotine, arXiv:1705.08026.
 */
export class RecFSSpikeADS extends FastSlowLayer {
  readonly #discretize: number;
  readonly #discretizeDynapse: boolean;
  readonly #discretized: Matrix;
  readonly #kInitial: number;
  readonly #etaInitial: number;
  #k: number;
  #eta: number;
  #record: boolean;
  #isTraining = false;
  #tsTarget: TSContinuous | null = null;
  #percentageSuppress: number | null = null;
  #tStartSuppress: number | null = null;
  #tStopSuppress: number | null = null;

  /**
   * @param weightsFast Weights of the fast synapses in volts, `size` x `size`, indexed **[post, pre]**: column j holds the effect of unit j.
   * @param weightsSlow Weights of the slow synapses, `size` x `size`, indexed [pre, post]: row j holds the effect of unit j.
   * @param weightsIn How the errors of the outputs drive the units, outputs x `size`.
   * @param weightsOut How the spikes of the units make the outputs, `size` x outputs.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(
    weightsFast: ArrayInput,
    weightsSlow: ArrayInput,
    weightsIn: ArrayInput,
    weightsOut: ArrayInput,
    options: RecFSSpikeADSOptions,
  );
  constructor(options: RecFSSpikeADSOptions & AllWeights);
  constructor(...args: unknown[]) {
    type Given = RecFSSpikeADSOptions & AllWeights;
    const given = checkOptions<Given>(mergeArguments<Given>(args, weightNames), 'options', optionNames);
    const [weightsFast, weightsSlow] = readPair(given.weightsFast, given.weightsSlow);
    const size = weightsFast.shape[0];
    const weightsIn = checkMatrix(given.weightsIn, 'weightsIn', undefined, undefined, `outputs x ${size}`);
    const [outputs] = weightsIn.shape;
    if (weightsIn.shape[1] !== size)
      throw shapeError('weightsIn', `outputs x ${size}`, `${outputs} x ${weightsIn.shape[1]}`);
    const weightsOut = checkMatrix(given.weightsOut, 'weightsOut', size, outputs, 'size x outputs');
    super({ ...given, weightsFast, weightsSlow, vectors: { ...defaults, ...defined(given) }, outputs });
    this._arrays.put('weightsIn', weightsIn);
    this._arrays.put('weightsOut', weightsOut);
    this._arrays.putVector('tauSynROut', given.tauSynROut ?? 0.07, outputs);
    this.#eta = this.#etaInitial = checkNumber(given.eta, 'eta');
    this.#k = this.#kInitial = checkNumber(given.k, 'k');
    this.#record = checkBoolean(given.record ?? false, 'record');
    this.#discretize = readLevels(given.discretize ?? -1);
    this.#discretizeDynapse = checkBoolean(given.discretizeDynapse ?? false, 'discretizeDynapse');
    if (this.#discretizeDynapse && size > 1024)
      throw rangeError('discretizeDynapse', 'false for more than 1024 units', true);
    this.#discretized = NdArray.zeros([size, size]);
    this._plan(); // checks what remains
    this.resetAll();
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** What a spike adds to the slow currents, `size` x `size`, indexed [pre, post]: the layer's own array, which training changes. */
  get weightsSlow(): Matrix {
    return this._arrays.handOut('weightsSlow');
  }

  set weightsSlow(value: ArrayInput) {
    this.putMatrix('weightsSlow', value, 'size x size');
  }

  /** The slow weights that an evolution uses now: a copy. */
  get weightsSlowDiscretized(): Matrix {
    this._plan();
    return new NdArray(this.slowWeights().weights.slice(), [this.size, this.size]);
  }

  /** How the errors of the outputs drive the units, outputs x `size`: the layer's own array. */
  get weightsIn(): Matrix {
    return this._arrays.handOut('weightsIn');
  }

  set weightsIn(value: ArrayInput) {
    this.putMatrix('weightsIn', value, 'outputs x size');
  }

  /** How the spikes of the units make the outputs, `size` x outputs: the layer's own array. */
  get weightsOut(): Matrix {
    return this._arrays.handOut('weightsOut');
  }

  set weightsOut(value: ArrayInput) {
    this.putMatrix('weightsOut', value, 'size x outputs');
  }

  /** Time constants of the outputs in seconds, one for each: the layer's own array. A number sets all. */
  get tauSynROut(): Float64Array {
    return this._arrays.handOut('tauSynROut').data;
  }

  set tauSynROut(value: ArrayInput) {
    this.putVector('tauSynROut', value, this._traces.out.length);
  }

  /** Number of outputs. The layer emits its spikes; the outputs are `iSO`. */
  get outSize(): number {
    return this._traces.out.length;
  }

  /** Learning rate: the mean magnitude of the change of a slow weight in an evolution. */
  get eta(): number {
    return this.#eta;
  }

  set eta(value: number) {
    this.checkIdle();
    this.#eta = checkNumber(value, 'eta');
  }

  /** How strongly the error drives the units while they learn. */
  get k(): number {
    return this.#k;
  }

  set k(value: number) {
    this.checkIdle();
    this.#k = checkNumber(value, 'k');
  }

  /** The learning rate that the layer was made with. */
  get etaInitial(): number {
    return this.#etaInitial;
  }

  /** The factor of the error that the layer was made with. */
  get kInitial(): number {
    return this.#kInitial;
  }

  /** Number of different values of the slow weights in an evolution; -1: any number. */
  get discretize(): number {
    return this.#discretize;
  }

  /** Whether the slow weights of an evolution are such as fit on a chip. */
  get discretizeDynapse(): boolean {
    return this.#discretizeDynapse;
  }

  // ---- Training ---------------------------------------------------------------------------------------------------

  /** Whether the layer learns: evolutions then need a {@link tsTarget}. Default false. */
  get isTraining(): boolean {
    return this.#isTraining;
  }

  set isTraining(value: boolean) {
    this.checkIdle();
    this.#isTraining = checkBoolean(value, 'isTraining');
  }

  /** What the outputs are to be while the layer learns: a series with one channel for each output; null for none. */
  get tsTarget(): TSContinuous | null {
    return this.#tsTarget;
  }

  set tsTarget(value: TSContinuous | null) {
    this.checkIdle();
    if (value !== null) {
      checkInstance(value, 'tsTarget', TSContinuous);
      if (value.numChannels !== this.outSize)
        throw shapeError('tsTarget', `a series of ${this.outSize} channels`, `${value.numChannels} channels`);
      checkFinite(value.samples.data, 'tsTarget.samples');
    }
    this.#tsTarget = value;
  }

  /** The share of the units, from the first on, that are held at reset between `tStartSuppress` and `tStopSuppress`; null for none. */
  get percentageSuppress(): number | null {
    return this.#percentageSuppress;
  }

  set percentageSuppress(value: number | null) {
    this.checkIdle();
    this.#percentageSuppress = value === null ? null : checkNumber(value, 'percentageSuppress', { min: 0, max: 1 });
  }

  /** Time in seconds after which units are held; null: they are not. */
  get tStartSuppress(): number | null {
    return this.#tStartSuppress;
  }

  set tStartSuppress(value: number | null) {
    this.checkIdle();
    this.#tStartSuppress = value === null ? null : checkNumber(value, 'tStartSuppress');
  }

  /** Time in seconds up to which units are held; null: they are not. */
  get tStopSuppress(): number | null {
    return this.#tStopSuppress;
  }

  set tStopSuppress(value: number | null) {
    this.checkIdle();
    this.#tStopSuppress = value === null ? null : checkNumber(value, 'tStopSuppress');
  }

  // ---- State and record -------------------------------------------------------------------------------------------

  /** Outputs: the spikes weighted by `weightsOut` and filtered. The layer's own array. */
  get iSO(): Float64Array {
    return this._traces.out;
  }

  set iSO(value: ArrayInput) {
    this._setTrace('out', 'iSO', value);
  }

  /** Filtered spikes of each unit, each of weight 1: the layer's own array. */
  get rate(): Float64Array {
    return this._traces.rate;
  }

  set rate(value: ArrayInput) {
    this._setTrace('rate', 'rate', value);
  }

  /** Whether the last evolution is kept for {@link recordedStates}. */
  get record(): boolean {
    return this.#record;
  }

  set record(value: boolean) {
    this.checkIdle();
    this.#record = checkBoolean(value, 'record');
  }

  /**
   * The state of the neurons in the last evolution, with rates `r` and outputs `out`; null unless `record`. It is computed when it is first
   * read, by running that evolution again.
   *
   * @throws RockpoolError `ERR_STATE` before the first evolution, or when a series was changed since.
   */
  get recordedStates(): FastSlowRecord | null {
    return this.#record ? this.lastRecord('recordedStates') : null;
  }

  /** All arguments of the constructor, and the sizes `N`, `Nc` and `Nb`, which the original's network loader wants. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      ...{ N: this.size, Nc: this.outSize, Nb: this.size },
      weights_in: this._arrays.get('weightsIn').toArray(),
      weights_out: this._arrays.get('weightsOut').toArray(),
      tau_syn_r_out: Array.from(this._arrays.data('tauSynROut')),
      ...{ eta: this.#eta, k: this.#k, record: this.#record },
      discretize: this.#discretize,
      discretize_dynapse: this.#discretizeDynapse,
    };
  }

  /** Makes a layer from the entries of a dictionary; the sizes in it follow from the weights. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    const { record, ...rest } = options;
    for (const size of ['N', 'Nc', 'Nb']) delete rest[size];
    const Class = this as new (options: Record<string, unknown>) => Layer;
    return new Class({ ...rest, ...(record !== undefined && { record: Boolean(record) }) });
  }

  /** A copy of all that changes when the layer evolves; while it learns, the slow weights too. */
  override snapshot(): LayerSnapshot {
    const learning = this.#isTraining && { weightsSlow: this._arrays.data('weightsSlow').slice() };
    return { ...super.snapshot(), ...learning };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    if (snapshot['weightsSlow'] === undefined) return putBack;
    const weights = snapshotArray(snapshot, 'weightsSlow', 'float64', this.size ** 2);
    return () => {
      putBack();
      this.#takeWeights(weights);
    };
  }

  protected override slowWeights(): { weights: Float64Array; byPre: boolean } {
    const slow = this._arrays.get('weightsSlow');
    if (this.#discretizeDynapse) this.#discretized.data.set(quantizeWeightsDynapseII(this.size, slow).data);
    else if (this.#discretize !== -1) discretizeInto(slow, this.#discretize, this.#discretized);
    else return { weights: slow.data, byPre: true };
    return { weights: this.#discretized.data, byPre: true };
  }

  protected override adaptiveParameters(): [Float64Array, Float64Array, Float64Array, number] {
    const tau = this._arrays.data('tauSynROut');
    const mean = tau.reduce((sum, t) => sum + t, 0) / tau.length;
    return [this._arrays.data('weightsIn'), this._arrays.data('weightsOut'), tau, mean];
  }

  protected override get keepsLast(): boolean {
    return this.#record;
  }

  protected override teaching(steps: number): Teaching {
    const [share, from, to] = [this.#percentageSuppress, this.#tStartSuppress, this.#tStopSuppress];
    const suppressed = share === null || from === null || to === null ? 0 : Math.floor(this.size * share);
    const suppression = { ...noTeaching, suppressed, suppressFrom: from ?? 0, suppressTo: to ?? 0 };
    if (!this.#isTraining) return suppression;
    const target = this.#targetWindow(steps);
    const learned = this._arrays.data('weightsSlow').slice();
    return { ...suppression, k: this.#k, eta: this.#eta, target, learned };
  }

  protected override evolved(_output: TSEvent, { learned }: Teaching): void {
    if (learned) this.#takeWeights(learned);
  }

  /** Writes the slow weights into the array that users may hold. */
  #takeWeights(weights: Float64Array): void {
    const { data } = this._arrays.get('weightsSlow');
    if (data.length === weights.length) data.set(weights);
    else this._arrays.put('weightsSlow', new NdArray(weights.slice(), [this.size, this.size]));
    this.dropPlan();
  }

  /** The target in the steps of an evolution, which it must cover. */
  #targetWindow(steps: number): Teaching['target'] {
    const target = this.#tsTarget;
    if (!target) {
      throw new RockpoolError(
        'ERR_STATE',
        `${this.startPrint}expected tsTarget to be set while isTraining is true, received none`,
      );
    }
    const { t, dt, startPrint } = this;
    const last = timeOf(this.timestep + Math.max(steps - 1, 0), 0, dt);
    const slack = 1e-3 * dt;
    if (!target.periodic && steps > 0 && (target.tStart > t + slack || target.tStop < last - slack)) {
      const what = `a series that covers the evolution from ${t} to ${last}`;
      throw rangeError('tsTarget', what, `${target.tStart} to ${target.tStop}`, 'ERR_TIME_RANGE');
    }
    const input = { startPrint, t, dt, sizeIn: this.outSize, inputType: TSContinuous, inputName: 'tsTarget' };
    return prepare.samplingWindow(input, target, { numTimesteps: steps });
  }
}

registerLayerClass('RecFSSpikeADS', RecFSSpikeADS);
