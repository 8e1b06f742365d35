/** The board model as a source of events, read as an application would read it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { native } = createRequire(import.meta.url)('../../dist/binding.js');

/** Events in a microsecond of the model's clock. */
const perMicrosecond = 20;
/** The model makes events as fast as the driver takes them, much faster than any board: it is asked for no more than the queue holds. */
const piece = 8_000_000;

/** Milliseconds that this thread has computed; undefined where the system doesn't say. */
export function threadMs() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return undefined;
  }
}

/** The board neuron and the microsecond of event k of the model's test stream. */
export function expectedEvent(k) {
  // The pattern begins anew behind every 2^15 microseconds.
  const inPeriod = k % (perMicrosecond * 32768);
  return { time: Math.floor(k / perMicrosecond), address: (inPeriod * 1237) % 4096 };
}

/**
 * Streams `events` events and calls `onRead(times, addresses, count, before)` with each read. `chunk`: events of a read. What it met, and the
 * milliseconds that it took: of the clock, of the JavaScript thread, and of all threads.
 */
export async function streamEvents(events, { chunk = 1 << 17, onRead } = {}) {
  const board = await native.dynapseOpenModel(1, false, 1e-4, 65536, 0, 'MODEL001', piece, 0).promise;
  try {
    await native.dynapseStart(board).promise;
    const times = new Float64Array(chunk);
    const addresses = new Uint32Array(chunk);
    const [begin, thread, all] = [performance.now(), threadMs(), process.cpuUsage()];
    let [asked, received, lost, reads] = [0, 0, 0, 0];
    while (received + lost < events) {
      if (received + lost === asked) {
        const next = Math.min(piece, events - asked);
        native.dynapseModelTestStream(board, perMicrosecond, next / perMicrosecond);
        asked += next;
      }
      const read = await native.dynapseRead(board, times, addresses, chunk, 20).promise;
      onRead?.(times, addresses, read.events, received);
      received += read.events;
      lost += read.lost;
      reads++;
    }
    const ms = performance.now() - begin;
    const { user, system } = process.cpuUsage(all);
    const threadTime = thread === undefined ? undefined : threadMs() - thread;
    return { received, lost, reads, ms, threadMs: threadTime, allMs: (user + system) / 1e3 };
  } finally {
    await native.dynapseClose(board).promise;
  }
}

/** What is wrong with a stream of `events` events, at most a piece, each compared; undefined when nothing is. */
export async function checkEvents(events) {
  let wrong;
  let first; // the time of event 0
  const result = await streamEvents(events, {
    onRead(times, addresses, count, before) {
      for (let i = 0; i < count && !wrong; i++) {
        const { time, address } = expectedEvent(before + i);
        first ??= times[i];
        if (addresses[i] !== address || times[i] - first !== time)
          wrong = `event ${before + i} is neuron ${addresses[i]} at ${times[i] - first} us, not ${address} at ${time} us`;
      }
    },
  });
  return wrong ?? (result.lost > 0 ? `${result.lost} events were lost` : undefined);
}
