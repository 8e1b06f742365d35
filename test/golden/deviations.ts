/** The one table of deliberate deviations from the original: rules about classes and fields, each with its row of the reference. */
import type { Deviation } from './expectation.js';

export const deviations: readonly Deviation[] = [];
