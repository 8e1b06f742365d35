/** Options that the functions which make plots have in common. */
import { checkInstance, checkNumber, checkOneOf, checkString } from '../check.js';
import { checkColor } from './colours.js';
import { Plot, type PlotSettings } from './plot.js';
import type { LineStyle, PlotKind, Trace } from './types.js';

/** Texts, limits and size of a plot, how its traces look, and the plot that they are added to. */
export interface PlotOptions extends PlotSettings {
  /** A plot to add to instead of making one: it gets the traces, and keeps labels and limits except those given here. */
  target?: Plot | null;
  /** Text in the legend; null for none. */
  label?: string | null;
  /** A CSS colour: a name, `#rrggbb`, `rgb(r, g, b)` or `hsl(h, s%, l%)`; default: the next one of the palette. */
  color?: string | null;
}

/** Options of lines. */
export interface LineOptions extends PlotOptions {
  /** Default `'solid'`. */
  lineStyle?: LineStyle;
  /** Pixels; default 1.5. */
  lineWidth?: number;
}

export const settingNames = ['title', 'xLabel', 'yLabel', 'xLim', 'yLim', 'legend', 'aspect', 'width', 'height'];
export const plotOptionNames = [...settingNames, 'target', 'label', 'color'];
export const lineOptionNames = [...plotOptionNames, 'lineStyle', 'lineWidth'];

/** The settings among the options. */
export const settingsOf = (options: object): PlotSettings =>
  Object.fromEntries(Object.entries(options).filter(([key]) => settingNames.includes(key)));

export const readColor = (color: unknown): string | null =>
  color === undefined || color === null ? null : checkColor(color, 'color');

/** The label that was given, or the default. */
export const readLabel = (label: unknown, fallback: string | null): string | null =>
  label === undefined ? fallback : label === null ? null : checkString(label, 'label');

export function readLine({ lineStyle = 'solid', lineWidth = 1.5 }: LineOptions): {
  lineStyle: LineStyle;
  lineWidth: number;
} {
  return {
    lineStyle: checkOneOf(lineStyle, 'lineStyle', ['solid', 'dashed', 'dotted']),
    lineWidth: checkNumber(lineWidth, 'lineWidth', { positive: true, max: 100 }),
  };
}

/** The target with the traces, or a new plot of them with the defaults, as far as the options do not say otherwise. */
export function finish(kind: PlotKind, traces: Trace[], options: PlotOptions, defaults: PlotSettings): Plot {
  const { target } = options;
  if (target !== undefined && target !== null) {
    const plot = checkInstance(target, 'target', Plot);
    new Plot({ kind }).set(settingsOf(options)); // checked first: the target does not change when one is wrong
    return plot.add(...traces).set(settingsOf(options));
  }
  return new Plot({ kind, ...defaults, ...given(settingsOf(options)) }).add(...traces);
}

const given = (settings: PlotSettings): PlotSettings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
