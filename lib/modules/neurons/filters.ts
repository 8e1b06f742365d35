/** Filter banks as modules. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkInteger, checkNumber, rangeError, shapeError, typeError } from '../../check.js';
import { mergeArguments } from '../../layers/arguments.js';
import { expandToShape } from '../../layers/expand.js';
import {
  type Bands,
  butterworth,
  checkFrequency,
  filterResponse,
  maxOrder,
  prepareFilters,
  type PreparedFilters,
} from '../../layers/filters/design.js';
import { copyTree } from '../attributes.js';
import {
  type KernelCall,
  kernelCall,
  type KernelInput,
  KernelModule,
  kernelOptions,
  moduleArguments,
  moduleOptions,
} from '../kernels/kernel-module.js';
import { SimulationParameter, State } from '../parameter.js';
import type { Pass, PassOptions, Signal, Steps } from '../pass.js';
import { registerModuleClass } from '../registry.js';
import type { FilterModuleOptions } from './filter-options.js';
import { bankBackward, wholeOutput } from './filters-adjoint.js';
import type { TimedModuleWrapper, TimedOptions } from '../timed-module-wrapper.js';

interface FilterSpec {
  states: { filterState: Matrix };
  simulationParameters: Record<'fs' | 'cutoffFs' | 'order' | 'numWorkers', number> &
    Record<'meanSubtraction' | 'normalize' | 'useLowpass', boolean>;
}

const names = ['fs', 'order', 'meanSubtraction', 'normalize', 'numWorkers', 'useLowpass'] as const;

const checks: Record<string, (value: unknown, name: string) => unknown> = {
  order: (value, name) => checkInteger(value, name, { min: 1, max: maxOrder }),
  meanSubtraction: checkBoolean,
  normalize: checkBoolean,
  useLowpass: checkBoolean,
  numWorkers: (value, name) => checkInteger(value, name, { min: 1 }),
};
for (const name of ['fs', 'cutoffFs', 'filterWidth']) checks[name] = (v) => checkNumber(v, name, { positive: true });

const defaults = { fs: 44100, order: 2, meanSubtraction: false, normalize: false, numWorkers: 1, useLowpass: true };

/**
 * Filters side by side that listen to one channel. A subclass registers what its bands depend on and ends its constructor with
 * {@link begin}.
 */
abstract class FilterModule<S extends object> extends KernelModule<FilterSpec & S> {
  declare fs: number;
  declare cutoffFs: number;
  declare readonly order: number;
  declare meanSubtraction: boolean;
  declare normalize: boolean;
  declare numWorkers: number;
  declare readonly useLowpass: boolean;
  /** The two numbers of every section, band-pass then low-pass: `[filters, sections, 2]`. */
  declare filterState: Matrix;
  #begun = false;

  protected constructor(filters: number, given: FilterModuleOptions) {
    super({ shape: [1, filters] }, kernelOptions(given));
    for (const name of names) this.setUp(name, given[name] ?? defaults[name]);
  }

  /** Registers a simulation parameter. */
  protected setUp(name: string, data: unknown): void {
    this.register(name, new SimulationParameter({ data: checks[name](data, name) as number }));
  }

  /** Designs the filters for the first time: all parameters are there. */
  protected begin(): void {
    const sections = this.order + (this.useLowpass ? Math.ceil(this.order / 2) : 0);
    this.register(
      'filterState',
      new State({ shape: [this.sizeOut, sections, 2], init: (shape) => NdArray.zeros(shape) }),
    );
    this.#prepare();
    this.#begun = true;
  }

  /** Edges of the bands in Hz, new arrays. */
  abstract get bands(): Bands;

  /** The second-order sections of the band-passes, `b0 b1 b2 1 a1 a2`: filters x sections x 6, a copy. */
  get filters(): Matrix {
    return this.#prepare().design.bandpass.copy();
  }

  /** The sections of the low-pass, sections x 6, a copy; null when there is none. */
  get lowpass(): Matrix | null {
    return this.#prepare().design.lowpass?.copy() ?? null;
  }

  /**
   * Magnitude of the transfer functions of the band-passes at `nPts` frequencies from 0 up to, but not including, half the sample rate.
   *
   * @returns The frequencies in Hz, and the magnitudes, filters x `nPts`.
   */
  getAnalyticalFilterResponse(nPts: number): [frequencies: Float64Array, response: Matrix] {
    const n = checkInteger(nPts, 'nPts', { min: 1 });
    return filterResponse(this.#prepare().design, this.sizeOut, this.fs / 2, n);
  }

  /** The same as of every module; the default of `dt` is `1 / fs`. */
  override timed(options: TimedOptions = {}): TimedModuleWrapper<this> {
    return super.timed(this.hasAttribute('dt') ? options : { ...options, dt: options.dt ?? 1 / this.fs });
  }

  #prepare(): PreparedFilters {
    return this.plan('filters', () => {
      const cutoff = checkFrequency(this.cutoffFs, 'cutoffFs', this.fs);
      const design = butterworth(this.order, this.fs, this.bands, cutoff);
      if (!this.useLowpass) design.lowpass = null;
      return prepareFilters(design, this.sizeOut, this.useLowpass);
    });
  }

  protected override checkAttribute(name: string, value: unknown): unknown {
    if ((name === 'order' || name === 'useLowpass') && value !== this[name])
      throw rangeError(name, `the one of the construction, ${String(this[name])}`, value);
    return checks[name]?.(value, name) ?? value;
  }

  /** A parameter for which there are no filters is refused and leaves the module as it was. */
  protected override assign(name: string, value: unknown): void {
    const before = copyTree(this.attribute(name));
    super.assign(name, value);
    try {
      if (this.#begun) this.#prepare();
    } catch (error) {
      super.assign(name, before);
      throw error;
    }
  }

  protected override prepare(input: KernelInput): KernelCall {
    const { call, output, after } = this.#call(input, this.numbers('filterState'));
    return { ...call, output, states: { filterState: after } };
  }

  #call(input: KernelInput, from: Float64Array) {
    const { batch, steps, data } = input;
    const { plan } = this.#prepare();
    const output = this.room(input, [this.sizeOut]);
    const after = this.stateRoom('filterState', batch);
    const args = [
      ...([plan, batch, steps, this.normalize, this.meanSubtraction, data, output.data] as const),
      ...([from, after] as const),
    ] as const;
    const call = kernelCall([native.filterBatch, native.filterBatchAsync], this.precisionCode, args);
    return { call, output, after };
  }

  /** @internal What is done to an output as a whole is not gone back through. */
  override *_pass(input: Signal, options: PassOptions): Steps<Pass> {
    if (options.tape && (this.normalize || this.meanSubtraction)) throw wholeOutput(this.fullName);
    const given = this.passInput(input, options);
    const from = this.passState(options, 'filterState');
    const { call, output, after } = this.#call(given, from);
    yield call;
    const { design } = this.#prepare();
    const { needsInput } = options;
    const tape = { design, filters: this.sizeOut, rectify: this.useLowpass, input: given, from, needsInput };
    return { output, state: { filterState: after }, recorded: {}, backward: (g) => bankBackward(tape, g) };
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), fs: this.fs, order: this.order, useLowpass: this.useLowpass };
  }
}

/** Options of {@link ButterMelFilter}. */
export interface ButterMelFilterModuleOptions extends FilterModuleOptions {
  /** Number of filters, or `[1, filters]`. Default 64. */
  shape?: number | readonly number[];
  /** Cutoff of the low-pass in Hz, and lower edge of the lowest band. Default 100. */
  cutoffFs?: number;
  /** Width of the bands: that of each is `filterWidth / filters` of its lower edge. Default 2. */
  filterWidth?: number;
}

/**
 * Butterworth band-passes whose lower edges are evenly spaced in mel, from `cutoffFs` to where the upper edge of the last band lies just
 * below half the sample rate; then the magnitude of each, smoothed by a low-pass. The filters' states go on from evolution to evolution.
 */
export class ButterMelFilter extends FilterModule<{ simulationParameters: { filterWidth: number } }> {
  declare filterWidth: number;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape, also for bands that reach half the sample rate. */
  constructor(shape?: number | readonly number[], options?: Omit<ButterMelFilterModuleOptions, 'shape'>);
  constructor(options: ButterMelFilterModuleOptions);
  constructor(...args: [unknown?, object?]) {
    const own = [...names, 'cutoffFs', 'filterWidth'];
    const given = moduleOptions<ButterMelFilterModuleOptions>(moduleArguments(args), own);
    super(filtersOf(given.shape ?? 64), given);
    this.setUp('cutoffFs', given.cutoffFs ?? 100);
    this.setUp('filterWidth', given.filterWidth ?? 2);
    this.begin();
  }

  /** Edges of the bands in Hz, new arrays. */
  get bands(): Bands {
    const [low, high] = [new Float64Array(this.sizeOut), new Float64Array(this.sizeOut)];
    native.melBands(this.fs, this.cutoffFs, this.filterWidth, low, high);
    return { low, high };
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), cutoffFs: this.cutoffFs, filterWidth: this.filterWidth };
  }
}

/** Options of {@link ButterFilter}. */
export interface ButterFilterModuleOptions extends FilterModuleOptions {
  /** Centres of the bands in Hz, one for each filter. */
  frequency: ArrayInput;
  /** Their widths in Hz: a number or one for each. */
  bandwidth: ArrayInput;
}

type Bandwidths = { simulationParameters: { frequency: Matrix; bandwidth: Matrix } };

/**
 * Butterworth band-passes from `frequency - bandwidth / 2` to `frequency + bandwidth / 2`; then the magnitude of each, smoothed by a
 * low-pass at `cutoffFs`, the lower edge of the band with the lowest centre. The filters' states go on from evolution to evolution.
 */
export class ButterFilter extends FilterModule<Bandwidths> {
  /** Centres of the bands in Hz, [filters]. */
  declare frequency: Matrix;
  /** Widths of the bands in Hz, [filters]. */
  declare bandwidth: Matrix;

  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape; every band must lie above 0 and below `fs / 2`. */
  constructor(
    frequency: ArrayInput,
    bandwidth: ArrayInput,
    options?: Omit<ButterFilterModuleOptions, 'frequency' | 'bandwidth'>,
  );
  constructor(options: ButterFilterModuleOptions);
  constructor(...args: [unknown, unknown?, object?]) {
    const bands = ['frequency', 'bandwidth'] as const;
    const given = moduleOptions<ButterFilterModuleOptions & { shape?: unknown }>(
      mergeArguments<ButterFilterModuleOptions>(args, bands),
      [...names, ...bands],
    );
    for (const name of bands)
      if (given[name] === undefined) throw typeError(name, 'a number or an array of numbers', given[name]);
    const frequency = toNdArray(given.frequency, 'frequency', 'float64');
    const n = frequency.size;
    if (n === 0) throw shapeError('frequency', 'a number or an array of numbers', 'an empty array');
    if (given.shape !== undefined && filtersOf(given.shape) !== n)
      throw shapeError('frequency', `${filtersOf(given.shape)} numbers`, `${n} of them`);
    super(n, given);
    const values = [frequency.data.slice(), expandToShape(given.bandwidth, [n], 'bandwidth')!.data];
    for (const [i, name] of bands.entries())
      this.register(name, new SimulationParameter<Matrix>({ data: new NdArray(values[i], [n]), shape: [n] }));
    this.link('cutoffFs', {
      kind: 'simulationParameter',
      read: () => native.lowestEdge(this.frequency.data, this.bandwidth.data),
      write: (value) => {
        throw rangeError('cutoffFs', 'left alone: it is the lower edge of the band with the lowest centre', value);
      },
    });
    this.begin();
  }

  /** Edges of the bands in Hz, new arrays. */
  get bands(): Bands {
    const [low, high] = [new Float64Array(this.sizeOut), new Float64Array(this.sizeOut)];
    native.centredBands(this.frequency.data, this.bandwidth.data, low, high);
    return { low, high };
  }

  protected override config(): Record<string, unknown> {
    return { ...super.config(), frequency: this.frequency.toArray(), bandwidth: this.bandwidth.toArray() };
  }
}

/** The filters of `n` or `[1, n]`. */
function filtersOf(shape: unknown): number {
  if (!Array.isArray(shape)) return checkInteger(shape, 'shape', { min: 1, max: 2 ** 24 });
  if (shape.length !== 2 || shape[0] !== 1)
    throw shapeError('shape', 'the number of filters, or [1, filters]', String(shape));
  return checkInteger(shape[1], 'shape', { min: 1, max: 2 ** 24 });
}

for (const [name, cls] of Object.entries({ ButterFilter, ButterMelFilter })) registerModuleClass(name, cls);
