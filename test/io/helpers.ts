/** A folder for the files of a test, and what a promise or function throws. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RockpoolError, setWarningHandler, type RockpoolWarning } from 'rockpool-node';

/** Makes a folder before each test of a suite and removes it afterwards. */
export function useFolder(): { path: (name?: string) => string; names: () => string[] } {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rockpool-test-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return { path: (name = '') => join(folder, name), names: () => readdirSync(folder).sort() };
}

/** Checks that an error is one of a file: code, path and class. */
export function isFileError(error: unknown, pattern = /./): boolean {
  assert.ok(error instanceof RockpoolError, String(error));
  assert.equal(error.code, 'ERR_FILE', error.message);
  assert.match(error.message, pattern);
  assert.equal(typeof (error as unknown as { path: unknown }).path, 'string');
  return true;
}

/** The warnings while `fn` runs. */
export async function warningsOf(fn: () => unknown): Promise<RockpoolWarning[]> {
  const warnings: RockpoolWarning[] = [];
  setWarningHandler((warning) => warnings.push(warning));
  try {
    await fn();
  } finally {
    setWarningHandler(null);
  }
  return warnings;
}

/** The path of a file that comes with the tests. Compiled tests lie in dist-test/test/io. */
export const fixture = (name: string): string => join(__dirname, '..', '..', '..', 'test', 'fixtures', name);
