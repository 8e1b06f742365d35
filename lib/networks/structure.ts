/** Layers of a network, their connections and their common clock. */
import { checkBoolean, checkNumber, checkOptions, checkString, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { Layer } from '../layers/layer.js';
import { Lock } from '../layers/lock.js';
import { layerClassName } from '../layers/registry.js';
import type { LayerSnapshot } from '../layers/types.js';
import { stepFloor, timeOf } from '../time-grid.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import { warn } from '../warnings.js';
import { checkFit, Connections, type Entry, freeName } from './connections.js';
import { checkParts, inLayer } from './snapshot.js';
import { commonTimeStep, stepsPerNetworkStep } from './time-steps.js';
import type { AddLayerOptions, ConnectOptions, NetworkMember, NetworkOptions, NetworkSnapshot } from './types.js';

/** What of a network does not concern its evolution. */
export abstract class NetworkStructure {
  /** A layer under its name. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the class of a layer is not known here
  [layer: string]: any;

  protected readonly _connections = new Connections();
  protected readonly _ownLock = new Lock();
  #forcedDt: number | null = null;
  #dt: number | null = null;
  #timestep = 0;
  #input: Entry | null = null;
  #output: Entry | null = null;
  #name: string;
  #evolveOnDisk: boolean;

  protected constructor({ dt, evolveOnDisk, name }: NetworkOptions) {
    this.#forcedDt = dt === undefined || dt === null ? null : checkNumber(dt, 'dt', { positive: true });
    this.#dt = this.#forcedDt;
    this.#evolveOnDisk = checkBoolean(evolveOnDisk ?? false, 'evolveOnDisk');
    this.#name = checkString(name ?? 'unnamed', 'name');
  }

  // ---- Layers -----------------------------------------------------------------------------------------------------

  /** The layers by name, in the order in which they were added. */
  get layers(): Map<string, NetworkMember> {
    return new Map(this._connections.entries().map((entry) => [entry.name, entry.layer]));
  }

  /** The layers, in the order in which they were added. */
  get layerset(): Set<NetworkMember> {
    return new Set(this._connections.entries().map((entry) => entry.layer));
  }

  /** The layers in the order in which they are evolved. */
  get evolOrder(): NetworkMember[] {
    return this._connections.order.map((entry) => entry.layer);
  }

  /** A layer by its name in this network. @throws RockpoolError `ERR_NAME` when there is none. */
  layer<L extends NetworkMember = Layer>(name: string): L {
    return this._entry(checkString(name, 'name')).layer as L;
  }

  /** The name of a layer in this network: its own, unless that was taken when the layer was added. */
  layerName(layer: NetworkMember): string {
    return this._entry(layer).name;
  }

  /** The layer whose output a layer gets; null for none. */
  preLayer(layer: NetworkMember | string): NetworkMember | null {
    return this._entry(layer).pre?.layer ?? null;
  }

  /** Whether a layer gets the input of the network. */
  externalInput(layer: NetworkMember | string): boolean {
    return this._entry(layer).external;
  }

  /** Sets whether a layer gets the input of the network. @throws RockpoolError `ERR_STATE` when it gets a layer's output. */
  setExternalInput(layer: NetworkMember | string, external: boolean): void {
    this._checkIdle();
    const entry = this._entry(layer);
    if (checkBoolean(external, 'external') && entry.pre) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected layer '${entry.name}' to have one source of input, received the external input beside '${entry.pre.name}'`,
      );
    }
    entry.external = external;
  }

  /** Time steps of a layer in one of the network. */
  timestepsPerNetworkDt(layer: NetworkMember | string): number {
    this.#refresh();
    return this._entry(layer).steps;
  }

  /** The layer that stands for the network's input: the first of the constructor. */
  get inputLayer(): NetworkMember | null {
    return this.#input?.layer ?? null;
  }

  set inputLayer(layer: NetworkMember | string | null) {
    this.#input = layer === null ? null : this._entry(layer);
  }

  /** The layer that stands for the network's output: the last of the constructor. */
  get outputLayer(): NetworkMember | null {
    return this.#output?.layer ?? null;
  }

  set outputLayer(layer: NetworkMember | string | null) {
    this.#output = layer === null ? null : this._entry(layer);
  }

  /**
   * Adds a layer and connects it. When its name is taken, by a layer or by a member of this class, the network refers to it by a
   * name made from it (`a`, `a_0`, `a_1`, …); the layer keeps its own.
   *
   * @throws RockpoolError `ERR_SYNC` for a layer at another time than the network, `ERR_DT` when there is no common time step, and
   *   what {@link connect} throws. The network is as before then.
   */
  addLayer<L extends NetworkMember>(layer: L, options: AddLayerOptions = {}): L {
    this._checkIdle();
    checkMember(layer, 'layer');
    const names = ['inputLayer', 'outputLayer', 'externalInput', 'syncTime', 'verbose'];
    const {
      inputLayer,
      outputLayer,
      externalInput = false,
      syncTime = false,
      verbose = false,
    } = checkOptions<AddLayerOptions>(options, 'options', names);
    if (layer instanceof NetworkStructure && (layer._holds(this) || (this as NetworkStructure) === layer))
      throw new RockpoolError(
        'ERR_CYCLE',
        `expected layer to be a network without '${this.#name}', received one that holds it`,
      );
    const present = this._connections.of(layer);
    if (present) {
      warn('LAYER_PRESENT', `the network has the layer '${present.name}' already`);
      return layer;
    }
    const pre = inputLayer === undefined || inputLayer === null ? null : this._entry(inputLayer, 'inputLayer');
    const post = outputLayer === undefined || outputLayer === null ? null : this._entry(outputLayer, 'outputLayer');
    if (checkBoolean(externalInput, 'externalInput') && pre) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected layer '${layer.name}' to have one source of input, received the external input beside '${pre.name}'`,
      );
    }
    if (pre) checkFit(pre.layer, layer);
    if (post) checkFit(layer, post.layer);
    const before = layer.snapshot();
    if (checkBoolean(syncTime, 'syncTime')) layer.t = this.t;
    const name = freeName(layer.name, (n) => n in this || n === 'external');
    const entry: Entry = { layer, name, pre: null, external: externalInput, steps: 1 };
    const clock = { dt: this.#dt, timestep: this.#timestep };
    this._connections.add(entry);
    try {
      this.#setDt();
      this._checkSync([entry]);
      if (pre) this._connections.connect(pre, entry);
      if (post) this._connections.connect(entry, post);
    } catch (error) {
      this._connections.remove(entry);
      [this.#dt, this.#timestep] = [clock.dt, clock.timestep];
      if (this._connections.size > 0) this.#setDt();
      layer.restore(before);
      throw error;
    }
    this.#define(entry);
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
    this._checkIdle();
    const { verbose } = checkOptions<ConnectOptions>(options, 'options', ['verbose']);
    if (typeof pre === 'object' && typeof post === 'object' && pre && post)
      checkFit(checkMember(pre, 'pre'), checkMember(post, 'post'));
    const [from, to] = [this._entry(pre, 'pre'), this._entry(post, 'post')];
    this._connections.connect(from, to);
    if (verbose) console.log(`Network: Layer \`${to.name}\` now receives input from layer \`${from.name}\``);
  }

  /** Takes the output of `pre` away from `post`; nothing happens when they are not connected. */
  disconnect(pre: NetworkMember | string, post: NetworkMember | string, options: ConnectOptions = {}): void {
    this._checkIdle();
    const { verbose } = checkOptions<ConnectOptions>(options, 'options', ['verbose']);
    const [from, to] = [this._entry(pre, 'pre'), this._entry(post, 'post')];
    const connected = to.pre === from;
    if (connected) to.pre = null;
    this._connections.reorder();
    if (verbose)
      console.log(
        `Network: Layer \`${to.name}\` ${connected ? 'no longer receives' : 'did not receive'} input from layer \`${from.name}\``,
      );
  }

  /**
   * Takes a layer out. Layers that got its output get nothing then, with a warning that names them.
   *
   * @throws RockpoolError `ERR_DT` or `ERR_SYNC` when the others have no common time step, or none that the present time is a multiple
   *   of. The network is as before then.
   */
  removeLayer(layer: NetworkMember | string): void {
    this._checkIdle();
    const entry = this._entry(layer);
    const fed = this._connections.entries().filter((e) => e.pre === entry);
    this.#setDt(this._connections.entries().filter((e) => e !== entry));
    for (const e of fed) e.pre = null;
    this._connections.remove(entry);
    delete this[entry.name];
    if (this.#output === entry) this.#output = entry.pre;
    if (this.#input === entry) this.#input = this._connections.order.find((e) => e.external) ?? null;
    if (fed.length > 0)
      warn(
        'LAYER_WITHOUT_INPUT',
        `with '${entry.name}' removed, no layer feeds ${fed.map((e) => `'${e.name}'`).join(', ')}`,
      );
  }

  /** @internal */
  protected _entry(layer: NetworkMember | string, what = 'layer'): Entry {
    const entry = typeof layer === 'string' ? this._connections.named(layer) : this._connections.of(layer);
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
    return layerClassName(this.constructor);
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

  /** @internal The name of the output layer. */
  _outputName(): string {
    this.#end(this.#output, 'output layer');
    return (this.#output as Entry).name;
  }

  #end(entry: Entry | null, what: string): NetworkMember {
    if (!entry)
      throw new RockpoolError('ERR_STATE', `expected the network '${this.#name}' to have an ${what}, received none`);
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
    this._checkIdle();
    const dt = this._needDt();
    const timestep = stepFloor(checkNumber(value, 't', { min: 0 }), 0, dt);
    for (const { layer, steps } of this._connections.entries())
      layer.t = timeOf(timestep * steps, 0, layer.dt as number);
    this.#timestep = timestep;
  }

  /** Present time in steps. */
  get timestep(): number {
    return this.#timestep;
  }

  protected set timestep(value: number) {
    this.#timestep = value;
  }

  /** Keep the outputs of `evolve` in files instead of memory: it returns a `TSDictOnDisk` then. */
  get evolveOnDisk(): boolean {
    return this.#evolveOnDisk;
  }

  set evolveOnDisk(value: boolean) {
    this.#evolveOnDisk = checkBoolean(value, 'evolveOnDisk');
  }

  /** @internal */
  protected _needDt(): number {
    const { dt } = this;
    if (dt === null || this._connections.size === 0)
      throw new RockpoolError('ERR_STATE', 'expected the network to have layers, received a network without');
    return dt;
  }

  /** Layers may have changed their time steps. */
  #refresh(): void {
    const stale = this._connections
      .entries()
      .some(
        ({ layer, steps }) => this.#dt === null || Math.abs((layer.dt as number) * steps - this.#dt) > 1e-9 * this.#dt,
      );
    if (stale) this.#setDt();
  }

  /** Sets the common time step and the steps of each layer in it; on failure nothing is changed. */
  #setDt(entries: readonly Entry[] = this._connections.entries()): void {
    const steps = entries.map((entry) => entry.layer.dt as number);
    const names = entries.map((entry) => entry.name);
    const dt = this.#forcedDt ?? (entries.length > 0 ? commonTimeStep(steps, names) : null);
    const counts = entries.map((entry, i) => stepsPerNetworkStep(dt as number, steps[i], entry.name));
    const timestep = dt === null ? 0 : this.#timestepAt(dt);
    for (const [i, entry] of entries.entries()) entry.steps = counts[i];
    this.#dt = dt;
    this.#timestep = timestep;
  }

  /** The present time in steps of another length. */
  #timestepAt(dt: number): number {
    if (this.#timestep === 0 || this.#dt === null || this.#dt === dt) return this.#timestep;
    const t = timeOf(this.#timestep, 0, this.#dt);
    const timestep = stepFloor(t, 0, dt);
    if (Math.abs(timestep * dt - t) > 1e-3 * dt) {
      throw new RockpoolError(
        'ERR_SYNC',
        `expected the present time ${t} to be a whole number of the new common time steps of ${dt}`,
      );
    }
    return timestep;
  }

  /** @internal */
  protected _checkSync(entries: readonly Entry[]): void {
    const late = entries.filter(({ layer, steps }) => layer.timestep !== this.#timestep * steps);
    if (late.length === 0) return;
    const times = late.map(({ layer, name }) => `'${name}' at ${layer.t}`).join(', ');
    throw new RockpoolError(
      'ERR_SYNC',
      `expected all layers to be at the time ${this.t} of the network, received ${times}`,
      {
        details: { t: this.t, layers: late.map((entry) => entry.name) },
      },
    );
  }

  /** @internal */
  _lock(): Lock {
    return this._ownLock;
  }

  /** @internal */
  _order(): readonly Entry[] {
    return this._connections.order;
  }

  /** @internal */
  _forcedDt(): number | null {
    return this.#forcedDt;
  }

  /** @internal */
  protected _checkIdle(): void {
    this._ownLock.check(`the network '${this.#name}'`);
    for (const { layer, name } of this._connections.entries()) layer._lock().check(`layer '${name}'`);
  }

  /** Sets the clocks of the network and of all layers to 0. */
  resetTime(): void {
    this._checkIdle();
    for (const { layer } of this._connections.entries()) layer.resetTime();
    this.#timestep = 0;
  }

  /** Sets the states of all layers back. */
  resetState(): void {
    this._checkIdle();
    for (const { layer } of this._connections.entries()) layer.resetState();
  }

  /** Sets clocks and states back. */
  resetAll(): void {
    this.resetTime();
    this.resetState();
  }

  /**
   * A copy of all that changes when the network evolves: its clock, and the snapshot of each layer under its name in the network. A
   * network that is restored from it, also one made anew from the same parameters in another process, continues bit for bit as this one
   * does. `saveSnapshot` writes it to a file.
   *
   * @throws RockpoolError `ERR_BUSY` while the network or one of its layers is evolving.
   */
  snapshot(): NetworkSnapshot {
    this._checkIdle();
    const parts = this._connections.entries().map(({ name, layer }) => [name, layer.snapshot()] as const);
    return { timestep: this.#timestep, layers: Object.fromEntries(parts) };
  }

  /**
   * Puts back what `snapshot` of this network returned, or of one with the same layers. When a part does not fit, the error has the
   * name of its layer as `layer`, and all layers are as before.
   *
   * @throws TypeError or RangeError for a part of another kind, shape or value; RockpoolError `ERR_KEY` for a layer too few or too many,
   *   `ERR_BUSY` while the network or one of its layers is evolving.
   */
  restore(snapshot: LayerSnapshot): void {
    this._checkIdle();
    this._prepareRestore(snapshot);
    const before = this.snapshot();
    try {
      this._putBack(snapshot as NetworkSnapshot);
    } catch (error) {
      this._putBack(before); // a layer class of the user's may find fault only now
      throw error;
    }
  }

  /** @internal Checks a snapshot and changes nothing. */
  _prepareRestore(snapshot: unknown): void {
    checkParts(this._connections.entries(), snapshot);
  }

  /** @internal Returns the function that takes back what evolutions from now on record. */
  _markRecords(): () => void {
    const marks = this._connections.entries().map(({ layer }) => layer._markRecords());
    return () => marks.forEach((takeBack) => takeBack());
  }

  /** @internal Puts a snapshot back that fits, also while the network is evolving. */
  _putBack({ timestep, layers }: NetworkSnapshot): void {
    for (const { name, layer } of this._connections.entries()) {
      const part = layers[name];
      if (layer instanceof NetworkStructure) layer._putBack(part as NetworkSnapshot);
      else inLayer(name, () => layer._lock().permit(() => layer.restore(part)));
    }
    this.#timestep = timestep;
  }

  /** @internal Whether a network is a layer of this one, or of one of its layers. */
  _holds(net: NetworkStructure): boolean {
    return this.evolOrder.some(
      (l) => l instanceof NetworkStructure && ((l as NetworkStructure) === net || l._holds(net)),
    );
  }

  /** @internal Takes over the layers and connections of another network. */
  _copyStructure(other: NetworkStructure): void {
    const entries = new Map(other._connections.entries().map((entry) => [entry, { ...entry }]));
    for (const [entry, twin] of entries) {
      twin.pre = entry.pre && (entries.get(entry.pre) as Entry);
      this._connections.add(twin);
      this.#define(twin);
    }
    this.#input = other.#input && (entries.get(other.#input) as Entry);
    this.#output = other.#output && (entries.get(other.#output) as Entry);
    [this.#dt, this.#timestep] = [other.#dt, other.#timestep];
  }

  #define({ name, layer }: Entry): void {
    Object.defineProperty(this, name, { get: () => layer, configurable: true, enumerable: true });
  }
}

/** Checks that something can be a layer of a network. */
export function checkMember(layer: unknown, name: string): NetworkMember {
  if (!(layer instanceof Layer) && !(layer instanceof NetworkStructure))
    throw typeError(name, 'a Layer or a Network', layer);
  return layer as NetworkMember;
}
