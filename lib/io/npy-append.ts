/** A `.npy` file that grows by rows, for recordings that memory does not hold. */
import * as fs from 'node:fs';
import { promisify } from 'node:util';
import { shapeText, toNdArray, type ArrayLike_ } from '../array.js';
import { checkInteger, shapeError, typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { fileError, type PathInput } from './file-error.js';
import {
  headerBytes,
  itemSize,
  newHeaderSize,
  type NpyAppenderOptions,
  readOptions,
  resume,
  type RowForm,
} from './npy-rows.js';
import { writeAll, writeAllSync } from './write-all.js';

const fsOpen = promisify(fs.open);
const fsTruncate = promisify(fs.ftruncate);
const fsFlush = promisify(fs.fdatasync);
const fsClose = promisify(fs.close);

/**
 * Appends rows to a `.npy` file. After every append, and whenever the process is killed, the file is a whole array of the rows whose
 * append had finished, which `readNpy` and NumPy read, also while it grows.
 *
 * @example
 * const file = NpyAppender.openSync('potentials.npy', { columns: 100 });
 * file.appendSync(new Float64Array(3 * 100));
 * file.closeSync();
 */
export class NpyAppender {
  /** Where the file is, with the ending. */
  readonly path: string;
  /** Numbers in a row. */
  readonly columns: number;
  /** Type of the elements in the file. */
  readonly dtype: 'float64' | 'float32';
  readonly #form: RowForm;
  readonly #headerSize: number;
  #fd: number | null;
  #rows: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(
    fd: number,
    path: string,
    form: RowForm,
    { rows, headerSize }: { rows: number; headerSize: number },
  ) {
    this.#fd = fd;
    this.path = path;
    this.#form = form;
    this.columns = form.columns;
    this.dtype = form.dtype;
    this.#rows = rows;
    this.#headerSize = headerSize;
  }

  /**
   * Makes or opens a file. Its folder must exist.
   *
   * @param path `.npy` is appended when it lacks it
   * @throws TypeError or RangeError for wrong options; RockpoolError `ERR_FILE` with `path` and the reason, also when `append` finds a
   * file of another form.
   */
  static openSync(path: PathInput, options: NpyAppenderOptions): NpyAppender {
    const { target, form } = readOptions(path, options);
    const fresh = !form.append || !fs.existsSync(target);
    if (fresh) writeFileAtomicSync(target, headerBytes(form, 0, newHeaderSize)!);
    try {
      return NpyAppender.#over(fs.openSync(target, 'r+'), target, form);
    } catch (error) {
      throw fileError('write', target, error);
    }
  }

  /** {@link openSync} without waiting for the disk. */
  static async open(path: PathInput, options: NpyAppenderOptions): Promise<NpyAppender> {
    const { target, form } = readOptions(path, options);
    const fresh = !form.append || !fs.existsSync(target);
    if (fresh) await writeFileAtomic(target, headerBytes(form, 0, newHeaderSize)!);
    try {
      return NpyAppender.#over(await fsOpen(target, 'r+'), target, form);
    } catch (error) {
      throw fileError('write', target, error);
    }
  }

  static #over(fd: number, path: string, form: RowForm): NpyAppender {
    try {
      return new NpyAppender(fd, path, form, resume(fd, form));
    } catch (error) {
      fs.closeSync(fd);
      throw error;
    }
  }

  /** Rows in the file: those whose append has finished. */
  get rows(): number {
    return this.#rows;
  }

  /** False after `close`. */
  get isOpen(): boolean {
    return this.#fd !== null;
  }

  /**
   * Appends rows. When it fails, the file holds the rows from before, and more can be appended.
   *
   * @param rows a matrix of `columns` columns, or its elements in a row
   * @throws RangeError `ERR_SHAPE` for a wrong number of columns; RockpoolError `ERR_FILE` from the disk, `ERR_STATE` after `close`,
   * `ERR_BUSY` while an asynchronous call is under way.
   */
  appendSync(rows: ArrayLike_): void {
    const bytes = this.#bytesOf(rows);
    const fd = this.#idle();
    const count = this.#countOf(bytes);
    if (count === 0) return;
    try {
      writeAllSync(fd, bytes, this.#end());
      if (this.#form.flush) fs.fdatasyncSync(fd);
      this.#setRowsSync(fd, this.#rows + count);
    } catch (error) {
      this.#putHeaderBack(fd);
      throw fileError('write', this.path, error);
    }
  }

  /** {@link appendSync} without waiting for the disk. Calls queue up; a typed array must not be changed before its promise settles. */
  append(rows: ArrayLike_): Promise<void> {
    return this.#enqueue(
      () => {
        const bytes = this.#bytesOf(rows);
        return { bytes, count: this.#countOf(bytes) };
      },
      async (fd, { bytes, count }) => {
        if (count === 0) return;
        if (this.#countOf(bytes) !== count)
          throw typeError('rows', 'an array whose memory is here', 'one whose buffer was transferred', true);
        try {
          await writeAll(fd, bytes, this.#end());
          if (this.#form.flush) await fsFlush(fd);
          await this.#setRows(fd, this.#rows + count);
        } catch (error) {
          this.#putHeaderBack(fd);
          throw error;
        }
      },
    );
  }

  /** Keeps only the first rows: what a run appended that then failed goes away again. @throws RangeError when there are fewer. */
  truncateSync(rows: number): void {
    const fd = this.#idle();
    const kept = checkInteger(rows, 'rows', { min: 0, max: this.#rows });
    try {
      this.#setRowsSync(fd, kept);
      fs.ftruncateSync(fd, this.#end());
    } catch (error) {
      throw fileError('write', this.path, error);
    }
  }

  /** {@link truncateSync} without waiting for the disk, after the appends that are under way. */
  truncate(rows: number): Promise<void> {
    return this.#enqueue(
      () => checkInteger(rows, 'rows', { min: 0 }),
      async (fd, count) => {
        await this.#setRows(fd, checkInteger(count, 'rows', { min: 0, max: this.#rows }));
        await fsTruncate(fd, this.#end());
      },
    );
  }

  /** Flushes and closes the file. Again does nothing. @throws RockpoolError `ERR_BUSY` while an asynchronous call is under way. */
  closeSync(): void {
    if (this.#fd === null) return;
    const fd = this.#idle();
    this.#fd = null;
    try {
      try {
        fs.ftruncateSync(fd, this.#end()); // an append that failed may have left something behind the rows
        fs.fdatasyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      throw fileError('write', this.path, error);
    }
  }

  /** {@link closeSync} without waiting for the disk, after the appends that are under way. Appends called later fail. */
  async close(): Promise<void> {
    const fd = this.#fd;
    if (fd === null) return;
    this.#fd = null;
    try {
      await this.#last;
      try {
        await fsTruncate(fd, this.#end());
        await fsFlush(fd);
      } finally {
        await fsClose(fd);
      }
    } catch (error) {
      throw fileError('write', this.path, error);
    }
  }

  [Symbol.dispose](): void {
    this.closeSync();
  }

  #open(): number {
    if (this.#fd !== null) return this.#fd;
    throw new RockpoolError('ERR_STATE', `expected the file '${this.path}' to be open, received a call after close`);
  }

  #idle(): number {
    const fd = this.#open();
    if (this.#waiting === 0) return fd;
    throw new RockpoolError(
      'ERR_BUSY',
      `expected no write to '${this.path}' to be under way, received a call meanwhile`,
    );
  }

  /** One after another; `prepare` runs at once, so that wrong arguments are told of as they are. */
  async #enqueue<T>(prepare: () => T, work: (fd: number, prepared: T) => Promise<void>): Promise<void> {
    const fd = this.#open();
    const prepared = prepare();
    this.#waiting++;
    const run = this.#last.then(() => work(fd, prepared));
    this.#last = run.catch(() => undefined);
    try {
      await run;
    } catch (error) {
      throw (error as { argument?: unknown }).argument === undefined ? fileError('write', this.path, error) : error;
    } finally {
      this.#waiting--;
    }
  }

  #bytesOf(rows: unknown): Uint8Array {
    const { data, shape, ndim } = toNdArray(rows, 'rows', this.dtype);
    const fits = ndim === 2 ? shape[1] === this.columns : ndim === 1 && data.length % this.columns === 0;
    if (!fits) throw shapeError('rows', `a matrix of ${this.columns} columns, or its elements`, shapeText(shape));
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  #countOf(bytes: Uint8Array): number {
    return bytes.length / (this.columns * itemSize[this.dtype]);
  }

  /** Where the rows end. */
  #end(): number {
    return this.#headerSize + this.#rows * this.columns * itemSize[this.dtype];
  }

  /** The number of rows is the last thing to be written: what lies behind the rows that it tells of does not count. */
  #setRowsSync(fd: number, rows: number): void {
    writeAllSync(fd, this.#header(rows), 0);
    if (this.#form.flush) fs.fdatasyncSync(fd);
    this.#rows = rows;
  }

  async #setRows(fd: number, rows: number): Promise<void> {
    await writeAll(fd, this.#header(rows), 0);
    if (this.#form.flush) await fsFlush(fd);
    this.#rows = rows;
  }

  /** After a failure, as far as the disk still lets us: it may have been the flush that failed. */
  #putHeaderBack(fd: number): void {
    try {
      writeAllSync(fd, this.#header(this.#rows), 0);
    } catch {
      // the error that led here is the one to tell of
    }
  }

  #header(rows: number): Buffer {
    const bytes = headerBytes(this.#form, rows, this.#headerSize);
    if (!bytes) throw new Error(`its header of ${this.#headerSize} bytes has no room for ${rows} rows`);
    return bytes;
  }
}
