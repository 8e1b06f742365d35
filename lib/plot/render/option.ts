/** A figure as the option object of ECharts. */
import type { CellsTrace } from '../types.js';
import { makeAxis, tickText, type Axis } from './axes.js';
import { diagramElements } from './diagram.js';
import { cellsImage } from './image.js';
import { fontSizes, legendRow, oneLine, textWidth } from './legend.js';
import { type Area, areaOf, colourOf, lineStyleOf, type Measured } from './measure.js';
import { type Part, seriesOf } from './series.js';

const ink = '#222222';
const faint = '#e6e6e6';
const frame = '#888888';

/** Fonts by their names in documents; the last is what pictures are drawn with. */
export const fontFamily = 'Helvetica, Arial, sans-serif';

/**
 * An axis as ECharts gets it: from 0 to 1, with ticks of its own. Numbers of any size and distance are thus drawn alike, and those that
 * are told are ours.
 */
function axisPart(axis: Axis, index: number, more: Part, grid: boolean, textOf = tickText): Part {
  const at = axis.ticks.map((tick) => (tick - axis.lo) / (axis.hi - axis.lo));
  const nearest = (value: number): number =>
    at.reduce((best, v, i) => (Math.abs(v - value) < Math.abs(at[best] - value) ? i : best), 0);
  return {
    type: 'value',
    gridIndex: index,
    min: 0,
    max: 1,
    inverse: axis.inverse,
    nameLocation: 'middle',
    nameTextStyle: { color: ink, fontSize: fontSizes.name },
    axisLine: { show: true, onZero: false, lineStyle: { color: frame } },
    axisTick: { show: true, length: 4, customValues: at, lineStyle: { color: frame } },
    axisLabel: {
      customValues: at,
      color: ink,
      fontSize: fontSizes.tick,
      hideOverlap: false,
      showMinLabel: true,
      showMaxLabel: true,
      formatter: (value: number) => (at.length === 0 ? '' : textOf(axis.ticks[nearest(value)], axis.digits)),
    },
    splitLine: { show: grid, lineStyle: { color: faint } },
    silent: true,
    animation: false,
    ...more,
  };
}

/** Collects the parts of all panels. */
class Parts {
  readonly grid: Part[] = [];
  readonly xAxis: Part[] = [];
  readonly yAxis: Part[] = [];
  readonly series: Part[] = [];
  readonly graphic: Part[] = [];

  addText(text: string, x: number, y: number, style: Part): void {
    this.graphic.push({ type: 'text', silent: true, style: { text, x, y, fill: ink, fontFamily, ...style } });
  }

  addArea(area: Area, x: Axis, y: Axis, more: { x?: Part; y?: Part }, grid = true, textOf = tickText): number {
    const index = this.grid.length;
    this.grid.push({ ...area, containLabel: false, outerBoundsMode: 'none' });
    this.xAxis.push(axisPart(x, index, { ...more.x }, grid));
    this.yAxis.push(axisPart(y, index, { ...more.y }, grid, textOf));
    return index;
  }
}

/** The values of the first to the last colour: in equal steps, or by equal factors. */
function barValues({ limits: [lo, hi], colors }: CellsTrace): Float64Array {
  return Float64Array.from({ length: 255 }, (_, i) =>
    colors === 'density' ? lo * (hi / lo) ** (i / 254) : lo * (1 - i / 254) + hi * (i / 254),
  );
}

/** The axis of a bar. Counts have logarithms on it, and ticks at 1, 2, 5, 10 and so on, or at powers of ten. */
function barAxis({ limits: [lo, hi], colors }: CellsTrace, height: number): Axis {
  const wanted = Math.max(2, Math.min(6, Math.floor(height / 40)));
  if (colors !== 'density') return makeAxis([lo, hi], null, { wanted });
  const axis = makeAxis([Math.log10(lo), Math.log10(hi)], null, { wanted });
  const steps = axis.hi - axis.lo > wanted / 3 ? [0] : [0, Math.log10(2), Math.log10(5)];
  const decades = Array.from({ length: Math.ceil(axis.hi) + 1 }, (_, k) => k);
  const ticks = decades.flatMap((k) => steps.map((s) => k + s)).filter((t) => t >= axis.lo && t <= axis.hi + 1e-9);
  return { ...axis, ticks };
}

/** The bar beside a heat map that tells the values of its colours. */
function addBar(parts: Parts, trace: CellsTrace, { left, top, width, height }: Area): void {
  const bar = { left: left + width + 14, top, width: 14, height };
  const axis = barAxis(trace, height);
  const image = cellsImage({ ...trace, values: barValues(trace), rows: 255, columns: 1, upwards: true }, 1, 255);
  const textOf = trace.colors === 'density' ? (value: number) => String(Math.round(10 ** value)) : tickText;
  const none = { axisLabel: { show: false }, axisTick: { show: false }, axisLine: { show: false } };
  const index = parts.addArea(bar, makeAxis([0, 1], null), axis, { x: none, y: { position: 'right' } }, false, textOf);
  const style = { image, x: bar.left, y: bar.top, width: bar.width, height: bar.height };
  parts.series.push({
    type: 'custom',
    coordinateSystem: 'cartesian2d',
    xAxisIndex: index,
    yAxisIndex: index,
    data: [[0, 0]],
    renderItem: () => ({ type: 'image', silent: true, style }),
  });
  const texts = axis.ticks.map((tick) => textWidth(textOf(tick, axis.digits), fontSizes.tick));
  parts.graphic.push({
    type: 'text',
    silent: true,
    x: bar.left + bar.width + 16 + Math.max(8, ...texts),
    y: top + height / 2,
    rotation: Math.PI / 2,
    style: {
      text: oneLine([trace.label ?? '', axis.name].filter(Boolean).join('  ')),
      fill: ink,
      fontFamily,
      fontSize: fontSizes.name,
      align: 'center',
      verticalAlign: 'middle',
    },
  });
}

/** A piece of what the trace looks like, and its label. */
function addLegend(parts: Parts, measured: Measured): void {
  const { panel, legend, margins } = measured;
  const { plot } = panel;
  const rows = legend.length === 0 ? 0 : legend[legend.length - 1].row + 1;
  for (const { trace: index, label, row, x } of legend) {
    const trace = plot.traces[index];
    const color = colourOf(plot, index);
    const at = { x: panel.left + margins.left + x, y: panel.top + margins.top - (rows - row) * legendRow + 6 };
    if (trace.type === 'line') {
      const lineStyle = lineStyleOf(measured, index);
      parts.graphic.push({
        type: 'line',
        silent: true,
        shape: { x1: at.x, y1: at.y, x2: at.x + 20, y2: at.y },
        style: {
          stroke: color,
          lineWidth: trace.lineWidth,
          lineDash: lineStyle === 'solid' ? false : lineStyle === 'dashed' ? [5, 3] : [2, 2],
        },
      });
    } else if (trace.type === 'points' && trace.marker !== 'stem') {
      const r = trace.marker === 'dot' ? Math.max(1.5, trace.size / 4) : trace.size / 2;
      parts.graphic.push({
        type: 'circle',
        silent: true,
        shape: { cx: at.x + 10, cy: at.y, r },
        style: { fill: color },
      });
    } else {
      const thin = trace.type === 'bars' ? 14 : 2;
      const shape = { x: at.x + 10 - thin / 2, y: at.y - 5, width: thin, height: 10 };
      parts.graphic.push({ type: 'rect', silent: true, shape, style: { fill: color } });
    }
    parts.addText(label, at.x + 26, at.y, { fontSize: fontSizes.tick, verticalAlign: 'middle' });
  }
}

function addPanel(parts: Parts, measured: Measured): void {
  const { panel, x, y, margins } = measured;
  const { plot } = panel;
  const area = areaOf(measured);
  if (plot.title !== null && measured.titled) {
    parts.addText(oneLine(plot.title), area.left + area.width / 2, panel.top + 16, {
      fontSize: fontSizes.title,
      align: 'center',
      verticalAlign: 'middle',
      width: panel.width - 24,
      overflow: 'truncate',
    });
  }
  const diagram = plot.traces.find((t) => t.type === 'diagram');
  if (diagram) {
    parts.graphic.push(...diagramElements(diagram, area, fontFamily));
    return;
  }
  const truncate = (pixels: number): Part => ({ nameTruncate: { maxWidth: pixels, ellipsis: '…' } });
  const index = parts.addArea(area, x, y, {
    x: { name: panel.namelessX ? '' : oneLine(x.name), nameGap: 26, ...truncate(area.width) },
    y: { name: oneLine(y.name), nameGap: margins.left - 18, ...truncate(panel.height - 16) },
  });
  plot.traces.forEach((_, i) => {
    const series = seriesOf(measured, i);
    if (series)
      parts.series.push({ ...series, xAxisIndex: index, yAxisIndex: index, silent: true, animation: false, z: 2 + i });
  });
  addLegend(parts, measured);
  if (measured.bar && measured.bar.rows * measured.bar.columns > 0) addBar(parts, measured.bar, area);
}

/** The option object of a figure. */
export function optionOf(panels: readonly Measured[], background: string): Part {
  const parts = new Parts();
  for (const panel of panels) addPanel(parts, panel);
  const { grid, xAxis, yAxis, series, graphic } = parts;
  return {
    animation: false,
    backgroundColor: background,
    textStyle: { fontFamily },
    ...(grid.length > 0 && { grid, xAxis, yAxis, series }),
    graphic,
  };
}
