/** What a plot says, without a word about how it is drawn: plain data, which any backend can turn into a picture. */

/** How a line or its points look. */
export interface TraceStyle {
  /** Text in the legend; null for none. */
  label: string | null;
  /** A CSS colour; null for the next one of the palette. */
  color: string | null;
}

/** How a line is drawn. */
export type LineStyle = 'solid' | 'dashed' | 'dotted';

/** A line through points. A NaN in `y` breaks it. */
export interface LineTrace extends TraceStyle {
  type: 'line';
  x: Float64Array;
  y: Float64Array;
  lineStyle: LineStyle;
  /** Pixels. */
  lineWidth: number;
}

/** Single points, or vertical lines from 0 to them (`stem`). */
export interface PointsTrace extends TraceStyle {
  type: 'points';
  x: Float64Array;
  y: Float64Array;
  marker: 'circle' | 'dot' | 'stem';
  /** Diameter in pixels. */
  size: number;
}

/** Events: a vertical mark for each, at its time and channel. */
export interface EventsTrace extends TraceStyle {
  type: 'events';
  x: Float64Array;
  y: Float64Array;
}

/** A matrix of values as coloured cells; NaN has no colour. */
export interface CellsTrace {
  type: 'cells';
  /** Row-major, `rows x columns`. */
  values: Float64Array;
  rows: number;
  columns: number;
  /** Where the cells lie. Row 0 is at the top, with `upwards` at the bottom. */
  extent: [left: number, right: number, bottom: number, top: number];
  upwards: boolean;
  /** The values of the first and the last colour. */
  limits: [number, number];
  /** `diverging`: blue, white, red; `sequential`: dark to light; `density`: by logarithms, darker for more,
   *  and no colour where there is nothing. */
  colors: 'diverging' | 'sequential' | 'density';
  /** Beside the bar of colours; null for no bar. */
  label: string | null;
}

/** Bars from 0, of a histogram: bar `i` from `edges[i]` to `edges[i + 1]`. */
export interface BarsTrace extends TraceStyle {
  type: 'bars';
  edges: Float64Array;
  y: Float64Array;
}

/** A box of a diagram. */
export interface DiagramNode {
  /** Centre and size; units are up to the diagram, y grows downwards. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** Lines of text; the first is the heading. */
  text: string[];
  role: 'layer' | 'input' | 'output' | 'group';
}

/** An arrow of a diagram, from node to node by their numbers. */
export interface DiagramEdge {
  from: number;
  to: number;
  label: string | null;
}

/** Boxes and arrows. */
export interface DiagramTrace {
  type: 'diagram';
  nodes: DiagramNode[];
  edges: DiagramEdge[];
}

export type Trace = LineTrace | PointsTrace | EventsTrace | CellsTrace | BarsTrace | DiagramTrace;

/** What kind of plot it is: what its first trace shows. */
export type PlotKind = 'line' | 'scatter' | 'raster' | 'histogram' | 'heatmap' | 'diagram';

/** The neutral description of a plot. */
export interface PlotSpec {
  kind: PlotKind;
  traces: Trace[];
  title: string | null;
  xLabel: string | null;
  yLabel: string | null;
  /** What is shown; null for what the traces need. */
  xLim: [number, number] | null;
  yLim: [number, number] | null;
  /** Whether there is a legend; null: when two to ten traces have a label. */
  legend: boolean | null;
  /** `equal`: a unit of x is as long as a unit of y. */
  aspect: 'auto' | 'equal';
  /** Pixels. */
  width: number;
  height: number;
}
