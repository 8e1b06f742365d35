/** Types of the native functions on event lists. */
import type { NativeJob, NativeProgress } from '../native.js';

/** An event list as native arguments: times, channels, tStart, tStop, periodic. */
export type EventArgs = [times: Float64Array, channels: Int32Array, tStart: number, tStop: number, periodic: boolean];

/**
 * Time bins as native arguments: bins first to first + count - 1 of the grid of `dt` from `t0`; events at or after `tEnd` do not
 * count.
 */
export type BinWindowArgs = [t0: number, dt: number, first: number, count: number, tEnd: number];

/** Selected channels in order, or the number of channels for all of them. */
export type ChannelsArg = Int32Array | number;

/** @inline Memory of a raster: 0 and 1, or counts. */
export type RasterData = Uint8Array | Uint32Array;

export interface NativeEvents {
  eventChannels(ids: Float64Array | Int32Array, out: Int32Array): number;
  eventsRead(...args: [...EventArgs, tStart: number, tStop: number, channels: ChannelsArg]): [Float64Array, Int32Array];
  eventsPick(...args: [...EventArgs, indices: Float64Array, outTimes: Float64Array, outChannels: Int32Array]): void;
  eventsSlice(
    ...args: [...EventArgs, from: number, step: number, outTimes: Float64Array, outChannels: Int32Array]
  ): void;
  eventsMerge(
    times: Float64Array,
    channels: Int32Array,
    starts: Float64Array,
    delays: Float64Array,
    shifts: Int32Array,
    removeDuplicates: boolean,
  ): number;
  eventsRemap(channels: Int32Array, channelMap: Int32Array, out: Int32Array): void;
  eventsRank(channels: Int32Array, requested: Int32Array | null, out: Int32Array): number;
  eventsCountBins(...args: [...EventArgs, t0: number, tStop: number, dt: number, keepLast: boolean]): number;
  eventsRaster(...args: [...EventArgs, ...BinWindowArgs, channels: ChannelsArg, out: RasterData]): boolean;
  eventsRasterJob(
    ...args: [...EventArgs, ...BinWindowArgs, channels: ChannelsArg, counts: boolean, onProgress: NativeProgress]
  ): NativeJob<[RasterData, boolean]>;
  eventsFromRaster(
    raster: Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array,
    columns: number,
    tStart: number,
    dt: number,
    spikesAtBinStart: boolean,
  ): [Float64Array, Int32Array];
  eventsLocalVariation(...args: [...EventArgs, out: Float64Array]): void;
  eventsFanoFactor(...args: [...EventArgs, ...BinWindowArgs, out: Float64Array | null]): number;
}
