/**
 * Writing a file so that at every moment, also when the process is killed or the power fails, the path holds either the old
 * content or the new one, whole: the data goes to a temporary file in the same folder, is flushed, and takes the name by a rename.
 */
import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { typeError } from '../check.js';
import { RockpoolError } from '../errors.js';
import { checkPath, fileError, type PathInput } from './file-error.js';
import { crypto } from '../lazy.js';
import { writeAll, writeAllSync } from './write-all.js';

let hostHash: string | undefined;
const host = (): string => (hostHash ??= crypto().createHash('sha256').update(hostname()).digest('hex').slice(0, 8));
const windows = process.platform === 'win32';
const swept = new Set<string>();

/** Text (written as UTF-8), bytes, or pieces of either: a list, or what makes one after another, which are then never all in memory. */
export type FileData = string | Uint8Array | Iterable<string | Uint8Array>;

type Pieces = Iterable<Uint8Array>;
type AsyncPieces = Pieces | AsyncIterable<Uint8Array>;

function toBytes(piece: unknown): Uint8Array {
  if (typeof piece === 'string') return Buffer.from(piece, 'utf8');
  if (piece instanceof Uint8Array) return piece;
  throw typeError('data', 'a string, a Uint8Array or pieces of these', piece);
}

function* eachPiece(data: Iterable<unknown>): Generator<Uint8Array> {
  for (const piece of data) yield toBytes(piece);
}

async function* eachPieceAsync(data: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const piece of data) yield toBytes(piece);
}

/** Lists are checked before anything is written. */
function toPieces(data: unknown): Pieces {
  if (Array.isArray(data)) return data.map(toBytes);
  const iterable =
    typeof data === 'object' && data !== null && !(data instanceof Uint8Array) && Symbol.iterator in data;
  return iterable ? eachPiece(data as Iterable<unknown>) : [toBytes(data)];
}

function toPiecesAsync(data: unknown): AsyncPieces {
  const later = typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
  return later ? eachPieceAsync(data as AsyncIterable<unknown>) : toPieces(data);
}

/** The start of the names of temporary files for `target`; the process that writes one and a random part follow. */
function temporaryPrefix(target: string): string {
  const base = basename(target);
  const short =
    base.length <= 60
      ? base
      : `${base.slice(0, 40)}-${crypto().createHash('sha256').update(base).digest('hex').slice(0, 16)}`;
  return `.${short}.${host()}-`;
}

/** Where a symbolic link leads, so that the link survives. */
function resolveTarget(path: string): string {
  try {
    return fs.realpathSync(path);
  } catch {
    return path;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes what processes of this machine that no longer exist left behind for this target. Once per target and process. */
export function sweep(target: string): void {
  if (swept.has(target)) return;
  if (swept.size > 10_000) swept.clear();
  swept.add(target);
  const prefix = temporaryPrefix(target);
  try {
    for (const name of fs.readdirSync(dirname(target))) {
      const pid = name.startsWith(prefix) ? /^(\d+)-[0-9a-f]+\.tmp$/.exec(name.slice(prefix.length))?.[1] : undefined;
      if (pid !== undefined && !isAlive(Number(pid))) fs.unlinkSync(join(dirname(target), name));
    }
  } catch {
    // Only tidying: the write itself will say what is wrong with the folder.
  }
}

/** Where to write before the file takes its name. */
export function plan(path: PathInput): { name: string; target: string; temporary: string } {
  const name = checkPath(path);
  const target = resolveTarget(name);
  const temporary = join(
    dirname(target),
    `${temporaryPrefix(target)}${process.pid}-${crypto().randomBytes(6).toString('hex')}.tmp`,
  );
  return { name, target, temporary };
}

/** Permissions of what is there already. A device, pipe or socket is refused: a rename would put a file in its place. */
export function modeOf(target: string): number | undefined {
  const stat = fs.statSync(target, { throwIfNoEntry: false });
  if (stat && !stat.isFile() && !stat.isDirectory())
    throw new RockpoolError('ERR_FILE', 'it is there already and is no file');
  return stat && stat.mode & 0o777;
}

function writeTemporary(temporary: string, pieces: Pieces, mode: number | undefined): void {
  const fd = fs.openSync(temporary, 'wx');
  try {
    let at = 0;
    for (const piece of pieces) {
      writeAllSync(fd, piece, at);
      at += piece.length;
    }
    if (mode !== undefined && !windows) fs.fchmodSync(fd, mode);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}

/** Makes the new name itself durable. Not every system can flush a folder; the content is safe then all the same. */
export function flushFolder(folder: string): void {
  if (windows) return;
  try {
    const fd = fs.openSync(folder, 'r');
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    // a file system that cannot
  }
}

function unlinkQuietly(path: string): void {
  try {
    fs.unlinkSync(path);
  } catch {
    // never made, or gone
  }
}

const busyCodes = ['EPERM', 'EACCES', 'EBUSY'];
const isBusy = (error: unknown): boolean => windows && busyCodes.includes((error as NodeJS.ErrnoException).code ?? '');

/**
 * Writes a file whole or not at all.
 *
 * @param path a path or file: URL; its folder must exist. A symbolic link is followed, the permissions of an existing file are kept.
 * @param data text (written as UTF-8), bytes, or pieces: what makes them may throw, and the old file stays
 * @throws RockpoolError `ERR_FILE` with `path` and the reason; the old file is untouched then and nothing else is left.
 */
export function writeFileAtomicSync(path: PathInput, data: FileData): void {
  const { name, target, temporary } = plan(path);
  const pieces = toPieces(data);
  sweep(target);
  try {
    writeTemporary(temporary, pieces, modeOf(target));
    // Windows refuses while a reader has the file open: it is mostly gone in a moment.
    for (let attempt = 0; ; attempt++) {
      try {
        fs.renameSync(temporary, target);
        break;
      } catch (error) {
        if (attempt >= 10 || !isBusy(error)) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
  } catch (error) {
    unlinkQuietly(temporary);
    throw fileError('write', name, error);
  }
  flushFolder(dirname(target));
}

/** {@link writeFileAtomicSync} without blocking; pieces may also come later. Bytes must not be changed before the promise settles. */
export async function writeFileAtomic(
  path: PathInput,
  data: FileData | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const { name, target, temporary } = plan(path);
  const pieces = toPiecesAsync(data);
  sweep(target);
  try {
    const mode = modeOf(target);
    const file = await fs.promises.open(temporary, 'wx');
    try {
      let at = 0;
      for await (const piece of pieces) {
        await writeAll(file.fd, piece, at);
        at += piece.length;
      }
      if (mode !== undefined && !windows) await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    for (let attempt = 0; ; attempt++) {
      try {
        await fs.promises.rename(temporary, target);
        break;
      } catch (error) {
        if (attempt >= 10 || !isBusy(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  } catch (error) {
    await fs.promises.unlink(temporary).catch(() => {});
    throw fileError('write', name, error);
  }
  await fs.promises
    .open(dirname(target), 'r')
    .then((folder) => folder.sync().finally(() => folder.close()))
    .catch(() => {});
}
