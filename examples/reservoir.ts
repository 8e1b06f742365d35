/**
 * A reservoir learns to turn a ramp into a sine and a cosine.
 *
 * Input weights, a recurrent layer of rate neurons and a readout are one network; the readout is trained by ridge regression, in
 * ten batches, after the reservoir has settled.
 */
import { mkdirSync } from 'node:fs';
import { NdArray, Network, TSContinuous } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { plotEigenspectrum, plotWeights } from 'rockpool-node/plot';
import { unitLambdaNet } from 'rockpool-node/weights';

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });
const neurons = 100;
const period = 100;

// Evenly spread numbers that look random, so that every run gives the same network.
const spread = (n: number, low: number, high: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887498949) % 1));

const input = new PassThrough(new NdArray(spread(neurons, -0.5, 0.5), [1, neurons]), { name: 'Input' });
const reservoir = new RecRateEuler(unitLambdaNet(neurons, { seed: 1 }), {
  tau: spread(neurons, 10, 60),
  dt: 1,
  name: 'Reservoir',
});
const readout = new PassThrough(NdArray.zeros([neurons, 2]), { name: 'Readout' });

plotWeights(reservoir.weights, { title: 'Recurrent weights' }).saveSync(`${folder}/weights.svg`);
plotEigenspectrum(reservoir.weights, { title: 'Eigenvalues of the recurrent weights' }).saveSync(
  `${folder}/eigenvalues.svg`,
);

const net = new Network(input, reservoir, readout);
console.log(String(net));

const times = Array.from({ length: period + 1 }, (_, i) => i);
const ramp = new TSContinuous(times, times, { periodic: true, name: 'Ramp' });
const signals = net.evolve(ramp, { duration: 1000 });
(signals.Reservoir as TSContinuous)
  .plot({ dt: 4, skip: 20, title: 'Every twentieth neuron of the reservoir' })
  .saveSync(`${folder}/states.svg`);

const angle = (t: number): number => (2 * Math.PI * t) / period;
const target = new TSContinuous(
  times,
  times.map((t) => [Math.sin(angle(t)), Math.cos(angle(t))]),
  { periodic: true, name: 'Target' },
);

/** Root mean square of the difference between the readout and the target over two periods. */
function errorOfReadout(): number {
  const { Readout } = net.evolve(ramp, { duration: 2 * period });
  const squares = (Readout as TSContinuous).sub(target).pow(2).samples.data;
  return Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
}

console.log(`error before training: ${errorOfReadout().toFixed(4)}`);
net.train(
  (_net, { Reservoir }, isFirst, isLast) => {
    const { tStart, tStop } = Reservoir as TSContinuous;
    readout.trainRr(target.clip(tStart, tStop), Reservoir, { regularize: 0.1, isFirst, isLast });
  },
  { input: ramp, duration: period, batchDurs: period / 10 },
);
const size = Math.SQRT1_2.toFixed(4);
console.log(`error after training:  ${errorOfReadout().toFixed(4)} (the target's own size is ${size})`);

const { Readout } = net.evolve(ramp, { duration: 2 * period });
const said = Readout as TSContinuous;
const wanted = target.plot({ times: said.times, lineStyle: 'dashed' });
const figure = wanted.over(said.plot({ title: 'Readout and target' }));
figure.saveSync(`${folder}/readout.svg`);
figure.saveSync(`${folder}/readout.png`);
