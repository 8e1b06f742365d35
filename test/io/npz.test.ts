import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { NdArray } from 'rockpool-node';
import {
  readNpy,
  readNpySync,
  readNpz,
  readNpzSync,
  TextArray,
  writeNpy,
  writeNpySync,
  writeNpz,
  writeNpzSync,
  type NpzDType,
} from 'rockpool-node/io';
import { isFileError, useFolder, warningsOf } from './helpers.js';

const corpus = join(__dirname, '..', '..', '..', 'native', 'fuzz', 'corpus', 'npz');

/** A ZIP with one deflated entry that claims a size. */
function deflatedZip(name: string, content: Uint8Array, claimed = content.length): Buffer {
  const packed = deflateRawSync(content);
  const head = Buffer.alloc(26);
  head.writeUInt16LE(20, 0);
  head.writeUInt16LE(8, 4);
  head.writeUInt32LE(packed.length, 14);
  head.writeUInt32LE(claimed, 18);
  head.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), head, Buffer.from(name), packed]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), head, Buffer.alloc(14), Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

describe('npz', () => {
  const folder = useFolder();

  it('gives back what was written, of every kind', async () => {
    const fields = {
      scalar: 1.5,
      matrix: [
        [1, 2, 3],
        [4, 5, -Infinity],
      ],
      floats: Float32Array.of(1.5, NaN),
      ints: Int32Array.of(-1, 2 ** 31 - 1),
      unsigned: Uint32Array.of(2 ** 32 - 1),
      bytes: NdArray.from([[1, 2]], 'bytes', 'uint8'),
      none: new Float64Array(0),
      noColumns: NdArray.zeros([3, 0]),
      flag: true,
      text: 'hällo 😀',
      texts: new TextArray(['a', '', 'bcd', 'e'], [2, 2]),
    };
    await writeNpz(folder.path('a'), fields);
    const read = await readNpz(folder.path('a.npz'));
    assert.deepEqual([...read.keys()], Object.keys(fields));
    assert.deepEqual(read, readNpzSync(folder.path('a')));
    assert.deepEqual(read.get('matrix'), new NdArray(Float64Array.of(1, 2, 3, 4, 5, -Infinity), [2, 3]));
    assert.deepEqual(read.get('scalar'), new NdArray(Float64Array.of(1.5), []));
    assert.deepEqual(read.get('floats'), new NdArray(fields.floats, [2]));
    assert.deepEqual(read.get('ints'), new NdArray(fields.ints, [2]));
    assert.deepEqual(read.get('unsigned'), new NdArray(fields.unsigned, [1]));
    assert.deepEqual(read.get('bytes'), fields.bytes);
    assert.deepEqual(read.get('noColumns'), fields.noColumns);
    assert.deepEqual(read.get('flag'), new NdArray(Uint8Array.of(1), []));
    assert.equal((read.get('text') as TextArray).item(), fields.text);
    assert.deepEqual(read.get('texts'), fields.texts);
    // equal content, equal bytes
    writeNpzSync(folder.path('b.npz'), new Map(Object.entries(fields)));
    assert.deepEqual(readFileSync(folder.path('a.npz')), readFileSync(folder.path('b.npz')));
  });

  it('keeps doubles exactly, and rounds to smaller types', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (values) => {
        const data = Float64Array.from(values);
        writeNpzSync(folder.path('d'), { d: data, f: { array: data, dtype: 'float32' } });
        const read = readNpzSync(folder.path('d'));
        assert.deepEqual((read.get('d') as NdArray).data, data);
        assert.deepEqual((read.get('f') as NdArray).data, Float32Array.from(data));
      }),
      { numRuns: 50 },
    );
  });

  it('rounds to half precision to nearest even', () => {
    const array = [1 + 1 / 2048, 1 + 3 / 2048, 65519.99, 65520, 1e-8, 2 ** -25, 2 ** -24 * 1.5, -0, 0.1, NaN];
    writeNpzSync(folder.path('h'), { h: { array, dtype: 'float16' } });
    const { data } = readNpzSync(folder.path('h')).get('h') as NdArray;
    assert.deepEqual(Array.from(data), [1, 1 + 2 / 1024, 65504, Infinity, 0, 0, 2 ** -23, -0, 0.0999755859375, NaN]);
  });

  it('writes every integer type and refuses what does not fit', () => {
    const limits: Record<string, [number, number]> = {
      int8: [-128, 127],
      uint8: [0, 255],
      int16: [-32768, 32767],
      uint16: [0, 65535],
      int32: [-(2 ** 31), 2 ** 31 - 1],
      uint32: [0, 2 ** 32 - 1],
      int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
      uint64: [0, Number.MAX_SAFE_INTEGER],
    };
    for (const [name, [low, high]] of Object.entries(limits)) {
      const dtype = name as NpzDType;
      writeNpzSync(folder.path('i'), { i: { array: [low, high], dtype } });
      assert.deepEqual(Array.from((readNpzSync(folder.path('i')).get('i') as NdArray).data), [low, high], name);
      for (const bad of [low === 0 ? -1 : -(2 ** 64), 0.5, NaN, 2 ** 64]) {
        assert.throws(
          () => writeNpzSync(folder.path('i'), { i: { array: [bad], dtype } }),
          { code: 'ERR_VALUE', name: 'RangeError' },
          `${name} ${bad}`,
        );
      }
    }
  });

  it('reads arrays of more than a megabyte off the event loop, and can be stopped', async () => {
    const big = Float64Array.from({ length: 300_000 }, (_, i) => i);
    await writeNpz(folder.path('big'), { big, small: 1 });
    assert.deepEqual(((await readNpz(folder.path('big'))).get('big') as NdArray).data, big);
    await assert.rejects(readNpz(folder.path('big'), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    await assert.rejects(writeNpz(folder.path('other'), { big }, { signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    assert.deepEqual(folder.names(), ['big.npz']);
  });

  it('writes the data of the moment of the call', async () => {
    const data = new Float64Array(200_000).fill(1);
    const written = writeNpz(folder.path('now'), { data });
    data.fill(2);
    await written;
    assert.equal(
      (readNpzSync(folder.path('now')).get('data') as NdArray).data.every((x) => x === 1),
      true,
    );
  });

  it('skips what is no number and no text, with a warning', async () => {
    const warnings = await warningsOf(() => assert.equal(readNpzSync(join(corpus, 'object.npz')).size, 0));
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['FILE_FIELD_SKIPPED', 'FILE_FIELD_SKIPPED'],
    );
  });

  it('reads deflated entries, ZIP64 and column-major arrays', async () => {
    for (const name of ['deflated.npz', 'zip64.npz']) {
      const read = await readNpz(join(corpus, name));
      assert.deepEqual(Array.from((read.get('a') as NdArray).data), [0, 1, 2, 3], name);
      assert.deepEqual(read, readNpzSync(readFileSync(join(corpus, name))));
    }
    const fortran = readNpzSync(join(corpus, 'stored.npz')).get('f') as NdArray;
    assert.deepEqual(fortran.toArray(), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it('answers every cut and every flipped bit with ERR_FILE', async function () {
    this.timeout(60_000);
    for (const name of ['stored.npz', 'deflated.npz', 'zip64.npz']) {
      const whole = readFileSync(join(corpus, name));
      const expected = readNpzSync(whole);
      for (let length = 0; length < whole.length; length++) {
        assert.throws(() => readNpzSync(whole.subarray(0, length)), isFileError, `${name} cut at ${length}`);
      }
      for (let bit = 0; bit < 8 * whole.length; bit++) {
        const damaged = Buffer.from(whole);
        damaged[bit >> 3] ^= 1 << (bit & 7);
        try {
          // Bits that carry nothing (dates, versions) may change: the arrays then are the right ones.
          assert.deepEqual(readNpzSync(damaged), expected, `${name} bit ${bit}`);
        } catch (error) {
          if (error instanceof assert.AssertionError) throw error;
          isFileError(error);
        }
      }
      for (let i = 0; i < 60; i++) {
        const damaged = Buffer.from(whole.subarray(0, whole.length - (i % 7)));
        damaged[(i * 7919) % damaged.length] ^= 0x55;
        await readNpz(damaged).then(
          (read) => assert.deepEqual(read, expected),
          (error) => isFileError(error),
        );
      }
    }
  });

  it('has limits for files that would take far more memory than they are large', async () => {
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (100000000,), }";
    const npy = Buffer.concat([
      Buffer.from('\x93NUMPY\x01\0', 'latin1'),
      Buffer.from([header.length, 0]),
      Buffer.from(header),
      Buffer.alloc(1e8),
    ]);
    const bomb = deflatedZip('x.npy', npy);
    assert.ok(bomb.length < 200_000);
    assert.throws(
      () => readNpzSync(bomb),
      (e) => isFileError(e, /maxBytes/),
    );
    await assert.rejects(readNpz(bomb), (e) => isFileError(e, /maxBytes/));
    const lie = deflatedZip('x.npy', Buffer.alloc(10), 1e6);
    assert.throws(
      () => readNpzSync(lie, { maxBytes: 1e9 }),
      (e) => isFileError(e, /larger than it can be/),
    );
    const wrong = deflatedZip('x.npy', Buffer.alloc(10), 100);
    assert.throws(
      () => readNpzSync(wrong),
      (e) => isFileError(e, /inflates to 10 bytes instead of 100/),
    );
    const texts = "{'descr': '<U0', 'fortran_order': False, 'shape': (9999999,)}";
    writeFileSync(folder.path('u.npy'), `\x93NUMPY\x01\0${String.fromCharCode(texts.length)}\0${texts}`, 'latin1');
    assert.throws(
      () => readNpySync(folder.path('u.npy')),
      (e) => isFileError(e, /maxBytes/),
    );
    assert.throws(
      () => readNpzSync(join(corpus, 'stored.npz'), { maxEntries: 1 }),
      (e) => isFileError(e, /maxEntries/),
    );
    assert.throws(() => readNpzSync(join(corpus, 'stored.npz'), { maxEntries: -1 }), { code: 'ERR_VALUE' });
  });

  it('says path and reason', async () => {
    await assert.rejects(readNpz(folder.path('no.npz')), (e) => isFileError(e, /no\.npz'.*no such file/));
    await assert.rejects(readNpz(folder.path()), (e) => isFileError(e, /folder/));
    writeFileSync(folder.path('t.npz'), 'text');
    await assert.rejects(readNpz(folder.path('t.npz')), (e) => isFileError(e, /t\.npz'.*no ZIP/));
    assert.throws(
      () => writeNpzSync(folder.path('missing/x'), { a: 1 }),
      (e) => isFileError(e, /missing/),
    );
    for (const bad of [undefined, null, 3, '', 'a\0b', {}]) {
      assert.throws(() => readNpzSync(bad as never), { code: 'ERR_TYPE' });
      assert.throws(() => writeNpzSync(bad as never, {}), { code: 'ERR_TYPE' });
    }
    for (const bad of [undefined, null, 3, [1], new Float64Array(1), { a: {} }, { a: { array: 1, dtype: 5 } }]) {
      assert.throws(() => writeNpzSync(folder.path('x'), bad as never), { code: 'ERR_TYPE' });
    }
    assert.throws(() => writeNpzSync(folder.path('x'), { a: { array: 1, dtype: 'complex64' as never } }), {
      code: 'ERR_VALUE',
    });
    assert.throws(() => readNpzSync('x', { limit: 1 } as never), { code: 'ERR_TYPE' });
  });
});

describe('npy', () => {
  const folder = useFolder();

  it('gives back what was written', async () => {
    await writeNpy(folder.path('a'), [
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual((await readNpy(folder.path('a'))).shape, [2, 2]);
    writeNpySync(folder.path('b.npy'), 'text');
    assert.equal((readNpySync(folder.path('b')) as TextArray).item(), 'text');
    assert.equal(readFileSync(folder.path('a.npy')).length, 128 + 32);
  });

  it('reads every kind of element that NumPy wrote', () => {
    for (const name of readdirSync(corpus).filter((n) => n.startsWith('kind'))) {
      const { data } = readNpySync(join(corpus, name)) as NdArray;
      assert.deepEqual(Array.from(data), name === 'kind10.npy' ? [1, 1, 1, 0] : [1, 2, 3, 0], name);
    }
    assert.deepEqual((readNpySync(join(corpus, 'v2.npy')) as NdArray).shape, [2]);
    assert.deepEqual((readNpySync(join(corpus, 'v3.npy')) as TextArray).text, ['ä', 'b']);
  });

  it('answers every cut and damaged headers with ERR_FILE', async () => {
    const whole = readFileSync(join(corpus, 'kind1.npy'));
    for (let length = 0; length < whole.length; length++)
      assert.throws(() => readNpySync(whole.subarray(0, length)), isFileError);
    await assert.rejects(readNpy(folder.path('no')), (e) => isFileError(e, /no such file/));
    const with_ = (header: string) =>
      Buffer.concat([
        Buffer.from('\x93NUMPY\x01\0', 'latin1'),
        Buffer.from([header.length & 255, header.length >> 8]),
        Buffer.from(header),
        Buffer.alloc(64),
      ]);
    const good = (descr: string, shape: string) => `{'descr': ${descr}, 'fortran_order': False, 'shape': ${shape}, }`;
    assert.deepEqual((readNpySync(with_(good("'<f8'", '(0, 9007199254740992)'))) as NdArray).size, 0);
    assert.deepEqual((readNpySync(with_(good("'<i4'", '(2L,)'))) as NdArray).shape, [2]);
    const bad = [
      '',
      '{',
      '{}',
      good("'<f8'", '(99,)'),
      good("'<f8'", '(-1,)'),
      good("'<f8'", '(4294967296, 4294967296, 4294967296)'),
      good("'<f8'", '1'),
      good("'<f8'", `(${'1, '.repeat(33)})`),
      good("'|O'", '(1,)'),
      good("[('a', '<i4')]", '(1,)'),
      good('[[[', '(1,)'),
      good("'<f8", '(1,)'),
      good("'<f16'", '(1,)'),
      good("'<U999999999999'", '(1,)'),
      good("'<f8'", '(1,)').replace('False', 'Maybe'),
      good("'<f8'", '(1,)') + 'x',
      good("'<f8'", '(1,)').replace('shape', 'shade'),
    ];
    for (const header of bad) assert.throws(() => readNpySync(with_(header)), isFileError, header);
  });
});
