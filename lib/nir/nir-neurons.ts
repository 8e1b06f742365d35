/** Neurons of the exchange format, under a discretisation that is said. */
import { type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkNumber, checkOneOf, rangeError } from '../check.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  type KernelOptions,
  kernelOptions,
  moduleOptions,
} from '../modules/kernels/kernel-module.js';
import { checkBetween } from '../modules/neurons/leak.js';
import type { Values } from '../modules/neurons/lif-options.js';
import { Parameter, SimulationParameter, State } from '../modules/parameter.js';
import { registerModuleClass } from '../modules/registry.js';
import { mergeArguments } from '../layers/arguments.js';

/** How the differential equations become steps: exactly for an input that is constant over the step, or forward Euler. */
export type NirIntegration = 'exponential' | 'euler';
/** What a spike does to the membrane: its threshold is subtracted, or it takes the value `vReset`. */
export type NirReset = 'subtract' | 'value';
/** When it does: in the step of the spike, or in the next one, after the input of that step. */
export type NirResetAt = 'spike' | 'next-step';
/** Where a spike is: `v > threshold` or `v >= threshold`. */
export type NirSpikeWhere = 'above' | 'reached';

/** Options of {@link NirNeurons}. All parameters are `[neurons]` or one number. */
export interface NirNeuronsOptions extends KernelOptions {
  /** Number of neurons. */
  shape: number | readonly number[];
  /** Time constants of the membranes in seconds. Default: none, membranes do not leak. */
  tauMem?: Values;
  /** Time constants of the synapses in seconds. Default: none, the input drives the membrane itself. */
  tauSyn?: Values;
  /** Resistance. Default 1. */
  r?: Values;
  /** What the membrane leaks to. Default 0. */
  vLeak?: Values;
  /** Weight of the input of the synapse. Default 1. */
  wIn?: Values;
  /** Membrane potential of a spike. Default: none, the output is the membrane potential. */
  threshold?: Values;
  /** Membrane potential after a spike, with `reset: 'value'`. Default 0. */
  vReset?: Values;
  /** Recurrent weights, `[neurons, neurons]`, from row to column. Default: none. */
  wRec?: Values;
  /** What the recurrent connection adds to the input at every step. Default: none. */
  recBias?: Values;
  /** Time step in seconds. */
  dt: number;
  integration: NirIntegration;
  /** Default `'subtract'`; needed by neurons that spike. */
  reset?: NirReset;
  /** Default `'spike'`. */
  resetAt?: NirResetAt;
  /** Default `'above'`, as the format says. */
  spikeWhere?: NirSpikeWhere;
  /** Most spikes of a neuron in a step; more than one only with `reset: 'subtract'` and `resetAt: 'spike'`. Default 1. */
  maxSpikesPerDt?: number;
  /** Where membranes begin, also after a reset: at 0 or at `vLeak`. Default `'zero'`. */
  start?: 'zero' | 'leak';
  /** Optional parameters that are there though none is given, for loading. */
  optional?: readonly string[];
}

interface NirSpec {
  parameters: { tauMem: Matrix; r: Matrix; threshold: Matrix; wRec: Matrix };
  states: { vmem: Matrix; isyn: Matrix; spikes: Matrix };
  simulationParameters: { dt: number };
}

const optionalNames = ['tauMem', 'tauSyn', 'threshold', 'wRec', 'recBias'] as const;
const names = [
  ...optionalNames,
  ...[
    'r',
    'vLeak',
    'wIn',
    'vReset',
    'dt',
    'integration',
    'reset',
    'resetAt',
    'spikeWhere',
    'maxSpikesPerDt',
    'start',
    'optional',
  ],
];

/**
 * Neurons with the parameters that NIR gives them, in the steps that the options say:
 *
 *     isyn = b isyn + (1 - b) wIn (input + spikes @ wRec + recBias)       with tauSyn
 *     vmem = a vmem + (1 - a) (vLeak + r drive)                           drive: isyn, or the input itself without tauSyn
 *     vmem = vmem + dt r drive                                            without tauMem
 *
 * with `a = exp(-dt / tauMem)` (`'exponential'`) or `1 - dt / tauMem` (`'euler'`), `b` likewise. The output is the spikes, or the membrane
 * potential of neurons without a threshold. Recorded are `vmem` (after the reset) and `isyn`. Computed in double precision.
 */
export class NirNeurons extends KernelModule<NirSpec> {
  declare tauMem: Matrix;
  declare tauSyn: Matrix;
  declare r: Matrix;
  declare vLeak: Matrix;
  declare wIn: Matrix;
  declare threshold: Matrix;
  declare vReset: Matrix;
  declare wRec: Matrix;
  declare recBias: Matrix;
  declare vmem: Matrix;
  declare isyn: Matrix;
  /** Spikes of the last step; the output of neurons without a threshold. */
  declare spikes: Matrix;
  /** Time step in seconds. */
  declare dt: number;
  readonly integration: NirIntegration;
  readonly reset: NirReset;
  readonly resetAt: NirResetAt;
  readonly spikeWhere: NirSpikeWhere;
  readonly maxSpikesPerDt: number;
  readonly start: 'zero' | 'leak';

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: number | readonly number[], options: Omit<NirNeuronsOptions, 'shape'>);
  constructor(options: NirNeuronsOptions);
  constructor(...args: [unknown?, object?]) {
    const given = moduleOptions<NirNeuronsOptions>(mergeArguments<NirNeuronsOptions>(args, ['shape']), names);
    const has = (name: string): boolean =>
      (given[name as 'tauMem'] ?? null) !== null || (given.optional ?? []).includes(name);
    super({ shape: given.shape as number, spikingOutput: has('threshold') }, { ...kernelOptions(given) });
    if (this.precision !== 'float64') throw rangeError('precision', "'float64'", this.precision);
    if (this.sizeIn !== this.sizeOut) throw rangeError('shape', 'one number, that of the neurons', this.shape);
    this.integration = checkOneOf(given.integration, 'integration', ['exponential', 'euler']);
    this.reset = checkOneOf(given.reset ?? 'subtract', 'reset', ['subtract', 'value']);
    this.resetAt = checkOneOf(given.resetAt ?? 'spike', 'resetAt', ['spike', 'next-step']);
    this.spikeWhere = checkOneOf(given.spikeWhere ?? 'above', 'spikeWhere', ['above', 'reached']);
    this.maxSpikesPerDt = checkInteger(given.maxSpikesPerDt ?? 1, 'maxSpikesPerDt', { min: 1 });
    if (this.maxSpikesPerDt > 1 && (this.reset !== 'subtract' || this.resetAt !== 'spike'))
      throw rangeError('maxSpikesPerDt', "1 unless reset is 'subtract' and resetAt 'spike'", this.maxSpikesPerDt);
    this.start = checkOneOf(given.start ?? 'zero', 'start', ['zero', 'leak']);
    this.#registerAll(given, has);
  }

  #registerAll(given: Partial<NirNeuronsOptions>, has: (name: string) => boolean): void {
    const n = this.sizeOut;
    const parameter = (name: string, standard: number, family: string | null, shape: number[] = [n]): void => {
      const init = (dims: number[]): Matrix => new NdArray(NdArray.zeros(dims).data.fill(standard), dims);
      const data = given[name as 'tauMem'];
      this.register(name, new Parameter<Matrix>({ data, init, shape, family, broadcast: shape.length === 1 }));
      this.checkAttribute(name, this.attribute(name));
    };
    parameter('r', 1, null);
    if (has('tauMem')) {
      parameter('tauMem', 20e-3, 'taus');
      parameter('vLeak', 0, 'biases');
    }
    if (has('tauSyn')) {
      parameter('tauSyn', 20e-3, 'taus');
      parameter('wIn', 1, null);
    }
    if (has('threshold')) {
      parameter('threshold', 1, 'thresholds');
      if (this.reset === 'value') parameter('vReset', 0, null);
    }
    if (has('wRec')) parameter('wRec', 0, 'weights', [n, n]);
    if (has('recBias')) parameter('recBias', 0, 'biases');
    const zeros = (shape: number[]): Matrix => NdArray.zeros(shape);
    const leak = (shape: number[]): Matrix =>
      this.start === 'leak' && this.hasAttribute('vLeak') ? this.vLeak.copy() : zeros(shape);
    for (const name of ['vmem', 'isyn', 'spikes'])
      this.register(name, new State({ shape: [n], init: name === 'vmem' ? leak : zeros }));
    this.register('dt', new SimulationParameter({ data: checkNumber(given.dt, 'dt', { positive: true }) }));
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    if (name === 'dt') return checkNumber(value, name, { positive: true });
    if (name === 'tauMem' || name === 'tauSyn') checkBetween(value as Matrix, name, 0);
    return value;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { batch, steps } = input;
    const n = this.sizeOut;
    const output = this.room(input, [n]);
    const records = { vmem: this.recordRoom(input, [n]), isyn: this.recordRoom(input, [n]) };
    const of = (name: string): Float64Array | undefined => (this.hasAttribute(name) ? this.numbers(name) : undefined);
    const states = Object.fromEntries(['vmem', 'isyn', 'spikes'].map((name) => [name, this.stateRoom(name, batch)]));
    const args = [
      n,
      this.dt,
      this.integration === 'euler' ? 1 : 0,
      this.reset === 'value' ? 1 : 0,
      this.resetAt === 'next-step',
      this.spikeWhere === 'reached',
      this.maxSpikesPerDt,
      of('tauMem'),
      of('tauSyn'),
      this.numbers('r'),
      of('vLeak'),
      of('wIn'),
      of('threshold'),
      of('vReset'),
      of('wRec'),
      of('recBias'),
      batch,
      steps,
      this.numbers('vmem'),
      this.numbers('isyn'),
      this.numbers('spikes'),
      states['vmem'],
      states['isyn'],
      states['spikes'],
      input.data as Float64Array,
      output.data as Float64Array,
      records.vmem?.data as Float64Array | undefined,
      records.isyn?.data as Float64Array | undefined,
    ] as const;
    const call = kernelCall([native.nirNeurons, native.nirNeuronsAsync], this.precisionCode, args);
    return { ...call, output, states, recorded: () => (input.record ? records : {}) };
  }

  protected override config(): Record<string, unknown> {
    const { integration, reset, resetAt, spikeWhere, maxSpikesPerDt, start, dt } = this;
    const optional = optionalNames.filter((name) => this.hasAttribute(name));
    // What membranes begin at is needed before the parameters are set.
    const vLeak = start === 'leak' && this.hasAttribute('vLeak') ? { vLeak: this.vLeak.toArray() } : {};
    return {
      ...super.config(),
      dt,
      integration,
      reset,
      resetAt,
      spikeWhere,
      maxSpikesPerDt,
      start,
      optional,
      ...vLeak,
    };
  }
}

registerModuleClass('NirNeurons', NirNeurons);
