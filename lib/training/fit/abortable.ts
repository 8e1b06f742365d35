/** Waiting for batches that may never come. */
import { RockpoolError } from '../../errors.js';

function orAborted<T>(next: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(new RockpoolError('ERR_ABORTED', 'stopped', { cause: signal.reason }));
    signal.addEventListener('abort', stop, { once: true });
    void next.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}

/** The same batches. @throws RockpoolError `ERR_ABORTED` as soon as the signal says so, also while the next one is waited for. */
export async function* abortable<T>(
  batches: Iterable<T> | AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T, void, undefined> {
  if (!signal) {
    yield* batches;
    return;
  }
  const iterator = Symbol.asyncIterator in batches ? batches[Symbol.asyncIterator]() : batches[Symbol.iterator]();
  let waiting = false;
  let over = false;
  try {
    for (;;) {
      waiting = true;
      const next = await orAborted(Promise.resolve(iterator.next()), signal);
      waiting = false;
      if (next.done) {
        over = true;
        return;
      }
      yield next.value;
    }
  } finally {
    // One that is being waited for ends when it likes.
    if (waiting) void Promise.resolve(iterator.return?.()).catch(() => undefined);
    else if (!over) await iterator.return?.();
  }
}
