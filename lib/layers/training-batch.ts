/** Target and sampling times of a batch of training. */
import { type Matrix, NdArray } from '../array.js';
import { native } from '../binding.js';
import { rangeError, shapeError, typeError } from '../check.js';
import { stepFloor, timeOf } from '../time-grid.js';
import { sampleTicks } from '../time-series/continuous/sampling.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { warn } from '../warnings.js';
import { timeTrace } from './prepare-input.js';
import type { TrainingFlags, TrainingWindow } from './training-types.js';

/** A share of a time step by which the input may begin late or end early without anybody noticing. */
const endTolerance = 1e-3;

/** What of a layer matters here. */
interface Trained {
  readonly startPrint: string;
  readonly size: number;
  readonly dt: number;
}

/** The sampling times of a batch: `round(duration / dt)`, one more in the last batch, none after the end of the target. */
export function trainingWindow({ size, dt }: Trained, tsTarget: unknown, options: TrainingFlags): TrainingWindow {
  if (!(tsTarget instanceof TSContinuous)) throw typeError('tsTarget', 'a TSContinuous', tsTarget);
  if (tsTarget.numChannels !== size)
    throw shapeError('tsTarget', `a series of ${size} channels (size)`, `${tsTarget.numChannels} channels`);
  const { isFirst, isLast, flags } = options;
  const { tStart, tStop, duration } = tsTarget;
  const n = Math.round(duration / dt) + (isLast ? 1 : 0);
  const numSamples = Math.min(n, stepFloor(tStop, tStart, dt) + 1);
  if (numSamples < 1) throw rangeError('tsTarget.duration', `at least half a time step, ${dt / 2}`, duration);
  return { tStart, dt, numSamples, times: timeTrace(tStart, dt, numSamples), isFirst, isLast, flags };
}

/** The target at these times. @throws RangeError with the times at which it is NaN. */
export function sampleTarget(tsTarget: TSContinuous, window: TrainingWindow): Matrix {
  const { times } = window;
  const samples = sampleOrNan(tsTarget, window);
  const found = new Uint32Array(5);
  const count = native.findNan(samples, found);
  const channels = tsTarget.numChannels;
  if (count > 0) {
    const places = Array.from(
      found.subarray(0, count),
      (i) => `t = ${times[Math.floor(i / channels)]} (channel ${i % channels})`,
    );
    const more = count > found.length ? ` and ${count - found.length} more` : '';
    throw rangeError('tsTarget', `defined at all times, but it is NaN at ${places.join(', ')}${more}`, NaN);
  }
  return new NdArray(samples, [times.length, channels]);
}

/** Warns when the input does not cover the times of training. */
export function warnNotContained(
  { startPrint }: Trained,
  tsTarget: TSContinuous,
  tsInput: TimeSeries,
  { tStart, dt, numSamples }: TrainingWindow,
): void {
  if (tsTarget.periodic || tsInput.periodic) return;
  const last = timeOf(numSamples - 1, tStart, dt);
  const slack = endTolerance * dt;
  if (tsInput.tStart - tStart <= slack && last - tsInput.tStop <= slack) return;
  warn(
    'INPUT_NOT_CONTAINED',
    `${startPrint}the training from ${tStart} to ${last} is not contained in the input, which lasts from ${tsInput.tStart} to ${tsInput.tStop}; it counts as 0 elsewhere`,
  );
}

/** The values of a series, NaN outside it; its ends stand for times that miss them by less than the tolerance. */
export function sampleOrNan(series: TSContinuous, { tStart, numSamples, dt }: TrainingWindow): Float64Array {
  return sampleTicks(series, { t0: tStart, dt, first: 0 }, numSamples, endTolerance * dt);
}

/** Samples at the times of training. */
export function trainedOutput(
  samples: Float64Array,
  numChannels: number,
  { tStart, dt, numSamples }: TrainingWindow,
): TSContinuous {
  const tStop = timeOf(numSamples - 1, tStart, dt);
  return TSContinuous.clockedTrusted({ samples, numChannels, t0: tStart, dt, n: numSamples, tStart, tStop });
}
