/** A small network, driven with white noise. */
import { Network, TSContinuous } from 'rockpool-node';
import { FFRateEuler, PassThrough, RecRateEuler } from 'rockpool-node/layers';

// White noise of one second on two channels: a layer without weights, but with noise.
const noise = new PassThrough([[0, 0]], { dt: 0.001, noiseStd: 1, seed: 1, name: 'Noise' });
const input = noise.evolve(undefined, { duration: 1 });
console.log(String(input));

const net = new Network(
  new FFRateEuler([[1, -1, 0.5], [0.5, 1, -1]], { tau: 0.02, dt: 0.001, name: 'Filter' }), // prettier-ignore
  new RecRateEuler([[0, 0.5, -0.5], [-0.5, 0, 0.5], [0.5, -0.5, 0]], { tau: 0.05, dt: 0.001, name: 'Ring' }), // prettier-ignore
  new PassThrough([[1], [1], [1]], { dt: 0.001, name: 'Sum' }),
);
console.log(String(net));

const signals = net.evolve(input, { duration: 1 });
for (const name of ['Filter', 'Ring', 'Sum']) {
  const { length, min, max } = signals[name] as TSContinuous;
  console.log(`${name.padEnd(8)}${length} samples from ${min.toFixed(4)} to ${max.toFixed(4)}`);
}
console.log(`the network is at t = ${net.t} s`);
