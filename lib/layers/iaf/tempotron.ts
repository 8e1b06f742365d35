/** The multi-spike tempotron: training of feed-forward integrate-and-fire neurons to fire as often as they should. */
import { allocate, type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInstance, checkNumber, checkOptions, shapeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { checkFiniteVector } from '../jax/parameters.js';
import { checkChannels } from '../prepare-input.js';
import { potentialAtStart, type Recorded } from './read-outs.js';

/** Options of `trainMstSimple`. */
export interface TrainMstOptions {
  /** Length of the window in seconds. */
  duration?: number;
  /** Start of the window in seconds. */
  tStart?: number;
  /** Events that the layer got in the window; null for none. */
  tsInput?: TimeSeries | null;
  /** How many spikes each unit should emit in the window: a number or one for each. Default 0. */
  targetCounts?: ArrayInput | null;
  /** What a weight of an eligible synapse changes by. Default 1e-5. */
  lambda?: number;
  /** The original's name of `lambda`. */
  lambda_?: number;
  /** Share of the inputs whose synapses are eligible at each unit. Default 0.1. */
  eligibilityRatio?: number;
  /** Share of the change before that is added to a change. Default 0. */
  momentum?: number;
  /** This batch is the first of a training: there is no change before. Default true. */
  isFirst?: boolean;
  /** This batch is the last. It makes no difference. Default false. */
  isLast?: boolean;
  /** Print the number of spikes of each unit. Default false. */
  verbose?: boolean;
}

/** Options of `train`. */
export interface TrainMstMethodOptions extends Omit<TrainMstOptions, 'tsInput'> {
  /** `'mst'` (default) or `'multi-spike tempotron'`. */
  method?: string;
}

/** What a batch of training did. */
export interface TrainMstResult {
  /** Spikes of each unit in the window. */
  spikeCounts: Float64Array;
  /** How much the spikes of each input have helped each unit, `sizeIn` x `size`. */
  eligibility: Matrix;
  /** What was added to the weights, `sizeIn` x `size`. */
  weightChange: Matrix;
}

/** @internal Names that mean this training. */
export const tempotronMethods = ['mst', 'multi-spike tempotron'];

const optionNames = [
  'duration',
  'tStart',
  'tsInput',
  'targetCounts',
  'lambda',
  'lambda_',
  'eligibilityRatio',
  'momentum',
  'isFirst',
  'isLast',
  'verbose',
];

/** Native functions of the tempotron: see `native/include/rockpool/tempotron.h`. */
export interface NativeTempotron {
  tempotronEligibility(
    inputTimes: Float64Array,
    inputChannels: Int32Array,
    inputs: number,
    recordedTimes: Float64Array,
    v: Float64Array,
    vRest: Float64Array,
    tauSyn: Float64Array,
    tauMem: Float64Array,
    out: Float64Array,
  ): void;
  /** Writes `counts`, `change` and `weights`. */
  tempotronUpdate(
    eligibility: Float64Array,
    outputTimes: Float64Array,
    outputChannels: Int32Array,
    lambda: number,
    momentum: number,
    eligible: number,
    from: number,
    to: number,
    target: Float64Array,
    counts: Float64Array,
    change: Float64Array,
    weights: Float64Array,
  ): void;
}

/** @internal Options, checked. */
export interface MstSettings {
  tStart: number;
  tStop: number;
  tsInput: TSEvent | null;
  targetCounts: Float64Array;
  lambda: number;
  eligible: number;
  momentum: number;
  isFirst: boolean;
  verbose: boolean;
}

/** @internal */
export interface TempotronLayer {
  readonly startPrint: string;
  readonly size: number;
  readonly sizeIn: number;
  readonly dt: number;
}

/** @internal Reads the options of a training of `layer`. */
export function readMstSettings(layer: TempotronLayer, value: unknown): MstSettings {
  const given = checkOptions<TrainMstOptions>(value, 'options', optionNames);
  for (const name of ['duration', 'tStart'] as const)
    if (given[name] === undefined) throw typeError(`options.${name}`, 'a number', given[name]);
  const { targetCounts = null, lambda, lambda_, eligibilityRatio = 0.1, momentum = 0, tsInput = null } = given;
  if (lambda !== undefined && lambda_ !== undefined)
    throw typeError('options', 'with one of lambda and lambda_, its other name', 'both', true);
  const tStart = checkNumber(given.tStart, 'tStart', { min: 0 });
  const duration = checkNumber(given.duration, 'duration', { positive: true });
  const input = tsInput === null ? null : checkInstance(tsInput, 'tsInput', TSEvent);
  if (input) checkChannels(layer, input, false);
  const ratio = checkNumber(eligibilityRatio, 'eligibilityRatio', { min: 0, max: 1 });
  checkBoolean(given.isLast ?? false, 'isLast');
  return {
    tStart,
    tStop: tStart + duration,
    tsInput: input,
    targetCounts: readCounts(targetCounts, layer.size),
    lambda: checkNumber(lambda ?? lambda_ ?? 1e-5, 'lambda', { min: 0 }),
    eligible: Math.floor(ratio * layer.sizeIn * (1 + Number.EPSILON)),
    momentum: checkNumber(momentum, 'momentum'),
    isFirst: checkBoolean(given.isFirst ?? true, 'isFirst'),
    verbose: checkBoolean(given.verbose ?? false, 'verbose'),
  };
}

function readCounts(value: ArrayInput | null, size: number): Float64Array {
  if (value === null) return new Float64Array(size);
  const { data } = toNdArray(value, 'targetCounts', 'float64');
  if (data.length !== size && !(typeof value === 'number'))
    throw shapeError('targetCounts', `${size} numbers (size)`, `${data.length} of them`);
  const counts = data.length === size ? data.slice() : new Float64Array(size).fill(data[0]);
  return checkFiniteVector(counts, 'targetCounts');
}

/** @internal What was recorded of the window. @throws RockpoolError `ERR_STATE` when something of it is missing. */
export function recordOfWindow(
  layer: TempotronLayer,
  recorded: Recorded | null,
  { tStart, tStop }: MstSettings,
): Recorded {
  const fail = (what: string, got: string): never => {
    throw new RockpoolError('ERR_STATE', `${layer.startPrint}expected ${what}, received ${got}`);
  };
  if (!recorded) return fail('a layer that was made with record and has evolved', 'one without a record in memory');
  if (recorded.buffers.columns !== layer.size)
    return fail('a record of all units in their order', 'one of some of them');
  const slack = 1e-3 * layer.dt;
  if (recorded.tStart > tStart + slack || recorded.tStop < tStop - slack)
    return fail(
      `the last evolution to cover the window from ${tStart} to ${tStop}`,
      `one from ${recorded.tStart} to ${recorded.tStop}`,
    );
  return recorded;
}

/** @internal Trains `weights` in place; `change` holds the change before, and gets the new one. */
export function trainTempotron(
  layer: TempotronLayer,
  neurons: { vRest: Float64Array; tauSyn: Float64Array; tauMem: Float64Array },
  recorded: Recorded,
  settings: MstSettings,
  weights: Float64Array,
  change: Float64Array,
): TrainMstResult {
  const { size, sizeIn } = layer;
  const { tStart, tStop, tsInput } = settings;
  const { vRest, tauSyn, tauMem } = neurons;
  const input = tsInput?.events({ tStart, tStop }) ?? { times: new Float64Array(0), channels: new Int32Array(0) };
  const potentials = potentialAtStart(recorded);
  const eligibility = allocate([sizeIn, size], 'the eligibility');
  native.tempotronEligibility(
    input.times,
    input.channels,
    sizeIn,
    potentials.times,
    potentials.samples.data,
    vRest,
    tauSyn,
    tauMem,
    eligibility,
  );
  const spikeCounts = new Float64Array(size);
  const { times, channels } = recorded.spikes._peek();
  native.tempotronUpdate(
    eligibility,
    times,
    channels,
    settings.lambda,
    settings.momentum,
    settings.eligible,
    tStart,
    tStop,
    settings.targetCounts,
    spikeCounts,
    change,
    weights,
  );
  if (settings.verbose) console.log(`${layer.startPrint}spikes of each unit: ${Array.from(spikeCounts).join(', ')}`);
  const shape = [sizeIn, size];
  return {
    spikeCounts,
    eligibility: new NdArray(eligibility, shape),
    weightChange: new NdArray(change.slice(), shape),
  };
}
