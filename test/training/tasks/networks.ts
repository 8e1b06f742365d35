/** Tasks for a ready-made network. */
import { SynNet } from 'rockpool-node/nn/networks';
import { crossEntropy } from 'rockpool-node/training';
import { uniform } from '../random.js';
import { classes } from './spiking.js';
import { type TaskData, type TrainingTask, weights } from './task.js';

const dt = 1e-3;

/** Each word is a path through the channels in time; pairs of words have the same spikes in the other order. */
export const words: TrainingTask = {
  name: 'words of spikes, by a SynNet',
  ...{ reaches: 0.3, share: 0.25, epochs: 10, stepSize: 0.02, batchSize: 16 },
  trained: weights,
  loss: crossEntropy({ time: 'mean' }),
  trial(seed) {
    const paths = [
      (k: number) => k / 5,
      (k: number) => 5 - k / 5,
      (k: number) => 2.5 + 2.5 * Math.sin(k / 5),
      (k: number) => 2.5 - 2.5 * Math.sin(k / 5),
    ];
    const data = (samples: number, own: number): TaskData => {
      const random = uniform(own + 99);
      const late = Array.from({ length: samples }, () => Math.floor(5 * random()));
      return classes([samples, 32, 6], 4, own, (word, k, c, sample) => {
        const at = k - late[sample];
        const near = at >= 0 && at < 26 && Math.abs(paths[word](at) - c) < 0.8;
        return near ? 0.8 : 0.03;
      });
    };
    const module = new SynNet(4, 6, {
      ...{ sizeHiddenLayers: [16, 16], timeConstantsPerLayer: [2, 2], tauSynBase: 2 * dt, tauMem: 2 * dt },
      ...{ tauSynOut: 4 * dt, output: 'vmem', dt, seed },
    });
    return { module, training: data(64, seed), test: data(64, 1000 + seed), trivial: Math.log(4) };
  },
};
