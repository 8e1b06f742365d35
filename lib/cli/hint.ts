/** Remarks on what is allowed and mostly not meant. */
import type { TimeSeries } from '../time-series/index.js';
import type { Context } from './context.js';

/** Says that a network looks at its input too seldom, as at a sound. */
export async function hint({ output }: Context, input: TimeSeries, dt: number): Promise<void> {
  const { intervalOf, short } = await import('./describe.js');
  const interval = intervalOf(input);
  if (interval === undefined || interval > dt / 4) return;
  const every = Math.round(dt / interval);
  output.note(
    `the network takes one sample in ${every} of the input (every ${short(dt)} s, of samples every ${short(interval)} s); for sounds see train --mel`,
  );
}
