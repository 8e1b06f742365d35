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

function joinSamples(pieces: readonly TSContinuous[]): TSContinuous {
  const [first] = pieces;
  const { clock } = first._axis;
  const n = pieces.reduce((sum, { length }) => sum + length, 0);
  const samples = new Float64Array(n * first.numChannels);
  let at = 0;
  for (const { _samples } of pieces) {
    samples.set(_samples, at);
    at += _samples.length;
  }
  const common = { numChannels: first.numChannels, tStart: first.tStart, tStop: (pieces.at(-1) as TSContinuous).tStop };
  const { interpKind, name } = first;
  if (clock) {
    const { t0, dt, first: tick } = clock;
    // every piece goes on where the one before ended, as layers emit one sample for each time step
    let next = tick;
    const steady = pieces.every(({ _axis: { clock: own }, length }) => {
      const fits = own?.dt === dt && own.t0 === t0 && own.first === next;
      next += length;
      return fits;
    });
    if (steady) return TSContinuous.clockedTrusted({ samples, n, t0, dt, first: tick, interpKind, name, ...common });
  }
  return TSContinuous.concatenateT(pieces, { offset: 0 });
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
