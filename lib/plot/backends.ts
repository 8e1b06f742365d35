/** What turns a plot into something: SVG, Vega-Lite, or a function that the user registered. */
import { checkFunction, checkString, rangeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { addBackendName, checkBackend, getGlobalTsPlottingBackend } from '../time-series/plotting-backend.js';
import type { Plot } from './plot.js';
import { toVegaLite } from './vega-lite.js';

/** Turns a plot into whatever it likes. */
export type PlottingBackend = (plot: Plot) => unknown;

const backends = new Map<string, PlottingBackend>([
  ['svg', (plot) => plot.toSvg()],
  ['vega-lite', toVegaLite],
]);

/**
 * Makes a backend known under a name, which `setGlobalTsPlottingBackend`, `setPlottingBackend` of a series and `plot.render` take
 * then. A name that was registered before gets the new function.
 *
 * @throws RangeError `ERR_VALUE` for an empty name or one of the package's own or of a Python library.
 */
export function registerTsPlottingBackend(name: string, backend: PlottingBackend): void {
  const id = checkString(name, 'name');
  const draw = checkFunction<PlottingBackend>(backend, 'backend');
  if (id === '' || !addBackendName(id)) throw rangeError('name', 'a name of its own', id);
  backends.set(id, draw);
}

/** @internal */
export function renderWith(plot: Plot, backend: string | null | undefined): unknown {
  const name = checkBackend(backend) ?? plot._backend ?? getGlobalTsPlottingBackend() ?? 'svg';
  const draw = backends.get(name);
  if (!draw) throw new RockpoolError('ERR_BACKEND', `no backend is registered as ${name}`);
  return draw(plot);
}
