/** Deliberate deviations of TSContinuous. */
import type { Deviation } from './expectation.js';

export const continuousDeviations: readonly Deviation[] = [];
