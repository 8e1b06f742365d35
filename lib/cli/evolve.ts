/** Evolving over long inputs: in blocks, so that memory holds the outputs that are wanted and no others. */
import { stepsOf } from '../time-grid.js';
import { TSContinuous, TSEvent, type TimeSeries } from '../time-series/index.js';
import { UsageError } from './exit.js';
import type { Runner } from './model.js';
import type { Stage } from './progress.js';

/** Bytes that the layers' outputs of a block may take. */
const blockBytes = 64 << 20;

/** Whole time steps of a duration. */
export function stepsFor(runner: Runner, input: TimeSeries | null, duration: number | undefined): number {
  const seconds = duration ?? (input ? input.tStop - runner.t : undefined);
  if (seconds === undefined) throw new UsageError('without --input it takes --duration to tell for how long to run');
  const steps = stepsOf(seconds, runner.dt);
  if (steps > Number.MAX_SAFE_INTEGER) throw new UsageError(`${seconds} s are more steps of ${runner.dt} s than can be counted`); // prettier-ignore
  if (!(steps >= 1))
    throw new UsageError(
      `there is less than a time step of ${runner.dt} s to run: from ${runner.t} s for ${Math.max(0, seconds)} s`,
    );
  return steps;
}

/** What the layers put out in a block of time. */
export interface Block {
  tStart: number;
  tStop: number;
  outputs: Readonly<Record<string, TimeSeries>>;
}

export interface BlockOptions {
  signal: AbortSignal;
  stage: Stage;
  /** Bytes; default 64 MiB. */
  bytes?: number;
  /** Steps done before, and steps of everything, for the progress of several runs. */
  before?: number;
  total?: number;
}

/** Evolves block by block: bit for bit what one evolution gives. */
export async function* inBlocks(
  runner: Runner,
  input: TimeSeries | null,
  numTimesteps: number,
  { signal, stage, bytes = blockBytes, before = 0, total = numTimesteps }: BlockOptions,
): AsyncGenerator<Block, void, undefined> {
  const block = Math.max(1, Math.floor(bytes / (8 * runner.width)));
  for (let done = 0; done < numTimesteps;) {
    const steps = Math.min(block, numTimesteps - done);
    const tStart = runner.t;
    const reached = before + done;
    const outputs = await runner.evolve(input, {
      numTimesteps: steps,
      signal,
      onProgress: (p) => stage.update(reached + (p.total > 0 ? (p.done / p.total) * steps : 0), total),
    });
    done += steps;
    stage.update(before + done, total);
    yield { tStart, tStop: runner.t, outputs };
  }
}

/**
 * Rows of a piece that are not the next one's too: a layer may tell its state at the end as well. Null when the pieces are not on one
 * clock.
 */
function ownRows(piece: TSContinuous, next: TSContinuous | undefined): number | null {
  const [a, b] = [piece._axis.clock, next?._axis.clock];
  if (!a || (next && (!b || a.dt !== b.dt || a.t0 !== b.t0))) return null;
  const rows = b ? b.first - a.first : piece.length;
  return rows >= 0 && rows <= piece.length ? rows : null;
}

function joinSamples(pieces: readonly TSContinuous[]): TSContinuous {
  const [first] = pieces;
  const last = pieces[pieces.length - 1];
  const rows = pieces.map((piece, i) => ownRows(piece, pieces[i + 1]));
  if (rows.some((count) => count === null)) return TSContinuous.concatenateT(pieces, { offset: 0 });
  const { numChannels, interpKind, name, tStart } = first;
  const { t0, dt, first: tick } = first._axis.clock!;
  const n = rows.reduce<number>((sum, count) => sum + count!, 0);
  const samples = new Float64Array(n * numChannels);
  let at = 0;
  pieces.forEach(({ _samples }, i) => {
    samples.set(_samples.subarray(0, rows[i]! * numChannels), at);
    at += rows[i]! * numChannels;
  });
  const { tStop } = last;
  return TSContinuous.clockedTrusted({ samples, numChannels, n, t0, dt, first: tick, tStart, tStop, interpKind, name });
}

function joinEvents(pieces: readonly TSEvent[]): TSEvent {
  const [first] = pieces;
  const n = pieces.reduce((sum, { length }) => sum + length, 0);
  const times = new Float64Array(n);
  const channels = new Int32Array(n);
  let at = 0;
  for (const piece of pieces) {
    times.set(piece.times, at);
    channels.set(piece.channels, at);
    at += piece.length;
  }
  const { numChannels, tStart, name } = first;
  return new TSEvent({ times, channels, numChannels, tStart, tStop: (pieces.at(-1) as TSEvent).tStop, name });
}

/** Pieces of an output, each from where the one before ends. */
export function join(pieces: readonly TimeSeries[]): TimeSeries {
  if (pieces.length === 1) return pieces[0];
  return pieces[0] instanceof TSEvent
    ? joinEvents(pieces as readonly TSEvent[])
    : joinSamples(pieces as readonly TSContinuous[]);
}
