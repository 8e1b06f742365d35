/** Arithmetic of time steps: multiples, and the common time step of a network. */
import { checkNumber } from '../check.js';
import { RockpoolError } from '../errors.js';

/** How many times longer than the longest time step of a layer the common one may be. */
const maxFactor = 100;

/** Whether `a` is a multiple of `b`, within 1e-5 of `b` and 1e-10 s. */
export function isMultiple(a: number, b: number): boolean {
  checkNumber(a, 'a', { min: 0 });
  checkNumber(b, 'b', { positive: true });
  return Math.abs(a - Math.round(a / b) * b) < 1e-5 * b + 1e-10;
}

/** Least common multiple of time steps. @throws RockpoolError `ERR_DT` when their ratio is no fraction of small integers. */
export function lcm(a: number, b: number): number {
  const [p] = ratio(a, b); // lcm(1, p / q) = p / gcd(1, q)
  return round(a * Number(p));
}

/** Greatest common divisor of time steps. @throws RockpoolError `ERR_DT` when their ratio is no fraction of small integers. */
export function gcd(a: number, b: number): number {
  const [, q] = ratio(a, b);
  return round(a / Number(q));
}

/** The shortest time that is a whole number of time steps of each layer: `names[i]` has `steps[i]`. */
export function commonTimeStep(steps: readonly number[], names: readonly string[]): number {
  const [first, ...others] = steps as [number, ...number[]];
  if (others.length === 0) return first;
  let multiple = 1n; // of the first time step; the least common multiple of fractions p / q is lcm(p) / gcd(q), and the first q is 1
  for (const [i, dt] of others.entries()) {
    const [p] = ratio(first, dt, `the time steps of '${names[0]}' and '${names[i + 1]}'`);
    multiple = (multiple / divisor(multiple, p)) * p;
  }
  const dt = round(first * Number(multiple));
  const longest = Math.max(...steps);
  if (dt > maxFactor * longest * (1 + 1e-9)) {
    throw new RockpoolError(
      'ERR_DT',
      `expected the common time step of the layers to be at most ${maxFactor} times the longest of theirs (${longest}), received ${dt}`,
      { details: { steps: [...steps], dt } },
    );
  }
  return dt;
}

/** Steps of a layer in one step of the network. @throws RockpoolError `ERR_DT` when they are no whole number. */
export function stepsPerNetworkStep(networkDt: number, layerDt: number, name: string): number {
  const n = Math.round(networkDt / layerDt);
  if (n < 1 || !isMultiple(networkDt, layerDt)) {
    throw new RockpoolError(
      'ERR_DT',
      `expected dt of the network to be a multiple of the time step ${layerDt} of layer '${name}', received ${networkDt}`,
      {
        details: { dt: networkDt, layer: name, layerDt },
      },
    );
  }
  return n;
}

/** b / a as a fraction of integers with a denominator of at most 10 000 and a relative error of at most 1e-9. */
function ratio(a: number, b: number, who = 'the two time steps'): [numerator: bigint, denominator: bigint] {
  const x = checkNumber(b, 'b', { positive: true }) / checkNumber(a, 'a', { positive: true });
  let [p0, q0, p, q] = [0, 1, 1, 0];
  for (let rest = x; q <= 10_000 && Number.isSafeInteger(p); rest = 1 / (rest - Math.floor(rest))) {
    const digit = Math.floor(rest);
    [p0, q0, p, q] = [p, q, digit * p + p0, digit * q + q0];
    if (q > 10_000 || !Number.isSafeInteger(p)) break;
    if (p > 0 && Math.abs(p / q - x) <= 1e-9 * x) return [BigInt(p), BigInt(q)];
  }
  throw new RockpoolError('ERR_DT', `expected ${who} to have a ratio of small integers, received ${a} and ${b}`, {
    details: { steps: [a, b] },
  });
}

function divisor(a: bigint, b: bigint): bigint {
  while (b > 0n) [a, b] = [b, a % b];
  return a;
}

/** Without the noise of the last digits. */
function round(x: number): number {
  return Number(x.toPrecision(15));
}
