/** The content of an HDF5 file as plain data, and its checksum. Loaded by the worker: imports nothing of the library. */
import type { Hash } from 'node:crypto';

/** Element types that a file may have. */
export type TreeNumbers =
  | Float64Array
  | Float32Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A dataset: numbers or texts. Shape `[]`: a scalar. */
export type TreeData =
  | { kind: 'numbers'; data: TreeNumbers; shape: number[]; boolean?: boolean }
  | { kind: 'text'; data: string[]; shape: number[] };
/** A group, in the order of its names. */
export interface TreeGroup {
  kind: 'group';
  entries: [name: string, entry: TreeEntry][];
}
export type TreeEntry = TreeData | TreeGroup;

/** Name of the attribute of the root group that holds the checksum. */
export const checksumAttribute = 'rockpool_node_sha256';

/** Orders names by UTF-16 code units, on every system alike. */
const byName = ([a]: [string, TreeEntry], [b]: [string, TreeEntry]): number => (a < b ? -1 : a > b ? 1 : 0);

function feed(hash: Hash, entry: TreeEntry): void {
  const text = (...parts: (string | number)[]): void => void hash.update(`${JSON.stringify(parts)}\n`);
  if (entry.kind === 'group') {
    text('group', entry.entries.length);
    for (const [name, inner] of [...entry.entries].sort(byName)) {
      text(name);
      feed(hash, inner);
    }
  } else if (entry.kind === 'text') {
    text('text', ...entry.shape, '=', ...entry.data);
  } else {
    const { data, shape } = entry;
    text('numbers', data.constructor.name, ...shape);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
}

/** SHA-256 over all names, types, shapes and values, independent of how the file stores them. */
export function checksumOf(tree: TreeGroup, hash: Hash): string {
  feed(hash, tree);
  return hash.digest('hex');
}
