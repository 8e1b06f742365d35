/** Deliberate deviations that both kinds of time series share. */
import type { Deviation, StepContext } from './expectation.js';
import { changed } from './reference.js';
import { PyArray, PyDict, PyRef, PySeries, PySlice, PyTuple } from './values.js';

/** Whether the step restricts the time of the series. */
function limitsTime(c: StepContext): boolean {
  if (c.member === 'clip') return c.args.has('t_start') || c.args.has('t_stop');
  if (c.member !== '__getitem__') return false;
  const index = c.args.get('index');
  const time = index instanceof PyTuple ? index.items[0] : index;
  return time instanceof PySlice && (time.start !== null || time.stop !== null);
}

function notPeriodic(
  row: string,
  reason: string,
  classes: string[],
  members: string[],
  applies: (c: StepContext) => boolean,
): Deviation {
  return {
    row,
    reason,
    classes,
    members,
    apply(c, expected) {
      if (!(expected.value instanceof PySeries) || expected.value.fields.get('periodic') !== true || !applies(c))
        return null;
      const key = `${c.targetName}.periodic`;
      const after = expected.after.has(key) ? new Map([...expected.after, [key, false]]) : expected.after;
      return { value: changed(expected.value, { periodic: false }), after };
    },
  };
}

const clippedFlag = notPeriodic(
  'timeseries.md F-18',
  'a piece cut out of a periodic series is not periodic: it would repeat with another period',
  ['TSContinuous', 'TSEvent'],
  ['clip', '__getitem__'],
  limitsTime,
);

const resampledFlag = notPeriodic(
  'timeseries.md 6.2',
  'a resampled series is not periodic; the original keeps the flag',
  ['TSContinuous'],
  ['resample', '__getitem__'],
  (c) => {
    if (c.member === 'resample') return true;
    const index = c.args.get('index');
    const time = index instanceof PyTuple ? index.items[0] : index;
    return time !== null && !(time instanceof PySlice && time.step === null);
  },
);

const inherited: Deviation = {
  row: 'timeseries.md F-06',
  reason:
    'concatenate_t takes name, kind, fill value and units from the first series, where the original falls back to its defaults',
  classes: ['TSContinuous', 'TSEvent'],
  members: ['concatenate_t'],
  apply(c, expected) {
    const list = c.args.get('series');
    const first: unknown = Array.isArray(list) ? list[0] : list;
    if (!(first instanceof PyRef) || !(expected.value instanceof PySeries)) return null;
    const source = c.series(first);
    const fields = ['name', 'interp_kind', 'fill_value', 'units'].filter(
      (f) => source?.fields.has(f) && (expected.value as PySeries).fields.has(f),
    );
    return { value: changed(expected.value, Object.fromEntries(fields.map((f) => [f, source?.fields.get(f)]))) };
  },
};

const startBeforeSamples: Deviation = {
  row: 'timeseries.md F-03',
  reason:
    'the constructor refuses a t_start behind the first time, as the setter does. Steps on the object, which then does not exist, are void',
  classes: ['TSContinuous', 'TSEvent'],
  members: ['new'],
  apply(c, expected) {
    const times = c.args.get('times');
    const first = times instanceof PyArray ? times.data[0] : Array.isArray(times) ? (times[0] as number) : times;
    const start = c.args.get('t_start');
    if (expected.raises || typeof first !== 'number' || typeof start !== 'number' || !(start > first + 1e-9))
      return null;
    return { raises: true, value: undefined, after: new Map(), voids: true };
  },
};

const ownFields: Deviation = {
  row: 'timeseries.md 9.2',
  reason: 'to_dict has further fields named rp_..., which the original does not know. All of its own must be there',
  classes: ['TSContinuous', 'TSEvent'],
  members: ['to_dict'],
  apply(_c, expected) {
    if (!(expected.value instanceof PyDict)) return null;
    return { ignoredKeys: /^rp_/ };
  },
};

export const seriesDeviations: readonly Deviation[] = [
  clippedFlag,
  resampledFlag,
  inherited,
  startBeforeSamples,
  ownFields,
];
