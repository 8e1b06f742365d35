/**
 * The demonstration of training by gradients: a spiking network learns to name spoken words.
 *
 *     npm run demo:train -- [--wav DIR] [--out DIR] [--quick] [--resume DIR]
 *
 * Words are cut from many changed versions of the recordings: shifted, louder or softer, with noise, faster or slower. A SynNet, whose
 * synapses have different time constants, is trained by backpropagation through time with surrogate gradients, and tested with versions
 * that it never saw.
 */
import { runTraining } from './train/main';

runTraining({ script: 'demo:train', out: 'demo-train-output' });
