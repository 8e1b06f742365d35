/** Tests of distributions on fresh seeds: each fails by chance once in a million runs. */
import assert from 'node:assert/strict';
import { setWarningHandler, type RockpoolWarning } from 'rockpool-node';
import { SparseMatrix } from 'rockpool-node/weights';

export type Rows = number[][];

/** A test with a new seed each time, which a failure names. */
export function itSeeded(title: string, test: (seed: number) => void, repeats = 1): void {
  it(title, () => {
    for (let k = 0; k < repeats; k++) {
      const given = process.env['ROCKPOOL_TEST_SEED'];
      const seed = given === undefined ? Math.floor(Math.random() * 2 ** 40) : Number(given);
      try {
        test(seed);
      } catch (error) {
        (error as Error).message += ` (seed ${seed})`;
        throw error;
      }
    }
  });
}

/** Any matrix of ours as rows. */
export function rows(matrix: { shape: readonly number[]; data: ArrayLike<number> } | SparseMatrix): Rows {
  const { shape, data } = matrix instanceof SparseMatrix ? matrix.toDense() : matrix;
  const flat = Array.from(data);
  return Array.from({ length: shape[0] }, (_, i) => flat.slice(i * shape[1], (i + 1) * shape[1]));
}

export const transpose = (m: Rows): Rows => m[0].map((_, j) => m.map((row) => row[j]));
export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
export const nonzero = (values: readonly number[]): number => values.filter((x) => x !== 0).length;

/** Quantiles of the standard normal for 1e-6: two-sided and one-sided. */
const twoSided = 4.8916;
const oneSided = 4.7534;

/** A sum or mean with a known expectation and standard deviation. */
export function assertNear(actual: number, expected: number, deviation: number, what: string, limit = twoSided): void {
  const z = (actual - expected) / deviation;
  assert.ok(Math.abs(z) <= limit, `${what}: expected ${expected}, received ${actual}, ${z.toFixed(1)} deviations off`);
}

/** Successes of independent trials. */
export function assertBinomial(successes: number, trials: number, p: number, what: string, limit = twoSided): void {
  assertNear(successes, trials * p, Math.sqrt(trials * p * (1 - p)), what, limit);
}

/** The limit, in standard deviations, for a thousand comparisons at once. */
export const ofThousand = 6.2;

/** Pearson's test; the quantile by Wilson and Hilferty. Expectations should be 5 and more. */
export function assertChiSquared(
  observed: readonly number[],
  expected: readonly number[],
  what: string,
  lost = 1,
): void {
  let chi = 0;
  observed.forEach((o, k) => {
    if (expected[k] === 0) assert.equal(o, 0, `${what}: something that cannot be, number ${k}`);
    else chi += (o - expected[k]) ** 2 / expected[k];
  });
  const df = expected.filter((e) => e > 0).length - lost;
  const limit = df * (1 - 2 / (9 * df) + oneSided * Math.sqrt(2 / (9 * df))) ** 3;
  assert.ok(
    chi <= limit,
    `${what}: chi squared ${chi.toFixed(1)} of ${df} degrees of freedom, limit ${limit.toFixed(1)}`,
  );
}

/** Kolmogorov and Smirnov's test against a distribution function. */
export function assertDistribution(values: readonly number[], cdf: (x: number) => number, what: string): void {
  const sorted = Float64Array.from(values).sort();
  const n = sorted.length;
  let distance = 0;
  sorted.forEach((x, i) => {
    const p = cdf(x);
    distance = Math.max(distance, p - i / n, (i + 1) / n - p);
  });
  const limit = Math.sqrt(Math.log(2 / 1e-6) / 2 / n);
  assert.ok(
    distance <= limit,
    `${what}: distance ${distance.toFixed(4)} of the distributions, limit ${limit.toFixed(4)}`,
  );
}

/** Standard normal distribution function (Abramowitz and Stegun 7.1.26, 1.5e-7). */
export function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const erf = 1 - poly * Math.exp(-z * z);
  return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
}

export const uniformCdf =
  (low: number, high: number) =>
  (x: number): number =>
    Math.min(1, Math.max(0, (x - low) / (high - low)));

/** FNV-1a over the bytes of an array. */
export function checksum(data: ArrayBufferView): string {
  let h = 0x811c9dc5;
  for (const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) {
    h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  }
  return h.toString(16);
}

/** Warnings that a call emits, by code. */
export function warningsOf(call: () => unknown): string[] {
  const codes: string[] = [];
  setWarningHandler((warning: RockpoolWarning) => codes.push(warning.code));
  try {
    call();
  } finally {
    setWarningHandler(null);
  }
  return codes;
}

/** Largest magnitude of the eigenvalues, by squaring: |A^(2^k)|^(1 / 2^k). */
export function radiusBySquaring(m: Rows, squarings = 24): number {
  let log = 0;
  let power = m;
  for (let k = 0; k < squarings; k++) {
    const columns = transpose(power);
    const squared = power.map((row) => columns.map((c) => sum(row.map((x, i) => x * c[i]))));
    const norm = Math.sqrt(sum(squared.flat().map((x) => x * x)));
    if (norm === 0) return 0;
    log = 2 * log + Math.log(norm);
    power = squared.map((row) => row.map((x) => x / norm));
  }
  return Math.exp(log / 2 ** squarings);
}
