/** Reading a board's events until there is a reason to stop. */
import { RockpoolError } from '../../errors.js';
import type { OpenBoard } from './open.js';

/** Events of a read at most. */
const chunk = 1 << 17;
/** Milliseconds that events wait for others. */
const latencyMs = 20;

export interface StreamTotals {
  events: number;
  lost: number;
  resets: number;
  seconds: number;
  /** Why the board ended the stream; '' when it was asked to. */
  why: string;
}

export interface StreamOptions {
  /** Ends the stream; what was queued is read to the end. */
  signal: AbortSignal;
  /** Seconds that it lasts. Default: until the signal. */
  seconds?: number;
  /** Gets each read, before the next one: microseconds and board neurons, of which the first `events` elements count. */
  onEvents?: (times: Float64Array, addresses: Uint32Array, events: number) => void | Promise<void>;
  /** Called every `tickMs` with what there was so far. */
  onTick?: (totals: StreamTotals) => void | Promise<void>;
  tickMs?: number;
  /** Ends the stream when it says so at a tick. */
  until?: () => boolean;
}

/**
 * Streams until the signal, the time, or the board ends it, and resolves to what there was. Nothing that was received is left out.
 * It rejects with what a callback threw.
 */
export async function stream(open: OpenBoard, options: StreamOptions): Promise<StreamTotals> {
  const { native, board } = open;
  const totals: StreamTotals = { events: 0, lost: 0, resets: 0, seconds: 0, why: '' };
  const times = new Float64Array(chunk);
  const addresses = new Uint32Array(chunk);
  let ending = options.signal.aborted;
  let cancel = () => {};
  let ticks: Promise<void> = Promise.resolve();
  let failure: { error: unknown } | undefined;
  const end = () => {
    ending = true;
    cancel();
  };
  const tick = () => {
    totals.seconds = (performance.now() - begin) / 1000;
    if (options.until?.()) end();
    ticks = ticks
      .then(() => options.onTick?.({ ...totals }))
      .catch((error: unknown) => {
        failure ??= { error };
        end();
      });
  };
  await native.dynapseStart(board).promise;
  const begin = performance.now();
  const timer = options.seconds === undefined ? undefined : setTimeout(end, options.seconds * 1000);
  const interval = (options.onTick ?? options.until) && setInterval(tick, options.tickMs ?? 1000);
  options.signal.addEventListener('abort', end);
  const read = async (): Promise<boolean> => {
    const job = native.dynapseRead(board, times, addresses, chunk, latencyMs);
    cancel = () => job.cancel();
    const got = await job.promise;
    totals.events += got.events;
    totals.lost += got.lost;
    totals.resets += got.resets;
    if (got.events > 0) await options.onEvents?.(times, addresses, got.events);
    if (got.ended) totals.why = got.why;
    return got.ended;
  };
  try {
    let ended = false;
    while (!ending && !ended) {
      ended = await read().catch((error: unknown) => {
        if (ending && (error as { code?: unknown }).code === 'ERR_ABORTED') return false;
        throw error;
      });
    }
    totals.seconds = (performance.now() - begin) / 1000;
    if (!ended) await native.dynapseStop(board).promise;
    while (!ended) ended = await read();
  } finally {
    clearTimeout(timer);
    clearInterval(interval);
    options.signal.removeEventListener('abort', end);
    await ticks;
  }
  if (failure) throw failure.error;
  return totals;
}

/** @throws RockpoolError when the stream ended by itself. */
export function checkEnd({ why }: StreamTotals): void {
  if (why === '') return;
  throw new RockpoolError(/unplugged/.test(why) ? 'ERR_DEVICE_LOST' : 'ERR_DEVICE_IO', why);
}
