/** Digital neurons driven by events, from evolve to evolve, on one thread. Every spike must be the peer's. */
import { createRequire } from 'node:module';
import { equalArrays } from './lib/compare.mjs';
import { shareArray } from './lib/peer.mjs';
import { peerSpikes } from './lib/spikes.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { TSEvent, setConcurrency } = require('rockpool-node');
const { RecDIAF } = require('rockpool-node/layers');

const inputs = 64;
const duration = 1;
const dt = 1e-3;
const steps = duration / dt;

/** Integer weights around zero, so that neurons spike when the sum of many events happens to be large; recurrent ones inhibit a little. */
function network(folder, units, events) {
  const random = uniform(units);
  const integers = (n, low, high) =>
    Float64Array.from({ length: n }, () => Math.floor(low + random() * (high + 1 - low)));
  const weightsIn = { data: integers(inputs * units, -15, 16), shape: [inputs, units] };
  const weightsRec = { data: integers(units * units, -8, 6), shape: [units, units] };
  // The last part of the evolution has no input: what is under way at its end the peer would process too early.
  const times = Float64Array.from({ length: events }, () => random() * 0.98 * duration).sort();
  const channels = Int32Array.from({ length: events }, () => Math.floor(random() * inputs));
  return {
    weightsIn,
    weightsRec,
    series: new TSEvent(times, channels, { numChannels: inputs, tStart: 0, tStop: duration }),
    shared: {
      dt,
      steps,
      weights_in: shareArray(folder, `weights-in-${units}`, weightsIn.data, weightsIn.shape),
      weights_rec: shareArray(folder, `weights-rec-${units}`, weightsRec.data, weightsRec.shape),
      times: shareArray(folder, `times-${units}`, times),
      channels: shareArray(folder, `channels-${units}`, channels),
    },
  };
}

/** Spikes by time, simultaneous ones by neuron: their order is not defined. */
function sorted(times, neurons) {
  const order = Array.from(times.keys()).sort((a, b) => times[a] - times[b] || neurons[a] - neurons[b]);
  return { times: order.map((i) => times[i]), neurons: order.map((i) => neurons[i]) };
}

function compare(ours, theirs) {
  const peer = peerSpikes(theirs);
  const [a, b] = [sorted(ours.times, ours.channels), sorted(peer.times, peer.neurons)];
  if (b.times.length < 1000) return `only ${b.times.length} spikes`;
  return equalArrays(a.times, b.times) ?? equalArrays(a.neurons, b.neurons);
}

export default function define({ folder }) {
  setConcurrency(1);
  return [
    ['reset-256', 256, 20_000, {}],
    ['reset-1000', 1000, 10_000, {}],
    ['subtract-256', 256, 20_000, { vSubtract: 60, refractory: 2e-4, vRest: 0 }],
  ].map(([name, units, events, options]) => {
    const { weightsIn, weightsRec, series, shared } = network(folder, units, events);
    const layer = new RecDIAF(weightsIn, weightsRec, { dt, delay: 1e-4, ...options });
    return {
      name,
      title: `RecDIAF, ${inputs} -> ${units} neurons, int8 states, dense weights, ${events} input events, ${Object.keys(options).length ? 'subtraction, refractory times and a rest' : 'reset'}, one thread`,
      unit: 'ms',
      run: () => {
        layer.resetAll();
        return layer.evolve(series, { numTimesteps: steps });
      },
      peer: {
        environment: 'rockpool1-spiking',
        script: 'diaf.py',
        case: name,
        name: 'rockpool 1.1 RecDIAF (NumPy), one thread',
        data: {
          ...shared,
          v_subtract: options.vSubtract ?? null,
          refractory: options.refractory ?? 1e-9,
          v_rest: options.vRest ?? null,
        },
      },
      compare,
      goal: { ratio: 20 },
    };
  });
}
