/** Native functions of AEDAT files. */
import type { NativeJob, NativeProgress } from '../native.js';

export interface NativeAedatHead {
  major: number;
  minor: number;
  /** Of the events, in bytes. */
  offset: number;
  /** Lines of versions 1 to 3, XML of version 4. */
  text: string;
  /** 0 none, 1 and 2 LZ4, 3 and 4 ZSTD. */
  compression: number;
  /** Where the packets end, or -1 when it is not said. */
  dataEnd: number;
}

export interface NativeAedatEvents {
  consumed: number;
  /** When nothing was consumed: how many bytes the next packet has. */
  needed: number;
  state: Float64Array;
  times: Float64Array;
  channels: Int32Array;
  /** x or chip. */
  first: Uint16Array;
  /** y or core. */
  second: Uint16Array;
  /** Polarity or neuron. */
  third: Uint8Array;
  triggerTimes: Float64Array;
  triggerTypes: Int32Array;
  /** Frames, samples of inertial units, events marked as not valid, others. */
  skipped: Float64Array;
}

/**
 * `form`: major and minor version, layout (0 DVS128, 1 DAVIS, 2 DynapSE), polarity (0 merged, 1 split, 2 on, 3 off), width, height, whether
 * y is flipped, compression (0 or 1), stream, source (-1: all). `state`: offset in the file, then what the call before gave.
 */
export type AedatReadArgs = [
  bytes: Uint8Array,
  last: boolean,
  form: Int32Array,
  chips: Int32Array,
  state: Float64Array,
];

export interface NativeAedat {
  aedatHead(bytes: Uint8Array): NativeAedatHead;
  aedatRead(...args: AedatReadArgs): NativeAedatEvents;
  /** The same; `bytes` may not be known to anybody else. */
  aedatReadJob(...args: [...AedatReadArgs, progress: NativeProgress]): NativeJob<NativeAedatEvents>;
  /** Offset and size of the body and stream of each packet. */
  aedat4Packets(
    bytes: Uint8Array,
    last: boolean,
    offset: number,
  ): { consumed: number; needed: number; table: Float64Array };
  /** In place and stable. */
  sortAedat(
    times: Float64Array,
    channels: Int32Array,
    first: Uint16Array,
    second: Uint16Array,
    third: Uint8Array,
  ): void;
}
