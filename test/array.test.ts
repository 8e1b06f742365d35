import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NdArray } from 'rockpool-node';

describe('NdArray', () => {
  it('takes numbers, nested arrays, typed arrays and { data, shape }', () => {
    assert.deepEqual(NdArray.from(3).shape, []);
    assert.deepEqual(
      NdArray.from([
        [1, 2, 3],
        [4, 5, 6],
      ]).shape,
      [2, 3],
    );
    assert.deepEqual(NdArray.from(new Float32Array([1.5, 2])).toArray(), [1.5, 2]);
    assert.deepEqual(NdArray.from([new Float64Array([1, 2]), new Float64Array([3, 4])]).toArray(), [
      [1, 2],
      [3, 4],
    ]);
    const own = new Float64Array([1, 2]);
    assert.equal(NdArray.from(own).data, own, 'a Float64Array is not copied');
  });

  it('honours stride and offset of scijs ndarrays', () => {
    const transposed = { data: new Float64Array([9, 1, 2, 3, 4, 5, 6]), shape: [3, 2], stride: [1, 3], offset: 1 };
    assert.deepEqual(NdArray.from(transposed).toArray(), [
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    assert.throws(() => NdArray.from({ ...transposed, offset: 5 }), { code: 'ERR_SHAPE' });
  });

  it('indexes, views rows and copies', () => {
    const a = NdArray.from([
      [1, 2],
      [3, 4],
    ]);
    assert.equal(a.get(1, 0), 3);
    a.set(1, 0, 30);
    assert.deepEqual([...a.row(1)], [30, 4]);
    const b = a.copy();
    b.set(0, 0, 9);
    assert.equal(a.get(0, 0), 1);
    assert.throws(() => a.get(2, 0), { name: 'RangeError', code: 'ERR_INDEX' });
    assert.throws(() => a.get(0), { code: 'ERR_SHAPE' });
    assert.throws(() => a.row(-1), { code: 'ERR_INDEX' });
  });

  it('refuses what is no array of numbers, and says what came', () => {
    assert.throws(() => NdArray.from([[1, 2], [3]]), {
      name: 'RangeError',
      code: 'ERR_SHAPE',
      message: 'expected value to be an array of 2 x 2, received a row of 1 elements',
    });
    assert.throws(() => NdArray.from(['a', 'b'] as never), { name: 'TypeError', code: 'ERR_TYPE' });
    assert.throws(() => NdArray.from([[1], 2] as never), { code: 'ERR_SHAPE' });
    for (const bad of [
      null,
      undefined,
      'text',
      {},
      Symbol('s'),
      12n,
      () => 1,
      new DataView(new ArrayBuffer(8)),
      new BigInt64Array(2),
    ]) {
      assert.throws(() => NdArray.from(bad as never, 'weights'), /expected weights to be/);
    }
    const cyclic: unknown[] = [];
    cyclic.push(cyclic);
    assert.throws(() => NdArray.from(cyclic as never), { code: 'ERR_SHAPE' });
  });

  it('refuses shared, resizable and transferred memory', () => {
    assert.throws(() => NdArray.from(new Float64Array(new SharedArrayBuffer(16))), {
      name: 'TypeError',
      code: 'ERR_TYPE',
    });
    const Resizable = ArrayBuffer as unknown as new (n: number, o: { maxByteLength: number }) => ArrayBuffer;
    assert.throws(() => NdArray.from(new Float64Array(new Resizable(16, { maxByteLength: 32 }))), { code: 'ERR_TYPE' });
    const gone = new Float64Array(4);
    structuredClone(gone, { transfer: [gone.buffer] });
    assert.equal(gone.length, 0);
    assert.throws(() => NdArray.from(gone), { code: 'ERR_TYPE', message: /transferred/ });
  });

  it('round-trips any nested array', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 5 }),
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.double({ noNaN: true })),
        (rows, columns, values) => {
          const nested = Array.from({ length: rows }, () =>
            Array.from({ length: columns }, () => values.next().value as number),
          );
          assert.deepEqual(NdArray.from(nested).toArray(), nested);
        },
      ),
    );
  });
});

describe('NdArray: wrong arguments', () => {
  it('are named with a code', () => {
    const any = (value: unknown) => value as never;
    assert.throws(() => new NdArray(any([1, 2]), [2]), { code: 'ERR_TYPE', message: /data/ });
    assert.throws(() => new NdArray(new Float64Array(1), any(null)), { code: 'ERR_TYPE', message: /shape/ });
    assert.throws(() => NdArray.zeros([2], any('float16')), { code: 'ERR_VALUE', message: /dtype/ });
    assert.throws(() => NdArray.zeros([2]).set(0, any('1')), { code: 'ERR_TYPE', message: /value/ });
  });

  it('a strided array has all its elements', () => {
    const strided = (stride: unknown, offset: unknown = 0) =>
      NdArray.from({ data: [1, 2, 3, 4], shape: [2, 2], stride, offset } as never, 'x');
    assert.throws(() => strided([1]), { code: 'ERR_TYPE', message: /x\.stride/ });
    assert.throws(() => strided(['a', 'b']), { code: 'ERR_TYPE' });
    assert.throws(() => strided([-2, 1]), { code: 'ERR_SHAPE' });
    assert.throws(() => strided([2, 1], NaN), { code: 'ERR_TYPE', message: /x\.offset/ });
    assert.deepEqual(strided([-2, 1], 2).toArray(), [
      [3, 4],
      [1, 2],
    ]);
    assert.throws(() => NdArray.from({ data: [1], shape: [2 ** 31, 2 ** 31] }), { code: 'ERR_SHAPE' });
  });
});
