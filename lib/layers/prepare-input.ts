/** Number of time steps of an evolution, and its input at these steps. */
import { allocate, type Matrix, NdArray, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkNumber, checkOptions, indexError, rangeError, shapeError, typeError } from '../check.js';
import { taskOptionNames } from '../task.js';
import { stepsOf, timeOf } from '../time-grid.js';
import { sampleClocked, sampleTicks } from '../time-series/continuous/sampling.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import { TimeSeries } from '../time-series/time-series.js';
import { warn } from '../warnings.js';
import type { EventInputWindow, EvolveOptions, PreparedInput, PrepareOptions, SamplingWindow } from './types.js';

/** What of a layer matters here. */
export interface InputTarget {
  readonly startPrint: string;
  readonly t: number;
  readonly dt: number;
  readonly sizeIn: number;
  readonly inputType: typeof TSContinuous | typeof TSEvent;
  /** The name of the argument in messages. Default `'tsInput'`. */
  readonly inputName?: string;
  /** Seconds by which a duration may be too short for its last step. Default 1e-9. */
  readonly slack?: number;
}

/** The clock of a layer. */
type Clock = Pick<InputTarget, 't' | 'dt' | 'slack'>;

/** A share of a time step by which an input may begin late or end early without anybody noticing. */
const endTolerance = 1e-3;

const optionNames = [
  'duration',
  'numTimesteps',
  'verbose',
  'addEvents',
  'broadcastInput',
  'ignoreExtraChannels',
  ...taskOptionNames,
];

/** Checks the class of an input; null and undefined mean none. */
export function checkInput(
  tsInput: unknown,
  type: typeof TSContinuous | typeof TSEvent | typeof TimeSeries,
  name = 'tsInput',
): TimeSeries | null {
  if (tsInput === undefined || tsInput === null) return null;
  if (!(tsInput instanceof type)) throw typeError(name, `a ${type.name} or null`, tsInput);
  return tsInput;
}

/** Whole steps from `t` on that `options` or the input ask for. */
export function determineTimesteps(target: Clock, tsInput: TimeSeries | null, options: EvolveOptions): number {
  const n = askedTimesteps(target, tsInput, options);
  if (!Number.isSafeInteger(n + Math.round(target.t / target.dt)))
    throw rangeError('numTimesteps', 'so few that the clock stays below 2^53 time steps', n);
  return n;
}

/** Refuses options that only the asynchronous form can honour. */
export function refuseTaskOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null) return; // refused where the options are read
  for (const name of taskOptionNames) {
    if ((options as Record<string, unknown>)[name] !== undefined)
      throw typeError('options', `without ${name}, which is for evolveAsync`, `the option '${name}'`, true);
  }
}

function askedTimesteps(target: Clock, tsInput: TimeSeries | null, options: EvolveOptions): number {
  const { duration, numTimesteps, verbose } = options;
  if (verbose !== undefined) checkBoolean(verbose, 'verbose');
  if (numTimesteps !== undefined && numTimesteps !== null) {
    if (!Number.isInteger(numTimesteps)) throw typeError('numTimesteps', 'an integer of 0 or more', numTimesteps);
    if (numTimesteps < 0 || !Number.isSafeInteger(numTimesteps))
      throw rangeError('numTimesteps', 'an integer of 0 or more', numTimesteps);
    return numTimesteps;
  }
  if (duration !== undefined && duration !== null)
    return wholeSteps(target, checkNumber(duration, 'duration', { min: 0 }));
  if (!tsInput)
    throw typeError('options', 'an object with numTimesteps or duration when there is no input', 'neither', true);
  if (tsInput.periodic) return wholeSteps(target, tsInput.duration, tsInput.tStart, tsInput.tStop);
  const rest = tsInput.tStop - target.t;
  if (!(rest > 0))
    throw rangeError('tsInput.tStop', `later than the present time ${target.t}`, tsInput.tStop, 'ERR_TIME_RANGE');
  return wholeSteps(target, rest, target.t, tsInput.tStop);
}

function wholeSteps({ dt, slack }: Clock, duration: number, from = 0, to = duration): number {
  return stepsOf(duration, dt, from, to, slack);
}

/** `tStart + k * dt` for k from 0 to n - 1. */
export function timeTrace(tStart: number, dt: number, n: number): Float64Array {
  const out = allocate([n], 'the times of the steps');
  native.timeTrace(tStart, dt, out);
  return out;
}

/** A vector or one column feeds every input; otherwise there must be one column for each. NaN becomes 0. */
export function checkInputDims(target: InputTarget, input: Matrix): Matrix {
  const { sizeIn } = target;
  const rows = input.ndim < 2 ? input.size : input.length;
  const columns = input.ndim < 2 ? 1 : rows > 0 ? input.size / rows : input.shape[1];
  if (columns !== sizeIn && columns !== 1) {
    throw shapeError(
      target.inputName ?? 'tsInput',
      `an input of ${sizeIn} channels (sizeIn) or of one`,
      `${columns} channels`,
    );
  }
  if (columns !== sizeIn) warnReplicated(target);
  const out = allocate([rows, sizeIn], 'the prepared input');
  native.prepareSamples(input.data, columns, sizeIn, out);
  return new NdArray(out, [rows, sizeIn]);
}

function warnReplicated(target: InputTarget): void {
  if (target.sizeIn > 1)
    warn('INPUT_REPLICATED', `${target.startPrint}the one channel of the input feeds all ${target.sizeIn} inputs`);
}

interface Window {
  numTimesteps: number;
  first: number;
  last: number;
  /** The input begins late or ends early by less than the tolerance: its ends stand for the times beyond. */
  clamp: boolean;
}

/** The steps of an evolution and how they lie in the input; warns when they are not contained in it. */
function windowOf(target: InputTarget, input: TimeSeries | null, options: PrepareOptions): Window {
  const numTimesteps = determineTimesteps(target, input, options);
  const first = target.t;
  const last = timeOf(Math.max(numTimesteps - 1, 0), first, target.dt);
  if (!input || input.periodic || numTimesteps === 0) return { numTimesteps, first, last, clamp: false };
  const early = input.tStart - first;
  const late = last - input.tStop;
  const slack = endTolerance * target.dt;
  if (early > slack || late > slack) {
    warn(
      'INPUT_NOT_CONTAINED',
      `${target.startPrint}the evolution from ${first} to ${timeOf(numTimesteps, first, target.dt)} is not contained in the input, which lasts from ${input.tStart} to ${input.tStop}`,
    );
    return { numTimesteps, first, last, clamp: false };
  }
  return { numTimesteps, first, last, clamp: early > 0 || late > 0 };
}

export function prepareOptions(options: PrepareOptions): PrepareOptions {
  return checkOptions<PrepareOptions>(options, 'options', optionNames);
}

/** Samples a continuous input at the start of every step; NaN becomes 0, no input is zeros. */
export function prepareContinuous(
  target: InputTarget,
  tsInput: TSContinuous | null | undefined,
  options: PrepareOptions,
): PreparedInput {
  const input = checkInput(tsInput, TSContinuous, target.inputName) as TSContinuous | null;
  const { numTimesteps, first, clamp } = windowOf(target, input, prepareOptions(options));
  const timeBase = timeTrace(first, target.dt, numTimesteps);
  if (!input || numTimesteps === 0)
    return { timeBase, input: NdArray.zeros([numTimesteps, target.sizeIn]), numTimesteps };
  if (clamp) {
    const ticks = sampleTicks(input, { t0: first, dt: target.dt, first: 0 }, numTimesteps, endTolerance * target.dt);
    const samples = new NdArray(ticks, [numTimesteps, input.numChannels]);
    return { timeBase, input: checkInputDims(target, samples), numTimesteps };
  }
  // At the ticks of the layer's clock: rounding cannot put a tick before the sample that it coincides with.
  const samples = sampleClocked(input, { t0: first, dt: target.dt, first: 0 }, numTimesteps);
  return {
    timeBase,
    input: checkInputDims(target, new NdArray(samples, [numTimesteps, input.numChannels])),
    numTimesteps,
  };
}

/** Checks a continuous input as {@link prepareContinuous} does, but leaves the sampling to a kernel. */
export function samplingWindow(
  target: InputTarget,
  tsInput: TSContinuous | null | undefined,
  options: PrepareOptions,
): SamplingWindow {
  const input = checkInput(tsInput, TSContinuous, target.inputName) as TSContinuous | null;
  const { numTimesteps, first, last, clamp } = windowOf(target, input, prepareOptions(options));
  const window = { numTimesteps, tStart: first, input: null, replicate: false };
  if (!input || numTimesteps === 0) return window;
  const { numChannels } = input;
  if (numChannels !== target.sizeIn && numChannels !== 1) {
    throw shapeError(
      target.inputName ?? 'tsInput',
      `an input of ${target.sizeIn} channels (sizeIn) or of one`,
      `${numChannels} channels`,
    );
  }
  const replicate = numChannels !== target.sizeIn;
  if (replicate) warnReplicated(target);
  if (clamp) {
    const { input: samples } = prepareContinuous({ ...targetOf(target), sizeIn: numChannels }, input, { numTimesteps });
    const clocked = TSContinuous.clockedTrusted({
      samples: samples.data,
      numChannels,
      t0: first,
      dt: target.dt,
      n: numTimesteps,
      tStart: first,
      tStop: timeOf(numTimesteps, first, target.dt),
      name: input.name,
      interpKind: 'nearest',
    });
    return { ...window, input: clocked.samplerArgs(), replicate };
  }
  if (!input.periodic) input.sample(Float64Array.of(first, last)); // its own rules about times out of range
  return { ...window, input: input.samplerArgs(), replicate };
}

function targetOf({ startPrint, t, dt, sizeIn, inputType }: InputTarget): InputTarget {
  return { startPrint, t, dt, sizeIn, inputType };
}

/** Rasterises an event input: `numTimesteps` x `sizeIn`, exactly. */
export function prepareEvents(
  target: InputTarget,
  tsInput: TSEvent | null | undefined,
  options: PrepareOptions,
): PreparedInput<NdArray> {
  const input = checkInput(tsInput, TSEvent) as TSEvent | null;
  const { addEvents = false, broadcastInput = false, ignoreExtraChannels = false } = prepareOptions(options);
  const { sizeIn, dt } = target;
  const numTimesteps = determineTimesteps(target, input, options);
  const first = target.t;
  const timeBase = timeTrace(first, dt, numTimesteps);
  if (!input || numTimesteps === 0)
    return { timeBase, input: NdArray.zeros([numTimesteps, sizeIn], 'uint8'), numTimesteps };
  checkChannels(target, input, ignoreExtraChannels);
  if (broadcastInput && input.numChannels === 1 && sizeIn > 1) {
    const one = input.raster({ dt, tStart: first, numTimesteps, channels: [0], addEvents });
    const wide = new Float64Array(numTimesteps * sizeIn);
    native.prepareSamples(toNdArray(one, 'raster', 'float64').data, 1, sizeIn, wide);
    return { timeBase, input: toNdArray(new NdArray(wide, [numTimesteps, sizeIn]), 'raster', one.dtype), numTimesteps };
  }
  const channels = Array.from({ length: sizeIn }, (_, i) => i);
  return { timeBase, input: input.raster({ dt, tStart: first, numTimesteps, channels, addEvents }), numTimesteps };
}

/** Checks an event input as {@link prepareEvents} does, but leaves the sorting into time steps to a kernel. */
export function eventWindow(
  target: InputTarget,
  tsInput: TSEvent | null | undefined,
  options: PrepareOptions,
): EventInputWindow {
  const input = checkInput(tsInput, TSEvent) as TSEvent | null;
  const { addEvents = false, broadcastInput = false, ignoreExtraChannels = false } = prepareOptions(options);
  const countEvents = checkBoolean(addEvents, 'addEvents');
  const numTimesteps = determineTimesteps(target, input, options);
  const window = { numTimesteps, tStart: target.t, input: null, countEvents };
  if (!input || numTimesteps === 0 || input.length === 0) return window;
  checkChannels(target, input, ignoreExtraChannels);
  const { sizeIn } = target;
  if (checkBoolean(broadcastInput, 'broadcastInput') && input.numChannels === 1 && sizeIn > 1)
    return { ...window, input: input.appendC(new Array<TSEvent>(sizeIn - 1).fill(input)).eventArgs() };
  const { channels } = input._peek();
  const known = input.numChannels <= sizeIn || native.maxChannel(channels) < sizeIn;
  return { ...window, input: (known ? input : firstChannels(input, sizeIn)).eventArgs() };
}

/** The events on the channels below `n`. */
function firstChannels(input: TSEvent, n: number): TSEvent {
  const clipped = input.clip({ channels: Array.from({ length: n }, (_, i) => i) });
  clipped.periodic = input.periodic;
  return clipped;
}

/** Refuses events on channels that the layer does not have, unless they are to be left out. */
export function checkChannels(target: Pick<InputTarget, 'sizeIn'>, input: TSEvent, ignore: boolean): void {
  if (input.numChannels <= target.sizeIn || ignore) return;
  const beyond = native.maxChannel(input._peek().channels);
  if (beyond >= target.sizeIn)
    throw indexError(
      'tsInput.channels',
      `channels from 0 to ${target.sizeIn - 1} (sizeIn is ${target.sizeIn})`,
      beyond,
    );
}
