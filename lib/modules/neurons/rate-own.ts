/** Rate neurons whose activation is a function of the user's: step by step, with the activities that it gives. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { shapeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { PrecisionCode, RateArgs, Real } from '../kernels/native.js';

/** A function of the states and the thresholds of all neurons, `[neurons]` each, for one element of a batch. */
export type OwnActivation = (x: Matrix, threshold: Matrix) => ArrayInput;

/**
 * The derivative of such a function: by the states, and by the thresholds. One array stands for both when the function depends on their
 * difference alone.
 */
export type OwnSlope = (x: Matrix, threshold: Matrix) => ArrayInput | { x: ArrayInput; threshold: ArrayInput };

/** A batch of sequences. */
export interface RateBatch {
  batch: number;
  steps: number;
  units: number;
  precision: 'float64' | 'float32';
  threshold: Matrix;
}

function numbers(value: unknown, name: string, n: number): Float64Array {
  const row = toNdArray(value, name, 'float64');
  if (row.size !== n) throw shapeError(name, `${n} numbers`, `${row.size}`);
  return row.data;
}

/** The activities of all elements of a batch in the states `x`, `[batch, units]`. */
export function ownActivity(fn: OwnActivation, x: Float64Array, of: RateBatch): Real {
  const { batch, units: n } = of;
  const all = allocate([batch, n], 'the activity', of.precision) as Real;
  for (let b = 0; b < batch; b++) {
    const r = fn(new NdArray(x.slice(b * n, (b + 1) * n), [n]), of.threshold.copy());
    all.set(numbers(r, 'what activationFunc returned', n), b * n);
  }
  return all;
}

/** What a run reads and writes. */
export interface OwnRun {
  fn: OwnActivation;
  of: RateBatch;
  code: PrecisionCode;
  input: Real;
  start: Float64Array;
  after: Float64Array;
  output: Real;
  x: Real | undefined;
  recInput: Real | undefined;
  /** Arguments of one step. */
  args: (k: number, rest: readonly [Float64Array, Float64Array, Real, ...(Real | undefined)[]]) => RateArgs;
}

/** Runs here and now. */
export function runOwn({ fn, of, code, input, start, after, output, x: xRecord, recInput, args }: OwnRun): void {
  const { batch, steps, units: n } = of;
  const room = (): Real => allocate([batch, n], 'a step', of.precision) as Real;
  let x = new Float64Array(batch * n);
  if (batch > 0) native.repeatArray(start, x);
  let r = ownActivity(fn, x, of);
  for (let k = 0; k < steps; k++) {
    const [u, xRow, recRow] = [room(), xRecord && room(), recInput && room()];
    const at = (b: number): number => (b * steps + k) * n;
    for (let b = 0; b < batch; b++) u.set(input.subarray(at(b), at(b) + n), b * n);
    const next = new Float64Array(batch * n);
    native.rateBatch(code, undefined, ...args(k, [x, next, u, r, undefined, xRow, recRow]));
    r = ownActivity(fn, (x = next), of);
    const put = (row: Real | undefined, array: Real | undefined, b: number): void => {
      if (row) array?.set(row.subarray(b * n, (b + 1) * n), at(b));
    };
    for (let b = 0; b < batch; b++) {
      put(r, output, b);
      put(xRow, xRecord, b);
      put(recRow, recInput, b);
    }
  }
  after.set(x);
}

/** Derivatives of the activation by states and thresholds, one row for each of `x`, `[rows, units]`. */
export interface Slopes {
  x: Real;
  threshold: Real;
}

/** Asks for them. */
export function ownSlopes(fn: OwnSlope, x: Real, of: RateBatch): Slopes {
  const n = of.units;
  const shape = [x.length / n, n];
  const slopes = {
    x: allocate(shape, 'the slopes', of.precision) as Real,
    threshold: allocate(shape, 'the slopes', of.precision) as Real,
  };
  const what = 'what activationDerivative returned';
  for (let at = 0; at < x.length; at += n) {
    const given = fn(new NdArray(Float64Array.from(x.subarray(at, at + n)), [n]), of.threshold.copy());
    const both = given as { x?: unknown; threshold?: unknown } | null;
    if (both && both.x !== undefined && both.threshold !== undefined) {
      slopes.x.set(numbers(both.x, `${what} as x`, n), at);
      slopes.threshold.set(numbers(both.threshold, `${what} as threshold`, n), at);
    } else {
      const row = numbers(given, what, n);
      slopes.x.set(row, at);
      row.forEach((slope, j) => (slopes.threshold[at + j] = -slope));
    }
  }
  return slopes;
}

/** A derivative that was given, or none. */
export function checkSlope<F extends (...args: never[]) => unknown>(value: unknown, name: string): F | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'function') throw typeError(name, 'a function', value);
  return value as F;
}

/** The error for an activation of the user's whose derivative nobody gave. */
export function noSlope(fullName: string, option: string): RockpoolError {
  return new RockpoolError(
    'ERR_NOT_TRAINABLE',
    `expected ${fullName} to have a derivative: beside a function of your own give ${option}`,
  );
}
