/** Native functions of NIR. */
import type { AsyncOperation, Operation } from '../modules/kernels/native.js';

/** What `nirNeurons` takes after the precision and the progress; an absent array is undefined. */
export type NirNeuronArgs = readonly [
  units: number,
  dt: number,
  integration: number,
  reset: number,
  resetNext: boolean,
  reached: boolean,
  maxSpikes: number,
  tauMem: Float64Array | undefined,
  tauSyn: Float64Array | undefined,
  r: Float64Array,
  vLeak: Float64Array | undefined,
  wIn: Float64Array | undefined,
  threshold: Float64Array | undefined,
  vReset: Float64Array | undefined,
  wRec: Float64Array | undefined,
  recBias: Float64Array | undefined,
  batch: number,
  steps: number,
  vmem: Float64Array,
  isyn: Float64Array,
  spikes: Float64Array,
  newVmem: Float64Array,
  newIsyn: Float64Array,
  newSpikes: Float64Array,
  input: Float64Array,
  out: Float64Array,
  vmemRecord: Float64Array | undefined,
  isynRecord: Float64Array | undefined,
];

export interface NativeNir {
  nirNeurons: Operation<NirNeuronArgs>;
  nirNeuronsAsync: AsyncOperation<NirNeuronArgs>;
  /** Index of the first element that is not finite or not above the bound; the length when there is none. */
  firstOutside(x: Float64Array, bound: number, orEqual: boolean): number;
  transpose(x: Float64Array, rows: number, columns: number, out: Float64Array): void;
}
