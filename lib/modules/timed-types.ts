/** Types of timed modules. */
import type { ArrayLike_ as ArrayInput } from '../array.js';
import type { TaskOptions } from '../task.js';
import type { InterpKind } from '../time-series/continuous/kinds.js';
import type { TimeSeries } from '../time-series/time-series.js';
import type { AnySpec, ModuleOptions, ModuleSpec, RecordTree, States } from './types.js';

/** Options of the constructor of a timed module. */
export interface TimedModuleOptions extends ModuleOptions {
  /** Time step in seconds. With submodules: the least common multiple of this and of all of theirs. */
  dt: number;
  /** Event input: count the events of a time step instead of telling whether there are any. Default true. */
  addEvents?: boolean;
  /** An error when the submodules need another `dt`, instead of a warning. Default false. */
  strictDt?: boolean;
}

/** How an output becomes a time series. */
export interface SeriesOptions {
  /** Default: 'Output samples' or 'Output events', and the quoted name of the module. */
  name?: string | null;
  /** Default false. */
  periodic?: boolean;
  /** Continuous output. Default `'previous'`. */
  interpKind?: InterpKind;
  /** Event output. Default: that of the module, `sizeOut`. */
  numChannels?: number;
  /** Events at the begin of their time step instead of in its middle. Default false. */
  spikesAtBinStart?: boolean;
  /** Default: the module's `dt`. */
  dt?: number;
  /** Default: the module's time before the evolution. */
  tStart?: number;
}

/** Options of `evolve` of a timed module: `numTimesteps` wins over `duration`, which wins over the extent of the input. */
export interface TimedEvolveOptions {
  /** Seconds; whole time steps of it are evolved. */
  duration?: number;
  /** Number of time steps; of a submodule, those of its parent. What a subclass's `evolve` receives are its own. */
  numTimesteps?: number;
  /** Return what happened inside at each time step. Default false. */
  record?: boolean;
  /** How the output becomes a time series. */
  kwargsTimeseries?: SeriesOptions;
}

export type AsyncTimedEvolveOptions = TimedEvolveOptions & TaskOptions;

/** A series, or an array `[T, sizeIn]` (or `[T]`) of samples or counts at the module's own time steps from its present time on. */
export type TimedInput = TimeSeries | ArrayInput | null;

/** The spec of a timed module: it has a `dt`. */
export type TimedSpec<S> =
  Record<never, never> extends S ? AnySpec : S & { simulationParameters: { dt: number } } & ModuleSpec;

/** What a timed module returns: its output, a copy of its new state, and what was recorded. */
export type TimedResult<S = AnySpec, Output extends TimeSeries = TimeSeries> = [
  output: Output,
  newState: States<S>,
  recorded: RecordTree,
];
