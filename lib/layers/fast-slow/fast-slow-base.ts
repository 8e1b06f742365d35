/** Parameters and state of the layers with fast and slow synapses: long, since it is all that can be set. */
import { type ArrayLike_ as ArrayInput, type Matrix, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOneOf, rangeError, shapeError } from '../../check.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { Layer } from '../layer.js';
import { type NoiseScaling, smallest } from '../rate-options.js';
import { snapshotArray } from '../snapshot.js';
import type { LayerConfig, LayerSnapshot, ToDictOptions } from '../types.js';
import { snakeCase } from '../config.js';
import { ParameterArrays } from './arrays.js';
import type { FastSlowParameters, FastSlowPlan } from './native.js';
import { type FastSlowOptions, type FastSlowVector, noRefractory, vectorNames } from './options.js';
import type { FastSlowState } from './run.js';

const none = (): Float64Array => new Float64Array(0);

/** What {@link FastSlowBase} is made from: a time step of null is a tenth of the smallest time constant of the synapses. */
export type FastSlowParts = Omit<FastSlowOptions, FastSlowVector> & {
  weightsFast: Matrix;
  weightsSlow: Matrix;
  vectors: Readonly<Record<FastSlowVector, ArrayInput>>;
  /** Outputs of the adaptive layer. */
  outputs: number;
};

/** What a layer with fast and slow synapses is made from; `FastSlowLayer` adds how it evolves. */
export abstract class FastSlowBase extends Layer {
  /** @internal */
  protected readonly _arrays: ParameterArrays;
  readonly #outputs: number;
  readonly #noiseScaling: NoiseScaling;
  #refractory: number;
  #plan: FastSlowPlan | null = null;
  #fast = none();
  #slow = none();
  #held = none();
  #out = none();
  #rate = none();
  #pending = none();

  protected constructor({ weightsFast, weightsSlow, vectors, outputs, ...options }: FastSlowParts) {
    const size = weightsFast.shape[0];
    const arrays = new ParameterArrays();
    arrays.put('weightsFast', weightsFast);
    arrays.put('weightsSlow', weightsSlow);
    for (const name of vectorNames) arrays.putVector(name, vectors[name], size);
    const { noiseStd, name, seed, refractory = noRefractory, noiseScaling = 'stationary' } = options;
    const dt = options.dt ?? Math.min(smallest(arrays.data('tauSynRFast')), smallest(arrays.data('tauSynRSlow'))) / 10;
    // The base class only needs the shape; the weights are kept here.
    super({ shape: [size, size] } as unknown as ArrayInput, {
      dt,
      noiseStd,
      name,
      ...(seed !== undefined && { seed }),
    });
    this._arrays = arrays;
    this.#outputs = outputs;
    this.#refractory = checkNumber(refractory, 'refractory');
    this.#noiseScaling = checkOneOf<NoiseScaling>(noiseScaling, 'noiseScaling', ['stationary', 'legacy']);
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** The same as {@link weightsFast}. */
  override get weights(): Matrix {
    return this.weightsFast;
  }

  override set weights(value: ArrayInput) {
    this.weightsFast = value;
  }

  /**
   * What a spike adds to the fast currents, `size` x `size`, indexed **[post, pre]**: column j holds the effect of unit j. All other layers
   * have the transposed convention. The layer's own array, so that writing an element takes effect.
   */
  get weightsFast(): Matrix {
    return this._arrays.handOut('weightsFast');
  }

  set weightsFast(value: ArrayInput) {
    this.putMatrix('weightsFast', value, 'size x size');
  }

  /** Constant input in volts, one for each unit: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    return this._arrays.handOut('bias').data;
  }

  set bias(value: ArrayInput) {
    this.putVector('bias', value);
  }

  /** Time constants of the membranes in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauMem(): Float64Array {
    return this._arrays.handOut('tauMem').data;
  }

  set tauMem(value: ArrayInput) {
    this.putVector('tauMem', value);
  }

  /** Time constants of the fast synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynRFast(): Float64Array {
    return this._arrays.handOut('tauSynRFast').data;
  }

  set tauSynRFast(value: ArrayInput) {
    this.putVector('tauSynRFast', value);
  }

  /** Time constants of the slow synapses in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauSynRSlow(): Float64Array {
    return this._arrays.handOut('tauSynRSlow').data;
  }

  set tauSynRSlow(value: ArrayInput) {
    this.putVector('tauSynRSlow', value);
  }

  /** Thresholds in volts, one for each unit: the layer's own array. A number sets all. Each must be above `vReset`. */
  get vThresh(): Float64Array {
    return this._arrays.handOut('vThresh').data;
  }

  set vThresh(value: ArrayInput) {
    this.putVector('vThresh', value);
  }

  /** Potentials after a spike in volts, one for each unit: the layer's own array. A number sets all. */
  get vReset(): Float64Array {
    return this._arrays.handOut('vReset').data;
  }

  set vReset(value: ArrayInput) {
    this.putVector('vReset', value);
  }

  /** Potentials at rest in volts, one for each unit: the layer's own array. A number sets all. */
  get vRest(): Float64Array {
    return this._arrays.handOut('vRest').data;
  }

  set vRest(value: ArrayInput) {
    this.putVector('vRest', value);
  }

  /** Time after a spike in which a unit is held at `vReset`, in seconds; 0 or less: none. */
  get refractory(): number {
    return this.#refractory;
  }

  set refractory(value: number) {
    this.checkIdle();
    this.#refractory = checkNumber(value, 'refractory');
    this.dropPlan();
  }

  override get dt(): number {
    return super.dt;
  }

  override set dt(value: number) {
    const before = this.dt;
    super.dt = value;
    this.#held = this.#held.map((steps) => (steps * before) / this.dt);
    this.#pending = none();
    this.dropPlan();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    super.noiseStd = value;
    this.dropPlan();
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this.#noiseScaling;
  }

  protected putVector(name: string, value: unknown, size = this.size): void {
    this.checkIdle();
    this._arrays.putVector(name, value, size);
    this.dropPlan();
  }

  protected putMatrix(name: string, value: unknown, what: string): void {
    this.checkIdle();
    this._arrays.replaceMatrix(name, value, what);
    this.dropPlan();
  }

  // ---- The plan ---------------------------------------------------------------------------------------------------

  /** A parameter has changed. */
  protected dropPlan(): void {
    this.#plan = null;
  }

  /** Slow weights of a run, and whether a row is what a unit sends. */
  protected abstract slowWeights(): { weights: Float64Array; byPre: boolean };

  /** The parameters that only the adaptive layer has. */
  protected adaptiveParameters(): [
    weightsIn?: Float64Array,
    weightsOut?: Float64Array,
    tau?: Float64Array,
    r?: number,
  ] {
    return [];
  }

  /** @internal The plan, made anew when a parameter was set or an element written. */
  protected _plan(): FastSlowPlan {
    if (this._arrays.changed().length > 0) this.#plan = null;
    return (this.#plan ??= native.fastSlowPlan(...this.#parameters()));
  }

  #parameters(): FastSlowParameters {
    const { weights, byPre } = this.slowWeights();
    const of = (name: string): Float64Array => this._arrays.data(name);
    const [weightsIn, weightsOut, tauSynROut, tauRate] = this.adaptiveParameters();
    return [
      ...([this.size, this.#outputs, byPre, of('weightsFast'), weights] as const),
      ...([of('bias'), of('tauMem'), of('tauSynRFast'), of('tauSynRSlow')] as const),
      ...([of('vThresh'), of('vReset'), of('vRest'), this.#refractory, this.dt, this.noiseStd] as const),
      this.#noiseScaling === 'legacy' ? 2 : 1,
      ...([weightsIn, weightsOut, tauSynROut, tauRate] as const),
    ];
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** Fast synaptic currents in volts: the layer's own array. */
  get iSF(): Float64Array {
    return this.#fast;
  }

  set iSF(value: ArrayInput) {
    this.#fast = this.#readState(value, 'iSF', this.size);
  }

  /** Slow synaptic currents in volts: the layer's own array. */
  get iSS(): Float64Array {
    return this.#slow;
  }

  set iSS(value: ArrayInput) {
    this.#slow = this.#readState(value, 'iSS', this.size);
  }

  /** Time for which each unit is still held, in seconds. */
  get tRefrCountdown(): Float64Array {
    return this.#held.map((steps) => steps * this.dt);
  }

  /** @internal Outputs and rates of the adaptive layer. */
  protected get _traces(): { out: Float64Array; rate: Float64Array } {
    return { out: this.#out, rate: this.#rate };
  }

  /** @internal */
  protected _setTrace(trace: 'out' | 'rate', name: string, value: ArrayInput): void {
    if (trace === 'out') this.#out = this.#readState(value, name, this.#outputs);
    else this.#rate = this.#readState(value, name, this.size);
  }

  #readState(value: ArrayInput, name: string, size: number): Float64Array {
    this.checkIdle();
    const array = toNdArray(value, name, 'float64');
    if (array.size !== size) throw shapeError(name, `${size} numbers`, `${array.size} of them`);
    return array.data.slice();
  }

  /** @internal The state for a run. */
  protected _present(): FastSlowState {
    const [fast, slow, held, out, rate, pending] = [
      this.#fast,
      this.#slow,
      this.#held,
      this.#out,
      this.#rate,
      this.#pending,
    ];
    return { v: this.state, fast, slow, held, out, rate, pending };
  }

  /** @internal Writes what a run ended with; arrays that users may hold stay the same ones. */
  protected _takeState({ v, fast, slow, held, out, rate, pending }: FastSlowState): void {
    const written = (array: Float64Array, data: Float64Array): Float64Array => {
      if (array.length !== data.length) return data.slice(); // its memory was transferred away
      array.set(data);
      return array;
    };
    this.storeState(v);
    this.#fast = written(this.#fast, fast);
    this.#slow = written(this.#slow, slow);
    this.#out = written(this.#out, out);
    this.#rate = written(this.#rate, rate);
    this.#held = held;
    this.#pending = pending;
  }

  /** Membrane potentials to rest, currents to 0; no unit is held. */
  override resetState(): void {
    super.resetState();
    const { size } = this;
    const rates = this.#outputs > 0 ? size : 0;
    this._takeState({
      v: this._arrays.data('vRest'),
      fast: new Float64Array(size),
      slow: new Float64Array(size),
      held: new Float64Array(size),
      out: new Float64Array(this.#outputs),
      rate: new Float64Array(rates),
      pending: none(),
    });
  }

  /** Sets the clock to 0. The next evolution starts from the present state. */
  override resetTime(): void {
    super.resetTime();
    this.#pending = none();
  }

  override get t(): number {
    return super.t;
  }

  /** Sets the step that holds this time. The next evolution starts from the present state. */
  override set t(value: number) {
    super.t = value;
    this.#pending = none();
  }

  /** A copy of all that changes when the layer evolves: also currents, refractory times, and where the solver is between two time steps. */
  override snapshot(): LayerSnapshot {
    return {
      ...super.snapshot(),
      iSF: this.#fast.slice(),
      iSS: this.#slow.slice(),
      held: this.#held.slice(),
      pending: this.#pending.slice(),
      ...(this.#outputs > 0 && { iSO: this.#out.slice(), rate: this.#rate.slice() }),
    };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const of = (name: string, length?: number): Float64Array => snapshotArray(snapshot, name, 'float64', length);
    const { size } = this;
    const pending = of('pending');
    const states = 3 * size + (this.#outputs > 0 ? this.#outputs + size : 0);
    const between =
      pending.length === 0 || (pending.length === 1 + size + 2 * states && pending[0] >= 0 && pending[0] < 1);
    if (!between || !pending.every(Number.isFinite))
      throw rangeError(
        'pending',
        'what snapshot() gave: nothing, or where the solver stands',
        `${pending.length} numbers`,
      );
    const parts = {
      fast: of('iSF', size),
      slow: of('iSS', size),
      held: of('held', size),
      pending,
      out: this.#outputs > 0 ? of('iSO', this.#outputs) : none(),
      rate: this.#outputs > 0 ? of('rate', size) : none(),
    };
    return () => {
      putBack();
      this._takeState({ v: this.state, ...parts });
    };
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /** All arguments of the constructor. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    delete base['weights']; // only their shape
    const matrix = (name: string): unknown => this._arrays.get(name).toArray();
    return {
      ...base,
      weights_fast: matrix('weightsFast'),
      weights_slow: matrix('weightsSlow'),
      ...Object.fromEntries(vectorNames.map((name) => [snakeCase(name), Array.from(this._arrays.data(name))])),
      refractory: this.#refractory,
      ...(this.#noiseScaling !== 'stationary' && { noise_scaling: this.#noiseScaling }),
    };
  }
}
