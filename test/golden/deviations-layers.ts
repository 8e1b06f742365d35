/** Deliberate deviations of layers. */
import { compareArray, compareNumbers, Mismatch, toFlat } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed, stepFloor, tolerantBins } from './reference.js';
import { PyArray, PyDict, PyRef, PySeries } from './values.js';

type Rows = number[][];

interface Layer {
  t: number;
  dt: number;
  timestep: number;
  bias: ArrayLike<number>;
  weights: { data: ArrayLike<number>; shape: readonly number[] };
  delaySteps: number;
  noiseStd: number;
}

const layerOf = (c: StepContext): Layer => c.target as unknown as Layer;

function rowsOf(array: PyArray): Rows {
  const [rows, columns] = array.shape;
  return Array.from({ length: rows }, (_, i) => array.data.slice(i * columns, (i + 1) * columns) as number[]);
}

function matrix(rows: Rows, columns: number): PyArray {
  return new PyArray([rows.length, columns], 'float64', rows.flat());
}

function withAfter(expected: Expectation, changes: Record<string, unknown>): ReadonlyMap<string, unknown> {
  const after = new Map(expected.after);
  for (const [key, value] of Object.entries(changes)) if (after.has(key)) after.set(key, value);
  return after;
}

/** Steps of an evolution, by the arguments of the step or the end of the input. */
function numberOfSteps(c: StepContext): number {
  const { t, dt } = layerOf(c);
  if (c.args.has('num_timesteps')) return c.args.get('num_timesteps') as number;
  const input = c.series(c.args.get('ts_input'));
  const duration = (c.args.get('duration') as number | undefined) ?? (input ? input.number('t_stop') - t : 0);
  return stepFloor(duration, 0, dt);
}

const usedBias: Deviation = {
  row: 'layers.md 1.1 (bias)',
  reason:
    'PassThrough honours the bias that its constructor is given, where the original ignores it. The bias is checked, then set to 0, as the original has it, for the steps that follow',
  classes: ['PassThrough'],
  members: ['new'],
  apply(c, expected) {
    const given = c.args.get('bias');
    if (given === undefined || expected.raises) return null;
    const values = given instanceof PyArray ? given.data : [given as number];
    if (values.every((x) => x === 0)) return null;
    const bias = new PyArray([values.length], 'float64', values);
    return {
      after: withAfter(expected, { [`${c.step.new}.bias`]: bias }),
      finish(actual) {
        const layer = actual as { bias: unknown };
        compareArray(bias, layer.bias, {}, 'bias');
        layer.bias = 0;
      },
    };
  },
};

/** The samples on their way in ours, as far as the record tells; null when it does not. */
function queueOf(c: StepContext, columns: number): Rows | null {
  const memory = c.env.memory(c.target as object);
  if (!memory.has('queue')) memory.set('queue', zeros(layerOf(c).delaySteps, columns));
  return memory.get('queue') as Rows | null;
}

const zeros = (rows: number, columns: number): Rows =>
  Array.from({ length: rows }, () => new Array<number>(columns).fill(0));

/**
 * The original keeps delay + 1 rows, from the last emitted one on, and lets the first new sample overwrite the last of them: with every
 * call one sample is repeated and one is lost. The new samples can be read off the record: joined = rows kept and emitted = output and buffer.
 */
const keptBuffer: Deviation = {
  row: 'layers.md 1.1 (buffer)',
  reason:
    'a delayed PassThrough keeps exactly the samples that were not emitted yet. Output, state and buffer are expected as the sequence of weighted inputs demands, which the record contains; where it does not, the rows that do not come out of the buffer are compared',
  classes: ['PassThrough'],
  members: ['evolve'],
  apply(c, expected) {
    const delay = layerOf(c).delaySteps;
    if (delay === 0 || expected.raises || !(expected.value instanceof PySeries)) return null;
    const samples = expected.value.array('samples');
    const [steps, columns] = samples.shape;
    const bias = layerOf(c).bias;
    const b = (j: number): number => (bias.length === 1 ? bias[0] : bias[j]);
    const emitted = rowsOf(samples).map((row) => row.map((x, j) => x - b(j)));
    const buffer = expected.after.get(`${c.targetName}.buffer`);
    const memory = c.env.memory(c.target as object);
    const state = expected.after.get(`${c.targetName}.state`);
    // What the record says of state and buffer must be what the original has, or the rule explains nothing.
    if (steps > 0 && ![state, buffer].every((recorded) => beginsWith(recorded, emitted[steps - 1]))) return null;
    const queue = queueOf(c, columns);
    const joined = buffer instanceof PyArray ? [...emitted, ...rowsOf(buffer).slice(1)] : emitted;
    const fresh = joined.slice(delay, delay + steps);
    if (queue === null || !(buffer instanceof PyArray)) {
      memory.set('queue', null);
      return { value: undefined, after: new Map(), checks: [...expected.checks, laterRows(samples, delay)] };
    }
    const line = [...queue, ...fresh];
    const out = line.slice(0, steps);
    const next = line.slice(steps);
    memory.set('queue', next);
    memory.set('recorded buffer', String(buffer.data));
    const after: Record<string, unknown> = { [`${c.targetName}.buffer`]: matrix(next, columns) };
    if (steps > 0) after[`${c.targetName}.state`] = new PyArray([columns], 'float64', out[steps - 1]);
    const biased = out.map((row) => row.map((x, j) => x + b(j)));
    return { value: changed(expected.value, { samples: matrix(biased, columns) }), after: withAfter(expected, after) };
  },
};

/** Whether a recorded array begins with that row; true where nothing was recorded. */
function beginsWith(recorded: unknown, row: readonly number[]): boolean {
  if (!(recorded instanceof PyArray)) return true;
  return row.every((x, i) => Math.abs(x - (recorded.data[i] as number)) <= 1e-9 * Math.max(1, Math.abs(x)));
}

function laterRows(samples: PyArray, from: number): (actual: unknown) => void {
  return (actual) => {
    const ours = toFlat((actual as { samples: unknown }).samples);
    const [rows, columns] = samples.shape;
    if (String(ours?.shape) !== String(samples.shape))
      throw new Mismatch(`result.samples: expected shape [${String(samples.shape)}]`);
    const part = Array.from(ours?.data ?? []).slice(from * columns);
    compareNumbers(samples.data.slice(from * columns), part, { rel: 1e-10 }, 'result.samples', [rows - from, columns]);
  };
}

const shownBuffer: Deviation = {
  row: 'layers.md 1.1 (buffer)',
  reason: 'the buffer has as many rows as the delay has steps: the one that the original keeps in front is left out',
  classes: ['PassThrough'],
  members: ['new', 'reset_all', 'reset_state', 'reset_time', 'reset_buffer', 'get'],
  apply(c, expected) {
    const key = `${c.step.new ?? c.targetName}.buffer`;
    const buffer = expected.after.get(key);
    const keeps = c.member === 'reset_time' || c.member === 'get';
    const memory = c.target ? c.env.memory(c.target) : undefined;
    if (!keeps) memory?.delete('queue');
    if (!(buffer instanceof PyArray) || buffer.shape[0] < 2) return null;
    const [rows, columns] = buffer.shape;
    const asExpected = keeps
      ? String(buffer.data) === memory?.get('recorded buffer')
      : buffer.data.every((x) => x === 0);
    if (!asExpected) return null;
    const queue = c.target ? queueOf(c, columns) : zeros(rows - 1, columns);
    const after = new Map(expected.after);
    if (queue === null) after.delete(key);
    else after.set(key, matrix(queue, columns));
    return { after };
  },
};

/** Weighted input at the layer's own time steps, (timestep + k) * dt, by our own sampling. */
function weightedInput(c: StepContext, steps: number): Rows | null {
  const argument = c.args.get('ts_input');
  if (!(argument instanceof PyRef)) return null;
  const input = c.env.object(argument.name) as { sample(times: number[]): unknown };
  const { weights, timestep, dt } = layerOf(c);
  const times = Array.from({ length: steps }, (_, k) => (timestep + k) * dt);
  const flat = toFlat(input.sample(times));
  const [size, units] = weights.shape;
  if (flat === null || flat.shape[1] !== size) return null;
  return times.map((_, k) =>
    Array.from({ length: units }, (__, j) => {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += flat.data[k * size + i] * weights.data[i * units + j];
      return sum;
    }),
  );
}

const delayOfAnyShape: Deviation = {
  row: 'layers.md 1.1 (shape of the buffer)',
  reason:
    'a delay works with weights that are not square, where the original fails. The delayed weighted input is expected',
  classes: ['PassThrough'],
  members: ['evolve'],
  apply(c, expected) {
    const layer = layerOf(c);
    const [size, units] = layer.weights.shape;
    if (!expected.raises || layer.delaySteps === 0 || size === units || c.step.raises?.type !== 'ValueError')
      return null;
    if (c.series(c.args.get('ts_input')) === null || layer.timestep !== 0) return null;
    const steps = numberOfSteps(c);
    if (steps <= 0) return null;
    const rows = [...zeros(layer.delaySteps, units), ...(weightedInput(c, steps) ?? [])].slice(0, steps);
    const check = (actual: unknown): void =>
      compareArray(matrix(rows, units), (actual as { samples: unknown }).samples, { rel: 1e-10 }, 'result.samples');
    return { raises: false, value: undefined, checks: [check] };
  },
};

const exactClock: Deviation = {
  row: 'timeseries.md 1.2',
  reason:
    'a sample that coincides with a time step up to rounding counts as at it (stepFloor), where the original adds k * dt to the time of its clock, which can fall just short of the sample. Applies only to the rows where that reads another sample',
  classes: ['PassThrough'],
  members: ['evolve'],
  apply(c, expected) {
    const layer = layerOf(c);
    const input = c.series(c.args.get('ts_input'));
    if (layer.delaySteps > 0 || layer.noiseStd !== 0 || input === null || !(expected.value instanceof PySeries))
      return null;
    if (input.fields.get('interp_kind') !== 'previous' || input.fields.get('periodic') === true) return null;
    const samples = expected.value.array('samples');
    const columns = samples.shape[1];
    const times = input.array('times').data as number[];
    const values = rowsOf(input.array('samples'));
    const { weights, bias, dt, t, timestep } = layer;
    const [sizeIn, units] = weights.shape;
    let found = false;
    const rows = rowsOf(samples).map((row, k) => {
      const exact = (timestep + k) * dt;
      const right = times.findLastIndex((x) => x - exact <= tolerantBins(x, exact, dt) * dt);
      const rounded = times.findLastIndex((x) => x <= k * dt + t);
      if (right < 0 || right === rounded) return row;
      found = true;
      const u = values[right];
      return Array.from({ length: units }, (_, j) => {
        let sum = bias.length === 1 ? bias[0] : bias[j];
        for (let i = 0; i < sizeIn; i++) sum += u[u.length === 1 ? 0 : i] * weights.data[i * units + j];
        return sum;
      });
    });
    return found ? { value: changed(expected.value, { samples: matrix(rows, columns) }) } : null;
  },
};

const oneTextForm: Deviation = {
  row: 'layers.md 0.2',
  reason: 'every layer has one text form; the original has another one in repr for PassThrough',
  classes: ['PassThrough'],
  members: ['__repr__'],
  apply(_c, expected) {
    const match = /^PassThrough layer object `(.*)`\.\nnSize: (\d+), size_in: (\d+), delay: /.exec(
      String(expected.value),
    );
    if (!match) return null;
    const [, name, size, sizeIn] = match;
    return {
      value: `PassThrough object: "${name}" [${sizeIn} TSContinuous in -> ${size} internal -> ${size} TSContinuous out]`,
    };
  },
};

const storedActivation: Deviation = {
  row: 'layers.md 0.8',
  reason:
    'the activation function is stored by name, under activation_func; the original drops it. The other fields must be its',
  classes: ['FFRateEuler', 'RecRateEuler'],
  members: ['to_dict'],
  apply(_c, expected) {
    return expected.value instanceof PyDict ? { ignoredKeys: /^activation_func$/ } : null;
  },
};

const firstEvent: Deviation = {
  row: 'layers.md 2.1 (window)',
  reason:
    'an event exactly at the current time is passed on, where the original drops it. Those events are added to the record',
  classes: ['PassThroughEvents'],
  members: ['evolve'],
  apply(c, expected) {
    const input = c.series(c.args.get('ts_input'));
    const { t, weights } = layerOf(c);
    if (input === null || !(expected.value instanceof PySeries) || numberOfSteps(c) <= 0) return null;
    const channels = input.array('channels').data as number[];
    const first = (input.array('times').data as number[]).flatMap((time, i) => (time === t ? [channels[i]] : []));
    const units = weights.shape[1];
    const copies = first.flatMap((i) =>
      Array.from({ length: units }, (_, j) => new Array<number>(weights.data[i * units + j]).fill(j)).flat(),
    );
    if (copies.length === 0) return null;
    const [times, ids] = [expected.value.array('times'), expected.value.array('channels')];
    const shape = [times.data.length + copies.length];
    return {
      value: changed(expected.value, {
        times: times.with([...copies.map(() => t), ...times.data], shape),
        channels: ids.with([...copies, ...ids.data], shape),
      }),
    };
  },
};

const clockOfNothing: Deviation = {
  row: 'layers.md 2.1 (empty input)',
  reason:
    'an empty input advances the clock and gives an empty series over the evolution. That is checked, then the clock is set to where the original left it',
  classes: ['PassThroughEvents'],
  members: ['evolve'],
  apply(c, expected) {
    const argument = c.args.get('ts_input');
    const input = c.series(argument);
    const empty = argument === undefined || input?.array('times').data.length === 0;
    if (!empty || !(expected.value instanceof PySeries)) return null;
    const { t, dt, timestep } = layerOf(c);
    const steps = numberOfSteps(c);
    const stop = (timestep + steps) * dt;
    const key = `${c.targetName}.t`;
    const original = (expected.after.get(key) as number | undefined) ?? t;
    return {
      value: changed(expected.value, { t_start: t, t_stop: stop, num_channels: layerOf(c).weights.shape[1] }),
      after: withAfter(expected, { [key]: stop }),
      finish: () => {
        layerOf(c).t = original;
      },
    };
  },
};

const assignedWeights: Deviation = {
  row: 'layers.md 2.1 (weights)',
  reason: 'weights can be assigned; the original recurses without end',
  classes: ['PassThroughEvents'],
  members: ['set weights'],
  apply(c, expected) {
    const value = c.args.get('value');
    if (!expected.raises || c.step.raises?.type !== 'RecursionError' || !(value instanceof PyArray)) return null;
    const check = (): void => compareArray(value, layerOf(c).weights, {}, 'weights');
    return { raises: false, checks: [check] };
  },
};

export const layerDeviations: readonly Deviation[] = [
  usedBias,
  delayOfAnyShape,
  keptBuffer,
  shownBuffer,
  exactClock,
  oneTextForm,
  storedActivation,
  firstEvent,
  clockOfNothing,
  assignedWeights,
];
