/** Compares what we computed with what was recorded. Every difference is a {@link Mismatch} that names the element. */
import { PyArray, PyDict, PyRef, PySeries, PyTuple } from './values.js';
import type { Tolerances } from './tolerances.js';
import { compareText } from './text.js';
import { textOf } from './bindings.js';

/** What was recorded and what came differ. */
export class Mismatch extends Error {}

export interface Comparison {
  tolerances: Tolerances;
  /** Simultaneous events may come in any order. */
  unorderedEvents?: boolean;
  /** Keys that a dictionary of ours may have in addition. */
  ignoredKeys?: RegExp | undefined;
  /** The object of the case that a reference names. */
  resolve: (name: string) => unknown;
}

/** How large a difference may be, and between which values. */
export interface Tolerance {
  rel?: number;
  abs?: number;
}

const exactTypes = /^(u?int|bool)/;

export function isSeries(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'tStart' in value &&
    'tStop' in value &&
    'periodic' in value &&
    'times' in value
  );
}

/** Any array-like of ours as flat numbers and a shape; null when it is none. */
export function toFlat(value: unknown): { shape: readonly number[]; data: ArrayLike<number> } | null {
  if (typeof value === 'number') return { shape: [], data: [value] };
  if (typeof value === 'boolean') return { shape: [], data: [Number(value)] };
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    const data = value as unknown as ArrayLike<number | bigint>;
    return { shape: [data.length], data: Array.from(data, Number) };
  }
  if (typeof value === 'object' && value !== null && 'data' in value && 'shape' in value) {
    const { data, shape } = value as { data: ArrayLike<number | bigint>; shape: number[] };
    return { shape, data: Array.from(data, Number) };
  }
  if (Array.isArray(value)) {
    const rows = value.map(toFlat);
    if (rows.some((row) => row === null)) return null;
    const first = rows[0]?.shape ?? [];
    if (rows.some((row) => String(row?.shape) !== String(first))) return null;
    return { shape: [value.length, ...first], data: rows.flatMap((row) => Array.from(row?.data ?? [])) };
  }
  return null;
}

function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (isSeries(value)) return 'a series';
  const flat = toFlat(value);
  if (flat) return flat.shape.length === 0 ? String(flat.data[0]) : `an array of shape [${flat.shape.join(', ')}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  return typeof value === 'object' && value !== null
    ? `an object (${Object.keys(value).join(', ')})`
    : `a ${typeof value}`;
}

function fail(path: string, expected: unknown, actual: unknown): never {
  throw new Mismatch(`${path}: expected ${String(expected)}, received ${String(actual)}`);
}

/** Compares flat numbers; `rel` is relative to the largest finite value recorded. */
export function compareNumbers(
  expected: readonly (number | null)[],
  actual: ArrayLike<number>,
  tolerance: Tolerance,
  path: string,
  shape: readonly number[] = [expected.length],
): void {
  let largest = 0;
  for (const e of expected) if (e !== null && Number.isFinite(e)) largest = Math.max(largest, Math.abs(e));
  const limit = Math.max(tolerance.abs ?? 0, (tolerance.rel ?? 0) * largest);
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i];
    const a = actual[i];
    const same =
      e === null || Number.isNaN(e) ? Number.isNaN(a) : Object.is(e, a) || e === a || Math.abs(e - a) <= limit;
    if (!same) {
      const off =
        Number.isFinite(e) && Number.isFinite(a)
          ? ` (off by ${Math.abs((e as number) - a).toExponential(2)}, allowed ${limit.toExponential(2)})`
          : '';
      throw new Mismatch(`${path}${indexText(i, shape)}: expected ${e}, received ${a}${off}`);
    }
  }
}

function indexText(i: number, shape: readonly number[]): string {
  if (shape.length === 0) return '';
  const index: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(i % shape[d]);
    i = Math.floor(i / shape[d]);
  }
  return `[${index.join(', ')}]`;
}

/** What was computed in single precision is compared as such. */
function single(tolerance: Tolerance): Tolerance {
  return { ...tolerance, rel: Math.max(tolerance.rel ?? 0, 1e-5) };
}

export function compareArray(expected: PyArray, actual: unknown, tolerance: Tolerance, path: string): void {
  const flat = toFlat(actual);
  if (flat === null) fail(path, `an array of shape [${expected.shape.join(', ')}]`, describe(actual));
  if (String(flat.shape) !== String(expected.shape)) {
    // An empty list has no inner dimensions to show.
    const bothEmpty = expected.data.length === 0 && flat.data.length === 0 && Array.isArray(actual);
    if (!bothEmpty) fail(path, `shape [${expected.shape.join(', ')}]`, `shape [${flat.shape.join(', ')}]`);
  }
  const limit = exactTypes.test(expected.dtype) ? {} : expected.dtype === 'float32' ? single(tolerance) : tolerance;
  compareNumbers(expected.data, flat.data, limit, path, expected.shape);
}

const seriesMembers: Record<string, string> = {
  times: 'times',
  samples: 'samples',
  channels: 'channels',
  interp_kind: 'interpKind',
  fill_value: 'fillValue',
  units: 'units',
  num_channels: 'numChannels',
  t_start: 'tStart',
  t_stop: 'tStop',
  periodic: 'periodic',
  name: 'name',
};

/** Order of events by time, simultaneous ones by channel. */
function sortEvents(times: readonly number[], channels: readonly number[], slack: number): number[] {
  const order = times.map((_, i) => i).sort((a, b) => times[a] - times[b]);
  for (let from = 0; from < order.length;) {
    let to = from + 1;
    while (to < order.length && times[order[to]] - times[order[to - 1]] <= slack) to++;
    const group = order.slice(from, to).sort((a, b) => channels[a] - channels[b] || a - b);
    order.splice(from, to - from, ...group);
    from = to;
  }
  return order;
}

function compareEvents(expected: PySeries, actual: Record<string, unknown>, how: Comparison, path: string): void {
  const times = toFlat(actual['times'])?.data ?? [];
  const channels = toFlat(actual['channels'])?.data ?? [];
  const et = expected.array('times');
  const ec = expected.array('channels');
  if (times.length !== et.data.length) fail(`${path}.times`, `${et.data.length} events`, `${times.length} events`);
  if (channels.length !== times.length)
    fail(`${path}.channels`, `${times.length} channels`, `${channels.length} channels`);
  for (let i = 1; i < times.length; i++) {
    if (times[i] < times[i - 1]) throw new Mismatch(`${path}.times[${i}]: is before the event in front of it`);
  }
  const slack = how.tolerances.times.abs ?? 0;
  const identity = et.data.map((_, i) => i);
  const eo = how.unorderedEvents ? sortEvents(et.data as number[], ec.data as number[], slack) : identity;
  const ao = how.unorderedEvents ? sortEvents(Array.from(times), Array.from(channels), slack) : identity;
  compareNumbers(
    eo.map((i) => et.data[i] as number),
    ao.map((i) => times[i]),
    how.tolerances.times,
    `${path}.times`,
  );
  compareNumbers(
    eo.map((i) => ec.data[i] as number),
    ao.map((i) => channels[i]),
    {},
    `${path}.channels`,
  );
}

function compareSeries(expected: PySeries, actual: unknown, how: Comparison, path: string): void {
  if (!isSeries(actual)) fail(path, `a ${expected.type}`, describe(actual));
  const isEvent = 'channels' in actual;
  if (isEvent !== (expected.type === 'TSEvent'))
    fail(path, `a ${expected.type}`, isEvent ? 'a TSEvent' : 'a TSContinuous');
  if (isEvent) compareEvents(expected, actual, how, path);
  const kind = expected.fields.get('interp_kind');
  for (const [field, value] of expected.fields) {
    const where = `${path}.${field}`;
    if (field === 'repr') compareText(value as string, textOf(actual), where, how.tolerances.times);
    else if (isEvent && (field === 'times' || field === 'channels')) continue;
    else if (field === 'times') compareArray(value as PyArray, actual['times'], how.tolerances.times, where);
    else if (field === 'samples')
      compareArray(value as PyArray, actual['samples'], how.tolerances.samples(kind), where);
    else if (field === 't_start' || field === 't_stop') {
      compareNumbers([value as number], [actual[seriesMembers[field]] as number], how.tolerances.times, where, []);
    } else if (field in seriesMembers) compare(value, actual[seriesMembers[field]], how, where);
    else throw new Mismatch(`${where}: no comparison for this field`);
  }
}

function compareList(expected: readonly unknown[], actual: unknown, how: Comparison, path: string): void {
  const items = Array.isArray(actual)
    ? (actual as unknown[])
    : ArrayBuffer.isView(actual)
      ? Array.from(actual as unknown as ArrayLike<number>)
      : (toFlat(actual) && nestedOf(actual)) || null;
  if (items === null) fail(path, `a list of ${expected.length}`, describe(actual));
  if (items.length !== expected.length) fail(path, `${expected.length} elements`, `${items.length} elements`);
  expected.forEach((e, i) => compare(e, items[i], how, `${path}[${i}]`));
}

function nestedOf(value: unknown): unknown[] | null {
  const flat = toFlat(value);
  if (flat === null || flat.shape.length === 0) return null;
  return new PyArray(flat.shape, 'float64', Array.from(flat.data)).nested() as unknown[];
}

function compareDict(expected: PyDict, actual: unknown, how: Comparison, path: string): void {
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual))
    fail(path, 'a dictionary', describe(actual));
  const entries: [string, unknown][] =
    actual instanceof Map ? [...(actual as Map<string, unknown>)] : Object.entries(actual);
  const got = new Map(entries.filter(([, value]) => value !== undefined));
  for (const key of expected.entries.keys())
    if (!got.has(key)) fail(path, `an entry "${key}"`, `only ${[...got.keys()].join(', ')}`);
  for (const key of got.keys())
    if (!expected.entries.has(key) && !how.ignoredKeys?.test(key))
      fail(path, `only ${[...expected.entries.keys()].join(', ')}`, `also "${key}"`);
  for (const [key, value] of expected.entries) compare(value, got.get(key), how, `${path}.${key}`);
}

/** Compares any recorded value with ours. @throws Mismatch */
export function compare(expected: unknown, actual: unknown, how: Comparison, path: string): void {
  if (expected instanceof PyArray) return compareArray(expected, actual, how.tolerances.values, path);
  if (expected instanceof PySeries) return compareSeries(expected, actual, how, path);
  if (expected instanceof PyTuple) return compareList(expected.items, actual, how, path);
  if (expected instanceof PyDict) return compareDict(expected, actual, how, path);
  if (expected instanceof PyRef) {
    if (actual !== how.resolve(expected.name))
      throw new Mismatch(`${path}: expected the object ${expected.name} itself`);
    return;
  }
  if (Array.isArray(expected)) return compareList(expected, actual, how, path);
  if (typeof expected === 'number') {
    const flat = toFlat(actual);
    if (flat === null || flat.data.length !== 1) fail(path, expected, describe(actual));
    const limit = Number.isInteger(expected) && Number.isInteger(flat.data[0]) ? {} : how.tolerances.values;
    return compareNumbers([expected], flat.data, limit, path, []);
  }
  if (expected === null) {
    if (actual !== null && actual !== undefined) fail(path, 'None', describe(actual));
    return;
  }
  if (expected !== actual) fail(path, describe(expected), describe(actual));
}
