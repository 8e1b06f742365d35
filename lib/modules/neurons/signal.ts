/** Latches, encoders and dropout. */
import { type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkNumber, shapeError } from '../../check.js';
import { type GraphModuleBase, identityGraph } from '../../graph/index.js';
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
import { Parameter, SimulationParameter, State } from '../parameter.js';
import { registerModuleClass } from '../registry.js';
import type { AnySpec } from '../types.js';
import { checkBetween } from './leak.js';
import type { Values } from './lif-options.js';

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
    const { batch, steps, data } = input;
    const n = this.sizeIn;
    for (const name of ['thrUp', 'thrDown'] as const) checkBetween(this[name], name, 0);
    const output = this.room(input, [2 * n]);
    const analogValue = this.recordRoom(input, [n]);
    const reference = this.stateRoom('reference', batch);
    const args = [
      ...([batch, steps, n, this.timestep, this.seed, data, output.data] as const),
      this.numbers('thrUp'),
      this.numbers('thrDown'),
      this.nRefSteps,
      this.repeatOutput,
      this.numbers('reference'),
      reference,
      analogValue?.data,
    ] as const;
    const call = kernelCall([native.upDown, native.upDownAsync], this.precisionCode, args);
    return { ...call, output, states: { reference }, recorded: () => (analogValue ? { analogValue } : {}) };
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

/** Options of {@link UnitDropout} and {@link TimeStepDropout}. */
export interface DropoutOptions extends KernelOptions {
  /** Number of channels. */
  shape: Shape;
  /** Probability of being dropped. Default 0.5. */
  p?: number;
  /** Drop; otherwise the output is the input. Default true. */
  training?: boolean;
}

/** Options of {@link TimeStepDropout}. */
export interface TimeStepDropoutOptions extends DropoutOptions {
  /** What remains is divided by 1 - p. Default false, as in the original. */
  rescale?: boolean;
}

/** What dropout modules share. */
abstract class Dropout extends KernelModule<AnySpec> {
  declare p: number;
  /** Drop; otherwise the output is the input. */
  training: boolean;
  readonly rescale: boolean;
  readonly #whole: boolean;

  constructor(given: Partial<TimeStepDropoutOptions>, whole: boolean, rescale: boolean) {
    super({ shape: channelsOf(given.shape) }, kernelOptions(given));
    this.#whole = whole;
    this.rescale = rescale;
    this.training = checkBoolean(given.training ?? true, 'training');
    this.register('p', new SimulationParameter({ data: this.#checkP(given.p ?? 0.5) }));
  }

  #checkP(value: unknown): number {
    return checkNumber(value, 'p', { min: 0, max: this.#whole || this.rescale ? 1 - Number.EPSILON : 1 });
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    return name === 'p' ? this.#checkP(value) : value;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { batch, steps, data } = input;
    const output = this.room(input, [this.sizeOut]);
    const p = checkBoolean(this.training, 'training') ? this.p : 0;
    const args = [
      ...([batch, steps, this.sizeIn, this.timestep, this.seed, data, output.data] as const),
      p,
      this.#whole,
      this.rescale ? 1 / (1 - p) : 1,
    ] as const;
    return { ...kernelCall([native.dropout, native.dropoutAsync], this.precisionCode, args), output };
  }

  /** What drops nothing: outside of training that is what it does. */
  override asGraph(): GraphModuleBase {
    return identityGraph(this.sizeIn, this.name, this);
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), ...(!this.training && { training: false }) };
  }
}

/**
 * Drops whole units: in each element of a batch a unit is 0 for all of an evolution with probability `p` (below 1), and what remains is
 * divided by `1 - p`.
 */
export class UnitDropout extends Dropout {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<DropoutOptions, 'shape'>);
  constructor(options: DropoutOptions);
  constructor(...args: Given) {
    const given = moduleOptions<DropoutOptions>(mergeArguments<DropoutOptions>(args, ['shape']), ['p', 'training']);
    super(given, true, true);
  }
}

/** Drops each unit in each time step with probability `p`. What remains is as it was, or with `rescale` divided by `1 - p`. */
export class TimeStepDropout extends Dropout {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(shape: Shape, options?: Omit<TimeStepDropoutOptions, 'shape'>);
  constructor(options: TimeStepDropoutOptions);
  constructor(...args: Given) {
    const merged = mergeArguments<TimeStepDropoutOptions>(args, ['shape']);
    const given = moduleOptions<TimeStepDropoutOptions>(merged, ['p', 'training', 'rescale']);
    super(given, false, checkBoolean(given.rescale ?? false, 'rescale'));
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), ...(this.rescale && { rescale: true }) };
  }
}

for (const [name, cls] of Object.entries({ BooleanState, UpDownTorch, UnitDropout, TimeStepDropout }))
  registerModuleClass(name, cls);
