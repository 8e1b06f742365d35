/** The numbers of the training demonstration. They were chosen with the versions that training watches, never with those of the test. */
import { hop } from '../demo/settings';

export interface TrainingSizes {
  /** Versions of each recording to train with, to watch while training, and to test with. */
  trainVersions: number;
  watchVersions: number;
  testVersions: number;
  /** Neurons of the hidden layers. */
  hidden: number[];
  epochs: number;
}

export const fullSizes: TrainingSizes = {
  ...{ trainVersions: 40, watchVersions: 6, testVersions: 20 },
  ...{ hidden: [64, 64], epochs: 25 },
};
export const quickSizes: TrainingSizes = {
  ...{ trainVersions: 12, watchVersions: 1, testVersions: 4 },
  ...{ hidden: [48], epochs: 16 },
};

/** Frames of a clip. */
export const frames = 90;

/** Time constants in seconds. */
export const network = { dt: hop, tauMem: 0.02, tauSynBase: 0.02, tauSynOut: 0.02, timeConstants: 4 };

export const training = { batchSize: 32, stepSize: 4e-3, clipNorm: 5, dropout: 0.1 };
