/** Native functions of exponential synapses and event routers. */
import type { NativeJob, NativeProgress } from '../../native.js';
import type { EventArgs } from '../../time-series/events-native.js';
import type { RunInput } from '../rate-native.js';

/** A prepared set of synapses. */
export type ExpSynPlan = { readonly __expSynPlan: unique symbol };
/** A prepared router of events. */
export type EventRouter = { readonly __eventRouter: unique symbol };
/** Rows of regressors, made as they are needed. */
export type RegressorRowsHandle = { readonly __regressorRows: unique symbol };

/** Exponential synapses: see `native/include/rockpool/exp_synapse.h`. */
export type ExpSynParameters = readonly [
  inputs: number,
  units: number,
  outputs: number,
  weights: Float64Array | undefined,
  wOut: Float64Array | undefined,
  tau: Float64Array,
  bias: Float64Array | undefined,
  dt: number,
  noiseStd: number,
  /** 0 legacy, 1 stationary, 2 unscaled */
  noiseScaling: number,
  /** 0 Euler, 1 exact, 2 Runge and Kutta */
  decay: number,
  /** 0 float64, 1 float32 */
  precision: number,
  /** At most so many steps at a time; 0: as many as suit the machine. */
  blockSteps: number,
];

/** The events of a run: nothing, or whether all of them count, and the list. */
export type EventRunInput = readonly [] | readonly [countEvents: boolean, ...events: EventArgs];

type Run<Input extends readonly unknown[]> = (
  plan: ExpSynPlan,
  firstStep: number,
  steps: number,
  seed: number,
  state: Float64Array,
  out: Float64Array,
  ...input: Input
) => void;

/** `out` and `newState` must be fresh arrays that nobody else knows: a pool thread writes them. */
type RunAsync<Input extends readonly unknown[]> = (
  plan: ExpSynPlan,
  firstStep: number,
  steps: number,
  seed: number,
  state: Float64Array,
  out: Float64Array,
  newState: Float64Array,
  onProgress: NativeProgress,
  ...input: Input
) => NativeJob<void>;

export interface NativeExpSyn {
  expSynPlan(...parameters: ExpSynParameters): ExpSynPlan;
  /** Whether a plan of these parameters would be the same, but for noise, precision and steps at a time. */
  expSynPlanMatches(...args: [...ExpSynParameters, plan: ExpSynPlan]): boolean;
  expSynRun: Run<EventRunInput>;
  expSynRunSeries: Run<RunInput>;
  expSynRunAsync: RunAsync<EventRunInput>;
  expSynRunSeriesAsync: RunAsync<RunInput>;
  /** Events filtered by synapses without weights: rows at `t0 + k * dt`, the first of which is `initial` (or zeros). */
  filteredEvents(
    channels: number,
    rows: number,
    tau: number,
    t0: number,
    dt: number,
    countEvents: boolean,
    initial: Float64Array | undefined,
    ...events: readonly [] | EventArgs
  ): RegressorRowsHandle;
  /** The last row, and the one that would follow it. */
  filteredEventsEnd(rows: RegressorRowsHandle, last: Float64Array, next: Float64Array): void;
  eventRouter(inputs: number, units: number, weights: Float64Array): EventRouter;
  /** What a router makes of the events of [tStart, tStop). */
  routeEvents(
    router: EventRouter,
    tStart: number,
    tStop: number,
    ...events: EventArgs
  ): [times: Float64Array, channels: Int32Array];
  routeEventsAsync(
    router: EventRouter,
    tStart: number,
    tStop: number,
    onProgress: NativeProgress,
    ...events: EventArgs
  ): NativeJob<[times: Float64Array, channels: Int32Array]>;
}
