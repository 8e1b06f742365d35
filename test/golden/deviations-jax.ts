/** Deliberate deviations of the layers with Jax in their names. */
import { compare, compareNumbers, type Comparison } from './compare.js';
import type { Deviation, Expectation, StepContext } from './expectation.js';
import { changed } from './reference.js';
import { type LifNeurons, type LifState, simulateLif } from './reference-lif.js';
import { tolerancesFor } from './tolerances.js';
import { PyArray, PyDict, PySeries } from './values.js';

const rateLayers = ['RecRateEulerJax', 'RecRateEulerJax_IO', 'FFRateEulerJax', 'ForceRateEulerJax_IO'];
const lifLayers = [
  'RecLIFJax',
  'RecLIFCurrentInJax',
  'RecLIFCurrentInJax_SO',
  'RecLIFJax_IO',
  'RecLIFCurrentInJax_IO',
  'FFLIFJax_IO',
  'FFLIFJax_SO',
  'FFLIFCurrentInJax_SO',
];

const timeStep: Deviation = {
  row: 'layers.md 11, row 26 (dt setters)',
  reason:
    'a time step can be set when it is at most a tenth of the smallest time constant. The original accepts exactly the others (rate layers), or none',
  classes: [...rateLayers, ...lifLayers],
  members: ['set dt'],
  apply(c, expected) {
    const value = c.args.get('value') as number;
    const layer = c.target as unknown as Record<'tau' | 'tauMem' | 'tauSyn', Float64Array | undefined> & { dt: number };
    const constants = [layer.tau, layer.tauMem, layer.tauSyn].flatMap((tau) => (tau ? [...tau] : []));
    const fine = value <= Math.min(...constants) / 10;
    if (fine !== expected.raises) return null;
    const key = `${c.targetName}.dt`;
    const kept = fine ? value : layer.dt;
    const check = (): void => compareNumbers([kept], [layer.dt], {}, key, []);
    return { raises: !fine, after: new Map([...expected.after].filter(([name]) => name !== key)), checks: [check] };
  },
};

/** The neurons of a layer of ours, and its state before the step. */
interface Layer extends LifNeurons {
  t: number;
  timestep: number;
  state: { Vmem: Float64Array; Isyn: Float64Array; spikes: Float64Array };
  size: number;
  prepareInput(tsInput: unknown, options: object): { input: { data: Float64Array } };
}

const layerOf = (c: StepContext): Layer => c.target as unknown as Layer;

function stateOf({ state: { Vmem, Isyn, spikes } }: Pick<Layer, 'state'>): LifState {
  return { Vmem: [...Vmem], Isyn: [...Isyn], spikes: [...spikes] };
}

const oneNeuron: Deviation = {
  row: 'layers.md 11, row 2',
  reason:
    'a layer of one neuron emits its spikes; the original takes the rows of the one-column raster for channels and fails. The spikes of the model are expected',
  classes: ['RecLIFJax', 'RecLIFCurrentInJax'],
  members: ['evolve'],
  apply(c, expected) {
    const layer = layerOf(c);
    if (!expected.raises || layer.size !== 1 || c.step.raises?.type !== 'ValueError' || c.args.has('ts_input'))
      return null;
    const steps = c.args.get('num_timesteps') as number;
    const { spikes } = simulateLif(layer, stateOf(layer), null, steps);
    const times = spikes.flatMap((row, k) => new Array<number>(row[0]).fill((layer.timestep + k + 0.5) * layer.dt));
    if (times.length === 0) return null;
    const check = (actual: unknown): void => {
      const { times: ours, numChannels } = actual as { times: Float64Array; numChannels: number };
      compareNumbers([times.length, 1], [ours.length, numChannels], {}, 'number of spikes and channels');
      compareNumbers(times, ours, { abs: 1e-9 }, 'result.times');
    };
    return { raises: false, checks: [check] };
  },
};

const records = {
  v_mem_last_evolution: 'v',
  i_syn_last_evolution: 'i',
  surrogate_last_evolution: 'u',
} as const;

type Run = ReturnType<typeof simulateLif>;

/** What a run gives instead of a recorded result: of the output, the state and the records. */
function replaced(c: StepContext, expected: Expectation, run: Run): Pick<Expectation, 'value' | 'after'> {
  const { timestep, dt } = layerOf(c);
  const samples = (series: unknown, rows: number[][]): PySeries =>
    changed(series as PySeries, { samples: (series as PySeries).array('samples').with(rows.flat()) });
  const after = new Map(expected.after);
  for (const [name, value] of expected.after) {
    const attribute = name.slice(name.indexOf('.') + 1);
    if (attribute === 'state') {
      const entries = Object.entries(run.state).map(
        ([key, v]) => [key, new PyArray([v.length], 'float64', v)] as const,
      );
      after.set(name, new PyDict(new Map(entries)));
    } else if (attribute === 'spikes_last_evolution') {
      const list = run.spikes.flatMap((row, k) => row.flatMap((n, j) => new Array<[number, number]>(n).fill([k, j])));
      const shape = [list.length];
      const times = list.map(([k]) => (timestep + k + 0.5) * dt);
      const channels = list.map(([, j]) => j);
      after.set(
        name,
        changed(value as PySeries, {
          times: new PyArray(shape, 'float64', times),
          channels: new PyArray(shape, 'int64', channels),
        }),
      );
    } else if (attribute in records) {
      after.set(name, samples(value, run[records[attribute as keyof typeof records]]));
    }
  }
  return { value: samples(expected.value, run.u), after };
}

/** Compares two recorded values; true when they agree. */
function agrees(c: StepContext, a: unknown, b: unknown): boolean {
  const how: Comparison = {
    tolerances: tolerancesFor(c.className, c.member, false, undefined),
    resolve: () => undefined,
  };
  const plain = (value: unknown): unknown =>
    value instanceof PySeries
      ? [value.fields.get('times'), value.fields.get('samples') ?? value.fields.get('channels')].map(plain)
      : value instanceof PyDict
        ? Object.fromEntries([...value.entries].map(([key, v]) => [key, plain(v)]))
        : value instanceof PyArray
          ? value.nested()
          : value;
  const series = (value: unknown): unknown =>
    value instanceof PySeries
      ? [value.fields.get('times'), value.fields.get('samples') ?? value.fields.get('channels')]
      : value;
  try {
    compare(series(a), plain(b), how, '');
    return true;
  } catch {
    return false;
  }
}

const membraneCurrent: Deviation = {
  row: 'layers.md 8.1 (FFLIFCurrentInJax_SO)',
  reason:
    'the input of FFLIFCurrentInJax_SO is a current into the membrane; the original adds its samples to the synaptic current as if they were spikes. Where the record is exactly that, the model with the membrane current is expected',
  classes: ['FFLIFCurrentInJax_SO'],
  members: ['evolve', 'reset_all', 'reset_state'],
  apply(c, expected) {
    const memory = c.env.memory(c.target as object);
    if (c.member !== 'evolve') {
      memory.delete('original state');
      return null;
    }
    if (expected.raises || !(expected.value instanceof PySeries)) return null;
    const layer = layerOf(c);
    const [steps] = expected.value.array('samples').shape;
    const reference = c.args.get('ts_input');
    const series = reference === undefined ? null : c.env.object((reference as { name: string }).name);
    const { input } = layer.prepareInput(series, { numTimesteps: steps });
    const before = (memory.get('original state') as LifState | undefined) ?? stateOf(layer);
    const original = simulateLif(layer, before, { into: 'synapse', samples: input.data }, steps);
    const recorded = replaced(c, expected, original);
    const explained =
      agrees(c, expected.value, recorded.value) &&
      [...expected.after].every(([name, value]) => agrees(c, value, recorded.after.get(name)));
    if (!explained) return null;
    memory.set('original state', original.state);
    return replaced(c, expected, simulateLif(layer, stateOf(layer), { into: 'membrane', samples: input.data }, steps));
  },
};

export const jaxDeviations: readonly Deviation[] = [timeStep, oneNeuron, membraneCurrent];
