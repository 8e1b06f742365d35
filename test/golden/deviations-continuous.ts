/** Deliberate deviations of TSContinuous: what it gives. Those of its reading are in deviations-sampling. */
import { compareArray, toFlat } from './compare.js';
import type { Deviation, StepContext } from './expectation.js';
import { sampling } from './deviations-sampling.js';
import { changed, stepCeil, tolerantBins } from './reference.js';
import { Continuous, operations, toMatrix } from './reference-sampling.js';
import { comparePrinted } from './text.js';
import { PyArray, PyRef, PySeries, PySlice, PyTuple } from './values.js';

type Ours = ConstructorParameters<typeof Continuous>[1];

export function targetSeries(c: StepContext): Continuous | null {
  const before = c.before;
  return before?.type === 'TSContinuous' ? new Continuous(before, c.target as Ours) : null;
}

function periodsFrom(base: readonly number[], period: number, t: number): number | null {
  for (const [i, x] of base.entries()) if (Math.abs((t - x) / period - Math.round((t - x) / period)) < 1e-9) return i;
  return null;
}

const joints: Deviation = {
  row: 'timeseries.md F-17',
  reason: 'clip of a periodic series drops the second of equal times where periods join',
  classes: ['TSContinuous'],
  members: ['clip', '__getitem__'],
  apply(c, expected) {
    if (!(expected.value instanceof PySeries) || targetSeries(c)?.periodic !== true) return null;
    const times = expected.value.array('times').data as number[];
    const samples = expected.value.array('samples');
    const columns = samples.shape[1];
    const period = (c.before as PySeries).number('t_stop') - (c.before as PySeries).number('t_start');
    const keep = times.flatMap((t, i) => (i > 0 && Math.abs(t - times[i - 1]) < 1e-9 * Math.max(1, period) ? [] : [i]));
    if (keep.length === times.length) return null;
    return {
      value: changed(expected.value, {
        times: new PyArray(
          [keep.length],
          'float64',
          keep.map((i) => times[i]),
        ),
        samples: new PyArray(
          [keep.length, columns],
          'float64',
          keep.flatMap((i) => samples.data.slice(i * columns, (i + 1) * columns)),
        ),
      }),
    };
  },
};

const repeatedSamples: Deviation = {
  row: 'timeseries.md 5.6',
  reason:
    'samples of a periodic series that clip repeats keep their values, where the original maps their times back and, by rounding, sometimes reads the sample before. Applies only to rows at repeated times that a step kind reads one sample early',
  classes: ['TSContinuous'],
  members: ['clip', '__getitem__'],
  apply(c, expected) {
    const target = targetSeries(c);
    if (!(expected.value instanceof PySeries) || target?.periodic !== true || target.kind !== 'previous') return null;
    const period = target.stop - target.start;
    const times = expected.value.array('times').data as number[];
    const samples = expected.value.array('samples');
    const columns = samples.shape[1];
    if (columns !== target.channels) return null;
    const data = [...(samples.data as number[])];
    let found = false;
    for (const [i, t] of times.entries()) {
      const k = periodsFrom(target.times, period, t);
      if (k === null) continue;
      const row = data.slice(i * columns, (i + 1) * columns);
      const mapped = target.start + ((((t - target.start) % period) + period) % period);
      // Just short of the first sample is the end of the period.
      const short = k === 0 ? mapped > target.last : mapped < target.times[k];
      const before = target.rows[(k + target.rows.length - 1) % target.rows.length];
      if (!short || String(row) !== String(before) || String(row) === String(target.rows[k])) continue;
      data.splice(i * columns, columns, ...target.rows[k]);
      found = true;
    }
    return found ? { value: changed(expected.value, { samples: samples.with(data) }) } : null;
  },
};

const defaultKind: Deviation = {
  row: 'timeseries.md D2',
  reason: 'a series joined of none has the default kind of the constructor, which is linear',
  classes: ['TSContinuous'],
  members: ['concatenate_t'],
  apply(c, expected) {
    const list = c.args.get('series');
    if (!Array.isArray(list) || list.length > 0 || !(expected.value instanceof PySeries)) return null;
    return { value: expected.value.with({ interp_kind: 'linear' }) };
  },
};

/** Parts of an index: times, channels. */
function indexParts(c: StepContext): [unknown, unknown] {
  const index = c.args.get('index');
  return index instanceof PyTuple ? [index.items[0], index.items[1] ?? null] : [index, null];
}

function channelsOf(index: unknown, count: number): number[] {
  if (index === null) return Array.from({ length: count }, (_, i) => i);
  if (index instanceof PySlice) return index.indices(count);
  return Array.from(toFlat(index instanceof PyArray ? { data: index.data, shape: index.shape } : index)?.data ?? []);
}

const slicePoints: Deviation = {
  row: 'timeseries.md 1.2',
  reason:
    'the points of a slice with a step are a + k step, as many as stepCeil says, where the original adds up a float range. Rows of points that both have are compared; the others are expected as our own reading at that time gives them',
  classes: ['TSContinuous'],
  members: ['__getitem__'],
  apply(c, expected) {
    const [time, channel] = indexParts(c);
    const target = targetSeries(c);
    if (!(time instanceof PySlice) || time.step === null || target === null) return null;
    if (time.step <= 0) return null;
    const [from, to, step] = [time.start ?? target.start, time.stop ?? target.stop, time.step];
    const count = Math.max(0, stepCeil(to, from, step));
    const points = Array.from({ length: count }, (_, k) => from + k * step).filter(
      (t) => t >= target.start && t < target.stop,
    );
    if (!(expected.value instanceof PySeries)) {
      const wider = points.some((t) => (target.periodic ? target.inGap(t) : !target.originalReads(t)));
      const rows = target.values(points);
      if (!expected.raises || c.step.raises?.type !== 'ValueError' || !wider || rows === null) return null;
      const chosen = channelsOf(channel, target.channels);
      const picked = toMatrix(
        rows.map((row) => chosen.map((j) => row[j])),
        chosen.length,
      );
      const fields = { times: new PyArray([points.length], 'float64', points), samples: picked, periodic: false };
      return { raises: false, value: new PySeries('TSContinuous', new Map<string, unknown>(Object.entries(fields))) };
    }
    const recorded = expected.value.array('times').data as number[];
    if (points.length === recorded.length && points.every((t, i) => Math.abs(t - recorded[i]) < 1e-9)) return null;
    const samples = expected.value.array('samples');
    const columns = samples.shape[1];
    const channels = channelsOf(channel, target.channels);
    const rows = points.map((t) => {
      const i = recorded.findIndex((x) => Math.abs(x - t) < 1e-9);
      if (i >= 0) return samples.data.slice(i * columns, (i + 1) * columns) as number[];
      const all = target.value(t) ?? [];
      return channels.map((j) => all[j]);
    });
    const [first, last] = [points[0], points[points.length - 1]];
    const limits = points.length > 0 ? { t_start: first, t_stop: last } : {};
    const times = new PyArray([points.length], 'float64', points);
    return { value: changed(expected.value, { times, samples: toMatrix(rows, columns), ...limits }) };
  },
};

const clockTicks: Deviation = {
  row: 'timeseries.md 1.2, F-01',
  reason:
    'to_clocked gives stepCeil(t_stop) rows (one for a series without duration), and a sample that coincides with a tick up to rounding counts as at it. The other rows are compared as recorded; where the original could not read (F-13), all are expected by the rules of 5.3',
  classes: ['TSContinuous'],
  members: ['to_clocked'],
  apply(c, expected) {
    const target = targetSeries(c);
    const dt = c.args.get('dt') as number;
    if (target === null || target.times.length === 0) return null;
    const n = Math.max(1, stepCeil(target.stop, target.start, dt));
    const ticks = Array.from({ length: n }, (_, k) => k * dt + target.start);
    const recorded = expected.value instanceof PyArray ? expected.value : null;
    if (
      expected.raises &&
      (c.step.raises?.type !== 'ValueError' ||
        ticks.every((t) => (target.periodic ? !target.inGap(t) : target.originalReads(t))))
    )
      return null;
    if (recorded === null && !expected.raises) return null;
    const rows = ticks.map((t, k) => {
      const sample = coinciding(target, t, dt);
      if (sample !== null) return sample;
      const has = recorded !== null && k < recorded.shape[0];
      return has ? (recorded.data.slice(k * target.channels, (k + 1) * target.channels) as number[]) : target.value(t);
    });
    if (rows.includes(null)) return null;
    const value = toMatrix(rows as number[][], target.channels);
    const same =
      recorded !== null &&
      String(recorded.shape) === String(value.shape) &&
      value.data.every((x, i) => Object.is(x, recorded.data[i]));
    return same ? null : { raises: false, value };
  },
};

/** The sample that is at a tick but for rounding, where the kind would read another one. */
function coinciding(target: Continuous, t: number, dt: number): readonly number[] | null {
  if (!['previous', 'zero', 'next'].includes(target.kind as string)) return null;
  const k = target.times.findIndex((x) => x !== t && Math.abs(x - t) <= tolerantBins(x, t, dt) * dt);
  return k < 0 ? null : target.rows[k];
}

const unordered: Deviation = {
  row: 'timeseries.md F-19',
  reason:
    'times that are not in order are refused by resample and indexing (sample() reads in any order), as are slices with a negative step',
  classes: ['TSContinuous'],
  members: ['resample', '__getitem__'],
  apply(c, expected) {
    if (expected.raises) return null;
    const time = c.member === 'resample' ? c.args.get('times') : indexParts(c)[0];
    if (time instanceof PySlice) {
      return time.step !== null && time.step < 0 ? { raises: true, value: undefined, after: new Map() } : null;
    }
    const list = time instanceof PyArray ? (time.data as number[]) : Array.isArray(time) ? (time as number[]) : [];
    const sorted = list.every((t, i) => i === 0 || t >= list[i - 1]);
    return sorted ? null : { raises: true, value: undefined, after: new Map() };
  },
};

const ordinaryChannelSlices: Deviation = {
  row: 'timeseries.md F-23',
  reason:
    'channel slices with negative or reversed bounds, or bounds beyond the channels, select as slices do elsewhere. The columns are expected from the series, at the recorded times',
  classes: ['TSContinuous'],
  members: ['__getitem__'],
  apply(c, expected) {
    const [time, channel] = indexParts(c);
    const target = targetSeries(c);
    if (!(channel instanceof PySlice) || target === null) return null;
    const odd =
      [channel.start, channel.stop].some((x) => x !== null && (x < 0 || x > target.channels)) ||
      ((channel.step ?? 1) < 0 && (channel.start ?? channel.stop) !== null);
    if (!odd || (time instanceof PySlice && time.step !== null && time.step < 0)) return null;
    const channels = channel.indices(target.channels);
    if (expected.raises && c.step.raises?.type === 'IndexError') {
      const check = (actual: unknown): void => {
        const ours = actual as { times: ArrayLike<number>; samples: unknown };
        const all = target.values(Array.from(ours.times)) ?? [];
        compareArray(
          toMatrix(
            all.map((row) => channels.map((j) => row[j])),
            channels.length,
          ),
          ours.samples,
          { rel: 1e-9 },
          'result.samples',
        );
      };
      return { raises: false, checks: [check] };
    }
    if (!(expected.value instanceof PySeries)) return null;
    const rows = target.values(expected.value.array('times').data as number[]);
    if (rows === null) return null;
    const picked = rows.map((row) => channels.map((j) => row[j]));
    return {
      value: changed(expected.value, { samples: toMatrix(picked, channels.length), num_channels: channels.length }),
    };
  },
};

/** An operand as a matrix with broadcasting strides, or null when it does not fit `length` rows. */
function operand(
  c: StepContext,
  length: number,
  times: readonly number[],
): { rows: number; columns: number; at: (i: number, j: number) => number } | null {
  const value = c.args.get('other');
  if (value instanceof PyRef) {
    const other = c.series(value);
    if (other?.type !== 'TSContinuous') return null;
    const source = new Continuous(other, c.env.object(value.name) as Ours);
    const rows = source.values(times);
    return rows && { rows: length, columns: source.channels, at: (i, j) => rows[i][source.channels === 1 ? 0 : j] };
  }
  if (!(value instanceof PyArray)) return null;
  const [rows, columns] = value.shape.length === 2 ? value.shape : [1, value.shape[0] ?? 1];
  if (rows !== 1 && rows !== length) return null;
  return {
    rows,
    columns,
    at: (i, j) => value.data[(rows === 1 ? 0 : i) * columns + (columns === 1 ? 0 : j)] as number,
  };
}

const binary = ['add', 'sub', 'mul', 'truediv', 'floordiv', 'pow'];
const inplace = binary.map((name) => `i${name}`);

const bothWays: Deviation = {
  row: 'timeseries.md F-12',
  reason:
    'one channel is broadcast to many from either side. Applies only where the original refuses the shapes, and a series of one channel meets an operand of several',
  classes: ['TSContinuous'],
  members: [...binary, ...inplace],
  apply(c, expected) {
    const target = targetSeries(c);
    if (!expected.raises || target === null || c.step.raises?.type !== 'ValueError' || target.channels !== 1)
      return null;
    const other = operand(c, target.times.length, target.times);
    if (other === null || other.columns <= 1) return null;
    const compute = operations[c.member.replace(/^i(?=add|sub|mul|truediv|floordiv|pow)/, '')];
    const rows = target.times.map((_, i) =>
      Array.from({ length: other.columns }, (__, j) => compute(target.rows[i][0], other.at(i, j))),
    );
    const before = (c.before as PySeries).with({ samples: toMatrix(rows, other.columns), num_channels: other.columns });
    const value = new PySeries(
      'TSContinuous',
      new Map([...before.fields].filter(([key]) => !/_exception$|_limit_times$|^fill_value$/.test(key))),
    );
    return { raises: false, value };
  },
};

const trueFloorDivision: Deviation = {
  row: 'timeseries.md F-22',
  reason: 'k // series is floor(k / sample), where the original divides the reciprocals',
  classes: ['TSContinuous'],
  members: ['rfloordiv'],
  apply(c, expected) {
    const k = c.args.get('other');
    const target = targetSeries(c);
    if (typeof k !== 'number' || target === null || !(expected.value instanceof PySeries)) return null;
    const samples = expected.value.array('samples');
    const right = target.rows.flat().map((x) => Math.floor(k / x));
    const recorded = samples.data as number[];
    const raw = target.rows.flat().map((x) => Math.floor(1 / x / (1 / k)));
    // Only where the reciprocals explain the record; all else is compared as it is.
    const data = recorded.map((x, i) =>
      Object.is(x, right[i]) || x === right[i] || !(Object.is(x, raw[i]) || x === raw[i] || Number.isNaN(x))
        ? x
        : right[i],
    );
    if (data.every((x, i) => Object.is(x, recorded[i]))) return null;
    return { value: changed(expected.value, { samples: samples.with(data) }) };
  },
};

function printsAs(recorded: readonly string[], lines: readonly string[]): boolean {
  try {
    comparePrinted(recorded.join('\n'), lines.join('\n'), '');
    return true;
  } catch {
    return false;
  }
}

/** What follows the first lines in the original's text: nothing, or the dots, some samples and the mark of a periodic series. */
function endsAsOriginal(rest: readonly string[]): boolean {
  return /^(\t\.\.\.\n([^\n]*: \t \[[^\n]*\n)*)?(\t \(\.\.\.periodic\.\.\.\)\n)?$/.test(rest.join('\n'));
}

const wholePrint: Deviation = {
  row: 'timeseries.md F-24',
  reason:
    'print shows the last samples at their own times, honours limit_shorten, and ends with (...periodic...) for every periodic series. The whole text is expected from the samples',
  classes: ['TSContinuous'],
  members: ['print'],
  apply(c, expected) {
    const target = targetSeries(c);
    if (expected.stdout === undefined || target === null) return null;
    const limit = (c.args.get('limit_shorten') as number | undefined) ?? 10;
    const n = target.times.length;
    if (!target.periodic && (limit === 10 || n <= Math.min(limit, 10))) return null;
    const lines = target.times.map((t, i) => `${t}: \t [${target.rows[i].join(' ')}]`);
    const first = (c.args.get('num_first') as number | undefined) ?? 4;
    const last = (c.args.get('num_last') as number | undefined) ?? 4;
    const short = n > limit && c.args.get('full') !== true;
    const shown = short ? [...lines.slice(0, first), '\t...', ...lines.slice(n - last)] : lines;
    const [header, ...rest] = expected.stdout.split('\n');
    const begin = n > 10 && c.args.get('full') !== true ? lines.slice(0, first) : lines;
    if (!printsAs(rest.slice(0, begin.length), begin) || !endsAsOriginal(rest.slice(begin.length))) return null;
    const tail = target.periodic ? ['\t (...periodic...)'] : [];
    return { stdout: [header, ...shown, ...tail, ''].join('\n') };
  },
};

export const continuousDeviations: readonly Deviation[] = [
  ...sampling,
  joints,
  repeatedSamples,
  defaultKind,
  slicePoints,
  clockTicks,
  unordered,
  ordinaryChannelSlices,
  bothWays,
  trueFloorDivision,
  wholePrint,
];
