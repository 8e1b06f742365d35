/** Networks: layers that are evolved together. */
import { inspect } from 'node:util';
import {
  checkBoolean,
  checkFunction,
  checkInstance,
  checkOptions,
  checkSignal,
  checkString,
  typeError,
} from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { writeFileAtomic, writeFileAtomicSync } from '../io/atomic.js';
import { camelCaseKeys, readConfig, readConfigSync, toPlain, toText } from '../layers/config.js';
import { Layer } from '../layers/layer.js';
import { checkInput, determineTimesteps } from '../layers/prepare-input.js';
import { registerLayerClass, type LayerClass } from '../layers/registry.js';
import type { StreamSource, ToDictOptions } from '../layers/types.js';
import { type Progress, taskOptionNames } from '../task.js';
import { TimeSeries } from '../time-series/time-series.js';
import type { Entry } from './connections.js';
import { buildNetwork, networkToDict } from './network-dict.js';
import { streamNetwork } from './network-stream.js';
import { disposeOutputs, makeOutputs, readOutput, writeOutput } from './outputs.js';
import { checkMember, NetworkStructure } from './structure.js';
import { train, trainAsync } from './training.js';
import type {
  AsyncNetworkEvolveOptions,
  AsyncTrainOptions,
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
export class Network extends NetworkStructure {
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
    const { layers, ...options } = readArguments(args);
    super(options);
    if (new Set(layers).size < layers.length)
      throw new RockpoolError('ERR_NAME', 'expected layers to be different objects, received one of them twice');
    for (const layer of layers) checkMember(layer, 'layers');
    for (const [i, layer] of layers.entries()) {
      if (i === 0) this.addLayer(layer, { externalInput: true });
      else this.addLayer(layer, { inputLayer: layers[i - 1] });
    }
    this.inputLayer = layers[0] ?? null;
    this.outputLayer = layers.at(-1) ?? null;
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
      for (const entry of this._connections.order) {
        const input = this.#announce(entry, run);
        const numTimesteps = run.numTimesteps * entry.steps;
        this.#collect(
          entry,
          run,
          entry.layer._lock().permit(() => entry.layer.evolve(input, { numTimesteps, verbose: run.options.verbose })),
        );
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
  async _evolveAsync(
    tsInput: TimeSeries | null | undefined,
    options: AsyncNetworkEvolveOptions,
    previous?: NetworkOutputs | null,
  ): Promise<NetworkOutputs> {
    const { signal, onProgress, ...rest } = checkOptions<AsyncNetworkEvolveOptions>(options, 'options', [
      ...evolveOptionNames,
      ...taskOptionNames,
    ]);
    if (checkSignal(signal)?.aborted) throw abortError(signal as AbortSignal);
    if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
    const run = this.#start(tsInput, rest, previous);
    try {
      const begin = performance.now();
      let before = 0;
      const progress = (done: number): void =>
        onProgress?.({
          done,
          total: run.total,
          etaSeconds: done > 0 ? ((performance.now() - begin) / 1000 / done) * (run.total - done) : NaN,
        });
      for (const entry of this._connections.order) {
        const input = this.#announce(entry, run);
        const numTimesteps = run.numTimesteps * entry.steps;
        const layerOptions = {
          numTimesteps,
          verbose: rest.verbose,
          signal,
          ...(onProgress && {
            onProgress: (p: Progress) => progress(before + (p.total > 0 ? (p.done / p.total) * numTimesteps : 0)),
          }),
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
    this._checkIdle();
    const dt = this._needDt();
    const input = checkInput(tsInput, TimeSeries);
    if (options.verbose !== undefined) checkBoolean(options.verbose, 'verbose');
    if (options.onLayer !== undefined) checkFunction(options.onLayer, 'onLayer');
    const numTimesteps = determineTimesteps({ t: this.t, dt }, input, options);
    const entries = this._connections.entries();
    this._checkSync(entries);
    const before = this.snapshot();
    const takeBackRecords = this._markRecords();
    const outputs = makeOutputs(input, this.evolveOnDisk);
    const releases = [this._ownLock, ...entries.map(({ layer }) => layer._lock())].map((lock) => lock.acquire());
    return {
      input,
      numTimesteps,
      options,
      previous,
      outputs,
      total: entries.reduce((sum, { steps }) => sum + steps * numTimesteps, 0),
      undo: () => {
        this._putBack(before);
        takeBackRecords();
        disposeOutputs(outputs);
      },
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
    return previous
      ? readOutput(previous, pre.name).delay(numTimesteps * this._needDt())
      : readOutput(outputs, pre.name);
  }

  #collect({ name, layer }: Entry, { input, outputs, options }: Run, result: TimeSeries | NetworkOutputs): void {
    const output =
      layer instanceof Network ? readOutput(result as NetworkOutputs, layer._outputName()) : (result as TimeSeries);
    checkInstance(output, `the output of layer '${name}'`, TimeSeries);
    if ((!output.name || output.name === 'unnamed') && output !== input) output.name = name;
    if (input?.trialStartTimes) output.trialStartTimes = input.trialStartTimes.slice();
    writeOutput(outputs, name, output);
    options.onLayer?.(name, output);
  }

  #finish(run: Run): NetworkOutputs {
    this.timestep += run.numTimesteps;
    this._checkSync(this._connections.entries());
    return run.outputs;
  }

  /**
   * Evolves batch after batch and calls `fct(net, signals, isFirst, isLast, info)` after each. Nothing is reset before, between or
   * after batches. Batch sizes that do not add up to the whole are completed by a further batch, or the last one is shortened.
   *
   * @throws TypeError when `fct` returns a promise: that is for {@link trainAsync}.
   */
  train(fct: TrainingFunction<unknown>, options: TrainOptions): TrainResult;
  train(
    fct: TrainingFunction<unknown>,
    tsInput?: TimeSeries | null,
    options?: Omit<TrainOptions, 'input'>,
  ): TrainResult;
  train(fct: TrainingFunction<unknown>, ...args: unknown[]): TrainResult {
    return train(this, fct, args);
  }

  /** The same with `evolveAsync` and a training function that may return a promise. */
  async trainAsync(fct: TrainingFunction<unknown>, options: AsyncTrainOptions): Promise<TrainResult>;
  async trainAsync(
    fct: TrainingFunction<unknown>,
    tsInput?: TimeSeries | null,
    options?: Omit<AsyncTrainOptions, 'input'>,
  ): Promise<TrainResult>;
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

  // ---- Reset, copies and files ------------------------------------------------------------------------------------

  /** Another network around the same layer objects, with the same connections. */
  shallowCopy(): Network {
    const copy = new Network([], { dt: this._forcedDt(), evolveOnDisk: this.evolveOnDisk, name: this.name });
    copy._copyStructure(this);
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
    const dictionary = (value: object, name: string) =>
      camelCaseKeys(checkOptions<Record<string, unknown>>(value, name, Object.keys(value ?? {})));
    return buildNetwork({ ...dictionary(config ?? null, 'config'), ...dictionary(overrides, 'overrides') });
  }

  /** Makes a layer class known for loading: `registerLayerClass(name, cls)`. */
  static addLayerClass(cls: LayerClass, name: string): void {
    registerLayerClass(name, cls);
  }

  /** `Network object with K layers` and a line for each, in evolution order. */
  override toString(): string {
    const order = this._connections.order;
    const lines = order.map(({ layer, name }) =>
      layer.name === name ? String(layer) : String(layer).replace(`"${layer.name}"`, () => `"${name}"`),
    );
    const text = lines.join('\n').replaceAll('\n', '\n    '); // also the lines of a network that is a layer
    return `${this.className} object with ${order.length} layers\n    ${text}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function readArguments(args: unknown[]): NetworkOptions & { layers: NetworkMember[] } {
  const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
  const last = given.at(-1);
  const hasOptions =
    typeof last === 'object' &&
    last !== null &&
    !Array.isArray(last) &&
    !(last instanceof Layer) &&
    !(last instanceof NetworkStructure);
  const options = checkOptions<NetworkOptions & { layers?: NetworkMember[] }>(
    hasOptions ? given.pop() : undefined,
    'options',
    ['layers', 'dt', 'evolveOnDisk', 'name'],
  );
  const layers = (given.length === 1 && Array.isArray(given[0]) ? given[0] : given) as NetworkMember[];
  if (options.layers !== undefined && !Array.isArray(options.layers))
    throw typeError('layers', 'a list of layers', options.layers);
  return { ...options, layers: [...layers, ...(options.layers ?? [])] };
}
