/** A plot: a neutral description that can be drawn, extended, and laid over another one. */
import { toNdArray } from '../array.js';
import {
  checkBoolean,
  checkInstance,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  rangeError,
  shapeError,
  typeError,
} from '../check.js';
import { renderWith } from './backends.js';
import { defaultSize, maxSize } from './defaults.js';
import { Figure } from './figure.js';
import { type Panel, shownLimits } from './render/measure.js';
import { plainTrace, readTrace } from './traces.js';
import type { PlotKind, PlotSpec, Trace } from './types.js';

const kinds: readonly PlotKind[] = ['line', 'scatter', 'raster', 'histogram', 'heatmap', 'diagram'];
const settings = ['title', 'xLabel', 'yLabel', 'xLim', 'yLim', 'legend', 'aspect', 'width', 'height'] as const;

/** What {@link Plot.set} changes. */
export type PlotSettings = Partial<Omit<PlotSpec, 'kind' | 'traces'>>;

function readLimits(value: unknown, name: string): [number, number] | null {
  if (value === null || value === undefined) return null;
  const { data, ndim } = toNdArray(value, name, 'float64');
  if (ndim !== 1 || data.length !== 2) throw shapeError(name, 'two numbers', `${data.length} of them`);
  const [lo, hi] = [checkNumber(data[0], `${name}[0]`), checkNumber(data[1], `${name}[1]`)];
  if (lo > hi) throw rangeError(name, 'two numbers in ascending order', [lo, hi]);
  return [lo, hi];
}

const readText = (value: unknown, name: string): string | null =>
  value === null || value === undefined ? null : checkString(value, name);

const readers: { [K in (typeof settings)[number]]: (value: unknown) => PlotSpec[K] } = {
  title: (v) => readText(v, 'title'),
  xLabel: (v) => readText(v, 'xLabel'),
  yLabel: (v) => readText(v, 'yLabel'),
  xLim: (v) => readLimits(v, 'xLim'),
  yLim: (v) => readLimits(v, 'yLim'),
  legend: (v) => (v === null || v === undefined ? null : checkBoolean(v, 'legend')),
  aspect: (v) => checkOneOf(v ?? 'auto', 'aspect', ['auto', 'equal'] as const),
  width: (v) => checkInteger(v ?? defaultSize.width, 'width', { min: 60, max: maxSize }),
  height: (v) => checkInteger(v ?? defaultSize.height, 'height', { min: 60, max: maxSize }),
};

/**
 * A plot. What it shows is plain data (see {@link PlotSpec}); drawing needs the optional packages that {@link Figure.toSvg} and
 * {@link Figure.toPng} name.
 */
export class Plot extends Figure implements PlotSpec {
  readonly kind: PlotKind;
  readonly traces: Trace[];
  title: string | null = null;
  xLabel: string | null = null;
  yLabel: string | null = null;
  xLim: [number, number] | null = null;
  yLim: [number, number] | null = null;
  legend: boolean | null = null;
  aspect: 'auto' | 'equal' = 'auto';
  override width = defaultSize.width;
  override height = defaultSize.height;
  /** @internal The backend of the series that was plotted. */
  _backend: string | null = null;

  /** A plot of a description, such as {@link toJSON} gives. Arrays are taken in any form. */
  constructor(spec: { kind: PlotKind; traces?: readonly object[] } & PlotSettings) {
    super();
    const { kind, traces, ...rest } = checkOptions<PlotSpec>(spec ?? null, 'spec', ['kind', 'traces', ...settings]);
    this.kind = checkOneOf(kind, 'kind', kinds);
    if (traces !== undefined && !Array.isArray(traces)) throw typeError('traces', 'a list of traces', traces);
    this.traces = (traces ?? []).map((trace, i) => readTrace(trace, `traces[${i}]`));
    this.set(rest);
  }

  /** Sets title, labels, limits, legend and size, as far as they are given; null takes away. Returns the plot. */
  set(options: PlotSettings): this {
    const given = checkOptions<PlotSettings>(options, 'options', settings);
    const read = settings.flatMap((key) =>
      given[key] === undefined ? [] : [[key, readers[key](given[key])] as const],
    );
    Object.assign(this, Object.fromEntries(read));
    return this;
  }

  /** Adds traces over those that are there. Labels and limits stay. Returns the plot. */
  add(...traces: Trace[]): this {
    this.traces.push(...traces);
    return this;
  }

  /**
   * A new plot that shows this one drawn over another, with axes that hold both. Texts are this plot's, and the other's where it has
   * none; so is the size.
   */
  over(below: Plot): Plot {
    checkInstance(below, 'below', Plot);
    const [upper, lower] = [shownLimits(this), shownLimits(below)];
    // Where one has limits of its own, what the other shows must fit in as well.
    const both = (own: 'xLim' | 'yLim', axis: 'x' | 'y'): [number, number] | null => {
      if (this[own] === null && below[own] === null) return null;
      const [a, b] = [upper[axis], lower[axis]];
      return a && b ? [Math.min(a[0], b[0]), Math.max(a[1], b[1])] : (a ?? b);
    };
    const plot = new Plot({ kind: this.kind, width: this.width, height: this.height });
    plot.traces.push(...below.traces, ...this.traces);
    return Object.assign(plot, {
      title: this.title ?? below.title,
      xLabel: this.xLabel ?? below.xLabel,
      yLabel: this.yLabel ?? below.yLabel,
      xLim: both('xLim', 'x'),
      yLim: both('yLim', 'y'),
      legend: this.legend ?? below.legend,
      aspect: this.aspect === 'equal' || below.aspect === 'equal' ? 'equal' : 'auto',
      _backend: this._backend ?? below._backend,
    });
  }

  /**
   * What a backend makes of the plot: `'svg'` an SVG document, `'vega-lite'` a Vega-Lite specification, others what was registered
   * with `registerTsPlottingBackend`. Default: the backend of the series that was plotted, else the global one, else `'svg'`.
   */
  render(backend?: string | null): unknown {
    return renderWith(this, backend);
  }

  override toJSON(): object {
    const { kind, title, xLabel, yLabel, xLim, yLim, legend, aspect, width, height } = this;
    const traces = this.traces.map(plainTrace);
    return { kind, title, xLabel, yLabel, xLim, yLim, legend, aspect, width, height, traces };
  }

  /** @internal */
  override _panels(): Panel[] {
    return [{ plot: this, left: 0, top: 0, width: this.width, height: this.height }];
  }

  /** @internal */
  override _name(): string {
    return this.title ?? `${this.kind} plot`;
  }
}
