/** Limits of axes, their ticks, and the texts of numbers. */
import { native } from '../../binding.js';

/**
 * What an axis shows. Of data `offset` is subtracted, and it is divided by `factor`, a power of ten, before it is drawn; limits and
 * ticks are so already.
 */
export interface Axis {
  lo: number;
  hi: number;
  factor: number;
  offset: number;
  ticks: number[];
  /** Decimals of the ticks. */
  digits: number;
  name: string;
  /** Grows downwards, as the rows of a matrix do. */
  inverse: boolean;
}

/** A value in the numbers of an axis. */
export const onAxis = (value: number, { factor, offset }: Axis): number => (value - offset) / factor;

const found = new Float64Array(2);

/** Widens limits by finite values. */
export function widen(limits: [number, number] | null, values: Float64Array): [number, number] | null {
  if (native.finiteLimits(values, found) === 0) return limits;
  return limits === null ? [found[0], found[1]] : [Math.min(limits[0], found[0]), Math.max(limits[1], found[1])];
}

/** The exponent that is taken out of the numbers of an axis, a multiple of 3 as in units: 0 where they are short without. */
function exponentOf(lo: number, hi: number): number {
  const largest = Math.max(Math.abs(lo), Math.abs(hi));
  if (largest < 1e-300 || (largest >= 1e-3 && largest < 1e5)) return 0;
  return Math.max(-300, 3 * Math.floor((Math.log10(largest) + 0.04) / 3));
}

/** The distance of ticks: 1, 2 or 5 times a power of ten, for `wanted` ticks or fewer. */
function tickStep(range: number, wanted: number): number {
  const power = 10 ** Math.floor(Math.log10(range / wanted));
  const rest = range / wanted / power;
  return power * (rest <= 1 ? 1 : rest <= 2 ? 2 : rest <= 5 ? 5 : 10);
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const superscript = (n: number): string =>
  String(n).replace(/[-0-9]/g, (c) => (c === '-' ? '⁻' : superscripts[Number(c)]));

/** Limits that are not one point, nor so close that doubles have no numbers between them. */
function spread(lo: number, hi: number): [number, number] {
  const largest = Math.max(Math.abs(lo), Math.abs(hi));
  if (hi - lo > Math.max(1e-300, 3 * Number.EPSILON * largest)) return [lo, hi];
  const by = largest > 1e-290 ? largest * 0.05 : 0.5;
  return [Math.max(-Number.MAX_VALUE, lo - by), Math.min(Number.MAX_VALUE, hi + by)];
}

const digitsOf = (step: number): number => Math.min(15, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));

/** What is subtracted from the numbers of an axis: a round one where they differ in late digits only, else 0. */
function offsetOf(lo: number, hi: number, wanted: number): number {
  const factor = 10 ** exponentOf(lo, hi);
  const largest = Math.max(Math.abs(lo), Math.abs(hi)) / factor;
  const range = hi / factor - lo / factor;
  if (largest < range * 1e3) return 0;
  if (Math.ceil(Math.log10(largest + 1)) + digitsOf(tickStep(range, wanted)) <= 8) return 0;
  const round = 10 ** Math.ceil(Math.log10(hi - lo));
  const inside = Math.ceil(lo / round) * round;
  return Number((inside <= hi ? inside : inside - round).toPrecision(15));
}

/** A number in the fewer letters of two ways. */
function shortest(value: number): string {
  const [plain, power] = [String(value), value.toExponential().replace('e+', 'e')];
  return plain.length <= power.length ? plain : power;
}

/** The axis for limits; `padding` are the shares of the range that are added below and above, `whole` asks for ticks at integers only. */
export function makeAxis(
  limits: readonly [number, number],
  name: string | null,
  {
    padding = [0, 0],
    wanted = 6,
    whole = false,
  }: { padding?: [number, number]; wanted?: number; whole?: boolean } = {},
): Axis {
  const [from, to] = spread(...limits);
  const offset = offsetOf(from, to, wanted);
  const exponent = exponentOf(from - offset, to - offset);
  const factor = exponent === 0 ? 1 : 10 ** exponent;
  let [lo, hi] = [(from - offset) / factor, (to - offset) / factor];
  const range = hi - lo;
  [lo, hi] = [lo - range * padding[0], hi + range * padding[1]];
  let step = tickStep(hi - lo, wanted);
  if (whole && exponent === 0) step = Math.max(1, step);
  const first = Math.ceil(lo / step - 1e-9);
  const count = Math.max(0, Math.floor(hi / step + 1e-9) - first + 1);
  const digits = digitsOf(step);
  const ticks = Array.from({ length: Math.min(count, 50) }, (_, k) => Number(((first + k) * step).toFixed(digits)));
  const unit = exponent === 0 ? '' : `×10${superscript(exponent)}`;
  const more = offset === 0 ? '' : `${offset < 0 ? '−' : '+'} ${shortest(Math.abs(offset))}`;
  return {
    lo,
    hi,
    factor,
    offset,
    ticks,
    digits,
    inverse: false,
    name: [name ?? '', unit, more].filter(Boolean).join('  '),
  };
}

/** The text of a tick, with a minus sign. */
export const tickText = (value: number, digits: number): string =>
  (Math.abs(value) < 1e-12 ? 0 : value).toFixed(digits).replace('-', '−');
