/** Native functions of the weight generators. An absent `out` means compressed rows. */
import type { CsrArgs } from '../synapses/native.js';

/** A matrix in compressed rows as the core makes it. */
export interface SparseParts {
  indptr: Float64Array;
  indices: Int32Array;
  data: Float64Array;
  /** Connections behind each entry. */
  counts: Int32Array;
}

/** What an iteration for the spectral radius found. */
export interface NativeRadius {
  radius: number;
  residual: number;
  products: number;
  converged: boolean;
}

type Out = Float64Array | undefined;
type Made = SparseParts | undefined;
type Choice = [values: Float64Array, cumulative: Float64Array | undefined];
type SheetArgs = [
  size: number,
  rows: number,
  columns: number,
  neighbours: number,
  widthRows: number,
  widthColumns: number,
  multiple: boolean,
  torus: boolean,
];

export interface NativeWeights {
  uniformArray(seed: number, stream: number, low: number, high: number, out: Float64Array): void;
  balanceEi(matrix: Float64Array, numExc: number, numInh: number, ratio: number, redraw: boolean, seed: number): number;
  wilsonCowan(
    nodes: number,
    selfExc: number,
    selfInh: number,
    excSigma: number,
    inhSigma: number,
    draws: Float64Array,
    out: Float64Array,
  ): number;
  combineFfRec(ff: Float64Array, rec: Float64Array, m: number, n: number, out: Float64Array): void;
  combineFfRecSparse(...args: [...CsrArgs, ...CsrArgs]): SparseParts;
  discretiseWeights(
    weights: Float64Array,
    columns: number,
    connections: number,
    inputs: number,
    outputs: number,
    out: Float64Array,
    counts: Int32Array,
  ): void;
  sparseEi(
    seed: number,
    size: number,
    entries: number,
    negative: number,
    firstInhibitoryRow: number,
    scaleInh: number,
    values: Float64Array | undefined,
    out: Out,
  ): Made;
  normalRows(seed: number, size: number, connections: number, mean: number, deviation: number, out: Out): Made;
  partitionNetwork(
    seed: number,
    sizes: Int32Array,
    size: number,
    inside: number,
    between: number,
    allowSelf: boolean,
    out: Out,
  ): { weights: Made; indptr: Float64Array; sources: Int32Array };
  neighbours1d(size: number, reach: number, diagonal: boolean, out: Out): Made;
  neighbours2d(...args: [seed: number, ...sheet: SheetArgs, out: Out]): Made;
  longRange(seed: number, size: number, number: number, avoid: boolean, multiple: boolean, matrix: Float64Array): void;
  longRangeSparse(
    ...args: [seed: number, number: number, avoid: boolean, multiple: boolean, ...matrix: CsrArgs]
  ): SparseParts;
  inputProjection(
    seed: number,
    sources: number,
    receivers: number,
    number: number,
    multiple: boolean,
    chosen: number,
    random: boolean,
    out: Out,
  ): Made;
  ringReservoir(seed: number, sizeIn: number, sizeRec: number, number: number, out: Out): Made;
  partitionedSheet(
    ...args: [
      seed: number,
      inputs: number,
      inhibitory: number,
      inputNumber: number,
      inputReceivers: number,
      randomReceivers: boolean,
      longNumber: number,
      toPoolNumber: number,
      fromPoolNumber: number,
      ...sheet: SheetArgs,
      out: Out,
    ]
  ): Made;
  conform(
    ...args: [
      seed: number,
      rows: number,
      columns: number,
      excitatory: number,
      inhibitory: number,
      maxOutputs: number,
      ...exc: Choice,
      ...inh: Choice,
      distinct: Float64Array,
    ]
  ): SparseParts & { byValue: SparseParts[] };
  /** Sums of the counts of each column. */
  columnCounts(indices: Int32Array, counts: Int32Array, sums: Int32Array): void;
  /** Places that are left of `limit` at each neuron, at most `most`; returns their sum. */
  freePlaces(sums: Int32Array, limit: number, most: number, free: Int32Array): number;
  inputWeights(
    ...args: [
      seed: number,
      channels: number,
      excitatory: number,
      inhibitory: number,
      free: Int32Array,
      ...exc: Choice,
      ...inh: Choice,
      out: Out,
    ]
  ): Made;
  krylovRadius(matrix: Float64Array, n: number, tolerance: number, maxProducts: number): NativeRadius;
  krylovRadiusSparse(...args: [...CsrArgs, tolerance: number, maxProducts: number]): NativeRadius;
  largestSingularValue(...args: [...CsrArgs, tolerance: number, maxProducts: number]): NativeRadius;
  /** Returns how many modes were removed. */
  wipeNonSwitching(
    matrix: Float64Array,
    n: number,
    inhibitory: Int32Array,
    inhTauFactor: number,
    scale: number,
    weights: Float64Array,
    jacobian: Float64Array,
  ): number;
}
