/**
 * A long stream of a board's events: nothing may be lost, and memory may not grow.
 *
 *     node bench/soak/board.mjs [EVENTS]      1e9 by default
 *
 * Prints the process's memory along the way. Exit status 1 when an event was lost, or when memory at the end is more than 8 MiB above that
 * after a tenth of the events.
 */
import { spawnSync } from 'node:child_process';
import { streamEvents } from '../lib/board.mjs';

const events = Math.round(Number(process.argv[2] ?? 1e9) / 20) * 20;
const growthAllowed = 8;
if (!(events >= 20)) {
  console.error('usage: node bench/soak/board.mjs [EVENTS]');
  process.exit(2);
}
// The collector of JavaScript reserves memory when it pleases: it is told to be sparing, and to collect before a look.
if (!globalThis.gc) {
  const flags = ['--expose-gc', '--max-semi-space-size=1'];
  const { status } = spawnSync(process.execPath, [...flags, ...process.argv.slice(1)], { stdio: 'inherit' });
  process.exit(status ?? 1);
}

/** Memory of the process in MiB. */
function memory() {
  globalThis.gc();
  return process.memoryUsage.rss() / 2 ** 20;
}
let [next, base] = [0, 0];
const result = await streamEvents(events, {
  onRead(times, addresses, count, before) {
    if (before + count < next) return;
    if (before < events / 8) base = memory();
    next += events / 20;
    console.log(`${((before + count) / 1e6).toFixed(0)} M events, ${memory().toFixed(1)} MiB`);
  },
});
const grown = memory() - base;
const rate = result.received / result.ms / 1e3;
console.log(
  `${result.received} events, ${result.lost} lost, ${(result.ms / 1e3).toFixed(1)} s: ${rate.toFixed(1)} M events/s; ` +
    `memory ${base.toFixed(1)} MiB ${grown >= 0 ? '+' : '-'} ${Math.abs(grown).toFixed(1)} MiB; ` +
    `JavaScript thread ${(((result.threadMs ?? NaN) / result.ms) * 100).toFixed(2)} % of a core, all threads ${((result.allMs / result.ms) * 100).toFixed(0)} %`,
);
if (result.lost > 0 || grown > growthAllowed) process.exitCode = 1;
