/** Networks, layers and modules of files, evolved all in the same way. */
import { RockpoolError } from '../errors.js';
import { Layer } from '../layers/index.js';
import { layerClass } from '../layers/registry.js';
import { type Module, ModuleBase, TimedModule, TimedModuleWrapper } from '../modules/index.js';
import { loadModule } from '../modules/module-dict.js';
import { moduleClass } from '../modules/registry.js';
import { numbersIn } from '../modules/timed-input.js';
import { commonTimeStep } from '../networks/time-steps.js';
import { JaxStack, Network } from '../networks/index.js';
import type { FromNirOptions } from '../nir/index.js';
import type { TaskOptions } from '../task.js';
import { TSEvent, type TimeSeries } from '../time-series/index.js';
import '../nn/layers/index.js';
import '../nn/modules/index.js';
import '../nn/networks/index.js';
import '../nn/combinators/index.js';
import { UsageError } from './exit.js';
import { readContent, type Content, type ReadOptions } from './files.js';
import { unreadable } from './formats.js';
import { readPreprocessing, type Preprocessing } from './preprocessing.js';

/** What a file of a network holds. */
export type Model = { preprocessing: Preprocessing } & (
  { kind: 'network'; net: Network } | { kind: 'layer'; layer: Layer } | { kind: 'module'; module: ModuleBase }
);

/** How a NIR file becomes a network. */
export type NirOptions = Pick<FromNirOptions, 'convention' | 'dt' | 'integration' | 'reset' | 'allowLossy'>;

const known = (find: () => unknown): boolean => {
  try {
    find();
    return true;
  } catch {
    return false;
  }
};

/** The network, layer or module of a dictionary. */
function modelOf({ preprocessing: given, ...dictionary }: Record<string, unknown>): Model {
  const preprocessing = readPreprocessing(given);
  const name = dictionary['class_name'];
  if (Array.isArray(dictionary['layers']))
    return {
      kind: 'network',
      net: name === 'JaxStack' ? JaxStack.loadFromDict(dictionary) : Network.loadFromDict(dictionary),
      preprocessing,
    };
  if (typeof name !== 'string')
    throw new RockpoolError('ERR_FILE', 'it has neither layers nor a class_name: it is no network, layer or module');
  // a layer and a module may share their name; modules name their parameters as such
  if (!('parameters' in dictionary) && known(() => layerClass(name)))
    return { kind: 'layer', layer: Layer.loadFromDict(dictionary), preprocessing };
  if (!known(() => moduleClass(name)))
    throw new RockpoolError('ERR_FILE', `there is no layer or module of class '${name}'`);
  return { kind: 'module', module: loadModule(dictionary), preprocessing };
}

/** What only networks without equations in time steps, or without a time step, have a use for. */
function refuseUnused(path: string, model: Model, { dt, integration, reset }: NirOptions): void {
  for (const [name, value] of Object.entries({ integration, reset }))
    if (value !== undefined) throw new UsageError(`--${name} is for NIR files, and '${path}' is none`);
  if (dt !== undefined && model.kind !== 'module')
    throw new UsageError(`--dt is for networks whose files have no time step, and '${path}' has one`);
}

/** The network of what a file held. @throws UsageError for options that it has no use for, RockpoolError `ERR_FILE` when it is none. */
export async function modelOfContent(path: string, content: Content, options: NirOptions = {}): Promise<Model> {
  try {
    if (content.kind === 'dictionary') {
      const model = modelOf(content.dictionary);
      refuseUnused(path, model, options);
      return model;
    }
    if (content.kind === 'graph') {
      const { fromNir } = await import('../nir/index.js');
      return { kind: 'module', module: await fromNir(content.graph, options), preprocessing: {} };
    }
  } catch (error) {
    throw error instanceof UsageError ? error : unreadable(path, error);
  }
  const what = content.kind === 'series' ? 'a time series' : content.kind;
  throw unreadable(path, new RockpoolError('ERR_FILE', `it holds ${what} and no network`));
}

/** Reads a network. */
export async function readModel(path: string, options: NirOptions & ReadOptions = {}): Promise<Model> {
  const { signal, ignoreChecksum, ...nir } = options;
  return modelOfContent(path, await readContent(path, { signal, ignoreChecksum }), nir);
}

/** A model that evolves time series: what layers put out, by name, and the name of the one that counts. */
export interface Runner {
  readonly dt: number;
  readonly sizeIn: number;
  readonly sizeOut: number;
  readonly inputType: unknown;
  /** Names of what puts something out; the last evolution's outputs have them. */
  readonly names: readonly string[];
  readonly outputName: string;
  readonly t: number;
  /** Most numbers that are held for a time step. */
  readonly width: number;
  /** Numbers that a layer puts out in a time step; 0 of events, which nobody knows before. */
  samplesOf(name: string): number;
  evolve(
    input: TimeSeries | null,
    options: { numTimesteps: number } & TaskOptions,
  ): Promise<Readonly<Record<string, TimeSeries>>>;
  reset(): void;
  snapshot(): unknown;
  restore(snapshot: never): void;
}

function networkRunner(net: Network): Runner {
  const members = [...net.layers];
  if (members.length === 0 || net.outputLayer === null)
    throw new RockpoolError('ERR_STATE', 'the network has no layers');
  return {
    dt: net.dt as number,
    sizeIn: net.sizeIn,
    sizeOut: net.sizeOut,
    inputType: net.inputType,
    names: members.map(([name]) => name),
    outputName: net.layerName(net.outputLayer),
    get t() {
      return net.t;
    },
    width: members.reduce(
      (sum, [name, layer]) => sum + (layer.sizeOut + layer.sizeIn) * net.timestepsPerNetworkDt(name),
      0,
    ),
    samplesOf: (name) => {
      const layer = net.layer<Network>(name);
      return layer.outputType === TSEvent ? 0 : layer.sizeOut * net.timestepsPerNetworkDt(name);
    },
    evolve: (input, options) => net.evolveAsync(input, options),
    reset: () => net.resetAll(),
    snapshot: () => net.snapshot(),
    restore: (snapshot) => net.restore(snapshot),
  };
}

function moduleRunner(module: TimedModule): Runner {
  return {
    dt: module.dt,
    sizeIn: module.sizeIn,
    sizeOut: module.sizeOut,
    inputType: module.inputType,
    names: ['output'],
    outputName: 'output',
    get t() {
      return module.t;
    },
    width: 8 * (module.sizeIn + module.sizeOut),
    samplesOf: () => (module.outputType === TSEvent ? 0 : module.sizeOut),
    evolve: async (input, options) => ({ output: (await module.evolveAsync(input, options))[0] }),
    reset: () => void module.resetAll(),
    snapshot: () => module.snapshot(),
    restore: (snapshot) => module.restore(snapshot),
  };
}

/** The time step of a module without one of its own: what was given, or what its parts have in common. */
function stepOf(module: ModuleBase, dt: number | undefined): number | undefined {
  if (module.hasAttribute('dt') || dt !== undefined) return dt;
  const inner = numbersIn(module.attributesNamed('dt'));
  if (inner.length === 0)
    throw new UsageError(`the ${module.className} has no time step: --dt SECONDS says how long one is`);
  return commonTimeStep(
    inner,
    inner.map(() => module.fullName),
  );
}

/**
 * What evolves a model over time series.
 *
 * @param dt Time step, for modules that have none.
 */
export function runnerOf(model: Model, dt?: number): Runner {
  if (model.kind === 'network') return networkRunner(model.net);
  if (model.kind === 'layer') return networkRunner(new Network([model.layer]));
  const { module } = model;
  return moduleRunner(
    module instanceof TimedModule ? module : new TimedModuleWrapper(module as Module, { dt: stepOf(module, dt) }),
  );
}
