/** What the library runs on, and how many threads it may use. */
import { native } from './binding.js';
import { checkInteger } from './check.js';
import type { BuildInfo } from './native.js';

/** Version, compiler, Eigen, instruction sets and threads of the native library. */
export function buildInfo(): BuildInfo {
  return native.buildInfo();
}

/** Threads that compute at the same time, over all running operations of the process. */
export function concurrency(): number {
  return native.getConcurrency();
}

/**
 * Sets how many threads compute at the same time; default: the machine's hardware threads. Results do not depend on it.
 *
 * @throws TypeError or RangeError when `n` is not an integer from 1 to 1024.
 */
export function setConcurrency(n: number): void {
  native.setConcurrency(checkInteger(n, 'n', { min: 1, max: 1024 }));
}
