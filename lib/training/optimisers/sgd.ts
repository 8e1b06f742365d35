/** Gradient descent. */
import { native } from '../../binding.js';
import { checkBoolean, checkNumber, checkOptions, rangeError } from '../../check.js';
import { readArguments, share } from './adam.js';
import { Optimiser, type Schedule, type StepArrays } from './optimiser.js';

/** Options of {@link SGD}. */
export interface SGDOptions {
  /** Size of the steps, or a schedule of it. Default 1e-2. */
  stepSize?: number | Schedule;
  /** How much of the velocity is kept in a step. Default 0. */
  momentum?: number;
  /** What a gradient lacks when it is added to the velocity, except in the first step. Default 0. */
  dampening?: number;
  /** The step looks one velocity ahead. Needs momentum, and no dampening. Default false. */
  nesterov?: boolean;
  /** A share of each parameter that is added to its gradient. Default 0. */
  weightDecay?: number;
}

const names = ['stepSize', 'momentum', 'dampening', 'nesterov', 'weightDecay'];

/**
 * Gradient descent, with momentum if wanted:
 *
 *     g = gradient + weightDecay p,  velocity = momentum velocity + (1 - dampening) g
 *     p = p - stepSize velocity      (nesterov: p - stepSize (g + momentum velocity))
 */
export class SGD extends Optimiser {
  readonly momentum: number;
  readonly dampening: number;
  readonly nesterov: boolean;
  readonly weightDecay: number;

  constructor(stepSize?: number | Schedule, options?: Omit<SGDOptions, 'stepSize'>);
  constructor(options?: SGDOptions);
  constructor(...args: [unknown?, object?]) {
    const given = checkOptions<SGDOptions>(readArguments<SGDOptions>(args), 'options', names);
    super(given.stepSize ?? 1e-2);
    this.momentum = share(given.momentum ?? 0, 'momentum');
    this.dampening = checkNumber(given.dampening ?? 0, 'dampening', { min: 0, max: 1 });
    this.nesterov = checkBoolean(given.nesterov ?? false, 'nesterov');
    this.weightDecay = checkNumber(given.weightDecay ?? 0, 'weightDecay', { min: 0 });
    if (this.nesterov && (this.momentum === 0 || this.dampening !== 0))
      throw rangeError('nesterov', 'false without momentum or with dampening', true);
  }

  protected get numSlots(): number {
    return this.momentum === 0 ? 0 : 1;
  }

  protected override advance(
    { p, gradient, newP, slots, newSlots }: StepArrays,
    stepSize: number,
    iteration: number,
  ): void {
    const [velocity, newVelocity] = this.numSlots === 0 ? [none, none] : [slots[0], newSlots[0]];
    const { momentum, dampening, weightDecay, nesterov } = this;
    native.sgdStep(
      p,
      gradient,
      newP,
      velocity,
      newVelocity,
      stepSize,
      momentum,
      dampening,
      weightDecay,
      nesterov,
      iteration,
    );
  }
}

const none = new Float64Array(0);
