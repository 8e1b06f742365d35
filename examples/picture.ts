/**
 * The picture of the README: a network of spiking neurons, what comes in, what goes on inside, and what it says.
 *
 *     node dist-test/examples/picture.js [FILE]
 */
import { NdArray, Network, TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, RecIAFSpkInTorch } from 'rockpool-node/layers';
import { layout } from 'rockpool-node/plot';

const [inputs, neurons, dt] = [50, 100, 1e-3];

// Numbers that are the same in every run.
let seed = 5;
const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
const matrix = (rows: number, columns: number, draw: () => number): NdArray =>
  new NdArray(Float64Array.from({ length: rows * columns }, draw), [rows, columns]);

// A bump of activity that runs over the input channels, four times a second.
const rate = (t: number, channel: number): number => {
  const distance = Math.abs(channel / inputs - ((4 * t) % 1));
  return 4 + 110 * Math.exp(-80 * Math.min(distance, 1 - distance) ** 2);
};
function bump(duration: number): TSEvent {
  const steps = Math.round(duration / dt);
  const raster = Float64Array.from({ length: steps * inputs }, (_, i) =>
    uniform() < rate(Math.floor(i / inputs) * dt, i % inputs) * dt ? 1 : 0,
  );
  return TSEvent.fromRaster(new NdArray(raster, [steps, inputs]), { dt, name: 'Input' });
}

// Neurons hear a few neighbouring channels, and each other.
const near = (i: number): boolean => Math.abs((i % neurons) / neurons - Math.floor(i / neurons) / inputs) < 0.06;
let index = 0;
const reservoir = new RecIAFSpkInTorch({
  weightsIn: matrix(inputs, neurons, () => (near(index++) ? 0.009 * uniform() : 0)),
  weightsRec: matrix(neurons, neurons, () => (uniform() < 0.1 ? 0.006 * (uniform() - 0.6) : 0)),
  ...{ tauSynInp: 10e-3, tauSynRec: 20e-3, bias: 3e-3, dt, name: 'Reservoir' },
});
const readout = new FFExpSyn(NdArray.zeros([neurons, 2]), { tauSyn: 40e-3, dt, name: 'Readout' });
const net = new Network(reservoir, readout);
console.log(String(net));

// The readout learns where the bump is: sine and cosine of its place.
const angle = (k: number): number => 2 * Math.PI * 4 * k * dt;
const where = TSContinuous.fromClocked(
  Array.from({ length: 250 }, (_, k) => [Math.sin(angle(k)), Math.cos(angle(k))]),
  { dt, periodic: true, name: 'Target' },
);
net.train(
  (_net, { Reservoir }, isFirst, isLast) =>
    void readout.trainRr(where.clip(Reservoir.tStart, Reservoir.tStop), Reservoir, { regularize: 1, isFirst, isLast }),
  { input: bump(8), duration: 8 },
);
// What it learned from one draw of events is asked on another one.
net.resetAll();
const input = bump(1);
const { Reservoir: spikes, Readout: answer } = net.evolve(input, { duration: 1 });

const panel = { width: 860, height: 190, xLabel: null } as const;
const told = (answer as TSContinuous).plot({
  ...panel,
  title: 'Where the bump is, read from the spikes',
  legend: false,
});
layout(
  [
    input.plot({ ...panel, title: 'Input events: a bump that runs over fifty channels', yLabel: 'Channel' }),
    (spikes as TSEvent).plot({ ...panel, title: 'Spikes of a hundred integrate-and-fire neurons', yLabel: 'Neuron' }),
    where
      .plot({ times: (answer as TSContinuous).times, lineStyle: 'dashed', color: '#999999', target: told })
      .set({ xLabel: 'Time (s)' }),
  ],
  { shareX: true },
).saveSync(process.argv[2] ?? 'picture.svg');
