/** Rate layers as modules: projection, neurons, projection. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import type { RateEulerJax } from '../../layers/jax/rate-euler-jax.js';
import { stepsPerTau } from '../../layers/jax/parameters.js';
import { Linear } from '../../modules/neurons/linear.js';
import { Rate } from '../../modules/neurons/rate.js';
import { Module } from '../../modules/module.js';
import { Parameter, State } from '../../modules/parameter.js';
import {
  type GradientSums,
  inPrecision,
  type Pass,
  type PassOptions,
  runSteps,
  type Signal,
  type Steps,
  sumSignals,
} from '../../modules/pass.js';
import type { EvolveResult, RecordTree } from '../../modules/types.js';
import type { ParameterTree } from '../tree.js';
import { sliceTime } from '../time-slices.js';
import { rateLoss } from './rate-loss.js';
import type { LayerModel } from './types.js';

const weightNames = ['wIn', 'wRecurrent', 'wOut'] as const;

interface Extras {
  force: Matrix | null;
  activationDerivative: ((x: Float64Array) => ArrayInput) | null;
}

/** What a rate layer computes, with its parameters by the names that they have there. Recorded are `resInputs`, `recInputs`, `x` and `resActs`. */
class RateLayerModule extends Module {
  readonly #layer: RateEulerJax;
  readonly #extras: Extras;

  constructor(layer: RateEulerJax, parameters: ParameterTree, extras: Extras) {
    super({ shape: [layer.sizeIn, layer.sizeOut] });
    this.#layer = layer;
    this.#extras = extras;
    for (const [name, value] of Object.entries(parameters)) {
      const data = (value as Matrix).copy();
      this.register(name, new Parameter({ data, shape: data.shape }));
    }
    const data = new NdArray(layer.state.slice(), [layer.size]);
    this.register('x', new State({ data, shape: [layer.size] }));
  }

  #parameter(name: string): Matrix {
    return this.attribute<Matrix>(name);
  }

  #projection(name: 'wIn' | 'wOut'): Linear | null {
    if (!this.hasAttribute(name)) return null;
    const weight = this.#parameter(name);
    return new Linear({ shape: weight.shape, weight, precision: this.#layer.precision });
  }

  #neurons(): Rate {
    const { size, dt, noiseStd, noiseScaling, precision, seed, activationFunc } = this.#layer;
    const derivative = this.#extras.activationDerivative;
    const own = typeof activationFunc === 'function';
    const rate = new Rate(size, {
      ...{ dt, precision, seed },
      tau: this.#parameter('tau'),
      bias: this.#parameter('bias'),
      // Legacy noise is one normal a step, whatever its length; the module's is the root of the step's length times that.
      noiseStd: noiseScaling === 'legacy' ? noiseStd / Math.sqrt(dt) : noiseStd,
      noiseScaling,
      activationFunc: own ? (x) => activationFunc(x.data) : activationFunc === 'linear' ? 'identity' : activationFunc,
      ...(own && derivative && { activationDerivative: (x: Matrix) => derivative(x.data) }),
      ...(this.hasAttribute('wRecurrent') && { hasRec: true, wRec: this.#parameter('wRecurrent') }),
    });
    rate.x = this.attribute<Matrix>('x').copy();
    return rate;
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const { record, firstStep, needsInput } = options;
    const { force } = this.#extras;
    const none = { ...options, state: null, needsInput: true };
    const into = this.#projection('wIn');
    const first = into && (yield* into._pass(input, { ...none, needsInput }));
    const weighted = first?.output ?? inPrecision(input, this.#layer.precision);
    const from = (firstStep ?? 0) % 2 ** 32;
    const drive = force ? sumSignals(weighted, sliceTime(force, from, from + input.shape[1])) : weighted;
    const neurons = this.#neurons();
    const rate = yield* neurons._pass(drive, { ...options, needsInput: true });
    const out = this.#projection('wOut');
    const last = out && (yield* out._pass(rate.output, none));
    const recorded: RecordTree = record
      ? {
          ...{ resInputs: weighted, recInputs: rate.recorded['recInput'] },
          ...{ x: rate.recorded['x'], resActs: rate.output },
        }
      : {};
    return {
      output: last?.output ?? rate.output,
      state: rate.state,
      recorded,
      *backward(gradient, sums) {
        const extra = (name: string): Signal | null => {
          const own: unknown = gradient.recorded?.[name];
          return own instanceof NdArray ? (own as Signal) : null;
        };
        const add = (g: Signal, name: string): Signal => {
          const own = extra(name);
          return own ? sumSignals(g, own) : g;
        };
        const rest = { state: null, recorded: null };
        const back = last && (yield* last.backward({ output: gradient.output, ...rest }, sums.of('out')));
        const [x, recInput] = [extra('x'), extra('recInputs')];
        const inner = { ...(x && { x }), ...(recInput && { recInput }) } as RecordTree;
        const output = add(back?.input ?? gradient.output, 'resActs');
        const origin = yield* rate.backward({ output, state: gradient.state, recorded: inner }, sums.of('rate'));
        const g = add(origin.input!, 'resInputs');
        const { input } = first ? yield* first.backward({ output: g, ...rest }, sums.of('in')) : { input: g };
        return { input: needsInput ? input : null, state: origin.state };
      },
    };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const { tau, bias, wRec } = this.#neurons()._gradients(sums.of('rate'));
    const weight = (name: 'wIn' | 'wOut', member: string): Record<string, unknown> => {
      const projection = this.#projection(name);
      return projection ? { [name]: projection._gradients(sums.of(member))['weight'] } : {};
    };
    const recurrent = wRec ? { wRecurrent: wRec } : {};
    return { ...weight('wIn', 'in'), ...recurrent, ...weight('wOut', 'out'), tau, bias };
  }

  override evolve(input: ArrayInput): EvolveResult<object> {
    const options = { state: null, firstStep: null, record: true, smooth: false, tape: false, needsInput: false };
    const { output, recorded } = runSteps(this._pass(this.autoBatch(input).data, options));
    return [output as Matrix, this.copyState(), recorded];
  }
}

/** @internal A rate layer as the trainer sees it. */
export function rateModel(layer: RateEulerJax, extras: Extras): LayerModel {
  if (typeof layer.activationFunc === 'function' && !extras.activationDerivative)
    throw new RockpoolError(
      'ERR_NOT_TRAINABLE',
      `${layer.startPrint}expected the activation to have a derivative: beside a function of your own give activationDerivative`,
    );
  const vector = (data: Float64Array): Matrix => new NdArray(data.slice(), [data.length]);
  const weights = weightNames.filter((name) => layer[name] !== null).map((name) => [name, layer[name]!] as const);
  const parameters = { ...Object.fromEntries(weights), tau: vector(layer.tau), bias: vector(layer.bias) };
  const { dt } = layer;
  return {
    module: new RateLayerModule(layer, parameters, extras),
    loss: (lossParams) => rateLoss(dt, lossParams),
    with: (tree) => new RateLayerModule(layer, tree, extras),
    prepare: (tree) => {
      const tau = (tree['tau'] as Matrix).data;
      // The layer refuses time constants below ten of its steps: the step ends there.
      native.boundsClip(tau, Float64Array.of(stepsPerTau * dt), Float64Array.of(Infinity), tau);
      checkFinite(tree, layer.startPrint);
      return () => {
        for (const [name] of weights) layer[name] = toNdArray(tree[name], name, 'float64');
        layer.tau = tau;
        layer.bias = (tree['bias'] as Matrix).data;
      };
    },
  };
}

export function checkFinite(tree: ParameterTree, startPrint: string): void {
  for (const [name, value] of Object.entries(tree)) {
    const { data } = value as Matrix;
    const wrong = native.firstNotFinite(data);
    if (wrong < data.length)
      throw new RockpoolError(
        'ERR_NOT_FINITE',
        `${startPrint}the step would make element ${wrong} of ${name} ${data[wrong]}`,
      );
  }
}
