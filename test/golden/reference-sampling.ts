/** Slow, independent reading of continuous series by the rules of the reference (section 5). */
import { required, type Constructor } from './api.js';
import { toFlat } from './compare.js';
import { PyArray, PySeries } from './values.js';

/** A continuous series as a deviation sees it. */
export class Continuous {
  readonly times: readonly number[];
  readonly rows: readonly (readonly number[])[];
  readonly kind: unknown;
  readonly start: number;
  readonly stop: number;
  readonly periodic: boolean;
  readonly channels: number;
  readonly tolerance: number;
  readonly raises: boolean;

  constructor(
    readonly series: PySeries,
    /** Our object, asked only where an independent value would repeat its code: inside the samples of a spline. */
    readonly ours: { sample(times: number[]): unknown },
  ) {
    this.times = series.array('times').data as number[];
    const samples = series.array('samples');
    const columns = samples.shape[1];
    this.rows = this.times.map((_, i) => samples.data.slice(i * columns, (i + 1) * columns) as number[]);
    this.kind = series.fields.get('interp_kind');
    this.start = series.number('t_start');
    this.stop = series.number('t_stop');
    this.periodic = series.fields.get('periodic') === true && this.stop > this.start;
    this.channels = series.number('num_channels');
    const approx = series.fields.get('approx_limit_times') === true;
    this.tolerance = approx ? Math.min(1e-9, 1e-6 * (this.stop - this.start)) : 0;
    this.raises = series.fields.get('beyond_range_exception') === true;
  }

  get first(): number {
    return this.times[0];
  }

  get last(): number {
    return this.times[this.times.length - 1];
  }

  /** Whether the original reads there: its window starts at the first sample and ends at the last (`previous`: at the stop). */
  originalReads(t: number): boolean {
    if (this.times.length === 0) return false;
    const end = this.kind === 'previous' ? this.stop : this.last;
    return this.periodic || (t >= this.first - this.tolerance && t <= end + this.tolerance);
  }

  /** Whether a time of a periodic series is mapped to where the original has no value. */
  inGap(t: number): boolean {
    const period = this.stop - this.start;
    const u = this.start + ((((t - this.start) % period) + period) % period);
    return u < this.first || (u > this.last && this.kind !== 'previous');
  }

  /** The times of the samples; those of a periodic series repeated to cover [from, to], each time once (5.6, F-17). */
  repeated(from: number, to: number): number[] {
    if (!this.periodic) return [...this.times];
    const period = this.stop - this.start;
    const before = from < this.start ? Math.ceil((this.start - from) / period) : 0;
    const after = to > this.stop ? Math.ceil((to - this.start) / period) : 1;
    const all = Array.from({ length: before + after }, (_, p) =>
      this.times.map((t) => t + (p - before) * period),
    ).flat();
    return all.filter((t, i) => i === 0 || t - all[i - 1] > 1e-9);
  }

  /** Whether a time lies beside the samples, where the windows differ. */
  besides(t: number): boolean {
    return this.times.length === 0 || t < this.first || t > this.last || this.times.length === 1;
  }

  /** The required value at `t`: NaN rows where the series has none but may be asked; null where reading is an error. */
  value(t: number): readonly number[] | null {
    const nothing = this.raises ? null : new Array<number>(this.channels).fill(NaN);
    if (this.periodic) return this.times.length === 0 ? this.nan() : this.wrapped(t);
    if (t < this.start && this.start - t <= this.tolerance) t = this.start;
    if (t > this.stop && t - this.stop <= this.tolerance) t = this.stop;
    if (t < this.start || t > this.stop) return nothing;
    if (this.times.length === 0) return this.nan();
    if (t >= this.first && t <= this.last) return this.inside(t);
    return this.filled(t) ?? this.extrapolated(t) ?? nothing;
  }

  private nan(): number[] {
    return new Array<number>(this.channels).fill(NaN);
  }

  private inside(t: number): readonly number[] {
    const flat = toFlat(this.ours.sample([t]));
    return Array.from(flat?.data ?? []);
  }

  private filled(t: number): number[] | null {
    const fill = this.series.fields.get('fill_value');
    if (fill === 'extrapolate') return null;
    const pair =
      typeof fill === 'object' && fill !== null && 'below' in fill
        ? (fill as { below: unknown; above: unknown })
        : null;
    const flat = toFlat(pair ? (t < this.first ? pair.below : pair.above) : fill);
    const data = Array.from(flat?.data ?? []);
    return data.length === 1 ? new Array<number>(this.channels).fill(data[0]) : data;
  }

  /** Table 5.3; null where the kind leaves the value undefined. */
  private extrapolated(t: number): readonly number[] | null {
    const below = t < this.first;
    const edge = below ? this.rows[0] : this.rows[this.rows.length - 1];
    if (this.times.length === 1) return edge;
    switch (this.kind) {
      case 'previous':
        return below && this.first - t > this.tolerance ? null : edge;
      case 'next':
        return !below && t - this.last > this.tolerance ? null : edge;
      case 'linear':
      case 'slinear':
      case 1:
        return this.prolonged(t, 1);
      case 'quadratic':
      case 2:
        return this.prolonged(t, 2);
      case 'cubic':
      case 3:
        return this.prolonged(t, 3);
      default:
        return edge;
    }
  }

  /** The polynomial of the outermost piece, found from points inside it. */
  private prolonged(t: number, degree: number): number[] {
    const n = this.times.length;
    const [a, b] = t < this.first ? [this.times[0], this.times[1]] : [this.times[n - 2], this.times[n - 1]];
    const points = Array.from({ length: degree + 1 }, (_, i) => a + ((b - a) * i) / degree);
    const values = points.map((p) => this.inside(Math.min(Math.max(p, this.first), this.last)));
    return Array.from({ length: this.channels }, (_, c) =>
      points.reduce((sum, p, i) => {
        const basis = points.reduce((product, q, j) => (j === i ? product : (product * (t - q)) / (p - q)), 1);
        return sum + values[i][c] * basis;
      }, 0),
    );
  }

  /** 5.4: one period, with the last sample a period earlier in front and the first one a period later behind. */
  private wrapped(t: number): readonly number[] | null {
    const period = this.stop - this.start;
    let u = this.start + ((((t - this.start) % period) + period) % period);
    if (u >= this.stop) u = this.start;
    const n = this.times.length;
    const x = [this.last - period, ...this.times, this.first + period];
    const y = [this.rows[n - 1], ...this.rows, this.rows[0]];
    let k = x.findLastIndex((s) => s <= u);
    if (k < 0) k = 0;
    const [low, high] = [x[k], x[Math.min(k + 1, n + 1)]];
    switch (this.kind) {
      case 'previous':
      case 'zero':
        return y[k];
      case 'next':
        return u === low ? y[k] : y[Math.min(k + 1, n + 1)];
      case 'nearest':
        return u <= (low + high) / 2 ? y[k] : y[k + 1];
      case 'nearest-up':
        return u < (low + high) / 2 ? y[k] : y[k + 1];
      case 'linear':
      case 'slinear':
        return u === low ? y[k] : y[k].map((v, c) => v + ((y[k + 1][c] - v) * (u - low)) / (high - low));
      default:
        return this.wrappedSpline(x, y, u);
    }
  }

  /** Whether virtual samples change what a spline is inside, too. */
  get splineWithGap(): boolean {
    const spline = ['quadratic', 'cubic', 2, 3].includes(this.kind as string | number);
    return spline && this.periodic && this.last - (this.stop - this.start) < this.first;
  }

  /** The spline through the samples and the virtual ones, as a series of its own. */
  private wrappedSpline(x: readonly number[], y: readonly (readonly number[])[], u: number): readonly number[] {
    const Series = required('TSContinuous') as Constructor;
    const options = { times: x, samples: y, interpKind: this.kind };
    const wider = new Series(options) as unknown as { sample(times: number[]): { data: ArrayLike<number> } };
    return Array.from(wider.sample([u]).data);
  }

  /** Rows at all times, or null where one of them is an error. */
  values(times: readonly number[]): (readonly number[])[] | null {
    const rows = times.map((t) => this.value(t));
    return rows.includes(null) ? null : (rows as (readonly number[])[]);
  }

  /**
   * F-14: whether the original's linear kind makes NaN of channel `c` exactly at a sample, because the neighbour whose segment it evaluates
   * is not finite, and which value the sample has.
   */
  spoiled(t: number, c: number): number | null {
    if (this.kind !== 'linear' || this.times.length < 2) return null;
    const k = this.times.indexOf(t);
    if (k < 0) return null;
    const neighbour = this.rows[k === 0 ? 1 : k - 1][c];
    const own = this.rows[k][c];
    return Number.isFinite(own) && !Number.isFinite(neighbour) ? own : null;
  }
}

/** Rows as a recorded matrix. */
export function toMatrix(rows: readonly (readonly number[])[], columns: number): PyArray {
  return new PyArray([rows.length, columns], 'float64', rows.flat());
}

const zeroIfNaN = (x: number): number => (Number.isNaN(x) ? 0 : x);
const bothNaN = (a: number, b: number): boolean => Number.isNaN(a) && Number.isNaN(b);

/** Elementwise operations with their rules for NaN (6.6). */
export const operations: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => (bothNaN(a, b) ? NaN : zeroIfNaN(a) + zeroIfNaN(b)),
  sub: (a, b) => (bothNaN(a, b) ? NaN : zeroIfNaN(a) - zeroIfNaN(b)),
  mul: (a, b) => a * b,
  truediv: (a, b) => a / b,
  floordiv: (a, b) => Math.floor(a / b),
  pow: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : a ** b),
};
