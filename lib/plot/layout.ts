/** Plots side by side and above each other. */
import { checkBoolean, checkInteger, checkOptions, checkString, typeError } from '../check.js';
import { maxSize } from './defaults.js';
import { checkFigure, Figure } from './figure.js';
import { Plot } from './plot.js';
import { type Panel, xLimitsOf } from './render/measure.js';

/** Options of {@link layout}. */
export interface LayoutOptions {
  /** Pixels; default: as much as the plots are wide or high. Plots are stretched to fill it. */
  width?: number;
  height?: number;
  /** Plots above each other have one axis of x, with the limits of all and its name below the lowest. Default false. */
  shareX?: boolean;
  /** A name for readers of the screen and for the page of an HTML file. */
  title?: string;
}

/** Rows of figures; each row fills the width. */
export class Layout extends Figure {
  readonly rows: readonly (readonly Figure[])[];
  override readonly width: number;
  override readonly height: number;
  /** Whether plots above each other have one axis of x. */
  readonly shareX: boolean;
  readonly title: string | null;

  /** @internal Use {@link layout}. */
  constructor(rows: readonly (readonly Figure[])[], options: LayoutOptions) {
    super();
    this.rows = rows;
    const natural = { min: 60, max: maxSize };
    const [width, height] = [
      Math.max(...rows.map((row) => row.reduce((sum, one) => sum + one.width, 0))),
      rows.reduce((sum, row) => sum + Math.max(...row.map((one) => one.height)), 0),
    ];
    this.width = checkInteger(options.width ?? Math.min(width, maxSize), 'width', natural);
    this.height = checkInteger(options.height ?? Math.min(height, maxSize), 'height', natural);
    this.shareX = checkBoolean(options.shareX ?? false, 'shareX');
    this.title = options.title === undefined ? null : checkString(options.title, 'title');
  }

  override toJSON(): object {
    const { width, height, shareX, title } = this;
    return { width, height, shareX, title, rows: this.rows.map((row) => row.map((one) => one.toJSON())) };
  }

  /** @internal */
  override _name(): string {
    return (
      this.title ??
      this.rows
        .flat()
        .map((one) => one._name())
        .join(', ')
    );
  }

  /** @internal */
  override _panels(): Panel[] {
    const heights = this.rows.map((row) => Math.max(...row.map((one) => one.height)));
    const scale = this.height / heights.reduce((a, b) => a + b, 0);
    const panels: Panel[] = [];
    let top = 0;
    this.rows.forEach((row, i) => {
      const across = this.width / row.reduce((sum, one) => sum + one.width, 0);
      let left = 0;
      for (const one of row) {
        const box = { left, top, width: across * one.width, height: scale * heights[i] };
        panels.push(...fit(one, box));
        left += box.width;
      }
      top += scale * heights[i];
    });
    return this.shareX ? shared(panels) : panels;
  }
}

/** The panels of a figure in a box of another size. */
function fit(figure: Figure, { left, top, width, height }: Omit<Panel, 'plot'>): Panel[] {
  const [sx, sy] = [width / figure.width, height / figure.height];
  return figure._panels().map((panel) => ({
    ...panel,
    left: left + sx * panel.left,
    top: top + sy * panel.top,
    width: sx * panel.width,
    height: sy * panel.height,
  }));
}

/** Panels above each other with the limits of all of them. */
function shared(panels: Panel[]): Panel[] {
  return panels.map((panel) => {
    const column = panels.filter((p) => p.left === panel.left && p.width === panel.width);
    if (column.length === 1) return panel;
    const limits = column.map((p) => xLimitsOf(p.plot)).filter((l) => l !== null);
    const plot = Object.assign(new Plot({ kind: panel.plot.kind }), panel.plot);
    if (limits.length > 0) plot.xLim = [Math.min(...limits.map((l) => l[0])), Math.max(...limits.map((l) => l[1]))];
    return { ...panel, plot, namelessX: column.some((p) => p.top > panel.top) };
  });
}

/**
 * Puts plots into rows: `layout([a, b])` one above the other, `layout([[a, b], [c]])` two above one that is as wide as both.
 * Layouts can stand in layouts.
 */
export function layout(figures: readonly (Figure | readonly Figure[])[], options: LayoutOptions = {}): Layout {
  const given = checkOptions<LayoutOptions>(options, 'options', ['width', 'height', 'shareX', 'title']);
  if (!Array.isArray(figures) || figures.length === 0)
    throw typeError('figures', 'a list of plots or of rows of plots', figures);
  const rows = figures.map((row: unknown, i) => {
    const list: unknown[] = Array.isArray(row) ? row : [row];
    if (list.length === 0) throw typeError(`figures[${i}]`, 'a row of at least one plot', list);
    return list.map((one, k) => checkFigure(one, Array.isArray(row) ? `figures[${i}][${k}]` : `figures[${i}]`));
  });
  return new Layout(rows, given);
}
