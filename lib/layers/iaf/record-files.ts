/** A record that goes to disk, so that it may be larger than memory. */
import { allocate } from '../../array.js';
import { native } from '../../binding.js';
import { NpyAppender } from '../../io/npy-append.js';
import type { NpyAppenderOptions } from '../../io/npy-rows.js';
import type { RecordBuffers, Signal } from './record.js';

type FileName = Signal | 'times';

/** The files of one record. An evolution that fails leaves none of its rows in them. */
export class RecordFiles {
  readonly #paths = new Map<FileName, { path: string; columns: number }>();
  #made = false;
  readonly #open = new Map<FileName, NpyAppender>();
  #rowsBefore = 0;

  /** @param names The signals, each with the name of its file. */
  constructor(path: string, names: ReadonlyMap<Signal, string>, columns: number) {
    const base = path.replace(/\.npy$/i, '');
    for (const [signal, name] of names) this.#paths.set(signal, { path: `${base}.${name}.npy`, columns });
    this.#paths.set('times', { path: `${base}.times.npy`, columns: 1 });
  }

  /** An evolution begins. @throws RockpoolError `ERR_FILE` when a file cannot be written. */
  beginSync(): void {
    try {
      for (const [name, { path, columns }] of this.#paths)
        this.#open.set(name, NpyAppender.openSync(path, this.#options(columns)));
    } catch (error) {
      this.endSync();
      throw error;
    }
    this.#begun();
  }

  /** {@link beginSync} without waiting for the disk. */
  async begin(): Promise<void> {
    try {
      for (const [name, { path, columns }] of this.#paths)
        this.#open.set(name, await NpyAppender.open(path, this.#options(columns)));
    } catch (error) {
      await this.end();
      throw error;
    }
    this.#begun();
  }

  /** Adds the rows of a piece. */
  writeSync(piece: RecordBuffers, dt: number): void {
    for (const [name, file] of this.#open) file.appendSync(rowsOf(name, piece, dt));
  }

  /** {@link writeSync} without waiting for the disk. */
  async write(piece: RecordBuffers, dt: number): Promise<void> {
    for (const [name, file] of this.#open) await file.append(rowsOf(name, piece, dt));
  }

  /** Takes back the rows since the evolution began. */
  rollback(): void {
    for (const file of this.#open.values()) file.truncateSync(Math.min(this.#rowsBefore, file.rows));
  }

  endSync(): void {
    for (const [name, file] of this.#open) {
      this.#open.delete(name);
      file.closeSync();
    }
  }

  async end(): Promise<void> {
    for (const [name, file] of this.#open) {
      this.#open.delete(name);
      await file.close();
    }
  }

  #options(columns: number): NpyAppenderOptions {
    return { columns, append: this.#made };
  }

  #begun(): void {
    this.#made = true;
    this.#rowsBefore = Math.min(...Array.from(this.#open.values(), ({ rows }) => rows));
  }
}

function rowsOf(name: FileName, piece: RecordBuffers, dt: number): Float64Array {
  if (name !== 'times') return piece.body(name);
  const out = allocate([piece.rows], 'the times of the record');
  native.timeTrace(piece.firstStep * dt, piece.every * dt, out);
  return out;
}
