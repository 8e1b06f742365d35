/** Event series to rasters and back. */
import { type ArrayLike_, NdArray, type NdData, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, rangeError, shapeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import { warn } from '../warnings.js';
import { type ChannelSelection, maxChannels, readSelection, readTime } from './event-arguments.js';
import type { BinWindowArgs, ChannelsArg, RasterData } from './events-native.js';
import type { TSEvent } from './ts-event.js';

/** 0 and 1 (`Uint8Array`), or numbers of events (`Uint32Array`): one row for each time step, one column for each channel. */
export type EventRaster = NdArray<Uint8Array> | NdArray<Uint32Array>;

/** Options of {@link TSEvent.raster} and of what is made like it. */
export interface RasterOptions {
  /** Time step in seconds. */
  dt: number;
  /** Start of the first time step in seconds; default: the series' own start. */
  tStart?: number | null;
  /** End in seconds, not included; default: the series' own end. Not together with `numTimesteps`. */
  tStop?: number | null;
  /** Number of time steps. */
  numTimesteps?: number | null;
  /** Column j holds `channels[j]`; duplicates are fine. Default: all channels. */
  channels?: ChannelSelection | null;
  /** Count the events of each cell instead of telling whether there are any; default false. */
  addEvents?: boolean;
}

const optionNames = ['dt', 'tStart', 'tStop', 'numTimesteps', 'channels', 'addEvents'];

/** @internal `(dt, options)` or `(options)`, checked. */
export interface RasterPlan {
  window: BinWindowArgs;
  numTimesteps: number;
  channels: ChannelsArg;
  columns: number;
  counts: boolean;
}

/** @internal */
export function rasterOptions<T extends object>(
  dt: unknown,
  options: unknown,
  moreNames: readonly string[] = [],
): Partial<T> {
  const names = [...optionNames, ...moreNames];
  const inObject = typeof dt === 'object' && dt !== null && !('data' in dt) && !ArrayBuffer.isView(dt);
  return inObject ? checkOptions<T>(dt, 'options', names) : { ...checkOptions<T>(options, 'options', names), dt };
}

/** @internal The time bins of a raster, and how many there are. */
export function readWindow(series: TSEvent, options: Partial<RasterOptions>): { window: BinWindowArgs; count: number } {
  const { tStart, tStop, numTimesteps } = options;
  const dt = checkNumber(options.dt, 'dt', { positive: true });
  const t0 = readTime(tStart, 'tStart', series.tStart);
  if (numTimesteps !== null && numTimesteps !== undefined) {
    if (tStop !== null && tStop !== undefined) throw rangeError('tStop', 'left out when numTimesteps is given', tStop);
    const count = checkInteger(numTimesteps, 'numTimesteps', { min: 0 });
    return { window: [t0, dt, 0, count, Infinity], count };
  }
  const end = readTime(tStop, 'tStop', series.tStop);
  if (end < t0) throw rangeError('tStop', `tStart (${t0}) or later`, end);
  // Up to the series' own end no event is lost, even when rounding puts the last one behind the last bin.
  const own = end === series.tStop;
  const count = native.eventsCountBins(...series.eventArgs(), t0, end, dt, own);
  return { window: [t0, dt, 0, count, end], count };
}

/** @internal */
export function planRaster(series: TSEvent, options: Partial<RasterOptions>): RasterPlan {
  const { addEvents = false } = options;
  const counts = checkBoolean(addEvents, 'addEvents');
  const channels = readSelection(options.channels, series.numChannels, maxChannels);
  const { window, count } = readWindow(series, options);
  if (typeof channels !== 'number') {
    const unknown = [...new Set(channels)].filter((c) => c >= series.numChannels);
    if (unknown.length > 0) {
      const text = unknown.length > 8 ? `${unknown.slice(0, 8).join(', ')}, ...` : unknown.join(', ');
      warn(
        'RASTER_UNKNOWN_CHANNELS',
        `series '${series.name}' has ${series.numChannels} channels, none with the ids ${text}: these columns are empty`,
      );
    }
  }
  const columns = typeof channels === 'number' ? channels : channels.length;
  return { window, numTimesteps: count, channels, columns, counts };
}

function warnMerged(series: TSEvent): void {
  warn(
    'RASTER_EVENTS_MERGED',
    `several events of series '${series.name}' fall into one time step and channel and count as one; addEvents counts them`,
  );
}

function allocate(counts: boolean, rows: number, columns: number): RasterData {
  const size = rows * columns;
  try {
    return counts ? new Uint32Array(size) : new Uint8Array(size);
  } catch (cause) {
    throw new RockpoolError('ERR_NOMEM', `not enough memory for a raster of ${rows} x ${columns}`, { cause });
  }
}

/** @internal See {@link TSEvent.raster}. */
export function raster(series: TSEvent, options: Partial<RasterOptions>): EventRaster {
  const plan = planRaster(series, options);
  const out = allocate(plan.counts, plan.numTimesteps, plan.columns);
  const merged = native.eventsRaster(...series.eventArgs(), ...plan.window, plan.channels, out);
  if (merged && !plan.counts) warnMerged(series);
  return new NdArray(out, [plan.numTimesteps, plan.columns]) as EventRaster;
}

/** @internal See {@link TSEvent.rasterAsync}. */
export async function rasterAsync(
  series: TSEvent,
  options: Partial<RasterOptions & TaskOptions>,
): Promise<EventRaster> {
  const plan = planRaster(series, options);
  const [out, merged] = await runTask(options, (progress) =>
    native.eventsRasterJob(...series.eventArgs(), ...plan.window, plan.channels, plan.counts, progress),
  );
  if (merged && !plan.counts) warnMerged(series);
  return new NdArray(out, [plan.numTimesteps, plan.columns]) as EventRaster;
}

/** @internal */
export const rasterAsyncOptionNames = taskOptionNames;

/** Memory of the rows that are made at once, in cells. */
const cellsAtOnce = 2 ** 16;

/** @internal See {@link TSEvent.rasterRows}. Arguments are checked now, rows are made when they are asked for. */
export function rasterRows(series: TSEvent, options: Partial<RasterOptions>): IterableIterator<RasterData> {
  const plan = planRaster(series, options);
  // The series as it is now: one that is changed in place meanwhile does not change the rows.
  return makeRows(series.copy(), plan);
}

function* makeRows(
  series: TSEvent,
  { window, numTimesteps, channels, columns, counts }: RasterPlan,
): Generator<RasterData> {
  const [t0, dt, , , tEnd] = window;
  const block = Math.max(1, Math.floor(cellsAtOnce / Math.max(1, columns)));
  let warned = counts;
  for (let first = 0; first < numTimesteps; first += block) {
    const rows = Math.min(block, numTimesteps - first);
    const out = allocate(counts, rows, columns);
    const merged = native.eventsRaster(...series.eventArgs(), t0, dt, first, rows, tEnd, channels, out);
    if (merged && !warned) {
      warnMerged(series);
      warned = true;
    }
    for (let row = 0; row < rows; row++) yield out.subarray(row * columns, (row + 1) * columns);
  }
}

/** Options of {@link TSEvent.fromRaster}. */
export interface FromRasterOptions {
  /** Time step in seconds; default 1. */
  dt?: number;
  /** Start of the first time step in seconds; default 0. */
  tStart?: number;
  /** End of the series in seconds; default: that of the last time step. */
  tStop?: number | null;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Whether the series repeats; default false. */
  periodic?: boolean;
  /** Number of channels; default: the number of columns. */
  numChannels?: number | null;
  /** Events at the start of their time step instead of in its middle; default false. */
  spikesAtBinStart?: boolean;
}

/** @internal */
export const fromRasterOptionNames = ['dt', 'tStart', 'tStop', 'name', 'periodic', 'numChannels', 'spikesAtBinStart'];

/** @internal The events of a raster, and its shape. */
export function readRaster(
  raster: unknown,
  tStart: number,
  dt: number,
  spikesAtBinStart: unknown = false,
): { times: Float64Array; channels: Int32Array; rows: number; columns: number } {
  const atBinStart = checkBoolean(spikesAtBinStart, 'spikesAtBinStart');
  const { data, shape } = rasterArray(raster);
  if (shape.length > 2) throw shapeError('raster', 'a vector or a matrix', `an array of ${shape.join(' x ')}`);
  const [rows = 1, columns = 1] = shape;
  const [times, channels] = native.eventsFromRaster(data, columns, tStart, dt, atBinStart);
  return { times, channels, rows, columns };
}

function rasterArray(raster: unknown): NdArray<NdData> {
  if (raster instanceof NdArray) return toNdArray(raster, 'raster', raster.dtype);
  if (raster instanceof Uint8Array) return toNdArray(raster, 'raster', 'uint8');
  if (raster instanceof Uint32Array) return toNdArray(raster, 'raster', 'uint32');
  if (raster instanceof Int32Array) return toNdArray(raster, 'raster', 'int32');
  return toNdArray(withoutBooleans(raster), 'raster', 'float64');
}

/** Nested arrays of truth values as numbers; everything else as it is. */
function withoutBooleans(value: unknown): unknown {
  if (typeof value === 'boolean') return Number(value);
  if (!Array.isArray(value)) return value;
  const [first] = value as unknown[];
  if (typeof first !== 'boolean' && !(Array.isArray(first) && typeof first[0] === 'boolean')) return value;
  return value.map(withoutBooleans);
}

/** What {@link TSEvent.fromRaster} takes: numbers of events or truth values, one row for each time step. */
export type RasterInput = ArrayLike_ | readonly boolean[] | readonly (readonly boolean[])[];
