/** Deliberate deviations of layers, networks and training. */
import type { Deviation } from './expectation.js';

export const layerDeviations: readonly Deviation[] = [];
