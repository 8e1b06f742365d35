/** The layers with fast and slow synapses for tests. */
import {
  RecFSSpikeADS,
  type RecFSSpikeADSOptions,
  RecFSSpikeEulerBT,
  type RecFSSpikeEulerBTOptions,
} from 'rockpool-node/layers';
import { matrix, numbers } from '../rate-helpers.js';

export const n = 23;
export const dt = 1e-4;

/** Neurons that fire at about 50 Hz, with noise and a refractory time, in volts around 1. */
const common = {
  bias: numbers(n, 3, 0.2).map((v) => 2 + v),
  tauMem: numbers(n, 4, 5e-3).map((v) => 0.02 + v),
  dt,
  vThresh: 1,
  vReset: 0,
  vRest: 0,
  refractory: 5e-4,
  noiseStd: 0.05,
  seed: 12,
};

export function makeBT(options: RecFSSpikeEulerBTOptions = {}): RecFSSpikeEulerBT {
  return new RecFSSpikeEulerBT(matrix(n, n, 1, 0.5), matrix(n, n, 2, 0.1), { ...common, ...options });
}

export function makeADS(options: Partial<RecFSSpikeADSOptions> = {}): RecFSSpikeADS {
  const weights = [matrix(n, n, 1, 0.5), matrix(n, n, 2, 0.1), matrix(2, n, 5, 1), matrix(n, 2, 6, 0.2)] as const;
  return new RecFSSpikeADS(...weights, { ...common, eta: 1e-3, k: 0.2, ...options });
}

export const makers = { RecFSSpikeEulerBT: makeBT, RecFSSpikeADS: makeADS };
