/**
 * A long stream of a board's events: nothing may be lost, and memory may not grow.
 *
 *     node bench/soak/board.mjs [EVENTS]      1e9 by default
 *
 * Prints the process's memory along the way. Exit status 1 when an event was lost, or when memory at the end is more than 8 MiB above that
 * after the first twentieth.
 */
import { streamEvents } from '../lib/board.mjs';

const events = Math.round(Number(process.argv[2] ?? 1e9) / 20) * 20;
const growthAllowed = 8;
if (!(events >= 20)) {
  console.error('usage: node bench/soak/board.mjs [EVENTS]');
  process.exit(2);
}
const rss = () => process.memoryUsage.rss() / 2 ** 20;
let [next, base] = [0, 0];
const result = await streamEvents(events, {
  onRead(times, addresses, count, before) {
    if (before + count < next) return;
    next += events / 20;
    if (before < events / 10) base = rss();
    console.log(`${((before + count) / 1e6).toFixed(0)} M events, ${rss().toFixed(1)} MiB`);
  },
});
const grown = rss() - base;
const rate = result.received / result.ms / 1e3;
console.log(
  `${result.received} events, ${result.lost} lost, ${(result.ms / 1e3).toFixed(1)} s: ${rate.toFixed(1)} M events/s; ` +
    `memory ${base.toFixed(1)} MiB ${grown >= 0 ? '+' : '-'} ${Math.abs(grown).toFixed(1)} MiB; ` +
    `JavaScript thread ${(((result.threadMs ?? NaN) / result.ms) * 100).toFixed(2)} % of a core, all threads ${((result.allMs / result.ms) * 100).toFixed(0)} %`,
);
if (result.lost > 0 || grown > growthAllowed) process.exitCode = 1;
