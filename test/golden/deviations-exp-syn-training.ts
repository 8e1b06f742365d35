/** Deliberate deviations of the exponential synapses in training. */
import { isSynapses } from './deviations-exp-syn.js';
import { compareNumbers, Mismatch } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import {
  batchRows,
  counts,
  type Filter,
  filtered,
  held,
  product,
  type Rows,
  solve,
  sum,
} from './reference-regression.js';
import { PyArray, PyDict, type PySeries } from './values.js';

const classes = ['FFExpSyn', 'FFExpSynTorch'];

interface Layer extends Filter {
  weights: { data: ArrayLike<number>; shape: readonly number[] };
  bias: ArrayLike<number>;
}

const errorOfFit: Deviation = {
  row: 'training.md 1.2, 1.4',
  reason:
    'the result of training also has the mean squared error, an estimate of the condition and the compensation terms, which the record leaves out. All else must be as recorded',
  classes,
  members: ['train', 'train_rr'],
  apply(_c, expected) {
    return expected.value instanceof PyDict ? { ignoredKeys: /^(mse|condition_estimate|kahan_comp_xt[xy])$/ } : null;
  },
};

/** The sums of a training under way, by the original's rule and by ours. */
interface Sums {
  xtx: Rows | null;
  xty: Rows | null;
  last: number[] | null;
  next: number[] | null;
  /** Time of the last row. */
  end: number;
}

interface Training {
  original: Sums;
  ours: Sums;
}

const nothing = (): Sums => ({ xtx: null, xty: null, last: null, next: null, end: 0 });

function flag(c: StepContext, name: string, otherwise: boolean): boolean {
  return (c.args.get(name) as boolean | undefined) ?? otherwise;
}

/** Adds a batch by both rules; whether they differ in it. */
function addBatch(c: StepContext, training: Training, target: PySeries): boolean {
  const layer = c.target as Layer;
  const isFirst = flag(c, 'is_first', true);
  const store = flag(c, 'store_states', true);
  const n = batchRows(target, layer.dt, flag(c, 'is_last', false));
  const t0 = target.number('t_start');
  const raster = counts(c.series(c.args.get('ts_input')), layer, t0, n);
  const y = held(target, t0, layer.dt, n);
  const zeros = new Array<number>(layer.weights.shape[0]).fill(0);
  const { original, ours } = training;

  const carried = !isFirst && store ? original.last : null;
  const first = carried ? raster.map((row, k) => (k === 0 ? row.map((v, i) => v + carried[i]) : row)) : raster;
  add(c, original, filtered(first, zeros, layer), y, n, store);

  const gap = Math.round((t0 - ours.end) / layer.dt);
  const beta = Math.exp(-layer.dt / layer.tauSyn);
  const decayed = ours.next?.map((v) => v * beta ** (gap - 1)) ?? zeros;
  const initial = isFirst || !store || !ours.last || gap < 0 ? zeros : gap === 0 ? ours.last : decayed;
  add(c, ours, filtered(raster, initial, layer), y, n, store);
  ours.end = t0 + (n - 1) * layer.dt;
  return carried !== null && carried.some((v) => v !== 0);
}

function add(c: StepContext, sums: Sums, rows: Rows, y: Rows, n: number, store: boolean): void {
  const x = rows.slice(0, n).map((row) => (flag(c, 'train_biases', true) ? [...row, 1] : row));
  sums.xtx = sum(sums.xtx, product(x, x));
  sums.xty = sum(sums.xty, product(x, y));
  if (store) [sums.last, sums.next] = [rows[n - 1], rows[n]];
}

const arrayOf = (rows: Rows): PyArray => new PyArray([rows.length, rows[0].length], 'float64', rows.flat());

/** Weights, and biases where they are trained. */
function solution(c: StepContext, { xtx, xty }: Sums): { weights: PyArray; biases: PyArray | null } {
  const lambda = (c.args.get('regularize') as number | undefined) ?? 0;
  const rows = solve(
    (xtx as Rows).map((row, i) => row.map((v, j) => (i === j ? v + lambda : v))),
    xty as Rows,
  );
  if (!flag(c, 'train_biases', true)) return { weights: arrayOf(rows), biases: null };
  const biases = rows[rows.length - 1];
  return { weights: arrayOf(rows.slice(0, -1)), biases: new PyArray([biases.length], 'float64', biases) };
}

/** The entries of a result that the sums decide. */
function entriesOf(c: StepContext, sums: Sums): Map<string, PyArray> {
  const { weights, biases } = solution(c, sums);
  const entries = new Map([
    ['xtx', arrayOf(sums.xtx as Rows)],
    ['xty', arrayOf(sums.xty as Rows)],
    ['weights', weights],
  ]);
  if (biases) entries.set('biases', biases);
  if (sums.last) entries.set('training_state', new PyArray([sums.last.length], 'float64', sums.last));
  return entries;
}

function agrees(recorded: unknown, computed: PyArray | undefined): boolean {
  if (!(recorded instanceof PyArray) || computed === undefined) return recorded === undefined;
  const scale = Math.max(...recorded.data.map((v) => Math.abs(v as number)));
  return recorded.data.every((v, i) => Math.abs((v as number) - (computed.data[i] as number)) <= 1e-6 * scale);
}

const exactCarry: Deviation = {
  row: 'training.md 1.5',
  reason:
    "a batch begins with the filtered input that the last one ended with, decayed, and with the events in between; the original adds the last sample to the events of the first step. The sums and their solution are expected as our rule gives them, where the record is what the original's gives. Weights and bias are compared, then set to the recorded ones for the steps that follow",
  classes,
  members: ['train', 'train_rr'],
  apply(c, expected) {
    const target = c.series(c.args.get('ts_target'));
    if (target === null || expected.raises || c.target === undefined) return null;
    const memory = c.env.memory(c.target);
    if (flag(c, 'is_first', true) || !memory.has('training'))
      memory.set('training', { original: nothing(), ours: nothing(), differ: false });
    const training = memory.get('training') as Training & { differ: boolean };
    training.differ = addBatch(c, training, target) || training.differ;
    if (!training.differ) return null;
    return corrected(c, expected, training);
  },
};

function corrected(c: StepContext, expected: Expectation, training: Training): Partial<Expectation> | null {
  const [original, ours] = [entriesOf(c, training.original), entriesOf(c, training.ours)];
  const change: Partial<Expectation> = {};
  if (expected.value instanceof PyDict) {
    const progress = expected.value.entries.get('training_progress');
    if (!(progress instanceof PyDict)) return null;
    for (const [key, value] of progress.entries) if (!agrees(value, original.get(key))) return null;
    const entries = new Map([...progress.entries].map(([key]) => [key, ours.get(key)]));
    change.value = new PyDict(new Map([...expected.value.entries, ['training_progress', new PyDict(entries)]]));
  }
  const keys = { weights: `${c.targetName}.weights`, biases: `${c.targetName}.bias` };
  const recorded = Object.entries(keys).map(([key, name]) => [key, expected.after.get(name)] as const);
  // As the original has it, and the binding.
  const solved = ['is_last', 'calc_intermediate_results'].some((name) => flag(c, name, false));
  if (!solved && !flag(c, 'return_training_progress', true)) return change;
  for (const [key, value] of recorded)
    if (value !== undefined && !agrees(value, original.get(key) ?? (value as PyArray))) return null;
  const after = new Map(expected.after);
  for (const [key, value] of recorded)
    if (value !== undefined && ours.has(key)) after.set(keys[key as keyof typeof keys], ours.get(key));
  return {
    ...change,
    after,
    finish: () => {
      const layer = c.target as { weights: unknown; bias: unknown };
      const plain = (array: PyArray): unknown => ({
        data: Float64Array.from(array.data as number[]),
        shape: [...array.shape],
      });
      for (const [key, value] of recorded)
        if (value instanceof PyArray) layer[key === 'weights' ? 'weights' : 'bias'] = plain(value);
    },
  };
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

const workingLogistic: Deviation = {
  row: 'training.md 2',
  reason:
    'logistic regression works, where the original fails with an index out of range. The cross-entropy of the first pass, and after a single step weights and bias, must be those of the equations',
  classes,
  members: ['train_logreg'],
  apply(c, expected) {
    const target = c.series(c.args.get('ts_target'));
    if (!expected.raises || c.step.raises?.type !== 'IndexError' || target === null || c.args.has('batch_size'))
      return null;
    const layer = c.target as Layer;
    const n = Math.min(
      batchRows(target, layer.dt, false),
      Math.round((target.number('t_stop') - target.number('t_start')) / layer.dt),
    );
    const zeros = new Array<number>(layer.weights.shape[0]).fill(0);
    const t0 = target.number('t_start');
    const x = filtered(counts(c.series(c.args.get('ts_input')), layer, t0, n), zeros, layer).slice(0, n);
    const y = held(target, t0, layer.dt, n);
    const [m, units] = layer.weights.shape;
    const z = x.map((row) =>
      y[0].map((_, j) => row.reduce((s, v, i) => s + v * layer.weights.data[i * units + j], layer.bias[j])),
    );
    const loss = z.flatMap((row, k) => row.map((v, j) => Math.log1p(Math.exp(v)) - y[k][j] * v));
    const error = z.map((row, k) => row.map((v, j) => (sigmoid(v) - y[k][j]) / n));
    const rate = (c.args.get('learning_rate') as number | undefined) ?? 0;
    const lambda = (c.args.get('regularize') as number | undefined) ?? 0;
    const gradient = product(x, error);
    const before = Array.from(layer.weights.data);
    const weights = before.map((w, at) => w - rate * (gradient[Math.floor(at / units)][at % units] + (lambda / m) * w));
    const bias = y[0].map((_, j) => layer.bias[j] - rate * error.reduce((s, row) => s + row[j], 0));
    const check = (actual: unknown): void => {
      const { crossEntropy } = actual as { crossEntropy: ArrayLike<number> };
      const mean = loss.reduce((s, v) => s + v, 0) / loss.length;
      compareNumbers([mean], [crossEntropy[0]], { rel: 1e-10 }, 'cross-entropy', []);
      if (((c.args.get('epochs') as number | undefined) ?? 1) !== 1) return;
      compareNumbers(weights, layer.weights.data, { rel: 1e-10 }, 'weights', layer.weights.shape);
      compareNumbers(bias, layer.bias, { rel: 1e-10 }, 'bias');
    };
    return { raises: false, checks: [check] };
  },
};

const trainedOnEvents: Deviation = {
  row: 'layer-network.md C-03',
  reason: 'a network trains on events; the original fails when it cuts them. Its clock must have moved over the input',
  classes: ['Network'],
  members: ['train'],
  apply(c, expected) {
    const input = c.series(c.args.get('ts_input'));
    const cut = c.step.raises?.type === 'TypeError' && /include_stop/.test(c.step.raises.message);
    if (!expected.raises || !cut || input?.type !== 'TSEvent') return null;
    const net = c.target as { t: number; dt: number };
    const from = net.t;
    const check = (): void => {
      const steps = Math.floor((input.number('t_stop') - from) / net.dt + 1e-6);
      compareNumbers([from + steps * net.dt], [net.t], { abs: 1e-9 }, 't', []);
      const synapses = c.env.names().filter((name) => isSynapses(c.env, name));
      if (synapses.length === 0) throw new Mismatch('expected a layer of synapses in the network');
    };
    return { raises: false, checks: [check] };
  },
};

export const expSynTrainingDeviations: readonly Deviation[] = [
  errorOfFit,
  exactCarry,
  workingLogistic,
  trainedOnEvents,
];
