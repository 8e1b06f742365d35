/** Records as time series. */
import { TSContinuous } from '../../time-series/ts-continuous.js';
import type { TSEvent } from '../../time-series/ts-event.js';
import type { RecordBuffers, Signal } from './record.js';

/** The record of an evolution, and when that was. */
export interface Recorded {
  readonly buffers: RecordBuffers;
  readonly dt: number;
  readonly tStart: number;
  readonly tStop: number;
  /** Number of the first step. */
  readonly first: number;
  /** The bias of each unit then, where the total current was recorded. */
  readonly bias: Float64Array | null;
  /** The spikes. */
  readonly spikes: TSEvent;
}

function series(
  { buffers, tStart, tStop }: Recorded,
  samples: Float64Array,
  clock: { t0: number; dt: number; first: number },
  name: string,
): TSContinuous {
  const n = samples.length / buffers.columns;
  const last = (clock.first + n - 1) * clock.dt + clock.t0;
  return TSContinuous.clockedTrusted({
    samples,
    numChannels: buffers.columns,
    ...clock,
    n,
    tStart: n > 0 ? Math.min(tStart, clock.first * clock.dt + clock.t0) : tStart,
    tStop: n > 0 ? Math.max(tStop, last) : tStop,
    interpKind: 'previous',
    name,
  });
}

/** A value that belongs to the start of the recorded steps. */
export function atStart(recorded: Recorded, signal: Signal, name = 'unnamed'): TSContinuous {
  const { buffers, dt } = recorded;
  const { every, firstStep } = buffers;
  return series(recorded, buffers.body(signal), { t0: 0, dt: every * dt, first: firstStep / every }, name);
}

/**
 * A value that belongs to the end of the recorded steps, in front of which comes that at the start of the evolution, when every
 * step was recorded.
 */
export function atEnd(recorded: Recorded, signal: Signal, name = 'unnamed'): TSContinuous {
  const { buffers, dt, first } = recorded;
  const { every, firstStep } = buffers;
  if (every === 1) {
    const samples = buffers.all(signal);
    const head = samples.length > buffers.rows * buffers.columns;
    return series(recorded, samples, { t0: 0, dt, first: head ? first : first + 1 }, name);
  }
  return series(recorded, buffers.body(signal), { t0: dt, dt: every * dt, first: firstStep / every }, name);
}

/** The potential at the start of every step, from a record of that at the end; with gaps, that at the end. */
export function potentialAtStart(recorded: Recorded, name = 'unnamed'): TSContinuous {
  const { buffers, dt, first } = recorded;
  if (buffers.every > 1) return atEnd(recorded, 'vPost', name);
  const samples = buffers.all('vPost').subarray(0, buffers.rows * buffers.columns);
  return series(recorded, samples, { t0: 0, dt, first }, name);
}

/** The potential before and after the reset of each step, in turn. */
export function aroundReset(recorded: Recorded): TSContinuous {
  return atEnd(recorded, 'vPre').merge(atEnd(recorded, 'vPost'), { removeDuplicates: false });
}
