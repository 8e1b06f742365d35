/** Small, slow, independent computations of what the reference demands where ours deviates from the original. */
import { compareText } from './text.js';
import { PyArray, PySeries } from './values.js';

/** `timeseries.md` 1.2: the tolerance in bins. */
export function tolerantBins(t: number, t0: number, dt: number): number {
  return Math.min(Math.max((8 * Number.EPSILON * Math.max(Math.abs(t), Math.abs(t0))) / dt, 1e-6), 1e-3);
}

function steps(t: number, t0: number, dt: number, round: (x: number) => number): number {
  const x = (t - t0) / dt;
  return Math.abs(x - Math.round(x)) <= tolerantBins(t, t0, dt) ? Math.round(x) : round(x);
}

export const stepFloor = (t: number, t0: number, dt: number): number => steps(t, t0, dt, Math.floor);
export const stepCeil = (t: number, t0: number, dt: number): number => steps(t, t0, dt, Math.ceil);

/** The smallest double above `x`. */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  const bits = new BigInt64Array(new Float64Array([x]).buffer);
  bits[0] += x > 0 ? 1n : -1n;
  return new Float64Array(bits.buffer)[0];
}

export interface Event {
  time: number;
  channel: number;
}

/** Events of a recorded event series; a periodic one repeated to cover [from, to] (5.6). */
export function eventsOf(series: PySeries, from: number, to: number): Event[] {
  const times = series.array('times').data as number[];
  const channels = series.array('channels').data as number[];
  const own = times.map((time, i) => ({ time, channel: channels[i] }));
  if (series.fields.get('periodic') !== true) return own;
  const [start, stop] = [series.number('t_start'), series.number('t_stop')];
  const period = stop - start;
  if (period <= 0 || own.length === 0) return own;
  const before = from < start ? Math.ceil((start - from) / period) : 0;
  const after = to > stop ? Math.ceil((to - start) / period) : 1;
  return Array.from({ length: before + after }, (_, p) => (p - before) * period).flatMap((shift) =>
    own.map(({ time, channel }) => ({ time: time + shift, channel })),
  );
}

export interface RasterRequest {
  dt: number;
  tStart: number;
  tStop: number;
  /** The stop is that of the series. */
  ownStop: boolean;
  numTimesteps: number | undefined;
  channels: readonly number[] | undefined;
  counts: boolean;
}

function fill(rows: number, columns: number, hits: readonly [number, number][], counts: boolean): PyArray {
  const data = new Array<number>(rows * columns).fill(0);
  for (const [row, column] of hits) data[row * columns + column] = counts ? data[row * columns + column] + 1 : 1;
  return new PyArray([rows, columns], counts ? 'int64' : 'bool', data);
}

/** The raster by the original's arithmetic: raw floor and ceil. Null where that fails (column numbers are channel numbers). */
export function rawRaster(series: PySeries, r: RasterRequest): PyArray | null {
  const stop = r.numTimesteps === undefined ? r.tStop : r.tStart + r.numTimesteps * r.dt;
  const rows = Math.ceil((stop - r.tStart) / r.dt);
  const columns = r.channels?.length ?? series.number('num_channels');
  const hits: [number, number][] = [];
  for (const { time, channel } of eventsOf(series, r.tStart, stop)) {
    if (time < r.tStart || time >= stop || (r.channels && !r.channels.includes(channel))) continue;
    const row = Math.floor((time - r.tStart) / r.dt);
    if (row >= rows && !r.counts) return null;
    if (row >= rows) continue;
    if (channel >= columns) return null;
    hits.push([row, channel]);
  }
  return fill(rows, columns, hits, r.counts);
}

/** The raster that the reference demands (7.7). */
export function raster(series: PySeries, r: RasterRequest): PyArray {
  const stop = r.numTimesteps === undefined ? r.tStop : r.tStart + r.numTimesteps * r.dt;
  const events = eventsOf(series, r.tStart, stop + r.dt).map((e) => ({ ...e, row: stepFloor(e.time, r.tStart, r.dt) }));
  let rows = r.numTimesteps ?? stepCeil(r.tStop, r.tStart, r.dt);
  if (r.ownStop && r.numTimesteps === undefined && series.fields.get('periodic') !== true) {
    for (const e of events) if (e.time < stop) rows = Math.max(rows, e.row + 1);
  }
  const channels = r.channels ?? Array.from({ length: series.number('num_channels') }, (_, i) => i);
  const hits = events
    .filter((e) => e.row >= 0 && e.row < rows && (r.numTimesteps !== undefined || e.time < r.tStop))
    .flatMap((e) => channels.flatMap((c, j): [number, number][] => (c === e.channel ? [[e.row, j]] : [])));
  return fill(rows, channels.length, hits, r.counts);
}

/** The one-line description of a series (6.8, 7.4). Numbers are compared as numbers, so their format does not matter. */
export function describeSeries(s: PySeries): string {
  const [start, stop] = [s.number('t_start'), s.number('t_stop')];
  const periodic = s.fields.get('periodic') === true ? 'periodic' : 'non-periodic';
  const length = s.array('times').data.length;
  const name = s.fields.get('name') as string;
  const channels = s.number('num_channels');
  if (s.type === 'TSEvent') {
    if (length === 0) return `Empty \`TSEvent\` object \`${name}\` from t=${start} to t=${stop}.`;
    return `${periodic} \`TSEvent\` object \`${name}\` from t=${start} to ${stop}. Channels: ${channels}. Events: ${length}`;
  }
  const kind = length === 0 ? 'Empty' : periodic;
  return `${kind} TSContinuous object \`${name}\` from t=${start} to ${stop}. Samples: ${length}. Channels: ${channels}`;
}

/** A changed series with the description that belongs to it. A recorded description that is none of its series stays, and fails. */
export function changed(series: PySeries, changes: Record<string, unknown>): PySeries {
  const next = series.with(changes);
  const repr = series.fields.get('repr');
  if (typeof repr !== 'string') return next;
  try {
    compareText(repr, describeSeries(series), 'repr', { abs: 1e-9 });
  } catch {
    return next;
  }
  return next.with({ repr: describeSeries(next) });
}
