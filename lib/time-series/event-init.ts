/** What event series are made from. */
import { type ArrayLike_ } from '../array.js';
import { checkBoolean, checkNumber, checkOptions, checkString, rangeError, typeError } from '../check.js';
import { warn } from '../warnings.js';
import { readEventChannels, readNumChannels } from './event-arguments.js';
import { readExtent, readTimes } from './extent.js';
import { nextUp } from './numbers.js';
import { checkBackend } from './plotting-backend.js';
import { TimeAxis } from './time-axis.js';
import type { SeriesInit, TimeSeriesOptions } from './time-series.js';

/** Options of the constructor of {@link TSEvent}. */
export interface TSEventOptions extends TimeSeriesOptions {
  /** Non-decreasing finite times in seconds; default none. */
  times?: ArrayLike_ | null;
  /** The channel of each event, or one for all; default 0. */
  channels?: ArrayLike_ | null;
  /** Number of channels; default: one more than the largest id. */
  numChannels?: number | null;
  /**
   * Whether leaving out `tStop` is an error when there are events; default {@link TSEvent.strictStop}. Otherwise the series ends
   * just behind its last event, with the warning `TSEVENT_STOP_INFERRED`.
   */
  strictStop?: boolean;
}

/** Events that are known to be right: sorted by time, channels in range. */
export interface TrustedEvents {
  times: Float64Array;
  channels: Int32Array;
  numChannels: number;
  tStart: number;
  tStop: number;
  name?: string;
  periodic?: boolean;
}

/** @internal What a series holds, checked. */
export class EventInit {
  readonly base: SeriesInit;
  readonly channels: Int32Array;
  readonly numChannels: number;

  constructor(base: SeriesInit, channels: Int32Array, numChannels: number) {
    this.base = base;
    this.channels = channels;
    this.numChannels = numChannels;
  }
}

/** @internal */
export function trustedEvents({
  times,
  channels,
  numChannels,
  tStart,
  tStop,
  name,
  periodic,
}: TrustedEvents): EventInit {
  const base: SeriesInit = {
    axis: TimeAxis.of(times),
    tStart,
    tStop,
    periodic: periodic ?? false,
    name: name ?? 'unnamed',
    plottingBackend: null,
    trialStartTimes: null,
  };
  return new EventInit(base, channels, numChannels);
}

const optionNames = ['periodic', 'tStart', 'tStop', 'name', 'numChannels', 'strictStop', 'plottingBackend'];

/** @internal The arguments of the constructor: `(times, channels, options)` or `(options)`. */
export function readEventInit(first: unknown, second: unknown, third: unknown, strictByDefault: boolean): EventInit {
  if (first instanceof EventInit) return first;
  const inObject =
    typeof first === 'object' &&
    first !== null &&
    !Array.isArray(first) &&
    !ArrayBuffer.isView(first) &&
    !('data' in first && 'shape' in first);
  const options = inObject
    ? checkOptions<TSEventOptions>(first, 'options', ['times', 'channels', ...optionNames])
    : { ...checkOptions<TSEventOptions>(third, 'options', optionNames), times: first, channels: second };
  const name = options.name === null || options.name === undefined ? 'unnamed' : checkString(options.name, 'name');
  const periodic = checkBoolean(options.periodic ?? false, 'periodic');
  const strict = checkBoolean(options.strictStop ?? strictByDefault, 'strictStop');
  const times = readTimes(options.times as ArrayLike_ | null | undefined, 'times');
  const { channels, largest } = readEventChannels(options.channels, times.length);
  const last = times[times.length - 1];
  const limit = last === undefined ? undefined : nextUp(last);
  if (last !== undefined) checkStop(options.tStop, last, name, strict);
  const { tStart, tStop } = readExtent(times, options.tStart, options.tStop, name, limit);
  const base: SeriesInit = {
    axis: TimeAxis.of(times),
    tStart,
    tStop,
    periodic,
    name,
    plottingBackend: checkBackend(options.plottingBackend),
    trialStartTimes: null,
  };
  return new EventInit(base, channels, readNumChannels(options.numChannels, largest + 1, name));
}

/** The end of a series with events is later than the last of them. */
function checkStop(tStop: unknown, last: number, name: string, strict: boolean): void {
  if (tStop !== null && tStop !== undefined) {
    const stop = checkNumber(tStop, 'tStop');
    if (!(stop > last)) throw rangeError(`tStop of series '${name}'`, `later than the last event (${last})`, stop);
    return;
  }
  if (strict)
    throw typeError(`tStop of series '${name}'`, `a number greater than the last event time (${last})`, tStop);
  warn(
    'TSEVENT_STOP_INFERRED',
    `series '${name}' has events but no tStop: it ends just behind its last event, at ${last} s`,
  );
}
