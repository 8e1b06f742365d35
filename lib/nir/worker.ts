/**
 * The thread that reads and writes HDF5: HDF5 in WebAssembly computes without a pause, prints to stderr and may fail in any way on a
 * damaged file, none of which concerns the event loop here.
 */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import {
  checksumAttribute,
  checksumOf,
  type TreeData,
  type TreeEntry,
  type TreeGroup,
  type TreeNumbers,
} from './tree.js';

/** What the worker is asked. */
export type WorkerRequest =
  { task: 'read'; path: string; maxBytes: number } | { task: 'write'; path: string; tree: TreeGroup };
/** What it answers. `missing`: there is no h5wasm. `large`: it holds much memory now. */
export type WorkerAnswer =
  | { ok: true; tree?: TreeGroup; checksum?: string; stored?: string; large?: boolean }
  | { ok: false; message: string; missing?: boolean; path?: string };

/** The part of h5wasm that is used. */
interface H5Type {
  type: number;
  size: number;
  signed: boolean;
  vlen: boolean;
  littleEndian: boolean;
  shape: number[] | null;
  total_size: number;
  virtual_sources?: unknown[];
  enum_type?: { type: number; members: Record<string, number> };
}
interface H5Dataset {
  type: 'Dataset';
  metadata: H5Type;
  value: unknown;
}
interface H5Group {
  type: string;
  keys(): string[];
  get(name: string): H5Group | H5Dataset | null;
  attrs: Record<string, { value: unknown }>;
  create_group(name: string): H5Group;
  create_dataset(options: object): unknown;
  create_attribute(name: string, data: string): void;
}
interface H5Wasm {
  ready: Promise<{ activate_throwing_error_handler(): number; HEAPU8: Uint8Array }>;
  File: new (path: string, mode: string) => H5Group & { close(): number };
}

const maxDepth = 32;
const maxEntries = 100_000;
const numberClasses = [0, 1]; // integer, float

let loaded: Promise<H5Wasm> | undefined;
const load = (): Promise<H5Wasm> =>
  (loaded ??= (async () => {
    const name = 'h5wasm/node';
    const h5 = (await import(name)) as H5Wasm;
    (await h5.ready).activate_throwing_error_handler();
    return h5;
  })());

/** A failure that names a place in the file. */
class PlaceError extends Error {
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}

function toNative(value: TreeNumbers, littleEndian: boolean): TreeNumbers {
  if (littleEndian || value.BYTES_PER_ELEMENT === 1) return value;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (value.BYTES_PER_ELEMENT === 2) bytes.swap16();
  else if (value.BYTES_PER_ELEMENT === 4) bytes.swap32();
  else bytes.swap64();
  return value;
}

const classes: Record<string, new (values: Iterable<never>) => TreeNumbers> = {
  float8: Float64Array,
  float4: Float32Array,
  signed8: BigInt64Array,
  unsigned8: BigUint64Array,
  signed4: Int32Array,
  unsigned4: Uint32Array,
  signed2: Int16Array,
  unsigned2: Uint16Array,
  signed1: Int8Array,
  unsigned1: Uint8Array,
};

/** Numbers of the file's type; a single number comes as itself. */
function numbersOf(value: unknown, { type, signed, size }: H5Type): TreeNumbers {
  if (ArrayBuffer.isView(value)) return value as TreeNumbers;
  const Class = classes[`${type === 1 ? 'float' : signed ? 'signed' : 'unsigned'}${size}`];
  return new Class((Array.isArray(value) ? value : [value]) as never[]);
}

function readData(dataset: H5Dataset, path: string, budget: { bytes: number; limit: number }): TreeData {
  const { metadata } = dataset;
  const { shape } = metadata;
  if (shape === null) throw new PlaceError(path, 'it has no value');
  if (metadata.virtual_sources?.length) throw new PlaceError(path, 'its data lies in other files');
  budget.bytes += metadata.total_size * metadata.size;
  if (!(budget.bytes <= budget.limit))
    throw new PlaceError(path, `the file holds more than maxBytes (${budget.limit} bytes)`);
  const isText = metadata.type === 3;
  const isEnum = metadata.type === 8;
  if (!isText && !isEnum && !numberClasses.includes(metadata.type))
    throw new PlaceError(path, `it holds neither numbers nor texts (HDF5 type class ${metadata.type})`);
  const count = shape.reduce((n, m) => n * m, 1);
  const value: unknown = count === 0 ? [] : dataset.value;
  if (isText) {
    const texts = (Array.isArray(value) ? value : [value]) as unknown[];
    if (texts.length !== count || !texts.every((t) => typeof t === 'string'))
      throw new PlaceError(path, 'its texts cannot be read');
    return { kind: 'text', data: texts, shape };
  }
  const numbers = numbersOf(value, isEnum ? { ...metadata, type: 0 } : metadata);
  if (numbers.length !== count)
    throw new PlaceError(path, `it holds ${numbers.length} numbers for the shape ${shape.join(' x ')}`);
  const data = toNative(numbers, metadata.littleEndian);
  const members = metadata.enum_type?.members;
  return { kind: 'numbers', data, shape, ...(isEnum && members && 'TRUE' in members && { boolean: true }) };
}

function readGroup(
  group: H5Group,
  path: string,
  depth: number,
  budget: { bytes: number; limit: number; entries: number },
): TreeGroup {
  if (depth > maxDepth) throw new PlaceError(path, `its groups are nested deeper than ${maxDepth}`);
  const entries: [string, TreeEntry][] = [];
  for (const name of group.keys()) {
    if ((budget.entries += 1) > maxEntries) throw new PlaceError(path, `the file has more than ${maxEntries} entries`);
    const at = `${path}/${name}`;
    let entry: TreeEntry;
    try {
      const found = group.get(name);
      if (found?.type === 'Group') entry = readGroup(found, at, depth + 1, budget);
      else if (found?.type === 'Dataset') entry = readData(found as H5Dataset, at, budget);
      else throw new PlaceError(at, 'it is neither a group nor a dataset of this file');
    } catch (error) {
      throw error instanceof PlaceError ? error : new PlaceError(at, messageOf(error));
    }
    entries.push([name, entry]);
  }
  return { kind: 'group', entries };
}

async function read({ path, maxBytes }: WorkerRequest & { task: 'read' }): Promise<WorkerAnswer> {
  const { File } = await load();
  const file = new File(path, 'r');
  try {
    const tree = readGroup(file, '', 0, { bytes: 0, limit: maxBytes, entries: 0 });
    const stored: unknown = file.attrs[checksumAttribute]?.value;
    if (stored === undefined) return { ok: true, tree };
    return {
      ok: true,
      tree,
      stored: typeof stored === 'string' ? stored : '',
      checksum: checksumOf(tree, createHash('sha256')),
    };
  } finally {
    close(file);
  }
}

/** What went wrong before counts, not what follows from it. */
function close(file: { close(): number }): void {
  try {
    file.close();
  } catch {
    // the thread ends with the error that is on its way
  }
}

const letters: Record<string, string> = {
  Float64Array: '<d',
  Float32Array: '<f',
  BigInt64Array: '<q',
  Int8Array: '<b',
};

function writeEntry(group: H5Group, name: string, entry: TreeEntry): void {
  if (entry.kind === 'group') {
    const inner = group.create_group(name);
    for (const [key, value] of entry.entries) writeEntry(inner, key, value);
    return;
  }
  const { data, shape } = entry;
  if (entry.kind === 'text') {
    group.create_dataset({ name, data: shape.length === 0 ? data[0] : data, shape, dtype: 'S' });
    return;
  }
  // Chunks of the whole: a small array in several gains nothing.
  const packed = shape.length > 0 && data.length >= 64;
  const rows = packed
    ? [Math.max(1, Math.min(shape[0], Math.floor(2 ** 20 / (data.length / shape[0])))), ...shape.slice(1)]
    : [];
  group.create_dataset({
    name,
    data,
    shape,
    dtype: letters[data.constructor.name],
    ...(packed && { chunks: rows, compression: 'gzip', compression_opts: 4 }),
  });
}

async function write({ path, tree }: WorkerRequest & { task: 'write' }): Promise<WorkerAnswer> {
  const { File } = await load();
  const file = new File(path, 'w');
  try {
    for (const [name, entry] of tree.entries) writeEntry(file, name, entry);
    file.create_attribute(checksumAttribute, checksumOf(tree, createHash('sha256')));
  } finally {
    file.close();
  }
  return { ok: true };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const reply = await (request.task === 'read' ? read(request) : write(request));
    const { HEAPU8 } = await (await load()).ready;
    return { ...reply, large: HEAPU8.length > 2 ** 26 } as WorkerAnswer;
  } catch (error) {
    const { code } = error as { code?: unknown };
    const missing =
      code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND' || code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
    if (request.task === 'write') fs.rmSync(request.path, { force: true });
    return { ok: false, message: messageOf(error), missing, ...(error instanceof PlaceError && { path: error.path }) };
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
