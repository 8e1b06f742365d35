/** A function at each moment. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkOptions, shapeError } from '../check.js';
import { mergeArguments } from '../layers/arguments.js';
import { Module } from './module.js';
import { activationCodes, type ActivationName, readActivation } from './neurons/activations.js';
import { checkSlope, noSlope } from './neurons/rate-own.js';
import { activationPass } from './neurons/signal-adjoint.js';
import { SimulationParameter } from './parameter.js';
import { inPrecision, type Pass, type PassOptions, type Signal, type Steps } from './pass.js';
import { registerModuleClass } from './registry.js';
import type { EvolveResult, ModuleEvolveOptions } from './types.js';

/** A name, of what the core computes, or a function of an array `[batch, time, sizeIn]` whose result is `[batch, time, sizeOut]`. */
export type InstantFunction = ActivationName | ((input: Matrix) => ArrayInput);

/** Options of {@link Instant}. */
export interface InstantOptions {
  /** Input channels and output channels; one number for both. */
  shape: number | readonly number[];
  /** Default: the input itself. */
  function?: InstantFunction;
  /** Of a function of your own: what it takes to train through it. */
  derivative?: InstantDerivative;
}

/** The derivative of a loss by the input, `[batch, time, sizeIn]`, from the input and from that by the output, `[batch, time, sizeOut]`. */
export type InstantDerivative = (input: Matrix, gradient: Matrix) => ArrayInput;

interface InstantSpec {
  simulationParameters: { function: InstantFunction };
}

const names = ['shape', 'function', 'derivative'];

const identity = (input: Matrix): ArrayInput => input;

/**
 * Applies a function to the whole input; one of your own receives it as one array `[batch, time, sizeIn]`. It has no parameters and no state.
 * With a function of your own it cannot be written to a file.
 */
export class Instant extends Module<InstantSpec> {
  declare function: InstantFunction;
  /** The derivative of a function of your own, or null. */
  derivative: InstantDerivative | null;

  /** @throws TypeError for a function that is none. */
  constructor(shape: number | readonly number[], options?: Omit<InstantOptions, 'shape'>);
  constructor(options: InstantOptions);
  constructor(...args: [unknown?, object?]) {
    const given = mergeArguments<InstantOptions>(args, ['shape']);
    const { shape, function: fn = identity } = checkOptions<InstantOptions>(given, 'options', names);
    super({ shape: shape as number });
    this.register(
      'function',
      new SimulationParameter<InstantFunction>({ data: readActivation<InstantFunction>(fn, 'function') }),
    );
    this.derivative = checkSlope<InstantDerivative>(given.derivative, 'derivative');
    if (typeof fn === 'string' && this.sizeIn !== this.sizeOut)
      throw shapeError('shape', 'as many outputs as inputs with a named function', `[${this.shape.join(', ')}]`);
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    return name === 'function' ? readActivation(value, name) : value;
  }

  /** @throws RangeError `ERR_SHAPE` when the function returns another shape than `[batch, time, sizeOut]`. */
  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<InstantSpec> {
    this.checkRecord(options);
    const { data, batch, steps } = this.autoBatch(input);
    const shape = [batch, steps, this.sizeOut];
    if (typeof this.function === 'string') {
      const named = NdArray.zeros(shape);
      native.activation(0, undefined, activationCodes[this.function], data.data, named.data);
      return [named, {}, {}];
    }
    return [this.#own(data, this.function, shape), {}, {}];
  }

  #own(input: Matrix, fn: (input: Matrix) => ArrayInput, shape: readonly number[]): Matrix {
    return ofShape(fn(input.copy()), 'the result of function', shape);
  }

  /** @internal */
  override *_pass(input: Signal, { tape }: PassOptions): Steps<Pass> {
    const { function: fn, derivative } = this;
    const none = { state: {}, recorded: {} };
    const named = fn === identity ? 'identity' : fn;
    if (typeof named === 'string') {
      const { output, back } = yield* activationPass(activationCodes[named], input, 'float64');
      return {
        output,
        ...none,
        *backward(gradient) {
          return { input: yield* back(gradient.output), state: {} };
        },
      };
    }
    if (tape && !derivative) throw noSlope(this.fullName, 'derivative');
    const given = inPrecision(input, 'float64') as Matrix;
    return {
      output: this.#own(given, named, [...given.shape.slice(0, 2), this.sizeOut]),
      ...none,
      *backward(gradient) {
        const g = inPrecision(gradient.output, 'float64') as Matrix;
        return { input: ofShape(derivative!(given.copy(), g), 'the result of derivative', given.shape), state: {} };
      },
    };
  }

  protected override config(): Record<string, unknown> {
    return this.function === identity ? {} : { function: this.function };
  }
}

function ofShape(value: ArrayInput, name: string, shape: readonly number[]): Matrix {
  const array = toNdArray(value, name, 'float64');
  if (String(array.shape) !== String(shape)) throw shapeError(name, shapeText(shape), shapeText(array.shape));
  return array;
}

/** {@link Instant} under the name of the original's Jax module. */
export class InstantJax extends Instant {}
/** {@link Instant} under the name of the original's Torch module. */
export class InstantTorch extends Instant {}

registerModuleClass('Instant', Instant);
registerModuleClass('InstantJax', InstantJax);
registerModuleClass('InstantTorch', InstantTorch);
