/** Errors of files: all are RockpoolError `ERR_FILE` that say path and what is wrong. */
import { fileURLToPath } from 'node:url';
import { typeError } from '../check.js';
import { RockpoolError } from '../errors.js';

/** A path as text or as a `file:` URL. */
export type PathInput = string | URL;

/** The path as text. */
export function checkPath(value: unknown, name = 'path'): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  if (value instanceof URL && value.protocol === 'file:') return fileURLToPath(value);
  throw typeError(name, 'a path (a string that is not empty, or a file: URL)', value);
}

const reasons: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is no folder',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long',
  EIO: 'input/output error',
};

/** The ERR_FILE error for whatever went wrong with the file `path`. Errors that are about something else pass unchanged. */
export function fileError(action: 'read' | 'write', path: string, cause: unknown): unknown {
  if (cause instanceof RockpoolError && cause.code !== 'ERR_FILE') return cause;
  const code = (cause as { code?: unknown } | null)?.code;
  const reason =
    (typeof code === 'string' && reasons[code]) || (cause instanceof Error ? cause.message : String(cause));
  return new RockpoolError('ERR_FILE', `cannot ${action} '${path}': ${reason}`, { cause, details: { path } });
}
