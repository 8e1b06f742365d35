/** Ridge regression over batches. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkInteger, checkNumber, checkOneOf, checkOptions, shapeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { runTask, type TaskOptions, taskOptionNames } from '../task.js';
import { warn } from '../warnings.js';
import type { RidgeEvaluation, RidgeHandle, RidgeInput, RidgeSolution } from './native.js';

/** Options of {@link RidgeRegression}. */
export interface RidgeRegressionOptions {
  /** Weight of the penalty on the size of the coefficients, 0 or more. Default 0. */
  regularize?: number;
  /**
   * Targets are class labels: 1 (true), 0 (false) or -1 (ignored), rounded to integers; samples and targets are weighted such that both
   * classes count the same (Fisher's discriminant). Each output has a system of its own. Default false.
   */
  fisherRelabelling?: boolean;
  /** Scale each feature by mean and population standard deviation of the first batch. Default false. */
  standardize?: boolean;
  /** Fit a constant for each output. Default true. */
  trainBiases?: boolean;
  /** Whether the penalty applies to the biases too. Default true. */
  regularizeBias?: boolean;
  /**
   * `'B'` (default) weighs samples and targets by class; `'A'` relabels the targets only, as the first releases did: one system for all
   * outputs, and no label -1.
   */
  fisherVariant?: 'A' | 'B';
}

/** Options of {@link RidgeRegression.trainBatch}. */
export interface TrainBatchOptions {
  /** Solve for weights and bias after adding the batch. Default false. */
  updateModel?: boolean;
}

/** @inline */
interface Sizes {
  numFeatures: number;
  numOutputs: number;
}

/** @internal A batch, and what to find out about it after solving. */
export interface RidgeBatch {
  x: RidgeInput;
  y: Float64Array;
  rows: number;
  evaluate: RidgeEvaluation;
}

const optionNames = [
  'regularize',
  'fisherRelabelling',
  'standardize',
  'trainBiases',
  'regularizeBias',
  'fisherVariant',
];

/**
 * Linear least squares with an L2 penalty: `Y = X W + b`, fitted by `(xtx + regularize I) [W; b] = xty`.
 *
 * Batches are added to the sums `xtx` and `xty` with compensated (Kahan) summation, so that cutting the data into batches does not
 * matter, and no batch is kept: memory is that of a few matrices of `numFeatures` x `numFeatures`.
 *
 * @example
 * const ridge = new RidgeRegression(3, 1, { regularize: 0.1 });
 * for (const [x, y] of batches) ridge.trainBatch(x, y);
 * ridge.updateModel();
 * const predicted = ridge.predict(x);
 */
export class RidgeRegression {
  /** Columns of X. */
  readonly numFeatures: number;
  /** Columns of Y. */
  readonly numOutputs: number;
  readonly fisherRelabelling: boolean;
  readonly fisherVariant: 'A' | 'B';
  readonly standardize: boolean;
  readonly trainBiases: boolean;
  #regularize: number;
  #regularizeBias: boolean;
  #handle: RidgeHandle | null;
  #busy = false;
  #model: RidgeSolution | null = null;
  #weights: Matrix | null = null;

  /** @throws TypeError, RangeError for sizes below 1, a negative `regularize` or unknown options. */
  constructor(numFeatures: number, numOutputs: number, options?: RidgeRegressionOptions);
  constructor(options: Sizes & RidgeRegressionOptions);
  constructor(first: number | (Sizes & RidgeRegressionOptions), second?: number, third?: RidgeRegressionOptions) {
    const joined = typeof first === 'object' && first !== null && second === undefined;
    const given = joined
      ? first
      : {
          ...checkOptions<RidgeRegressionOptions>(third, 'options', optionNames),
          numFeatures: first,
          numOutputs: second,
        };
    const o = checkOptions<Sizes & RidgeRegressionOptions>(given, 'options', [
      'numFeatures',
      'numOutputs',
      ...optionNames,
    ]);
    this.numFeatures = checkInteger(o.numFeatures, 'numFeatures', { min: 1, max: 2 ** 24 });
    this.numOutputs = checkInteger(o.numOutputs, 'numOutputs', { min: 1, max: 2 ** 24 });
    this.#regularize = checkNumber(o.regularize ?? 0, 'regularize', { min: 0 });
    this.fisherRelabelling = checkBoolean(o.fisherRelabelling ?? false, 'fisherRelabelling');
    this.standardize = checkBoolean(o.standardize ?? false, 'standardize');
    this.trainBiases = checkBoolean(o.trainBiases ?? true, 'trainBiases');
    this.#regularizeBias = checkBoolean(o.regularizeBias ?? true, 'regularizeBias');
    this.fisherVariant = checkOneOf(o.fisherVariant ?? 'B', 'fisherVariant', ['A', 'B']);
    this.#handle = this.#newHandle();
  }

  /** Weight of the penalty. Counts from the next solving on. */
  get regularize(): number {
    return this.#regularize;
  }

  set regularize(value: number) {
    this.#regularize = checkNumber(value, 'regularize', { min: 0 });
  }

  /** Whether the penalty applies to the biases too. */
  get regularizeBias(): boolean {
    return this.#regularizeBias;
  }

  set regularizeBias(value: boolean) {
    this.#regularizeBias = checkBoolean(value, 'regularizeBias');
  }

  /** The coefficients, `numFeatures` x `numOutputs`; null before the first solving. */
  get weights(): Matrix | null {
    return this.#weights;
  }

  /** The constants, `numOutputs` of them; null before the first solving and without `trainBiases`. */
  get bias(): Float64Array | null {
    return this.#model && this.trainBiases ? this.#model.bias : null;
  }

  /**
   * Mean squared error of each output over all the data of the last solving, from the sums; null before. With Fisher relabelling of
   * variant B the mean over both classes of the error to +1 or -1. With `standardize` but without biases, that of the standardised model.
   */
  get mse(): Float64Array | null {
    return this.#model?.mse ?? null;
  }

  /**
   * Estimated condition number (1-norm, features scaled to equal size) of the last system solved, the worst one if there were several;
   * Infinity for a singular one, NaN before. About 16 minus its decimal logarithm digits of the coefficients are right.
   */
  get conditionEstimate(): number {
    return this.#model?.condition ?? NaN;
  }

  /** Rows added since the last reset. */
  get numSamples(): number {
    return native.ridgeRows(this.#idle());
  }

  /** A copy of the sum of X'X: F' x F', F' being `numFeatures`, plus 1 with biases; O x F' x F' with Fisher relabelling of variant B. */
  get xtx(): NdArray<Float64Array> {
    return this.#gram('xtx');
  }

  /** A copy of the sum of X'Y: F' x O. */
  get xty(): Matrix {
    return new NdArray(native.ridgeRead(this.#idle(), 'xty'), [this.#size, this.numOutputs]);
  }

  /** A copy of the compensation terms of {@link xtx}. */
  get kahanCompXtx(): NdArray<Float64Array> {
    return this.#gram('cxtx');
  }

  /** A copy of the compensation terms of {@link xty}. */
  get kahanCompXty(): Matrix {
    return new NdArray(native.ridgeRead(this.#idle(), 'cxty'), [this.#size, this.numOutputs]);
  }

  /** Means of the features in the first batch, 1 x F; null without `standardize` or before the first batch. */
  get inpMean(): Matrix | null {
    return this.#scaling('mean');
  }

  /** Population standard deviations of the features in the first batch (1 for a constant one), 1 x F; null as {@link inpMean}. */
  get inpStd(): Matrix | null {
    return this.#scaling('sd');
  }

  /**
   * Adds a batch: X is rows x `numFeatures`, Y rows x `numOutputs` (a vector, when there is one output). An error changes nothing.
   *
   * @throws RangeError `ERR_SHAPE` for wrong numbers of columns or rows, `ERR_VALUE` for NaN, infinities and wrong labels, with their
   * position. RockpoolError `ERR_BUSY` while training off the event loop, `ERR_STATE` after {@link close}.
   */
  trainBatch(X: ArrayInput, Y: ArrayInput, options?: TrainBatchOptions): void {
    const { updateModel = false } = checkOptions<TrainBatchOptions>(options, 'options', ['updateModel']);
    const regularize = checkBoolean(updateModel, 'updateModel') ? this.#regularize : undefined;
    const handle = this.#idle();
    const { x, y, rows } = this.#readBatch(X, Y);
    this.#take(native.ridgeTrain(handle, x, y, rows, regularize, this.#regularizeBias, 0));
  }

  /** {@link trainBatch} off the event loop. When it is aborted or fails, the batch has not been added. */
  async trainBatchAsync(X: ArrayInput, Y: ArrayInput, options: TrainBatchOptions & TaskOptions = {}): Promise<void> {
    const { updateModel = false, ...task } = checkOptions<TrainBatchOptions & TaskOptions>(options, 'options', [
      'updateModel',
      ...taskOptionNames,
    ]);
    const regularize = checkBoolean(updateModel, 'updateModel') ? this.#regularize : undefined;
    const handle = this.#idle();
    const { x, y, rows } = this.#readBatch(X, Y);
    this.#take(await this.#exclusive(handle, { x, y, rows, evaluate: 0 }, regularize, task));
  }

  /**
   * Solves for weights and bias with the data added so far.
   *
   * A singular system gives the solution of least norm (features scaled to equal size) and the warning `RIDGE_RANK_DEFICIENT`.
   *
   * @throws RockpoolError `ERR_STATE` before the first batch, RangeError `ERR_VALUE` when a class of Fisher's labels is empty.
   */
  updateModel(): void {
    this.#take(native.ridgeSolve(this.#idle(), this.#regularize, this.#regularizeBias));
  }

  /** Fits to this data alone: forgets earlier batches, trains, solves, and forgets the data again. */
  fit(X: ArrayInput, Y: ArrayInput): void {
    const own = this.#idle();
    const { x, y, rows } = this.#readBatch(X, Y);
    this.#checkRows(rows);
    const solution = native.ridgeTrain(this.#newHandle(), x, y, rows, this.#regularize, this.#regularizeBias, 0);
    native.ridgeReset(own);
    this.#take(solution);
  }

  /** {@link fit} off the event loop. When it is aborted or fails, nothing has changed. */
  async fitAsync(X: ArrayInput, Y: ArrayInput, options: TaskOptions = {}): Promise<void> {
    const task = checkOptions<TaskOptions>(options, 'options', taskOptionNames);
    const own = this.#idle();
    const { x, y, rows } = this.#readBatch(X, Y);
    this.#checkRows(rows);
    const solution = await this.#exclusive(this.#newHandle(), { x, y, rows, evaluate: 0 }, this.#regularize, task);
    native.ridgeReset(own);
    this.#take(solution);
  }

  /** `X weights + bias`: rows x `numOutputs`. @throws RockpoolError `ERR_STATE` before the first solving. */
  predict(X: ArrayInput): Matrix {
    if (!this.#model)
      throw new RockpoolError(
        'ERR_STATE',
        'expected the regression to have a model, received a call before updateModel',
      );
    const x = this.#readColumns(X, 'X', this.numFeatures);
    const out = NdArray.zeros([x.length, this.numOutputs]);
    native.ridgePredict(x.data, x.length, this.numFeatures, this.#model.weights, this.bias, this.numOutputs, out.data);
    return out;
  }

  /** Forgets all batches (and the scaling of the first); keeps the model. */
  reset(): void {
    native.ridgeReset(this.#idle());
  }

  /** The same as {@link reset}. */
  initMatrices(): void {
    this.reset();
  }

  /** Frees the sums at once; the model remains. Closing twice is fine. @throws RockpoolError `ERR_BUSY` while training. */
  close(): void {
    if (this.#handle) native.ridgeReset(this.#idle());
    this.#handle = null;
  }

  /** @internal Adds a batch that is known to fit and, with `solve`, solves and evaluates it. */
  _train(batch: RidgeBatch, solve: boolean): RidgeSolution | undefined {
    const { x, y, rows, evaluate } = batch;
    const regularize = solve ? this.#regularize : undefined;
    return this.#take(native.ridgeTrain(this.#idle(), x, y, rows, regularize, this.#regularizeBias, evaluate));
  }

  /** @internal The same off the event loop. */
  async _trainAsync(batch: RidgeBatch, solve: boolean, task: TaskOptions): Promise<RidgeSolution | undefined> {
    return this.#take(await this.#exclusive(this.#idle(), batch, solve ? this.#regularize : undefined, task));
  }

  get #size(): number {
    return this.numFeatures + (this.trainBiases ? 1 : 0);
  }

  #newHandle(): RidgeHandle {
    const fisher = this.fisherRelabelling ? (this.fisherVariant === 'A' ? 1 : 2) : 0;
    return native.ridgeNew(this.numFeatures, this.numOutputs, this.trainBiases, this.standardize, fisher);
  }

  #idle(): RidgeHandle {
    if (this.#busy)
      throw new RockpoolError('ERR_BUSY', 'expected the regression to be idle, received a call while it is training');
    if (!this.#handle)
      throw new RockpoolError('ERR_STATE', 'expected the regression to be open, received a call after close');
    return this.#handle;
  }

  async #exclusive(
    handle: RidgeHandle,
    { x, y, rows, evaluate }: RidgeBatch,
    regularize: number | undefined,
    task: TaskOptions,
  ): Promise<RidgeSolution | undefined> {
    this.#busy = true;
    try {
      return await runTask(task, (progress) =>
        native.ridgeTrainAsync(handle, x, y, rows, regularize, this.#regularizeBias, evaluate, progress),
      );
    } finally {
      this.#busy = false;
    }
  }

  #gram(what: 'xtx' | 'cxtx'): NdArray<Float64Array> {
    const n = this.#size;
    const many = this.fisherRelabelling && this.fisherVariant === 'B';
    return new NdArray(native.ridgeRead(this.#idle(), what), many ? [this.numOutputs, n, n] : [n, n]);
  }

  #scaling(what: 'mean' | 'sd'): Matrix | null {
    const values = native.ridgeRead(this.#idle(), what);
    return values ? new NdArray(values, [1, this.numFeatures]) : null;
  }

  #readColumns(value: ArrayInput, name: string, columns: number): Matrix {
    const array = toNdArray(value, name, 'float64');
    if (array.ndim === 1 && (columns === 1 || array.size === 0)) return array.reshape(array.size, columns);
    if (array.ndim !== 2 || array.shape[1] !== columns)
      throw shapeError(name, `rows of ${columns} columns`, shapeText(array.shape));
    return array;
  }

  #readBatch(X: ArrayInput, Y: ArrayInput): { x: Float64Array; y: Float64Array; rows: number } {
    const x = this.#readColumns(X, 'X', this.numFeatures);
    const y = this.#readColumns(Y, 'Y', this.numOutputs);
    if (x.length !== y.length) throw shapeError('Y', `${x.length} rows, as many as X has`, `${y.length} rows`);
    return { x: x.data, y: y.data, rows: x.length };
  }

  #checkRows(rows: number): void {
    if (rows === 0) throw shapeError('X', 'one row or more', '0 rows');
  }

  #take(solution: RidgeSolution | undefined): RidgeSolution | undefined {
    if (!solution) return undefined;
    this.#model = solution;
    this.#weights = new NdArray(solution.weights, [this.numFeatures, this.numOutputs]);
    if (solution.method === 'orthogonal') {
      warn(
        'RIDGE_RANK_DEFICIENT',
        `the system of equations is singular (rank ${solution.rank} of ${this.#size}): the coefficients are those of least norm; more data or a larger regularize make them unique`,
      );
    }
    return solution;
  }
}

export { RidgeRegression as RidgeRegrTrainer };
