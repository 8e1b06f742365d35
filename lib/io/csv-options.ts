/** What a table of numbers is read into: options, and the meaning of its columns. */
import { NdArray } from '../array.js';
import { native } from '../binding.js';
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  rangeError,
  typeError,
} from '../check.js';
import { RockpoolError } from '../errors.js';
import type { InterpKind } from '../time-series/continuous/kinds.js';
import { nextUp } from '../time-series/numbers.js';
import { TSContinuous } from '../time-series/ts-continuous.js';
import { TSEvent } from '../time-series/ts-event.js';
import { metadataLine, type Metadata } from './csv-metadata.js';
import type { NativeCsvHead } from './csv-native.js';
import type { SeriesType } from './series-file.js';

/** A column by its name in the header or its number from 0. */
export type CsvColumn = number | string;

/** Options of {@link readCsv}. */
export interface ReadCsvOptions {
  /** What the table holds; default: `'TSEvent'` for a header of just a time and a channel, else `'TSContinuous'`. */
  type?: SeriesType;
  /** One character between the columns, `' '` for any number of blanks; default: the first of tab, semicolon, comma that is there. */
  separator?: string;
  /** What begins a comment; null for none; default `'#'`. */
  comment?: string | null;
  /** Whether the first row holds names; default: when one of its fields is no number. */
  header?: boolean;
  /** Default: the column called time, times, timestamp or t (a unit may follow), else the first. */
  timeColumn?: CsvColumn;
  /** Seconds between rows of a table without times: all columns are channels then, and the series is a clock's. */
  dt?: number;
  /** Seconds that one unit of the time column is, such as 1e-6; default 1. */
  timeUnit?: number;
  /** The columns that become channels, in this order; default: all but the time. Not for events. */
  columns?: readonly CsvColumn[];
  /** The channels of events; default: the column called channel or channels, else the first beside the time. */
  channelColumn?: CsvColumn;
  /** What a sample that is left out (or NA, null) is: an error, or NaN. Default `'error'`. */
  missing?: 'error' | 'nan';
  /** Whether events may come in any order; default false: a time before that of the last row is an error. */
  sort?: boolean;
  /** Start in seconds; default: what the file says in its line of metadata, else the first time. */
  tStart?: number;
  /** End in seconds; default: the metadata, else the last time, of events just behind it. Not with `dt`. */
  tStop?: number;
  /** Number of channels of events; default: the metadata, else one more than the largest. */
  numChannels?: number;
  /** Default: the metadata, else the name of the file without its ending. */
  name?: string;
  /** Default: the metadata, else false. */
  periodic?: boolean;
  /** Default: the metadata, else `'linear'`, with `dt` `'previous'`. */
  interpKind?: InterpKind;
}

export const readCsvNames = [
  'type',
  'separator',
  'comment',
  'header',
  'timeColumn',
  'dt',
  'timeUnit',
  'columns',
  'channelColumn',
  'missing',
  'sort',
  'tStart',
  'tStop',
  'numChannels',
  'name',
  'periodic',
  'interpKind',
];

/** The code of a character that may separate columns or begin comments. */
export function characterCode(value: string, name: string): number {
  const code = checkString(value, name).charCodeAt(0);
  if (value.length !== 1 || code > 126 || (code < 32 && code !== 9) || /[\w.+"-]/.test(value))
    throw rangeError(name, 'one ASCII character that no number holds', value);
  return code;
}

/** Rows as they come, put together or piece by piece. */
export interface CsvParts {
  rows: number;
  times: Float64Array;
  samples: Float64Array;
  channels: Int32Array;
}

const timeName = /^(times?|timestamps?|t)([\s_[(].*)?$/i;
const channelName = /^channels?$/i;

/** The options, checked as far as that is possible without the file. */
export class CsvPlan {
  readonly options: Partial<ReadCsvOptions>;
  readonly separator: number;
  readonly comment: number;
  readonly header: number;
  readonly #fallbackName: string;
  events = false;
  roles = new Int32Array(0);
  width = 0;
  /** Names of the channels, when there is a header. */
  names: string[] = [];
  #metadata: Metadata = {};
  /** Of the metadata in the file. */
  #line = 0;

  constructor(options: unknown, extra: readonly string[], fallbackName: string) {
    const given = checkOptions<ReadCsvOptions>(options, 'options', [...readCsvNames, ...extra]);
    this.options = given;
    this.separator = given.separator === undefined ? 0 : characterCode(given.separator, 'separator');
    this.comment = given.comment === null ? 0 : characterCode(given.comment ?? '#', 'comment');
    if (this.comment === this.separator) throw rangeError('comment', 'another character than separator', given.comment);
    this.header = given.header === undefined ? 0 : checkBoolean(given.header, 'header') ? 2 : 1;
    this.#fallbackName = given.name === undefined ? fallbackName : checkString(given.name, 'name');
    if (given.type !== undefined) checkOneOf(given.type, 'type', ['TSContinuous', 'TSEvent']);
    if (given.dt !== undefined) {
      checkNumber(given.dt, 'dt', { positive: true });
      for (const key of ['timeColumn', 'timeUnit', 'tStop'] as const)
        if (given[key] !== undefined) throw typeError(key, 'left out with dt', given[key]);
      if (given.type === 'TSEvent') throw typeError('dt', 'left out for events', given.dt);
    }
    if (given.timeUnit !== undefined) checkNumber(given.timeUnit, 'timeUnit', { positive: true });
    checkOneOf(given.missing ?? 'error', 'missing', ['error', 'nan']);
    checkBoolean(given.sort ?? false, 'sort');
    for (const key of ['tStart', 'tStop'] as const) if (given[key] !== undefined) checkNumber(given[key], key);
    if (given.columns !== undefined && !Array.isArray(given.columns))
      throw typeError('columns', 'a list of names and numbers of columns', given.columns);
  }

  /** Decides what the columns are, now that the head of the file is known. */
  begin(head: NativeCsvHead, text: Uint8Array): void {
    const { options } = this;
    const line = metadataLine(head.comments, text);
    this.#metadata = line?.metadata ?? {};
    this.#line = line?.number ?? 0;
    const inMetadata = this.#metadata.type;
    const { names, columns } = head;
    const time = options.dt !== undefined || columns === 0 ? -1 : this.#timeColumn(head);
    const others = Array.from({ length: columns }, (_, i) => i).filter((i) => i !== time);
    const looksLikeEvents =
      options.dt === undefined &&
      options.columns === undefined &&
      (inMetadata === 'TSEvent' ||
        (inMetadata === undefined &&
          columns === 2 &&
          timeName.test(names[time] ?? '') &&
          channelName.test(names[others[0]] ?? '')));
    this.events = options.type === undefined ? looksLikeEvents : options.type === 'TSEvent';
    this.roles = new Int32Array(columns).fill(-2);
    if (time >= 0) this.roles[time] = -1;
    const chosen = this.events ? this.#channelColumn(head, others) : this.#sampleColumns(head, others);
    chosen.forEach((column, i) => {
      if (this.roles[column] !== -2) throw rangeError('columns', 'each column once, and not that of the times', column);
      this.roles[column] = i;
    });
    this.width = chosen.length;
    this.names = names.length > 0 ? chosen.map((column) => names[column]) : [];
  }

  #timeColumn(head: NativeCsvHead): number {
    if (this.options.timeColumn !== undefined) return findColumn(this.options.timeColumn, 'timeColumn', head);
    return Math.max(
      head.names.findIndex((name) => timeName.test(name)),
      0,
    );
  }

  #channelColumn(head: NativeCsvHead, others: number[]): number[] {
    if (this.options.columns !== undefined) throw typeError('columns', 'left out for events', this.options.columns);
    if (this.options.channelColumn !== undefined)
      return [findColumn(this.options.channelColumn, 'channelColumn', head)];
    if (head.columns === 1)
      throw new RockpoolError(
        'ERR_FILE',
        `line ${head.line}: expected columns of times and channels, received one column`,
      );
    const named = others.find((i) => channelName.test(head.names[i] ?? ''));
    return others.length > 0 ? [named ?? others[0]] : [];
  }

  #sampleColumns(head: NativeCsvHead, others: number[]): number[] {
    for (const key of ['channelColumn', 'sort', 'numChannels'] as const)
      if (this.options[key] !== undefined) throw typeError(key, 'left out unless type is TSEvent', this.options[key]);
    return this.options.columns?.map((column) => findColumn(column, 'columns', head)) ?? others;
  }

  #extra<T>(key: keyof ReadCsvOptions, kind: 'number' | 'string' | 'boolean' | 'any'): T | undefined {
    const given = this.options[key];
    if (given !== undefined) return given as T;
    const value = this.#metadata[key];
    return kind === 'any' || typeof value === kind ? (value as T | undefined) : undefined;
  }

  /** What is wrong with a series by the metadata's fault is wrong with the file. */
  #blaming<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      const [key = ''] = /^\w+/.exec(String((error as { argument?: unknown }).argument)) ?? [];
      if (!(error instanceof Error) || !(key in this.#metadata) || this.options[key as never] !== undefined)
        throw error;
      throw new RockpoolError('ERR_FILE', `line ${this.#line}, metadata: ${error.message}`, { cause: error });
    }
  }

  /** The series of the whole table. */
  finish(parts: CsvParts): TSContinuous | TSEvent {
    return this.#blaming(() => this.#finish(parts));
  }

  /** The series of some rows; the first of them is row `first` of the table, and `from` the end of the piece before. */
  piece(parts: CsvParts, first: number, from: number | undefined): TSContinuous | TSEvent {
    return this.#blaming(() => this.#piece(parts, first, from));
  }

  #finish({ rows, times, samples, channels }: CsvParts): TSContinuous | TSEvent {
    const common = {
      name: this.#extra<string>('name', 'string') ?? this.#fallbackName,
      periodic: this.#extra<boolean>('periodic', 'boolean') ?? false,
    };
    const limits = { tStart: this.#extra<number>('tStart', 'number'), tStop: this.#extra<number>('tStop', 'number') };
    if (this.events) {
      if (this.options.sort) native.sortEvents(times, channels);
      const tStop = limits.tStop ?? (rows > 0 ? nextUp(times[rows - 1]) : undefined);
      const numChannels = this.#extra<number>('numChannels', 'number');
      return new TSEvent({ times, channels, ...common, tStart: limits.tStart, tStop, numChannels });
    }
    const interpKind = this.#extra<InterpKind>('interpKind', 'any');
    const matrix = new NdArray(samples, [rows, this.width]);
    const { dt } = this.options;
    if (dt !== undefined && rows > 0 && this.width > 0)
      return TSContinuous.fromClocked(matrix, { dt, tStart: limits.tStart, interpKind, ...common });
    const units = typeof this.#metadata.units === 'string' ? this.#metadata.units : null;
    const shaped = rows > 0 ? { samples: matrix } : { numChannels: this.width };
    return new TSContinuous({ times, ...shaped, ...limits, ...common, interpKind, units });
  }

  #piece(parts: CsvParts, first: number, from: number | undefined): TSContinuous | TSEvent {
    const { dt, tStart = 0 } = this.options;
    const name = this.#extra<string>('name', 'string') ?? this.#fallbackName;
    const interpKind = this.#extra<InterpKind>('interpKind', 'any');
    const { rows, times, samples, channels } = parts;
    if (this.events) {
      const numChannels = this.#extra<number>('numChannels', 'number');
      return new TSEvent({ times, channels, name, numChannels, tStart: from, tStop: nextUp(times[rows - 1]) });
    }
    const matrix = new NdArray(samples, [rows, this.width]);
    if (dt === undefined) return new TSContinuous({ times, samples: matrix, name, interpKind });
    const clock = { t0: tStart, dt, first, n: rows, tStart: first * dt + tStart, tStop: (first + rows) * dt + tStart };
    return TSContinuous.clockedTrusted({
      samples,
      numChannels: this.width,
      ...clock,
      name,
      interpKind: interpKind ?? 'previous',
    });
  }

  /** @throws for options that only make sense for a whole series. */
  checkPieces(): this {
    for (const key of ['sort', 'tStop', 'periodic'] as const)
      if (this.options[key] !== undefined) throw typeError(key, 'left out when pieces are read', this.options[key]);
    if (this.options.tStart !== undefined && this.options.dt === undefined)
      throw typeError('tStart', 'left out without dt', this.options.tStart);
    return this;
  }
}

function findColumn(column: unknown, name: string, head: NativeCsvHead): number {
  if (typeof column === 'string') {
    const found = head.names.indexOf(column);
    if (found >= 0) return found;
    const has = head.names.length > 0 ? `its header has ${head.names.slice(0, 20).join(', ')}` : 'it has no header';
    throw rangeError(name, `a column of the file (${has})`, column);
  }
  return checkInteger(column, name, { min: 0, max: head.columns - 1 });
}
