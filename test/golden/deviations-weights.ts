/** Deliberate deviations of the weight generators. */
import { compareArray, compareNumbers, Mismatch, toFlat } from './compare.js';
import type { Deviation } from './expectation.js';
import { PyArray, PyDict, PyTuple } from './values.js';

type Rows = number[][];

function rowsOf({ shape, data }: PyArray): Rows {
  return Array.from({ length: shape[0] }, (_, i) => data.slice(i * shape[1], (i + 1) * shape[1]) as number[]);
}

const flat = (value: unknown): { shape: readonly number[]; data: ArrayLike<number> } => {
  const array = toFlat(value);
  if (array === null) throw new Mismatch('expected a matrix');
  return array;
};

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}

const transpose = (m: Rows): Rows => m[0].map((_, j) => m.map((row) => row[j]));

/** Of each row the `keep` largest positive elements, the first of equal ones. */
function strongest(m: Rows, keep: number): Rows {
  return m.map((row) => {
    const order = row.map((_, i) => i).sort((a, b) => row[b] - row[a] || a - b);
    return row.map((x, i) => (x > 0 && order.indexOf(i) < keep ? x : 0));
  });
}

/** Counts of one sign. */
function countsOf(m: Rows, connections: number): { counts: Rows; unit: number } {
  const unit = Math.max(0, ...m.flat()) / connections;
  return { counts: m.map((row) => row.map((x) => (x > 0 ? roundHalfEven(x / unit) : 0))), unit };
}

function discretise(m: Rows, connections: number, inputs?: number, outputs?: number): { counts: Rows; weights: Rows } {
  const parts = [1, -1].map((sign) => {
    let part = m.map((row) => row.map((x) => Math.max(0, sign * x)));
    if (inputs !== undefined) part = transpose(strongest(transpose(part), roundHalfEven(inputs / 2)));
    if (outputs !== undefined) part = strongest(part, roundHalfEven(outputs / 2));
    return countsOf(part, connections);
  });
  const [exc, inh] = parts;
  return {
    counts: m.map((row, i) => row.map((_, j) => exc.counts[i][j] - inh.counts[i][j])),
    weights: m.map((row, i) => row.map((_, j) => exc.counts[i][j] * exc.unit - inh.counts[i][j] * inh.unit)),
  };
}

const pruned: Deviation = {
  row: 'weights.md 10 (6)',
  reason:
    'limits of inputs and outputs prune the weights, where the original computes the pruned matrices and drops them',
  classes: ['weights'],
  members: ['DiscretiseWeightMatrix'],
  apply(c, expected) {
    const [inputs, outputs] = ['max_num_inputs', 'max_num_outputs'].map(
      (name) => c.args.get(name) as number | undefined,
    );
    const given = c.args.get('weights');
    const recorded = expected.value;
    if ((inputs === undefined && outputs === undefined) || !(given instanceof PyArray)) return null;
    if (!(recorded instanceof PyTuple)) return null;
    const connections = (c.args.get('max_num_connections') as number | undefined) ?? 3;
    const rows = rowsOf(given);
    // Only where the recorded result is the one without limits.
    const [weights, counts] = recorded.items as [PyArray, PyArray];
    const plain = discretise(rows, connections);
    compareNumbers(counts.data, plain.counts.flat(), {}, 'recorded counts');
    compareNumbers(weights.data, plain.weights.flat(), { rel: 1e-12 }, 'recorded weights');
    const ours = discretise(rows, connections, inputs, outputs);
    const array = (m: Rows): PyArray => new PyArray(given.shape, 'float64', m.flat());
    return { value: new PyTuple([array(ours.weights), array(ours.counts)]) };
  },
};

const grids: Deviation = {
  row: 'weights.md 10 (7)',
  reason: 'sheets that are not square, and one width that is no integer for both directions, work',
  classes: ['weights'],
  members: ['two_dim_exc_res'],
  apply(c, expected) {
    const defect = c.step.raises && /must have same size|not subscriptable/.test(c.step.raises.message);
    if (!expected.raises || !defect) return null;
    const [size, number] = [c.args.get('size') as number, c.args.get('n_neighbour') as number];
    const check = (actual: unknown): void => {
      const { shape, data } = flat(actual);
      compareNumbers([size, size], shape, {}, 'shape');
      for (let j = 0; j < size; j++) {
        const column = Array.from({ length: size }, (_, i) => data[i * size + j]);
        const sum = column.reduce((a, b) => a + b, 0);
        compareNumbers([number, 0], [sum, column[j]], {}, `connections of neuron ${j}, and with itself`);
      }
    };
    return { raises: false, checks: [...expected.checks, check] };
  },
};

const noNaN: Deviation = {
  row: 'weights.md 10 (2)',
  reason: 'the recorded number of columns with NaN must be 0 with ours whatever it is: such a column is left zero',
  classes: ['weights'],
  members: ['rndm_ei_net'],
  apply(_c, expected) {
    if (!(expected.value instanceof PyDict) || !expected.value.entries.has('columns with NaN')) return null;
    const check = (actual: unknown): void => {
      const wrong = Array.from(flat(actual).data).filter((x) => !Number.isFinite(x)).length;
      if (wrong > 0) throw new Mismatch(`expected numbers, received ${wrong} others`);
    };
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

const recurrentBlock: Deviation = {
  row: 'weights.md 5.6',
  reason: 'only the recurrent block is not random, and only it is recorded: that block is compared',
  classes: ['weights'],
  members: ['ring_reservoir'],
  apply(c, expected) {
    const recorded = expected.value;
    const [sizeIn, sizeRec] = ['size_in', 'size_rec'].map((name) => c.args.get(name) as number | undefined);
    if (!(recorded instanceof PyArray) || sizeIn === undefined || recorded.shape[0] !== sizeRec) return null;
    const check = (actual: unknown): void => {
      const { shape, data } = flat(actual);
      const total = sizeIn + sizeRec;
      compareNumbers([total, total], shape, {}, 'shape');
      const rows = Array.from({ length: sizeRec }, (_, i) =>
        Array.from({ length: sizeRec }, (_, j) => data[(sizeIn + i) * total + sizeIn + j]),
      );
      compareArray(recorded, rows, {}, 'recurrent block');
    };
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

const ownJacobian: Deviation = {
  row: 'weights.md 10 (5)',
  reason:
    'weights and Jacobian are two arrays, where the original returns the weights twice: the Jacobian must fit the weights',
  classes: ['weights'],
  members: ['wipe_non_switiching_eigs'],
  apply(c, expected) {
    if (!(expected.value instanceof PyTuple)) return null;
    const [weights, jacobian] = expected.value.items as [PyArray, PyArray];
    if (c.args.has('idcs_inh') || String(weights.data) !== String(jacobian.data)) return null;
    const scale = 30 * ((c.args.get('inh_tau_factor') as number | undefined) ?? 1);
    const check = (actual: unknown): void => {
      const [ours, modes] = actual as [unknown, unknown];
      compareArray(weights, ours, { rel: 1e-10 }, 'weights');
      const n = weights.shape[0];
      const fitting = Array.from(flat(ours).data, (w, k) => w / scale - (k % (n + 1) === 0 ? 1 : 0));
      compareNumbers(fitting, flat(modes).data, { rel: 1e-10 }, 'Jacobian');
    };
    return { value: undefined, checks: [...expected.checks, check] };
  },
};

const partitions: Deviation = {
  row: 'weights.md 10 (15)',
  reason: 'the function works, where imports are missing in the original',
  classes: ['weights'],
  members: ['gen_sparse_partitioned_network'],
  apply(c, expected) {
    return expected.raises && c.step.raises?.type === 'NameError' ? { raises: false } : null;
  },
};

export const weightDeviations: readonly Deviation[] = [pruned, grids, noNaN, recurrentBlock, ownJacobian, partitions];
