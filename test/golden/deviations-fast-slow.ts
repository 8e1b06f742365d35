/** Deliberate deviations of the layers with fast and slow synapses. */
import { compareNumbers, Mismatch } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed } from './reference.js';
import {
  atRest,
  type Continuation,
  type FastSlowNeurons,
  type FastSlowRun,
  type Potentials,
  simulateOriginal,
  simulateTarget,
} from './reference-fast-slow.js';
import { PyArray, PySeries } from './values.js';

interface Layer extends FastSlowNeurons {
  timestep: number;
  prepareInput(tsInput: unknown, options: object): { input: { data: Float64Array }; numTimesteps: number };
}

/** The states that the original's layer and ours are in. */
interface Both {
  original: Potentials;
  target: Potentials;
  continuation: Continuation | null;
  /** Steps that units are still held, where there is nothing else to go on from. */
  held: number[] | null;
}

const classes = ['RecFSSpikeEulerBT'];
const tolerance = { rel: 1e-8 };
const fields = {
  state: 'v',
  I_s_F: 'f',
  I_s_S: 's',
  'recorded.v_mem': 'v',
  'recorded.I_fast': 'f',
  'recorded.I_slow': 's',
};

const layerOf = (c: StepContext): Layer => c.target as unknown as Layer;

function bothOf(c: StepContext): Both {
  const memory = c.env.memory(layerOf(c));
  const known = memory.get('states') as Both | undefined;
  if (known) return known;
  const rest = atRest(layerOf(c));
  return { original: rest, target: rest, continuation: null, held: null };
}

/** `state`, `recorded.times`, ... of an attribute's text. */
function fieldOf(name: string): string {
  if (name.startsWith('recorded.')) return name.split(' ')[0];
  return name.slice(name.indexOf('.') + 1);
}

/** What an attribute is after a run. */
function attribute(field: string, { end, rows }: FastSlowRun): PyArray | null {
  if (field === 'recorded.times') return new PyArray([rows.times.length], 'float64', rows.times);
  const part = fields[field as keyof typeof fields] as keyof Potentials | undefined;
  if (!part) return null;
  if (!field.startsWith('recorded.')) return new PyArray([end[part].length], 'float64', end[part]);
  const size = end[part].length;
  const columns = Array.from({ length: size }, (_, i) => rows.states.map((state) => state[part][i]));
  return new PyArray([size, rows.states.length], 'float64', columns.flat());
}

/** Whether the recorded results are those of a run. */
function isRecorded(series: PySeries, after: Expectation['after'], run: FastSlowRun, tStop: number): boolean {
  const [times, channels] = [0, 1].map((i) => run.spikes.map((spike) => spike[i]));
  try {
    const recorded = series.array('times').data as number[];
    if (recorded.length !== times.length) return false;
    compareNumbers(recorded, times, { abs: 1e-9 }, 'times');
    compareNumbers(series.array('channels').data, channels, {}, 'channels');
    compareNumbers([series.number('num_channels')], [Math.max(...channels) + 1], {}, 'number of channels');
    compareNumbers([series.number('t_start'), series.number('t_stop')], [times[0], tStop], { abs: 1e-9 }, 'window');
    for (const [name, value] of after) {
      const expected = attribute(fieldOf(name), run);
      if (!expected || !(value instanceof PyArray)) continue;
      if (String(value.shape) !== String(expected.shape)) return false;
      compareNumbers(value.data, expected.data as number[], tolerance, name);
    }
  } catch (error) {
    if (error instanceof Mismatch) return false;
    throw error;
  }
  return true;
}

const preciseSpikes: Deviation = {
  row: 'layers.md 6.1; 11, row 19',
  reason:
    'an evolution gives spikes only, with its window and all channels; it ends with the state at its end, on the line between the last two times; spikes in the step that leads beyond it count; the next one goes on from where the solver is; input is that of the time step, without rounding; records are states at their times. The original lists every iteration, ends at the mirrored place of the line and starts anew. Where the record is what the original computes, a computation of the demanded numbers is compared instead',
  classes,
  members: ['evolve'],
  apply(c, expected) {
    const { value } = expected;
    if (!(value instanceof PySeries)) return null;
    const layer = layerOf(c);
    const both = bothOf(c);
    const options = ['duration', 'num_timesteps'].flatMap((name) =>
      typeof c.args.get(name) === 'number' ? [[name === 'duration' ? name : 'numTimesteps', c.args.get(name)]] : [],
    );
    const given = c.args.get('ts_input') as { name: string } | undefined;
    const series = given ? c.env.object(given.name) : null;
    const { input, numTimesteps } = layer.prepareInput(series, Object.fromEntries(options) as object);
    const minDelta = (c.args.get('min_delta') as number | undefined) ?? layer.dt / 10;
    const window = { first: layer.timestep, steps: numTimesteps, minDelta };
    const original = simulateOriginal(layer, both.original, input.data, window);
    const tStop = (layer.timestep + numTimesteps) * layer.dt;
    if (!isRecorded(value, expected.after, original, tStop)) return null;
    const target = simulateTarget(layer, both.target, both.continuation ?? both.held, input.data, window);
    c.env.memory(layer).set('states', {
      original: original.end,
      target: target.end,
      continuation: target.continuation,
      held: null,
    } satisfies Both);
    const after = new Map(expected.after);
    for (const name of expected.after.keys()) {
      const there = attribute(fieldOf(name), target);
      if (there) after.set(name, there);
    }
    const spikes = [0, 1].map((i) => target.spikes.map((spike) => spike[i]));
    const shape = [target.spikes.length];
    return {
      after,
      value: changed(value, {
        times: new PyArray(shape, 'float64', spikes[0]),
        channels: new PyArray(shape, 'int64', spikes[1]),
        num_channels: layer.size,
        t_start: layer.timestep * layer.dt,
        t_stop: tStop,
      }),
    };
  },
};

const startsAnew: Deviation = {
  row: 'layers.md 6.1 (reset_state)',
  reason: 'a reset ends what an evolution goes on from; nothing is compared differently',
  classes,
  members: ['reset_all', 'reset_state'],
  apply(c) {
    c.env.memory(layerOf(c)).delete('states');
    return null;
  },
};

/** State and currents of ours where the recorded ones are the original's. */
function statesOfOurs(c: StepContext, after: Expectation['after'], { original, target }: Both): Partial<Expectation> {
  const changedAfter = new Map(after);
  for (const [name, value] of after) {
    const part = name.startsWith(`${c.targetName}.`) ? fields[fieldOf(name) as keyof typeof fields] : undefined;
    if (!part || !(value instanceof PyArray)) continue;
    try {
      compareNumbers(value.data, original[part as keyof Potentials], tolerance, name);
      changedAfter.set(name, value.with(target[part as keyof Potentials]));
    } catch (error) {
      if (!(error instanceof Mismatch)) throw error;
    }
  }
  return { after: changedAfter };
}

const sameDifference: Deviation = {
  row: 'layers.md 6.1; 11, row 19',
  reason:
    'the state that an evolution ended with is still that of ours where the recorded one is still that of the original',
  classes,
  members: ['get', 'after', 'set bias', 'set v_thresh', 'set v_rest', 'set v_reset', 'set tau_mem'],
  apply(c, expected) {
    if (expected.raises || !c.env.memory(layerOf(c)).has('states')) return null;
    return statesOfOurs(c, expected.after, bothOf(c));
  },
};

const startsFromState: Deviation = {
  row: 'layers.md 6.1 (State)',
  reason:
    'a state that was set, or another time, is where the next evolution starts, with what is left of refractory times',
  classes,
  members: ['reset_time', 'set state', 'set t'],
  apply(c, expected) {
    if (expected.raises) return null;
    const { original, target, continuation, held } = bothOf(c);
    const left = continuation?.held.map((steps) => Math.max(0, steps + continuation.last + 1 - layerOf(c).timestep));
    const value = c.args.get('value');
    const v = c.member === 'set state' && value instanceof PyArray ? (value.data as number[]) : null;
    const both: Both = {
      original: v ? { ...original, v } : original,
      target: v ? { ...target, v } : target,
      continuation: null,
      held: left ?? held,
    };
    c.env.memory(layerOf(c)).set('states', both);
    return statesOfOurs(c, expected.after, both);
  },
};

export const fastSlowDeviations: readonly Deviation[] = [preciseSpikes, startsAnew, sameDifference, startsFromState];
