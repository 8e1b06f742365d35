/** NIR graphs in files. */
import type { PathInput } from '../io/file-error.js';
import { checkFileGraph, checkGraph } from './check-graph.js';
import { decodeFile, encodeFile } from './codec.js';
import {
  checkFileOptions,
  checkMaxBytes,
  readTree,
  type NirFileOptions,
  type NirReadOptions,
  writeTree,
} from './file.js';
import { graphFileError } from './node-error.js';
import { checkOneOf } from '../check.js';
import type { NirGraph, NirGraphInput } from './types.js';

/** @internal */
export function checkReadOptions(options: unknown): NirReadOptions {
  const given = checkFileOptions<NirReadOptions>(options, ['maxBytes', 'checksum']);
  checkMaxBytes(given.maxBytes);
  if (given.checksum !== undefined) checkOneOf(given.checksum, 'checksum', ['check', 'ignore']);
  return given;
}

/**
 * Reads a graph from a NIR file (HDF5), of this library, of the Python package `nir` or of any toolkit's exporter. All is checked after
 * reading: types and fields of nodes, finite numbers, time constants greater than 0, edges, and shapes along them. Fields that the format
 * lets out have their defaults (`v_reset` zeros, `w_in` ones), and fields of one number have the shape of their population. The file is
 * read on a thread of its own.
 *
 * @throws RockpoolError `ERR_FILE` with `path`, and `node` and `field` where it is about one; `ERR_BACKEND` without the optional package
 *   h5wasm; `ERR_ABORTED`.
 */
export async function readNir(file: PathInput, options?: NirReadOptions): Promise<NirGraph> {
  const { path, tree } = await readTree(file, checkReadOptions(options));
  try {
    return checkFileGraph(decodeFile(tree).graph);
  } catch (error) {
    throw graphFileError(path, error);
  }
}

/**
 * Writes a graph as a NIR file, whole or not at all, with a checksum of its content that {@link readNir} checks. Arrays of 64 numbers and
 * more are compressed. The graph is checked first, as after reading; it may be changed as soon as this has been called.
 *
 * @throws TypeError or RangeError for a graph that is not right, naming node and field; RockpoolError `ERR_FILE` from the disk,
 *   `ERR_BACKEND` without the optional package h5wasm, `ERR_ABORTED`.
 */
export async function writeNir(
  file: PathInput,
  graph: NirGraph | NirGraphInput,
  options?: NirFileOptions,
): Promise<void> {
  const given = checkFileOptions<NirFileOptions>(options);
  await writeTree(file, encodeFile(checkGraph(graph)), given);
}
