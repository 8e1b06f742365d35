/** Tasks for rate neurons. */
import { FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import { Linear, Rate } from 'rockpool-node/nn/modules';
import { mse } from 'rockpool-node/training';
import { uniform } from '../random.js';
import { signal, type TaskData, type TrainingTask, uniformWeights, variance, weights } from './task.js';

const dt = 1e-3;
const loss = mse({ ignoreNan: true });
const trained = weights;

/** Recurrent neurons between projections. */
function recurrent(inputs: number, n: number, seed: number, tau: number, gain = 0.9): Sequential {
  return new Sequential(
    new Linear([inputs, n], { seed: seed + 1 }),
    new Rate(n, { tau, dt, hasRec: true, activationFunc: 'tanh', weightInitFunc: uniformWeights(seed, gain) }),
    new Linear([n, 1], { seed: seed + 2, hasBias: true, weightInitFunc: uniformWeights(seed + 3, 0.5) }),
  );
}

/** A nonlinear system with a memory of ten steps (Atiya and Parlos 2000). */
export const narma: TrainingTask = {
  name: 'NARMA-10, by recurrent rate neurons',
  ...{ reaches: 6e-3, share: 0.55, epochs: 100, stepSize: 6e-3, batchSize: 4, loss, trained },
  trial(seed) {
    const data = (own: number): TaskData => {
      const random = uniform(own);
      const input = signal([16, 80, 1], () => 0.5 * random());
      const u = (b: number, k: number): number => (k < 0 ? 0 : input.data[b * 80 + k]);
      const past: number[] = [];
      const target = signal([16, 80, 1], (b, k) => {
        if (k === 0) past.length = 0;
        const y = past[past.length - 1] ?? 0;
        const sum = past.slice(-10).reduce((a, x) => a + x, 0);
        past.push(0.3 * y + 0.05 * y * sum + 1.5 * u(b, k - 1) * u(b, k - 10) + 0.1);
        return k < 20 ? NaN : past[k];
      });
      return { input, target };
    };
    const test = data(1000 + seed);
    return { module: recurrent(1, 20, seed, 1.5 * dt), training: data(seed), test, trivial: variance(test.target) };
  },
};

/** x' = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x, by Euler steps of 0.1; one sample per unit of time. */
function mackeyGlass(samples: number, seed: number): Float64Array {
  const random = uniform(seed);
  const x = Array.from({ length: 171 }, () => 1.1 + 0.2 * random());
  while (x.length < (samples + 100) * 10) {
    const [now, before] = [x[x.length - 1], x[x.length - 171]];
    x.push(now + 0.1 * ((0.2 * before) / (1 + before ** 10) - 0.1 * now));
  }
  return Float64Array.from({ length: samples }, (_, i) => x[(i + 100) * 10] - 0.9);
}

/** The answer to beat is the present value. */
export const mackeyGlassAhead: TrainingTask = {
  name: 'Mackey-Glass six steps ahead, by leaky rate neurons in a residual block',
  ...{ reaches: 0.01, share: 0.4, epochs: 40, stepSize: 8e-3, batchSize: 4, loss, trained },
  trial(seed) {
    const [length, ahead] = [80, 6];
    const data = (own: number): TaskData => {
      const series = Array.from({ length: 8 }, (_, b) => mackeyGlass(length + ahead, own * 8 + b));
      return {
        input: signal([8, length, 1], (b, k) => series[b][k]),
        target: signal([8, length, 1], (b, k) => (k < 30 ? NaN : series[b][k + ahead])),
      };
    };
    const tau = Array.from({ length: 16 }, (_, i) => dt * 1.5 * 1.2 ** i);
    const module = new Sequential(
      new Linear([1, 16], { seed, hasBias: true }),
      new Residual(
        new Linear([16, 16], { seed: seed + 1, hasBias: true }),
        new Rate(16, { tau, dt, activationFunc: 'tanh' }),
      ),
      new Rate(16, { tau: [...tau].reverse(), dt, activationFunc: 'tanh' }),
      new Linear([16, 1], { seed: seed + 2, hasBias: true, weightInitFunc: uniformWeights(seed, 0.5) }),
    );
    const test = data(1000 + seed);
    const present = signal(test.target.shape as [number, number, number], (b, k) => test.input.data[b * length + k]);
    return { module, training: data(seed), test, trivial: loss.value(present, test.target) };
  },
};

/** The input of some steps ago, by neurons that each are late by their time constant. */
export const delayLine: TrainingTask = {
  name: 'a delay, by a stack of leaky rate neurons',
  ...{ reaches: 0.1, share: 0.25, epochs: 40, stepSize: 0.02, batchSize: 8, loss, trained },
  trial(seed) {
    const data = (own: number): TaskData => {
      const random = uniform(own);
      let x = 0;
      const input = signal([16, 60, 1], () => (x = 0.9 * x + 0.6 * (2 * random() - 1)));
      return {
        input,
        target: signal([16, 60, 1], (b, k) => (k < 12 ? NaN : input.data[b * 60 + k - 3])),
      };
    };
    const layer = (): Rate => new Rate(10, { tau: 2 * dt, dt, activationFunc: 'tanh' });
    const module = new FFwdStack(
      [
        new Linear([1, 10], { seed }),
        layer(),
        layer(),
        layer(),
        new Linear([10, 1], { seed: seed + 1, hasBias: true }),
      ],
      {
        weightInit: uniformWeights(seed, 1),
      },
    );
    const test = data(1000 + seed);
    return { module, training: data(seed), test, trivial: variance(test.target) };
  },
};

/** Pulses on one channel set a bit, on the other clear it; it holds meanwhile. */
export const flipFlop: TrainingTask = {
  name: 'a bit that is set and cleared, by recurrent rate neurons',
  ...{ reaches: 0.1, share: 0.1, epochs: 50, stepSize: 0.01, batchSize: 8, loss, trained },
  trial(seed) {
    const data = (own: number): TaskData => {
      const random = uniform(own);
      const input = signal([32, 60, 2], (_b, k) => (random() < (k === 0 ? 0.5 : 0.04) ? 1 : 0));
      let bit = NaN;
      const target = signal([32, 60, 1], (b, k) => {
        const [set, clear] = input.data.subarray((b * 60 + k) * 2, (b * 60 + k) * 2 + 2);
        if (k === 0) bit = NaN;
        if (set !== clear) {
          bit = set === 1 ? 1 : -1;
          return NaN; // a step to turn round
        }
        return set === 1 ? (bit = NaN) : bit;
      });
      return { input, target };
    };
    const test = data(1000 + seed);
    return { module: recurrent(2, 16, seed, 2 * dt, 1), training: data(seed), test, trivial: variance(test.target) };
  },
};

/** One pulse, and silence: all that follows comes from the recurrent neurons. */
export const chirp: TrainingTask = {
  name: 'a chirp after a pulse, by recurrent rate neurons',
  ...{ reaches: 0.03, share: 0.1, epochs: 150, stepSize: 0.01, batchSize: 1, loss, trained },
  trial(seed) {
    const data: TaskData = {
      input: signal([1, 60, 1], (_b, k) => (k < 3 ? 1 : 0)),
      target: signal([1, 60, 1], (_b, k) => Math.sin((2 * Math.PI * 2.5 * (k / 60) * (1 + k / 60)) / 2)),
    };
    return { module: recurrent(1, 24, seed, 3 * dt, 1.2), training: data, test: data, trivial: variance(data.target) };
  },
};
