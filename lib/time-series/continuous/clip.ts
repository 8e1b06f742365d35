/** Cutting a continuous series: by limits, at given times, by slices. */
import { allocate, type ArrayLike_, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkNumber, checkOptions, rangeError } from '../../check.js';
import type { TaskOptions } from '../../task.js';
import { extendPeriodicTimes, fitTStop, readTimes } from '../extent.js';
import { TimeAxis } from '../time-axis.js';
import type { TSContinuous } from '../ts-continuous.js';
import { type Channels, chosenChannels, readChannels } from './channels.js';
import { checkElements, sampleAt, sampleAtAsync } from './sampling.js';

/** Options of {@link TSContinuous.clip}. */
export interface ClipOptions {
  /** Start in seconds; default: the series' own. */
  tStart?: number | null;
  /** End in seconds; default: the series' own. Limits in the wrong order are swapped. */
  tStop?: number | null;
  /** Channels to keep, in this order; default: all. */
  channels?: Channels | null;
  /** Whether a sample at `tStop` itself is kept; default true, and always true without a `tStop`. */
  includeStop?: boolean;
  /** Whether samples are added at the limits where there are none; default true. */
  sampleLimits?: boolean;
  /** Change this series and return it; default false. */
  inplace?: boolean;
}

/** Options of {@link TSContinuous.resample}. */
export interface ResampleOptions {
  /** Channels to keep, in this order; default: all. */
  channels?: Channels | null;
  /** End of the extent of the result; default: the last of the times. */
  tStop?: number | null;
  /** Change this series and return it; default false. */
  inplace?: boolean;
}

/** Options of {@link TSContinuous.slice}. */
export interface SliceOptions {
  /** Seconds between the points to sample at; without it, the samples that are there are kept. */
  step?: number | null;
  /** Channels to keep, in this order; default: all. */
  channels?: Channels | null;
}

/** @internal */
export const clipNames = ['tStart', 'tStop', 'channels', 'includeStop', 'sampleLimits', 'inplace'];
const resampleNames = ['channels', 'tStop', 'inplace'];

function limit(value: number | null | undefined, name: string): number | null {
  return value === null || value === undefined ? null : checkNumber(value, name);
}

/** @internal */
export function clip(ts: TSContinuous, options: ClipOptions | undefined): TSContinuous {
  const given = checkOptions<ClipOptions>(options, 'options', clipNames);
  const start = limit(given.tStart, 'tStart');
  const stop = limit(given.tStop, 'tStop');
  const includeStop = checkBoolean(given.includeStop ?? true, 'includeStop') || stop === null;
  const sampleLimits = checkBoolean(given.sampleLimits ?? true, 'sampleLimits');
  const inplace = checkBoolean(given.inplace ?? false, 'inplace');
  const chosen = readChannels(given.channels, ts._channels);
  if (ts.periodic && start === null && stop === null) return ts._with(wholePart(ts, chosen), inplace);
  const a = start ?? ts.tStart;
  const b = stop ?? ts.tStop;
  const [from, to] = a <= b ? [a, b] : [b, a];
  const { times, samples } = limited(ts, from, to, includeStop, sampleLimits);
  const part = chosenChannels(ts, samples, times.length, chosen);
  return ts._with({ axis: TimeAxis.of(times), ...part, tStart: from, tStop: to, periodic: false }, inplace);
}

function wholePart(ts: TSContinuous, chosen: Int32Array | null) {
  const part = chosenChannels(ts, ts._samples, ts.length, chosen);
  return { axis: ts._shareAxis(), ...part, samples: chosen === null ? part.samples.slice() : part.samples };
}

/** The samples from `from` to `to`, with samples at the limits on request. */
function limited(ts: TSContinuous, from: number, to: number, includeStop: boolean, sampleLimits: boolean) {
  const all = ts.periodic ? repeated(ts, from, to) : { times: ts._axis.array, samples: ts._samples };
  const begin = native.searchTimes(all.times, from, false);
  const end = Math.max(begin, native.searchTimes(all.times, to, includeStop));
  const kept = all.times.subarray(begin, end);
  const channels = ts._channels;
  const keptSamples = all.samples.subarray(begin * channels, end * channels);
  const before = sampleLimits && ts.length > 0 && !(kept[0] <= from);
  const last = before ? from : kept[0];
  const latest = kept.length > 0 ? kept[kept.length - 1] : last;
  const after = sampleLimits && ts.length > 0 && includeStop && !(latest >= to);
  const edges = sampleAt(ts, Float64Array.from([...(before ? [from] : []), ...(after ? [to] : [])])).data;
  const lead = before ? 1 : 0;
  const times = new Float64Array(kept.length + lead + (after ? 1 : 0));
  const samples = allocate([times.length, channels], 'the samples');
  if (before) times[0] = from;
  times.set(kept, lead);
  if (after) times[times.length - 1] = to;
  samples.set(edges.subarray(0, lead * channels));
  samples.set(keptSamples, lead * channels);
  samples.set(edges.subarray(lead * channels), (lead + kept.length) * channels);
  return { times, samples };
}

/** Enough periods of a periodic series to cover [from, to]. */
function repeated(ts: TSContinuous, from: number, to: number): { times: Float64Array; samples: Float64Array } {
  let times = ts._axis.array;
  let samples = ts._samples;
  let reach = to;
  // The sample at the end of a period is the first one of the next, which is the one that counts: one period more has it.
  if (times.length > 1 && ts._axis.last - ts.tStart >= ts.duration) {
    times = times.subarray(0, native.searchTimes(times, ts._axis.last, false));
    samples = samples.subarray(0, times.length * ts._channels);
    reach += ts.duration;
  }
  const extended = extendPeriodicTimes(times, from, reach, ts.tStart, ts.tStop).times;
  const out = allocate([extended.length, ts._channels], 'the repeated samples');
  native.repeatArray(samples, out);
  return { times: extended, samples: out };
}

interface ResamplePlan {
  times: Float64Array;
  chosen: Int32Array | null;
  tStart: number;
  tStop: number;
  inplace: boolean;
}

function planResample(ts: TSContinuous, at: ArrayLike_, options: unknown, names: readonly string[]): ResamplePlan {
  const given = checkOptions<ResampleOptions>(options, 'options', names);
  const times = readTimes(toNdArray(at, 'times', 'float64'), 'times');
  const given_stop = limit(given.tStop, 'tStop');
  const tStart = times[0] ?? ts.tStart;
  const last = times[times.length - 1] ?? ts.tStop;
  return {
    times,
    chosen: readChannels(given.channels, ts._channels),
    tStart,
    tStop: given_stop === null ? last : fitTStop(given_stop, times.length > 0 ? last : tStart, ts.name),
    inplace: checkBoolean(given.inplace ?? false, 'inplace'),
  };
}

function finishResample(ts: TSContinuous, plan: ResamplePlan, samples: Float64Array): TSContinuous {
  const { times, tStart, tStop, chosen, inplace } = plan;
  const part = chosenChannels(ts, samples, times.length, chosen);
  return ts._with({ axis: TimeAxis.of(times), ...part, tStart, tStop, periodic: false }, inplace);
}

/** @internal */
export function resample(ts: TSContinuous, at: ArrayLike_, options?: ResampleOptions): TSContinuous {
  const plan = planResample(ts, at, options, resampleNames);
  return finishResample(ts, plan, sampleAt(ts, plan.times).data);
}

/** @internal */
export async function resampleAsync(
  ts: TSContinuous,
  at: ArrayLike_,
  options: Omit<ResampleOptions, 'inplace'> & TaskOptions = {},
): Promise<TSContinuous> {
  const { signal, onProgress, ...rest } = checkOptions<ResampleOptions & TaskOptions>(options, 'options', [
    'channels',
    'tStop',
    'signal',
    'onProgress',
  ]);
  const source = ts.copy();
  const plan = planResample(source, at, rest, resampleNames);
  const { data } = await sampleAtAsync(source, plan.times, { signal, onProgress });
  return finishResample(source, plan, data);
}

/** @internal */
export function slice(
  ts: TSContinuous,
  from: number | null | undefined,
  to: number | null | undefined,
  options: SliceOptions | undefined,
): TSContinuous {
  const { step, channels } = checkOptions<SliceOptions>(options, 'options', ['step', 'channels']);
  const stop = limit(to, 'to');
  if (step === null || step === undefined) {
    return clip(ts, { tStart: from, tStop: to, channels, includeStop: stop === null, sampleLimits: false });
  }
  const size = checkNumber(step, 'step');
  if (!(size > 0)) throw rangeError('step', 'greater than 0 (sample() reads at times in any order)', size);
  const a = limit(from, 'from') ?? ts.tStart;
  const first = Math.max(0, native.stepCeil(ts.tStart, a, size));
  const end = native.stepCeil(Math.min(stop ?? ts.tStop, ts.tStop), a, size);
  const n = Math.max(0, end - first);
  checkElements('step', n, ts._channels);
  const times = allocate([n], 'the times');
  native.clockTimes(a, size, first, times);
  return resample(ts, times, { channels });
}
