/** Exponential synapses and smoothing. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, shapeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { mergeArguments } from '../../layers/arguments.js';
import { checkNoiseScaling, type NoiseScaling } from '../../layers/rate-options.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  type KernelOptions,
  kernelOptions,
  moduleOptions,
} from '../kernels/kernel-module.js';
import { gradientLike } from '../module.js';
import { Parameter, SimulationParameter, State } from '../parameter.js';
import type { GradientSums, Pass, PassOptions, Signal, Steps } from '../pass.js';
import { registerModuleClass } from '../registry.js';
import type { AnySpec } from '../types.js';
import { activationCodes, type ActivationName, readActivation } from './activations.js';
import { checkBetween, convertLeak } from './leak.js';
import type { Values } from './lif-options.js';
import { activationPass, filterBackward } from './signal-adjoint.js';

/** @inline */
type Shape = number | readonly number[];
type Given = [unknown?, object?];

/** Options of {@link ExpSyn}. */
export interface ExpSynOptions extends KernelOptions {
  /** Number of synapses. */
  shape: Shape;
  /** Time constants in seconds, `[synapses]` or one. Default 10e-3. */
  tau?: Values;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number;
  /**
   * `'stationary'` (default): without input the current has the standard deviation `noiseStd`. `'legacy'`: `noiseStd * sqrt(dt)` times a
   * normal is added to each output, and the current has no noise.
   */
  noiseScaling?: NoiseScaling;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** Nothing: ours is a recursion, which has no window. Kept for scripts of the original. */
  maxWindowLength?: number;
}

interface FilterVariant {
  decayFirst: boolean;
  state: string;
  standardTau: number;
  own: readonly string[];
}

/** What exponential filters share. */
abstract class ExpFilter<S extends object = AnySpec> extends KernelModule<S> {
  /** Time constants in seconds. */
  declare tau: Matrix | number;
  /** Time step in seconds. */
  declare dt: number;
  declare noiseStd: number;
  readonly noiseScaling: NoiseScaling;
  readonly #variant: FilterVariant;

  constructor(given: Partial<ExpSynOptions>, variant: FilterVariant, spikingInput: boolean) {
    super({ shape: given.shape as Shape, spikingInput }, kernelOptions(given));
    this.#variant = variant;
    if (this.shape.length > 2 || this.sizeIn !== this.sizeOut || this.sizeIn === 0)
      throw shapeError('shape', 'of one entry, the number of channels', `[${this.shape.join(', ')}]`);
    this.noiseScaling = given.noiseScaling === undefined ? 'stationary' : checkNoiseScaling(given.noiseScaling);
    const n = this.sizeOut;
    const init = (shape: number[]): Matrix => new NdArray(NdArray.zeros(shape).data.fill(variant.standardTau), shape);
    const tau = { name: 'tau', data: given.tau, init, shape: [[n], []], family: 'taus' };
    this.register('tau', new Parameter<number | Matrix>(tau));
    this.register(variant.state, new State({ shape: [n], init: (shape) => NdArray.zeros(shape) }));
    this.register('dt', new SimulationParameter({ data: checkNumber(given.dt ?? 1e-3, 'dt', { positive: true }) }));
    this.register(
      'noiseStd',
      new SimulationParameter({ data: checkNumber(given.noiseStd ?? 0, 'noiseStd', { min: 0 }) }),
    );
    this.checkAttribute('tau', this.tau);
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    if (name === 'tau') checkBetween(value as Matrix, 'tau', 0);
    if (name === 'noiseStd') return checkNumber(value, name, { min: 0 });
    return name === 'dt' ? checkNumber(value, name, { positive: true }) : value;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { state } = this.#variant;
    const { call, output, after } = this.#call(input, this.numbers(state), this.timestep, this.noiseStd);
    return { ...call, output, states: { [state]: after }, check: () => this.#checkFinite(after) };
  }

  /** What is not finite would stay so for ever. */
  #checkFinite(states: Float64Array): void {
    const first = native.firstNotFinite(states);
    if (first < states.length)
      throw new RockpoolError(
        'ERR_NOT_FINITE',
        `expected the ${this.#variant.state} of channel ${first % this.sizeOut} to be finite, received ${states[first]}`,
      );
  }

  #call(input: KernelInput, from: Float64Array, firstStep: number, std: number) {
    const { state, decayFirst } = this.#variant;
    const { batch, steps, data } = input;
    const output = this.room(input, [this.sizeOut]);
    const after = this.stateRoom(state, batch);
    const decay = this.plan('decay', () => {
      this.checkAttribute('tau', this.tau);
      const decay = convertLeak(this.tau, 'taus', 'decays', this.dt);
      return typeof decay === 'number' ? Float64Array.of(decay) : decay.data;
    });
    const white = this.noiseScaling === 'legacy';
    const args = [
      ...([batch, steps, this.sizeIn, firstStep, this.seed, data, output.data] as const),
      ...([decay, decayFirst, white ? std * Math.sqrt(this.dt) : std, white, from, after] as const),
    ] as const;
    const call = kernelCall([native.expFilter, native.expFilterAsync], this.precisionCode, args);
    return { call, args, output, after };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const { state } = this.#variant;
    const given = this.passInput(input, options);
    const [from, firstStep] = [this.passState(options, state), this.passStep(options)];
    const { call, args, output, after } = this.#call(given, from, firstStep, this.noiseStd);
    yield call;
    let currents = output.data;
    if (options.tape && this.noiseStd > 0 && this.noiseScaling === 'legacy') {
      // That noise is on the output alone.
      const quiet = this.#call(given, from, firstStep, 0);
      yield quiet.call;
      currents = quiet.output.data;
    }
    return {
      output,
      state: { [state]: after },
      recorded: {},
      backward: (gradient, sums) =>
        filterBackward({ args, currents, state, needsInput: options.needsInput }, gradient, sums),
    };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const decay = this.reduceSums('tau', sums.get('decay'));
    const tau = this.numbers('tau');
    const byTau = new Float64Array(tau.length);
    native.decayAdjoint(this.dt, tau, typeof decay === 'number' ? Float64Array.of(decay) : decay.data, byTau);
    return { tau: gradientLike(this.tau, byTau) };
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), ...(this.noiseScaling !== 'stationary' && { noiseScaling: this.noiseScaling }) };
  }
}

interface ExpSynSpec {
  parameters: { tau: Matrix | number };
  states: { isyn: Matrix };
  simulationParameters: { dt: number; noiseStd: number };
}

const expSyn: FilterVariant = {
  decayFirst: false,
  state: 'isyn',
  standardTau: 10e-3,
  own: ['tau', 'noiseStd', 'noiseScaling', 'dt', 'maxWindowLength'],
};

/**
 * Exponential synapses: `isyn = (isyn + input + noise) * exp(-dt / tau)`, and the output is `isyn`. A recursion: exact, whatever the length.
 */
export class ExpSyn extends ExpFilter<ExpSynSpec> {
  /** Synaptic currents, [synapses]. */
  declare isyn: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<ExpSynOptions, 'shape'>);
  constructor(options: ExpSynOptions);
  constructor(...args: Given) {
    const given = moduleOptions<ExpSynOptions>(mergeArguments<ExpSynOptions>(args, ['shape']), expSyn.own);
    if (given.maxWindowLength !== undefined) checkNumber(given.maxWindowLength, 'maxWindowLength', { positive: true });
    super(given, expSyn, true);
  }
}

/** {@link ExpSyn} under the name of the original's Jax module. */
export class ExpSynJax extends ExpSyn {}
/** {@link ExpSyn} under the name of the original's Torch module. */
export class ExpSynTorch extends ExpSyn {}
/** {@link ExpSyn} under the name of a module of the original that needs CUDA. Ours runs on the CPU. */
export class ExpSynExodus extends ExpSyn {}

interface SmoothSpec {
  parameters: { tau: Matrix | number };
  states: { isyn: Matrix };
  simulationParameters: { dt: number; noiseStd: number };
}

const lowPass: FilterVariant = {
  decayFirst: true,
  state: 'isyn',
  standardTau: 100e-3,
  own: ['tau', 'dt', 'noiseStd', 'noiseScaling'],
};

/**
 * A leaky sum: `isyn = isyn * exp(-dt / tau) + input`, and the output is `isyn`.
 *
 * @deprecated In the original; {@link ExpSyn} differs by a factor of `exp(-dt / tau)`.
 */
export class LowPass extends ExpFilter<SmoothSpec> {
  /** The sums, [channels]. */
  declare isyn: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<ExpSynOptions, 'shape'>);
  constructor(options: ExpSynOptions);
  constructor(...args: Given) {
    super(moduleOptions<ExpSynOptions>(mergeArguments<ExpSynOptions>(args, ['shape']), lowPass.own), lowPass, false);
  }
}

/** Options of {@link ExpSmoothJax}. */
export interface ExpSmoothOptions extends Omit<ExpSynOptions, 'maxWindowLength'> {
  /** Applied to the output, by the core. Default `'identity'`. */
  activationFun?: ActivationName;
}

/**
 * {@link LowPass} with an activation of the output.
 *
 * @deprecated In the original.
 */
export class ExpSmoothJax extends ExpFilter<SmoothSpec> {
  /** The sums, [channels]. */
  declare isyn: Matrix;
  readonly activationFun: ActivationName;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<ExpSmoothOptions, 'shape'>);
  constructor(options: ExpSmoothOptions);
  constructor(...args: Given) {
    const own = [...lowPass.own, 'activationFun'];
    const given = moduleOptions<ExpSmoothOptions>(mergeArguments<ExpSmoothOptions>(args, ['shape']), own);
    super(given, lowPass, false);
    const activation: unknown = given.activationFun ?? 'identity';
    this.activationFun = readActivation<ActivationName>(
      typeof activation === 'function' ? undefined : activation,
      'activationFun',
    );
  }

  protected override prepare(input: KernelInput): KernelCall {
    const filter = super.prepare(input);
    if (this.activationFun === 'identity') return filter;
    const sums = filter.output.data as Float64Array;
    const output = this.room(input, [this.sizeOut]);
    const args = [activationCodes[this.activationFun], sums, output.data] as const;
    const activation = kernelCall([native.activation, native.activationAsync], this.precisionCode, args);
    return {
      ...filter,
      output,
      run: () => {
        filter.run();
        activation.run();
      },
      start: (progress) => {
        const job = filter.start(progress);
        return { promise: job.promise.then(() => activation.run()), cancel: () => job.cancel() };
      },
    };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const pass = yield* super._pass(input, options);
    if (this.activationFun === 'identity') return pass;
    const code = activationCodes[this.activationFun];
    const { output, back } = yield* activationPass(code, pass.output, this.precision);
    const { state, recorded } = pass;
    return {
      output,
      state,
      recorded,
      *backward(gradient, sums) {
        return yield* pass.backward({ ...gradient, output: yield* back(gradient.output) }, sums);
      },
    };
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), ...(this.activationFun !== 'identity' && { activationFun: this.activationFun }) };
  }
}

const classes = { ExpSyn, ExpSynJax, ExpSynTorch, ExpSynExodus, LowPass, ExpSmoothJax };
for (const [name, cls] of Object.entries(classes)) registerModuleClass(name, cls);
