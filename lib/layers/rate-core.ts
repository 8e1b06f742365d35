/** The prepared plan of a rate layer, and runs with an activation of the user's. */
import type { Matrix } from '../array.js';
import { native } from '../binding.js';
import { abortError } from '../errors.js';
import { runTask, type TaskOptions } from '../task.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { PlanCache as AnyPlanCache } from './plan-cache.js';
import type { RateParameters, RatePlan } from './rate-native.js';
import { activate, type ActivationFunction, outputArray } from './rate-options.js';
import type { SamplingWindow } from './types.js';

/** How long a run on the event loop computes before it lets others do something. */
const sliceMs = 8;

/** Where a run begins, and with what. */
export interface RunStart {
  timestep: number;
  seed: number;
  dt: number;
  state: Float64Array;
}

/** Holds the plan of a rate layer until a parameter changes. */
export class PlanCache extends AnyPlanCache<RatePlan, RateParameters> {
  constructor(options?: { later?: boolean }) {
    super(
      (...parameters) => native.ratePlan(...parameters),
      (...args) => native.ratePlanMatches(...args),
      options,
    );
  }
}

/** Runs a plan here and now; writes `start.state` and returns the rows of the output. */
export function runPlan(
  plan: RatePlan,
  { timestep, seed, dt, state }: RunStart,
  window: SamplingWindow,
  columns: number,
): Float64Array {
  const { numTimesteps: n, input } = window;
  const out = outputArray(n + 1, columns);
  if (input) native.rateRun(plan, timestep, n, seed, state, out, undefined, undefined, undefined, dt, ...input);
  else native.rateRun(plan, timestep, n, seed, state, out, undefined, undefined, undefined);
  return out;
}

/** The same on a thread of the pool; leaves `start.state` alone. */
export async function runPlanAsync(
  plan: RatePlan,
  { timestep, seed, dt, state }: RunStart,
  window: SamplingWindow,
  columns: number,
  task: TaskOptions,
): Promise<{ out: Float64Array; state: Float64Array }> {
  const { numTimesteps: n, input } = window;
  const out = outputArray(n + 1, columns);
  const after = new Float64Array(state.length);
  const series = input ? ([dt, ...input] as const) : ([] as const);
  await runTask(task, (progress) =>
    native.rateRunAsync(plan, timestep, n, seed, state, out, after, progress, ...series),
  );
  return { out, state: after };
}

/** The output of a run of a layer with this time step: sample k at the time of step `first + k`. */
export function wrapClocked(
  samples: Float64Array,
  numChannels: number,
  dt: number,
  first: number,
  n: number,
  tStart: number,
  tStop: number,
  name = 'Outputs',
): TSContinuous {
  // One literal without a spread: this is most of what an evolution of one step costs.
  return TSContinuous.clockedTrusted({
    samples,
    numChannels,
    t0: 0,
    dt,
    n,
    first,
    tStart,
    tStop,
    interpKind: 'previous',
    name,
  });
}

/** Work in pieces: each `next()` does one. */
export type Pieces<T> = Generator<void, T, undefined>;

/** All pieces at once. */
export function runPieces<T>(pieces: Pieces<T>): T {
  for (;;) {
    const next = pieces.next();
    if (next.done) return next.value;
  }
}

/** The pieces on the event loop, a few milliseconds at a time. */
export async function runPiecesAsync<T>(
  pieces: Pieces<T>,
  total: number,
  { signal, onProgress }: TaskOptions,
): Promise<T> {
  if (signal?.aborted) throw abortError(signal);
  const begin = performance.now();
  for (let done = 0, from = begin, reported = begin; ; done++) {
    const next = pieces.next();
    if (next.done) return next.value;
    const now = performance.now();
    if (now - from < sliceMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw abortError(signal);
    from = performance.now();
    if (onProgress && from - reported >= 50) {
      reported = from;
      onProgress({ done, total, etaSeconds: done > 0 ? ((from - begin) / 1000 / done) * (total - done) : NaN });
    }
  }
}

/** Replaces each row z of `out` by fn(z): for layers whose state does not depend on their activity. */
export function* activateRows(fn: ActivationFunction, out: Float64Array, columns: number): Pieces<void> {
  for (let at = 0; at < out.length; at += columns) {
    const row = out.subarray(at, at + columns);
    row.set(activate(fn, row));
    yield;
  }
}

/** Runs a recurrent plan with linear activation step by step, the activity computed by `fn`. Writes `start.state`. */
export function* stepRows(
  fn: ActivationFunction,
  plan: RatePlan,
  start: RunStart,
  input: Matrix,
  columns: number,
): Pieces<Float64Array> {
  const { timestep, seed, state } = start;
  const n = input.length;
  const out = outputArray(n + 1, columns);
  for (let k = 0; k <= n; k++) {
    const row = out.subarray(k * columns, (k + 1) * columns);
    native.rateActivity(plan, state, row);
    row.set(activate(fn, row));
    if (k < n) native.rateStep(plan, timestep + k, 1, seed, state, row, input.row(k));
    yield;
  }
  return out;
}
