/** Runs of the Jax-named rate layers: natively, or with an activation of the user's, and again for a record. */
import type { Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { runTask } from '../../task.js';
import type { AsyncEvolveOptions } from '../types.js';
import { type Pieces, runPieces, runPiecesAsync } from '../rate-core.js';
import type { ForcedInput, RatePlan } from '../rate-native.js';
import { activate, type ActivationFunction, outputArray } from '../rate-options.js';
import { inputChanged, sameBits } from './last-evolution.js';

/** What drives a run: series that the core samples, or rows for an activation of the user's. */
export type RateDrive =
  | { kind: 'series'; input: ForcedInput }
  | { kind: 'rows'; activation: ActivationFunction; input: Matrix; force: Matrix | null };

/** One evolution. */
export interface RateEvolution {
  plan: RatePlan;
  timestep: number;
  steps: number;
  seed: number;
  dt: number;
  units: number;
  outputs: number;
  /** State at the start, a copy. */
  start: Float64Array;
  drive: RateDrive;
}

/** An evolution that was done, with the state that it ended in. */
export type DoneRateEvolution = RateEvolution & { end: Float64Array };

/** Names of the records: weighted input, recurrent input, activities. */
export type RateRecord = 'resInputsLastEvolution' | 'recInputsLastEvolution' | 'resActsLastEvolution';

/** A record to fill, `steps` x `units`. */
interface Recorder {
  name: RateRecord;
  rows: Float64Array;
}

function row(array: Float64Array, k: number, columns: number): Float64Array {
  return array.subarray(k * columns, (k + 1) * columns);
}

/** Steps with an activation of the user's, recorded after the update. Writes `state`. */
function* stepRows(e: RateEvolution, state: Float64Array, out: Float64Array, recorder?: Recorder): Pieces<void> {
  const { plan, timestep, steps, seed, units, outputs } = e;
  const { activation, input, force } = e.drive as RateDrive & { kind: 'rows' };
  const record = (name: RateRecord, k: number) => (recorder?.name === name ? row(recorder.rows, k, units) : undefined);
  let activity = activate(activation, state);
  for (let k = 0; k < steps; k++) {
    native.rateStep(
      plan,
      timestep + k,
      1,
      seed,
      state,
      activity,
      input.row(k),
      force?.row(k),
      record('resInputsLastEvolution', k),
      record('recInputsLastEvolution', k),
    );
    activity = activate(activation, state);
    record('resActsLastEvolution', k)?.set(activity);
    native.rateProject(plan, activity, row(out, k, outputs));
    yield;
  }
}

/** Runs here and now; returns the output and the state at the end. */
export function runRate(e: RateEvolution, recorder?: Recorder): { out: Float64Array; end: Float64Array } {
  const { plan, timestep, steps, seed, drive } = e;
  const out = outputArray(steps, e.outputs);
  const end = e.start.slice();
  if (drive.kind === 'rows') {
    runPieces(stepRows(e, end, out, recorder));
    return { out, end };
  }
  const rowsOf = (name: RateRecord) => (recorder?.name === name ? recorder.rows : undefined);
  native.rateRun(
    plan,
    timestep,
    steps,
    seed,
    end,
    out,
    rowsOf('resInputsLastEvolution'),
    rowsOf('recInputsLastEvolution'),
    rowsOf('resActsLastEvolution'),
    ...drive.input,
  );
  return { out, end };
}

/** The same off the event loop; with an activation of the user's on it, a few milliseconds at a time. */
export async function runRateAsync(
  e: RateEvolution,
  task: AsyncEvolveOptions,
): Promise<{ out: Float64Array; end: Float64Array }> {
  const { plan, timestep, steps, seed, drive } = e;
  const out = outputArray(steps, e.outputs);
  const end = e.start.slice();
  if (drive.kind === 'rows') await runPiecesAsync(stepRows(e, end, out), steps, task);
  else
    await runTask(task, (progress) =>
      native.rateRunAsync(plan, timestep, steps, seed, e.start, out, end, progress, ...drive.input),
    );
  return { out, end };
}

/** Runs an evolution again for a record. @throws RockpoolError `ERR_STATE` when its input was changed. */
export function recordAgain(e: DoneRateEvolution, name: RateRecord): Float64Array {
  const rows = outputArray(e.steps, e.units);
  const { end } = runRate(e, { name, rows });
  if (!sameBits(end, e.end)) throw inputChanged(name);
  return rows;
}
