/** The Jax-named rate neurons. */
import { type ArrayLike_ as ArrayInput, type Matrix, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions, shapeError } from '../../check.js';
import { freshSeed, rateTraining } from '../../lazy.js';
import { timeOf } from '../../time-grid.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type {
  AsyncTrainOutputTargetOptions,
  TrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from '../../training/first-generation/types.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { prepareContinuous, refuseTaskOptions, samplingWindow } from '../prepare-input.js';
import { wrapClocked } from '../rate-core.js';
import type { NoSeries } from '../rate-native.js';
import { activate, type ActivationFunction } from '../rate-options.js';
import type { AsyncEvolveOptions, EvolveOptions, SamplingWindow } from '../types.js';
import { LastEvolution, named } from './last-evolution.js';
import { RateJaxLayer } from './rate-parameters.js';
import {
  type DoneRateEvolution,
  type RateDrive,
  type RateEvolution,
  type RateRecord,
  recordAgain,
  runRate,
  runRateAsync,
} from './rate-run.js';

const noSeries: NoSeries = [null, null, null, null, null, null, null, null, null, null, null, null];

/**
 * Leaky rate neurons, integrated by the forward Euler method:
 *
 *     tau dx/dt = -x + input wIn + bias + noise + r wRecurrent,     r = H(x),     output = r wOut
 *
 * The output is taken after every step: as many samples as there are time steps, sample k at the start of step k. Type parameters
 * tell which weights a class has; null stands for those that it has not: input i drives unit i, no recurrence, the output is r.
 */
export abstract class RateEulerJax<
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends RateJaxLayer<In, Rec, Out> {
  readonly #last = new LastEvolution<DoneRateEvolution, TSContinuous>(
    () => this.startPrint,
    (evolution, record) => wrapRecord(evolution, record as RateRecord),
  );

  /**
   * The weighted input (input wIn) of the last evolution, one sample for each time step. It is computed when it is first read, by
   * running that evolution again.
   *
   * @throws RockpoolError `ERR_STATE` before the first evolution, or when the input series was changed since.
   */
  get resInputsLastEvolution(): TSContinuous {
    return this.#last.get('resInputsLastEvolution');
  }

  /** The activity H(x) after each time step of the last evolution; see {@link resInputsLastEvolution}. */
  get resActsLastEvolution(): TSContinuous {
    return this.#last.get('resActsLastEvolution');
  }

  /** @internal The recurrent input (r wRecurrent) of each time step. */
  protected recurrentInputs(): TSContinuous {
    return this.#last.get('recInputsLastEvolution');
  }

  /**
   * Evolves the layer and returns its output: `numTimesteps` samples, `sizeOut` channels.
   *
   * @param tsInput Continuous input of `sizeIn` channels, or of one that feeds all inputs. Outside its extent it counts as 0.
   * @throws RockpoolError `ERR_NOT_FINITE` when a state becomes infinite or NaN; the layer stays as it was.
   */
  override evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    return this.evolveForced(tsInput, null, options);
  }

  /** The same off the event loop; with an activation of your own on the event loop, a few milliseconds at a time. */
  override evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TSContinuous> {
    return this.evolveForcedAsync(tsInput, null, options);
  }

  /** @internal */
  protected evolveForced(
    tsInput: TimeSeries | null | undefined,
    tsForce: TimeSeries | null | undefined,
    options: EvolveOptions,
  ): TSContinuous {
    refuseTaskOptions(options);
    const evolution = this.#prepare(tsInput, tsForce, options);
    try {
      return this.#finish(evolution, runRate(evolution));
    } catch (error) {
      throw named(error, this.startPrint);
    }
  }

  /** @internal */
  protected evolveForcedAsync(
    tsInput: TimeSeries | null | undefined,
    tsForce: TimeSeries | null | undefined,
    options: AsyncEvolveOptions,
  ): Promise<TSContinuous> {
    return this.runExclusive(async () => {
      const evolution = this.#prepare(tsInput, tsForce, options);
      try {
        return this.#finish(evolution, await runRateAsync(evolution, options));
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
  }

  /** Draws every entry of the state from a standard normal distribution. */
  override randomizeState(options: { seed?: number } = {}): void {
    this.checkIdle();
    const { seed = freshSeed() } = checkOptions<{ seed?: number }>(options, 'options', ['seed']);
    const max = Number.MAX_SAFE_INTEGER;
    const state = new Float64Array(this.size);
    native.normalMatrix(checkInteger(seed, 'seed', { min: 0, max }), 0, this.size, 0, 1, state);
    this.storeState(state);
  }

  /**
   * What a state `x` of `size` numbers means: the output H(x) wOut, the activity H(x) and the recurrent input H(x) wRecurrent, which is
   * zeros without recurrent weights.
   */
  getOutputFromState(x: ArrayInput): [output: Float64Array, activity: Float64Array, recurrent: Float64Array] {
    const { data } = toNdArray(x, 'x', 'float64');
    if (data.length !== this.size) throw shapeError('x', `${this.size} numbers (size)`, `${data.length} of them`);
    const activity = activate(this.activationFunc, data);
    return [
      times(activity, this.wOut) ?? activity.slice(),
      activity,
      times(activity, this.wRecurrent) ?? new Float64Array(this.size),
    ];
  }

  /**
   * One step of gradient training: evolves copies of the layer's parameters from its present state, computes a loss, goes back through time
   * and changes the parameters. State and clock stay. The default loss is `rateLoss` of `rockpool-node/training`. Noise is drawn anew in
   * each step. Time constants stay at ten time steps or more.
   *
   * @param tsInput A series of `sizeIn` channels, sampled from the layer's clock on, or an array `[steps, sizeIn]`, with `batchAxis` of three dimensions.
   * @param tsTarget A series of `sizeOut` channels for a series, an array for an array. What is NaN, or beyond the series' extent, does not count.
   * @returns Loss and gradients before the step, and a function that evolves the layer as it is after the step.
   * @throws RockpoolError `ERR_NOT_FINITE` for a loss, gradient or step that is not finite, `ERR_NOT_TRAINABLE` for an activation of your own
   *   without `activationDerivative`; the layer stays as it was.
   */
  trainOutputTarget(
    tsInput: TrainingSignal,
    tsTarget: TrainingSignal,
    options: TrainOutputTargetOptions = {},
  ): TrainingStep {
    this.checkIdle();
    return rateTraining().trainRate(this, tsInput, tsTarget, options);
  }

  /** The same off the event loop. */
  trainOutputTargetAsync(
    tsInput: TrainingSignal,
    tsTarget: TrainingSignal,
    options: AsyncTrainOutputTargetOptions = {},
  ): Promise<TrainingStep> {
    return this.runExclusive(() => rateTraining().trainRateAsync(this, tsInput, tsTarget, options));
  }

  override _markRecords(): () => void {
    return this.#last.mark();
  }

  #prepare(
    tsInput: TimeSeries | null | undefined,
    tsForce: TimeSeries | null | undefined,
    options: EvolveOptions,
  ): RateEvolution {
    const { drive, steps } = this.#drive(tsInput, tsForce, options);
    const plan = this.ratePlan();
    const { timestep, seed, dt, size: units, sizeOut: outputs } = this;
    return { plan, timestep, steps, seed, dt, units, outputs, start: this.state.slice(), drive };
  }

  /** What drives the run, and for how many steps. */
  #drive(
    tsInput: TimeSeries | null | undefined,
    tsForce: TimeSeries | null | undefined,
    options: EvolveOptions,
  ): { drive: RateDrive; steps: number } {
    const { startPrint, t, dt, size, inputType } = this;
    const forced = { startPrint, t, dt, sizeIn: size, inputType, inputName: 'tsForce' };
    const force = (tsForce ?? null) as TSContinuous | null;
    if (typeof this.activationFunc === 'function') {
      const user = this.activationFunc;
      const activation: ActivationFunction = (x) => this._lock().guard(() => user(x));
      const { input, numTimesteps } = this.prepareInput(tsInput, options);
      const rows = force && prepareContinuous(forced, force, { numTimesteps }).input;
      return { drive: { kind: 'rows', activation, input, force: rows }, steps: numTimesteps };
    }
    const window = this.samplingWindow(tsInput, options);
    const { numTimesteps } = window;
    const forces = force && samplingWindow(forced, force, { numTimesteps });
    return { drive: { kind: 'series', input: seriesArgs(dt, window, forces) }, steps: numTimesteps };
  }

  /** Name of the output series. */
  protected get outputName(): string {
    return 'Outputs';
  }

  /** Takes over the state of a run, moves the clock on and wraps the output. */
  #finish(evolution: RateEvolution, { out, end }: { out: Float64Array; end: Float64Array }): TSContinuous {
    this.storeState(end);
    this.timestep = evolution.timestep + evolution.steps;
    this.#last.replace({ ...evolution, end });
    this.ratePlanSettled();
    return wrap(evolution, out, evolution.outputs, this.outputName);
  }
}

/** Native arguments of input and forcing input. */
function seriesArgs(dt: number, window: SamplingWindow, force: SamplingWindow | null) {
  if (force?.input) return [dt, ...(window.input ?? noSeries), ...force.input] as const;
  return window.input ? ([dt, ...window.input] as const) : ([] as const);
}

function times(row: Float64Array, matrix: Matrix | null): Float64Array | null {
  if (!matrix) return null;
  const out = new Float64Array(matrix.shape[1]);
  native.multiply(row, 1, row.length, matrix.data, out.length, out);
  return out;
}

function wrap(e: RateEvolution, samples: Float64Array, numChannels: number, name: string): TSContinuous {
  const { dt, steps, timestep } = e;
  const [tStart, tStop] = [timeOf(timestep, 0, dt), timeOf(timestep + steps, 0, dt)];
  return wrapClocked(samples, numChannels, dt, timestep, steps, tStart, tStop, name);
}

const recordNames: Record<RateRecord, string> = {
  resInputsLastEvolution: 'Reservoir inputs',
  recInputsLastEvolution: 'Recurrent inputs',
  resActsLastEvolution: 'Layer activations',
};

function wrapRecord(evolution: DoneRateEvolution, record: RateRecord): TSContinuous {
  return wrap(evolution, recordAgain(evolution, record), evolution.units, recordNames[record]);
}
