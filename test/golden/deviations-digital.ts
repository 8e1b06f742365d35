/** Deliberate deviations of the constant-leak and digital layers. */
import { compareNumbers, Mismatch } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed, eventsOf } from './reference.js';
import {
  castTo,
  type ClockedRun,
  type DigitalNeurons,
  type DigitalRun,
  type DigitalState,
  type FFNeurons,
  type RecNeurons,
  type RecState,
  simulateDigital,
  simulateFF,
  simulateRec,
} from './reference-digital.js';
import { PyArray, PyRef, PySeries } from './values.js';

/** What of a layer of ours matters here. */
interface Layer {
  t: number;
  dt: number;
  timestep: number;
  size: number;
  sizeIn: number;
  state: ArrayLike<number>;
  monitorId: ArrayLike<number>;
  prepareInputEvents(tsInput: unknown, options: object): { input: { data: ArrayLike<number> } };
}

const layerOf = <L = object>(c: StepContext): Layer & L => c.target as unknown as Layer & L;
const forgetting = ['reset_all', 'reset_state'];
/** Members that leave the state as it is. */
const passive = ['reset_time', 'get', 'after', 'set monitor_id'];
const close = { rel: 1e-10, abs: 1e-12 };

/** Steps of an evolution: as recorded, or as asked for when the original failed. */
function stepsOf(c: StepContext, expected: Expectation): number | null {
  const { dt } = layerOf(c);
  if (expected.value instanceof PySeries)
    return Math.round((expected.value.number('t_stop') - expected.value.number('t_start')) / dt);
  const [n, duration] = [c.args.get('num_timesteps'), c.args.get('duration')];
  if (typeof n === 'number') return n;
  if (typeof duration === 'number') return Math.floor((duration + 1e-9) / dt);
  const series = c.series(c.args.get('ts_input'));
  return series && Math.floor((series.number('t_stop') - layerOf(c).t + 1e-9) / dt);
}

/** Numbers of events in each step, at most 1. */
function rasterOf(c: StepContext, steps: number): number[][] {
  const layer = layerOf(c);
  const reference = c.args.get('ts_input');
  const series = reference instanceof PyRef ? c.env.object(reference.name) : null;
  const { data } = layer.prepareInputEvents(series, { numTimesteps: steps }).input;
  return Array.from({ length: steps }, (_, k) =>
    Array.from({ length: layer.sizeIn }, (__, i) => Math.min(data[k * layer.sizeIn + i], 1)),
  );
}

/** A result as a recording has it. */
interface Outcome {
  spikes: [time: number, neuron: number][];
  state: readonly number[];
  /** How many events are under way. */
  queued?: number;
  /** What monitored neurons did: the numbers of the record, by the first word of its attribute. */
  records: Readonly<Record<string, { times: readonly number[]; rows: readonly number[][] }>>;
}

const attributeOf = (name: string): string => name.slice(name.indexOf('.') + 1).split(' ')[0];

/** The recorded value with the numbers of an outcome in it; null when there is nothing to put. */
function withOutcome(name: string, value: unknown, { state, records, queued }: Outcome): unknown {
  const attribute = attributeOf(name);
  if (name === 'events left in queue') return queued;
  if (attribute === 'state' && value instanceof PyArray) return value.with([...state], [state.length]);
  const record = records[attribute];
  if (!record) return value;
  const flat = record.rows.flat();
  const shape = [record.rows.length, record.rows[0].length];
  if (value instanceof PyArray) return value.with(flat, shape);
  if (!(value instanceof PySeries)) return value;
  const times = value.array('times').with([...record.times], [record.times.length]);
  const [tStart, tStop] = [record.times[0], record.times[record.times.length - 1]];
  return changed(value, { times, samples: value.array('samples').with(flat, shape), t_start: tStart, t_stop: tStop });
}

function seriesWith(value: PySeries, { spikes }: Outcome): PySeries {
  const shape = [spikes.length];
  return changed(value, {
    times: new PyArray(
      shape,
      'float64',
      spikes.map(([time]) => time),
    ),
    channels: new PyArray(
      shape,
      'int64',
      spikes.map(([, neuron]) => neuron),
    ),
  });
}

const numbersOf = (value: unknown): (number | null)[] =>
  typeof value === 'number'
    ? [value]
    : value instanceof PyArray
      ? [...value.data]
      : value instanceof PySeries
        ? value.fields.has('samples')
          ? [...value.array('times').data, ...value.array('samples').data]
          : sortedEvents(value)
        : [];

/** Times and channels, simultaneous events by channel. */
function sortedEvents(value: PySeries): number[] {
  const channels = value.array('channels').data as number[];
  return (value.array('times').data as number[])
    .map((time, i) => [time, channels[i]])
    .sort((a, b) => (Math.abs(a[0] - b[0]) < 1e-12 ? a[1] - b[1] : a[0] - b[0]))
    .flat();
}

function same(a: unknown, b: unknown): boolean {
  const [x, y] = [numbersOf(a), numbersOf(b)];
  if (x.length !== y.length) return false;
  try {
    compareNumbers(x, y as number[], close, '');
    return true;
  } catch (error) {
    if (error instanceof Mismatch) return false;
    throw error;
  }
}

/** Puts what ours gives where the recording is exactly what the defects of the original give. */
function explain(expected: Expectation, original: Outcome, ours: Outcome): Partial<Expectation> | null {
  const { value } = expected;
  if (!(value instanceof PySeries)) return null;
  const replacedValue = seriesWith(value, ours);
  if (!same(value, seriesWith(value, original)) && !same(value, replacedValue)) return null;
  const after = new Map<string, unknown>();
  for (const [name, recorded] of expected.after) {
    if (!same(recorded, withOutcome(name, recorded, original))) return null;
    after.set(name, withOutcome(name, recorded, ours));
  }
  const unchanged = same(value, replacedValue) && [...after].every(([name, v]) => same(v, expected.after.get(name)));
  return unchanged ? null : { value: replacedValue, after };
}

/** What an earlier evolution left in the state, seen again where nothing has changed it. */
function carried(
  c: StepContext,
  expected: Expectation,
  original: Pick<Outcome, 'state' | 'queued'> | undefined,
  queued?: number,
): Partial<Expectation> | null {
  if (!original) return null;
  const ours = { spikes: [], records: {}, state: Array.from(layerOf(c).state), queued };
  const after = new Map<string, unknown>();
  for (const [name, recorded] of expected.after) {
    if (!same(recorded, withOutcome(name, recorded, { ...ours, ...original }))) return null;
    after.set(name, withOutcome(name, recorded, ours));
  }
  return [...after].every(([name, v]) => same(v, expected.after.get(name))) ? null : { after };
}

/** `allFirst`: the list begins with all neurons, monitored or not. */
function clockedOutcome(layer: Layer, run: ClockedRun, allFirst = false): Outcome {
  const stamp = (step: number): number => (layer.timestep + step + 0.5) * layer.dt;
  const ids = Array.from(layer.monitorId);
  const times = run.record.map((_, i) => (layer.timestep + Math.ceil(i / 2)) * layer.dt);
  const list = run.record.flatMap((v, i) =>
    (allFirst && i === 0 && ids.length > 0 ? [...v.keys()] : ids).map((id) => [times[i], id, v[id]]),
  );
  return {
    spikes: run.spikes.map(([step, neuron]) => [stamp(step), neuron]),
    state: run.v,
    records: {
      ...(list.length > 0 && { recorded: { times, rows: list } }),
      ts_recorded: { times, rows: run.record.map((v) => ids.map((id) => v[id])) },
    },
  };
}

const singlePrecision: Deviation = {
  row: 'layers.md 5.1, 11 row 16 (float32 state)',
  reason:
    'states are kept in double precision, and monitored neurons alone are recorded; the original rounds states to single precision at the start of every evolution, and begins its list with all neurons. Where the record is exactly that, the model without these defects is expected',
  classes: ['FFCLIAF'],
  members: ['evolve', ...forgetting, ...passive, 'set state'],
  apply(c, expected) {
    const memory = c.env.memory(c.target as object);
    if (passive.includes(c.member)) {
      const state = memory.get('original state') as number[] | undefined;
      return carried(c, expected, state && { state });
    }
    if (c.member !== 'evolve') {
      memory.delete('original state');
      return null;
    }
    const steps = stepsOf(c, expected);
    if (steps === null || expected.raises) return null;
    const layer = layerOf<FFNeurons>(c);
    const input = rasterOf(c, steps);
    const before = (memory.get('original state') as number[] | undefined) ?? Array.from(layer.state);
    const original = simulateFF(layer, before, input, true);
    memory.set('original state', original.v);
    const ours = simulateFF(layer, Array.from(layer.state), input, false);
    return explain(expected, clockedOutcome(layer, original, true), clockedOutcome(layer, ours));
  },
};

/** What the original has of a layer that has just been reset. */
function freshRecState({ vReset, stateType, delay, dt, size }: Layer & RecNeurons): RecState {
  const rows = Math.round(delay / dt);
  return {
    v: Array.from(vReset, castTo(stateType)),
    queue: Array.from({ length: rows }, () => new Array<number>(size).fill(0)),
    countdown: new Array<number>(size).fill(0),
  };
}

const delayLine: Deviation = {
  row: 'layers.md 5.2, 11 row 17',
  reason:
    'a refractory neuron does not spike, and spikes arrive after the configured delay. The original tests refractory neurons for the threshold, and holds one array in all slots of its delay line where neurons may spike several times. Where the record is exactly that, the model without these defects is expected',
  classes: ['RecCLIAF'],
  members: ['evolve', ...forgetting, ...passive, 'set state', 'set delay', 'set refractory', 'set dt'],
  apply(c, expected) {
    const memory = c.env.memory(c.target as object);
    const runs = memory.get('runs') as [RecState, RecState] | undefined;
    if (passive.includes(c.member)) return carried(c, expected, runs && { state: runs[0].v });
    if (c.member === 'set state') {
      memory.set('state was set', true);
      return null;
    }
    if (c.member !== 'evolve') {
      memory.delete('runs');
      if (c.member.startsWith('set')) memory.set('unknown', true);
      else memory.delete('unknown');
      return null;
    }
    const steps = stepsOf(c, expected);
    if (steps === null || expected.raises || memory.get('unknown') === true) return null;
    const layer = layerOf<RecNeurons>(c);
    const input = rasterOf(c, steps);
    const v = Array.from(layer.state);
    const before = runs ?? [freshRecState(layer), freshRecState(layer)];
    before[1] = { ...before[1], v };
    if (!runs || memory.delete('state was set')) before[0] = { ...before[0], v };
    const original = simulateRec(layer, before[0], input, layer.timestep, true);
    const ours = simulateRec(layer, before[1], input, layer.timestep, false);
    memory.set('runs', [original.state, ours.state]);
    return explain(expected, clockedOutcome(layer, original), clockedOutcome(layer, ours));
  },
};

function digitalOutcome(layer: Layer, run: DigitalRun, [from, to]: readonly [number, number]): Outcome {
  const ids = Array.from(layer.monitorId);
  return {
    spikes: run.spikes.map(([time, neuron]) => [Math.min(Math.max(time, from), to), neuron]),
    state: run.state.v,
    queued: run.state.pending.length,
    records: {
      ts_recorded: {
        times: run.record.map(({ time }) => time),
        rows: run.record.map(({ v, channel }) => [...ids.map((id) => v[id]), channel]),
      },
    },
  };
}

const halfOpen: Deviation = {
  row: 'layers.md 5.3, 11 row 18',
  reason:
    'an evolution processes the events before its end and keeps the others, and refractory times outlast it. The original processes one event behind the end, fails when that is a spike, and forgets refractory times. Where the record is exactly that, the model without these defects is expected',
  classes: ['RecDIAF'],
  members: ['evolve', ...forgetting, ...passive, 'set state'],
  apply(c, expected) {
    const memory = c.env.memory(c.target as object);
    const layer = layerOf<DigitalNeurons & { refractoryEnds: ArrayLike<number>; pendingEvents: PendingEvents }>(c);
    let before = memory.get('original state') as DigitalState | undefined;
    if (passive.includes(c.member)) {
      if (c.member === 'reset_time' && before)
        before.pending = before.pending.map(([time, channel]) => [time - layer.t, channel]);
      const original = before && { state: before.v, queued: before.pending.length };
      return carried(c, expected, original, layer.pendingEvents.times.length);
    }
    if (c.member === 'set state') {
      memory.set('state was set', true);
      return null;
    }
    if (c.member !== 'evolve') {
      memory.delete('original state');
      return null;
    }
    const steps = stepsOf(c, expected);
    if (steps === null) return null;
    const window = [layer.timestep * layer.dt, (layer.timestep + steps) * layer.dt] as const;
    const series = c.series(c.args.get('ts_input'));
    const input = series
      ? eventsOf(series, ...window)
          .filter(({ time }) => time >= window[0] && time < window[1])
          .map(({ time, channel }): [number, number] => [time, channel])
      : [];
    const own = stateOf(layer);
    if (memory.delete('state was set') && before) before = { ...before, v: own.v };
    const original = simulateDigital(layer, before ?? own, input, window, true);
    const ours = simulateDigital(layer, own, input, window, false);
    if (expected.raises) return withoutFailure(c, original, digitalOutcome(layer, ours, window), window[1]);
    memory.set('original state', original.state);
    return explain(expected, digitalOutcome(layer, original, window), digitalOutcome(layer, ours, window));
  },
};

interface PendingEvents {
  times: ArrayLike<number>;
  channels: ArrayLike<number>;
}

function stateOf(layer: Layer & { refractoryEnds: ArrayLike<number>; pendingEvents: PendingEvents }): DigitalState {
  const { times, channels } = layer.pendingEvents;
  return {
    v: Array.from(layer.state),
    refractoryEnds: Array.from(layer.refractoryEnds),
    pending: Array.from(times, (time, i): [number, number] => [time, channels[i]]),
  };
}

/** The original fails when the event behind the end makes a neuron spike. */
function withoutFailure(c: StepContext, original: DigitalRun, ours: Outcome, end: number): Partial<Expectation> | null {
  if (c.step.raises?.type !== 'ValueError' || !original.spikes.some(([time]) => time >= end)) return null;
  const check = (actual: unknown): void => {
    const { times, channels } = actual as { times: Float64Array; channels: Int32Array };
    compareNumbers(
      ours.spikes.map(([time]) => time),
      times,
      { abs: 1e-9 },
      'result.times',
    );
    compareNumbers(
      ours.spikes.map(([, neuron]) => neuron),
      channels,
      {},
      'result.channels',
    );
    compareNumbers([...ours.state], layerOf(c).state, close, 'state');
  };
  return { raises: false, checks: [check] };
}

const softMax: Deviation = {
  row: 'layers.md 2.3, 11 row 23',
  reason:
    'the layer adds up its input without spikes and emits the soft-max over its units after every step; the original cannot evolve. The rows of the model are expected',
  classes: ['SoftMaxLayer'],
  members: ['evolve'],
  apply(c, expected) {
    const steps = stepsOf(c, expected);
    if (!expected.raises || steps === null || !/^(IndexError|ValueError)$/.test(c.step.raises?.type ?? '')) return null;
    const layer = layerOf<FFNeurons>(c);
    const never = { ...neurons(layer), vThresh: Array.from(layer.state, () => Infinity) };
    const { record } = simulateFF(never, Array.from(layer.state), rasterOf(c, steps), false);
    const rows = record
      .filter((_, i) => i > 0 && i % 2 === 0)
      .map((v) => {
        const powers = v.map((x) => Math.exp(x - Math.max(...v)));
        const sum = powers.reduce((a, b) => a + b, 0);
        return powers.map((x) => x / sum);
      });
    const times = rows.map((_, k) => (layer.timestep + k) * layer.dt);
    const check = (actual: unknown): void => {
      const series = actual as { times: Float64Array; samples: { data: Float64Array } };
      compareNumbers(times, series.times, { abs: 1e-9 }, 'result.times');
      compareNumbers(rows.flat(), series.samples.data, { rel: 1e-12 }, 'result.samples', [steps, layer.size]);
    };
    return { raises: false, checks: [check] };
  },
};

const neurons = ({ weights, bias, vThresh, vReset, vSubtract }: FFNeurons): FFNeurons => ({
  weights,
  bias,
  vThresh,
  vReset,
  vSubtract,
});

export const digitalDeviations: readonly Deviation[] = [singlePrecision, delayLine, halfOpen, softMax];
