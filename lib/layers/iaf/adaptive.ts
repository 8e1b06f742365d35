/** The adaptive exponential integrate-and-fire layer. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { native } from '../../binding.js';
import { rangeError } from '../../check.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import type { Layer } from '../layer.js';
import { registerLayerClass } from '../registry.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import { adaptiveModel, type VectorName } from './model.js';
import type { SpikingPlan, SynapseArgs } from './native.js';
import { RecIAFSpkInNest, type RecIAFSpkInNestOptions } from './nest.js';
import type { WeightsInput } from './options.js';
import { readVector, smallestNormal } from './parameters.js';

/** The parameters of the membrane of which two give the third. */
const membrane = ['tauMem', 'conductance', 'capacity'] as const;

/** Options of {@link RecAEIFSpkInNest}. Currents are in nanoamperes; with a conductance of 1 nS they count in volts. */
export interface RecAEIFSpkInNestOptions extends Omit<RecIAFSpkInNestOptions, 'tauMem' | 'vThresh'> {
  /** Membrane time constants in seconds; null: `capacity / conductance`. Default 20e-3. */
  tauMem?: ArrayInput | null;
  /** Leak conductances in nanosiemens; null: `capacity / tauMem`. Default 1. */
  conductance?: ArrayInput | null;
  /** Capacities in nanofarads. Default, and when the other two are given: `conductance * tauMem`. */
  capacity?: ArrayInput | null;
  /** Potentials from where on V rises by itself, in volts. A unit fires at `vPeak`. Default -55e-3. */
  vThresh?: ArrayInput;
  /** Slope factors of the exponential term in volts, 20e-6 or more; 0: no such term, a unit fires at `vThresh`. Default 2e-3. */
  deltaT?: ArrayInput;
  /** How strongly the adaptation current follows the potential, in nanosiemens. Default 4. */
  subthreshAdapt?: ArrayInput;
  /**
   * What a spike adds to the adaptation current, in picoamperes: in thousandths of the unit of the weights and the bias. Default 80.5.
   */
  spikeAdapt?: ArrayInput;
  /** Time constants of the adaptation current in seconds. Default 144e-3. */
  tauAdapt?: ArrayInput;
}

/**
 * Recurrently connected adaptive exponential integrate-and-fire neurons with events as input:
 *
 * ```
 * C dV/dt = -g (V - V_rest) + g deltaT exp((V - V_thresh) / deltaT) - w + I_exc + I_inh + bias
 * tauAdapt dw/dt = subthreshAdapt (V - V_rest) - w
 * V reaches V_peak:  a spike; V is set to V_reset and held for the refractory time, w grows by spikeAdapt
 * ```
 *
 * V and w are integrated in steps as short as an error of 1e-9 V and 1e-9 nA asks for, always in double precision; `precision` is that of
 * what is kept from one time step to the next. A unit without refractory time may fire several times in a time step. Synapses and
 * delays are those of {@link RecIAFSpkInNest}.
 */
export class RecAEIFSpkInNest extends RecIAFSpkInNest {
  /** @internal */
  protected static override readonly _iafModel = adaptiveModel;

  /**
   * @param weightsIn Input weights, `sizeIn` x `size`, in nanoamperes.
   * @param weightsRec Recurrent weights, `size` x `size`; `weights` means these. 0 is no connection.
   */
  constructor(weightsIn: WeightsInput, weightsRec: WeightsInput, options?: RecAEIFSpkInNestOptions);
  constructor(options: RecAEIFSpkInNestOptions & { weightsIn: WeightsInput; weightsRec: WeightsInput });
  constructor(...args: unknown[]) {
    const given = mergeArguments<RecAEIFSpkInNestOptions>(args, ['weightsIn', 'weightsRec'] as never);
    const { tauMem = 20e-3, conductance = 1, capacity = null } = given;
    if ([tauMem, conductance, capacity].filter((value) => value === null).length > 1)
      throw rangeError('conductance', 'given: of tauMem, conductance and capacity only one may be null', null);
    // What is null stands at a value that no time step is coarse for until the others have been checked.
    const [tau, g, c] = [tauMem, conductance, capacity].map((value) => value ?? Number.MAX_VALUE);
    super({ ...given, tauMem: tau, conductance: g, capacity: c } as never);
    if (tauMem === null) this.#derive('tauMem');
    else if (conductance === null) this.#derive('conductance');
    else this.#deriveCapacity(capacity !== null);
  }

  /** Membrane time constants in seconds, `capacity / conductance`: a new array. Setting them keeps the conductances. */
  override get tauMem(): Float64Array {
    return this.#ratio('capacity', 'conductance');
  }

  override set tauMem(value: ArrayInput) {
    this.checkIdle();
    const tau = readVector(value, 'tauMem', this.size, 'positive');
    const capacity = product(this._parameters.get('conductance'), tau);
    this.#checkDerived('tauMem', capacity, 'capacity');
    this.setVector('capacity', capacity);
    this.setVector('tauMem', tau);
  }

  /** Capacities in nanofarads, one for each unit: the layer's own array. A number sets all and keeps the conductances. */
  override get capacity(): Float64Array {
    return super.capacity;
  }

  override set capacity(value: ArrayInput) {
    this.#setPart('capacity', value);
  }

  /** Leak conductances in nanosiemens, one for each unit: the layer's own array. A number sets all and keeps the capacities. */
  get conductance(): Float64Array {
    return this.vector('conductance');
  }

  set conductance(value: ArrayInput) {
    this.#setPart('conductance', value);
  }

  /** Slope factors of the exponential term in volts, one for each unit: the layer's own array. A number sets all; 0: no such term. */
  get deltaT(): Float64Array {
    return this.vector('deltaT');
  }

  set deltaT(value: ArrayInput) {
    this.setVector('deltaT', value);
  }

  /** Potentials at which each unit fires, in volts: 10 mV above `vThresh`, or `vThresh` where `deltaT` is 0. A new array. */
  get vPeak(): Float64Array {
    return this._parameters.peak();
  }

  /** How strongly w follows the potential, in nanosiemens, one for each unit: the layer's own array. A number sets all. */
  get subthreshAdapt(): Float64Array {
    return this.vector('subthreshAdapt');
  }

  set subthreshAdapt(value: ArrayInput) {
    this.setVector('subthreshAdapt', value);
  }

  /**
   * What a spike adds to w, in picoamperes (thousandths of the unit of the weights), one for each unit: the layer's own array. A
   * number sets all.
   */
  get spikeAdapt(): Float64Array {
    return this.vector('spikeAdapt');
  }

  set spikeAdapt(value: ArrayInput) {
    this.setVector('spikeAdapt', value);
  }

  /** Time constants of w in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauAdapt(): Float64Array {
    return this.vector('tauAdapt');
  }

  set tauAdapt(value: ArrayInput) {
    this.setVector('tauAdapt', value);
  }

  /** Adaptation currents w in nanoamperes, the unit of the weights: the layer's own array. */
  get adapt(): Float64Array {
    return this.adaptation;
  }

  set adapt(value: ArrayInput) {
    this.setAdaptation('adapt', value);
  }

  /** The entries of {@link RecIAFSpkInNest.toDict}, the parameters of the adaptation, and the conductances, which the original leaves out. */
  override toDict(options?: ToDictOptions): LayerConfig {
    return { ...super.toDict(options), tau_mem: Array.from(this.tauMem) };
  }

  /** Makes a layer from the entries of a dictionary. Without conductances, as in those of the original, they are `capacity / tauMem`. */
  static override fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    const derived =
      !('conductance' in options) && (options['capacity'] ?? null) !== null && (options['tauMem'] ?? null) !== null;
    return RecIAFSpkInNest.fromOptions.call(this, derived ? { ...options, conductance: null } : options);
  }

  protected override makePlan(synapses: SynapseArgs): SpikingPlan {
    const parameters = this._parameters;
    const of = (name: VectorName): Float64Array => parameters.get(name);
    return native.aeifPlan(
      this.sizeIn,
      this.size,
      this.dt,
      this.precision === 'float32' ? 1 : 0,
      of('capacity'),
      of('conductance'),
      of('deltaT'),
      of('vThresh'),
      parameters.peak(),
      of('vReset'),
      of('vRest'),
      of('subthreshAdapt'),
      of('spikeAdapt').map((picoamperes) => picoamperes * 1e-3),
      of('tauAdapt'),
      of('bias'),
      this.heldSteps(),
      of('tauSynExc'),
      of('tauSynInh'),
      undefined,
      ...synapses,
    );
  }

  #ratio(upper: VectorName, lower: VectorName): Float64Array {
    const divisor = this._parameters.get(lower);
    return this._parameters.get(upper).map((value, i) => value / divisor[i]);
  }

  /** Sets one of the two from which the time constant follows, or nothing when that would be none. */
  #setPart(name: 'capacity' | 'conductance', value: ArrayInput): void {
    this.checkIdle();
    const part = readVector(value, name, this.size, 'positive');
    const [upper, lower] = (['capacity', 'conductance'] as const).map((n) =>
      n === name ? part : this._parameters.get(n),
    );
    const tau = upper.map((c, i) => c / lower[i]);
    this.#checkDerived(name, tau, 'tauMem');
    this.setVector(name, part);
    this.setVector('tauMem', tau);
  }

  #checkDerived(name: string, values: Float64Array, what: string): void {
    const wrong = values.find((x) => !(x >= smallestNormal && x < Infinity));
    if (wrong !== undefined) throw rangeError(name, `such that ${what} is finite and greater than 0`, wrong);
  }

  /** Sets a parameter of the membrane from the two others. */
  #derive(name: 'tauMem' | 'conductance'): void {
    this.setVector(name, this.#ratio('capacity', name === 'tauMem' ? 'conductance' : 'tauMem'));
  }

  /** Sets the capacities from the two others, unless those given are the same but for rounding. */
  #deriveCapacity(given: boolean): void {
    const [tau, conductance, capacity] = membrane.map((name) => this._parameters.get(name));
    const derived = product(conductance, tau);
    if (given && derived.every((c, i) => Math.abs(c - capacity[i]) <= 1e-12 * c)) return;
    this.setVector('capacity', derived);
    if (given)
      warn('CAPACITY_IGNORED', `${this.startPrint}capacity is conductance * tauMem; what was given for it is ignored`);
  }
}

function product(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value * b[i]);
}

registerLayerClass('RecAEIFSpkInNest', RecAEIFSpkInNest);
