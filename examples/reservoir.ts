/**
 * A reservoir learns to turn a ramp into a sine and a cosine.
 *
 *     node dist-test/examples/reservoir.js [--plot DIR]
 *
 * Input weights, a recurrent layer of rate neurons and a readout are one network; the readout is trained by ridge regression, in
 * ten batches, after the reservoir has settled. With `--plot` weights, eigenvalues and signals are drawn, as SVG and PNG.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NdArray, Network, TSContinuous } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { type Figure, layout, plotEigenspectrum, plotNetwork, plotWeights } from 'rockpool-node/plot';
import { unitLambdaNet } from 'rockpool-node/weights';

const { values: options } = parseArgs({ options: { plot: { type: 'string' } } });

const neurons = 100;
const period = 100;

// Evenly spread numbers that look random, so that every run gives the same network.
const spread = (n: number, low: number, high: number) =>
  Float64Array.from({ length: n }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887498949) % 1));

const input = new PassThrough(new NdArray(spread(neurons, -0.5, 0.5), [1, neurons]), { name: 'Input' });
const reservoir = new RecRateEuler(unitLambdaNet(neurons, { seed: 1 }), {
  tau: spread(neurons, 10, 60),
  dt: 1,
  name: 'Reservoir',
});
const readout = new PassThrough(NdArray.zeros([neurons, 2]), { name: 'Readout' });
const net = new Network(input, reservoir, readout);
console.log(String(net));

// One period of each, repeated for ever.
const times = Array.from({ length: period + 1 }, (_, i) => i);
const angle = (t: number) => (2 * Math.PI * t) / period;
const ramp = new TSContinuous(times, times, { periodic: true, name: 'Ramp' });
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

/** Figures by the names of their files. */
const figures: Record<string, Figure> = {};

/** What the layers do in two periods. */
function plotSignals(): Figure {
  const outputs = net.evolve(ramp, { duration: 2 * period });
  const [inputs, states, answer] = ['Input', 'Reservoir', 'Readout'].map((name) => outputs[name] as TSContinuous);
  return layout(
    [
      ramp.plot(inputs.times, { title: 'Ramp' }),
      inputs.plot({ title: 'Input, every tenth unit', skip: 10, stagger: 20, legend: false }),
      states.plot({ title: 'Reservoir, every tenth unit', skip: 10, stagger: 20, legend: false }),
      answer.plot({ title: 'Readout', label: 'readout' }),
    ],
    { shareX: true, height: 1000 },
  );
}

net.evolve(ramp, { duration: 1000 });
if (options.plot !== undefined) figures['signals-before-training'] = plotSignals();
console.log(`error before training: ${errorOfReadout().toFixed(4)}`);

net.train(
  (_net, signals, isFirst, isLast) => {
    const { tStart, tStop } = signals.Reservoir as TSContinuous;
    readout.trainRr(target.clip(tStart, tStop), signals.Reservoir, { regularize: 0.1, isFirst, isLast });
  },
  { input: ramp, duration: period, batchDurs: period / 10 },
);

console.log(
  `error after training:  ${errorOfReadout().toFixed(4)} (the target's own size is ${Math.SQRT1_2.toFixed(4)})`,
);

if (options.plot !== undefined) {
  const { Readout } = net.evolve(ramp, { duration: 2 * period });
  const { times: when } = Readout;
  figures['network'] = plotNetwork(net);
  figures['weights'] = layout([
    [
      plotWeights(input.weights, {
        title: 'Input weights',
        xLabel: 'Unit',
        yLabel: 'Channel',
        width: 800,
        height: 180,
      }),
      plotWeights(readout.weights, { title: 'Readout weights', xLabel: 'Channel', yLabel: 'Unit', width: 400 }),
    ],
    [
      plotWeights(reservoir.weights, { title: 'Reservoir weights' }),
      plotEigenspectrum(reservoir.weights, { title: 'Reservoir eigenspectrum' }),
    ],
  ]);
  const wanted = target.plot(when, {
    lineStyle: 'dashed',
    color: '#000000',
    label: 'target',
    title: 'Trained readout',
  });
  figures['readout'] = (Readout as TSContinuous).plot({ label: 'readout', title: 'Trained readout' }).over(wanted);
  mkdirSync(options.plot, { recursive: true });
  for (const [name, figure] of Object.entries(figures))
    for (const format of ['svg', 'png']) figure.saveSync(join(options.plot, `${name}.${format}`));
  console.log(`drawn: ${Object.keys(figures).join(', ')} in ${options.plot}`);
}
