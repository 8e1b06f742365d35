/** Deliberate deviations of delta modulation and filter banks. */
import { toFlat } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed, stepFloor } from './reference.js';
import { PyArray, PyDict, PyRef, PySeries } from './values.js';

interface Bank {
  t: number;
  timestep: number;
  readonly dt: number;
  readonly meanSubtraction: boolean;
  readonly normalize: boolean;
  resetState(): void;
}

const banks = ['ButterFilter', 'ButterMelFilter'];
const bankOf = (c: StepContext): Bank => c.target as unknown as Bank;

const largest = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, x) => Math.max(most, Math.abs(x ?? 0)), 0);

const wholeEvolution: Deviation = {
  row: 'layers.md 0.6, 11 (24: states)',
  reason:
    'the clock advances by all time steps and the output ends with the last of them, where the original leaves out one; then the clock is set to where the original left it, and the states of the filters, which the original forgets, to 0',
  classes: banks,
  members: ['evolve'],
  apply(c, expected) {
    if (expected.raises) return null;
    const { t, dt, timestep } = bankOf(c);
    const after = new Map(expected.after);
    const [clock, steps] = [`${c.targetName}.t`, `${c.targetName}._timestep`];
    for (const [key, step] of [[clock, dt] as const, [steps, 1] as const])
      if (typeof after.get(key) === 'number') after.set(key, (after.get(key) as number) + step);
    const finish = (): void => {
      const layer = bankOf(c);
      const took = layer.timestep - timestep;
      layer.t = t + Math.max(took - 1, 0) * dt;
      layer.resetState();
    };
    if (!(expected.value instanceof PySeries)) return { after, finish };
    const times = expected.value.array('times').data as number[];
    const stop = expected.value.number('t_stop');
    // The record must end with its last sample, or the rule explains nothing.
    if (times.length === 0 || Math.abs(times[times.length - 1] - stop) > 1e-9) return null;
    return { value: changed(expected.value, { t_stop: stop + dt }), after, finish };
  },
};

const meanOfEachChannel: Deviation = {
  row: 'layers.md 2.4, 11 (24: global mean)',
  reason: 'the mean of each channel is subtracted from it, as documented, where the original subtracts one mean of all',
  classes: banks,
  members: ['evolve'],
  apply(c, expected) {
    if (!bankOf(c).meanSubtraction || !(expected.value instanceof PySeries)) return null;
    const samples = expected.value.array('samples');
    const data = samples.data as number[];
    const [rows, columns] = samples.shape;
    const overall = data.reduce((sum, x) => sum + x, 0) / data.length;
    if (!(Math.abs(overall) <= 1e-9 * largest(data))) return null;
    const means = Array.from({ length: columns }, (_, j) => {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += data[k * columns + j];
      return sum / rows;
    });
    return { value: changed(expected.value, { samples: samples.with(data.map((x, i) => x - means[i % columns])) }) };
  },
};

const silence: Deviation = {
  row: 'layers.md 2.4 (normalise)',
  reason: 'silence stays silence when it is normalised, where the original divides 0 by 0',
  classes: banks,
  members: ['evolve'],
  apply(c, expected) {
    if (!bankOf(c).normalize || !(expected.value instanceof PySeries)) return null;
    const samples = expected.value.array('samples');
    if (samples.data.length === 0 || !samples.data.every(Number.isNaN)) return null;
    return { value: changed(expected.value, { samples: samples.with(samples.data.map(() => 0)) }) };
  },
};

const storedWidth: Deviation = {
  row: 'layers.md 2.4 (filter_width)',
  reason: 'the width of the filters is stored; the original forgets it. The other fields must be its',
  classes: ['ButterMelFilter'],
  members: ['to_dict'],
  apply(_c, expected) {
    return expected.value instanceof PyDict ? { ignoredKeys: /^filter_width$/ } : null;
  },
};

interface Encoder {
  t: number;
  timestep: number;
  readonly dt: number;
  readonly sizeIn: number;
  readonly noiseStd: number;
  readonly multiplexSpikes: boolean;
  readonly repeatOutput: number;
  readonly multiChannels: number;
  readonly thrUp: Float64Array;
  readonly thrDown: Float64Array;
  readonly tauDecay: (number | null)[];
  state: Float64Array;
}

interface Encoded {
  /** Steps and channels, in the order of the list. */
  events: [step: number, channel: number][];
  state: number[];
}

/** What an encoder without a state makes of rows of input; `aliased` as the original, whose first sample decays with the reference. */
function encode(layer: Encoder, rows: readonly (readonly number[])[], aliased: boolean): Encoded {
  const { sizeIn, thrUp, thrDown, tauDecay, dt, multiplexSpikes, repeatOutput, multiChannels } = layer;
  const events: Encoded['events'] = [];
  const state = [...rows[0]];
  rows.forEach((row, k) => {
    for (let i = 0; i < sizeIn; i++) {
      const tau = tauDecay[i];
      state[i] *= tau === null ? 1 : 1 - dt / tau;
      const u = aliased && k === 0 ? state[i] : row[i];
      const counts = multiplexSpikes
        ? [Math.floor((u - state[i]) / thrUp[i]), Math.floor((state[i] - u) / thrDown[i])]
        : [u > state[i] + thrUp[i] ? 1 : 0, u < state[i] - thrDown[i] ? 1 : 0];
      counts.forEach((count, direction) => {
        for (let n = 0; n < Math.max(count, 0) * repeatOutput; n++)
          events.push([k, (2 * i + direction) * multiChannels + (events.length % multiChannels)]);
      });
      state[i] += thrUp[i] * Math.max(counts[0], 0);
      state[i] -= thrDown[i] * Math.max(counts[1], 0);
    }
  });
  return { events, state };
}

/** The input at the time steps of an evolution; null when there is none, or noise that cannot be known. */
function inputOf(c: StepContext, layer: Encoder): number[][] | null {
  const argument = c.args.get('ts_input');
  if (!(argument instanceof PyRef) || layer.noiseStd !== 0) return null;
  const input = c.env.object(argument.name) as { tStop: number; sample(times: number[]): unknown };
  const duration = (c.args.get('duration') as number | undefined) ?? input.tStop - layer.t;
  const steps = (c.args.get('num_timesteps') as number | undefined) ?? stepFloor(duration, 0, layer.dt);
  const times = Array.from({ length: steps }, (_, k) => (layer.timestep + k) * layer.dt);
  const flat = toFlat(input.sample(times));
  if (flat === null || steps === 0) return null;
  const columns = flat.shape[1];
  return times.map((_, k) =>
    Array.from({ length: layer.sizeIn }, (__, i) => {
      const x = flat.data[k * columns + (columns === 1 ? 0 : i)];
      return Number.isNaN(x) ? 0 : x;
    }),
  );
}

const firstSample: Deviation = {
  row: 'layers.md 11 (22: aliasing)',
  reason:
    'the first sample is compared with the decayed reference, where the original decays the sample too. Applies where that makes events in the first step; what must come is computed from the input, after the same computation has given the record of the original. Then the state is set to that of the original',
  classes: ['FFUpDown'],
  members: ['evolve'],
  apply(c, expected) {
    const layer = c.target as unknown as Encoder;
    if (!(expected.value instanceof PySeries) || !layer.state.every(Number.isNaN)) return null;
    const rows = inputOf(c, layer);
    if (rows === null) return null;
    const ours = encode(layer, rows, false);
    if (ours.events.length === 0 || ours.events[0][0] > 0) return null;
    const original = encode(layer, rows, true);
    const timesOf = ({ events }: Encoded): number[] => events.map(([k]) => (layer.timestep + k + 0.5) * layer.dt);
    const recorded = expected.value.array('times').data as number[];
    if (String(recorded.map((x) => x.toFixed(9))) !== String(timesOf(original).map((x) => x.toFixed(9)))) return null;
    const [times, channels] = [expected.value.array('times'), expected.value.array('channels')];
    const shape = [ours.events.length];
    return {
      value: changed(expected.value, {
        times: times.with(timesOf(ours), shape),
        channels: channels.with(
          ours.events.map(([, channel]) => channel),
          shape,
        ),
      }),
      after: withState(c, expected, ours.state),
      finish: () => {
        layer.state = Float64Array.from(original.state);
      },
    };
  },
};

function withState(c: StepContext, expected: Expectation, state: number[]): ReadonlyMap<string, unknown> {
  const key = `${c.targetName}.state`;
  const after = new Map(expected.after);
  if (after.get(key) instanceof PyArray) after.set(key, new PyArray([state.length], 'float64', state));
  return after;
}

export const filterDeviations: readonly Deviation[] = [
  wholeEvolution,
  meanOfEachChannel,
  silence,
  storedWidth,
  firstSample,
];
