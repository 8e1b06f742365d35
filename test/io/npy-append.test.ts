import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs, { appendFileSync, copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NdArray } from 'rockpool-node';
import { NpyAppender, readNpy, readNpySync, writeNpySync } from 'rockpool-node/io';
import { codeOf } from '../layers/helpers.js';
import { isFileError, useFolder } from './helpers.js';

const matrix = (data: number[], columns: number, dtype: 'float64' | 'float32' = 'float64') =>
  new NdArray((dtype === 'float64' ? Float64Array : Float32Array).from(data), [data.length / columns, columns]);

/** A file of the rows 1, 2 and 3, 4 whose header takes `size` bytes. */
function bareFile(size: number): Buffer {
  const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }".padEnd(size - 11);
  const head = Buffer.from(`\x93NUMPY\x01\0${String.fromCharCode(text.length + 1)}\0${text}\n`, 'latin1');
  return Buffer.concat([head, new Uint8Array(Float64Array.of(1, 2, 3, 4).buffer)]);
}

/** A Python that has NumPy, or null. */
function python(): string | null {
  try {
    execFileSync('python3', ['-c', 'import numpy'], { stdio: 'ignore' });
    return 'python3';
  } catch {
    return null;
  }
}

/** `fs.writeSync` that fails after `bytes` more bytes, while `fn` runs. */
function withFullDisk(bytes: number, fn: () => void): void {
  const { writeSync } = fs;
  let left = bytes;
  const full = (fd: number, data: Uint8Array, at: number, length: number, position: number): number => {
    if (left <= 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    const n = Math.min(left, length);
    left -= n;
    return writeSync(fd, data, at, n, position);
  };
  fs.writeSync = full as typeof writeSync;
  try {
    fn();
  } finally {
    fs.writeSync = writeSync;
  }
}

describe('NpyAppender', () => {
  const folder = useFolder();

  for (const dtype of ['float64', 'float32'] as const) {
    it(`holds every row so far after each append (${dtype})`, async () => {
      const file = NpyAppender.openSync(folder.path('a'), { columns: 3, dtype });
      assert.deepEqual([file.path, file.columns, file.dtype, file.rows], [folder.path('a.npy'), 3, dtype, 0]);
      assert.deepEqual(readNpySync(file.path), matrix([], 3, dtype));
      file.appendSync([1, 2, NaN]);
      assert.deepEqual(readNpySync(file.path), matrix([1, 2, NaN], 3, dtype));
      await file.append([
        [-0, Infinity, 0.1],
        [5, 6, 7],
      ]);
      file.appendSync(new Float64Array(0));
      file.appendSync(new NdArray(Float32Array.of(0.1, 8, 9), [1, 3]));
      const all = [1, 2, NaN, -0, Infinity, 0.1, 5, 6, 7, Math.fround(0.1), 8, 9];
      assert.deepEqual(await readNpy(file.path), matrix(all, 3, dtype));
      assert.equal(file.rows, 4);
      file.closeSync();
      assert.deepEqual(readNpySync(file.path), matrix(all, 3, dtype));
    });
  }

  it('starts as the old file or an empty array, and is the same file as one written at once', () => {
    writeNpySync(folder.path('a'), [1]);
    const before = NpyAppender.openSync(folder.path('a.npy'), { columns: 2, flush: true });
    before.appendSync([1, 2, 3, 4]);
    before.closeSync();
    writeNpySync(folder.path('b'), matrix([1, 2, 3, 4], 2));
    assert.deepEqual(readNpySync(folder.path('a')), readNpySync(folder.path('b')));
    assert.deepEqual(folder.names(), ['a.npy', 'b.npy']);
  });

  it('keeps the order of calls that nobody waits for', async () => {
    const file = await NpyAppender.open(folder.path('a'), { columns: 1 });
    const calls = Array.from({ length: 50 }, (_, i) => file.append([i]));
    const cut = file.truncate(49);
    const last = file.append([100]);
    assert.equal(
      codeOf(() => file.appendSync([1])),
      'ERR_BUSY',
    );
    assert.equal(
      codeOf(() => file.closeSync()),
      'ERR_BUSY',
    );
    await file.close();
    await Promise.all([...calls, cut, last]);
    const expected = [...Array(49).keys(), 100];
    assert.deepEqual(readNpySync(file.path), matrix(expected, 1));
  });

  it('takes rows away again', async () => {
    const file = NpyAppender.openSync(folder.path('a'), { columns: 2 });
    file.appendSync([1, 2, 3, 4, 5, 6]);
    file.truncateSync(2);
    assert.equal(statSync(file.path).size, 128 + 2 * 16);
    await file.truncate(1);
    file.appendSync([7, 8]);
    assert.deepEqual(readNpySync(file.path), matrix([1, 2, 7, 8], 2));
    for (const wrong of [3, -1, 1.5, NaN]) {
      assert.equal(
        codeOf(() => file.truncateSync(wrong)),
        'ERR_VALUE',
      );
      await assert.rejects(file.truncate(wrong), { code: 'ERR_VALUE', argument: 'rows' });
    }
    assert.equal(file.rows, 2);
    file.closeSync();
  });

  it('goes on with an existing file, ours or NumPy’s, and drops what an append that was cut short left', async () => {
    const path = folder.path('a.npy');
    for (const write of [
      () => writeNpySync(path, matrix([1, 2, 3, 4], 2)),
      () => NpyAppender.openSync(path, { columns: 2 }).appendSync([1, 2, 3, 4]),
      () => writeFileSync(path, bareFile(80)),
    ]) {
      write();
      appendFileSync(path, 'torn');
      const file = await NpyAppender.open(path, { columns: 2, append: true });
      assert.equal(file.rows, 2);
      await file.append([5, 6]);
      await file.close();
      assert.deepEqual(readNpySync(path), matrix([1, 2, 3, 4, 5, 6], 2));
    }
    const fresh = NpyAppender.openSync(folder.path('new'), { columns: 2, append: true });
    assert.equal(fresh.rows, 0);
    fresh.closeSync();
  });

  it('refuses to go on with a file of another form, which stays as it is', () => {
    const path = folder.path('a.npy');
    const cut = folder.path('cut.npy');
    writeNpySync(path, matrix([1, 2, 3, 4], 2));
    copyFileSync(path, cut);
    fs.truncateSync(cut, 140);
    writeNpySync(folder.path('vector'), Float64Array.of(1, 2));
    writeFileSync(folder.path('text.npy'), 'hello');
    const before = readFileSync(path);
    for (const [name, options, pattern] of [
      ['a', { columns: 3 }, /rows of 3 float64, received rows of 2/],
      ['a', { columns: 2, dtype: 'float32' }, /type <f8/],
      ['vector', { columns: 2 }, /something else/],
      ['text', { columns: 2 }, /something else/],
      ['cut', { columns: 2 }, /cut off: 2 rows/],
    ] as const) {
      assert.throws(
        () => NpyAppender.openSync(folder.path(name), { ...options, append: true }),
        (e) => isFileError(e, pattern),
      );
    }
    assert.deepEqual(readFileSync(path), before);
    writeFileSync(path, bareFile(70)); // no room for a second digit
    const tight = NpyAppender.openSync(path, { columns: 2, append: true });
    tight.appendSync(new Float64Array(2 * 7));
    assert.throws(
      () => tight.appendSync([1, 2]),
      (e) => isFileError(e, /header of 70 bytes has no room for 10 rows/),
    );
    tight.closeSync();
    assert.deepEqual((readNpySync(path) as NdArray).shape, [9, 2]);
  });

  it('keeps its rows when the disk is full or a write fails half way', () => {
    const file = NpyAppender.openSync(folder.path('a'), { columns: 2 });
    file.appendSync([1, 2]);
    for (const bytes of [0, 8, 24, 40]) {
      withFullDisk(bytes, () =>
        assert.throws(
          () => file.appendSync([3, 4, 5, 6]),
          (e) => isFileError(e, /no space left/),
        ),
      );
      assert.equal(file.rows, 1);
      assert.deepEqual(readNpySync(file.path), matrix([1, 2], 2));
    }
    file.appendSync([7, 8]);
    file.closeSync();
    assert.deepEqual(readNpySync(file.path), matrix([1, 2, 7, 8], 2));
    assert.equal(statSync(file.path).size, 128 + 4 * 8);
  });

  it('names what is wrong', async () => {
    assert.throws(
      () => NpyAppender.openSync(folder.path('missing/a'), { columns: 1 }),
      (e) => isFileError(e, /missing.a.npy': there is no such file or folder/),
    );
    await assert.rejects(NpyAppender.open(folder.path('missing/a'), { columns: 1 }), isFileError);
    mkdirSync(folder.path('taken.npy'));
    assert.throws(() => NpyAppender.openSync(folder.path('taken'), { columns: 1, append: true }), isFileError);
    for (const [options, code] of [
      [undefined, 'ERR_TYPE'],
      [{}, 'ERR_TYPE'],
      [{ columns: 0 }, 'ERR_VALUE'],
      [{ columns: 1.5 }, 'ERR_VALUE'],
      [{ columns: 1, dtype: 'int8' }, 'ERR_VALUE'],
      [{ columns: 1, append: 1 }, 'ERR_TYPE'],
      [{ columns: 1, wrong: 1 }, 'ERR_TYPE'],
    ] as const) {
      assert.equal(
        codeOf(() => NpyAppender.openSync(folder.path('b'), options as never)),
        code,
      );
      await assert.rejects(NpyAppender.open(folder.path('b'), options as never), { code });
    }
    const file = NpyAppender.openSync(folder.path('a'), { columns: 2 });
    for (const [rows, code] of [
      [[1, 2, 3], 'ERR_SHAPE'],
      [[[1, 2, 3]], 'ERR_SHAPE'],
      [5, 'ERR_SHAPE'],
      ['x', 'ERR_TYPE'],
      [null, 'ERR_TYPE'],
      [new Float64Array(new SharedArrayBuffer(16)), 'ERR_TYPE'],
    ] as const) {
      assert.equal(
        codeOf(() => file.appendSync(rows as never)),
        code,
      );
      await assert.rejects(file.append(rows as never), { code });
    }
    const rows = Float64Array.of(1, 2);
    const lost = file.append(rows);
    structuredClone(rows.buffer, { transfer: [rows.buffer] });
    await assert.rejects(lost, { code: 'ERR_TYPE' });
    assert.deepEqual(readNpySync(file.path), matrix([], 2));
    assert.deepEqual(folder.names(), ['a.npy', 'taken.npy']);
    file.closeSync();
  });

  it('is closed once, and then refuses everything', async () => {
    const file = NpyAppender.openSync(folder.path('a'), { columns: 1 });
    assert.equal(file.isOpen, true);
    await Promise.all([file.close(), file.close()]);
    file.closeSync();
    file[Symbol.dispose]();
    assert.equal(file.isOpen, false);
    for (const call of [() => file.appendSync([1]), () => file.truncateSync(0)])
      assert.equal(codeOf(call), 'ERR_STATE');
    await assert.rejects(file.append([1]), { code: 'ERR_STATE' });
    await assert.rejects(file.truncate(0), { code: 'ERR_STATE' });
  });

  it('is whole when the writer is killed at any moment', async function () {
    this.timeout(60_000);
    const path = folder.path('a.npy');
    const program = `const { NpyAppender } = require('rockpool-node/io');
      const file = NpyAppender.openSync(process.argv[1], { columns: 1000 });
      for (let i = 0; ; i++) {
        file.appendSync(new Float64Array(1000).fill(i));
        if (i === 100) process.send('ready');
      }`;
    for (let trial = 0; trial < 3; trial++) {
      const child = spawn(process.execPath, ['-e', program, path], {
        cwd: join(__dirname, '..', '..', '..'),
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
      await Promise.race([
        new Promise((resolve) => child.once('message', resolve)),
        ended.then(() => assert.fail('the writer ended by itself')),
      ]);
      child.kill('SIGKILL');
      assert.equal(await ended, 'SIGKILL');
      const array = readNpySync(path) as NdArray;
      assert.ok(array.shape[0] > 100 && array.shape[1] === 1000, String(array.shape));
      for (let i = 0; i < array.shape[0]; i++) assert.ok(array.row(i).every((v) => v === i));
    }
  });

  it('is read by NumPy, also while it grows', function () {
    const interpreter = python();
    if (!interpreter) this.skip();
    const file = NpyAppender.openSync(folder.path('a'), { columns: 2, dtype: 'float32' });
    const read = (): unknown =>
      JSON.parse(
        execFileSync(
          interpreter,
          [
            '-c',
            'import numpy, sys, json; a = numpy.load(sys.argv[1]); m = numpy.load(sys.argv[1], mmap_mode="r"); print(json.dumps([str(a.dtype), a.shape, a.tolist(), bool((a == m).all())]))',
            file.path,
          ],
          { encoding: 'utf8' },
        ),
      );
    file.appendSync([1, 2, 3, 4]);
    assert.deepEqual(read(), ['float32', [2, 2], [[1, 2], [3, 4]], true]); // prettier-ignore
    file.appendSync([5, 6]);
    file.closeSync();
    assert.deepEqual(read(), ['float32', [3, 2], [[1, 2], [3, 4], [5, 6]], true]); // prettier-ignore
  });
});
