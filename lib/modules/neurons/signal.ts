/** Latches and encoders. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, shapeError } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  type KernelOptions,
  kernelOptions,
  moduleOptions,
} from '../kernels/kernel-module.js';
import { RockpoolError } from '../../errors.js';
import { Parameter, SimulationParameter, State } from '../parameter.js';
import type { GradientSums, Pass, PassOptions, Signal, Steps } from '../pass.js';
import { registerModuleClass } from '../registry.js';
import type { RecordTree } from '../types.js';
import { checkBetween } from './leak.js';
import type { Values } from './lif-options.js';
import { upDownBackward } from './signal-adjoint.js';

/** @inline */
type Shape = number | readonly number[];
type Given = [unknown?, object?];

/** A number of channels from a shape of one entry, or of two equal ones. */
export function channelsOf(shape: unknown): Shape {
  if (typeof shape === 'number' || !Array.isArray(shape)) return shape as Shape;
  if (shape.length !== 1 && !(shape.length === 2 && shape[0] === shape[1]))
    throw shapeError('shape', 'of one entry, the number of channels', `${shape.length} of them`);
  return shape as readonly number[];
}

const zeros = (shape: number[]): Matrix => NdArray.zeros(shape);

/** Options of {@link BooleanState}. */
export interface BooleanStateOptions extends KernelOptions {
  /** Number of channels. */
  shape: Shape;
  /** Input that is larger in size sets or resets, 0 or more. Default 1e-10. */
  threshold?: number;
}

interface BooleanStateSpec {
  states: { boolState: Matrix };
  simulationParameters: { threshold: number };
}

/** A latch for each channel: input above `threshold` sets it to 1, input below `-threshold` to 0. The output is the state. */
export class BooleanState extends KernelModule<BooleanStateSpec> {
  /** 1 where set, [channels]. */
  declare boolState: Matrix;
  declare threshold: number;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<BooleanStateOptions, 'shape'>);
  constructor(options: BooleanStateOptions);
  constructor(...args: Given) {
    const merged = mergeArguments<BooleanStateOptions>(args, ['shape']);
    const given = moduleOptions<BooleanStateOptions>(merged, ['threshold']);
    super({ shape: channelsOf(given.shape) }, kernelOptions(given));
    this.register('boolState', new State({ shape: [this.sizeOut], init: zeros }));
    const threshold = checkNumber(given.threshold ?? 1e-10, 'threshold', { min: 0 });
    this.register('threshold', new SimulationParameter({ data: threshold, family: 'thresholds' }));
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    return name === 'threshold' ? checkNumber(value, name, { min: 0 }) : value;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { batch, steps, data } = input;
    const output = this.room(input, [this.sizeOut]);
    const boolState = this.stateRoom('boolState', batch);
    const args = [
      ...([batch, steps, this.sizeIn, this.timestep, this.seed, data, output.data] as const),
      this.threshold,
      this.numbers('boolState'),
      boolState,
    ] as const;
    return {
      ...kernelCall([native.latch, native.latchAsync], this.precisionCode, args),
      output,
      states: { boolState },
    };
  }

  /** @internal A step has no derivative, and none stands for it. */
  override _pass(): Steps<Pass> {
    throw new RockpoolError(
      'ERR_NOT_TRAINABLE',
      `expected ${this.fullName} to have a derivative, received a latch: nothing can be trained through it`,
    );
  }
}

/** Options of {@link UpDownTorch}. */
export interface UpDownModuleOptions extends KernelOptions {
  /** Number of input channels; there are twice as many output channels. */
  shape: Shape;
  /** Change that is an up event, `[channels]` or one. Default 1e-3. */
  thrUp?: Values;
  /** Change that is a down event, likewise. Default 1e-3. */
  thrDown?: Values;
  /** Steps without events, counted from a step with one. Default 0. */
  nRefSteps?: number;
  /** Events for each. Default 1. */
  repeatOutput?: number;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
}

interface UpDownSpec {
  parameters: { thrUp: Matrix | number; thrDown: Matrix | number };
  states: { reference: Matrix };
  simulationParameters: { nRefSteps: number; repeatOutput: number; dt: number };
}

const upDown = ['thrUp', 'thrDown', 'nRefSteps', 'repeatOutput', 'dt'];

/**
 * Delta modulation: a channel's change since its reference, in multiples of a threshold, becomes up events (output channel `2 i`) and down
 * events (`2 i + 1`), and the reference follows. It starts at the first sample; a later evolution goes on from where it was. Recorded is
 * `analogValue`, the reference before each step.
 */
export class UpDownTorch extends KernelModule<UpDownSpec> {
  declare thrUp: Matrix | number;
  declare thrDown: Matrix | number;
  declare nRefSteps: number;
  declare repeatOutput: number;
  declare dt: number;
  /** References (NaN: the next sample) and steps without events that are left, [2, channels]. */
  declare reference: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<UpDownModuleOptions, 'shape'>);
  constructor(options: UpDownModuleOptions);
  constructor(...args: Given) {
    const given = moduleOptions<UpDownModuleOptions>(mergeArguments<UpDownModuleOptions>(args, ['shape']), upDown);
    super({ shape: upDownShape(given.shape), spikingOutput: true }, kernelOptions(given));
    const n = this.sizeIn;
    for (const name of ['thrUp', 'thrDown'] as const) {
      const init = (shape: number[]): Matrix => new NdArray(zeros(shape).data.fill(1e-3), shape);
      const shape = [[n], []];
      this.register(
        name,
        new Parameter<number | Matrix>({ name, data: given[name], init, shape, family: 'thresholds' }),
      );
      checkBetween(this[name], name, 0);
    }
    const start = (shape: number[]): Matrix => new NdArray(zeros(shape).data.fill(NaN, 0, n), shape);
    this.register('reference', new State({ shape: [2, n], init: start }));
    const steps = checkInteger(given.nRefSteps ?? 0, 'nRefSteps', { min: 0 });
    this.register('nRefSteps', new SimulationParameter({ data: steps }));
    const repeat = checkNumber(given.repeatOutput ?? 1, 'repeatOutput', { min: 0 });
    this.register('repeatOutput', new SimulationParameter({ data: repeat }));
    this.register('dt', new SimulationParameter({ data: checkNumber(given.dt ?? 1e-3, 'dt', { positive: true }) }));
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    if (name === 'thrUp' || name === 'thrDown') checkBetween(value as Matrix, name, 0);
    if (name === 'nRefSteps') return checkInteger(value, name, { min: 0 });
    if (name === 'repeatOutput') return checkNumber(value, name, { min: 0 });
    return name === 'dt' ? checkNumber(value, name, { positive: true }) : value;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { call, output, analogValue, after } = this.#call(input, this.numbers('reference'), this.timestep, false);
    const recorded = (): RecordTree => (analogValue ? { analogValue } : {});
    return { ...call, output, states: { reference: after }, recorded };
  }

  #call(input: KernelInput, from: Float64Array, firstStep: number, smooth: boolean) {
    const { batch, steps, data } = input;
    const n = this.sizeIn;
    for (const name of ['thrUp', 'thrDown'] as const) checkBetween(this[name], name, 0);
    const output = this.room(input, [2 * n]);
    const analogValue = this.recordRoom(input, [n]);
    const after = this.stateRoom('reference', batch);
    const args = [
      ...([batch, steps, n, firstStep, this.seed, data, output.data] as const),
      ...([this.numbers('thrUp'), this.numbers('thrDown'), this.nRefSteps, this.repeatOutput] as const),
      ...([from, after, analogValue?.data, smooth] as const),
    ] as const;
    const call = kernelCall([native.upDown, native.upDownAsync], this.precisionCode, args);
    return { call, args, output, analogValue, after };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const given = this.passInput(input, options);
    const from = this.passState(options, 'reference');
    const { call, args, output, analogValue, after } = this.#call(given, from, this.passStep(options), options.smooth);
    yield call;
    return {
      output,
      state: { reference: after },
      recorded: analogValue ? { analogValue } : {},
      backward: (gradient, sums) => upDownBackward(args, gradient, sums),
    };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const names = ['thrUp', 'thrDown'] as const;
    return Object.fromEntries(names.map((name) => [name, this.reduceSums(name, sums.get(name))] as const));
  }

  static override fromOptions(
    this: unknown,
    { shape, ...options }: Record<string, unknown>,
  ): ReturnType<(typeof KernelModule)['fromOptions']> {
    const [n] = shape as number[];
    return new (this as new (options: unknown) => UpDownTorch)({ ...options, shape: n });
  }
}

function upDownShape(shape: unknown): readonly number[] {
  const n = typeof shape === 'number' ? shape : Array.isArray(shape) && shape.length === 1 ? (shape[0] as number) : NaN;
  if (!Number.isInteger(n) || n < 1) throw shapeError('shape', 'one number, of input channels', String(shape));
  return [n, 2 * n];
}

for (const [name, cls] of Object.entries({ BooleanState, UpDownTorch })) registerModuleClass(name, cls);
