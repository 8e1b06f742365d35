/** Adam. */
import { native } from '../../binding.js';
import { checkBoolean, checkNumber, checkOptions, rangeError } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import { Optimiser, type Schedule, type StepArrays } from './optimiser.js';

/** Options of {@link Adam}. */
export interface AdamOptions {
  /** Size of the steps, or a schedule of it. Default 1e-4. */
  stepSize?: number | Schedule;
  /** How much of the mean gradient is kept in a step. Default 0.9. */
  b1?: number;
  /** How much of the mean squared gradient is kept. Default 0.999. */
  b2?: number;
  /** Added to the root of the mean square. Default 1e-8. */
  eps?: number;
  /** A share of each parameter that is added to its gradient. Default 0. */
  weightDecay?: number;
  /** The share is taken off the parameter itself, times the step size, and not scaled (AdamW). Default false. */
  decoupled?: boolean;
}

const names = ['stepSize', 'b1', 'b2', 'eps', 'weightDecay', 'decoupled'];

/**
 * Adam (Kingma and Ba 2015): steps along the mean gradient over the root of the mean square, both corrected for their start at 0. With
 * iteration k = 0, 1, …:
 *
 *     m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2
 *     p = p - stepSize (m / (1 - b1^(k+1))) / (sqrt(v / (1 - b2^(k+1))) + eps)
 */
export class Adam extends Optimiser {
  protected readonly numSlots = 2;
  readonly b1: number;
  readonly b2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly decoupled: boolean;

  constructor(stepSize?: number | Schedule, options?: Omit<AdamOptions, 'stepSize'>);
  constructor(options?: AdamOptions);
  constructor(...args: [unknown?, object?]) {
    const given = checkOptions<AdamOptions>(readArguments<AdamOptions>(args), 'options', names);
    super(given.stepSize ?? 1e-4);
    this.b1 = share(given.b1 ?? 0.9, 'b1');
    this.b2 = share(given.b2 ?? 0.999, 'b2');
    this.eps = checkNumber(given.eps ?? 1e-8, 'eps', { min: 0 });
    this.weightDecay = checkNumber(given.weightDecay ?? 0, 'weightDecay', { min: 0 });
    this.decoupled = checkBoolean(given.decoupled ?? false, 'decoupled');
  }

  protected override advance(
    { p, gradient, newP, slots, newSlots }: StepArrays,
    stepSize: number,
    iteration: number,
  ): void {
    const [m, v] = slots;
    const [newM, newV] = newSlots;
    const { b1, b2, eps, weightDecay, decoupled } = this;
    native.adamStep(p, gradient, newP, m, v, newM, newV, stepSize, b1, b2, eps, weightDecay, decoupled, iteration);
  }
}

/** `(stepSize, options)`, where the step size may be a function, or options alone. */
export function readArguments<O extends { stepSize?: number | Schedule }>(args: [unknown?, object?]): O {
  const [first] = args;
  if (args.length === 1 && typeof first === 'object' && first !== null) return { ...first } as O;
  return mergeArguments<O>(args, ['stepSize']);
}

/** From 0 to below 1. */
export function share(value: unknown, name: string): number {
  const number = checkNumber(value, name, { min: 0 });
  if (number >= 1) throw rangeError(name, 'a number from 0 to below 1', value);
  return number;
}
