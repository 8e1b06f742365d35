/** Which kind of file is which: by its first bytes, and by its ending where these do not tell. */
import { open } from 'node:fs/promises';
import { extname } from 'node:path';
import { RockpoolError } from '../errors.js';
import { fileError } from '../io/file-error.js';
import { regularFile } from '../io/regular-file.js';

/** Kinds of files that are read. */
export type Format = 'npz' | 'npy' | 'wav' | 'json' | 'nir' | 'aedat' | 'csv';

/** Bytes from the start of a file that tell its kind. */
const signatures: readonly (readonly [Format, Buffer])[] = [
  ['npz', Buffer.from('PK\x03\x04', 'latin1')],
  ['npz', Buffer.from('PK\x05\x06', 'latin1')],
  ['npy', Buffer.from('\x93NUMPY', 'latin1')],
  ['nir', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1')],
  ['aedat', Buffer.from('#!AER-DAT', 'latin1')],
];

const endings: Readonly<Record<string, Format>> = {
  '.npz': 'npz',
  '.npy': 'npy',
  '.wav': 'wav',
  '.wave': 'wav',
  '.json': 'json',
  '.nir': 'nir',
  '.aedat': 'aedat',
  '.aedat4': 'aedat',
  '.csv': 'csv',
  '.tsv': 'csv',
  '.txt': 'csv',
};

/** Whose first bytes tell nothing: what is wrong with them, their readers say better. */
const isText = (format: Format): boolean => format === 'csv' || format === 'json';

/** The ending of a path in lower case, with its dot. */
export const endingOf = (path: string): string => extname(path).toLowerCase();

/** An error about the content of a file: exit code 3, whatever it was about inside. */
export function unreadable(path: string, cause: unknown): unknown {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === 'ERR_ABORTED' || code === 'ERR_BACKEND' || code === 'ERR_NOMEM' || code === 'ERR_NATIVE_LOAD')
    return cause;
  if (cause instanceof RockpoolError && code === 'ERR_FILE' && cause.message.includes(`'${path}'`)) return cause;
  const named = cause instanceof RockpoolError && code !== 'ERR_FILE' ? new Error(cause.message, { cause }) : cause;
  return fileError('read', path, named);
}

async function head(path: string): Promise<Buffer> {
  const file = await open(await regularFile(path), 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(64), 0, 64, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The kind of a file.
 *
 * @throws RockpoolError `ERR_FILE` when it cannot be read, is empty, or of none of these kinds.
 */
export async function formatOf(path: string): Promise<Format> {
  try {
    const bytes = await head(path);
    if (bytes.length === 0) throw new RockpoolError('ERR_FILE', 'it is empty');
    for (const [format, signature] of signatures)
      if (bytes.subarray(0, signature.length).equals(signature)) return format;
    const text = bytes.toString('latin1');
    if (/^RIF[FX]|^RF64/.test(text)) return 'wav';
    if (/^\s*\{/.test(text.replace(/^\u00ef\u00bb\u00bf/, ''))) return 'json';
    const format = endings[endingOf(path)];
    if (format !== undefined && isText(format) && !bytes.includes(0)) return format;
    throw new RockpoolError(
      'ERR_FILE',
      format === undefined
        ? 'neither its first bytes nor its ending tell what it is'
        : isText(format)
          ? 'it is no text'
          : `its first bytes are not those of ${/^(a|np)/.test(format) ? 'an' : 'a'} ${format} file`,
    );
  } catch (error) {
    throw fileError('read', path, error);
  }
}
