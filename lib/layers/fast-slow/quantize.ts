/** Weights of few levels. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkOptions, rangeError, shapeError } from '../../check.js';
import { expandToShape } from '../expand.js';
import { checkMatrix } from '../jax/parameters.js';

/** Options of {@link quantizeWeightsDynapseII}. */
export interface QuantizeOptions {
  /** Synapses that each neuron has of its own: a number or one for each neuron, integers of 0 or more. Default 64. */
  numSynapsesAvailable?: ArrayInput | null;
  /** Whether cores may give up neurons for more synapses of the others. Default true. */
  useDense?: boolean;
}

const mostNeurons = 1024;

/**
 * Weights that fit on a chip of 4 cores of 256 neurons with 64 synapses each, whose weights have a sign and 31 magnitudes:
 * `base * round(weights / base)` with `base = (max |weights| - min |weights|) / 31`, of which each neuron keeps the largest. A core may give
 * up 192 of its neurons, so that the other 64 have 192 synapses more; as many cores do so as the number of neurons leaves, for the neurons
 * that would lose the largest sum of magnitudes. Of equal weights and of equal losses the first ones win. All are 0 when all magnitudes are equal.
 *
 * @param n Number of neurons, at most 1024.
 * @param weights `n` x `n`; row i holds the synapses of neuron i.
 * @returns A new matrix.
 */
export function quantizeWeightsDynapseII(n: number, weights: ArrayInput, options?: QuantizeOptions): Matrix {
  const size = checkInteger(n, 'n', { min: 1, max: mostNeurons });
  const { numSynapsesAvailable = null, useDense = true } = checkOptions<QuantizeOptions>(options, 'options', [
    'numSynapsesAvailable',
    'useDense',
  ]);
  const matrix = checkMatrix(weights, 'weights', size, size, 'n x n');
  const { data: available } = expandToShape(numSynapsesAvailable ?? 64, [size], 'numSynapsesAvailable')!;
  const wrong = available.find((count) => !Number.isSafeInteger(count) || count < 0);
  if (wrong !== undefined) throw rangeError('numSynapsesAvailable', 'integers of 0 or more', wrong);
  const out = new Float64Array(size * size);
  native.quantizeWeightsForCores(matrix.data, size, available, checkBoolean(useDense, 'useDense'), out);
  return new NdArray(out, [size, size]);
}

/** `base * round(w / base)` with `base = (max w - min w) / (levels - 1)`, into `out`. When all weights are equal, `out` stays as it is. */
export function discretizeInto(weights: Matrix, levels: number, out: Matrix): void {
  if (out.data.length !== weights.data.length)
    throw shapeError('out', `${weights.data.length} numbers`, `${out.data.length} of them`);
  native.discretizeWeights(weights.data, levels, out.data);
}

/** Reads the option `discretize`: -1 for none, or the number of levels. */
export function readLevels(value: unknown): number {
  const levels = checkInteger(value, 'discretize', { min: -1, max: 2 ** 31 });
  if (levels !== -1 && levels < 2) throw rangeError('discretize', '-1 for none, or 2 or more', levels);
  return levels;
}
