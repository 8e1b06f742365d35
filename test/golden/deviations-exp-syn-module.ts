/** The original's ExpSyn module cuts its kernel off; ours is a recursion. */
import type { Deviation, StepContext } from './expectation.js';
import { eventsOf } from './reference.js';
import { PyArray, PyDict, PySeries, PyTuple } from './values.js';

const row = 'modules.md 11, row 5 (ExpSyn)';
const reason =
  'a recursion forgets nothing, where the original cuts its kernel off after max_window_length steps. The results of the recursion are expected';

interface Synapses {
  isyn: { data: Float64Array };
  tau: { data: Float64Array } | number;
  dt: number;
}

interface Timed {
  module: Synapses;
  timestep: number;
  addEvents: boolean;
}

const timed = (target: object): target is Timed => 'timestep' in target && 'genTimeSeries' in target;
const synapsesOf = (target: object): Synapses => (timed(target) ? target.module : (target as Synapses));

/** Whether the kernel was cut off so much that it shows. */
function cutOff(c: StepContext): boolean {
  if (!c.target) return false;
  const synapses = synapsesOf(c.target);
  const window = c.env.memory(synapses).get('maxWindowLength') as number | undefined;
  const longest = typeof synapses.tau === 'number' ? synapses.tau : Math.max(...synapses.tau.data);
  return window !== undefined && (window * synapses.dt) / longest < 25;
}

/** Rows of the input of a step, one list of rows for each element of the batch. */
function inputOf(c: StepContext, width: number): number[][][] | null {
  const given = c.args.get('input');
  if (given instanceof PyArray) {
    const [steps, channels] = given.shape.slice(-2);
    const batch = given.shape.length === 3 ? given.shape[0] : 1;
    if (channels !== width) return null;
    return Array.from({ length: batch }, (_b, b) =>
      Array.from({ length: steps }, (_k, k) => {
        const at = (b * steps + k) * width;
        return given.data.slice(at, at + width) as number[];
      }),
    );
  }
  const series = c.series(given);
  if (!series || !c.target || !timed(c.target)) return null;
  const { dt } = c.target.module;
  const first = c.target.timestep;
  const asked = c.args.get('num_timesteps') as number | undefined;
  const steps = asked ?? Math.floor((series.number('t_stop') - first * dt) / dt + 1e-6);
  const rows = Array.from({ length: steps }, () => new Array<number>(width).fill(0));
  for (const { time, channel } of eventsOf(series, first * dt, (first + steps) * dt)) {
    const k = Math.floor(time / dt) - first;
    if (k >= 0 && k < steps) rows[k][channel] = c.target.addEvents ? rows[k][channel] + 1 : 1;
  }
  return [rows];
}

function recursion(synapses: Synapses, rows: number[][]): number[][] {
  const tau = (j: number): number => (typeof synapses.tau === 'number' ? synapses.tau : synapses.tau.data[j]);
  let i = [...synapses.isyn.data];
  return rows.map((u) => (i = i.map((x, j) => (x + u[j]) * Math.exp(-synapses.dt / tau(j)))));
}

const remember: Deviation = {
  row,
  reason,
  classes: ['ExpSyn'],
  members: ['new'],
  apply(c) {
    const window = c.args.get('max_window_length');
    if (window === undefined) return null;
    return { finish: (actual) => void c.env.memory(actual as object).set('maxWindowLength', window) };
  },
};

const evolution: Deviation = {
  row,
  reason,
  classes: ['ExpSyn'],
  members: ['__call__'],
  apply(c, expected) {
    if (!cutOff(c) || !c.target || !(expected.value instanceof PyTuple)) return null;
    const synapses = synapsesOf(c.target);
    const width = synapses.isyn.data.length;
    const input = inputOf(c, width);
    if (!input) return null;
    const outputs = input.map((rows) => recursion(synapses, rows));
    const [output, , record] = expected.value.items;
    const steps = outputs[0].length;
    const flat = outputs.flat(2);
    const isyn = steps > 0 ? outputs[0][steps - 1] : [...synapses.isyn.data];
    const state = new PyDict(new Map([['isyn', new PyArray([width], 'float64', isyn)]]));
    const value =
      output instanceof PySeries
        ? output.with({ samples: new PyArray([steps, width], 'float64', flat) })
        : new PyArray([outputs.length, steps, width], 'float64', flat);
    return { value: new PyTuple([value, state, record]) };
  },
};

const state: Deviation = {
  row,
  reason,
  classes: ['ExpSyn'],
  members: ['state'],
  apply(c) {
    if (!cutOff(c) || !c.target) return null;
    const { data } = synapsesOf(c.target).isyn;
    return { value: new PyDict(new Map([['isyn', new PyArray([data.length], 'float64', [...data])]])) };
  },
};

export const windowDeviations: readonly Deviation[] = [remember, evolution, state];
