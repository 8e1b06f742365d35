/** Continuous time series: samples of one or more channels, and the values between them. */
import { type ArrayLike_, type Matrix, NdArray, toNdArray } from '../array.js';
import { checkBoolean, checkNumber, checkString } from '../check.js';
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
import {
  type ContinuousInit,
  checkSampleCount,
  readInit,
  shapeSamples,
  type TSContinuousOptions,
} from './continuous/init.js';
import { checkFill, checkKind, type FillValue, fillRows, type InterpKind } from './continuous/kinds.js';
import { makeSamplerArgs, sampleAt, sampleAtAsync } from './continuous/sampling.js';
import type { SamplerArgs } from './native.js';
import { TimeAxis } from './time-axis.js';
import { TimeSeries } from './time-series.js';

/** What {@link TSContinuous.fromTrusted} takes. */
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

  describe(): string {
    return `TSContinuous \`${this.name}\``;
  }

  appendT(): TSContinuous {
    throw new Error('not here yet');
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
