/** Native functions of ridge regression. */
import type { RegressorRowsHandle } from '../layers/exp-syn/native.js';
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
  /** Errors of the batch, when it was to be evaluated. */
  batchMse?: Float64Array;
  /** Rows x O: what the solution makes of the batch, when it was asked for. */
  predicted?: Float64Array;
}

/** X of a batch: rows x F, or rows that are made as they are needed. */
export type RidgeInput = Float64Array | RegressorRowsHandle;

/** Of a batch after solving: nothing, its errors, its errors and its prediction. */
export type RidgeEvaluation = 0 | 1 | 2;

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
    x: RidgeInput,
    y: Float64Array,
    rows: number,
    regularize: number | undefined,
    regularizeBias: boolean,
    evaluate: RidgeEvaluation,
  ): RidgeSolution | undefined;
  ridgeTrainAsync(
    handle: RidgeHandle,
    x: RidgeInput,
    y: Float64Array,
    rows: number,
    regularize: number | undefined,
    regularizeBias: boolean,
    evaluate: RidgeEvaluation,
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
  /** The number of NaN, the first positions in `found`. */
  findNan(values: Float64Array, found: Uint32Array): number;
  /** NaN become 0; returns how many there were. */
  zeroNan(values: Float64Array): number;
}

/** What logistic regression learnt. */
export interface LogisticResult {
  /** F x O, row-major. */
  weights: Float64Array;
  bias: Float64Array;
  /** One number for each pass. */
  crossEntropy: Float64Array;
}

export type LogisticArguments = [
  rows: RegressorRowsHandle,
  y: Float64Array,
  numRows: number,
  weights: Float64Array,
  bias: Float64Array,
  learningRate: number,
  regularize: number,
  /** 0: all rows */
  batchSize: number,
  epochs: number,
  seed: number,
];

export interface NativeLogistic {
  /** Leaves `weights` and `bias` alone. */
  logisticTrain(...args: LogisticArguments): LogisticResult;
  logisticTrainAsync(...args: [...LogisticArguments, onProgress: NativeProgress]): NativeJob<LogisticResult>;
}
