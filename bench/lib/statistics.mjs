export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Minimum, median and maximum. */
export function summary(values) {
  return { min: Math.min(...values), median: median(values), max: Math.max(...values) };
}

/**
 * The two-sample Kolmogorov-Smirnov test: the largest distance between the two cumulative distributions, and the probability
 * of a distance so large if both samples came from the same one (asymptotic, with Stephens' correction; ties make it too high, never too low).
 */
export function kolmogorovSmirnov(a, b) {
  const x = Float64Array.from(a).sort();
  const y = Float64Array.from(b).sort();
  let distance = 0;
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    const value = Math.min(x[i], y[j]);
    while (x[i] === value) i++;
    while (y[j] === value) j++;
    distance = Math.max(distance, Math.abs(i / x.length - j / y.length));
  }
  const root = Math.sqrt((x.length * y.length) / (x.length + y.length));
  return { distance, p: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) };
}

/** The probability that Kolmogorov's statistic exceeds lambda: 2 sum (-1)^(k-1) exp(-2 k^2 lambda^2). */
function kolmogorovTail(lambda) {
  if (lambda < 0.2) return 1; // the series converges too slowly where the sum is 1 to twelve digits
  let sum = 0;
  for (let k = 1; k <= 100; k++) sum += (k % 2 ? 2 : -2) * Math.exp(-2 * (k * lambda) ** 2);
  return Math.min(1, Math.max(0, sum));
}

/** A generator of uniform numbers in [0, 1) that gives the same numbers everywhere (Mulberry32). */
export function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Normal numbers of mean 0 and standard deviation 1 (Box-Muller), from uniform ones. */
export function normal(random) {
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
