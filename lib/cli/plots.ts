/** Plots of files. */
import type { TimeSeries } from '../time-series/index.js';
import { RockpoolError } from '../errors.js';

/** Endings of files that plots are written to. */
export const plotEndings: readonly string[] = ['.svg', '.png', '.html'];

export interface SeriesPlotOptions {
  title?: string;
  /** Names of the channels. */
  labels?: readonly string[];
  signal?: AbortSignal;
}

export function plotSeries(_path: string, _series: TimeSeries, _options: SeriesPlotOptions): Promise<void> {
  return Promise.reject(new RockpoolError('ERR_BACKEND', 'this version cannot plot'));
}

/** What of a file is plotted, and how. */
export interface PlotFileOptions {
  title?: string;
  width?: number;
  height?: number;
  start?: number;
  stop?: number;
  channels?: number[];
  stagger?: number;
  heatMap?: boolean;
  layer?: string;
  spectrum?: boolean;
  /** Seconds between samples of files without times. */
  dt?: number;
  signal?: AbortSignal;
}

export function plotFile(_file: string, _output: string, _options: PlotFileOptions): Promise<void> {
  return Promise.reject(new RockpoolError('ERR_BACKEND', 'this version cannot plot'));
}
