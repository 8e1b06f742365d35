/** Recurrent integrate-and-fire neurons with a constant leak, whose states may be integers. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOptions, rangeError, shapeError } from '../../check.js';
import { stepFloor } from '../../time-grid.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import type { Layer } from '../layer.js';
import { registerLayerClass } from '../registry.js';
import { snapshotArray } from '../snapshot.js';
import type { LayerConfig, LayerSnapshot, RandomizeOptions, ToDictOptions } from '../types.js';
import { CLIAF, type CLIAFOptions, cliafOptionNames, type PlanParts } from './cliaf.js';
import { type BothWeights, readBothWeights } from './digital-layer.js';
import type { ConstantLeakResult } from './native.js';
import type { Evolution } from './run.js';
import type { StateType } from './state-type.js';

/** Options of {@link RecCLIAF}. */
export interface RecCLIAFOptions extends CLIAFOptions {
  /** Time step in seconds. Default 1e-4. */
  dt?: number;
  /** Time after a spike without update and without spike, in seconds; whole time steps of it. Default 0. */
  refractory?: ArrayInput;
  /** Time until a spike reaches the other neurons, in seconds; whole time steps of it, at least one. Default one. */
  delay?: number | null;
  /** Interval at which the bias is added, in seconds; whole time steps of it, at least one. Default one. */
  tTauBias?: number | null;
  /** Number type of the states. Default `'float'`. */
  stateType?: StateType;
}

const optionNames = ['weightsIn', 'weightsRec', ...cliafOptionNames, 'refractory', 'delay', 'tTauBias', 'stateType'];

/**
 * Recurrently connected integrate-and-fire neurons with a constant leak, whose states saturate at the limits of their number type. A spike reaches
 * the other neurons after `delay`. Where no neuron is refractory and spikes take `vSubtract` away, a neuron may spike several times in a step.
 */
export class RecCLIAF extends CLIAF<TSEvent> {
  #delay: number;
  #biasEvery: number;
  #countdown: Int32Array;
  #pending: Float64Array = new Float64Array(0);

  /**
   * @param weightsIn Input weights, `sizeIn` x `size`, indexed [pre, post].
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value, also for times shorter than a time step.
   */
  constructor(weightsIn: ArrayInput, weightsRec: ArrayInput, options?: RecCLIAFOptions);
  constructor(options: RecCLIAFOptions & BothWeights);
  constructor(...args: [unknown?, unknown?, RecCLIAFOptions?]) {
    type Given = RecCLIAFOptions & BothWeights;
    const options = checkOptions<Given>(
      mergeArguments<Given>(args, ['weightsIn', 'weightsRec']),
      'options',
      optionNames,
    );
    const { weightsIn, weightsRec } = readBothWeights(options);
    super(weightsIn.shape, options, 1e-4);
    this.putMatrix('weightsIn', weightsIn);
    this.putMatrix('weightsRec', weightsRec);
    this.#delay = this.#steps(options.delay, 'delay');
    this.#biasEvery = this.#steps(options.tTauBias, 'tTauBias');
    this.#putRefractory(options.refractory ?? 0);
    this.#countdown = new Int32Array(this.size);
    this.resetAll();
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** The recurrent weights. */
  override get weights(): Matrix {
    return this.weightsRec;
  }

  override set weights(value: ArrayInput) {
    this.weightsRec = value;
  }

  /** Input weights, `sizeIn` x `size`, indexed [pre, post]: the layer's own array. */
  get weightsIn(): Matrix {
    return this.handOutMatrix('weightsIn');
  }

  set weightsIn(value: ArrayInput) {
    this.setMatrix('weightsIn', value, 'sizeIn x size');
  }

  /** Recurrent weights, `size` x `size`, indexed [pre, post]: the layer's own array. */
  get weightsRec(): Matrix {
    return this.handOutMatrix('weightsRec');
  }

  set weightsRec(value: ArrayInput) {
    this.setMatrix('weightsRec', value, 'size x size');
  }

  /** Time after a spike without update, in seconds, one for each neuron: the layer's own array. A number sets all; whole time steps count. */
  get refractory(): Float64Array {
    return this.handOut('refractory');
  }

  set refractory(value: ArrayInput) {
    this.checkIdle();
    this.#putRefractory(value);
  }

  /** Time until a spike reaches the other neurons, in seconds, rounded down to whole time steps. */
  get delay(): number {
    return this.#delay * this.dt;
  }

  /**
   * Null is one time step. Spikes under way arrive as much later or earlier as the delay changes; those that would have arrived already are lost,
   * with the warning `SPIKES_LOST`.
   */
  set delay(value: number | null) {
    this.checkIdle();
    const delay = this.#steps(value, 'delay');
    const [pending, lost] = native.constantLeakShiftPending(this.#pending, delay - this.#delay);
    if (lost > 0)
      warn('SPIKES_LOST', `${this.startPrint}${lost} spikes under way are lost, since the delay is shorter now`);
    this.#pending = pending;
    this.#delay = delay;
    this.dropPlan();
  }

  /** Interval at which the bias is added, in seconds, rounded down to whole time steps. */
  get tTauBias(): number {
    return this.#biasEvery * this.dt;
  }

  /** Null is one time step. */
  set tTauBias(value: number | null) {
    this.checkIdle();
    this.#biasEvery = this.#steps(value, 'tTauBias');
    this.dropPlan();
  }

  override get dt(): number {
    return super.dt;
  }

  /** Refractory times, delay and the interval of the bias keep their numbers of time steps. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    const held = this.#refractorySteps();
    const times = [...held, this.#delay, this.#biasEvery].map((steps) => steps * dt);
    // Checked before anything changes.
    const wrong = times.find((time) => !Number.isFinite(time));
    if (wrong !== undefined) throw rangeError('dt', 'such that refractory, delay and tTauBias stay finite', dt);
    super.dt = dt;
    this.putVector('refractory', scaled(held, dt));
  }

  override get stateType(): StateType {
    return super.stateType;
  }

  /** The states are converted. */
  override set stateType(value: StateType) {
    this.setStateType(value);
  }

  /** Whole time steps of a time, at least one; null is one. */
  #steps(value: unknown, name: string): number {
    if (value === undefined || value === null) return 1;
    const steps = stepFloor(checkNumber(value, name, { positive: true }), 0, this.dt);
    if (steps < 1) throw rangeError(name, `at least dt, ${this.dt}`, value);
    if (steps > 2 ** 32 - 1) throw rangeError(name, `less than 2^32 time steps of ${this.dt}`, value);
    return steps;
  }

  #putRefractory(value: unknown): void {
    this.putVector('refractory', value, 'notNegative');
    this.putVector('refractory', scaled(this.#refractorySteps(), this.dt), 'notNegative');
  }

  #refractorySteps(): Float64Array {
    return this.vector('refractory').map((seconds) => stepFloor(seconds, 0, this.dt));
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  protected override planParts(): PlanParts {
    return {
      weightsIn: this.matrix('weightsIn').data,
      weightsRec: this.matrix('weightsRec').data,
      refractory: this.#refractorySteps(),
      delay: this.#delay,
      biasEvery: this.#biasEvery,
    };
  }

  protected override wrap(run: Evolution, result: ConstantLeakResult): TSEvent {
    return this.spikes(run, result);
  }

  protected override runState(): Pick<Evolution, 'refractory' | 'pending'> {
    return { refractory: this.#countdown, pending: this.#pending };
  }

  protected override takeRunState(refractory: Int32Array, pending: Float64Array): void {
    this.#countdown = refractory;
    this.#pending = pending;
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** Sets the states to `vReset`; no neuron is refractory, no spike is under way. */
  override resetState(): void {
    super.resetState();
    this.#countdown = new Int32Array(this.size);
    this.#pending = new Float64Array(0);
  }

  /** Draws the states uniformly between `vReset` and `vThresh`. */
  override randomizeState(options: Omit<RandomizeOptions, 'factor'> = {}): void {
    this.drawStates(options);
  }

  /** A copy of all that changes when the layer evolves: also refractory times, and spikes under way. */
  override snapshot(): LayerSnapshot {
    return { ...super.snapshot(), refractorySteps: this.#countdown.slice(), pendingSpikes: this.#pending.slice() };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const countdown = snapshotArray(snapshot, 'refractorySteps', 'int32', this.size);
    const negative = countdown.find((steps) => steps < 0);
    if (negative !== undefined) throw rangeError('refractorySteps', 'integers of 0 or more', negative);
    const pending = this.#readPending(snapshotArray(snapshot, 'pendingSpikes', 'float64'));
    return () => {
      putBack();
      this.takeRunState(countdown, pending);
    };
  }

  /** Triples of steps to go, neuron and number of spikes, by the steps. */
  #readPending(data: Float64Array): Float64Array {
    const misfit = (n: number, i: number): boolean => {
      if (!Number.isInteger(n)) return true;
      if (i % 3 === 0) return n < (i > 0 ? data[i - 3] : 0) || n >= this.#delay;
      return i % 3 === 1 ? n < 0 || n >= this.size : n < 1;
    };
    const wrong = data.findIndex(misfit);
    if (data.length % 3 === 0 && wrong < 0) return native.constantLeakShiftPending(data, 0)[0];
    const what = `triples of steps below ${this.#delay}, ascending, a neuron below ${this.size} and a number of spikes`;
    if (wrong < 0) throw shapeError('pendingSpikes', what, `${data.length} numbers`);
    throw rangeError('pendingSpikes', what, data[wrong]);
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /** The original's entries, and `add_events` and `spike_time` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      weights_in: this.matrix('weightsIn').toArray(),
      weights_rec: this.matrix('weightsRec').toArray(),
      refractory: this.listOf('refractory'),
      delay: this.delay,
      tTauBias: this.tTauBias,
      state_type: this.stateType,
    };
  }

  /** Makes a layer from the entries of a dictionary. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    return new (this as new (options: Record<string, unknown>) => Layer)(options);
  }
}

const scaled = (steps: Float64Array, dt: number): Float64Array => steps.map((n) => n * dt);

registerLayerClass('RecCLIAF', RecCLIAF);
