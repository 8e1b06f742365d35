/** Long work off the event loop: cancellation by AbortSignal and progress with an estimate of the time left. */
import { checkFunction, checkSignal } from './check.js';
import { abortError } from './errors.js';
import type { NativeJob, NativeProgress } from './native.js';

/** Progress of a long operation. */
export interface Progress {
  /** Work done, in the operation's unit (time steps, rows, batches). */
  done: number;
  /** All the work. */
  total: number;
  /** Estimated seconds until the end; NaN before anything is done. */
  etaSeconds: number;
}

/** Options of every asynchronous operation. */
export interface TaskOptions {
  /** Stops the operation: it rejects with `ERR_ABORTED`, and nothing has changed. */
  signal?: AbortSignal;
  /** Called at most 20 times a second. An error that it throws stops the operation. */
  onProgress?: (progress: Progress) => void;
}

/** Names of the options in {@link TaskOptions}, for `checkOptions`. */
export const taskOptionNames = ['signal', 'onProgress'] as const;

/**
 * Runs a native job. `start` gets the progress callback to hand to the native function; the job is cancelled when the signal
 * aborts.
 */
export async function runTask<T>(options: TaskOptions, start: (progress: NativeProgress) => NativeJob<T>): Promise<T> {
  const signal = checkSignal(options.signal);
  const onProgress =
    options.onProgress === undefined
      ? undefined
      : checkFunction<(p: Progress) => void>(options.onProgress, 'onProgress');
  if (signal?.aborted) throw abortError(signal);
  const site = new Error('site');
  const begin = performance.now();
  let thrown: { value: unknown } | undefined; // whatever it is: native code can only hold on to objects
  const job = start(
    onProgress &&
      ((done, total) => {
        const elapsed = (performance.now() - begin) / 1000;
        try {
          onProgress({ done, total, etaSeconds: done > 0 ? (elapsed * (total - done)) / done : NaN });
        } catch (value) {
          thrown ??= { value };
          throw value;
        }
      }),
  );
  const abort = () => job.cancel();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await job.promise;
  } catch (error) {
    if (thrown) throw thrown.value;
    if (signal?.aborted && error instanceof Error && (error as { code?: unknown }).code === 'ERR_ABORTED')
      throw abortError(signal);
    // An error born on another thread has no JavaScript stack: give it that of the call.
    if (error instanceof Error && site.stack && !error.stack?.includes('\n')) {
      error.stack = `${error.name}: ${error.message}\n${site.stack.split('\n').slice(2).join('\n')}`;
    }
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
