/**
 * HDF5 files as trees of plain data, read and written by a thread of their own: nothing blocks the event loop, a damaged file can
 * neither print nor crash nor hang here, and what h5wasm leaves behind after a failure goes with the thread.
 */
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { checkInteger, checkNumber, checkOptions, checkSignal } from '../check.js';
import { abortError, RockpoolError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import { checkPath, fileError, type PathInput } from '../io/file-error.js';
import { regularFile } from '../io/regular-file.js';
import { crypto } from '../lazy.js';
import type { TreeGroup } from './tree.js';
import type { WorkerAnswer, WorkerRequest } from './worker.js';

/** Options of reading and writing. */
export interface NirFileOptions {
  /** Stops the operation: it rejects with `ERR_ABORTED`, and a file that was to be written is as before. */
  signal?: AbortSignal;
  /** Seconds after which a file counts as unreadable. Default: 30, and one for each megabyte of it; writing takes what it takes. */
  timeout?: number;
}

/** Options of reading a file. */
export interface NirReadOptions extends NirFileOptions {
  /** Bytes that all numbers of the file may take. Default 2 GiB. */
  maxBytes?: number;
  /** `'ignore'`: read a file whose checksum differs from its content, because another program has changed it. Default `'check'`. */
  checksum?: 'check' | 'ignore';
}

const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]);
const missing = "NIR files are HDF5, for which the optional package 'h5wasm' is needed: npm install h5wasm@0.10";

/** A worker that has done its work, kept for the next file unless it has grown large; it keeps no process alive. */
let idle: Worker | undefined;

function startWorker(): Worker {
  const worker = idle ?? new Worker(join(__dirname, 'worker.js'), { stdout: true, stderr: true });
  idle = undefined;
  worker.ref();
  return worker;
}

function keep(worker: Worker): void {
  worker.unref();
  if (idle) void worker.terminate();
  else idle = worker;
}

/** Threads at work at the same time; each holds a copy of HDF5 and of its file. */
const mostWorkers = 4;
let working = 0;
const waiting: (() => void)[] = [];

/** Waits for its turn. */
function turn(signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted) return Promise.reject(abortError(signal));
  if (working < mostWorkers) {
    working++;
    return Promise.resolve();
  }
  return new Promise((resolve, reject) => {
    const start = (): void => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const abort = (): void => {
      waiting.splice(waiting.indexOf(start), 1);
      reject(abortError(signal as AbortSignal));
    };
    signal?.addEventListener('abort', abort, { once: true });
    waiting.push(start);
  });
}

function endTurn(): void {
  const next = waiting.shift();
  if (next) next();
  else working--;
}

/** One request to a worker. After any failure the worker is not used again. */
async function ask(request: WorkerRequest, options: NirFileOptions): Promise<WorkerAnswer & { ok: true }> {
  await turn(options.signal);
  try {
    return await work(request, options);
  } finally {
    endTurn();
  }
}

function work(request: WorkerRequest, { signal, timeout }: NirFileOptions): Promise<WorkerAnswer & { ok: true }> {
  if (signal?.aborted) return Promise.reject(abortError(signal));
  return new Promise((resolve, reject) => {
    const worker = startWorker();
    const end = (settle: () => void, healthy: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      // What still happens in a thread that is given up concerns nobody.
      worker.on('error', () => {});
      if (healthy) keep(worker);
      else void worker.terminate();
      settle();
    };
    const fail = (error: Error): void => end(() => reject(error), false);
    const abort = (): void => fail(abortError(signal as AbortSignal));
    const late = (): void => fail(new RockpoolError('ERR_FILE', `it took longer than ${timeout} seconds`));
    const timer = timeout === undefined ? undefined : setTimeout(late, Math.min(timeout * 1000, 2 ** 31 - 1));
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('error', (cause) => fail(new RockpoolError('ERR_FILE', `HDF5 failed: ${cause.message}`, { cause })));
    worker.on('exit', (code) => fail(new RockpoolError('ERR_FILE', `HDF5 failed: its thread ended with ${code}`)));
    worker.on('message', (answer: WorkerAnswer) => {
      if (answer.ok) end(() => resolve(answer), answer.large !== true);
      else if (answer.missing) fail(new RockpoolError('ERR_BACKEND', missing));
      else fail(new RockpoolError('ERR_FILE', placeText(answer)));
    });
    worker.postMessage(request);
  });
}

/** HDF5 says much about where it was inside itself; the innermost place tells what is wrong, or else the first line. */
function placeText({ message, path }: { message: string; path?: string }): string {
  const lines = message.split('\n').map((line) => line.trim());
  const innermost = lines.flatMap((line) => /^#\d+: .*\(\): (.+)$/.exec(line)?.[1] ?? []).at(-1);
  const first = innermost ?? lines.find((line) => line !== '') ?? 'unknown failure';
  const short = first.length > 300 ? `${first.slice(0, 300)}…` : first;
  return path === undefined ? `HDF5: ${short}` : `'${path}': ${short}`;
}

export function checkFileOptions<T extends NirFileOptions>(options: unknown, more: readonly string[] = []): Partial<T> {
  const given = checkOptions<T>(options, 'options', ['signal', 'timeout', ...more]);
  checkSignal(given.signal);
  if (given.timeout !== undefined) checkNumber(given.timeout, 'timeout', { positive: true, max: 2e6 });
  return given;
}

export const checkMaxBytes = (value: unknown): number =>
  value === undefined ? 2 ** 31 : checkInteger(value, 'maxBytes', { min: 1 });

/** Checks the first bytes and returns the size of the file. */
async function checkSignature(path: string): Promise<number> {
  const file = await fs.promises.open(await regularFile(path), 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(8), 0, 8, 0);
    if (bytesRead < 8 || !buffer.equals(signature))
      throw new RockpoolError('ERR_FILE', 'it is no HDF5 file (its first bytes are others)');
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** Everything that a file holds. @throws RockpoolError `ERR_FILE`, `ERR_BACKEND` without h5wasm, `ERR_ABORTED`. */
export async function readTree(source: PathInput, options: NirReadOptions): Promise<{ path: string; tree: TreeGroup }> {
  const path = checkPath(source, 'file');
  try {
    const size = await checkSignature(path);
    const timeout = options.timeout ?? Math.ceil(30 + size / 1e6);
    const maxBytes = checkMaxBytes(options.maxBytes);
    const { tree, checksum, stored } = await ask({ task: 'read', path, maxBytes }, { ...options, timeout });
    if (stored !== checksum && options.checksum !== 'ignore')
      throw new RockpoolError(
        'ERR_FILE',
        "its checksum differs from its content: it is damaged, or another program has changed it (checksum: 'ignore' reads it)",
      );
    return { path, tree: tree as TreeGroup };
  } catch (error) {
    throw fileError('read', path, error);
  }
}

/** Writes a file whole or not at all. */
export async function writeTree(target: PathInput, tree: TreeGroup, options: NirFileOptions): Promise<void> {
  const path = checkPath(target, 'file');
  const temporary = join(tmpdir(), `rockpool-node-${process.pid}-${crypto().randomBytes(8).toString('hex')}.nir`);
  try {
    await ask({ task: 'write', path: temporary, tree }, options);
    const bytes = await fs.promises.readFile(temporary);
    if (options.signal?.aborted) throw abortError(options.signal);
    await writeFileAtomic(path, bytes);
  } catch (error) {
    throw fileError('write', path, error);
  } finally {
    await fs.promises.rm(temporary, { force: true });
  }
}
