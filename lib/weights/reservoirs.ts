/** Reservoirs with inputs, as block matrices. */
import type { Matrix } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkNumber, checkOneOf, rangeError } from '../check.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import {
  checkCount,
  checkEntries,
  checkSize,
  type Dense,
  generate,
  maxDense,
  maxSparse,
  type RandomOptions,
  readArguments,
  roundHalfEven,
  seedOf,
  type Sparse,
} from './common.js';
import { sheetArgs, type TwoDimExcResOptions } from './neighbours.js';

function checkTotal(total: number, sparse: boolean): number {
  const most = sparse ? maxSparse : maxDense;
  if (total > most)
    throw rangeError('the sum of sizes', `at most ${most}${sparse ? '' : ' (more with sparse: true)'}`, total);
  return total;
}

/** Options of {@link inpToRec}. */
export interface InpToRecOptions extends RandomOptions {
  /** Input channels. Default 64. */
  sizeIn?: number;
  /** Neurons. Default 256. */
  sizeRec?: number;
  /** Connections of each neuron that receives input. Default 16. */
  numInpToRec?: number;
  /** Share of the neurons that receive input, from 0 to 1; ignored without `inputSparsityType`. Default 1. */
  inputSparsity?: number;
  /** Which neurons receive input: `random` ones, the `first` ones, or all (null). Default null. */
  inputSparsityType?: 'random' | 'first' | null;
  /** A channel may connect to a neuron more than once. Default true. */
  allowMultiples?: boolean;
}

interface InputArguments {
  number: number;
  multiple: boolean;
  chosen: number;
  random: boolean;
}

function inputArguments(given: Partial<InpToRecOptions>, sizeIn: number, sizeRec: number): InputArguments {
  const number = checkCount(given.numInpToRec ?? 16, 'numInpToRec');
  const sparsity = checkNumber(given.inputSparsity ?? 1, 'inputSparsity', { min: 0, max: 1 });
  const type =
    given.inputSparsityType === undefined || given.inputSparsityType === null
      ? null
      : checkOneOf(given.inputSparsityType, 'inputSparsityType', ['random', 'first']);
  const multiple = checkBoolean(given.allowMultiples ?? true, 'allowMultiples');
  if (number > 0 && (sizeIn === 0 || (!multiple && number > sizeIn)))
    throw rangeError('numInpToRec', `at most the number of input channels, ${sizeIn}`, number);
  const chosen = type === null ? sizeRec : roundHalfEven(sparsity * sizeRec);
  return { number, multiple, chosen, random: type === 'random' };
}

const projectionNames = ['numInpToRec', 'inputSparsity', 'inputSparsityType', 'allowMultiples'];

/**
 * Random connections from inputs to neurons, `sizeIn` x `sizeRec`: numbers of connections.
 *
 * Draws: stream 0, neuron j is step j; stream 1, which neurons receive input.
 */
export function inpToRec(sizeIn: number, sizeRec: number, options: InpToRecOptions & Sparse): SparseMatrix;
export function inpToRec(options: InpToRecOptions & Sparse): SparseMatrix;
export function inpToRec(sizeIn?: number, sizeRec?: number, options?: InpToRecOptions & Dense): Matrix;
export function inpToRec(options?: InpToRecOptions & Dense): Matrix;
export function inpToRec(...args: unknown[]): Matrix | SparseMatrix {
  const names = [...projectionNames, 'seed', 'rng', 'sparse'];
  const given = readArguments<InpToRecOptions & (Sparse | Dense)>(args, ['sizeIn', 'sizeRec'], names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const sizeIn = checkSize(given.sizeIn ?? 64, 'sizeIn', sparse);
  const sizeRec = checkSize(given.sizeRec ?? 256, 'sizeRec', sparse);
  const { number, multiple, chosen, random } = inputArguments(given, sizeIn, sizeRec);
  checkEntries(chosen * number, 'sizeRec * numInpToRec', sparse);
  const seed = seedOf(given);
  return generate([sizeIn, sizeRec], sparse, (out) =>
    native.inputProjection(seed, sizeIn, sizeRec, number, multiple, chosen, random, out),
  );
}

/** Options of {@link ringReservoir}. */
export interface RingReservoirOptions extends RandomOptions {
  /** Input channels. Default 64. */
  sizeIn?: number;
  /** Neurons. Default 256. */
  sizeRec?: number;
  /** Input connections of each neuron. Default 16. */
  numInpToRec?: number;
}

/**
 * A delay ring: neuron k + 1 projects to neuron k and the first one to the last; every neuron has `numInpToRec` connections of weight 1 or
 * -1 from random inputs, which add up. The inputs come first: `sizeIn` + `sizeRec` rows and columns.
 *
 * Draws: stream 0, neuron j is step j: channel and sign of each connection.
 */
export function ringReservoir(sizeIn: number, sizeRec: number, options: RingReservoirOptions & Sparse): SparseMatrix;
export function ringReservoir(options: RingReservoirOptions & Sparse): SparseMatrix;
export function ringReservoir(sizeIn?: number, sizeRec?: number, options?: RingReservoirOptions & Dense): Matrix;
export function ringReservoir(options?: RingReservoirOptions & Dense): Matrix;
export function ringReservoir(...args: unknown[]): Matrix | SparseMatrix {
  const names = ['numInpToRec', 'seed', 'rng', 'sparse'];
  const given = readArguments<RingReservoirOptions & (Sparse | Dense)>(args, ['sizeIn', 'sizeRec'], names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const sizeIn = checkSize(given.sizeIn ?? 64, 'sizeIn', sparse, 0);
  const sizeRec = checkSize(given.sizeRec ?? 256, 'sizeRec', sparse);
  const size = checkTotal(sizeIn + sizeRec, sparse);
  const { number } = inputArguments(given, sizeIn, sizeRec);
  checkEntries(sizeRec * (number + 1), 'sizeRec * numInpToRec', sparse);
  const seed = seedOf(given);
  return generate([size, size], sparse, (out) => native.ringReservoir(seed, sizeIn, sizeRec, number, out));
}

/** Options of {@link partitioned2dReservoir}. */
export interface Partitioned2dReservoirOptions extends RandomOptions {
  /** Input channels. Default 64. */
  sizeIn?: number;
  /** Neurons on the sheet. Default 256. */
  sizeRec?: number;
  /** Inhibitory neurons; 0 for none. Default 64. */
  sizeInhib?: number;
  /** Most connections that a neuron may receive; null for any number. Default 64. */
  maxFanin?: number | null;
  /** Connections of each neuron of the sheet from the inputs. Default 16. */
  numInpToRec?: number;
  /** Connections of each inhibitory neuron from the sheet. Default 64. */
  numRecToInhib?: number;
  /** Connections of each neuron of the sheet from the inhibitory ones. Default 16. */
  numInhibToRec?: number;
  /** Connections of each neuron of the sheet from its neighbours. Default 24. */
  numRecShort?: number;
  /** Connections of each neuron of the sheet from any other on it. Default 8. */
  numRecLong?: number;
  /** Widths of the neighbourhood, see {@link twoDimExcRes}. Default [16, 16]. */
  widthNeighbour?: number | readonly number[];
  /** Share of the neurons that receive input, from 0 to 1; ignored without `inputSparsityType`. Default 1. */
  inputSparsity?: number;
  /** Which neurons receive input: `random` ones, the `first` ones, or all (null). Default null. */
  inputSparsityType?: 'random' | 'first' | null;
}

const partitionPositions = [
  'sizeIn',
  'sizeRec',
  'sizeInhib',
  'maxFanin',
  'numInpToRec',
  'numRecToInhib',
  'numInhibToRec',
  'numRecShort',
  'numRecLong',
  'widthNeighbour',
  'inputSparsity',
  'inputSparsityType',
];

function checkFanIn(most: number | null, numbers: Record<string, number>): void {
  if (most === null) return;
  const total = Object.values(numbers).reduce((a, b) => a + b, 0);
  if (total > most) throw rangeError(Object.keys(numbers).join(' + '), `at most maxFanin, ${most}`, total);
}

/**
 * Inputs, a sheet of excitatory neurons with near and far connections, and a pool of inhibitory neurons, as one matrix of
 * `sizeIn` + `sizeRec` + `sizeInhib` rows and columns in this order. Elements are numbers of connections, negative for inhibitory ones.
 *
 * Draws, in each case neuron j is step j: stream 0, inputs to the sheet; 1, neighbours; 2, long range; 3, sheet to pool; 4, pool to sheet;
 * 5, which neurons receive input.
 */
export function partitioned2dReservoir(options: Partitioned2dReservoirOptions & Sparse): SparseMatrix;
export function partitioned2dReservoir(options?: Partitioned2dReservoirOptions & Dense): Matrix;
export function partitioned2dReservoir(
  sizeIn: number,
  sizeRec: number,
  sizeInhib: number,
  options: Partitioned2dReservoirOptions & Sparse,
): SparseMatrix;
export function partitioned2dReservoir(
  sizeIn: number,
  sizeRec?: number,
  sizeInhib?: number,
  options?: Partitioned2dReservoirOptions & Dense,
): Matrix;
export function partitioned2dReservoir(...args: unknown[]): Matrix | SparseMatrix {
  type Given = Partitioned2dReservoirOptions & TwoDimExcResOptions & (Sparse | Dense);
  const given = readArguments<Given>(args, partitionPositions, ['seed', 'rng', 'sparse']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const sizeIn = checkSize(given.sizeIn ?? 64, 'sizeIn', sparse, 0);
  const sizeRec = checkSize(given.sizeRec ?? 256, 'sizeRec', sparse);
  const sizeInhib = checkSize(given.sizeInhib ?? 64, 'sizeInhib', sparse, 0);
  const size = checkTotal(sizeIn + sizeRec + sizeInhib, sparse);
  const input = inputArguments({ ...given, ...(sizeIn === 0 ? { numInpToRec: 0 } : {}) }, sizeIn, sizeRec);
  const numRecToInhib = checkCount(given.numRecToInhib ?? 64, 'numRecToInhib');
  const numInhibToRec = checkCount(given.numInhibToRec ?? 16, 'numInhibToRec');
  const numRecShort = checkCount(given.numRecShort ?? 24, 'numRecShort');
  const numRecLong = checkCount(given.numRecLong ?? 8, 'numRecLong');
  const names = { number: 'numRecShort', size: 'sizeRec' };
  const sheet = sheetArgs(sizeRec, numRecShort, given.widthNeighbour ?? [16, 16], {}, names);
  if (numRecLong > 0 && sizeRec < 2) throw rangeError('numRecLong', '0 for a single neuron', numRecLong);
  const most = given.maxFanin === null ? null : checkCount(given.maxFanin ?? 64, 'maxFanin');
  checkFanIn(most, { numInpToRec: input.number, numRecShort, numRecLong, numInhibToRec });
  checkFanIn(most, { numRecToInhib });
  const perNeuron = input.number + numRecShort + numRecLong + numInhibToRec;
  checkEntries(sizeRec * perNeuron + sizeInhib * numRecToInhib, 'the number of connections', sparse);
  const seed = seedOf(given);
  return generate([size, size], sparse, (out) =>
    native.partitionedSheet(
      seed,
      sizeIn,
      sizeInhib,
      input.number,
      input.chosen,
      input.random,
      numRecLong,
      numRecToInhib,
      numInhibToRec,
      ...sheet,
      out,
    ),
  );
}
