/** Native functions of delta modulation. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { EventArgs } from '../../time-series/events-native.js';
import type { RunInput } from '../rate-native.js';

/** Delta modulation: see `native/include/rockpool/up_down.h`. */
export type UpDownParameters = readonly [
  thrUp: Float64Array,
  thrDown: Float64Array,
  /** Infinity: no decay. */
  tauDecay: Float64Array,
  dt: number,
  repeat: number,
  /** Output channels of a direction. */
  spread: number,
];

export type UpDownRun = readonly [
  noiseStd: number,
  multiplex: boolean,
  ownTurns: boolean,
  firstStep: number,
  steps: number,
  seed: number,
  spikeOffset: number,
];

type Events = [times: Float64Array, channels: Int32Array];

export interface NativeUpDown {
  /** Writes `state` and `turns`. */
  upDownEncode(
    ...args: [...UpDownParameters, ...UpDownRun, state: Float64Array, turns: Float64Array, ...input: RunInput]
  ): Events;
  /** `newState` and `newTurns` must be fresh arrays that nobody else knows: a pool thread writes them. */
  upDownEncodeAsync(
    ...args: [
      ...UpDownParameters,
      ...UpDownRun,
      state: Float64Array,
      turns: Float64Array,
      newState: Float64Array,
      newTurns: Float64Array,
      onProgress: NativeProgress,
      ...input: RunInput,
    ]
  ): NativeJob<Events>;
  /** Writes `state`. */
  upDownDecode(
    ...args: [
      ...UpDownParameters,
      firstStep: number,
      steps: number,
      state: Float64Array,
      out: Float64Array,
      ...events: readonly [] | EventArgs,
    ]
  ): void;
  /** As for upDownEncodeAsync, `out` too. */
  upDownDecodeAsync(
    ...args: [
      ...UpDownParameters,
      firstStep: number,
      steps: number,
      state: Float64Array,
      out: Float64Array,
      newState: Float64Array,
      onProgress: NativeProgress,
      ...events: readonly [] | EventArgs,
    ]
  ): NativeJob<void>;
}
