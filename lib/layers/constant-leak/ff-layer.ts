/** Feed-forward constant-leak layers: weights that are a matrix, a convolution or an operator. */
import {
  allocate,
  type ArrayLike_ as ArrayInput,
  type Matrix,
  type NdArray,
  shapeText,
  toNdArray,
} from '../../array.js';
import { RockpoolError } from '../../errors.js';
import { shapeError } from '../../check.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { checkFinite } from '../exp-syn/options.js';
import type { AsyncEvolveOptions, LayerConfig, ToDictOptions } from '../types.js';
import { CLIAF, type CLIAFOptions, type PlanParts, type PreparedEvents } from './cliaf.js';
import {
  ConvolutionWeights,
  type ConvolutionOptions,
  readOperator,
  type WeightOperator,
} from './convolution-weights.js';
import { readDense } from './digital-layer.js';

/** Weights of feed-forward layers: a matrix `sizeIn` x `size`, indexed [pre, post], a convolution, or an operator of yours. */
export type FFWeights = ArrayInput | ConvolutionWeights | ConvolutionOptions | WeightOperator;

/** @internal */
export abstract class FFConstantLeakLayer<Output extends TSEvent | TSContinuous> extends CLIAF<Output> {
  #operator: ConvolutionWeights | WeightOperator | null;

  protected constructor(weights: unknown, options: CLIAFOptions, dt: number) {
    const operator = readOperator(weights);
    const matrix = operator ? null : readDense(weights, 'weights');
    super((operator ?? matrix!).shape, options, dt);
    this.#operator = operator;
    if (matrix) this.putMatrix('weights', matrix);
  }

  /**
   * Input weights, `sizeIn` x `size`, indexed [pre, post]: the layer's own array, so that writing an element takes effect. A convolution or an
   * operator, when the layer was given one.
   */
  override get weights(): Matrix {
    // As in the base class, weights of another kind are handed out as they are.
    return this.#operator ? (this.#operator as unknown as Matrix) : this.handOutMatrix('weights');
  }

  /** Takes weights of the same `sizeIn` and `size`; a matrix is copied, as many numbers in a vector will do. */
  override set weights(value: FFWeights) {
    this.checkIdle();
    const operator = readOperator(value);
    if (operator) {
      const [given, own] = [shapeText(operator.shape), shapeText([this.sizeIn, this.size])];
      if (given !== own) throw shapeError('weights', `${own} (sizeIn x size)`, given);
      this.dropPlan();
    } else if (this.#operator) {
      const matrix = readDense(value, 'weights');
      const [given, own] = [shapeText(matrix.shape), shapeText([this.sizeIn, this.size])];
      if (given !== own) throw shapeError('weights', `${own} (sizeIn x size)`, given);
      this.putMatrix('weights', matrix);
    } else {
      this.setMatrix('weights', value, 'sizeIn x size');
    }
    this.#operator = operator;
  }

  protected override planParts(): PlanParts {
    if (!this.#operator) return { weightsIn: this.matrix('weights').data };
    return this.#operator instanceof ConvolutionWeights ? { convolution: this.#operator._handle } : {};
  }

  /** An operator of the user's is asked here, row after row. */
  protected override events(tsInput: TimeSeries | null | undefined, options: AsyncEvolveOptions): PreparedEvents {
    const operator = this.#operator;
    if (!operator || operator instanceof ConvolutionWeights) return super.events(tsInput, options);
    const { input, numTimesteps } = this.prepareInputEvents(tsInput as TSEvent, options);
    return { steps: numTimesteps, drive: this.#driveOf(operator, input), input: [] };
  }

  #driveOf(operator: WeightOperator, raster: NdArray): Float64Array {
    const drive = allocate([raster.length, this.size], 'the weighted input');
    for (let k = 0; k < raster.length; k++) {
      const row = Float64Array.from(raster.row(k));
      const result = this._lock().guard(() => operator.apply(row));
      const { data, size } = toNdArray(result, 'what weights.apply returns', 'float64');
      if (size !== this.size)
        throw shapeError('what weights.apply returns', `${this.size} numbers (size)`, `${size} of them`);
      drive.set(data, k * this.size);
    }
    checkFinite(drive, 'what weights.apply returns');
    return drive;
  }

  /** @throws RockpoolError `ERR_STATE` for weights that are an operator of the user's, which no dictionary can hold. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const operator = this.#operator;
    if (operator && !(operator instanceof ConvolutionWeights)) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected weights of ${this.className} '${this.name}' to be a matrix or ConvolutionWeights when it is stored, received an operator`,
      );
    }
    return { ...super.toDict(options), weights: operator ? operator.toJSON() : this.matrix('weights').toArray() };
  }
}
