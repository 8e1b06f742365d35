/** A million events of 100 channels binned to a raster: binary, and counted. */
import { createRequire } from 'node:module';
import { equalArrays } from './lib/compare.mjs';
import { copyMs } from './lib/machine.mjs';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const { setWarningHandler, TSEvent } = createRequire(import.meta.url)('rockpool-node');

const numEvents = 1_000_000;
const numChannels = 100;
const numSteps = 10_000;
const dt = 0.01;

/** Sorted times, none near the edge of a bin, where the original's rounding differs from ours; random channels. */
function makeEvents() {
  const random = uniform(1);
  const times = Float64Array.from({ length: numEvents }, () => {
    const bin = Math.floor(random() * numSteps);
    return (bin + 0.01 + 0.98 * random()) * dt;
  }).sort();
  const channels = Int32Array.from({ length: numEvents }, () => Math.floor(random() * numChannels));
  return { times, channels };
}

export default function define({ folder }) {
  setWarningHandler(() => {}); // events that merge are part of the workload
  const { times, channels } = makeEvents();
  const tStop = numSteps * dt;
  const series = new TSEvent(times, channels, { numChannels, tStart: 0, tStop });
  const data = {
    times: shareArray(folder, 'times', times),
    channels: shareArray(folder, 'channels', channels),
    num_channels: numChannels,
    t_stop: tStop,
    dt,
  };
  const variant = (name, addEvents, bytesPerCell, ratio) => ({
    name,
    title: `raster of ${numEvents} events, ${numSteps} steps x ${numChannels} channels, ${name}`,
    unit: 'ms',
    run: () => series.raster({ dt, addEvents }),
    peer: { environment: 'rockpool3', script: 'raster.py', case: name, name: 'rockpool 3.1 TSEvent.raster', data },
    compare: (ours, theirs) => equalArrays(ours.data, theirs.data),
    limit: () => copyMs(12 * numEvents),
    limitName: 'copying the events once',
    goal: { ratio },
  });
  return [variant('binary', false, 1, 10), variant('counts', true, 4, 50)];
}
