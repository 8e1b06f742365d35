/** The base class of all modules: long, since it is the one page that tells what every module does. */
import { inspect } from 'node:util';
import { checkBoolean, checkInstance, checkOptions, checkString, rangeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { mergeArguments } from '../layers/arguments.js';
import { LiveArrays } from '../layers/live-arrays.js';
import type { GraphModuleBase } from '../graph/index.js';
import { Lock } from '../layers/lock.js';
import { checkShape, NdArray } from '../array.js';
import { writeFileAtomic, writeFileAtomicSync } from '../io/atomic.js';
import { readConfig, readConfigSync, toPlain, toText } from '../layers/config.js';
import { warn, warnOnce } from '../warnings.js';
import {
  type Attribute,
  canonicalFamily,
  copyTree,
  defineAccessor,
  LinkedAttribute,
  type Link,
  OwnAttribute,
} from './attributes.js';
import { loadModule, moduleDict } from './module-dict.js';
import {
  AttributeBase,
  type AttributeKind,
  type Parameter,
  type SimulationParameter,
  type State,
} from './parameter.js';
import { moduleClassName } from './registry.js';
import { moduleText } from './text.js';
import type {
  AnySpec,
  Attributes,
  ModuleConfig,
  ModuleOptions,
  ModuleSnapshot,
  ModuleToDictOptions,
  Parameters,
  PartialTree,
  SetAttributesOptions,
  SimulationParameters,
  States,
  Submodules,
} from './types.js';

/** @inline */
type Names = string | readonly string[];

/**
 * What has parameters, a state and submodules. {@link Module} evolves arrays, {@link TimedModule} time series.
 *
 * A subclass registers what it has in its constructor: `this.register('tau', new Parameter({ … }))`, `this.addModule('neurons', …)`. Each
 * becomes a property of that name, which `declare tau: Matrix` (or accessors of your own) tells TypeScript. An array is the module's own:
 * an element that is written takes effect; assigning an array copies its elements.
 */
export abstract class ModuleBase<S extends object = AnySpec> {
  /** Carries the type of the spec; holds nothing. */
  declare readonly _spec?: S;
  #name = '';
  #shape: readonly number[];
  #spikingInput = false;
  #spikingOutput = false;
  #parent: ModuleBase | null = null;
  readonly #attributes = new Map<string, Attribute>();
  readonly #modules = new Map<string, ModuleBase>();
  readonly #lock = new Lock();
  readonly #live = new LiveArrays();
  readonly #plans = new Map<string, unknown>();
  #stale = false;

  /** @throws TypeError or RangeError for an option of the wrong kind or value, TypeError for an unknown option. */
  constructor(shape: number | readonly number[], options?: Omit<ModuleOptions, 'shape'>);
  constructor(options: ModuleOptions);
  constructor(...args: [unknown?, object?]) {
    const {
      shape,
      spikingInput = false,
      spikingOutput = false,
    } = checkOptions<ModuleOptions>(mergeArguments<ModuleOptions>(args, ['shape']), 'options', [
      'shape',
      'spikingInput',
      'spikingOutput',
    ]);
    if (typeof (this as { evolve?: unknown }).evolve !== 'function')
      throw typeError('this', 'an instance of a class that provides evolve', this.constructor.name, true);
    this.#shape = readShape(shape);
    this.#spikingInput = checkBoolean(spikingInput, 'spikingInput');
    this.#spikingOutput = checkBoolean(spikingOutput, 'spikingOutput');
  }

  // ---- Names and sizes --------------------------------------------------------------------------------------------

  /** Name of the class. */
  get className(): string {
    return moduleClassName(this.constructor);
  }

  /** The name under which the parent holds this module; empty for a module without a parent. */
  get name(): string {
    return this.#name;
  }

  /** Class name and quoted name. */
  get fullName(): string {
    return this.name === '' ? this.className : `${this.className} '${this.name}'`;
  }

  /** Sizes from input to output. */
  get shape(): readonly number[] {
    return this.#shape;
  }

  /** Number of input channels. */
  get sizeIn(): number {
    return this.#shape[0];
  }

  /** Number of output channels. */
  get sizeOut(): number {
    return this.#shape[this.#shape.length - 1];
  }

  /** @deprecated The same as {@link sizeOut}. */
  get size(): number {
    warnOnce(this, 'DEPRECATED', `${this.fullName}: size is deprecated, use sizeOut`);
    return this.sizeOut;
  }

  /** The input is spikes. */
  get spikingInput(): boolean {
    return this.#spikingInput;
  }

  /** The output is spikes. */
  get spikingOutput(): boolean {
    return this.#spikingOutput;
  }

  /** The module that holds this one, or null. */
  get parent(): ModuleBase | null {
    return this.#parent;
  }

  /** For modules whose members change after construction. */
  protected reshape(shape: readonly number[], spikingInput: boolean, spikingOutput: boolean): void {
    this.#shape = readShape(shape);
    this.#spikingInput = spikingInput;
    this.#spikingOutput = spikingOutput;
  }

  // ---- Registering ------------------------------------------------------------------------------------------------

  /**
   * Registers an attribute and returns its first value. The property of that name reads and writes it from now on.
   *
   * @throws RockpoolError `ERR_NAME` for a name that is taken, by a method or another attribute.
   */
  protected register<T>(name: string, attribute: Parameter<T> | State<T> | SimulationParameter<T>): T {
    checkInstance(attribute, name, AttributeBase);
    this.#enter(name, () => new OwnAttribute(attribute));
    return this.attribute(name);
  }

  /** Registers an attribute that something else holds. */
  protected link(name: string, link: Link): void {
    this.#enter(name, () => new LinkedAttribute(link));
  }

  #enter(name: string, make: () => Attribute): void {
    this.checkIdle();
    this.#checkNew(name);
    const entry = make();
    this.#define(
      name,
      () => this.attribute(name),
      (value) => this.assign(name, value),
    );
    this.#attributes.set(name, entry);
    this.#stale = true;
  }

  /** Forgets an attribute or a submodule; its property goes. */
  protected unregister(name: string): void {
    this.checkIdle();
    const module = this.#modules.get(name);
    if (!module && !this.#attributes.has(name)) throw noSuch(this, name);
    if (module) release(module);
    this.#modules.delete(name);
    this.#attributes.delete(name);
    this.#stale = true;
    delete (this as Record<string, unknown>)[name];
  }

  /**
   * Makes a module a submodule, under a name that becomes its own, and returns it. A submodule of that name is replaced and keeps its
   * place in the order.
   *
   * @throws RockpoolError `ERR_STATE` for a module that another one holds already, `ERR_NAME` for a name that is taken.
   */
  protected addModule<M extends ModuleBase>(name: string, module: M): M {
    checkInstance(module as ModuleBase, name, ModuleBase as abstract new (...args: never[]) => ModuleBase);
    const old = this.#modules.get(name);
    if (old === module) return module;
    if (!old) this.#checkNew(name);
    checkAdoption(this as unknown as ModuleBase, module, name);
    module.#checkAll();
    // Nothing has changed so far, and the name is the last thing that can be wrong.
    if (old) release(old);
    else
      this.#define(
        name,
        () => this.#modules.get(name),
        (value) => this.#replaceModule(name, value),
      );
    module._setParent(this as unknown as ModuleBase, name);
    this.#modules.set(name, module);
    return module;
  }

  #checkNew(name: string): void {
    checkString(name, 'name');
    if (this.#attributes.has(name) || this.#modules.has(name))
      throw new RockpoolError(
        'ERR_NAME',
        `expected the name of an attribute to be free, received '${name}', which ${this.fullName} has already`,
      );
  }

  #define(name: string, get: () => unknown, set: (value: unknown) => void): void {
    defineAccessor(this, name, reserved, get, set);
  }

  /** A submodule is overwritten: by another one, or by something else, which is an ordinary property then. */
  #replaceModule(name: string, value: unknown): void {
    if (value instanceof ModuleBase) {
      this.addModule(name, value as ModuleBase);
      return;
    }
    this.unregister(name);
    (this as Record<string, unknown>)[name] = value;
  }

  /** Whether an attribute of that name is registered. */
  hasAttribute(name: string): boolean {
    return this.#attributes.has(name);
  }

  /** The value of a registered attribute, for accessors of a subclass. Arrays are live. */
  protected attribute<T = unknown>(name: string): T {
    return this.#entry(name).read() as T;
  }

  /** Sets a registered attribute to a value of exactly its shape, for accessors of a subclass. Copies. */
  protected assign(name: string, value: unknown): void {
    this.checkIdle();
    const entry = this.#entry(name);
    this.#write(entry, this.checkAttribute(name, entry.fit(value, name)));
  }

  /** What an attribute accepts besides its shape; a subclass throws what is wrong with a value, and returns it otherwise. */
  protected checkAttribute(_name: string, value: unknown): unknown {
    return value;
  }

  /** Stores a state at the end of an evolution, also while the module is locked for it. The array keeps its place. */
  protected storeState(name: string, value: unknown): void {
    const entry = this.#entry(name);
    entry.write(entry.fit(value, name));
  }

  #entry(name: string): Attribute {
    const entry = this.#attributes.get(name);
    if (!entry) throw noSuch(this, name);
    return entry;
  }

  #write(entry: Attribute, value: unknown): void {
    entry.write(value);
    if (entry.kind !== 'state') this.#stale = true;
  }

  /**
   * What `make` returns, made anew when a parameter or simulation parameter has changed since, be it by one written element. For plans
   * that are prepared once from parameters.
   */
  protected plan<P>(key: string, make: () => P): P {
    const arrays = new Map<string, ArrayBufferView>();
    for (const [name, entry] of this.#attributes) {
      const value = entry.kind === 'state' ? null : entry.read();
      if (value instanceof NdArray) arrays.set(name, (value as NdArray).data);
    }
    for (const [name, array] of arrays) this.#live.watch(name, array);
    const changed = this.#live.changed((name) => arrays.get(name) ?? new Uint8Array(0));
    if (this.#stale || changed.length > 0) this.#plans.clear();
    this.#stale = false;
    if (!this.#plans.has(key)) this.#plans.set(key, make());
    return this.#plans.get(key) as P;
  }

  // ---- Inspection -------------------------------------------------------------------------------------------------

  /** The parameters by name, then one such tree for each submodule. With families: only what is in one of them. Arrays are live. */
  parameters(): Parameters<S>;
  parameters(family: Names): PartialTree<Parameters<S>>;
  parameters(family?: Names): unknown {
    return this.#tree('parameter', family);
  }

  /** The states, likewise. */
  state(): States<S>;
  state(family: Names): PartialTree<States<S>>;
  state(family?: Names): unknown {
    return this.#tree('state', family);
  }

  /** The simulation parameters, likewise. */
  simulationParameters(): SimulationParameters<S>;
  simulationParameters(family: Names): PartialTree<SimulationParameters<S>>;
  simulationParameters(family?: Names): unknown {
    return this.#tree('simulationParameter', family);
  }

  /** All attributes of these names, here and in submodules; submodules without any are left out. */
  attributesNamed(names: Names): Record<string, unknown> {
    const wanted = new Set(checkNames(names, 'names'));
    return this.#collect((name) => wanted.has(name), false);
  }

  /** The direct submodules by name. */
  modules(): Submodules<S> {
    return Object.fromEntries(this.#modules) as Submodules<S>;
  }

  #tree(kind: AttributeKind, family: Names | undefined): Record<string, unknown> {
    if (family === undefined) return this.#collect((_name, a) => a.kind === kind, true);
    const families = new Set(checkNames(family, 'family').map(canonicalFamily));
    const matches = (a: Attribute): boolean => a.family !== null && families.has(canonicalFamily(a.family));
    return this.#collect((_name, a) => a.kind === kind && matches(a), false);
  }

  #collect(select: (name: string, a: Attribute) => boolean, empty: boolean): Record<string, unknown> {
    const own = [...this.#attributes]
      .filter(([name, a]) => select(name, a))
      .map(([name]) => [name, this.attribute(name)]);
    const inner = [...this.#modules]
      .map(([name, m]) => [name, m.#collect(select, empty)] as const)
      .filter(([, tree]) => empty || Object.keys(tree).length > 0);
    return Object.fromEntries([...own, ...inner]) as Record<string, unknown>;
  }

  // ---- Setting and resetting --------------------------------------------------------------------------------------

  /**
   * Sets attributes, also of submodules, from a tree such as `parameters()` or an evolution returns. Nothing is set when a value does
   * not fit. Names that are not registered cause a warning, or with `strict` an error.
   */
  setAttributes(attributes: Attributes<S>, options: SetAttributesOptions = {}): this {
    const { strict = false } = checkOptions<SetAttributesOptions>(options, 'options', ['strict']);
    for (const write of this._prepareAttributes(attributes, checkBoolean(strict, 'strict'))) write();
    return this;
  }

  /** @internal Checks a tree of attributes and returns what sets them. */
  _prepareAttributes(tree: unknown, strict: boolean, anyShape = false): (() => void)[] {
    this.checkIdle();
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree) || tree instanceof NdArray)
      throw typeError('attributes', 'a plain object of attributes by name', tree);
    return Object.entries(tree).flatMap(([name, value]) => this.prepareAttribute(name, value, strict, anyShape));
  }

  /** @internal What puts back all parameters and simulation parameters, also of submodules, as they are now and unchecked. */
  _keepParameters(): () => void {
    const own = [...this.#attributes.values()]
      .filter((entry) => entry.kind !== 'state')
      .map((entry) => [entry, copyTree(entry.read())] as const);
    const inner = [...this.#modules.values()].map((module) => module._keepParameters());
    return () => {
      for (const [entry, value] of own) this.#write(entry, value);
      for (const putBack of inner) putBack();
    };
  }

  /** @internal What has been loaded are the first values; with `constant` it is simulation parameters. */
  _rebase(names: readonly string[], constant: boolean): void {
    for (const name of names) this.#attributes.get(name)?.rebase(constant);
  }

  /** One entry of a tree of attributes: checks it and returns what sets it. */
  protected prepareAttribute(name: string, value: unknown, strict: boolean, anyShape: boolean): (() => void)[] {
    const module = this.#modules.get(name);
    if (module) return module._prepareAttributes(value, strict, anyShape);
    const entry = this.#attributes.get(name);
    if (entry) {
      const fitting = this.checkAttribute(name, entry.fit(value, name, anyShape));
      return [() => this.#write(entry, fitting)];
    }
    if (strict) throw noSuch(this, name);
    warn('UNKNOWN_ATTRIBUTE', `${this.fullName}: '${name}' is no attribute or submodule and is ignored`);
    return [];
  }

  /** Sets the states, also of submodules, to what they started from. */
  resetState(): this {
    return this.#reset('state', (module) => module.resetState());
  }

  /** Sets the parameters, also of submodules, to what they started from. */
  resetParameters(): this {
    return this.#reset('parameter', (module) => module.resetParameters());
  }

  /** Sets back all that changes when the module evolves. */
  resetAll(): this {
    this.resetState();
    for (const module of this.#modules.values()) module.resetAll();
    return this;
  }

  #reset(kind: AttributeKind, next: (module: ModuleBase) => void): this {
    this.#checkAll();
    for (const entry of this.#attributes.values()) if (entry.kind === kind) entry.reset();
    if (kind !== 'state') this.#stale = true;
    for (const module of this.#modules.values()) next(module);
    return this;
  }

  /** A copy of {@link state}, which later evolutions leave alone: what an evolution returns. */
  protected copyState(): States<S> {
    return copyTree(this.state());
  }

  /** All that changes when the module evolves, as a copy: typed arrays, numbers and plain objects of these. */
  snapshot(): ModuleSnapshot {
    this.checkIdle();
    const states = [...this.#attributes].filter(([, a]) => a.kind === 'state');
    return {
      state: copyTree(Object.fromEntries(states.map(([name]) => [name, this.attribute(name)]))),
      modules: Object.fromEntries([...this.#modules].map(([name, m]) => [name, m.snapshot()])),
    };
  }

  /** Puts back what `snapshot` returned. One that does not fit is an error, and the module is as before then. */
  restore(snapshot: ModuleSnapshot): this {
    this.checkIdle();
    this.prepareRestore(snapshot)();
    return this;
  }

  /** Checks a snapshot, changes nothing, and returns what puts it back. A subclass that adds to it extends this. */
  protected prepareRestore(snapshot: ModuleSnapshot): () => void {
    const { state, modules } = checkSnapshot(snapshot);
    const names = [...this.#attributes].filter(([, a]) => a.kind === 'state').map(([name]) => name);
    const own = names.flatMap((name) => this.prepareAttribute(name, state[name], true, false));
    const inner = [...this.#modules].map(([name, m]) => m.prepareRestore(checkSnapshot(modules[name])));
    return () => [...own, ...inner].forEach((write) => write());
  }

  /** @throws RockpoolError `ERR_BUSY` while the module is evolving. */
  protected checkIdle(): void {
    if (this.#lock.busy) this.#lock.check(this.fullName);
  }

  /**
   * Runs `fn` with this module and its submodules refusing all other calls until its promise settles. What `fn` does before its first
   * await may use the module as usual; afterwards it stores states.
   */
  protected async runExclusive<T>(fn: () => Promise<T>): Promise<T> {
    const locks = this.#locks();
    this.#checkAll();
    const releases = locks.map((lock) => lock.acquire());
    try {
      return await this.within(fn);
    } finally {
      releases.forEach((release) => release());
    }
  }

  /** Inside {@link runExclusive}, after an await: lets a synchronous call use this module and its submodules. */
  protected within<T>(fn: () => T): T {
    return Lock.permitAll(this.#locks(), fn);
  }

  #checkAll(): void {
    this.checkIdle();
    for (const module of this.#modules.values()) module.#checkAll();
  }

  #locks(into: Lock[] = []): Lock[] {
    into.push(this.#lock);
    for (const module of this.#modules.values()) module.#locks(into);
    return into;
  }

  /** The computational graph of the module. @throws RockpoolError `ERR_NOT_IMPLEMENTED` where a class has none. */
  asGraph(): GraphModuleBase {
    throw new RockpoolError('ERR_NOT_IMPLEMENTED', `expected ${this.className} to provide asGraph, received none`);
  }

  // ---- Files ------------------------------------------------------------------------------------------------------

  /** Constructor options besides `shape` and the registered attributes, for files: what decides which attributes there are. */
  protected config(): Record<string, unknown> {
    return {};
  }

  /** @internal */
  _config(): Record<string, unknown> {
    return this.config();
  }

  /** Plain data from which an equal module can be made; functions are left out, a subclass names them in {@link config}. */
  toDict(options: ModuleToDictOptions = {}): ModuleConfig {
    const { includeState = false } = checkOptions<ModuleToDictOptions>(options, 'options', ['includeState']);
    return moduleDict(this as unknown as ModuleBase, [...this.#attributes], checkBoolean(includeState, 'includeState'));
  }

  toJSON(): unknown {
    return toPlain(this.toDict());
  }

  /** Writes the module to a JSON file. */
  async save(filename: string, options?: ModuleToDictOptions): Promise<void> {
    await writeFileAtomic(checkString(filename, 'filename'), toText(this.toDict(options)));
  }

  /** The same, waiting for the disk. */
  saveSync(filename: string, options?: ModuleToDictOptions): void {
    writeFileAtomicSync(checkString(filename, 'filename'), toText(this.toDict(options)));
  }

  /**
   * Makes a module from `shape` and what {@link config} returned; the attributes are set afterwards. A class that holds modules which it
   * is given makes itself from `modules()`.
   */
  static fromOptions(
    this: unknown,
    options: Record<string, unknown>,
    _modules: () => Record<string, ModuleBase>,
  ): ModuleBase {
    const cls = this as new (options: unknown) => ModuleBase;
    if (options['shape'] === undefined)
      throw new RockpoolError(
        'ERR_KEY',
        `expected the config of ${moduleClassName(cls)} to have a shape, received none`,
      );
    return new cls(options);
  }

  /** Makes a module from a dictionary that `toDict` made, of the class that it names. */
  static loadFromDict<M extends ModuleBase>(this: abstract new (...args: never[]) => M, config: object): M {
    return checkInstance(loadModule(config) as M, 'config', this);
  }

  /** The same from a file. */
  static async load<M extends ModuleBase>(this: abstract new (...args: never[]) => M, filename: string): Promise<M> {
    return checkInstance(loadModule(await readConfig(checkString(filename, 'filename'))) as M, 'filename', this);
  }

  /** The same, waiting for the disk. */
  static loadSync<M extends ModuleBase>(this: abstract new (...args: never[]) => M, filename: string): M {
    return checkInstance(loadModule(readConfigSync(checkString(filename, 'filename'))) as M, 'filename', this);
  }

  // ---- Text -------------------------------------------------------------------------------------------------------

  /** `CLASS 'name' with shape (a, b)`, with the submodules in braces. */
  toString(): string {
    return moduleText(this as unknown as ModuleBase);
  }

  [inspect.custom](): string {
    return this.toString();
  }

  /** @internal Holds the tree together: see {@link addModule} and {@link release}. */
  _setParent(parent: ModuleBase | null, name: string): void {
    this.#parent = parent;
    this.#name = name;
  }
}

const reserved: ReadonlySet<string> = new Set(Object.getOwnPropertyNames(ModuleBase.prototype));

function checkAdoption(parent: ModuleBase, module: ModuleBase, name: string): void {
  if (module.parent)
    throw new RockpoolError(
      'ERR_STATE',
      `expected module '${name}' to belong to no other module, received ${module.fullName} of ${module.parent.fullName}`,
    );
  for (let above: ModuleBase | null = parent; above; above = above.parent)
    if (above === module) throw new RockpoolError('ERR_CYCLE', `expected '${name}' not to hold its own parent`);
}

function release(module: ModuleBase): void {
  module._setParent(null, '');
}

function noSuch(module: { fullName: string }, name: string): RockpoolError {
  return new RockpoolError('ERR_KEY', `expected '${name}' to be an attribute of ${module.fullName}, received none`);
}

function readShape(shape: unknown): readonly number[] {
  if (shape === undefined || shape === null) throw typeError('shape', 'an integer or a list of integers', shape);
  const dims = checkShape(typeof shape === 'number' ? [shape] : shape);
  if (dims.length === 0) throw rangeError('shape', 'a list of at least one integer', shape);
  return Object.freeze([...dims]);
}

function checkNames(names: unknown, argument: string): string[] {
  if (typeof names === 'string') return [names];
  if (!Array.isArray(names)) throw typeError(argument, 'a string or a list of strings', names);
  return names.map((name, i) => checkString(name, `${argument}[${i}]`));
}

function checkSnapshot(snapshot: unknown): ModuleSnapshot {
  const isObject = (v: unknown): boolean => typeof v === 'object' && v !== null;
  if (
    !isObject(snapshot) ||
    !isObject((snapshot as ModuleSnapshot).state) ||
    !isObject((snapshot as ModuleSnapshot).modules)
  )
    throw typeError('snapshot', 'what snapshot() returned', snapshot);
  return snapshot as ModuleSnapshot;
}
