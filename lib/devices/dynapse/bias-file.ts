/** Files of biases, as cortexcontrol and Rockpool write them: Python lines that set one bias each. */
import { readFile } from 'node:fs/promises';
import { checkInteger, checkOneOf, checkOptions, checkString, rangeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';

const numCores = 16;

/** The bias of a core. */
export interface CoreBias {
  /** Core of the board, 0 to 15: 4 * chip + core. */
  core: number;
  /** Such as `'IF_DC_P'`. */
  name: string;
  /** 0 to 255. */
  fine: number;
  /** 0 to 7, as the board counts: 0 is the largest current. */
  coarse: number;
}

/**
 * How a file counts coarse currents. `'ascending'`: 0 is the smallest, as in files of cortexcontrol, samna and Rockpool. `'descending'`: 0 is the
 * largest, as on the board and in libcaer.
 */
export type CoarseConvention = 'ascending' | 'descending';

/** Options of {@link parseBiases} and {@link formatBiases}. */
export interface BiasFileOptions {
  /** Only these cores. Default: all. */
  coreIds?: number | readonly number[] | null;
  /** Default `'ascending'`. */
  coarse?: CoarseConvention;
}

const setting =
  /^\s*[\w.]*get_bias_groups\(\)\[\s*(\d+)\s*\]\.set_bias\(\s*["']([\w ]+)["']\s*,\s*(\d+)\s*,\s*(\d+)\s*\)\s*;?\s*(?:#.*)?$/;
const header = ['import CtxDynapse as CtxDynapse', 'save_file_model_ = CtxDynapse.model'];

function readOptions(options: BiasFileOptions): { cores: number[] | null; flip: (coarse: number) => number } {
  const given = checkOptions<BiasFileOptions>(options, 'options', ['coreIds', 'coarse']);
  const convention = checkOneOf<CoarseConvention>(given.coarse ?? 'ascending', 'coarse', ['ascending', 'descending']);
  return {
    cores: readCores(given.coreIds),
    flip: (coarse) => (convention === 'ascending' ? 7 - coarse : coarse),
  };
}

function readCores(ids: number | readonly number[] | null | undefined): number[] | null {
  if (ids === null || ids === undefined) return null;
  const list = typeof ids === 'number' ? [ids] : [...ids];
  return list.map((id) => checkInteger(id, 'coreIds', { min: 0, max: numCores - 1 }));
}

/**
 * Reads the text of a file of biases. Lines that set no bias are skipped where they are empty, comments, imports or name the model.
 *
 * @throws RockpoolError `ERR_FILE` for any other line, with its number, and for values out of range.
 */
export function parseBiases(text: string, options: BiasFileOptions = {}): CoreBias[] {
  const { cores, flip } = readOptions(options);
  const biases: CoreBias[] = [];
  for (const [i, line] of checkString(text, 'text').split(/\r?\n/).entries()) {
    const found = setting.exec(line);
    if (!found) {
      if (/^\s*(#.*|import .*|from .*|\w+\s*=\s*[\w.]*model)?\s*$/.test(line)) continue;
      throw unreadable(i, 'a line that sets a bias', line.trim());
    }
    const [core, fine, coarse] = [found[1], found[3], found[4]].map(Number);
    if (core >= numCores) throw unreadable(i, 'a core from 0 to 15', String(core));
    if (fine > 255 || coarse > 7)
      throw unreadable(i, 'a fine value from 0 to 255 and a coarse one from 0 to 7', `${fine}, ${coarse}`);
    if (cores && !cores.includes(core)) continue;
    biases.push({ core, name: found[2], fine, coarse: flip(coarse) });
  }
  return biases;
}

function unreadable(line: number, what: string, got: string): RockpoolError {
  return new RockpoolError('ERR_FILE', `expected line ${line + 1} to be ${what}, received ${got}`);
}

/** The text of a file with these biases; {@link parseBiases} reads it. */
export function formatBiases(biases: readonly CoreBias[], options: BiasFileOptions = {}): string {
  const { cores, flip } = readOptions(options);
  const lines = biases
    .filter(({ core }) => !cores || cores.includes(core))
    .map(({ core, name, fine, coarse }) => {
      checkInteger(core, 'core', { min: 0, max: numCores - 1 });
      if (!/^[\w ]+$/.test(checkString(name, 'name'))) throw rangeError('name', 'the name of a bias', name);
      checkInteger(fine, 'fine', { min: 0, max: 255 });
      checkInteger(coarse, 'coarse', { min: 0, max: 7 });
      return `save_file_model_.get_bias_groups()[${core}].set_bias("${name}", ${fine}, ${flip(coarse)})`;
    });
  return [...header, ...lines, ''].join('\n');
}

/** `biases.py` and cores 1 and 2 are `biases_cores_1_2.py`; a name without extension gets `.py`. */
export function biasFilename(filename: string, coreIds?: number | readonly number[] | null): string {
  const cores = readCores(coreIds);
  const name = checkString(filename, 'filename');
  if (!cores) return name;
  const [, stem, extension] = /^(.*?)(\.[^./\\]*)?$/s.exec(name)!;
  return `${stem}_cores_${cores.join('_')}${extension ?? '.py'}`;
}

/** Reads a file of biases. @throws RockpoolError `ERR_FILE` when it cannot be read or is none. */
export async function loadBiases(filename: string, options: BiasFileOptions = {}): Promise<CoreBias[]> {
  const text = await readFile(checkString(filename, 'filename'), 'utf8').catch((cause: unknown) => {
    throw new RockpoolError(
      'ERR_FILE',
      `expected ${filename} to be a readable file, received ${(cause as Error).message}`,
      {
        cause,
        details: { filename },
      },
    );
  });
  return parseBiases(text, options);
}

/** Writes a file of biases and returns its name: that of {@link biasFilename}, with the cores in it when they were chosen. */
export async function saveBiases(
  filename: string,
  biases: readonly CoreBias[],
  options: BiasFileOptions = {},
): Promise<string> {
  const name = biasFilename(filename, options.coreIds);
  await writeFileAtomic(name, formatBiases(biases, options));
  return name;
}

/** The biases of one core, for other cores; default: all the others. */
export function copyBiases(
  biases: readonly CoreBias[],
  sourceCore = 0,
  targetCores?: number | readonly number[] | null,
): CoreBias[] {
  const source = checkInteger(sourceCore, 'sourceCore', { min: 0, max: numCores - 1 });
  const targets = readCores(targetCores) ?? [...Array(numCores).keys()].filter((core) => core !== source);
  const own = biases.filter(({ core }) => core === source);
  return targets.flatMap((core) => own.map((bias) => ({ ...bias, core })));
}
