/** What plots and layouts of them have in common: they become SVG, PNG and HTML. */
import { checkInstance, checkNumber, checkOneOf, checkOptions, checkSignal, rangeError } from '../check.js';
import { abortError } from '../errors.js';
import { writeFileAtomic, writeFileAtomicSync } from '../io/atomic.js';
import { checkPath, type PathInput } from '../io/file-error.js';
import { checkColor } from './colours.js';
import { maxSize } from './defaults.js';
import type { Panel } from './render/measure.js';
import { drawPng, drawPngSync } from './render/png.js';
import { drawSvg, escapeXml } from './render/svg.js';

/** Options of drawing. */
export interface DrawOptions {
  /** A CSS colour, or `'transparent'`. Default white. */
  background?: string;
}

/** Options of PNG images. */
export interface PngOptions extends DrawOptions {
  /** Pixels of the image for each pixel of the plot. Default 2. */
  scale?: number;
}

/** Formats of files. */
export type PlotFormat = 'svg' | 'png' | 'html' | 'json';

/** Options of {@link Figure.save}. */
export interface SavePlotOptions extends PngOptions {
  /** Default: by the ending of the file's name. */
  format?: PlotFormat;
  /** Stops the making of the image; the file is untouched then. */
  signal?: AbortSignal;
}

const formats: readonly PlotFormat[] = ['svg', 'png', 'html', 'json'];

function formatOf(path: string, asked: unknown): PlotFormat {
  if (asked !== undefined) return checkOneOf(asked, 'format', formats);
  const ending = /\.([a-z]+)$/i.exec(path)?.[1].toLowerCase();
  if (!formats.includes(ending as PlotFormat))
    throw rangeError('path', 'a name that ends in .svg, .png, .html or .json', path);
  return ending as PlotFormat;
}

const readBackground = (options: DrawOptions): string => checkColor(options.background ?? '#ffffff', 'background');
const readScale = ({ scale = 2 }: PngOptions): number => checkNumber(scale, 'scale', { min: 0.1, max: 10 });

/** A plot or a layout of plots. */
export abstract class Figure {
  /** Pixels. */
  abstract readonly width: number;
  /** Pixels. */
  abstract readonly height: number;

  /** @internal The plots and where they are. */
  abstract _panels(): Panel[];

  /** @internal What it shows, in one line. */
  abstract _name(): string;

  /** Plain data: what `JSON.stringify` writes. */
  abstract toJSON(): object;

  /**
   * The picture as an SVG document.
   *
   * @throws RockpoolError `ERR_BACKEND` without the package echarts.
   */
  toSvg(options: DrawOptions = {}): string {
    const given = checkOptions<DrawOptions>(options, 'options', ['background']);
    return this.#svg(given);
  }

  /**
   * The picture as a PNG image, made off the event loop.
   *
   * @throws RockpoolError `ERR_BACKEND` without the packages echarts and one of @resvg/resvg-js and sharp; `ERR_ABORTED`.
   */
  async toPng(options: PngOptions & { signal?: AbortSignal } = {}): Promise<Buffer> {
    const given = checkOptions<PngOptions & { signal?: AbortSignal }>(options, 'options', [
      'background',
      'scale',
      'signal',
    ]);
    const [scale, signal] = [readScale(given), checkSignal(given.signal)];
    this.#checkPixels(scale);
    if (signal?.aborted) throw abortError(signal);
    return drawPng(this.#svg(given), scale, signal);
  }

  /** {@link toPng}, here and now. It needs @resvg/resvg-js. */
  toPngSync(options: PngOptions = {}): Buffer {
    const given = checkOptions<PngOptions>(options, 'options', ['background', 'scale']);
    const scale = readScale(given);
    this.#checkPixels(scale);
    return drawPngSync(this.#svg(given), scale);
  }

  /** The picture as a page that needs nothing else: the SVG document stands in it. */
  toHtml(options: DrawOptions = {}): string {
    const name = escapeXml(this._name());
    return [
      '<!doctype html>',
      '<html lang="en">',
      `<head><meta charset="utf-8"><title>${name}</title>`,
      '<style>body{margin:1em;font-family:Helvetica,Arial,sans-serif}svg{max-width:100%;height:auto}</style></head>',
      `<body>${this.toSvg(options)}</body>`,
      '</html>',
      '',
    ].join('\n');
  }

  /**
   * Writes the picture to a file: `.svg`, `.png`, `.html`, or the plot itself as `.json`. The path holds either the old file or the
   * new one, whole, at every moment.
   *
   * @throws RangeError `ERR_VALUE` for another ending; RockpoolError `ERR_BACKEND` without a package that draws, `ERR_FILE`,
   * `ERR_ABORTED`.
   */
  async save(path: PathInput, options: SavePlotOptions = {}): Promise<void> {
    const { format, signal, ...rest } = this.#saveOptions(options);
    if (checkSignal(signal)?.aborted) throw abortError(signal as AbortSignal);
    const kind = formatOf(checkPath(path), format);
    const data = kind === 'png' ? await this.toPng({ ...rest, signal }) : this.#text(kind, rest);
    await writeFileAtomic(path, data);
  }

  /** {@link save}, here and now. */
  saveSync(path: PathInput, options: Omit<SavePlotOptions, 'signal'> = {}): void {
    const { format, ...rest } = this.#saveOptions(options);
    const kind = formatOf(checkPath(path), format);
    writeFileAtomicSync(path, kind === 'png' ? this.toPngSync(rest) : this.#text(kind, rest));
  }

  #saveOptions(options: SavePlotOptions): SavePlotOptions {
    const names = ['format', 'signal', 'scale', 'background'];
    return checkOptions<SavePlotOptions>(options, 'options', names);
  }

  #text(format: PlotFormat, { background }: DrawOptions): string {
    if (format === 'json') return JSON.stringify(this);
    const options = background === undefined ? {} : { background };
    return format === 'svg' ? this.toSvg(options) : this.toHtml(options);
  }

  #svg(options: DrawOptions): string {
    return drawSvg(this._panels(), this.width, this.height, readBackground(options), this._name());
  }

  #checkPixels(scale: number): void {
    if (Math.max(this.width, this.height) * scale > 2 * maxSize)
      throw rangeError('scale', `at most ${(2 * maxSize) / Math.max(this.width, this.height)} for this size`, scale);
  }
}

/** @internal */
export function checkFigure(value: unknown, name: string): Figure {
  return checkInstance(value, name, Figure);
}
