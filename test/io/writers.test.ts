import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { useFolder } from './helpers.js';
import { itUnsanitized } from '../sanitized';
import { writers } from './write-too-much';

const endings: Record<string, string> = {
  TSContinuous: '.npz',
  TSEvent: '.npz',
  writeNpz: '.npz',
  writeNpy: '.npy',
  saveSnapshot: '.npz',
};
const endingOf = (name: string): string =>
  endings[Object.keys(endings).find((key) => name.startsWith(key)) ?? ''] ?? '.file';

describe('writers', () => {
  const folder = useFolder();

  itUnsanitized('leave the old file when the disk takes no more, whichever writes', async function () {
    if (process.platform === 'win32') this.skip();
    this.timeout(240_000);
    const program = join(__dirname, 'write-too-much.js');
    const tried = async (name: string): Promise<void> => {
      const path = folder.path(`${name}${endingOf(name)}`);
      writeFileSync(path, 'the old content');
      // Blocks of 512 or 1024 bytes: some hundred kB, less than each writes.
      const child = spawn('sh', ['-c', 'ulimit -f 200; exec "$0" "$@"', process.execPath, program, name, path]);
      let text = '';
      child.stderr.on('data', (chunk) => (text += chunk));
      const [status, signal] = await new Promise<[number | null, string | null]>((resolve) =>
        child.once('close', (code, by) => resolve([code, by])),
      );
      // Either the write failed, with the right error, or the process was killed in the middle of it.
      assert.ok(status === 3 || signal === 'SIGXFSZ', `${name}: exit ${signal ?? status} ${text}`);
      assert.equal(readFileSync(path, 'utf8'), 'the old content', name);
      const left = folder.names().filter((file) => file.startsWith(`.${basename(path)}.`));
      if (status === 3) assert.deepEqual(left, [], name);
    };
    const names = Object.keys(writers);
    for (let i = 0; i < names.length; i += 3) await Promise.all(names.slice(i, i + 3).map(tried));
  });

  it('no file of the library writes to a path but through the one that replaces files whole', () => {
    const lib = join(__dirname, '../../../lib');
    const direct =
      /\b(writeFile(Sync)?|appendFile(Sync)?|createWriteStream|copyFile(Sync)?)\s*\(|\bopen(Sync)?\([^)\n]*,\s*'[wa]/;
    const found = (readdirSync(lib, { recursive: true }) as string[])
      .filter((name) => extname(name) === '.ts' && direct.test(readFileSync(join(lib, name), 'utf8')))
      .map((name) => relative('', name).replaceAll('\\', '/'))
      .sort();
    // Those that do it, and files of the process's own that it removes when it ends.
    assert.deepEqual(found, ['io/atomic-file.ts', 'io/atomic.ts', 'io/ts-dict-on-disk.ts']);
  });
});
