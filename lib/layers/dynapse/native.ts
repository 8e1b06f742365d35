/** Native functions of VirtualDynapse and of plans for boards: see `connectivity.h`, `routing.h` and `stimulus_batches.h` in the core. */
import type { CsrArgs } from '../../synapses/native.js';

/** A seed (undefined: no mismatch) and a matrix of factors (undefined: by the seed). */
export type MismatchArgs = readonly [seed: number | undefined, factors: Float64Array | undefined];

/** What chips hold: 64 synapses of each neuron (source | type << 10), and the words of 4 routes. */
export type ImageArgs = readonly [cams: Uint16Array, srams: Uint32Array];

export interface NativeConnections {
  indptr: Float64Array;
  indices: Int32Array;
  data: Float64Array;
  /** Some value was no whole number. */
  truncated: boolean;
}

export interface NativeConnectivity {
  fanIn: Int32Array;
  fanOut: Int32Array;
  /** Triples of core, number within the chip, and a bit for each chip. */
  aliases: Int32Array;
}

export interface NativeVirtualDynapse {
  dynapseConnect(
    ...args: [...base: CsrArgs, ...block: CsrArgs, idsPre: Int32Array, idsPost: Int32Array, add: boolean]
  ): NativeConnections;
  dynapseBlock(...args: [...matrix: CsrArgs, idsPre: Int32Array, idsPost: Int32Array, out: Float64Array]): void;
  dynapseCheckConnections(
    ...args: [weightResolution: number, ...recurrent: CsrArgs, ...external: CsrArgs | []]
  ): NativeConnectivity;
  dynapseSpread(...args: [cores: Float64Array, row: number, ...MismatchArgs, out: Float64Array]): void;
  dynapseWeights(
    ...args: [
      ...connections: CsrArgs,
      baseweightE: Float64Array,
      baseweightI: Float64Array,
      ...MismatchArgs,
      out: Float64Array,
    ]
  ): void;
  dynapseMismatch(seed: number, firstRow: number, out: Float64Array): void;
  /** Fills the images of a board whose connections are cleared. */
  dynapseClearedImage(...image: ImageArgs): void;
  /** Writes the image that has exactly these connections. Synapse types are those of chip words; one or one for each neuron. */
  dynapsePlaceConnections(
    ...args: [
      ...before: ImageArgs,
      ...recurrent: CsrArgs,
      ...external: CsrArgs,
      excitatory: Uint8Array,
      inhibitory: Uint8Array,
      externalExc: number,
      externalInh: number,
      ...after: ImageArgs,
    ]
  ): void;
  /** The words of a chip that differ. */
  dynapseImageWords(...args: [...before: ImageArgs, ...after: ImageArgs, chip: number]): Uint32Array;
  /** First and end step, first and end event of each batch. A limit of 0 is none; `maxEvents` is 1 to 65535. */
  dynapsePlanBatches(
    steps: Float64Array,
    total: number,
    trials: Float64Array,
    maxSteps: number,
    maxEvents: number,
    maxTrials: number,
  ): Float64Array;
}
