/** Random matrices of integer weights, within the limits of digital hardware. */
import type { Matrix, NdArray } from '../array.js';
import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptions, rangeError } from '../check.js';
import { native } from '../binding.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import { type Counts, countsOf, type Dense, seedOf, type Sparse, weightsOf } from './common.js';
import {
  type Choice,
  conformNames,
  type ConformOptions,
  checkShare,
  drawConforming,
  drawInputs,
  inputLimits,
  inputPlaces,
  integers,
  oriented,
  readMatrixShape,
  readSize,
} from './conform.js';

/** The integers that weights may be. */
export interface DigitalWeights {
  /** Bits of a weight, from 2 to 16. Default 4. */
  bitResolution?: number;
  /**
   * `twosComplement`: excitatory from 1 to (2^(bits - 1) - 1) u, inhibitory from -2^(bits - 1) u to -1, with u the part of the range that is
   * used; `legacy`, as the original has it: from 1 to h - 1 and -h to -1, h = 2^(bits / 2) u. Default `twosComplement`.
   */
  range?: 'twosComplement' | 'legacy';
}

/** Options of {@link digital}. */
export interface DigitalOptions extends ConformOptions, DigitalWeights {
  /** Part of the range that is used, greater than 0 and at most 1. Default 1. */
  useRange?: number;
  /** The weights are multiplied by it at the end. Default null: not. */
  fRescale?: number | null;
}

/** Result of {@link digital}. Sparse counts hold whole numbers. */
export interface DigitalMatrix<W = Matrix, C = NdArray<Int32Array>> {
  weights: W;
  /** Connections behind each weight. */
  counts: C;
  /** What the integers were multiplied by. */
  scale: number;
}

function choices(given: DigitalWeights, useRange: unknown, name: string): [Choice, Choice] {
  const bits = checkInteger(given.bitResolution ?? 4, 'bitResolution', { min: 2, max: 16 });
  const use = checkNumber(useRange ?? 1, name, { positive: true, max: 1 });
  const legacy = checkOneOf(given.range ?? 'twosComplement', 'range', ['twosComplement', 'legacy']) === 'legacy';
  const high = legacy ? Math.trunc(2 ** (bits / 2) * use) - 1 : Math.trunc((2 ** (bits - 1) - 1) * use);
  const low = Math.trunc(legacy ? 2 ** (bits / 2) * use : 2 ** (bits - 1) * use);
  if (high < 1 || low < 1) throw rangeError(name, 'large enough for a weight of each sign', use);
  return [integers(high, 1), integers(low, -1)];
}

const none = new Float64Array(0);

/**
 * A random matrix of integer weights that keeps to limits: at most `maxNumInputs` connections in a column, at most `maxNumOutputs` in a row.
 * Connections between the same two neurons add up.
 *
 * @param shape A number of neurons, or [rows, columns].
 *
 * Draws: stream 0, the order of the columns; stream 1, column j is step j: its weights, their order, the rows.
 */
export function digital(
  shape: number | readonly number[],
  options: DigitalOptions & Sparse,
): DigitalMatrix<SparseMatrix, SparseMatrix>;
export function digital(shape: number | readonly number[], options?: DigitalOptions & Dense): DigitalMatrix;
export function digital(
  shape: number | readonly number[],
  options: DigitalOptions & (Sparse | Dense) = {},
): DigitalMatrix<Matrix | SparseMatrix, Counts> {
  const names = [...conformNames, 'bitResolution', 'range', 'useRange', 'fRescale'];
  const given = checkOptions<typeof options>(options, 'options', names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const size = readMatrixShape(shape, sparse);
  const { recurrent } = inputLimits(given.maxNumInputs, 0);
  const rescale = checkNumber(given.fRescale ?? 1, 'fRescale');
  const pairs = choices(given, given.useRange, 'useRange');
  const { parts, factor } = drawConforming(size, given, recurrent, pairs, none, seedOf(given));
  native.scaleInPlace(parts.data, rescale);
  return {
    weights: weightsOf(size, parts, sparse),
    counts: countsOf(size, parts, sparse),
    scale: factor * rescale,
  };
}

/** Options of {@link inResDigital}. */
export interface InResDigitalOptions extends Omit<ConformOptions, 'ratioExc'>, DigitalWeights {
  /** Share of the neurons that get an input; null: all that have a place. Default 1. */
  inputDensity?: number | null;
  /** Share of excitatory recurrent connections. Default 0.5. */
  ratioExcRec?: number;
  /** Share of excitatory inputs. Default 0.5. */
  ratioExcIn?: number;
  /** Part of the range that recurrent weights use, greater than 0 and at most 1. Default 1. */
  ratioRecIn?: number;
  /** Recurrent connections leave one place at each neuron for an input. Default false. */
  leaveSpaceForInput?: boolean;
  /** `column`: input weights are `size` x 1, as the original has them; `row`: 1 x `size`, as layers take them. Default `column`. */
  orientation?: 'column' | 'row';
  /** Has no effect. */
  verbose?: boolean;
}

/** Result of {@link inResDigital}. */
export interface DigitalReservoir<W = Matrix, C = NdArray<Int32Array>> extends DigitalMatrix<W, C> {
  weightsIn: Matrix;
}

const inputNames = [
  'bitResolution',
  'range',
  'inputDensity',
  'ratioExcRec',
  'ratioExcIn',
  'ratioRecIn',
  'leaveSpaceForInput',
  'orientation',
  'verbose',
];

/**
 * {@link digital} and one external input for the neurons that have a place for it: floor(`inputDensity` * `size`) of them, or all there are. Input
 * weights use the whole range of two's complement and are scaled as the recurrent ones are.
 *
 * Draws: those of {@link digital}; stream 2, input weights; 3, their neurons; 4, channels.
 */
export function inResDigital(
  size: number,
  options: InResDigitalOptions & Sparse,
): DigitalReservoir<SparseMatrix, SparseMatrix>;
export function inResDigital(size: number, options?: InResDigitalOptions & Dense): DigitalReservoir;
export function inResDigital(
  size: number,
  options: InResDigitalOptions & (Sparse | Dense) = {},
): DigitalReservoir<Matrix | SparseMatrix, Counts> {
  const names = [...conformNames.filter((name) => name !== 'ratioExc'), ...inputNames];
  const given = checkOptions<typeof options>(options, 'options', names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = readSize(size, sparse);
  const reserved = checkBoolean(given.leaveSpaceForInput ?? false, 'leaveSpaceForInput') ? 1 : 0;
  const { maxNumInputs, recurrent } = inputLimits(given.maxNumInputs, reserved);
  const ratioExcIn = checkShare(given.ratioExcIn ?? 0.5, 'ratioExcIn');
  const ratioExc = checkShare(given.ratioExcRec ?? 0.5, 'ratioExcRec');
  checkBoolean(given.verbose ?? false, 'verbose');
  const density = given.inputDensity === null ? null : checkNumber(given.inputDensity ?? 1, 'inputDensity', { min: 0 });
  const orientation = checkOneOf(given.orientation ?? 'column', 'orientation', ['column', 'row']);
  const pairs = choices(given, given.ratioRecIn, 'ratioRecIn');
  const whole = choices({ bitResolution: given.bitResolution ?? 4 }, 1, 'ratioRecIn');
  const seed = seedOf(given);
  const { parts, factor } = drawConforming([n, n], { ...given, ratioExc }, recurrent, pairs, none, seed);
  const wanted = density === null ? null : Math.floor(density * n);
  const places = inputPlaces(parts, n, maxNumInputs, 1, wanted, ratioExcIn);
  const row = drawInputs(seed, 1, places, whole, false) as Matrix;
  native.scaleInPlace(row.data, factor);
  return {
    weightsIn: oriented(row, orientation),
    weights: weightsOf([n, n], parts, sparse),
    counts: countsOf([n, n], parts, sparse),
    scale: factor,
  };
}
