/** Arithmetic and comparison of continuous series with numbers, arrays and other series. */
import { type ArrayLike_, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { shapeError, typeError } from '../../check.js';
import type { MatrixArgs } from '../native.js';
import { readInplace } from '../time-series.js';
import { TSContinuous } from '../ts-continuous.js';
import { fillFits } from './channels.js';
import { sampleOn } from './sampling.js';

/**
 * The other side of an operation: a series, which is sampled at this one's times, or a number, or an array: one value for each
 * channel, a matrix with a row for each sample, or a column. One channel stands for as many as the other side has.
 */
export type SeriesOperand = TSContinuous | ArrayLike_;

const operations = { add: 0, sub: 1, mul: 2, div: 3, floorDiv: 4, pow: 5 };
const comparisons = { eq: 0, ne: 1, lt: 2, le: 3, gt: 4, ge: 5 };

/** @internal */
export type Operation = keyof typeof operations;
/** @internal */
export type Comparison = keyof typeof comparisons;

interface Sides {
  own: MatrixArgs;
  other: MatrixArgs;
  channels: number;
}

function readSides(ts: TSContinuous, operand: unknown): Sides {
  const own: MatrixArgs = [ts._samples, ts.length, ts._channels];
  const other = readOperand(ts, operand);
  const [, , width] = other;
  const mine = ts._channels;
  if (width !== mine && width !== 1 && mine !== 1) {
    throw shapeError('operand', `one with ${mine} channels or 1`, `one with ${width} channels`);
  }
  return { own, other, channels: width === 1 ? mine : width };
}

function readOperand(ts: TSContinuous, operand: unknown): MatrixArgs {
  if (operand instanceof TSContinuous) return [sampleOn(operand, ts._axis), ts.length, operand._channels];
  const { data, shape } = toNdArray(operand, 'operand', 'float64');
  if (shape.length > 2) throw shapeError('operand', 'a number, a vector or a matrix', shapeText(shape));
  const columns = shape[shape.length - 1] ?? 1;
  const rows = shape.length === 2 ? shape[0] : 1;
  if (rows !== 1 && rows !== ts.length) {
    throw shapeError('operand', `a matrix with ${ts.length} rows (one for each sample) or 1`, shapeText(shape));
  }
  return [data, rows, columns];
}

/** @internal `ts OP operand`, or with `reversed` `operand OP ts`. */
export function arithmetic(
  ts: TSContinuous,
  operation: Operation,
  operand: unknown,
  options: unknown,
  reversed = false,
): TSContinuous {
  const inplace = readInplace(options);
  const { own, other, channels } = readSides(ts, operand);
  const samples = new Float64Array(ts.length * channels);
  const [a, b] = reversed ? [other, own] : [own, other];
  if (samples.length > 0) native.combine(operations[operation], ...a, ...b, ts.length, channels, samples);
  return withSamples(ts, samples, channels, inplace);
}

/** @internal 1 where the comparison holds, else 0. */
export function comparison(ts: TSContinuous, operation: Comparison, operand: unknown): NdArray<Uint8Array> {
  const { own, other, channels } = readSides(ts, operand);
  const out = new Uint8Array(ts.length * channels);
  if (out.length > 0) native.compare(comparisons[operation], ...own, ...other, ts.length, channels, out);
  return new NdArray(out, [ts.length, channels]);
}

/** @internal */
export function unary(ts: TSContinuous, operation: 'negate' | 'absolute', options: unknown): TSContinuous {
  const inplace = readInplace(options);
  const samples = new Float64Array(ts._samples.length);
  native[operation](ts._samples, samples);
  return withSamples(ts, samples, ts._channels, inplace);
}

/** @internal */
export function matmul(ts: TSContinuous, weights: ArrayLike_, options: unknown): TSContinuous {
  const inplace = readInplace(options);
  const { data, shape } = toNdArray(weights, 'weights', 'float64');
  const columns = shape.length === 2 ? shape[1] : 1;
  if (shape.length < 1 || shape.length > 2 || shape[0] !== ts._channels) {
    throw shapeError(
      'weights',
      `${ts._channels} x M, or a vector of ${ts._channels} (one for each channel)`,
      shapeText(shape),
    );
  }
  const samples = new Float64Array(ts.length * columns);
  native.multiply(ts._samples, ts.length, ts._channels, data, columns, samples);
  return withSamples(ts, samples, columns, inplace);
}

function withSamples(ts: TSContinuous, samples: Float64Array, channels: number, inplace: boolean): TSContinuous {
  const fill = fillFits(ts.fillValue, channels) ? ts.fillValue : 'extrapolate';
  // In place the times stay what they are, also where they were handed out.
  return ts._with({ ...(inplace ? {} : { axis: ts._shareAxis() }), samples, channels, fill }, inplace);
}

/** @internal For the static forms: either side may be the series. */
export function either(operation: Operation, a: unknown, b: unknown): TSContinuous {
  if (a instanceof TSContinuous) return arithmetic(a, operation, b, undefined);
  if (b instanceof TSContinuous) return arithmetic(b, operation, a, undefined, true);
  throw typeError('one of the operands', 'a TSContinuous', a);
}

const limits = new Float64Array(2);

/** @internal Smallest or largest sample, NaN left out. */
export function limitOf(ts: TSContinuous, which: 0 | 1): number {
  if (ts._samples.length === 0) throw shapeError('the series', 'one with samples', 'one without');
  native.valueLimits(ts._samples, limits);
  return limits[which];
}
