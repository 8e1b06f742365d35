/** A file that is written over a long time, and takes its name when it is whole. */
import * as fs from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder, modeOf, plan, sweep } from './atomic.js';
import { fileError, type PathInput } from './file-error.js';
import { writeAll } from './write-all.js';

/**
 * A temporary file beside `path`, which `commit` flushes and renames. Until then, and after `discard`, the path holds what it held. What
 * a killed process left behind goes away when the path is written next.
 */
export class AtomicFile {
  readonly #name: string;
  readonly #target: string;
  readonly #temporary: string;
  readonly #file: fs.promises.FileHandle;
  #size = 0;
  #open = true;

  private constructor(name: string, target: string, temporary: string, file: fs.promises.FileHandle) {
    this.#name = name;
    this.#target = target;
    this.#temporary = temporary;
    this.#file = file;
  }

  /** @throws RockpoolError `ERR_FILE` when nothing can be written there. */
  static async open(path: PathInput): Promise<AtomicFile> {
    const { name, target, temporary } = plan(path);
    sweep(target);
    try {
      const mode = modeOf(target);
      const file = await fs.promises.open(temporary, 'wx+');
      if (mode !== undefined && process.platform !== 'win32') await file.chmod(mode);
      return new AtomicFile(name, target, temporary, file);
    } catch (error) {
      throw fileError('write', name, error);
    }
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  /** Writes at the end. The bytes must not be changed before the promise settles. One call at a time. */
  async append(bytes: Uint8Array): Promise<void> {
    await this.overwrite(this.#size, bytes);
    this.#size += bytes.length;
  }

  /** Writes over what is there. */
  async overwrite(position: number, bytes: Uint8Array): Promise<void> {
    try {
      await writeAll(this.#file.fd, bytes, position);
    } catch (error) {
      throw fileError('write', this.#name, error);
    }
  }

  /** Drops what is behind `size`, and what a write that failed may have left there. */
  async truncate(size: number): Promise<void> {
    await this.#file.truncate(size);
    this.#size = size;
  }

  /** What was written, from `begin` on, piece by piece. A piece is good until the next. */
  async *pieces(begin = 0, bytes = 1 << 22): AsyncGenerator<Uint8Array> {
    const buffer = new Uint8Array(bytes);
    for (let at = begin; at < this.#size;) {
      const { bytesRead } = await this.#file.read(buffer, 0, Math.min(bytes, this.#size - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  /** The file is whole: it takes its name. */
  async commit(): Promise<void> {
    try {
      await this.#file.sync();
      await this.#close();
      await fs.promises.rename(this.#temporary, this.#target);
    } catch (error) {
      await this.discard();
      throw fileError('write', this.#name, error);
    }
    flushFolder(dirname(this.#target));
  }

  /** Nothing of it stays. Fine after a commit, and twice. */
  async discard(): Promise<void> {
    await this.#close();
    await fs.promises.unlink(this.#temporary).catch(() => {});
  }

  async #close(): Promise<void> {
    if (this.#open) await this.#file.close();
    this.#open = false;
  }
}
