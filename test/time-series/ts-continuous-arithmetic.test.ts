import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TSContinuous } from 'rockpool-node';

const series = (samples: number[][]) =>
  new TSContinuous(
    samples.map((_, i) => i),
    samples,
  );
const values = (ts: TSContinuous) => ts.samples.toArray();

describe('arithmetic of TSContinuous', () => {
  const a = series([
    [1, NaN],
    [3, 4],
    [NaN, NaN],
  ]);
  const b = series([
    [NaN, 1],
    [NaN, NaN],
    [2, NaN],
  ]);

  it('counts a NaN on one side of a sum as 0', () => {
    assert.deepEqual(values(a.add(b)), [
      [1, 1],
      [3, 4],
      [2, NaN],
    ]);
    assert.deepEqual(values(a.sub(b)), [
      [1, -1],
      [3, 4],
      [-2, NaN],
    ]);
    assert.deepEqual(values(a.mul(b)), [
      [NaN, NaN],
      [NaN, NaN],
      [NaN, NaN],
    ]);
    assert.deepEqual(values(a.div(0)), [
      [Infinity, NaN],
      [Infinity, Infinity],
      [NaN, NaN],
    ]);
    assert.deepEqual(values(series([[NaN]]).pow(0)), [[NaN]]);
    assert.deepEqual(values(series([[NaN]]).rpow(1)), [[NaN]]);
  });

  it('has the reversed forms', () => {
    const x = series([[2], [4]]);
    assert.deepEqual(values(x.rsub(1)), [[-1], [-3]]);
    assert.deepEqual(values(x.rdiv(1)), [[0.5], [0.25]]);
    assert.deepEqual(values(x.rfloorDiv(7)), [[3], [1]]);
    assert.deepEqual(values(x.rpow(2)), [[4], [16]]);
    assert.deepEqual(values(x.radd(1)), [[3], [5]]);
    assert.deepEqual(values(x.rmul(2)), [[4], [8]]);
    assert.deepEqual(values(TSContinuous.sub(10, x)), [[8], [6]]);
    assert.deepEqual(values(TSContinuous.sub(x, 10)), [[-8], [-6]]);
    assert.deepEqual(values(TSContinuous.floorDiv([9], x)), [[4], [2]]);
    assert.throws(() => TSContinuous.add(1, 2), { code: 'ERR_TYPE' });
  });

  it('floors quotients exactly', () => {
    assert.deepEqual(values(series([[7], [-7], [1], [0]]).floorDiv(2)), [[3], [-4], [0], [0]]);
    assert.deepEqual(values(series([[1]]).floorDiv(0.1)), [[9]]);
    assert.deepEqual(values(series([[0], [7]]).rfloorDiv(7)), [[Infinity], [1]]);
    assert.deepEqual(values(series([[3]]).rfloorDiv(0)), [[0]]);
  });

  it('broadcasts over channels both ways', () => {
    const one = series([[1], [2]]);
    const three = series([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual(values(one.add(three)), [
      [2, 3, 4],
      [6, 7, 8],
    ]);
    assert.deepEqual(values(three.add(one)), [
      [2, 3, 4],
      [6, 7, 8],
    ]);
    assert.deepEqual(values(three.sub([1, 2, 3])), [
      [0, 0, 0],
      [3, 3, 3],
    ]);
    assert.deepEqual(values(three.mul([[1], [10]])), [
      [1, 2, 3],
      [40, 50, 60],
    ]);
    assert.deepEqual(values(three.mul([[1, 0, 0]])), [
      [1, 0, 0],
      [4, 0, 0],
    ]);
    assert.deepEqual(
      values(
        three.sub([
          [1, 1, 1],
          [2, 2, 2],
        ]),
      ),
      [
        [0, 1, 2],
        [2, 3, 4],
      ],
    );
    assert.deepEqual(values(one.add([10, 20])), [
      [11, 21],
      [12, 22],
    ]);
    for (const bad of [[1, 2], [[1], [2], [3]], [[[1]]]]) assert.throws(() => three.add(bad), { code: 'ERR_SHAPE' });
    assert.throws(() => three.add('1' as never), { code: 'ERR_TYPE' });
    assert.throws(
      () =>
        three.add(
          series([
            [1, 2],
            [3, 4],
          ]),
        ),
      { code: 'ERR_SHAPE' },
    );
  });

  it('samples another series at its own times', () => {
    const x = new TSContinuous([0, 0.5, 1], [0, 0, 0], { name: 'x' });
    const y = new TSContinuous([0, 1], [10, 20], { name: 'y' });
    assert.deepEqual(values(x.add(y)), [[10], [15], [20]]);
    assert.equal(x.add(y).name, 'x');
    assert.throws(() => x.add(new TSContinuous([0, 0.5], [1, 2])), { code: 'ERR_TIME_RANGE' });
  });

  it('works in place and alone', () => {
    const x = series([[1, -2]]);
    assert.equal(x.add(1, { inplace: true }), x);
    assert.deepEqual(values(x), [[2, -1]]);
    assert.deepEqual(values(x.neg()), [[-2, 1]]);
    assert.deepEqual(values(x.abs()), [[2, 1]]);
    assert.throws(() => x.add(1, { inPlace: true } as never), { code: 'ERR_TYPE' });
    assert.equal(new TSContinuous({ numChannels: 1 }).add([1, 2]).numChannels, 2);
  });

  it('multiplies with matrices', () => {
    const x = series([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(
      values(
        x.matmul([
          [1, 0, 1],
          [0, 1, 1],
        ]),
      ),
      [
        [1, 2, 3],
        [3, 4, 7],
      ],
    );
    assert.deepEqual(values(x.matmul([1, 10])), [[21], [43]]);
    assert.throws(() => x.matmul([[1, 2, 3]]), { code: 'ERR_SHAPE' });
    assert.throws(() => x.matmul(2), { code: 'ERR_SHAPE' });
  });

  it('compares', () => {
    const x = series([
      [1, 2],
      [3, NaN],
    ]);
    assert.deepEqual(x.lt(2).toArray(), [
      [1, 0],
      [0, 0],
    ]);
    assert.deepEqual(x.le(2).toArray(), [
      [1, 1],
      [0, 0],
    ]);
    assert.deepEqual(x.gt([0, 2]).toArray(), [
      [1, 0],
      [1, 0],
    ]);
    assert.deepEqual(x.ge(series([[1], [4]])).toArray(), [
      [1, 1],
      [0, 0],
    ]);
    assert.deepEqual(x.eq(x).toArray(), [
      [1, 1],
      [1, 0],
    ]);
    assert.deepEqual(x.ne(x).toArray(), [
      [0, 0],
      [0, 1],
    ]);
    assert.ok(x.lt(2).data instanceof Uint8Array);
  });

  it('leaves its operands as they are, and shares nothing that can be written', () => {
    const x = series([[1], [2]]);
    const y = x.add(1);
    y.times[1] = 7;
    y.samples.data[0] = 9;
    assert.deepEqual(
      [Array.from(x.times), values(x)],
      [
        [0, 1],
        [[1], [2]],
      ],
    );
    x.times[1] = 5;
    assert.equal(y.times[1], 7);
  });

  it('agrees with plain arithmetic', () => {
    const number = fc.double({ noDefaultInfinity: true, noNaN: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 40 }), (pairs) => {
        const x = series(pairs.map(([v]) => [v]));
        const y = series(pairs.map(([, v]) => [v]));
        const expect = (ts: TSContinuous, f: (p: number, q: number) => number) =>
          assert.deepEqual(
            Array.from(ts.samples.data),
            pairs.map(([p, q]) => f(p, q)),
          );
        expect(x.sub(y), (p, q) => p - q);
        expect(x.mul(y), (p, q) => p * q);
        expect(x.div(y), (p, q) => p / q);
        expect(x.rsub(y), (p, q) => q - p);
      }),
    );
  });
});
