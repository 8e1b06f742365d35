/** What LIF modules recorded, as time series. */
import { NdArray } from '../../array.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { RecordTree } from '../types.js';

const labels: Record<string, string> = {
  vmem: '$V_{mem}$',
  isyn: '$I_{syn}$',
  irec: '$I_{rec}$',
  iahp: '$I_{ahp}$',
};

/** The first batch of [batch, time, ...] as [time, channels]. */
function firstOfBatch(array: NdArray): NdArray {
  const [, steps, ...rest] = array.shape;
  const channels = rest.reduce((n, m) => n * m, 1);
  return new NdArray(Float64Array.from(array.data.subarray(0, steps * channels)), [steps, channels]);
}

export function wrapLifRecord(record: RecordTree, tStart: number, dt: number): RecordTree {
  const wrap = (name: string, value: unknown): unknown => {
    if (!(value instanceof NdArray) || value.ndim < 3 || value.shape[0] === 0) return value;
    const samples = firstOfBatch(value as NdArray);
    if (name === 'spikes')
      return TSEvent.fromRaster(samples, dt, { tStart, numChannels: samples.shape[1], name: 'Spikes' });
    const label = labels[name];
    return label === undefined ? value : TSContinuous.fromClocked(samples, dt, { tStart, name: label });
  };
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, wrap(name, value)]));
}
