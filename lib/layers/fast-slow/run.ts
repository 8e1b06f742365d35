/** Evolutions of the layers with fast and slow synapses, and again for a record. */
import { allocate, NdArray, type Matrix } from '../../array.js';
import { native } from '../../binding.js';
import { runTask, type TaskOptions } from '../../task.js';
import { timeOf } from '../../time-grid.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { inputChanged, sameBits } from '../jax/last-evolution.js';
import type { SamplingWindow } from '../types.js';
import type { FastSlowPlan, FastSlowRows, FastSlowRunArgs, FastSlowSeries } from './native.js';

/** What changes when the neurons evolve. */
export interface FastSlowState {
  v: Float64Array;
  fast: Float64Array;
  slow: Float64Array;
  /** Time steps that a neuron is still held. */
  held: Float64Array;
  /** Outputs and rates of the adaptive layer, else empty. */
  out: Float64Array;
  rate: Float64Array;
  /** What the next evolution goes on from: the last two times and the states then. */
  pending: Float64Array;
}

/** What acts on the neurons of the adaptive layer beside the input. */
export interface Teaching {
  k: number;
  eta: number;
  suppressed: number;
  suppressFrom: number;
  suppressTo: number;
  target: SamplingWindow | null;
  /** Slow weights that are to be trained, a copy. */
  learned: Float64Array | undefined;
}

export const noTeaching: Teaching = {
  k: 0,
  eta: 0,
  suppressed: 0,
  suppressFrom: 0,
  suppressTo: 0,
  target: null,
  learned: undefined,
};

/** One evolution. */
export interface FastSlowEvolution {
  plan: FastSlowPlan;
  first: number;
  steps: number;
  dt: number;
  seed: number;
  /** In time steps. */
  minDelta: number;
  window: SamplingWindow;
  teaching: Teaching;
  /** State at the start, a copy. */
  start: FastSlowState;
}

/** An evolution that was done, with the potentials that it ended with. */
export type DoneFastSlowEvolution = FastSlowEvolution & { endV: Float64Array };

export interface FastSlowResult {
  times: Float64Array;
  channels: Int32Array;
  end: FastSlowState;
}

export function copyState({ v, fast, slow, held, out, rate, pending }: FastSlowState): FastSlowState {
  return {
    v: v.slice(),
    fast: fast.slice(),
    slow: slow.slice(),
    held: held.slice(),
    out: out.slice(),
    rate: rate.slice(),
    pending: pending.slice(),
  };
}

const noSeries = new Array(13).fill(undefined) as unknown as FastSlowSeries;

function seriesArgs(window: SamplingWindow | null, dt: number): FastSlowSeries {
  return window?.input ? [dt, ...window.input] : noSeries;
}

function runArgs(e: FastSlowEvolution, { v, fast, slow, held, out, rate, pending }: FastSlowState): FastSlowRunArgs {
  const { k, eta, suppressed, suppressFrom, suppressTo, learned } = e.teaching;
  return [
    ...([e.plan, e.first, e.steps, e.seed] as const),
    ...([v, fast, slow, held, out, rate, pending] as const),
    ...([e.minDelta, k, eta, suppressed, suppressFrom, suppressTo] as const),
    learned,
  ];
}

/** Runs here and now. `teaching.learned` gets what was learnt. */
export function runFastSlow(e: FastSlowEvolution): FastSlowResult {
  const end = copyState(e.start);
  const [input, target] = [seriesArgs(e.window, e.dt), seriesArgs(e.teaching.target, e.dt)];
  const [times, channels, pending] = native.fastSlowRun(...runArgs(e, end), ...input, ...target, undefined);
  return { times, channels, end: { ...end, pending } };
}

/** The same on a thread of the pool. */
export async function runFastSlowAsync(e: FastSlowEvolution, task: TaskOptions): Promise<FastSlowResult> {
  const args = runArgs(e, e.start);
  const [input, target] = [seriesArgs(e.window, e.dt), seriesArgs(e.teaching.target, e.dt)];
  const [times, channels, pending, v, fast, slow, held, out, rate, learned] = await runTask(task, (progress) =>
    native.fastSlowRunAsync(...args, ...input, ...target, progress),
  );
  e.teaching.learned?.set(learned);
  return { times, channels, end: { v, fast, slow, held, out, rate, pending } };
}

/**
 * The state of the neurons in the last evolution: a row at its start, for each iteration of the solver at the time that it went on from
 * (after the spike there, if there was one), and at its end. Matrices are rows x units, where the original has units x rows.
 */
export interface FastSlowRecord {
  /** Times of the rows in seconds. */
  vt: Float64Array;
  /** Membrane potentials. */
  mfX: Matrix;
  /** Slow synaptic currents. */
  s: Matrix;
  /** Fast synaptic currents. */
  f: Matrix;
  /** Slopes of the membrane potentials from each row on, in volts per second. */
  dotV: Matrix;
  /** The input with its noise: time steps x units. */
  staticInput: Matrix;
  /** The spikes. */
  spReservoir: { times: Float64Array; vnNeuron: Int32Array };
  /** Membrane potentials as a series. */
  tsX: TSContinuous;
  /** Slow synaptic currents as a series. */
  tsA: TSContinuous;
  /** Rates of the adaptive layer: rows x units. */
  r?: Matrix;
  /** Outputs of the adaptive layer: rows x outputs. */
  out?: Matrix;
}

/** Runs an evolution again for its record. @throws RockpoolError `ERR_STATE` when its input was changed. */
export function recordAgain(e: DoneFastSlowEvolution, name: string): FastSlowRecord {
  const { steps, first, dt } = e;
  const end = copyState(e.start);
  const size = end.v.length;
  const staticInput = allocate([steps, size], 'the record');
  const again = { ...e, teaching: { ...e.teaching, learned: undefined } };
  const [input, target] = [seriesArgs(e.window, dt), seriesArgs(e.teaching.target, dt)];
  const [spikeTimes, vnNeuron, , ...rows] = native.fastSlowRun(
    ...runArgs(again, end),
    ...input,
    ...target,
    staticInput,
  );
  if (!sameBits(end.v, e.endV)) throw inputChanged(name);
  const [vt, v, fast, s, dotV, rate, out] = rows as unknown as FastSlowRows;
  const matrix = (data: Float64Array, columns: number): Matrix => new NdArray(data, [vt.length, columns]);
  const [tStart, tStop] = [timeOf(first, 0, dt), timeOf(first + steps, 0, dt)];
  const series = (samples: Float64Array, seriesName: string): TSContinuous =>
    TSContinuous.fromTrusted({
      times: vt.slice(),
      samples: samples.slice(),
      numChannels: size,
      tStart,
      tStop,
      interpKind: 'linear',
      name: seriesName,
    });
  return {
    vt,
    mfX: matrix(v, size),
    s: matrix(s, size),
    f: matrix(fast, size),
    dotV: matrix(dotV, size),
    staticInput: new NdArray(staticInput, [steps, size]),
    spReservoir: { times: spikeTimes, vnNeuron },
    tsX: series(v, 'Membrane potential'),
    tsA: series(s, 'Slow synaptic state'),
    ...(rate.length > 0 && { r: matrix(rate, size) }),
    ...(end.out.length > 0 && { out: matrix(out, end.out.length) }),
  };
}
