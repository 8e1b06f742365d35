/** Where in its time step a spike is stamped. */
import { native } from '../binding.js';
import type { SpikeTime } from './iaf/options.js';

/** As a share of the time step. */
export const spikeOffsets: Readonly<Record<SpikeTime, number>> = { start: 0, mid: 0.5, end: 1 };

/** A share of a time step: spikes that would be stamped with the end of the output are moved before it by so much. */
const endMargin = 1e-2;

/** Moves, in place, the spikes that are stamped with the end of the series before it. */
export function keepBeforeEnd(times: Float64Array, spikeTime: SpikeTime, tStop: number, dt: number): void {
  const last = tStop - endMargin * dt;
  if (spikeTime !== 'end' || times.length === 0 || times[times.length - 1] <= last) return;
  times.fill(last, native.searchTimes(times, last, false));
}
