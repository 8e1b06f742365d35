/**
 * The numbers of the demonstration. Sizes and time constants were chosen by leaving recordings out of the training data, never by the
 * tests' versions.
 */

/** Reproducible: everything random follows from this. */
export const seed = 20;

/** From frame to frame of the features and of the answers, in seconds. */
export const hop = 0.01;

export const features = { bands: 24, window: 0.025, hop, floor: -70 };

/** Decibels for one unit of the network's input. */
export const inputScale = 30;

/** The answer at time t is about what was spoken at t - latency: a sound is easier to name when it has begun. */
export const latency = 0.1;

export const silence = '(silence)';

export interface Sizes {
  /** Neurons of the reservoir. */
  neurons: number;
  /** Versions of each recording to train with, and to test with. */
  trainVersions: number;
  testVersions: number;
}

export const fullSizes: Sizes = { neurons: 1000, trainVersions: 24, testVersions: 8 };
export const quickSizes: Sizes = { neurons: 120, trainVersions: 4, testVersions: 2 };

export const reservoir = {
  dt: 0.0025,
  /** Standard deviation of the recurrent weights times the square root of the size: about the spectral radius. */
  radius: 1,
  /** Time constants, in seconds, evenly spread on a logarithmic scale. */
  tau: [0.025, 0.2] as const,
  /** Size of input weights, and of biases. */
  input: 2,
  bias: 0.5,
};

/** Penalty of the ridge regression. */
export const regularize = 10;
