/** Native functions of constant-leak and digital neurons, and of convolutions. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { EventArgs } from '../../time-series/events-native.js';

/** Prepared neurons: see `native/include/rockpool/constant_leak.h`. */
export type ConstantLeakPlan = { readonly __constantLeakPlan: unique symbol };
/** Prepared neurons: see `native/include/rockpool/digital.h`. */
export type DigitalPlan = { readonly __digitalPlan: unique symbol };
/** A prepared convolution: see `native/include/rockpool/convolution.h`. */
export type ConvolutionHandle = { readonly __convolution: unique symbol };

export type ConstantLeakParameters = readonly [
  inputs: number,
  units: number,
  weightsIn: Float64Array | undefined,
  convolution: ConvolutionHandle | undefined,
  weightsRec: Float64Array | undefined,
  bias: Float64Array,
  vThresh: Float64Array,
  vReset: Float64Array,
  vSubtract: Float64Array | undefined,
  /** In steps. */
  refractory: Float64Array | undefined,
  /** In steps. */
  delay: number,
  biasEvery: number,
  stateType: number,
  softMax: boolean,
];

export type ConstantLeakRunArgs = readonly [
  plan: ConstantLeakPlan,
  firstStep: number,
  steps: number,
  dt: number,
  spikeOffset: number,
  v: Float64Array,
  refractory: Int32Array | undefined,
  /** Triples: steps from now, neuron, number of spikes. */
  pending: Float64Array,
  drive: Float64Array | undefined,
  monitor: Int32Array | undefined,
  record: Float64Array | undefined,
  out: Float64Array | undefined,
];

/** What comes behind `onProgress`. */
export type ConstantLeakInput = readonly [] | readonly [countEvents: boolean, ...events: EventArgs];

/** Spikes, and the state after the run in new arrays. */
export type ConstantLeakResult = [
  times: Float64Array,
  channels: Int32Array,
  v: Float64Array,
  refractory: Int32Array,
  pending: Float64Array,
];

export type DigitalParameters = readonly [
  inputs: number,
  units: number,
  weightsIn: Float64Array,
  weightsRec: Float64Array,
  vThresh: Float64Array,
  vReset: Float64Array,
  vRest: Float64Array | undefined,
  vSubtract: Float64Array | undefined,
  leak: Float64Array,
  refractory: Float64Array,
  delay: number,
  tauLeak: number,
  stateType: number,
];

export type DigitalRunArgs = readonly [
  plan: DigitalPlan,
  tStart: number,
  tStop: number,
  steps: number,
  v: Float64Array,
  refractory: Float64Array,
  pendingTimes: Float64Array,
  pendingChannels: Int32Array,
  monitor: Int32Array | undefined,
];

/** Spikes, the state after the run in new arrays, and the record. */
export type DigitalResult = [
  times: Float64Array,
  channels: Int32Array,
  v: Float64Array,
  refractory: Float64Array,
  pendingTimes: Float64Array,
  pendingChannels: Int32Array,
  recordTimes: Float64Array,
  record: Float64Array,
];

export interface NativeConstantLeak {
  convolution(
    ...args: [
      channels: number,
      rows: number,
      columns: number,
      kernels: number,
      kernelRows: number,
      kernelColumns: number,
      strideRows: number,
      strideColumns: number,
      padTop: number,
      padBottom: number,
      padLeft: number,
      padRight: number,
      channelsLast: boolean,
      weights: Float64Array,
    ]
  ): ConvolutionHandle;
  /** inputs, rows and columns of the output, units */
  convolutionSize(convolution: ConvolutionHandle): Float64Array;
  /** Adds the weighted row to `out`. */
  applyConvolution(convolution: ConvolutionHandle, row: Float64Array, out: Float64Array): void;
  constantLeakPlan(...parameters: ConstantLeakParameters): ConstantLeakPlan;
  constantLeakRun(
    ...args: [...ConstantLeakRunArgs, onProgress: undefined, ...input: ConstantLeakInput]
  ): ConstantLeakResult;
  constantLeakRunAsync(
    ...args: [...ConstantLeakRunArgs, onProgress: NativeProgress, ...input: ConstantLeakInput]
  ): NativeJob<ConstantLeakResult>;
  /** Spikes under way after the delay was changed by so many steps, and how many were lost. */
  constantLeakShiftPending(pending: Float64Array, steps: number): [pending: Float64Array, lost: number];
  /** Times of the rows of a record. */
  constantLeakRecordTimes(firstStep: number, dt: number, out: Float64Array): void;
  /** A record as rows of time, neuron, state. */
  constantLeakRecordList(
    record: Float64Array,
    monitor: Int32Array,
    firstStep: number,
    dt: number,
    out: Float64Array,
  ): void;
  digitalPlan(...parameters: DigitalParameters): DigitalPlan;
  digitalRun(...args: [...DigitalRunArgs, onProgress: undefined, ...input: EventArgs | []]): DigitalResult;
  digitalRunAsync(
    ...args: [...DigitalRunArgs, onProgress: NativeProgress, ...input: EventArgs | []]
  ): NativeJob<DigitalResult>;
  /** Saturates and rounds to what the type holds, in place. */
  castStates(stateType: number, state: Float64Array): void;
  allIntegers(values: Float64Array): boolean;
}
