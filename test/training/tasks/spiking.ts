/** Tasks for spiking neurons. */
import assert from 'node:assert/strict';
import { NdArray, type Matrix } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import {
  aLIFTorch,
  ExpSyn,
  LIF,
  LIFBitshiftTorch,
  LIFMembraneExodus,
  LIFTorch,
  Linear,
  LogSoftmaxJax,
} from 'rockpool-node/nn/modules';
import { crossEntropy, mse } from 'rockpool-node/training';
import { uniform } from '../random.js';
import { signal, type TaskData, type TrainingTask, uniformWeights, weights } from './task.js';

const dt = 1e-3;

/** Spikes of samples of all classes in turn, drawn with the given probabilities. */
export function classes(
  [samples, steps, channels]: [number, number, number],
  count: number,
  seed: number,
  probability: (label: number, k: number, c: number, sample: number) => number,
): TaskData {
  const random = uniform(seed);
  const input = signal([samples, steps, channels], (b, k, c) =>
    random() < probability(b % count, k, c, Math.floor(b / count)) ? 1 : 0,
  );
  return { input, target: NdArray.from(Array.from({ length: samples }, (_, b) => b % count)) };
}

const chance = (count: number): number => Math.log(count);

/** Hidden spiking neurons of any kind between projections, and smoothed outputs. */
function classifier(inputs: number, hidden: InstanceType<typeof LIF | typeof LIFTorch>, outputs: number, seed: number) {
  const n = hidden.sizeOut;
  return new Sequential(
    new Linear([inputs, n], { seed: seed + 1 }),
    hidden,
    new Linear([n, outputs], { seed: seed + 2, hasBias: true }),
    new ExpSyn(outputs, { tau: 10 * dt, dt }),
  );
}

/** Two channels are busy or quiet, a third one always is busy: no weighted sum of the counts tells whether exactly one of the two is. */
export const exclusiveOr: TrainingTask = {
  name: 'exclusive or of busy channels, by a layer of LIF neurons',
  ...{ reaches: 0.3, share: 0.45, epochs: 15, stepSize: 0.03, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'mean' }),
  trial(seed) {
    const data = (samples: number, own: number): TaskData => {
      const busy = (pattern: number, c: number): boolean => c === 2 || ((pattern >> c) & 1) === 1;
      const data = classes([samples, 20, 3], 4, own, (pattern, _k, c) => (busy(pattern, c) ? 0.6 : 0.05));
      data.target.data.forEach((pattern, i) => (data.target.data[i] = pattern === 1 || pattern === 2 ? 1 : 0));
      return data;
    };
    const hidden = new LIF([16, 16], { tauMem: 5 * dt, tauSyn: 5 * dt, dt });
    return {
      module: classifier(3, hidden, 2, seed),
      ...{ training: data(64, seed), test: data(64, 1000 + seed), trivial: chance(2) },
    };
  },
};

/** One channel after the other, or the other way round: both have the same number of spikes, so that only memory tells. */
export const temporalOrder: TrainingTask = {
  name: 'temporal order of two bursts, by recurrent LIF neurons',
  ...{ reaches: 0.05, share: 0.1, epochs: 10, stepSize: 0.02, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'mean' }),
  trial(seed) {
    const data = (samples: number, own: number): TaskData =>
      classes([samples, 30, 2], 2, own, (first, k, c, sample) => {
        const start = (c === first ? 3 : 17) + (sample % 5);
        return k >= start && k < start + 6 ? 0.7 : 0;
      });
    const hidden = new LIF([16, 16], {
      tauMem: 8 * dt,
      tauSyn: 8 * dt,
      dt,
      hasRec: true,
      weightInitFunc: uniformWeights(seed, 0.3),
    });
    return {
      module: classifier(2, hidden, 2, seed),
      ...{ training: data(64, seed), test: data(64, 1000 + seed), trivial: chance(2) },
    };
  },
};

/** Two channels spike at the same rate, together or never together. */
export const coincidences: TrainingTask = {
  name: 'coincidences of spikes, by fast LIFTorch neurons',
  ...{ reaches: 0.3, share: 0.45, epochs: 40, stepSize: 0.03, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'mean' }),
  trial(seed) {
    const data = (samples: number, own: number): TaskData => {
      const random = uniform(own + 77);
      const phases = Array.from({ length: samples }, () => Math.floor(6 * random()));
      return classes([samples, 36, 2], 2, own, (apart, k, c, sample) =>
        (k + phases[sample] + (c === 1 && apart ? 3 : 0)) % 6 === 0 ? 0.9 : 0,
      );
    };
    const hidden = new LIFTorch([24, 24], { tauMem: 2 * dt, tauSyn: 2 * dt, dt });
    return {
      module: classifier(2, hidden, 2, seed),
      ...{ training: data(64, seed), test: data(64, 1000 + seed), trivial: chance(2) },
    };
  },
};

/** Which of two channels was active long ago: only slow adaptation remembers it. */
export const recall: TrainingTask = {
  name: 'recall of a cue after a pause, by adaptive LIF neurons',
  ...{ reaches: 0.2, share: 0.3, epochs: 10, stepSize: 0.02, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'last' }),
  trial(seed) {
    const data = (samples: number, own: number): TaskData =>
      classes([samples, 50, 3], 2, own, (cue, k, c) => {
        if (c === 2) return k >= 38 ? 0.8 : 0;
        return c === cue && k < 12 ? 0.7 : 0;
      });
    const hidden = new aLIFTorch([24, 24], { tauMem: 4 * dt, tauSyn: 4 * dt, tauAhp: 60 * dt, wAhp: -0.3, dt });
    return {
      module: classifier(3, hidden, 2, seed),
      ...{ training: data(64, seed), test: data(64, 1000 + seed), trivial: chance(2) },
    };
  },
};

/** Four classes are four profiles of rates over the channels. */
export const rates: TrainingTask = {
  name: 'rates of spikes, by LIFBitshiftTorch neurons and a soft-max read-out',
  ...{ reaches: 0.4, share: 0.3, epochs: 10, stepSize: 0.03, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'mean' }),
  trial(seed) {
    const data = (samples: number, own: number): TaskData =>
      classes([samples, 30, 4], 4, own, (label, _k, c) => (c === label ? 0.5 : 0.15));
    const module = new Sequential(
      new Linear([4, 12], { seed }),
      new LIFBitshiftTorch([12, 12], { tauMem: 4 * dt, tauSyn: 4 * dt, dt }),
      new LogSoftmaxJax({ shape: [12, 4], tau: 15 * dt, dt, seed: seed + 1 }),
    );
    return { module, training: data(128, seed), test: data(64, 1000 + seed), trivial: chance(4) };
  },
};

const wanted = { tauMem: [18 * dt, 22 * dt, 26 * dt], tauSyn: [4 * dt, 5 * dt, 6 * dt] };

/** What neurons with other time constants answered tells these; who starts elsewhere finds them. */
export const timeConstants: TrainingTask = {
  name: 'time constants of membranes and synapses, from what they answered',
  ...{ reaches: 5e-4, share: 0.01, epochs: 200, stepSize: 4e-4, batchSize: 8 },
  loss: mse(),
  trained: ['tauMem', 'tauSyn'],
  trial(seed) {
    const n = wanted.tauMem.length;
    const neurons = (tauMem: number[], tauSyn: number[]): LIFMembraneExodus =>
      new LIFMembraneExodus([n, n], { tauMem, tauSyn: new NdArray(Float64Array.from(tauSyn), [n, 1]), dt });
    const teacher = neurons(wanted.tauMem, wanted.tauSyn);
    const data = (own: number): TaskData => {
      const random = uniform(own);
      const input = signal([8, 60, n], () => (random() < 0.1 ? 0.2 : 0));
      const [target] = teacher.evolve(input);
      teacher.resetState();
      return { input, target: target };
    };
    const random = uniform(seed + 500);
    const elsewhere = (taus: number[]): number[] =>
      taus.map((tau) => tau * (random() < 0.5 ? 0.6 : 1.4) * (0.9 + 0.2 * random()));
    const module = neurons(elsewhere(wanted.tauMem), elsewhere(wanted.tauSyn));
    const test = data(1000 + seed);
    const trivial = mse().value(module.evolve(test.input)[0], test.target);
    module.resetState();
    const check = (): void => {
      for (const name of ['tauMem', 'tauSyn'] as const)
        wanted[name].forEach((tau, i) => {
          const found = (module[name] as Matrix).data[i];
          assert.ok(Math.abs(found / tau - 1) < 0.1, `seed ${seed}: ${name}[${i}] is ${found}, was to be ${tau}`);
        });
    };
    return { module, training: data(seed), test, trivial, check };
  },
};
