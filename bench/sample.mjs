/** A continuous series of ten channels, sampled linearly at a million times: in order and in random order. */
import { createRequire } from 'node:module';
import { closeArrays } from './lib/compare.mjs';
import { copyMs } from './lib/machine.mjs';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const { TSContinuous } = createRequire(import.meta.url)('rockpool-node');

const numSamples = 100_000;
const numChannels = 10;
const numPoints = 1_000_000;
const duration = 100;

export default function define({ folder }) {
  const random = uniform(2);
  const step = duration / (numSamples - 1);
  // An irregular time base, so that finding the interval is part of the work.
  const times = Float64Array.from({ length: numSamples }, (_, i) =>
    i === 0 || i === numSamples - 1 ? i * step : (i + 0.8 * (random() - 0.5)) * step,
  );
  const samples = Float64Array.from({ length: numSamples * numChannels }, () => random() - 0.5);
  const shuffled = Float64Array.from({ length: numPoints }, () => random() * duration);
  const ordered = shuffled.slice().sort();
  const series = new TSContinuous(times, { data: samples, shape: [numSamples, numChannels] }, { interpKind: 'linear' });
  const shared = {
    times: shareArray(folder, 'times', times),
    samples: shareArray(folder, 'samples', samples, [numSamples, numChannels]),
  };
  const variant = (name, points) => ({
    name,
    title: `${numPoints} points x ${numChannels} channels from ${numSamples} samples, linear, points ${name}`,
    unit: 'ms',
    run: () => series.sample(points),
    peer: {
      environment: 'rockpool3',
      script: 'sample.py',
      case: name,
      name: 'rockpool 3.1 TSContinuous()',
      data: { ...shared, points: shareArray(folder, name, points) },
    },
    compare: (ours, theirs) => closeArrays(ours.data, theirs.data, { absolute: 1e-9, relative: 1e-9 }),
    limit: () => copyMs(8 * numPoints * numChannels),
    limitName: 'copying the result once',
    goal: { ratio: 5 },
  });
  return [variant('ordered', ordered), variant('shuffled', shuffled)];
}
