/** A map whose time series are in files, for more of them than memory holds. */
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFunction, describe, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { TimeSeries } from '../time-series/time-series.js';
import { fileError } from './file-error.js';
import { loadTsFromFileSync, seriesBytes } from './series-file.js';

let folder: string | undefined;
let files = 0;

/** The folder of all temporary files of this thread, removed when it ends. */
function temporaryFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), `rockpool-${process.pid}-`));
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

/** A file that one or more maps refer to; it is gone when none does. */
class StoredSeries {
  readonly path: string;
  #users = 1;

  constructor(series: TimeSeries) {
    this.path = join(temporaryFolder(), `${files++}.npz`);
    try {
      writeFileSync(this.path, seriesBytes(series), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      remove(this.path);
      throw fileError('write', this.path, error);
    }
  }

  share(): this {
    this.#users++;
    return this;
  }

  release(): void {
    if (--this.#users === 0) remove(this.path);
  }

  load(): TimeSeries {
    return loadTsFromFileSync(this.path);
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // gone already
  }
}

type Shelf = Map<unknown, StoredSeries>;

function releaseAll(shelf: Shelf): void {
  for (const stored of shelf.values()) stored.release();
  shelf.clear();
}

/** Files of maps that nobody has any more. */
const forgotten = new FinalizationRegistry<Shelf>(releaseAll);

/** What a map is filled from: another one, pairs of key and value, or an object. */
export type DictData<K, V> = ReadonlyMap<K, V> | Iterable<readonly [K, V]> | Readonly<Record<string, V>>;

function pairOf<K, V>(entry: unknown, i: number): [K, V] {
  if (!Array.isArray(entry) || entry.length !== 2) throw typeError(`data[${i}]`, 'a pair of key and value', entry);
  return [entry[0] as K, entry[1] as V];
}

function pairsOf<K, V>(data: unknown): [K, V][] {
  if (typeof data === 'object' && data !== null && !ArrayBuffer.isView(data)) {
    if (Symbol.iterator in data) return Array.from(data as Iterable<unknown>, pairOf<K, V>);
    return Object.entries(data) as unknown as [K, V][];
  }
  throw typeError('data', 'a map, a list of pairs or an object', data);
}

/**
 * A map that keeps ordinary values in memory and time series in temporary files: each reading of a series loads it afresh, as a new
 * object. The files are removed when an entry is deleted or replaced, with {@link dispose}, and at the latest when the process ends.
 *
 * Unlike a `Map`, reading or deleting a key that is not there is an error.
 */
export class TSDictOnDisk<K = string, V = unknown> implements Map<K, V> {
  readonly #memory = new Map<K, V>();
  readonly #shelf = new Map<unknown, StoredSeries>() as Map<K, StoredSeries>;
  #disposed = false;

  /** A copy of all entries of `data`. */
  constructor(data?: DictData<K, V> | null) {
    forgotten.register(this, this.#shelf, this);
    if (data !== undefined && data !== null) this.update(data);
  }

  /** Number of entries. */
  get size(): number {
    return this.#memory.size + this.#shelf.size;
  }

  has(key: K): boolean {
    return this.#memory.has(key) || this.#shelf.has(key);
  }

  /** The value; a series is loaded from its file. @throws RockpoolError `ERR_KEY` when there is no such entry. */
  get(key: K): V {
    this.#checkOpen();
    const stored = this.#shelf.get(key);
    if (stored) return stored.load() as V;
    this.#checkKey(key);
    return this.#memory.get(key) as V;
  }

  /** Stores a value, a time series in a file. Replaces an entry of either sort. */
  set(key: K, value: V): this {
    this.#checkOpen();
    const stored = value instanceof TimeSeries ? new StoredSeries(value) : null;
    this.#drop(key);
    if (stored) this.#shelf.set(key, stored);
    else this.#memory.set(key, value);
    return this;
  }

  /** Removes an entry, and its file. @throws RockpoolError `ERR_KEY` when there is no such entry. */
  delete(key: K): boolean {
    this.#checkOpen();
    this.#checkKey(key);
    this.#drop(key);
    return true;
  }

  /** Removes all entries. */
  clear(): void {
    this.#checkOpen();
    this.#memory.clear();
    releaseAll(this.#shelf);
  }

  /** Stores all entries of `data`, series in files. */
  update(data: DictData<K, V>): void {
    for (const [key, value] of pairsOf<K, V>(data)) this.set(key, value);
  }

  /**
   * Stores all entries of `data` without writing files: series of an ordinary map stay in memory, those of another TSDictOnDisk
   * share their files with it.
   */
  insert(data: DictData<K, V>): void {
    this.#checkOpen();
    if (data instanceof TSDictOnDisk) {
      const other = data as TSDictOnDisk<K, V>;
      other.#checkOpen();
      if (other === this) return;
      for (const [key, value] of other.#memory) this.#keep(key, value);
      for (const [key, stored] of other.#shelf) {
        this.#drop(key);
        this.#shelf.set(key, stored.share());
      }
    } else {
      for (const [key, value] of pairsOf<K, V>(data)) this.#keep(key, value);
    }
  }

  /** The keys, those of series last. */
  *keys(): Generator<K, undefined, unknown> {
    yield* [...this.#memory.keys(), ...this.#shelf.keys()];
  }

  /** The values in the order of {@link keys}, each series loaded when its turn comes. */
  *values(): Generator<V, undefined, unknown> {
    for (const key of this.keys()) if (this.has(key)) yield this.get(key);
  }

  /** Keys and values in the order of {@link keys}. */
  *entries(): Generator<[K, V], undefined, unknown> {
    for (const key of this.keys()) if (this.has(key)) yield [key, this.get(key)];
  }

  [Symbol.iterator](): Generator<[K, V], undefined, unknown> {
    return this.entries();
  }

  forEach(callback: (value: V, key: K, map: Map<K, V>) => void, thisArg?: unknown): void {
    checkFunction(callback, 'callback');
    for (const [key, value] of this) callback.call(thisArg, value, key, this);
  }

  /** Removes all entries and files; after that the map can't be used any more. Again does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.clear();
    this.#disposed = true;
    forgotten.unregister(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get [Symbol.toStringTag](): string {
    return 'TSDictOnDisk';
  }

  /** The class and the keys. */
  toString(): string {
    const list = (keys: Iterable<K>) => Array.from(keys, String).join(', ') || 'none';
    return `TSDictOnDisk. On disk: ${list(this.#shelf.keys())}. In memory: ${list(this.#memory.keys())}`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  #keep(key: K, value: V): void {
    this.#drop(key);
    this.#memory.set(key, value);
  }

  #drop(key: K): void {
    this.#memory.delete(key);
    this.#shelf.get(key)?.release();
    this.#shelf.delete(key);
  }

  #checkKey(key: K): void {
    if (this.has(key)) return;
    throw new RockpoolError('ERR_KEY', `expected the key to be one of this map, received ${describe(key)}`, {
      details: { key },
    });
  }

  #checkOpen(): void {
    if (this.#disposed) throw new RockpoolError('ERR_STATE', 'this TSDictOnDisk was disposed of');
  }
}
