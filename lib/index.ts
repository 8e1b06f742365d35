/** Dynamical and spiking neural networks: time series, networks, modules and errors. Layers are in `rockpool-node/layers`. */
export { buildInfo, concurrency, setConcurrency } from './runtime.js';
export { NdArray, type ArrayLike_ as ArrayInput, type DType, type Matrix, type NdData } from './array.js';
export { RockpoolError, type ErrorCode } from './errors.js';
export { setWarningHandler, type RockpoolWarning } from './warnings.js';
export type { Progress, TaskOptions } from './task.js';
export type { BuildInfo } from './native.js';
export * from './time-series/index.js';
export { loadTsFromFile, loadTsFromFileSync, type LoadOptions, type SaveOptions } from './io/series-file.js';
export { loadSnapshot, loadSnapshotSync, saveSnapshot, saveSnapshotSync } from './io/snapshot-file.js';
export { TSDictOnDisk, type DictData } from './io/ts-dict-on-disk.js';
export * from './networks/index.js';
export * from './modules/index.js';
export * from './graph/index.js';
