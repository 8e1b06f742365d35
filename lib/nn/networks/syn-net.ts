/** Spiking feed-forward networks with many synaptic time constants. */
import { NdArray } from '../../array.js';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  rangeError,
  typeError,
} from '../../check.js';
import { Sequential } from '../../combinators/sequential.js';
import { mergeArguments } from '../../layers/arguments.js';
import { freshSeed } from '../../lazy.js';
import type { Module } from '../../modules/module.js';
import type { ModuleBase } from '../../modules/module-base.js';
import { checkPrecision, type Precision } from '../../layers/rate-options.js';
import { LIFMembraneExodus, LIFTorch } from '../../modules/neurons/lif.js';
import { roundTau } from '../../modules/neurons/leak.js';
import type { LIFTorchOptions } from '../../modules/neurons/lif-options.js';
import { TimeStepDropout } from '../../modules/neurons/dropout.js';
import { Constant, type ConstantValue } from '../../modules/parameter.js';
import { moduleClass, moduleClassName, registerModuleClass } from '../../modules/registry.js';
import { checkNeuronModel, type NeuronModel, scaledLinear } from './members.js';

/** Options of {@link SynNet}. */
export interface SynNetOptions {
  /** Number of output neurons. */
  nClasses: number;
  /** Number of input channels. */
  nChannels: number;
  /** Neurons of the hidden layers. Default `[60]`. */
  sizeHiddenLayers?: readonly number[];
  /** Number of different synaptic time constants in each hidden layer. Default `[10]`. */
  timeConstantsPerLayer?: readonly number[];
  /** Base of these in seconds, greater than `dt`: they are `(tauSynBase / dt)^j * dt`, j = 1, 2, ... Default 2e-3. */
  tauSynBase?: number;
  /** Time constant of the membranes in seconds. Default 2e-3. */
  tauMem?: number;
  /** Time constant of the synapses of the output in seconds. Default 2e-3. */
  tauSynOut?: number;
  /** Every time constant becomes that of a whole bit shift. Default true. */
  quantizeTimeConstants?: boolean;
  /** Hidden time constants are parameters. Default false. */
  trainTimeConstants?: boolean;
  /** Default 1. */
  threshold?: number;
  /** Of the output neurons. Default: `threshold`. */
  thresholdOut?: number | null;
  /** Hidden thresholds are parameters. Default false. */
  trainThreshold?: boolean;
  /** Class of the neurons. Default {@link LIFTorch}. */
  neuronModel?: NeuronModel;
  /** Most spikes in a step of a hidden neuron. Default 31. */
  maxSpikesPerDt?: number;
  /** Most spikes in a step of an output neuron. Default 1. */
  maxSpikesPerDtOut?: number;
  /** Probability that a hidden spike is dropped in training. Default 0: no dropout modules. */
  pDropout?: number;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** The output: spikes, or the membrane potentials of output neurons that never spike. Default `'spikes'`. */
  output?: 'spikes' | 'vmem';
  /** Further options of the neurons. */
  neuronKwargs?: Partial<LIFTorchOptions>;
  /** What the network is computed in. Default `'float64'`. */
  precision?: Precision;
  /** Seed of the initial weights. Default: drawn. */
  seed?: number;
}

const defaults = {
  sizeHiddenLayers: [60] as readonly number[],
  timeConstantsPerLayer: [10] as readonly number[],
  ...{ tauSynBase: 2e-3, tauMem: 2e-3, tauSynOut: 2e-3 },
  ...{ quantizeTimeConstants: true, trainTimeConstants: false, trainThreshold: false },
  ...{ threshold: 1, thresholdOut: null as number | null, neuronModel: LIFTorch as NeuronModel },
  ...{ maxSpikesPerDt: 31, maxSpikesPerDtOut: 1, pDropout: 0, dt: 1e-3 },
  output: 'spikes' as 'spikes' | 'vmem',
  neuronKwargs: {} as Partial<LIFTorchOptions>,
  precision: 'float64' as Precision,
};
type Settings = typeof defaults & { nClasses: number; nChannels: number; seed: number };

function readSettings(args: readonly unknown[]): Settings {
  const merged = mergeArguments<SynNetOptions>(args, ['nClasses', 'nChannels']);
  const names = ['nClasses', 'nChannels', 'seed', ...Object.keys(defaults)];
  const given = checkOptions<SynNetOptions>(merged, 'options', names);
  const set = Object.entries(given).filter(([, value]) => value !== undefined);
  const s = { ...defaults, seed: freshSeed(), ...Object.fromEntries(set) } as Settings;
  for (const name of ['nClasses', 'nChannels'] as const) checkInteger(s[name], name, { min: 1 });
  for (const name of ['tauSynBase', 'tauMem', 'tauSynOut', 'threshold', 'dt'] as const)
    checkNumber(s[name], name, { positive: true });
  for (const name of ['quantizeTimeConstants', 'trainTimeConstants', 'trainThreshold'] as const)
    checkBoolean(s[name], name);
  checkPrecision(s.precision);
  checkOneOf(s.output, 'output', ['spikes', 'vmem']);
  checkNumber(s.pDropout, 'pDropout', { min: 0, max: 1 });
  checkNeuronModel(s.neuronModel, 'neuronModel');
  for (const name of ['sizeHiddenLayers', 'timeConstantsPerLayer'] as const) {
    if (!Array.isArray(s[name])) throw typeError(name, 'a list of integers', s[name]);
    s[name].forEach((n, i) => checkInteger(n, `${name}[${i}]`, { min: 1 }));
  }
  if (s.sizeHiddenLayers.length !== s.timeConstantsPerLayer.length || s.sizeHiddenLayers.length === 0)
    throw rangeError('timeConstantsPerLayer', 'one number for each hidden layer', s.timeConstantsPerLayer.length);
  if (!(s.tauSynBase > s.dt)) throw rangeError('tauSynBase', `greater than dt, ${s.dt}`, s.tauSynBase);
  if (s.output === 'vmem' && s.thresholdOut !== null)
    throw rangeError('thresholdOut', "absent with the output 'vmem', whose neurons never spike", s.thresholdOut);
  return s;
}

/** A value that training changes, or leaves alone. */
const trained = <T>(value: T, train: boolean): T | ConstantValue<T> => (train ? value : Constant(value));

/** The synaptic time constants of a hidden layer: powers of a base, again and again. */
function synapticTaus(s: Settings, neurons: number, count: number): Float64Array {
  return Float64Array.from({ length: neurons }, (_, i) => (s.tauSynBase / s.dt) ** ((i % count) + 1) * s.dt);
}

function members(s: Settings): [string, Module<object>][] {
  const quantized = <V extends number | NdArray<Float64Array>>(tau: V): V =>
    s.quantizeTimeConstants ? roundTau(tau, s.dt, false, 1) : tau;
  const tauMem = quantized(s.tauMem);
  const list: [string, Module<object>][] = [];
  let inputs = s.nChannels;
  for (const [i, neurons] of s.sizeHiddenLayers.entries()) {
    const tauSyn = quantized(new NdArray(synapticTaus(s, neurons, s.timeConstantsPerLayer[i]), [neurons, 1]));
    const hidden = new s.neuronModel({
      shape: [neurons, neurons],
      tauMem: trained(tauMem, s.trainTimeConstants),
      tauSyn: trained(tauSyn, s.trainTimeConstants),
      bias: Constant(0),
      threshold: trained(s.threshold, s.trainThreshold),
      spikeGenerationFn: 'PeriodicExponential',
      ...{ maxSpikesPerDt: s.maxSpikesPerDt, dt: s.dt, precision: s.precision, ...s.neuronKwargs },
    });
    list.push([`${i}_linear`, scaledLinear([inputs, neurons], s, tauSyn, s.seed + i)], [`${i}_neurons`, hidden]);
    if (s.pDropout > 0)
      list.push([
        `${i}_dropout`,
        new TimeStepDropout({ shape: neurons, p: s.pDropout, seed: s.seed + i, precision: s.precision }),
      ]);
    inputs = neurons;
  }
  const tauOut = quantized(s.tauSynOut);
  const Out = s.output === 'vmem' ? LIFMembraneExodus : s.neuronModel;
  const out = new Out({
    ...{ shape: [s.nClasses, s.nClasses], tauMem: Constant(tauMem), tauSyn: Constant(tauOut), bias: Constant(0) },
    threshold: Constant(s.output === 'vmem' ? 32767 : (s.thresholdOut ?? s.threshold)),
    spikeGenerationFn: 'PeriodicExponential',
    ...{ maxSpikesPerDt: s.maxSpikesPerDtOut, dt: s.dt, precision: s.precision, ...s.neuronKwargs },
  });
  const last = scaledLinear([inputs, s.nClasses], s, tauOut, s.seed + s.sizeHiddenLayers.length);
  return [...list, ['out_linear', last], ['out_neurons', out]];
}

/**
 * A spiking feed-forward network (SynNet): hidden layers of neurons whose synapses have different time constants, powers of a base, so that they
 * remember their input for different times, and a layer of output neurons. Members are `0_linear`, `0_neurons`, with `pDropout` `0_dropout`,
 * and so on, `out_linear`, `out_neurons`.
 *
 * Weights are drawn with the Kaiming rule and scaled by `dt / tauSyn` of the neurons that they end at.
 *
 * The network: Weidel and Sheik, "WaveSense" (2021), and Bos and Muir, "Sub-mW neuromorphic SNN audio processing applications with Rockpool and
 * Xylo" (2022).
 */
export class SynNet extends Sequential {
  readonly #settings: Settings;

  /** @throws TypeError or RangeError for an option of the wrong kind or value. */
  constructor(nClasses: number, nChannels: number, options?: Omit<SynNetOptions, 'nClasses' | 'nChannels'>);
  constructor(options: SynNetOptions);
  constructor(...args: unknown[]) {
    const settings = readSettings(args);
    super(members(settings));
    this.#settings = settings;
  }

  protected override config(): Record<string, unknown> {
    const { neuronModel, neuronKwargs, thresholdOut, precision, ...plain } = this.#settings;
    return {
      ...plain,
      ...(precision !== 'float64' && { precision }),
      ...(thresholdOut !== null && { thresholdOut }),
      neuronModel: moduleClassName(neuronModel),
      ...(Object.keys(neuronKwargs).length > 0 && { neuronKwargs }),
    };
  }

  static override fromOptions(options: Record<string, unknown>): ModuleBase {
    const { neuronModel, ...rest } = options;
    delete rest['shape']; // follows from the others
    const model = neuronModel === undefined ? undefined : moduleClass(neuronModel as string);
    return new SynNet({ ...rest, neuronModel: model } as unknown as SynNetOptions);
  }
}

registerModuleClass('SynNet', SynNet);
