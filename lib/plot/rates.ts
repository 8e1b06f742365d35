/** Plots of how active a population is. */
import { checkBoolean, checkInstance, checkNumber, checkOptions, rangeError } from '../check.js';
import { allocate } from '../array.js';
import { native } from '../binding.js';
import { TSEvent } from '../time-series/ts-event.js';
import { largestBars } from './blocks.js';
import { maxBars, maxBins } from './defaults.js';
import { finish, type PlotOptions, plotOptionNames, readColor, readLabel } from './options.js';
import type { Plot } from './plot.js';

/** Options of {@link plotRate}. */
export interface PlotRateOptions extends PlotOptions {
  /**
   * Width of the bins in seconds; default a hundredth of the duration. Of more than 100,000 bins neighbours share a bar, which shows the
   * highest rate among them; there may be 20 million.
   */
  dt?: number;
  /** Events per second of one channel (the mean of all), instead of all channels together. Default true. */
  perChannel?: boolean;
}

/**
 * The rate of events in bins of time.
 *
 * @throws RangeError `ERR_VALUE` for a `dt` that asks for more than 20 million bins.
 */
export function plotRate(events: TSEvent, options: PlotRateOptions = {}): Plot {
  const given = checkOptions<PlotRateOptions>(options, 'options', [...plotOptionNames, 'dt', 'perChannel']);
  const ts = checkInstance(events, 'events', TSEvent);
  const duration = ts.duration > 0 ? ts.duration : 1;
  const dt = checkNumber(given.dt ?? duration / 100, 'dt', { positive: true });
  const perChannel = checkBoolean(given.perChannel ?? true, 'perChannel');
  const bins = Math.max(1, Math.ceil(duration / dt - 1e-6));
  if (bins > maxBins) throw rangeError('dt', `at least ${duration / maxBins}, for ${maxBins} bins`, dt);
  const counts = allocate([bins], 'the bins');
  const end = ts.tStart + bins * dt;
  native.histogram(ts._peek().times, ts.tStart, Math.max(end, ts.tStop), counts);
  native.scaleInPlace(counts, 1 / (dt * (perChannel ? Math.max(1, ts.numChannels) : 1)));
  const bars = largestBars((i) => ts.tStart + i * dt, counts, maxBars);
  const style = { label: readLabel(given.label, null), color: readColor(given.color) };
  return finish('histogram', [{ type: 'bars', ...bars, ...style }], given, {
    title: ts.name === 'unnamed' ? null : ts.name,
    xLabel: 'Time (s)',
    yLabel: perChannel ? 'Rate per channel (1/s)' : 'Rate (1/s)',
    xLim: [ts.tStart, end],
    height: 260,
  });
}
