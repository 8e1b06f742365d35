/** Ready-made networks of rate layers. */
import type { ArrayLike_ as ArrayInput } from '../array.js';
import { checkInteger, checkNumber, checkOptions } from '../check.js';
import { mergeArguments } from '../layers/arguments.js';
import { FFRateEuler } from '../layers/ff-rate-euler.js';
import { PassThrough } from '../layers/pass-through.js';
import { RecRateEuler } from '../layers/rec-rate-euler.js';
import { normalMatrix, seedOf, type RandomOptions } from '../weights/random-dense.js';
import { Network } from './network.js';

/** Parameters of the layers of a rate reservoir. */
export interface RateReservoirOptions {
  /** Time constants of the input layer in seconds. Default 1. */
  tauIn?: ArrayInput;
  /** Time constants of the reservoir in seconds. Default 1. */
  tauRes?: ArrayInput;
  /** Biases of the input layer. Default 0. */
  biasIn?: ArrayInput;
  /** Biases of the reservoir. Default 0. */
  biasRes?: ArrayInput;
  /** Time step of all layers in seconds. Default 0.1. */
  dt?: number;
  /** Noise of the input layer. Default 0. */
  noiseStdIn?: number | null;
  /** Noise of the reservoir. Default 0. */
  noiseStdRes?: number | null;
  /** Noise of the readout. Default 0. */
  noiseStdOut?: number | null;
}

/** The weights of a rate reservoir, indexed [pre, post]. */
export interface RateReservoirWeights {
  /** Inputs x units. */
  weightsIn: ArrayInput;
  /** Units x units. */
  weightsRes: ArrayInput;
  /** Units x outputs. */
  weightsOut: ArrayInput;
}

/** Sizes and weights of a random rate reservoir. */
export interface RandomReservoirOptions extends RateReservoirOptions, RandomOptions {
  /** Input channels. Default 1. */
  inputSize?: number;
  /** Units. Default 100. */
  reservoirSize?: number;
  /** Output channels. Default 1. */
  outputSize?: number;
  /** Standard deviation of the input weights. Default 1. */
  weightsInStd?: number;
  /** Standard deviation of the recurrent weights. Default 1. */
  weightsResStd?: number;
  /** Standard deviation of the output weights. Default 1. */
  weightsOutStd?: number;
  /** Mean of the input weights. Default 0. */
  weightsInMean?: number;
  /** Mean of the recurrent weights. Default 0. */
  weightsResMean?: number;
  /** Mean of the output weights. Default 0. */
  weightsOutMean?: number;
}

const layerNames = ['tauIn', 'tauRes', 'biasIn', 'biasRes', 'dt', 'noiseStdIn', 'noiseStdRes', 'noiseStdOut'];
const weightNames = ['weightsIn', 'weightsRes', 'weightsOut'] as const;
const sizeNames = ['inputSize', 'reservoirSize', 'outputSize'] as const;
const randomNames = [
  'weightsInStd',
  'weightsResStd',
  'weightsOutStd',
  'weightsInMean',
  'weightsResMean',
  'weightsOutMean',
  'seed',
  'rng',
];

/**
 * A reservoir of rate neurons: an {@link FFRateEuler} named `Input`, a {@link RecRateEuler} named `Reservoir` and a
 * {@link PassThrough} named `Readout`.
 *
 * @example
 * const net = buildRateReservoir(weightsIn, weightsRes, weightsOut, { tauRes: 0.2, dt: 0.01 });
 */
export function buildRateReservoir(
  weightsIn: ArrayInput,
  weightsRes: ArrayInput,
  weightsOut: ArrayInput,
  options?: RateReservoirOptions,
): Network;
export function buildRateReservoir(options: RateReservoirWeights & RateReservoirOptions): Network;
export function buildRateReservoir(...args: unknown[]): Network {
  const merged = mergeArguments<RateReservoirWeights & RateReservoirOptions>(args, weightNames);
  const { weightsIn, weightsRes, weightsOut, ...options } = checkOptions<typeof merged>(merged, 'options', [
    ...weightNames,
    ...layerNames,
  ]) as typeof merged;
  const { tauIn = 1, tauRes = 1, biasIn = 0, biasRes = 0, dt = 0.1 } = options;
  return new Network([
    new FFRateEuler(weightsIn, { tau: tauIn, bias: biasIn, dt, noiseStd: options.noiseStdIn ?? 0, name: 'Input' }),
    new RecRateEuler(weightsRes, {
      tau: tauRes,
      bias: biasRes,
      dt,
      noiseStd: options.noiseStdRes ?? 0,
      name: 'Reservoir',
    }),
    new PassThrough(weightsOut, { dt, noiseStd: options.noiseStdOut ?? 0, name: 'Readout' }),
  ]);
}

/** The same with weights drawn from normal distributions. */
export function buildRandomReservoir(
  inputSize?: number,
  reservoirSize?: number,
  outputSize?: number,
  options?: RandomReservoirOptions,
): Network;
export function buildRandomReservoir(options: RandomReservoirOptions): Network;
export function buildRandomReservoir(...args: unknown[]): Network {
  const plain = args.length === 1 && typeof args[0] === 'object' && args[0] !== null;
  const merged = plain ? (args[0] as RandomReservoirOptions) : mergeArguments<RandomReservoirOptions>(args, sizeNames);
  const { seed, rng, ...given } = checkOptions<RandomReservoirOptions>(merged, 'options', [
    ...sizeNames,
    ...randomNames,
    ...layerNames,
  ]);
  const { inputSize = 1, reservoirSize = 100, outputSize = 1, ...more } = given;
  const {
    weightsInStd = 1,
    weightsResStd = 1,
    weightsOutStd = 1,
    weightsInMean = 0,
    weightsResMean = 0,
    weightsOutMean = 0,
    ...options
  } = more;
  const size = (value: number, name: string): number => checkInteger(value, name, { min: 1, max: 32768 });
  const [m, n, o] = [
    size(inputSize, 'inputSize'),
    size(reservoirSize, 'reservoirSize'),
    size(outputSize, 'outputSize'),
  ];
  const from = seedOf({ seed, rng });
  const draw = (rows: number, columns: number, mean: number, std: number, name: string, stream: number) =>
    normalMatrix(
      rows,
      columns,
      { mean: checkNumber(mean, `weights${name}Mean`), std: checkNumber(std, `weights${name}Std`, { min: 0 }) },
      from,
      stream,
    );
  return buildRateReservoir({
    ...options,
    weightsIn: draw(m, n, weightsInMean, weightsInStd, 'In', 0),
    weightsRes: draw(n, n, weightsResMean, weightsResStd, 'Res', 1),
    weightsOut: draw(n, o, weightsOutMean, weightsOutStd, 'Out', 2),
  });
}
