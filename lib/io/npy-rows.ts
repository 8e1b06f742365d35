/** What a `.npy` file that grows by rows is made of: its options and its header. */
import * as fs from 'node:fs';
import { checkBoolean, checkInteger, checkOneOf, checkOptions } from '../check.js';
import { checkPath } from './file-error.js';
import { withEnding } from './npz-write.js';

/** Options of `NpyAppender`. */
export interface NpyAppenderOptions {
  /** Numbers in a row, 1 or more. */
  columns: number;
  /** Type of the elements in the file. Default `'float64'`. */
  dtype?: 'float64' | 'float32';
  /** Go on with the rows of an existing file, which must hold this type in rows of this length. Default false: it is replaced. */
  append?: boolean;
  /**
   * Flush every append to the device, so that its rows outlive a loss of power too. Default false: they outlive the process, and
   * `close` flushes.
   */
  flush?: boolean;
}

/** The options, checked. */
export type RowForm = Required<NpyAppenderOptions>;

const descrOf = { float64: '<f8', float32: '<f4' } as const;
/** Bytes of an element. */
export const itemSize = { float64: 8, float32: 4 } as const;

/** Room for any number of rows; a multiple of 64, as NumPy has it. */
export const newHeaderSize = 128;

/** Path and options of a file, checked. */
export function readOptions(path: unknown, options: unknown): { target: string; form: RowForm } {
  const target = withEnding(checkPath(path), '.npy');
  const { columns, dtype, append, flush } = checkOptions<NpyAppenderOptions>(options, 'options', [
    'columns',
    'dtype',
    'append',
    'flush',
  ]);
  const form = {
    columns: checkInteger(columns, 'columns', { min: 1 }),
    dtype: checkOneOf(dtype ?? 'float64', 'dtype', ['float64', 'float32']),
    append: checkBoolean(append ?? false, 'append'),
    flush: checkBoolean(flush ?? false, 'flush'),
  };
  return { target, form };
}

/** The header of format 1.0 for so many rows, padded to `size` bytes. Null when it is longer than that. */
export function headerBytes({ columns, dtype }: RowForm, rows: number, size: number): Buffer | null {
  const text = `{'descr': '${descrOf[dtype]}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  if (text.length + 11 > size) return null;
  const bytes = Buffer.alloc(size, ' ');
  bytes.write('\x93NUMPY\x01\x00', 'latin1');
  bytes.writeUInt16LE(size - 10, 8);
  bytes.write(text, 10, 'latin1');
  bytes.write('\n', size - 1, 'latin1');
  return bytes;
}

/** What the header of an open file says. Null when it is none of a matrix in rows. */
function readHeader(fd: number): { size: number; descr: string; rows: number; columns: number } | null {
  const start = Buffer.alloc(10);
  if (fs.readSync(fd, start, 0, 10, 0) < 10 || start.toString('latin1', 0, 8) !== '\x93NUMPY\x01\x00') return null;
  const length = start.readUInt16LE(8);
  const text = Buffer.alloc(length);
  if (fs.readSync(fd, text, 0, length, 10) < length) return null;
  const match = /^\{'descr': '([^']*)', 'fortran_order': False, 'shape': \((\d{1,15}), (\d{1,15})\),? *\} *\n$/.exec(
    text.toString('latin1'),
  );
  if (!match) return null;
  const [, descr, rows, columns] = match;
  return { size: length + 10, descr, rows: Number(rows), columns: Number(columns) };
}

/** Finds the end of the rows of an existing file and drops what an append that was cut short left behind them. */
export function resume(fd: number, form: RowForm): { rows: number; headerSize: number } {
  const found = readHeader(fd);
  const wanted = `rows of ${form.columns} ${form.dtype}`;
  if (!found) throw new Error(`expected a .npy matrix with ${wanted}, received something else`);
  if (found.columns !== form.columns || found.descr !== descrOf[form.dtype])
    throw new Error(`expected ${wanted}, received rows of ${found.columns} elements of type ${found.descr}`);
  const end = found.size + found.rows * form.columns * itemSize[form.dtype];
  const { size } = fs.fstatSync(fd);
  if (size < end) throw new Error(`the array is cut off: ${found.rows} rows are announced, ${size} bytes are there`);
  if (size > end) fs.ftruncateSync(fd, end);
  return { rows: found.rows, headerSize: found.size };
}
