/** Short benchmarks that an installed package has with it: how fast this machine runs the kernels. */
import { NdArray } from '../array.js';
import { native } from '../binding.js';
import { RecRateEuler } from '../layers/index.js';
import { RidgeRegression } from '../learning/ridge-regression.js';
import { LIF, Linear } from '../nn/modules/index.js';
import { TSEvent } from '../time-series/index.js';
import { normalMatrix } from '../weights/random-dense.js';

/** Something to measure. */
export interface Benchmark {
  name: string;
  title: string;
  /** What `amount` counts. */
  unit: string;
  /** Of one run. */
  amount: number;
  run: () => void;
  /** The fewest seconds that a run could take, from what it has to read. */
  limit?: () => number;
}

function uniform(n: number, seed: number): Float64Array {
  const out = new Float64Array(n);
  native.randomFill('uniform', seed, 0, 0, 0, out);
  return out;
}

function rate(name: string, units: number, steps: number): Benchmark {
  const weights = normalMatrix(units, units, { mean: 0, std: 0.9 / Math.sqrt(units) }, 1);
  const layer = new RecRateEuler(weights, { dt: 1e-3, tau: 0.02, bias: 0.1 });
  const bytes = units * units * 8;
  return {
    name,
    title: `${units} recurrent rate units, ${bytes / 1e6} MB of weights`,
    unit: 'steps',
    amount: steps,
    run: () => {
      layer.resetAll();
      layer.evolve(null, { numTimesteps: steps });
    },
    limit: () => (steps * bytes) / native.readBandwidth(bytes, 0.1),
  };
}

function lif(): Benchmark {
  const [batch, steps, n] = [8, 250, 512];
  const precision = 'float32';
  const linear = new Linear([n, n], { seed: 1, precision });
  const neurons = new LIF([n, n], { tauMem: 0.02, tauSyn: 0.01, dt: 1e-3, precision });
  const input = new NdArray(Float32Array.from(uniform(batch * steps * n, 2)), [batch, steps, n]);
  return {
    name: 'lif',
    title: `Linear ${n} to ${n} and LIF, batch ${batch} of ${steps} steps, single precision`,
    unit: 'neuron updates',
    amount: batch * steps * n,
    run: () => {
      neurons.resetState();
      neurons.evolve(linear.evolve(input)[0]);
    },
  };
}

function ridge(): Benchmark {
  const [rows, features, outputs] = [2000, 500, 10];
  const x = new NdArray(uniform(rows * features, 3), [rows, features]);
  const y = new NdArray(uniform(rows * outputs, 4), [rows, outputs]);
  return {
    name: 'ridge',
    title: `ridge regression, ${rows} rows of ${features} features, ${outputs} outputs`,
    unit: 'multiply-adds',
    amount: (rows * features * (features + 1)) / 2 + rows * features * outputs + features ** 3 / 6,
    run: () => new RidgeRegression(features, outputs, { regularize: 1 }).trainBatch(x, y),
  };
}

function raster(): Benchmark {
  const [events, channels, dt] = [1_000_000, 256, 1e-3];
  const times = uniform(events, 5).sort();
  const ids = Int32Array.from(uniform(events, 6), (u) => Math.floor(u * channels));
  const series = new TSEvent({ times, channels: ids, numChannels: channels, tStart: 0, tStop: 1 });
  return {
    name: 'raster',
    title: `${events} events of ${channels} channels as counts at 1000 steps`,
    unit: 'events',
    amount: events,
    run: () => void series.raster({ dt, addEvents: true }),
  };
}

const makers: Record<string, () => Benchmark> = {
  'rate-small': () => rate('rate-small', 128, 5000),
  rate: () => rate('rate', 1000, 1000),
  lif,
  ridge,
  raster,
};

/** Names of the benchmarks. */
export const benchmarkNames: readonly string[] = Object.keys(makers);

/** Makes a benchmark; its data are there then. */
export const makeBenchmark = (name: string): Benchmark => makers[name]();
