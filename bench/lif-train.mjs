/** A training step of LIF neurons behind a projection, a batch of sequences, on one thread in single precision. */
import { createRequire } from 'node:module';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { NdArray, setConcurrency } = require('rockpool-node');
const { Sequential } = require('rockpool-node/nn/combinators');
const { LIF, Linear } = require('rockpool-node/nn/modules');
const { valueAndGrad } = require('rockpool-node/training');

const [batch, steps, channels] = [16, 500, 512];
const [tauMem, tauSyn, dt] = [20e-3, 10e-3, 1e-3];
const precision = 'float32';

/** The gradient by the weights. A spike a step earlier or later, where a potential is within rounding of a threshold, changes it a bit. */
function compare({ data: own }, { data }) {
  if (own.length !== data.length) return `${own.length} derivatives, the peer has ${data.length}`;
  let [difference, size] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    difference += (own[i] - data[i]) ** 2;
    size += data[i] ** 2;
  }
  const error = Math.sqrt(difference / size);
  return error <= 0.01 ? undefined : `the gradient by the weights differs by ${error} of its norm`;
}

/** Of another model: only its own gradient is looked at. */
function verify({ data }) {
  return data.every(Number.isFinite) && data.some((x) => x !== 0) ? undefined : 'no gradient';
}

/** The loss is a weighted sum of the output. */
function lossOf({ data, shape }) {
  const evaluate = ({ output }) => {
    const spikes = output.data;
    let loss = 0;
    for (let i = 0; i < data.length; i++) loss += spikes[i] * data[i];
    return { loss, output: new NdArray(data, shape) };
  };
  return { name: 'weighted sum', evaluate };
}

const peers = {
  jax: {
    environment: 'rockpool3-jax',
    script: 'lif-train-jax.py',
    name: 'rockpool 3.1 LinearJax and LIFJax, value_and_grad compiled by Jax, float32, one thread',
    goal: { ratio: 1.43 },
  },
  snntorch: {
    environment: 'rockpool3-torch',
    script: 'lif-train-torch.py',
    name: 'snnTorch 0.9 Linear and Synaptic, PyTorch, float32, one thread',
    goal: { ratio: 7 },
  },
  torch: {
    environment: 'rockpool3-torch',
    script: 'lif-train-torch.py',
    name: 'rockpool 3.1 LinearTorch and LIFTorch, PyTorch, float32, one thread',
    goal: { ratio: 15 },
  },
};

export default function define({ folder }) {
  setConcurrency(1);
  const random = uniform(channels);
  const shape = [batch, steps, channels];
  const size = batch * steps * channels;
  const weight = Float32Array.from({ length: channels * channels }, () => ((random() - 0.45) * 2) / channels);
  const lossWeights = new NdArray(
    Float32Array.from({ length: size }, () => random() - 0.5),
    shape,
  );
  const inputs = {
    dense: Float32Array.from({ length: size }, () => random()),
    spikes: Float32Array.from({ length: size }, () => (random() < 0.05 ? 5 : 0)),
  };
  const shared = {
    ...{ tauMem, tauSyn, dt },
    weight: shareArray(folder, 'weight', weight, [channels, channels]),
    lossWeights: shareArray(folder, 'loss-weights', lossWeights.data, shape),
  };
  const runs = Object.fromEntries(
    Object.entries(inputs).map(([name, data]) => {
      const linear = new Linear([channels, channels], {
        weight: { data: weight, shape: [channels, channels] },
        precision,
      });
      const net = new Sequential(linear, new LIF([channels, channels], { tauMem, tauSyn, dt, precision }));
      const step = valueAndGrad(net, lossOf(lossWeights));
      const input = new NdArray(data, shape);
      return [name, () => step(input, null).gradients['0_Linear'].weight];
    }),
  );
  const title = (input) =>
    `Linear ${channels} to ${channels} and LIF, batch ${batch} of ${steps} steps, forward and backward, ${input} input, ${precision}, one thread`;
  const cases = Object.entries(peers).flatMap(([peer, { goal, ...spec }]) =>
    (peer === 'jax' ? ['dense', 'spikes'] : ['dense']).map((input) => ({
      name: `${peer}-${input}`,
      title: title(input),
      unit: 'ms',
      run: runs[input],
      peer: {
        ...{ ...spec, case: peer === 'jax' ? 'train' : peer },
        data: { ...shared, input: shareArray(folder, `input-${input}`, inputs[input], shape) },
      },
      compare: peer === 'snntorch' ? verify : compare,
      goal: input === 'dense' ? goal : { ratio: 1 },
    })),
  );
  return [
    ...cases,
    {
      name: 'sparse',
      title: `${title('5 % spikes')}: its time by that of a dense input`,
      unit: 'of dense',
      run: () => {
        const time = (run) => {
          const start = performance.now();
          run();
          return performance.now() - start;
        };
        return time(runs.spikes) / time(runs.dense);
      },
      value: (ratio) => ratio,
      verify: () => undefined,
      goal: { atMost: 0.5 },
    },
  ];
}
