/** Parameters and state of the LIF layers. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkOptions, typeError } from '../../check.js';
import { freshSeed } from '../../lazy.js';
import { JaxLayer, type JaxWeights } from '../jax/jax-layer.js';
import { checkFiniteVector, checkTimeConstants } from '../jax/parameters.js';
import type { Layer } from '../layer.js';
import { PlanCache } from '../plan-cache.js';
import { smallest } from '../rate-options.js';
import type { LayerConfig, RandomizeOptions, ToDictOptions } from '../types.js';
import { checkSurrogate, defaultSurrogate, type LifJaxOptions, type Surrogate } from './lif-options.js';
import { LifState, type LifStateParts, namedState, readState } from './lif-state.js';
import type { LifParameters, LifPlan } from './native.js';

class LifPlanCache extends PlanCache<LifPlan, LifParameters> {
  constructor() {
    super(
      (...parameters) => native.lifPlan(...parameters),
      (...args) => native.lifPlanMatches(...args),
      { later: true },
    );
  }
}

/** A layer with the parameters of LIF neurons; the evolution is {@link LifJax}. */
export abstract class LifJaxLayer<
  In extends Matrix | null = Matrix | null,
  Rec extends Matrix | null = Matrix | null,
  Out extends Matrix | null = Matrix | null,
> extends JaxLayer<In, Rec, Out> {
  readonly #plans: LifPlanCache;
  readonly #surrogate: Surrogate;
  #tauMem: Float64Array;
  #tauSyn: Float64Array;
  #bias: Float64Array;
  #named: LifState | null = null;

  /** @internal */
  constructor(weights: JaxWeights, options: Partial<LifJaxOptions>) {
    const plans = new LifPlanCache();
    super(weights, options, plans);
    this.#plans = plans;
    this.#tauMem = this.#checkTau(options.tauMem, 'tauMem');
    this.#tauSyn = this.#checkTau(options.tauSyn, 'tauSyn');
    this.takeDt(options.dt, 'refuse');
    this.#bias = this.#checkBias(options.bias === undefined ? -1 : options.bias);
    this.#surrogate = checkSurrogate(options.surrogate);
    this.resetAll();
  }

  /** Makes a layer from constructor options. `weights` beside the names of the weights, as old files have them, say nothing. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    const { weights, ...rest } = options;
    const Class = this as new (options: unknown) => Layer;
    return new Class(
      'wRecurrent' in rest || 'wIn' in rest ? rest : { ...rest, ...(weights !== undefined && { weights }) },
    );
  }

  /** Time constants of the membranes in seconds, one for each neuron: the layer's own array. A number sets all; at least ten time steps. */
  get tauMem(): Float64Array {
    this.#plans.watch();
    return this.#tauMem;
  }

  set tauMem(value: ArrayInput) {
    this.checkIdle();
    const tau = this.#checkTau(value, 'tauMem');
    this.checkLongEnough(smallest(tau), 'tauMem');
    this.#tauMem = tau;
    this.#plans.drop();
  }

  /** Time constants of the synapses in seconds, one for each neuron: the layer's own array. A number sets all; at least ten time steps. */
  get tauSyn(): Float64Array {
    this.#plans.watch();
    return this.#tauSyn;
  }

  set tauSyn(value: ArrayInput) {
    this.checkIdle();
    const tau = this.#checkTau(value, 'tauSyn');
    this.checkLongEnough(smallest(tau), 'tauSyn');
    this.#tauSyn = tau;
    this.#plans.drop();
  }

  /** Constant input, one number for each neuron: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    this.#plans.watch();
    return this.#bias;
  }

  set bias(value: ArrayInput) {
    this.checkIdle();
    this.#bias = this.#checkBias(value);
    this.#plans.drop();
  }

  /** The smooth function of the membrane potential that stands for the spikes. */
  get surrogate(): Surrogate {
    return { ...this.#surrogate };
  }

  /** `Vmem`, `Isyn` and `spikes`, `size` numbers each, in one array of the layer's own. */
  override get state(): LifState {
    const state = super.state;
    if (this.#named?.buffer !== state.buffer) this.#named = namedState(state);
    return this.#named;
  }

  /** Takes an object with all three parts; copies. */
  override set state(value: LifStateParts) {
    this.checkIdle();
    this.storeState(readState(value, this.size));
  }

  /** Sets the membrane potentials to the bias, currents and spikes to 0. */
  override resetState(): void {
    this.checkIdle();
    const state = new LifState(3 * this.size);
    state.Vmem.set(this.#bias);
    this.storeState(state);
  }

  /**
   * Draws the membrane potentials from the uniform distribution between -1 and 0 and the currents from a normal distribution of
   * standard deviation 0.1; there are no spikes then.
   */
  override randomizeState(options: Omit<RandomizeOptions, 'factor'> = {}): void {
    this.checkIdle();
    const { seed: given = freshSeed() } = checkOptions<RandomizeOptions>(options, 'options', ['seed']);
    const seed = checkInteger(given, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
    const state = new LifState(3 * this.size);
    native.randomFill('uniform', seed, 1, 0, 0, state.Vmem);
    native.scaleInPlace(state.Vmem, -1);
    native.randomFill('normal', seed, 2, 0, 0, state.Isyn);
    native.scaleInPlace(state.Isyn, 0.1);
    this.storeState(state);
  }

  /** The original's entries, and `surrogate`, `add_events`, `noise_scaling` and `precision` where they are not the default. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const { weights, ...rest } = super.toDict(options);
    const { addEvents } = this as { addEvents?: boolean };
    const { kind, gain, shift } = this.#surrogate;
    const standard =
      kind === defaultSurrogate.kind && gain === defaultSurrogate.gain && shift === defaultSurrogate.shift;
    return {
      ...this.weightEntries(weights, 'w_recurrent'),
      ...rest,
      tau_mem: Array.from(this.#tauMem),
      tau_syn: Array.from(this.#tauSyn),
      bias: Array.from(this.#bias),
      ...this.extraEntries(),
      ...(addEvents === false && { add_events: false }),
      ...(!standard && { surrogate: { kind, gain, shift } }),
    };
  }

  protected override get smallestTau(): number {
    return Math.min(smallest(this.#tauMem), smallest(this.#tauSyn));
  }

  protected override get tauNames(): string {
    return 'of tauMem and tauSyn';
  }

  /** @internal The prepared parameters. */
  protected lifPlan(): LifPlan {
    return this.#plans.get(this.#parameters);
  }

  /** @internal Earlier plans are not needed any more. */
  protected lifPlanSettled(): void {
    this.#plans.settle();
  }

  readonly #parameters = (): LifParameters => {
    const { wIn, wRecurrent, wOut } = this.weightData();
    const { kind, gain, shift } = this.#surrogate;
    return [
      this.sizeIn,
      this.size,
      this.sizeOut,
      wIn,
      wRecurrent,
      wOut,
      this.#tauMem,
      this.#tauSyn,
      this.#bias,
      this.dt,
      this.noiseStd,
      this.noiseScaling === 'legacy' ? 2 : 1,
      kind === 'logistic' ? 0 : 1,
      gain,
      shift,
      this.precision === 'float32' ? 1 : 0,
    ];
  };

  #checkTau(value: ArrayInput | undefined, name: string): Float64Array {
    if (value === undefined) throw typeError(name, 'a number or an array of numbers', value);
    return checkTimeConstants(this.expandToNetSize(value, name), name);
  }

  #checkBias(value: ArrayInput): Float64Array {
    return checkFiniteVector(this.expandToNetSize(value, 'bias'), 'bias');
  }
}
