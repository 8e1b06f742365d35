/** The one table of deliberate deviations from the original: rules about classes and fields, each with its row of the reference. */
import { combinatorDeviations } from './deviations-combinators.js';
import { continuousDeviations } from './deviations-continuous.js';
import { digitalDeviations } from './deviations-digital.js';
import { eventDeviations } from './deviations-events.js';
import { expSynDeviations } from './deviations-exp-syn.js';
import { expSynTrainingDeviations } from './deviations-exp-syn-training.js';
import { filterModuleDeviations } from './deviations-filter-modules.js';
import { filterDeviations } from './deviations-filters.js';
import { fastSlowDeviations } from './deviations-fast-slow.js';
import { iafDeviations } from './deviations-iaf.js';
import { jaxDeviations } from './deviations-jax.js';
import { layerDeviations } from './deviations-layers.js';
import { networkDeviations } from './deviations-networks.js';
import { neuronModuleDeviations } from './deviations-neuron-modules.js';
import { seriesDeviations } from './deviations-series.js';
import { trainingDeviations } from './deviations-training.js';
import { weightDeviations } from './deviations-weights.js';
import type { Deviation } from './expectation.js';

/** In the order in which they are applied: each sees what those before it left. */
export const deviations: readonly Deviation[] = [
  ...continuousDeviations,
  ...eventDeviations,
  ...iafDeviations,
  ...fastSlowDeviations,
  ...layerDeviations,
  ...expSynDeviations,
  ...expSynTrainingDeviations,
  ...jaxDeviations,
  ...filterDeviations,
  ...filterModuleDeviations,
  ...digitalDeviations,
  ...networkDeviations,
  ...combinatorDeviations,
  ...neuronModuleDeviations,
  ...seriesDeviations,
  ...trainingDeviations,
  ...weightDeviations,
];
