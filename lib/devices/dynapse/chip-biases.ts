/** The biases of an open board. */
import { native } from '../../binding.js';
import { checkInteger, checkString, rangeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { runTask, type TaskOptions } from '../../task.js';
import type { CoreBias } from './bias-file.js';
import { biasFlag, type DynapseBoard, type NativeBias } from './native.js';

const numCores = 16;
const numChips = 4;

/** The 25 biases of a core by name, with what the low-power default gives them. */
const table = (): Map<string, NativeBias> => new Map(native.dynapseBiases().map((bias) => [bias.name, bias]));

function checkBias(value: CoreBias, names: Map<string, NativeBias>): CoreBias {
  if (typeof value !== 'object' || value === null)
    throw typeError('biases', 'objects { core, name, fine, coarse }', value);
  const name = checkString(value.name, 'name');
  if (!names.has(name)) throw rangeError('name', `one of ${[...names.keys()].join(', ')}`, name);
  return {
    core: checkInteger(value.core, 'core', { min: 0, max: numCores - 1 }),
    name,
    fine: checkInteger(value.fine, 'fine', { min: 0, max: 255 }),
    coarse: checkInteger(value.coarse, 'coarse', { min: 0, max: 7 }),
  };
}

/** @internal Biases, checked. */
export function checkBiases(biases: unknown, names = table()): CoreBias[] {
  if (!Array.isArray(biases)) throw typeError('biases', 'a list of { core, name, fine, coarse }', biases);
  return (biases as CoreBias[]).map((bias) => checkBias(bias, names));
}

/** The low-power biases that the default configuration sets, of all cores. */
export function lowPowerBiases(): CoreBias[] {
  const biases = native.dynapseBiases();
  return [...Array(numCores).keys()].flatMap((core) =>
    biases.map(({ name, coarse, fine }) => ({ core, name, coarse, fine })),
  );
}

/** @internal */
export class ChipBiases {
  readonly #board: DynapseBoard;
  readonly #names = table();
  readonly #known = new Map<string, CoreBias>();

  constructor(board: DynapseBoard) {
    this.#board = board;
  }

  /** The default configuration was sent. */
  setLowPower(): void {
    this.#remember(lowPowerBiases());
  }

  /** What is known of them, by core. @throws RockpoolError `ERR_STATE` where nothing is. */
  read(): CoreBias[] {
    if (this.#known.size === 0)
      throw new RockpoolError(
        'ERR_STATE',
        'expected biases to be set, received none: a board that was not configured does not tell what it has',
      );
    return [...this.#known.values()].sort((a, b) => a.core - b.core).map((bias) => ({ ...bias }));
  }

  /** Checks all, then sends them chip by chip. */
  async write(biases: readonly CoreBias[], options: TaskOptions): Promise<void> {
    const checked = checkBiases(biases, this.#names);
    for (let chip = 0; chip < numChips; chip++) {
      const own = checked.filter(({ core }) => core >> 2 === chip);
      if (own.length === 0) continue;
      const words = this.#words(own);
      for (const { core, name } of own) this.#known.delete(key(core, name));
      await runTask(options, (progress) => native.dynapseWriteChip(this.#board, chip, words, progress));
      this.#remember(own);
    }
  }

  #words(biases: readonly CoreBias[]): Uint32Array {
    const of = ({ name }: CoreBias): NativeBias => this.#names.get(name)!;
    const flags = (bias: CoreBias): number =>
      (of(bias).high ? biasFlag.high : 0) + biasFlag.normal + (of(bias).nType ? biasFlag.nType : 0) + biasFlag.enabled;
    const out = new Uint32Array(biases.length);
    native.dynapseBiasWords(
      Uint32Array.from(biases, (bias) => of(bias).addresses[bias.core % 4]),
      Uint32Array.from(biases, ({ coarse }) => coarse),
      Uint32Array.from(biases, ({ fine }) => fine),
      Uint32Array.from(biases, flags),
      out,
    );
    return out;
  }

  #remember(biases: readonly CoreBias[]): void {
    for (const bias of biases) this.#known.set(key(bias.core, bias.name), bias);
  }
}

const key = (core: number, name: string): string => `${core} ${name}`;
