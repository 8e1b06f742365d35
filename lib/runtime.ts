/** What the library runs on, and how many threads it may use. */
import { native } from './binding.js';
import { checkInteger } from './check.js';
import type { BuildInfo } from './native.js';

/** Version, compiler, Eigen, instruction sets and threads of the native library. */
export function buildInfo(): BuildInfo {
  return native.buildInfo();
}

/** Threads that compute at the same time, over all asynchronous operations of the process, workers included. */
export function concurrency(): number {
  return native.getConcurrency();
}

/**
 * Sets how many threads compute at the same time, for the whole process, workers included; default: the machine's hardware threads. What
 * is running goes on with the threads that it has. Results do not depend on it.
 *
 * A synchronous call computes on the thread that makes it, with the help of idle threads of the `n` where its work can be shared.
 *
 * @throws TypeError or RangeError when `n` is not an integer from 1 to 1024.
 */
export function setConcurrency(n: number): void {
  native.setConcurrency(checkInteger(n, 'n', { min: 1, max: 1024 }));
}
