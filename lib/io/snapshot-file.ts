/** Snapshots of layers and networks in files: an `.npz` with every array, and the rest as text under `snapshot`. */
import { checkString, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import type { LayerSnapshot } from '../layers/types.js';
import { fileError } from './file-error.js';
import { readNpz, readNpzSync, TextArray, writeNpz, writeNpzSync, type NpzValue } from './npz.js';
import { withEnding } from './npz-write.js';
import { decodePlain, encodePlain, type PlainArray } from './plain-data.js';

const format = 'rockpool-node snapshot';
const version = 1;
const textField = 'snapshot';

/** A name that any tool takes for a file: `layers.Rec.state`. */
function fieldName(path: string, taken: (name: string) => boolean): string {
  const safe = path.replace(/[^\w.-]+/g, '_').slice(0, 100);
  let name = safe;
  for (let i = 1; taken(name) || name === textField; i++) name = `${safe}-${i}`;
  return name;
}

function fieldsOf(snapshot: unknown): Map<string, PlainArray | string> {
  if (typeof snapshot !== 'object' || snapshot === null)
    throw typeError('snapshot', 'what snapshot() returned', snapshot);
  const arrays = new Map<string, PlainArray | string>();
  const value = encodePlain(snapshot, 'snapshot', (array, path) => {
    const field = fieldName(path.replace(/^snapshot\.?/, ''), (name) => arrays.has(name));
    arrays.set(field, array);
    return { field };
  });
  return new Map([[textField, JSON.stringify({ format, version, value })], ...arrays]);
}

function snapshotOf(fields: ReadonlyMap<string, NpzValue>): LayerSnapshot {
  const text = fields.get(textField);
  const json = text instanceof TextArray ? text.item() : undefined;
  const content = (json === undefined ? null : JSON.parse(json)) as Record<string, unknown> | null;
  if (content?.['format'] !== format) throw new RockpoolError('ERR_FILE', 'it holds no snapshot');
  if (content['version'] !== version)
    throw new RockpoolError('ERR_FILE', `its version is ${String(content['version'])}; ${version} can be read`);
  const value = decodePlain(content['value'], ({ field }) => {
    const array = fields.get(field as string);
    if (!array || array instanceof TextArray) throw new RockpoolError('ERR_FILE', `it has no array '${String(field)}'`);
    return array.data;
  });
  if (typeof value !== 'object' || value === null) throw new RockpoolError('ERR_FILE', 'it holds no snapshot');
  return value as LayerSnapshot;
}

/**
 * Writes a snapshot of a layer or a network to a file, whole or not at all. Every number and every array comes back exactly.
 *
 * @param snapshot What `snapshot()` returned; it may be changed as soon as this has been called.
 * @param filename `.npz` is appended when it lacks it
 * @throws TypeError for what is no plain data, with its path; RockpoolError `ERR_FILE` from the disk. The old file is untouched then.
 */
export async function saveSnapshot(snapshot: LayerSnapshot, filename: string): Promise<void> {
  await writeNpz(checkString(filename, 'filename'), fieldsOf(snapshot));
}

/** {@link saveSnapshot}, waiting for the disk. */
export function saveSnapshotSync(snapshot: LayerSnapshot, filename: string): void {
  writeNpzSync(checkString(filename, 'filename'), fieldsOf(snapshot));
}

/**
 * Reads a snapshot, for `restore`.
 *
 * @example
 * saveSnapshotSync(net.snapshot(), 'state.npz');
 * net.restore(loadSnapshotSync('state.npz')); // here, or in another process, of a network with the same parameters
 *
 * @throws RockpoolError `ERR_FILE` when the file cannot be read or holds no snapshot.
 */
export async function loadSnapshot(filename: string): Promise<LayerSnapshot> {
  const path = withEnding(checkString(filename, 'filename'), '.npz');
  const fields = await readNpz(path);
  return decode(path, fields);
}

/** {@link loadSnapshot}, waiting for the disk. */
export function loadSnapshotSync(filename: string): LayerSnapshot {
  const path = withEnding(checkString(filename, 'filename'), '.npz');
  return decode(path, readNpzSync(path));
}

function decode(path: string, fields: ReadonlyMap<string, NpzValue>): LayerSnapshot {
  try {
    return snapshotOf(fields);
  } catch (error) {
    throw fileError('read', path, error);
  }
}
