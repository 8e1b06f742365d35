/** Read-outs that end in a soft-max. */
import { type ArrayLike_ as ArrayInput, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, rangeError } from '../../check.js';
import {
  kernelCall,
  type KernelCall,
  type KernelInput,
  KernelModule,
  type KernelOptions,
  kernelOptions,
  moduleArguments,
  moduleOptions,
} from '../kernels/kernel-module.js';
import { Module } from '../module.js';
import {
  branchOf,
  type GradientSums,
  type Pass,
  type PassOptions,
  type Signal,
  type Steps,
  sumSignals,
} from '../pass.js';
import { registerModuleClass } from '../registry.js';
import type { EvolveResult, ModuleEvolveOptions, RecordTree } from '../types.js';
import { Linear } from './linear.js';
import type { Values } from './lif-options.js';
import { softmaxBackward } from './signal-adjoint.js';
import { ExpSyn } from './synapses.js';

/** Options of {@link SoftmaxJax} and {@link LogSoftmaxJax}. */
export interface SoftmaxOptions extends KernelOptions {
  /** Input and output channels. Default: those of `weight`. */
  shape?: readonly number[];
  /** Weights, [inputs, outputs]. Default: drawn. */
  weight?: ArrayInput;
  bias?: ArrayInput;
  /** Default true. */
  hasBias?: boolean;
  /** Time constants of the smoothing in seconds. Default 100e-3. */
  tau?: Values;
  /** Time step in seconds. Default 1e-3. */
  dt?: number;
}

interface SoftmaxSpec {
  modules: { linear: Linear; smooth: ExpSyn };
}

const names = ['weight', 'bias', 'hasBias', 'tau', 'dt'];

/** The soft-max of one array. */
class Normalise extends KernelModule {
  readonly #logarithm: boolean;

  constructor(n: number, logarithm: boolean, options: KernelOptions) {
    super({ shape: n }, options);
    this.#logarithm = logarithm;
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { batch, steps, data } = input;
    const output = this.room(input, [this.sizeOut]);
    const args = [batch, steps, this.sizeIn, 0, 0, data, output.data, this.#logarithm] as const;
    return { ...kernelCall([native.softmax, native.softmaxAsync], this.precisionCode, args), output };
  }

  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const call = this.prepare(this.passInput(input, options));
    yield call;
    const output = call.output as Signal;
    const logarithm = this.#logarithm;
    return {
      output,
      state: {},
      recorded: {},
      *backward(gradient) {
        return { input: yield* softmaxBackward(output, logarithm, gradient.output), state: {} };
      },
    };
  }
}

abstract class SoftmaxBase extends Module<SoftmaxSpec> {
  /** The projection. */
  declare linear: Linear;
  /** The synapses behind it. */
  declare smooth: ExpSyn;
  readonly #normalise: Normalise;

  constructor(args: [unknown?, object?], logarithm: boolean) {
    const given = moduleOptions<SoftmaxOptions>(moduleArguments(args), names);
    const { shape = shapeOf(given.weight), weight, bias, tau, dt } = given;
    super({ shape });
    const options = kernelOptions(given);
    const hasBias = checkBoolean(given.hasBias ?? true, 'hasBias');
    this.addModule('linear', new Linear({ shape, weight: weight ?? null, bias: bias ?? null, hasBias, ...options }));
    this.addModule('smooth', new ExpSyn({ shape: this.sizeOut, tau: tau ?? 100e-3, dt: dt ?? 1e-3, ...options }));
    this.#normalise = new Normalise(this.sizeOut, logarithm, { ...options, seed: 0 });
  }

  override evolve(input: ArrayInput, options?: ModuleEvolveOptions): EvolveResult<SoftmaxSpec> {
    const record = this.checkRecord(options);
    const given = this.autoBatch(input).data; // refused here, before anything has changed
    return this.keepOnFailure(() => {
      const [weighted, , linear] = this.linear.evolve(given, { record });
      const [smoothed, , smooth] = this.smooth.evolve(weighted, { record });
      const [output] = this.#normalise.evolve(smoothed);
      return [output, this.copyState(), record ? this.#recorded(linear, smooth, weighted, smoothed) : {}];
    });
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const of = (name: string): PassOptions => ({ ...options, state: branchOf(options.state, name), needsInput: true });
    const linear = yield* this.linear._pass(input, { ...of('linear'), needsInput: options.needsInput });
    const smooth = yield* this.smooth._pass(linear.output, of('smooth'));
    const top = yield* this.#normalise._pass(smooth.output, of(''));
    const [weighted, smoothed] = [linear.output as NdArray, smooth.output as NdArray];
    return {
      output: top.output,
      state: { linear: linear.state, smooth: smooth.state },
      recorded: options.record ? this.#recorded(linear.recorded, smooth.recorded, weighted, smoothed) : {},
      *backward(gradient, sums) {
        const { recorded, state } = gradient;
        const extra = (g: Signal, name: string): Signal => {
          const own = recorded?.[name];
          return own instanceof NdArray ? sumSignals(g, own as Signal) : g;
        };
        const none = { state: null, recorded: null };
        const first = yield* top.backward({ output: gradient.output, ...none }, sums);
        const g = extra(first.input!, 'smooth_output');
        const back = { output: g, state: branchOf(state, 'smooth'), recorded: null };
        const second = yield* smooth.backward(back, sums.of('smooth'));
        const output = extra(second.input!, 'linear_output');
        const { input } = yield* linear.backward({ output, ...none }, sums.of('linear'));
        return { input, state: { linear: {}, smooth: second.state } };
      },
    };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    return {
      linear: this.linear._gradients(sums.of('linear')),
      smooth: this.smooth._gradients(sums.of('smooth')),
    };
  }

  #recorded(linear: RecordTree, smooth: RecordTree, weighted: NdArray, smoothed: NdArray): RecordTree {
    return { linear, linear_output: weighted, smooth, smooth_output: smoothed };
  }

  protected override config(): Record<string, unknown> {
    const { precision } = this.linear;
    return { hasBias: this.linear.hasBias, ...(precision !== 'float64' && { precision }) };
  }
}

function shapeOf(weight: unknown): readonly number[] {
  if (weight === undefined || weight === null) throw rangeError('shape', 'given, since there is no weight', weight);
  return NdArray.from(weight as number[], 'weight').shape;
}

/** @inline */
type Shape = readonly number[];

/** A projection, exponential synapses and a soft-max over the channels of each time step. */
export class SoftmaxJax extends SoftmaxBase {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape, and when neither shape nor weight is given. */
  constructor(shape: Shape, options?: Omit<SoftmaxOptions, 'shape'>);
  constructor(options: SoftmaxOptions);
  constructor(...args: [unknown?, object?]) {
    super(args, false);
  }
}

/** The logarithm of {@link SoftmaxJax}. */
export class LogSoftmaxJax extends SoftmaxBase {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape, and when neither shape nor weight is given. */
  constructor(shape: Shape, options?: Omit<SoftmaxOptions, 'shape'>);
  constructor(options: SoftmaxOptions);
  constructor(...args: [unknown?, object?]) {
    super(args, true);
  }
}

for (const [name, cls] of Object.entries({ SoftmaxJax, LogSoftmaxJax })) registerModuleClass(name, cls);
