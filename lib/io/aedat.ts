/** AEDAT files, versions 1 to 4: events of silicon retinas and of DynapSE boards. Parsed by native code, piece by piece. */
import * as fs from 'node:fs';
import { native } from '../binding.js';
import { checkSignal } from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import { TSEvent } from '../time-series/ts-event.js';
import { nextUp } from '../time-series/numbers.js';
import { warn } from '../warnings.js';
import type { AedatReadArgs, NativeAedatEvents } from './aedat-native.js';
import { AedatPlan, type AedatSize, type AedatStream, type ReadAedatOptions } from './aedat-plan.js';
import { aedatSteps, type AedatStep } from './aedat-steps.js';
import { progressOf } from './callbacks.js';
import type { PathInput } from './file-error.js';
import { joinArrays } from './join.js';
import { regularFile, regularFileSync } from './regular-file.js';
import { checkSource, nameOf, readError, type Source } from './source.js';

export type { AedatSize, AedatStream, ReadAedatOptions } from './aedat-plan.js';

/** What an AEDAT file holds. The columns have an element for each event of the series, in its order. */
export interface AedatRecording {
  /** Such as `'3.1'`. */
  version: string;
  /** Chip, camera or board that the file names. */
  source: string;
  /** The streams that a file of version 4 describes. */
  streams: AedatStream[];
  /** Pixels of the sensor; null for neurons. */
  size: AedatSize | null;
  /** The events. Channels of pixels: see the option `polarity`; of neurons: `1024 * chip + 256 * core + neuron`. Times in seconds. */
  events: TSEvent;
  /** Unix time (or that of the device) in microseconds at which the series is at 0. */
  timeOrigin: number;
  /** Of pixels; from 0. */
  x?: Uint16Array;
  y?: Uint16Array;
  /** 1: brighter, 0: darker. */
  polarity?: Uint8Array;
  /** Of neurons. */
  chip?: Uint16Array;
  core?: Uint16Array;
  neuron?: Uint8Array;
  /** Triggers and other special events, with the numbers of their kinds as the file has them. */
  triggers: { times: Float64Array; types: Int32Array };
  /** What was left out. */
  skipped: { frames: number; inertial: number; invalid: number; other: number };
}

function copyFrom(bytes: Uint8Array, at: number, room: Uint8Array): number {
  const part = bytes.subarray(at, at + room.length);
  room.set(part);
  return part.length;
}

/** Takes the steps here and now. */
function runSync({ path, bytes }: Source, plan: AedatPlan, take: (piece: NativeAedatEvents) => void): void {
  const fd = bytes ? -1 : fs.openSync(regularFileSync(path), 'r');
  try {
    const size = bytes ? bytes.length : fs.fstatSync(fd).size;
    let at = 0;
    const fill = (room: Uint8Array): number => {
      let got = bytes ? copyFrom(bytes, at, room) : 0;
      for (let n = -1; !bytes && got < room.length && n !== 0; got += n)
        n = fs.readSync(fd, room, got, room.length - got, null);
      at += got;
      return got;
    };
    const steps = aedatSteps(plan, size);
    for (let step = steps.next(); !step.done;) {
      const { value } = step;
      if ('fill' in value) step = steps.next(fill(value.fill));
      else {
        const piece = native.aedatRead(...value.parse);
        take(piece);
        step = steps.next(piece);
      }
    }
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
}

async function fillAsync(file: fs.promises.FileHandle, room: Uint8Array): Promise<number> {
  let got = 0;
  for (let n = -1; got < room.length && n !== 0; got += n)
    n = (await file.read(room, got, room.length - got, null)).bytesRead;
  return got;
}

/** Takes the steps off the event loop. */
async function* run({ path, bytes }: Source, plan: AedatPlan, options: TaskOptions): AsyncGenerator<NativeAedatEvents> {
  const signal = checkSignal(options.signal);
  const report = progressOf(options);
  const file = bytes ? null : await fs.promises.open(await regularFile(path), 'r');
  try {
    const size = bytes?.length ?? (await file?.stat())?.size ?? 0;
    const steps = aedatSteps(plan, size);
    let at = 0;
    for (let step: IteratorResult<AedatStep> = steps.next(); !step.done;) {
      if (signal?.aborted) throw abortError(signal);
      const { value } = step;
      if ('fill' in value) {
        const got = file ? await fillAsync(file, value.fill) : copyFrom(bytes as Uint8Array, at, value.fill);
        at += got;
        step = steps.next(got);
      } else {
        const args: AedatReadArgs = value.parse;
        const piece = await runTask({ signal }, (progress) => native.aedatReadJob(...args, progress));
        yield piece;
        step = steps.next(piece);
        report(Math.min(value.position(), size), size);
      }
    }
  } finally {
    await file?.close();
  }
}

class Limit {
  #left: number;
  readonly #most: number;

  constructor(plan: AedatPlan, fileSize: number) {
    this.#most = plan.options.maxEvents ?? 4194304 + 8 * fileSize;
    this.#left = this.#most;
  }

  take(piece: NativeAedatEvents): void {
    this.#left -= piece.times.length + piece.triggerTimes.length;
    if (this.#left < 0)
      throw new RockpoolError(
        'ERR_FILE',
        `it holds more than ${this.#most} events; raise the option maxEvents if you trust it`,
      );
  }
}

function sizeOf({ path, bytes }: Source): number {
  return bytes ? bytes.length : (fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0);
}

/** The recording that some pieces make, whose extent begins at `from`. */
function recordingOf(plan: AedatPlan, pieces: NativeAedatEvents[], from?: number): AedatRecording {
  const join = <
    K extends 'times' | 'channels' | 'first' | 'second' | 'third' | 'triggerTimes' | 'triggerTypes' | 'skipped',
  >(
    key: K,
  ) => joinArrays(pieces.map((piece) => piece[key]));
  const times = join('times') ?? new Float64Array(0);
  const channels = join('channels') ?? new Int32Array(0);
  const first = join('first') ?? new Uint16Array(0);
  const second = join('second') ?? new Uint16Array(0);
  const third = join('third') ?? new Uint8Array(0);
  native.sortAedat(times, channels, first, second, third);
  const n = times.length;
  const tStart = Math.min(from ?? (plan.relative ? 0 : Infinity), n > 0 ? times[0] : (from ?? 0));
  const tStop = n > 0 ? nextUp(times[n - 1]) : tStart;
  const numChannels = channelsOf(plan, channels);
  const kinds = [0, 1, 2, 3].map((i) => pieces.reduce((sum, piece) => sum + piece.skipped[i], 0));
  const columns = plan.neurons
    ? { chip: first, core: second, neuron: third }
    : { x: first, y: second, polarity: third };
  return {
    version: plan.version,
    source: plan.source,
    streams: plan.streams,
    size: plan.size,
    events: TSEvent.fromTrusted({ times, channels, numChannels, tStart, tStop, name: plan.name }),
    timeOrigin: plan.relative ? (pieces.at(-1)?.state[5] ?? 0) : 0,
    ...columns,
    triggers: {
      times: join('triggerTimes') ?? new Float64Array(0),
      types: join('triggerTypes') ?? new Int32Array(0),
    },
    skipped: { frames: kinds[0], inertial: kinds[1], invalid: kinds[2], other: kinds[3] },
  };
}

function channelsOf(plan: AedatPlan, channels: Int32Array): number {
  if (plan.size) return plan.size.width * plan.size.height * (plan.options.polarity === 'split' ? 2 : 1);
  if (plan.chips.length > 0) return 1024 * plan.chips.length;
  const largest = native.eventChannels(channels, new Int32Array(channels.length));
  if (largest >= 4096)
    warn(
      'AEDAT_CHIPS',
      `series '${plan.name}': chips are called by numbers above 3 (cAER has 0, 8, 4, 12): the option chips gives them board numbers`,
    );
  return Math.max(4096, largest + 1);
}

/**
 * Reads an AEDAT file: events of DVS128 and DAVIS retinas (versions 1 to 4) and of DynapSE boards (versions 2 and 3). Times of 32 bits
 * are unwrapped. Events are sorted by time where the file has them in another order. Frames and samples of inertial units are skipped.
 *
 * @param source a path, a file: URL or the bytes of a file
 * @throws RockpoolError `ERR_FILE` with `path` and what is wrong, at which byte, and what was expected
 */
export function readAedatSync(source: PathInput | Uint8Array, options?: ReadAedatOptions): AedatRecording {
  const from = checkSource(source);
  const plan = new AedatPlan(options, [], nameOf(from));
  try {
    const pieces: NativeAedatEvents[] = [];
    const limit = new Limit(plan, sizeOf(from));
    runSync(from, plan, (piece) => {
      limit.take(piece);
      pieces.push(piece);
    });
    return recordingOf(plan, pieces);
  } catch (error) {
    throw readError(from.path, error);
  }
}

/** {@link readAedatSync} off the event loop. Progress counts bytes. */
export async function readAedat(
  source: PathInput | Uint8Array,
  options?: ReadAedatOptions & TaskOptions,
): Promise<AedatRecording> {
  const from = checkSource(source);
  const plan = new AedatPlan(options, taskOptionNames, nameOf(from));
  try {
    const pieces: NativeAedatEvents[] = [];
    const limit = new Limit(plan, sizeOf(from));
    for await (const piece of run(from, plan, options ?? {})) {
      limit.take(piece);
      pieces.push(piece);
    }
    return recordingOf(plan, pieces);
  } catch (error) {
    throw readError(from.path, error);
  }
}

/**
 * Reads a file of any size in pieces of some megabytes, each a recording of its own: memory does not grow with the file. Series follow one
 * another without a gap. Events are sorted within a piece only.
 */
export async function* readAedatPieces(
  source: PathInput | Uint8Array,
  options?: Omit<ReadAedatOptions, 'maxEvents'> & TaskOptions,
): AsyncGenerator<AedatRecording, void, undefined> {
  const from = checkSource(source);
  const plan = new AedatPlan(options, taskOptionNames, nameOf(from));
  let end: number | undefined;
  try {
    for await (const piece of run(from, plan, options ?? {})) {
      if (piece.consumed === 0) continue;
      const recording = recordingOf(plan, [piece], end);
      end = recording.events.tStop;
      yield recording;
    }
  } catch (error) {
    throw readError(from.path, error);
  }
}
