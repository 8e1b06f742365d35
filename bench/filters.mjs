/** A bank of 64 Butterworth band-passes with rectifier and low-pass over 10 s of sound, from series to series, on one thread. */
import { createRequire } from 'node:module';
import { copyMs } from './lib/machine.mjs';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { TSContinuous, setConcurrency } = require('rockpool-node');
const { ButterMelFilter } = require('rockpool-node/layers');

const fs = 16_000;
const seconds = 10;
const numFilters = 64;

/** The largest difference must be within 1e-8 of the largest value. */
function compare(ours, { data }) {
  const own = ours.samples.data;
  if (own.length !== data.length) return `${own.length} samples, the peer has ${data.length}`;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < data.length; i++) {
    largest = Math.max(largest, Math.abs(data[i]));
    difference = Math.max(difference, Math.abs(own[i] - data[i]));
  }
  return difference <= 1e-8 * largest
    ? undefined
    : `outputs differ by up to ${difference}, their largest is ${largest}`;
}

export default function define({ folder }) {
  setConcurrency(1);
  const random = uniform(5);
  const sound = Float64Array.from({ length: fs * seconds }, () => random() - 0.5);
  const series = TSContinuous.fromClocked(sound, { dt: 1 / fs });
  return [2, 4].map((order) => {
    const layer = new ButterMelFilter(fs, { numFilters, order });
    const { low, high } = layer.bands;
    return {
      name: `order-${order}`,
      title: `ButterMelFilter, ${numFilters} filters of order ${order}, ${seconds} s at ${fs / 1000} kHz, one thread`,
      unit: 'ms',
      run: () => {
        layer.resetAll();
        return layer.evolve(series);
      },
      peer: {
        environment: 'rockpool1-spiking',
        script: 'filters.py',
        case: `order-${order}`,
        name: 'scipy 1.10 sosfilt, one thread',
        data: {
          order,
          nyquist: fs / 2,
          cutoff: layer.cutoffFs,
          low: shareArray(folder, `low-${order}`, low),
          high: shareArray(folder, `high-${order}`, high),
          sound: shareArray(folder, 'sound', sound),
        },
      },
      compare,
      limit: () => copyMs(8 * sound.length * numFilters),
      limitName: 'copying the result once',
      goal: { ratio: 1 },
    };
  });
}
