import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic, writeFileAtomicSync } from 'rockpool-node/io';
import { isFileError, useFolder } from './helpers.js';
import { itUnsanitized } from '../sanitized';

describe('writeFileAtomic', () => {
  const folder = useFolder();

  it('writes text, bytes and pieces, and leaves nothing else', async () => {
    await writeFileAtomic(folder.path('a'), 'ä');
    assert.equal(readFileSync(folder.path('a'), 'utf8'), 'ä');
    writeFileAtomicSync(folder.path('a'), [Uint8Array.of(49), '2', new Uint8Array(0)]);
    assert.equal(readFileSync(folder.path('a'), 'utf8'), '12');
    await writeFileAtomic(folder.path('a'), new Uint8Array(0));
    assert.equal(readFileSync(folder.path('a')).length, 0);
    assert.deepEqual(folder.names(), ['a']);
  });

  it('keeps permissions and follows symbolic links', async function () {
    if (process.platform === 'win32') this.skip();
    writeFileSync(folder.path('real'), 'old');
    chmodSync(folder.path('real'), 0o640);
    symlinkSync('real', folder.path('link'));
    await writeFileAtomic(folder.path('link'), 'new');
    assert.ok(lstatSync(folder.path('link')).isSymbolicLink());
    assert.equal(readFileSync(folder.path('real'), 'utf8'), 'new');
    assert.equal(statSync(folder.path('real')).mode & 0o777, 0o640);
    writeFileAtomicSync(folder.path('link'), 'newer');
    assert.equal(statSync(folder.path('real')).mode & 0o777, 0o640);
    assert.deepEqual(folder.names(), ['link', 'real']);
  });

  it('fails with ERR_FILE and leaves the folder as it was', async () => {
    const missing = folder.path('missing/a');
    assert.throws(
      () => writeFileAtomicSync(missing, 'x'),
      (e) => isFileError(e, /missing.a': there is no such file or folder/),
    );
    await assert.rejects(writeFileAtomic(missing, 'x'), isFileError);
    mkdirSync(folder.path('taken'));
    assert.throws(() => writeFileAtomicSync(folder.path('taken'), 'x'), isFileError);
    await assert.rejects(writeFileAtomic(folder.path('taken'), 'x'), isFileError);
    assert.deepEqual(folder.names(), ['taken']);
    for (const bad of [undefined, 5, {}, [3]])
      await assert.rejects(writeFileAtomic(folder.path('x'), bad as never), { code: 'ERR_TYPE' });
    await assert.rejects(writeFileAtomic(5 as never, 'x'), { code: 'ERR_TYPE' });
  });

  it('what is no file stays what it is', async function () {
    if (process.platform === 'win32') this.skip();
    const pipe = folder.path('pipe');
    execFileSync('mkfifo', [pipe]);
    assert.throws(
      () => writeFileAtomicSync(pipe, 'x'),
      (e) => isFileError(e, /cannot write '.*pipe': it is there already and is no file/),
    );
    await assert.rejects(writeFileAtomic(pipe, 'x'), isFileError);
    assert.ok(statSync(pipe).isFIFO());
    assert.deepEqual(folder.names(), ['pipe']);
  });

  it('many at once leave one whole file', async () => {
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => writeFileAtomic(folder.path('a'), String(i).repeat(10_000))),
    );
    const text = readFileSync(folder.path('a'), 'utf8');
    assert.ok(Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000)).includes(text));
    assert.deepEqual(folder.names(), ['a']);
  });

  itUnsanitized('holds the old or the new content, whole, when the writer is killed at any moment', async function () {
    this.timeout(120_000);
    const target = folder.path('victim.npz');
    const program = join(__dirname, 'write-forever.js');
    for (let round = 0; round < 30; round++) {
      const child = fork(program, [target], { stdio: 'ignore' });
      await new Promise((resolve) => child.once('message', resolve));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
      const bytes = readFileSync(target);
      assert.ok(bytes.length === 100_000 && bytes.every((b) => b === bytes[0]), `round ${round}`);
    }
    // What the killed ones left behind goes when the next process writes.
    const last = fork(program, [target, 'once'], { stdio: 'ignore' });
    await new Promise((resolve) => last.once('exit', resolve));
    assert.deepEqual(folder.names(), ['victim.npz']);
  });
});
