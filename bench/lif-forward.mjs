/** A layer of LIF neurons behind a projection, a batch of sequences, on one thread in single precision. */
import { createRequire } from 'node:module';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { NdArray, setConcurrency } = require('rockpool-node');
const { LIF, Linear } = require('rockpool-node/nn/modules');

const [batch, steps, channels] = [16, 500, 512];
const [tauMem, tauSyn, dt] = [20e-3, 10e-3, 1e-3];

/**
 * A neuron whose potential is within rounding of a threshold spikes one step earlier or later: nearly all counts are the same, and all
 * neurons spike as often.
 */
function compare({ data: own }, { data }) {
  if (own.length !== data.length) return `${own.length} counts, the peer has ${data.length}`;
  let different = 0;
  let [total, peerTotal] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    different += own[i] === data[i] ? 0 : 1;
    total += own[i];
    peerTotal += data[i];
  }
  if (total < data.length / 1000) return `only ${total} spikes`;
  if (different > data.length / 1000) return `${different} of ${data.length} counts differ`;
  return Math.abs(total - peerTotal) <= 1e-4 * peerTotal ? undefined : `${total} spikes, the peer has ${peerTotal}`;
}

/** Of another model, with at most one spike in a step: it must spike at all. */
function verify({ data: own }, { data }) {
  const total = (counts) => counts.reduce((sum, x) => sum + x, 0);
  return total(own) > 0 && total(data) > 0 ? undefined : 'no spikes';
}

export default function define({ folder }) {
  setConcurrency(1);
  const random = uniform(channels);
  const weight = Float32Array.from({ length: channels * channels }, () => ((random() - 0.45) * 2) / channels);
  const inputs = {
    dense: (n) => Float32Array.from({ length: n }, () => random()),
    spikes: (n) => Float32Array.from({ length: n }, () => (random() < 0.02 ? 10 : 0)),
  };
  return Object.entries(inputs).flatMap(([name, make]) => {
    const shape = [batch, steps, channels];
    const input = new NdArray(make(batch * steps * channels), shape);
    const precision = 'float32';
    const linear = new Linear([channels, channels], {
      weight: { data: weight, shape: [channels, channels] },
      precision,
    });
    const lif = new LIF([channels, channels], { tauMem, tauSyn, dt, precision });
    const own = {
      title: `Linear ${channels} to ${channels} and LIF, batch ${batch} of ${steps} steps, ${name} input, ${precision}, one thread`,
      unit: 'ms',
      run: () => {
        lif.resetState();
        return lif.evolve(linear.evolve(input)[0])[0];
      },
    };
    const data = {
      ...{ tauMem, tauSyn, dt },
      weight: shareArray(folder, `weight-${name}`, weight, [channels, channels]),
      input: shareArray(folder, `input-${name}`, input.data, shape),
    };
    const jax = {
      environment: 'rockpool3-jax',
      script: 'lif-forward.py',
      case: name,
      name: 'rockpool 3.1 LinearJax and LIFJax, compiled by Jax, float32, one thread',
      data,
    };
    const snntorch = {
      environment: 'rockpool3-torch',
      script: 'lif-forward-torch.py',
      case: 'snntorch',
      name: 'snnTorch 0.9 Linear and Synaptic, PyTorch, float32, one thread',
      data,
    };
    return [
      { name, ...own, peer: jax, compare, goal: { ratio: 2 } },
      { name: `snntorch-${name}`, ...own, peer: snntorch, compare: verify, goal: { ratio: 2 } },
    ];
  });
}
