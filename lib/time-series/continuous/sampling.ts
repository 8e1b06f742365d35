/** Reading a continuous series between its samples. */
import { allocate, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOptions } from '../../check.js';
import { withCode } from '../../errors.js';
import { runTask, type TaskOptions, taskOptionNames } from '../../task.js';
import { warnOnce } from '../../warnings.js';
import type { SamplerArgs } from '../native.js';
import type { Clock, TimeAxis } from '../time-axis.js';
import type { TSContinuous } from '../ts-continuous.js';
import { fillRows, isSpline, kindCode } from './kinds.js';

const periodicFlag = 1 << 8;
const approxFlag = 1 << 9;

/** @internal */
export function makeSamplerArgs(ts: TSContinuous): SamplerArgs {
  const axis = ts._axis;
  const { clock } = axis;
  const kind = ts.interpKind;
  const flags = kindCode(kind) | (ts.periodic ? periodicFlag : 0) | (ts.approxLimitTimes ? approxFlag : 0);
  const without = [
    clock ? null : axis.array,
    ts._samples,
    fillRows(ts.fillValue, ts._channels),
    null,
    axis.length,
    ts._channels,
    flags,
    ts._tStart,
    ts._tStop,
    clock ? clock.t0 : 0,
    clock ? clock.dt : 0,
    clock ? clock.first : 0,
  ] as const;
  // Coefficients of a spline are kept only while nobody can write into what they were made from.
  if (!isSpline(kind) || axis.length < 2 || ts._samplesOut || ts._timesOut) return without;
  const [times, samples, fill, , ...rest] = without;
  return [times, samples, fill, native.prepareSpline(...without), ...rest];
}

const report = new Float64Array(3);

/** @internal */
export function sampleAt(ts: TSContinuous, times: Float64Array): Matrix {
  const out = allocate([times.length, ts._channels], 'the samples');
  native.sample(...ts.samplerArgs(), times, out, report);
  checkReport(ts, report);
  return new NdArray(out, [times.length, ts._channels]);
}

/**
 * @internal The values of a series at the ticks k * dt + t0, k = first ... first + n - 1, of a clock: samples that coincide
 * with a tick up to rounding count as being at it.
 */
export function sampleClocked(ts: TSContinuous, { t0, dt, first }: Clock, n: number): Float64Array {
  const out = allocate([n, ts._channels], 'the samples');
  native.sampleClocked(...ts.samplerArgs(), t0, dt, first, n, out, report);
  checkReport(ts, report);
  return out;
}

/**
 * @internal The same without errors and warnings: NaN where the series has no value. A first or last tick that misses the series by
 * at most `slack` seconds gets the value at its end.
 */
export function sampleTicks(ts: TSContinuous, { t0, dt, first }: Clock, n: number, slack: number): Float64Array {
  const channels = ts._channels;
  const out = allocate([n, channels], 'the samples');
  native.sampleClocked(...ts.samplerArgs(), t0, dt, first, n, out, new Float64Array(3));
  if (ts.periodic || n === 0) return out;
  const atEnd = (row: number, t: number): void => {
    const place = out.subarray(row * channels, (row + 1) * channels);
    native.sample(...ts.samplerArgs(), Float64Array.of(t), place, new Float64Array(3));
  };
  const [begin, end] = [first * dt + t0, (first + n - 1) * dt + t0];
  if (begin < ts.tStart && ts.tStart - begin <= slack) atEnd(0, ts.tStart);
  if (end > ts.tStop && end - ts.tStop <= slack) atEnd(n - 1, ts.tStop);
  return out;
}

/**
 * @internal The values of a series at the times of another one: exactly those, whether they come from a clock or an array.
 */
export function sampleOn(ts: TSContinuous, axis: TimeAxis): Float64Array {
  return sampleAt(ts, axis.array).data;
}

const maxElements = 2 ** 32;

/** @internal Refuses results that no array can hold. */
export function checkElements(name: string, rows: number, channels: number): void {
  if (!(rows * Math.max(channels, 1) <= maxElements)) {
    throw withCode(
      new RangeError(`expected ${name} to give at most ${maxElements} values, received ${rows} x ${channels}`),
      'ERR_VALUE',
    );
  }
}

/** @internal */
export function toClocked(ts: TSContinuous, dt: number): Matrix {
  const step = checkNumber(dt, 'dt', { positive: true });
  const n = Math.max(native.stepCeil(ts.tStop, ts.tStart, step), ts.length > 0 ? 1 : 0);
  checkElements('dt', n, ts._channels);
  return new NdArray(sampleClocked(ts, { t0: ts.tStart, dt: step, first: 0 }, n), [n, ts._channels]);
}

/** @internal */
export async function sampleAtAsync(ts: TSContinuous, times: Float64Array, options?: TaskOptions): Promise<Matrix> {
  const task = checkOptions<TaskOptions>(options, 'options', taskOptionNames);
  const channels = ts._channels;
  const rows = times.length; // before anybody can transfer them
  const result = await runTask(task, (progress) => native.sampleAsync(...ts.samplerArgs(), times, progress));
  checkReport(ts, result.report);
  return new NdArray(result.out, [rows, channels]);
}

/** Applies the range rules to what sampling met. */
function checkReport(ts: TSContinuous, found: Float64Array): void {
  const [outside = 0, first = 0, snapped = 0] = found;
  if (snapped > 0) {
    warnOnce(ts, 'TS_APPROX_LIMIT', `${about(ts)}: times just outside it were moved to its limits`);
  }
  if (outside === 0) return;
  const what = `${about(ts)} has no value at t = ${first}${outside > 1 ? ` and ${outside - 1} more of the times asked for` : ''}`;
  if (ts.beyondRangeException) {
    throw withCode(new RangeError(what), 'ERR_TIME_RANGE', {
      series: ts.name,
      received: first,
      count: outside,
      tStart: ts.tStart,
      tStop: ts.tStop,
    });
  }
  warnOnce(ts, 'TS_BEYOND_RANGE', `${what}: NaN instead`);
}

function about(ts: TSContinuous): string {
  return `TSContinuous '${ts.name}', defined from t = ${ts.tStart} to ${ts.tStop}`;
}
