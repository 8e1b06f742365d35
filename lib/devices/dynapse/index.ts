/** DynapSE boards: which are there, and what is computed before anything is sent to one. */
export { NeuronAllocator, type NeuronKind, rectangularNeuronArrangement } from './allocation.js';
export { type BatchOptions, maxTrainEvents, planBatches, type StimulusBatch } from './batches.js';
export {
  biasFilename,
  type BiasFileOptions,
  type CoarseConvention,
  copyBiases,
  type CoreBias,
  formatBiases,
  loadBiases,
  parseBiases,
  saveBiases,
} from './bias-file.js';
export { BoardImage, placeConnections, type PlaceOptions, type SynapseType } from './connections.js';
export { lowPowerBiases } from './chip-biases.js';
export { type SpikeBatch } from './board-stream.js';
export { type ConnectOptions } from './chip-connections.js';
export { DynapseControl, type DynapseControlOptions, type RecordOptions } from './control.js';
export { type StimulusOptions } from './control-stimuli.js';
export { type BoardModelOptions, type ControllerKind, type OpenBoardOptions } from './open.js';
export { type ControllerState } from './session.js';
export { type StimulusArrays } from './stimulus.js';
export { BoardWatcher, watchBoards } from './watch.js';
export type { BoardChange, BoardWatcherEvents, SeenBoard, WatchBoardsOptions } from './watch.js';
