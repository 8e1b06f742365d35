/** A training step of the pulse-to-chirp tutorial: a rate reservoir, gradients by all of its parameters, on one thread. */
import { createRequire } from 'node:module';
import { shareArray } from './lib/peer.mjs';
import { uniform } from './lib/statistics.mjs';

const require = createRequire(import.meta.url);
const { NdArray, setConcurrency } = require('rockpool-node');
const { RecRateEulerJax } = require('rockpool-node/layers');
const { mse } = require('rockpool-node/training');

const [units, steps, dt, tau] = [100, 3000, 1e-3, 20e-3];

/** The gradient by the recurrent weights. Rounding grows on the way through so many steps. */
function compare({ data: own }, { data }) {
  if (own.length !== data.length) return `${own.length} derivatives, the peer has ${data.length}`;
  let [difference, size] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    difference += (own[i] - data[i]) ** 2;
    size += data[i] ** 2;
  }
  const error = Math.sqrt(difference / size);
  return error <= 0.01 ? undefined : `the gradient by the recurrent weights differs by ${error} of its norm`;
}

export default function define({ folder }) {
  setConcurrency(1);
  const random = uniform(units);
  const matrix = (rows, columns, scale) =>
    Float32Array.from({ length: rows * columns }, () => (random() * 2 - 1) * scale);
  const weights = {
    wIn: [matrix(1, units, 1), [1, units]],
    wRecurrent: [matrix(units, units, 1.2 / Math.sqrt(units)), [units, units]],
    wOut: [matrix(units, 1, 0.2), [units, 1]],
  };
  const pulse = Float32Array.from({ length: steps }, (_, k) => (k >= 1000 && k < 1050 ? 1 : 0));
  const chirp = Float32Array.from({ length: steps }, (_, k) => {
    const t = (k - 1000) * dt;
    return t >= 0 && t < 1 ? Math.sin(2 * Math.PI * 10 * t * t) : 0;
  });
  const own = Object.fromEntries(
    Object.entries(weights).map(([name, [data, shape]]) => [name, new NdArray(data, shape)]),
  );
  const layer = new RecRateEulerJax({ ...own, tau, bias: 0.05, dt, activationFunc: 'relu', precision: 'float32' });
  const [input, target] = [pulse, chirp].map((data) => new NdArray(Float64Array.from(data), [steps, 1]));
  const optimizer = { step: (parameters) => parameters };
  return [
    {
      name: 'step',
      title: `${units} recurrent rate neurons, ${steps} steps, forward and backward, float32, one thread`,
      unit: 'ms',
      run: () => layer.trainOutputTarget(input, target, { lossFcn: mse(), optimizer })[1].wRecurrent,
      peer: {
        environment: 'rockpool3-jax',
        script: 'chirp-train.py',
        case: 'step',
        name: 'rockpool 3.1 RateJax between LinearJax, value_and_grad compiled by Jax, float32, one thread',
        data: {
          ...{ tau, dt, bias: 0.05 },
          ...Object.fromEntries(
            Object.entries(weights).map(([name, [data, shape]]) => [name, shareArray(folder, name, data, shape)]),
          ),
          input: shareArray(folder, 'input', pulse, [1, steps, 1]),
          target: shareArray(folder, 'target', chirp, [1, steps, 1]),
        },
      },
      compare,
      goal: { ratio: 1.43 },
    },
  ];
}
