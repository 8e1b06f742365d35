/** Which backend draws time series. Drawing itself is in `rockpool-node/plot`. */
import { checkBoolean, checkOptions, checkString, rangeError } from '../check.js';
import { RockpoolError } from '../errors.js';

const builtIn = ['svg', 'vega-lite'];
const own = [...builtIn];
const pythonOnly = Object.fromEntries<string | undefined>([
  ...['holoviews', 'holo', 'Holoviews', 'HoloViews', 'hv'].map((alias) => [alias, 'holoviews'] as const),
  ...['matplotlib', 'mpl', 'mp', 'pyplot', 'plt'].map((alias) => [alias, 'matplotlib'] as const),
]);

let globalBackend: string | null = null;

/** Options of the setters of plotting backends. */
export interface PlottingBackendOptions {
  /** Print one line that confirms the choice; default true. */
  verbose?: boolean;
}

/** @internal Makes a further name known; false for one that is taken by the package or a Python library. */
export function addBackendName(name: string): boolean {
  if (pythonOnly[name] !== undefined || builtIn.includes(name)) return false;
  if (!own.includes(name)) own.push(name);
  return true;
}

/** @internal The backend's name, checked. `null` is none. */
export function checkBackend(backend: unknown): string | null {
  if (backend === null || backend === undefined) return null;
  const name = checkString(backend, 'backend');
  if (own.includes(name)) return name;
  const python = pythonOnly[name];
  if (python) {
    throw new RockpoolError(
      'ERR_BACKEND',
      `the plotting backend ${python} is a Python library; here there are ${own.join(', ')}`,
    );
  }
  throw rangeError('backend', `one of ${own.map((b) => `'${b}'`).join(', ')} or null`, name);
}

/** @internal */
export function readVerbose(options: unknown): boolean {
  const { verbose = true } = checkOptions<PlottingBackendOptions>(options, 'options', ['verbose']);
  return checkBoolean(verbose, 'verbose');
}

/**
 * Sets the backend that draws all time series without one of their own; `null` for none.
 *
 * @throws RangeError `ERR_VALUE` for an unknown name, RockpoolError `ERR_BACKEND` for one that is not available here.
 */
export function setGlobalTsPlottingBackend(backend: string | null, options?: PlottingBackendOptions): void {
  const verbose = readVerbose(options);
  globalBackend = checkBackend(backend);
  if (verbose) console.log(`Plotting backend of all time series: ${globalBackend ?? 'none'}`);
}

/** The backend that draws time series without one of their own, or null. */
export function getGlobalTsPlottingBackend(): string | null {
  return globalBackend;
}
