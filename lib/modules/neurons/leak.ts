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

/** Leaks whose decays are powers of two: bit shifts rounded, at least `least`; with `logRatio` to those nearest to `log2(tau / dt)`. */
export function roundLeak<V extends number | Matrix>(
  value: V,
  mode: LeakMode,
  { dt, logRatio, least }: { dt: number; logRatio: boolean; least: number },
): V {
  const tau = convertLeak(value, mode, 'taus', dt);
  const data = typeof tau === 'number' ? Float64Array.of(tau) : tau.data;
  const shifts = new Float64Array(data.length);
  native.roundBitshift(dt, logRatio, least, data, shifts);
  const rounded = typeof tau === 'number' ? shifts[0] : new NdArray(shifts, tau.shape);
  return convertLeak(rounded, 'bitshifts', mode, dt) as V;
}

/** Time constants, likewise. */
export function roundTau<V extends number | Matrix>(tau: V, dt: number, logRatio: boolean, least: number): V {
  return roundLeak(tau, 'taus', { dt, logRatio, least });
}

/** @throws RangeError unless all numbers lie between the bounds, both excluded. */
export function checkBetween(value: number | Matrix, name: string, above: number, below = Infinity): void {
  const what = below === Infinity ? `greater than ${above}` : `between ${above} and ${below}`;
  const [smallest, largest] = limitsOf(value, name, what);
  if (smallest <= above) throw rangeError(name, what, smallest);
  if (largest >= below && below !== Infinity) throw rangeError(name, what, largest);
}

/** @throws RangeError unless all numbers are from 0 to 1. */
export function checkDecay(value: number | Matrix, name: string): void {
  const what = 'from 0 to 1';
  const [smallest, largest] = limitsOf(value, name, what);
  if (smallest < 0 || largest > 1) throw rangeError(name, what, smallest < 0 ? smallest : largest);
}

/** @throws RangeError for NaN. */
export function checkDefined(value: number | Matrix, name: string): void {
  limitsOf(value, name, 'numbers');
}

/** The smallest and the largest number; NaN is an error. */
function limitsOf(value: number | Matrix, name: string, what: string): Float64Array {
  const data = typeof value === 'number' ? Float64Array.of(value) : value.data;
  if (data.includes(NaN)) throw rangeError(name, what, NaN);
  const limits = new Float64Array(2);
  native.valueLimits(data, limits);
  return limits;
}
