/** What all LIF modules are: one kernel with options. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkFunction, checkInteger, checkNumber, rangeError } from '../../check.js';
import { type GraphModuleBase, LIFNeuronWithSynsRealValue, neuronGraph } from '../../graph/index.js';
import { checkNoiseScaling, type NoiseScaling } from '../../layers/rate-options.js';
import { kaiming, type WeightInit } from '../kernels/initial-weights.js';
import { type KernelCall, type KernelInput, KernelModule, kernelOptions } from '../kernels/kernel-module.js';
import type { LifParameterArgs } from '../kernels/native.js';
import { gradientLike } from '../module.js';
import { Parameter, SimulationParameter, State } from '../parameter.js';
import type { GradientSums, Pass, PassOptions, Signal, Steps } from '../pass.js';
import type { RecordTree } from '../types.js';
import {
  checkBetween,
  checkDecay,
  checkDefined,
  checkLeakMode,
  convertLeak,
  leakGradient,
  type LeakMode,
  roundLeak,
} from './leak.js';
import { lifBackward, lifEvolution, type LifModel, type LifRun, lifSumNames } from './lif-adjoint.js';
import {
  type ALIFOptions,
  checkScheme,
  checkSpikeGeneration,
  leakNames,
  type LifScheme,
  type LifVariant,
  schemes,
  type SpikeGeneration,
  type Values,
} from './lif-options.js';
import { wrapLifRecord } from './lif-record.js';
import { lifShape } from './lif-shape.js';

const zeros = (shape: readonly number[]): Matrix => NdArray.zeros(shape);

/** Base class of the LIF modules: reads the options, keeps parameters and states, calls the kernel. */
export abstract class LIFBase<S extends object> extends KernelModule<S> {
  /** Numbers of spikes of the last step, [neurons]. */
  declare spikes: Matrix;
  /** Membrane potentials after the reset, [neurons]. */
  declare vmem: Matrix;
  /** Membrane potentials of a spike. */
  declare threshold: Matrix | number;
  /** Added to the membrane at each step. */
  declare bias: Matrix | number;
  /** Time step in seconds. */
  declare dt: number;
  declare noiseStd: number;
  /** Most spikes of a neuron in a step. */
  declare maxSpikesPerDt: number;
  /** In which form the leaks are parameters. */
  readonly leakMode: LeakMode;
  /** Synapses of each neuron; 0 where the input is added to the membrane. */
  readonly numSynapses: number;
  /** There are recurrent weights. */
  readonly hasRec: boolean;
  readonly scheme: LifScheme;
  readonly noiseScaling: NoiseScaling;
  /** In training nothing passes a neuron whose spikes `maxSpikesPerDt` cuts. */
  readonly maskSurrogate: boolean;
  readonly #variant: LifVariant;

  constructor(given: Partial<ALIFOptions>, variant: LifVariant) {
    const { spikingInput = variant.spikingInput ?? false, spikingOutput = !variant.outputMembrane } = given;
    super({ shape: lifShape(given.shape, variant), spikingInput, spikingOutput }, kernelOptions(given));
    this.#variant = variant;
    this.numSynapses = variant.neuronOnly ? 0 : this.sizeIn / this.sizeOut;
    this.leakMode = checkLeakMode(given.leakMode);
    this.hasRec = checkBoolean(given.hasRec ?? false, 'hasRec');
    this.scheme = variant.scheme ?? checkScheme(given.scheme ?? 'addThenDecay');
    this.noiseScaling = given.noiseScaling === undefined ? 'stationary' : checkNoiseScaling(given.noiseScaling);
    this.maskSurrogate = checkBoolean(given.maskSurrogate ?? false, 'maskSurrogate');
    if (this.scheme === 'euler' && this.leakMode !== 'taus')
      throw rangeError('leakMode', "'taus' with the scheme 'euler'", this.leakMode);
    this.#number('dt', given.dt ?? 1e-3, 'dt');
    this.#registerStates();
    this.#registerRecurrence(given);
    this.#registerParameters(given);
    this.#registerSimulation(given);
  }

  #registerStates(): void {
    const n = this.sizeOut;
    this.register('spikes', new State({ shape: [n], init: zeros }));
    if (this.numSynapses > 0) this.register('isyn', new State({ shape: [n, this.numSynapses], init: zeros }));
    this.register('vmem', new State({ shape: [n], init: zeros }));
    if (this.#variant.ahp) this.register('iahp', new State({ shape: [n], init: zeros }));
  }

  #registerRecurrence({ wRec, weightInitFunc }: Partial<ALIFOptions>): void {
    if (!this.hasRec) {
      if (wRec !== undefined && wRec !== null) throw rangeError('wRec', 'absent unless hasRec is true', 'weights');
      return;
    }
    const init = checkFunction<WeightInit>(
      weightInitFunc ?? kaiming(this.#variant.torch ? 1 : 0, this.seed),
      'weightInitFunc',
    );
    const shape = [this.sizeOut, this.sizeIn];
    this.register(
      'wRec',
      new Parameter({ name: 'wRec', data: wRec, init, shape, family: 'weights', permitReshape: false }),
    );
  }

  #registerParameters(given: Partial<ALIFOptions>): void {
    const n = this.sizeOut;
    const one = [[n], []];
    const leak = (name: string, standard: number, shape: number[][]): void =>
      this.#register(name, given[name as 'tauMem'], standard, shape, this.leakMode);
    for (const mode of Object.keys(leakNames) as LeakMode[]) {
      const { mem, syn, standard } = leakNames[mode];
      if (mode !== this.leakMode) {
        for (const name of [mem, syn])
          if ((given[name as 'alpha'] ?? null) !== null)
            throw rangeError(name, `absent with leakMode '${this.leakMode}'`, 'numbers');
        continue;
      }
      leak(mem, standard, one);
      if (this.numSynapses > 0) leak(syn, standard, [[n, this.numSynapses], [1, this.numSynapses], []]);
    }
    if (this.#variant.ahp) {
      this.#register('tauAhp', given.tauAhp, 20e-3, one, 'taus');
      this.#register('wAhp', given.wAhp, -0.9, one, 'weights');
    }
    this.#register('bias', given.bias, 0, one, 'biases');
    this.#register('threshold', given.threshold, 1, one, 'thresholds');
  }

  /** Leaks as the class has them: those of a whole bit shift, where it is restricted to these. */
  #rounded(value: number | Matrix): number | Matrix {
    if (!this.#variant.bitshift) return value;
    return roundLeak(value, this.leakMode, { dt: this.dt, logRatio: this.leakMode === 'taus', least: 1 });
  }

  #register(name: string, data: Values | undefined, standard: number, shape: number[][], family: string): void {
    const init = (dims: number[]): Matrix => new NdArray(zeros(dims).data.fill(standard), dims);
    const cast = (value: number | Matrix): number | Matrix => this.checkAttribute(name, value) as number | Matrix;
    const parameter = new Parameter<number | Matrix>({ name, data, init, shape, family, cast });
    if (name === 'alpha' || name === 'beta') checkDecay(parameter.value, name);
    this.register(name, parameter);
  }

  #number(name: string, value: number, family: string | null = null): void {
    const data = this.checkAttribute(name, value) as number;
    this.register(name, new SimulationParameter({ data, shape: [], family }));
  }

  #registerSimulation(given: Partial<ALIFOptions>): void {
    if (!this.#variant.feedForward) this.#number('noiseStd', given.noiseStd ?? 0, 'noise');
    this.#number('maxSpikesPerDt', given.maxSpikesPerDt ?? this.#variant.maxSpikesPerDt ?? 65536, 'simulation');
    if (!this.#variant.torch) return;
    this.#number('learningWindow', given.learningWindow ?? 0.5, 'simulation');
    const fn = checkSpikeGeneration(given.spikeGenerationFn ?? this.#variant.spikeGenerationFn ?? 'StepPWL');
    this.register('spikeGenerationFn', new SimulationParameter<SpikeGeneration>({ data: fn }));
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    const given = value as number | Matrix;
    if (name === 'dt' || name === 'learningWindow') return checkNumber(value, name, { positive: true });
    if (name === 'noiseStd') return checkNumber(value, name, { min: 0 });
    if (name === 'maxSpikesPerDt') return checkInteger(value, name, { min: 0 });
    if (name === 'spikeGenerationFn') return checkSpikeGeneration(value);
    if (/^tau|^threshold$|^dash/.test(name)) checkBetween(given, name, 0);
    // A step of training may leave the range of decays.
    if (['alpha', 'beta', 'bias', 'wAhp'].includes(name)) checkDefined(given, name);
    const { mem, syn } = leakNames[this.leakMode];
    return name === mem || name === syn ? this.#rounded(given) : value;
  }

  /** The leak of the membranes or synapses in one of its forms: the parameter, or a conversion of it. */
  protected leak(part: 'mem' | 'syn', mode: LeakMode): number | Matrix {
    const value = this.attribute<number | Matrix>(leakNames[this.leakMode][part]);
    return convertLeak(this.#rounded(value), this.leakMode, mode, this.dt);
  }

  /** Sets it in one of its forms. */
  protected setLeak(part: 'mem' | 'syn', mode: LeakMode, value: unknown): void {
    const own = leakNames[this.leakMode][part];
    if (mode === this.leakMode) return this.assign(own, value);
    const { [part]: name } = leakNames[mode];
    const given = typeof value === 'number' ? value : NdArray.from(value as number[], name);
    if (mode === 'decays') checkDecay(given, name);
    else checkBetween(given, name, 0);
    this.assign(own, convertLeak(given, mode, this.leakMode, this.dt));
  }

  #parameters(): LifParameterArgs {
    const euler = this.scheme === 'euler';
    const propagator = (leak: number | Matrix): Float64Array =>
      typeof leak === 'number' ? Float64Array.of(leak) : leak.data;
    const step = (part: 'mem' | 'syn'): Float64Array =>
      euler ? this.#ratio(part) : propagator(this.leak(part, 'decays'));
    const { mem, syn } = leakNames[this.leakMode];
    for (const name of ['threshold', 'bias', 'tauAhp', 'wAhp', mem, syn])
      if (this.hasAttribute(name)) this.checkAttribute(name, this.attribute(name));
    const ahp = this.hasAttribute('tauAhp') ? this.attribute<number | Matrix>('tauAhp') : undefined;
    return [
      this.sizeOut,
      this.numSynapses,
      schemes[this.scheme],
      step('mem'),
      this.numSynapses > 0 ? step('syn') : undefined,
      this.numbers('bias'),
      this.numbers('threshold'),
      this.hasAttribute('wRec') ? this.numbers('wRec') : undefined,
      ahp === undefined ? undefined : propagator(convertLeak(ahp, 'taus', 'decays', this.dt)),
      ahp === undefined ? undefined : this.numbers('wAhp'),
      this.maxSpikesPerDt,
      this.hasAttribute('noiseStd') ? this.noiseStd : 0,
      this.noiseScaling === 'legacy' ? 1 : 0,
      this.dt,
      this.#variant.outputMembrane ?? false,
      this.#variant.torch && this.attribute('spikeGenerationFn') === 'PeriodicExponential' ? 1 : 0,
      this.#variant.torch ? this.attribute<number>('learningWindow') : 0.5,
      this.maskSurrogate,
    ];
  }

  /** dt / tau */
  #ratio(part: 'mem' | 'syn'): Float64Array {
    const tau = this.numbers(leakNames.taus[part]);
    const out = new Float64Array(tau.length);
    native.eulerLeak(this.dt, 0, tau, out);
    return out;
  }

  #model(): LifModel {
    return {
      ...{ precision: this.precision, seed: this.seed, parameters: this.plan('parameters', () => this.#parameters()) },
      ahp: this.#variant.ahp ?? false,
      outputMembrane: this.#variant.outputMembrane ?? false,
      mayForget: this.leakMode === 'decays' && this.scheme === 'addThenDecay',
    };
  }

  #run(input: KernelInput, { firstStep, state, smooth, tape }: Omit<PassOptions, 'record' | 'needsInput'>): LifRun {
    const { data, batch, steps, record } = input;
    const from = (name: string): Float64Array => this.passState({ state }, name);
    const old = (name: string): Float64Array | undefined => (this.hasAttribute(name) ? from(name) : undefined);
    const start = { vmem: from('vmem'), isyn: old('isyn'), spikes: from('spikes'), iahp: old('iahp') };
    return { data, batch, steps, record, tape, smooth, firstStep: firstStep ?? this.timestep, state: start };
  }

  protected override prepare(input: KernelInput): KernelCall {
    return lifEvolution(this.#model(), this.#run(input, { firstStep: null, state: null, smooth: false, tape: false }));
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const model = this.#model();
    const run = this.#run(this.passInput(input, options), options);
    const evolution = lifEvolution(model, run);
    yield evolution;
    const { output, states } = evolution;
    const wanted = { ...lifSumNames(this.parameters(), this.leakMode), input: options.needsInput };
    const recorded = evolution.recorded();
    return {
      ...{ output, state: states, recorded },
      backward: (gradient, sums) => lifBackward(model, run, evolution, wanted, gradient, sums),
    };
  }

  /** @internal The derivative goes straight through the rounding of time constants to bit shifts. */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const { mem, syn } = leakNames[this.leakMode];
    return Object.fromEntries(
      Object.keys(this.parameters()).map((name) => {
        const value = this.attribute<number | Matrix>(name);
        if (name === 'wRec') return [name, gradientLike(value, sums.get(name))];
        const gradient = this.reduceSums(name, sums.get(name));
        if (name === 'tauAhp') return [name, leakGradient(gradient, value, 'taus', false, this.dt)];
        if (name !== mem && name !== syn) return [name, gradient];
        return [name, leakGradient(gradient, this.#rounded(value), this.leakMode, this.scheme === 'euler', this.dt)];
      }),
    );
  }

  override wrapRecordedState(record: RecordTree, tStart: number, dt: number): RecordTree {
    return wrapLifRecord(record, tStart, dt);
  }

  /** The neurons with their synapses, and the recurrent weights between them. */
  override asGraph(): GraphModuleBase {
    const { name, threshold, bias, dt } = this;
    const { wRec } = this as { wRec?: Matrix };
    const tauMem = this.leak('mem', 'taus');
    const tauSyn = this.numSynapses > 0 ? this.leak('syn', 'taus') : null;
    const init = { name, tauMem, tauSyn, threshold, bias, dt, computationalModule: this };
    const neurons = LIFNeuronWithSynsRealValue.factory(this.sizeIn, this.sizeOut, init);
    return neuronGraph(neurons, wRec ?? null);
  }

  protected override config(): Record<string, unknown> {
    const standard = this.#variant.spikingInput ?? false;
    return {
      ...super.config(),
      ...(this.hasRec && { hasRec: true }),
      ...(this.leakMode !== 'taus' && { leakMode: this.leakMode }),
      ...(!this.#variant.scheme && this.scheme !== 'addThenDecay' && { scheme: this.scheme }),
      ...(this.maskSurrogate && { maskSurrogate: true }),
      ...(this.noiseScaling !== 'stationary' && { noiseScaling: this.noiseScaling }),
      ...(this.spikingInput !== standard && { spikingInput: this.spikingInput }),
      ...(this.spikingOutput === (this.#variant.outputMembrane ?? false) && { spikingOutput: this.spikingOutput }),
    };
  }
}
