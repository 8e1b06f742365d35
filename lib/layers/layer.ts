/** The base class of all layers: long, since it is the one page that tells what every layer does. */
import { inspect } from 'node:util';
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../array.js';
import { native } from '../binding.js';
import {
  checkFunction,
  checkInteger,
  checkNumber,
  checkOptions,
  checkSignal,
  checkString,
  rangeError,
  shapeError,
  typeError,
} from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { freshSeed } from '../lazy.js';
import { writeFileAtomic, writeFileAtomicSync } from '../io/atomic.js';
import { decodePlain, encodePlain, getInline, putInline } from '../io/plain-data.js';
import { stepFloor, timeOf } from '../time-grid.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { TimeSeries } from '../time-series/time-series.js';
import { warn } from '../warnings.js';
import { mergeArguments } from './arguments.js';
import { camelCaseKeys, readConfig, readConfigSync, toPlain, toText } from './config.js';
import { type ExpandOptions, expandToShape } from './expand.js';
import { Lock } from './lock.js';
import * as prepare from './prepare-input.js';
import { layerClass, layerClassName } from './registry.js';
import { checkSnapshot } from './snapshot.js';
import { streamPieces } from './stream.js';
import type {
  AsyncEvolveOptions,
  EventInputWindow,
  EvolveOptions,
  LayerConfig,
  LayerOptions,
  LayerSnapshot,
  PreparedInput,
  PrepareOptions,
  RandomizeOptions,
  SamplingWindow,
  StreamOptions,
  StreamSource,
  ToDictOptions,
  WeightedLayerOptions,
} from './types.js';

const optionNames = ['weights', 'dt', 'noiseStd', 'name', 'seed'];
const maxSeed = Number.MAX_SAFE_INTEGER;

/**
 * A population of units with input weights, a clock and a state, that turns an input series into an output series.
 *
 * A subclass provides {@link evolve} and, when its constructor takes more arguments, {@link toDict}. See
 * `docs/writing-a-layer.md`.
 */
export abstract class Layer {
  /** The layer's name. A network that holds another layer of the same name refers to this one by an alias. */
  #name = 'unnamed';
  #weights: Matrix;
  #dt = 1;
  #noiseStd = 0;
  #seed: number;
  #timestep = 0;
  #state: Float64Array | null = null;
  readonly #lock = new Lock();

  /**
   * @param weights Input weights, `sizeIn` x `size`, indexed [pre, post]. A vector is one row, a number is 1 x 1.
   *   An object with a two-element `shape` and no `data` (a weight container of your own) is kept as it is.
   */
  constructor(weights: ArrayInput, options?: LayerOptions);
  constructor(options: WeightedLayerOptions);
  constructor(...args: [unknown?, LayerOptions?]) {
    if (typeof this.evolve !== 'function')
      throw typeError(
        'this',
        'an instance of a subclass of Layer that provides evolve',
        (this as object).constructor.name,
        true,
      );
    const options = checkOptions<WeightedLayerOptions>(
      mergeArguments<WeightedLayerOptions>(args, ['weights']),
      'options',
      optionNames,
    );
    this.#weights = readWeights(options.weights);
    this.#dt = checkNumber(options.dt ?? 1, 'dt', { positive: true });
    this.#noiseStd = checkNumber(options.noiseStd ?? 0, 'noiseStd', { min: 0 });
    this.#name = checkString(options.name ?? 'unnamed', 'name');
    this.#seed =
      options.seed === undefined ? freshSeed() : checkInteger(options.seed, 'seed', { min: 0, max: maxSeed });
  }

  // ---- Parameters -------------------------------------------------------------------------------------------------

  /** Input weights, `sizeIn` x `size`: the layer's own array, so that writing an element takes effect. */
  get weights(): Matrix {
    return this.#weights;
  }

  /** Takes the exact shape or as many numbers in a vector; copies. */
  set weights(value: ArrayInput) {
    this.checkIdle();
    if (value === null || value === undefined) throw typeError('weights', 'an array of numbers', value);
    const shape = this.#weights.shape;
    const array = toNdArray(value, 'weights', 'float64');
    const what = `${shapeText(shape)} (sizeIn x size)`;
    if (array.ndim < 2) {
      if (array.size !== shape[0] * shape[1])
        throw shapeError('weights', what, array.ndim === 0 ? 'a number' : `${array.size} numbers`);
      warn(
        'WEIGHTS_RESHAPED',
        `${this.startPrint}weights of fewer than 2 dimensions are read as a matrix of ${shapeText(shape)}`,
      );
    } else if (array.ndim !== 2 || array.shape[0] !== shape[0] || array.shape[1] !== shape[1]) {
      throw shapeError('weights', what, shapeText(array.shape));
    }
    this.#weights = new NdArray(array.data.slice(), shape);
  }

  /** The state, `size` numbers: the layer's own array. @throws RockpoolError `ERR_STATE` before the first reset. */
  get state(): Float64Array {
    if (!this.#state) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected the state of ${this.#who} to be set, received nothing; the constructor of a layer ends with this.resetAll()`,
      );
    }
    return this.#state;
  }

  /** Takes exactly `size` numbers; copies. */
  set state(value: ArrayInput) {
    this.checkIdle();
    const { data, size } = toNdArray(value, 'state', 'float64');
    if (size !== this.size) throw shapeError('state', `${this.size} numbers (size)`, `${size} of them`);
    this.storeState(data);
  }

  /**
   * Writes the state that an evolution ends with, also while the layer is locked for it. The layer's array is kept, unless its memory
   * was transferred away meanwhile.
   */
  protected storeState(data: Float64Array): void {
    if (this.#state?.length === data.length) this.#state.set(data);
    else this.#state = data.slice();
  }

  /** Time step in seconds. Changing it rescales {@link t}, which is counted in steps. */
  get dt(): number {
    return this.#dt;
  }

  set dt(value: number) {
    this.checkIdle();
    const dt = checkNumber(value, 'dt', { positive: true });
    if (!Number.isFinite(this.#timestep * dt))
      throw rangeError('dt', `so small that the present time of ${this.#timestep} steps is finite`, value);
    this.#dt = dt;
  }

  /** Standard deviation of the noise on the state after 1 s. A subclass scales it by its `dt`. */
  get noiseStd(): number {
    return this.#noiseStd;
  }

  set noiseStd(value: number | null) {
    this.checkIdle();
    this.#noiseStd = checkNumber(value ?? 0, 'noiseStd', { min: 0 });
  }

  get name(): string {
    return this.#name;
  }

  set name(value: string | null) {
    this.#name = checkString(value ?? 'unnamed', 'name');
  }

  /** Seed of the layer's random numbers. The same seed and the same calls give the same run. */
  get seed(): number {
    return this.#seed;
  }

  set seed(value: number) {
    this.checkIdle();
    this.#seed = checkInteger(value, 'seed', { min: 0, max: maxSeed });
  }

  // ---- Sizes and types --------------------------------------------------------------------------------------------

  /** Number of units (N). */
  get size(): number {
    return this.#weights.shape[1];
  }

  /** Number of input channels (M). */
  get sizeIn(): number {
    return this.#weights.shape[0];
  }

  /** Number of output channels (O). */
  get sizeOut(): number {
    return this.size;
  }

  /** Class of the series that the layer takes. */
  get inputType(): typeof TSContinuous | typeof TSEvent {
    return TSContinuous;
  }

  /** Class of the series that the layer emits. */
  get outputType(): typeof TSContinuous | typeof TSEvent {
    return TSContinuous;
  }

  /** Name of the class. */
  get className(): string {
    return layerClassName(this.constructor);
  }

  /** Class name and quoted name: the prefix of messages. */
  get startPrint(): string {
    return `${this.className} '${this.name}': `;
  }

  get #who(): string {
    return `${this.className} '${this.name}'`;
  }

  // ---- Time -------------------------------------------------------------------------------------------------------

  /** Present time in seconds: `timestep * dt`. */
  get t(): number {
    return timeOf(this.#timestep, 0, this.dt);
  }

  /** Sets the step that holds this time. */
  set t(value: number) {
    this.checkIdle();
    const timestep = stepFloor(checkNumber(value, 't', { min: 0 }), 0, this.dt);
    if (!Number.isSafeInteger(timestep)) throw rangeError('t', `less than 2^53 time steps of ${this.dt}`, value);
    this.#timestep = timestep;
  }

  /** The same as {@link t}. */
  get _t(): number {
    return this.t;
  }

  set _t(value: number) {
    this.t = value;
  }

  /** Present time in steps. `evolve` of a subclass advances it. */
  get timestep(): number {
    return this.#timestep;
  }

  protected set timestep(value: number) {
    this.#timestep = checkInteger(value, 'timestep', { min: 0 });
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the layer from its present time and returns its output, which lasts from the start to the end of the evolution.
   * The number of steps is `numTimesteps`, else that of `duration`, else that of the input from the present time on.
   */
  abstract evolve(tsInput?: TimeSeries | null, options?: EvolveOptions): TimeSeries;

  /**
   * Evolves off the event loop, where the layer can; a layer without an own method does what `evolve` does. An aborted or failed
   * evolution leaves the layer as it was.
   */
  evolveAsync(tsInput?: TimeSeries | null, options: AsyncEvolveOptions = {}): Promise<TimeSeries> {
    return this.runExclusive(() => {
      const { signal, onProgress, ...rest } = checkOptions<AsyncEvolveOptions>(
        options,
        'options',
        Object.keys(options ?? {}),
      );
      if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
      if (checkSignal(signal)?.aborted) throw abortError(signal as AbortSignal);
      const before = this.snapshot();
      try {
        return Promise.resolve(this.evolve(tsInput, rest));
      } catch (error) {
        this.restore(before);
        throw error;
      }
    });
  }

  /**
   * Evolves piece after piece and yields the outputs. Each piece starts at the layer's present time and lasts a whole number of
   * time steps; memory does not grow with the number of pieces.
   */
  stream(source: StreamSource, options: StreamOptions = {}): AsyncGenerator<TimeSeries, void, undefined> {
    const { signal } = checkOptions<StreamOptions>(options, 'options', ['signal']);
    return streamPieces(this, source, signal, (piece, numTimesteps) =>
      this.evolveAsync(piece, { numTimesteps, signal }),
    );
  }

  /** @throws RockpoolError `ERR_BUSY` while the layer is evolving. */
  protected checkIdle(): void {
    this.#lock.check(this.#who);
  }

  /**
   * Runs `fn` with the layer refusing all other calls until its promise settles. What `fn` does before its first await is allowed
   * to use the layer as usual; afterwards it writes into the layer's arrays and sets `timestep`.
   */
  protected async runExclusive<T>(fn: () => Promise<T>): Promise<T> {
    this.checkIdle();
    return this.#lock.run(fn);
  }

  /** @internal The lock, for a network that evolves its layers. */
  _lock(): Lock {
    return this.#lock;
  }

  // ---- Input preparation, for subclasses --------------------------------------------------------------------------

  /** Number of time steps that an evolution has to take; checks the arguments of `evolve`. */
  protected determineTimesteps(tsInput?: TimeSeries | null, options: EvolveOptions = {}): number {
    this.checkIdle();
    return prepare.determineTimesteps(this, prepare.checkInput(tsInput, TimeSeries), prepare.prepareOptions(options));
  }

  /** The input at each time step: sampled or rasterised, as {@link inputType} says; zeros where there is none. */
  protected prepareInput(tsInput?: TimeSeries | null, options: PrepareOptions = {}): PreparedInput {
    if (this.inputType === TSContinuous) return this.prepareInputContinuous(tsInput as TSContinuous, options);
    const events = this.prepareInputEvents(tsInput as TSEvent, options);
    return { ...events, input: toNdArray(events.input, 'raster', 'float64') };
  }

  /** Samples a continuous input at the start of every step. Undefined samples count as 0; one channel feeds all inputs. */
  protected prepareInputContinuous(tsInput?: TSContinuous | null, options: PrepareOptions = {}): PreparedInput {
    this.checkIdle();
    return prepare.prepareContinuous(this, tsInput, options);
  }

  /** Rasterises an event input. One channel feeds the first input only, unless `broadcastInput` is set. */
  protected prepareInputEvents(tsInput?: TSEvent | null, options: PrepareOptions = {}): PreparedInput<NdArray> {
    this.checkIdle();
    const { addEvents } = this as { addEvents?: boolean };
    return prepare.prepareEvents(this, tsInput, addEvents === undefined ? options : { addEvents, ...options });
  }

  /** Checks a continuous input as {@link prepareInput} does, but leaves the sampling to a kernel in the core. */
  protected samplingWindow(tsInput?: TimeSeries | null, options: PrepareOptions = {}): SamplingWindow {
    this.checkIdle();
    return prepare.samplingWindow(this, tsInput as TSContinuous, options);
  }

  /**
   * @internal What an evolution leaves behind beside the state, such as records: returns the function that takes it back, for a network in
   * which another layer fails.
   */
  _markRecords(): () => void {
    return () => undefined;
  }

  /** Checks an event input as {@link prepareInput} does, but leaves the sorting into time steps to a kernel in the core. */
  protected eventWindow(tsInput?: TimeSeries | null, options: PrepareOptions = {}): EventInputWindow {
    this.checkIdle();
    const { addEvents } = this as { addEvents?: boolean };
    return prepare.eventWindow(this, tsInput as TSEvent, addEvents === undefined ? options : { addEvents, ...options });
  }

  /** One column is replicated to `sizeIn` columns; any other number than these is an error. */
  protected checkInputDims(input: ArrayInput): Matrix {
    return prepare.checkInputDims(this, toNdArray(input, 'input', 'float64'));
  }

  /** `tStart + k * dt` for k from 0 to `numTimesteps - 1`. */
  protected genTimeTrace(tStart: number, numTimesteps: number): Float64Array {
    return prepare.timeTrace(
      checkNumber(tStart, 'tStart'),
      this.dt,
      checkInteger(numTimesteps, 'numTimesteps', { min: 0 }),
    );
  }

  /** A number replicated to `shape`, or as many numbers reshaped to it. */
  protected expandToShape(value: ArrayInput, shape: readonly number[], name?: string): NdArray<Float64Array>;
  protected expandToShape(
    value: ArrayInput | null,
    shape: readonly number[],
    name: string,
    options: ExpandOptions,
  ): NdArray<Float64Array> | null;
  protected expandToShape(
    value: ArrayInput | null,
    shape: readonly number[],
    name = 'value',
    options?: ExpandOptions,
  ): NdArray<Float64Array> | null {
    return expandToShape(value, shape, name, options);
  }

  /** `size` numbers from one or from as many. */
  protected expandToSize(value: ArrayInput, size: number, name = 'value'): Float64Array {
    return expandToShape(value, [size], name)!.data;
  }

  /** One number for each unit. */
  protected expandToNetSize(value: ArrayInput, name = 'value'): Float64Array {
    return this.expandToSize(value, this.size, name);
  }

  /** One number for each pair of units (`size` x `size`). */
  protected expandToWeightSize(value: ArrayInput, name = 'value'): Matrix {
    return this.expandToShape(value, [this.size, this.size], name);
  }

  /** One number for each input weight (`sizeIn` x `size`). */
  protected expandToInputWeightSize(value: ArrayInput, name = 'value'): Matrix {
    return this.expandToShape(value, [this.sizeIn, this.size], name);
  }

  // ---- Reset ------------------------------------------------------------------------------------------------------

  /** Sets the clock to 0. */
  resetTime(): void {
    this.checkIdle();
    this.#timestep = 0;
  }

  /** Sets the state to zeros; a subclass sets what its state starts from. */
  resetState(): void {
    this.checkIdle();
    if (this.#state?.length === this.size) this.#state.fill(0);
    else this.#state = new Float64Array(this.size);
  }

  /** Sets clock and state back. */
  resetAll(): void {
    this.resetTime();
    this.resetState();
  }

  /** Draws each entry of the state from a normal distribution around it, so that zero stays zero. */
  randomizeState(options: RandomizeOptions = {}): void {
    this.checkIdle();
    const { factor = 0.2, seed = freshSeed() } = checkOptions<RandomizeOptions>(options, 'options', ['factor', 'seed']);
    const { state } = this;
    native.randomizeState(
      checkInteger(seed, 'seed', { min: 0, max: maxSeed }),
      checkNumber(factor, 'factor', { min: 0 }),
      state,
    );
    if (state !== this.#state) this.state = state; // a subclass shows another state than it holds
  }

  /**
   * A copy of all that changes when the layer evolves, and the seed. A layer that is restored from it, also one made anew from the same
   * parameters in another process, continues bit for bit as this one does. `saveSnapshot` writes it to a file. Parameters and a training
   * under way are no part of it.
   *
   * A subclass with more than `state` adds to it, under names of its own: numbers, texts, typed arrays, lists and plain objects of these.
   *
   * @throws RockpoolError `ERR_BUSY` while the layer is evolving.
   */
  snapshot(): LayerSnapshot {
    this.checkIdle();
    return { timestep: this.#timestep, seed: this.#seed, ...(this.#state && { state: this.#state.slice() }) };
  }

  /**
   * Puts back what `snapshot` returned. A snapshot that does not fit is an error, and the layer is as before then.
   *
   * @throws TypeError or RangeError for a part of another kind, shape or value; RockpoolError `ERR_BUSY` while the layer is evolving.
   */
  restore(snapshot: LayerSnapshot): void {
    this.checkIdle();
    this.prepareRestore(checkSnapshot(snapshot))();
  }

  /**
   * Checks a snapshot, changes nothing and returns the function that puts it back. A subclass that adds to `snapshot` reads what it
   * added with `snapshotArray`, and returns a function that calls that of `super` and then writes.
   */
  protected prepareRestore(snapshot: LayerSnapshot): () => void {
    const timestep = checkInteger(snapshot.timestep, 'timestep', { min: 0 });
    const seed =
      snapshot.seed === undefined ? this.#seed : checkInteger(snapshot.seed, 'seed', { min: 0, max: maxSeed });
    const state = this.#restorable(snapshot.state);
    return () => {
      this.#timestep = timestep;
      this.#seed = seed;
      if (state) this.storeState(state);
    };
  }

  #restorable(state: unknown): Float64Array | null {
    if (state === undefined && !this.#state) return null;
    const expected = this.#state?.length || this.size; // 0: its memory was transferred away
    const what = `${expected} numbers (size)`;
    if (state === undefined) throw typeError('state', what, state);
    const { data, size } = toNdArray(state, 'state', 'float64');
    if (size !== expected) throw shapeError('state', what, `${size} of them`);
    return data;
  }

  /** @internal {@link prepareRestore}, for a network that restores all of its layers or none. */
  _prepareRestore(snapshot: unknown): () => void {
    return this.prepareRestore(checkSnapshot(snapshot));
  }

  // ---- Dictionaries and files -------------------------------------------------------------------------------------

  /**
   * The parameters from which an equal layer can be made, under the names of the original (snake_case). A subclass adds its own
   * constructor arguments to `super.toDict(options)`.
   */
  toDict(options: ToDictOptions = {}): LayerConfig {
    const { includeState = false } = checkOptions<ToDictOptions>(options, 'options', ['includeState']);
    const { timestep, seed, state, ...more } = includeState ? this.snapshot() : ({} as LayerSnapshot);
    return {
      weights: this.#weights instanceof NdArray ? this.#weights.toArray() : this.#weights,
      dt: this.dt,
      noise_std: this.noiseStd,
      name: this.name,
      class_name: this.className,
      ...(includeState && { seed, timestep, ...(state && { state: Array.from(state) }) }),
      ...(Object.keys(more).length > 0 && { more_state: encodePlain(more, 'snapshot', putInline) }),
    };
  }

  /** The dictionary as plain JSON data, for `JSON.stringify(layer)`. */
  toJSON(): unknown {
    return toPlain(this.toDict());
  }

  /** Writes a dictionary, or the layer's own, to a JSON file. */
  async save(config: object, filename: string): Promise<void>;
  async save(filename: string): Promise<void>;
  async save(...args: [object, string] | [string]): Promise<void> {
    const [config, filename] = args.length > 1 ? (args as [object, string]) : [this.toDict(), args[0] as string];
    await writeFileAtomic(checkString(filename, 'filename'), toText(config));
  }

  /** Writes the layer's dictionary to a JSON file. */
  saveLayer(filename: string, options?: ToDictOptions): Promise<void> {
    return this.save(this.toDict(options), filename);
  }

  /** The same, waiting for the disk. */
  saveLayerSync(filename: string, options?: ToDictOptions): void {
    writeFileAtomicSync(checkString(filename, 'filename'), toText(this.toDict(options)));
  }

  /** Makes a layer from constructor options. A subclass whose constructor takes something else overrides it. */
  static fromOptions(this: unknown, options: Record<string, unknown>): Layer {
    const Class = this as new (...args: unknown[]) => Layer;
    const { weights, ...rest } = options;
    return weights === undefined ? new Class(options) : new Class(weights, rest);
  }

  /**
   * Makes a layer from a dictionary. Called on `Layer` itself it takes the class that the dictionary names; called on a subclass the
   * dictionary must name that class. `overrides` win over the dictionary; `{ className }` among them loads another class's.
   */
  static loadFromDict<L extends Layer>(
    this: abstract new (...args: never[]) => L,
    config: Record<string, unknown>,
    overrides: Record<string, unknown> = {},
  ): L {
    return loadLayer(this as unknown as typeof Layer, config, overrides) as L;
  }

  /** The same from a JSON file, of this library or of the original. */
  static async loadFromFile<L extends Layer>(
    this: abstract new (...args: never[]) => L,
    filename: string,
    overrides?: Record<string, unknown>,
  ): Promise<L> {
    return loadLayer(
      this as unknown as typeof Layer,
      await readConfig(checkString(filename, 'filename')),
      overrides,
    ) as L;
  }

  /** The same, waiting for the disk. */
  static loadFromFileSync<L extends Layer>(
    this: abstract new (...args: never[]) => L,
    filename: string,
    overrides?: Record<string, unknown>,
  ): L {
    return loadLayer(
      this as unknown as typeof Layer,
      readConfigSync(checkString(filename, 'filename')),
      overrides,
    ) as L;
  }

  /** `CLASS object: "NAME" [M TSContinuous in -> N internal -> O TSContinuous out]`. */
  toString(): string {
    return `${this.className} object: "${this.name}" [${this.sizeIn} ${this.inputType.name} in -> ${this.size} internal -> ${this.sizeOut} ${this.outputType.name} out]`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function readWeights(value: unknown): Matrix {
  if (value === null || value === undefined) throw typeError('weights', 'an array of numbers', value);
  if (
    typeof value === 'object' &&
    'shape' in value &&
    !('data' in value) &&
    Array.isArray(value.shape) &&
    value.shape.length === 2
  )
    return value as Matrix;
  const array = toNdArray(value, 'weights', 'float64');
  if (array.ndim > 2) throw shapeError('weights', 'a matrix', shapeText(array.shape));
  const shape = array.ndim === 2 ? array.shape : [1, array.size];
  if (array.size === 0) throw shapeError('weights', 'a matrix of at least one input and one unit', shapeText(shape));
  return new NdArray(array.data.slice(), shape);
}

function loadLayer(cls: typeof Layer, config: unknown, overrides: unknown = {}): Layer {
  const given = checkOptions<Record<string, unknown>>(config ?? null, 'config', Object.keys(config ?? {}));
  const over = camelCaseKeys(
    checkOptions<Record<string, unknown>>(overrides ?? null, 'overrides', Object.keys(overrides ?? {})),
  );
  const { className, state, timestep, moreState, ...options } = {
    ...camelCaseKeys(given),
    ...over,
  };
  if (typeof className !== 'string')
    throw new RockpoolError('ERR_KEY', 'expected config to have the entry class_name, received none');
  const target = cls === Layer ? layerClass(className) : cls;
  const expected = layerClassName(target);
  if (cls !== Layer && className !== expected) {
    throw new RockpoolError(
      'ERR_CLASS',
      `expected class_name to be '${expected}', received '${className}'; pass { className: '${expected}' } to load it all the same`,
    );
  }
  const layer = (target as unknown as { fromOptions(o: Record<string, unknown>): Layer }).fromOptions(options);
  if (timestep !== undefined || state !== undefined || moreState !== undefined) {
    layer.restore({
      ...layer.snapshot(), // what the dictionary does not tell stays as it is
      ...(decodePlain(moreState, getInline) as object | undefined),
      ...(timestep !== undefined && { timestep: timestep as number }),
      ...(state !== undefined && { state: state as Float64Array }),
    });
  }
  return layer;
}
