/** Thresholds and decays of delta modulation, and the forms in which its size is given. */
import { type ArrayLike_ as ArrayInput, shapeText, toNdArray } from '../../array.js';
import { checkInteger, checkNumber, rangeError, shapeError, typeError } from '../../check.js';
import { expandToShape } from '../expand.js';
import type { UpDownParameters } from './native.js';

/** Time constants in seconds; null: no decay. */
export type TauDecay = ArrayInput | readonly (number | null)[] | null;

const mostChannels = 2 ** 30;

/** M signals with n output channels for each direction. */
export interface UpDownSize {
  signals: number;
  multiChannels: number;
}

/** Reads M, `[M, n]` or a matrix of M rows and 2 M n columns, whose elements do not matter. */
export function readSize(value: unknown, name: string): UpDownSize {
  if (value === null || value === undefined) throw typeError(name, 'an integer, two integers or a matrix', value);
  const { data, shape, ndim } = toNdArray(value, name, 'float64');
  let [signals, multiChannels] = [data[0], data[1] ?? 1];
  if (ndim === 2) {
    signals = shape[0];
    multiChannels = shape[1] / (2 * signals);
    if (!Number.isInteger(multiChannels) || multiChannels < 1)
      throw shapeError(name, `M x (a multiple of 2 M)`, shapeText(shape));
  } else if (ndim > 2 || data.length < 1 || data.length > 2) {
    throw shapeError(name, 'an integer, two integers or a matrix', shapeText(shape));
  }
  checkInteger(signals, name, { min: 1, max: mostChannels });
  checkInteger(multiChannels, `${name}[1]`, { min: 1, max: Math.floor(mostChannels / signals) });
  return { signals, multiChannels };
}

/** One threshold for each signal, a new array. */
export function readThresholds(value: unknown, name: string, signals: number, positive: boolean): Float64Array {
  const { data } = expandToShape(value as ArrayInput, [signals], name)!;
  const wrong = data.findIndex((x) => !(x >= 0) || !Number.isFinite(x) || (positive && x === 0));
  if (wrong >= 0) {
    const what = positive ? 'finite and greater than 0' : 'a finite number of 0 or more';
    throw rangeError(data.length > 1 ? `${name}[${wrong}]` : name, what, data[wrong]);
  }
  return data;
}

/** One time constant or null for each signal, a new array. Each is a time step or more. */
export function readTauDecay(value: unknown, signals: number, dt: number): (number | null)[] {
  const given: unknown[] =
    value === null || value === undefined
      ? [null]
      : Array.isArray(value) && value.includes(null)
        ? (value as unknown[])
        : Array.from(toNdArray(value, 'tauDecay', 'float64').data);
  if (given.length !== 1 && given.length !== signals)
    throw shapeError('tauDecay', `null, a number, or ${signals} numbers or nulls`, `${given.length} of them`);
  const all = Array.from({ length: signals }, (_, i) => given[given.length === 1 ? 0 : i]) as (number | null)[];
  checkTauDecay(all, signals, dt);
  return all;
}

function checkTauDecay(tau: readonly (number | null)[], signals: number, dt: number): void {
  if (tau.length !== signals) throw shapeError('tauDecay', `${signals} numbers or nulls`, `${tau.length} of them`);
  for (const [i, value] of tau.entries())
    if (value !== null && checkNumber(value, `tauDecay[${i}]`) < dt)
      throw rangeError(`tauDecay[${i}]`, `null or at least a time step, ${dt}`, value);
}

/** The parameters of the native functions. Elements of the arrays may have been written since they were checked. */
export function nativeParameters(
  thrUp: Float64Array,
  thrDown: Float64Array,
  tauDecay: readonly (number | null)[],
  dt: number,
  repeat: number,
  spread: number,
): UpDownParameters {
  checkTauDecay(tauDecay, thrUp.length, dt);
  return [thrUp, thrDown, Float64Array.from(tauDecay, (tau) => tau ?? Infinity), dt, repeat, spread];
}
