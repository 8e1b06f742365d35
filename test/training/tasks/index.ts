/** All tasks. */
import { words } from './networks.js';
import { chirp, delayLine, flipFlop, mackeyGlassAhead, narma } from './rates.js';
import { coincidences, exclusiveOr, rates, recall, temporalOrder, timeConstants } from './spiking.js';

export const tasks = [
  ...[exclusiveOr, temporalOrder, coincidences, recall, rates, timeConstants],
  ...[narma, mackeyGlassAhead, delayLine, flipFlop, chirp, words],
];
