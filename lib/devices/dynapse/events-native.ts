import type { DynapseBoard } from './native.js';

/** Native functions between event series and boards: see `event_lists.h` in the core. */
export interface NativeDynapseEvents {
  /** Steps of `dt` from `start` on that hold the times, in `out`. RangeError for a time outside `total` steps. */
  dynapseEventSteps(times: Float64Array, start: number, dt: number, total: number, out: Float64Array): void;
  /** The train of part of a stimulus: intervals from `firstStep` on; `sources` of channels; long silences filled. */
  dynapsePartWords(
    steps: Float64Array,
    channels: Int32Array,
    firstStep: number,
    sources: Uint32Array,
    cores: number,
    chip: number,
  ): Uint16Array;
  /**
   * Plays a train (none: only records) on a board that streams, and waits meanwhile. Times are those of the stream, in microseconds; `resetsRead`:
   * notices of resets that were read so far; `speed`: board time in a second, 0 on a model that goes on by dynapseModelAdvance.
   */
  dynapseCaptureNow(
    board: DynapseBoard,
    words: Uint16Array,
    intervalBase: number,
    microseconds: number,
    resetsRead: number,
    speed: number,
  ): { times: Float64Array; addresses: Uint32Array; origin: number; lost: number; resetsRead: number };
  /**
   * Keeps what a read brought from `origin` on, less than `duration` later (both in microseconds), of neurons whose entry in `channels`
   * (4096 of them) is not negative. Times in seconds, `start` at the origin, none before
   * `notBefore`. Returns how many.
   */
  dynapseKeepEvents(
    times: Float64Array,
    addresses: Uint32Array,
    origin: number,
    duration: number,
    start: number,
    notBefore: number,
    channels: Int32Array,
    outTimes: Float64Array,
    outChannels: Int32Array,
  ): number;
}
