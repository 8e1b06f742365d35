/** Recurrent digital neurons, driven by events: long, since it is all that can be set. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOptions, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { runTask } from '../../task.js';
import { timeOf } from '../../time-grid.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import type { Layer } from '../layer.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { registerLayerClass } from '../registry.js';
import type {
  AsyncEvolveOptions,
  EvolveOptions,
  LayerConfig,
  LayerSnapshot,
  RandomizeOptions,
  ToDictOptions,
} from '../types.js';
import { diafOptionNames, type RecDIAFOptions } from './diaf-options.js';
import { type BothWeights, DigitalLayer, readBothWeights } from './digital-layer.js';
import { DigitalQueue } from './digital-queue.js';
import type { DigitalPlan, DigitalResult, DigitalRunArgs } from './native.js';
import { type StateType, stateTypeCode } from './state-type.js';

const shortestRefractory = 1e-9;
const nullable = { allowNull: true };

/**
 * Recurrently connected integrate-and-fire neurons of digital chips: an event of the input, of a neuron or of the leak changes the states at its own
 * time, and nothing is computed in between. States saturate at the limits of their number type. `docs/digital-layers.md` tells the model.
 *
 * Spikes have the exact times of the events that cause them.
 */
export class RecDIAF extends DigitalLayer<DigitalPlan, 'vRest' | 'leak' | 'refractory'> {
  #delay: number;
  #tauLeak: number;
  readonly #queue: DigitalQueue;
  #recorded: TSContinuous | null = null;

  /**
   * @param weightsIn Input weights, `sizeIn` x `size`, indexed [pre, post].
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these.
   * @throws TypeError or RangeError for an argument of the wrong kind, shape or value.
   */
  constructor(weightsIn: ArrayInput, weightsRec: ArrayInput, options?: RecDIAFOptions);
  constructor(options: RecDIAFOptions & BothWeights);
  constructor(...args: [unknown?, unknown?, RecDIAFOptions?]) {
    type Given = RecDIAFOptions & BothWeights;
    const o = checkOptions<Given>(mergeArguments<Given>(args, ['weightsIn', 'weightsRec']), 'options', diafOptionNames);
    const { weightsIn, weightsRec } = readBothWeights(o);
    super(weightsIn.shape, o, { dt: 1e-4, stateType: 'int8' });
    this.putMatrix('weightsIn', weightsIn);
    this.putMatrix('weightsRec', weightsRec);
    this.putVector('vThresh', o.vThresh ?? 100);
    this.putVector('vReset', o.vReset ?? 0);
    this.putVector('vRest', o.vRest, 'finite', nullable);
    this.putVector('leak', o.leak ?? 1);
    this.putVector('vSubtract', o.vSubtract, 'positive', nullable);
    this.#putRefractory(o.refractory ?? shortestRefractory);
    this.#delay = checkNumber(o.delay ?? 1e-8, 'delay', { positive: true });
    this.#tauLeak = checkNumber(o.tauLeak ?? 1e-3, 'tauLeak', { positive: true });
    this.#queue = new DigitalQueue(this.sizeIn, this.size);
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

  /** Where the leak leads, one number for each neuron: the layer's own array, or null: it always goes down. A number sets all. */
  get vRest(): Float64Array | null {
    return this.handOutOrNull('vRest');
  }

  set vRest(value: ArrayInput | null) {
    this.setVector('vRest', value, 'finite', nullable);
  }

  /** What the leak takes away each time, one number for each neuron: the layer's own array. A number sets all. */
  get leak(): Float64Array {
    return this.handOut('leak');
  }

  set leak(value: ArrayInput) {
    this.setVector('leak', value);
  }

  /** Time after a spike without update and without spike, in seconds, one for each neuron: the layer's own array. A number sets all. */
  get refractory(): Float64Array {
    return this.handOut('refractory');
  }

  /** Values below 1e-9 are raised to it, with the warning `REFRACTORY_RAISED`. */
  set refractory(value: ArrayInput) {
    this.checkIdle();
    this.#putRefractory(value);
  }

  #putRefractory(value: unknown): void {
    this.putVector('refractory', value, 'notNegative');
    const given = this.vector('refractory');
    if (given.every((seconds) => seconds >= shortestRefractory)) return;
    warn('REFRACTORY_RAISED', `${this.startPrint}refractory times below ${shortestRefractory} s are raised to it`);
    this.putVector(
      'refractory',
      given.map((seconds) => Math.max(seconds, shortestRefractory)),
    );
  }

  /** Time until a spike reaches the other neurons, in seconds. Spikes under way keep the time at which they arrive. */
  get delay(): number {
    return this.#delay;
  }

  set delay(value: number) {
    this.checkIdle();
    this.#delay = checkNumber(value, 'delay', { positive: true });
    this.dropPlan();
  }

  /** Interval of the leak in seconds. */
  get tauLeak(): number {
    return this.#tauLeak;
  }

  set tauLeak(value: number) {
    this.checkIdle();
    this.#tauLeak = checkNumber(value, 'tauLeak', { positive: true });
    this.dropPlan();
  }

  override get stateType(): StateType {
    return super.stateType;
  }

  /** The states are converted. */
  override set stateType(value: StateType) {
    this.setStateType(value);
  }

  override get dt(): number {
    return super.dt;
  }

  /** @throws RockpoolError `ERR_STATE`: the time step is fixed when the layer is made, as in the original. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    if (dt === this.dt) return;
    throw new RockpoolError(
      'ERR_STATE',
      `expected dt of ${this.className} '${this.name}' to stay ${this.dt}, received ${dt}: it is fixed when the layer is made`,
    );
  }

  /**
   * The states of the monitored neurons during the last evolution: at its start, then three samples for each event, before it, after it and after
   * the reset. The last channel is that of the event, in the first of the three: -1 for a neuron that is free again, then inputs, neurons, and the
   * leak; otherwise NaN. Null when nothing was recorded.
   */
  get tsRecorded(): TSContinuous | null {
    return this.#recorded;
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the layer on the events of `sizeIn` channels from its present time on, up to but not including the end of the evolution.
   *
   * @throws RangeError `ERR_INDEX` for events on channels that the layer does not have. The layer is as before then.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const { numTimesteps, input } = this.#window(tsInput, options);
    return this.#finish(numTimesteps, native.digitalRun(...this.#runArgs(numTimesteps), undefined, ...(input ?? [])));
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSEvent> {
    return this.runExclusive(async () => {
      const { numTimesteps, input } = this.#window(tsInput, options);
      const args = this.#runArgs(numTimesteps);
      const result = await runTask(options, (progress) => native.digitalRunAsync(...args, progress, ...(input ?? [])));
      return this.#finish(numTimesteps, result);
    });
  }

  #window(tsInput: TimeSeries | null | undefined, options: AsyncEvolveOptions) {
    const { addEvents } = options as { addEvents?: unknown };
    if (addEvents !== undefined)
      throw typeError('options', 'without addEvents, since no event is binned', "the option 'addEvents'", true);
    return this.eventWindow(tsInput, options);
  }

  #runArgs(steps: number): DigitalRunArgs {
    const tStop = timeOf(this.timestep + steps, 0, this.dt);
    return [this.plan(), this.t, tStop, steps, this.state, ...this.#queue.args(), this.monitored];
  }

  #finish(steps: number, result: DigitalResult): TSEvent {
    const [times, channels, v, refractoryEnds, pendingTimes, pendingChannels, recordTimes, samples] = result;
    const { t: tStart, monitored } = this;
    this.storeState(v);
    this.#queue.take(refractoryEnds, pendingTimes, pendingChannels);
    this.timestep += steps;
    this.#recorded = monitored
      ? TSContinuous.fromTrusted({
          times: recordTimes,
          samples,
          numChannels: monitored.length + 1,
          tStart,
          tStop: recordTimes[recordTimes.length - 1],
          interpKind: 'previous',
        })
      : null;
    return TSEvent.fromTrusted({ times, channels, numChannels: this.size, tStart, tStop: this.t });
  }

  protected override makePlan(): DigitalPlan {
    return native.digitalPlan(
      this.sizeIn,
      this.size,
      this.matrix('weightsIn').data,
      this.matrix('weightsRec').data,
      this.vector('vThresh'),
      this.vector('vReset'),
      this.vectorOrNull('vRest') ?? undefined,
      this.vectorOrNull('vSubtract') ?? undefined,
      this.vector('leak'),
      this.vector('refractory'),
      this.#delay,
      this.#tauLeak,
      stateTypeCode(this.stateType),
    );
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** Times at which refractory neurons are free again, in seconds, a copy; for the others any time up to the present. */
  get refractoryEnds(): Float64Array {
    return this.#queue.refractoryEnds.slice();
  }

  /** Events that are under way, with their channels as in {@link tsRecorded}. Copies. */
  get pendingEvents(): { times: Float64Array; channels: Int32Array } {
    return { times: this.#queue.times.slice(), channels: this.#queue.channels.slice() };
  }

  override get t(): number {
    return super.t;
  }

  /** Sets the step that holds this time. Events under way and refractory times move along. */
  override set t(value: number) {
    const before = this.t;
    super.t = value;
    this.#queue.move(-before);
    this.#queue.move(this.t);
  }

  /** Sets the clock to 0. Events under way and refractory times move along. */
  override resetTime(): void {
    const before = this.t;
    super.resetTime();
    this.#queue.move(-before);
  }

  /** Sets the states to `vReset`; no neuron is refractory, no event is under way. */
  override resetState(): void {
    super.resetState();
    this.#queue.reset();
  }

  /** Draws the states uniformly between `vReset` and `vThresh`. */
  override randomizeState(options: Omit<RandomizeOptions, 'factor'> = {}): void {
    this.drawStates(options);
  }

  /** A copy of all that changes when the layer evolves: also refractory times, and events under way. */
  override snapshot(): LayerSnapshot {
    return { ...super.snapshot(), ...this.#queue.snapshot() };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const queue = this.#queue.prepareRestore(snapshot, timeOf(snapshot.timestep, 0, this.dt));
    return () => {
      putBack();
      queue();
    };
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /** The original's entries. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      weights_in: this.matrix('weightsIn').toArray(),
      weights_rec: this.matrix('weightsRec').toArray(),
      refractory: this.listOf('refractory'),
      delay: this.#delay,
      tau_leak: this.#tauLeak,
      leak: this.listOf('leak'),
      v_rest: this.listOf('vRest'),
      state_type: this.stateType,
    };
  }

  /** Makes a layer from the entries of a dictionary. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    return new (this as new (options: Record<string, unknown>) => Layer)(options);
  }
}

registerLayerClass('RecDIAF', RecDIAF);
