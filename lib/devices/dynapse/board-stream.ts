/** The one reader of a board's spikes: recordings that begin and end where the board's clock is reset, and endless ones. */
import { setTimeout as sleep } from 'node:timers/promises';
import { native } from '../../binding.js';
import { abortError, RockpoolError } from '../../errors.js';
import type { NativeJob } from '../../native.js';
import { type Progress, runTask, type TaskOptions } from '../../task.js';
import type { NativeRead } from './native.js';
import type { OpenBoard } from './open.js';

const readEvents = 65536;
const latencyMs = 20;
/** A reset that the board may send by itself when its stream starts has arrived by then. */
const startupMs = 20;
/** Board time that passes at a time, in microseconds. */
const slice = 20_000;
/** Time in which what the board has stamped reaches us, in microseconds: its packets wait 1 ms at most. */
const delivery = 5_000;

/** A recording. */
export interface Capture {
  /** Spikes, sorted; times in seconds. */
  times: Float64Array;
  channels: Int32Array;
  /** Spikes that the queue did not take. */
  lost: number;
}

/** What {@link BoardStream.capture} records. */
export interface CaptureOptions extends TaskOptions {
  /** Resets the board's clock, and starts what there is to start. */
  begin: () => Promise<void>;
  /** Seconds to record. */
  duration: number;
  /** Time of the first instant, in seconds. */
  start?: number;
  /** Channel of each of the 4096 neurons; negative: not recorded. */
  channels: Int32Array;
}

/** Spikes, as they come. */
export interface SpikeBatch {
  /** Seconds since the iteration began. */
  times: Float64Array;
  /** Board neurons, or the places of these in `neuronIds`. */
  neurons: Int32Array;
  /** Spikes lost right after these, because they were not read in time. */
  lost: number;
}

/** Reads a board's stream. One at a time reads: whoever calls looks after that. */
export class BoardStream {
  readonly #open: OpenBoard;
  readonly #times = new Float64Array(readEvents);
  readonly #addresses = new Uint32Array(readEvents);
  /** Resets of the clock that were read. */
  #seen = 0;

  constructor(open: OpenBoard) {
    this.#open = open;
  }

  /** Starts the stream. Time of a model that knows no speed stands still from now on. */
  async start(): Promise<void> {
    const { board } = this.#open;
    this.#seen = 0;
    if (this.#onDemand) await native.dynapseModelAdvance(board, 0).promise;
    await native.dynapseStart(board).promise;
    if (!this.#onDemand) await sleep(startupMs);
  }

  get #onDemand(): boolean {
    return this.#open.controller === 'model' && this.#open.speed === 0;
  }

  /** Lets board time pass, in microseconds. */
  async pass(microseconds: number, options: TaskOptions = {}): Promise<void> {
    const { signal, onProgress } = options;
    const { board, controller } = this.#open;
    const begin = performance.now();
    const now = (): number =>
      controller === 'model' ? native.dynapseModelCounters(board).microseconds : performance.now() * 1e3;
    const from = now();
    for (let done = 0; done < microseconds; done = now() - from) {
      if (signal?.aborted) throw abortError(signal);
      const left = Math.min(slice, microseconds - done);
      if (this.#onDemand) await runTask({ signal }, () => native.dynapseModelAdvance(board, left));
      else await sleep(Math.max(left / 1e3 / this.#open.speed, 1));
      if (native.dynapseInfo(board).lost || !native.dynapseInfo(board).streaming) return; // the reader tells why
      onProgress?.(progressOf(now() - from, microseconds, begin));
    }
  }

  /** Records from the reset of the clock that `begin` makes. */
  async capture(options: CaptureOptions): Promise<Capture> {
    const { begin, duration, start = 0, channels, signal, onProgress } = options;
    const { board } = this.#open;
    const before = native.dynapseCounts(board).resets;
    await begin();
    const stop = new AbortController();
    const end = async (): Promise<void> => {
      await this.pass(duration * 1e6 + delivery, { signal, onProgress });
      await native.dynapseResetTime(board).promise;
      await this.pass(delivery, { signal });
    };
    const ending = end().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
    ending.catch(() => undefined);
    const parts: Capture[] = [];
    const microseconds = wholeMicroseconds(duration);
    try {
      for await (const read of this.#reads(before, stop.signal)) {
        if (read.last) break;
        parts.push(this.#keep(read, { microseconds, start, channels, notBefore: lastOf(parts) ?? start }));
      }
    } catch (error) {
      if (stop.signal.aborted) throw stop.signal.reason;
      throw error;
    }
    await ending;
    return joinCaptures(parts);
  }

  /** The same while the event loop waits, of a train that is written first. */
  captureNow(words: Uint16Array, options: Omit<CaptureOptions, 'begin'> & { intervalBase: number }): Capture {
    const { duration, start = 0, channels, intervalBase } = options;
    const microseconds = wholeMicroseconds(duration);
    const { board, speed } = this.#open;
    const { times, addresses, origin, lost, resetsRead } = native.dynapseCaptureNow(
      board,
      words,
      intervalBase,
      microseconds,
      this.#seen,
      speed,
    );
    this.#seen = resetsRead;
    return keep({ times, addresses, origin, lost }, { microseconds, start, notBefore: start, channels });
  }

  /** Spikes from now on, until nobody asks for more or `signal` aborts. */
  async *spikes(channels: Int32Array, signal?: AbortSignal): AsyncGenerator<SpikeBatch, void, undefined> {
    const before = native.dynapseCounts(this.#open.board).resets;
    await native.dynapseResetTime(this.#open.board).promise;
    let last = 0;
    for await (const read of this.#reads(before, signal, true)) {
      const {
        times,
        channels: neurons,
        lost,
      } = this.#keep(read, { microseconds: Infinity, start: 0, notBefore: last, channels });
      last = times.at(-1) ?? last;
      if (times.length > 0 || lost > 0) yield { times, neurons, lost };
    }
  }

  /** Reads from the reset after the first `before` ones on; the one after that is `last`. */
  async *#reads(
    before: number,
    signal: AbortSignal | undefined,
    driving = false,
  ): AsyncGenerator<NativeRead & { last: boolean }, void, undefined> {
    let origin: number | null = null;
    for (;;) {
      const read = await this.#read(signal, driving);
      if (origin !== null) yield { ...read, origin, last: false };
      this.#seen += read.resets;
      if (read.resets > 0 && this.#seen > before) origin = read.origin;
      if (this.#seen > before + 1) yield { ...read, events: 0, lost: 0, last: true };
      if (read.ended) throw ended(read.why, native.dynapseInfo(this.#open.board).closed);
    }
  }

  /** One read. `driving`: nobody else lets time pass on a model that knows no speed. */
  async #read(signal: AbortSignal | undefined, driving: boolean): Promise<NativeRead> {
    const { board } = this.#open;
    const start = (): NativeJob<NativeRead> =>
      native.dynapseRead(board, this.#times, this.#addresses, readEvents, latencyMs);
    const reading = runTask({ signal }, start);
    if (!driving || !this.#onDemand) return reading;
    let pending = true;
    const settled = (): void => void (pending = false);
    reading.then(settled, settled);
    while (pending && native.dynapseInfo(board).streaming) {
      await native.dynapseModelAdvance(board, slice).promise;
      await sleep(1);
    }
    return reading;
  }

  /** What there is to keep of the last read. */
  #keep(read: NativeRead, window: Window): Capture {
    const { events, origin, lost } = read;
    const times = this.#times.subarray(0, events);
    return keep({ times, addresses: this.#addresses.subarray(0, events), origin, lost }, window);
  }
}

/** What is kept: so many microseconds from the origin on, which is `start`, of neurons that have a channel. */
interface Window {
  microseconds: number;
  start: number;
  notBefore: number;
  channels: Int32Array;
}

function keep(
  read: { times: Float64Array; addresses: Uint32Array; origin: number; lost: number },
  { microseconds, start, notBefore, channels }: Window,
): Capture {
  const { times, addresses, origin, lost } = read;
  const outTimes = new Float64Array(times.length);
  const outChannels = new Int32Array(times.length);
  const kept = native.dynapseKeepEvents(
    times,
    addresses,
    origin,
    microseconds,
    start,
    notBefore,
    channels,
    outTimes,
    outChannels,
  );
  return { times: outTimes.subarray(0, kept), channels: outChannels.subarray(0, kept), lost };
}

/** What rounding adds to a duration would be an event at the end of the recording. */
const wholeMicroseconds = (seconds: number): number => Math.ceil(seconds * 1e6 - 1e-6);

function progressOf(done: number, total: number, begin: number): Progress {
  const elapsed = (performance.now() - begin) / 1e3;
  return {
    done: Math.min(done, total) * 1e-6,
    total: total * 1e-6,
    etaSeconds: done > 0 ? (elapsed * Math.max(total - done, 0)) / done : NaN,
  };
}

function ended(why: string, closed: boolean): RockpoolError {
  if (closed || why === '') return new RockpoolError('ERR_CLOSED', 'the board was closed while it was read');
  const lost = /unplugged/.test(why);
  return new RockpoolError(lost ? 'ERR_DEVICE_LOST' : 'ERR_DEVICE_IO', why);
}

const lastOf = (parts: readonly Capture[]): number | undefined =>
  parts.findLast(({ times }) => times.length > 0)?.times.at(-1);

/** @internal One recording from several, one after the other. */
export function joinCaptures(parts: readonly Capture[]): Capture {
  const total = parts.reduce((sum, { times }) => sum + times.length, 0);
  const out: Capture = { times: new Float64Array(total), channels: new Int32Array(total), lost: 0 };
  let at = 0;
  for (const { times, channels, lost } of parts) {
    out.times.set(times, at);
    out.channels.set(channels, at);
    out.lost += lost;
    at += times.length;
  }
  return out;
}
