/** Files of biases, as cortexcontrol and Rockpool write them: Python lines that set one bias each. */
import { readFile } from 'node:fs/promises';
import { native } from '../../binding.js';
import { checkInteger, checkOneOf, checkOptions, checkString, rangeError, shapeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic.js';

const numCores = 16;

/** The 25 biases of a core. */
const biasNames = (): Set<string> => new Set(native.dynapseBiases().map(({ name }) => name));

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
  if (typeof ids !== 'number' && !Array.isArray(ids)) throw typeError('coreIds', 'a core or a list of cores', ids);
  const list = typeof ids === 'number' ? [ids] : (ids as readonly number[]);
  if (list.length === 0) throw shapeError('coreIds', 'one core or more; null: all', 'none');
  return list.map((id) => checkInteger(id, 'coreIds', { min: 0, max: numCores - 1 }));
}

/**
 * Reads the text of a file of biases. Lines that set no bias are skipped where they are empty, comments, imports or name the model.
 *
 * @throws RockpoolError `ERR_FILE` for any other line, with its number, and for values out of range.
 */
export function parseBiases(text: string, options: BiasFileOptions = {}): CoreBias[] {
  const { cores, flip } = readOptions(options);
  const names = biasNames();
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
    if (!names.has(found[2])) throw unreadable(i, 'one that sets a bias of the board', found[2]);
    if (cores && !cores.includes(core)) continue;
    biases.push({ core, name: found[2], fine, coarse: flip(coarse) });
  }
  return biases;
}

/** Part of a file in a message: short, and without what a terminal would obey. */
function clipped(text: string): string {
  return text.length > 60
    ? `${JSON.stringify(text.slice(0, 60))}... (${text.length} characters)`
    : JSON.stringify(text);
}

function unreadable(line: number, what: string, got: string): RockpoolError {
  return new RockpoolError('ERR_FILE', `expected line ${line + 1} to be ${what}, received ${clipped(got)}`);
}

/** The text of a file with these biases; {@link parseBiases} reads it. */
export function formatBiases(biases: readonly CoreBias[], options: BiasFileOptions = {}): string {
  const { cores, flip } = readOptions(options);
  if (!Array.isArray(biases)) throw typeError('biases', 'a list of { core, name, fine, coarse }', biases);
  const names = biasNames();
  const lines = (biases as readonly CoreBias[])
    .filter(({ core }) => !cores || cores.includes(core))
    .map(({ core, name, fine, coarse }) => {
      checkInteger(core, 'core', { min: 0, max: numCores - 1 });
      if (!names.has(checkString(name, 'name'))) throw rangeError('name', `one of ${[...names].join(', ')}`, name);
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
  if (checkString(filename, 'filename') === '') throw rangeError('filename', 'the name of a file', filename);
  const text = await readFile(filename, 'utf8').catch((cause: unknown) => {
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
