/** A balanced network with precise spike times over 5000 steps of 0.1 ms, from series to series. */
import { createRequire } from 'node:module';
import { shareArray } from './lib/peer.mjs';
import { compareSpikes, peerSpikes } from './lib/spikes.mjs';

const require = createRequire(import.meta.url);
const { NetworkDeneve, TSContinuous, setConcurrency, setWarningHandler } = require('rockpool-node');
const { RecFSSpikeEulerBT } = require('rockpool-node/layers');

const steps = 5000;
const dt = 1e-4;
/** A damped oscillation of 3 Hz. */
const dynamics = [
  [-1, 18],
  [-18, -1],
];
/** So many spikes at the beginning must be those of the peer, one by one: later ones of a network like this need not be. */
const firstSpikes = 40;

/** c(t) of the network, a force that turns with the oscillation, as each unit gets it. */
function inputOf(weightsIn, units) {
  const samples = new Float64Array(steps * units);
  for (let k = 0; k < steps; k++) {
    const phase = 18 * dt * (k - (k % 20)); // in stairs: the peer misses a step of the clock now and then
    const c = [400 * Math.cos(phase), -400 * Math.sin(phase)];
    for (let j = 0; j < units; j++)
      samples[k * units + j] = c[0] * weightsIn.data[j] + c[1] * weightsIn.data[units + j];
  }
  return samples;
}

function compareFirst(ours, theirs) {
  for (let i = 0; i < firstSpikes; i++) {
    if (ours.channels[i] !== theirs.neurons[i] || !(Math.abs(ours.times[i] - theirs.times[i]) <= dt / 10))
      return `spike ${i} is of neuron ${ours.channels[i]} at ${ours.times[i]}, the peer's of ${theirs.neurons[i]} at ${theirs.times[i]}`;
  }
  return undefined;
}

function network(folder, units, ratio) {
  const { lyrRes, Input } = NetworkDeneve.solveLinearProblem(dynamics, { netSize: units, seed: units });
  const { weightsFast, weightsSlow, vReset } = lyrRes;
  const samples = inputOf(Input.weights, units);
  const times = Float64Array.from({ length: steps }, (_, k) => k * dt - dt / 4);
  const layer = new RecFSSpikeEulerBT(weightsFast, weightsSlow, { vReset, dt });
  const series = new TSContinuous(
    times,
    { data: samples, shape: [steps, units] },
    { tStop: steps * dt, interpKind: 'previous' },
  );
  return {
    name: `deneve-${units}`,
    title: `RecFSSpikeEulerBT, a balanced network of ${units} neurons driven to oscillate, ${steps} steps, float64, one thread`,
    unit: 'ms',
    run: () => {
      layer.resetAll();
      return layer.evolve(series, { numTimesteps: steps });
    },
    peer: {
      environment: 'rockpool1-spiking',
      script: 'fast-slow.py',
      case: `deneve-${units}`,
      name: 'rockpool 1.1 RecFSSpikeEulerBT (numba, numpy), float64, one thread',
      data: {
        dt,
        steps,
        weights_fast: shareArray(folder, `fast-${units}`, weightsFast.data, [units, units]),
        weights_slow: shareArray(folder, `slow-${units}`, weightsSlow.data, [units, units]),
        v_reset: shareArray(folder, `reset-${units}`, vReset),
        times: shareArray(folder, `times-${units}`, times),
        samples: shareArray(folder, `samples-${units}`, samples, [steps, units]),
      },
    },
    compare: (ours, theirs) => {
      const peer = peerSpikes(theirs);
      if (ours.times.length < 20 * firstSpikes) return `${ours.times.length} spikes, too few to compare`;
      return compareFirst(ours, peer) ?? compareSpikes({ times: ours.times, neurons: ours.channels }, peer, units, dt);
    },
    goal: { ratio },
  };
}

export default function define({ folder }) {
  setConcurrency(1);
  setWarningHandler(() => {});
  return [network(folder, 100, 1.5), network(folder, 400, 1.5)];
}
