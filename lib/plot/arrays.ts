/** Plots of arrays: lines, points, stems, histograms. */
import { type ArrayLike_ as ArrayInput, allocate, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptions, rangeError, shapeError } from '../check.js';
import { maxMarks, resolution } from './defaults.js';
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

function vector(value: ArrayInput, name: string): Float64Array {
  const { data, ndim, shape } = toNdArray(value, name, 'float64');
  if (ndim > 1) throw shapeError(name, 'a list of numbers', shapeText(shape));
  return data;
}

/** Points `y` at `x`, or at 0, 1, 2 when there is only one array. */
function readXY(x: ArrayInput, y: ArrayInput | null | undefined): { x: Float64Array; y: NdArray<Float64Array> } {
  const ys = toNdArray(y ?? x, y === null || y === undefined ? 'x' : 'y', 'float64');
  if (ys.ndim > 2) throw shapeError('y', 'a list or a matrix of numbers', shapeText(ys.shape));
  const matrix = ys.ndim === 2 ? ys : ys.reshape(ys.data.length, 1);
  const rows = matrix.shape[0];
  const xs = y === null || y === undefined ? Float64Array.from({ length: rows }, (_, i) => i) : vector(x, 'x');
  if (xs.length !== rows) throw shapeError('y', `${xs.length} rows long, as x is`, `${rows}`);
  return { x: xs, y: matrix };
}

/** Options of {@link plotLine}. */
export interface PlotLineOptions extends Omit<LineOptions, 'label'> {
  /** Text in the legend, or one for each column of `y`. */
  label?: string | readonly (string | null)[] | null;
}

/**
 * Lines through points: `y` is a list, or a matrix with a column for each line. Where `x` ascends, the lines are reduced to what a
 * picture shows.
 */
export function plotLine(x: ArrayInput, y?: ArrayInput | null, options: PlotLineOptions = {}): Plot {
  const given = checkOptions<PlotLineOptions>(options, 'options', lineOptionNames);
  const points = readXY(x, y);
  const [rows, columns] = points.y.shape;
  const style = { ...readLine(given as LineOptions), color: readColor(given.color) };
  const { label } = given;
  if (Array.isArray(label) && label.length !== columns)
    throw shapeError('label', `${columns} texts, one for each column`, `${label.length}`);
  const sorted = native.checkTimes(points.x) < 0;
  const traces = Array.from({ length: columns }, (_, j): Trace => {
    const text = readLabel(Array.isArray(label) ? (label as unknown[])[j] : label, null);
    if (sorted && rows > 0) {
      const ends = [points.x[0], points.x[rows - 1]] as const;
      const [xs, ys] = native.plotTrace(points.x, points.y.data, columns, j, 0, ...ends, resolution);
      return { type: 'line', x: xs, y: ys, label: text, ...style };
    }
    const column = new Float64Array(rows);
    native.takeColumns(points.y.data, rows, columns, Int32Array.of(j), column);
    return { type: 'line', x: points.x.slice(), y: column, label: text, ...style };
  });
  return finish('line', traces, given as PlotOptions, {});
}

/** Options of {@link plotScatter}. */
export interface PlotScatterOptions extends PlotOptions {
  /** Default `'circle'`; `'dot'` is half as large. */
  marker?: 'circle' | 'dot';
  /** Diameter in pixels; default 6. */
  size?: number;
}

/** The points that a picture can show apart. */
function pointsOf(x: Float64Array, y: Float64Array): [Float64Array, Float64Array] {
  if (x.length <= maxMarks) return [x.slice(), y.slice()];
  const limits = new Float64Array(4);
  native.finiteLimits(x, limits.subarray(0, 2));
  native.finiteLimits(y, limits.subarray(2, 4));
  return native.plotPoints(x, y, limits[0], limits[1], limits[2], limits[3], 0, 0, 1, 1, resolution, 1000);
}

/** Single points. Of many, those that would cover each other are one. */
export function plotScatter(x: ArrayInput, y?: ArrayInput | null, options: PlotScatterOptions = {}): Plot {
  const given = checkOptions<PlotScatterOptions>(options, 'options', [...plotOptionNames, 'marker', 'size']);
  const points = readXY(x, y);
  if (points.y.shape[1] !== 1) throw shapeError('y', 'a list of numbers', shapeText(points.y.shape));
  const marker = checkOneOf(given.marker ?? 'circle', 'marker', ['circle', 'dot'] as const);
  const size = checkNumber(given.size ?? 6, 'size', { positive: true, max: 100 });
  const [xs, ys] = pointsOf(points.x, points.y.data);
  const style = { label: readLabel(given.label, null), color: readColor(given.color) };
  return finish('scatter', [{ type: 'points', x: xs, y: ys, marker, size, ...style }], given, {});
}

/** Vertical lines from 0 to each value. */
export function plotStem(x: ArrayInput, y?: ArrayInput | null, options: PlotOptions = {}): Plot {
  const given = checkOptions<PlotOptions>(options, 'options', plotOptionNames);
  const points = readXY(x, y);
  if (points.y.shape[1] !== 1) throw shapeError('y', 'a list of numbers', shapeText(points.y.shape));
  const [xs, ys] = pointsOf(points.x, points.y.data);
  const style = { label: readLabel(given.label, null), color: readColor(given.color) };
  return finish('scatter', [{ type: 'points', x: xs, y: ys, marker: 'stem', size: 6, ...style }], given, {});
}

/** Options of {@link plotHistogram}. */
export interface PlotHistogramOptions extends PlotOptions {
  /** How many bins of one width, or their edges in ascending order and of one distance. Default: by the rule of Sturges, at least 10. */
  bins?: number;
  /** First and last edge; default: the smallest and largest finite value. Values outside are left out. */
  range?: readonly [number, number] | null;
  /** The bars' areas add up to 1, instead of their heights to the number of values. Default false. */
  density?: boolean;
}

function rangeOf(values: Float64Array, range: unknown, bins: number): [number, number] {
  const limits = new Float64Array(2);
  if (range !== undefined && range !== null) {
    const given = vector(range as ArrayInput, 'range');
    if (given.length !== 2) throw shapeError('range', 'two numbers', `${given.length}`);
    const [lo, hi] = [checkNumber(given[0], 'range[0]'), checkNumber(given[1], 'range[1]')];
    if (!(lo < hi)) throw rangeError('range', 'two numbers in ascending order', [lo, hi]);
    return [lo, hi];
  }
  native.finiteLimits(values, limits);
  const [lo, hi] = limits;
  if (lo < hi) return [lo, hi];
  // One value is in the middle of a bin, not at the edge of two.
  const width = (Math.abs(lo) > 1e-290 ? Math.min(Math.abs(lo), 1e307) * 0.1 : 1) / bins;
  const first = lo - (Math.floor(bins / 2) + 0.5) * width;
  return [first, first + bins * width];
}

/** How often values fall into bins of one width. Values that are not finite are left out. */
export function plotHistogram(values: ArrayInput, options: PlotHistogramOptions = {}): Plot {
  const names = [...plotOptionNames, 'bins', 'range', 'density'];
  const given = checkOptions<PlotHistogramOptions>(options, 'options', names);
  const { data } = toNdArray(values, 'values', 'float64');
  const sturges = Math.max(10, Math.ceil(Math.log2(Math.max(1, data.length))) + 1);
  const bins = checkInteger(given.bins ?? sturges, 'bins', { min: 1, max: 100_000 });
  const density = checkBoolean(given.density ?? false, 'density');
  const [lo, hi] = rangeOf(data, given.range, bins);
  const counts = allocate([bins], 'the bins');
  const outside = native.histogram(data, lo, hi, counts);
  // Shares of both ends, since the difference of large limits may be more than a double holds.
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => lo * (1 - i / bins) + hi * (i / bins));
  if (density && data.length > outside)
    native.scaleInPlace(counts, 1 / ((data.length - outside) * (hi / bins - lo / bins)));
  const style = { label: readLabel(given.label, null), color: readColor(given.color) };
  const defaults = { yLabel: density ? 'Density' : 'Count' };
  return finish('histogram', [{ type: 'bars', edges, y: counts, ...style }], given, defaults);
}
