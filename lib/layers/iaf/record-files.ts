/** A record that goes to disk, so that it may be larger than memory. */
import { allocate } from '../../array.js';
import { native } from '../../binding.js';
import { NpyAppender } from '../../io/npy-append.js';
import type { NpyAppenderOptions } from '../../io/npy-rows.js';
import { RockpoolError } from '../../errors.js';
import type { RecordBuffers, Signal } from './record.js';

type FileName = Signal | 'times';

/** The files of one record. An evolution that fails leaves none of its rows in them. */
export class RecordFiles {
  readonly #paths = new Map<FileName, { path: string; columns: number }>();
  /** Rows of each file after the last evolution; null before the first. */
  #rows: number | null = null;
  readonly #open = new Map<FileName, NpyAppender>();
  #rowsBefore = 0;

  readonly #append: boolean;

  /**
   * @param names The signals, each with the name of its file.
   * @param append Whether the first evolution appends to files that are there.
   */
  constructor(path: string, names: ReadonlyMap<Signal, string>, columns: number, append = false) {
    this.#append = append;
    const base = path.replace(/\.npy$/i, '');
    for (const [signal, name] of names) this.#paths.set(signal, { path: `${base}.${name}.npy`, columns });
    this.#paths.set('times', { path: `${base}.times.npy`, columns: 1 });
  }

  /** An evolution begins. @throws RockpoolError `ERR_FILE` when a file cannot be written. */
  beginSync(): void {
    try {
      for (const [name, { path, columns }] of this.#paths)
        this.#open.set(name, NpyAppender.openSync(path, this.#options(columns)));
      this.#begun();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** {@link beginSync} without waiting for the disk. */
  async begin(): Promise<void> {
    try {
      for (const [name, { path, columns }] of this.#paths)
        this.#open.set(name, await NpyAppender.open(path, this.#options(columns)));
      this.#begun();
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** Adds the rows of a piece. */
  writeSync(piece: RecordBuffers, dt: number): void {
    for (const [name, file] of this.#open) file.appendSync(rowsOf(name, piece, dt));
  }

  /** {@link writeSync} without waiting for the disk. */
  async write(piece: RecordBuffers, dt: number): Promise<void> {
    for (const [name, file] of this.#open) await file.append(rowsOf(name, piece, dt));
  }

  /** Returns the function that takes back the rows of the evolutions from now on. */
  mark(): () => void {
    const rows = this.#rows;
    return () => {
      if (rows === this.#rows || this.#rows === null) return;
      this.beginSync();
      try {
        for (const file of this.#open.values()) file.truncateSync(rows ?? 0);
      } finally {
        this.endSync();
      }
    };
  }

  /** Takes back the rows since the evolution began. */
  rollback(): void {
    for (const file of this.#open.values()) file.truncateSync(Math.min(this.#rowsBefore, file.rows));
  }

  endSync(): void {
    this.#count();
    this.#close();
  }

  async end(): Promise<void> {
    this.#count();
    for (const [name, file] of this.#open) {
      this.#open.delete(name);
      await file.close();
    }
  }

  #count(): void {
    for (const { rows } of this.#open.values()) this.#rows = rows;
  }

  #close(): void {
    for (const [name, file] of this.#open) {
      this.#open.delete(name);
      file.closeSync();
    }
  }

  #options(columns: number): NpyAppenderOptions {
    return { columns, append: this.#append || this.#rows !== null };
  }

  #begun(): void {
    for (const [name, { rows }] of this.#open) {
      // What an earlier process left is taken as it is, when all files agree.
      const expected = this.#rows ?? (this.#append ? this.#open.get('times')!.rows : rows);
      if (rows === expected) continue;
      const { path } = this.#paths.get(name)!;
      const found = `expected ${path} to have ${expected} rows, as many as were recorded, received ${rows}`;
      throw new RockpoolError('ERR_FILE', found);
    }
    this.#rows ??= this.#open.get('times')!.rows;
    this.#rowsBefore = this.#rows;
  }
}

function rowsOf(name: FileName, piece: RecordBuffers, dt: number): Float64Array {
  if (name !== 'times') return piece.body(name);
  const out = allocate([piece.rows], 'the times of the record');
  native.timeTrace(piece.firstStep * dt, piece.every * dt, out);
  return out;
}
