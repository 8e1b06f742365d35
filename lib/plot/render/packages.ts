/** Optional packages that draw. Loaded when first needed. */
import { createRequire } from 'node:module';
import { RockpoolError } from '../../errors.js';

const load = createRequire(__filename);

/** What is used of ECharts. */
export interface Echarts {
  init(
    dom: null,
    theme: null,
    options: { renderer: 'svg'; ssr: true; width: number; height: number },
  ): { setOption(option: object): void; renderToSVGString(): string; dispose(): void };
}

/** What is used of @resvg/resvg-js. */
export interface ResvgPackage {
  Resvg: new (svg: string, options: object) => { render(): { asPng(): Buffer } };
  renderAsync(svg: string, options: object, signal?: AbortSignal | null): Promise<{ asPng(): Buffer }>;
}

/** What is used of sharp. */
export type Sharp = (svg: Buffer, options: { density: number }) => { png(): { toBuffer(): Promise<Buffer> } };

/** @internal How packages are loaded: tests put something else here. */
export const loader = { load: (name: string): unknown => load(name) };

/** The package, or undefined when it is not installed. One that is there and does not load is an error. */
function find<T>(name: string): T | undefined {
  try {
    return loader.load(name) as T;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message?: string };
    if (code === 'MODULE_NOT_FOUND' && message?.includes(`'${name}'`)) return undefined;
    throw new RockpoolError('ERR_BACKEND', `the package ${name} could not be loaded: ${message}`, { cause });
  }
}

/** @throws RockpoolError `ERR_BACKEND` when ECharts is not installed. */
export function echarts(): Echarts {
  const found = find<Echarts>('echarts');
  if (!found)
    throw new RockpoolError('ERR_BACKEND', 'plots are drawn by the optional package echarts: npm install echarts');
  return found;
}

/** The package that makes PNG images: resvg, which brings no fonts but takes ours, else sharp. */
export function pngPackage(): { resvg: ResvgPackage } | { sharp: Sharp } {
  const resvg = find<ResvgPackage>('@resvg/resvg-js');
  if (resvg) return { resvg };
  const sharp = find<Sharp>('sharp');
  if (sharp) return { sharp };
  throw new RockpoolError(
    'ERR_BACKEND',
    'PNG images are made by an optional package: npm install @resvg/resvg-js (or sharp)',
  );
}
