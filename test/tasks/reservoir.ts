// A reservoir whose evolution takes as long as a test needs.
import { RecRateEuler } from 'rockpool-node/layers';

/** `size` dense tanh units with a fixed pattern of weights, driven by their bias. */
export function reservoir(size = 300): RecRateEuler {
  const weights = Float64Array.from({ length: size * size }, (_, i) => Math.sin(i * 12.9898) / Math.sqrt(size));
  const bias = Float64Array.from({ length: size }, (_, i) => Math.cos(i));
  return new RecRateEuler({
    weights: { data: weights, shape: [size, size] },
    bias,
    tau: 1,
    dt: 0.1,
    activationFunc: 'tanh',
    seed: 1,
  });
}

/** More steps than any test waits for: some ten seconds of computing. */
export const LONG = 400_000;
