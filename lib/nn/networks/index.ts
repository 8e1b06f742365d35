/** Ready-made networks. */
export { SynNet, type SynNetOptions } from './syn-net.js';
export { WaveSenseNet, type WaveSenseOptions } from './wave-sense.js';
export type { NeuronModel } from './members.js';
