/** Random matrices of few discrete weights, within the limits of a DYNAP-SE board. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../array.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions } from '../check.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import {
  type Counts,
  countsOf,
  type Dense,
  maxSparse,
  type RandomOptions,
  seedOf,
  type Sparse,
  weightsOf,
} from './common.js';
import {
  type Choice,
  type Conforming,
  conformNames,
  type ConformOptions,
  checkShare,
  drawConforming,
  drawInputs,
  inputLimits,
  inputPlaces,
  oriented,
  readChoice,
  readMatrixShape,
  readProbabilities,
  readSize,
} from './conform.js';

/** The weights that connections may have. */
export interface DiscreteWeights {
  /** Magnitudes of excitatory weights. Default [1, 2] (`inResDynapseFlex`: [1, 1]). */
  weightsExc?: ArrayInput;
  /** Magnitudes of inhibitory weights. Default [1, 2] (`inResDynapseFlex`: [1, 1]). */
  weightsInh?: ArrayInput;
}

/** Options of {@link dynapseConform}. */
export interface DynapseConformOptions extends ConformOptions, DiscreteWeights {
  /** Probabilities of the excitatory weights. Default: all equally likely. */
  probsWExc?: ArrayInput;
  /** Probabilities of the inhibitory weights. Default: all equally likely. */
  probsWInh?: ArrayInput;
}

/** Result of {@link dynapseConform}. Sparse counts hold whole numbers. */
export interface ConformingWeights<W = Matrix, C = NdArray<Int32Array>> {
  weights: W;
  /** Connections behind each weight. */
  counts: C;
  /** For each weight that a connection may have (scaled as the weights are), ascending: the connections of that weight. */
  byValue: Map<number, C>;
}

const ascending = (values: Iterable<number>): number[] => [...new Set(values)].sort((a, b) => a - b);

interface Drawn extends Conforming {
  /** The weights before scaling, ascending. */
  distinct: number[];
}

function draw(
  shape: readonly [number, number],
  given: DynapseConformOptions,
  maxNumInputs: number,
  seed: number,
  standard: readonly number[],
): Drawn {
  const exc = readChoice(given.weightsExc ?? standard, given.probsWExc, 1, {
    weights: 'weightsExc',
    probabilities: 'probsWExc',
  });
  const inh = readChoice(given.weightsInh ?? standard, given.probsWInh, -1, {
    weights: 'weightsInh',
    probabilities: 'probsWInh',
  });
  const distinct = ascending([...exc.values, ...inh.values]);
  const drawn = drawConforming(shape, given, maxNumInputs, [exc, inh], Float64Array.from(distinct), seed);
  return { ...drawn, distinct };
}

function result(
  shape: readonly [number, number],
  { parts, byValue, factor, distinct }: Drawn,
  sparse: boolean,
): ConformingWeights<Matrix | SparseMatrix, Counts> {
  return {
    weights: weightsOf(shape, parts, sparse),
    counts: countsOf(shape, parts, sparse),
    byValue: new Map(distinct.map((value, k) => [value * factor, countsOf(shape, byValue[k], sparse)])),
  };
}

/**
 * A random matrix whose connections have few weights and keep to limits: at most `maxNumInputs` connections in a column, at most
 * `maxNumOutputs` in a row. Two neurons may have several connections. A column takes what outputs are left when there are fewer than it
 * should have.
 *
 * @param shape A number of neurons, or [rows, columns].
 *
 * Draws: stream 0, the order of the columns; stream 1, column j is step j: its weights, their order, the rows.
 */
export function dynapseConform(
  shape: number | readonly number[],
  options: DynapseConformOptions & Sparse,
): ConformingWeights<SparseMatrix, SparseMatrix>;
export function dynapseConform(
  shape: number | readonly number[],
  options?: DynapseConformOptions & Dense,
): ConformingWeights;
export function dynapseConform(
  shape: number | readonly number[],
  options: DynapseConformOptions & (Sparse | Dense) = {},
): ConformingWeights<Matrix | SparseMatrix, Counts> {
  const names = [...conformNames, 'weightsExc', 'weightsInh', 'probsWExc', 'probsWInh'];
  const given = checkOptions<typeof options>(options, 'options', names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const size = readMatrixShape(shape, sparse);
  const { recurrent } = inputLimits(given.maxNumInputs, 0);
  return result(size, draw(size, given, recurrent, seedOf(given), [1, 2]), sparse);
}

/** Options that {@link inResDynapse} and {@link inResDynapseFlex} share. */
export interface InResDynapseBaseOptions extends Omit<ConformOptions, 'ratioExc'>, DiscreteWeights, RandomOptions {
  /** Share of the neurons (times `maxFanin`) that get an input; null: all free places. Default 1. */
  inputDensity?: number | null;
  /** Share of excitatory recurrent connections. Default 0.5. */
  ratioExcRec?: number;
  /** Share of excitatory inputs. Default 0.5. */
  ratioExcIn?: number;
  /** Probabilities of the excitatory recurrent weights. Default: all equally likely. */
  probsWExcRec?: ArrayInput;
  /** Probabilities of the inhibitory recurrent weights. Default: all equally likely. */
  probsWInhRec?: ArrayInput;
  /** Probabilities of the two largest excitatory weights, ascending, as inputs. Default [0.5, 0.5]. */
  probsWExcIn?: ArrayInput;
  /** Probabilities of the two smallest inhibitory weights, ascending, as inputs. Default [0.5, 0.5]. */
  probsWInhIn?: ArrayInput;
  /** The same as `probsWExcIn`, under the original's name. */
  tupfProbWExcIn?: ArrayInput;
  /** The same as `probsWInhIn`, under the original's name. */
  tupfProbWInhIn?: ArrayInput;
  /** Has no effect. */
  verbose?: boolean;
}

/** Options of {@link inResDynapse}. */
export interface InResDynapseOptions extends InResDynapseBaseOptions {
  /** Recurrent connections leave one place at each neuron for an input. Default false. */
  leaveSpaceForInput?: boolean;
  /** `column`: input weights are `size` x 1, as the original has them; `row`: 1 x `size`, as layers take them. Default `column`. */
  orientation?: 'column' | 'row';
}

/** Result of {@link inResDynapse} and {@link inResDynapseFlex}. */
export interface ConformingReservoir<W = Matrix, C = NdArray<Int32Array>, I = Matrix> extends ConformingWeights<W, C> {
  weightsIn: I;
}

const baseNames = [
  ...conformNames.filter((name) => name !== 'ratioExc'),
  'weightsExc',
  'weightsInh',
  'inputDensity',
  'ratioExcRec',
  'ratioExcIn',
  'probsWExcRec',
  'probsWInhRec',
  'probsWExcIn',
  'probsWInhIn',
  'tupfProbWExcIn',
  'tupfProbWInhIn',
  'verbose',
  'leaveSpaceForInput',
];

/** Of the scaled values those with a sign, at most two, the strongest ones. */
function inputChoice(
  values: readonly number[],
  sign: 1 | -1,
  probabilities: ArrayInput | undefined,
  name: string,
): Choice {
  const ofSign = values.filter((v) => v * sign > 0);
  const strongest = sign > 0 ? ofSign.slice(-2) : ofSign.slice(0, 2);
  const cumulative = readProbabilities(probabilities ?? [0.5, 0.5], 2, name);
  return { values: Float64Array.from(strongest), cumulative: strongest.length === 2 ? cumulative : undefined };
}

interface Recurrent {
  drawn: Drawn;
  seed: number;
  size: number;
  maxNumInputs: number;
  ratioExcIn: number;
  density: number | null;
  choices: [Choice, Choice];
}

function drawRecurrent(size: number, given: InResDynapseBaseOptions, reserved: number, standard: number[]): Recurrent {
  const { maxNumInputs, recurrent } = inputLimits(given.maxNumInputs, reserved);
  const ratioExcIn = checkShare(given.ratioExcIn ?? 0.5, 'ratioExcIn');
  checkShare(given.ratioExcRec ?? 0.5, 'ratioExcRec');
  checkBoolean(given.verbose ?? false, 'verbose');
  const density = given.inputDensity === null ? null : checkNumber(given.inputDensity ?? 1, 'inputDensity', { min: 0 });
  const seed = seedOf(given);
  const { ratioExcRec: ratioExc, probsWExcRec: probsWExc, probsWInhRec: probsWInh } = given;
  const options = { ...given, ratioExc, probsWExc, probsWInh } as DynapseConformOptions;
  const drawn = draw([size, size], options, recurrent, seed, standard);
  const values = drawn.distinct.map((value) => value * drawn.factor);
  const choices: [Choice, Choice] = [
    inputChoice(values, 1, given.probsWExcIn ?? given.tupfProbWExcIn, 'probsWExcIn'),
    inputChoice(values, -1, given.probsWInhIn ?? given.tupfProbWInhIn, 'probsWInhIn'),
  ];
  return { drawn, seed, size, maxNumInputs, ratioExcIn, density, choices };
}

/**
 * {@link dynapseConform} and one external input for the neurons that have a place for it: floor(`inputDensity` * `size`) of them, or all there
 * are. Excitatory inputs have one of the two largest excitatory weights, inhibitory ones one of the two strongest inhibitory weights.
 *
 * Draws: those of {@link dynapseConform}; stream 2, input weights; 3, their neurons; 4, channels.
 */
export function inResDynapse(
  size: number,
  options: InResDynapseOptions & Sparse,
): ConformingReservoir<SparseMatrix, SparseMatrix>;
export function inResDynapse(size: number, options?: InResDynapseOptions & Dense): ConformingReservoir;
export function inResDynapse(
  size: number,
  options: InResDynapseOptions & (Sparse | Dense) = {},
): ConformingReservoir<Matrix | SparseMatrix, Counts> {
  const given = checkOptions<typeof options>(options, 'options', [...baseNames, 'orientation']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = readSize(size, sparse);
  const reserved = checkBoolean(given.leaveSpaceForInput ?? false, 'leaveSpaceForInput') ? 1 : 0;
  oriented(new NdArray(new Float64Array(1), [1, 1]), given.orientation);
  const { drawn, seed, maxNumInputs, ratioExcIn, density, choices } = drawRecurrent(n, given, reserved, [1, 2]);
  const wanted = density === null ? null : Math.floor(density * n);
  const places = inputPlaces(drawn.parts, n, maxNumInputs, 1, wanted, ratioExcIn);
  const row = drawInputs(seed, 1, places, choices, false) as Matrix;
  return { weightsIn: oriented(row, given.orientation), ...result([n, n], drawn, sparse) };
}

/** Options of {@link inResDynapseFlex}. */
export interface InResDynapseFlexOptions extends InResDynapseBaseOptions {
  /** Input channels. Default null: as many as neurons. */
  sizeIn?: number | null;
  /** Places for inputs at each neuron. Default 1. */
  maxFanin?: number;
  /** Recurrent connections leave `maxFanin` places at each neuron for inputs. Default true. */
  leaveSpaceForInput?: boolean;
}

/**
 * {@link dynapseConform} and inputs from `sizeIn` channels: floor(`inputDensity` * `size` * `maxFanin`) of them on random free places, or on all
 * there are, from random channels. Inputs from the same channel to the same neuron add up. Excitatory inputs have excitatory weights, inhibitory
 * ones inhibitory weights.
 *
 * Draws: those of {@link dynapseConform}; stream 2, input weights; 3, their places; 4, channels.
 */
export function inResDynapseFlex(
  size: number,
  options: InResDynapseFlexOptions & Sparse,
): ConformingReservoir<SparseMatrix, SparseMatrix, SparseMatrix>;
export function inResDynapseFlex(size: number, options?: InResDynapseFlexOptions & Dense): ConformingReservoir;
export function inResDynapseFlex(
  size: number,
  options: InResDynapseFlexOptions & (Sparse | Dense) = {},
): ConformingReservoir<Matrix | SparseMatrix, Counts, Matrix | SparseMatrix> {
  const given = checkOptions<typeof options>(options, 'options', [...baseNames, 'sizeIn', 'maxFanin']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = readSize(size, sparse);
  const channels = checkInteger(given.sizeIn ?? n, 'sizeIn', { min: 1, max: sparse ? maxSparse : 32768 });
  const fanin = checkInteger(given.maxFanin ?? 1, 'maxFanin', { min: 0, max: 2 ** 31 - 1 });
  const reserved = checkBoolean(given.leaveSpaceForInput ?? true, 'leaveSpaceForInput') ? fanin : 0;
  const { drawn, seed, maxNumInputs, ratioExcIn, density, choices } = drawRecurrent(n, given, reserved, [1, 1]);
  const wanted = density === null ? null : Math.floor(density * n * fanin);
  const places = inputPlaces(drawn.parts, n, maxNumInputs, 2 ** 31 - 1, wanted, ratioExcIn);
  const weightsIn = drawInputs(seed, channels, places, choices, sparse);
  return { weightsIn, ...result([n, n], drawn, sparse) };
}
