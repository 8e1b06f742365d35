/** Deliberate deviations in what a continuous series is read as beside and at its samples. */
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed } from './reference.js';
import { Continuous, operations, toMatrix } from './reference-sampling.js';
import { PyArray, PyRef, PySeries, PySlice, PyTuple } from './values.js';

type Ours = ConstructorParameters<typeof Continuous>[1];

function list(value: unknown): number[] | null {
  if (typeof value === 'number') return [value];
  if (value instanceof PyArray) return value.data as number[];
  return Array.isArray(value) && value.every((x) => typeof x === 'number') ? value : null;
}

/** A reading in a step: of which series, at which times, for which channels, and where its rows are in the result. */
interface Reading {
  source: Continuous;
  times: number[];
  channels: number[];
  /** The result that has these rows. */
  place(expected: Expectation, rows: (readonly number[])[]): unknown;
  /** The rows of the record, when it has them. */
  recorded(expected: Expectation): (readonly number[])[] | null;
}

function rowsOf(array: PyArray): (readonly number[])[] {
  const [n, columns] = array.shape;
  return Array.from({ length: n }, (_, i) => array.data.slice(i * columns, (i + 1) * columns) as number[]);
}

const every = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function directReading(c: StepContext): Reading | null {
  const before = c.before;
  if (before?.type !== 'TSContinuous') return null;
  const source = new Continuous(before, c.target as Ours);
  let [times, channel]: [unknown, unknown] = [c.args.get('times'), c.args.get('channels') ?? null];
  if (c.member === '__getitem__') {
    const index = c.args.get('index');
    [times, channel = null] = (index instanceof PyTuple ? index.items : [index]) as [unknown, unknown];
    if (index instanceof PyTuple && index.items.length > 2) return null;
  }
  const at = list(times);
  const channels =
    channel instanceof PySlice
      ? channel.indices(source.channels)
      : channel === null
        ? every(source.channels)
        : list(channel);
  if (at === null || channels === null || channels.some((j) => j < 0 || j >= source.channels)) return null;
  if (c.member === '__call__') {
    return {
      source,
      times: at,
      channels,
      place: (_e, rows) => toMatrix(rows, channels.length),
      recorded: (e) =>
        e.value instanceof PyArray && e.value.shape.length === 2 && e.value.shape[1] === channels.length
          ? rowsOf(e.value)
          : null,
    };
  }
  const own = ['interp_kind', 'name', 'units'].filter((f) => before.fields.has(f));
  return {
    source,
    times: at,
    channels,
    place(e, rows) {
      const limits = at.length > 0 ? { t_start: at[0], t_stop: at[at.length - 1] } : {};
      const parts = {
        times: new PyArray([at.length], 'float64', at),
        samples: toMatrix(rows, channels.length),
        num_channels: channels.length,
      };
      if (e.value instanceof PySeries) return changed(e.value, { samples: parts.samples });
      return new PySeries(
        'TSContinuous',
        new Map<string, unknown>([
          ...own.map((f): [string, unknown] => [f, before.fields.get(f)]),
          ...Object.entries({ ...parts, ...limits, periodic: false }),
        ]),
      );
    },
    recorded: (e) => (e.value instanceof PySeries ? rowsOf(e.value.array('samples')) : null),
  };
}

const readers = ['__call__', 'resample', '__getitem__'];

const emptyRows: Deviation = {
  row: 'timeseries.md F-11',
  reason:
    'an empty series is read as NaN for each of its channels, by the same rule of the range, where the original gives no columns and checks nothing',
  classes: ['TSContinuous'],
  members: ['__call__'],
  apply(c, expected) {
    const reading = directReading(c);
    if (reading === null || reading.source.times.length > 0) return null;
    const rows = reading.source.values(reading.times);
    if (rows === null) return { raises: true, value: undefined };
    return { raises: false, value: reading.place(expected, rows) };
  },
};

const window: Deviation = {
  row: 'timeseries.md F-13',
  reason:
    'a series can be read in all of [t_start, t_stop]: beside the samples its fill value or the rule of its kind (5.3) holds, and times within the tolerance of a limit are moved to it. Where the original raised, all rows are expected; where it did not, rows that lie beside the samples and were NaN, or were moved to a sample',
  classes: ['TSContinuous'],
  members: readers,
  apply(c, expected) {
    const reading = directReading(c);
    if (reading === null || reading.source.periodic || reading.source.times.length === 0) return null;
    const { source, times, channels } = reading;
    if (c.member !== '__call__' && times.some((t, i) => i > 0 && t < times[i - 1])) return null;
    if (!times.some((t) => source.besides(t))) return null;
    const pick = (row: readonly number[]): number[] => channels.map((j) => row[j]);
    if (expected.raises) {
      if (c.step.raises?.type !== 'ValueError' || times.every((t) => source.originalReads(t))) return null;
      const rows = source.values(times);
      return rows === null ? null : { raises: false, value: reading.place(expected, rows.map(pick)) };
    }
    const recorded = reading.recorded(expected);
    if (recorded === null || recorded.length !== times.length) return null;
    const moved = (t: number): boolean =>
      [source.first, source.last].some((x) => t !== x && Math.abs(t - x) <= source.tolerance);
    let found = false;
    const rows = recorded.map((row, i) => {
      const t = times[i];
      const value = source.besides(t) && (row.every((x) => Number.isNaN(x)) || moved(t)) ? source.value(t) : null;
      if (value === null || String(pick(value)) === String(row)) return row;
      found = true;
      return pick(value);
    });
    return found ? { value: reading.place(expected, rows) } : null;
  },
};

const periodicGap: Deviation = {
  row: 'timeseries.md F-16',
  reason:
    'a periodic series is read everywhere: between its last sample and the first one of the next period the kind holds, with these two samples. The rows of times in the gap, and all of a spline, which the two samples change, are expected by that rule',
  classes: ['TSContinuous'],
  members: readers,
  apply(c, expected) {
    const reading = directReading(c);
    if (reading === null || !reading.source.periodic || reading.source.times.length === 0) return null;
    const pick = (row: readonly number[]): number[] => reading.channels.map((j) => row[j]);
    const rows = reading.source.values(reading.times)?.map(pick) ?? null;
    if (rows === null) return null;
    if (expected.raises) {
      const { source } = reading;
      const explained = c.step.raises?.type === 'ValueError' && reading.times.some((t) => source.inGap(t));
      return explained ? { raises: false, value: reading.place(expected, rows) } : null;
    }
    const { source } = reading;
    const recorded = reading.recorded(expected);
    if (recorded?.length !== rows.length) return null;
    const moved = (t: number): boolean =>
      [source.first, source.last].some((x) => t !== x && Math.abs(t - x) <= source.tolerance);
    const nan = recorded.map(
      (row, i) =>
        (source.splineWithGap ||
          source.inGap(reading.times[i]) ||
          moved(reading.times[i]) ||
          row.every((x) => Number.isNaN(x))) &&
        String(row) !== String(rows[i]),
    );
    return nan.includes(true)
      ? {
          value: reading.place(
            expected,
            recorded.map((row, i) => (nan[i] ? rows[i] : row)),
          ),
        }
      : null;
  },
};

const exactSamples: Deviation = {
  row: 'timeseries.md F-14',
  reason:
    'the linear kind gives a sample at its time whatever its neighbours are. Applies to values exactly at a finite sample beside one that is not',
  classes: ['TSContinuous'],
  members: readers,
  apply(c, expected) {
    const reading = directReading(c);
    const recorded = reading?.recorded(expected);
    if (!reading || !recorded || recorded.length !== reading.times.length) return null;
    let found = false;
    const rows = recorded.map((row, i) =>
      row.map((x, j) => {
        const own = reading.source.spoiled(reading.times[i], reading.channels[j]);
        if (own === null || !Number.isNaN(x)) return x;
        found = true;
        return own;
      }),
    );
    return found ? { value: reading.place(expected, rows) } : null;
  },
};

const binary = ['add', 'sub', 'mul', 'truediv', 'floordiv', 'pow'];

/** The series that an operation reads at the times of the target. */
function otherReading(c: StepContext): { target: Continuous; other: Continuous } | null {
  const argument = c.args.get('other') ?? c.args.get('other_series');
  const before = c.before;
  if (!(argument instanceof PyRef) || before?.type !== 'TSContinuous') return null;
  const other = c.series(argument);
  if (other?.type !== 'TSContinuous') return null;
  return {
    target: new Continuous(before, c.target as Ours),
    other: new Continuous(other, c.env.object(argument.name) as Ours),
  };
}

const exactOperands: Deviation = {
  row: 'timeseries.md F-14',
  reason:
    'the same for the operand of an operation or append_c, which is read at the times of the left one. The elements that this touches are expected with the sample',
  classes: ['TSContinuous'],
  members: [...binary, ...binary.map((name) => `i${name}`), 'append_c'],
  apply(c, expected) {
    const both = otherReading(c);
    if (both === null || !(expected.value instanceof PySeries)) return null;
    const { target, other } = both;
    const samples = expected.value.array('samples');
    const columns = samples.shape[1];
    const data = [...(samples.data as number[])];
    const compute = operations[c.member.replace(/^i/, '')] as ((a: number, b: number) => number) | undefined;
    let found = false;
    for (const [i, t] of target.times.entries()) {
      for (let j = 0; j < columns; j++) {
        const joined = c.member === 'append_c' ? j - target.channels : other.channels === 1 ? 0 : j;
        const own = joined < 0 ? null : other.spoiled(t, joined);
        if (own === null) continue;
        const left = target.rows[i][target.channels === 1 ? 0 : j];
        data[i * columns + j] = compute ? compute(left, own) : own;
        found = true;
      }
    }
    return found ? { value: changed(expected.value, { samples: samples.with(data) }) } : null;
  },
};

const wideOperands: Deviation = {
  row: 'timeseries.md F-13',
  reason:
    'the operand of an operation or append_c can be read in all of its extent, too. The result is expected by the rules of 5.3',
  classes: ['TSContinuous'],
  members: [...binary, ...binary.map((name) => `i${name}`), 'append_c'],
  apply(c, expected) {
    const both = otherReading(c);
    if (both === null || !expected.raises || c.step.raises?.type !== 'ValueError') return null;
    const { target, other } = both;
    if (target.times.every((t) => other.originalReads(t)) && !other.periodic) return null;
    const rows = other.values(target.times);
    const channels = Math.max(target.channels, other.channels);
    const fits = c.member === 'append_c' || [target.channels, other.channels].every((n) => n === 1 || n === channels);
    if (rows === null || !fits) return null;
    const compute = operations[c.member.replace(/^i/, '')] as ((a: number, b: number) => number) | undefined;
    const result = target.rows.map((row, i) =>
      compute
        ? every(channels).map((j) => compute(row[target.channels === 1 ? 0 : j], rows[i][other.channels === 1 ? 0 : j]))
        : [...row, ...rows[i]],
    );
    const kept = [...(c.before as PySeries).fields].filter(
      ([key]) => !/_exception$|_limit_times$|^fill_value$/.test(key),
    );
    const columns = compute ? channels : target.channels + other.channels;
    return {
      raises: false,
      value: new PySeries(
        'TSContinuous',
        new Map<string, unknown>([...kept, ['samples', toMatrix(result, columns)], ['num_channels', columns]]),
      ),
    };
  },
};

const wideClip: Deviation = {
  row: 'timeseries.md F-13, F-16',
  reason:
    'clip reads the values at its limits in all of the extent. Samples and limits are expected by the rules of 5.3',
  classes: ['TSContinuous'],
  members: ['clip'],
  apply(c, expected) {
    const before = c.before;
    if (!expected.raises || before?.type !== 'TSContinuous' || c.step.raises?.type !== 'ValueError') return null;
    const source = new Continuous(before, c.target as Ours);
    if (source.times.length === 0) return null;
    const limits = [
      (c.args.get('t_start') as number | undefined) ?? source.start,
      (c.args.get('t_stop') as number | undefined) ?? source.stop,
    ];
    const [from, to] = limits.sort((a, b) => a - b);
    const withStop = !c.args.has('t_stop') || c.args.get('include_stop') !== false;
    const times = source.repeated(from, to).filter((t) => t >= from && (t < to || (withStop && t === to)));
    if (c.args.get('sample_limits') !== false) {
      if (times.length === 0 || times[0] > from) times.unshift(from);
      if (withStop && times[times.length - 1] < to) times.push(to);
    }
    const channels = list(c.args.get('channels') ?? null) ?? every(source.channels);
    const rows = source.values(times);
    if (rows === null || channels.some((j) => j < 0 || j >= source.channels)) return null;
    const kept = [...before.fields].filter(([key]) => !/_exception$|_limit_times$|^fill_value$/.test(key));
    const picked = rows.map((row) => channels.map((j) => row[j]));
    return {
      raises: false,
      value: new PySeries(
        'TSContinuous',
        new Map<string, unknown>([
          ...kept,
          ['times', new PyArray([times.length], 'float64', times)],
          ['samples', toMatrix(picked, channels.length)],
          ['num_channels', channels.length],
          ['t_start', from],
          ['t_stop', to],
          ['periodic', false],
        ]),
      ),
    };
  },
};

export const sampling: readonly Deviation[] = [
  emptyRows,
  window,
  periodicGap,
  exactSamples,
  exactOperands,
  wideOperands,
  wideClip,
];
