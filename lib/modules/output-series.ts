/** Outputs of modules as time series. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { checkNumber, checkOptions, shapeError } from '../check.js';
import { wrapClocked } from '../layers/rate-core.js';
import { timeOf } from '../time-grid.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import type { SeriesOptions } from './timed-types.js';

const optionNames = ['name', 'periodic', 'interpKind', 'numChannels', 'spikesAtBinStart', 'dt', 'tStart'];

/** The clock that an output belongs to. */
export interface OutputClock {
  readonly timestep: number;
  readonly dt: number;
  readonly sizeOut: number;
}

/** An output `[T, N]`, `[batch, T, N]` (the first batch counts) or `[T]` (one channel), as a matrix. */
export function seriesMatrix(output: ArrayInput): Matrix {
  const array = toNdArray(output, 'output', 'float64');
  const { shape } = array;
  if (shape.length === 2) return array;
  if (shape.length === 1) return array.reshape(shape[0], 1);
  if (shape.length === 3 && shape[0] > 0)
    return new NdArray(array.data.subarray(0, shape[1] * shape[2]), [shape[1], shape[2]]);
  throw shapeError('output', '[T, N] or [batch, T, N]', shapeText(shape));
}

interface Place {
  n: number;
  dt: number;
  /** The step at which the series begins, where it lies on the module's clock. */
  first: number | null;
  tStart: number;
  tStop: number;
}

function placeOf(output: Matrix, clock: OutputClock, options: SeriesOptions): Place {
  const n = output.shape[0];
  if (options.dt === undefined && options.tStart === undefined) {
    const { dt, timestep: first } = clock;
    return { n, dt, first, tStart: timeOf(first, 0, dt), tStop: timeOf(first + n, 0, dt) };
  }
  const dt = checkNumber(options.dt ?? clock.dt, 'dt', { positive: true });
  const tStart = checkNumber(options.tStart ?? timeOf(clock.timestep, 0, clock.dt), 'tStart');
  return { n, dt, first: null, tStart, tStop: timeOf(n, tStart, dt) };
}

/** Samples at the ticks of a clock. */
export function clockedSeries(output: Matrix, clock: OutputClock, given: SeriesOptions): TSContinuous {
  const options = checkOptions<SeriesOptions>(given, 'options', optionNames);
  const { n, dt, first, tStart, tStop } = placeOf(output, clock, options);
  const channels = output.shape[1];
  const samples = output.data.slice();
  const series =
    first === null && n > 0
      ? TSContinuous.fromClocked(new NdArray(samples, output.shape), dt, { tStart })
      : wrapClocked(samples, channels, dt, first ?? 0, n, tStart, tStop);
  series.name = options.name ?? 'unnamed';
  if (options.interpKind !== undefined) series.interpKind = options.interpKind;
  if (options.periodic !== undefined) series.periodic = options.periodic;
  return series;
}

/** Numbers of events in the steps of a clock. */
export function eventSeries(output: Matrix, clock: OutputClock, given: SeriesOptions): TSEvent {
  const options = checkOptions<SeriesOptions>(given, 'options', optionNames);
  const { dt, tStart, tStop } = placeOf(output, clock, options);
  const { name, periodic, spikesAtBinStart, numChannels = clock.sizeOut } = options;
  return TSEvent.fromRaster(output, { dt, tStart, tStop, name, periodic, spikesAtBinStart, numChannels });
}
