/** Spiking layers of 1000 neurons over 10 s in steps of 1 ms, from series to series: recurrent with dense weights, feed-forward. */
import { createRequire } from 'node:module';
import { bandwidth } from './lib/bandwidth.mjs';
import { equalArrays } from './lib/compare.mjs';
import { limits } from './lib/engine.mjs';
import { shareArray } from './lib/peer.mjs';
import { compareSpikes, peerSpikes } from './lib/spikes.mjs';
import { normal, uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { TSContinuous, TSEvent, setConcurrency, setWarningHandler } = require('rockpool-node');
const { FFIAFBrian, RecIAFSpkInTorch } = require('rockpool-node/layers');

const inputs = 100;
const units = 1000;
const steps = 10_000;
const dt = 1e-3;
const draw = normal(uniform(units));
const normals = (n, deviation) => Float64Array.from({ length: n }, () => deviation * draw());

const spikesOf = (series) => ({ times: series.times, neurons: series.channels });
const compare = (ours, theirs) => compareSpikes(spikesOf(ours), peerSpikes(theirs), units, dt);

function evolving(layer, series) {
  return () => {
    layer.resetAll();
    return layer.evolve(series, { numTimesteps: steps });
  };
}

/** Each input channel fires in every fiftieth step on average, in the middle of the step, where no rounding moves it to the next. */
function inputEvents() {
  const random = uniform(inputs);
  const times = [];
  const channels = [];
  for (let step = 0; step < steps; step++) {
    for (let channel = 0; channel < inputs; channel++) {
      if (random() >= 0.02) continue;
      times.push((step + 0.5) * dt);
      channels.push(channel);
    }
  }
  return { times: Float64Array.from(times), channels: Int32Array.from(channels) };
}

/** Random weights around zero: every neuron sees a fluctuating current, and the bias sets how often it fires. */
function recurrent(folder) {
  const weightsIn = { data: normals(inputs * units, 0.3e-3), shape: [inputs, units] };
  const weightsRec = { data: normals(units * units, 2e-3 / Math.sqrt(units)), shape: [units, units] };
  const { times, channels } = inputEvents();
  const series = new TSEvent(times, channels, { numChannels: inputs, tStart: 0, tStop: steps * dt });
  const shared = {
    dt,
    steps,
    weights_in: shareArray(folder, 'weights-in', weightsIn.data, weightsIn.shape),
    weights_rec: shareArray(folder, 'weights-rec', weightsRec.data, weightsRec.shape),
    times: shareArray(folder, 'times', times),
    channels: shareArray(folder, 'channels', channels),
  };
  return [
    ['rec-80hz', 21.7e-3, 20],
    ['rec-10hz', 8e-3, 50],
  ].map(([name, bias, ratio]) => {
    const run = evolving(new RecIAFSpkInTorch(weightsIn, weightsRec, { bias, dt }), series);
    let spikes;
    return {
      name,
      title: `RecIAFSpkInTorch, ${inputs} -> ${units} neurons, dense recurrent weights, neurons fire at about ${name.slice(4, 6)} Hz, float64, one thread`,
      unit: 'ms',
      run: () => {
        const output = run();
        spikes = output.times.length;
        return output;
      },
      peer: {
        environment: 'rockpool1-spiking',
        script: 'spiking-layer.py',
        case: name,
        name: 'rockpool 1.1 RecIAFSpkInTorch (PyTorch 2.2), float32, one thread',
        data: { ...shared, bias },
      },
      compare,
      limit: () =>
        ((spikes + times.length) * units * 8 * 1e3) / bandwidth(units * units * 8) +
        (steps * units * limits.update(units)) / 1e6,
      limitName:
        'reading the weights of all spikes and input events, and as many neuron updates, in loops that do nothing else',
      goal: { ratio },
    };
  });
}

function feedForward(folder) {
  const weights = { data: normals(inputs * units, 0.6), shape: [inputs, units] };
  const times = Float64Array.from({ length: steps / 10 + 1 }, (_, i) => i * 10 * dt);
  const samples = { data: normals(times.length * inputs, 1.5e-3), shape: [times.length, inputs] };
  const bias = 10e-3;
  return {
    name: 'ff',
    title: `FFIAFBrian, ${inputs} -> ${units} neurons, continuous input, numerics of the original, float64, one thread`,
    unit: 'ms',
    run: evolving(
      new FFIAFBrian(weights, { bias, dt, numerics: 'legacy' }),
      new TSContinuous(times, samples, { interpKind: 'previous' }),
    ),
    peer: {
      environment: 'rockpool1-spiking',
      script: 'spiking-layer.py',
      case: 'ff',
      name: 'rockpool 1.1 FFIAFBrian (Brian2 2.9, Cython), float64, one thread',
      data: {
        dt,
        steps,
        bias,
        weights: shareArray(folder, 'weights', weights.data, weights.shape),
        times: shareArray(folder, 'times-ff', times),
        samples: shareArray(folder, 'samples', samples.data, samples.shape),
      },
    },
    compare: (ours, theirs) => equalArrays(ours.channels, peerSpikes(theirs).neurons) ?? compare(ours, theirs),
    goal: { ratio: 20 },
  };
}

export default function define({ folder }) {
  setConcurrency(1);
  setWarningHandler(() => {});
  return [...recurrent(folder), feedForward(folder)];
}
