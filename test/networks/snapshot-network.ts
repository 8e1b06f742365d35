/** A network that the tests of snapshots run, also in another process. */
import { Network, type TSContinuous } from 'rockpool-node';
import { loadSnapshotSync } from 'rockpool-node/io';
import { FFRateEuler, PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { inputSeries, matrix } from '../layers/rate-helpers.js';

export const dt = 0.1;

/** Three layers, two of which have one name, and a network as the last one. */
export function make(seed: number): Network {
  const inner = new Network(
    new FFRateEuler(matrix(3, 2), { dt, tau: 1, noiseStd: 0.1, name: 'a', seed: seed + 3 }),
    new PassThrough(matrix(2, 2), { dt: 0.2, delay: 0.4, name: 'out', seed: seed + 4 }),
    { name: 'inner' },
  );
  return new Network(
    new PassThrough(matrix(1, 3), { dt, delay: 0.5, noiseStd: 0.2, name: 'a', seed }),
    new RecRateEuler(matrix(3, 3, 2, 0.5), {
      dt,
      tau: 2,
      noiseStd: 0.2,
      activationFunc: 'tanh',
      name: 'a',
      seed: seed + 1,
    }),
    inner,
  );
}

/** The outputs of so many steps. */
export function run(net: Network, steps: number): unknown[] {
  const out = net.evolve(inputSeries(400, 1, dt), { numTimesteps: steps });
  return Object.entries(out).map(([name, series]) => {
    const { tStart, tStop, samples } = series as TSContinuous;
    return [name, tStart, tStop, Array.from(samples.data)];
  });
}

/** The two runs that follow a snapshot, as JSON. */
export function makeAndRun(file: string): string {
  const net = make(7);
  net.restore(loadSnapshotSync(file));
  return JSON.stringify([run(net, 7), run(net, 20)]);
}
