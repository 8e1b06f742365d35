import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TimeSeries, TSContinuous, TSEvent } from 'rockpool-node';

const state = (s: TSEvent) => [[...s.times], [...s.channels], [s.tStart, s.tStop], s.numChannels];

describe('TSEvent: merge', () => {
  const a = new TSEvent([1, 2, 3], [0, 1, 0], { tStart: 0, tStop: 4, name: 'a' });
  const b = new TSEvent([0.5, 2, 6], [2, 1, 3], { tStart: -1, tStop: 7, numChannels: 5 });

  it('pools events, earlier series first on ties', () => {
    assert.deepEqual(state(a.merge(b)), [[0.5, 1, 2, 2, 3, 6], [2, 0, 1, 1, 0, 3], [-1, 7], 5]);
    const c = new TSEvent([2], 0, { tStop: 3 });
    assert.deepEqual([...c.merge([a, c]).channels], [0, 0, 1, 0, 0]);
    assert.deepEqual([...a.merge([c]).channels], [0, 1, 0, 0]);
    assert.equal(a.merge(b).name, 'a');
  });

  it('delays the others', () => {
    assert.deepEqual(state(a.merge(b, { delay: 1 })), [[1, 1.5, 2, 3, 3, 7], [0, 2, 1, 0, 1, 3], [0, 8], 5]);
    assert.deepEqual(state(a.merge([b, a], { delay: [1, -10] }))[2], [-10, 8]);
  });

  it('drops duplicates', () => {
    assert.deepEqual([...a.merge(b, { removeDuplicates: true }).times], [0.5, 1, 2, 3, 6]);
    assert.deepEqual(state(a.merge([a, a], { removeDuplicates: true })), state(a));
    const many = new TSEvent(
      new Float64Array(100).fill(1),
      Array.from({ length: 100 }, (_, i) => i % 40),
      { tStop: 2 },
    );
    assert.deepEqual(
      [...many.merge([], { removeDuplicates: true }).channels],
      Array.from({ length: 40 }, (_, i) => i),
    );
  });

  it('leaves the series alone, or changes it when asked to', () => {
    const series = a.copy();
    series.merge(b);
    assert.deepEqual(state(series), state(a));
    assert.equal(series.merge(b, { inplace: true }), series);
    assert.equal(series.length, 6);
    assert.deepEqual(state(a.merge([])), state(a));
  });

  it('agrees with sorting', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 3 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 6 }), fc.boolean(), (lists, removeDuplicates) => {
        const sorted = lists.map((list) => list.toSorted((x, y) => x[0] - y[0]));
        const [first, ...others] = sorted.map(
          (list) =>
            new TSEvent(
              list.map((e) => e[0]),
              list.map((e) => e[1]),
              { tStart: 0, tStop: 30 },
            ),
        ) as [TSEvent, ...TSEvent[]];
        let expected = sorted
          .flat()
          .toSorted((x, y) => x[0] - y[0])
          .map(String);
        if (removeDuplicates) expected = [...new Set(expected)];
        assert.deepEqual([...first.merge(others, { removeDuplicates })].map(String), expected);
      }),
    );
  });

  it('refuses wrong arguments', () => {
    for (const other of [4, null, 'x', new TSContinuous([0, 1], [0, 1]), [a, 4], {}]) {
      assert.throws(() => a.merge(other as never), { code: 'ERR_TYPE' });
      assert.throws(() => a.appendC(other as never), { code: 'ERR_TYPE' });
      assert.throws(() => a.appendT(other as never), { code: 'ERR_TYPE' });
    }
    assert.throws(() => a.merge([b, b], { delay: [1] }), { code: 'ERR_SHAPE' });
    assert.throws(() => a.merge(b, { delay: NaN }), { code: 'ERR_VALUE' });
    assert.throws(() => a.merge(b, { delay: 'x' as never }), { code: 'ERR_TYPE' });
    assert.throws(() => a.merge(b, { offset: 1 } as never), { code: 'ERR_TYPE' });
  });
});

describe('TSEvent: appendC', () => {
  const a = new TSEvent([1, 2], [0, 1], { tStart: 0, tStop: 4, numChannels: 3 });

  it('puts channels side by side', () => {
    const b = new TSEvent([0.5, 2], [0, 4], { tStart: -1, tStop: 3 });
    assert.deepEqual(state(a.appendC(b)), [[0.5, 1, 2, 2], [3, 0, 1, 7], [-1, 4], 8]);
    const empty = new TSEvent([], [], { numChannels: 2, tStop: 9 });
    assert.deepEqual(state(a.appendC([empty, a])), [[1, 1, 2, 2], [0, 5, 1, 6], [0, 9], 8]);
    assert.deepEqual(state(empty.appendC(a)), [[1, 2], [2, 3], [0, 9], 5]);
    assert.deepEqual(state(a.appendC([])), state(a));
  });

  it('refuses more channels than there are ids', () => {
    const wide = new TSEvent([1], 0, { tStop: 2, numChannels: 2 ** 31 });
    assert.throws(() => wide.appendC(a), { code: 'ERR_VALUE' });
    assert.equal(wide.appendC(new TSEvent()).numChannels, 2 ** 31);
  });
});

describe('TSEvent: appendT and concatenateT', () => {
  const one = new TSEvent([1, 2], [2, 0], { tStart: -1, tStop: 3 });
  const two = new TSEvent([0, 1, 4], [1, 1, 0], { tStart: 0, tStop: 6 });
  const three = new TSEvent([1], 0, { tStart: 0, tStop: 2, numChannels: 5 });
  const expected = [[5, 6, 9, 10, 13, 17], [2, 0, 1, 1, 0, 0], [0, 18], 5];

  it('appends with offsets', () => {
    assert.deepEqual(state(new TSEvent().appendT([one, two, three], { offset: [3, 2, 1] })), expected);
    assert.deepEqual(state(one.appendT(two)), [[1, 2, 3, 4, 7], [2, 0, 1, 1, 0], [-1, 9], 3]);
    assert.deepEqual(state(one.appendT(two, { offset: 'contiguous' })), state(one.appendT(two)));
    assert.deepEqual(state(one.appendT([two, three], { offset: [null, 1] }))[2], [-1, 12]);
    assert.deepEqual(state(one.appendT([])), state(one));
  });

  it('may overlap, and drops duplicates when asked to', () => {
    assert.equal(one.appendT(one, { offset: -4 }).length, 4);
    assert.deepEqual(state(one.appendT(one, { offset: -4, removeDuplicates: true })), state(one));
    assert.deepEqual(state(one.appendT(two, { offset: -10 }))[2], [-7, 3]);
  });

  it('concatenates', () => {
    // The first offset counts from the first series' own start, -1 here.
    const joined = TimeSeries.concatenateT([one, two, three], { offset: [4, 2, 1] });
    assert.deepEqual(state(joined), [expected[0], expected[1], [-1, 18], 5]);
    assert.deepEqual(state(TSEvent.concatenateT([one, two])), state(one.appendT(two)));
    assert.equal(TSEvent.concatenateT<TSEvent>([]).length, 0);
  });

  it('refuses offsets of the wrong number', () => {
    assert.throws(() => one.appendT([two, three], { offset: [1] }), { code: 'ERR_SHAPE' });
    assert.throws(() => one.appendT(two, { offset: 'x' as never }), { code: 'ERR_TYPE' });
  });
});
