/** Joining of event series. */
import { native } from '../binding.js';
import { rangeError } from '../check.js';
import { maxChannels } from './event-arguments.js';
import { nextUp } from './numbers.js';
import type { TSEvent } from './ts-event.js';

/** @internal The pooled events of several series. */
export interface Pooled {
  times: Float64Array;
  channels: Int32Array;
  tStart: number;
  tStop: number;
}

/**
 * @internal Pools the events of all series, delayed by `delays` seconds and with `shifts` added to their channels, sorted by
 * time; of simultaneous events those of earlier series come first.
 */
export function poolEvents(
  series: readonly TSEvent[],
  delays: readonly number[],
  shifts: readonly number[],
  removeDuplicates: boolean,
): Pooled {
  const starts = new Float64Array(series.length + 1);
  for (const [i, { length }] of series.entries()) starts[i + 1] = starts[i] + length;
  const total = starts[series.length];
  const times = new Float64Array(total);
  const channels = new Int32Array(total);
  let tStart = Infinity;
  let tStop = -Infinity;
  for (const [i, one] of series.entries()) {
    const events = one._peek();
    const delay = delays[i];
    times.set(events.times, starts[i]);
    channels.set(events.channels, starts[i]);
    tStart = Math.min(tStart, one.tStart + delay);
    tStop = Math.max(tStop, one.tStop + delay);
  }
  const left = native.eventsMerge(
    times,
    channels,
    starts,
    Float64Array.from(delays),
    Int32Array.from(shifts),
    removeDuplicates,
  );
  if (left > 0) tStop = Math.max(tStop, nextUp(times[left - 1]));
  return left === total
    ? { times, channels, tStart, tStop }
    : { times: times.slice(0, left), channels: channels.slice(0, left), tStart, tStop };
}

/** @internal The first channel of each series when their channels are put side by side, and the number of all. */
export function channelShifts(series: readonly TSEvent[]): { shifts: number[]; numChannels: number } {
  let numChannels = 0;
  const shifts: number[] = [];
  for (const one of series) {
    shifts.push(numChannels);
    numChannels += one.numChannels;
  }
  if (numChannels > maxChannels) throw rangeError('number of channels', `${maxChannels} or less`, numChannels);
  // A series without channels at the very end has no events to shift.
  return { shifts: shifts.map((s) => Math.min(s, maxChannels - 1)), numChannels };
}

/** @internal The delays that put each series behind the one before, `offsets[i]` seconds after its end. */
export function appendDelays(first: TSEvent, others: readonly TSEvent[], offsets: readonly number[]): number[] {
  let stop = first.tStop;
  return others.map((other, i) => {
    const delay = stop + offsets[i] - other.tStart;
    stop = other.tStop + delay;
    return delay;
  });
}
