/** Native functions of spiking neurons: see `native/include/rockpool/spiking.h`, `iaf.h` and `synapses.h`. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { CsrArgs } from '../../synapses/native.js';
import type { EventArgs } from '../../time-series/events-native.js';
import type { SamplerArgs } from '../../time-series/native.js';

/** A matrix of weights, dense or sparse. */
export type WeightsHandle = { readonly __iafMatrix: unique symbol };
/** Weights with delays: how spikes reach one current. */
export type Connectivity = { readonly __iafConnectivity: unique symbol };
/** A prepared set of neurons, of any model, with all that connects them. */
export type SpikingPlan = { readonly __spikingPlan: unique symbol };

/** Integrators of the membrane. */
export const integratorCode = { euler: 0, exact: 1, rk4: 2 } as const;

/** How the membrane loses charge. */
export const leakCode = { exponential: 0, none: 1, constant: 2, legacyConstant: 3 } as const;

/** Which entries of a matrix a connection takes. */
export const partCode = { all: 0, positive: 1, negative: 2 } as const;

export type PlanArgs = readonly [
  inputs: number,
  units: number,
  dt: number,
  /** 0 float64, 1 float32 */
  precision: number,
  /** {@link integratorCode} */
  integrator: number,
  /** {@link leakCode} */
  leak: number,
  /** Lost per second, for a constant leak; one or one for each unit. */
  leakRate: Float64Array | undefined,
  /** Smallest potential, one or one for each unit. */
  vMin: Float64Array | undefined,
  /** A spike also when V equals the threshold. */
  inclusive: boolean,
  /** The end of a step sees the next sample of the input (rk4). */
  blendInput: boolean,
  noiseStd: number,
  /** 0 legacy, 1 stationary */
  noiseScaling: number,
  /** Noise goes through the filter of current 0. */
  noiseOnSynapse: boolean,
  tauMem: Float64Array,
  vThresh: Float64Array,
  vReset: Float64Array,
  /** Undefined: none; a constant leak always goes down then. */
  vRest: Float64Array | undefined,
  bias: Float64Array,
  resistance: Float64Array,
  refractorySteps: Float64Array,
  tauSyn0: Float64Array | undefined,
  tauSyn1: Float64Array | undefined,
  /** Weights of a current input; undefined: channel i drives unit i. */
  wIn: Float64Array | undefined,
  ...synapses: SynapseArgs,
];

/** Connections, or a plan of the same size and precision whose synapses are shared. */
export type SynapseArgs = readonly [
  inRoute0: Connectivity | undefined,
  inRoute1: Connectivity | undefined,
  recRoute0: Connectivity | undefined,
  recRoute1: Connectivity | undefined,
  synapsesOf: SpikingPlan | undefined,
];

export type AdaptivePlanArgs = readonly [
  inputs: number,
  units: number,
  dt: number,
  /** 0 float64, 1 float32 */
  precision: number,
  capacity: Float64Array,
  conductance: Float64Array,
  deltaT: Float64Array,
  vThresh: Float64Array,
  vPeak: Float64Array,
  vReset: Float64Array,
  vRest: Float64Array,
  subthreshAdapt: Float64Array,
  /** In the unit of the currents. */
  spikeAdapt: Float64Array,
  tauAdapt: Float64Array,
  bias: Float64Array,
  refractorySteps: Float64Array,
  tauSyn0: Float64Array | undefined,
  tauSyn1: Float64Array | undefined,
  /** Weights of a current input; undefined: channel i drives unit i. */
  wIn: Float64Array | undefined,
  ...synapses: SynapseArgs,
];

/** The input of a run: nothing, a series sampled at `k * dt`, or events. */
export type RunInput =
  | readonly []
  | readonly [kind: 0, dt: number, ...series: SamplerArgs]
  | readonly [kind: 1, dt: number, countEvents: boolean, ...events: EventArgs];

/** What a run starts from. The synchronous run writes the arrays that are not `pending…` in place, when it succeeds. */
export type RunStateArgs = readonly [
  v: Float64Array,
  current0: Float64Array | undefined,
  current1: Float64Array | undefined,
  adaptation: Float64Array | undefined,
  /** Steps still to hold. */
  refractory: Int32Array,
  /** Pairs (absolute step, channel) that were emitted and not yet delivered to all. */
  pendingSpikes: Float64Array,
  pendingInput: Float64Array,
];

/** What a run records: rows for the absolute steps k with `k % every == 0`. */
export type RunRecordArgs = readonly [
  /** 0: nothing */
  every: number,
  channels: Int32Array | undefined,
  /** V after the update, before the reset */
  vPre: Float64Array | undefined,
  /** V after the reset */
  vPost: Float64Array | undefined,
  /** Synaptic currents as the update used them */
  current0: Float64Array | undefined,
  current1: Float64Array | undefined,
  /** Synaptic currents, weighted input and noise, without the bias */
  total: Float64Array | undefined,
];

/** Everything of a run but its input. */
export type RunArgs = readonly [
  plan: SpikingPlan,
  firstStep: number,
  steps: number,
  seed: number,
  ...state: RunStateArgs,
  /** Where in its step a spike is stamped: 0 start, 1 end. */
  spikeOffset: number,
  dt: number,
  ...record: RunRecordArgs,
];

/** Spikes of a run, and what is still under way after it. */
export type RunResult = [
  times: Float64Array,
  channels: Int32Array,
  pendingSpikes: Float64Array,
  pendingInput: Float64Array,
];

/** The same with the state after the run in new arrays. */
export type RunResultAsync = [
  ...RunResult,
  v: Float64Array,
  current0: Float64Array | undefined,
  current1: Float64Array | undefined,
  adaptation: Float64Array | undefined,
  refractory: Int32Array,
];

export interface NativeIAF {
  iafMatrixDense(rows: number, columns: number, weights: Float64Array): WeightsHandle;
  iafMatrixCsr(...matrix: CsrArgs): WeightsHandle;
  iafMatrixInfo(matrix: WeightsHandle): [rows: number, columns: number, stored: number, bytes: number];
  iafMatrixRead(matrix: WeightsHandle, indptr: Float64Array, indices: Int32Array, data: Float64Array): void;
  /** `delaySteps`: one, or one for each stored element. */
  iafConnect(matrix: WeightsHandle, part: number, delaySteps: Float64Array): Connectivity;
  iafPlan(...parameters: PlanArgs): SpikingPlan;
  aeifPlan(...parameters: AdaptivePlanArgs): SpikingPlan;
  spikingRun(...args: [...RunArgs, ...input: RunInput]): RunResult;
  /** The record arrays must be fresh ones that nobody else knows: a pool thread writes them. */
  spikingRunAsync(...args: [...RunArgs, onProgress: NativeProgress, ...input: RunInput]): NativeJob<RunResultAsync>;
  /** Number of synapses that all these spikes reach. */
  spikingSynapticEvents(plan: SpikingPlan, channels: Int32Array, ofInput: boolean): number;
}
