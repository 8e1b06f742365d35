/**
 * Event series: spike trains and other lists of (time, channel).
 *
 * Long because it is the class as users see it: its members read their arguments; the work is in `event-*.ts` and in native code.
 */
import type { ArrayLike_, NdArray } from '../array.js';
import { native } from '../binding.js';
import { checkBoolean, checkNumber, checkOptions, shapeError } from '../check.js';
import type { PathInput } from '../io/file-error.js';
import {
  classLoadOptions,
  loadTsFromFile,
  loadTsFromFileSync,
  registerSeriesClass,
  save,
  saveSync,
  type SaveOptions,
  toDict,
} from '../io/series-file.js';
import type { EventDictOptions, SeriesDict } from '../io/series-fields.js';
import type { NpzLimits } from '../io/npz.js';
import type { TaskOptions } from '../task.js';
import {
  type ChannelSelection,
  readChannelIds,
  readEventChannels,
  readEventNumbers,
  readNumChannels,
  readPerSeries,
  readSelection,
  readSlice,
  readTime,
} from './event-arguments.js';
import { EventInit, readEventInit, trustedEvents, type TrustedEvents, type TSEventOptions } from './event-init.js';
import { appendDelays, channelShifts, poolEvents } from './event-merge.js';
import {
  type EventRaster,
  type FromRasterOptions,
  fromRasterOptionNames,
  raster,
  rasterAsync,
  rasterAsyncOptionNames,
  type RasterInput,
  type RasterOptions,
  rasterOptions,
  rasterRows,
  readRaster,
} from './event-raster.js';
import { eventLine, eventLines } from './event-text.js';
import type { EventArgs, RasterData } from './events-native.js';
import { seriesPlots } from '../lazy.js';
import type { Plot } from '../plot/plot.js';
import type { EventPlotOptions } from '../plot/series.js';
import { nextUp } from './numbers.js';
import { TimeAxis } from './time-axis.js';
import {
  type InplaceOptions,
  type Offset,
  type PrintOptions,
  readInplace,
  readSeriesList,
  TimeSeries,
} from './time-series.js';

/** A window and a selection of channels. */
export interface EventWindow {
  /** Start in seconds; default: that of the series. */
  tStart?: number | null;
  /** End in seconds, not included; default: that of the series. */
  tStop?: number | null;
  /** One channel or a list; default: all. */
  channels?: ChannelSelection | null;
}

/** Options of {@link TSEvent.clip}. */
export interface EventClipOptions extends EventWindow, InplaceOptions {
  /** Number the selected channels (all that occur, when none are selected) 0, 1, 2, ... in ascending order; default false. */
  remapChannels?: boolean;
}

let strictStop = false;

/** What changes in a series. */
interface Changes {
  times?: Float64Array;
  channels?: Int32Array;
  numChannels?: number;
  tStart?: number;
  tStop?: number;
}

/**
 * A series of events: each has a time in seconds and a channel, an integer from 0 to `numChannels - 1`. Events are sorted by
 * time; simultaneous ones are allowed. They lie in [tStart, tStop): the end is not included.
 */
export class TSEvent extends TimeSeries {
  /** Whether a series with events needs an explicit `tStop`, in the whole process; default false. See {@link TSEventOptions}. */
  static get strictStop(): boolean {
    return strictStop;
  }

  static set strictStop(value: boolean) {
    strictStop = checkBoolean(value, 'strictStop');
  }

  private _channels: Int32Array;
  /** The array of channels was handed out: it may change at any time. */
  private _channelsOut = false;
  /** Another series uses the same array of channels. */
  private _channelsShared = false;
  private _numChannels: number;

  /**
   * @param times - Non-decreasing finite times in seconds; default none.
   * @param channels - The channel of each event, or one for all; default 0.
   * @throws TypeError `ERR_TYPE`, RangeError `ERR_VALUE` (order of times, extent, channel ids) or `ERR_SHAPE` (lengths).
   */
  constructor(
    times?: ArrayLike_ | null,
    channels?: ArrayLike_ | null,
    options?: Omit<TSEventOptions, 'times' | 'channels'>,
  );
  constructor(options: TSEventOptions);
  constructor(times?: unknown, channels?: unknown, options?: unknown) {
    const init = readEventInit(times, channels, options, strictStop);
    super(init.base);
    this._channels = init.channels;
    this._numChannels = init.numChannels;
  }

  /** @internal A series over arrays that are known to be right; nothing is checked, nothing is copied. */
  static fromTrusted(events: TrustedEvents): TSEvent {
    return make(trustedEvents(events));
  }

  /** The channel of each event: the live array. Assigning takes one channel for all or as many as before; `numChannels` grows. */
  get channels(): Int32Array {
    if (!this._channelsOut) {
      if (this._channelsShared) this._channels = this._channels.slice();
      this._channelsShared = false;
      this._channelsOut = true;
    }
    return this._channels;
  }

  set channels(value: ArrayLike_) {
    const { channels, largest } = readEventChannels(value, this.length, true);
    this._change({ channels, numChannels: Math.max(this._numChannels, largest + 1) });
  }

  /** Number of channels: more than the largest id. */
  override get numChannels(): number {
    return this._numChannels;
  }

  override set numChannels(value: number) {
    const { largest } = readChannelIds(this._channels, 'channels');
    this._numChannels = readNumChannels(checkNumber(value, 'numChannels'), largest + 1, this.name);
  }

  /**
   * The events of a window [tStart, tStop) on the selected channels. A periodic series is repeated as far as needed. Limits in
   * the wrong order are swapped.
   *
   * @throws RangeError `ERR_INDEX` for channels that the series does not have.
   */
  events(window?: EventWindow): { times: Float64Array; channels: Int32Array } {
    const options = checkOptions<EventWindow>(window, 'options', ['tStart', 'tStop', 'channels']);
    const { from, to, channels } = this._readWindow(options);
    return this._read(from, to, channels);
  }

  /** The events with these numbers (negative ones count from the end), or those where a mask of booleans is true. */
  pick(index: number | ArrayLike_ | readonly boolean[]): TSEvent {
    const numbers = readEventNumbers(index, this.length);
    const times = new Float64Array(numbers.length);
    const channels = new Int32Array(numbers.length);
    native.eventsPick(...this.eventArgs(), numbers, times, channels);
    return this._with({ times, channels });
  }

  /** The events number `start`, `start + step`, ... before `stop`; negative numbers count from the end. */
  slice(start?: number | null, stop?: number | null, step?: number | null): TSEvent {
    const { from, by, count } = readSlice(start, stop, step, this.length);
    const times = new Float64Array(count);
    const channels = new Int32Array(count);
    native.eventsSlice(...this.eventArgs(), from, by, times, channels);
    return this._with({ times, channels });
  }

  /** Yields `[time, channel]` of each event. */
  *[Symbol.iterator](): IterableIterator<[time: number, channel: number]> {
    const { times, channels } = this._peek();
    for (let i = 0; i < times.length; i++) yield [times[i], channels[i]];
  }

  /**
   * The events of a window, as a series of that extent. Limits that are not given stay as they are, and so does the number of
   * channels unless `remapChannels`. With a limit, the result is not periodic.
   */
  clip(
    tStart: number | null | undefined,
    tStop?: number | null,
    options?: Omit<EventClipOptions, 'tStart' | 'tStop'>,
  ): TSEvent;
  clip(options?: EventClipOptions): TSEvent;
  clip(first?: unknown, tStop?: unknown, options?: unknown): TSEvent {
    const names = ['channels', 'remapChannels', 'inplace'];
    const positional = typeof first === 'number' || first === null || arguments.length > 1;
    const given = positional
      ? {
          ...checkOptions<EventClipOptions>(options, 'options', names),
          tStart: first as number,
          tStop: tStop as number,
        }
      : checkOptions<EventClipOptions>(first, 'options', ['tStart', 'tStop', ...names]);
    const remap = checkBoolean(given.remapChannels ?? false, 'remapChannels');
    const inplace = checkBoolean(given.inplace ?? false, 'inplace');
    const { from, to, channels, limited } = this._readWindow(given);
    const read = this._read(from, to, channels);
    const changes: Changes = { ...read, tStart: from, tStop: to };
    if (remap) {
      changes.channels = new Int32Array(read.channels.length);
      changes.numChannels = native.eventsRank(
        read.channels,
        typeof channels === 'number' ? null : channels,
        changes.channels,
      );
    }
    const clipped = this._with(changes, inplace);
    if (limited) clipped.periodic = false;
    return clipped;
  }

  /** Gives channel `c` the id `channelMap[c]`; `numChannels` grows when an event needs it. */
  remapChannels(channelMap: ArrayLike_, options?: InplaceOptions): TSEvent {
    const inplace = readInplace(options);
    const { ids } = readChannelIds(channelMap, 'channelMap');
    if (ids.length !== this._numChannels) {
      throw shapeError('channelMap', `${this._numChannels} elements long (numChannels)`, `${ids.length} elements`);
    }
    const mapped = new Int32Array(this.length);
    native.eventsRemap(this._channels, ids, mapped);
    const { ids: channels, largest } = readChannelIds(mapped, 'channels');
    return this._with({ channels, numChannels: Math.max(this._numChannels, largest + 1) }, inplace);
  }

  /**
   * The events as a matrix: one row for each time step, one column for each channel. Row k holds the events of
   * [tStart + k dt, tStart + (k + 1) dt); an event at the edge of two steps belongs to the later. Outside of its extent a series
   * has no events, or is repeated when it is periodic.
   *
   * Several events in one cell count once, with the warning `RASTER_EVENTS_MERGED`, unless `addEvents`. Selected channels that
   * the series does not have give empty columns and the warning `RASTER_UNKNOWN_CHANNELS`.
   *
   * @throws RangeError `ERR_VALUE` for a time step that is not positive, an end before the start, or both an end and a number of steps.
   */
  raster(options: RasterOptions & { addEvents: true }): NdArray<Uint32Array>;
  raster(options: RasterOptions & { addEvents?: false }): NdArray<Uint8Array>;
  raster(options: RasterOptions): EventRaster;
  raster(dt: number, options?: Omit<RasterOptions, 'dt'>): EventRaster;
  raster(dt: unknown, options?: unknown): EventRaster {
    return raster(this, rasterOptions<RasterOptions>(dt, options));
  }

  /** {@link raster} off the event loop. The series may change meanwhile: the raster is of what it was at the call. */
  async rasterAsync(options: RasterOptions & TaskOptions): Promise<EventRaster> {
    return rasterAsync(this, rasterOptions<RasterOptions & TaskOptions>(options, undefined, rasterAsyncOptionNames));
  }

  /** The rows of {@link raster}, one after another, without holding more than a few of them in memory. */
  rasterRows(options: RasterOptions): IterableIterator<RasterData>;
  rasterRows(dt: number, options?: Omit<RasterOptions, 'dt'>): IterableIterator<RasterData>;
  rasterRows(dt: unknown, options?: unknown): IterableIterator<RasterData> {
    return rasterRows(this, rasterOptions<RasterOptions>(dt, options));
  }

  /** The original's name of {@link rasterRows}. */
  xraster(options: RasterOptions): IterableIterator<RasterData> {
    return this.rasterRows(options);
  }

  /**
   * A series from a matrix of numbers of events (or of truth values), one row for each time step; a vector is one channel. Events
   * are in the middle of their step, or at its start with `spikesAtBinStart`. {@link raster} with the same `dt` and `addEvents`
   * gives the matrix back.
   *
   * @throws RangeError `ERR_VALUE` for negative or fractional numbers of events.
   */
  static fromRaster(matrix: RasterInput, options?: FromRasterOptions): TSEvent;
  static fromRaster(matrix: RasterInput, dt: number, options?: Omit<FromRasterOptions, 'dt'>): TSEvent;
  static fromRaster(matrix: RasterInput, first?: unknown, second?: unknown): TSEvent {
    const inObject = first === undefined || (typeof first === 'object' && first !== null);
    const options = checkOptions<FromRasterOptions>(inObject ? first : second, 'options', fromRasterOptionNames);
    const dt = checkNumber(inObject ? (options.dt ?? 1) : first, 'dt', { positive: true });
    const tStart = readTime(options.tStart, 'tStart', 0);
    const { times, channels, rows, columns } = readRaster(matrix, tStart, dt, options.spikesAtBinStart);
    const { name, periodic, numChannels } = options;
    const tStop = readTime(options.tStop, 'tStop', rows * dt + tStart);
    return new TSEvent(times, channels, { tStart, tStop, name, periodic, numChannels: numChannels ?? columns });
  }

  /** Puts the channels of other series beside those of this one: their ids grow by the number of channels before them. */
  appendC(other: TSEvent | Iterable<TSEvent>, options?: InplaceOptions): TSEvent {
    const series = [this, ...readSeriesList(other, 'other', TSEvent)];
    const inplace = readInplace(options);
    const { shifts, numChannels } = channelShifts(series);
    return this._with(
      {
        ...poolEvents(
          series,
          series.map(() => 0),
          shifts,
          false,
        ),
        numChannels,
      },
      inplace,
    );
  }

  /**
   * Appends other series in time, each `offset` seconds (default 0; one for all, or a list) after the end of the one before.
   * With `removeDuplicates`, repeats of the same time and channel are dropped.
   */
  override appendT(
    other: TSEvent | Iterable<TSEvent>,
    options?: { offset?: Offset | readonly Offset[]; removeDuplicates?: boolean } & InplaceOptions,
  ): TSEvent {
    const others = readSeriesList(other, 'other', TSEvent);
    const given = checkOptions<NonNullable<typeof options>>(options, 'options', [
      'offset',
      'removeDuplicates',
      'inplace',
    ]);
    const offsets = readPerSeries(given.offset, 'offset', others.length);
    return this._pool(others, appendDelays(this, others, offsets), given);
  }

  /** Pools the events with those of other series, delayed by `delay` seconds (default 0; one for all, or a list). */
  merge(
    other: TSEvent | Iterable<TSEvent>,
    options?: { delay?: number | readonly number[]; removeDuplicates?: boolean } & InplaceOptions,
  ): TSEvent {
    const others = readSeriesList(other, 'other', TSEvent);
    const given = checkOptions<NonNullable<typeof options>>(options, 'options', [
      'delay',
      'removeDuplicates',
      'inplace',
    ]);
    return this._pool(others, readPerSeries(given.delay, 'delay', others.length), given);
  }

  /**
   * The series as arrays, numbers and flags under the original's keys; texts are in the keys. `dtypeTimes` and `dtypeChannels` round the
   * arrays to a smaller type; the extent is widened if rounded times need it.
   *
   * @throws RangeError `ERR_VALUE` for a type that does not hold the values.
   */
  override toDict(options?: EventDictOptions): SeriesDict {
    return toDict(this, options);
  }

  /**
   * Saves the series as a `.npz` file that the original reads too; `.npz` is appended when the path lacks it. The path holds either
   * the old file or the new one, whole, at every moment. The state of the series at the call counts.
   *
   * @throws RockpoolError `ERR_FILE` with `path` and the reason.
   */
  override async save(path: PathInput, options?: SaveOptions & EventDictOptions & TaskOptions): Promise<void> {
    return save(this, path, options);
  }

  /** {@link save}, here and now. */
  override saveSync(path: PathInput, options?: SaveOptions & EventDictOptions): void {
    saveSync(this, path, options);
  }

  /**
   * Loads a file with a TSEvent, of this package or of any version of the original.
   *
   * @throws TypeError `ERR_TYPE` when the file holds another class; RockpoolError `ERR_FILE` for all that is wrong with the file.
   */
  static override async load(path: PathInput | Uint8Array, options?: NpzLimits): Promise<TSEvent> {
    return (await loadTsFromFile(path, classLoadOptions('TSEvent', options))) as TSEvent;
  }

  /** {@link load}, here and now. */
  static override loadSync(path: PathInput | Uint8Array, options?: NpzLimits): TSEvent {
    return loadTsFromFileSync(path, classLoadOptions('TSEvent', options)) as TSEvent;
  }

  override copy(): TSEvent {
    const base = { ...this._baseInit(), axis: this._shareAxis() };
    const copy = make(new EventInit(base, this._shareChannels(), this._numChannels));
    copy._channelsShared = this._channelsShared;
    return copy;
  }

  /**
   * A raster plot: a mark at the time and channel of each event. Of more events than a picture can show apart, the number in each
   * pixel is shown instead.
   *
   * @throws RangeError `ERR_INDEX` for channels that do not exist, `ERR_SHAPE` for time limits that are not two.
   */
  plot(options?: EventPlotOptions): Plot;
  plot(timeLimits: readonly (number | null)[] | null, options?: EventPlotOptions): Plot;
  plot(first?: readonly (number | null)[] | EventPlotOptions | null, second?: EventPlotOptions): Plot {
    return seriesPlots().plotEvents(this, first, second);
  }

  /** The one-line description; with options (an empty object will do) also the events, as {@link print} gives them. */
  override describe(options?: PrintOptions): string {
    return options === undefined ? eventLine(this) : eventLines(this, options);
  }

  override toString(): string {
    return eventLine(this);
  }

  /** @internal The series as native arguments, valid until it changes. */
  eventArgs(): EventArgs {
    return [this._axis.array, this._channels, this._tStart, this._tStop, this.periodic];
  }

  /** @internal The arrays, not to be written. */
  _peek(): { times: Float64Array; channels: Int32Array } {
    return { times: this._axis.array, channels: this._channels };
  }

  /** @internal */
  override _minTStop(): number {
    return this.length > 0 ? nextUp(this._axis.last) : this._tStart;
  }

  /** @internal */
  override _emptyLike(): TSEvent {
    const base = {
      ...this._baseInit(),
      axis: TimeAxis.of(new Float64Array(0)),
      tStop: this._tStart,
      periodic: false,
      trialStartTimes: null,
    };
    return make(new EventInit(base, new Int32Array(0), 0));
  }

  private _shareChannels(): Int32Array {
    if (this._channelsOut) return this._channels.slice();
    this._channelsShared = true;
    return this._channels;
  }

  private _readWindow({ tStart, tStop, channels }: EventWindow): {
    from: number;
    to: number;
    channels: Int32Array | number;
    limited: boolean;
  } {
    const a = readTime(tStart, 'tStart', this._tStart);
    const b = readTime(tStop, 'tStop', this._tStop);
    const limited = (tStart !== null && tStart !== undefined) || (tStop !== null && tStop !== undefined);
    return { from: Math.min(a, b), to: Math.max(a, b), channels: readSelection(channels, this._numChannels), limited };
  }

  private _read(
    from: number,
    to: number,
    channels: Int32Array | number,
  ): { times: Float64Array; channels: Int32Array } {
    const [times, ids] = native.eventsRead(...this.eventArgs(), from, to, channels);
    return { times, channels: ids };
  }

  private _pool(
    others: readonly TSEvent[],
    delays: readonly number[],
    { removeDuplicates = false, inplace = false }: { removeDuplicates?: boolean } & InplaceOptions,
  ): TSEvent {
    const series = [this, ...others];
    const drop = checkBoolean(removeDuplicates, 'removeDuplicates');
    const numChannels = series.reduce((most, one) => Math.max(most, one.numChannels), 0);
    const pooled = poolEvents(
      series,
      [0, ...delays],
      series.map(() => 0),
      drop,
    );
    return this._with({ ...pooled, numChannels }, checkBoolean(inplace, 'inplace'));
  }

  /** This series or a copy of it, changed. */
  private _with(changes: Changes, inplace = false): TSEvent {
    const series = inplace ? this : this.copy();
    series._change(changes);
    return series;
  }

  private _change({ times, channels, numChannels, tStart, tStop }: Changes): void {
    if (times) this._setAxis(TimeAxis.of(times));
    if (channels) {
      this._channels = channels;
      this._channelsOut = false;
      this._channelsShared = false;
    }
    this._numChannels = numChannels ?? this._numChannels;
    this._tStart = tStart ?? this._tStart;
    this._tStop = tStop ?? this._tStop;
    this._changed();
  }
}

/** A series of what was checked before. */
function make(init: EventInit): TSEvent {
  return new TSEvent(init);
}

registerSeriesClass('TSEvent', TSEvent);
