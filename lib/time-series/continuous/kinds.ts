/** Kinds of interpolation and fill values: names, checks, codes of the native library. */
import { toNdArray } from '../../array.js';
import { checkNumber, rangeError, shapeError, typeError } from '../../check.js';

/**
 * How values between samples come about: `previous` and `zero` hold the last sample, `next` the next one, `nearest` takes the
 * closer one (of two equally close ones the earlier; `nearest-up` the later), `linear` and `slinear` draw straight lines,
 * `quadratic` and `cubic` smooth splines. Integers 0, 1, 2, 3 are splines of that degree: `zero`, `slinear`, `quadratic`, `cubic`;
 * up to 9 are supported.
 */
export type InterpKind =
  'previous' | 'next' | 'zero' | 'nearest' | 'nearest-up' | 'linear' | 'slinear' | 'quadratic' | 'cubic' | number;

/** A number, or one number for each channel. */
export type FillConstant = number | readonly number[] | Float64Array;

/**
 * Values beyond the outermost samples, within the extent: `'extrapolate'` for the rule of the kind (holding, or prolonging lines
 * and curves), else constants.
 */
export type FillValue = 'extrapolate' | FillConstant | { below: FillConstant; above: FillConstant };

const codes: Record<string, number> = {
  previous: 0,
  next: 1,
  zero: 2,
  nearest: 3,
  'nearest-up': 4,
  linear: 5,
  slinear: 5,
  quadratic: 6 | (2 << 4),
  cubic: 6 | (3 << 4),
};

const names = Object.keys(codes);
const maxDegree = 9;

/** @internal */
export function checkKind(kind: unknown): InterpKind {
  const what = `one of ${names.map((n) => `'${n}'`).join(', ')} or an integer from 0 to ${maxDegree}`;
  if (typeof kind === 'string') {
    if (!names.includes(kind)) throw rangeError('interpKind', what, kind);
    return kind as InterpKind;
  }
  if (typeof kind !== 'number') throw typeError('interpKind', what, kind);
  if (!Number.isInteger(kind) || kind < 0 || kind > maxDegree) throw rangeError('interpKind', what, kind);
  return kind;
}

/** @internal The native code of a kind: which of the rules, and the degree of a spline. */
export function kindCode(kind: InterpKind): number {
  if (typeof kind === 'string') return codes[kind];
  if (kind === 0) return codes.zero;
  return kind === 1 ? codes.slinear : 6 | (kind << 4);
}

/** @internal Samples that a kind needs, where there is more than one. */
export function samplesNeeded(kind: InterpKind): number {
  const degree = kindCode(kind) >> 4;
  return degree === 0 ? 1 : degree + 1;
}

/** @internal Whether the kind is a spline, whose coefficients are worth keeping. */
export function isSpline(kind: InterpKind): boolean {
  return kindCode(kind) >> 4 !== 0;
}

/** @internal The same fill value, checked for its form; arrays are copied. */
export function checkFill(value: unknown): FillValue {
  if (typeof value === 'string') {
    if (value !== 'extrapolate') throw rangeError('fillValue', "'extrapolate', numbers or { below, above }", value);
    return value;
  }
  if (typeof value === 'object' && value !== null && ('below' in value || 'above' in value)) {
    const { below, above } = value as { below?: unknown; above?: unknown };
    return { below: fillConstant(below, 'fillValue.below'), above: fillConstant(above, 'fillValue.above') };
  }
  return fillConstant(value, 'fillValue');
}

function fillConstant(value: unknown, name: string): FillConstant {
  if (typeof value === 'number') return value;
  const { data, shape } = toNdArray(value, name, 'float64');
  if (shape.filter((n) => n !== 1).length > 1)
    throw shapeError(name, 'a number or one number for each channel', shape.join(' x '));
  return shape.length === 0 ? checkNumber(data, name) : data.slice();
}

/** @internal A fill value as the native library takes it: values below, values above; null to extrapolate. */
export function fillRows(fill: FillValue, channels: number): Float64Array | null {
  if (fill === 'extrapolate') return null;
  const pair = typeof fill === 'object' && 'below' in fill ? fill : { below: fill, above: fill };
  const out = new Float64Array(2 * channels);
  putRow(out.subarray(0, channels), pair.below, 'fillValue');
  putRow(out.subarray(channels), pair.above, 'fillValue');
  return out;
}

function putRow(row: Float64Array, value: FillConstant, name: string): void {
  if (typeof value === 'number') row.fill(value);
  else if (value.length === 1) row.fill(value[0]);
  else if (value.length === row.length) row.set(value);
  else throw shapeError(name, `one number or ${row.length} (one for each channel)`, `${value.length} numbers`);
}
