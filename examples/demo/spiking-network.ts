/** The spiking network: a front end that turns band energies into spikes, a recurrent reservoir, a readout of exponential synapses. */
import { NdArray, Network, type TSContinuous } from 'rockpool-node';
import { FFExpSyn, FFIAFBrian, RecIAFSpkInBrian, SparseMatrix } from 'rockpool-node/layers';
import { makeReadouts, type Kind, type Model } from './model';
import { between, uniforms } from './random';
import type { Progress } from './report';
import { features, frontEnd, hop, seed, spikingDt as dt, spikingReadout, spikingReservoir } from './settings';

/** Readouts that do without the reservoir get the spikes of the front end. */
export const spikingKind: Kind = {
  direct: ({ FrontEnd }) => FrontEnd,
  directLatency: spikingReadout.directLatency,
  makeReadout: (inputs, classes, name) =>
    new FFExpSyn(NdArray.zeros([inputs, classes]), { dt: hop, tauSyn: spikingReadout.tauSyn, name }),
  regularize: spikingReadout.regularize,
};

type Random = () => number;

/** Evenly spread on a logarithmic scale. */
const spread = (random: Random, [low, high]: readonly [number, number]) => low * (high / low) ** random();
const each = (n: number, element: (i: number) => number) => Float64Array.from({ length: n }, (_, i) => element(i));

/** An untrained model. `leaveOut` names the recordings to leave out, one at a time; the reservoir settles while it hears `sound`. */
export function buildSpikingModel(
  neurons: number,
  classes: string[],
  leaveOut: string[],
  sound: TSContinuous,
  progress: Progress,
): Model {
  const random = uniforms(seed);
  const net = new Network(
    makeFrontEnd(random),
    makeReservoir(random, neurons),
    spikingKind.makeReadout(neurons, classes.length, 'Readout'),
  );
  progress.start(`settling ${neurons} neurons`, spikingReservoir.settling.passes);
  settle(random, net, sound, progress.step);
  const readouts = makeReadouts(spikingKind, net, frontEnd.neurons, leaveOut);
  return { kind: spikingKind, net, readouts, classes };
}

/** One neuron for each band, which fires when there is more than some energy in it, and others that compare bands. */
function makeFrontEnd(random: Random): FFIAFBrian {
  const { neurons, tauMem, refractory, gain, level, contrast } = frontEnd;
  const { bands } = features;
  const weights = NdArray.zeros([bands, neurons]);
  const bias = new Float64Array(neurons);
  for (let i = 0; i < neurons; i++) {
    if (i < bands) {
      const volts = between(random, ...gain);
      weights.set(i, i, volts);
      bias[i] = -volts * between(random, ...level);
    } else {
      // Weights that add up to 0: how loud it is does not matter.
      const differences = each(bands, () => between(random, -1, 1));
      const mean = differences.reduce((a, b) => a + b) / bands;
      const norm = Math.hypot(...differences.map((w) => w - mean));
      differences.forEach((w, band) => weights.set(band, i, (contrast * (w - mean)) / norm));
    }
  }
  const integratorName = 'exact';
  return new FFIAFBrian(weights, { dt, bias, tauMem, refractory, integratorName, seed, name: 'FrontEnd' });
}

/** Sparse random connections; all time constants differ from neuron to neuron. */
function makeReservoir(random: Random, neurons: number): RecIAFSpkInBrian {
  const { refractory, fanIn, fanRec, input, recurrent, typicalRate, ...taus } = spikingReservoir;
  const tauMem = each(neurons, () => spread(random, taus.tauMem));
  const tauSynInp = each(neurons, () => spread(random, taus.tauSynInp));
  const tauSynRec = each(neurons, () => spread(random, taus.tauSynRec));
  /** Weights from `rows` neurons, about `fan` of them to each, that make a current of the given standard deviation. */
  const connect = (rows: number, fan: number, volts: number, tau: Float64Array): SparseMatrix => {
    const largest = (volts * Math.sqrt(3 / fan)) / typicalRate;
    const [indptr, indices, data]: number[][] = [[0], [], []];
    for (let pre = 0; pre < rows; pre++) {
      for (let post = 0; post < neurons; post++) {
        if (random() * rows >= fan) continue;
        indices.push(post);
        data.push((between(random, -1, 1) * largest) / tau[post]);
      }
      indptr.push(indices.length);
    }
    return new SparseMatrix({ shape: [rows, neurons], indptr, indices, data });
  };
  return new RecIAFSpkInBrian({
    weightsIn: connect(frontEnd.neurons, fanIn, input, tauSynInp),
    weightsRec: connect(neurons, fanRec, recurrent, tauSynRec),
    ...{ dt, tauMem, tauSynInp, tauSynRec, refractory, seed },
    bias: 0,
    integratorName: 'exact',
    name: 'Reservoir',
  });
}

/** Moves the biases of the reservoir until each of its neurons fires about as often as it should: none is silent, none fires all the time. */
function settle(random: Random, net: Network, sound: TSContinuous, onPass: () => void): void {
  const { rates, settling } = spikingReservoir;
  const { passes, step } = settling;
  const reservoir = net.layer<RecIAFSpkInBrian>('Reservoir');
  const duration = Math.min(settling.seconds, sound.duration);
  const input = net.layer<FFIAFBrian>('FrontEnd').evolve(sound, { duration });
  const goals = each(reservoir.size, () => spread(random, rates));
  const { bias } = reservoir; // what is written into it counts
  for (let pass = 0; pass < passes; pass++) {
    reservoir.resetAll();
    const counts = new Float64Array(reservoir.size);
    for (const neuron of reservoir.evolve(input, { duration }).channels) counts[neuron] = counts[neuron] + 1;
    goals.forEach((goal, i) => {
      const ratio = Math.log((goal + 1) / (counts[i] / duration + 1));
      bias[i] = bias[i] + step * Math.min(Math.max(ratio, -1), 1);
    });
    onPass();
  }
  net.resetAll();
}
