/** Tables of numbers as text (CSV): reading. The numbers are parsed by native code, a few megabytes of text at a time. */
import * as fs from 'node:fs';
import { native } from '../binding.js';
import { checkOptions, checkSignal } from '../check.js';
import { progressOf } from './callbacks.js';
import { abortError, RockpoolError } from '../errors.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import type { TSContinuous } from '../time-series/ts-continuous.js';
import type { TSEvent } from '../time-series/ts-event.js';
import type { CsvRowsArgs, NativeCsvHead, NativeCsvRows } from './csv-native.js';
import { CsvPlan, type CsvParts, type ReadCsvOptions } from './csv-options.js';
import type { PathInput } from './file-error.js';
import { joinArrays } from './join.js';
import { regularFile, regularFileSync } from './regular-file.js';
import { checkSource, nameOf, readError, type Source } from './source.js';

export type { CsvColumn, ReadCsvOptions } from './csv-options.js';

/** Bytes that are parsed at once; a longer line makes it more. */
const pieceBytes = 4 << 20;
const maxLine = 1 << 30;

/** What a table has, told by its beginning: see {@link readCsvHeader}. */
export interface CsvHeader {
  /** Empty when there is no header. */
  names: string[];
  columns: number;
  separator: string;
}

/** The state between two pieces of text. `load` is called for more bytes; it yields 0 at the end. */
class TableReader {
  readonly plan: CsvPlan;
  #text: Uint8Array = new Uint8Array(0);
  #wanted = pieceBytes;
  #last = false;
  #head: NativeCsvHead | null = null;
  #line = 1;
  #lastTime = -Infinity;
  /** Rows so far. */
  rows = 0;

  constructor(plan: CsvPlan) {
    this.plan = plan;
  }

  get head(): NativeCsvHead {
    return this.#head as NativeCsvHead;
  }

  /** A new array that begins with what is left, and where in it new bytes go. */
  room(): { text: Uint8Array; from: number } {
    const text = new Uint8Array(this.#text.length + this.#wanted);
    text.set(this.#text);
    return { text, from: this.#text.length };
  }

  filled(text: Uint8Array, length: number): void {
    this.#last = length < text.length;
    this.#text = text.subarray(0, length);
  }

  /** Whether rows can be parsed now; false when a line does not end yet. */
  ready(): boolean {
    if (this.#head === null) {
      const head = native.csvHead(this.#text, this.plan.separator, this.plan.comment, this.plan.header);
      if (!this.#last && this.#text.indexOf(10, head.offset) < 0) return this.#more();
      this.#head = head;
      this.#line = head.line;
      this.plan.begin(head, this.#text.subarray(0, head.offset));
      this.#text = this.#text.slice(head.offset);
    }
    return this.#last || this.#text.includes(10) || this.#more();
  }

  #more(): false {
    if (this.#text.length >= maxLine)
      throw new RockpoolError('ERR_FILE', `line ${this.#line}: longer than ${maxLine} bytes`);
    this.#wanted = Math.max(this.#text.length, pieceBytes);
    return false;
  }

  args(): CsvRowsArgs {
    const { comment, roles, events, options } = this.plan;
    const { missing, timeUnit = 1, sort = false } = options;
    const form = [this.head.separator, comment, roles, missing === 'nan', events, timeUnit] as const;
    return [this.#text, this.#last, ...form, this.#line, !sort, this.#lastTime];
  }

  /** Keeps what is left; false when nothing is. */
  take(rows: NativeCsvRows): boolean {
    this.#line = rows.line;
    this.#lastTime = rows.lastTime;
    this.rows += rows.rows;
    this.#text = this.#text.slice(rows.consumed);
    this.#wanted = pieceBytes;
    return !this.#last;
  }
}

function gather(pieces: CsvParts[]): CsvParts {
  return {
    rows: pieces.reduce((sum, piece) => sum + piece.rows, 0),
    times: joinArrays(pieces.map((p) => p.times)) ?? new Float64Array(0),
    samples: joinArrays(pieces.map((p) => p.samples)) ?? new Float64Array(0),
    channels: joinArrays(pieces.map((p) => p.channels)) ?? new Int32Array(0),
  };
}

function readSync(fd: number, text: Uint8Array, from: number): number {
  let at = from;
  for (let got = -1; at < text.length && got !== 0; at += got) got = fs.readSync(fd, text, at, text.length - at, null);
  return at;
}

async function readInto(file: fs.promises.FileHandle, text: Uint8Array, from: number): Promise<number> {
  let at = from;
  for (let got = -1; at < text.length && got !== 0; at += got)
    got = (await file.read(text, at, text.length - at, null)).bytesRead;
  return at;
}

/** All of `bytes` in one array, with room behind it, so that it counts as the end. */
function fillFrom(reader: TableReader, bytes: Uint8Array): void {
  const text = new Uint8Array(bytes.length + 1);
  text.set(bytes);
  reader.filled(text, bytes.length);
}

function readTableSync(source: Source, reader: TableReader, onRows: ((rows: NativeCsvRows) => void) | null): void {
  const fd = source.bytes ? -1 : fs.openSync(regularFileSync(source.path), 'r');
  try {
    for (let more = true; more;) {
      if (source.bytes) fillFrom(reader, source.bytes);
      else {
        const { text, from } = reader.room();
        reader.filled(text, readSync(fd, text, from));
      }
      if (!reader.ready()) continue;
      if (onRows === null) return;
      const rows = native.csvRows(...reader.args());
      onRows(rows);
      more = reader.take(rows);
    }
  } finally {
    if (fd >= 0) fs.closeSync(fd);
  }
}

async function* readPieces(source: Source, reader: TableReader, options: TaskOptions): AsyncGenerator<NativeCsvRows> {
  const signal = checkSignal(options.signal);
  const file = source.bytes ? null : await fs.promises.open(await regularFile(source.path), 'r');
  try {
    const total = source.bytes?.length ?? (await file?.stat())?.size ?? 0;
    const report = progressOf(options);
    for (let more = true, done = 0; more;) {
      if (signal?.aborted) throw abortError(signal);
      if (file) {
        const { text, from } = reader.room();
        reader.filled(text, await readInto(file, text, from));
      } else fillFrom(reader, source.bytes as Uint8Array);
      if (!reader.ready()) continue;
      const args = reader.args();
      const rows = await runTask({ signal }, (progress) => native.csvRowsJob(...args, progress));
      more = reader.take(rows);
      done += rows.consumed;
      if (more) report(done, total);
      yield rows;
    }
  } finally {
    await file?.close();
  }
}

/**
 * Reads a table of numbers: rows of a time and samples become a TSContinuous, rows of a time and a channel a TSEvent. Numbers have a
 * decimal point and are read exactly; `nan`, `inf` and `-inf` are numbers. Empty lines and comments are skipped; fields may be in quotes;
 * lines end with LF, CR LF or CR; a byte order mark is skipped. The name of a column is no unit: see `timeUnit`.
 *
 * @param source a path, a file: URL or the bytes of a file
 * @throws RockpoolError `ERR_FILE` with `path` and what is wrong, where (line and column, from 1) and what was expected
 */
export function readCsvSync(source: PathInput | Uint8Array, options: ReadCsvOptions & { type: 'TSEvent' }): TSEvent;
export function readCsvSync(
  source: PathInput | Uint8Array,
  options: ReadCsvOptions & { type: 'TSContinuous' },
): TSContinuous;
export function readCsvSync(source: PathInput | Uint8Array, options?: ReadCsvOptions): TSContinuous | TSEvent;
export function readCsvSync(source: PathInput | Uint8Array, options?: ReadCsvOptions): TSContinuous | TSEvent {
  const from = checkSource(source);
  const plan = new CsvPlan(options, [], nameOf(from));
  try {
    const pieces: CsvParts[] = [];
    readTableSync(from, new TableReader(plan), (rows) => pieces.push(rows));
    return plan.finish(gather(pieces));
  } catch (error) {
    throw readError(from.path, error);
  }
}

/** {@link readCsvSync} off the event loop. Progress counts bytes. */
export async function readCsv(
  source: PathInput | Uint8Array,
  options: ReadCsvOptions & TaskOptions & { type: 'TSEvent' },
): Promise<TSEvent>;
export async function readCsv(
  source: PathInput | Uint8Array,
  options: ReadCsvOptions & TaskOptions & { type: 'TSContinuous' },
): Promise<TSContinuous>;
export async function readCsv(
  source: PathInput | Uint8Array,
  options?: ReadCsvOptions & TaskOptions,
): Promise<TSContinuous | TSEvent>;
export async function readCsv(
  source: PathInput | Uint8Array,
  options?: ReadCsvOptions & TaskOptions,
): Promise<TSContinuous | TSEvent> {
  const from = checkSource(source);
  const plan = new CsvPlan(options, taskOptionNames, nameOf(from));
  try {
    const pieces: CsvParts[] = [];
    for await (const rows of readPieces(from, new TableReader(plan), options ?? {})) pieces.push(rows);
    return plan.finish(gather(pieces));
  } catch (error) {
    throw readError(from.path, error);
  }
}

/**
 * Reads a table of any size in pieces of some megabytes of text, each a series of its rows: memory does not grow with the file. Pieces of
 * events follow one another without a gap; pieces with `dt` are adjacent, as `layer.stream` takes them.
 */
export async function* readCsvPieces(
  source: PathInput | Uint8Array,
  options?: ReadCsvOptions & TaskOptions,
): AsyncGenerator<TSContinuous | TSEvent, void, undefined> {
  const from = checkSource(source);
  const plan = new CsvPlan(options, taskOptionNames, nameOf(from)).checkPieces();
  const reader = new TableReader(plan);
  let end: number | undefined;
  try {
    for await (const rows of readPieces(from, reader, options ?? {})) {
      if (rows.rows === 0) continue;
      const piece = plan.piece(rows, reader.rows - rows.rows, end);
      end = piece.tStop;
      yield piece;
    }
  } catch (error) {
    throw readError(from.path, error);
  }
}

/** Reads the names of the columns, and how many there are. Of the options those count that say how the text is split. */
export function readCsvHeader(
  source: PathInput | Uint8Array,
  options?: Pick<ReadCsvOptions, 'separator' | 'comment' | 'header'>,
): CsvHeader {
  const from = checkSource(source);
  checkOptions(options, 'options', ['separator', 'comment', 'header']);
  const reader = new TableReader(new CsvPlan({ ...options, type: 'TSContinuous' }, [], ''));
  try {
    readTableSync(from, reader, null);
  } catch (error) {
    throw readError(from.path, error);
  }
  const { names, columns, separator } = reader.head;
  return { names, columns, separator: String.fromCharCode(separator) };
}
