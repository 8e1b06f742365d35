/** A function at each moment. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkOptions, shapeError } from '../check.js';
import { mergeArguments } from '../layers/arguments.js';
import { Module } from './module.js';
import { activationCodes, type ActivationName, readActivation } from './neurons/activations.js';
import { SimulationParameter } from './parameter.js';
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
}

interface InstantSpec {
  simulationParameters: { function: InstantFunction };
}

const identity = (input: Matrix): ArrayInput => input;

/**
 * Applies a function to the whole input; one of your own receives it as one array `[batch, time, sizeIn]`. It has no parameters and no state.
 * With a function of your own it cannot be written to a file.
 */
export class Instant extends Module<InstantSpec> {
  declare function: InstantFunction;

  /** @throws TypeError for a function that is none. */
  constructor(shape: number | readonly number[], options?: Omit<InstantOptions, 'shape'>);
  constructor(options: InstantOptions);
  constructor(...args: [unknown?, object?]) {
    const given = mergeArguments<InstantOptions>(args, ['shape']);
    const { shape, function: fn = identity } = checkOptions<InstantOptions>(given, 'options', ['shape', 'function']);
    super({ shape: shape as number });
    this.register(
      'function',
      new SimulationParameter<InstantFunction>({ data: readActivation<InstantFunction>(fn, 'function') }),
    );
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
    const output = toNdArray(this.function(data.copy()), 'the result of function', 'float64');
    if (String(output.shape) !== String(shape))
      throw shapeError('the result of function', shapeText(shape), shapeText(output.shape));
    return [output, {}, {}];
  }

  protected override config(): Record<string, unknown> {
    return this.function === identity ? {} : { function: this.function };
  }
}

/** {@link Instant} under the name of the original's Jax module. */
export class InstantJax extends Instant {}
/** {@link Instant} under the name of the original's Torch module. */
export class InstantTorch extends Instant {}

registerModuleClass('Instant', Instant);
registerModuleClass('InstantJax', InstantJax);
registerModuleClass('InstantTorch', InstantTorch);
