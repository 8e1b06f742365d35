/** Progress of what is done in pieces: an error of the user's callback must come out as it is, not as one of the file. */
import { checkFunction } from '../check.js';
import type { TaskOptions } from '../task.js';

class Thrown {
  constructor(readonly value: unknown) {}
}

/** Returns a function that tells the user how far it is. */
export function progressOf({ onProgress }: TaskOptions): (done: number, total: number) => void {
  if (onProgress === undefined) return () => {};
  const callback = checkFunction<NonNullable<TaskOptions['onProgress']>>(onProgress, 'onProgress');
  const begin = performance.now();
  return (done, total) => {
    const elapsed = (performance.now() - begin) / 1000;
    try {
      callback({ done, total, etaSeconds: done > 0 ? (elapsed * Math.max(total - done, 0)) / done : NaN });
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- unwrapped by whoever asked for it
      throw new Thrown(error);
    }
  };
}

/** What the user's callback threw, or `otherwise`. */
export function unwrapThrown(error: unknown, otherwise: (error: unknown) => unknown): unknown {
  if (error instanceof Thrown) return error.value;
  const cause = (error as { cause?: unknown } | null)?.cause;
  return cause instanceof Thrown ? cause.value : otherwise(error);
}
