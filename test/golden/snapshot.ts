/** Copies of our series in the form of recorded ones. */
import { isSeries, toFlat } from './compare.js';
import { PyArray, PySeries } from './values.js';

function array(value: unknown, dtype: string): PyArray {
  const flat = toFlat(value);
  return new PyArray(flat?.shape ?? [0], dtype, Array.from(flat?.data ?? []));
}

/** The content of a series of ours, or null for anything else. */
export function snapshot(value: unknown): PySeries | null {
  if (!isSeries(value)) return null;
  const isEvent = 'channels' in value;
  const shared: [string, unknown][] = [
    ['times', array(value['times'], 'float64')],
    ['num_channels', value['numChannels']],
    ['t_start', value['tStart']],
    ['t_stop', value['tStop']],
    ['periodic', value['periodic']],
    ['name', value['name']],
  ];
  const own: [string, unknown][] = isEvent
    ? [['channels', array(value['channels'], 'int64')]]
    : [
        ['samples', array(value['samples'], 'float64')],
        ['interp_kind', value['interpKind']],
        ['fill_value', value['fillValue']],
        ['beyond_range_exception', value['beyondRangeException']],
        ['approx_limit_times', value['approxLimitTimes']],
      ];
  return new PySeries(isEvent ? 'TSEvent' : 'TSContinuous', new Map([...shared, ...own]));
}
