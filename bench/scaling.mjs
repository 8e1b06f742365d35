/**
 * What spiking networks cost by their size: nanoseconds per neuron update without synapses, nanoseconds per synaptic event
 * all-in, bytes per synapse, and what a second thread brings.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { limits, Population, randomMatrix, sparseMatrix } from './lib/engine.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { setConcurrency } = require('rockpool-node');
const { native } = require('../dist/binding.js');

const dt = 1e-4;
const updates = 2e8;
const events = 2e8;
const rate = 30; // Hz, roughly
const neurons = { dt, tauMem: 20e-3, vThresh: 10e-3, bias: 12.3e-3, precision: 'float32' };

/** Neurons that fire at the same rate at different times: what they do to each other changes it little. */
function population(size, matrix, threads = 1) {
  setConcurrency(threads); // a population is prepared for the threads that there are
  const random = uniform(size);
  const firstV = Float64Array.from({ length: size }, () => neurons.vThresh * random());
  return new Population({ ...neurons, size, tauSyn: [5e-3], matrices: matrix ? [matrix] : [], firstV });
}

const network = (size, perNeuron) => randomMatrix(size, perNeuron / size, -1e-7, size);
const power = (x) => `1e${Math.round(Math.log10(x))}`;

/** What a single size must reach; that the cost is linear is asked of all sizes together. */
const loosely = (limit) => Number((4 * limit).toPrecision(3));

/** Slope of log(cost) over log(size) between the smallest and the largest: 1 is linear. */
function slope(costs) {
  const sizes = [...costs.keys()];
  const [first, last] = [Math.min(...sizes), Math.max(...sizes)];
  return Math.log((costs.get(last) * last) / (costs.get(first) * first)) / Math.log(last / first);
}

function linear(name, costs) {
  return {
    name: `linear-${name}`,
    title: `cost against ${name}: the exponent between the smallest and the largest network`,
    unit: 'exponent',
    run: () => slope(costs),
    value: (exponent) => exponent,
    goal: { atMost: 1.1 },
  };
}

function neuronLine(size, costs) {
  const limit = limits.update(size, neurons.precision);
  const steps = Math.round(updates / size);
  let one;
  return {
    name: `neurons-${power(size)}`,
    title: `${size} neurons without synapses, float32, one thread: the time per neuron and step`,
    unit: 'ns',
    run: () => (one ??= population(size)).run(steps),
    value: ({ milliseconds }) => {
      const cost = (milliseconds * 1e6) / (steps * size);
      costs.set(size, Math.min(cost, costs.get(size) ?? Infinity));
      return cost;
    },
    limit: () => limit,
    limitName: 'updates in a loop that does nothing else',
    goal: { atMost: loosely(limit) },
  };
}

function synapseLine(size, perNeuron, costs) {
  const synapses = size * perNeuron;
  const perUpdate = rate * dt * perNeuron; // synaptic events per neuron and step
  const limit = limits.event(size, synapses, neurons.precision) + limits.update(size, neurons.precision) / perUpdate;
  const steps = Math.round(events / (size * perUpdate));
  let one;
  let made;
  return {
    name: `synapses-${power(synapses)}`,
    title: `${size} neurons with ${perNeuron} synapses each, about ${rate} Hz, float32, one thread: the whole time by the synaptic events`,
    unit: 'ns',
    run: () => {
      const output = (one ??= population(size, network(size, perNeuron))).run(steps);
      made = one.events(output.neurons);
      return output;
    },
    value: ({ milliseconds }) => {
      const cost = (milliseconds * 1e6) / made;
      costs.set(synapses, Math.min(cost, costs.get(synapses) ?? Infinity));
      return cost;
    },
    verify: ({ neurons: fired }) => {
      const measured = fired.length / (size * steps * dt);
      return Math.abs(measured - rate) < 0.2 * rate ? undefined : `neurons fire at ${measured} Hz`;
    },
    limit: () => limit,
    limitName: 'synaptic events and neuron updates in loops that do nothing else',
    goal: { atMost: loosely(limit) },
  };
}

/** What is resident without the garbage of JavaScript, whose arrays are as large as the network. */
async function resident() {
  for (let k = 0; k < 3; k++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage.rss();
}

/** Resident bytes per synapse of a prepared network, in a process of its own. */
export async function bytesPerSynapse(size, perNeuron, individual) {
  let connections;
  if (individual) {
    const length = size * perNeuron;
    const indices = new Int32Array(length);
    const gap = Math.floor(size / perNeuron);
    const random = uniform(1);
    for (let k = 0; k < length; k++) indices[k] = (k % perNeuron) * gap + Math.floor(random() * gap);
    const weights = new Float64Array(new Float32Array(length).map(() => -1e-7 * (1 + random())));
    connections = { indices, indptr: Float64Array.from({ length: size + 1 }, (_, i) => i * perNeuron), weights };
  }
  const before = await resident();
  const matrix = individual ? sparseMatrix(size, size, connections, connections.weights) : network(size, perNeuron);
  const one = population(size, matrix);
  native.releaseHandle(matrix); // as layers do
  const spikes = one.run(10);
  const after = await resident();
  if (spikes.neurons.length === 0) throw new Error('no neuron fired');
  return (after - before) / (size * perNeuron);
}

function memoryLine(name, size, perNeuron, individual) {
  const code = `import(${JSON.stringify(import.meta.url)}).then((m) => m.bytesPerSynapse(${size}, ${perNeuron}, ${individual})).then(console.log)`;
  return {
    name,
    title: `resident memory of ${size} neurons with ${perNeuron} synapses each, ${individual ? 'every synapse with a weight of its own' : 'all of one weight'}, by the synapses`,
    unit: 'bytes',
    run: () => {
      const cwd = fileURLToPath(new URL('../', import.meta.url));
      const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', code], {
        cwd,
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`measuring memory failed: ${stderr}`);
      return Number(stdout);
    },
    value: (bytes) => bytes,
    goal: { atMost: 9 },
  };
}

function threadLine(name, title, steps, prepare) {
  let one;
  let two;
  return {
    name: `threads-${name}`,
    title: `${title}: the time on two threads by the time on one`,
    unit: 'of one',
    run: () => {
      one ??= prepare(1);
      two ??= prepare(2);
      setConcurrency(1);
      const alone = one.run(steps);
      setConcurrency(2);
      return { alone, together: two.run(steps) };
    },
    value: ({ alone, together }) => together.milliseconds / alone.milliseconds,
    verify: ({ alone, together }) =>
      alone.neurons.length === together.neurons.length && alone.neurons.every((n, i) => n === together.neurons[i])
        ? undefined
        : 'two threads give other spikes than one',
    goal: { atMost: 1 / 1.6 },
  };
}

export default function define() {
  const updateCosts = new Map();
  const eventCosts = new Map();
  const large = [100_000, 1000];
  return [
    ...[1e3, 1e4, 1e5, 1e6].map((size) => neuronLine(size, updateCosts)),
    linear('neurons', updateCosts),
    ...[[1000, 100], [3125, 320], [10_000, 1000], large].map(([size, degree]) => synapseLine(size, degree, eventCosts)),
    linear('synapses', eventCosts),
    memoryLine('bytes-one-weight', ...large, false),
    memoryLine('bytes-own-weights', ...large, true),
    threadLine('neurons', '1000000 neurons without synapses, float32', 200, (threads) =>
      population(1e6, undefined, threads),
    ),
    threadLine('synapses', '100000 neurons with 1000 synapses each, float32', 700, (threads) =>
      population(large[0], network(...large), threads),
    ),
  ];
}
