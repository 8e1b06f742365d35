/** How the layers with fast and slow synapses evolve. */
import { checkNumber, rangeError } from '../../check.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { LastEvolution, named } from '../jax/last-evolution.js';
import { refuseTaskOptions } from '../prepare-input.js';
import { FastSlowBase } from './fast-slow-base.js';
import type { AsyncFastSlowEvolveOptions, FastSlowEvolveOptions } from './options.js';
import {
  copyState,
  type DoneFastSlowEvolution,
  type FastSlowEvolution,
  type FastSlowRecord,
  type FastSlowResult,
  noTeaching,
  recordAgain,
  runFastSlow,
  runFastSlowAsync,
  type Teaching,
} from './run.js';

/** The smallest `minDelta` in time steps. */
const leastDelta = 1e-9;

/**
 * Recurrently connected leaky integrate-and-fire neurons with one continuous input each, whose spikes have precise times:
 *
 * ```
 * tauMem dV/dt = V_rest - V + F + S + input + bias,    tauSynRFast dF/dt = -F,    tauSynRSlow dS/dt = -S
 * ```
 *
 * Forward Euler in steps of `dt`. When a potential was found above its threshold, the solver goes back along straight lines to where the
 * first one crossed, lets that unit spike, and goes on from there; `docs/fast-slow-layers.md` tells it in full. Where the solver is between two
 * time steps belongs to the state, so that an evolution in pieces gives the same bits as one in one piece.
 */
export abstract class FastSlowLayer extends FastSlowBase {
  readonly #last = new LastEvolution<DoneFastSlowEvolution, FastSlowRecord>(
    () => this.startPrint,
    (evolution, name) => recordAgain(evolution, name),
  );

  /**
   * Evolves the layer and returns its spikes, one channel for each unit, at their precise times.
   *
   * @param tsInput A continuous input of `size` channels or of one that feeds all units. Where it is not defined there is no input.
   * @throws RockpoolError `ERR_NOT_FINITE` when a potential or a current is no number any more; the layer is as before then.
   */
  override evolve(tsInput?: TimeSeries | null, options: FastSlowEvolveOptions = {}): TSEvent {
    refuseTaskOptions(options);
    const evolution = this.#prepare(tsInput, options);
    let result: FastSlowResult;
    try {
      result = runFastSlow(evolution);
    } catch (error) {
      throw named(error, this.startPrint);
    }
    return this.#afterwards(this.#finish(evolution, result));
  }

  /** The same off the event loop. */
  override async evolveAsync(tsInput?: TimeSeries | null, options: AsyncFastSlowEvolveOptions = {}): Promise<TSEvent> {
    const output = await this.runExclusive(async () => {
      const evolution = this.#prepare(tsInput, options);
      try {
        return this.#finish(evolution, await runFastSlowAsync(evolution, options));
      } catch (error) {
        throw named(error, this.startPrint);
      }
    });
    return this._lock().permit(() => this.#afterwards(output));
  }

  /** The record of the last evolution, made by running that evolution again. */
  protected lastRecord(name: string): FastSlowRecord {
    return this.#last.get(name);
  }

  /** Whether the last evolution is kept for a record. */
  protected get keepsLast(): boolean {
    return true;
  }

  /** What acts on the neurons in so many steps, beside the input. */
  protected teaching(steps: number): Teaching {
    void steps;
    return noTeaching;
  }

  /** An evolution has ended: the layer has its new state. */
  protected evolved(output: TSEvent, teaching: Teaching): void {
    void [output, teaching];
  }

  /** Called with the output when the layer is idle again. */
  protected tell(output: TSEvent): void {
    void output;
  }

  #prepare(tsInput: TimeSeries | null | undefined, options: AsyncFastSlowEvolveOptions): FastSlowEvolution {
    const { minDelta, rest } = this.#splitOptions(options);
    const window = this.samplingWindow(tsInput, rest);
    const steps = window.numTimesteps;
    const plan = this._plan();
    const { timestep: first, dt, seed } = this;
    const teaching = this.teaching(steps);
    return { plan, first, steps, dt, seed, minDelta, window, teaching, start: copyState(this._present()) };
  }

  #splitOptions(options: AsyncFastSlowEvolveOptions): { minDelta: number; rest: AsyncFastSlowEvolveOptions } {
    const given: unknown = options;
    if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given))
      return { minDelta: 0.1, rest: options }; // refused where the options are read
    const { minDelta, ...rest } = options;
    if (minDelta === undefined || minDelta === null) return { minDelta: 0.1, rest };
    const steps = checkNumber(minDelta, 'minDelta', { positive: true }) / this.dt;
    if (!(steps >= leastDelta && steps < 1))
      throw rangeError('minDelta', `at least ${leastDelta * this.dt} and less than dt, ${this.dt}`, minDelta);
    return { minDelta: steps, rest };
  }

  /** Takes over the state of a run and moves the clock on. */
  #finish(evolution: FastSlowEvolution, { times, channels, end }: FastSlowResult): TSEvent {
    const tStart = this.t;
    this._takeState(end);
    this.timestep = evolution.first + evolution.steps;
    if (this.keepsLast) this.#last.replace({ ...evolution, endV: end.v.slice() });
    else this.#last.forget();
    const output = TSEvent.fromTrusted({ times, channels, numChannels: this.size, tStart, tStop: this.t });
    this.evolved(output, evolution.teaching);
    return output;
  }

  #afterwards(output: TSEvent): TSEvent {
    this.tell(output);
    return output;
  }
}
