/** Where the parts of a plot go: margins, axes, the legend. */
import type { Plot } from '../plot.js';
import { palette } from '../defaults.js';
import type { CellsTrace, LineStyle, LineTrace, Trace } from '../types.js';
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

/** One entry of a legend. */
export interface LegendEntry {
  trace: number;
  label: string;
  row: number;
  x: number;
}

/** A panel, measured. */
export interface Measured {
  panel: Panel;
  x: Axis;
  y: Axis;
  margins: Margins;
  legend: LegendEntry[];
  /** The trace with a bar of colours. */
  bar: CellsTrace | null;
}

export const fontSizes = { title: 14, name: 12, tick: 11 };
export const legendRow = 18;
const legendKey = 26;

/** About as wide as a text is. */
export const textWidth = (text: string, size: number): number => 0.56 * size * [...text].length;

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

/** The limits and their padding: none where the user gave them, or where what is drawn ends at them by its nature. */
function limitsOf(plot: Plot): { x: [number, number]; y: [number, number]; padX: number; padY: [number, number] } {
  let [x, y]: [Limits, Limits] = [null, null];
  for (const trace of plot.traces) [x, y] = traceLimits(trace, x, y);
  const points = plot.kind === 'scatter' || !has(plot, 'line', 'bars', 'cells', 'events');
  const padX = plot.xLim === null && points ? 0.05 : 0;
  const whole = plot.yLim !== null || has(plot, 'cells', 'events');
  const low = whole || has(plot, 'bars') ? 0 : 0.05;
  const [yLow, yHigh] = y ?? [0, 1];
  const limits = { x: plot.xLim ?? x ?? [0, 1], y: plot.yLim ?? [yLow, yHigh] };
  return { ...limits, padX, padY: [low, whole ? 0 : 0.05] };
}

/** The limits with a unit of x as long as one of y: the one that has room gets more. */
function equalised(limits: ReturnType<typeof limitsOf>, area: Area): ReturnType<typeof limitsOf> {
  const { x, y, padX, padY } = limits;
  const ranges = [(x[1] - x[0]) * (1 + 2 * padX) || 1, (y[1] - y[0]) * (1 + padY[0] + padY[1]) || 1];
  const unit = Math.max(ranges[0] / area.width, ranges[1] / area.height);
  if (!Number.isFinite(unit)) return limits;
  const around = ([lo, hi]: [number, number], pixels: number): [number, number] => {
    const [middle, half] = [(lo + hi) / 2, (unit * pixels) / 2];
    return [middle - half, middle + half];
  };
  return { x: around(x, area.width), y: around(y, area.height), padX: 0, padY: [0, 0] };
}

function axesOf(limits: ReturnType<typeof limitsOf>, plot: Plot, area: Area): { x: Axis; y: Axis } {
  const whole = has(plot, 'events', 'cells');
  return {
    x: makeAxis(limits.x, plot.xLabel, {
      padding: [limits.padX, limits.padX],
      wanted: Math.max(2, Math.min(10, Math.floor(area.width / 75))),
      whole: has(plot, 'cells') && !has(plot, 'events') && plot.kind === 'heatmap',
    }),
    y: makeAxis(limits.y, plot.yLabel, {
      padding: limits.padY,
      wanted: Math.max(2, Math.min(8, Math.floor(area.height / 38))),
      whole,
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

const shorten = (text: string, most = 40): string =>
  [...text].length > most ? `${[...text].slice(0, most - 1).join('')}…` : text;

/** One line of text. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The entries, in rows that are as wide as the plot. */
function legendOf(plot: Plot, width: number): LegendEntry[] {
  const labelled = plot.traces.flatMap((trace, index) =>
    'label' in trace && trace.label !== null && trace.type !== 'cells' ? [{ trace: index, label: trace.label }] : [],
  );
  const many = labelled.length >= 2 && labelled.length <= 10;
  if (!(plot.legend ?? many)) return [];
  let [row, x] = [0, 0];
  return labelled.slice(0, 40).map(({ trace, label }) => {
    const text = shorten(oneLine(label));
    const needed = legendKey + textWidth(text, fontSizes.tick) + 14;
    if (x > 0 && x + needed > width) [row, x] = [row + 1, 0];
    const entry = { trace, label: text, row, x };
    x += needed;
    return entry;
  });
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

/** Measures a panel. */
export function measure(panel: Panel): Measured {
  const { plot } = panel;
  const bar = plot.traces.find((t): t is CellsTrace => t.type === 'cells' && t.label !== null) ?? null;
  const legend = legendOf(plot, panel.width - 90);
  const rows = legend.length === 0 ? 0 : legend[legend.length - 1].row + 1;
  const top = 12 + (plot.title === null ? 0 : 22) + rows * legendRow;
  if (has(plot, 'diagram')) {
    const axis = makeAxis([0, 1], null);
    return { panel, x: axis, y: axis, margins: { left: 12, right: 12, top, bottom: 12 }, legend: [], bar: null };
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
  return { panel, ...axes, margins, legend, bar };
}
