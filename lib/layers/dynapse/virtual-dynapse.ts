/** The simulated DynapSE board. */
import { type ArrayLike_ as ArrayInput, type Matrix, toNdArray } from '../../array.js';
import { checkBoolean, checkInstance, indexError, rangeError, shapeError } from '../../check.js';
import type { TimeSeries } from '../../time-series/time-series.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { snakeCase } from '../config.js';
import type { IAFRandomizeOptions } from '../iaf/iaf-layer.js';
import { plainWeights } from '../iaf/weights.js';
import { registerLayerClass } from '../registry.js';
import type { AsyncEvolveOptions, EvolveOptions, LayerConfig, ToDictOptions } from '../types.js';
import * as board from './connectivity.js';
import type {
  AsyncDynapseEvolveOptions,
  ChannelOptions,
  DynapseEvolveOptions,
  VirtualDynapseOptions,
} from './options.js';
import { coreNames, type CoreParameter } from './parameters.js';
import { VirtualDynapseNeurons } from './virtual-dynapse-neurons.js';

/** The options of an evolution without those of its channels, which are checked. */
function split<O extends EvolveOptions>(options: O & ChannelOptions): { rest: O; channels: ChannelOptions } {
  const { idsIn, idsOut, remapOutChannels, ...rest } = options ?? {};
  return { rest: rest as unknown as O, channels: { idsIn, idsOut, remapOutChannels } };
}

/**
 * A simulated DYNAP-SE board: 4 chips of 4 cores of 256 neurons, and up to 1024 input channels. Neuron `1024 * chip + 256 * core + index`. The
 * neurons are those of {@link RecAEIFSpkInNest} with rest and reset at 0 and delays of one time step, an approximation of the circuits: the
 * layer shows what the hardware can do, its parameters do not correspond to biases of the chip.
 *
 * Parameters belong to cores; neurons have them with mismatch. `bias` is one number for each core, `bias_` one for each neuron, read only, and
 * so with the others. Connections are whole numbers of synapses, checked against the limits of the hardware.
 */
export class VirtualDynapse extends VirtualDynapseNeurons {
  /**
   * @throws RangeError `ERR_FAN_IN`, `ERR_FAN_OUT` or `ERR_ALIASING` for connections that the hardware cannot make; TypeError or RangeError for
   *   arguments of a wrong kind, shape or value.
   */
  constructor(options: VirtualDynapseOptions = {}) {
    super(options);
  }

  // ---- The board --------------------------------------------------------------------------------------------------

  /** Chips: 4. */
  get numChips(): number {
    return board.numChips;
  }

  /** Cores of a chip: 4. */
  get numCoresChip(): number {
    return board.numCoresChip;
  }

  /** Neurons of a core: 256. */
  get numNeuronsCore(): number {
    return board.numNeuronsCore;
  }

  /** Neurons of a chip: 1024. */
  get numNeuronsChip(): number {
    return board.numNeuronsChip;
  }

  /** Cores of the board: 16. */
  override get numCores(): number {
    return board.numCores;
  }

  /** Neurons of the board: 4096. */
  get numNeurons(): number {
    return board.numNeurons;
  }

  /** Input channels: 1024. */
  get numExternal(): number {
    return board.numNeuronsChip;
  }

  /** Largest weight of a synapse: 1. */
  get weightResolution(): number {
    return board.weightResolution;
  }

  /** Threads that the original uses. Nothing depends on it here. */
  get numThreads(): number {
    return super.numCores;
  }

  /** All mismatch factors, (12 + 2 * 4096) x 4096, as the constructor takes them: 269 MB in a new array. */
  mismatchMatrix(): Matrix {
    return this._setup.mismatch.matrix();
  }

  // ---- Limits of the hardware -------------------------------------------------------------------------------------

  /** Whether connections are refused that have more than 64 synapses at a neuron. */
  get validateFanin(): boolean {
    return this._setup.validate.validateFanin;
  }

  set validateFanin(value: boolean) {
    this._setup.validate.validateFanin = checkBoolean(value, 'validateFanin');
  }

  /** Whether neurons are refused that project to more than 3 chips. */
  get validateFanout(): boolean {
    return this._setup.validate.validateFanout;
  }

  set validateFanout(value: boolean) {
    this._setup.validate.validateFanout = checkBoolean(value, 'validateFanout');
  }

  /** Whether sources are refused that a core cannot tell apart. */
  get validateAliasing(): boolean {
    return this._setup.validate.validateAliasing;
  }

  set validateAliasing(value: boolean) {
    this._setup.validate.validateAliasing = checkBoolean(value, 'validateAliasing');
  }

  // ---- Evolution --------------------------------------------------------------------------------------------------

  /**
   * Evolves the board and returns the spikes of all neurons, or of those in `idsOut`.
   *
   * @param tsInput A TSEvent; `idsIn` tells which input channel each of its channels is.
   */
  override evolve(tsInput?: TimeSeries | null, options: DynapseEvolveOptions = {}): TSEvent {
    const { rest, channels } = split<EvolveOptions>(options);
    const { input, heard } = this.#channels(tsInput, channels);
    return heard(super.evolve(input, rest));
  }

  /** The same off the event loop. */
  override async evolveAsync(tsInput?: TimeSeries | null, options: AsyncDynapseEvolveOptions = {}): Promise<TSEvent> {
    const { rest, channels } = split<AsyncEvolveOptions>(options);
    const { input, heard } = this.#channels(tsInput, channels);
    return heard(await super.evolveAsync(input, rest));
  }

  /** Checks and applies the choice of channels: the input as the layer takes it, and what becomes of the output. */
  #channels(
    tsInput: TimeSeries | null | undefined,
    { idsIn, idsOut, remapOutChannels }: ChannelOptions,
  ): { input: TimeSeries | null | undefined; heard: (spikes: TSEvent) => TSEvent } {
    const remapChannels = checkBoolean(remapOutChannels ?? true, 'remapOutChannels');
    const ids = idsOut === null || idsOut === undefined ? null : readNeurons(idsOut);
    const heard = (spikes: TSEvent): TSEvent => (ids ? spikes.clip({ channels: ids, remapChannels }) : spikes);
    if (!(tsInput instanceof TSEvent)) return { input: tsInput, heard };
    const input = (idsIn ?? null) === null ? tsInput.copy() : tsInput.remapChannels(readInputs(idsIn, tsInput));
    // Channels that it does not have are silent.
    if (input.numChannels < board.numNeuronsChip) input.numChannels = board.numNeuronsChip;
    return { input: checkInstance(input, 'tsInput', TSEvent), heard };
  }

  /** As the base class, from the present parameters. */
  override randomizeState(options: IAFRandomizeOptions = {}): void {
    this.checkIdle();
    this.refresh();
    super.randomizeState(options);
  }

  // ---- Dictionaries -----------------------------------------------------------------------------------------------

  /**
   * The arguments of the constructor. Connections are stored as the parts of sparse matrices. Mismatch that was drawn is stored as its seed,
   * `mismatch_seed`; Rockpool stores the matrix, which `mismatchMatrix` makes.
   */
  override toDict(options?: ToDictOptions): LayerConfig {
    const all = super.toDict(options);
    const kept = Object.fromEntries(Object.entries(all).filter(([key]) => !ofNeurons.has(key)));
    const { cores, flags, mismatch, rec, ext, validate } = this._setup;
    const uniform = flags.every((flag) => flag === flags[0]);
    return {
      ...(kept as LayerConfig),
      connections_ext: plainWeights(ext),
      connections_rec: plainWeights(rec),
      ...Object.fromEntries(coreNames.map((name: CoreParameter) => [dictKey(name), Array.from(cores[name])])),
      has_tau_mem_2: uniform ? flags[0] === 1 : this.hasTauMem2,
      num_threads: this.numThreads,
      ...mismatch.toDict(),
      ...Object.fromEntries(
        Object.entries(validate)
          .filter(([, value]) => !value)
          .map(([name, value]) => [snakeCase(name), value]),
      ),
    };
  }
}

/** `tauMem1` is `tau_mem_1` in files. */
const dictKey = (name: string): string => snakeCase(name).replace(/(\d)$/, '_$1');

/** Entries of the neurons' dictionary that those of the cores replace. */
const ofNeurons = new Set([
  'weights_in',
  'weights_rec',
  'tau_mem',
  'v_reset',
  'v_rest',
  'capacity',
  'conductance',
  'subthresh_adapt',
  'delay_in',
  'delay_rec',
  'num_cores',
]);

function readInputs(value: unknown, { numChannels }: TSEvent): number[] {
  const ids = Array.from(toNdArray(value as ArrayInput, 'idsIn', 'float64').data);
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < 2 ** 31));
  if (wrong !== undefined) throw indexError('idsIn', `integers from 0 to ${board.numNeuronsChip - 1}`, wrong);
  if (ids.length !== numChannels)
    throw shapeError('idsIn', `${numChannels} numbers, one for each channel of tsInput`, `${ids.length} of them`);
  return ids;
}

function readNeurons(value: ArrayInput): number[] {
  const ids = Array.from(toNdArray(value, 'idsOut', 'float64').data);
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < board.numNeurons));
  if (wrong !== undefined) throw indexError('idsOut', `integers from 0 to ${board.numNeurons - 1}`, wrong);
  if (new Set(ids).size < ids.length) throw rangeError('idsOut', 'numbers that differ', ids);
  return ids;
}

registerLayerClass('VirtualDynapse', VirtualDynapse);
