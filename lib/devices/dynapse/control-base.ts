/** Neurons, connections and biases of an open board. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { checkBoolean, checkFunction, checkInteger, checkOptions, checkSignal, rangeError } from '../../check.js';
import { numChips, numNeurons } from '../../layers/dynapse/connectivity.js';
import type { WeightsInput } from '../../layers/iaf/options.js';
import { type TaskOptions, taskOptionNames } from '../../task.js';
import { NeuronAllocator } from './allocation.js';
import { type BiasFileOptions, copyBiases, type CoreBias, loadBiases, saveBiases } from './bias-file.js';
import { ChipBiases } from './chip-biases.js';
import {
  ChipConnections,
  type ConnectOptions,
  emptyState,
  readConnections,
  withBlock,
  without,
} from './chip-connections.js';
import type { BoardImage } from './connections.js';
import type { OpenBoard } from './open.js';
import { BoardSession } from './session.js';
import { readNumbers } from './stimulus.js';

const connectNames = ['virtual', 'excitatory', 'inhibitory', ...taskOptionNames];

/** @internal Synapses from some neurons. */
export type ConnectionBlock = Omit<ConnectOptions, keyof TaskOptions> & { weights: WeightsInput; pre: ArrayInput };

/** @internal Options of a command that has no others than those of every long operation. */
export function readTask(options: TaskOptions = {}): TaskOptions {
  return checkTask(checkOptions<TaskOptions>(options, 'options', taskOptionNames));
}

/** @internal The same among other options. */
export function checkTask<T extends TaskOptions>(options: T): T {
  checkSignal(options.signal);
  if (options.onProgress !== undefined) checkFunction(options.onProgress, 'onProgress');
  return options;
}

/** What a {@link DynapseControl} sets; that class adds what it plays and records. */
export abstract class DynapseControlBase extends BoardSession {
  readonly #allocator = new NeuronAllocator();
  readonly #connections: ChipConnections;
  /** @internal */
  protected readonly _biases: ChipBiases;

  protected constructor(open: OpenBoard) {
    super(open);
    this.#connections = new ChipConnections(open.board);
    this.#allocator._withheld = this.#connections.unknown;
    this._biases = new ChipBiases(open.board);
  }

  // ---- Neurons ----------------------------------------------------------------------------------------------------

  /** Chips that were emptied, and whose neurons can be had without emptying more. */
  get initializedChips(): number[] {
    return this.#connections.prepared;
  }

  /** Hardware neurons that can be had now: more after `initChips`. */
  get numFreeNeurons(): number {
    return this.#allocator.numFree('hardware');
  }

  /** Virtual neurons that can be had. */
  get numFreeVirtualNeurons(): number {
    return this.#allocator.numFree('virtual');
  }

  /**
   * Empties chips: no synapses, of routes only those by which spikes are seen. What was connected to and from their neurons is gone.
   *
   * @param chips 0 to 3.
   */
  async initChips(chips: ArrayInput, options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => this.#init(readNumbers(chips, 'chips', numChips), readTask(options)));
  }

  async #init(chips: readonly number[], options: TaskOptions): Promise<void> {
    try {
      await this.#connections.clear([...new Set(chips)], options);
    } finally {
      for (const chip of this.#connections.prepared) this.#allocator.prepareChip(chip);
    }
  }

  /**
   * Takes hardware neurons, and returns their numbers: the first free ones, ascending, or these. Chips that were not emptied yet are, where
   * they are needed.
   *
   * @param neurons How many, or which: 1024 * chip + 256 * core + index.
   * @throws RangeError when there are not so many, or one of them is taken.
   */
  async allocateNeurons(neurons: number | ArrayInput, options?: TaskOptions): Promise<number[]> {
    return this._run(['command'], async () => {
      const task = readTask(options);
      await this.#init(this.#allocator.chipsToPrepare(neurons), task);
      return this.#allocator.allocate('hardware', neurons);
    });
  }

  /** Takes virtual neurons: names that input has. How many, or which (1 to 1023). */
  allocateVirtualNeurons(neurons: number | ArrayInput): number[] {
    this._checkOpen();
    return this.#allocator.allocate('virtual', neurons);
  }

  /** All neurons can be had again. Connections stay. */
  clearNeuronAssignments(): void {
    this._checkOpen();
    this.#allocator.clear();
  }

  // ---- Connections ------------------------------------------------------------------------------------------------

  /** What the chips hold, as far as this controller has told them. */
  get image(): BoardImage {
    return this.#connections.image;
  }

  /** The number of synapses between neurons, [pre, post]: negative ones inhibit. */
  getConnections(neuronIds: ArrayInput, neuronIdsPost: ArrayInput, options: { virtual?: boolean } = {}): Matrix {
    return readConnections(this.#connections.state, neuronIds, neuronIdsPost, options);
  }

  /**
   * Replaces the connections between some neurons.
   *
   * @param weights Whole numbers of synapses, [pre, post]: positive ones excite, negative ones inhibit.
   * @param neuronIds Presynaptic neurons; virtual ones with `{ virtual: true }`.
   * @param neuronIdsPost Postsynaptic neurons.
   * @throws RangeError `ERR_FAN_IN` (64 synapses of a neuron), `ERR_FAN_OUT` (3 chips), `ERR_ALIASING`, `ERR_VALUE`, before anything is sent;
   *   RockpoolError `ERR_STATE` for chips that were not emptied. A transfer that fails or is aborted leaves chips whose content is unknown
   *   until `initChips`.
   */
  async setConnections(
    weights: WeightsInput,
    neuronIds: ArrayInput,
    neuronIdsPost: ArrayInput,
    options: ConnectOptions = {},
  ): Promise<void> {
    return this.#connect(weights, neuronIds, neuronIdsPost, options, false);
  }

  /** The same, beside the connections that there are. */
  async addConnections(
    weights: WeightsInput,
    neuronIds: ArrayInput,
    neuronIdsPost: ArrayInput,
    options: ConnectOptions = {},
  ): Promise<void> {
    return this.#connect(weights, neuronIds, neuronIdsPost, options, true);
  }

  async #connect(
    weights: WeightsInput,
    pre: ArrayInput,
    post: ArrayInput,
    options: ConnectOptions,
    add: boolean,
  ): Promise<void> {
    return this._run(['command'], async () => {
      const given = checkTask(checkOptions<ConnectOptions>(options, 'options', connectNames));
      const next = withBlock(this.#connections.state, weights, { pre, post }, { ...given, add });
      await this.#connections.put(next, given);
    });
  }

  /** Removes all connections to these neurons, from virtual ones, too. */
  async removeConnectionsTo(neuronIds: ArrayInput, options?: TaskOptions): Promise<void> {
    return this._run(['command'], async () => {
      const post = readNumbers(neuronIds, 'neuronIds', numNeurons);
      const task = readTask(options);
      await this.#connections.remove(without(this.#connections.state, { post }, { rec: true, ext: true }), task);
    });
  }

  /** Removes all connections from these neurons; from virtual ones with `{ virtual: true }`. */
  async removeConnectionsFrom(neuronIds: ArrayInput, options: TaskOptions & { virtual?: boolean } = {}): Promise<void> {
    return this._run(['command'], async () => {
      const names = ['virtual', ...taskOptionNames];
      const { virtual: given = false, ...task } = checkTask(checkOptions<typeof options>(options, 'options', names));
      const virtual = checkBoolean(given, 'virtual');
      const pre = readNumbers(neuronIds, 'neuronIds', virtual ? numNeurons / numChips : numNeurons);
      const kinds = { rec: !virtual, ext: virtual };
      await this.#connections.remove(without(this.#connections.state, { pre }, kinds), task);
    });
  }

  /** Removes all connections. */
  async clearConnections(options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => this.#connections.remove(emptyState(), readTask(options)));
  }

  // ---- Biases -----------------------------------------------------------------------------------------------------

  /** The biases that were set, by core. @throws RockpoolError `ERR_STATE` where the board was not configured and none was set. */
  get biases(): CoreBias[] {
    return this._biases.read();
  }

  /** Sets biases. Coarse 0 is the largest current. */
  async setBiases(biases: readonly CoreBias[], options?: TaskOptions): Promise<void> {
    return this._run(['command'], () => this._biases.write(biases, readTask(options)));
  }

  /** Reads a file of biases, and sets them. */
  async loadBiases(filename: string, options: BiasFileOptions & TaskOptions = {}): Promise<CoreBias[]> {
    return this._run(['command'], async () => {
      const { signal, onProgress, ...file } = checkOptions<typeof options>(options, 'options', [
        'coreIds',
        'coarse',
        ...taskOptionNames,
      ]);
      const biases = await loadBiases(filename, file);
      await this._biases.write(biases, { signal, onProgress });
      return biases;
    });
  }

  /** Writes the biases to a file, and returns its name: with the cores in it, where `coreIds` are given. */
  async saveBiases(filename: string, options?: BiasFileOptions): Promise<string> {
    return saveBiases(filename, this.biases, options);
  }

  /** Sets the biases of one core for others; default: all the others. */
  async copyBiases(
    sourceCore = 0,
    targetCores?: number | readonly number[] | null,
    options?: TaskOptions,
  ): Promise<void> {
    return this._run(['command'], async () => {
      checkInteger(sourceCore, 'sourceCore', { min: 0, max: 15 });
      const copies = copyBiases(this.biases, sourceCore, targetCores);
      if (copies.length === 0) throw rangeError('sourceCore', 'a core whose biases were set', sourceCore);
      await this._biases.write(copies, readTask(options));
    });
  }

  /** @internal Replaces all connections to some neurons at once: nothing is sent when any of them is not possible. */
  async _connectAll(post: ArrayInput, blocks: readonly ConnectionBlock[], options: TaskOptions): Promise<void> {
    return this._run(['command'], async () => {
      let next = without(this.#connections.state, { post }, { rec: true, ext: true });
      for (const { weights, pre, ...types } of blocks)
        next = withBlock(next, weights, { pre, post }, { ...types, add: true });
      await this.#connections.put(next, options);
    });
  }

  /** @internal Chips on which a write failed or was aborted, ascending: `initChips` makes them known again. */
  get _unknownChips(): number[] {
    return [...this.#connections.unknown].sort((a, b) => a - b);
  }

  /**
   * @internal Neurons can be had again, and their connections are removed. They are free even where a transfer fails, which then leaves
   * chips of unknown content.
   */
  async _giveBack(hardware: readonly number[], virtual: readonly number[], options: TaskOptions = {}): Promise<void> {
    return this._run(['command'], async () => {
      const { state } = this.#connections;
      const own = without(state, { post: hardware }, { rec: true, ext: true });
      const next = without(without(own, { pre: hardware }, { rec: true }), { pre: virtual }, { ext: true });
      this.#allocator._release('hardware', hardware);
      this.#allocator._release('virtual', virtual);
      await this.#connections.remove(next, options);
    });
  }

  /** @internal All neurons free, no connections. */
  protected async _forget(options: TaskOptions): Promise<void> {
    await this.#connections.remove(emptyState(), options);
    this.#allocator.clear();
  }
}
