/** Schedules of step sizes: functions of the number of steps before. */
import { checkFunction, checkInteger, checkNumber, checkOptions } from '../../check.js';
import type { Schedule } from './optimiser.js';

const size = (value: unknown, name: string): number => checkNumber(value, name, { min: 0 });

/** The same for all steps. */
export function constantSchedule(stepSize: number): Schedule {
  size(stepSize, 'stepSize');
  return () => stepSize;
}

/** Multiplied by `factor` after each `every` steps. `factor` defaults to 0.1. */
export function stepSchedule(stepSize: number, options: { every: number; factor?: number }): Schedule {
  size(stepSize, 'stepSize');
  const { every, factor = 0.1 } = checkOptions<{ every: number; factor: number }>(options, 'options', [
    'every',
    'factor',
  ]);
  const n = checkInteger(every, 'every', { min: 1 });
  size(factor, 'factor');
  return (k) => stepSize * factor ** Math.floor(k / n);
}

/** Multiplied by `factor` in each `every` steps, a little in each of them. `every` defaults to 1. */
export function exponentialSchedule(stepSize: number, options: { factor: number; every?: number }): Schedule {
  size(stepSize, 'stepSize');
  const { factor, every = 1 } = checkOptions<{ factor: number; every: number }>(options, 'options', [
    'factor',
    'every',
  ]);
  const rate = checkNumber(factor, 'factor', { positive: true });
  checkNumber(every, 'every', { positive: true });
  return (k) => stepSize * rate ** (k / every);
}

/** From `stepSize` along half a cosine to `last` (default 0) in `steps` steps, and `last` from then on. */
export function cosineSchedule(stepSize: number, options: { steps: number; last?: number }): Schedule {
  size(stepSize, 'stepSize');
  const { steps, last = 0 } = checkOptions<{ steps: number; last: number }>(options, 'options', ['steps', 'last']);
  const n = checkInteger(steps, 'steps', { min: 1 });
  size(last, 'last');
  return (k) => (k >= n ? last : last + ((stepSize - last) * (1 + Math.cos((Math.PI * k) / n))) / 2);
}

/** From `stepSize / steps` in equal steps to what `then` begins with, and then that. `then` is a number or a schedule. */
export function warmUp(steps: number, then: number | Schedule): Schedule {
  const n = checkInteger(steps, 'steps', { min: 1 });
  const schedule = typeof then === 'number' ? constantSchedule(then) : checkFunction<Schedule>(then, 'then');
  return (k) => (k < n ? (schedule(0) * (k + 1)) / n : schedule(k - n));
}
