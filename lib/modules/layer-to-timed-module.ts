/** A layer as a timed module. */
import { checkInstance, checkOptions } from '../check.js';
import { RockpoolError } from '../errors.js';
import { Layer } from '../layers/layer.js';
import type { RandomizeOptions } from '../layers/types.js';
import { timeOf } from '../time-grid.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import type { TimeSeries } from '../time-series/time-series.js';
import { familyOf, namesOf, settable, wrapped, writeTo } from './layer-attributes.js';
import { recordedOf, recording, turnOnRecord } from './layer-records.js';
import type { AttributeKind } from './parameter.js';
import { registerModuleClass } from './registry.js';
import { TimedModule } from './timed-module.js';
import type { ModuleBase } from './module-base.js';
import type {
  AsyncTimedEvolveOptions,
  SeriesOptions,
  TimedEvolveOptions,
  TimedInput,
  TimedResult,
  TimedSpec,
} from './timed-types.js';
import type { AnySpec, ModuleConfig, ModuleSnapshot, ModuleToDictOptions } from './types.js';

/** Which attributes of a layer a timed module registers, and as what; one name or a list of them. */
export interface LayerAttributes {
  parameters?: string | readonly string[];
  states?: string | readonly string[];
  simulationParameters?: string | readonly string[];
}

/** Options of `evolve` of a wrapped layer. */
export interface LayerEvolveOptions extends TimedEvolveOptions {
  /** Options that the layer's own `evolve` takes besides those of all layers. */
  layerOptions?: object;
}

const kinds: Record<keyof LayerAttributes, AttributeKind> = {
  parameters: 'parameter',
  states: 'state',
  simulationParameters: 'simulationParameter',
};

/**
 * Wraps a {@link Layer} so that it takes part in the module API. The layer keeps everything: what is registered is read from it and
 * written to it, and its setters check it. Vectors are `NdArray`s over the layer's own memory. A layer's `state` is registered as
 * `layerState`, since `state()` is a method of modules; `dt` always is registered.
 *
 * Families follow from the names: `weights…` and `wIn`, `wRecurrent`, `wOut` are `weights`, `tau…` are `taus`, `bias` is `biases`,
 * `vThresh` is `thresholds`.
 */
export class LayerToTimedModule<L extends Layer = Layer, S extends object = AnySpec> extends TimedModule<S> {
  readonly #layer: L;
  readonly #registered: LayerAttributes;

  /** @throws TypeError for what is no layer, RockpoolError `ERR_KEY` for a name that the layer does not have. */
  constructor(layer: L, attributes: LayerAttributes = {}) {
    checkInstance(layer as Layer, 'layer', Layer as abstract new (...args: never[]) => Layer);
    const { addEvents } = layer as { addEvents?: boolean };
    super({
      shape: [layer.sizeIn, layer.sizeOut],
      dt: layer.dt,
      spikingInput: layer.inputType === TSEvent,
      spikingOutput: layer.outputType === TSEvent,
      addEvents: addEvents ?? true,
    });
    this.#layer = layer;
    this.#registered = checkOptions<LayerAttributes>(attributes, 'attributes', Object.keys(kinds));
    for (const [list, kind] of Object.entries(kinds) as [keyof LayerAttributes, AttributeKind][])
      for (const name of namesOf(this.#registered[list], list)) this.#link(name, kind);
  }

  /** The wrapped layer. */
  get layer(): L {
    return this.#layer;
  }

  /** The same as {@link layer}. */
  get _module(): L {
    return this.#layer;
  }

  /** The name under which a parent holds this module, else that of the layer. */
  override get name(): string {
    return super.name === '' ? this.#layer.name : super.name;
  }

  #link(name: string, kind: AttributeKind): void {
    const own = this.#layer as unknown as Record<string, unknown>;
    if (!(name in own))
      throw new RockpoolError(
        'ERR_KEY',
        `expected ${this.#layer.className} to have the attribute '${name}', received none`,
      );
    this.#expand(own, name);
    if (name === 'dt' || name === 'name' || name.startsWith('_') || own[name] === null) return;
    const registered = name === 'state' ? 'layerState' : name;
    this.link(registered, {
      kind,
      family: familyOf(name),
      read: () => wrapped(own[name]),
      write: (value) => writeTo(own, name, value),
    });
  }

  /** A vector of one number that stands for all units has one for each of them from now on. */
  #expand(own: Record<string, unknown>, name: string): void {
    const value = own[name];
    const { size } = this.#layer;
    if (value instanceof Float64Array && value.length === 1 && size > 1 && settable(own, name))
      own[name] = new Float64Array(size).fill(value[0]);
  }

  protected override readDt(): number {
    return this.#layer.dt;
  }

  protected override writeDt(value: number): void {
    this.#layer.dt = value;
  }

  protected override checkDt(): void {
    // that of the layer, always
  }

  protected override readClock(): number {
    return this.#layer.timestep;
  }

  protected override writeClock(timestep: number): void {
    if (timestep !== this.#layer.timestep) this.#layer.t = timeOf(timestep, 0, this.#layer.dt);
  }

  /** Sets the layer's clock to 0. */
  override resetTime(): this {
    this.checkIdle();
    this.#layer.resetTime();
    return this;
  }

  /** Sets the layer's state to what it starts from. */
  override resetState(): this {
    this.checkIdle();
    this.#layer.resetState();
    return this;
  }

  /** Draws the layer's state, as its own method of that name does. */
  randomizeState(options?: RandomizeOptions): this {
    this.checkIdle();
    this.#layer.randomizeState(options);
    return this;
  }

  /**
   * Evolves the layer. What is recorded is what the layer records of an evolution; a layer that records on demand does so for this one.
   */
  override evolve(tsInput?: TimedInput, options: LayerEvolveOptions = {}): TimedResult<TimedSpec<S>> {
    const { numTimesteps, layerOptions } = options;
    const run = (): TimeSeries => this.#layer.evolve(tsInput as TimeSeries | null, { ...layerOptions, numTimesteps });
    const output = options.record ? recording(this.#layer, run) : { output: run(), recorded: {} };
    return this.#finish(output, options) as TimedResult<TimedSpec<S>>;
  }

  protected override moreOptions(): readonly string[] {
    return ['layerOptions'];
  }

  protected override async evolveTimed(
    tsInput: TimeSeries | null,
    options: AsyncTimedEvolveOptions & LayerEvolveOptions & { numTimesteps: number },
  ): Promise<TimedResult> {
    const { numTimesteps, signal, onProgress, layerOptions } = options;
    const layer = this.#layer;
    const restore = options.record ? turnOnRecord(layer) : null;
    try {
      const output = await layer.evolveAsync(tsInput, { ...layerOptions, numTimesteps, signal, onProgress });
      return this.within(() => this.#finish({ output, recorded: options.record ? recordedOf(layer) : {} }, options));
    } finally {
      restore?.();
    }
  }

  #finish(
    { output, recorded }: { output: TimeSeries; recorded: Record<string, unknown> },
    { kwargsTimeseries }: TimedEvolveOptions,
  ): TimedResult {
    if (kwargsTimeseries) applySeriesOptions(output, kwargsTimeseries);
    return [output, this.copyState(), recorded];
  }

  override snapshot(): ModuleSnapshot {
    this.checkIdle();
    return { state: {}, modules: {}, timestep: this.timestep, layer: this.#layer.snapshot() };
  }

  protected override prepareRestore(snapshot: ModuleSnapshot): () => void {
    return this.#layer._prepareRestore(snapshot['layer']);
  }

  /** The class and the layer's dictionary. */
  override toDict(options: ModuleToDictOptions = {}): ModuleConfig {
    const given = checkOptions<ModuleToDictOptions>(options, 'options', ['includeState']);
    return { class_name: this.className, layer: this.#layer.toDict(given), registered: this.#registered };
  }

  static override fromOptions(this: unknown, options: Record<string, unknown>): ModuleBase {
    const { layer, registered } = options as { layer: Record<string, unknown>; registered: LayerAttributes };
    const Class = this as new (layer: Layer, registered: LayerAttributes) => ModuleBase;
    return new Class(Layer.loadFromDict(layer), registered);
  }
}

registerModuleClass('LayerToTimedModule', LayerToTimedModule);

function applySeriesOptions(series: TimeSeries, options: SeriesOptions): void {
  const { name, periodic, interpKind } = checkOptions<SeriesOptions>(options, 'kwargsTimeseries', [
    'name',
    'periodic',
    'interpKind',
  ]);
  if (name !== undefined) series.name = name ?? 'unnamed';
  if (periodic !== undefined) series.periodic = periodic;
  if (interpKind !== undefined && series instanceof TSContinuous) series.interpKind = interpKind;
}
