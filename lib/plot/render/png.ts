/** SVG documents as PNG images. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { abortError, RockpoolError } from '../../errors.js';
import { systemFonts } from './fonts.js';
import { pngPackage } from './packages.js';

/** In an Electron archive fonts can't be read by native code: they must be unpacked, as native code itself. */
const fontFile = join(__dirname, '..', '..', '..', 'fonts', 'rockpool-plot.ttf').replace(
  /app\.asar(?=[\\/])/,
  'app.asar.unpacked',
);

/** Letters and signs that our font has: Latin, Greek, and what mathematics needs most. */
const covered =
  /^[\s\u0020-\u007e\u00a0-\u017f\u0391-\u03a9\u03b1-\u03c9\u2013\u2014\u2018-\u201d\u2022\u2026\u2032\u2070-\u207b\u2080-\u208e\u2190-\u2193\u2202\u2206\u2207\u2211\u2212\u221a\u221e\u2248\u2260\u2264\u2265]*$/;

/**
 * Pictures look the same on every machine, also where no font is installed: the package brings one. Fonts of the system, which take
 * time to find, are asked only for what that one does not have.
 */
function fontOptions(svg: string): object {
  if (!existsSync(fontFile)) return { loadSystemFonts: true };
  const texts = [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map((m) => m[1]).join('');
  const others = covered.test(texts) ? null : systemFonts();
  return {
    // Their order is not ours when they are loaded this way: only where none is found.
    loadSystemFonts: others?.length === 0,
    fontFiles: [fontFile, ...(others ?? [])],
    defaultFontFamily: 'Rockpool Plot',
    sansSerifFamily: 'Rockpool Plot',
  };
}

/** The document names fonts of office programs; here there is one. */
const named = (svg: string): string =>
  existsSync(fontFile) ? svg.replace(/font-family:[^;"]*/g, "font-family:'Rockpool Plot', sans-serif") : svg;

const options = (svg: string, scale: number): object => ({
  fitTo: { mode: 'zoom', value: scale },
  font: fontOptions(svg),
  logLevel: 'off',
});

/** @throws RockpoolError `ERR_BACKEND` without a package for it, `ERR_ABORTED`. */
export async function drawPng(svg: string, scale: number, signal: AbortSignal | undefined): Promise<Buffer> {
  if (signal?.aborted) throw abortError(signal);
  const found = pngPackage();
  try {
    const png =
      'resvg' in found
        ? (await found.resvg.renderAsync(named(svg), options(svg, scale), signal ?? null)).asPng()
        : await found
            .sharp(Buffer.from(svg), { density: 72 * scale })
            .png()
            .toBuffer();
    if (signal?.aborted) throw abortError(signal);
    return png;
  } catch (error) {
    if (signal?.aborted) throw abortError(signal);
    throw error;
  }
}

/** The same here and now. @throws RockpoolError `ERR_BACKEND` also where there is only sharp, which can't. */
export function drawPngSync(svg: string, scale: number): Buffer {
  const found = pngPackage();
  if (!('resvg' in found))
    throw new RockpoolError(
      'ERR_BACKEND',
      'sharp makes images asynchronously only: await save(), or npm install @resvg/resvg-js',
    );
  return new found.resvg.Resvg(named(svg), options(svg, scale)).render().asPng();
}
