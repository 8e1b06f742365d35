/** Three ways to say how fast a state decays: a time constant, the decay of one step, a shift of bits. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkOneOf, rangeError } from '../../check.js';
import type { LeakCode } from '../kernels/native.js';

/** In which form the leaks of a module are parameters. */
export type LeakMode = 'taus' | 'decays' | 'bitshifts';

export const leakModes: readonly LeakMode[] = ['taus', 'decays', 'bitshifts'];

const codes: Record<LeakMode, LeakCode> = { taus: 0, decays: 1, bitshifts: 2 };

export function checkLeakMode(value: unknown): LeakMode {
  return checkOneOf<LeakMode>(value ?? 'taus', 'leakMode', leakModes);
}

/** The same leaks in another form: `decay = exp(-dt / tau) = 1 - 2^-bitshift`. A number stays a number. */
export function convertLeak<V extends number | Matrix>(value: V, from: LeakMode, to: LeakMode, dt: number): V {
  if (from === to) return value;
  const data = typeof value === 'number' ? Float64Array.of(value) : value.data;
  const out = new Float64Array(data.length);
  native.convertLeak(codes[from], codes[to], dt, data, out);
  return (typeof value === 'number' ? out[0] : new NdArray(out, value.shape)) as V;
}

/** A gradient by decays, or by Euler steps `dt / tau`, as the gradient by the leaks at these values. */
export function leakGradient<V extends number | Matrix>(
  gradient: V,
  values: number | Matrix,
  form: LeakMode,
  euler: boolean,
  dt: number,
): V {
  const data = typeof gradient === 'number' ? Float64Array.of(gradient) : gradient.data;
  native.chainLeak(codes[form], euler, dt, typeof values === 'number' ? Float64Array.of(values) : values.data, data);
  return (typeof gradient === 'number' ? data[0] : gradient) as V;
}

/** Decay `exp(-dt / tau)` of a time constant. */
export const tauToDecay = <V extends number | Matrix>(tau: V, dt: number): V => convertLeak(tau, 'taus', 'decays', dt);
/** Time constant `-dt / ln(decay)`. */
export const decayToTau = <V extends number | Matrix>(decay: V, dt: number): V =>
  convertLeak(decay, 'decays', 'taus', dt);
/** Bit shift `-log2(1 - exp(-dt / tau))`. */
export const tauToBitshift = <V extends number | Matrix>(tau: V, dt: number): V =>
  convertLeak(tau, 'taus', 'bitshifts', dt);
/** Time constant `-dt / ln(1 - 2^-bitshift)`. */
export const bitshiftToTau = <V extends number | Matrix>(bitshift: V, dt: number): V =>
  convertLeak(bitshift, 'bitshifts', 'taus', dt);
/** Bit shift `-log2(1 - decay)`. */
export const decayToBitshift = <V extends number | Matrix>(decay: V): V => convertLeak(decay, 'decays', 'bitshifts', 1);
/** Decay `1 - 2^-bitshift`. */
export const bitshiftToDecay = <V extends number | Matrix>(bitshift: V): V =>
  convertLeak(bitshift, 'bitshifts', 'decays', 1);

/** Time constants whose decays are powers of two: bit shifts rounded, at least `least`. */
export function roundTau<V extends number | Matrix>(tau: V, dt: number, logRatio: boolean, least: number): V {
  const data = typeof tau === 'number' ? Float64Array.of(tau) : tau.data;
  const shifts = new Float64Array(data.length);
  native.roundBitshift(dt, logRatio, least, data, shifts);
  const rounded = typeof tau === 'number' ? shifts[0] : new NdArray(shifts, tau.shape);
  return bitshiftToTau(rounded, dt) as V;
}

/** @throws RangeError unless all numbers lie between the bounds, both excluded. */
export function checkBetween(value: number | Matrix, name: string, above: number, below = Infinity): void {
  const limits = new Float64Array(2);
  native.valueLimits(typeof value === 'number' ? Float64Array.of(value) : value.data, limits);
  const [smallest, largest] = limits;
  const what = below === Infinity ? `greater than ${above}` : `between ${above} and ${below}`;
  if (smallest <= above) throw rangeError(name, what, smallest);
  if (largest >= below && below !== Infinity) throw rangeError(name, what, largest);
}
