/** Spiking layers: events or currents in, events or weighted sums out, and what goes on inside. */
import { mkdirSync } from 'node:fs';
import { NdArray, TSContinuous, TSEvent } from 'rockpool-node';
import { RecLIFCurrentInJax, RecLIFJax, RecLIFJax_IO } from 'rockpool-node/layers';
import { unitLambdaNet } from 'rockpool-node/weights';

const folder = process.argv[2] ?? 'pictures';
mkdirSync(folder, { recursive: true });
const dt = 1e-3;
const neurons = 100;

// Numbers that are the same in every run.
let seed = 11;
const uniform = (): number => (seed = (seed * 48271) % 2147483647) / 2147483647;
const between = (low: number, high: number): number => low + (high - low) * uniform();

const steps = 1000;
const rate = (t: number, low: number, high: number): number =>
  low + ((high - low) * (1 + Math.sin(2 * Math.PI * 5 * t))) / 2;

function poisson(channels: number, low: number, high: number): TSEvent {
  const raster = Float64Array.from({ length: steps * channels }, (_, i) =>
    uniform() < rate(Math.floor(i / channels) * dt, low, high) * dt ? 1 : 0,
  );
  return TSEvent.fromRaster(new NdArray(raster, [steps, channels]), { dt, periodic: true, name: 'Input events' });
}

const input = poisson(neurons, 3, 10);
console.log(String(input));
input.plot().saveSync(`${folder}/input.svg`);

const weights = unitLambdaNet(neurons, { seed: 3 });
const [tauMem, tauSyn] = [0, 1].map(() => Array.from({ length: neurons }, () => between(50e-3, 150e-3)));
const layer = new RecLIFJax(weights, { tauMem, tauSyn, bias: -1, dt, name: 'Recurrent' });
console.log(String(layer));

const output = layer.evolve(input, { duration: 1 });
console.log(String(output));
output.plot().saveSync(`${folder}/output.svg`);

const shift = { stagger: 1, skip: 34 };
layer.iSynLastEvolution.plot({ ...shift, title: 'Synaptic currents' }).saveSync(`${folder}/currents.svg`);
layer.vMemLastEvolution.plot({ ...shift, title: 'Membrane potentials' }).saveSync(`${folder}/potentials.svg`);
layer.surrogateLastEvolution.plot({ ...shift, title: 'Surrogates' }).saveSync(`${folder}/surrogates.svg`);

const noisy = Float64Array.from({ length: steps * neurons }, (_, i) => {
  const t = Math.floor(i / neurons) * dt;
  return 2.5 * Math.sin(2 * Math.PI * 5 * t) + between(-8, 8);
});
const currents = TSContinuous.fromClocked(new NdArray(noisy, [steps, neurons]), {
  dt,
  periodic: true,
  name: 'Currents',
});
const driven = new RecLIFCurrentInJax(weights, { tauMem, tauSyn, dt, name: 'Driven' });
const spikes = driven.evolve(currents, { duration: 1 });
console.log(String(driven), String(spikes));
driven.vMemLastEvolution.plot({ ...shift, title: 'Membrane potentials' }).saveSync(`${folder}/driven-potentials.svg`);
spikes.plot().saveSync(`${folder}/driven-spikes.svg`);

const matrix = (rows: number, columns: number): NdArray =>
  new NdArray(Float64Array.from({ length: rows * columns }, uniform), [rows, columns]);
const weighted = new RecLIFJax_IO(matrix(2, neurons), weights, matrix(neurons, 5), {
  tauMem,
  tauSyn,
  dt,
  name: 'Weighted',
});
const sums = weighted.evolve(poisson(2, 10, 20), { duration: 1 });
console.log(String(weighted), String(sums));
weighted.spikesLastEvolution.plot({ title: 'Spikes of the layer' }).saveSync(`${folder}/weighted-spikes.svg`);
sums.plot({ dt: 4e-3, title: 'Weighted sums of the surrogates' }).saveSync(`${folder}/weighted-output.svg`);
