/**
 * The numbers of the demonstrations. Sizes and time constants were chosen by leaving recordings out of the training data, never by the
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

// ---- With spikes: seconds and volts ---------------------------------------------------------------------------------

export const spikingFullSizes: Sizes = { neurons: 1000, trainVersions: 24, testVersions: 8 };
export const spikingQuickSizes: Sizes = { neurons: 200, trainVersions: 4, testVersions: 2 };

/** Time step of the spiking layers. */
export const spikingDt = 1e-3;

/** Neurons that turn band energies into spikes. */
export const frontEnd = {
  neurons: 200,
  tauMem: 0.015,
  refractory: 0.004,
  /** Those that listen to one band: volts for one unit of the band's energy, and the energy above which they are driven. */
  gain: [0.015, 0.025] as const,
  level: [0.1, 1.6] as const,
  /** Those that compare bands: norm of their weights. */
  contrast: 0.08,
};

export const spikingReservoir = {
  /** Time constants, in seconds, evenly spread on a logarithmic scale: those of the slow recurrent synapses are its memory. */
  tauMem: [0.02, 0.08] as const,
  tauSynInp: [0.01, 0.05] as const,
  tauSynRec: [0.05, 0.25] as const,
  refractory: 0.002,
  /** Synapses for each neuron. */
  fanIn: 30,
  fanRec: 50,
  /** Standard deviation of the current, in volts, from inputs that fire `typicalRate` times a second. */
  input: 0.01,
  recurrent: 0.006,
  typicalRate: 10,
  /** Rates that the neurons settle at, in spikes per second, evenly spread on a logarithmic scale, and how they do it. */
  rates: [10, 35] as const,
  settling: { passes: 10, seconds: 20, step: 0.003 },
};

/** The readout of spikes: time constant of its synapses, penalty of the regression, and the latency of one without reservoir. */
export const spikingReadout = { tauSyn: 0.05, regularize: 300, directLatency: 0.04 };
