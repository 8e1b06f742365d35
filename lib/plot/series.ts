/** Plots of time series: what `ts.plot()` gives. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, checkOptions, rangeError, shapeError, typeError } from '../check.js';
import { type Channels, readChannels } from '../time-series/continuous/channels.js';
import type { ChannelSelection } from '../time-series/event-arguments.js';
import { TimeAxis } from '../time-series/time-axis.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { maxMarks, maxRasterRows, resolution } from './defaults.js';
import {
  finish,
  type LineOptions,
  lineOptionNames,
  type PlotOptions,
  plotOptionNames,
  readColor,
  readLabel,
  readLine,
} from './options.js';
import type { Plot } from './plot.js';
import type { Trace } from './types.js';

/** Options of `TSContinuous.plot`. */
export interface ContinuousPlotOptions extends LineOptions {
  /** Sample at these times; default: the samples that are there. */
  times?: ArrayInput | null;
  /** Without `times`: sample every `dt` seconds from `tStart` on. */
  dt?: number | null;
  /** These channels in this order; default all. */
  channels?: Channels | null;
  /** Added to each trace more than to the one before, so that they stand above each other. */
  stagger?: number | null;
  /** Every how manieth of the channels; default all. */
  skip?: number | null;
}

/** Options of `TSEvent.plot`. */
export interface EventPlotOptions extends PlotOptions {
  /** Events from the first to before the second; null for the series' own limit. */
  timeLimits?: readonly (number | null)[] | null;
  /** Events of these channels; default all. */
  channels?: ChannelSelection | null;
}

const continuousNames = [...lineOptionNames, 'times', 'dt', 'channels', 'stagger', 'skip'];
const eventNames = [...plotOptionNames, 'timeLimits', 'channels'];

const titleOf = (name: string): string | null => (name === 'unnamed' ? null : name);

/** The times and samples that are plotted. */
function readSamples(
  ts: TSContinuous,
  { times, dt }: ContinuousPlotOptions,
): { times: Float64Array; samples: Float64Array } {
  if (times !== undefined && times !== null) {
    const at = toNdArray(times, 'times', 'float64').data;
    return { times: at, samples: ts.sample(at).data };
  }
  if (dt !== undefined && dt !== null) {
    const step = checkNumber(dt, 'dt', { positive: true });
    const { data, shape } = ts.toClocked(step);
    return { times: TimeAxis.clocked({ t0: ts.tStart, dt: step, first: 0 }, shape[0]).array, samples: data };
  }
  return { times: ts._axis.array, samples: ts._samples };
}

/** The labels of the traces: the name alone for one, channels for several. */
function labelsOf(label: string | null, channels: Int32Array): (string | null)[] {
  if (channels.length === 1) return [label];
  return Array.from(channels, (c) => (label === null ? `channel ${c}` : `${label} ${c}`));
}

/** Options alone, or what stands first and options after it. */
function readArguments<O extends object>(first: unknown, second: unknown, key: string, names: string[]): Partial<O> {
  const isOptions = typeof first === 'object' && first !== null && !('length' in first) && !('data' in first);
  if (first === undefined || first === null || isOptions) {
    if (isOptions && second !== undefined) throw typeError('options', 'given once', second);
    return checkOptions<O>(isOptions ? first : second, 'options', names);
  }
  const given = checkOptions<O>(second, 'options', names);
  if (key in given) throw typeError(key, 'given once', first);
  return { ...given, [key]: first };
}

/** @internal */
export function plotContinuous(ts: TSContinuous, first?: unknown, second?: unknown): Plot {
  const given = readArguments<ContinuousPlotOptions>(first, second, 'times', continuousNames);
  const skip = checkInteger(given.skip ?? 1, 'skip', { min: 1 });
  const stagger = checkNumber(given.stagger ?? 0, 'stagger');
  const style = { ...readLine(given), color: readColor(given.color) };
  const all = readChannels(given.channels, ts.numChannels) ?? Int32Array.from({ length: ts.numChannels }, (_, i) => i);
  const selected = all.filter((_, i) => i % skip === 0);
  const label = readLabel(given.label, titleOf(ts.name));
  const labels = given.label === null ? Array.from(selected, () => null) : labelsOf(label, selected);
  const { times, samples } = readSamples(ts, given);
  const sorted = native.checkTimes(times) < 0;
  const [from, to] = times.length === 0 ? [ts.tStart, ts.tStop] : [times[0], times[times.length - 1]];
  // Times in disorder can't be reduced column by column: the line goes back and forth.
  const columns = sorted ? resolution : 16384;
  const traces = Array.from(selected, (channel, j): Trace => {
    const args = [times, samples, ts.numChannels, channel, j * stagger] as const;
    const [x, y] = sorted ? native.plotTrace(...args, from, to, columns) : unsorted(...args);
    return { type: 'line', x, y, label: labels[j], ...style };
  });
  const xLim: [number, number] | null = sorted ? [from, to] : null;
  const plot = finish('line', traces, given, { title: titleOf(ts.name), xLabel: 'Time (s)', yLabel: ts.units, xLim });
  if (!given.target) plot._backend = ts.plottingBackend;
  return plot;
}

/** All points as they are. */
function unsorted(
  times: Float64Array,
  samples: Float64Array,
  channels: number,
  channel: number,
  offset: number,
): [Float64Array, Float64Array] {
  const y = new Float64Array(times.length);
  native.takeColumns(samples, times.length, channels, Int32Array.of(channel), y);
  if (offset !== 0) native.addArrays(y, new Float64Array(y.length).fill(offset), y);
  return [times.slice(), y];
}

function readTimeLimits(ts: TSEvent, limits: unknown): [number, number] {
  if (limits === undefined || limits === null) return [ts.tStart, ts.tStop];
  if (typeof limits === 'string' || typeof limits !== 'object' || !('length' in limits))
    throw typeError('timeLimits', 'two times', limits);
  const pair = limits as ArrayLike<number | null>;
  if (pair.length !== 2) throw shapeError('timeLimits', 'two times', `${pair.length}`);
  const time = (v: number | null | undefined, i: number, own: number): number =>
    v === null || v === undefined ? own : checkNumber(v, `timeLimits[${i}]`);
  const [from, to] = [time(pair[0], 0, ts.tStart), time(pair[1], 1, ts.tStop)];
  const both = typeof pair[0] === 'number' && typeof pair[1] === 'number';
  if (both && from > to) throw rangeError('timeLimits', 'two times in ascending order', [from, to]);
  return [from, to];
}

/** @internal */
export function plotEvents(ts: TSEvent, first?: unknown, second?: unknown): Plot {
  const given = readArguments<EventPlotOptions>(first, second, 'timeLimits', eventNames);
  const [from, to] = readTimeLimits(ts, given.timeLimits);
  const color = readColor(given.color);
  const label = readLabel(given.label, titleOf(ts.name));
  const whole = from <= ts.tStart && to >= ts.tStop && (given.channels === undefined || given.channels === null);
  const { times, channels } = whole ? ts._peek() : ts.events({ tStart: from, tStop: to, channels: given.channels });
  const { numChannels } = ts;
  const [x, y, counts, rows] =
    numChannels === 0
      ? [new Float64Array(0), new Float64Array(0), new Float64Array(0), 0]
      : native.plotEvents(times, channels, from, to, resolution, numChannels, maxRasterRows, maxMarks);
  const trace: Trace =
    counts.length === 0 ? { type: 'events', x, y, label, color } : cells(counts, rows, from, to, numChannels);
  const defaults = {
    title: titleOf(ts.name),
    xLabel: 'Time (s)',
    yLabel: 'Channels',
    xLim: [ts.tStart, ts.tStop] as [number, number],
    yLim: [-1, numChannels] as [number, number],
  };
  const plot = finish('raster', [trace], given, defaults);
  if (!given.target) plot._backend = ts.plottingBackend;
  return plot;
}

const found = new Float64Array(2);

/** Events that are too many for marks: how many there are in each pixel. */
function cells(counts: Float64Array, rows: number, from: number, to: number, numChannels: number): Trace {
  native.finiteLimits(counts, found);
  return {
    type: 'cells',
    values: counts,
    rows,
    columns: resolution,
    extent: [from, to, -0.5, numChannels - 0.5],
    upwards: true,
    limits: [1, Math.max(2, found[1])],
    colors: 'density',
    label: 'Events per pixel',
  };
}
