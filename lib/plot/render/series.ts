/** Traces as series of ECharts. */
import { native } from '../../binding.js';
import type { FrameArgs } from '../native.js';
import type { BarsTrace, CellsTrace, LineStyle, LineTrace, PointsTrace } from '../types.js';
import { type Axis, onAxis } from './axes.js';
import { barsPath } from './bars.js';
import { cellsImage } from './image.js';
import { type Area, areaOf, colourOf, lineStyleOf, type Measured } from './measure.js';

/** What ECharts takes; it checks it itself. */
export type Part = Record<string, unknown>;

/** Where values lie on an axis, from 0 to 1; what is far outside is less far, so that it has pixels. */
const shares = (values: Float64Array, axis: Axis): Float64Array =>
  values.map((v) => Math.min(1e4, Math.max(-1e4, (onAxis(v, axis) - axis.lo) / (axis.hi - axis.lo))));

const scaled = (values: Float64Array, axis: Axis): Float64Array =>
  axis.factor === 1 && axis.offset === 0 ? values : values.map((v) => onAxis(v, axis));

/** Maps values to pixels. */
function pixelsOf({ x, y }: Measured, area: Area): { atX: (v: number) => number; atY: (v: number) => number } {
  const share = (v: number, axis: Axis): number => (onAxis(v, axis) - axis.lo) / (axis.hi - axis.lo);
  return {
    atX: (v) => area.left + share(v, x) * area.width,
    atY: (v) => area.top + (y.inverse ? share(v, y) : 1 - share(v, y)) * area.height,
  };
}

const frameOf = ({ x, y }: Measured, { left, top, width, height }: Area): FrameArgs => [
  x.lo,
  x.hi,
  y.lo,
  y.hi,
  left,
  top,
  width,
  height,
];

/** A series that is one element at fixed pixels. */
function fixed(element: Part): Part {
  return {
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    clip: true,
    data: [[0, 0]],
    renderItem: () => ({ ...element, silent: true }),
  };
}

const path = (pathData: string, style: Part): Part =>
  fixed({ type: 'path', shape: { pathData }, style: { fill: 'none', ...style } });

function lineSeries(trace: LineTrace, color: string, { x, y }: Measured, type: LineStyle): Part {
  const [xs, ys] = [shares(trace.x, x), shares(trace.y, y)];
  const there = (i: number): boolean => Number.isFinite(xs[i]) && Number.isFinite(ys[i]);
  // No line goes to a point without neighbours: it is a dot.
  const dot = { symbol: 'circle', symbolSize: Math.max(3, 2 * trace.lineWidth) };
  return {
    type: 'line',
    symbol: 'none',
    data: Array.from(xs, (v, i) =>
      there(i) && !there(i - 1) && !there(i + 1) ? { value: [v, ys[i]], ...dot } : [v, ys[i]],
    ),
    lineStyle: { color, width: trace.lineWidth, type, join: 'round' },
    itemStyle: { color },
    clip: true,
  };
}

const tenth = (v: number): number => Math.round(v * 10) / 10;

function pointsSeries(trace: PointsTrace, color: string, measured: Measured): Part {
  const area = areaOf(measured);
  const [xs, ys] = native.plotPoints(
    scaled(trace.x, measured.x),
    scaled(trace.y, measured.y),
    ...frameOf(measured, area),
    2 * Math.ceil(area.width),
    2 * Math.ceil(area.height),
  );
  const plain = { factor: 1, offset: 0 };
  if (trace.marker !== 'stem') {
    const { lo, hi } = measured.y;
    const atShare = (v: number): number => (v - lo) / (hi - lo);
    return {
      type: 'scatter',
      symbol: 'circle',
      symbolSize: trace.marker === 'dot' ? Math.max(2, trace.size / 2) : trace.size,
      data: Array.from(shares(xs, { ...measured.x, ...plain }), (v, i) => [v, atShare(ys[i])]),
      itemStyle:
        trace.marker === 'dot'
          ? { color, opacity: 1 }
          : { color, opacity: 0.85, borderColor: '#fff', borderWidth: 0.5 },
      large: xs.length > 2000,
      largeThreshold: 2000,
      clip: true,
    };
  }
  const { atX, atY } = pixelsOf({ ...measured, x: { ...measured.x, ...plain }, y: { ...measured.y, ...plain } }, area);
  const zero = tenth(atY(onAxis(0, measured.y)));
  let data = '';
  for (let i = 0; i < xs.length; i++) data += `M${tenth(atX(xs[i]))} ${zero}V${tenth(atY(ys[i]))}`;
  return path(data, { stroke: color, lineWidth: 2 });
}

function barsSeries(trace: BarsTrace, color: string, measured: Measured): Part {
  const area = areaOf(measured);
  const { data, wide } = barsPath(trace, { ...pixelsOf(measured, area), x: measured.x, width: area.width });
  return path(data, { fill: color, opacity: 0.85, ...(wide && { stroke: '#fff', lineWidth: 0.75 }) });
}

function eventsSeries(x: Float64Array, y: Float64Array, color: string, measured: Measured): Part {
  const area = areaOf(measured);
  const perChannel = area.height / (measured.y.hi - measured.y.lo);
  const size = Math.min(14, Math.max(1.5, 0.8 * perChannel));
  // On an axis that grows downwards the opposites of the values go up.
  const turned = measured.y.inverse
    ? { ...measured.y, factor: -measured.y.factor, lo: -measured.y.hi, hi: -measured.y.lo }
    : measured.y;
  const frame = frameOf({ ...measured, y: turned }, area);
  const marks = native.plotMarks(scaled(x, measured.x), scaled(y, turned), ...frame, size);
  return path(marks, { stroke: color, lineWidth: x.length > 4000 ? 0.8 : 1.2 });
}

/** Pixels of an image for so many cells: a multiple of them where there are few, two for each of the picture otherwise. */
const imageSize = (cells: number, pixels: number): number =>
  Math.max(
    1,
    cells * Math.ceil(pixels / cells) <= 2 * pixels ? cells * Math.ceil(pixels / cells) : Math.round(2 * pixels),
  );

function cellsSeries(trace: CellsTrace, measured: Measured): Part {
  const area = areaOf(measured);
  const { atX, atY } = pixelsOf(measured, area);
  const [left, right, bottom, top] = trace.extent;
  const [y0, y1] = [atY(top), atY(bottom)];
  const box = { x: atX(left), y: Math.min(y0, y1), width: atX(right) - atX(left), height: Math.abs(y1 - y0) };
  const upwards = y1 < y0 ? !trace.upwards : trace.upwards;
  const within = (pixels: number, most: number): number => Math.min(Math.max(1, Math.abs(pixels)), most);
  const image = cellsImage(
    { ...trace, upwards },
    imageSize(trace.columns, within(box.width, area.width)),
    imageSize(trace.rows, within(box.height, area.height)),
  );
  return fixed({ type: 'image', style: { image, ...box } });
}

/** The series of a trace, for the axes of a panel. */
export function seriesOf(measured: Measured, index: number): Part | null {
  const { plot } = measured.panel;
  const trace = plot.traces[index];
  const color = colourOf(plot, index);
  switch (trace.type) {
    case 'line':
      return lineSeries(trace, color, measured, lineStyleOf(measured, index));
    case 'points':
      return pointsSeries(trace, color, measured);
    case 'events':
      return eventsSeries(trace.x, trace.y, color, measured);
    case 'bars':
      return barsSeries(trace, color, measured);
    case 'cells':
      return trace.rows * trace.columns === 0 ? null : cellsSeries(trace, measured);
    case 'diagram':
      return null;
  }
}
