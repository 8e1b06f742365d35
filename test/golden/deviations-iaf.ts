/** Deliberate deviations of the integrate-and-fire layers. */
import { compareArray, compareNumbers, Mismatch, toFlat } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed } from './reference.js';
import { decode, PyArray, PyDict, PySeries } from './values.js';

interface Layer {
  t: number;
  dt: number;
  name: string;
  state: ArrayLike<number>;
  vRest: ArrayLike<number>;
  vReset: ArrayLike<number>;
  tauSyn?: ArrayLike<number>;
  tauSynInp?: ArrayLike<number>;
  tsRecSynapses?: { samples: unknown } | null;
}

const brian = ['FFIAFBrian'];
const feedForward = ['FFIAFTorch', 'FFIAFRefrTorch'];
const spikingInput = ['FFIAFSpkInTorch', 'FFIAFSpkInRefrTorch'];
const recurrentSpikingInput = ['RecIAFSpkInTorch', 'RecIAFSpkInRefrTorch', 'RecIAFSpkInRefrCLTorch'];
const torch = [...feedForward, ...spikingInput, 'RecIAFTorch', 'RecIAFRefrTorch', ...recurrentSpikingInput];
const members = ['new', 'evolve', 'reset_all', 'reset_state', 'reset_time', 'get', 'after'];

const layerOf = (c: StepContext): Layer => c.target as unknown as Layer;
const nameOf = (c: StepContext): string => c.step.new ?? c.targetName ?? '';

function withAfter(expected: Expectation, key: string, value: PyArray | null): ReadonlyMap<string, unknown> {
  const after = new Map(expected.after);
  if (value) after.set(key, value);
  else after.delete(key);
  return after;
}

/** Spike times that were stamped half a step before their time step; the first one at the start of the evolution stays there. */
const halfAStepEarlier: Deviation = {
  row: 'layers.md 0.6 (FFIAFBrian)',
  reason:
    'spikes are stamped with the start of their time step when asked to be, where the original subtracts another half step and cuts that off at the start of the evolution',
  classes: brian,
  members: ['evolve'],
  apply(c, expected) {
    if (!(expected.value instanceof PySeries)) return null;
    const { t, dt } = layerOf(c);
    const times = expected.value.array('times');
    if (times.data.length === 0) return null;
    const shifted = (times.data as number[]).map((time) => (Math.abs(time - t) < 1e-9 ? time : time + dt / 2));
    return { value: changed(expected.value, { times: times.with(shifted) }) };
  },
};

/** The share of a time step by which ours keeps spikes before the end of the output. */
const endMargin = 1e-2;
/** Seconds by which the original does. */
const originalMargin = 1e-3;

const lastMillisecond: Deviation = {
  row: 'layers.md 0.6 (Torch IAF layers)',
  reason:
    'spikes keep their times up to the end of the output, where the original moves those of the last millisecond to one time. Their steps are on record; where they are not, their number and channels are compared',
  classes: torch,
  members: ['evolve'],
  apply(c, expected) {
    if (!(expected.value instanceof PySeries)) return null;
    const { t, dt } = layerOf(c);
    const stop = expected.value.number('t_stop');
    const times = expected.value.array('times');
    const limit = stop - originalMargin - 1e-9;
    if (!(times.data as number[]).some((time) => time > limit)) return null;
    const spikes = (c.step as { spikes?: unknown }).spikes;
    if (spikes !== undefined) return { value: atTheirSteps(expected.value, decode(spikes as never), t, dt, stop) };
    const early = (times.data as number[]).filter((time) => time <= limit);
    const channels = expected.value.array('channels');
    const check = (actual: unknown): void => {
      const series = actual as { times: Float64Array; channels: Int32Array };
      const [all, first] = [times.data.length, early.length];
      compareNumbers([all], [series.times.length], {}, 'number of events', []);
      compareNumbers(early, series.times.subarray(0, first), { abs: 1e-9 }, 'result.times');
      compareNumbers(sorted(channels.data.slice(first)), sorted(series.channels.subarray(first)), {}, 'late channels');
    };
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

const sorted = (values: ArrayLike<number | null>): number[] => (Array.from(values) as number[]).sort((a, b) => a - b);

/** The events at the ends of the steps that `[step, channel]` tells of. */
function atTheirSteps(series: PySeries, spikes: unknown, t: number, dt: number, stop: number): PySeries {
  if (!(spikes instanceof PyArray)) throw new Mismatch('the record of the spikes is no array');
  const rows = Array.from({ length: spikes.shape[0] }, (_, i) => spikes.data.slice(2 * i, 2 * i + 2) as number[]);
  const times = rows.map(([k]) => Math.min(t + k * dt, stop - endMargin * dt));
  const recorded = series.array('times').data as number[];
  // What the record says of steps and of times must be the same, or the rule explains nothing.
  const asRecorded = rows.map(([k]) => Math.min(t + k * dt, stop - originalMargin));
  compareNumbers(recorded, asRecorded, { abs: 1e-9 }, 'recorded spikes');
  const channels = rows.map(([, channel]) => channel);
  compareNumbers(sorted(series.array('channels').data), sorted(channels), {}, 'recorded channels');
  return changed(series, {
    times: series.array('times').with(times),
    channels: series.array('channels').with(channels),
  });
}

const namedWhenEmpty: Deviation = {
  row: 'layers.md 4.2 (no spikes in the window)',
  reason: 'an output without spikes has the name that one with spikes has; the original calls it unnamed',
  classes: torch,
  members: ['evolve'],
  apply(c, expected) {
    const { value } = expected;
    if (!(value instanceof PySeries) || value.array('times').data.length > 0) return null;
    if (value.fields.get('name') !== 'unnamed') return null;
    return { value: changed(value, { name: `Layer \`${layerOf(c).name}\` spikes` }) };
  },
};

const startsAtRest: Deviation = {
  row: 'layers.md 4.2 (State & reset)',
  reason:
    'a layer starts, and is reset to, its rest, where the original takes the reset potential. The rest is checked, then the state is set to what the original has',
  classes: torch,
  members: ['new', 'reset_all', 'reset_state'],
  apply(c, expected) {
    if (expected.raises) return null;
    const key = `${nameOf(c)}.state`;
    const recorded = expected.after.get(key);
    const put = (layer: Layer): void => {
      compareArray(
        new PyArray([layer.vRest.length], 'float64', Array.from(layer.vRest)),
        layer.state,
        {},
        'state at rest',
      );
      if (recorded instanceof PyArray)
        compareArray(recorded, layer.vReset, { rel: 1e-6 }, 'recorded state, which is the reset potential');
      layer.state = Float64Array.from(layer.vReset);
    };
    return {
      after: withAfter(expected, key, null),
      finish: (actual) => put(c.target ? layerOf(c) : (actual as Layer)),
    };
  },
};

/** exp(-dt / tau) of each unit. */
function decayed(recorded: PyArray, tau: ArrayLike<number>, dt: number): PyArray {
  return recorded.with((recorded.data as number[]).map((x, j) => x * Math.exp(-dt / tau[j])));
}

function presentCurrent(
  classes: readonly string[],
  field: string,
  tauOf: (layer: Layer) => ArrayLike<number>,
): Deviation {
  return {
    row: 'layers.md 4.6 (canonical order, d)',
    reason:
      'the state of input synapses is that at the present time: decayed by the step that has ended, where the original keeps what acted in it',
    classes,
    members,
    apply(c, expected) {
      const key = `${nameOf(c)}.${field}`;
      const recorded = expected.after.get(key);
      if (!(recorded instanceof PyArray) || c.target === undefined) return null;
      return { after: withAfter(expected, key, decayed(recorded, tauOf(layerOf(c)), layerOf(c).dt)) };
    },
  };
}

const noSynapses: Deviation = {
  row: 'layers.md 4.2 (State & reset)',
  reason:
    'a layer without synapses has no synaptic state. What the original keeps there is the current of the last step, which is compared with the record of the currents',
  classes: feedForward,
  members,
  apply(c, expected) {
    const key = `${nameOf(c)}.synapse_state`;
    const recorded = expected.after.get(key);
    if (!(recorded instanceof PyArray)) return null;
    const after = withAfter(expected, key, null);
    if (c.member !== 'evolve') {
      const memory = c.target && c.env.memory(c.target).get('last current');
      const kept = c.member === 'reset_time' && String(recorded.data) === memory;
      return kept || recorded.data.every((x) => x === 0) ? { after } : null;
    }
    c.env.memory(layerOf(c)).set('last current', String(recorded.data));
    const check = (): void => {
      const samples = toFlat(layerOf(c).tsRecSynapses?.samples);
      if (samples === null) throw new Mismatch('the currents are not recorded');
      const n = recorded.data.length;
      compareArray(recorded, Array.from(samples.data).slice(-n), { rel: 1e-10 }, 'last current');
    };
    return { after, checks: [...expected.checks, check] };
  },
};

const dictionary: Deviation = {
  row: 'layers.md 4.2 (to_dict)',
  reason:
    'v_rest is stored under its own key, where the original writes v_reset there; options that are not at their default are stored as well. Numbers of the original are in single precision',
  classes: torch,
  members: ['to_dict'],
  apply(c, expected) {
    if (!(expected.value instanceof PyDict)) return null;
    const recorded = expected.value.entries;
    const check = (actual: unknown): void => {
      const dict = actual as Record<string, unknown>;
      for (const [key, value] of recorded) {
        const want = key === 'v_rest' ? Array.from(layerOf(c).vRest) : value;
        const [a, b] = [toFlat(want), toFlat(dict[key])];
        if (a !== null && b !== null)
          compareNumbers(Array.from(a.data), b.data, { rel: 1e-6 }, `result.${key}`, a.shape);
        else if (want !== dict[key])
          throw new Mismatch(`result.${key}: expected ${String(want)}, received ${String(dict[key])}`);
      }
      const extra = Object.keys(dict).find((key) => !recorded.has(key) && key !== 'numerics');
      if (extra !== undefined) throw new Mismatch(`result: expected no entry ${extra}`);
    };
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

const honouredAddEvents: Deviation = {
  row: 'layers.md 4.0 (add_events)',
  reason: 'add_events is honoured, where the original of the refractory classes ignores it',
  classes: ['RecIAFSpkInRefrTorch'],
  members: ['new'],
  apply(c, expected) {
    const key = `${nameOf(c)}.add_events`;
    if (c.args.get('add_events') !== false || expected.after.get(key) !== true) return null;
    return { after: new Map([...expected.after, [key, false]]) };
  },
};

const noiseOfAnyBatch: Deviation = {
  row: 'layers.md 4.2 (Batching)',
  reason:
    'noise does not depend on the number of steps that are computed at once. Its standard deviation is expected to be that of an evolution in one batch, within 5 %',
  classes: [''],
  members: ['value std of v'],
  apply(c, expected) {
    const name = c.env
      .names()
      .reverse()
      .find((n) => c.env.className(n) === 'RecIAFTorch');
    if (name === undefined || typeof expected.value !== 'number') return null;
    const { noiseStd, dt, tauMem } = c.env.object(name) as { noiseStd: number; dt: number; tauMem: Float64Array };
    const one = (1.63 * noiseStd) / Math.sqrt(1 - dt / tauMem[0] / 2);
    if (expected.value < 0.95 * one) return null;
    const check = (actual: unknown): void => compareNumbers([one], [actual as number], { rel: 0.05 }, 'std of v', []);
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

export const iafDeviations: readonly Deviation[] = [
  halfAStepEarlier,
  lastMillisecond,
  namedWhenEmpty,
  startsAtRest,
  presentCurrent(spikingInput, 'synapse_state', ({ tauSyn = [] }) => tauSyn),
  presentCurrent(recurrentSpikingInput, 'synapse_state_inp', ({ tauSynInp = [] }) => tauSynInp),
  noSynapses,
  dictionary,
  honouredAddEvents,
  noiseOfAnyBatch,
];
