/** What the generators for neuromorphic hardware share. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, checkOneOf, rangeError, shapeError } from '../check.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import { warn } from '../warnings.js';
import {
  checkCount,
  checkEntries,
  checkSize,
  generate,
  maxSparse,
  type RandomOptions,
  roundHalfEven,
} from './common.js';
import type { SparseParts } from './native.js';
import { scaleCsr } from './spectrum.js';

/** Limits of the hardware and what fills them. */
export interface ConformOptions extends RandomOptions {
  /** Share of the rows that each column has connections from. Default null: as many as `maxNumInputs` allows. */
  connectivity?: number | null;
  /** Share of excitatory connections, from 0 to 1. Default 0.5. */
  ratioExc?: number;
  /** Most connections in a column. Default 64. */
  maxNumInputs?: number;
  /** Most connections in a row. Default 1024. */
  maxNumOutputs?: number;
  /** Spectral radius to scale to (largest singular value of a matrix that is not square). Default null: not scaled. */
  normalization?: number | null;
}

/** Names of the options in {@link ConformOptions}. */
export const conformNames = [
  'connectivity',
  'ratioExc',
  'maxNumInputs',
  'maxNumOutputs',
  'normalization',
  'seed',
  'rng',
  'sparse',
];

/** Weights to choose from, with their probabilities; without them all are equally likely. */
export interface Choice {
  values: Float64Array;
  cumulative: Float64Array | undefined;
}

/** n, [n] or [rows, columns]. */
export function readMatrixShape(shape: unknown, sparse: boolean): [number, number] {
  if (typeof shape === 'number') shape = [shape];
  const { data, ndim, shape: dims } = toNdArray(shape, 'shape', 'float64');
  if (ndim !== 1 || data.length < 1 || data.length > 2)
    throw shapeError('shape', 'one or two integers', shapeText(dims));
  const [rows, columns = rows] = Array.from(data, (n, i) => checkSize(n, `shape[${i}]`, sparse));
  return [rows, columns];
}

export function checkShare(value: unknown, name: string): number {
  return checkNumber(value, name, { min: 0, max: 1 });
}

/** A list of weights as magnitudes of one sign, with their probabilities. */
export function readChoice(
  weights: ArrayInput,
  probabilities: ArrayInput | undefined,
  sign: 1 | -1,
  names: { weights: string; probabilities: string },
): Choice {
  const { data, ndim, shape } = toNdArray(weights, names.weights, 'float64');
  if (ndim > 1 || data.length === 0) throw shapeError(names.weights, 'a list of weights', shapeText(shape));
  const values = Float64Array.from(data, (w) => sign * Math.abs(checkNumber(w, names.weights)));
  if (probabilities === undefined && values.length !== 2) return { values, cumulative: undefined };
  return { values, cumulative: readProbabilities(probabilities ?? [0.5, 0.5], values.length, names.probabilities) };
}

/** Probabilities, which must sum to 1, as running sums. */
export function readProbabilities(probabilities: ArrayInput, count: number, name: string): Float64Array {
  const { data, shape } = toNdArray(probabilities, name, 'float64');
  if (data.length !== count) throw shapeError(name, `${count} numbers, one for each weight`, shapeText(shape));
  let sum = 0;
  const cumulative = Float64Array.from(data, (p) => (sum += checkShare(p, name)));
  if (!(Math.abs(sum - 1) <= 1e-8)) throw rangeError(`the sum of ${name}`, '1', sum);
  return cumulative.map((c) => c / sum);
}

/** Whole numbers from 1 to `most`, or from -1 to -`most`, equally likely. */
export function integers(most: number, sign: 1 | -1): Choice {
  return { values: Float64Array.from({ length: most }, (_, i) => sign * (i + 1)), cumulative: undefined };
}

/** How many connections each column gets, excitatory and inhibitory. */
export function inputNumbers(
  given: ConformOptions,
  rows: number,
  maxNumInputs: number,
): { excitatory: number; inhibitory: number } {
  const ratio = checkShare(given.ratioExc ?? 0.5, 'ratioExc');
  let inputs = Math.min(maxNumInputs, rows);
  if (given.connectivity !== undefined && given.connectivity !== null) {
    const connectivity = checkNumber(given.connectivity, 'connectivity', { min: 0 });
    inputs = Math.floor(connectivity * rows);
    if (inputs > maxNumInputs) {
      const most = maxNumInputs / rows;
      throw rangeError('connectivity', `at most ${most} with ${rows} rows and ${maxNumInputs} inputs`, connectivity);
    }
  }
  const excitatory = roundHalfEven(inputs * ratio);
  return { excitatory, inhibitory: inputs - excitatory };
}

/** Connections within the limits, and the factor that they were scaled by. */
export interface Conforming {
  parts: SparseParts;
  byValue: SparseParts[];
  factor: number;
}

/** Draws connections; `distinct` are the values that are to be counted apart. */
export function drawConforming(
  shape: readonly [number, number],
  given: ConformOptions,
  maxNumInputs: number,
  [exc, inh]: readonly [Choice, Choice],
  distinct: Float64Array,
  seed: number,
): Conforming {
  const { excitatory, inhibitory } = inputNumbers(given, shape[0], maxNumInputs);
  checkEntries((excitatory + inhibitory) * shape[1], 'the number of connections', true);
  const maxNumOutputs = checkCount(given.maxNumOutputs ?? 1024, 'maxNumOutputs');
  const target = given.normalization ?? null;
  if (target !== null) checkNumber(target, 'normalization', { positive: true });
  const { byValue, ...parts } = native.conform(
    seed,
    ...shape,
    excitatory,
    inhibitory,
    maxNumOutputs,
    exc.values,
    exc.cumulative,
    inh.values,
    inh.cumulative,
    distinct,
  );
  const factor = target === null ? 1 : scaleCsr([...shape, parts.indptr, parts.indices, parts.data], target);
  return { parts, byValue, factor };
}

/** What input weights are drawn for. */
export interface InputPlaces {
  /** Places of each neuron. */
  free: Int32Array;
  /** Inputs to be assigned. */
  number: number;
  excitatory: number;
}

/** Places that a recurrent matrix leaves for inputs, `most` for each neuron, and how many of them are used. */
export function inputPlaces(
  parts: SparseParts,
  size: number,
  maxNumInputs: number,
  most: number,
  wanted: number | null,
  ratioExcIn: number,
): InputPlaces {
  const sums = new Int32Array(size);
  native.columnCounts(parts.indices, parts.counts, sums);
  const free = new Int32Array(size);
  const total = native.freePlaces(sums, maxNumInputs, most, free);
  const number = wanted === null ? total : Math.min(total, wanted);
  return { free, number, excitatory: Math.floor(number * ratioExcIn) };
}

/** The most connections of a column, and those that stay for recurrent ones when `reserved` are kept free. */
export function inputLimits(value: unknown, reserved: number): { maxNumInputs: number; recurrent: number } {
  const maxNumInputs = checkCount(value ?? 64, 'maxNumInputs');
  if (reserved > maxNumInputs)
    throw rangeError('maxNumInputs', `at least the ${reserved} that inputs take`, maxNumInputs);
  return { maxNumInputs, recurrent: maxNumInputs - reserved };
}

/** A number of neurons of a recurrent matrix. */
export function readSize(size: unknown, sparse: boolean): number {
  return checkSize(checkInteger(size, 'size', { min: 1, max: maxSparse }), 'size', sparse);
}

/** Input weights for the places that are left, with a warning when there are none. */
export function drawInputs(
  seed: number,
  channels: number,
  { free, number, excitatory }: InputPlaces,
  [exc, inh]: readonly [Choice, Choice],
  sparse: boolean,
): Matrix | SparseMatrix {
  if (number === 0)
    warn('NO_INPUT_PLACES', 'no neuron has a place for an input: reduce the connectivity or reserve places for inputs');
  return generate([channels, free.length], sparse, (out) =>
    native.inputWeights(
      seed,
      channels,
      excitatory,
      number - excitatory,
      free,
      exc.values,
      exc.cumulative,
      inh.values,
      inh.cumulative,
      out,
    ),
  );
}

/** One row of inputs as it was asked for. */
export function oriented(row: Matrix, orientation: unknown): Matrix {
  return checkOneOf(orientation ?? 'column', 'orientation', ['column', 'row']) === 'row'
    ? row
    : new NdArray(row.data, [row.size, 1]);
}
