/** Measures of spike trains. */
import { native } from '../binding.js';
import { checkInstance, checkOptions } from '../check.js';
import { readWindow } from './event-raster.js';
import { TSEvent } from './ts-event.js';

/** Options of the Fano factors. */
export interface FanoOptions {
  /** Length of a time step in seconds; default 0.001. */
  dt?: number;
}

/**
 * Local variation of each channel: three times the mean squared difference of neighbouring inter-event intervals, relative to their
 * sum. About 1 for a Poisson process, 0 for regular events; NaN for channels with fewer than three events.
 */
export function lv(events: TSEvent): Float64Array {
  const series = checkInstance(events, 'events', TSEvent);
  const out = new Float64Array(series.numChannels);
  native.eventsLocalVariation(...series.eventArgs(), out);
  return out;
}

/**
 * Fano factor of the whole population: population variance over mean of the number of events (of all channels together) in each time
 * step. NaN without events. See {@link fanoFactorPerChannel} for the channels by themselves.
 */
export function fanoFactor(events: TSEvent, options?: FanoOptions): number {
  const { series, window } = readArguments(events, options);
  return native.eventsFanoFactor(...series.eventArgs(), ...window, null);
}

/** Fano factor of each channel: population variance over mean of its number of events in each time step. NaN without events. */
export function fanoFactorPerChannel(events: TSEvent, options?: FanoOptions): Float64Array {
  const { series, window } = readArguments(events, options);
  const out = new Float64Array(series.numChannels);
  native.eventsFanoFactor(...series.eventArgs(), ...window, out);
  return out;
}

function readArguments(events: unknown, options: unknown): ReturnType<typeof readWindow> & { series: TSEvent } {
  const series = checkInstance(events, 'events', TSEvent);
  const { dt = 0.001 } = checkOptions<FanoOptions>(options, 'options', ['dt']);
  return { series, ...readWindow(series, { dt }) };
}
