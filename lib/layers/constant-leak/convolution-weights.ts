/** Weights that are a convolution, and weights that are a function of yours. */
import { allocate, type ArrayLike_ as ArrayInput, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOneOf, checkOptions, shapeError, typeError } from '../../check.js';
import { camelCaseKeys } from '../config.js';
import type { ConvolutionHandle } from './native.js';

/** Where the channels of an image are: in front of rows and columns, or behind them. */
export type ImageFormat = 'channels_first' | 'channels_last';

/** Options of {@link ConvolutionWeights}. */
export interface ConvolutionOptions {
  /**
   * The kernels: `kernels x nInChannels x rows x columns`, or with `imgDataFormat` `'channels_last'`
   * `rows x columns x nInChannels x kernels`.
   */
  data: ArrayInput;
  /** The image that the input channels are: `[channels, rows, columns]`, or `[rows, columns, channels]`. */
  inpShape: readonly number[];
  /** Steps between the positions of the kernels: a number, or `[rows, columns]`. Default 1. */
  strides?: number | readonly number[];
  /** Zeros around the image: a number, `[rows, columns]`, or `[left, right, top, bottom]`. Default 0. */
  padding?: number | readonly number[];
  /** Default `'channels_first'`. */
  imgDataFormat?: ImageFormat;
  /** Number of kernels; follows from `data`, and must agree with it when given. */
  kernels?: number;
  /** Number of channels of the image; follows from `data`, and must agree with it when given. */
  nInChannels?: number;
  /** Rows and columns of a kernel; follow from `data`, and must agree with it when given. */
  kernelSize?: number | readonly number[];
}

/** Weights that a layer does not know the inside of: `apply` gets an input row of `shape[0]` numbers and returns `shape[1]`. */
export interface WeightOperator {
  readonly shape: readonly number[];
  apply(row: Float64Array): ArrayInput;
}

const optionNames = ['data', 'inpShape', 'strides', 'padding', 'imgDataFormat', 'kernels', 'nInChannels', 'kernelSize'];

function pair(value: unknown, name: string, min: number): [number, number] {
  const list = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(list)) throw typeError(name, 'an integer or a list of two', value);
  if (list.length !== 2) throw shapeError(name, 'an integer or a list of two', `${list.length} of them`);
  return [checkInteger(list[0], name, { min }), checkInteger(list[1], name, { min })];
}

/** left, right, top, bottom */
function readPadding(value: unknown): [number, number, number, number] {
  if (Array.isArray(value) && value.length === 4)
    return value.map((v: unknown) => checkInteger(v, 'padding', { min: 0 })) as [number, number, number, number];
  const [rows, columns] = pair(value, 'padding', 0);
  return [columns, columns, rows, rows];
}

/** Data of a shape in another order of its axes. */
function transposed(data: Float64Array, shape: readonly number[], order: readonly number[]): Float64Array {
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  return toNdArray(
    { data, shape: order.map((i) => shape[i]), stride: order.map((i) => strides[i]), offset: 0 },
    'data',
    'float64',
  ).data;
}

/**
 * A two-dimensional convolution as the weights of a layer: input channels are the pixels of an image, neurons are those of the output. Only
 * what events reach is computed. Images are flattened row by row in the order of `inpShape`; the output is in the same order.
 */
export class ConvolutionWeights implements WeightOperator {
  /** `sizeIn` and `size` of a layer with these weights. */
  readonly shape: readonly number[];
  /** The image that the neurons are, in the order of `inpShape`. */
  readonly outShape: readonly number[];
  /** The kernels, as they were given; a copy. */
  readonly data: NdArray<Float64Array>;
  readonly inpShape: readonly number[];
  readonly strides: readonly number[];
  /** `[left, right, top, bottom]` */
  readonly padding: readonly number[];
  readonly imgDataFormat: ImageFormat;
  readonly kernels: number;
  readonly nInChannels: number;
  readonly kernelSize: readonly number[];
  /** @internal */
  readonly _handle: ConvolutionHandle;

  /** @throws TypeError or RangeError for an argument of the wrong kind, shape or value, and for kernels larger than the padded image. */
  constructor(options: ConvolutionOptions) {
    const o = checkOptions<ConvolutionOptions>(options, 'options', optionNames);
    this.imgDataFormat = checkOneOf<ImageFormat>(o.imgDataFormat ?? 'channels_first', 'imgDataFormat', [
      'channels_first',
      'channels_last',
    ]);
    const last = this.imgDataFormat === 'channels_last';
    if (o.data === undefined) throw typeError('data', 'an array of four dimensions', o.data);
    const given = toNdArray(o.data, 'data', 'float64');
    if (given.ndim !== 4 || given.size === 0)
      throw shapeError('data', 'an array of four dimensions', shapeText(given.shape));
    this.data = new NdArray(given.data.slice(), given.shape);
    const s = given.shape;
    const [kernels, channels, rows, columns] = last ? [s[3], s[2], s[0], s[1]] : s;
    this.kernels = agreed(o.kernels, kernels, 'kernels');
    this.nInChannels = agreed(o.nInChannels, channels, 'nInChannels');
    const [kernelRows, kernelColumns] = pair(o.kernelSize ?? [rows, columns], 'kernelSize', 1);
    this.kernelSize = [agreed(kernelRows, rows, 'kernelSize'), agreed(kernelColumns, columns, 'kernelSize')];
    const image = toNdArray(o.inpShape, 'inpShape', 'float64');
    if (image.size !== 3) throw shapeError('inpShape', 'a list of three integers', shapeText(image.shape));
    this.inpShape = Array.from(image.data, (n) => checkInteger(n, 'inpShape', { min: 1 }));
    const [imageChannels, imageRows, imageColumns] = last
      ? [this.inpShape[2], this.inpShape[0], this.inpShape[1]]
      : this.inpShape;
    agreed(imageChannels, channels, 'the channels of inpShape');
    this.strides = pair(o.strides ?? 1, 'strides', 1);
    const [left, right, top, bottom] = (this.padding = readPadding(o.padding ?? 0));
    this._handle = native.convolution(
      channels,
      imageRows,
      imageColumns,
      kernels,
      rows,
      columns,
      this.strides[0],
      this.strides[1],
      top,
      bottom,
      left,
      right,
      last,
      last ? transposed(this.data.data, s, [3, 2, 0, 1]) : this.data.data,
    );
    const [inputs, outRows, outColumns, units] = native.convolutionSize(this._handle);
    this.shape = [inputs, units];
    this.outShape = last ? [outRows, outColumns, kernels] : [kernels, outRows, outColumns];
  }

  /** The output for an image. */
  apply(row: ArrayInput): Float64Array {
    const { data, size } = toNdArray(row, 'row', 'float64');
    if (size !== this.shape[0]) throw shapeError('row', `${this.shape[0]} numbers`, `${size} of them`);
    const out = allocate([this.shape[1]], 'the output');
    native.applyConvolution(this._handle, data, out);
    return out;
  }

  /** The options under the names of the original; `new ConvolutionWeights` and layers take them, in camelCase or as they are here. */
  toJSON(): Record<string, unknown> {
    return {
      data: this.data.toArray(),
      inp_shape: this.inpShape,
      strides: this.strides,
      padding: this.padding,
      img_data_format: this.imgDataFormat,
    };
  }

  toString(): string {
    return `ConvolutionWeights ${this.inpShape.join(' x ')} -> ${this.outShape.join(' x ')}`;
  }
}

function agreed(given: number | undefined, found: number, name: string): number {
  if (given !== undefined && given !== found) throw shapeError(name, `${found}, as data has it`, String(given));
  return found;
}

/** A convolution, or one made from its options, in camelCase or under the names of the original. */
export function readConvolution(value: unknown): ConvolutionWeights {
  if (value instanceof ConvolutionWeights) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    throw typeError('weights', 'ConvolutionWeights, or their options', value);
  return new ConvolutionWeights(camelCaseKeys(value as Record<string, unknown>) as unknown as ConvolutionOptions);
}

/** Weights that are no matrix: a convolution, its options, or an operator of yours; null for anything else. */
export function readOperator(value: unknown): ConvolutionWeights | WeightOperator | null {
  if (value instanceof ConvolutionWeights) return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return null;
  if ('inpShape' in value || 'inp_shape' in value) return readConvolution(value);
  if (!('apply' in value) || typeof value.apply !== 'function' || !('shape' in value)) return null;
  const { shape } = value;
  if (!Array.isArray(shape) || shape.length !== 2)
    throw shapeError('weights.shape', 'a list of two integers', String(shape));
  for (const n of shape as unknown[]) checkInteger(n, 'weights.shape', { min: 1 });
  return value as WeightOperator;
}
