import assert from 'node:assert/strict';
import { TSEvent, type EventWindow } from 'rockpool-node';

const read = (series: TSEvent, window?: EventWindow): [number[], number[]] => {
  const { times, channels } = series.events(window);
  return [[...times], [...channels]];
};

describe('TSEvent: events()', () => {
  const series = new TSEvent([0, 1, 1, 2, 3], [0, 1, 2, 0, 3], { tStart: -1, tStop: 4, numChannels: 6 });
  const periodic = new TSEvent([0.5, 1, 2.5], [0, 1, 2], { periodic: true, tStart: 0, tStop: 3 });

  it('gives everything by default', () => {
    assert.deepEqual(read(series), [
      [0, 1, 1, 2, 3],
      [0, 1, 2, 0, 3],
    ]);
  });

  it('includes the start and excludes the end, in either order', () => {
    assert.deepEqual(read(series, { tStart: 1, tStop: 3 }), [
      [1, 1, 2],
      [1, 2, 0],
    ]);
    assert.deepEqual(read(series, { tStart: 3, tStop: 1 }), read(series, { tStart: 1, tStop: 3 }));
    assert.deepEqual(read(series, { tStart: 10, tStop: 20 }), [[], []]);
    assert.deepEqual(read(series, { tStop: 1, tStart: null }), [[0], [0]]);
  });

  it('selects channels', () => {
    assert.deepEqual(read(series, { channels: 0 }), [
      [0, 2],
      [0, 0],
    ]);
    assert.deepEqual(read(series, { channels: [2, 0, 2], tStop: 2 }), [
      [0, 1],
      [0, 2],
    ]);
    assert.deepEqual(read(series, { channels: [] }), [[], []]);
    for (const channels of [6, -1, [0, 7], 0.5]) assert.throws(() => series.events({ channels }), RangeError);
    assert.throws(() => series.events({ channels: 6 }), { code: 'ERR_INDEX' });
    assert.throws(() => new TSEvent().events({ channels: 0 }), { code: 'ERR_INDEX' });
  });

  it('repeats a periodic series', () => {
    assert.deepEqual(read(periodic, { tStart: -1.5, tStop: 7 }), [
      [-0.5, 0.5, 1, 2.5, 3.5, 4, 5.5, 6.5],
      [2, 0, 1, 2, 0, 1, 2, 0],
    ]);
    assert.deepEqual(read(periodic, { tStart: 300, tStop: 303, channels: 1 }), [[301], [1]]);
  });

  it('has nothing to repeat without events', () => {
    assert.deepEqual(read(new TSEvent([], [], { periodic: true, numChannels: 2 }), { tStart: -5, tStop: 1e12 }), [
      [],
      [],
    ]);
    assert.deepEqual(read(periodic.clip({ channels: [] }), { tStart: -1e9, tStop: 1e9 }), [[], []]);
    const noTime = new TSEvent([1], 0, { tStop: 2, periodic: true, numChannels: 3 });
    assert.deepEqual(read(noTime, { tStart: 0, tStop: 1e15, channels: [2] }), [[], []]);
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => series.events({ tStart: NaN }), { code: 'ERR_VALUE' });
    assert.throws(() => series.events({ tStart: 'x' as never }), { code: 'ERR_TYPE' });
    assert.throws(() => series.events({ from: 1 } as never), { code: 'ERR_TYPE' });
    assert.throws(() => periodic.events({ tStop: 1e300 }), { code: 'ERR_VALUE' });
  });
});

describe('TSEvent: indexing and iteration', () => {
  const series = new TSEvent([0, 1, 1, 2, 3], [0, 1, 2, 0, 3], { tStart: -1, tStop: 4, numChannels: 6, name: 'x' });
  const pairs = (s: TSEvent) => [...s].map(([t, c]) => `${t}:${c}`).join(' ');

  it('picks by number, list and mask', () => {
    assert.equal(pairs(series.pick(0)), '0:0');
    assert.equal(pairs(series.pick(-1)), '3:3');
    assert.equal(pairs(series.pick([3, 0, 1])), '0:0 1:1 2:0');
    assert.equal(pairs(series.pick([2, 1, 1])), '1:2 1:1 1:1');
    assert.equal(pairs(series.pick(Int32Array.of(-2, -1))), '2:0 3:3');
    assert.equal(pairs(series.pick([true, false, true, false, true])), '0:0 1:2 3:3');
    assert.equal(pairs(series.pick([])), '');
    const picked = series.pick(2);
    assert.deepEqual(
      [picked.tStart, picked.tStop, picked.numChannels, picked.name],
      [series.tStart, series.tStop, series.numChannels, 'x'],
    );
    for (const index of [5, -6, [0, 5]]) assert.throws(() => series.pick(index), { code: 'ERR_INDEX' });
    assert.throws(() => series.pick(0.5), { code: 'ERR_INDEX' });
    assert.throws(() => series.pick([true, false]), { code: 'ERR_SHAPE' });
    assert.throws(() => series.pick([true, 1, true, false, true] as never), { code: 'ERR_TYPE' });
    assert.throws(() => series.pick('0' as never), { code: 'ERR_TYPE' });
    assert.throws(() => new TSEvent().pick(0), { code: 'ERR_INDEX' });
  });

  it('slices like an array', () => {
    const all = [...series].map(([t, c]) => `${t}:${c}`);
    assert.equal(pairs(series.slice(1, 3)), all.slice(1, 3).join(' '));
    assert.equal(pairs(series.slice(-2)), all.slice(-2).join(' '));
    assert.equal(pairs(series.slice()), all.join(' '));
    assert.equal(pairs(series.slice(0, 100, 2)), '0:0 1:2 3:3');
    assert.equal(pairs(series.slice(3, 1)), '');
    assert.equal(pairs(series.slice(null, null, -1)), '0:0 1:2 1:1 2:0 3:3');
    assert.equal(pairs(series.slice(-1, -4, -2)), '1:2 3:3');
    assert.equal(pairs(new TSEvent().slice(0, 5)), '');
    assert.throws(() => series.slice(0, 2, 0), { code: 'ERR_VALUE' });
    assert.throws(() => series.slice(0.5), { code: 'ERR_VALUE' });
  });
});

describe('TSEvent: text', () => {
  const series = new TSEvent(
    Array.from({ length: 14 }, (_, i) => i / 2),
    Array.from({ length: 14 }, (_, i) => i % 3),
    { tStart: 0, tStop: 8, name: 'ev' },
  );

  it('describes itself as the original does', () => {
    assert.equal(String(series), 'non-periodic `TSEvent` object `ev` from t=0.0 to 8.0. Channels: 3. Events: 14');
    assert.equal(String(new TSEvent([], [], { tStop: 2 })), 'Empty `TSEvent` object `unnamed` from t=0.0 to t=2.0.');
    assert.equal(series.describe(), String(series));
  });

  it('prints first and last events', () => {
    const lines = series.describe({}).split('\n');
    assert.deepEqual(lines.slice(1, 8), [
      'Time \t Ch.-ID',
      '0.0: \t 0',
      '0.5: \t 1',
      '1.0: \t 2',
      '1.5: \t 0',
      '\t...',
      '5.0: \t 1',
    ]);
    assert.equal(lines.length, 11);
    assert.equal(series.describe({ full: true }).split('\n').length, 16);
    assert.equal(series.describe({ limitShorten: 14 }).split('\n').length, 16);
    assert.equal(series.describe({ numFirst: 1, numLast: 0 }).split('\n').length, 4);
    const periodic = series.copy();
    periodic.periodic = true;
    assert.equal(periodic.describe({}).split('\n').at(-1), '(...periodic...)');
    assert.throws(() => series.describe({ numFirst: -1 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.describe({ first: 1 } as never), { code: 'ERR_TYPE' });
  });
});
