/** Leaky rate neurons. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkFunction, checkNumber, rangeError, shapeError } from '../../check.js';
import { type GraphModuleBase, neuronGraph, RateNeuronWithSynsRealValue } from '../../graph/index.js';
import { mergeArguments } from '../../layers/arguments.js';
import { checkNoiseScaling, type NoiseScaling } from '../../layers/rate-options.js';
import type { NativeJob } from '../../native.js';
import { unitEigs, type WeightInit } from '../kernels/initial-weights.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  type KernelOptions,
  kernelOptions,
  moduleOptions,
} from '../kernels/kernel-module.js';
import type { RateArgs, Real } from '../kernels/native.js';
import { Parameter, SimulationParameter, State } from '../parameter.js';
import { registerModuleClass } from '../registry.js';
import { activationCodes, type ActivationName, readActivation } from './activations.js';
import { checkBetween, checkDefined } from './leak.js';
import type { Values } from './lif-options.js';

/** A name, or a function of the states and the thresholds of all neurons, `[neurons]` each, for one element of a batch. */
export type RateActivation = ActivationName | ((x: Matrix, threshold: Matrix) => ArrayInput);

/** Options of {@link Rate}. */
export interface RateModuleOptions extends KernelOptions {
  /** Number of neurons, also as `[n]` or `[n, n]`. */
  shape: number | readonly number[];
  /** Time constants in seconds, `[neurons]` or one. Default 20e-3. */
  tau?: Values;
  /** Added to the input, `[neurons]` or one. Default 0. */
  bias?: Values;
  /** Subtracted inside the activation, `[neurons]` or one. Default 0. */
  threshold?: Values;
  /** There are recurrent weights. Default false. */
  hasRec?: boolean;
  /** Recurrent weights, `[neurons, neurons]`. Default: from `weightInitFunc`. */
  wRec?: Values;
  /** Default: normal with the standard deviation 1 / sqrt(neurons). */
  weightInitFunc?: WeightInit;
  /** Default `'relu'`. */
  activationFunc?: RateActivation;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
  /** Standard deviation of the noise; see `noiseScaling`. Default 0. */
  noiseStd?: number;
  /** `'stationary'` (default): of the free state. `'legacy'`: `noiseStd * sqrt(dt)` times a normal is added to the input of a step. */
  noiseScaling?: NoiseScaling;
  /** Time constants below so many time steps count as these. Default 0; the original's native module has 10. */
  minTauSteps?: number;
}

interface RateSpec {
  parameters: { wRec?: Matrix; tau: Matrix | number; bias: Matrix | number; threshold: Matrix | number };
  states: { x: Matrix };
  simulationParameters: { dt: number; noiseStd: number; actFn: RateActivation };
}

const names = [
  ...['tau', 'bias', 'threshold', 'hasRec', 'wRec', 'weightInitFunc', 'activationFunc', 'dt', 'noiseStd'],
  ...['noiseScaling', 'minTauSteps'],
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
    if (typeof this.actFn === 'function') return this.#stepwise(input, this.actFn);
    const n = this.sizeOut;
    const output = this.room(input, [n]);
    const records = { recInput: this.recordRoom(input, [n]), x: this.recordRoom(input, [n]) };
    const newX = this.stateRoom('x', input.batch);
    const args = this.#args(input, activationCodes[this.actFn], [
      this.timestep,
      this.seed,
      this.numbers('x'),
      newX,
      input.data,
      undefined,
      output.data,
      records.x?.data,
      records.recInput?.data,
    ]);
    const call = kernelCall([native.rateBatch, native.rateBatchAsync], this.precisionCode, args);
    return { ...call, output, states: { x: newX }, recorded: () => (input.record ? records : {}) };
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

  /** Step by step, with the activities that a function of the user's gives. */
  #stepwise(input: KernelInput, fn: (x: Matrix, threshold: Matrix) => ArrayInput): KernelCall {
    const n = this.sizeOut;
    const { batch, steps } = input;
    const output = this.room(input, [n]);
    const records = { recInput: this.recordRoom(input, [n]), x: this.recordRoom(input, [n]) };
    const newX = this.stateRoom('x', batch);
    const threshold = NdArray.zeros([n]);
    native.repeatArray(this.numbers('threshold'), threshold.data);
    const activity = (x: Float64Array): Real => {
      const all = allocate([batch, n], 'the activity', this.precision) as Real;
      for (let b = 0; b < batch; b++) {
        const r = fn(new NdArray(x.slice(b * n, (b + 1) * n), [n]), threshold.copy());
        const row = toNdArray(r, 'what activationFunc returned', 'float64');
        if (row.size !== n) throw shapeError('what activationFunc returned', `${n} numbers`, `${row.size}`);
        all.set(row.data, b * n);
      }
      return all;
    };
    const room = (): Real => allocate([batch, n], 'a step', this.precision) as Real;
    const run = (): void => {
      let x = new Float64Array(batch * n);
      if (batch > 0) native.repeatArray(this.numbers('x'), x);
      let r = activity(x);
      for (let k = 0; k < steps; k++) {
        const [u, xRow, recRow] = [room(), records.x && room(), records.recInput && room()];
        const at = (b: number): number => (b * steps + k) * n;
        for (let b = 0; b < batch; b++) u.set(input.data.subarray(at(b), at(b) + n), b * n);
        const after = new Float64Array(batch * n);
        const call = [this.timestep + k, this.seed, x, after, u, r, undefined, xRow, recRow] as const;
        native.rateBatch(this.precisionCode, undefined, ...this.#args({ batch, steps: 1 }, 5, call));
        r = activity((x = after));
        const put = (row: Real | undefined, array: NdArray<Real> | undefined, b: number): void => {
          if (row) array?.data.set(row.subarray(b * n, (b + 1) * n), at(b));
        };
        for (let b = 0; b < batch; b++) {
          put(r, output, b);
          put(xRow, records.x, b);
          put(recRow, records.recInput, b);
        }
      }
      newX.set(x);
    };
    const start = (): NativeJob<void> => {
      run();
      return { promise: Promise.resolve(), cancel: () => undefined };
    };
    return { run, start, output, states: { x: newX }, recorded: () => (input.record ? records : {}) };
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
