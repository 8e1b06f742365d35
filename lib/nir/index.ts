/** NIR, the exchange format of spiking networks. */
export { readNir, writeNir } from './graph-file.js';
export type { NirFileOptions, NirReadOptions } from './file.js';
export type * from './types.js';
