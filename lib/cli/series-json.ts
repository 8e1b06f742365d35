/** Time series as JSON: the entries of their dictionaries, with text where those have keys. */
import { NdArray } from '../array.js';
import { RockpoolError } from '../errors.js';
import { toText } from '../layers/config.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import type { TimeSeries } from '../time-series/time-series.js';

/** The text of a JSON file of a series. */
export function seriesText(series: TimeSeries): string {
  const { name, tStart, tStop, periodic } = series;
  const common = { name, t_start: tStart, t_stop: tStop, periodic, times: series.times };
  if (series instanceof TSEvent)
    return toText({
      class_name: 'TSEvent',
      ...common,
      num_channels: series.numChannels,
      channels: series.channels,
    });
  const continuous = series as TSContinuous;
  return toText({
    class_name: 'TSContinuous',
    ...common,
    units: continuous.units,
    interp_kind: continuous.interpKind,
    samples: continuous.samples,
  });
}

/** A dictionary of {@link seriesText} is one of a series. */
export const isSeriesDict = (dict: Record<string, unknown>): boolean =>
  dict['class_name'] === 'TSContinuous' || dict['class_name'] === 'TSEvent';

/** The series of a dictionary. @throws TypeError or RangeError for entries that do not fit. */
export function seriesOfDict(dict: Record<string, unknown>): TimeSeries {
  const { times, name, t_start: tStart, t_stop: tStop, periodic } = dict as Record<string, never>;
  if (!Array.isArray(times)) throw new RockpoolError('ERR_FILE', "it has no list 'times'");
  const common = { times, name, tStart, tStop, periodic };
  const { samples, channels, units, num_channels, interp_kind } = dict as Record<string, never>;
  if (dict['class_name'] === 'TSEvent') {
    if (!Array.isArray(channels)) throw new RockpoolError('ERR_FILE', "it has no list 'channels'");
    return new TSEvent({ ...common, channels, numChannels: num_channels });
  }
  if (!Array.isArray(samples)) throw new RockpoolError('ERR_FILE', "it has no list 'samples'");
  const matrix = (samples as unknown[]).length === 0 ? NdArray.zeros([0, 0]) : samples;
  return new TSContinuous({ ...common, samples: matrix, units, interpKind: interp_kind });
}
