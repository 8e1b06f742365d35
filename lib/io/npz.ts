/**
 * NumPy's array files: `.npz` (named arrays in a ZIP) and `.npy` (one array).
 *
 * Whatever is in a file, it is checked: one that is cut off, damaged or made to harm is an `ERR_FILE` error, and one whose arrays
 * would take far more memory than the file itself hits a limit (an option).
 */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { NdArray, type NdData } from '../array.js';
import { native } from '../binding.js';
import { checkInteger, checkOptions, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { zlib } from '../lazy.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import { warn } from '../warnings.js';
import { checkPath, fileError, type PathInput } from './file-error.js';
import type { NativeNpyHeader } from './native.js';
import { TextArray } from './npz-write.js';
import { regularFile, regularFileSync } from './regular-file.js';

export {
  TextArray,
  writeNpy,
  writeNpySync,
  writeNpz,
  writeNpzSync,
  type NpzDType,
  type NpzInput,
} from './npz-write.js';

/** What a field of a file is read into. Integers of 64 bits become doubles, float16 float32, int8 and int16 int32, bool uint8. */
export type NpzValue = NdArray | TextArray;

/** Limits for files from unknown hands. */
export interface NpzLimits {
  /** Most entries in a file; default 65535. */
  maxEntries?: number;
  /** Most bytes that inflating and converting may take; default 48 MiB and 16 times the size of the file. */
  maxBytes?: number;
}

/** Options of {@link readNpz}. */
export interface ReadNpzOptions extends NpzLimits, Omit<TaskOptions, 'onProgress'> {}

const limitNames = ['maxEntries', 'maxBytes'];

/** Arrays of more bytes than this are read off the event loop. */
const bigBytes = 1 << 20;

interface Entry {
  name: string;
  deflated: boolean;
  packed: Uint8Array;
  size: number;
  crc: number;
}

/** Counts what reading takes, before it is taken. */
class Budget {
  readonly #max: number;
  #used = 0;

  constructor(fileBytes: number, limits: NpzLimits) {
    this.#max =
      limits.maxBytes === undefined
        ? 48 * 1024 * 1024 + 16 * fileBytes
        : checkInteger(limits.maxBytes, 'maxBytes', { min: 0 });
  }

  take(bytes: number): void {
    this.#used += bytes;
    if (this.#used > this.#max) {
      throw new RockpoolError(
        'ERR_FILE',
        `its arrays take more than ${this.#max} bytes; raise the option maxBytes if you trust it`,
      );
    }
  }
}

function listEntries(bytes: Uint8Array, limits: NpzLimits, budget: Budget): Entry[] {
  const maxEntries =
    limits.maxEntries === undefined ? 65535 : checkInteger(limits.maxEntries, 'maxEntries', { min: 0 });
  const { names, table } = native.zipIndex(bytes, maxEntries);
  return names.map((name, i) => {
    const [method, offset, packed, size, crc] = table.subarray(5 * i, 5 * i + 5) as unknown as [
      number,
      number,
      number,
      number,
      number,
    ];
    const deflated = method === 8;
    if (deflated) {
      // Deflate cannot pack better than 1 : 1032: a larger claim is a lie.
      if (size > 1032 * packed + 1032)
        throw new RockpoolError('ERR_FILE', `entry '${name}' claims to be larger than it can be`);
      budget.take(size);
    }
    return { name, deflated, packed: bytes.subarray(offset, offset + packed), size, crc };
  });
}

/** One chunk that is larger than the result, so that the result is not put together from pieces. */
function inflateOptions(entry: Entry): { maxOutputLength: number; chunkSize: number } {
  return { maxOutputLength: Math.max(entry.size, 1), chunkSize: Math.max(entry.size + 16, 64) };
}

function checkInflated(entry: Entry, inflated: Uint8Array): Uint8Array {
  if (inflated.length !== entry.size)
    throw new RockpoolError('ERR_FILE', `it inflates to ${inflated.length} bytes instead of ${entry.size}`);
  return inflated;
}

function checkCrc(npy: Uint8Array, crc: number): void {
  if (native.crc32(npy) !== crc) throw new RockpoolError('ERR_FILE', 'its check sum is wrong (damaged)');
}

const outputs = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
};

/** An array to read into, or null for texts and what cannot be read. */
function allocate(header: NativeNpyHeader, budget: Budget): NdData | null {
  // Texts: the characters and a string object for each.
  if (header.output === 'text') budget.take(64 * header.count);
  if (header.output === 'text' || header.output === null) return null;
  const Output = outputs[header.output];
  budget.take(Output.BYTES_PER_ELEMENT * header.count);
  return new Output(header.count);
}

function skip(path: string, field: string, header: NativeNpyHeader): null {
  warn(
    'FILE_FIELD_SKIPPED',
    `'${path}': field '${field}' is skipped: its type ${header.descr} holds no plain numbers or texts`,
  );
  return null;
}

function finish(npy: Uint8Array, header: NativeNpyHeader, out: NdData | null): NpzValue {
  return out === null ? new TextArray(native.npyText(npy), header.shape) : new NdArray(out, header.shape);
}

function decodeSync(npy: Uint8Array, header: NativeNpyHeader, budget: Budget): NpzValue {
  const out = allocate(header, budget);
  if (out !== null) native.npyRead(npy, out);
  return finish(npy, header, out);
}

/** The field that an entry holds, or null for entries that are no arrays. */
function fieldName(path: string, entry: Entry): string | null {
  if (entry.name.endsWith('.npy')) return entry.name.slice(0, -4);
  if (!entry.name.endsWith('/'))
    warn('FILE_FIELD_SKIPPED', `'${path}': entry '${entry.name}' is skipped: it is no .npy`);
  return null;
}

/** Says which entry an error is about. */
function inEntry(name: string, error: unknown): unknown {
  if (error instanceof RockpoolError && error.code !== 'ERR_FILE') return error;
  const reason = error instanceof Error ? error.message : String(error);
  return reason.includes(`'${name}'`) || reason.startsWith('its arrays')
    ? error
    : new RockpoolError('ERR_FILE', `entry '${name}': ${reason}`, { cause: error });
}

function parseSync(path: string, bytes: Uint8Array, limits: NpzLimits): Map<string, NpzValue> {
  const fields = new Map<string, NpzValue>();
  const budget = new Budget(bytes.length, limits);
  for (const entry of listEntries(bytes, limits, budget)) {
    const field = fieldName(path, entry);
    if (field === null) continue;
    try {
      const npy = entry.deflated
        ? checkInflated(entry, zlib().inflateRawSync(entry.packed, inflateOptions(entry)))
        : entry.packed;
      checkCrc(npy, entry.crc);
      const header = native.npyHeader(npy);
      const value = header.output === null ? skip(path, field, header) : decodeSync(npy, header, budget);
      if (value !== null) fields.set(field, value);
    } catch (error) {
      throw inEntry(entry.name, error);
    }
  }
  return fields;
}

async function decode(
  npy: Uint8Array,
  crc: number,
  path: string,
  field: string,
  budget: Budget,
  options: ReadNpzOptions,
): Promise<NpzValue | null> {
  if (npy.length <= bigBytes) checkCrc(npy, crc);
  const header = native.npyHeader(npy);
  if (npy.length <= bigBytes)
    return header.output === null ? skip(path, field, header) : decodeSync(npy, header, budget);
  const out = allocate(header, budget);
  if (out === null) {
    checkCrc(npy, crc);
    return header.output === null ? skip(path, field, header) : finish(npy, header, null);
  }
  await runTask({ signal: options.signal }, (progress) => native.npyReadJob(npy, crc, out, progress));
  return finish(npy, header, out);
}

/** `bytes` must not be known to anybody else. */
async function parse(path: string, bytes: Uint8Array, options: ReadNpzOptions): Promise<Map<string, NpzValue>> {
  const fields = new Map<string, NpzValue>();
  const budget = new Budget(bytes.length, options);
  let sinceYield = 0;
  for (const entry of listEntries(bytes, options, budget)) {
    const field = fieldName(path, entry);
    if (field === null) continue;
    options.signal?.throwIfAborted();
    if ((sinceYield += entry.size + 4096) > bigBytes) {
      sinceYield = 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    try {
      const npy = entry.deflated
        ? checkInflated(entry, await promisify(zlib().inflateRaw)(entry.packed, inflateOptions(entry)))
        : entry.packed;
      const value = await decode(npy, entry.crc, path, field, budget, options);
      if (value !== null) fields.set(field, value);
    } catch (error) {
      throw inEntry(entry.name, error);
    }
  }
  return fields;
}

/** Memory that others may write or shrink meanwhile is copied. */
function steady(bytes: Uint8Array): Uint8Array {
  const shared = typeof SharedArrayBuffer !== 'undefined' && bytes.buffer instanceof SharedArrayBuffer;
  return shared || (bytes.buffer as ArrayBuffer & { resizable?: boolean }).resizable ? new Uint8Array(bytes) : bytes;
}

function checkSource(source: unknown): string | Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (typeof source === 'string' || source instanceof URL) return checkPath(source);
  throw typeError('source', 'a path or the bytes of a file', source);
}

/** The path that exists: as given, or with the ending appended. */
function existing(path: string, ending: string): string {
  return path.endsWith(ending) || fs.existsSync(path) || !fs.existsSync(path + ending) ? path : path + ending;
}

/**
 * Reads a `.npz` file.
 *
 * @param source a path (`.npz` may be left out), a file: URL or the bytes of a file
 * @returns the fields in the order of the file. Fields that hold neither numbers nor texts are skipped, with a warning.
 * @throws RockpoolError `ERR_FILE` with `path` and what is wrong
 */
export function readNpzSync(source: PathInput | Uint8Array, options?: NpzLimits): Map<string, NpzValue> {
  const limits = checkOptions<NpzLimits>(options, 'options', limitNames);
  const from = checkSource(source);
  const path = typeof from === 'string' ? existing(from, '.npz') : 'bytes';
  try {
    return parseSync(path, typeof from === 'string' ? fs.readFileSync(regularFileSync(path)) : steady(from), limits);
  } catch (error) {
    throw readError(path, error);
  }
}

/** {@link readNpzSync} without blocking the event loop. `options.signal` stops it. */
export async function readNpz(
  source: PathInput | Uint8Array,
  options?: ReadNpzOptions,
): Promise<Map<string, NpzValue>> {
  const checked = checkOptions<ReadNpzOptions>(options, 'options', [...limitNames, ...taskOptionNames]);
  const from = checkSource(source);
  const path = typeof from === 'string' ? existing(from, '.npz') : 'bytes';
  try {
    const bytes =
      typeof from === 'string'
        ? await fs.promises.readFile(await regularFile(path), { signal: checked.signal })
        : new Uint8Array(from);
    return await parse(path, bytes, checked);
  } catch (error) {
    if (checked.signal?.aborted)
      throw new RockpoolError('ERR_ABORTED', 'the operation was aborted', { cause: checked.signal.reason });
    throw readError(path, error);
  }
}

/** Wrong limits are errors of the caller, all else is one of the file. */
function readError(path: string, error: unknown): unknown {
  const argument = (error as { argument?: unknown } | null)?.argument;
  return argument === 'maxEntries' || argument === 'maxBytes' ? error : fileError('read', path, error);
}

function parseNpy(bytes: Uint8Array, limits: NpzLimits): NpzValue {
  const header = native.npyHeader(bytes);
  if (header.output === null)
    throw new RockpoolError('ERR_FILE', `its type ${header.descr} holds no plain numbers or texts`);
  return decodeSync(bytes, header, new Budget(bytes.length, limits));
}

/** Reads a `.npy` file: a path, a file: URL or the bytes of a file. @throws RockpoolError `ERR_FILE` */
export function readNpySync(source: PathInput | Uint8Array, options?: Pick<NpzLimits, 'maxBytes'>): NpzValue {
  const limits = checkOptions<NpzLimits>(options, 'options', ['maxBytes']);
  const from = checkSource(source);
  const path = typeof from === 'string' ? existing(from, '.npy') : 'bytes';
  try {
    return parseNpy(typeof from === 'string' ? fs.readFileSync(regularFileSync(path)) : steady(from), limits);
  } catch (error) {
    throw readError(path, error);
  }
}

/** {@link readNpySync} without blocking the event loop while the file is read. */
export async function readNpy(
  source: PathInput | Uint8Array,
  options?: Pick<NpzLimits, 'maxBytes'>,
): Promise<NpzValue> {
  const from = checkSource(source);
  if (typeof from !== 'string') return readNpySync(from, options);
  const limits = checkOptions<NpzLimits>(options, 'options', ['maxBytes']);
  const path = existing(from, '.npy');
  try {
    return parseNpy(await fs.promises.readFile(await regularFile(path)), limits);
  } catch (error) {
    throw readError(path, error);
  }
}
