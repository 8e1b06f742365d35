/** Recorded outputs as time series. */
import type { Matrix } from '../array.js';
import { clockedSeries, eventSeries, seriesMatrix } from '../modules/output-series.js';
import type { TimeSeries } from '../time-series/time-series.js';

/** The first batch of an output, as a series that begins at `tStart`. */
export function outputSeries(
  output: Matrix,
  spiking: boolean,
  options: { name: string; dt: number; tStart: number },
): TimeSeries {
  const matrix = seriesMatrix(output);
  const clock = { timestep: 0, dt: options.dt, sizeOut: matrix.shape[1] };
  return spiking ? eventSeries(matrix, clock, options) : clockedSeries(matrix, clock, options);
}
