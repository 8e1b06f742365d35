/** Native functions of tables as text. Characters are their codes. */
import type { NativeJob, NativeProgress } from '../native.js';

/** What is before the first row of numbers. */
export interface NativeCsvHead {
  /** Empty: there is no header. */
  names: string[];
  /** 0: there is nothing but comments. */
  columns: number;
  /** Of the first row, in bytes. */
  offset: number;
  /** Of the first row. */
  line: number;
  separator: number;
  comments: string;
}

/** Rows of a piece of text. `samples` or `channels` is empty. */
export interface NativeCsvRows {
  /** Bytes of whole lines. */
  consumed: number;
  rows: number;
  line: number;
  lastTime: number;
  times: Float64Array;
  samples: Float64Array;
  channels: Int32Array;
}

/** `roles`: for each column -2 to ignore it, -1 for the time, else where in the output row it goes. */
export type CsvRowsArgs = [
  bytes: Uint8Array,
  last: boolean,
  separator: number,
  comment: number,
  roles: Int32Array,
  missingIsNan: boolean,
  events: boolean,
  timeUnit: number,
  line: number,
  ordered: boolean,
  lastTime: number,
];

export interface NativeCsv {
  /** A separator of 0 is to be found; `header`: 0 to find out, 1 there is none, 2 there is one. */
  csvHead(bytes: Uint8Array, separator: number, comment: number, header: number): NativeCsvHead;
  csvRows(...args: CsvRowsArgs): NativeCsvRows;
  /** The same; `bytes` may not be known to anybody else. */
  csvRowsJob(...args: [...CsvRowsArgs, progress: NativeProgress]): NativeJob<NativeCsvRows>;
  csvWriteRows(times: Float64Array, samples: Float64Array, columns: number, separator: number): Uint8Array;
  csvWriteRowsJob(
    times: Float64Array,
    samples: Float64Array,
    columns: number,
    separator: number,
    progress: NativeProgress,
  ): NativeJob<Uint8Array>;
  csvWriteEvents(times: Float64Array, channels: Int32Array, separator: number): Uint8Array;
  csvWriteEventsJob(
    times: Float64Array,
    channels: Int32Array,
    separator: number,
    progress: NativeProgress,
  ): NativeJob<Uint8Array>;
  /** In place and stable. */
  sortEvents(times: Float64Array, channels: Int32Array): void;
}
