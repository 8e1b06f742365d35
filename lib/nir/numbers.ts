/** Arithmetic on the numbers of populations, in the core. */
import { NdArray, type Matrix, sizeOf } from '../array.js';
import { native } from '../binding.js';
import { convertLeak } from '../modules/neurons/leak.js';
import type { NirArray } from './types.js';

type Numbers = Float64Array;
const codes = { add: 0, sub: 1, mul: 2, div: 3 };

/** `a op b`, elementwise; a number stands for an array of it. */
export function compute(a: Numbers | number, op: keyof typeof codes, b: Numbers | number): Numbers {
  const [x, y] = [a, b].map((v) => (typeof v === 'number' ? Float64Array.of(v) : v));
  const n = Math.max(x.length, y.length);
  const out = new Float64Array(n);
  native.combine(codes[op], x, x.length, 1, y, y.length, 1, n, 1, out);
  return out;
}

/** exp(-dt / tau) */
export const decayOf = (tau: Numbers, dt: number): Numbers =>
  convertLeak(new NdArray(tau, [tau.length]), 'taus', 'decays', dt).data;

/** What a step of length dt leaves of a state, and what it takes of a drive. */
export function stepOf(tau: Numbers, dt: number, euler: boolean): { kept: Numbers; gained: Numbers } {
  if (euler) {
    const gained = compute(dt, 'div', tau);
    return { kept: compute(1, 'sub', gained), gained };
  }
  const kept = decayOf(tau, dt);
  return { kept, gained: compute(1, 'sub', kept) };
}

export const doubles = ({ data }: NirArray): Numbers => (data instanceof Float64Array ? data : Float64Array.from(data));

/** `[columns, rows]` of `[rows, columns]`: weights are [post, pre] in the format and [pre, post] here. */
export function transposed(matrix: NirArray): Matrix {
  const [rows, columns] = matrix.shape;
  const out = new Float64Array(sizeOf(matrix.shape));
  native.transpose(doubles(matrix), rows, columns, out);
  return new NdArray(out, [columns, rows]);
}

/** One number, or one for each of `n`, as `[n]`. */
export function filled(value: Matrix | number, n: number): Numbers {
  const data = typeof value === 'number' ? Float64Array.of(value) : value.data;
  return data.length === 1 ? new Float64Array(n).fill(data[0]) : data.slice();
}

/** Whether all numbers lie within a part of `tolerance` of others. */
export function close(a: Numbers, b: Numbers, tolerance: number): boolean {
  const limits = new Float64Array(2);
  const difference = compute(a, 'sub', b);
  native.absolute(difference, difference);
  native.valueLimits(difference, limits);
  const size = new Float64Array(b.length);
  native.absolute(b, size);
  const scale = new Float64Array(2);
  native.valueLimits(size, scale);
  return limits[1] <= tolerance * Math.max(scale[1], 1e-300);
}
