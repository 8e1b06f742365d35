/** What the chips of an open board hold of connections, and how it is changed. */
import type { ArrayLike_ as ArrayInput, Matrix } from '../../array.js';
import { NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkBoolean, checkOptions, rangeError } from '../../check.js';
import { abortError, RockpoolError } from '../../errors.js';
import {
  noConnections,
  numChips,
  numNeurons,
  numNeuronsChip,
  placeBlock,
  readIds,
  readMatrix,
} from '../../layers/dynapse/connectivity.js';
import type { WeightsInput } from '../../layers/iaf/options.js';
import { SparseMatrix } from '../../synapses/sparse-matrix.js';
import { runTask, type TaskOptions } from '../../task.js';
import { BoardImage, placeConnections, type SynapseType } from './connections.js';
import type { DynapseBoard } from './native.js';
import { readDifferent, readNumbers } from './stimulus.js';

/** Options of `setConnections` and `addConnections`. */
export interface ConnectOptions extends TaskOptions {
  /** The rows are virtual neurons: input. Default false. */
  virtual?: boolean;
  /** Type of positive weights' synapses. Default `'fastExc'`. */
  excitatory?: SynapseType;
  /** Type of negative weights' synapses. Default `'fastInh'`. */
  inhibitory?: SynapseType;
}

/** All connections of a board: whole numbers of synapses, [pre, post]. A value; changing it makes another one. */
export interface ConnectionState {
  rec: SparseMatrix;
  ext: SparseMatrix;
  /** Types of the synapses from each neuron. */
  excitatory: readonly SynapseType[];
  inhibitory: readonly SynapseType[];
  /** Types of the synapses from each virtual neuron: one for all. */
  excitatoryExt: SynapseType;
  inhibitoryExt: SynapseType;
}

const all = (type: SynapseType): SynapseType[] => new Array<SynapseType>(numNeurons).fill(type);

/** @internal No connections. */
export function emptyState(): ConnectionState {
  return {
    rec: noConnections(false),
    ext: noConnections(true),
    excitatory: all('fastExc'),
    inhibitory: all('fastInh'),
    excitatoryExt: 'fastExc',
    inhibitoryExt: 'fastInh',
  };
}

const nothing = (rows: number, columns: number): SparseMatrix =>
  new SparseMatrix({ shape: [rows, columns], indptr: new Float64Array(rows + 1), indices: [], data: [] });

/** @internal Number of connections in rows, or columns, of a matrix. */
function within(matrix: SparseMatrix, pre: ArrayInput, post: ArrayInput): Matrix {
  const rows = Int32Array.from(readNumbers(pre, 'neuronIds', matrix.shape[0]));
  const columns = Int32Array.from(readNumbers(post, 'neuronIdsPost', numNeurons));
  const out = new Float64Array(rows.length * columns.length);
  native.dynapseBlock(...matrix.csrArgs(), rows, columns, out);
  return new NdArray(out, [rows.length, columns.length]);
}

/** @internal The connections between some neurons, in a new matrix. */
export function readConnections(
  state: ConnectionState,
  pre: ArrayInput,
  post: ArrayInput,
  options: { virtual?: boolean } = {},
): Matrix {
  const given = checkOptions<{ virtual?: boolean }>(options, 'options', ['virtual']);
  return within(checkBoolean(given.virtual ?? false, 'virtual') ? state.ext : state.rec, pre, post);
}

/** @internal With a block of weights added to, or in place of, what there is between these neurons. */
export function withBlock(
  state: ConnectionState,
  weights: WeightsInput,
  ids: { pre: ArrayInput; post: ArrayInput },
  options: ConnectOptions & { add: boolean },
): ConnectionState {
  const virtual = checkBoolean(options.virtual ?? false, 'virtual');
  const [exc, inh] = [options.excitatory ?? 'fastExc', options.inhibitory ?? 'fastInh'];
  const block = readMatrix(weights, 'weights');
  const base = virtual ? state.ext : state.rec;
  readDifferent(ids.pre, 'neuronIds', base.shape[0]);
  readDifferent(ids.post, 'neuronIdsPost', numNeurons);
  const { connections, truncated } = placeBlock(base, block, { ...ids, add: options.add });
  if (truncated) throw rangeError('weights', 'whole numbers of synapses', 'fractions');
  if (virtual) {
    const others = placeBlock(base, nothing(...block.shape), { ...ids, add: false }).connections.nnz > 0;
    if (others && (exc !== state.excitatoryExt || inh !== state.inhibitoryExt))
      throw rangeError(
        'excitatory and inhibitory',
        `${state.excitatoryExt} and ${state.inhibitoryExt}, as in the other connections from virtual neurons`,
        `${exc} and ${inh}`,
      );
    return { ...state, ext: connections, excitatoryExt: exc, inhibitoryExt: inh };
  }
  return { ...state, rec: connections, ...withTypes(state, block, ids, exc, inh) };
}

/** Types of the presynaptic neurons, which cannot have others beside them. */
function withTypes(
  state: ConnectionState,
  block: SparseMatrix,
  ids: { pre: ArrayInput; post: ArrayInput },
  exc: SynapseType,
  inh: SynapseType,
): Pick<ConnectionState, 'excitatory' | 'inhibitory'> {
  const pre = readIds(ids.pre, 'neuronIds', block.shape[0]);
  const rest = placeBlock(state.rec, nothing(...block.shape), { ...ids, add: false }).connections;
  const [excitatory, inhibitory] = [[...state.excitatory], [...state.inhibitory]];
  for (const neuron of pre) {
    const used = rest.indptr[neuron + 1] > rest.indptr[neuron];
    if (used && (excitatory[neuron] !== exc || inhibitory[neuron] !== inh))
      throw rangeError(
        'excitatory and inhibitory',
        `${excitatory[neuron]} and ${inhibitory[neuron]}, as in the other connections from neuron ${neuron}`,
        `${exc} and ${inh}`,
      );
    excitatory[neuron] = exc;
    inhibitory[neuron] = inh;
  }
  return { excitatory, inhibitory };
}

/** @internal Without the connections to, or from, some neurons; null: all of them. */
export function without(
  state: ConnectionState,
  ids: { pre?: ArrayInput | null; post?: ArrayInput | null },
  kinds: { rec?: boolean; ext?: boolean },
): ConnectionState {
  const cut = (matrix: SparseMatrix): SparseMatrix => {
    const [pre, post] = [
      readIds(ids.pre, 'neuronIds', matrix.shape[0]),
      readIds(ids.post, 'neuronIdsPost', numNeurons),
    ];
    if (pre.length === 0 || post.length === 0) return matrix;
    return placeBlock(matrix, nothing(pre.length, post.length), { pre, post, add: false }).connections;
  };
  return { ...state, rec: kinds.rec ? cut(state.rec) : state.rec, ext: kinds.ext ? cut(state.ext) : state.ext };
}

/** Nothing is begun by a call that was cancelled before. */
function checkNotAborted({ signal }: TaskOptions): void {
  if (signal?.aborted) throw abortError(signal);
}

/** The connections of an open board. */
export class ChipConnections {
  readonly #board: DynapseBoard;
  #image = new BoardImage();
  #state = emptyState();
  /** Chips whose content is what the image says. */
  readonly #prepared = new Set<number>();
  readonly #unknown = new Set<number>();

  constructor(board: DynapseBoard) {
    this.#board = board;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get image(): BoardImage {
    return this.#image;
  }

  /** Chips that were cleared, ascending. */
  get prepared(): number[] {
    return [...this.#prepared].sort((a, b) => a - b);
  }

  /** Chips on which a write failed or was aborted. */
  get unknown(): ReadonlySet<number> {
    return this.#unknown;
  }

  #forget(chip: number): void {
    this.#prepared.delete(chip);
    this.#unknown.add(chip);
  }

  /** Empties chips, and removes what leads from or to their neurons. */
  async clear(chips: readonly number[], options: TaskOptions): Promise<void> {
    if (chips.length === 0) return;
    checkNotAborted(options);
    for (const chip of chips) {
      this.#forget(chip);
      await runTask(options, (progress) => native.dynapseClearCams(this.#board, chip, progress));
      await runTask(options, (progress) => native.dynapseClearSrams(this.#board, chip, true, progress));
    }
    const ids = chips.flatMap((chip) => Array.from({ length: numNeuronsChip }, (_, k) => chip * numNeuronsChip + k));
    for (const chip of chips) {
      this.#image = this.#image.withChipCleared(chip);
      this.#prepared.add(chip);
      this.#unknown.delete(chip);
    }
    const next = without(without(this.#state, { pre: ids }, { rec: true }), { post: ids }, { rec: true, ext: true });
    await this.remove(next, options);
  }

  /**
   * Makes the chips hold these connections, which are fewer than before. Chips whose content is unknown are left alone until they are emptied.
   * The connections are gone even where a transfer fails: what other chips still hold of them is removed by the next change.
   */
  async remove(next: ConnectionState, options: TaskOptions): Promise<void> {
    checkNotAborted(options);
    this.#state = next;
    await this.#send(next, options, true);
  }

  /** Makes the chips hold these connections. All limits are checked before anything is sent. */
  async put(next: ConnectionState, options: TaskOptions): Promise<void> {
    await this.#send(next, options, false);
    this.#state = next;
  }

  async #send(next: ConnectionState, options: TaskOptions, removing: boolean): Promise<void> {
    const { rec, ext, ...types } = next;
    const image = placeConnections(this.#image, rec, { connectionsExt: ext, ...types });
    if (removing) for (const chip of this.#unknown) this.#image = this.#image._withChipOf(image, chip);
    const words = Array.from({ length: numChips }, (_, chip) => image.wordsAfter(this.#image, chip));
    const unknown = words.findIndex((list, chip) => list.length > 0 && !this.#prepared.has(chip));
    if (unknown >= 0)
      throw new RockpoolError(
        'ERR_STATE',
        `expected connections between chips that are prepared, received some on chip ${unknown}: initChips([${unknown}]) empties it first`,
      );
    checkNotAborted(options);
    for (const [chip, list] of words.entries()) {
      if (list.length === 0) continue;
      try {
        await runTask(options, (progress) => native.dynapseWriteChip(this.#board, chip, list, progress));
      } catch (error) {
        // Some of the words may have arrived, and chips before this one have all of theirs.
        for (let k = 0; k <= chip; k++) if (words[k].length > 0) this.#forget(k);
        if (removing) for (const k of this.#unknown) this.#image = this.#image._withChipOf(image, k);
        throw error;
      }
    }
    this.#image = image;
  }
}
