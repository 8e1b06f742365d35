/** Where the parts of a plot go: margins, axes, the legend. */
import type { Plot } from '../plot.js';
import { palette } from '../defaults.js';
import type { CellsTrace, LineStyle, LineTrace, Trace } from '../types.js';
import { fontSizes, type LegendEntry, legendOf, legendRow, textWidth } from './legend.js';
import { makeAxis, tickText, widen, type Axis } from './axes.js';

/** A plot and the pixels that it has. */
export interface Panel {
  plot: Plot;
  left: number;
  top: number;
  width: number;
  height: number;
  /** The panel below has the same axis of x and names it. */
  namelessX?: boolean;
}

export interface Margins {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** The pixels of the axes. */
export interface Area {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A panel, measured. */
export interface Measured {
  panel: Panel;
  x: Axis;
  y: Axis;
  margins: Margins;
  legend: LegendEntry[];
  /** Whether there is room for the title. */
  titled: boolean;
  /** The trace with a bar of colours. */
  bar: CellsTrace | null;
}

type Limits = [number, number] | null;

function traceLimits(trace: Trace, x: Limits, y: Limits): [Limits, Limits] {
  switch (trace.type) {
    case 'cells': {
      const [left, right, bottom, top] = trace.extent;
      return [widen(x, Float64Array.of(left, right)), widen(y, Float64Array.of(bottom, top))];
    }
    case 'bars':
      return [widen(x, trace.edges), widen(widen(y, trace.y), Float64Array.of(0))];
    case 'diagram':
      return [x, y];
    case 'events': {
      const rows = widen(null, trace.y);
      return [widen(x, trace.x), rows === null ? y : widen(y, Float64Array.of(rows[0] - 0.5, rows[1] + 0.5))];
    }
    default: {
      const withZero = trace.type === 'points' && trace.marker === 'stem' ? widen(y, Float64Array.of(0)) : y;
      return [widen(x, trace.x), widen(withZero, trace.y)];
    }
  }
}

/** The limits of x: those that were set, else those of the traces, null without any. */
export function xLimitsOf(plot: Plot): [number, number] | null {
  let x: Limits = null;
  for (const trace of plot.traces) [x] = traceLimits(trace, x, null);
  return plot.xLim ?? x;
}

const has = (plot: Plot, ...types: Trace['type'][]): boolean => plot.traces.some((t) => types.includes(t.type));

/** Limits without padding, and the shares of their range that are added on both sides. */
interface PaddedLimits {
  x: Limits;
  y: Limits;
  padX: number;
  padY: [number, number];
}

/** The limits and their padding: none where the user gave them, or where what is drawn ends at them by its nature. */
function limitsOf(plot: Plot): PaddedLimits {
  let [x, y]: [Limits, Limits] = [null, null];
  for (const trace of plot.traces) [x, y] = traceLimits(trace, x, y);
  const points = plot.kind === 'scatter' || !has(plot, 'line', 'bars', 'cells', 'events');
  const padX = plot.xLim === null && points ? 0.05 : 0;
  const whole = plot.yLim !== null || has(plot, 'cells') || !has(plot, 'line', 'points', 'bars', 'diagram');
  const low = whole || has(plot, 'bars') ? 0 : 0.05;
  return { x: plot.xLim ?? x, y: plot.yLim ?? y, padX, padY: [low, whole ? 0 : 0.05] };
}

const padded = ([lo, hi]: [number, number], [below, above]: [number, number]): [number, number] =>
  Number.isFinite(hi - lo) ? [lo - (hi - lo) * below, hi + (hi - lo) * above] : [lo, hi];

/** What the axes of a plot show, null where it says nothing of it. */
export function shownLimits(plot: Plot): { x: Limits; y: Limits } {
  const { x, y, padX, padY } = limitsOf(plot);
  return { x: x && padded(x, [padX, padX]), y: y && padded(y, padY) };
}

/** The limits with a unit of x as long as one of y: the one that has room gets more. */
function equalised(limits: PaddedLimits, area: Area): PaddedLimits {
  const { padX, padY } = limits;
  const [x, y]: [number, number][] = [limits.x ?? [0, 1], limits.y ?? [0, 1]];
  const ranges = [(x[1] - x[0]) * (1 + 2 * padX) || 1, (y[1] - y[0]) * (1 + padY[0] + padY[1]) || 1];
  const unit = Math.max(ranges[0] / area.width, ranges[1] / area.height);
  if (!Number.isFinite(unit)) return limits;
  const around = ([lo, hi]: [number, number], pixels: number): [number, number] => {
    const [middle, half] = [(lo + hi) / 2, (unit * pixels) / 2];
    return [middle - half, middle + half];
  };
  return { x: around(x, area.width), y: around(y, area.height), padX: 0, padY: [0, 0] };
}

/** Whether cells lie at the numbers of the rows or columns of a matrix, from `from` to `to`. */
const atNumbers = (from: number, to: number, count: number): boolean =>
  Number.isInteger(from + 0.5) && Number.isInteger(to + 0.5) && Math.abs(to - from) >= count;

function axesOf(limits: PaddedLimits, plot: Plot, area: Area): { x: Axis; y: Axis } {
  const cells = plot.traces.filter((t) => t.type === 'cells');
  const rows = cells.some(({ extent, rows: count }) => atNumbers(extent[2], extent[3], count));
  const columns = cells.some(({ extent, columns: count }) => atNumbers(extent[0], extent[1], count));
  return {
    x: makeAxis(limits.x ?? [0, 1], plot.xLabel, {
      padding: [limits.padX, limits.padX],
      wanted: Math.max(2, Math.min(10, Math.floor(area.width / 75))),
      whole: columns && !has(plot, 'events') && plot.kind === 'heatmap',
    }),
    y: makeAxis(limits.y ?? [0, 1], plot.yLabel, {
      padding: limits.padY,
      wanted: Math.max(2, Math.min(8, Math.floor(area.height / 38))),
      whole: rows || has(plot, 'events'),
    }),
  };
}

/** The colour of a trace. */
export function colourOf(plot: Plot, index: number): string {
  const { traces } = plot;
  const trace = traces[index];
  if ('color' in trace && trace.color !== null) return trace.color;
  const before = traces.slice(0, index).filter((t) => 'color' in t && t.color === null).length;
  return palette[before % palette.length];
}

/** How a line is drawn: where a colour of the palette comes again in a legend, solid lines are dashed. */
export function lineStyleOf({ panel: { plot }, legend }: Measured, index: number): LineStyle {
  const trace = plot.traces[index] as LineTrace;
  if (legend.length === 0 || trace.color !== null || trace.lineStyle !== 'solid') return trace.lineStyle;
  const before = plot.traces.slice(0, index).filter((t) => 'color' in t && t.color === null).length;
  return before >= palette.length ? 'dashed' : 'solid';
}

/** Pixels that a bar of colours takes beside the axes. */
const barWidth = 84;

function widest(axis: Axis): number {
  return Math.max(8, ...axis.ticks.map((tick) => textWidth(tickText(tick, axis.digits), fontSizes.tick)));
}

/** The pixels of the axes of a measured panel. */
export function areaOf({ panel, margins }: { panel: Panel; margins: Margins }): Area {
  return {
    left: panel.left + margins.left,
    top: panel.top + margins.top,
    width: Math.max(10, panel.width - margins.left - margins.right),
    height: Math.max(10, panel.height - margins.top - margins.bottom),
  };
}

/** Pixels that the axes have at least before there is a title or a legend. */
const leastHeight = 40;

/** Title and legend as far as there is room for them, and the pixels above the axes. */
function headOf({ plot, width, height }: Panel): { titled: boolean; legend: LegendEntry[]; top: number } {
  const room = height - 12 - 48 - leastHeight;
  const titled = plot.title !== null && room >= 22;
  const above = titled ? 22 : 0;
  const legend = legendOf(plot, width - 90, Math.floor((room - above) / legendRow));
  const rows = legend.length === 0 ? 0 : legend[legend.length - 1].row + 1;
  return { titled, legend, top: 12 + above + rows * legendRow };
}

/** Measures a panel. */
export function measure(panel: Panel): Measured {
  const { plot } = panel;
  const bar = plot.traces.find((t): t is CellsTrace => t.type === 'cells' && t.label !== null) ?? null;
  const { titled, legend, top } = headOf(panel);
  if (has(plot, 'diagram')) {
    const axis = makeAxis([0, 1], null);
    return {
      panel,
      x: axis,
      y: axis,
      margins: { left: 12, right: 12, top, bottom: 12 },
      legend: [],
      titled,
      bar: null,
    };
  }
  const limits = limitsOf(plot);
  const margins = { left: 60, right: 24 + (bar ? barWidth : 0), top, bottom: 30 };
  const first = axesOf(limits, plot, areaOf({ panel, margins }));
  margins.left = 16 + widest(first.y) + (first.y.name === '' ? 0 : 22);
  margins.bottom = 28 + (first.x.name === '' || panel.namelessX ? 0 : 20);
  const area = areaOf({ panel, margins });
  const axes = axesOf(plot.aspect === 'equal' ? equalised(limits, area) : limits, plot, area);
  const cells = plot.traces.find((t): t is CellsTrace => t.type === 'cells');
  if (cells && cells.extent[2] > cells.extent[3]) axes.y.inverse = true;
  return { panel, ...axes, margins, legend, titled, bar };
}
