/** Small, slow, independent computations of training on filtered events. */
import { eventsOf, stepFloor, tolerantBins } from './reference.js';
import type { PySeries } from './values.js';

export type Rows = number[][];

/** What of a layer matters here. */
export interface Filter {
  readonly dt: number;
  readonly tauSyn: number;
  readonly addEvents: boolean;
  readonly weights: { shape: readonly number[] };
}

/** Times at which a batch is sampled, as steps from the start of the target. */
export function batchRows(target: PySeries, dt: number, isLast: boolean): number {
  const [start, stop] = [target.number('t_start'), target.number('t_stop')];
  const n = Math.round((stop - start) / dt) + (isLast ? 1 : 0);
  return Math.min(n, stepFloor(stop, start, dt) + 1);
}

/** Samples of a series that holds its values. */
export function held(series: PySeries, t0: number, dt: number, n: number): Rows {
  const times = series.array('times').data as number[];
  const { data, shape } = series.array('samples');
  return Array.from({ length: n }, (_, k) => {
    const t = t0 + k * dt;
    const at = times.findLastIndex((x) => x - t <= tolerantBins(x, t, dt) * dt);
    return data.slice(at * shape[1], (at + 1) * shape[1]) as number[];
  });
}

/** Numbers of events in each step. */
export function counts(input: PySeries | null, filter: Filter, t0: number, n: number): Rows {
  const columns = filter.weights.shape[0];
  const raster = Array.from({ length: n }, () => new Array<number>(columns).fill(0));
  if (input === null) return raster;
  for (const { time, channel } of eventsOf(input, t0, t0 + n * filter.dt)) {
    const k = stepFloor(time, t0, filter.dt);
    if (k < 0 || k >= n) continue;
    raster[k][channel] = filter.addEvents ? raster[k][channel] + 1 : 1;
  }
  return raster;
}

/** x[k + 1] = beta x[k] + raster[k] for k = 0 ... n - 1, n + 1 rows. */
export function filtered(raster: Rows, initial: readonly number[], { dt, tauSyn }: Filter): Rows {
  const beta = Math.exp(-dt / tauSyn);
  const rows: Rows = [[...initial]];
  for (const events of raster) {
    const x = rows[rows.length - 1];
    rows.push(x.map((v, c) => beta * v + events[c]));
  }
  return rows;
}

/** X^T Y */
export function product(x: Rows, y: Rows): Rows {
  return x[0].map((_, i) => y[0].map((_value, j) => x.reduce((sum, row, k) => sum + row[i] * y[k][j], 0)));
}

export function sum(a: Rows | null, b: Rows): Rows {
  return a === null ? b : b.map((row, i) => row.map((v, j) => v + a[i][j]));
}

/** The solution of A X = B by elimination with pivots. */
export function solve(a: Rows, b: Rows): Rows {
  const n = a.length;
  const m = a.map((row, i) => [...row, ...b[i]]);
  for (let i = 0; i < n; i++) {
    let pivot = i;
    for (let r = i + 1; r < n; r++) if (Math.abs(m[r][i]) > Math.abs(m[pivot][i])) pivot = r;
    [m[i], m[pivot]] = [m[pivot], m[i]];
    for (let r = 0; r < n; r++) {
      if (r === i) continue;
      const factor = m[r][i] / m[i][i];
      for (let c = i; c < m[r].length; c++) m[r][c] -= factor * m[i][c];
    }
  }
  return m.map((row, i) => row.slice(n).map((v) => v / row[i]));
}
