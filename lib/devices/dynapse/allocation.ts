/** Which neurons of a board are taken: hardware neurons, and virtual ones, which stand for input. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { checkInteger, checkOneOf, indexError, rangeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';

const numChips = 4;
const numNeuronsChip = 1024;
const numNeurons = numChips * numNeuronsChip;
const coreWidth = 16;
const numNeuronsCore = 256;

/** Kinds of neurons: 4096 on the chips, and 1024 names that events from outside can have. */
export type NeuronKind = 'hardware' | 'virtual';

const counts: Readonly<Record<NeuronKind, number>> = { hardware: numNeurons, virtual: numNeuronsChip };

/** @internal What is said of a chip that a write left half done. */
export function unknownContent(chip: number, what: string): RockpoolError {
  return new RockpoolError(
    'ERR_STATE',
    `expected ${what} on chips whose content is known, received chip ${chip}, on which a write failed or was aborted: initChips([${chip}]) empties it first`,
  );
}

const readKind = (kind: unknown): NeuronKind => checkOneOf(kind, 'kind', ['hardware', 'virtual']);

function readIds(value: ArrayInput, kind: NeuronKind): number[] {
  const ids = Array.from(toNdArray(value, 'neuronIds', 'float64').data);
  const most = counts[kind];
  const wrong = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < most));
  if (wrong !== undefined) throw indexError('neuronIds', `integers from 0 to ${most - 1}`, wrong);
  if (new Set(ids).size !== ids.length) {
    const twice = ids.find((id, k) => ids.indexOf(id) < k);
    throw rangeError('neuronIds', `numbers that differ: ${twice} is there twice`, ids);
  }
  return ids;
}

/**
 * Gives out neurons, each once. Number 0 of every chip is never given out, since empty synapses listen to it, and neither is virtual number 0. A
 * hardware neuron of chip 0 and the virtual neuron of the same number have one name, so that taking one blocks the other.
 */
export class NeuronAllocator {
  readonly #free: Readonly<Record<NeuronKind, Uint8Array>> = {
    hardware: new Uint8Array(numNeurons),
    virtual: new Uint8Array(numNeuronsChip),
  };
  readonly #prepared = new Set<number>();
  /** @internal Chips of which no neuron is given out, nor emptied for one. */
  _withheld: ReadonlySet<number> = new Set();

  /** @param preparedChips Chips whose neurons may be given out at once: 0 to 3. */
  constructor(preparedChips: readonly number[] = []) {
    if (!Array.isArray(preparedChips)) throw typeError('preparedChips', 'a list of chips', preparedChips);
    this.clear();
    for (const chip of preparedChips as readonly number[]) this.prepareChip(chip);
  }

  /** All neurons are free again; chips stay prepared. */
  clear(): void {
    this.#free.hardware.fill(1);
    this.#free.virtual.fill(1);
    for (let chip = 0; chip < numChips; chip++) this.#free.hardware[chip * numNeuronsChip] = 0;
    this.#free.virtual[0] = 0;
  }

  /** Neurons of this chip can be given out from now on. */
  prepareChip(chip: number): void {
    this.#prepared.add(checkInteger(chip, 'chip', { min: 0, max: numChips - 1 }));
  }

  /** @internal These can be had again; number 0 never can. */
  _release(kind: NeuronKind, ids: readonly number[]): void {
    for (const id of ids) {
      if (id % numNeuronsChip === 0) continue;
      this.#free[kind][id] = 1;
      if (id < numNeuronsChip) this.#free[kind === 'hardware' ? 'virtual' : 'hardware'][id] = 1;
    }
  }

  /** The chips that are prepared, ascending. */
  get preparedChips(): number[] {
    return [...this.#prepared].sort((a, b) => a - b);
  }

  /** Whether a neuron can be had, its chip being prepared. */
  isFree(kind: NeuronKind, id: number): boolean {
    if (this.#free[readKind(kind)][checkInteger(id, 'id', { min: 0, max: counts[kind] - 1 })] === 0) return false;
    const chip = Math.floor(id / numNeuronsChip);
    return kind === 'virtual' || (this.#prepared.has(chip) && !this._withheld.has(chip));
  }

  /** How many neurons can be had. */
  numFree(kind: NeuronKind): number {
    return this.#available(readKind(kind), this.#prepared).length;
  }

  /**
   * The chips that have to be prepared before so many neurons, or these, can be had: the lowest ones that suffice, none where all is ready.
   *
   * @throws RangeError when there are not so many free neurons on the board, or one of these is taken.
   */
  chipsToPrepare(neurons: number | ArrayInput): number[] {
    if (typeof neurons !== 'number') {
      const chips = this.#checkFree(readIds(neurons, 'hardware'), 'hardware').map((id) =>
        Math.floor(id / numNeuronsChip),
      );
      return [...new Set(chips)].filter((chip) => !this.#prepared.has(chip)).sort((a, b) => a - b);
    }
    const count = checkInteger(neurons, 'neurons', { min: 0 });
    const chips = new Set(this.#prepared);
    for (let chip = 0; chip < numChips && this.#available('hardware', chips).length < count; chip++)
      if (!this._withheld.has(chip)) chips.add(chip);
    const most = this.#available('hardware', chips).length;
    if (most < count) throw rangeError('neurons', `at most ${most}, as many as are free`, count);
    return [...chips].filter((chip) => !this.#prepared.has(chip));
  }

  /**
   * Takes neurons and returns their numbers: the first free ones, ascending, or these.
   *
   * @param neurons How many, or which.
   * @throws RangeError when there are too few free ones on chips that are prepared, or one of these is taken or on another chip.
   */
  allocate(kind: NeuronKind, neurons: number | ArrayInput): number[] {
    readKind(kind);
    const ids = typeof neurons === 'number' ? this.#first(kind, neurons) : this.#these(kind, neurons);
    for (const id of ids) {
      this.#free[kind][id] = 0;
      if (id < numNeuronsChip) this.#free[kind === 'hardware' ? 'virtual' : 'hardware'][id] = 0;
    }
    return ids;
  }

  #first(kind: NeuronKind, neurons: number): number[] {
    const count = checkInteger(neurons, 'neurons', { min: 0 });
    const available = this.#available(kind, this.#prepared);
    if (available.length < count)
      throw rangeError('neurons', `at most ${available.length}, as many ${kind} neurons as are free`, count);
    return available.slice(0, count);
  }

  #these(kind: NeuronKind, neurons: ArrayInput): number[] {
    const ids = this.#checkFree(readIds(neurons, kind), kind);
    const unready = ids.find((id) => kind === 'hardware' && !this.#prepared.has(Math.floor(id / numNeuronsChip)));
    if (unready !== undefined) throw rangeError('neuronIds', 'on chips that are prepared', unready);
    return ids;
  }

  #checkFree(ids: number[], kind: NeuronKind): number[] {
    const taken = ids.find((id) => this.#free[kind][id] === 0);
    if (taken !== undefined) throw rangeError('neuronIds', `${kind} neurons that are free`, taken);
    const chip = ids.map((id) => Math.floor(id / numNeuronsChip)).find((number) => this._withheld.has(number));
    if (kind === 'hardware' && chip !== undefined) throw unknownContent(chip, 'neurons');
    return ids;
  }

  #available(kind: NeuronKind, chips: ReadonlySet<number>): number[] {
    const free = Array.from(this.#free[kind], (flag, id) => (flag === 1 ? id : -1)).filter((id) => id >= 0);
    const usable = new Set([...chips].filter((chip) => !this._withheld.has(chip)));
    return kind === 'virtual' ? free : free.filter((id) => usable.has(Math.floor(id / numNeuronsChip)));
  }
}

/**
 * Numbers of neurons that form a rectangle on one core, which is 16 wide and 16 high, row by row.
 *
 * @param first Number of the neuron in its upper left corner.
 * @param numNeuronsWanted How many; the last row may be shorter.
 * @param width Neurons in a row.
 * @throws RangeError when the rectangle does not fit on the core.
 * @example
 * rectangularNeuronArrangement(52, 4, 2); // [52, 53, 68, 69]
 */
export function rectangularNeuronArrangement(first: number, numNeuronsWanted: number, width: number): number[] {
  const start = checkInteger(first, 'first', { min: 0, max: numNeurons - 1 });
  const count = checkInteger(numNeuronsWanted, 'numNeurons', { min: 0, max: numNeuronsCore });
  const columns = checkInteger(width, 'width', { min: 1, max: coreWidth });
  const [left, top] = [start % coreWidth, Math.floor((start % numNeuronsCore) / coreWidth)];
  const rows = Math.ceil(count / columns);
  if (count > 0 && left + Math.min(columns, count) > coreWidth)
    throw rangeError('width', `at most ${coreWidth - left}, the columns of the core from neuron ${start} on`, columns);
  if (top + rows > coreWidth)
    throw rangeError('numNeurons', `at most ${(coreWidth - top) * columns}, what fits below neuron ${start}`, count);
  return Array.from({ length: count }, (_, k) => start + Math.floor(k / columns) * coreWidth + (k % columns));
}
