/**
 * LIF layers as modules: projection, neurons, surrogate, projection.
 *
 * With W = V + 1 the layer's neurons are those of `LIFTorch`: threshold 1, the reset at once instead of in the next step, alpha = 1 - dt /
 * tauMem for what remains of W. Where the layer multiplies by a = dt / tauMem what arrives at the membrane, what arrives at the synapses is
 * multiplied here. Currents and noise come through a second synapse that keeps nothing.
 */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { stepsPerTau } from '../../layers/jax/parameters.js';
import type { LifJax } from '../../layers/lif/lif-jax.js';
import { copyState, type LifState } from '../../layers/lif/lif-state.js';
import { Module } from '../../modules/module.js';
import { LIFTorch } from '../../modules/neurons/lif.js';
import { Linear } from '../../modules/neurons/linear.js';
import { Parameter } from '../../modules/parameter.js';
import {
  type GradientSums,
  inPrecision,
  type Pass,
  type PassGradient,
  type PassOptions,
  type PassOrigin,
  runSteps,
  type Signal,
  type StateTree,
  type Steps,
} from '../../modules/pass.js';
import type { EvolveResult } from '../../modules/types.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { ParameterTree } from '../tree.js';
import { lifLoss } from './lif-loss.js';
import { checkFinite } from './rate-model.js';
import type { LayerModel } from './types.js';

const weightNames = ['wIn', 'wRecurrent', 'wOut'] as const;

/** Largest number of spikes of a step: none, for what can be. */
const noLimit = 2 ** 31;

/** What one pass computes with. */
interface Neurons {
  lif: LIFTorch;
  /** dt / tauMem */
  gain: Float64Array;
  /** exp(-dt / tauSyn) */
  decay: Float64Array;
  /** Synapses, and the one that the input arrives at. */
  width: number;
  arrival: number;
}

/** What a LIF layer computes, with its parameters by the names that they have there. Recorded are `vmem` (before the reset), `surrogate` and `spikes`. */
export class LifLayerModule extends Module {
  readonly #layer: LifJax;
  /** Where the layer is when training begins. */
  readonly #state: LifState;

  constructor(layer: LifJax, parameters: ParameterTree) {
    super({ shape: [layer.sizeIn, layer.sizeOut] });
    this.#layer = layer;
    this.#state = copyState(layer.state);
    for (const [name, value] of Object.entries(parameters)) {
      const data = (value as Matrix).copy();
      this.register(name, new Parameter({ data, shape: data.shape }));
    }
  }

  #parameter(name: string): Matrix | null {
    return this.hasAttribute(name) ? this.attribute<Matrix>(name) : null;
  }

  #neurons(): Neurons {
    const { size, dt, noiseStd, precision, seed, inputType } = this.#layer;
    const current = inputType === TSContinuous;
    const width = current || noiseStd > 0 ? 2 : 1;
    const [tauMem, tauSyn, bias] = ['tauMem', 'tauSyn', 'bias'].map((name) => this.#parameter(name)!.data);
    const gain = new Float64Array(size);
    native.eulerLeak(dt, 0, tauMem, gain);
    const remains = new Float64Array(size).fill(1);
    native.combine(1, remains, size, 1, gain, size, 1, size, 1, remains);
    const decay = new Float64Array(size);
    native.convertLeak(0, 1, dt, tauSyn, decay);
    const ones = new Float64Array(size).fill(1);
    const beta = NdArray.zeros([size, width]);
    native.spreadColumns(decay, ones, width, 0, beta.data);
    const shifted = new Float64Array(size);
    native.combine(0, bias, size, 1, ones, size, 1, size, 1, shifted);
    native.combine(2, shifted, size, 1, gain, size, 1, size, 1, shifted);
    const wRec = this.#parameter('wRecurrent');
    const lif = new LIFTorch({
      shape: [size * width, size],
      ...{ leakMode: 'decays', scheme: 'decayThenAdd', dt, precision, seed },
      alpha: new NdArray(remains, [size]),
      beta,
      bias: new NdArray(shifted, [size]),
      ...{ threshold: 1, maxSpikesPerDt: noLimit, spikeGenerationFn: 'StepPWL', learningWindow: 0.5 },
      ...(wRec && { hasRec: true, wRec: this.#spread(wRec, gain, width, 0) }),
    });
    return { lif, gain, decay, width, arrival: current ? 1 : 0 };
  }

  #spread({ data, shape }: Matrix, gain: Float64Array, width: number, offset: number): Matrix {
    const dims = [...shape.slice(0, -1), shape[shape.length - 1] * width];
    const out = NdArray.zeros(dims);
    native.spreadColumns(data, gain, width, offset, out.data);
    return out;
  }

  #projection(name: 'wIn' | 'wOut', weight: Matrix | null): Linear | null {
    return (
      weight &&
      new Linear({ shape: weight.shape, weight, precision: name === 'wIn' ? this.#layer.precision : 'float64' })
    );
  }

  /** Where the neurons start: the layer's state, in the terms of the module. */
  #start({ gain, width }: Neurons, batch: number): StateTree {
    const { Vmem, Isyn, spikes } = this.#state;
    const n = gain.length;
    const rest = new Float64Array(n).fill(1);
    native.combine(0, rest, n, 1, Vmem, n, 1, n, 1, rest);
    native.combine(1, rest, n, 1, spikes, n, 1, n, 1, rest);
    const currents = new Float64Array(n * width);
    native.spreadColumns(Isyn, gain, width, 0, currents);
    return { vmem: repeated(rest, batch), isyn: repeated(currents, batch), spikes: repeated(spikes, batch) };
  }

  /** One draw for each step and neuron, times its factor; null without noise. */
  #noise(batch: number, steps: number, firstStep: number): Matrix | null {
    const { noiseStd, noiseScaling, size, dt, seed } = this.#layer;
    if (!(noiseStd > 0) || batch * steps === 0) return null;
    const tau = this.#parameter('tauMem')!.data;
    // Other noise in each evaluation; pieces of one begin at the steps before them.
    const [iteration, from] = [Math.floor(firstStep / 2 ** 32), firstStep % 2 ** 32];
    const drawn = new Float64Array((from + steps) * size);
    native.normalMatrix(seed, iteration, size, 0, noiseStd, drawn);
    const one = drawn.slice(from * size);
    if (noiseScaling !== 'legacy') {
      const factors = new Float64Array(size);
      native.eulerLeak(dt, 0, tau, factors);
      native.stationaryNoise(factors, factors);
      native.combine(2, one, steps, size, factors, 1, size, steps, size, one);
    }
    return new NdArray(repeated(one, batch), [batch, steps, size]);
  }

  /** @internal */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    const neurons = this.#neurons();
    const { lif, gain, width, arrival } = neurons;
    const [batch, steps] = input.shape;
    const wIn = this.#parameter('wIn');
    const into = this.#projection('wIn', wIn && this.#spread(wIn, gain, width, arrival));
    const none = { ...options, state: null };
    const first = into && (yield* into._pass(input, none));
    let drive = first?.output ?? this.#spread(inPrecision(input, 'float64') as Matrix, gain, width, arrival);
    const noise = this.#noise(batch, steps, options.firstStep ?? 0);
    if (noise) {
      const sum = this.#spread(noise, gain, width, 1);
      native.addArrays(sum.data, inPrecision(drive, 'float64').data as Float64Array, sum.data);
      drive = sum;
    }
    const start = options.state ?? this.#start(neurons, batch);
    const currents = repeated(this.#state.Isyn, batch);
    const inner = { ...options, state: start, record: true, needsInput: true, firstStep: 0 };
    const pass = yield* lif._pass(drive, inner);
    const { kind, gain: slope, shift } = this.#layer.surrogate;
    const sigma = [kind === 'logistic' ? 0 : 1, slope, shift] as const;
    const rows = (): Matrix => NdArray.zeros([batch, steps, gain.length]);
    const [vmem, surrogate] = [rows(), rows()];
    const doubles = (signal: Signal): Float64Array => inPrecision(signal, 'float64').data as Float64Array;
    const after = doubles(pass.recorded['vmem'] as Signal);
    native.lifSurrogate(...sigma, -1, after, doubles(pass.output), vmem.data, surrogate.data);
    const spiking = this.#layer.outputType === TSEvent;
    const out = this.#projection('wOut', this.#parameter('wOut'));
    const last = out && (yield* out._pass(surrogate, { ...none, needsInput: true }));
    const add = (g: Matrix, extra: unknown): void => {
      if (extra instanceof NdArray) native.addArrays(g.data, doubles(extra as Signal), g.data);
    };
    const back = function* (gradient: PassGradient, sums: GradientSums): Steps<PassOrigin> {
      const rest = { state: null, recorded: null };
      const behind = last && (yield* last.backward({ output: gradient.output, ...rest }, sums.of('out')));
      const [gV, gU, gS] = [rows(), rows(), rows()];
      add(gV, gradient.recorded?.['vmem']);
      add(gU, behind?.input ?? (spiking ? null : gradient.output));
      add(gU, gradient.recorded?.['surrogate']);
      add(gS, spiking ? gradient.output : null);
      add(gS, gradient.recorded?.['spikes']);
      native.addSurrogateGradient(...sigma, surrogate.data, gU.data, gV.data);
      // V is what is left and what was taken: both get its derivative.
      native.addArrays(gS.data, gV.data, gS.data);
      const given = { output: gS as Signal, state: gradient.state, recorded: { vmem: gV } };
      const origin = yield* pass.backward(given, sums.of('lif'));
      const g = origin.input!;
      const wide = doubles(g);
      const gains = sums.array('gain', gain.length);
      // The layer's own currents were multiplied at the beginning.
      if (!options.state) native.addColumnProducts(currents, origin.state['isyn'] as Float64Array, width, 0, gains);
      if (!first) native.addColumnProducts(doubles(input), wide, width, arrival, gains);
      if (noise) native.addColumnProducts(noise.data, wide, width, 1, gains);
      if (first) {
        const { input: before } = yield* first.backward({ output: g, ...rest }, sums.of('in'));
        return { input: options.needsInput ? before : null, state: origin.state };
      }
      const through = rows();
      native.collectColumns(wide, gain, width, arrival, through.data);
      return { input: options.needsInput ? through : null, state: origin.state };
    };
    const recorded = options.record ? { vmem, surrogate, spikes: pass.output } : {};
    const output = spiking ? pass.output : (last?.output ?? surrogate);
    return { output, state: pass.state, recorded, backward: back };
  }

  /** @internal */
  override _gradients(sums: GradientSums): Record<string, unknown> {
    const { lif, gain, decay, width, arrival } = this.#neurons();
    const n = gain.length;
    const inner = lif._gradients(sums.of('lif')) as Record<string, Matrix>;
    const gains = sums.array('gain', n).slice();
    const ones = new Float64Array(n).fill(1);
    const narrow = (wide: Matrix, factors: Float64Array, offset: number): Matrix => {
      const out = NdArray.zeros([...wide.shape.slice(0, -1), n]);
      native.collectColumns(wide.data, factors, width, offset, out.data);
      return out;
    };
    const weights = (name: 'wIn' | 'wRecurrent', wide: Matrix, offset: number): Matrix => {
      native.addColumnProducts(this.#parameter(name)!.data, wide.data, width, offset, gains);
      return narrow(wide, gain, offset);
    };
    const found: Record<string, unknown> = {};
    const wIn = this.#parameter('wIn');
    if (wIn) {
      const into = this.#projection('wIn', this.#spread(wIn, gain, width, arrival))!;
      found['wIn'] = weights('wIn', into._gradients(sums.of('in'))['weight'] as Matrix, arrival);
    }
    if (this.#parameter('wRecurrent')) found['wRecurrent'] = weights('wRecurrent', inner['wRec'], 0);
    const out = this.#projection('wOut', this.#parameter('wOut'));
    if (out) found['wOut'] = out._gradients(sums.of('out'))['weight'];
    const bias = new Float64Array(n);
    native.combine(2, inner['bias'].data, n, 1, gain, n, 1, n, 1, bias);
    const shifted = new Float64Array(n);
    native.combine(0, this.#parameter('bias')!.data, n, 1, ones, n, 1, n, 1, shifted);
    native.addColumnProducts(shifted, inner['bias'].data, 1, 0, gains);
    native.combine(1, gains, n, 1, inner['alpha'].data, n, 1, n, 1, gains);
    const { dt } = this.#layer;
    // d gain / d tau = -gain / tau; d decay / d tau = decay dt / tau^2
    const tauMem = this.#chain(gains, gain, this.#parameter('tauMem')!.data, -1, 1);
    const decays = narrow(new NdArray(inner['beta'].data, [n * width]), ones, 0).data;
    const tauSyn = this.#chain(decays, decay, this.#parameter('tauSyn')!.data, dt, 2);
    const vector = (data: Float64Array): Matrix => new NdArray(data, [n]);
    return { ...found, tauMem: vector(tauMem), tauSyn: vector(tauSyn), bias: vector(bias) };
  }

  /** g f factor / tau^power */
  #chain(g: Float64Array, f: Float64Array, tau: Float64Array, factor: number, power: number): Float64Array {
    const n = g.length;
    const out = g.slice();
    native.combine(2, out, n, 1, f, n, 1, n, 1, out);
    for (let k = 0; k < power; k++) native.combine(3, out, n, 1, tau, n, 1, n, 1, out);
    native.scaleArray(factor, out, out);
    return out;
  }

  override evolve(input: ArrayInput): EvolveResult<object> {
    const options = { state: null, firstStep: null, record: true, smooth: false, tape: false, needsInput: false };
    const { output, recorded } = runSteps(this._pass(this.autoBatch(input).data, options));
    return [output as Matrix, this.copyState(), recorded];
  }
}

/** Once for each element of a batch. */
function repeated(one: Float64Array, batch: number): Float64Array {
  const out = new Float64Array(batch * one.length);
  if (batch > 0) native.repeatArray(one, out);
  return out;
}

/** @internal A LIF layer as the trainer sees it. `shim`: with the loss of `addShimLifJaxSgd`. */
export function lifModel(layer: LifJax, shim: boolean): LayerModel {
  const vector = (data: Float64Array): Matrix => new NdArray(data.slice(), [data.length]);
  const weights = weightNames.filter((name) => layer[name] !== null).map((name) => [name, layer[name]!] as const);
  const vectors = { tauMem: vector(layer.tauMem), tauSyn: vector(layer.tauSyn), bias: vector(layer.bias) };
  const parameters = { ...Object.fromEntries(weights), ...vectors };
  const { dt } = layer;
  return {
    module: new LifLayerModule(layer, parameters),
    loss: (lossParams) => lifLoss(dt, lossParams, shim),
    with: (tree) => new LifLayerModule(layer, tree),
    prepare: (tree) => {
      const taus = (['tauMem', 'tauSyn'] as const).map((name) => {
        const { data } = tree[name] as Matrix;
        // The layer refuses time constants below ten of its steps: the step ends there.
        native.boundsClip(data, Float64Array.of(stepsPerTau * dt), Float64Array.of(Infinity), data);
        return data;
      });
      checkFinite(tree, layer.startPrint);
      return () => {
        for (const [name] of weights) layer[name] = toNdArray(tree[name], name, 'float64');
        [layer.tauMem, layer.tauSyn] = taus;
        layer.bias = (tree['bias'] as Matrix).data;
      };
    },
  };
}
