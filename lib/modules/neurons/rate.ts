/** Leaky rate neurons. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkFunction, checkNumber, rangeError, shapeError } from '../../check.js';
import { type GraphModuleBase, neuronGraph, RateNeuronWithSynsRealValue } from '../../graph/index.js';
import { mergeArguments } from '../../layers/arguments.js';
import { checkNoiseScaling, type NoiseScaling } from '../../layers/rate-options.js';
import { unitEigs, type WeightInit } from '../kernels/initial-weights.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  kernelOptions,
  moduleOptions,
} from '../kernels/kernel-module.js';
import type { RateArgs, Real } from '../kernels/native.js';
import { gradientLike } from '../module.js';
import { Parameter, SimulationParameter, State } from '../parameter.js';
import type { GradientSums, NativeCall, Pass, PassOptions, Signal, Steps } from '../pass.js';
import { registerModuleClass } from '../registry.js';
import { activationCodes, readActivation } from './activations.js';
import { checkBetween, checkDefined } from './leak.js';
import type { Values } from './lif-options.js';
import { rateBackward, type RateTape } from './rate-adjoint.js';
import type { RateActivation, RateModuleOptions } from './rate-options.js';
import {
  checkSlope,
  noSlope,
  ownActivity,
  type OwnRun,
  type OwnSlope,
  ownSlopes,
  type RateBatch,
  runOwn,
} from './rate-own.js';

/** A call and what it fills. */
interface RateCall extends NativeCall {
  output: NdArray<Real>;
  recInput: NdArray<Real> | undefined;
  x: NdArray<Real> | undefined;
  after: Float64Array;
  args: RateArgs;
}

interface RateSpec {
  parameters: { wRec?: Matrix; tau: Matrix | number; bias: Matrix | number; threshold: Matrix | number };
  states: { x: Matrix };
  simulationParameters: { dt: number; noiseStd: number; actFn: RateActivation };
}

const names = [
  ...['tau', 'bias', 'threshold', 'hasRec', 'wRec', 'weightInitFunc', 'activationFunc', 'dt', 'noiseStd'],
  ...['activationDerivative', 'noiseScaling', 'minTauSteps'],
];

/**
 * Leaky rate neurons, forward Euler: `x += dt / tau * (-x + input + bias + noise + H(x, threshold) @ wRec)`, and the output is `H(x,
 * threshold)` after the update. With an activation function of your own every step calls it. Recorded are `x` (after the update) and
 * `recInput`.
 */
export class Rate extends KernelModule<RateSpec> {
  /** Time constants in seconds. */
  declare tau: Matrix | number;
  declare bias: Matrix | number;
  declare threshold: Matrix | number;
  /** Recurrent weights, [neurons, neurons]; undefined without recurrence. */
  declare wRec: Matrix;
  /** State, [neurons]. */
  declare x: Matrix;
  /** Time step in seconds. */
  declare dt: number;
  declare noiseStd: number;
  /** Name of the activation, or a function. */
  declare actFn: RateActivation;
  /** The derivative of a function of your own, or null. */
  activationDerivative: OwnSlope | null;
  /** There are recurrent weights. */
  readonly hasRec: boolean;
  readonly noiseScaling: NoiseScaling;
  /** Time constants below so many time steps count as these. */
  readonly minTauSteps: number;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: number | readonly number[], options?: Omit<RateModuleOptions, 'shape'>);
  constructor(options: RateModuleOptions);
  constructor(...args: [unknown?, object?]) {
    const given = moduleOptions<RateModuleOptions>(mergeArguments<RateModuleOptions>(args, ['shape']), names);
    super({ shape: given.shape as number }, kernelOptions(given));
    if (this.shape.length > 2 || this.sizeIn !== this.sizeOut)
      throw shapeError('shape', 'as many inputs as neurons', `[${this.shape.join(', ')}]`);
    const n = this.sizeOut;
    this.hasRec = checkBoolean(given.hasRec ?? false, 'hasRec');
    this.noiseScaling = given.noiseScaling === undefined ? 'stationary' : checkNoiseScaling(given.noiseScaling);
    this.minTauSteps = checkNumber(given.minTauSteps ?? 0, 'minTauSteps', { min: 0 });
    this.register('x', new State({ shape: [n], init: (shape) => NdArray.zeros(shape) }));
    if (this.hasRec) {
      const init = checkFunction<WeightInit>(given.weightInitFunc ?? unitEigs(this.seed), 'weightInitFunc');
      const kept = { name: 'wRec', family: 'weights', permitReshape: false };
      this.register('wRec', new Parameter({ ...kept, data: given.wRec, init, shape: [n, n] }));
    } else if (given.wRec !== undefined && given.wRec !== null)
      throw rangeError('wRec', 'absent unless hasRec is true', 'weights');
    this.#values('tau', given.tau, 20e-3, 'taus');
    this.#values('bias', given.bias, 0, 'biases');
    this.#values('threshold', given.threshold, 0, 'thresholds');
    this.register('dt', new SimulationParameter({ data: checkNumber(given.dt ?? 1e-3, 'dt', { positive: true }) }));
    this.register(
      'noiseStd',
      new SimulationParameter({ data: checkNumber(given.noiseStd ?? 0, 'noiseStd', { min: 0 }) }),
    );
    const activation = readActivation<RateActivation>(given.activationFunc ?? 'relu', 'activationFunc');
    this.register('actFn', new SimulationParameter<RateActivation>({ data: activation }));
    this.activationDerivative = checkSlope<OwnSlope>(given.activationDerivative, 'activationDerivative');
    for (const name of ['tau', 'bias', 'threshold'] as const) this.checkAttribute(name, this[name]);
  }

  #values(name: string, data: Values | undefined, standard: number, family: string): void {
    const init = (shape: number[]): Matrix => new NdArray(NdArray.zeros(shape).data.fill(standard), shape);
    this.register(name, new Parameter<number | Matrix>({ name, data, init, shape: [[this.sizeOut], []], family }));
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    if (name === 'actFn') return readActivation(value, 'actFn');
    if (name === 'noiseStd') return checkNumber(value, name, { min: 0 });
    if (name === 'dt') return checkNumber(value, name, { positive: true });
    if (name === 'bias' || name === 'threshold') checkDefined(value as Matrix, name);
    if (name === 'tau') {
      checkBetween(value as Matrix, 'tau', 0);
      if (this.hasAttribute('dt') && this.minTauSteps < 1) checkBetween(value as Matrix, 'tau', this.dt * (1 - 1e-9));
    }
    return value;
  }

  #leak(): Float64Array {
    for (const name of ['tau', 'bias', 'threshold'] as const) this.checkAttribute(name, this[name]);
    const tau = this.numbers('tau');
    const out = new Float64Array(tau.length);
    native.eulerLeak(this.dt, this.minTauSteps, tau, out);
    return out;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const call = this.#call(input, this.numbers('x'), this.timestep, input.record);
    const { x, recInput } = call;
    return { ...call, states: { x: call.after }, recorded: () => (input.record ? { recInput, x } : {}) };
  }

  /** What to call for an input and a state; `keepX`: fill `x`, too. */
  #call(input: KernelInput, start: Float64Array, firstStep: number, keepX: boolean): RateCall {
    const n = this.sizeOut;
    const { batch } = input;
    const output = this.room(input, [n]);
    const recInput = this.recordRoom(input, [n]);
    const x = keepX ? this.room(input, [n], 'the record') : undefined;
    const after = this.stateRoom('x', batch);
    const made = { output, recInput, x, after };
    const fn = this.actFn;
    if (typeof fn === 'function') {
      const of = this.#batch(input);
      const args: OwnRun['args'] = (k, rest) =>
        this.#args({ batch, steps: 1 }, 5, [firstStep + k, this.seed, ...rest] as never);
      const call = { fn, of, code: this.precisionCode, input: input.data, start, after, args };
      const run = (): void => runOwn({ ...call, output: output.data, x: x?.data, recInput: recInput?.data });
      const done = { promise: Promise.resolve(), cancel: () => undefined };
      return { ...made, args: args(0, [start, after, input.data]), run, start: () => (run(), done) };
    }
    const rest = [start, after, input.data, undefined, output.data, x?.data, recInput?.data] as const;
    const args = this.#args(input, activationCodes[fn], [firstStep, this.seed, ...rest]);
    return { ...made, args, ...kernelCall([native.rateBatch, native.rateBatchAsync], this.precisionCode, args) };
  }

  #args(
    { batch, steps }: Pick<KernelInput, 'batch' | 'steps'>,
    activation: number,
    rest: readonly [number, number, Float64Array, Float64Array, Real, ...(Real | undefined)[]],
  ): RateArgs {
    return [
      this.sizeOut,
      activation,
      this.plan('leak', () => this.#leak()),
      this.numbers('bias'),
      this.numbers('threshold'),
      this.hasAttribute('wRec') ? this.numbers('wRec') : undefined,
      this.noiseStd,
      this.noiseScaling === 'legacy' ? 1 : 0,
      this.dt,
      batch,
      steps,
      ...rest,
    ] as unknown as RateArgs;
  }

  #batch({ batch, steps }: KernelInput): RateBatch {
    const threshold = NdArray.zeros([this.sizeOut]);
    native.repeatArray(this.numbers('threshold'), threshold.data);
    return { batch, steps, units: this.sizeOut, precision: this.precision, threshold };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const own = typeof this.actFn === 'function' && options.tape;
    if (own && !this.activationDerivative) throw noSlope(this.fullName, 'activationDerivative');
    const given = this.passInput(input, options);
    const call = this.#call(
      given,
      this.passState(options, 'x'),
      this.passStep(options),
      options.record || options.tape,
    );
    yield call;
    const { output, x, recInput, after } = call;
    return {
      output,
      state: { x: after },
      recorded: options.record ? { recInput, x } : {},
      backward: (gradient, sums) => rateBackward(this.#tape(given, call, options), gradient, sums),
    };
  }

  #tape(input: KernelInput, call: RateCall, { needsInput }: PassOptions): RateTape {
    const x = call.x!.data;
    const tape = { precision: this.precision, x, activity: call.output.data, needsInput };
    const [fn, slope] = [this.actFn, this.activationDerivative];
    if (typeof fn !== 'function' || !slope) return { ...tape, args: call.args, own: null };
    const of = this.#batch(input);
    const start = new Float64Array(of.batch * of.units);
    if (of.batch > 0) native.repeatArray(call.args[13], start);
    const slopesAtStart = ownSlopes(slope, start, of);
    const own = { start: ownActivity(fn, start, of), slopesAtStart, slopes: ownSlopes(slope, x, of) };
    const args = [...call.args.slice(0, 10), of.steps, ...call.args.slice(11)] as unknown as RateArgs;
    return { ...tape, args, own };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const tau = this.numbers('tau');
    const leak = this.reduceSums('tau', sums.get('leak'));
    const byTau = new Float64Array(tau.length);
    const byLeak = typeof leak === 'number' ? Float64Array.of(leak) : leak.data;
    native.eulerLeakAdjoint(this.dt, this.minTauSteps, tau, byLeak, byTau);
    return {
      ...(this.hasAttribute('wRec') && { wRec: gradientLike(this.wRec, sums.get('wRec')) }),
      tau: gradientLike(this.tau, byTau),
      bias: this.reduceSums('bias', sums.get('bias')),
      threshold: this.reduceSums('threshold', sums.get('threshold')),
    };
  }

  /** The neurons, and the recurrent weights between them. */
  override asGraph(): GraphModuleBase {
    const { name, tau, bias, dt } = this;
    const init = { name, tau, bias, dt, computationalModule: this };
    const neurons = RateNeuronWithSynsRealValue.factory(this.sizeIn, this.sizeOut, init);
    return neuronGraph(neurons, this.hasRec ? this.wRec : null);
  }

  protected override config(): Record<string, unknown> {
    return {
      ...super.config(),
      ...(this.hasRec && { hasRec: true }),
      ...(this.noiseScaling !== 'stationary' && { noiseScaling: this.noiseScaling }),
      ...(this.minTauSteps > 0 && { minTauSteps: this.minTauSteps }),
      ...(typeof this.actFn === 'function' && { activationFunc: this.actFn }),
      ...(this.activationDerivative && { activationDerivative: this.activationDerivative }),
    };
  }
}

/** {@link Rate} under the name of the original's Jax module. */
export class RateJax extends Rate {}
/** {@link Rate} under the name of the original's Jax module. */
export class RateEulerJax extends Rate {}
/** {@link Rate} under the name of the original's Torch module. */
export class RateTorch extends Rate {}

for (const [name, cls] of Object.entries({ Rate, RateJax, RateEulerJax, RateTorch })) registerModuleClass(name, cls);
