/** A small network, driven with white noise. */
import { mkdirSync } from 'node:fs';
import { Network, TSContinuous } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { unitLambdaNet } from 'rockpool-node/weights';

const weightsIn = [[0.41, -0.23, 0.12, 0.34, -0.48, 0.27, 0.05, -0.16, 0.5, -0.31]];
const weightsOut = [[0.2], [0.45], [-0.33], [0.1], [-0.26], [0.38], [-0.12], [0.29], [-0.4], [0.17]];

const net = new Network(
  new PassThrough(weightsIn, { name: 'Input' }),
  new RecRateEuler(unitLambdaNet(10, { seed: 7 }), { name: 'Recurrent' }),
  new PassThrough(weightsOut, { name: 'Output' }),
);
console.log(String(net));

const source = new PassThrough([[0]], { noiseStd: 1, seed: 1, name: 'White noise' });
const noise = source.evolve(undefined, { duration: 200 });
console.log(String(noise));

const signals = net.evolve(noise);
for (const [name, series] of Object.entries(signals)) console.log(name.padEnd(10), String(series));
console.log(`the network is at t = ${net.t} s`);

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });
noise.plot({ title: 'White noise', yLabel: 'Value' }).saveSync(`${folder}/noise.svg`);
(signals.Recurrent as TSContinuous).plot({ skip: 4, title: 'Recurrent' }).saveSync(`${folder}/recurrent.svg`);
(signals.Output as TSContinuous).plot({ title: 'Output' }).saveSync(`${folder}/output.svg`);
