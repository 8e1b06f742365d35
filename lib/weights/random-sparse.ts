/** Sparse random matrices. */
import type { Matrix } from '../array.js';
import { toNdArray, shapeText, type ArrayLike_ as ArrayInput } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOptions, shapeError } from '../check.js';
import type { SparseMatrix } from '../synapses/sparse-matrix.js';
import {
  checkCount,
  checkEntries,
  checkSize,
  type Dense,
  generate,
  maxSparse,
  type RandomOptions,
  readArguments,
  seedOf,
  type Sparse,
  suppliedWeights,
  type WeightFct,
} from './common.js';
import { scaleCsr, scaleDense } from './spectrum.js';
import type { SparseParts } from './native.js';

/** Options of {@link rndmSparseEiNet}. */
export interface RndmSparseEiNetOptions extends RandomOptions {
  /** Share of the elements that are set; clipped to [0, 1]. Default 1. */
  connectivity?: number;
  /** Supplies the magnitudes of the elements that are set, for the shape [number of them]. Default: uniform on (0, 1). */
  weightFct?: WeightFct;
  /** Inhibitory are the last rows; otherwise random elements. Default false. */
  partitioned?: boolean;
  /** Share of excitatory rows (of excitatory elements when not `partitioned`); clipped to [0, 1]. Default 0.5. */
  ratioExc?: number;
  /** Inhibitory elements are multiplied by -`scaleInh`. Default 1. */
  scaleInh?: number;
  /** Spectral radius of the result; null leaves the weights as they are drawn. Default 0.95. */
  normalization?: number | null;
}

const clip = (x: number): number => Math.min(Math.max(x, 0), 1);

/**
 * A random matrix, `resSize` x `resSize`, of which a share of the elements is set, excitatory or inhibitory, scaled to a spectral
 * radius. Exactly floor(`connectivity` * `resSize`^2) elements are set; neurons may connect to themselves.
 *
 * Draws: stream 0, values; stream 1, places (Fisher-Yates over all elements, row by row).
 */
export function rndmSparseEiNet(resSize: number, options: RndmSparseEiNetOptions & Sparse): SparseMatrix;
export function rndmSparseEiNet(resSize: number, options?: RndmSparseEiNetOptions & Dense): Matrix;
export function rndmSparseEiNet(
  resSize: number,
  options: RndmSparseEiNetOptions & (Sparse | Dense) = {},
): Matrix | SparseMatrix {
  const names = ['connectivity', 'weightFct', 'partitioned', 'ratioExc', 'scaleInh', 'normalization'];
  const given = checkOptions<typeof options>(options, 'options', [...names, 'seed', 'rng', 'sparse']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = checkSize(resSize, 'resSize', sparse);
  const connectivity = clip(checkNumber(given.connectivity ?? 1, 'connectivity'));
  const ratio = clip(checkNumber(given.ratioExc ?? 0.5, 'ratioExc'));
  const partitioned = checkBoolean(given.partitioned ?? false, 'partitioned');
  const scaleInh = checkNumber(given.scaleInh ?? 1, 'scaleInh');
  const target = given.normalization === undefined ? 0.95 : given.normalization;
  if (target !== null) checkNumber(target, 'normalization', { positive: true });
  const entries = Math.floor(connectivity * (n * n));
  checkEntries(entries, 'connectivity * resSize^2', sparse);
  const seed = seedOf(given);
  const values = given.weightFct && entries > 0 ? suppliedWeights(given.weightFct, [entries]) : undefined;
  const negative = partitioned ? 0 : Math.floor(entries * (1 - ratio));
  const firstInhibitory = partitioned ? Math.floor(n * ratio) : n;
  const run = (out?: Float64Array): SparseParts | undefined => {
    const parts = native.sparseEi(seed, n, entries, negative, firstInhibitory, scaleInh, values, out);
    if (target === null) return parts;
    if (out) scaleDense(out, n, target);
    if (parts) scaleCsr([n, n, parts.indptr, parts.indices, parts.data], target);
    return parts;
  };
  return generate([n, n], sparse, run);
}

/** Options of {@link iafSparseNet}. */
export interface IafSparseNetOptions extends RandomOptions {
  /** Mean of the weights. Default -0.0045 / (`density` * `resSize`). */
  mean?: number | null;
  /** Standard deviation of the weights. Default 0.0055 / sqrt(`density`). */
  std?: number | null;
  /** Share of the neurons that each neuron projects to, from 0 to 1. Default 1. */
  density?: number;
}

/**
 * A random recurrent matrix for layers of integrate-and-fire neurons, `resSize` x `resSize` (default 100): each neuron projects to
 * exactly floor(`density` * `resSize`) neurons, itself perhaps among them, with normal weights.
 *
 * Draws: row i is step i; stream 0, targets; stream 1, weights.
 */
export function iafSparseNet(resSize: number | undefined, options: IafSparseNetOptions & Sparse): SparseMatrix;
export function iafSparseNet(options: { resSize?: number } & IafSparseNetOptions & Sparse): SparseMatrix;
export function iafSparseNet(resSize?: number, options?: IafSparseNetOptions & Dense): Matrix;
export function iafSparseNet(options: { resSize?: number } & IafSparseNetOptions & Dense): Matrix;
export function iafSparseNet(...args: unknown[]): Matrix | SparseMatrix {
  type Given = { resSize: number } & IafSparseNetOptions & (Sparse | Dense);
  const given = readArguments<Given>(args, ['resSize'], ['mean', 'std', 'density', 'seed', 'rng', 'sparse']);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const n = checkSize(given.resSize ?? 100, 'resSize', sparse);
  const density = checkNumber(given.density ?? 1, 'density', { min: 0, max: 1 });
  const mean = checkNumber(given.mean ?? (density === 0 ? 0 : -0.0045 / (density * n)), 'mean');
  const std = checkNumber(given.std ?? (density === 0 ? 0 : 0.0055 / Math.sqrt(density)), 'std', { min: 0 });
  const connections = Math.floor(density * n);
  checkEntries(n * connections, 'floor(density * resSize) * resSize', sparse);
  const seed = seedOf(given);
  return generate([n, n], sparse, (out) => native.normalRows(seed, n, connections, mean, std, out));
}

/** Options of {@link genSparsePartitionedNetwork}. */
export interface GenSparsePartitionedNetworkOptions extends RandomOptions {
  /** Sources of each neuron within its own partition. Default 0. */
  numInternalInputs?: number;
  /** Sources of each neuron in the other partitions. Default 0. */
  numBetweenInputs?: number;
  /** A neuron may be its own source. Default true. */
  allowSelf?: boolean;
}

/** Result of {@link genSparsePartitionedNetwork}. */
export interface PartitionedNetwork<W = Matrix> {
  /** 1 where neurons are connected. */
  weights: W;
  /** For each neuron its number and its sources: first those within the partition, as they were drawn. */
  connections: [neuron: number, sources: Int32Array][];
}

/**
 * A network of partitions with the given sizes, one after the other: each neuron has distinct sources in its own partition and in the
 * others; all of them where there are fewer than asked for.
 *
 * Draws: neuron j is step j; stream 0, sources in its own partition; stream 1, in the others.
 */
export function genSparsePartitionedNetwork(
  partitionSizes: ArrayInput,
  options: GenSparsePartitionedNetworkOptions & Sparse,
): PartitionedNetwork<SparseMatrix>;
export function genSparsePartitionedNetwork(
  partitionSizes: ArrayInput,
  options?: GenSparsePartitionedNetworkOptions & Dense,
): PartitionedNetwork;
export function genSparsePartitionedNetwork(
  partitionSizes: ArrayInput,
  options: GenSparsePartitionedNetworkOptions & (Sparse | Dense) = {},
): PartitionedNetwork<Matrix | SparseMatrix> {
  const names = ['numInternalInputs', 'numBetweenInputs', 'allowSelf', 'seed', 'rng', 'sparse'];
  const given = checkOptions<typeof options>(options, 'options', names);
  const sparse = checkBoolean(given.sparse ?? false, 'sparse');
  const sizes = toNdArray(partitionSizes, 'partitionSizes', 'float64');
  if (sizes.ndim !== 1 || sizes.size === 0)
    throw shapeError('partitionSizes', 'a list of sizes', shapeText(sizes.shape));
  const list = Array.from(sizes.data, (size, i) =>
    checkInteger(size, `partitionSizes[${i}]`, { min: 1, max: maxSparse }),
  );
  const n = checkSize(
    list.reduce((a, b) => a + b, 0),
    'the sum of partitionSizes',
    sparse,
  );
  const inside = checkCount(given.numInternalInputs ?? 0, 'numInternalInputs');
  const between = checkCount(given.numBetweenInputs ?? 0, 'numBetweenInputs');
  const allowSelf = checkBoolean(given.allowSelf ?? true, 'allowSelf');
  const entries = list.reduce((total, m) => total + m * (Math.min(inside, m) + Math.min(between, n - m)), 0);
  checkEntries(entries, 'the number of connections', sparse);
  const seed = seedOf(given);
  let found: { indptr: Float64Array; sources: Int32Array } | undefined;
  const weights = generate([n, n], sparse, (out) => {
    const made = native.partitionNetwork(seed, Int32Array.from(list), n, inside, between, allowSelf, out);
    found = made;
    return made.weights;
  });
  const { indptr, sources } = found as unknown as { indptr: Float64Array; sources: Int32Array };
  const connections = Array.from({ length: n }, (_, j): [number, Int32Array] => [
    j,
    sources.slice(indptr[j], indptr[j + 1]),
  ]);
  return { weights, connections };
}
