/** Runs of constant-leak layers, and what they record. */
import { allocate, type Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { runTask, type TaskOptions } from '../../task.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import { timeOf } from '../../time-grid.js';
import type { ConstantLeakInput, ConstantLeakPlan, ConstantLeakResult, ConstantLeakRunArgs } from './native.js';

/** One evolution, prepared. */
export interface Evolution {
  plan: ConstantLeakPlan;
  first: number;
  steps: number;
  dt: number;
  spikeOffset: number;
  v: Float64Array;
  refractory: Int32Array | undefined;
  pending: Float64Array;
  /** Weighted input, computed already. */
  drive: Float64Array | undefined;
  monitor: Int32Array | undefined;
  record: Float64Array | undefined;
  out: Float64Array | undefined;
  input: ConstantLeakInput;
}

function argsOf(e: Evolution): ConstantLeakRunArgs {
  const { plan, first, steps, dt, spikeOffset, v, refractory, pending, drive, monitor, record, out } = e;
  return [plan, first, steps, dt, spikeOffset, v, refractory, pending, drive, monitor, record, out];
}

/** Runs here and now. */
export function runNow(e: Evolution): ConstantLeakResult {
  return native.constantLeakRun(...argsOf(e), undefined, ...e.input);
}

/** The same on a thread of the pool. */
export function runLater(e: Evolution, task: TaskOptions): Promise<ConstantLeakResult> {
  return runTask(task, (progress) => native.constantLeakRunAsync(...argsOf(e), progress, ...e.input));
}

/** Room for a record: one row at the start, then two for each step. */
export function recordRoom(steps: number, monitor: Int32Array | undefined): Float64Array | undefined {
  return monitor && allocate([2 * steps + 1, monitor.length], 'the record');
}

/** The states of monitored neurons during an evolution. */
export class StateRecord {
  readonly #samples: Float64Array;
  readonly #monitor: Int32Array;
  readonly #clock: { first: number; steps: number; dt: number };
  #series: TSContinuous | null = null;
  #list: Matrix | null = null;

  constructor(samples: Float64Array, monitor: Int32Array, clock: { first: number; steps: number; dt: number }) {
    this.#samples = samples;
    this.#monitor = monitor;
    this.#clock = clock;
  }

  /** One channel for each monitored neuron: the state at the start, then before and after the reset of each step, at its end. */
  series(): TSContinuous {
    if (this.#series) return this.#series;
    const { first, steps, dt } = this.#clock;
    const times = allocate([2 * steps + 1], 'the times of the record');
    native.constantLeakRecordTimes(first, dt, times);
    return (this.#series = TSContinuous.fromTrusted({
      times,
      samples: this.#samples,
      numChannels: this.#monitor.length,
      tStart: timeOf(first, 0, dt),
      tStop: timeOf(first + steps, 0, dt),
      interpKind: 'previous',
    }));
  }

  /** The same as rows of time, neuron, state. */
  list(): Matrix {
    if (this.#list) return this.#list;
    const { first, dt } = this.#clock;
    const rows = this.#samples.length;
    const out = allocate([rows, 3], 'the record');
    native.constantLeakRecordList(this.#samples, this.#monitor, first, dt, out);
    return (this.#list = new NdArray(out, [rows, 3]));
  }
}
