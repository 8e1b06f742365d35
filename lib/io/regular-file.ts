/** Paths that are read must be of files: opening a pipe waits for who writes to it, and no signal ends that; devices may have no end. */
import * as fs from 'node:fs';
import { RockpoolError } from '../errors.js';

function check(path: string, stats: fs.Stats): string {
  if (stats.isFile()) return path;
  if (stats.isDirectory()) throw new RockpoolError('ERR_FILE', 'it is a folder');
  const what = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new RockpoolError('ERR_FILE', `it is no file but ${what}`);
}

/** The path itself, to be opened. @throws RockpoolError `ERR_FILE` when it is no file, and what `stat` throws. */
export async function regularFile(path: string): Promise<string> {
  return check(path, await fs.promises.stat(path));
}

/** {@link regularFile}, waiting for the disk. */
export function regularFileSync(path: string): string {
  return check(path, fs.statSync(path));
}
