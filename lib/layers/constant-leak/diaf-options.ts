/** Options of digital neurons. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { digitalOptionNames, type DigitalLayerOptions } from './digital-layer.js';
import type { StateType } from './state-type.js';

/** Options of {@link RecDIAF}. */
export interface RecDIAFOptions extends DigitalLayerOptions {
  /** Time step in seconds; only the clock depends on it. Default 1e-4. */
  dt?: number;
  /** Time until a spike reaches the other neurons, in seconds, more than 0. Default 1e-8. */
  delay?: number;
  /** Interval of the leak in seconds, more than 0. Default 1e-3. */
  tauLeak?: number;
  /** Time after a spike without update and without spike, in seconds, at least 1e-9. Default 1e-9. */
  refractory?: ArrayInput;
  /** Thresholds. Default 100. */
  vThresh?: ArrayInput;
  /** States at the start, and after a spike when `vSubtract` is null. Default 0. */
  vReset?: ArrayInput;
  /** Where the leak leads; null: it always goes down. Default null. */
  vRest?: ArrayInput | null;
  /** What the leak takes away each time. Default 1. */
  leak?: ArrayInput;
  /** What a spike takes away, more than 0; null: the state becomes `vReset`. Default null. */
  vSubtract?: ArrayInput | null;
  /** Number type of the states. Default `'int8'`. */
  stateType?: StateType;
}

/** Their names, with those of the weights. */
export const diafOptionNames = [
  'weightsIn',
  'weightsRec',
  ...digitalOptionNames,
  'delay',
  'tauLeak',
  'refractory',
  'vThresh',
  'vReset',
  'vRest',
  'leak',
  'vSubtract',
  'stateType',
];
