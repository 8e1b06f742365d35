/** Plots of what files hold. */
import type { Matrix, NdArray } from '../array.js';
import type { Layer } from '../layers/index.js';
import type { ModuleBase } from '../modules/index.js';
import type { Network } from '../networks/index.js';
import type { Plot, PlotSettings } from '../plot/index.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import { TSContinuous, type TSEvent, type TimeSeries } from '../time-series/index.js';
import { UsageError } from './exit.js';
import { checkOutput, readContent, seriesOf, type Content } from './files.js';
import { endingOf } from './formats.js';

/** Endings of files that plots are written to. */
export const plotEndings: readonly string[] = ['.svg', '.png', '.html'];

export interface SeriesPlotOptions {
  title?: string;
  width?: number;
  height?: number;
  start?: number;
  stop?: number;
  channels?: number[];
  stagger?: number;
  heatMap?: boolean;
  /** Names of the channels. */
  labels?: readonly string[];
  signal?: AbortSignal;
}

/** What of a file is plotted, and how. */
export interface PlotFileOptions extends Omit<SeriesPlotOptions, 'labels'> {
  layer?: string;
  weights?: boolean;
  spectrum?: boolean;
  /** Time step of networks whose files have none. */
  dt?: number;
  /** Seconds between samples of files without times. */
  inputDt?: number;
}

const settingsOf = ({ title, width, height }: SeriesPlotOptions): PlotSettings => ({
  ...(title !== undefined && { title }),
  ...(width !== undefined && { width }),
  ...(height !== undefined && { height }),
});

function checkChannels(channels: number[] | undefined, count: number): void {
  const highest = Math.max(-1, ...(channels ?? []));
  if (highest >= count) throw new UsageError(`--channels asks for channel ${highest}, and there are ${count}`);
}

/** Most channels that lines of their own can be told apart of; more become colours. */
const mostLines = 50;

async function seriesPlot(series: TimeSeries, options: SeriesPlotOptions): Promise<Plot> {
  await import('../plot/index.js');
  const { start, stop, channels, stagger, labels, heatMap } = options;
  if (heatMap && stagger !== undefined) throw new UsageError('--stagger is for lines, and --heat-map asks for colours');
  if (start !== undefined && stop !== undefined && start >= stop)
    throw new UsageError(`--start ${start} should be before --stop ${stop}`);
  const settings = settingsOf(options);
  if (!(series instanceof TSContinuous)) {
    if (heatMap || stagger !== undefined)
      throw new UsageError(`--${heatMap ? 'heat-map' : 'stagger'} is for samples, and these are events`);
    const events = series as TSEvent;
    checkChannels(channels, events.numChannels);
    const limits = start === undefined && stop === undefined ? {} : { timeLimits: [start ?? null, stop ?? null] };
    return events.plot({ ...settings, ...limits, ...(channels && { channels }) });
  }
  checkChannels(channels, series.numChannels);
  const part = start === undefined && stop === undefined ? series : series.clip(start, stop);
  const lines = stagger !== undefined || (channels ?? { length: part.numChannels }).length <= mostLines;
  if (heatMap ?? !lines) return heatMapOf(part, channels, settings);
  const all = channels ?? Array.from({ length: part.numChannels }, (_, c) => c);
  if (!labels) return part.plot({ ...settings, channels: all, ...(stagger !== undefined && { stagger }) });
  // names of the channels: one plot over the other, each with its label
  const [first, ...rest] = all;
  const plot = part.plot({ ...settings, channels: [first], label: labels[first] });
  for (const c of rest) part.plot({ channels: [c], label: labels[c], target: plot });
  return plot;
}

/** Samples at equal distances, from the first to the last time: columns of a heat map are equally wide. */
function evenly(series: TSContinuous): Matrix {
  const { duration, samples } = series;
  const columns = Math.max(samples.shape[0], 800);
  return duration > 0 && samples.shape[0] > 1 ? series.toClocked(duration / (columns - 1)) : samples;
}

/** Channels by time as colours. */
async function heatMapOf(series: TSContinuous, channels: number[] | undefined, settings: PlotSettings): Promise<Plot> {
  const { plotWeights } = await import('../plot/index.js');
  const part = channels ? series.select({ channels }) : series;
  const { data, shape } = evenly(part);
  const { NdArray } = await import('../array.js');
  const { native } = await import('../binding.js');
  const across = new NdArray(new Float64Array(data.length), [shape[1], shape[0]]);
  native.transpose(data, shape[0], shape[1], across.data);
  const title = part.name === 'unnamed' ? null : part.name;
  const labels = {
    title,
    xLabel: 'Time (s)',
    yLabel: 'Channel',
    label: part.units ?? 'Value',
    width: 800,
    height: 400,
  };
  const plot = plotWeights(across, { ...labels, ...settings });
  const [cells] = plot.traces;
  if (cells.type === 'cells') cells.extent = [part.tStart, part.tStop, shape[1] - 0.5, -0.5];
  return plot;
}

/** Writes a plot of a series. */
export async function plotSeries(path: string, series: TimeSeries, options: SeriesPlotOptions): Promise<void> {
  const plot = await seriesPlot(series, options);
  await plot.save(path, { signal: options.signal });
}

type Weights = NdArray | SparseMatrix;

/** Weights within a layer, from its neurons to themselves. */
function recurrentOf(thing: unknown): Weights | undefined {
  const { weightsRec, wRecurrent, wRec, weights } = thing as Record<string, Weights | undefined>;
  const own = weightsRec ?? wRecurrent ?? wRec;
  return own ?? (/^Rec/.test((thing as { className: string }).className) ? weights : undefined);
}

/** A layer's weights: the recurrent ones where there are any. */
function weightsOf(thing: unknown): Weights | undefined {
  const { weights, weight } = thing as Record<string, Weights | undefined>;
  return recurrentOf(thing) ?? weights ?? weight;
}

async function networkPlot(file: string, content: Content, options: PlotFileOptions): Promise<Plot> {
  const { modelOfContent } = await import('./model.js');
  const { plotNetwork, plotWeights, plotEigenspectrum } = await import('../plot/index.js');
  const model = await modelOfContent(file, content, { dt: options.dt });
  const whole = model.kind === 'network' ? model.net : model.kind === 'layer' ? model.layer : model.module;
  const settings = settingsOf(options);
  const { layer, spectrum, weights } = options;
  if (!spectrum && !weights && layer === undefined) return plotNetwork(whole, settings);
  const { part, name } = partOf(whole, layer);
  const matrix = weightsOf(part);
  if (matrix === undefined) throw new UsageError(`'${name}' has no weights`);
  const title = options.title ?? name;
  if (!spectrum) return plotWeights(matrix, { title, ...settings });
  if (matrix.shape[0] !== matrix.shape[1])
    throw new UsageError(`the weights of '${name}' are ${matrix.shape.join(' x ')}: --spectrum takes square ones`);
  return plotEigenspectrum(matrix, { title, ...settings });
}

/** A layer or submodule by its name; without one the only one that is recurrent, or else the only one that has weights. */
function partOf(whole: Network | Layer | ModuleBase, name: string | undefined): { part: unknown; name: string } {
  const parts: Record<string, unknown> =
    'layers' in whole ? Object.fromEntries(whole.layers) : 'modules' in whole ? whole.modules() : {};
  const names = Object.keys(parts);
  if (name === undefined) {
    if (names.length === 0) return { part: whole, name: whole.name };
    const recurrent = names.filter((key) => recurrentOf(parts[key]));
    const [only, ...others] = recurrent.length > 0 ? recurrent : names.filter((key) => weightsOf(parts[key]));
    if (only === undefined || others.length > 0) throw new UsageError(`--layer says which: ${names.join(', ')}`);
    return { part: parts[only], name: only };
  }
  if (!Object.hasOwn(parts, name)) throw new UsageError(`--layer '${name}' is none of ${names.join(', ')}`);
  return { part: parts[name], name };
}

function refuseSeriesOptions(file: string, options: PlotFileOptions): void {
  const { start, stop, channels, stagger, heatMap, inputDt } = options;
  const given = Object.entries({ start, stop, channels, stagger, 'heat-map': heatMap, 'input-dt': inputDt });
  const [name] = given.find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw new UsageError(`'${file}' holds a network: --${name} is for time series`);
}

/**
 * Looks at the path of a plot, and whether there are the packages that draw it, before the work for it begins.
 *
 * @throws UsageError and RockpoolError as `checkOutput`; RockpoolError `ERR_BACKEND` without the packages.
 */
export async function checkPlotOutput(path: string, option?: string): Promise<void> {
  await checkOutput(path, plotEndings, option);
  const { echarts, pngPackage } = await import('../plot/render/packages.js');
  echarts();
  if (endingOf(path) === '.png') pngPackage();
}

/** Writes a plot of what a file holds. */
export async function plotFile(file: string, output: string, options: PlotFileOptions): Promise<void> {
  const { signal, dt, inputDt } = options;
  const content = await readContent(file, { dt: inputDt, signal });
  const isNetwork = content.kind === 'dictionary' || content.kind === 'graph';
  const { layer, weights, spectrum } = options;
  if (!isNetwork && (layer !== undefined || weights || spectrum))
    throw new UsageError(`'${file}' holds no network: --layer, --weights and --spectrum are for networks`);
  if (!isNetwork && dt !== undefined)
    throw new UsageError(`'${file}' holds no network: --dt is for networks, --input-dt for samples without times`);
  if (weights && spectrum) throw new UsageError('--weights and --spectrum are two plots: one at a time');
  if (isNetwork) refuseSeriesOptions(file, options);
  const plot = isNetwork
    ? await networkPlot(file, content, options)
    : await seriesPlot(seriesOf(file, content, inputDt), options);
  signal?.throwIfAborted();
  await plot.save(output, { signal });
}
