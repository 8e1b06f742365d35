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
