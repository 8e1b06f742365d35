import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(__dirname, '../../..');

interface Result {
  name: string;
  unit: string;
  ours: number;
  peer: number | 'skipped' | null;
  peerName: string | null;
  ratio: number | null;
  limit: number | null;
}

describe('the table of benchmarks', () => {
  const result: Result = { name: 'a/b', unit: 'us', ours: 12.345, peer: 1234.5, peerName: 'P', ratio: 100, limit: 6 };
  let toRow: (result: Result) => string;
  before(async () => {
    ({ toRow } = (await import(pathToFileURL(join(root, 'bench/lib/markdown.mjs')).href)) as { toRow: typeof toRow });
  });

  it('has a row for each result', () => {
    assert.equal(toRow(result), '| `a/b` | 12.3 µs | 49 % | P: 1235 µs | 100x |');
    assert.equal(
      toRow({ ...result, peer: null, peerName: null, limit: null, ratio: 2 }),
      '| `a/b` | 12.3 µs |  |  |  |',
    );
    assert.equal(
      toRow({ ...result, peer: 'skipped', ratio: null, limit: null }),
      '| `a/b` | 12.3 µs |  | skipped |  |',
    );
    assert.equal(toRow({ ...result, ratio: 1.23 }), '| `a/b` | 12.3 µs | 49 % | P: 1235 µs | 1.2x |');
  });

  it('is in the README as the script prints it', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['bench/run.mjs', '--recorded'], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    assert.ok(stdout.split('\n').length > 40);
    assert.ok(readFileSync(join(root, 'README.md'), 'utf8').includes(stdout.trim()));
  });
});
