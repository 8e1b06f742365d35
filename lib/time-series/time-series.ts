/** What continuous series and event series have in common: times, an extent and a name. */
import type { ArrayLike_ } from '../array.js';
import { toNdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkNumber, checkOptions, checkString, typeError } from '../check.js';
import type { PathInput } from '../io/file-error.js';
import { type LoadOptions, loadTsFromFile, loadTsFromFileSync, type SaveOptions } from '../io/series-file.js';
import type { SeriesDict } from '../io/series-fields.js';
import type { TaskOptions } from '../task.js';
import { fitTStart, fitTStop, readTimes } from './extent.js';
import {
  checkBackend,
  getGlobalTsPlottingBackend,
  readVerbose,
  type PlottingBackendOptions,
} from './plotting-backend.js';
import type { TimeAxis } from './time-axis.js';
import { TimeAxis as Axis } from './time-axis.js';

/** Options of the constructors of all time series. */
export interface TimeSeriesOptions {
  /** Start of the extent in seconds; default: the first time, or 0 when there is none. */
  tStart?: number | null;
  /** End of the extent in seconds; default: the last time, or `tStart` when there is none. */
  tStop?: number | null;
  /** Whether the series repeats with the period `duration`; default false. */
  periodic?: boolean;
  /** Default `'unnamed'`. */
  name?: string | null;
  /** Backend that draws this series; default: the global one. */
  plottingBackend?: string | null;
}

/** Options of operations that make a new series, or change the one they are called on. */
export interface InplaceOptions {
  /** Change this series and return it; default false. */
  inplace?: boolean;
}

/** An offset between joined series: seconds, null for the default of the class, or how the first joins the second. */
export type Offset = number | null | 'contiguous';

/** @internal What the constructor of the base class takes: checked already. */
export interface SeriesInit {
  axis: TimeAxis;
  tStart: number;
  tStop: number;
  periodic: boolean;
  name: string;
  plottingBackend: string | null;
  trialStartTimes: Float64Array | null;
}

const limits = new Float64Array(2);

/** Abstract base of {@link TSContinuous} and {@link TSEvent}. All times are seconds. */
export abstract class TimeSeries {
  /** @internal */
  _axis: TimeAxis;
  /** @internal The array of times was handed out: it may change at any time. */
  _timesOut = false;
  /** @internal */
  _tStart: number;
  /** @internal */
  _tStop: number;
  private _periodic: boolean;
  private _name: string;
  private _backend: string | null;
  private _trials: Float64Array | null;

  /** @internal */
  constructor(init: SeriesInit) {
    this._axis = init.axis;
    this._tStart = init.tStart;
    this._tStop = init.tStop;
    this._periodic = init.periodic;
    this._name = init.name;
    this._backend = init.plottingBackend;
    this._trials = init.trialStartTimes;
  }

  /** Number of samples or events. */
  get length(): number {
    return this._axis.length;
  }

  /** Number of channels. */
  abstract get numChannels(): number;

  /**
   * The times in seconds, non-decreasing: the live array. Assigning needs as many times as before; the extent is widened to
   * hold them, never narrowed (use {@link delay} to move a series).
   */
  get times(): Float64Array {
    if (!this._timesOut) {
      if (this._axis.shared) this._axis = this._axis.copy();
      this._timesOut = true;
      this._axis.release();
      this._changed();
    }
    return this._axis.array;
  }

  set times(value: ArrayLike_) {
    const times = readTimes(value, 'times', this.length);
    this._setAxis(Axis.of(times));
    if (times.length > 0) {
      this._tStart = Math.min(this._tStart, times[0]);
      this._tStop = Math.max(this._tStop, this._minTStop());
    }
    this._changed();
  }

  /** Start of the extent. At most the first time; up to 1e-9 s too late is moved to it. */
  get tStart(): number {
    return this._tStart;
  }

  set tStart(value: number) {
    const limit = this.length > 0 ? this._axis.first : this._tStop;
    this._tStart = fitTStart(checkNumber(value, 'tStart'), limit, this._name);
    this._changed();
  }

  /** End of the extent. At least the last time; up to 1e-9 s too early is moved to it. */
  get tStop(): number {
    return this._tStop;
  }

  set tStop(value: number) {
    this._tStop = fitTStop(checkNumber(value, 'tStop'), this._minTStop(), this._name);
    this._changed();
  }

  /** `tStop - tStart` in seconds. */
  get duration(): number {
    return this._tStop - this._tStart;
  }

  /** Whether the series repeats with the period {@link duration}. */
  get periodic(): boolean {
    return this._periodic;
  }

  set periodic(value: boolean) {
    this._periodic = checkBoolean(value, 'periodic');
    this._changed();
  }

  /** Start times of the trials that the series is made of, where a layer or network attached them. Kept by copies and files. */
  get trialStartTimes(): Float64Array | null {
    return this._trials;
  }

  set trialStartTimes(value: ArrayLike_ | null | undefined) {
    this._trials = value === null || value === undefined ? null : toNdArray(value, 'trialStartTimes', 'float64').data;
  }

  /** The name; null becomes `'unnamed'`. */
  get name(): string {
    return this._name;
  }

  set name(value: string | null) {
    this._name = value === null || value === undefined ? 'unnamed' : checkString(value, 'name');
  }

  /** The backend that draws this series: its own, else the global one, else null. */
  get plottingBackend(): string | null {
    return this._backend ?? getGlobalTsPlottingBackend();
  }

  /**
   * Sets this series' own plotting backend; null for the global one.
   *
   * @throws RangeError `ERR_VALUE` for an unknown name, RockpoolError `ERR_BACKEND` for one that is not available here.
   */
  setPlottingBackend(backend: string | null, options?: PlottingBackendOptions): void {
    const verbose = readVerbose(options);
    this._backend = checkBackend(backend);
    if (verbose) console.log(`Plotting backend of time series \`${this._name}\`: ${this.plottingBackend ?? 'none'}`);
  }

  /** Whether there are no samples or events. */
  isEmpty(): boolean {
    return this.length === 0;
  }

  /** Whether all times are within the extent; a periodic series contains all times, and any series contains no times. */
  contains(times: ArrayLike_): boolean {
    const { data } = toNdArray(times, 'times', 'float64');
    if (this._periodic || data.length === 0) return true;
    native.timeLimits(data, limits);
    return this._tStart <= limits[0] && limits[1] <= this._tStop;
  }

  /** An independent copy, flags and extra attributes included. */
  abstract copy(): TimeSeries;

  /** Moves times and extent by `offset` seconds. */
  delay(offset: number, options?: InplaceOptions): this {
    const by = checkNumber(offset, 'offset');
    const series = readInplace(options) ? this : (this.copy() as this);
    if (series.length > 0) series._setAxis(series._axis.shifted(by));
    series._tStart += by;
    series._tStop = Math.max(series._tStop + by, series._minTStop());
    series._changed();
    return series;
  }

  /** Moves the series so that its extent starts at `tStart`. */
  startAt(tStart: number, options?: InplaceOptions): this {
    return this.delay(checkNumber(tStart, 'tStart') - this._tStart, options);
  }

  /** Moves the series so that its extent starts at 0. */
  startAtZero(options?: InplaceOptions): this {
    return this.delay(-this._tStart, options);
  }

  /** Appends other series in time; see the classes. */
  abstract appendT(
    other: TimeSeries | Iterable<TimeSeries>,
    options?: { offset?: Offset | readonly Offset[]; inplace?: boolean },
  ): TimeSeries;

  /** The one-line description, with more lines on request. */
  abstract describe(options?: PrintOptions): string;

  /** Prints the description and samples or events; see {@link describe}. */
  print(options?: PrintOptions): void {
    console.log(this.describe({ full: false, ...options }));
  }

  /** The one-line description. */
  toString(): string {
    return this.describe();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.describe();
  }

  /**
   * Joins series in time, each after the one before. `offset` is one number for all (also the first, relative to its own
   * start) or one entry for each; null means the default of the class's `appendT`. The result is not periodic and keeps the
   * attributes of the first series.
   */
  static concatenateT<S extends TimeSeries>(
    series: S | Iterable<S>,
    options?: { offset?: Offset | readonly Offset[] },
  ): S {
    const list = readSeriesList(series, 'series', TimeSeries);
    const { offset = null } = checkOptions<{ offset: Offset | readonly Offset[] }>(options, 'options', ['offset']);
    const first = list[0];
    if (first === undefined) {
      if ((this as unknown) === TimeSeries) throw typeError('series', 'at least one time series', series);
      return new (this as unknown as new () => S)();
    }
    return first._emptyLike().appendT(list, { offset, inplace: true }) as S;
  }

  /** The series as arrays, numbers and flags under the original's keys, as in its files. */
  abstract toDict(options?: object): SeriesDict;

  /** Saves the series as a `.npz` file that the original reads too. */
  abstract save(path: PathInput, options?: SaveOptions & TaskOptions): Promise<void>;

  /** {@link save}, here and now. */
  abstract saveSync(path: PathInput, options?: SaveOptions): void;

  /** Loads a series of either class; see {@link loadTsFromFile}. */
  static async load(path: PathInput | Uint8Array, options?: LoadOptions): Promise<TimeSeries> {
    return loadTsFromFile(path, options);
  }

  /** {@link load}, here and now. */
  static loadSync(path: PathInput | Uint8Array, options?: LoadOptions): TimeSeries {
    return loadTsFromFileSync(path, options);
  }

  /** @internal The smallest end of the extent that holds all samples or events. */
  _minTStop(): number {
    return this.length > 0 ? this._axis.last : this._tStart;
  }

  /** @internal An empty, not periodic series of the same class and attributes whose extent is this one's start. */
  abstract _emptyLike(): TimeSeries;

  /** @internal Something changed that cached native arguments depend on. */
  _changed(): void {}

  /** @internal New times; arrays that were handed out keep the old ones. */
  _setAxis(axis: TimeAxis): void {
    this._axis = axis;
    this._timesOut = false;
  }

  /** @internal The axis for another series of the same times. */
  _shareAxis(): TimeAxis {
    if (this._timesOut) return this._axis.copy();
    this._axis.shared = true;
    return this._axis;
  }

  /** @internal The attributes that the base class holds, for a series made from this one. */
  _baseInit(): SeriesInit {
    return {
      axis: this._axis,
      tStart: this._tStart,
      tStop: this._tStop,
      periodic: this._periodic,
      name: this._name,
      plottingBackend: this._backend,
      trialStartTimes: this._trials && this._trials.slice(),
    };
  }
}

/** Which lines {@link TimeSeries.describe} and {@link TimeSeries.print} give. */
export interface PrintOptions {
  /** All samples or events; default false. */
  full?: boolean;
  /** How many of the first when not all; default 4. */
  numFirst?: number;
  /** How many of the last when not all; default 4. */
  numLast?: number;
  /** Up to this many are given in full; default 10. */
  limitShorten?: number;
}

/** @internal */
export function readInplace(options: unknown): boolean {
  const { inplace = false } = checkOptions<InplaceOptions>(options, 'options', ['inplace']);
  return checkBoolean(inplace, 'inplace');
}

/** @internal One series or an iterable of them, as a list. */
export function readSeriesList<S extends TimeSeries>(
  value: unknown,
  name: string,
  Class: abstract new (...args: never[]) => S,
): S[] {
  if (value instanceof Class) return [value];
  // A series is iterable too: one of another class is not a list.
  const isList = typeof value === 'object' && value !== null && Symbol.iterator in value && !ArrayBuffer.isView(value);
  if (!isList || value instanceof TimeSeries) throw typeError(name, `a ${Class.name} or a list of them`, value);
  const list: S[] = [];
  for (const entry of value as Iterable<unknown>) {
    if (!(entry instanceof Class)) throw typeError(`${name}[${list.length}]`, `a ${Class.name}`, entry);
    list.push(entry);
  }
  return list;
}
