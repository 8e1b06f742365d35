/** A prepared input as the arguments of a native run. */
import type { RunInput } from './rate-native.js';
import type { SamplingWindow } from './types.js';

/** The last arguments of a run with that time step. */
export function seriesInput({ input }: SamplingWindow, dt: number): RunInput {
  return input ? [dt, ...input] : [];
}
