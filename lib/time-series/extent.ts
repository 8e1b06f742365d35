/** Rules of times and extents. */
import { allocate, type ArrayLike_, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkNumber, rangeError, shapeError } from '../check.js';
import { withCode } from '../errors.js';

/** A limit may be wrong by less than this many seconds, and is then moved to where it should be. */
export const absoluteTolerance = 1e-9;

/**
 * @internal Times as a new array of doubles, flattened: finite and non-decreasing.
 */
export function readTimes(value: ArrayLike_ | null | undefined, name: string, length?: number): Float64Array {
  const given = value === null || value === undefined ? new Float64Array(0) : toNdArray(value, name, 'float64').data;
  if (length !== undefined && given.length !== length) {
    throw shapeError(name, `${length} elements long, as before`, `${given.length} elements`);
  }
  const times = given.slice();
  const bad = native.checkTimes(times);
  if (bad >= 0) {
    const t = times[bad];
    const what = Number.isFinite(t) ? `in non-decreasing order (${name}[${bad - 1}] is ${times[bad - 1]})` : 'finite';
    throw withCode(rangeError(`${name}[${bad}]`, what, t), 'ERR_VALUE', { index: bad });
  }
  return times;
}

/** @internal `tStart`, at most `limit`. */
export function fitTStart(tStart: number, limit: number, series: string): number {
  if (tStart <= limit) return tStart;
  if (tStart - limit < absoluteTolerance) return limit;
  throw withCode(rangeError(`tStart of series '${series}'`, `${limit} or less`, tStart), 'ERR_VALUE', { series });
}

/** @internal `tStop`, at least `limit`. */
export function fitTStop(tStop: number, limit: number, series: string): number {
  if (tStop >= limit) return tStop;
  if (limit - tStop < absoluteTolerance) return limit;
  throw withCode(rangeError(`tStop of series '${series}'`, `${limit} or more`, tStop), 'ERR_VALUE', { series });
}

/** @internal The extent of a series as its constructor takes it. `stopLimit` is the smallest end for given times. */
export function readExtent(
  times: Float64Array,
  tStart: number | null | undefined,
  tStop: number | null | undefined,
  series: string,
  stopLimit: number | undefined = times[times.length - 1],
): { tStart: number; tStop: number } {
  const given = tStart === null || tStart === undefined ? undefined : checkNumber(tStart, 'tStart');
  const first = times[0];
  const start = first === undefined ? (given ?? 0) : given === undefined ? first : fitTStart(given, first, series);
  const limit = stopLimit ?? start;
  const stop = tStop === null || tStop === undefined ? limit : fitTStop(checkNumber(tStop, 'tStop'), limit, series);
  return { tStart: start, tStop: stop };
}

/** @internal How many periods before and after the first cover [from, to]. */
export function periodsToCover(
  from: number,
  to: number,
  tStart: number,
  tStop: number,
): { before: number; after: number } {
  const period = tStop - tStart;
  return {
    before: from < tStart ? Math.ceil((tStart - from) / period) : 0,
    after: to > tStop ? Math.ceil((to - tStart) / period) : 1,
  };
}

/**
 * @internal The times of a periodic series, repeated to cover [from, to].
 *
 * @throws RangeError `ERR_VALUE` when the series has times but no duration.
 */
export function extendPeriodicTimes(
  times: Float64Array,
  from: number,
  to: number,
  tStart: number,
  tStop: number,
): { times: Float64Array; before: number; after: number } {
  if (times.length === 0) return { times: new Float64Array(0), before: 0, after: 1 };
  if (!(tStop > tStart)) throw rangeError('duration of a periodic series', 'greater than 0', tStop - tStart);
  const { before, after } = periodsToCover(from, to, tStart, tStop);
  const out = allocate([times.length * (before + after)], 'the repeated times');
  native.periodicTimes(times, before, after, tStop - tStart, out);
  return { times: out, before, after };
}
