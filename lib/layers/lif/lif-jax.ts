/** The Jax-named LIF neurons. */
import type { Matrix } from '../../array.js';
import { checkBoolean, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { lifTraining } from '../../lazy.js';
import type {
  AsyncTrainOutputTargetOptions,
  SpikingTrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from '../../training/first-generation/types.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import type { JaxWeights } from '../jax/jax-layer.js';
import { LastEvolution, named } from '../jax/last-evolution.js';
import { refuseTaskOptions } from '../prepare-input.js';
import type { AsyncEvolveOptions, EvolveOptions } from '../types.js';
import type { LifEventOptions } from './lif-options.js';
import { LifJaxLayer } from './lif-parameters.js';
import {
  type DoneLifEvolution,
  type LifEvolution,
  type LifOutput,
  type LifRecord,
  recordAgain,
  runLif,
  runLifAsync,
} from './lif-run.js';
import { copyState, type LifState } from './lif-state.js';
import type { LifInput } from './native.js';

/**
 * Leaky integrate-and-fire neurons, integrated by the forward Euler method, with threshold 0, several spikes per time step and a reset
 * by subtraction. In each time step, with `alpha = dt / tauMem` and `beta = exp(-dt / tauSyn)`:
 *
 *     Irec  = spikes wRecurrent                           (the spikes of the step before)
 *     Isyn  = beta Isyn + events wIn + Irec
 *     Vmem  = Vmem - spikes
 *     Vmem += alpha (Isyn + current wIn + bias + noise - Vmem)
 *     spikes = max(0, floor(Vmem + 1)),     U = surrogate(Vmem)
 *
 * A class has events or a current as its input, and emits its spikes, `U` or `U wOut`: see the table in `docs/jax-layers.md`. Spikes lie in
 * the middle of their time step, a neuron with several ones emits as many events; continuous outputs have one sample for each time step.
 */
export abstract class LifJax<
  Output extends TSContinuous | TSEvent = TSContinuous | TSEvent,
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends LifJaxLayer<In, Rec, Out> {
  readonly #output: LifOutput;
  #addEvents: boolean | undefined;
  readonly #last = new LastEvolution<DoneLifEvolution, TSContinuous | TSEvent>(
    () => this.startPrint,
    (evolution, record) => recordAgain(evolution, record as LifRecord),
  );

  /** @internal */
  constructor(weights: JaxWeights, options: Partial<LifEventOptions>, input: 'events' | 'current', output: LifOutput) {
    super(weights, options);
    this.#output = output;
    if (input === 'events') this.#addEvents = checkBoolean(options.addEvents ?? true, 'addEvents');
  }

  override get inputType(): typeof TSContinuous | typeof TSEvent {
    return this.#addEvents === undefined ? TSContinuous : TSEvent;
  }

  override get outputType(): typeof TSContinuous | typeof TSEvent {
    return this.#output === 'spikes' ? TSEvent : TSContinuous;
  }

  /** Whether every input event counts, or several of one channel in a time step count once. Undefined for a layer with a current as input. */
  get addEvents(): boolean | undefined {
    return this.#addEvents;
  }

  set addEvents(value: boolean) {
    this.checkIdle();
    if (this.#addEvents === undefined)
      throw typeError('addEvents', 'left alone: the input of this layer is a current', value);
    this.#addEvents = checkBoolean(value, 'addEvents');
  }

  /**
   * The membrane potentials after each time step of the last evolution, before the reset. They are computed when they are first read,
   * by running that evolution again.
   *
   * @throws RockpoolError `ERR_STATE` before the first evolution, or when the input series was changed since.
   */
  get vMemLastEvolution(): TSContinuous {
    return this.#last.get('vMemLastEvolution') as TSContinuous;
  }

  set vMemLastEvolution(value: never) {
    throw typeError('vMemLastEvolution', 'left alone: it is a record', value);
  }

  /** The synaptic currents in each time step of the last evolution; see {@link vMemLastEvolution}. */
  get iSynLastEvolution(): TSContinuous {
    return this.#last.get('iSynLastEvolution') as TSContinuous;
  }

  /** The recurrent input of each time step of the last evolution. @throws RockpoolError `ERR_STATE` without recurrent weights. */
  get iRecLastEvolution(): TSContinuous {
    if (this.weightData().wRecurrent === undefined)
      throw new RockpoolError(
        'ERR_STATE',
        `${this.startPrint}expected a layer with recurrent weights when iRecLastEvolution is read, received one without`,
      );
    return this.#last.get('iRecLastEvolution') as TSContinuous;
  }

  /** The surrogate of the spikes in each time step of the last evolution; see {@link vMemLastEvolution}. */
  get surrogateLastEvolution(): TSContinuous {
    return this.#last.get('surrogateLastEvolution') as TSContinuous;
  }

  /** The spikes of the last evolution; see {@link vMemLastEvolution}. */
  get spikesLastEvolution(): TSEvent {
    return this.#last.get('spikesLastEvolution') as TSEvent;
  }

  /** The output of the last evolution; see {@link vMemLastEvolution}. */
  get outputLastEvolution(): Output {
    return this.#last.get('outputLastEvolution') as Output;
  }

  /**
   * Evolves the layer and returns its output.
   *
   * @param tsInput Events on `sizeIn` channels, or a continuous input of `sizeIn` channels or of one that feeds all inputs.
   * @throws RockpoolError `ERR_NOT_FINITE` when a membrane potential becomes infinite or NaN; the layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): Output {
    refuseTaskOptions(options);
    const evolution = this.#prepare(tsInput, options);
    try {
      return this.#finish(evolution, runLif(evolution));
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** The same off the event loop. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<Output> {
    return this.runExclusive(async () => {
      const evolution = this.#prepare(tsInput, options);
      try {
        return this.#finish(evolution, await runLifAsync(evolution, options));
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /**
   * One step of gradient training: evolves copies of the layer's parameters from its present state, computes a loss, goes back through time
   * with the derivative 1 for potentials above -0.5 in place of that of the spikes, and changes the parameters. State and clock stay. The
   * default loss is `lifLoss` of `rockpool-node/training`. Noise is drawn anew in each step. Time constants stay at ten time steps or more.
   *
   * @param tsInput A series of `sizeIn` channels from the layer's clock on, of the kind that the layer takes, or an array `[steps, sizeIn]` of currents
   *   or numbers of events, with `batchAxis` of three dimensions.
   * @param tsTarget A series of the kind that the layer emits for a series, an array for an array. What is NaN does not count.
   * @returns Loss and gradients before the step, and a function that evolves the layer as it is after the step.
   * @throws RockpoolError `ERR_NOT_FINITE` for a loss, gradient or step that is not finite; the layer stays as it was.
   */
  trainOutputTarget(
    tsInput: SpikingTrainingSignal,
    tsTarget: SpikingTrainingSignal,
    options: TrainOutputTargetOptions = {},
  ): TrainingStep {
    this.checkIdle();
    return lifTraining().trainLif(this, tsInput, tsTarget, options);
  }

  /** The same off the event loop. */
  trainOutputTargetAsync(
    tsInput: SpikingTrainingSignal,
    tsTarget: SpikingTrainingSignal,
    options: AsyncTrainOutputTargetOptions = {},
  ): Promise<TrainingStep> {
    return this.runExclusive(() => lifTraining().trainLifAsync(this as LifJax, tsInput, tsTarget, options));
  }

  override _markRecords(): () => void {
    return this.#last.mark();
  }

  #prepare(tsInput: TimeSeries | null | undefined, options: EvolveOptions): LifEvolution {
    const { input, steps } = this.#input(tsInput, options);
    const { timestep, seed, dt, size: units, sizeOut: outputs, name, state } = this;
    const [plan, output] = [this.lifPlan(), this.#output];
    return { plan, timestep, steps, seed, dt, units, outputs, output, name, start: copyState(state), input };
  }

  #input(tsInput: TimeSeries | null | undefined, options: EvolveOptions): { input: LifInput; steps: number } {
    if (this.#addEvents === undefined) {
      const { input, numTimesteps } = this.samplingWindow(tsInput, options);
      return { input: input ? [0, this.dt, ...input] : [], steps: numTimesteps };
    }
    const { input, numTimesteps, countEvents } = this.eventWindow(tsInput, options);
    return { input: input ? [1, this.dt, countEvents, ...input] : [], steps: numTimesteps };
  }

  /** Takes over the state of a run and moves the clock on. */
  #finish(evolution: LifEvolution, { output, end }: { output: TSContinuous | TSEvent; end: LifState }): Output {
    this.storeState(end);
    this.timestep = evolution.timestep + evolution.steps;
    this.#last.replace({ ...evolution, end });
    this.lifPlanSettled();
    if (output instanceof TSEvent) {
      const spikes = output.copy(); // shares the memory until somebody gets hold of it
      this.#last.keep('spikesLastEvolution', spikes);
      this.#last.keep('outputLastEvolution', spikes);
    }
    return output as Output;
  }
}
