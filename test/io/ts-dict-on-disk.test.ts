import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TSContinuous, TSDictOnDisk, TSEvent } from 'rockpool-node';

/** The temporary files of this process. */
function files(pid = process.pid): string[] {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(`rockpool-${pid}-`));
  return folders.flatMap((name) => (existsSync(join(tmpdir(), name)) ? readdirSync(join(tmpdir(), name)) : []));
}

describe('TSDictOnDisk', () => {
  const series = new TSContinuous([0, 1], [1, 2], { units: 'mV', fillValue: 3, name: 's' });

  it('keeps series in files and all else in memory', () => {
    const before = files().length;
    const dict = new TSDictOnDisk({ s: series, n: 5, e: new TSEvent([1], [2], { tStop: 3 }) });
    assert.equal(files().length, before + 2);
    assert.equal(dict.size, 3);
    assert.deepEqual([...dict.keys()], ['n', 's', 'e']);
    assert.equal(dict.get('n'), 5);
    const loaded = dict.get('s') as TSContinuous;
    assert.notEqual(loaded, dict.get('s'));
    assert.deepEqual([loaded.units, loaded.fillValue, loaded.name, loaded.samples], ['mV', 3, 's', series.samples]);
    assert.match(String(dict), /TSDictOnDisk.*s, e.*n/);
    assert.deepEqual(
      [...dict].map(([key]) => key),
      ['n', 's', 'e'],
    );
    const seen: string[] = [];
    dict.forEach((_, key, map) => seen.push(key + String(map === dict)));
    assert.deepEqual(seen, ['ntrue', 'strue', 'etrue']);
    dict.dispose();
    assert.equal(files().length, before);
  });

  it('removes files when entries go', () => {
    const before = files().length;
    const dict = new TSDictOnDisk<string, unknown>([
      ['a', series],
      ['b', series],
    ]);
    dict.set('a', 1);
    assert.equal(files().length, before + 1);
    dict.set('a', series).set('a', series);
    assert.equal(files().length, before + 2);
    assert.equal(dict.delete('a'), true);
    assert.equal(files().length, before + 1);
    dict.clear();
    assert.equal(files().length, before);
    dict.dispose();
    dict.dispose();
    assert.throws(() => dict.set('a', 1), { code: 'ERR_STATE' });
  });

  it('insert keeps series in memory, and shares the files of another one', () => {
    const before = files().length;
    const first = new TSDictOnDisk<string, unknown>({ s: series });
    const second = new TSDictOnDisk<string, unknown>();
    second.insert(first);
    second.insert(new Map([['m', series]]));
    assert.equal(files().length, before + 1);
    assert.equal(second.get('m'), series);
    first.dispose();
    assert.equal((second.get('s') as TSContinuous).length, 2);
    second.insert(second);
    second[Symbol.dispose]();
    assert.equal(files().length, before);
  });

  it('throws for keys that are not there', () => {
    const dict = new TSDictOnDisk();
    assert.throws(() => dict.get('x'), { code: 'ERR_KEY' });
    assert.throws(() => dict.delete('x'), { code: 'ERR_KEY' });
    assert.equal(dict.has('x'), false);
    assert.throws(() => new TSDictOnDisk(5 as never), { code: 'ERR_TYPE' });
  });

  it('leaves nothing when the process ends', () => {
    const code = `const { TSContinuous, TSDictOnDisk } = require('rockpool-node');
      globalThis.kept = new TSDictOnDisk({ s: new TSContinuous([0], [1]) });
      console.log(process.pid);`;
    const pid = Number(execFileSync(process.execPath, ['-e', code], { cwd: process.cwd(), encoding: 'utf8' }));
    assert.deepEqual(
      readdirSync(tmpdir()).filter((name) => name.startsWith(`rockpool-${pid}-`)),
      [],
    );
  });
});

describe('TSDictOnDisk: wrong arguments', () => {
  it('are named with a code', () => {
    const any = (value: unknown) => value as never;
    assert.throws(() => new TSDictOnDisk(any([1])), { code: 'ERR_TYPE', message: /data\[0\]/ });
    assert.throws(() => new TSDictOnDisk({ a: 1 }).forEach(any(null)), { code: 'ERR_TYPE', message: /callback/ });
  });
});
