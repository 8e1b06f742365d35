/** Integrate-and-fire neurons with a constant leak, clocked. */
import { allocate, type ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean } from '../../check.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { checkSpikeTime, type SpikeTime } from '../iaf/options.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { timeOf } from '../../time-grid.js';
import { keepBeforeEnd, spikeOffsets } from '../spike-time.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, ToDictOptions } from '../types.js';
import { DigitalLayer, digitalOptionNames, type DigitalLayerOptions } from './digital-layer.js';
import type { ConstantLeakParameters, ConstantLeakPlan, ConstantLeakResult } from './native.js';
import { type Evolution, recordRoom, runLater, runNow, StateRecord } from './run.js';
import { type StateType, stateTypeCode } from './state-type.js';

/** Options of the constant-leak layers. */
export interface CLIAFOptions extends DigitalLayerOptions {
  /** Added to the state in every time step: the leak, when negative. A number, or one for each neuron. Default 0. */
  bias?: ArrayInput;
  /** Thresholds. Default 8. */
  vThresh?: ArrayInput;
  /** States at the start, and after a spike when `vSubtract` is null. Default 0. */
  vReset?: ArrayInput;
  /** What a spike takes away, more than 0; null: the state becomes `vReset`. Default 8. */
  vSubtract?: ArrayInput | null;
  /** Several events of one channel in a time step count as many; otherwise, as in the original, as one. Default true. */
  addEvents?: boolean;
  /** Where in its time step a spike is stamped. Default `'mid'`. */
  spikeTime?: SpikeTime;
}

/** Names of {@link CLIAFOptions}. */
export const cliafOptionNames = [
  ...digitalOptionNames,
  'bias',
  'vThresh',
  'vReset',
  'vSubtract',
  'addEvents',
  'spikeTime',
] as const;

/** What of a plan differs between the classes. */
export interface PlanParts {
  weightsIn?: Float64Array;
  convolution?: ConstantLeakParameters[3];
  weightsRec?: Float64Array;
  refractory?: Float64Array;
  delay?: number;
  biasEvery?: number;
}

/** The input of an evolution, and for how many steps. */
export type PreparedEvents = Pick<Evolution, 'steps' | 'drive' | 'input'>;

/**
 * Integrate-and-fire neurons that add a constant bias, the leak, in each time step: what the constant-leak layers have in common. States have no
 * unit. `docs/digital-layers.md` tells the model.
 */
export abstract class CLIAF<Output extends TSEvent | TSContinuous = TSEvent | TSContinuous> extends DigitalLayer<
  ConstantLeakPlan,
  'bias' | 'refractory'
> {
  #addEvents: boolean;
  #spikeTime: SpikeTime;
  #recorded: StateRecord | null = null;

  /** @internal */
  protected constructor(shape: readonly number[], options: CLIAFOptions & { stateType?: StateType }, dt: number) {
    super(shape, options, { dt, stateType: 'float' });
    this.#addEvents = checkBoolean(options.addEvents ?? true, 'addEvents');
    this.#spikeTime = checkSpikeTime(options.spikeTime ?? 'mid');
    this.putVector('bias', options.bias ?? 0);
    this.putVector('vThresh', options.vThresh ?? 8);
    this.putVector('vReset', options.vReset ?? 0);
    const subtract = options.vSubtract === undefined ? 8 : options.vSubtract;
    this.putVector('vSubtract', subtract, 'positive', { allowNull: true });
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** Added to the state in every time step, one number for each neuron: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    return this.handOut('bias');
  }

  set bias(value: ArrayInput) {
    this.setVector('bias', value);
  }

  /** Whether several events of one channel in a time step count as many. */
  get addEvents(): boolean {
    return this.#addEvents;
  }

  set addEvents(value: boolean) {
    this.checkIdle();
    this.#addEvents = checkBoolean(value, 'addEvents');
  }

  /** Where in its time step a spike is stamped. */
  get spikeTime(): SpikeTime {
    return this.#spikeTime;
  }

  set spikeTime(value: SpikeTime) {
    this.checkIdle();
    this.#spikeTime = checkSpikeTime(value);
  }

  /**
   * The states of the monitored neurons during the last evolution: at its start, then before and after the reset of each time step, both at
   * the end of the step. Null when none was recorded.
   */
  get tsRecorded(): TSContinuous | null {
    return this.#recorded?.series() ?? null;
  }

  /** The same as rows of time, neuron, state. */
  get tsState(): ReturnType<StateRecord['list']> | null {
    return this.#recorded?.list() ?? null;
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the layer on events of `sizeIn` channels.
   *
   * @throws RangeError `ERR_INDEX` for events on channels that the layer does not have. The layer is as before then.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): Output {
    refuseTaskOptions(options);
    const run = this.#prepare(tsInput, options);
    return this.#finish(run, runNow(run));
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<Output> {
    return this.runExclusive(async () => {
      const run = this.#prepare(tsInput, options);
      return this.#finish(run, await runLater(run, options));
    });
  }

  /** What of the plan differs between the classes. */
  protected abstract planParts(): PlanParts;

  /** Wraps the result of a run. */
  protected abstract wrap(run: Evolution, result: ConstantLeakResult): Output;

  /** Whether the layer emits the soft-max of its states instead of spikes. */
  protected get softMax(): boolean {
    return false;
  }

  /** What of the state a run needs besides the potentials. */
  protected runState(): Pick<Evolution, 'refractory' | 'pending'> {
    return { refractory: undefined, pending: new Float64Array(0) };
  }

  /** Takes over what {@link runState} is after a run. */
  protected takeRunState(_refractory: Int32Array, _pending: Float64Array): void {
    // nothing but potentials
  }

  protected events(tsInput: TimeSeries | null | undefined, options: AsyncEvolveOptions): PreparedEvents {
    const { numTimesteps, input, countEvents } = this.eventWindow(tsInput, options);
    return { steps: numTimesteps, drive: undefined, input: input ? [countEvents, ...input] : [] };
  }

  /** The spikes of a run as a series. */
  protected spikes({ first, steps, dt }: Evolution, [times, channels]: ConstantLeakResult): TSEvent {
    const [tStart, tStop] = [timeOf(first, 0, dt), timeOf(first + steps, 0, dt)];
    keepBeforeEnd(times, this.#spikeTime, tStop, dt);
    return TSEvent.fromTrusted({ times, channels, numChannels: this.size, tStart, tStop });
  }

  protected override makePlan(): ConstantLeakPlan {
    const parts = this.planParts();
    return native.constantLeakPlan(
      this.sizeIn,
      this.size,
      parts.weightsIn,
      parts.convolution,
      parts.weightsRec,
      this.vector('bias'),
      this.vector('vThresh'),
      this.vector('vReset'),
      this.vectorOrNull('vSubtract') ?? undefined,
      parts.refractory,
      parts.delay ?? 1,
      parts.biasEvery ?? 1,
      stateTypeCode(this.stateType),
      this.softMax,
    );
  }

  #prepare(tsInput: TimeSeries | null | undefined, options: AsyncEvolveOptions): Evolution {
    const prepared = this.events(tsInput, options);
    const monitor = this.monitored;
    return {
      plan: this.plan(),
      first: this.timestep,
      dt: this.dt,
      spikeOffset: spikeOffsets[this.#spikeTime],
      v: this.state,
      ...this.runState(),
      monitor,
      record: recordRoom(prepared.steps, monitor),
      out: this.softMax ? allocate([prepared.steps, this.size], 'the output') : undefined,
      ...prepared,
    };
  }

  #finish(run: Evolution, result: ConstantLeakResult): Output {
    const { first, steps, dt, record, monitor } = run;
    const [, , v, refractory, pending] = result;
    this.storeState(v);
    this.takeRunState(refractory, pending);
    this.timestep = first + steps;
    this.#recorded = record && monitor ? new StateRecord(record, monitor, { first, steps, dt }) : null;
    return this.wrap(run, result);
  }

  /** The original's entries, and `add_events` and `spike_time` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return {
      ...super.toDict(options),
      bias: this.listOf('bias'),
      ...(!this.#addEvents && { add_events: false }),
      ...(this.#spikeTime !== 'mid' && { spike_time: this.#spikeTime }),
    };
  }
}
