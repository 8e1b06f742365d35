/** Parameters of the integrate-and-fire layers, and the plan that is made from them: long, since it is all that can be set. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import {
  checkBoolean,
  checkInstance,
  checkNumber,
  checkOneOf,
  checkOptions,
  indexError,
  rangeError,
} from '../../check.js';
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import type { SparseMatrix } from '../../synapses/sparse-matrix.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import { Layer } from '../layer.js';
import { LiveArrays } from '../live-arrays.js';
import type { NoiseScaling, Precision } from '../rate-options.js';
import type { IAFModel, VectorName } from './model.js';
import type { SpikingPlan, SynapseArgs } from './native.js';
import { type Numerics, optionNames, type SpikeTime, weightNames, type WeightsInput } from './options.js';
import { Parameters, readRefractory } from './parameters.js';
import { makePlan, makeRoutes, refractorySteps, releaseRoutes, type Routes } from './plan.js';
import { readSettings, type Settings } from './settings.js';
import { denseWeights, readAllWeights, readShapedWeights, type Weights, type WeightsRole } from './weights.js';

const noRoutes: Routes = [undefined, undefined];

const noNoise = (className: string, given: number): RangeError =>
  rangeError('noiseStd', `0, as always in ${className}`, given);

/** Steps for which a neuron can be held. */
const mostHeldSteps = 1e6;

/** The largest share of a time constant that a time step may be without a warning. Exact steps only lose resolution. */
const coarse = { euler: 0.1, rk4: 0.1, exact: 1 } as const;

/**
 * What an integrate-and-fire layer is made from; {@link IAFLayer} adds how it evolves. A constructor throws a TypeError or a RangeError that
 * names the argument of a wrong kind, shape or value, and warns of a time step that is coarse for a time constant (`DT_COARSE`).
 */
export abstract class IAFBase extends Layer {
  /** @internal */
  protected readonly _model: IAFModel;
  /** @internal */
  protected readonly _settings: Settings;
  /** @internal */
  protected readonly _parameters: Parameters;
  readonly #live = new LiveArrays();
  readonly #weights: Record<WeightsRole, Weights | null>;
  #plan: SpikingPlan | null = null;
  /** The last plan while its synapses are those of the layer, also when other parameters have changed since. */
  #connected: { plan: SpikingPlan; threads: number } | null = null;
  #refractory: number | Float64Array;
  #addEvents: boolean;

  /** @param args The arguments of the constructor of a class: weights and an options object, or all in one object. */
  protected constructor(model: IAFModel, args: readonly unknown[]) {
    type Given = Record<string, unknown>;
    const given = checkOptions<Given>(mergeArguments<Given>(args, weightNames(model)), 'options', optionNames(model));
    const { input, recurrent, shape } = readAllWeights(model, given);
    // The base class only needs the shape; the weights are kept here.
    super({ shape } as unknown as ArrayInput, {
      dt: given['dt'] === undefined ? 1e-4 : (given['dt'] as number),
      noiseStd: given['noiseStd'] as number | undefined,
      name: given['name'] as string | undefined,
      seed: given['seed'] as number | undefined,
    });
    if (!model.noise && this.noiseStd !== 0) throw noNoise(this.className, this.noiseStd);
    this._model = model;
    this.#weights = { input, recurrent };
    this._settings = readSettings(given, model);
    this._parameters = new Parameters(model, this.size, this.#live, given);
    if (model.backend === 'nest') this._parameters.put('capacity', given['capacity'] ?? this._parameters.get('tauMem'));
    this.#refractory = readRefractory(given['refractory'] ?? model.refractoryDefault, this.size);
    this.#checkHeld(this.#refractory);
    this.#addEvents = checkBoolean(given['addEvents'] ?? model.addEvents?.default ?? false, 'addEvents');
    this.#warnCoarse();
  }

  override get inputType(): typeof TSContinuous | typeof TSEvent {
    return this._model.input === 'events' ? TSEvent : TSContinuous;
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  // ---- Weights ----------------------------------------------------------------------------------------------------

  /**
   * The weights, [pre, post]: the layer's own array, so that writing an element takes effect. A layer that was given a `SparseMatrix`
   * makes a dense copy of it, which has no effect; `sparseWeights` is the matrix itself.
   */
  override get weights(): Matrix {
    return denseWeights(this.handOutWeights(this._mainRole));
  }

  /** Takes the exact shape or as many numbers in a vector; copies. */
  override set weights(value: WeightsInput) {
    this.putWeights(this._mainRole, 'weights', value);
  }

  /** The weights as they were given, when that was a sparse matrix; otherwise null. */
  get sparseWeights(): SparseMatrix | null {
    const weights = this._weightsOf(this._mainRole);
    return weights instanceof NdArray ? null : weights;
  }

  /** @internal The weights that `weights` means. */
  protected get _mainRole(): WeightsRole {
    return this._model.recurrent ? 'recurrent' : 'input';
  }

  /** @internal */
  protected _weightsOf(role: WeightsRole): Weights {
    return this.#weights[role]!;
  }

  /** Weights to hand to a user: dense ones may change from now on. */
  protected handOutWeights(role: WeightsRole): Weights {
    const weights = this._weightsOf(role);
    if (weights instanceof NdArray) this.#live.watch(role, weights.data);
    return weights;
  }

  protected putWeights(role: WeightsRole, name: string, value: unknown): void {
    this.checkIdle();
    const what = role === 'input' ? 'sizeIn x size' : 'size x size';
    this.#weights[role] = readShapedWeights(value, name, this._weightsOf(role).shape, what);
    this.#live.forget(role);
    this.#plan = null;
    this.#disconnect();
  }

  // ---- Parameters of the units ------------------------------------------------------------------------------------

  /** A parameter to hand to a user: it may change from now on. */
  protected vector(name: VectorName): Float64Array {
    return this._parameters.handOut(name);
  }

  protected setVector(name: VectorName, value: unknown): void {
    this.checkIdle();
    this._parameters.set(name, value);
    this.dropPlan();
    if (name.startsWith('tau')) this.#warnCoarse();
  }

  /** A parameter has changed. */
  protected dropPlan(): void {
    this.#plan = null;
  }

  /** Membrane time constants in seconds, one for each unit: the layer's own array. A number sets all. */
  get tauMem(): Float64Array {
    return this.vector('tauMem');
  }

  set tauMem(value: ArrayInput) {
    this.setVector('tauMem', value);
  }

  /** Thresholds in volts, one for each unit: the layer's own array. A number sets all. Each must be above `vReset`. */
  get vThresh(): Float64Array {
    return this.vector('vThresh');
  }

  set vThresh(value: ArrayInput) {
    this.setVector('vThresh', value);
  }

  /** Potentials after a spike, in volts, one for each unit: the layer's own array. A number sets all. */
  get vReset(): Float64Array {
    return this.vector('vReset');
  }

  set vReset(value: ArrayInput) {
    this.setVector('vReset', value);
  }

  /** Potentials at rest, in volts, one for each unit: the layer's own array. A number sets all. Empty where there is no rest. */
  get vRest(): Float64Array {
    return this.vector('vRest');
  }

  set vRest(value: ArrayInput) {
    this.setVector('vRest', value);
  }

  /** Constant current in volts, one for each unit: the layer's own array. A number sets all. */
  get bias(): Float64Array {
    return this.vector('bias');
  }

  set bias(value: ArrayInput) {
    this.setVector('bias', value);
  }

  /**
   * Time after a spike in which the potential is held, in seconds: a number, or one for each unit when it was given so. 0 in the classes
   * without a refractory period, where it cannot be set. In the Torch classes it is a whole number of time steps.
   */
  get refractory(): number | Float64Array {
    const steps = this._model.backend === 'torch';
    const rounded = (seconds: number): number =>
      steps ? refractorySteps(seconds, this.dt, this._model) * this.dt : seconds;
    return typeof this.#refractory === 'number' ? rounded(this.#refractory) : this.#refractory.map(rounded);
  }

  set refractory(value: ArrayInput) {
    this.checkIdle();
    if (!this._model.refractory) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected ${this._who} to be of a class with a refractory period, received ${this.className}, which has none`,
      );
    }
    const refractory = readRefractory(value, this.size);
    this.#checkHeld(refractory);
    this.#refractory = refractory;
    this.dropPlan();
  }

  /** @internal The refractory time as it was given. */
  protected get _refractory(): number | Float64Array {
    return this.#refractory;
  }

  // ---- Other parameters -------------------------------------------------------------------------------------------

  override get dt(): number {
    return super.dt;
  }

  /** @throws RockpoolError `ERR_STATE` in the Brian and NEST classes, whose time step is fixed, as in the original. */
  override set dt(value: number) {
    const dt = checkNumber(value, 'dt', { positive: true });
    if (this._model.backend !== 'torch' && dt !== this.dt) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected dt of ${this._who} to stay ${this.dt}, received ${dt}: it is fixed when the layer is made`,
      );
    }
    this.#checkHeld(this.#refractory, dt);
    super.dt = dt;
    this.dropPlan();
    this.#warnCoarse();
  }

  override get noiseStd(): number {
    return super.noiseStd;
  }

  override set noiseStd(value: number | null) {
    const noise = checkNumber(value ?? 0, 'noiseStd', { min: 0 });
    if (noise !== 0 && !this._model.noise) throw noNoise(this.className, noise);
    super.noiseStd = noise;
    this.dropPlan();
  }

  /** Which conventions the defaults follow. */
  get numerics(): Numerics {
    return this._settings.numerics;
  }

  /** What a step is computed in. */
  get precision(): Precision {
    return this._settings.precision;
  }

  /** Where in its time step a spike is stamped. */
  get spikeTime(): SpikeTime {
    return this._settings.spikeTime;
  }

  /** What `noiseStd` means. */
  get noiseScaling(): NoiseScaling {
    return this._settings.noiseScaling;
  }

  /** Whether several events of one channel in a time step count as many. It has no effect on continuous input. */
  get addEvents(): boolean {
    return this.#addEvents;
  }

  /** @throws RangeError in classes that always count, or never. */
  set addEvents(value: boolean) {
    this.checkIdle();
    const add = checkBoolean(value, 'addEvents');
    if (add !== this.#addEvents && !this._model.addEvents?.option)
      throw rangeError('addEvents', `${this.#addEvents}, as always in ${this.className}`, add);
    this.#addEvents = add;
  }

  // ---- The plan ---------------------------------------------------------------------------------------------------

  /** Delays of a connection in steps: one, or one for each weight. Input of delay 0 acts in its own step, of 1 in the next. */
  protected delaySteps(role: WeightsRole): Float64Array {
    return Float64Array.of(role === 'input' && this._model.backend === 'torch' ? 0 : 1);
  }

  /** A plan of the present parameters. A class with another membrane makes its own. */
  protected makePlan(synapses: SynapseArgs): SpikingPlan {
    return makePlan({
      model: this._model,
      sizeIn: this.sizeIn,
      size: this.size,
      dt: this.dt,
      noiseStd: this.noiseStd,
      settings: this._settings,
      parameters: this._parameters,
      weightsIn: this.#weights.input,
      refractorySteps: this.heldSteps(),
      synapses,
    });
  }

  /** Steps that follow a spike without update: one, or one for each unit. */
  protected heldSteps(): Float64Array {
    const steps = (seconds: number): number => refractorySteps(seconds, this.dt, this._model);
    const held = this.#refractory;
    return typeof held === 'number' ? Float64Array.of(steps(held)) : held.map(steps);
  }

  #routesOf(role: WeightsRole): Routes {
    return makeRoutes(this._model, role, this._weightsOf(role), this.delaySteps(role));
  }

  /** A plan with the synapses of the last one where they are still the same, for as many threads. */
  #prepare(): SpikingPlan {
    const threads = native.getConcurrency();
    const last = this.#connected;
    let plan: SpikingPlan;
    if (last?.threads === threads) {
      plan = this.makePlan([undefined, undefined, undefined, undefined, last.plan]);
    } else {
      const input = this._model.input === 'events' ? this.#routesOf('input') : noRoutes;
      const recurrent = this._model.recurrent ? this.#routesOf('recurrent') : noRoutes;
      try {
        plan = this.makePlan([...input, ...recurrent, undefined]);
      } finally {
        releaseRoutes(input, recurrent);
      }
    }
    this.#disconnect();
    this.#connected = { plan, threads };
    return plan;
  }

  #disconnect(): void {
    if (this.#connected) native.releaseHandle(this.#connected.plan);
    this.#connected = null;
  }

  /** @internal The plan, made anew when a parameter was set or an element written. */
  protected _plan(): SpikingPlan {
    const changed = this.#live.changed((name) =>
      name === 'input' || name === 'recurrent' ? this._weightsOf(name).data : this._parameters.get(name as VectorName),
    );
    if (changed.length > 0) this.#plan = null;
    if (changed.some((name) => name === 'input' || name === 'recurrent')) this.#disconnect();
    if (!this.#plan) {
      this._parameters.check();
      this.#plan = this.#prepare();
    }
    return this.#plan;
  }

  /**
   * How many synapses spikes reach, each time they do: `'input'` for events that the layer gets, through its input weights, `'recurrent'` for
   * its own spikes, through its recurrent weights. Weights of 0 are no synapses; where the layer has none of the kind the number is 0.
   *
   * @throws RangeError `ERR_INDEX` for spikes on channels that there are not.
   */
  synapticEvents(spikes: TSEvent, role: 'input' | 'recurrent'): number {
    this.checkIdle();
    const { channels } = checkInstance(spikes, 'spikes', TSEvent)._peek();
    const ofInput = checkOneOf(role, 'role', ['input', 'recurrent']) === 'input';
    const count = ofInput ? this.sizeIn : this.size;
    const largest = native.maxChannel(channels);
    if (largest >= count) throw indexError('spikes.channels', `channels from 0 to ${count - 1}`, largest);
    return native.spikingSynapticEvents(this._plan(), channels, ofInput);
  }

  #checkHeld(refractory: number | Float64Array, dt = this.dt): void {
    const most = mostHeldSteps * dt;
    const longest = typeof refractory === 'number' ? refractory : refractory.reduce((a, b) => Math.max(a, b), 0);
    if (longest / dt > mostHeldSteps)
      throw rangeError('refractory', `at most ${most} s, a million time steps of ${dt} s`, longest);
  }

  #warnCoarse(): void {
    const most = coarse[this._settings.integrator];
    for (const name of ['tauMem', ...this._model.currents.map(({ tau }) => tau)] as VectorName[]) {
      const tau = this._parameters.get(name).reduce((least, v) => Math.min(least, v), Infinity);
      if (this.dt <= tau * most * (1 + 1e-9)) continue;
      const share = most === 1 ? 'larger than' : 'more than a tenth of';
      warn('DT_COARSE', `${this.startPrint}the time step ${this.dt} is ${share} the smallest ${name}, ${tau}`);
    }
  }

  /** @internal Class and quoted name. */
  protected get _who(): string {
    return `${this.className} '${this.name}'`;
  }
}
