/** The CUBA network of Brette et al. (2007): 4000 neurons with exponential currents, sparse and irregular firing. */
import { createRequire } from 'node:module';
import { pairwise } from './lib/connectivity.mjs';
import { limits } from './lib/engine.mjs';
import { shareArray } from './lib/peer.mjs';
import { compareSpikes, peerSpikes } from './lib/spikes.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { setConcurrency } = require('rockpool-node');
const { RecIAFSpkInNest } = require('rockpool-node/layers');

const size = 4000;
const excitatory = 3200;
const dt = 1e-4;
const seconds = 5;
const steps = Math.round(seconds / dt);
const p = {
  tau_m: 20e-3,
  tau_e: 5e-3,
  tau_i: 10e-3,
  El: -49e-3,
  Vt: -50e-3,
  Vr: -60e-3,
  we: 1.62e-3,
  wi: -9e-3,
  refractory: 5e-3,
  delay: dt, // the smallest that the layer has
};

/** As the peer has them: times in steps. */
const spikesOf = ({ times, channels }) => ({ times: times.map((t) => Math.floor(t / dt)), neurons: channels });

export default function define({ folder }) {
  setConcurrency(1);
  const random = uniform(size);
  const connections = pairwise(random, size, size, 0.02);
  const v = Float64Array.from({ length: size }, () => p.Vr + (p.Vt - p.Vr) * random());
  const data = {
    parameters: p,
    excitatory,
    seconds,
    indptr: shareArray(folder, 'indptr', connections.indptr),
    indices: shareArray(folder, 'indices', connections.indices),
    v: shareArray(folder, 'v', v),
  };
  const { indptr } = connections;
  const weights = new Float64Array(connections.indices.length).fill(p.we, 0, indptr[excitatory]);
  weights.fill(p.wi, indptr[excitatory]);
  const weightsRec = { ...connections, data: weights, shape: [size, size] };
  const synapticEvents = (channels) => channels.reduce((sum, j) => sum + indptr[j + 1] - indptr[j], 0);
  return [
    ['float64', 3],
    ['float32', 5],
  ].map(([precision, ratio]) => {
    const layer = new RecIAFSpkInNest(new Float64Array(size), weightsRec, {
      dt,
      precision,
      bias: 0,
      tauMem: p.tau_m,
      tauSynExc: p.tau_e,
      tauSynInh: p.tau_i,
      vThresh: p.Vt,
      vReset: p.Vr,
      vRest: p.El,
      // Brian2 updates a neuron again in the step that its refractory time ends in: one step fewer is left out.
      refractory: p.refractory - dt,
      delayRec: p.delay,
    });
    let last;
    return {
      name: precision,
      title: `CUBA, ${size} neurons, ${connections.indices.length} synapses, ${seconds} s in steps of 0.1 ms, ${precision}, one thread`,
      unit: 'ms',
      run: () => {
        layer.resetAll();
        layer.state = v;
        return (last = layer.evolve(null, { numTimesteps: steps }));
      },
      peer: {
        environment: 'brian2',
        script: 'cuba.py',
        case: 'cuba',
        name: 'Brian2 2.9 C++ standalone, float64, time loop',
        data,
      },
      compare: (ours, theirs) => compareSpikes(spikesOf(ours), peerSpikes(theirs), size, 1),
      limit: () =>
        (steps * size * limits.update(size, precision) +
          synapticEvents(last.channels) * limits.event(size, connections.indices.length, precision)) /
        1e6,
      limitName: 'as many neuron updates and synaptic events in loops that do nothing else',
      goal: { ratio },
    };
  });
}
