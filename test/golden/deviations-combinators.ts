/** Deliberate deviations of combinators and of layers as timed modules. */
import { iafDeviations } from './deviations-iaf.js';
import { layerDeviations } from './deviations-layers.js';
import type { Deviation, Expectation } from './expectation.js';
import { isSeries } from './compare.js';
import { PyArray, PyDict, PySeries, PyTuple } from './values.js';

const chains = ['Sequential', 'FFwdStack', 'Residual'];
const timedLayers = ['FFRateEuler', 'RecRateEuler', 'PassThroughEvents', 'FFIAFBrian'];

/** The parts of what a module returns, with another one in place `index`. */
function withPart(expected: Expectation, index: number, value: unknown): Partial<Expectation> {
  const items = (expected.value as PyTuple).items;
  return { value: new PyTuple(items.map((item, i) => (i === index ? value : item))) };
}

/** A rule about the output of a layer, for the output of the timed module that wraps it. */
function lifted(rule: Deviation): Deviation {
  return {
    ...rule,
    classes: rule.classes.filter((name) => timedLayers.includes(name)),
    members: ['__call__'],
    apply(c, expected) {
      if (!(expected.value instanceof PyTuple)) return null;
      const change = rule.apply(c, { ...expected, value: expected.value.items[0] });
      if (change === null) return null;
      return change.value === undefined ? change : { ...change, ...withPart(expected, 0, change.value) };
    },
  };
}

const withTime: Deviation = {
  row: 'modules.md 0 (shapes)',
  reason: 'outputs are recorded as [batch, time, channel], where the original keeps that of Linear as its input was',
  classes: chains,
  members: ['__call__'],
  apply(_c, expected) {
    const record = recordOf(expected);
    if (!record) return null;
    const flat = [...record.entries].filter(
      ([key, v]) => isOutput(key) && v instanceof PyArray && v.shape.length === 2,
    );
    if (flat.length === 0) return null;
    const entries = new Map(record.entries);
    for (const [key, v] of flat as [string, PyArray][]) entries.set(key, v.with(v.data, [1, ...v.shape]));
    return withPart(expected, 2, new PyDict(entries));
  },
};

const wholeOutputs: Deviation = {
  row: 'layer-network.md I-03',
  reason:
    'a recorded output without a batch is read as [time, channel], where the original reads its first row as time: what it cuts off cannot be compared, its first samples are',
  classes: chains,
  members: ['__call__'],
  apply(c, expected) {
    const record = recordOf(expected);
    const output = expected.value instanceof PyTuple ? expected.value.items[0] : undefined;
    if (!record || !(output instanceof PySeries) || output.type !== 'TSContinuous') return null;
    const steps = output.array('samples').shape[0];
    const cut = [...record.entries].filter((entry): entry is [string, PySeries] => isCut(entry, steps, c.target));
    if (cut.length === 0) return null;
    const entries = new Map(record.entries);
    for (const [key] of cut) entries.delete(key);
    const check = (actual: unknown): void => {
      const recorded = (actual as unknown[])[2] as Record<string, { samples: { data: Float64Array; shape: number[] } }>;
      for (const [key, series] of cut) {
        const first = series.array('samples').data as number[];
        const ours = recorded[key]?.samples;
        if (!isSeries(recorded[key]) || ours.shape[0] !== steps || ours.shape[1] !== first.length)
          throw new Error(`expected ${key} to have ${steps} samples of ${first.length} channels`);
        const off = first.findIndex((x, i) => Math.abs(x - ours.data[i]) > 1e-10 * Math.max(...first.map(Math.abs)));
        if (off >= 0) throw new Error(`expected ${key}[0, ${off}] to be ${first[off]}, received ${ours.data[off]}`);
      }
    };
    const ignoredKeys = new RegExp(`^(${cut.map(([key]) => key).join('|')})$`);
    return { ...withPart(expected, 2, new PyDict(entries)), checks: [...expected.checks, check], ignoredKeys };
  },
};

/** A recorded output of one channel, or of another number of samples, of a member that has several channels. */
function isCut([key, value]: [string, unknown], steps: number, target: object | undefined): boolean {
  if (!isOutput(key) || !(value instanceof PySeries) || value.type !== 'TSContinuous') return false;
  const { module } = (target ?? {}) as { module?: { get(name: string): { sizeOut: number } } };
  const channels = module?.get(key.replace(/_output$/, '')).sizeOut;
  const [n, recorded] = value.array('samples').shape;
  return recorded === 1 && channels === n && (channels > 1 || n !== steps);
}

function isOutput(key: string): boolean {
  return key.endsWith('_output');
}

function recordOf(expected: Expectation): PyDict | null {
  const record = expected.value instanceof PyTuple ? expected.value.items[2] : undefined;
  return record instanceof PyDict ? record : null;
}

export const combinatorDeviations: readonly Deviation[] = [
  ...[...iafDeviations, ...layerDeviations]
    .filter(({ members }) => members.includes('evolve'))
    .map(lifted)
    .filter(({ classes }) => classes.length > 0),
  withTime,
  wholeOutputs,
];
