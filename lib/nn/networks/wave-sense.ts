/** Spiking networks with dilated synaptic time constants. */
import { type Matrix, NdArray } from '../../array.js';
import { checkInteger, checkNumber, checkOptions, typeError } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import {
  AliasConnection,
  connectModules,
  GraphHolder,
  type GraphModuleBase,
  type GraphNode,
} from '../../graph/index.js';
import { freshSeed } from '../../lazy.js';
import type { Module } from '../../modules/module.js';
import type { ModuleBase } from '../../modules/module-base.js';
import { checkPrecision, type Precision } from '../../layers/rate-options.js';
import { LIFTorch } from '../../modules/neurons/lif.js';
import { Constant } from '../../modules/parameter.js';
import { moduleClass, moduleClassName, registerModuleClass } from '../../modules/registry.js';
import { type Flow, FlowModule } from './flow.js';
import { checkNeuronModel, type NeuronModel, scaledLinear } from './members.js';

/** Options of {@link WaveSenseNet}. */
export interface WaveSenseOptions {
  /** Of each block: how far apart its synaptic time constants are, in units of `baseTauSyn`. */
  dilations: readonly number[];
  /** Number of output neurons. Default 2. */
  nClasses?: number;
  /** Number of input channels. Default 16. */
  nChannelsIn?: number;
  /** Neurons of the residual path. Default 16. */
  nChannelsRes?: number;
  /** Neurons of the skip path. Default 32. */
  nChannelsSkip?: number;
  /** Neurons behind the skip path. Default 32. */
  nHidden?: number;
  /** Synapses of a block's neurons, each with a time constant of its own. Default 2. */
  kernelSize?: number;
  /** Bias of all neurons. Default 0. */
  bias?: number;
  /** Time constant of the membranes outside of the blocks in seconds. Default 20e-3. */
  tauMem?: number;
  /** Shortest synaptic time constant in seconds. Default 20e-3. */
  baseTauSyn?: number;
  /** Both time constants of the output neurons in seconds. Default 20e-3. */
  tauLp?: number;
  /** Default 1. */
  threshold?: number;
  /** Of the output neurons. Default 1. */
  thresholdOut?: number;
  /** Class of the neurons. Default {@link LIFTorch}. */
  neuronModel?: NeuronModel;
  /** Class of the output neurons. Default: `neuronModel`. */
  neuronModelOut?: NeuronModel | null;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** What the network is computed in. Default `'float64'`. */
  precision?: Precision;
  /** Seed of the initial weights. Default: drawn. */
  seed?: number;
}

const defaults = {
  ...{ nClasses: 2, nChannelsIn: 16, nChannelsRes: 16, nChannelsSkip: 32, nHidden: 32, kernelSize: 2, bias: 0 },
  ...{ tauMem: 20e-3, baseTauSyn: 20e-3, tauLp: 20e-3, threshold: 1, thresholdOut: 1, dt: 1e-3 },
  neuronModel: LIFTorch as NeuronModel,
  neuronModelOut: null as NeuronModel | null,
  precision: 'float64' as Precision,
};
type Settings = typeof defaults & { dilations: readonly number[]; seed: number };

function readSettings(args: readonly unknown[]): Settings {
  const merged = mergeArguments<WaveSenseOptions>(args, ['dilations']);
  const given = checkOptions<WaveSenseOptions>(merged, 'options', ['dilations', 'seed', ...Object.keys(defaults)]);
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const s = { ...defaults, seed: freshSeed(), ...Object.fromEntries(set) } as Settings;
  if (!Array.isArray(s.dilations)) throw typeError('dilations', 'a list of integers', s.dilations);
  s.dilations.forEach((d, i) => checkInteger(d, `dilations[${i}]`, { min: 1 }));
  for (const name of ['nClasses', 'nChannelsIn', 'nChannelsRes', 'nChannelsSkip', 'nHidden', 'kernelSize'] as const)
    checkInteger(s[name], name, { min: 1 });
  for (const name of ['tauMem', 'baseTauSyn', 'tauLp', 'threshold', 'thresholdOut', 'dt'] as const)
    checkNumber(s[name], name, { positive: true });
  checkNumber(s.bias, 'bias');
  checkPrecision(s.precision);
  checkNeuronModel(s.neuronModel, 'neuronModel');
  if (s.neuronModelOut !== null) checkNeuronModel(s.neuronModelOut, 'neuronModelOut');
  return s;
}

interface NeuronValues {
  tauMem: number;
  tauSyn: number | Matrix;
  threshold?: number;
  synapses?: number;
  model?: NeuronModel;
}

/** A layer of neurons of a network. */
function spiking(s: Settings, neurons: number, values: NeuronValues): Module<object> {
  const { tauMem, tauSyn, threshold = s.threshold, synapses = 1, model = s.neuronModel } = values;
  return new model({
    shape: [neurons * synapses, neurons],
    tauMem: Constant(tauMem),
    tauSyn: Constant(tauSyn),
    bias: Constant(s.bias),
    threshold: Constant(threshold),
    spikeGenerationFn: 'PeriodicExponential',
    dt: s.dt,
    precision: s.precision,
  });
}

/** One block: `spk1` sees its input through synapses of several time constants; one projection goes on, one is skipped to the end. */
class WaveSenseBlock extends FlowModule {
  constructor(s: Settings, dilation: number, seed: number) {
    super({ shape: [s.nChannelsRes, s.nChannelsRes], spikingInput: true, spikingOutput: true });
    const [n, k] = [s.nChannelsRes, s.kernelSize];
    const taus = Float64Array.from({ length: k }, (_, i) => Math.max(i * dilation, 1) * s.baseTauSyn);
    const [shortest, longest] = [taus[0], taus[k - 1]];
    const add = (name: string, module: unknown): unknown => this.addModule(name, module as ModuleBase);
    const after = { tauMem: longest, tauSyn: shortest };
    add('lin1', scaledLinear([n, n * k], s, longest, seed));
    add('spk1', spiking(s, n, { tauMem: longest, tauSyn: new NdArray(taus, [1, k]), synapses: k }));
    add('lin2_res', scaledLinear([n, n], s, shortest, seed + 1));
    add('spk2_res', spiking(s, n, after));
    add('lin2_skip', scaledLinear([n, s.nChannelsSkip], s, shortest, seed + 2));
    add('spk2_skip', spiking(s, s.nChannelsSkip, after));
  }

  /** What goes on to the next block, then what is skipped to the end; the first has the block's input added. */
  override asGraph(): GraphModuleBase {
    const graphs = graphsOf(this);
    const connect = (...names: string[]): void => connectInRow(names.map((name) => graphs[name]));
    connect('lin1', 'spk1', 'lin2_res', 'spk2_res');
    connect('spk1', 'lin2_skip', 'spk2_skip');
    const [{ inputNodes }, going, skipped] = [graphs['lin1'], graphs['spk2_res'], graphs['spk2_skip']];
    new AliasConnection({ inputNodes, outputNodes: going.outputNodes, name: `${this.name}_residual_loop` });
    const outputNodes = [...going.outputNodes, ...skipped.outputNodes];
    return new GraphHolder({ inputNodes, outputNodes, name: this.name, computationalModule: this });
  }

  protected override *flow(input: Matrix): Flow {
    const h = yield ['spk1', yield ['lin1', input]];
    const residual = yield ['spk2_res', yield ['lin2_res', h]];
    const side = yield ['spk2_skip', yield ['lin2_skip', h]];
    return { output: yield { sum: [residual, input] }, side };
  }
}

/**
 * A spiking network with dilated synaptic time constants (WaveSense), for temporal patterns such as keywords: blocks in a row, each of which
 * adds its spike counts to what it passes on, and sends others to the end, where they are summed: `lin1`, `spk1`, `wave0`, `wave1`, ...,
 * `hidden`, `spk2`, `readout`, `spk_out`.
 *
 * Trained are the weights, drawn with the Kaiming rule and scaled by `dt / tau` of the synapses that they end at.
 *
 * The network: Weidel and Sheik, "WaveSense: Efficient temporal convolutions with spiking neural networks for keyword spotting" (2021).
 */
export class WaveSenseNet extends FlowModule {
  readonly #settings: Settings;

  /** @throws TypeError or RangeError for an option of the wrong kind or value. */
  constructor(dilations: readonly number[], options?: Omit<WaveSenseOptions, 'dilations'>);
  constructor(options: WaveSenseOptions);
  constructor(...args: unknown[]) {
    const s = readSettings(args);
    super({ shape: [s.nChannelsIn, s.nClasses], spikingInput: true, spikingOutput: true });
    this.#settings = s;
    const add = (name: string, module: unknown): unknown => this.addModule(name, module as ModuleBase);
    const near = { tauMem: s.tauMem, tauSyn: s.baseTauSyn };
    add('lin1', scaledLinear([s.nChannelsIn, s.nChannelsRes], s, s.baseTauSyn, s.seed));
    add('spk1', spiking(s, s.nChannelsRes, near));
    s.dilations.forEach((d, i) => add(`wave${i}`, new WaveSenseBlock(s, d, s.seed + 10 * (i + 1))));
    add('hidden', scaledLinear([s.nChannelsSkip, s.nHidden], s, s.baseTauSyn, s.seed + 1));
    add('spk2', spiking(s, s.nHidden, near));
    add('readout', scaledLinear([s.nHidden, s.nClasses], s, s.tauLp, s.seed + 2));
    const out = { tauMem: s.tauLp, tauSyn: s.tauLp, threshold: s.thresholdOut };
    add('spk_out', spiking(s, s.nClasses, { ...out, model: s.neuronModelOut ?? s.neuronModel }));
  }

  /** The blocks in a row; their skipped outputs are added up, which alias connections from each to the next say. */
  override asGraph(): GraphModuleBase {
    const { nChannelsRes, nChannelsSkip, dilations } = this.#settings;
    const graphs = graphsOf(this);
    const going = range(0, nChannelsRes);
    const skipped = range(nChannelsRes, nChannelsRes + nChannelsSkip);
    connectInRow([graphs['lin1'], graphs['spk1']]);
    let block: GraphModuleBase | null = null;
    for (const i of dilations.keys()) {
      const next = graphs[`wave${i}`];
      connectModules(block ?? graphs['spk1'], next, block ? going : undefined);
      const skips = (of: GraphModuleBase): GraphNode[] => of.outputNodes.toArray().slice(nChannelsRes);
      if (block) new AliasConnection({ inputNodes: skips(block), outputNodes: skips(next), name: 'skip_add' });
      block = next;
    }
    if (block) connectModules(block, graphs['hidden'], skipped);
    connectInRow(['hidden', 'spk2', 'readout', 'spk_out'].map((name) => graphs[name]));
    const { inputNodes } = graphs['lin1'];
    const { outputNodes } = graphs['spk_out'];
    return new GraphHolder({ inputNodes, outputNodes, name: this.name, computationalModule: this });
  }

  protected override *flow(input: Matrix): Flow {
    let x = yield ['spk1', yield ['lin1', input]];
    let skips: Matrix | null = null;
    for (let i = 0; i < this.#settings.dilations.length; i++) {
      x = yield [`wave${i}`, x];
      const skip: Matrix = yield { side: `wave${i}` };
      skips = skips ? yield { sum: [skips, skip] } : skip;
    }
    skips ??= NdArray.zeros([...x.shape.slice(0, 2), this.#settings.nChannelsSkip]);
    const hidden = yield ['spk2', yield ['hidden', skips]];
    return { output: yield ['spk_out', yield ['readout', hidden]] };
  }

  protected override config(): Record<string, unknown> {
    const { neuronModel, neuronModelOut, precision, ...plain } = this.#settings;
    return {
      ...plain,
      ...(precision !== 'float64' && { precision }),
      neuronModel: moduleClassName(neuronModel),
      ...(neuronModelOut !== null && { neuronModelOut: moduleClassName(neuronModelOut) }),
    };
  }

  static override fromOptions(options: Record<string, unknown>): ModuleBase {
    const { neuronModel, neuronModelOut, ...rest } = options;
    delete rest['shape']; // follows from the others
    const model = (name: unknown): unknown => (name === undefined ? undefined : moduleClass(name as string));
    const models = { neuronModel: model(neuronModel), neuronModelOut: model(neuronModelOut) };
    return new WaveSenseNet({ ...rest, ...models } as unknown as WaveSenseOptions);
  }
}

registerModuleClass('WaveSenseNet', WaveSenseNet);

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** The graphs of the members, not connected yet. */
function graphsOf(network: FlowModule): Record<string, GraphModuleBase> {
  const members = Object.entries(network.modules() as Record<string, ModuleBase>);
  return Object.fromEntries(members.map(([name, member]) => [name, member.asGraph()]));
}

function connectInRow(graphs: readonly GraphModuleBase[]): void {
  for (let i = 0; i + 1 < graphs.length; i++) connectModules(graphs[i], graphs[i + 1]);
}
