import assert from 'node:assert/strict';
import { TSEvent } from 'rockpool-node';

const state = (s: TSEvent) => ({
  times: [...s.times],
  channels: [...s.channels],
  extent: [s.tStart, s.tStop],
  numChannels: s.numChannels,
  periodic: s.periodic,
});

describe('TSEvent: clip', () => {
  const make = (periodic = false) =>
    new TSEvent([0, 1, 1, 2, 3], [0, 1, 2, 0, 4], { tStart: -1, tStop: 4, numChannels: 6, name: 'c', periodic });

  it('takes the events of a window, which becomes the extent', () => {
    const clipped = make().clip(1, 3);
    assert.deepEqual(state(clipped), {
      times: [1, 1, 2],
      channels: [1, 2, 0],
      extent: [1, 3],
      numChannels: 6,
      periodic: false,
    });
    assert.equal(clipped.name, 'c');
    assert.deepEqual(state(make().clip({ tStart: 1, tStop: 3 })), state(clipped));
    assert.deepEqual(state(make().clip(3, 1)), state(clipped));
    assert.deepEqual(make().clip({ tStart: 2 }).tStop, 4);
    assert.deepEqual(make().clip(undefined, 2).tStart, -1);
    assert.deepEqual(state(make().clip(-5, 50)).extent, [-5, 50]);
    assert.deepEqual(state(make().clip()), state(make()));
  });

  it('selects channels and keeps their number', () => {
    const clipped = make().clip(null, null, { channels: [0, 4] });
    assert.deepEqual(state(clipped).channels, [0, 0, 4]);
    assert.deepEqual([clipped.tStart, clipped.tStop, clipped.numChannels], [-1, 4, 6]);
    assert.throws(() => make().clip({ channels: 6 }), { code: 'ERR_INDEX' });
  });

  it('numbers channels by the requested list', () => {
    const clipped = make().clip({ channels: [4, 3, 0, 4], remapChannels: true });
    assert.deepEqual([state(clipped).channels, clipped.numChannels], [[0, 0, 2], 3]);
    const all = make().clip({ remapChannels: true });
    assert.deepEqual([state(all).channels, all.numChannels], [[0, 1, 2, 0, 3], 4]);
    const none = make().clip({ tStart: 10, tStop: 11, remapChannels: true });
    assert.deepEqual([none.length, none.numChannels], [0, 0]);
    assert.equal(make().clip({ tStart: 10, tStop: 11, channels: [3], remapChannels: true }).numChannels, 1);
  });

  it('is periodic only when no limit was given', () => {
    assert.equal(make(true).clip({ channels: [0] }).periodic, true);
    const clipped = make(true).clip(3, 6);
    assert.deepEqual(state(clipped), {
      times: [3, 5],
      channels: [4, 0],
      extent: [3, 6],
      numChannels: 6,
      periodic: false,
    });
  });

  it('changes the series itself when asked to', () => {
    const series = make();
    assert.equal(series.clip(1, 2, { inplace: true }), series);
    assert.deepEqual(state(series).times, [1, 1]);
    const other = make();
    other.clip(1, 2);
    assert.equal(other.length, 5);
  });

  it('clips empty series', () => {
    const empty = new TSEvent([], [], { numChannels: 3 }).clip(2, 5);
    assert.deepEqual(state(empty), { times: [], channels: [], extent: [2, 5], numChannels: 3, periodic: false });
    const periodic = new TSEvent([], [], { numChannels: 3, tStop: 1, periodic: true }).clip(-4, 4);
    assert.deepEqual([periodic.length, periodic.tStart], [0, -4]);
  });

  it('refuses wrong arguments and stays as it was', () => {
    const series = make();
    assert.throws(() => series.clip(NaN, 2, { inplace: true }), { code: 'ERR_VALUE' });
    assert.throws(() => series.clip({ channels: [9], inplace: true }), { code: 'ERR_INDEX' });
    assert.throws(() => series.clip({ stop: 2 } as never), { code: 'ERR_TYPE' });
    assert.throws(() => series.clip(1, 2, { remapChannels: 'yes' as never }), { code: 'ERR_TYPE' });
    assert.throws(() => series.clip(1, 2, { inplace: 1 as never }), { code: 'ERR_TYPE' });
    assert.deepEqual(state(series), state(make()));
  });
});

describe('TSEvent: remapChannels', () => {
  const make = () => new TSEvent([0, 1, 1, 2], [0, 1, 2, 0], { tStop: 4, numChannels: 4 });

  it('renames channels', () => {
    const mapped = make().remapChannels([3, 2, 1, 0]);
    assert.deepEqual([[...mapped.channels], mapped.numChannels], [[3, 2, 1, 3], 4]);
    assert.equal(make().remapChannels([6, 5, 4, 3]).numChannels, 7);
    assert.equal(make().remapChannels([0, 0, 0, 9]).numChannels, 4);
    const series = make();
    assert.equal(series.remapChannels([1, 0, 2, 3], { inplace: true }), series);
    assert.deepEqual([...series.channels], [1, 0, 2, 1]);
    assert.equal(new TSEvent().remapChannels([]).numChannels, 0);
  });

  it('refuses maps of the wrong length or with what is no channel', () => {
    assert.throws(() => make().remapChannels([0]), { code: 'ERR_SHAPE' });
    assert.throws(() => make().remapChannels([0, 1, 2, -1]), { code: 'ERR_VALUE' });
    assert.throws(() => make().remapChannels([0, 1, 2, 0.5]), { code: 'ERR_VALUE' });
    assert.throws(() => make().remapChannels(null as never), { code: 'ERR_TYPE' });
  });
});

describe('TSEvent: methods of all series', () => {
  const make = () => new TSEvent([1, 2], [0, 1], { tStart: 0, tStop: 3, numChannels: 2, name: 'd' });

  it('moves in time', () => {
    assert.deepEqual(state(make().delay(1.5)).extent, [1.5, 4.5]);
    assert.deepEqual(state(make().startAt(-2)).times, [-1, 0]);
    assert.deepEqual(state(make().delay(5).startAtZero()), state(make()));
    const tight = new TSEvent([1], 0, { tStop: 1 + 1e-15 }).delay(1e6);
    assert.ok(tight.tStop > tight.times[0]);
    assert.deepEqual(state(new TSEvent([], [], { tStop: 1, numChannels: 2 }).delay(2)).extent, [2, 3]);
  });

  it('contains times', () => {
    assert.equal(make().contains([0, 3]), true);
    assert.equal(make().contains(3.1), false);
    assert.equal(make().contains([]), true);
  });
});
