/** Deliberate deviations of the exponential synapses in evolving. */
import { compare } from './compare.js';
import type { Environment } from './environment.js';
import type { Deviation, StepContext } from './expectation.js';
import { changed, stepFloor } from './reference.js';
import { synapseTolerance } from './tolerances.js';
import { PyArray, PyDict, PySeries } from './values.js';

/** What of a layer matters here. */
export interface Synapses {
  t: number;
  readonly dt: number;
  readonly tauSyn: number;
  readonly bias: ArrayLike<number>;
  readonly weights: { data: ArrayLike<number>; shape: readonly number[] };
}

const classes = ['FFExpSyn', 'FFExpSynTorch'];

export const isSynapses = (env: Environment, name: string): boolean =>
  env.has(name) && classes.includes(env.className(name));

/**
 * A reset of the original sets the state, bias included, to 0, so that its currents begin at -bias. Notes by how much ours are above
 * the original's, and the currents that the record leads to.
 */
class Ledger {
  readonly #memory: Map<string, unknown>;
  readonly #layer: Synapses;

  constructor(env: Environment, layer: object) {
    this.#memory = env.memory(layer);
    this.#layer = layer as Synapses;
    if (!this.#memory.has('above')) this.#note(this.#zeros(), this.#zeros());
  }

  get above(): readonly number[] {
    return this.#memory.get('above') as number[];
  }

  /** Currents and bias, as they must be before an evolution. */
  get state(): readonly number[] {
    return (this.#memory.get('currents') as number[]).map((x, j) => x + this.#layer.bias[j]);
  }

  reset(): void {
    this.#note(Array.from(this.#layer.bias), this.#zeros());
  }

  /** The state was set, with both to the same. */
  set(state: readonly number[]): void {
    this.#note(
      this.#zeros(),
      Array.from(this.#layer.bias, (b, j) => state[state.length === 1 ? 0 : j] - b),
    );
  }

  /** @param later What ours are above the record at the end for events that they bin later. */
  evolved(steps: number, last: readonly number[], later?: readonly number[]): void {
    const left = Math.exp((-steps * this.#layer.dt) / this.#layer.tauSyn);
    this.#note(
      this.above.map((d, j) => d * left + (later?.[j] ?? 0)),
      last.map((x, j) => x - this.#layer.bias[j]),
    );
  }

  #zeros(): number[] {
    return new Array<number>(this.#layer.bias.length).fill(0);
  }

  #note(above: number[], currents: number[]): void {
    this.#memory.set('above', above);
    this.#memory.set('currents', currents);
  }
}

/** The series that ours must give where the original gave this one. Null when the first sample is not the bias, as the original has it. */
function continued(series: PySeries, layer: Synapses, ledger: Ledger): PySeries | null {
  const samples = series.array('samples');
  const [rows, columns] = samples.shape;
  const data = samples.data as number[];
  const bias = Array.from(layer.bias);
  const scale = Math.max(...data.map(Math.abs), ...bias.map(Math.abs), 1e-300);
  if (rows === 0 || bias.some((b, j) => Math.abs(data[j] - b) > 1e-7 * scale)) return null;
  const beta = Math.exp(-layer.dt / layer.tauSyn);
  const { above, state } = ledger;
  const ours = data.map((x, at) => {
    const [k, j] = [Math.floor(at / columns), at % columns];
    return k === 0 ? state[j] : x + above[j] * beta ** k;
  });
  return changed(series, { samples: samples.with(ours) });
}

const lastRow = (series: PySeries): number[] => {
  const { data, shape } = series.array('samples');
  return data.slice(-shape[1]) as number[];
};

/** Recorded states of synapses with what ours have in addition. */
function withStates(c: StepContext, after: ReadonlyMap<string, unknown>): Map<string, unknown> {
  return new Map(
    [...after].map(([key, value]) => {
      const name = /^(\w+)\.state$/.exec(key)?.[1];
      if (name === undefined || !isSynapses(c.env, name) || !(value instanceof PyArray)) return [key, value];
      const { above } = new Ledger(c.env, c.env.object(name));
      return [key, value.with(value.data.map((x, j) => (x as number) + above[j]))];
    }),
  );
}

const carriedState: Deviation = {
  row: 'layers.md 3.1 (first sample)',
  reason:
    'the first sample of an evolution is the state that the layer continues from, where the original emits the bias. It is expected to be the recorded end of what went before',
  classes,
  members: ['evolve'],
  apply(c, expected) {
    if (!(expected.value instanceof PySeries) || c.target === undefined) return null;
    const layer = c.target as Synapses;
    const ledger = new Ledger(c.env, layer);
    const value = continued(expected.value, layer, ledger);
    if (value === null) return null;
    ledger.evolved(value.array('samples').shape[0] - 1, lastRow(value));
    return { value, after: withStates(c, expected.after) };
  },
};

const resetCurrents: Deviation = {
  row: 'layers.md 3.1 (reset)',
  reason:
    'a reset sets the currents to 0 and the state to the bias; the original sets the state to 0, so that its currents begin at minus the bias. What follows of that, decaying, is added to the record',
  classes: [...classes, 'Network'],
  members: ['reset_all', 'reset_state', 'reset_time', 'after', 'get'],
  apply(c, expected) {
    if (c.member.startsWith('reset') && c.member !== 'reset_time')
      for (const name of c.env.names())
        if (isSynapses(c.env, name) && (c.targetName === name || c.className === 'Network'))
          new Ledger(c.env, c.env.object(name)).reset();
    const after = withStates(c, expected.after);
    return [...after].some(([key, value]) => value !== expected.after.get(key)) ? { after } : null;
  },
};

const firstCurrents: Deviation = {
  row: 'layers.md 3.1 (reset)',
  reason: 'a new layer begins with currents of 0, so that its state is the bias; the original with a state of 0',
  classes,
  members: ['new'],
  apply(c, expected) {
    const given = c.args.get('bias');
    const bias = given instanceof PyArray ? (given.data as number[]) : [(given as number | undefined) ?? 0];
    const key = `${c.step.new}.state`;
    const state = expected.after.get(key);
    if (expected.raises || bias.every((b) => b === 0)) return null;
    const after = new Map(expected.after);
    if (state instanceof PyArray && state.data.every((x) => x === 0))
      after.set(key, state.with(state.data.map((_, j) => bias[bias.length === 1 ? 0 : j])));
    return { after, finish: (actual) => new Ledger(c.env, actual as object).reset() };
  },
};

const setState: Deviation = {
  row: 'layers.md 3.1 (first sample)',
  reason: 'a state that was set is the first sample of the next evolution',
  classes,
  members: ['set state'],
  apply(c) {
    const value = c.args.get('value');
    if (c.target === undefined) return null;
    new Ledger(c.env, c.target).set(value instanceof PyArray ? (value.data as number[]) : [value as number]);
    return null;
  },
};

/**
 * What binning with a tolerance adds to the samples: events on the edge of two bins are in the later one, where rounding puts the original's
 * into the earlier. Null where there are none.
 */
function laterBins(input: PySeries, output: PySeries, { t, dt, tauSyn, weights }: Synapses): number[] | null {
  const [rows, columns] = output.array('samples').shape;
  const [times, channels] = [input.array('times').data, input.array('channels').data] as number[][];
  const beta = Math.exp(-dt / tauSyn);
  let added: number[] | null = null;
  times.forEach((time, e) => {
    const bin = Math.floor((time - t) / dt);
    if (stepFloor(time, t, dt) !== bin + 1) return;
    added ??= new Array<number>(rows * columns).fill(0);
    for (let j = 0; j < columns; j++) {
      const w = weights.data[channels[e] * columns + j];
      for (let k = bin + 1; k < rows; k++)
        added[k * columns + j] += k === bin + 1 ? -w : w * beta ** (k - bin - 2) * (1 - beta);
    }
  });
  return added;
}

/** In a network: the same, compared as closely as the original's convolution allows. */
const carriedInNetwork: Deviation = {
  row: 'layers.md 3.1 (first sample), layers.md 11, row 1',
  reason: `${carriedState.reason}; events on the edge of a bin are in the later one`,
  classes: ['Network'],
  members: ['evolve'],
  apply(c, expected) {
    if (!(expected.value instanceof PyDict) || c.target === undefined) return null;
    const net = c.target as {
      layer(name: string): object;
      preLayer(layer: object): object | null;
      layerName(layer: object): string;
    };
    const entries = new Map(expected.value.entries);
    const checks = [...expected.checks];
    const taken: string[] = [];
    for (const [name, series] of expected.value.entries) {
      if (!(series instanceof PySeries) || series.type !== 'TSContinuous') continue;
      const layer = net.layer(name);
      const own = c.env.names().find((n) => isSynapses(c.env, n) && c.env.object(n) === layer);
      if (own === undefined) continue;
      const ledger = new Ledger(c.env, layer);
      let value = continued(series, layer as Synapses, ledger);
      if (value === null) continue;
      const pre = net.preLayer(layer);
      const input = pre && expected.value.entries.get(net.layerName(pre));
      const added = input instanceof PySeries ? laterBins(input, value, layer as Synapses) : null;
      const samples = value.array('samples');
      if (added) {
        const moved = samples.with((samples.data as number[]).map((x, at) => x + added[at]));
        value = changed(value, { samples: moved });
      }
      const [rows, columns] = samples.shape;
      ledger.evolved(rows - 1, lastRow(value), added?.slice(-columns));
      const compared = value;
      entries.delete(name);
      taken.push(name);
      checks.push((actual) =>
        compareOutput(c, compared, (actual as Record<string, unknown>)[name], layer as Synapses, name),
      );
    }
    if (taken.length === 0) return null;
    const after = withStates(c, expected.after);
    return { value: new PyDict(entries), after, checks, ignoredKeys: new RegExp(`^(${taken.join('|')})$`) };
  },
};

function compareOutput(c: StepContext, value: PySeries, actual: unknown, layer: Synapses, name: string): void {
  const tolerance = synapseTolerance(layer);
  const tolerances = { times: { abs: 1e-9 }, samples: () => tolerance, values: tolerance };
  compare(value, actual, { tolerances, resolve: (n) => c.env.object(n) }, `result.${name}`);
}

/** Steps of an evolution, by the arguments of the step or the end of the input. */
function stepsOf(c: StepContext, { t, dt }: Synapses): number {
  if (c.args.has('num_timesteps')) return c.args.get('num_timesteps') as number;
  const input = c.series(c.args.get('ts_input'));
  return stepFloor((c.args.get('duration') as number | undefined) ?? (input ? input.number('t_stop') - t : 0), 0, dt);
}

const singleClock: Deviation = {
  row: 'layers.md 3.4 (clock)',
  reason:
    "the clock advances by the steps of the evolution, the original's by twice as many. That is checked, then the clock is set to where the original left it",
  classes: ['FFExpSynJax', 'FFExpSynCurrentInJax'],
  members: ['evolve'],
  apply(c, expected) {
    if (expected.raises || c.target === undefined) return null;
    const layer = c.target as Synapses;
    const key = `${c.targetName}.t`;
    const duration = stepsOf(c, layer) * layer.dt;
    const original = layer.t + 2 * duration;
    const recorded = expected.after.get(key);
    if (duration === 0 || (recorded !== undefined && Math.abs((recorded as number) - original) > 1e-9)) return null;
    const after = new Map(expected.after);
    if (recorded !== undefined) after.set(key, layer.t + duration);
    return {
      after,
      finish: () => {
        layer.t = original;
      },
    };
  },
};

export const expSynDeviations: readonly Deviation[] = [
  firstCurrents,
  setState,
  carriedState,
  resetCurrents,
  carriedInNetwork,
  singleClock,
];
