/** New networks for `train`: a reservoir of rate neurons with random weights and a readout that learns. */
import { NdArray } from '../array.js';
import { PassThrough, RecRateEuler } from '../layers/index.js';
import { Network } from '../networks/index.js';
import { normalMatrix } from '../weights/random-dense.js';

export interface ReservoirSettings {
  /** Neurons. */
  size: number;
  /** Shortest and longest time constant, in seconds. */
  tau: readonly number[];
  /** About the spectral radius of the recurrent weights. */
  radius: number;
  /** Size of the input of a neuron, of inputs of size 1. */
  inputScale: number;
  /** Largest bias. */
  bias: number;
  dt: number;
  seed: number;
}

export const reservoirDefaults: ReservoirSettings = {
  size: 300,
  tau: [0.025, 0.2],
  radius: 1,
  inputScale: 2,
  bias: 0.5,
  dt: 0.0025,
  seed: 1,
};

/** Numbers from 0 to 1 for each neuron, evenly spread and shuffled by the seed: those of a golden-ratio sequence. */
const spread = (n: number, offset: number): Float64Array =>
  Float64Array.from({ length: n }, (_, i) => ((i + 1) * 0.6180339887498949 + offset) % 1);

/** Input weights, a recurrent layer, and a readout of zeros. */
export function newReservoir(inputs: number, outputs: number, settings: ReservoirSettings): Network {
  const { size, tau, radius, inputScale, bias, dt, seed } = settings;
  const [fastest, slowest = fastest] = tau;
  const input = normalMatrix(inputs, size, { mean: 0, std: inputScale / Math.sqrt(inputs) }, seed, 1);
  const recurrent = normalMatrix(size, size, { mean: 0, std: radius / Math.sqrt(size) }, seed, 2);
  return new Network(
    new PassThrough(input, { dt, name: 'Input' }),
    new RecRateEuler(recurrent, {
      dt,
      tau: spread(size, 0).map((u) => fastest * (slowest / fastest) ** u),
      bias: spread(size, Math.SQRT2).map((u) => bias * (2 * u - 1)),
      name: 'Reservoir',
    }),
    new PassThrough(NdArray.zeros([size, outputs]), { dt, name: 'Readout' }),
  );
}
