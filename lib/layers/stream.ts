/** Evolution piece by piece over an iterable of inputs. */
import { checkSignal, rangeError, typeError } from '../check.js';
import { abortError } from '../errors.js';
import { TimeSeries } from '../time-series/time-series.js';
import type { StreamSource } from './types.js';

/** A share of a time step by which the ends of a piece may miss the grid. */
const tolerance = 1e-3;

/** Whole steps that a piece covers, from the present time of `target` on. */
export function stepsOfPiece(target: { readonly t: number; readonly dt: number }, piece: unknown): number {
  if (!(piece instanceof TimeSeries)) throw typeError('a piece of source', 'a TimeSeries', piece);
  const { t, dt } = target;
  if (Math.abs(piece.tStart - t) > tolerance * dt) {
    throw rangeError('tStart of a piece of source', `the present time ${t}`, piece.tStart, 'ERR_TIME_RANGE');
  }
  const duration = piece.tStop - t;
  const n = Math.round(duration / dt);
  if (n < 1 || Math.abs(duration - n * dt) > tolerance * dt) {
    throw rangeError(
      'tStop of a piece of source',
      `a whole number of time steps of ${dt} after its start ${t}`,
      piece.tStop,
      'ERR_TIME_RANGE',
    );
  }
  return n;
}

/** The pieces of `source`, until `signal` aborts: then an `ERR_ABORTED` at once, also while the source is being waited for. */
export async function* pieces<T>(
  source: Iterable<T> | AsyncIterable<T>,
  signal?: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const iterator = iteratorOf(source);
  let finished = false;
  try {
    for (;;) {
      if (signal?.aborted) throw abortError(signal);
      const next = await nextOf(iterator, signal);
      if (typeof next !== 'object' || next === null) throw typeError('what source yields', 'an iterator result', next);
      if (next.done) {
        finished = true;
        return;
      }
      yield next.value;
    }
  } catch (error) {
    finished ||= !signal?.aborted; // a source that failed is finished
    throw error;
  } finally {
    if (!finished) {
      const ended = Promise.resolve(iterator).then((it) => it.return?.());
      // A source that is being waited for may never answer: after an abort nobody waits.
      if (signal?.aborted) ended.catch(() => undefined);
      else await ended;
    }
  }
}

/** The next result, unless `signal` aborts first. Nothing outlives it that would keep the result alive. */
async function nextOf<T>(
  iterator: Iterator<T> | AsyncIterator<T>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<T>> {
  if (!signal) return iterator.next();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(abortError(signal));
  });
  aborted.catch(() => undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([iterator.next(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function iteratorOf<T>(source: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  if (typeof source === 'object' && source !== null) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source && !(source instanceof TimeSeries)) return source[Symbol.iterator]();
  }
  throw typeError('source', 'an iterable or async iterable of TimeSeries', source);
}

/** Evolves a layer over all pieces of `source`. */
export async function* streamPieces<R>(
  target: { readonly t: number; readonly dt: number },
  source: StreamSource,
  signal: AbortSignal | undefined,
  evolve: (piece: TimeSeries, numTimesteps: number) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  checkSignal(signal);
  for await (const piece of pieces(source, signal)) yield await evolve(piece, stepsOfPiece(target, piece));
}
