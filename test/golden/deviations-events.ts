/** Deliberate deviations of TSEvent. */
import { Mismatch } from './compare.js';
import type { Deviation, StepContext } from './expectation.js';
import { changed, describeSeries, eventsOf, nextUp, raster, rawRaster, type RasterRequest } from './reference.js';
import { PyArray, PySeries } from './values.js';

function numbers(value: unknown): number[] | undefined {
  if (value instanceof PyArray) return value.data as number[];
  if (typeof value === 'number') return [value];
  return Array.isArray(value) ? (value as number[]) : undefined;
}

function request(c: StepContext, before: PySeries): RasterRequest {
  const tStart = (c.args.get('t_start') as number | undefined) ?? before.number('t_start');
  return {
    dt: c.args.get('dt') as number,
    tStart,
    tStop: (c.args.get('t_stop') as number | undefined) ?? before.number('t_stop'),
    ownStop: !c.args.has('t_stop'),
    numTimesteps: c.args.get('num_timesteps') as number | undefined,
    channels: numbers(c.args.get('channels')),
    counts: c.args.get('add_events') === true,
  };
}

function equalArrays(a: PyArray, b: PyArray): boolean {
  return String(a.shape) === String(b.shape) && a.data.every((x, i) => x === b.data[i]);
}

function rowsOf(matrix: PyArray): PyArray[] {
  const [rows, columns] = matrix.shape;
  return Array.from(
    { length: rows },
    (_, i) => new PyArray([columns], matrix.dtype, matrix.data.slice(i * columns, (i + 1) * columns)),
  );
}

/** The recorded result as a matrix: rows of `xraster` put together; a list of two numbers is a shape. */
function recorded(value: unknown, raw: PyArray): PyArray | null {
  if (value instanceof PyArray) return value;
  if (!Array.isArray(value)) return null;
  if (value.every((x) => typeof x === 'number')) return String(value) === String(raw.shape) ? raw : null;
  const rows = value as PyArray[];
  return new PyArray(
    [rows.length, raw.shape[1]],
    raw.dtype,
    rows.flatMap((row) => [...row.data]),
  );
}

/** Bins are computed with a tolerance: what the original's raw quotients give is replaced by what the reference demands. */
const tolerantBins: Deviation = {
  row: 'timeseries.md F-01, F-02',
  reason:
    'numbers of bins and bins of events come from stepCeil and stepFloor, and num_timesteps is taken literally: an event on an edge belongs to the later bin. Applies only where the record is exactly what raw floor and ceil give and where that differs; then the whole raster by the helpers is expected',
  classes: ['TSEvent'],
  members: ['raster', 'xraster'],
  apply(c, expected) {
    if (expected.raises || c.args.has('channels') || c.before === null) return null;
    const wanted = request(c, c.before);
    const raw = rawRaster(c.before, wanted);
    const right = raster(c.before, wanted);
    if (raw === null || equalArrays(raw, right)) return null;
    const record = recorded(expected.value, raw);
    if (record === null || !equalArrays(record, raw)) return null;
    return { value: c.member === 'xraster' ? rowsOf(right) : right };
  },
};

const lastBin: Deviation = {
  row: 'timeseries.md F-01',
  reason:
    'an event whose raw bin equals the number of bins made the original fail; ours returns the raster by the helpers. Applies only where an event of the window has such a bin',
  classes: ['TSEvent'],
  members: ['raster'],
  apply(c, expected) {
    const both = c.args.has('t_stop') && c.args.has('num_timesteps');
    if (!expected.raises || both || c.args.has('channels') || c.before === null) return null;
    const wanted = request(c, c.before);
    return rawRaster(c.before, wanted) === null ? { raises: false, value: raster(c.before, wanted) } : null;
  },
};

const selectedColumns: Deviation = {
  row: 'timeseries.md F-33',
  reason:
    'column j of a raster holds channel channels[j], where the original writes to the column of the channel number, fails, or refuses a list. The whole raster is expected',
  classes: ['TSEvent'],
  members: ['raster', 'xraster'],
  apply(c, expected) {
    const channels = numbers(c.args.get('channels'));
    const both = c.args.has('t_stop') && c.args.has('num_timesteps');
    if (channels === undefined || both || c.before === null) return null;
    const count = c.before.number('num_channels');
    if (channels.some((x) => !Number.isInteger(x) || x < 0)) return null;
    const wanted = request(c, c.before);
    const raw = rawRaster(c.before, wanted);
    const record = raw === null ? null : recorded(expected.value, raw);
    const listRefused = expected.raises && Array.isArray(c.args.get('channels'));
    const explained = listRefused || (raw === null ? expected.raises : record !== null && equalArrays(record, raw));
    if (!explained || channels.some((x) => x >= count)) return null;
    const right = raster(c.before, wanted);
    return { raises: false, value: c.member === 'xraster' ? rowsOf(right) : right };
  },
};

const workingXraster: Deviation = {
  row: 'timeseries.md F-34',
  reason: 'xraster always failed; ours gives the rows of the raster',
  classes: ['TSEvent'],
  members: ['xraster'],
  apply(c, expected) {
    if (!expected.raises || c.before === null || c.step.raises?.type !== 'TypeError') return null;
    return { raises: false, value: rowsOf(raster(c.before, request(c, c.before))) };
  },
};

const inferredStop: Deviation = {
  row: 'timeseries.md D1',
  reason:
    'a series with events and no t_stop is allowed: it stops at the next double above the last event. Applies only where the stop is all that is missing',
  classes: ['TSEvent'],
  members: ['new'],
  apply(c, expected) {
    const times = numbers(c.args.get('times')) ?? [];
    if (!expected.raises || c.args.has('t_stop') || times.length === 0 || c.step.raises?.type !== 'TypeError')
      return null;
    const given = numbers(c.args.get('channels')) ?? [0];
    const channels =
      typeof c.args.get('channels') === 'number' || !c.args.has('channels') ? times.map(() => given[0]) : given;
    const sorted = times.every((t, i) => i === 0 || t >= times[i - 1]);
    if (!sorted || channels.length !== times.length) return null;
    const last = times[times.length - 1];
    const value = new PySeries(
      'TSEvent',
      new Map<string, unknown>([
        ['times', new PyArray([times.length], 'float64', times)],
        ['channels', new PyArray([times.length], 'int64', channels)],
        ['num_channels', c.args.get('num_channels') ?? Math.max(...channels) + 1],
        ['t_start', c.args.get('t_start') ?? times[0]],
        ['t_stop', nextUp(last)],
        ['periodic', c.args.get('periodic') ?? false],
        ['name', c.args.get('name') ?? 'unnamed'],
      ]),
    );
    const stop = (actual: unknown): void => {
      const received = (actual as { tStop: number }).tStop;
      if (received !== nextUp(last))
        throw new Mismatch(`result.t_stop: expected ${nextUp(last)}, received ${received}`);
    };
    return { raises: false, value: value.with({ repr: describeSeries(value) }), checks: [stop] };
  },
};

const sortedClip: Deviation = {
  row: 'timeseries.md F-30',
  reason: 'limits of clip in the wrong order are sorted, also in the extent of the result',
  classes: ['TSEvent'],
  members: ['clip'],
  apply(c, expected) {
    if (!(expected.value instanceof PySeries)) return null;
    const [start, stop] = [expected.value.number('t_start'), expected.value.number('t_stop')];
    if (!(start > stop)) return null;
    const after = new Map(expected.after);
    for (const [key, value] of [
      [`${c.targetName}.t_start`, stop],
      [`${c.targetName}.t_stop`, start],
    ] as const) {
      if (after.has(key)) after.set(key, value);
    }
    return { value: changed(expected.value, { t_start: stop, t_stop: start }), after };
  },
};

const remappedClip: Deviation = {
  row: 'timeseries.md F-31',
  reason:
    'clip with remap_channels gives a channel its rank among the requested ones, where the original ranks the ones that occur. Applies only where a requested channel has no events in the window',
  classes: ['TSEvent'],
  members: ['clip'],
  apply(c, expected) {
    const requested = numbers(c.args.get('channels'));
    const result = expected.value;
    if (c.args.get('remap_channels') !== true || requested === undefined || !(result instanceof PySeries)) return null;
    const sorted = [...new Set(requested)].sort((a, b) => a - b);
    const clip = c.before as PySeries;
    const from = Math.min(
      (c.args.get('t_start') as number | undefined) ?? clip.number('t_start'),
      (c.args.get('t_stop') as number | undefined) ?? clip.number('t_stop'),
    );
    const to = Math.max(
      (c.args.get('t_start') as number | undefined) ?? clip.number('t_start'),
      (c.args.get('t_stop') as number | undefined) ?? clip.number('t_stop'),
    );
    const ids = originalChannels(clip, from, to, sorted);
    const occurring = [...new Set(ids)].sort((a, b) => a - b);
    const channels = result.array('channels');
    const explained = String(ids.map((id) => occurring.indexOf(id))) === String(channels.data);
    if (!explained || occurring.length === sorted.length) return null;
    return { value: changed(result, { channels: channels.with(ids.map((id) => sorted.indexOf(id))) }) };
  },
};

function originalChannels(series: PySeries, from: number, to: number, channels: readonly number[]): number[] {
  return eventsOf(series, from, to)
    .filter((e) => e.time >= from && e.time < to && channels.includes(e.channel))
    .map((e) => e.channel);
}

const sortedPick: Deviation = {
  row: 'timeseries.md F-29',
  reason: 'events that an index list or a slice puts out of order are sorted by time (stable)',
  classes: ['TSEvent'],
  members: ['__getitem__'],
  apply(_c, expected) {
    if (!(expected.value instanceof PySeries)) return null;
    const times = expected.value.array('times');
    const channels = expected.value.array('channels');
    const order = times.data.map((_, i) => i).sort((a, b) => (times.data[a] as number) - (times.data[b] as number));
    if (order.every((from, to) => from === to)) return null;
    return {
      value: changed(expected.value, {
        times: times.with(order.map((i) => times.data[i])),
        channels: channels.with(order.map((i) => channels.data[i])),
      }),
    };
  },
};

const checkedRaster: Deviation = {
  row: 'timeseries.md F-35',
  reason:
    'a raster with entries that are no counts (fractions, negative numbers) is refused, where fractions were cut off',
  classes: ['TSEvent'],
  members: ['from_raster'],
  apply(c, expected) {
    const entries = numbers(c.args.get('raster'));
    const bad = entries?.some((x) => !Number.isInteger(x) || x < 0) ?? false;
    return bad && !expected.raises ? { raises: true, value: undefined } : null;
  },
};

const oneColumn: Deviation = {
  row: 'timeseries.md 7.8',
  reason:
    'from_raster of a raster with one column: rows are time bins, as since 2.3, where older releases took them for channels',
  classes: ['TSEvent'],
  members: ['from_raster'],
  apply(c, expected) {
    const input = c.args.get('raster');
    const [major, minor] = c.env.version;
    const old = major < 2 || (major === 2 && minor < 3);
    if (!old || !(input instanceof PyArray) || input.shape.length !== 2 || input.shape[1] !== 1) return null;
    if (!(expected.value instanceof PySeries)) return null;
    const dt = (c.args.get('dt') as number | undefined) ?? 1;
    const start = (c.args.get('t_start') as number | undefined) ?? 0;
    const shift = c.args.get('spikes_at_bin_start') === true ? 0 : 0.5;
    const times = (input.data as number[]).flatMap((n, k) => new Array<number>(n).fill((k + shift) * dt + start));
    return {
      value: changed(expected.value, {
        times: new PyArray([times.length], 'float64', times),
        channels: new PyArray(
          [times.length],
          'int64',
          times.map(() => 0),
        ),
        num_channels: c.args.get('num_channels') ?? 1,
        t_stop: c.args.get('t_stop') ?? input.shape[0] * dt + start,
      }),
    };
  },
};

const emptyPeriodic: Deviation = {
  row: 'timeseries.md F-28',
  reason: 'a periodic series without events can be read: nothing is in it. The original divided by zero',
  classes: ['TSEvent'],
  members: ['__call__', 'raster', 'clip'],
  apply(c, expected) {
    const before = c.before;
    if (!expected.raises || before === null || before.fields.get('periodic') !== true) return null;
    const outside = (numbers(c.args.get('channels')) ?? []).some((x) => x < 0 || x >= before.number('num_channels'));
    if (before.array('times').data.length > 0 || outside) return null;
    if (c.step.raises?.type !== 'ZeroDivisionError') return null;
    if (c.member === '__call__') return { raises: false, value: [[], []] };
    if (c.member === 'raster') return { raises: false, value: raster(before, request(c, before)) };
    const limits = ['t_start', 't_stop']
      .map((key) => (c.args.get(key) as number | undefined) ?? before.number(key))
      .sort((a, b) => a - b);
    const requested = numbers(c.args.get('channels'));
    const count = c.args.get('remap_channels') === true ? new Set(requested ?? []).size : before.number('num_channels');
    const given = c.args.has('t_start') || c.args.has('t_stop');
    return {
      raises: false,
      value: before.with({ t_start: limits[0], t_stop: limits[1], num_channels: count, periodic: !given }),
    };
  },
};

const strictNumChannels: Deviation = {
  row: 'timeseries.md F-26',
  reason: 'num_channels must exceed the largest channel, where the original accepts that number itself',
  classes: ['TSEvent'],
  members: ['set num_channels'],
  apply(c, expected) {
    const channels = (c.before?.array('channels').data ?? []) as number[];
    const value = c.args.get('value');
    return !expected.raises && channels.length > 0 && value === Math.max(...channels)
      ? { raises: true, after: new Map() }
      : null;
  },
};

const checkedChannels: Deviation = {
  row: 'timeseries.md F-25',
  reason: 'negative or fractional channels are refused',
  classes: ['TSEvent'],
  members: ['new', 'set channels'],
  apply(c, expected) {
    const ids = numbers(c.args.get(c.member === 'new' ? 'channels' : 'value'));
    const bad = ids?.some((x) => !Number.isInteger(x) || x < 0) ?? false;
    return bad && !expected.raises ? { raises: true, value: undefined, after: new Map() } : null;
  },
};

export const eventDeviations: readonly Deviation[] = [
  workingXraster,
  lastBin,
  selectedColumns,
  tolerantBins,
  inferredStop,
  sortedClip,
  remappedClip,
  sortedPick,
  checkedRaster,
  oneColumn,
  emptyPeriodic,
  strictNumChannels,
  checkedChannels,
];
