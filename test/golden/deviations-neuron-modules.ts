/** Deliberate deviations of the modules of neurons and projections. */
import { windowDeviations } from './deviations-exp-syn-module.js';
import { Mismatch } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { PyArray, PyDict, PyFunction, PySeries, PyTuple } from './values.js';

const neurons = ['Linear', 'Rate', 'LIF', 'ExpSyn'];
const all = [...neurons, 'Sequential', 'FFwdStack', 'Residual', 'Instant'];

/** A tree with the entries that `keep` leaves. */
function filtered(
  value: unknown,
  keep: (key: string, entry: unknown, all: ReadonlyMap<string, unknown>) => boolean,
): unknown {
  if (!(value instanceof PyDict)) return value;
  const kept = [...value.entries].filter(([key, entry]) => keep(key, entry, value.entries));
  return new PyDict(new Map(kept.map(([key, entry]) => [key, filtered(entry, keep)])));
}

function mapped(value: unknown, change: (entry: unknown) => unknown): unknown {
  if (!(value instanceof PyDict)) return change(value);
  return new PyDict(new Map([...value.entries].map(([key, entry]) => [key, mapped(entry, change)])));
}

function size(value: unknown): number {
  return value instanceof PyDict ? [...value.entries.values()].reduce<number>((n, v) => n + 1 + size(v), 0) : 0;
}

/** The changed tree, or null when it is the same. */
function changedTree(expected: Expectation, value: unknown): Partial<Expectation> | null {
  return size(value) === size(expected.value) ? null : { value };
}

const noZeroMatrix: Deviation = {
  row: 'modules.md 11, row 25 (zero matrix)',
  reason:
    'without recurrence there is no matrix of recurrent zeros, and whether there is one is a property of the module',
  classes: all,
  members: ['simulation_parameters'],
  apply(_c, expected) {
    const recurrent = (map: ReadonlyMap<string, unknown>): boolean => map.get('_has_rec') === true;
    const zeros = (v: unknown): boolean => v instanceof PyArray && v.data.every((x) => x === 0);
    return changedTree(
      expected,
      filtered(
        expected.value,
        (key, entry, map) => key !== '_has_rec' && !(key === 'w_rec' && !recurrent(map) && zeros(entry)),
      ),
    );
  },
};

const noWindow: Deviation = {
  row: 'modules.md 11, row 5 (ExpSyn)',
  reason: 'a recursion has no window, so that its largest length is no parameter',
  classes: all,
  members: ['simulation_parameters'],
  apply: (_c, expected) =>
    changedTree(
      expected,
      filtered(expected.value, (key) => key !== 'max_window_length'),
    ),
};

const names: Record<string, string> = {
  'relu(x - threshold)': 'relu',
  'tanh(x - threshold)': 'tanh',
  '(tanh(x - threshold) + 1) / 2': 'sigmoid',
  tanh: 'tanh',
};

const namedActivation: Deviation = {
  row: 'modules.md 1 (names of activations)',
  reason: 'an activation that was given by name is kept by name',
  classes: all,
  members: ['simulation_parameters'],
  apply(_c, expected) {
    let found = false;
    const value = mapped(expected.value, (entry) => {
      const name = entry instanceof PyFunction ? names[entry.name] : undefined;
      found ||= name !== undefined;
      return name ?? entry;
    });
    return found ? { value } : null;
  },
};

const ownFunction: Deviation = {
  row: 'modules.md 4.5 (function)',
  reason: 'a function that is handed over is kept as it is: that it is a function is all that can be compared',
  classes: ['Instant'],
  members: ['simulation_parameters'],
  apply(_c, expected) {
    const given = expected.value instanceof PyDict ? expected.value.entries.get('function') : undefined;
    if (!(given instanceof PyFunction)) return null;
    const check = (actual: unknown): void => {
      if (typeof (actual as { function: unknown }).function !== 'function') throw new Mismatch('expected a function');
    };
    const value = filtered(expected.value, (key) => key !== 'function');
    return { value, ignoredKeys: /^function$/, checks: [...expected.checks, check] };
  },
};

function withParts(
  expected: Expectation,
  change: (parts: readonly unknown[]) => unknown[],
): Partial<Expectation> | null {
  return expected.value instanceof PyTuple ? { value: new PyTuple(change(expected.value.items)) } : null;
}

const batched: Deviation = {
  row: 'modules.md 0 (shapes)',
  reason:
    'the output is always [batch, time, channel]; that of the original is as the input of Linear, where it is given without a batch',
  classes: ['Linear'],
  members: ['__call__'],
  apply(_c, expected) {
    const [output] = expected.value instanceof PyTuple ? expected.value.items : [];
    if (!(output instanceof PyArray) || output.shape.length !== 2) return null;
    return withParts(expected, ([, ...rest]) => [output.with(output.data, [1, ...output.shape]), ...rest]);
  },
};

const recordWhenAsked: Deviation = {
  row: 'layer-network.md I-02, F.4 (record)',
  reason: 'what happened inside is returned where it was asked for',
  classes: all,
  members: ['__call__'],
  apply(c: StepContext, expected) {
    const record = expected.value instanceof PyTuple ? expected.value.items[2] : undefined;
    if (c.args.get('record') === true || !(record instanceof PyDict) || record.entries.size === 0) return null;
    return withParts(expected, ([output, state]) => [output, state, new PyDict(new Map())]);
  },
};

const flatSynapses: Deviation = {
  row: 'quirks (recording a timed LIF module with several synapses)',
  reason:
    'the channels of a series of synaptic currents are all synapses of all neurons; the original makes a series of three dimensions',
  classes: ['LIF'],
  members: ['__call__'],
  apply(_c, expected) {
    let found = false;
    const flat = (value: unknown): unknown => {
      if (!(value instanceof PySeries) || value.type !== 'TSContinuous' || value.array('samples').shape.length < 3)
        return value;
      found = true;
      const samples = value.array('samples');
      const [steps, ...rest] = samples.shape;
      const channels = rest.reduce((n, m) => n * m, 1);
      const fields = new Map([...value.fields].filter(([name]) => name !== 'repr'));
      return new PySeries('TSContinuous', fields).with({
        samples: samples.with(samples.data, [steps, channels]),
        num_channels: channels,
      });
    };
    const change = withParts(expected, ([output, state, record]) => [output, state, mapped(record, flat)]);
    return found ? change : null;
  },
};

export const neuronModuleDeviations: readonly Deviation[] = [
  noZeroMatrix,
  noWindow,
  namedActivation,
  ownFunction,
  batched,
  recordWhenAsked,
  flatSynapses,
  ...windowDeviations,
];
