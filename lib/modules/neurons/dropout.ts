/** Dropout. */
import { native } from '../../binding.js';
import { checkBoolean, checkNumber } from '../../check.js';
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
import { SimulationParameter } from '../parameter.js';
import type { Pass, PassOptions, Signal, Steps } from '../pass.js';
import { registerModuleClass } from '../registry.js';
import type { AnySpec } from '../types.js';
import { channelsOf } from './signal.js';
import { dropoutBackward } from './signal-adjoint.js';

/** @inline */
type Shape = number | readonly number[];
type Given = [unknown?, object?];

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
    return this.#call(input, this.timestep);
  }

  #call(input: KernelInput, firstStep: number) {
    const { batch, steps, data } = input;
    const output = this.room(input, [this.sizeOut]);
    const p = checkBoolean(this.training, 'training') ? this.p : 0;
    const args = [
      ...([batch, steps, this.sizeIn, firstStep, this.seed, data, output.data] as const),
      p,
      this.#whole,
      this.rescale ? 1 / (1 - p) : 1,
    ] as const;
    return { ...kernelCall([native.dropout, native.dropoutAsync], this.precisionCode, args), output, args };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const step = this.passStep(options);
    // A unit is dropped for all of an evolution: pieces of it have the same upper half of the step.
    const key = this.#whole && options.firstStep !== null ? step - (step % 2 ** 32) : step;
    const call = this.#call(this.passInput(input, options), key);
    yield call;
    const { output, args } = call;
    return { output, state: {}, recorded: {}, backward: (gradient) => dropoutBackward(args, gradient.output) };
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

for (const [name, cls] of Object.entries({ UnitDropout, TimeStepDropout })) registerModuleClass(name, cls);
