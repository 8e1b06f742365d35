/** What a layer on a DynapSE board is set up with, and how it gets onto the board. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { NdArray } from '../../array.js';
import { checkBoolean, checkOptions } from '../../check.js';
import type { ConnectionBlock } from '../../devices/dynapse/control-base.js';
import { DynapseControl } from '../../devices/dynapse/control.js';
import { RockpoolError } from '../../errors.js';
import { type TaskOptions, taskOptionNames } from '../../task.js';
import { warn } from '../../warnings.js';
import { mergeArguments } from '../arguments.js';
import type { LayerConfig, ToDictOptions } from '../types.js';
import {
  checkSizes,
  checkWeights,
  readController,
  readCoreIds,
  readNeuronIds,
  readSynapses,
  recOptionNames,
  type RecDynapSEOptions,
} from './board-options.js';
import { checkBoard, checkLayerBiases } from './board-check.js';
import { BoardLayer } from './board-layer.js';
import { BoardLink } from './board-link.js';
import { numCores, numCoresChip, numNeurons, numNeuronsChip, numNeuronsCore } from './connectivity.js';

type Given = RecDynapSEOptions & { weightsIn?: ArrayInput; weightsRec?: ArrayInput };

/** Base of `RecDynapSE`; that class adds how it evolves. */
export abstract class RecDynapSEBase extends BoardLayer {
  #weightsIn: Matrix;
  #weightsRec: Matrix;
  #neuronIds: number[] | null;
  #virtualNeuronIds: number[] | null;
  readonly #link: BoardLink;
  readonly #options: Given;
  #allocated = false;
  /** The chips hold the present weights. */
  #connected = false;

  protected constructor(args: readonly unknown[]) {
    const merged = mergeArguments<Given>(args, ['weightsIn', 'weightsRec']);
    const given = checkOptions<Given>(merged, 'options', recOptionNames);
    const weightsIn = readSynapses(given.weightsIn, 'weightsIn');
    const size = weightsIn.shape[1];
    super(weightsIn, given);
    this.#weightsIn = weightsIn;
    this.#weightsRec = readSynapses(given.weightsRec, 'weightsRec', [size, size]);
    checkSizes(weightsIn.shape[0], size);
    this.#neuronIds = readNeuronIds(given.neuronIds, 'neuronIds', size, numNeurons);
    this.#virtualNeuronIds = readNeuronIds(
      given.virtualNeuronIds,
      'virtualNeuronIds',
      weightsIn.shape[0],
      numNeuronsChip,
    );
    checkWeights(weightsIn, this.#weightsRec, this.#neuronIds, this.#virtualNeuronIds, this.startPrint);
    this.#link = new BoardLink(readController(given.controller));
    checkBoard(given.board, given.controller);
    checkLayerBiases(given.biases);
    this.#options = given;
    readCoreIds(given.clearcoresList ?? [], 'clearcoresList', numCores);
    for (const name of ['skipWeights', 'skipNeuronAllocation'] as const) checkBoolean(given[name] ?? false, name);
    this.resetAll();
  }

  // ---- Weights and neurons ----------------------------------------------------------------------------------------

  /** Synapses from input channels, `sizeIn` x `size`: whole numbers. Setting rounds; the chips get them at the next evolution or `prepare`. */
  get weightsIn(): Matrix {
    return copy(this.#weightsIn);
  }

  set weightsIn(value: ArrayInput) {
    this.#setWeights(readSynapses(value, 'weightsIn', [this.sizeIn, this.size]), this.#weightsRec);
  }

  /** Synapses between neurons, `size` x `size`, likewise. */
  get weightsRec(): Matrix {
    return copy(this.#weightsRec);
  }

  set weightsRec(value: ArrayInput) {
    this.#setWeights(this.#weightsIn, readSynapses(value, 'weightsRec', [this.size, this.size]));
  }

  /** The same as {@link weightsRec}. */
  override get weights(): Matrix {
    return this.weightsRec;
  }

  override set weights(value: ArrayInput) {
    this.weightsRec = value;
  }

  override get size(): number {
    return this.#weightsIn.shape[1];
  }

  override get sizeIn(): number {
    return this.#weightsIn.shape[0];
  }

  #setWeights(weightsIn: Matrix, weightsRec: Matrix): void {
    this.checkIdle();
    checkWeights(weightsIn, weightsRec, this.#neuronIds, this.#virtualNeuronIds, this.startPrint);
    [this.#weightsIn, this.#weightsRec] = [weightsIn, weightsRec];
    this.#connected = false;
  }

  /** Numbers of the hardware neurons; null before they are allocated. */
  get neuronIds(): number[] | null {
    return this.#neuronIds && [...this.#neuronIds];
  }

  /** Numbers of the virtual neurons, likewise. */
  get virtualNeuronIds(): number[] | null {
    return this.#virtualNeuronIds && [...this.#virtualNeuronIds];
  }

  // ---- The board --------------------------------------------------------------------------------------------------

  /** The controller of the board. @throws RockpoolError `ERR_STATE` before {@link prepare}. */
  get controller(): DynapseControl {
    const { control, wanted } = this.#link;
    if (control) return control;
    if (wanted instanceof DynapseControl) return wanted;
    throw new RockpoolError(
      'ERR_STATE',
      `${this.startPrint}expected a board to be open, received a call before prepare()`,
    );
  }

  /** Whether the board, the neurons and their connections are ready. */
  get prepared(): boolean {
    return this.#link.control !== null && this.#allocated && (this.#connected || this.#options.skipWeights === true);
  }

  /**
   * Opens the board where there is no controller yet, takes neurons and sends the connections. `evolveAsync` does it where it was not done.
   *
   * @throws RockpoolError `ERR_NO_DEVICE` and other codes where no board can be had, with what helps; RangeError `ERR_FAN_IN`, `ERR_FAN_OUT`,
   *   `ERR_ALIASING` for connections that the hardware cannot make.
   */
  async prepare(options?: TaskOptions): Promise<void> {
    return this.runExclusive(() => this._prepare(checkOptions<TaskOptions>(options, 'options', taskOptionNames)));
  }

  /** @internal */
  protected async _prepare(task: TaskOptions): Promise<void> {
    if (this.prepared) return;
    const { board, biases } = this.#options;
    await this.#link.use(
      { ...board, biases, fpgaIsiBase: this.dt },
      task,
      this.startPrint,
      async (control, own) => {
        await this.#link.emptyUnknown(control, this.#chips(), own);
        await this.#link.transfer(control, async () => {
          if (!this.#allocated) await this.#allocate(control, own);
          if (this.#options.skipWeights !== true) await this.#connect(control, own);
        });
      },
      (control) => this.#giveBack(control),
    );
  }

  async #allocate(control: DynapseControl, task: TaskOptions): Promise<void> {
    const chips = [...new Set((this.#options.clearcoresList ?? []).map((core) => Math.floor(core / numCoresChip)))];
    if (chips.length > 0) await control.initChips(chips, task);
    if (this.#options.skipNeuronAllocation === true) {
      this.#neuronIds ??= Array.from({ length: this.size }, (_, k) => k + 1);
      this.#virtualNeuronIds ??= Array.from({ length: this.sizeIn }, (_, k) => k + 1);
    } else {
      const taken = await control.allocateNeurons(this.#neuronIds ?? this.size, task);
      try {
        this.#virtualNeuronIds = control.allocateVirtualNeurons(this.#virtualNeuronIds ?? this.sizeIn);
      } catch (error) {
        await control._giveBack(taken, []);
        throw error;
      }
      this.#neuronIds = taken;
    }
    this.#allocated = true;
    this.#warnOfUnreached(this.#neuronIds);
  }

  /** Neurons with input that the input does not get to: the original says nothing. */
  #warnOfUnreached(ids: readonly number[]): void {
    const cores = this.lInputCoreIds.map((core) => this.inputChipId * numCoresChip + core);
    const unreached = ids.filter((id, k) => this._hasInput(k) && !cores.includes(Math.floor(id / numNeuronsCore)));
    if (unreached.length > 0)
      warn(
        'INPUT_UNREACHED',
        `${this.startPrint}${unreached.length} neurons with input (the first is ${unreached[0]}) are not on cores ${this.lInputCoreIds.join(', ')} of chip ${this.inputChipId}, which get it`,
      );
  }

  /** @internal Whether a unit has synapses from input channels. */
  protected _hasInput(unit: number): boolean {
    const { data, shape } = this.#weightsIn;
    return Array.from({ length: shape[0] }, (_, row) => data[row * shape[1] + unit]).some((w) => w !== 0);
  }

  async #connect(control: DynapseControl, task: TaskOptions): Promise<void> {
    const [ids, virtual] = [this.#neuronIds!, this.#virtualNeuronIds!];
    const units = [...ids.keys()];
    const blocks: ConnectionBlock[] = [{ weights: this.#weightsIn, pre: virtual, virtual: true }];
    for (const [rows, excitatory] of [
      [units.filter((k) => this._hasInput(k)), 'fastExc'],
      [units.filter((k) => !this._hasInput(k)), 'slowExc'],
    ] as const)
      if (rows.length > 0)
        blocks.push({ weights: takeRows(this.#weightsRec, rows), pre: rows.map((k) => ids[k]), excitatory });
    await control._connectAll(ids, blocks, task);
    this.#connected = true;
  }

  /** Chips of the neurons that are known. */
  #chips(): number[] {
    return [...new Set((this.#neuronIds ?? []).map((id) => Math.floor(id / numNeuronsChip)))];
  }

  /**
   * Closes the board, where the layer has opened it; a controller that it was given stays open, and has the
   * neurons back. Ends a `prepare` that is under way with `ERR_CLOSED`.
   * The layer can be prepared again.
   *
   * @throws RockpoolError `ERR_BUSY` while a controller that it was given is in use.
   */
  async close(): Promise<void> {
    const { control } = this.#link;
    if (control && this.#link.shared && !this.#link.busy) await this.#giveBack(control);
    await this.#link.close();
    this.#allocated = this.#connected = false;
  }

  /** Neurons of a shared controller can be had by others again; their connections are gone. */
  async #giveBack(control: DynapseControl): Promise<void> {
    const taken = this.#allocated && this.#options.skipNeuronAllocation !== true;
    this.#allocated = this.#connected = false;
    if (!taken || control.state === 'closed' || control.state === 'lost') return;
    try {
      await control._giveBack(this.#neuronIds!, this.#virtualNeuronIds!);
    } catch (error) {
      this.#allocated = (error as { code?: unknown }).code === 'ERR_BUSY'; // they are still taken
      throw error;
    }
  }

  /** The same, at the end of an `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /**
   * The arguments of the constructor, as the original's; beside them `controller` where it is the board model, `board` and `biases`: those that are set
   * where the board is open.
   */
  override toDict(options?: ToDictOptions): LayerConfig {
    const own = Object.entries(super.toDict(options)).filter(([key]) => key !== 'weights' && key !== 'noise_std');
    const given = this.#options;
    return {
      ...(Object.fromEntries(own) as LayerConfig),
      weights_in: this.#weightsIn.toArray(),
      weights_rec: this.#weightsRec.toArray(),
      neuron_ids: this.neuronIds,
      virtual_neuron_ids: this.virtualNeuronIds,
      max_num_trials_batch: this.maxNumTrialsBatch,
      max_num_timesteps: this.maxNumTimesteps,
      max_num_events_batch: this.maxNumEventsBatch,
      l_input_core_ids: this.lInputCoreIds,
      input_chip_id: this.inputChipId,
      clearcores_list: given.clearcoresList ?? null,
      rpyc_port: given.rpycPort ?? null,
      skip_weights: given.skipWeights ?? false,
      ...(given.skipNeuronAllocation && { skip_neuron_allocation: true }),
      ...(given.fastmode && { fastmode: true, speedup: given.speedup ?? 1 }),
      ...this.#link.config(this.#options),
    };
  }
}

const copy = (matrix: Matrix): Matrix => new NdArray(matrix.data.slice(), matrix.shape);

function takeRows({ data, shape }: Matrix, rows: readonly number[]): Matrix {
  const width = shape[1];
  const out = new Float64Array(rows.length * width);
  for (const [k, row] of rows.entries()) out.set(data.subarray(row * width, (row + 1) * width), k * width);
  return new NdArray(out, [rows.length, width]);
}
