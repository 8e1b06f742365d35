/** Plots of how active a population is. */
import { checkBoolean, checkInstance, checkNumber, checkOptions } from '../check.js';
import { allocate } from '../array.js';
import { native } from '../binding.js';
import { TSEvent } from '../time-series/ts-event.js';
import { finish, type PlotOptions, plotOptionNames, readColor, readLabel } from './options.js';
import type { Plot } from './plot.js';

/** Options of {@link plotRate}. */
export interface PlotRateOptions extends PlotOptions {
  /** Width of the bins in seconds; default a hundredth of the duration. */
  dt?: number;
  /** Events per second of one channel (the mean of all), instead of all channels together. Default true. */
  perChannel?: boolean;
}

/** The rate of events in bins of time. */
export function plotRate(events: TSEvent, options: PlotRateOptions = {}): Plot {
  const given = checkOptions<PlotRateOptions>(options, 'options', [...plotOptionNames, 'dt', 'perChannel']);
  const ts = checkInstance(events, 'events', TSEvent);
  const duration = ts.duration > 0 ? ts.duration : 1;
  const dt = checkNumber(given.dt ?? duration / 100, 'dt', { positive: true });
  const perChannel = checkBoolean(given.perChannel ?? true, 'perChannel');
  const bins = Math.min(100_000, Math.max(1, Math.ceil(duration / dt - 1e-6)));
  const counts = allocate([bins], 'the bins');
  const end = ts.tStart + bins * dt;
  native.histogram(ts._peek().times, ts.tStart, end, counts);
  native.scaleInPlace(counts, 1 / (dt * (perChannel ? Math.max(1, ts.numChannels) : 1)));
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) => ts.tStart + i * dt);
  const style = { label: readLabel(given.label, null), color: readColor(given.color) };
  return finish('histogram', [{ type: 'bars', edges, y: counts, ...style }], given, {
    title: ts.name === 'unnamed' ? null : ts.name,
    xLabel: 'Time (s)',
    yLabel: perChannel ? 'Rate per channel (1/s)' : 'Rate (1/s)',
    xLim: [ts.tStart, end],
    height: 260,
  });
}
