/** A dense reservoir of rate units over 10,000 steps, from evolve to evolve, on one thread. */
import { createRequire } from 'node:module';
import { bandwidth } from './lib/bandwidth.mjs';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { TSContinuous, setWarningHandler } = require('rockpool-node');
const { RecRateEuler } = require('rockpool-node/layers');

const steps = 10_000;
const dt = 0.1;

/** Uniform weights whose spectral radius is about 0.9, so that rounding does not grow and outputs can be compared. */
function network(folder, units) {
  const random = uniform(units);
  const centred = (n, width) => Float64Array.from({ length: n }, () => (random() - 0.5) * width);
  const weights = centred(units * units, 0.9 * Math.sqrt(12 / units));
  const bias = centred(units, 1);
  const times = Float64Array.from({ length: steps / 10 + 1 }, (_, i) => i * 10 * dt - dt / 4);
  const samples = centred(times.length, 1);
  return {
    weights: { data: weights, shape: [units, units] },
    bias,
    series: new TSContinuous(times, { data: samples, shape: [times.length, 1] }, { interpKind: 'previous' }),
    shared: {
      weights: shareArray(folder, `weights-${units}`, weights, [units, units]),
      bias: shareArray(folder, `bias-${units}`, bias),
      times: shareArray(folder, `times-${units}`, times),
      samples: shareArray(folder, `samples-${units}`, samples, [times.length, 1]),
    },
  };
}

/** The largest difference in units of the largest value. */
function compareBy(tolerance) {
  return (ours, { data }) => {
    const own = ours.samples.data;
    if (own.length !== data.length) return `${own.length} samples, the peer has ${data.length}`;
    let largest = 0;
    let difference = 0;
    for (let i = 0; i < data.length; i++) {
      largest = Math.max(largest, Math.abs(data[i]));
      difference = Math.max(difference, Math.abs(own[i] - data[i]));
    }
    return difference <= tolerance * largest
      ? undefined
      : `outputs differ by up to ${difference}, their largest is ${largest}`;
  };
}

/** Milliseconds to read as many weights as the run has to: all rows, or those of the units that are not silent. */
function readingMs(output, units, bytesPerWeight) {
  const { data } = output.samples;
  let active = 0;
  for (let i = 0; i < steps * units; i++) active += data[i] !== 0 ? 1 : 0;
  const matrix = units * units * bytesPerWeight;
  return ((active * units * bytesPerWeight) / bandwidth(matrix)) * 1e3;
}

export default function define({ folder }) {
  setWarningHandler(() => {}); // one channel drives all units: said at every evolve
  const nets = { 1000: network(folder, 1000), 100: network(folder, 100) };
  return [
    ['relu', 1000, 'float64', 1.5],
    ['relu', 1000, 'float32', 3],
    ['tanh', 1000, 'float64', 1],
    ['tanh', 1000, 'float32', 2],
    ['relu', 100, 'float64', 5],
    ['tanh', 100, 'float64', 5],
  ].map(([activation, units, precision, ratio]) => {
    const { weights, bias, series, shared } = nets[units];
    const layer = new RecRateEuler(weights, { bias, tau: 1, dt, activationFunc: activation, precision });
    let last;
    return {
      name: `${activation}-${units}-${precision}`,
      title: `RecRateEuler, ${units} dense ${activation} units, ${steps} steps, ${precision}, one thread`,
      unit: 'ms',
      run: () => {
        layer.resetAll();
        return (last = layer.evolve(series, { numTimesteps: steps }));
      },
      peer: {
        environment: 'rockpool1',
        script: 'rec-rate.py',
        case: `${activation}-${units}`,
        name: 'rockpool 1.1 RecRateEuler (numba), float64, one thread',
        data: { ...shared, activation, steps },
      },
      compare: compareBy(precision === 'float64' ? 1e-10 : 1e-4),
      limit: () => readingMs(last, units, precision === 'float64' ? 8 : 4),
      limitName: 'reading the weights of the units that are not silent, at the speed of a loop that only reads',
      goal: { ratio },
    };
  });
}
