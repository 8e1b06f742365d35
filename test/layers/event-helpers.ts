/** Event series for tests of layers. */
import { TSEvent } from 'rockpool-node';
import { numbers } from './rate-helpers';

/** `n` events in the middle of random time steps, sorted; several in many steps. */
export function randomEvents(n: number, channels: number, dt: number, steps: number, seed = 3): TSEvent {
  const bins = numbers(n, seed, 1)
    .map((u) => Math.floor((u + 0.5) * steps))
    .sort();
  const ids = Int32Array.from(numbers(n, seed + 1, 1), (u) => Math.floor((u + 0.5) * channels));
  return new TSEvent(
    bins.map((k) => (k + 0.5) * dt),
    ids,
    { tStop: steps * dt, numChannels: channels },
  );
}

/** Numbers of events in each step and channel. */
export function countsOf(events: TSEvent, channels: number, dt: number, steps: number, t0 = 0): number[][] {
  const rows = Array.from({ length: steps }, () => new Array<number>(channels).fill(0));
  for (const [time, channel] of events) {
    const row = rows[Math.floor((time - t0) / dt)];
    if (row) row[channel]++;
  }
  return rows;
}
