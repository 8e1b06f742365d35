/** The state that a training carries from batch to batch. */
import { native } from '../../binding.js';
import { timeOf } from '../../time-grid.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import type { Regressors, TrainingWindow } from '../training-types.js';

/** What of a layer matters here. */
interface Filter {
  readonly sizeIn: number;
  readonly tauSyn: number;
  readonly addEvents: boolean;
}

/** The filtered input where a batch ended. */
interface BatchEnd {
  /** Time of the last sample. */
  time: number;
  /** That sample. */
  last: Float64Array;
  /** The sample one time step later, with the events in between. */
  next: Float64Array;
}

/** Filters the input of batches such that a training in batches has the regressors of a training in one piece. */
export class FilterCarry {
  #end: BatchEnd | null = null;

  /** The filtered input of a batch, which begins where the last one ended, or with zeros. */
  regressors({ sizeIn, tauSyn, addEvents }: Filter, input: TSEvent | null, window: TrainingWindow): Regressors {
    const { tStart, dt, numSamples, isFirst, flags } = window;
    const store = flags['storeStates'] === true;
    const initial = store && !isFirst ? this.#initial(tStart, dt, tauSyn) : undefined;
    const events = input ? input.eventArgs() : ([] as const);
    const handle = native.filteredEvents(sizeIn, numSamples, tauSyn, tStart, dt, addEvents, initial, ...events);
    const end = (): BatchEnd => {
      const last = new Float64Array(sizeIn);
      const next = new Float64Array(sizeIn);
      native.filteredEventsEnd(handle, last, next);
      return { time: timeOf(numSamples - 1, tStart, dt), last, next };
    };
    const rows = { handle, numFeatures: sizeIn };
    const release = (): void => native.releaseHandle(handle);
    if (!store) return { input: rows, release };
    return {
      input: rows,
      release,
      commit: () => {
        this.#end = end();
      },
      get trainingState() {
        return end().last;
      },
    };
  }

  /** What is left of the last batch at a time; undefined (zeros) where the time is before its end. */
  #initial(tStart: number, dt: number, tau: number): Float64Array | undefined {
    if (!this.#end) return undefined;
    const { time, last, next } = this.#end;
    const steps = Math.round((tStart - time) / dt);
    if (steps < 0) return undefined;
    if (steps === 0) return last;
    const decayed = next.slice();
    native.scaleInPlace(decayed, Math.exp((-(steps - 1) * dt) / tau));
    return decayed;
  }
}
