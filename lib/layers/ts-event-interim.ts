/** Stands for the class of event series until it is there. */
import type { NdArray } from '../array.js';
import { TimeSeries } from '../time-series/time-series.js';

export abstract class TSEvent extends TimeSeries {
  abstract channels: Int32Array;
  abstract raster(options: { dt: number; tStart: number; numTimesteps: number; channels: readonly number[]; addEvents: boolean }): NdArray;
}
