/** Networks: layers, their connections and a common clock. */
import { inspect } from 'node:util';
import { checkBoolean, checkFunction, checkInteger, checkNumber, checkOptions, checkSignal, checkString, typeError } from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { writeFileAtomic, writeFileAtomicSync } from '../io/atomic.js';
import { camelCaseKeys, readConfig, readConfigSync, toPlain, toText } from '../layers/config.js';
import { Layer } from '../layers/layer.js';
import { Lock } from '../layers/lock.js';
import { checkInput, determineTimesteps } from '../layers/prepare-input.js';
import { layerClassName, registerLayerClass, type LayerClass } from '../layers/registry.js';
import type { LayerSnapshot, StreamSource, ToDictOptions } from '../layers/types.js';
import { type Progress, taskOptionNames } from '../task.js';
import { stepFloor, timeOf } from '../time-grid.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { TimeSeries } from '../time-series/time-series.js';
import { warn } from '../warnings.js';
import { checkFit, Connections, type Entry, freeName } from './connections.js';
import { buildNetwork, networkToDict } from './network-dict.js';
import { streamNetwork } from './network-stream.js';
import { commonTimeStep, stepsPerNetworkStep } from './time-steps.js';
import { train, trainAsync } from './training.js';
import type {
  AddLayerOptions,
  AsyncNetworkEvolveOptions,
  AsyncTrainOptions,
  ConnectOptions,
  NetworkEvolveOptions,
  NetworkMember,
  NetworkOptions,
  NetworkOutputs,
  NetworkStreamOptions,
  StreamedOutputs,
  TrainingFunction,
  TrainOptions,
  TrainResult,
} from './types.js';

const evolveOptionNames = ['duration', 'numTimesteps', 'verbose', 'onLayer'];

/** An evolution in work. */
interface Run {
  input: TimeSeries | null;
  numTimesteps: number;
  options: NetworkEvolveOptions;
  /** What the layers put out in the evolution before, when they are to get that. */
  previous: NetworkOutputs | null | undefined;
  outputs: NetworkOutputs;
  /** Steps of all layers together. */
  total: number;
  undo: () => void;
  release: () => void;
}

/**
 * Layers that are evolved together. Each layer gets the output of one other layer, or the input of the network, or nothing; one
 * layer may feed several. Layers are properties under their names: `net.Reservoir`.
 *
 * A network can be a layer of another one: it stands for its input layer and its output layer.
 */
export class Network {
  /** A layer under its name. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the class of a layer is not known here
  [layer: string]: any;

  readonly #connections = new Connections();
  readonly #lock = new Lock();
  #forcedDt: number | null = null;
  #dt: number | null = null;
  #timestep = 0;
  #input: Entry | null = null;
  #output: Entry | null = null;
  #name = 'unnamed';
  #evolveOnDisk = false;

  /**
   * The first layer gets the input of the network and each further one the output of the one before.
   *
   * @example
   * const net = new Network(input, reservoir, readout, { dt: 1e-3 });
   * const same = new Network([input, reservoir, readout], { dt: 1e-3 });
   */
  constructor(layers?: readonly NetworkMember[], options?: NetworkOptions);
  constructor(options: NetworkOptions & { layers?: readonly NetworkMember[] });
  constructor(...layersAndOptions: (NetworkMember | NetworkOptions | undefined)[]);
  constructor(...args: unknown[]) {
    const { layers, dt, evolveOnDisk, name } = readArguments(args);
    this.#forcedDt = dt === undefined || dt === null ? null : checkNumber(dt, 'dt', { positive: true });
    this.#dt = this.#forcedDt;
    this.#evolveOnDisk = checkBoolean(evolveOnDisk ?? false, 'evolveOnDisk');
    this.#name = checkString(name ?? 'unnamed', 'name');
    if (new Set(layers).size < layers.length) throw new RockpoolError('ERR_NAME', 'expected layers to be different objects, received one of them twice');
    for (const layer of layers) checkMember(layer, 'layers');
    for (const [i, layer] of layers.entries()) {
      if (i === 0) this.addLayer(layer, { externalInput: true });
      else this.addLayer(layer, { inputLayer: layers[i - 1] as NetworkMember });
    }
    this.#input = this.#connections.of(layers[0]) ?? null;
    this.#output = this.#connections.of(layers.at(-1)) ?? null;
  }

  // ---- Layers -----------------------------------------------------------------------------------------------------

  /** The layers by name, in the order in which they were added. */
  get layers(): Map<string, NetworkMember> {
    return new Map(this.#connections.entries().map((entry) => [entry.name, entry.layer]));
  }

  /** The layers, in the order in which they were added. */
  get layerset(): Set<NetworkMember> {
    return new Set(this.#connections.entries().map((entry) => entry.layer));
  }

  /** The layers in the order in which they are evolved. */
  get evolOrder(): NetworkMember[] {
    return this.#connections.order.map((entry) => entry.layer);
  }

  /** A layer by its name in this network. @throws RockpoolError `ERR_NAME` when there is none. */
  layer<L extends NetworkMember = Layer>(name: string): L {
    return this.#entry(checkString(name, 'name')).layer as L;
  }

  /** The name of a layer in this network: its own, unless that was taken when the layer was added. */
  layerName(layer: NetworkMember): string {
    return this.#entry(layer).name;
  }

  /** The layer whose output a layer gets; null for none. */
  preLayer(layer: NetworkMember | string): NetworkMember | null {
    return this.#entry(layer).pre?.layer ?? null;
  }

  /** Whether a layer gets the input of the network. */
  externalInput(layer: NetworkMember | string): boolean {
    return this.#entry(layer).external;
  }

  /** Sets whether a layer gets the input of the network. @throws RockpoolError `ERR_STATE` when it gets a layer's output. */
  setExternalInput(layer: NetworkMember | string, external: boolean): void {
    this.#checkIdle();
    const entry = this.#entry(layer);
    if (checkBoolean(external, 'external') && entry.pre) {
      throw new RockpoolError('ERR_STATE', `expected layer '${entry.name}' to have one source of input, received the external input beside '${entry.pre.name}'`);
    }
    entry.external = external;
  }

  /** Time steps of a layer in one of the network. */
  timestepsPerNetworkDt(layer: NetworkMember | string): number {
    this.#refresh();
    return this.#entry(layer).steps;
  }

  /** The layer that stands for the network's input: the first of the constructor. */
  get inputLayer(): NetworkMember | null {
    return this.#input?.layer ?? null;
  }

  set inputLayer(layer: NetworkMember | string | null) {
    this.#input = layer === null ? null : this.#entry(layer);
  }

  /** The layer that stands for the network's output: the last of the constructor. */
  get outputLayer(): NetworkMember | null {
    return this.#output?.layer ?? null;
  }

  set outputLayer(layer: NetworkMember | string | null) {
    this.#output = layer === null ? null : this.#entry(layer);
  }

  /**
   * Adds a layer and connects it. When its name is taken, by a layer or by a member of this class, the network refers to it by a
   * name made from it (`a`, `a_0`, `a_1`, …); the layer keeps its own.
   *
   * @throws RockpoolError `ERR_SYNC` for a layer at another time than the network, `ERR_DT` when there is no common time step, and
   *   what {@link connect} throws. The network is as before then.
   */
  addLayer<L extends NetworkMember>(layer: L, options: AddLayerOptions = {}): L {
    this.#checkIdle();
    checkMember(layer, 'layer');
    const names = ['inputLayer', 'outputLayer', 'externalInput', 'syncTime', 'verbose'];
    const { inputLayer, outputLayer, externalInput = false, syncTime = false, verbose = false } = checkOptions<AddLayerOptions>(options, 'options', names);
    const present = this.#connections.of(layer);
    if (present) {
      warn('LAYER_PRESENT', `the network has the layer '${present.name}' already`);
      return layer;
    }
    const pre = inputLayer === undefined || inputLayer === null ? null : this.#entry(inputLayer, 'inputLayer');
    const post = outputLayer === undefined || outputLayer === null ? null : this.#entry(outputLayer, 'outputLayer');
    if (checkBoolean(externalInput, 'externalInput') && pre) {
      throw new RockpoolError('ERR_STATE', `expected layer '${layer.name}' to have one source of input, received the external input beside '${pre.name}'`);
    }
    if (pre) checkFit(pre.layer, layer);
    if (post) checkFit(layer, post.layer);
    const before = layer.snapshot();
    if (checkBoolean(syncTime, 'syncTime')) layer.t = this.t;
    const name = freeName(layer.name, (n) => n in this || n === 'external');
    const entry: Entry = { layer, name, pre: null, external: externalInput, steps: 1 };
    const clock = { dt: this.#dt, timestep: this.#timestep };
    this.#connections.add(entry);
    try {
      this.#setDt();
      this.#checkSync([entry]);
      if (pre) this.#connections.connect(pre, entry);
      if (post) this.#connections.connect(entry, post);
    } catch (error) {
      this.#connections.remove(entry);
      [this.#dt, this.#timestep] = [clock.dt, clock.timestep];
      if (this.#connections.size > 0) this.#setDt();
      layer.restore(before);
      throw error;
    }
    Object.defineProperty(this, name, { get: () => entry.layer, configurable: true, enumerable: true });
    if (verbose) console.log(`Network: Added layer \`${name}\``);
    return layer;
  }

  /**
   * Feeds `post` with the output of `pre`, instead of what it got before.
   *
   * @throws RockpoolError `ERR_DIMENSION` or `ERR_CLASS` when sizes or types differ, `ERR_CYCLE` for a cycle, `ERR_STATE` when `post`
   *   gets the external input. The network is as before then.
   */
  connect(pre: NetworkMember | string, post: NetworkMember | string, options: ConnectOptions = {}): void {
    this.#checkIdle();
    const { verbose } = checkOptions<ConnectOptions>(options, 'options', ['verbose']);
    if (typeof pre === 'object' && typeof post === 'object' && pre && post) checkFit(checkMember(pre, 'pre'), checkMember(post, 'post'));
    const [from, to] = [this.#entry(pre, 'pre'), this.#entry(post, 'post')];
    this.#connections.connect(from, to);
    if (verbose) console.log(`Network: Layer \`${to.name}\` now receives input from layer \`${from.name}\``);
  }

  /** Takes the output of `pre` away from `post`; nothing happens when they are not connected. */
  disconnect(pre: NetworkMember | string, post: NetworkMember | string, options: ConnectOptions = {}): void {
    this.#checkIdle();
    const { verbose } = checkOptions<ConnectOptions>(options, 'options', ['verbose']);
    const [from, to] = [this.#entry(pre, 'pre'), this.#entry(post, 'post')];
    const connected = to.pre === from;
    if (connected) to.pre = null;
    this.#connections.reorder();
    if (verbose) console.log(`Network: Layer \`${to.name}\` ${connected ? 'no longer receives' : 'did not receive'} input from layer \`${from.name}\``);
  }

  /** Takes a layer out. Layers that got its output get nothing then, with a warning that names them. */
  removeLayer(layer: NetworkMember | string): void {
    this.#checkIdle();
    const entry = this.#entry(layer);
    const fed = this.#connections.entries().filter((e) => e.pre === entry);
    for (const e of fed) e.pre = null;
    if (fed.length > 0) warn('LAYER_WITHOUT_INPUT', `with '${entry.name}' removed, no layer feeds ${fed.map((e) => `'${e.name}'`).join(', ')}`);
    this.#connections.remove(entry);
    delete this[entry.name];
    if (this.#output === entry) this.#output = entry.pre;
    if (this.#input === entry) this.#input = this.#connections.order.find((e) => e.external) ?? null;
    this.#setDt();
  }

  #entry(layer: NetworkMember | string, what = 'layer'): Entry {
    const entry = typeof layer === 'string' ? this.#connections.named(layer) : this.#connections.of(layer);
    if (entry) return entry;
    if (typeof layer !== 'string') checkMember(layer, what);
    const name = typeof layer === 'string' ? layer : layer.name;
    throw new RockpoolError('ERR_NAME', `expected ${what} to be a layer of the network, received '${name}'`);
  }

  // ---- What a network is as a layer -------------------------------------------------------------------------------

  get name(): string {
    return this.#name;
  }

  set name(value: string | null) {
    this.#name = checkString(value ?? 'unnamed', 'name');
  }

  get className(): string {
    return layerClassName(this.constructor as { name: string });
  }

  /** Input channels of the input layer. */
  get sizeIn(): number {
    return this.#end(this.#input, 'input layer').sizeIn;
  }

  /** Output channels of the output layer. */
  get sizeOut(): number {
    return this.#end(this.#output, 'output layer').sizeOut;
  }

  /** Class of the series that the input layer takes. */
  get inputType(): typeof TSContinuous | typeof TSEvent {
    return this.#end(this.#input, 'input layer').inputType;
  }

  /** Class of the series that the output layer emits. */
  get outputType(): typeof TSContinuous | typeof TSEvent {
    return this.#end(this.#output, 'output layer').outputType;
  }

  #end(entry: Entry | null, what: string): NetworkMember {
    if (!entry) throw new RockpoolError('ERR_STATE', `expected the network '${this.#name}' to have an ${what}, received none`);
    return entry.layer;
  }

  // ---- Time -------------------------------------------------------------------------------------------------------

  /** Time step in seconds; null for a network without layers. */
  get dt(): number | null {
    this.#refresh();
    return this.#dt;
  }

  /** Present time in seconds: `timestep * dt`. */
  get t(): number {
    this.#refresh();
    return this.#dt === null ? 0 : timeOf(this.#timestep, 0, this.#dt);
  }

  /** Sets the clocks of the network and of all its layers to the step that holds this time. */
  set t(value: number) {
    this.#checkIdle();
    const dt = this.#needDt();
    const timestep = stepFloor(checkNumber(value, 't', { min: 0 }), 0, dt);
    for (const { layer, steps } of this.#connections.entries()) layer.t = timeOf(timestep * steps, 0, layer.dt as number);
    this.#timestep = timestep;
  }

  /** Present time in steps. */
  get timestep(): number {
    return this.#timestep;
  }

  /** Keep the outputs of `evolve` in files instead of memory: it returns a `TSDictOnDisk` then. */
  get evolveOnDisk(): boolean {
    return this.#evolveOnDisk;
  }

  set evolveOnDisk(value: boolean) {
    this.#evolveOnDisk = checkBoolean(value, 'evolveOnDisk');
  }

  #needDt(): number {
    const { dt } = this;
    if (dt === null || this.#connections.size === 0) throw new RockpoolError('ERR_STATE', 'expected the network to have layers, received a network without');
    return dt;
  }

  /** Layers may have changed their time steps. */
  #refresh(): void {
    const stale = this.#connections.entries().some(({ layer, steps }) => this.#dt === null || Math.abs((layer.dt as number) * steps - this.#dt) > 1e-9 * this.#dt);
    if (stale) this.#setDt();
  }

  /** Sets the common time step and the steps of each layer in it; on failure nothing is changed. */
  #setDt(): void {
    const entries = this.#connections.entries();
    const steps = entries.map((entry) => entry.layer.dt as number);
    const names = entries.map((entry) => entry.name);
    const dt = this.#forcedDt ?? (entries.length > 0 ? commonTimeStep(steps, names) : null);
    const counts = entries.map((entry, i) => stepsPerNetworkStep(dt as number, steps[i] as number, entry.name));
    const timestep = dt === null ? 0 : this.#timestepAt(dt);
    for (const [i, entry] of entries.entries()) entry.steps = counts[i] as number;
    this.#dt = dt;
    this.#timestep = timestep;
  }

  /** The present time in steps of another length. */
  #timestepAt(dt: number): number {
    if (this.#timestep === 0 || this.#dt === null || this.#dt === dt) return this.#timestep;
    const t = timeOf(this.#timestep, 0, this.#dt);
    const timestep = stepFloor(t, 0, dt);
    if (Math.abs(timestep * dt - t) > 1e-3 * dt) {
      throw new RockpoolError('ERR_SYNC', `expected the present time ${t} to be a whole number of the new common time steps of ${dt}`);
    }
    return timestep;
  }

  #checkSync(entries: readonly Entry[]): void {
    const late = entries.filter(({ layer, steps }) => layer.timestep !== this.#timestep * steps);
    if (late.length === 0) return;
    const times = late.map(({ layer, name }) => `'${name}' at ${layer.t}`).join(', ');
    throw new RockpoolError('ERR_SYNC', `expected all layers to be at the time ${this.t} of the network, received ${times}`, {
      details: { t: this.t, layers: late.map((entry) => entry.name) },
    });
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves all layers, one after another, and returns the output of each under its name, with the input as `external`. When it
   * fails, all layers are as before.
   *
   * @throws RockpoolError `ERR_SYNC` when the layers are at different times.
   */
  evolve(tsInput?: TimeSeries | null, options: NetworkEvolveOptions = {}): NetworkOutputs {
    const run = this.#start(tsInput, checkOptions<NetworkEvolveOptions>(options, 'options', evolveOptionNames));
    try {
      for (const entry of this.#connections.order) {
        const input = this.#announce(entry, run);
        const numTimesteps = run.numTimesteps * entry.steps;
        this.#collect(entry, run, entry.layer._lock().permit(() => entry.layer.evolve(input, { numTimesteps, verbose: run.options.verbose })));
      }
      return this.#finish(run);
    } catch (error) {
      run.undo();
      throw error;
    } finally {
      run.release();
    }
  }

  /** The same off the event loop, as far as the layers can. An aborted or failed evolution leaves all layers as they were. */
  async evolveAsync(tsInput?: TimeSeries | null, options: AsyncNetworkEvolveOptions = {}): Promise<NetworkOutputs> {
    return this._evolveAsync(tsInput, options);
  }

  /** @internal With `previous`, each layer gets what its predecessor put out in the evolution before (null for nothing). */
  async _evolveAsync(tsInput: TimeSeries | null | undefined, options: AsyncNetworkEvolveOptions, previous?: NetworkOutputs | null): Promise<NetworkOutputs> {
    const { signal, onProgress, ...rest } = checkOptions<AsyncNetworkEvolveOptions>(options, 'options', [...evolveOptionNames, ...taskOptionNames]);
    if (checkSignal(signal)?.aborted) throw abortError(signal as AbortSignal);
    if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
    const run = this.#start(tsInput, rest, previous);
    try {
      const begin = performance.now();
      let before = 0;
      const progress = (done: number): void =>
        onProgress?.({ done, total: run.total, etaSeconds: done > 0 ? ((performance.now() - begin) / 1000 / done) * (run.total - done) : NaN });
      for (const entry of this.#connections.order) {
        const input = this.#announce(entry, run);
        const numTimesteps = run.numTimesteps * entry.steps;
        const layerOptions = {
          numTimesteps,
          verbose: rest.verbose,
          signal,
          ...(onProgress && { onProgress: (p: Progress) => progress(before + (p.total > 0 ? (p.done / p.total) * numTimesteps : 0)) }),
        };
        this.#collect(entry, run, await entry.layer._lock().permit(() => entry.layer.evolveAsync(input, layerOptions)));
        progress((before += numTimesteps));
        if (signal?.aborted) throw abortError(signal);
      }
      return this.#finish(run);
    } catch (error) {
      run.undo();
      throw error;
    } finally {
      run.release();
    }
  }

  #start(tsInput: TimeSeries | null | undefined, options: NetworkEvolveOptions, previous?: NetworkOutputs | null): Run {
    this.#checkIdle();
    const dt = this.#needDt();
    const input = checkInput(tsInput, TimeSeries);
    if (options.verbose !== undefined) checkBoolean(options.verbose, 'verbose');
    if (options.onLayer !== undefined) checkFunction(options.onLayer, 'onLayer');
    const numTimesteps = determineTimesteps({ t: this.t, dt }, input, options);
    const entries = this.#connections.entries();
    this.#checkSync(entries);
    const before = this.snapshot();
    const releases = [this.#lock, ...entries.map(({ layer }) => layer._lock())].map((lock) => lock.acquire());
    return {
      input,
      numTimesteps,
      options,
      previous,
      outputs: { external: input } as NetworkOutputs,
      total: entries.reduce((sum, { steps }) => sum + steps * numTimesteps, 0),
      undo: () => this.restore(before),
      release: () => releases.forEach((release) => release()),
    };
  }

  #announce(entry: Entry, { input, outputs, options, previous, numTimesteps }: Run): TimeSeries | null {
    const { name, external, pre } = entry;
    if (options.verbose) {
      const source = external && input ? 'external input' : pre ? `${pre.name}'s output` : 'nothing';
      console.log(`Network: Evolving layer \`${name}\` with ${source} as input`);
    }
    if (external) return input;
    if (!pre || previous === null) return null;
    return previous ? previous[pre.name]!.delay(numTimesteps * this.#needDt()) : (outputs[pre.name] as TimeSeries);
  }

  #collect({ name, layer }: Entry, { input, outputs, options }: Run, result: TimeSeries | NetworkOutputs): void {
    const output = layer instanceof Network ? layer.#outputOf(result as NetworkOutputs) : (result as TimeSeries);
    if (!output.name || output.name === 'unnamed') output.name = name;
    if (input?.trialStartTimes) output.trialStartTimes = input.trialStartTimes.slice();
    outputs[name] = output;
    options.onLayer?.(name, output);
  }

  #outputOf(outputs: NetworkOutputs): TimeSeries {
    this.#end(this.#output, 'output layer');
    return outputs[(this.#output as Entry).name] as TimeSeries;
  }

  #finish(run: Run): NetworkOutputs {
    this.#timestep += run.numTimesteps;
    this.#checkSync(this.#connections.entries());
    return run.outputs;
  }

  /**
   * Evolves batch after batch and calls `fct(net, signals, isFirst, isLast, info)` after each. Nothing is reset before, between or
   * after batches. Batch sizes that do not add up to the whole are completed by a further batch, or the last one is shortened.
   *
   * @throws TypeError when `fct` returns a promise: that is for {@link trainAsync}.
   */
  train(fct: TrainingFunction<unknown>, options: TrainOptions): TrainResult;
  train(fct: TrainingFunction<unknown>, tsInput?: TimeSeries | null, options?: Omit<TrainOptions, 'input'>): TrainResult;
  train(fct: TrainingFunction<unknown>, ...args: unknown[]): TrainResult {
    return train(this, fct, args);
  }

  /** The same with `evolveAsync` and a training function that may return a promise. */
  async trainAsync(fct: TrainingFunction<unknown>, options: AsyncTrainOptions): Promise<TrainResult>;
  async trainAsync(fct: TrainingFunction<unknown>, tsInput?: TimeSeries | null, options?: Omit<AsyncTrainOptions, 'input'>): Promise<TrainResult>;
  async trainAsync(fct: TrainingFunction<unknown>, ...args: unknown[]): Promise<TrainResult> {
    return trainAsync(this, fct, args);
  }

  /**
   * Evolves over pieces of input and yields the outputs for each. A piece starts at the present time and lasts a whole number of
   * network time steps; memory does not grow with the number of pieces.
   */
  stream(source: StreamSource, options: NetworkStreamOptions = {}): AsyncGenerator<StreamedOutputs, void, undefined> {
    return streamNetwork(this, source, options);
  }

  /** @internal */
  _lock(): Lock {
    return this.#lock;
  }

  /** @internal */
  _order(): readonly Entry[] {
    return this.#connections.order;
  }

  /** @internal */
  _forcedDt(): number | null {
    return this.#forcedDt;
  }

  #checkIdle(): void {
    this.#lock.check(`the network '${this.#name}'`);
    for (const { layer, name } of this.#connections.entries()) layer._lock().check(`layer '${name}'`);
  }

  // ---- Reset, copies and files ------------------------------------------------------------------------------------

  /** Sets the clocks of the network and of all layers to 0. */
  resetTime(): void {
    this.#checkIdle();
    for (const { layer } of this.#connections.entries()) layer.resetTime();
    this.#timestep = 0;
  }

  /** Sets the states of all layers back. */
  resetState(): void {
    this.#checkIdle();
    for (const { layer } of this.#connections.entries()) layer.resetState();
  }

  /** Sets clocks and states back. */
  resetAll(): void {
    this.resetTime();
    this.resetState();
  }

  /** A copy of all that changes when the network evolves. */
  snapshot(): LayerSnapshot {
    return { timestep: this.#timestep, layers: this.#connections.entries().map(({ layer }) => [layer, layer.snapshot()]) };
  }

  /** Puts back what {@link snapshot} returned. */
  restore({ timestep, layers }: LayerSnapshot): void {
    for (const [layer, snapshot] of layers as [NetworkMember, LayerSnapshot][]) layer._lock().permit(() => layer.restore(snapshot));
    this.#timestep = checkInteger(timestep, 'timestep', { min: 0 });
  }

  /** Another network around the same layer objects, with the same connections. */
  shallowCopy(): Network {
    const copy = new Network([], { dt: this.#forcedDt, evolveOnDisk: this.#evolveOnDisk, name: this.#name });
    copy.#dt = this.#dt;
    copy.#timestep = this.#timestep;
    const entries = new Map(this.#connections.entries().map((entry) => [entry, { ...entry }]));
    for (const [entry, twin] of entries) {
      twin.pre = entry.pre && (entries.get(entry.pre) as Entry);
      copy.#connections.add(twin);
      Object.defineProperty(copy, twin.name, { get: () => twin.layer, configurable: true, enumerable: true });
    }
    copy.#input = this.#input && (entries.get(this.#input) as Entry);
    copy.#output = this.#output && (entries.get(this.#output) as Entry);
    return copy;
  }

  /** The layers and their connections as a plain dictionary, with the original's snake_case keys. */
  toDict(options?: ToDictOptions): Record<string, unknown> & { class_name: string; name: string } {
    return networkToDict(this, options);
  }

  /** The dictionary as plain JSON data, for `JSON.stringify(net)`. */
  toJSON(): unknown {
    return toPlain(this.toDict());
  }

  /** Writes the network to a JSON file. */
  async save(filename: string, options?: ToDictOptions): Promise<void> {
    await writeFileAtomic(checkString(filename, 'filename'), toText(this.toDict(options)));
  }

  /** The same, waiting for the disk. */
  saveSync(filename: string, options?: ToDictOptions): void {
    writeFileAtomicSync(checkString(filename, 'filename'), toText(this.toDict(options)));
  }

  /** Reads a network from a JSON file, of this library or of the original. */
  static async load(filename: string, overrides?: Record<string, unknown>): Promise<Network> {
    return Network.loadFromDict(await readConfig(checkString(filename, 'filename')), overrides);
  }

  /** The same, waiting for the disk. */
  static loadSync(filename: string, overrides?: Record<string, unknown>): Network {
    return Network.loadFromDict(readConfigSync(checkString(filename, 'filename')), overrides);
  }

  /** Makes a network from a dictionary; `overrides` (`dt`, `layers`, …) win over its entries. */
  static loadFromDict(config: Record<string, unknown>, overrides: Record<string, unknown> = {}): Network {
    return buildNetwork({ ...camelCaseKeys(config), ...camelCaseKeys(overrides) });
  }

  /** Makes a layer class known for loading: `registerLayerClass(name, cls)`. */
  static addLayerClass(cls: LayerClass, name: string): void {
    registerLayerClass(name, cls);
  }

  /** `Network object with K layers` and a line for each, in evolution order. */
  toString(): string {
    const order = this.#connections.order;
    const lines = order.map(({ layer, name }) => (layer.name === name ? String(layer) : String(layer).replace(`"${layer.name}"`, () => `"${name}"`)));
    return `${this.className} object with ${order.length} layers\n    ${lines.join('\n    ')}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function checkMember(layer: unknown, name: string): NetworkMember {
  if (!(layer instanceof Layer) && !(layer instanceof Network)) throw typeError(name, 'a Layer or a Network', layer);
  return layer;
}

function readArguments(args: unknown[]): NetworkOptions & { layers: NetworkMember[] } {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const last = given.at(-1);
  const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last) && !(last instanceof Layer) && !(last instanceof Network);
  const options = checkOptions<NetworkOptions & { layers?: NetworkMember[] }>(hasOptions ? given.pop() : undefined, 'options', ['layers', 'dt', 'evolveOnDisk', 'name']);
  const layers = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given) as NetworkMember[];
  if (options.layers !== undefined && !Array.isArray(options.layers)) throw typeError('layers', 'a list of layers', options.layers);
  return { ...options, layers: [...layers, ...(options.layers ?? [])] };
}
