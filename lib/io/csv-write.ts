/** Tables of numbers as text (CSV): writing, in pieces, so that the text of a long series is never in memory as a whole. */
import { native } from '../binding.js';
import { checkBoolean, checkOptions, checkSignal, checkString, rangeError, shapeError, typeError } from '../check.js';
import { abortError } from '../errors.js';
import { runTask, taskOptionNames, type TaskOptions } from '../task.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { progressOf, unwrapThrown } from './callbacks.js';
import { metadataMark } from './csv-metadata.js';
import { characterCode } from './csv-options.js';
import { checkPath, type PathInput } from './file-error.js';

/** Options of {@link writeCsv}. */
export interface WriteCsvOptions {
  /** One character between the columns; default `','`. */
  separator?: string;
  /** Whether the first row holds the names of the columns; default true. */
  header?: boolean;
  /** Names of the channels of a TSContinuous; default channel0, channel1, ... */
  names?: readonly string[];
  /** Whether there is a column of times; default true. Without it, {@link readCsv} needs `dt`. Not for events. */
  times?: boolean;
  /**
   * Whether the first line is a comment that holds what rows do not: name, extent, number of channels, interpolation. {@link readCsv}
   * then gives back an equal series; other programs need to be told to skip comments. Default false.
   */
  metadata?: boolean;
}

const optionNames = ['separator', 'header', 'names', 'times', 'metadata'];

/** Numbers that are turned into text at once. */
const pieceNumbers = 1 << 17;

interface Table {
  head: string;
  rows: number;
  rowsAtOnce: number;
  separator: number;
  /** Rows `from` to `to`, not included. */
  sync: (from: number, to: number) => Uint8Array;
  job: (from: number, to: number, task: TaskOptions) => Promise<Uint8Array>;
}

/** A name as a field: in quotes when it holds what has a meaning. */
function fieldOf(name: string, separator: string): string {
  const plain = name.trim() === name && name !== '' && !name.includes(separator) && !/["\r\n#]/.test(name);
  return plain && !(separator === ' ' && /\s/.test(name)) ? name : `"${name.replaceAll('"', '""')}"`;
}

function metadataOf(series: TSContinuous | TSEvent): Record<string, unknown> {
  const { name, tStart, tStop, periodic, numChannels } = series;
  const common = { name, tStart, tStop, periodic };
  if (series instanceof TSEvent) return { type: 'TSEvent', ...common, numChannels };
  return { type: 'TSContinuous', ...common, interpKind: series.interpKind, units: series.units };
}

function headOf(
  series: TSContinuous | TSEvent,
  columns: string[],
  options: Partial<WriteCsvOptions>,
  separator: string,
): string {
  const lines: string[] = [];
  if (checkBoolean(options.metadata ?? false, 'metadata'))
    lines.push(`# ${metadataMark}${JSON.stringify(metadataOf(series))}`);
  if (checkBoolean(options.header ?? true, 'header'))
    lines.push(columns.map((name) => fieldOf(name, separator)).join(separator));
  return lines.map((line) => `${line}\n`).join('');
}

function namesOf(series: TSContinuous, names: unknown): string[] {
  if (names === undefined) return Array.from({ length: series.numChannels }, (_, i) => `channel${i}`);
  if (!Array.isArray(names)) throw typeError('names', 'a list of strings', names);
  if (names.length !== series.numChannels)
    throw shapeError('names', `${series.numChannels} elements long (numChannels)`, `${names.length} elements`);
  return names.map((name, i) => checkString(name, `names[${i}]`));
}

function tableOf(series: unknown, options: unknown, extra: readonly string[]): Table {
  const given = checkOptions<WriteCsvOptions>(options, 'options', [...optionNames, ...extra]);
  const text = given.separator ?? ',';
  const separator = characterCode(text, 'separator');
  if (text === '#') throw rangeError('separator', 'another character than #', text);
  const withTimes = checkBoolean(given.times ?? true, 'times');
  if (series instanceof TSEvent) {
    if (!withTimes) throw typeError('times', 'left out for events', given.times);
    if (given.names !== undefined) throw typeError('names', 'left out for events', given.names);
    const { times, channels } = series._peek();
    const cut = (from: number, to: number) =>
      [times.subarray(from, to), channels.subarray(from, to), separator] as const;
    return {
      head: headOf(series, ['time', 'channel'], given, text),
      rows: times.length,
      rowsAtOnce: pieceNumbers / 2,
      separator,
      sync: (from, to) => native.csvWriteEvents(...cut(from, to)),
      job: (from, to, task) => runTask(task, (progress) => native.csvWriteEventsJob(...cut(from, to), progress)),
    };
  }
  if (!(series instanceof TSContinuous)) throw typeError('series', 'a TSContinuous or a TSEvent', series);
  const columns = series.numChannels;
  if (columns === 0 && !withTimes) throw rangeError('series', 'one with channels', series.numChannels);
  const times = withTimes ? series._axis.array : new Float64Array(0);
  const samples = series._samples;
  const cut = (from: number, to: number) =>
    [times.subarray(from, to), samples.subarray(from * columns, to * columns), columns, separator] as const;
  return {
    head: headOf(series, [...(withTimes ? ['time'] : []), ...namesOf(series, given.names)], given, text),
    rows: series.length,
    rowsAtOnce: Math.max(1, Math.floor(pieceNumbers / (columns + 1))),
    separator,
    sync: (from, to) => native.csvWriteRows(...cut(from, to)),
    job: (from, to, task) => runTask(task, (progress) => native.csvWriteRowsJob(...cut(from, to), progress)),
  };
}

function* pieces({ head, rows, rowsAtOnce, sync }: Table): Generator<string | Uint8Array> {
  yield head;
  for (let row = 0; row < rows; row += rowsAtOnce) yield sync(row, Math.min(rows, row + rowsAtOnce));
}

async function* piecesAsync(
  { head, rows, rowsAtOnce, job }: Table,
  task: TaskOptions,
): AsyncGenerator<string | Uint8Array> {
  const signal = checkSignal(task.signal);
  const report = progressOf(task);
  yield head;
  for (let row = 0; row < rows; row += rowsAtOnce) {
    if (signal?.aborted) throw abortError(signal);
    const end = Math.min(rows, row + rowsAtOnce);
    yield await job(row, end, { signal });
    report(end, rows);
  }
}

/**
 * Writes a series as a table of numbers: a row for each sample (time and channels) or for each event (time and channel). Numbers are
 * written as the shortest text that reads as the same double. The path holds either the old file or the new one, whole, at every moment.
 *
 * @throws RockpoolError `ERR_FILE`
 */
export function writeCsvSync(path: PathInput, series: TSContinuous | TSEvent, options?: WriteCsvOptions): void {
  const target = checkPath(path);
  writeFileAtomicSync(target, pieces(tableOf(series, options, [])));
}

/** {@link writeCsvSync} off the event loop; the series must not be changed before the promise settles. Progress counts rows. */
export async function writeCsv(
  path: PathInput,
  series: TSContinuous | TSEvent,
  options?: WriteCsvOptions & TaskOptions,
): Promise<void> {
  const target = checkPath(path);
  const table = tableOf(series, options, taskOptionNames);
  try {
    await writeFileAtomic(target, piecesAsync(table, { signal: options?.signal, onProgress: options?.onProgress }));
  } catch (error) {
    throw unwrapThrown(error, (other) => other);
  }
}
