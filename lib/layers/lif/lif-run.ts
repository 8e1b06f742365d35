/** Runs of the LIF layers, and again for a record. */
import { native } from '../../binding.js';
import { runTask, type TaskOptions } from '../../task.js';
import { TSEvent } from '../../time-series/ts-event.js';
import type { TSContinuous } from '../../time-series/ts-continuous.js';
import { timeOf } from '../../time-grid.js';
import { inputChanged, sameBits } from '../jax/last-evolution.js';
import { wrapClocked } from '../rate-core.js';
import { outputArray } from '../rate-options.js';
import { copyState, type LifState, namedState } from './lif-state.js';
import type { LifInput, LifPlan, LifSpikes } from './native.js';

/** What a layer emits: its spikes, or the surrogate, with or without output weights. */
export type LifOutput = 'spikes' | 'surrogate' | 'weighted';

/** One evolution. */
export interface LifEvolution {
  plan: LifPlan;
  timestep: number;
  steps: number;
  seed: number;
  dt: number;
  units: number;
  outputs: number;
  output: LifOutput;
  name: string;
  /** State at the start, a copy. */
  start: LifState;
  input: LifInput;
}

/** An evolution that was done, with the state that it ended in. */
export type DoneLifEvolution = LifEvolution & { end: LifState };

/** Names of the records. */
export type LifRecord =
  | 'vMemLastEvolution'
  | 'iSynLastEvolution'
  | 'iRecLastEvolution'
  | 'surrogateLastEvolution'
  | 'spikesLastEvolution'
  | 'outputLastEvolution';

interface LifResult {
  output: TSContinuous | TSEvent;
  end: LifState;
}

const continuousNames = {
  surrogate: '$U$',
  weighted: '$O$',
  vMemLastEvolution: 'V_mem',
  iSynLastEvolution: '$I_{syn}$',
  iRecLastEvolution: '$I_{rec}$',
  surrogateLastEvolution: '$U$',
} as const;

function wrapSamples(
  e: LifEvolution,
  samples: Float64Array,
  channels: number,
  what: keyof typeof continuousNames,
): TSContinuous {
  const { dt, steps, timestep, name } = e;
  const [tStart, tStop] = [timeOf(timestep, 0, dt), timeOf(timestep + steps, 0, dt)];
  return wrapClocked(samples, channels, dt, timestep, steps, tStart, tStop, `${continuousNames[what]} ${name}`);
}

function wrapSpikes({ dt, steps, timestep, units, name }: LifEvolution, spikes: LifSpikes): TSEvent {
  const [times, channels] = spikes as NonNullable<LifSpikes>;
  return TSEvent.fromTrusted({
    times,
    channels,
    numChannels: units,
    tStart: timeOf(timestep, 0, dt),
    tStop: timeOf(timestep + steps, 0, dt),
    name: `Spikes ${name}`,
  });
}

function wrapOutput(e: LifEvolution, out: Float64Array | undefined, spikes: LifSpikes): TSContinuous | TSEvent {
  return e.output === 'spikes' ? wrapSpikes(e, spikes) : wrapSamples(e, out as Float64Array, e.outputs, e.output);
}

/** Room for a continuous output. */
function outputOf({ output, steps, outputs }: LifEvolution): Float64Array | undefined {
  return output === 'spikes' ? undefined : outputArray(steps, outputs);
}

/** Runs here and now. */
export function runLif(e: LifEvolution): LifResult {
  const { plan, timestep, steps, seed, output, input } = e;
  const end = copyState(e.start);
  const { Vmem, Isyn, spikes } = end;
  const out = outputOf(e);
  const list = native.lifRun(
    plan,
    timestep,
    steps,
    seed,
    Vmem,
    Isyn,
    spikes,
    output === 'spikes',
    out,
    undefined,
    undefined,
    undefined,
    undefined,
    ...input,
  );
  return { output: wrapOutput(e, out, list), end };
}

/** The same off the event loop. */
export async function runLifAsync(e: LifEvolution, task: TaskOptions): Promise<LifResult> {
  const { plan, timestep, steps, seed, output, start, input } = e;
  const n = e.units;
  // Arrays of their own: a pool thread writes them.
  const after = [new Float64Array(n), new Float64Array(n), new Float64Array(n)] as const;
  const out = outputOf(e);
  const { Vmem, Isyn, spikes } = start;
  const list = await runTask(task, (progress) =>
    native.lifRunAsync(
      plan,
      timestep,
      steps,
      seed,
      Vmem,
      Isyn,
      spikes,
      output === 'spikes',
      out,
      ...after,
      progress,
      ...input,
    ),
  );
  const end = namedState(new Float64Array(3 * n));
  end.Vmem.set(after[0]);
  end.Isyn.set(after[1]);
  end.spikes.set(after[2]);
  return { output: wrapOutput(e, out, list), end };
}

/** Runs an evolution again for a record. @throws RockpoolError `ERR_STATE` when its input was changed. */
export function recordAgain(e: DoneLifEvolution, record: LifRecord): TSContinuous | TSEvent {
  if (record === 'outputLastEvolution') {
    const { output, end } = runLif(e);
    if (!sameBits(end, e.end)) throw inputChanged(record);
    return output;
  }
  const end = copyState(e.start);
  const { Vmem, Isyn, spikes } = end;
  const events = record === 'spikesLastEvolution';
  const rows = events ? undefined : outputArray(e.steps, e.units);
  const rowsOf = (name: LifRecord) => (name === record ? rows : undefined);
  const list = native.lifRun(
    e.plan,
    e.timestep,
    e.steps,
    e.seed,
    Vmem,
    Isyn,
    spikes,
    events,
    undefined,
    rowsOf('vMemLastEvolution'),
    rowsOf('iSynLastEvolution'),
    rowsOf('iRecLastEvolution'),
    rowsOf('surrogateLastEvolution'),
    ...e.input,
  );
  if (!sameBits(end, e.end)) throw inputChanged(record);
  return events ? wrapSpikes(e, list) : wrapSamples(e, rows as Float64Array, e.units, record);
}
