/** What cannot fit in memory is told of before work for it begins. */
import { freemem, totalmem } from 'node:os';
import { UsageError } from './exit.js';

/** Bytes that this process may still have. Free memory counts on Linux only: elsewhere it leaves out what the system would give back. */
function mostBytes(): number {
  const most = process.platform === 'linux' ? freemem() : totalmem();
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, most) : most;
}

const gib = (bytes: number): string => `${Number((bytes / 2 ** 30).toPrecision(3))} GiB`;

/** @throws UsageError when twice so many numbers of double precision, a result and what is written of it, are more than fit in memory. */
export function checkFits(numbers: number, what: string): void {
  const most = mostBytes();
  const wanted = 16 * numbers;
  if (!(wanted <= most)) throw new UsageError(`${what} takes ${gib(wanted)} of memory, and ${gib(most)} are free`);
}
