/** Where a file's content comes from: a path, or bytes in memory. */
import { basename } from 'node:path';
import { typeError } from '../check.js';
import { unwrapThrown } from './callbacks.js';
import { checkPath, fileError } from './file-error.js';

export interface Source {
  /** For messages. */
  path: string;
  bytes: Uint8Array | null;
}

export function checkSource(source: unknown): Source {
  if (source instanceof Uint8Array) return { path: 'bytes', bytes: source };
  if (typeof source === 'string' || source instanceof URL) return { path: checkPath(source), bytes: null };
  throw typeError('source', 'a path or the bytes of a file', source);
}

/** What a series that was read is called. */
export const nameOf = ({ path, bytes }: Source): string => (bytes ? 'unnamed' : basename(path).replace(/\.[^.]+$/, ''));

/** Wrong options are errors of the caller, all else is one of the file. */
export function readError(path: string, thrown: unknown): unknown {
  const isArgument = (error: unknown) => (error as { argument?: unknown } | null)?.argument !== undefined;
  return unwrapThrown(thrown, (error) => (isArgument(error) ? error : fileError('read', path, error)));
}
