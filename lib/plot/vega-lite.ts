/** Plots as Vega-Lite specifications, for viewers that know it. Diagrams have no counterpart there. */
import { RockpoolError } from '../errors.js';
import { colourOf } from './render/measure.js';
import type { Plot } from './plot.js';
import type { CellsTrace, Trace } from './types.js';

type Part = Record<string, unknown>;

const dashes = { solid: [], dashed: [5, 3], dotted: [2, 2] };

function axis(title: string | null, limits: [number, number] | null): Part {
  return {
    type: 'quantitative',
    title: title ?? '',
    scale: limits ? { domain: limits, nice: false } : { zero: false },
  };
}

function cellRows({ values, rows, columns, extent, upwards }: CellsTrace): Part[] {
  const [left, right, bottom, top] = extent;
  const at = (share: number, from: number, to: number): number => from + share * (to - from);
  return Array.from({ length: rows * columns }, (_, k) => {
    const [i, j] = [Math.floor(k / columns), k % columns];
    const [from, to] = upwards ? [bottom, top] : [top, bottom];
    return {
      x: at(j / columns, left, right),
      x2: at((j + 1) / columns, left, right),
      y: at(i / rows, from, to),
      y2: at((i + 1) / rows, from, to),
      value: values[k],
    };
  }).filter(({ value }) => Number.isFinite(value) && value !== 0);
}

function layer(plot: Plot, trace: Trace, index: number): Part {
  const color = colourOf(plot, index);
  const x = { field: 'x', ...axis(plot.xLabel, plot.xLim) };
  const y = { field: 'y', ...axis(plot.yLabel, plot.yLim) };
  const label = 'label' in trace && trace.label !== null ? { description: trace.label } : {};
  const points = (xs: Float64Array, ys: Float64Array): Part => ({
    values: Array.from(xs, (v, i) => ({ x: v, y: Number.isFinite(ys[i]) ? ys[i] : null, i })),
  });
  switch (trace.type) {
    case 'line': {
      const mark = {
        type: 'line',
        color,
        strokeWidth: trace.lineWidth,
        strokeDash: dashes[trace.lineStyle],
        clip: true,
      };
      const order = { field: 'i', type: 'quantitative' };
      return { ...label, data: points(trace.x, trace.y), mark, encoding: { x, y, order } };
    }
    case 'points':
      return {
        ...label,
        data: points(trace.x, trace.y),
        mark:
          trace.marker === 'stem' ? { type: 'bar', color, width: 2 } : { type: 'circle', color, size: trace.size ** 2 },
        encoding: { x, y },
      };
    case 'events':
      return {
        ...label,
        data: points(trace.x, trace.y),
        mark: { type: 'tick', orient: 'vertical', color },
        encoding: { x, y },
      };
    case 'bars': {
      const values = Array.from(trace.y, (v, i) => ({ x: trace.edges[i], x2: trace.edges[i + 1], y: v }));
      return { ...label, data: { values }, mark: { type: 'bar', color }, encoding: { x, x2: { field: 'x2' }, y } };
    }
    case 'cells': {
      const scale = { domain: trace.limits, scheme: trace.colors === 'diverging' ? 'redblue' : 'viridis', clamp: true };
      if (trace.colors === 'diverging') Object.assign(scale, { reverse: true });
      const value = { field: 'value', type: 'quantitative', scale, title: trace.label };
      const encoding = { x, x2: { field: 'x2' }, y, y2: { field: 'y2' }, color: value };
      return { data: { values: cellRows(trace) }, mark: { type: 'rect', clip: true }, encoding };
    }
    case 'diagram':
      throw new RockpoolError('ERR_BACKEND', 'diagrams cannot be told in Vega-Lite: use toSvg()');
  }
}

/** @internal */
export function toVegaLite(plot: Plot): object {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...(plot.title !== null && { title: plot.title }),
    width: plot.width,
    height: plot.height,
    layer: plot.traces.map((trace, i) => layer(plot, trace, i)),
  };
}
