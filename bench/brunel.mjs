/** Brunel's sparse random network (2000) in its asynchronous irregular state: nearly all the work is synaptic events. */
import { createRequire } from 'node:module';
import { fixedInDegree } from './lib/connectivity.mjs';
import { limits, Population, sparseMatrix } from './lib/engine.mjs';
import { shareArray } from './lib/peer.mjs';
import { compareSpikes, peerSpikes } from './lib/spikes.mjs';
import { uniform } from './lib/statistics.mjs';

const { setConcurrency } = createRequire(import.meta.url)('rockpool-node');

const excitatory = 10_000;
const size = 12_500;
const inDegree = [1000, 250];
const dt = 1e-4;
const seconds = 1;
const steps = Math.round(seconds / dt);
// g = 5, and a background of twice the rate that alone would bring the mean potential to the threshold: figure 8 C.
const p = {
  tau_m: 20e-3,
  theta: 20e-3,
  Vr: 10e-3,
  Je: 0.1e-3,
  Ji: -0.5e-3,
  refractory: 2e-3,
  delay: 1.5e-3,
  background: 20_000, // events per second and neuron
};

export default function define({ folder }) {
  setConcurrency(1);
  const connections = fixedInDegree(uniform(size), size, [
    { from: 0, to: excitatory, degree: inDegree[0] },
    { from: excitatory, to: size, degree: inDegree[1] },
  ]);
  const synapses = connections.indices.length;
  const data = {
    parameters: p,
    excitatory,
    seconds,
    indptr: shareArray(folder, 'indptr', connections.indptr),
    indices: shareArray(folder, 'indices', connections.indices),
  };
  const weights = new Float64Array(synapses).fill(p.Je, 0, connections.indptr[excitatory]);
  weights.fill(p.Ji, connections.indptr[excitatory]);
  const matrix = sparseMatrix(size, size, connections, weights);
  return [
    ['float64', 4],
    ['float32', 4],
  ].map(([precision, ratio]) => {
    const population = new Population({
      size,
      dt,
      precision,
      matrices: [matrix],
      tauMem: p.tau_m,
      tauSyn: [0],
      vThresh: p.theta,
      vReset: p.Vr,
      refractorySteps: Math.round(p.refractory / dt) - 1, // as Brian2 counts them
      delaySteps: Math.round(p.delay / dt),
      background: { rate: p.background * dt, weight: p.Je },
    });
    let events;
    const run = () => {
      const output = population.run(steps);
      events = population.events(output.neurons);
      return output;
    };
    return {
      name: precision,
      title: `Brunel, ${size} neurons, ${synapses} synapses, Poisson background, ${seconds} s in steps of 0.1 ms, ${precision}, one thread: the whole time by the recurrent synaptic events`,
      unit: 'ns',
      run,
      value: ({ milliseconds }) => (milliseconds * 1e6) / events,
      peer: {
        environment: 'brian2',
        script: 'brunel.py',
        case: 'brunel',
        name: 'Brian2 2.9 C++ standalone, float64, time loop',
        data,
      },
      compare: (ours, theirs) => compareSpikes(ours, peerSpikes(theirs), size, 1),
      limit: () =>
        limits.event(size, synapses, precision) +
        ((limits.update(size, precision) + limits.draw(size, precision)) * size * steps) / events,
      limitName: 'as many synaptic events, neuron updates and Poisson draws in loops that do nothing else',
      goal: { ratio },
    };
  });
}
