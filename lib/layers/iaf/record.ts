/** What a layer records while it evolves. */
import { allocate, type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { checkBoolean, checkInteger, checkOptions, indexError, shapeError, typeError } from '../../check.js';
import { checkPath, type PathInput } from '../../io/file-error.js';
import type { RunRecordArgs } from './native.js';

/** Which time steps and units are recorded, and where to. */
export interface RecordOptions {
  /** Record the steps whose number (from time 0) is a multiple of this. Default 1. */
  every?: number;
  /** The units to record, in this order. Default: all. */
  channels?: ArrayInput | null;
  /**
   * Write to `.npy` files instead of keeping the record in memory: `run.npy` (or `run`) gives `run.vMem.npy`, one file for each
   * synaptic current, and `run.times.npy` with the start of each recorded step. The first evolution makes them anew, later ones
   * append. Potentials are those at the end of the steps, after the reset; currents those that acted in them. Memory does not grow with
   * the length of an evolution, except with `blendInput`.
   */
  to?: PathInput | null;
  /**
   * The first evolution appends too, to files of an earlier layer: for a run that is continued from a snapshot in another process.
   * Default false.
   */
  append?: boolean;
}

/** `true` records every step of all units in memory. */
export type RecordInput = boolean | RecordOptions;

/** What is recorded, checked; null for nothing. */
export type RecordSettings = {
  readonly every: number;
  readonly channels: Int32Array | null;
  readonly to: string | null;
  readonly append: boolean;
} | null;

/** Reads the option `record` of a layer of `size` units. */
export function readRecord(value: unknown, size: number): RecordSettings {
  if (value === undefined || value === false) return null;
  if (value === true) return { every: 1, channels: null, to: null, append: false };
  if (typeof value !== 'object' || value === null)
    throw typeError('record', 'true, false or an object with every, channels, to and append', value);
  const names = ['every', 'channels', 'to', 'append'];
  const { every = 1, channels, to, append = false } = checkOptions<RecordOptions>(value, 'record', names);
  return {
    every: checkInteger(every, 'record.every', { min: 1, max: 2 ** 31 - 1 }),
    channels: channels === undefined || channels === null ? null : readChannels(channels, size),
    to: to === undefined || to === null ? null : checkPath(to, 'record.to'),
    append: checkBoolean(append, 'record.append'),
  };
}

function readChannels(value: ArrayInput, size: number): Int32Array {
  const { data, ndim } = toNdArray(value, 'record.channels', 'float64');
  if (ndim > 1 || data.length === 0) throw shapeError('record.channels', 'a list of units', 'none');
  const wrong = data.find((c) => !Number.isInteger(c) || c < 0 || c >= size);
  if (wrong !== undefined) throw indexError('record.channels', `units from 0 to ${size - 1}`, wrong);
  return Int32Array.from(data);
}

/** What the constructor takes again. */
export function plainRecord(settings: RecordSettings): RecordInput {
  if (!settings) return false;
  const { every, channels, to, append } = settings;
  if (every === 1 && !channels && !to) return true;
  return {
    every,
    ...(channels && { channels: Array.from(channels) }),
    ...(to !== null && { to }),
    ...(append && { append }),
  };
}

/** The arrays that a run can fill. */
export type Signal = 'vPre' | 'vPost' | 'current0' | 'current1' | 'total';

/** Values before the first step, which come in front of the rows of a run. */
export type StartValues = Readonly<Partial<Record<Signal, Float64Array>>>;

/** Room for the record of a run. */
export class RecordBuffers {
  readonly every: number;
  /** Columns of each array. */
  readonly columns: number;
  /** Rows that the run fills, and the step of the first. */
  readonly rows: number;
  readonly firstStep: number;
  readonly #channels: Int32Array | null;
  readonly #arrays = new Map<Signal, Float64Array>();

  /** @param start Signals that get a row in front. */
  constructor(
    settings: NonNullable<RecordSettings>,
    signals: readonly Signal[],
    size: number,
    run: { first: number; steps: number },
    start: StartValues = {},
  ) {
    const { every, channels } = settings;
    this.every = every;
    this.columns = channels?.length ?? size;
    this.firstStep = Math.ceil(run.first / every) * every;
    this.rows = Math.ceil((run.first + run.steps) / every) - this.firstStep / every;
    this.#channels = channels;
    for (const signal of signals) {
      const head = start[signal];
      const array = allocate([this.rows + (head ? 1 : 0), this.columns], 'the record');
      if (head) array.set(channels ? Float64Array.from(channels, (c) => head[c]) : head);
      this.#arrays.set(signal, array);
    }
  }

  has(signal: Signal): boolean {
    return this.#arrays.has(signal);
  }

  /** The rows with the one in front, where there is one. */
  all(signal: Signal): Float64Array {
    return this.#arrays.get(signal)!;
  }

  /** The rows of the run. */
  body(signal: Signal): Float64Array {
    const array = this.all(signal);
    return array.subarray(array.length - this.rows * this.columns);
  }

  /** As arguments of a run. */
  args(): RunRecordArgs {
    const of = (signal: Signal): Float64Array | undefined => (this.has(signal) ? this.body(signal) : undefined);
    return [
      this.every,
      this.#channels ?? undefined,
      of('vPre'),
      of('vPost'),
      of('current0'),
      of('current1'),
      of('total'),
    ];
  }
}

/** Arguments of a run that records nothing. */
export const noRecord: RunRecordArgs = [0, undefined, undefined, undefined, undefined, undefined, undefined];
