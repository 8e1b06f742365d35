/** Continuous time series: samples of one or more channels, and the values between them. */
import { type ArrayLike_, type Matrix, NdArray, toNdArray } from '../array.js';
import { checkBoolean, checkNumber, checkOptions, checkString } from '../check.js';
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
import type { ContinuousDictOptions, SeriesDict } from '../io/series-fields.js';
import type { NpzLimits } from '../io/npz.js';
import type { TaskOptions } from '../task.js';
import { arithmetic, comparison, either, limitOf, matmul, type SeriesOperand, unary } from './continuous/arithmetic.js';
import type { Channels } from './continuous/channels.js';
import {
  clip,
  clipNames,
  type ClipOptions,
  resample,
  resampleAsync,
  type ResampleOptions,
  slice,
  type SliceOptions,
} from './continuous/clip.js';
import { type FromClockedOptions, readClocked } from './continuous/clocked.js';
import { describeSeries } from './continuous/describe.js';
import {
  type ContinuousInit,
  checkSampleCount,
  readInit,
  shapeSamples,
  type TSContinuousOptions,
} from './continuous/init.js';
import { checkFill, checkKind, type FillValue, fillRows, type InterpKind } from './continuous/kinds.js';
import { appendC, appendT, type AppendTOptions, merge, type MergeOptions } from './continuous/join.js';
import { makeSamplerArgs, sampleAt, sampleAtAsync, toClocked } from './continuous/sampling.js';
import type { SamplerArgs } from './native.js';
import { seriesPlots } from '../lazy.js';
import type { Plot } from '../plot/plot.js';
import type { ContinuousPlotOptions } from '../plot/series.js';
import { TimeAxis } from './time-axis.js';
import { type InplaceOptions, type PrintOptions, TimeSeries } from './time-series.js';

/** Samples that are known to be right: times sorted, as many rows as times. */
export interface TrustedContinuous {
  times: Float64Array;
  /** `times.length x numChannels`, row-major. */
  samples: Float64Array;
  numChannels: number;
  tStart: number;
  tStop: number;
  interpKind?: InterpKind;
  name?: string;
}

/** What {@link TSContinuous.clockedTrusted} takes: sample `i` is at `(first + i) * dt + t0`. */
export interface TrustedClocked {
  /** `n x numChannels`, row-major. */
  samples: Float64Array;
  numChannels: number;
  t0: number;
  dt: number;
  n: number;
  /** Default 0. */
  first?: number;
  tStart: number;
  tStop: number;
  interpKind?: InterpKind;
  name?: string;
}

const trusted = Symbol('trusted');

function trustedInit(
  axis: TimeAxis,
  { samples, numChannels, tStart, tStop, interpKind, name }: TrustedContinuous | TrustedClocked,
): ContinuousInit {
  return {
    axis,
    tStart,
    tStop,
    periodic: false,
    name: name ?? 'unnamed',
    plottingBackend: null,
    trialStartTimes: null,
    samples,
    channels: numChannels,
    kind: interpKind ?? 'previous',
    fill: 'extrapolate',
    units: null,
    beyondRangeException: true,
    approxLimitTimes: true,
  };
}

/** A series of samples in time, with one or more channels, and a rule for the values between them. */
export class TSContinuous extends TimeSeries {
  /** @internal */
  _samples: Float64Array;
  /** @internal */
  _channels: number;
  /** @internal The samples were handed out: they may change at any time. */
  _samplesOut = false;
  private _matrix: Matrix | null = null;
  private _kind: InterpKind;
  private _fill: FillValue;
  private _units: string | null;
  private _beyond: boolean;
  private _approx: boolean;
  private _args: SamplerArgs | null = null;

  /**
   * Samples at times: `samples` is `T x C`, or a vector (one channel), or a vector of `T * C` numbers row by row.
   *
   * @throws RangeError `ERR_VALUE` for times that are not finite or not in order, or limits that cut samples off; `ERR_SHAPE` for
   * samples that do not fit the times. TypeError `ERR_TYPE` for anything of another kind.
   */
  constructor(times?: ArrayLike_ | null, samples?: ArrayLike_ | null, options?: TSContinuousOptions);
  constructor(options: TSContinuousOptions & { times?: ArrayLike_ | null; samples?: ArrayLike_ | null });
  constructor(first?: unknown, second?: unknown, third?: unknown) {
    const init = first === trusted ? (second as ContinuousInit) : readInit(first, second, third);
    super(init);
    this._samples = init.samples;
    this._channels = init.channels;
    this._kind = init.kind;
    this._fill = init.fill;
    this._units = init.units;
    this._beyond = init.beyondRangeException;
    this._approx = init.approxLimitTimes;
  }

  /** @internal A series of checked parts, which it keeps by reference. */
  static _make(init: ContinuousInit): TSContinuous {
    return new TSContinuous(trusted as never, init as never);
  }

  /**
   * A series over arrays that are known to be right, for outputs of kernels: nothing is checked or copied, and `interpKind` is
   * `'previous'` by default.
   */
  static fromTrusted(parts: TrustedContinuous): TSContinuous {
    return TSContinuous._make(trustedInit(TimeAxis.of(parts.times), parts));
  }

  /** The same for samples at the ticks of a clock: the array of times is made when it is first asked for. */
  static clockedTrusted(parts: TrustedClocked): TSContinuous {
    const { t0, dt, n, first = 0 } = parts;
    return TSContinuous._make(trustedInit(TimeAxis.clocked({ t0, dt, first }, n), parts));
  }

  /**
   * A series of samples at the ticks of a clock: sample `k` is at `k * dt + tStart`, and the extent ends one `dt` after the last. A
   * vector is one channel, a matrix has a row for each sample. `interpKind` is `'previous'` by default.
   *
   * @throws TypeError `ERR_TYPE` when there are no samples.
   */
  static fromClocked(samples: ArrayLike_, dt: number, options?: FromClockedOptions): TSContinuous;
  static fromClocked(samples: ArrayLike_, options: FromClockedOptions & { dt: number }): TSContinuous;
  static fromClocked(samples: ArrayLike_, dt: number | object, options?: FromClockedOptions): TSContinuous {
    return TSContinuous._make(readClocked(samples, dt, options));
  }

  get numChannels(): number {
    return this._channels;
  }

  /** The same as {@link numChannels}. */
  get numTraces(): number {
    return this._channels;
  }

  /**
   * The samples, `length x numChannels`: the live buffer. What is written into it counts from the next reading on. Assigning follows
   * the shape rules of the constructor.
   */
  get samples(): Matrix {
    if (!this._samplesOut) {
      this._samplesOut = true;
      this._args = null;
    }
    return (this._matrix ??= new NdArray(this._samples, [this.length, this._channels]));
  }

  set samples(value: ArrayLike_) {
    const { data, channels } = shapeSamples(toNdArray(value, 'samples', 'float64'), this.length);
    fillRows(this._fill, channels);
    this._setSamples(data, channels);
  }

  /** How values between the samples come about. */
  get interpKind(): InterpKind {
    return this._kind;
  }

  set interpKind(value: InterpKind) {
    const kind = checkKind(value);
    checkSampleCount(kind, this.length, this.name);
    this._kind = kind;
    this._changed();
  }

  /** Values beyond the outermost samples, within the extent. */
  get fillValue(): FillValue {
    return this._fill;
  }

  set fillValue(value: FillValue) {
    const fill = checkFill(value);
    fillRows(fill, this._channels);
    this._fill = fill;
    this._changed();
  }

  /** Free text, for the axis of plots. */
  get units(): string | null {
    return this._units;
  }

  set units(value: string | null) {
    this._units = value === null || value === undefined ? null : checkString(value, 'units');
  }

  /** Whether sampling outside the extent is an error (default); otherwise it gives NaN and a warning. */
  get beyondRangeException(): boolean {
    return this._beyond;
  }

  set beyondRangeException(value: boolean) {
    this._beyond = checkBoolean(value, 'beyondRangeException');
  }

  /** Whether times that miss the extent by at most min(1e-9 s, 1e-6 duration) are moved to its limit (default), with a warning. */
  get approxLimitTimes(): boolean {
    return this._approx;
  }

  set approxLimitTimes(value: boolean) {
    this._approx = checkBoolean(value, 'approxLimitTimes');
    this._changed();
  }

  /**
   * The values at any times, in any order: `n x numChannels`.
   *
   * @throws RangeError `ERR_TIME_RANGE` for a time outside the extent of a series that is not periodic, unless
   * {@link beyondRangeException} is off.
   */
  sample(times: ArrayLike_): Matrix {
    return sampleAt(this, toNdArray(times, 'times', 'float64').data);
  }

  /** {@link sample} off the event loop, for many times. The series may change meanwhile: its state at the call counts. */
  async sampleAsync(times: ArrayLike_, options?: TaskOptions): Promise<Matrix> {
    return sampleAtAsync(this, toNdArray(times, 'times', 'float64').data, options);
  }

  /** The values of all channels at one time. */
  at(t: number): Float64Array {
    return sampleAt(this, Float64Array.of(checkNumber(t, 't', { infinite: true }))).data;
  }

  /** The series as a native call takes it, to be spread: see `src/sampler_args.h`. Valid until the series changes. */
  samplerArgs(): SamplerArgs {
    return (this._args ??= makeSamplerArgs(this));
  }

  /**
   * The part between two limits, with samples at the limits where there are none. The extent becomes [tStart, tStop], and a
   * periodic series one that is not, if a limit is given.
   *
   * @throws RangeError `ERR_INDEX` for channels that do not exist, `ERR_TIME_RANGE` where a sample at a limit outside the extent is
   * asked for.
   */
  clip(options?: ClipOptions): TSContinuous;
  clip(tStart?: number | null, tStop?: number | null, options?: Omit<ClipOptions, 'tStart' | 'tStop'>): TSContinuous;
  clip(first?: ClipOptions | number | null, tStop?: number | null, options?: ClipOptions): TSContinuous {
    if (typeof first === 'object' && first !== null) return clip(this, first);
    return clip(this, { ...checkOptions<ClipOptions>(options, 'options', clipNames), tStart: first, tStop });
  }

  /**
   * A series with samples at the given times, which must be in order. It starts at the first and stops at the last of them, or at
   * `tStop`.
   */
  resample(times: ArrayLike_, options?: ResampleOptions): TSContinuous {
    return resample(this, times, options);
  }

  /** {@link resample} off the event loop, for many times. */
  async resampleAsync(
    times: ArrayLike_,
    options?: Omit<ResampleOptions, 'inplace'> & TaskOptions,
  ): Promise<TSContinuous> {
    return resampleAsync(this, times, options);
  }

  /**
   * Without a step: the samples at times in [from, to), the extent becoming [from, to]. With a step: samples at `from + k * step`, as
   * far as that is before `to` and within the extent.
   */
  slice(from?: number | null, to?: number | null, options?: SliceOptions): TSContinuous {
    return slice(this, from, to, options);
  }

  /** A series with samples at these times (default: its own) and of these channels (default: all). */
  select(options: { times?: ArrayLike_ | null; channels?: Channels | null } = {}): TSContinuous {
    const { times, channels } = checkOptions<typeof options>(options, 'options', ['times', 'channels']);
    if (times === null || times === undefined) return slice(this, null, null, { channels });
    return resample(this, times, { channels });
  }

  /**
   * The values at the ticks of a clock: row `k` is at `k * dt + tStart`, as many as fit into the extent. The opposite of
   * {@link fromClocked}.
   */
  toClocked(dt: number): Matrix {
    return toClocked(this, dt);
  }

  /**
   * Adds the channels of other series to the right of this one's, sampled at this one's times.
   *
   * @throws RangeError `ERR_TIME_RANGE` when another series does not cover this one's times.
   */
  appendC(other: TSContinuous | Iterable<TSContinuous>, options?: InplaceOptions): TSContinuous {
    return appendC(this, other, options);
  }

  /** Joins other series in time, each after the end of the one before and an offset. Samples at equal times are all kept. */
  override appendT(other: TSContinuous | Iterable<TSContinuous>, options?: AppendTOptions): TSContinuous {
    return appendT(this, other, options);
  }

  /** Interleaves the samples of series in time; of equal times the earlier series comes first. */
  merge(other: TSContinuous | Iterable<TSContinuous>, options?: MergeOptions): TSContinuous {
    return merge(this, other, options);
  }

  /** The smallest sample of all channels, NaN left out. @throws RangeError `ERR_SHAPE` when there are no samples. */
  get min(): number {
    return limitOf(this, 0);
  }

  /** The largest sample of all channels, NaN left out. @throws RangeError `ERR_SHAPE` when there are no samples. */
  get max(): number {
    return limitOf(this, 1);
  }

  /** `this + other`; a NaN on one side counts as 0. */
  add(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'add', other, options);
  }

  /** `this - other`; a NaN on one side counts as 0. */
  sub(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'sub', other, options);
  }

  /** `this * other`. */
  mul(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'mul', other, options);
  }

  /** `this / other`, as IEEE 754 divides. */
  div(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'div', other, options);
  }

  /** The largest integers not above `this / other`. */
  floorDiv(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'floorDiv', other, options);
  }

  /** `this` to the power of `other`; NaN for a negative base with a fractional exponent, and where either side is NaN. */
  pow(other: SeriesOperand, options?: InplaceOptions): TSContinuous {
    return arithmetic(this, 'pow', other, options);
  }

  /** `other + this`. */
  radd(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'add', other, undefined, true);
  }

  /** `other - this`. */
  rsub(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'sub', other, undefined, true);
  }

  /** `other * this`. */
  rmul(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'mul', other, undefined, true);
  }

  /** `other / this`. */
  rdiv(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'div', other, undefined, true);
  }

  /** The largest integers not above `other / this`. */
  rfloorDiv(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'floorDiv', other, undefined, true);
  }

  /** `other` to the power of `this`. */
  rpow(other: SeriesOperand): TSContinuous {
    return arithmetic(this, 'pow', other, undefined, true);
  }

  /** All samples with the sign turned. */
  neg(options?: InplaceOptions): TSContinuous {
    return unary(this, 'negate', options);
  }

  /** The absolute values of all samples. */
  abs(options?: InplaceOptions): TSContinuous {
    return unary(this, 'absolute', options);
  }

  /** The samples times a matrix, `numChannels x M`, or a vector of `numChannels` (which gives one channel). */
  matmul(weights: ArrayLike_, options?: InplaceOptions): TSContinuous {
    return matmul(this, weights, options);
  }

  /** 1 where a sample equals the other side's value at its time, else 0. Comparisons with NaN never hold, but for {@link ne}. */
  eq(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'eq', other);
  }

  /** 1 where a sample differs from the other side's value at its time, else 0. */
  ne(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'ne', other);
  }

  /** 1 where a sample is less than the other side's value at its time, else 0. */
  lt(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'lt', other);
  }

  /** 1 where a sample is at most the other side's value at its time, else 0. */
  le(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'le', other);
  }

  /** 1 where a sample is greater than the other side's value at its time, else 0. */
  gt(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'gt', other);
  }

  /** 1 where a sample is at least the other side's value at its time, else 0. */
  ge(other: SeriesOperand): NdArray<Uint8Array> {
    return comparison(this, 'ge', other);
  }

  /** `a + b`, where either side is a series. */
  static add(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('add', a, b);
  }

  /** `a - b`, where either side is a series. */
  static sub(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('sub', a, b);
  }

  /** `a * b`, where either side is a series. */
  static mul(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('mul', a, b);
  }

  /** `a / b`, where either side is a series. */
  static div(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('div', a, b);
  }

  /** The largest integers not above `a / b`, where either side is a series. */
  static floorDiv(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('floorDiv', a, b);
  }

  /** `a` to the power of `b`, where either side is a series. */
  static pow(a: SeriesOperand, b: SeriesOperand): TSContinuous {
    return either('pow', a, b);
  }

  /** Pairs of a time and the samples of all channels, as a copy. */
  *[Symbol.iterator](): IterableIterator<[time: number, row: Float64Array]> {
    const { array } = this._axis;
    for (let i = 0; i < array.length; i++) {
      yield [array[i], this._samples.slice(i * this._channels, (i + 1) * this._channels)];
    }
  }

  /**
   * A plot of the samples, a line for each channel. First the channels are chosen, then every `skip`-th of them is kept, then the j-th
   * of the rest is moved up by `j * stagger`. Samples that are not finite break the lines.
   *
   * @throws RangeError `ERR_INDEX` for channels that do not exist, `ERR_TIME_RANGE` for times outside the extent.
   */
  plot(options?: ContinuousPlotOptions): Plot;
  /** The same with the times to sample at as an argument of its own; null for the samples that are there. */
  plot(times: ArrayLike_ | null, options?: ContinuousPlotOptions): Plot;
  plot(first?: ArrayLike_ | ContinuousPlotOptions | null, second?: ContinuousPlotOptions): Plot {
    return seriesPlots().plotContinuous(this, first, second);
  }

  /** The one-line description; with options (even none set), lines with the samples too. */
  describe(options?: PrintOptions): string {
    return describeSeries(this, options);
  }

  /**
   * The series as arrays, numbers and flags under the original's keys; texts are in the keys. `dtypeTimes` and `dtypeSamples` round the
   * arrays to a smaller type; the extent is widened if rounded times need it.
   *
   * @throws RangeError `ERR_VALUE` for a type that does not hold the values.
   */
  override toDict(options?: ContinuousDictOptions): SeriesDict {
    return toDict(this, options);
  }

  /**
   * Saves the series as a `.npz` file that the original reads too; `.npz` is appended when the path lacks it. The path holds either
   * the old file or the new one, whole, at every moment. The state of the series at the call counts.
   *
   * @throws RockpoolError `ERR_FILE` with `path` and the reason.
   */
  override async save(path: PathInput, options?: SaveOptions & ContinuousDictOptions & TaskOptions): Promise<void> {
    return save(this, path, options);
  }

  /** {@link save}, here and now. */
  override saveSync(path: PathInput, options?: SaveOptions & ContinuousDictOptions): void {
    saveSync(this, path, options);
  }

  /**
   * Loads a file with a TSContinuous, of this package or of any version of the original.
   *
   * @throws TypeError `ERR_TYPE` when the file holds another class; RockpoolError `ERR_FILE` for all that is wrong with the file.
   */
  static override async load(path: PathInput | Uint8Array, options?: NpzLimits): Promise<TSContinuous> {
    return (await loadTsFromFile(path, classLoadOptions('TSContinuous', options))) as TSContinuous;
  }

  /** {@link load}, here and now. */
  static override loadSync(path: PathInput | Uint8Array, options?: NpzLimits): TSContinuous {
    return loadTsFromFileSync(path, classLoadOptions('TSContinuous', options)) as TSContinuous;
  }

  copy(): TSContinuous {
    return TSContinuous._make({ ...this._init(), axis: this._shareAxis(), samples: this._samples.slice() });
  }

  /** @internal This series with other parts: a new one, or itself. */
  _with(changes: Partial<ContinuousInit>, inplace: boolean): TSContinuous {
    if (!inplace) return TSContinuous._make({ ...this._init(), ...changes });
    if (changes.axis) this._setAxis(changes.axis);
    if (changes.samples) this._setSamples(changes.samples, changes.channels ?? this._channels);
    this._fill = changes.fill ?? this._fill;
    this._tStart = changes.tStart ?? this._tStart;
    this._tStop = changes.tStop ?? this._tStop;
    if (changes.periodic !== undefined) this.periodic = changes.periodic;
    this._changed();
    return this;
  }

  /** @internal All attributes, the arrays by reference. */
  _init(): ContinuousInit {
    return {
      ...this._baseInit(),
      samples: this._samples,
      channels: this._channels,
      kind: this._kind,
      fill: this._fill,
      units: this._units,
      beyondRangeException: this._beyond,
      approxLimitTimes: this._approx,
    };
  }

  /** @internal New samples; arrays that were handed out keep the old ones. */
  _setSamples(samples: Float64Array, channels: number): void {
    this._samples = samples;
    this._channels = channels;
    this._samplesOut = false;
    this._matrix = null;
    this._changed();
  }

  override _changed(): void {
    this._args = null;
  }

  override _emptyLike(): TSContinuous {
    return TSContinuous._make({
      ...this._init(),
      axis: TimeAxis.of(new Float64Array(0)),
      tStop: this.tStart,
      periodic: false,
      trialStartTimes: null,
      samples: new Float64Array(0),
    });
  }
}

registerSeriesClass('TSContinuous', TSContinuous);
