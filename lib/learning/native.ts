/** Native functions of ridge regression. */
import type { NativeJob, NativeProgress } from '../native.js';

/** A native accumulator. */
export type RidgeHandle = object & { readonly __ridge: never };

/** What the core answers when it has solved. */
export interface RidgeSolution {
  /** F x O, row-major. */
  weights: Float64Array;
  /** O elements, none without biases. */
  bias: Float64Array;
  mse: Float64Array;
  condition: number;
  rank: number;
  method: 'cholesky' | 'ldlt' | 'orthogonal';
}

export interface NativeRidge {
  ridgeNew(
    numFeatures: number,
    numOutputs: number,
    trainBiases: boolean,
    standardize: boolean,
    fisher: 0 | 1 | 2,
  ): RidgeHandle;
  /** Adds a batch and, unless `regularize` is undefined, solves. */
  ridgeTrain(
    handle: RidgeHandle,
    x: Float64Array,
    y: Float64Array,
    rows: number,
    regularize: number | undefined,
    regularizeBias: boolean,
  ): RidgeSolution | undefined;
  ridgeTrainAsync(
    handle: RidgeHandle,
    x: Float64Array,
    y: Float64Array,
    rows: number,
    regularize: number | undefined,
    regularizeBias: boolean,
    onProgress: NativeProgress,
  ): NativeJob<RidgeSolution | undefined>;
  ridgeSolve(handle: RidgeHandle, regularize: number, regularizeBias: boolean): RidgeSolution;
  ridgeReset(handle: RidgeHandle): void;
  ridgeRows(handle: RidgeHandle): number;
  ridgeRead(handle: RidgeHandle, what: 'xtx' | 'xty' | 'cxtx' | 'cxty'): Float64Array;
  ridgeRead(handle: RidgeHandle, what: 'mean' | 'sd'): Float64Array | undefined;
  ridgePredict(
    x: Float64Array,
    rows: number,
    features: number,
    weights: Float64Array,
    bias: Float64Array | null,
    outputs: number,
    out: Float64Array,
  ): void;
  ridgeErrors(
    predicted: Float64Array,
    target: Float64Array,
    rows: number,
    outputs: number,
    labels: boolean,
    out: Float64Array,
  ): void;
  /** The number of NaN, the first positions in `found`. */
  findNan(values: Float64Array, found: Uint32Array): number;
  /** NaN become 0; returns how many there were. */
  zeroNan(values: Float64Array): number;
}
