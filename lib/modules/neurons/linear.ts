/** Linear projections. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkFunction, shapeError } from '../../check.js';
import { asGraphHolder, type GraphModuleBase, LinearWeights } from '../../graph/index.js';
import { mergeArguments } from '../../layers/arguments.js';
import { kaiming, uniformSqrt, type WeightInit } from '../kernels/initial-weights.js';
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
import { type ConstantValue, Parameter } from '../parameter.js';
import {
  type GradientSums,
  inPrecision,
  type Pass,
  type PassGradient,
  type PassOptions,
  type PassOrigin,
  type Signal,
  type Steps,
} from '../pass.js';
import { registerModuleClass } from '../registry.js';

/** Options of {@link Linear}. */
export interface LinearOptions extends KernelOptions {
  /** Input channels and output channels. */
  shape: readonly number[];
  /** Weights, [inputs, outputs]. Default: from `weightInitFunc`. */
  weight?: ArrayInput | ConstantValue | null;
  /** Added to each output. Default: none; with `hasBias` from `biasInitFunc`. */
  bias?: ArrayInput | ConstantValue | null;
  /** There is a bias. Default: whether `bias` is given. */
  hasBias?: boolean;
  /** Default: uniform on (-b, b), b = sqrt(6 / inputs). */
  weightInitFunc?: WeightInit;
  /** Default: uniform on (-b, b), b = sqrt(1 / inputs). */
  biasInitFunc?: WeightInit;
}

interface LinearSpec {
  parameters: { weight: Matrix; bias?: Matrix };
}

const names = ['weight', 'bias', 'hasBias', 'weightInitFunc', 'biasInitFunc'];

/**
 * A linear projection at each time step: `x @ weight + bias`. It has no state. All steps of a batch are one matrix product; where the input
 * is mostly zeros, as spikes are, only the rows of the weights that they name are read.
 */
export class Linear extends KernelModule<LinearSpec> {
  /** Weights, [inputs, outputs]. */
  declare weight: Matrix;
  /** Added to each output; undefined without a bias. */
  declare bias: Matrix;
  /** There is a bias. */
  readonly hasBias: boolean;

  /** @throws RangeError `ERR_SHAPE` unless `shape` has two entries and fits the arrays. */
  constructor(shape: readonly number[], options?: Omit<LinearOptions, 'shape'>);
  constructor(options: LinearOptions);
  constructor(...args: [unknown?, object?]) {
    const given = moduleOptions<LinearOptions>(mergeArguments<LinearOptions>(args, ['shape']), names);
    const { shape, weight, bias, weightInitFunc, biasInitFunc } = given;
    super({ shape: shape as readonly number[] }, kernelOptions(given));
    if (this.shape.length !== 2 || typeof shape === 'number')
      throw shapeError('shape', 'of two entries, the input and the output size', `${this.shape.length} of them`);
    const [inputs, outputs] = this.shape;
    this.hasBias = checkBoolean(given.hasBias ?? (bias !== undefined && bias !== null), 'hasBias');
    const weightInit = checkFunction<WeightInit>(weightInitFunc ?? kaiming(0, this.seed), 'weightInitFunc');
    this.register(
      'weight',
      new Parameter({
        name: 'weight',
        data: weight,
        shape: [inputs, outputs],
        init: weightInit,
        family: 'weights',
        permitReshape: false,
      }),
    );
    if (!this.hasBias && (bias === undefined || bias === null)) return;
    const biasInit = checkFunction<WeightInit>(biasInitFunc ?? uniformSqrt(inputs, this.seed + 1), 'biasInitFunc');
    this.register(
      'bias',
      new Parameter({ name: 'bias', data: bias, shape: [outputs], init: biasInit, family: 'biases', broadcast: true }),
    );
  }

  protected override prepare(input: KernelInput): KernelCall {
    const [inputs, outputs] = this.shape;
    const output = this.room(input, [outputs]);
    const bias = this.hasAttribute('bias') ? this.numbers('bias') : undefined;
    const args = [inputs, outputs, this.weight.data, bias, input.data, output.data] as const;
    return { ...kernelCall([native.linear, native.linearAsync], this.precisionCode, args), output };
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const given = this.passInput(input, options);
    const call = this.prepare(given);
    yield call;
    return {
      output: call.output as Signal,
      state: {},
      recorded: {},
      backward: (gradient, sums) => this.#backward(given, options.needsInput, gradient, sums),
    };
  }

  *#backward(given: KernelInput, needsInput: boolean, gradient: PassGradient, sums: GradientSums): Steps<PassOrigin> {
    const [inputs, outputs] = this.shape;
    const { batch, steps, data } = given;
    const into = needsInput ? this.room(given, [inputs], 'the gradient of the input') : null;
    const args = [
      ...([inputs, outputs, batch, steps, data] as const),
      inPrecision(gradient.output, this.precision).data,
      into ? this.weight.data : undefined,
      into?.data,
      sums.array('weight', inputs * outputs),
      this.hasAttribute('bias') ? sums.array('bias', batch * outputs) : undefined,
    ] as const;
    yield kernelCall([native.linearBackward, native.linearBackwardAsync], this.precisionCode, args);
    return { input: into, state: {} };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const weight = gradientLike(this.weight, sums.get('weight'));
    return { weight, ...(this.hasAttribute('bias') && { bias: this.reduceSums('bias', sums.get('bias')) }) };
  }

  /** The weights and biases. */
  override asGraph(): GraphModuleBase {
    const biases = this.hasAttribute('bias') ? this.bias : null;
    const init = { name: this.name, weights: this.weight, biases, computationalModule: this };
    return asGraphHolder(LinearWeights.factory(this.sizeIn, this.sizeOut, init));
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), ...(this.hasAttribute('bias') && { hasBias: true }) };
  }
}

/** {@link Linear} under the name of the original's Jax module. */
export class LinearJax extends Linear {}
/** {@link Linear} under the name of the original's Torch module. */
export class LinearTorch extends Linear {}

registerModuleClass('Linear', Linear);
registerModuleClass('LinearJax', LinearJax);
registerModuleClass('LinearTorch', LinearTorch);
