import assert from 'node:assert/strict';
import fc from 'fast-check';
import { TSContinuous, TSEvent } from 'rockpool-node';

const content = (ts: TSContinuous) => [Array.from(ts.times), ts.samples.toArray()];
const extent = (ts: TSContinuous) => [ts.tStart, ts.tStop];

describe('TSContinuous.clip', () => {
  const ts = () =>
    new TSContinuous(
      [0, 1, 2, 3],
      [
        [0, 1],
        [10, 11],
        [20, 21],
        [30, 31],
      ],
      { tStop: 4, name: 'n', units: 'V' },
    );

  it('cuts between limits and adds samples there', () => {
    const part = ts().clip(0.5, 2.5);
    assert.deepEqual(content(part), [
      [0.5, 1, 2, 2.5],
      [
        [5, 6],
        [10, 11],
        [20, 21],
        [25, 26],
      ],
    ]);
    assert.deepEqual([...extent(part), part.name, part.units], [0.5, 2.5, 'n', 'V']);
    assert.deepEqual(content(ts().clip({ tStart: 2.5, tStop: 0.5 })), content(part));
    assert.deepEqual(Array.from(ts().clip(1, 2, { includeStop: false }).times), [1]);
    assert.deepEqual(Array.from(ts().clip(0.5, 2.5, { sampleLimits: false }).times), [1, 2]);
    assert.deepEqual(Array.from(ts().clip(null, 0.5).times), [0, 0.5]);
    assert.deepEqual(Array.from(ts().clip(2.5).times), [2.5, 3, 4]);
    assert.deepEqual(Array.from(ts().clip(0.2, 0.3).times), [0.2, 0.3]);
    assert.deepEqual(extent(ts().clip(-5, 9, { sampleLimits: false })), [-5, 9]);
  });

  it('selects channels', () => {
    assert.deepEqual(
      ts()
        .clip({ tStop: 1, channels: [1, 0, 1] })
        .samples.toArray(),
      [
        [1, 0, 1],
        [11, 10, 11],
      ],
    );
    assert.deepEqual(ts().clip({ channels: 1 }).samples.shape, [5, 1]);
    for (const channels of [2, -1, [0, 5], 0.5]) assert.throws(() => ts().clip({ channels }), { code: 'ERR_INDEX' });
    assert.throws(() => new TSContinuous().clip({ channels: 0 }), { code: 'ERR_INDEX' });
  });

  it('refuses limits outside when it must sample there', () => {
    assert.throws(() => ts().clip(-1, 2), { code: 'ERR_TIME_RANGE' });
    assert.throws(() => ts().clip('0' as never), { code: 'ERR_TYPE' });
    assert.throws(() => ts().clip({ from: 0 } as never), { code: 'ERR_TYPE' });
  });

  it('repeats a periodic series, which then is not periodic any more', () => {
    const periodic = new TSContinuous([0, 1, 2], [0, 10, 20], { periodic: true, interpKind: 'previous', tStop: 3 });
    const part = periodic.clip(0.5, 4.25);
    assert.deepEqual(content(part), [
      [0.5, 1, 2, 3, 4, 4.25],
      [[0], [10], [20], [0], [10], [10]],
    ]);
    assert.equal(part.periodic, false);
    // Without samples at the limits, the next period's first sample is not there.
    assert.deepEqual([...periodic.clip({ tStart: 0, tStop: 6, sampleLimits: false }).times], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...periodic.slice(1).times], [1, 2]);
    assert.equal(periodic.clip({ channels: 0 }).periodic, true);
    const joint = new TSContinuous([0, 1, 2], [0, 10, 20], { periodic: true }).clip(-1, 4);
    assert.deepEqual(content(joint), [
      [-1, 0, 1, 2, 3, 4],
      [[10], [0], [10], [0], [10], [0]],
    ]);
    assert.throws(() => new TSContinuous([1], [2], { periodic: true }).clip(0, 1), { code: 'ERR_VALUE' });
  });

  it('keeps an empty series empty', () => {
    const part = new TSContinuous({ numChannels: 2, tStop: 5 }).clip(1, 2);
    assert.deepEqual([part.length, part.numChannels, ...extent(part)], [0, 2, 1, 2]);
  });

  it('works in place', () => {
    const series = ts();
    assert.equal(series.clip(1, 2, { inplace: true }), series);
    assert.deepEqual([...series.times, ...extent(series)], [1, 2, 1, 2]);
    assert.equal(series.at(1.5)[0], 15);
  });
});

describe('TSContinuous.resample, slice and select', () => {
  const ts = () =>
    new TSContinuous(
      [0, 1, 2, 3],
      [
        [0, 1],
        [10, 11],
        [20, 21],
        [30, 31],
      ],
    );

  it('samples at given times', () => {
    const part = ts().resample([0.5, 1.5], { channels: [1], tStop: 2 });
    assert.deepEqual(content(part), [
      [0.5, 1.5],
      [[6], [16]],
    ]);
    assert.deepEqual(extent(part), [0.5, 2]);
    assert.deepEqual(extent(ts().resample([])), [0, 3]);
    assert.throws(() => ts().resample([1, 0]), { code: 'ERR_VALUE' });
    assert.throws(() => ts().resample([5]), { code: 'ERR_TIME_RANGE' });
    assert.throws(() => ts().resample([1], { tStop: 0.5 }), { code: 'ERR_VALUE' });
    const series = ts();
    assert.equal(series.resample([1, 2], { inplace: true }), series);
    assert.equal(series.length, 2);
  });

  it('slices time with and without a step', () => {
    assert.deepEqual(Array.from(ts().slice(0.5, 2).times), [1]);
    assert.deepEqual(extent(ts().slice(0.5, 2)), [0.5, 2]);
    assert.deepEqual(Array.from(ts().slice(1).times), [1, 2, 3]);
    assert.deepEqual(Array.from(ts().slice(null, 2).times), [0, 1]);
    assert.deepEqual(content(ts().slice(0.5, 2, { step: 0.5, channels: 0 })), [
      [0.5, 1, 1.5],
      [[5], [10], [15]],
    ]);
    assert.deepEqual(Array.from(ts().slice(-0.75, 9, { step: 1 }).times), [0.25, 1.25, 2.25]);
    assert.deepEqual(Array.from(ts().slice(0, 0.3, { step: 0.1 }).times), [0, 0.1, 0.2]);
    assert.throws(() => ts().slice(0, 1, { step: -0.5 }), { code: 'ERR_VALUE' });
    assert.throws(() => ts().slice(0, 1, { step: 1e-300 }), { code: 'ERR_VALUE' });
  });

  it('selects times and channels', () => {
    assert.deepEqual(content(ts().select({ times: 1.5 })), [[1.5], [[15, 16]]]);
    assert.deepEqual(
      ts()
        .select({ channels: { step: -1 } })
        .samples.row(0),
      Float64Array.of(1, 0),
    );
    assert.deepEqual(
      ts()
        .select({ channels: { start: -1 } })
        .samples.row(0),
      Float64Array.of(1),
    );
    assert.deepEqual(ts().select({ channels: { stop: 9 } }).numChannels, 2);
    assert.equal(ts().select().length, 4);
    assert.throws(() => ts().select({ channels: { step: 0 } }), { code: 'ERR_VALUE' });
    assert.throws(() => ts().select({ channel: 0 } as never), { code: 'ERR_TYPE' });
  });
});

describe('joining TSContinuous', () => {
  it('appends channels, sampled at its own times', () => {
    const a = new TSContinuous([0, 1], [1, 2]);
    const b = new TSContinuous(
      [0, 2],
      [
        [0, 5],
        [4, 5],
      ],
    );
    assert.deepEqual(a.appendC(b).samples.toArray(), [
      [1, 0, 5],
      [2, 2, 5],
    ]);
    assert.deepEqual(a.appendC([b, a]).numChannels, 4);
    assert.deepEqual(a.appendC(new TSContinuous({ numChannels: 1 })).samples.toArray(), [
      [1, NaN],
      [2, NaN],
    ]);
    assert.throws(() => b.appendC(a), { code: 'ERR_TIME_RANGE' });
    assert.throws(() => a.appendC(5 as never), { code: 'ERR_TYPE' });
    assert.throws(() => a.appendC(new TSEvent([0.5], [0], { tStop: 1 }) as never), { code: 'ERR_TYPE' });
    assert.equal(a.appendC(b, { inplace: true }), a);
    assert.equal(a.numChannels, 3);
  });

  it('appends in time with the median distance, an offset, or contiguously', () => {
    const clocked = () => TSContinuous.fromClocked([1, 2, 3], 1);
    const apart = clocked().appendT(clocked());
    assert.deepEqual([Array.from(apart.times), apart.tStop], [[0, 1, 2, 4, 5, 6], 7]);
    for (const offset of [0, 'contiguous'] as const) {
      const joined = clocked().appendT(clocked(), { offset });
      assert.deepEqual([Array.from(joined.times), joined.tStop], [[0, 1, 2, 3, 4, 5], 6]);
    }
    const plain = new TSContinuous([0, 1, 2], [0, 1, 2]);
    assert.deepEqual(Array.from(plain.appendT(plain).times), [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(Array.from(plain.appendT(plain, { offset: 'contiguous' }).times), [0, 1, 2, 3, 4, 5]);
    const list = [
      new TSContinuous([1, 2], [1, 2], { tStart: -1, tStop: 3 }),
      new TSContinuous([1], [3], { tStart: 0, tStop: 2 }),
      new TSContinuous([1, 3], [4, 5], { tStart: 0, tStop: 3 }),
    ] as const;
    const three = list[0].appendT([list[1], list[2]]);
    assert.deepEqual([Array.from(three.times), ...extent(three)], [[1, 2, 5, 7, 9], -1, 9]);
    assert.deepEqual(Array.from(TSContinuous.concatenateT(list).times), [1, 2, 5, 7, 9]);
    assert.throws(() => plain.appendT([plain, plain], { offset: [1] }), { code: 'ERR_SHAPE' });
    assert.throws(() => plain.appendT(plain, { offset: 'near' as never }), { code: 'ERR_VALUE' });
    assert.throws(() => plain.appendT(new TSContinuous([0], [[1, 2]])), { code: 'ERR_SHAPE' });
    assert.deepEqual(content(plain.appendT([])), content(plain));
  });

  it('concatenates with the attributes of the first', () => {
    const first = new TSContinuous([0, 1], [1, 2], { name: 'a', units: 'V', interpKind: 'nearest', periodic: true });
    const joined = TSContinuous.concatenateT([first, first], { offset: 0.5 });
    assert.deepEqual(Array.from(joined.times), [0.5, 1.5, 2, 3]);
    assert.deepEqual([joined.name, joined.units, joined.interpKind, joined.periodic], ['a', 'V', 'nearest', false]);
    assert.equal(TSContinuous.concatenateT<TSContinuous>([]).length, 0);
    assert.throws(() => TSContinuous.concatenateT(3 as never), { code: 'ERR_TYPE' });
  });

  it('merges samples in time', () => {
    const a = new TSContinuous([0, 1, 2], [1, 2, 3]);
    const b = new TSContinuous([0.5, 1, 3], [10, 20, 30]);
    const c = new TSContinuous([0.5, 1, 3], [100, 200, 300], { tStart: -1, tStop: 4 });
    const all = a.merge([b, c]);
    assert.deepEqual(content(all), [
      [0, 0.5, 1, 2, 3],
      [[1], [10], [2], [3], [30]],
    ]);
    assert.deepEqual(extent(all), [-1, 4]);
    assert.deepEqual(content(a.merge(b, { removeDuplicates: false })), [
      [0, 0.5, 1, 1, 2, 3],
      [[1], [10], [2], [20], [3], [30]],
    ]);
    assert.deepEqual(content(new TSContinuous().merge(a)), content(a));
    assert.throws(() => a.merge(new TSContinuous([0], [[1, 2]])), { code: 'ERR_SHAPE' });
    assert.throws(() => a.merge([a, 1 as never]), { code: 'ERR_TYPE' });
    assert.ok(a.merge(b, { inplace: true }) === a && a.length === 5);
  });

  it('merges any series into one in order, nothing lost', () => {
    const series = fc
      .array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })
      .map((times) => times.sort((x, y) => x - y));
    fc.assert(
      fc.property(fc.array(series, { minLength: 1, maxLength: 5 }), (lists) => {
        const [first, ...others] = lists.map(
          (times, i) =>
            new TSContinuous(
              times,
              times.map((t) => 100 * t + i),
              { tStop: 30, numChannels: 1 },
            ),
        );
        const merged = first.merge(others, { removeDuplicates: false });
        const expected = lists.flatMap((times, i) => times.map((t) => 100 * t + i)).sort((x, y) => x - y);
        assert.deepEqual(Array.from(merged.samples.data), expected);
      }),
    );
  });
});
