/**
 * Plots of series, events, weights and networks. Each is a small neutral description that becomes SVG, PNG or HTML, and can be laid over
 * another one or beside it. Drawing needs the optional package echarts, PNG also @resvg/resvg-js or sharp.
 */
export { Plot, type PlotSettings } from './plot.js';
export { Figure, type DrawOptions, type PlotFormat, type PngOptions, type SavePlotOptions } from './figure.js';
export { layout, type Layout, type LayoutOptions } from './layout.js';
export { registerTsPlottingBackend, type PlottingBackend } from './backends.js';
export type { LineOptions, PlotOptions } from './options.js';
export type { ContinuousPlotOptions, EventPlotOptions } from './series.js';
export {
  plotHistogram,
  type PlotHistogramOptions,
  plotLine,
  type PlotLineOptions,
  plotScatter,
  type PlotScatterOptions,
  plotStem,
} from './arrays.js';
export { plotEigenspectrum, type PlotEigenspectrumOptions, plotWeights, type PlotWeightsOptions } from './weights.js';
export { type Drawable, plotNetwork } from './network.js';
export { plotRate, type PlotRateOptions } from './rates.js';
export type {
  BarsTrace,
  CellsTrace,
  DiagramEdge,
  DiagramNode,
  DiagramTrace,
  EventsTrace,
  LineStyle,
  LineTrace,
  PlotKind,
  PlotSpec,
  PointsTrace,
  Trace,
  TraceStyle,
} from './types.js';
