/** What constant-leak and digital layers have in common: parameters that users may write into, weights, states, monitored neurons: long, since all of them rest on it. */
import { type ArrayLike_ as ArrayInput, type Matrix, shapeText } from '../../array.js';
import { native } from '../../binding.js';
import { checkInteger, checkNumber, checkOptions, rangeError, shapeError } from '../../check.js';
import { freshSeed } from '../../lazy.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { warn } from '../../warnings.js';
import { expandToShape } from '../expand.js';
import { denseWeights, readShapedWeights, readWeights } from '../iaf/weights.js';
import { Layer } from '../layer.js';
import { LiveArrays } from '../live-arrays.js';
import type { LayerConfig, LayerOptions, RandomizeOptions, ToDictOptions } from '../types.js';
import { type MonitorInput, readMonitor } from './monitor.js';
import { checkStateType, isIntegerType, type StateType, stateTypeCode } from './state-type.js';

/** What the numbers of a vector must be. */
export type VectorRule = 'finite' | 'positive' | 'notNegative';

const ruleTexts: Readonly<Record<VectorRule, string>> = {
  finite: 'finite numbers',
  positive: 'finite numbers greater than 0',
  notNegative: 'finite numbers of 0 or more',
};

const allowed = (rule: VectorRule, v: number): boolean =>
  Number.isFinite(v) && (rule === 'finite' || (rule === 'positive' ? v > 0 : v >= 0));

/** Names of the options that all of these layers take. */
export const digitalOptionNames = ['dt', 'name', 'seed', 'monitorId'] as const;

/** Options that all of these layers take. */
export interface DigitalLayerOptions extends Omit<LayerOptions, 'noiseStd'> {
  /** Neurons whose states are recorded: `true` for all, a list of ids, or none. Default none. */
  monitorId?: MonitorInput;
}

/** Dense weights of finite numbers; a vector is one row. Always a copy. */
export function readDense(value: unknown, name: string): Matrix {
  return denseWeights(readWeights(value, name));
}

/** @inline Weights of a recurrent layer with input weights. */
export interface BothWeights {
  weightsIn: ArrayInput;
  weightsRec: ArrayInput;
}

/** The same, copied. */
export function readBothWeights(given: Partial<BothWeights>): { weightsIn: Matrix; weightsRec: Matrix } {
  const weightsRec = readDense(given.weightsRec, 'weightsRec');
  const [size, columns] = weightsRec.shape;
  if (size !== columns) throw shapeError('weightsRec', 'a square matrix', shapeText(weightsRec.shape));
  const weightsIn = readDense(given.weightsIn, 'weightsIn');
  if (weightsIn.shape[1] !== size)
    throw shapeError('weightsIn', `a matrix of ${size} columns (as many as weightsRec)`, shapeText(weightsIn.shape));
  return { weightsIn, weightsRec };
}

type CommonVector = 'vThresh' | 'vReset' | 'vSubtract';

/** @internal */
export abstract class DigitalLayer<Plan, OtherVector extends string> extends Layer {
  readonly #live = new LiveArrays();
  readonly #matrices = new Map<string, Matrix>();
  readonly #vectors = new Map<CommonVector | OtherVector, Float64Array | null>();
  #monitor: Int32Array;
  #plan: Plan | null = null;
  #stateType: StateType;

  /** @param shape `sizeIn` and `size`. */
  protected constructor(
    shape: readonly number[],
    options: DigitalLayerOptions & { stateType?: StateType },
    defaults: { dt: number; stateType: StateType },
  ) {
    // The base class only needs the shape; the weights are kept here.
    super({ shape } as unknown as ArrayInput, {
      dt: options.dt ?? defaults.dt,
      name: options.name,
      ...(options.seed !== undefined && { seed: options.seed }),
    });
    this.#monitor = readMonitor(options.monitorId, this.size);
    this.#stateType = checkStateType(options.stateType ?? defaults.stateType);
  }

  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  /** Always 0: these neurons have no noise. */
  override get noiseStd(): number {
    return 0;
  }

  /** @throws RangeError for another value than 0. */
  override set noiseStd(value: number | null) {
    const noise = checkNumber(value ?? 0, 'noiseStd', { min: 0 });
    if (noise !== 0) throw rangeError('noiseStd', `0, as always in ${this.className}`, noise);
  }

  /** The neurons whose states are recorded, a copy. Assigning takes `true` for all, a list of ids, or `[]`, `null` or `false` for none. */
  get monitorId(): Int32Array {
    return this.#monitor.slice();
  }

  set monitorId(value: MonitorInput) {
    this.checkIdle();
    this.#monitor = readMonitor(value, this.size);
  }

  /** @internal The monitored neurons, for reading; undefined for none. */
  protected get monitored(): Int32Array | undefined {
    return this.#monitor.length > 0 ? this.#monitor : undefined;
  }

  /** Thresholds, one for each neuron: the layer's own array. A number sets all. */
  get vThresh(): Float64Array {
    return this.handOut('vThresh');
  }

  set vThresh(value: ArrayInput) {
    this.setVector('vThresh', value);
  }

  /** States at the start, and after a spike when `vSubtract` is null: the layer's own array. A number sets all. */
  get vReset(): Float64Array {
    return this.handOut('vReset');
  }

  set vReset(value: ArrayInput) {
    this.setVector('vReset', value);
  }

  /** What a spike takes away, one number for each neuron: the layer's own array, or null. A number sets all. */
  get vSubtract(): Float64Array | null {
    return this.handOutOrNull('vSubtract');
  }

  set vSubtract(value: ArrayInput | null) {
    this.setVector('vSubtract', value, 'positive', { allowNull: true });
  }

  // ---- State ------------------------------------------------------------------------------------------------------

  /** The number type of the states. */
  get stateType(): StateType {
    return this.#stateType;
  }

  /** For a class whose states may be of several types; the states are converted. */
  protected setStateType(value: unknown): void {
    this.checkIdle();
    this.#stateType = checkStateType(value);
    for (const [name, { data }] of this.#matrices) this.#warnOfFractions(name, data);
    native.castStates(stateTypeCode(this.#stateType), this.state);
    this.dropPlan();
  }

  override get state(): Float64Array {
    return super.state;
  }

  /** Takes exactly `size` numbers; copies, and converts to the number type of the states. */
  override set state(value: ArrayInput) {
    super.state = value;
    native.castStates(stateTypeCode(this.#stateType), this.state);
  }

  /** Sets the states to `vReset`. */
  override resetState(): void {
    super.resetState();
    this.state = this.vector('vReset');
  }

  /** Draws the states uniformly between `vReset` and `vThresh`. */
  protected drawStates(options: Omit<RandomizeOptions, 'factor'>): void {
    this.checkIdle();
    const { seed = freshSeed() } = checkOptions<RandomizeOptions>(options, 'options', ['seed']);
    const state = new Float64Array(this.size);
    const checked = checkInteger(seed, 'seed', { min: 0, max: Number.MAX_SAFE_INTEGER });
    native.randomizeBetween(checked, this.vector('vReset'), this.vector('vThresh'), state);
    this.state = state;
  }

  // ---- Vectors ----------------------------------------------------------------------------------------------------

  /** Sets a parameter that is one number for each neuron; null where there may be none. */
  protected putVector(
    name: CommonVector | OtherVector,
    value: unknown,
    rule: VectorRule = 'finite',
    options: { allowNull?: boolean } = {},
  ): void {
    const vector = expandToShape(value as ArrayInput, [this.size], name, options)?.data ?? null;
    const wrong = vector?.find((v) => !allowed(rule, v));
    if (wrong !== undefined) throw rangeError(name, ruleTexts[rule], wrong);
    this.#vectors.set(name, vector);
    this.#live.forget(name);
    this.dropPlan();
  }

  /** The same from a setter. */
  protected setVector(
    name: CommonVector | OtherVector,
    value: unknown,
    rule?: VectorRule,
    options?: { allowNull?: boolean },
  ): void {
    this.checkIdle();
    this.putVector(name, value, rule, options);
  }

  /** The array, for reading. */
  protected vector(name: CommonVector | OtherVector): Float64Array {
    return this.#vectors.get(name)!;
  }

  protected vectorOrNull(name: CommonVector | OtherVector): Float64Array | null {
    return this.#vectors.get(name) ?? null;
  }

  /** The array, for a user: it may change from now on. */
  protected handOut(name: CommonVector | OtherVector): Float64Array {
    const array = this.vector(name);
    this.#live.watch(name, array);
    return array;
  }

  protected handOutOrNull(name: CommonVector | OtherVector): Float64Array | null {
    return this.vectorOrNull(name) && this.handOut(name);
  }

  // ---- Weights ----------------------------------------------------------------------------------------------------

  /** Takes a matrix that nobody else has. */
  protected putMatrix(name: string, matrix: Matrix): void {
    this.#warnOfFractions(name, matrix.data);
    this.#matrices.set(name, matrix);
    this.#live.forget(name);
    this.dropPlan();
  }

  /** Takes the exact shape or as many numbers in a vector; copies. */
  protected setMatrix(name: string, value: unknown, what: string): void {
    this.checkIdle();
    this.putMatrix(name, denseWeights(readShapedWeights(value, name, this.matrix(name).shape, what)));
  }

  /** The matrix, for reading. */
  protected matrix(name: string): Matrix {
    return this.#matrices.get(name)!;
  }

  /** The matrix, for a user: it may change from now on. */
  protected handOutMatrix(name: string): Matrix {
    const matrix = this.matrix(name);
    this.#live.watch(name, matrix.data);
    return matrix;
  }

  /** A state of integers cuts the fractions of weights off. */
  #warnOfFractions(name: string, data: Float64Array): void {
    if (!isIntegerType(this.#stateType) || native.allIntegers(data)) return;
    warn(
      'WEIGHTS_FRACTIONAL',
      `${this.startPrint}states are integers, so fractions of ${name} are lost at every update`,
    );
  }

  // ---- The plan ---------------------------------------------------------------------------------------------------

  /** Prepares the present parameters. */
  protected abstract makePlan(): Plan;

  /** A parameter has changed. */
  protected dropPlan(): void {
    this.#plan = null;
  }

  /** The prepared parameters, anew when one was set or an element written. */
  protected plan(): Plan {
    const current = (name: string): ArrayBufferView =>
      this.#matrices.get(name)?.data ?? this.vector(name as CommonVector | OtherVector);
    if (this.#live.changed(current).length > 0) this.#plan = null;
    return (this.#plan ??= this.makePlan());
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /** The entries that all of these layers have. */
  override toDict(options?: ToDictOptions): LayerConfig {
    const base = super.toDict(options);
    delete base['noise_std'];
    delete base['weights']; // only their shape
    return {
      ...base,
      v_thresh: this.listOf('vThresh'),
      v_reset: this.listOf('vReset'),
      v_subtract: this.listOf('vSubtract'),
      monitor_id: Array.from(this.#monitor),
    };
  }

  /** @internal A parameter as a list. */
  protected listOf(name: CommonVector | OtherVector): number[] | null {
    const vector = this.vectorOrNull(name);
    return vector && Array.from(vector);
  }
}
