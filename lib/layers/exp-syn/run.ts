/** Runs of exponential synapses. */
import { native } from '../../binding.js';
import { runTask, type TaskOptions } from '../../task.js';
import { outputArray } from '../rate-options.js';
import { PlanCache } from '../plan-cache.js';
import type { RunInput } from '../rate-native.js';
import type { EventInputWindow, SamplingWindow } from '../types.js';
import type { EventRunInput, ExpSynParameters, ExpSynPlan } from './native.js';

/** Holds a plan until a parameter changes. */
export class ExpSynPlanCache extends PlanCache<ExpSynPlan, ExpSynParameters> {
  constructor() {
    super(
      (...parameters) => native.expSynPlan(...parameters),
      (...args) => native.expSynPlanMatches(...args),
    );
  }
}

/** A run: with what it begins, what drives it, how large its output is. */
export interface ExpSynRun {
  plan: ExpSynPlan;
  timestep: number;
  seed: number;
  dt: number;
  state: Float64Array;
  window: EventInputWindow | SamplingWindow;
  /** Rows of the output. */
  rows: number;
  columns: number;
}

function eventInput({ input, countEvents }: EventInputWindow): EventRunInput {
  return input ? [countEvents, ...input] : [];
}

function seriesInput({ input }: SamplingWindow, dt: number): RunInput {
  return input ? [dt, ...input] : [];
}

/** Runs here and now; writes `state` and returns the rows of the output. */
export function runExpSyn({ plan, timestep, seed, dt, state, window, rows, columns }: ExpSynRun): Float64Array {
  const out = outputArray(rows, columns);
  const { numTimesteps: n } = window;
  if ('countEvents' in window) native.expSynRun(plan, timestep, n, seed, state, out, ...eventInput(window));
  else native.expSynRunSeries(plan, timestep, n, seed, state, out, ...seriesInput(window, dt));
  return out;
}

/** The same on a thread of the pool; leaves `state` alone. */
export async function runExpSynAsync(
  { plan, timestep, seed, dt, state, window, rows, columns }: ExpSynRun,
  task: TaskOptions,
): Promise<{ out: Float64Array; state: Float64Array }> {
  const out = outputArray(rows, columns);
  const after = new Float64Array(state.length);
  const { numTimesteps: n } = window;
  await runTask(task, (progress) =>
    'countEvents' in window
      ? native.expSynRunAsync(plan, timestep, n, seed, state, out, after, progress, ...eventInput(window))
      : native.expSynRunSeriesAsync(plan, timestep, n, seed, state, out, after, progress, ...seriesInput(window, dt)),
  );
  return { out, state: after };
}
