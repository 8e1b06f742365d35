/** What of the state of digital neurons is not potentials: refractory times, and events under way. All times are absolute. */
import { native } from '../../binding.js';
import { rangeError } from '../../check.js';
import { snapshotArray } from '../snapshot.js';
import type { LayerSnapshot } from '../types.js';

export class DigitalQueue {
  readonly #inputs: number;
  readonly #units: number;
  #refractoryEnds: Float64Array;
  #times: Float64Array = new Float64Array(0);
  #channels: Int32Array = new Int32Array(0);

  constructor(inputs: number, units: number) {
    this.#inputs = inputs;
    this.#units = units;
    this.#refractoryEnds = new Float64Array(units);
  }

  /** Times at which refractory neurons are free again: the array itself. */
  get refractoryEnds(): Float64Array {
    return this.#refractoryEnds;
  }

  /** Times of events under way: the array itself. */
  get times(): Float64Array {
    return this.#times;
  }

  /** Their channels: -1 for wake-ups, then inputs, neurons, and the leak. */
  get channels(): Int32Array {
    return this.#channels;
  }

  /** As arguments of a run. */
  args(): [refractoryEnds: Float64Array, times: Float64Array, channels: Int32Array] {
    return [this.#refractoryEnds, this.#times, this.#channels];
  }

  take(refractoryEnds: Float64Array, times: Float64Array, channels: Int32Array): void {
    this.#refractoryEnds = refractoryEnds;
    this.#times = times;
    this.#channels = channels;
  }

  /** Nobody is refractory, nothing is under way. */
  reset(): void {
    this.take(new Float64Array(this.#units), new Float64Array(0), new Int32Array(0));
  }

  /** The clock was moved. */
  move(seconds: number): void {
    if (seconds === 0) return;
    const moved = (times: Float64Array): Float64Array => {
      const out = new Float64Array(times.length);
      native.shiftTimes(times, seconds, out);
      return out;
    };
    this.take(moved(this.#refractoryEnds), moved(this.#times), this.#channels);
  }

  snapshot(): Record<string, Float64Array | Int32Array> {
    return {
      refractoryEnds: this.#refractoryEnds.slice(),
      pendingTimes: this.#times.slice(),
      pendingChannels: this.#channels.slice(),
    };
  }

  /** Checks what {@link snapshot} returned and returns the function that puts it back. */
  prepareRestore(snapshot: LayerSnapshot, now: number): () => void {
    const ends = snapshotArray(snapshot, 'refractoryEnds', 'float64', this.#units);
    const endless = ends.find((time) => !Number.isFinite(time));
    if (endless !== undefined) throw rangeError('refractoryEnds', 'finite times', endless);
    const times = snapshotArray(snapshot, 'pendingTimes', 'float64');
    const wrong = times.find((time) => !(time >= now && Number.isFinite(time)));
    if (wrong !== undefined) throw rangeError('pendingTimes', `finite times at or after ${now}`, wrong);
    const channels = snapshotArray(snapshot, 'pendingChannels', 'int32', times.length);
    const [first, last] = [this.#inputs, this.#inputs + this.#units];
    const unknown = channels.find((channel) => channel !== -1 && (channel < first || channel > last));
    if (unknown !== undefined) throw rangeError('pendingChannels', `-1, or from ${first} to ${last}`, unknown);
    return () => this.take(ends, times, channels);
  }
}
