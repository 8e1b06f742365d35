import assert from 'node:assert/strict';
import { NdArray, TSEvent } from 'rockpool-node';
import { codesDuring } from './warnings.js';

const times = [0.5, 1, 2.5];

/** Asserts that `fn` throws an error of this class and code. */
function throws(fn: () => unknown, Class: typeof TypeError | typeof RangeError, code: string): void {
  assert.throws(fn, (error: Error & { code?: string }) => {
    assert.ok(error instanceof Class, `${error.name}: ${error.message}`);
    assert.equal(error.code, code, error.message);
    return true;
  });
}

describe('TSEvent: construction', () => {
  it('takes times, channels and options, or one object', () => {
    for (const series of [
      new TSEvent(times, [0, 1, 2], { tStop: 3 }),
      new TSEvent({ times, channels: [0, 1, 2], tStop: 3 }),
      new TSEvent(Float64Array.from(times), Int32Array.of(0, 1, 2), { tStop: 3 }),
      new TSEvent(new NdArray(Float64Array.from(times), [3, 1]), { data: [0, 1, 2], shape: [3] }, { tStop: 3 }),
    ]) {
      assert.deepEqual(series.times, Float64Array.from(times));
      assert.deepEqual(series.channels, Int32Array.of(0, 1, 2));
      assert.deepEqual(
        [series.numChannels, series.tStart, series.tStop, series.periodic, series.name, series.length],
        [3, 0.5, 3, false, 'unnamed', 3],
      );
    }
  });

  it('gives all events channel 0, or the one channel given', () => {
    assert.deepEqual([...new TSEvent(times, null, { tStop: 3 }).channels], [0, 0, 0]);
    assert.deepEqual([...new TSEvent(times, [], { tStop: 3 }).channels], [0, 0, 0]);
    const one = new TSEvent(times, 2, { tStop: 3 });
    assert.deepEqual([...one.channels], [2, 2, 2]);
    assert.equal(one.numChannels, 3);
    assert.deepEqual([...new TSEvent(times, new NdArray(Int32Array.of(4), []), { tStop: 3 }).channels], [4, 4, 4]);
  });

  it('makes empty series', () => {
    const empty = new TSEvent();
    assert.deepEqual([empty.length, empty.numChannels, empty.tStart, empty.tStop], [0, 0, 0, 0]);
    assert.ok(empty.isEmpty());
    const extent = new TSEvent([], [], { tStart: 1, tStop: 2, numChannels: 3 });
    assert.deepEqual([extent.numChannels, extent.tStart, extent.tStop], [3, 1, 2]);
    assert.equal(new TSEvent(null, 4).numChannels, 5);
  });

  it('infers the end with a warning, unless it must be given', () => {
    const { result, codes } = codesDuring(() => new TSEvent(times));
    assert.deepEqual(codes, ['TSEVENT_STOP_INFERRED']);
    assert.equal(result.tStop, 2.5000000000000004);
    throws(() => new TSEvent(times, 0, { strictStop: true }), TypeError, 'ERR_TYPE');
    TSEvent.strictStop = true;
    try {
      throws(() => new TSEvent(times), TypeError, 'ERR_TYPE');
      assert.equal(codesDuring(() => new TSEvent(times, 0, { strictStop: false })).codes.length, 1);
    } finally {
      TSEvent.strictStop = false;
    }
    throws(() => (TSEvent.strictStop = 1 as never), TypeError, 'ERR_TYPE');
  });

  it('keeps its arrays apart from those that it was given', () => {
    const given = { times: Float64Array.from(times), channels: Int32Array.of(0, 1, 2) };
    const series = new TSEvent(given.times, given.channels, { tStop: 3 });
    given.times[0] = -5;
    given.channels[0] = 7;
    assert.deepEqual([series.times[0], series.channels[0]], [0.5, 0]);
  });

  it('refuses wrong arguments', () => {
    const make = (t: unknown, c?: unknown, options: object = { tStop: 3 }) =>
      new TSEvent(t as number[], c as number[], options);
    throws(() => make('abc'), TypeError, 'ERR_TYPE');
    throws(() => make([1, 'x']), TypeError, 'ERR_TYPE');
    throws(() => make(new Float64Array(new SharedArrayBuffer(16))), TypeError, 'ERR_TYPE');
    throws(() => make([2, 1]), RangeError, 'ERR_VALUE');
    throws(() => make([0, NaN]), RangeError, 'ERR_VALUE');
    throws(() => make([0, Infinity]), RangeError, 'ERR_VALUE');
    throws(() => make(times, [0, 1]), RangeError, 'ERR_SHAPE');
    throws(() => make(times, [1]), RangeError, 'ERR_SHAPE');
    throws(() => make([], [1]), RangeError, 'ERR_SHAPE');
    throws(() => make(times, [0, -1, 0]), RangeError, 'ERR_VALUE');
    throws(() => make(times, [0, 0.5, 0]), RangeError, 'ERR_VALUE');
    throws(() => make(times, [0, 2 ** 31, 0]), RangeError, 'ERR_VALUE');
    throws(() => make(times, [0, NaN, 0]), RangeError, 'ERR_VALUE');
    throws(() => make(times, Int32Array.of(0, -1, 0)), RangeError, 'ERR_VALUE');
    throws(() => make(times, 'zero'), TypeError, 'ERR_TYPE');
    throws(() => make(times, 0, { tStop: 2.5 }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: 1 }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: NaN }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: 3, tStart: 0.6 }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: '3' }), TypeError, 'ERR_TYPE');
    throws(() => make(times, [0, 1, 2], { tStop: 3, numChannels: 2 }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: 3, numChannels: 1.5 }), RangeError, 'ERR_VALUE');
    throws(() => make(times, 0, { tStop: 3, periodic: 1 }), TypeError, 'ERR_TYPE');
    throws(() => make(times, 0, { tStop: 3, name: 5 }), TypeError, 'ERR_TYPE');
    throws(() => make(times, 0, { t_stop: 3 }), TypeError, 'ERR_TYPE');
    throws(() => new TSEvent([], 0, { tStart: 2, tStop: 1 }), RangeError, 'ERR_VALUE');
    throws(() => new TSEvent(times, 0, [3] as never), TypeError, 'ERR_TYPE');
  });
});

describe('TSEvent: properties', () => {
  const make = () => new TSEvent(times, [0, 1, 2], { tStop: 3, numChannels: 4 });

  it('assigns channels, which raise the number of channels and never lower it', () => {
    const series = make();
    series.channels = [5, 0, 1];
    assert.equal(series.numChannels, 6);
    series.channels = 1;
    assert.deepEqual([...series.channels], [1, 1, 1]);
    series.channels = [2];
    assert.deepEqual([...series.channels], [2, 2, 2]);
    assert.equal(series.numChannels, 6);
    throws(() => (series.channels = [0, 1]), RangeError, 'ERR_SHAPE');
    throws(() => (series.channels = [0, -1, 1]), RangeError, 'ERR_VALUE');
    assert.deepEqual([...series.channels], [2, 2, 2]);
  });

  it('assigns the number of channels, more than the largest id', () => {
    const series = make();
    series.numChannels = 3;
    assert.equal(series.numChannels, 3);
    throws(() => (series.numChannels = 2), RangeError, 'ERR_VALUE');
    throws(() => (series.numChannels = 3.5), RangeError, 'ERR_VALUE');
    throws(() => (series.numChannels = 'x' as never), TypeError, 'ERR_TYPE');
  });

  it('assigns times, which widen the extent', () => {
    const series = make();
    series.times = [20, 21, 1e6];
    assert.deepEqual([series.tStart, series.tStop], [0.5, 1000000.0000000001]);
    assert.ok(series.tStop > 1e6);
    throws(() => (series.times = [1, 2]), RangeError, 'ERR_SHAPE');
    throws(() => (series.times = [3, 2, 1]), RangeError, 'ERR_VALUE');
  });

  it('assigns the end, later than the last event', () => {
    const series = make();
    series.tStop = 2.5;
    assert.equal(series.tStop, 2.5000000000000004);
    series.tStop = 2.5 - 1e-10;
    assert.equal(series.tStop, 2.5000000000000004);
    throws(() => (series.tStop = 2.4), RangeError, 'ERR_VALUE');
  });

  it('hands out live arrays that copies do not share', () => {
    const series = make();
    const copy = series.copy();
    series.channels[0] = 3;
    series.times[0] = 0.75;
    assert.deepEqual([series.channels[0], series.times[0]], [3, 0.75]);
    assert.deepEqual([copy.channels[0], copy.times[0]], [0, 0.5]);
    const late = series.copy();
    late.channels[1] = 2;
    series.channels[2] = 0;
    assert.deepEqual([...series.channels], [3, 1, 0]);
    assert.deepEqual([...late.channels], [3, 2, 2]);
    const moved = series.delay(1);
    moved.channels[0] = 1;
    assert.equal(series.channels[0], 3);
    assert.deepEqual(series.events().channels, Int32Array.of(3, 1, 0));
  });

  it('survives whatever is written into its arrays', () => {
    const series = make();
    series.channels[0] = -7;
    series.channels[1] = 2 ** 31 - 1;
    series.times[2] = NaN;
    series.times[0] = 1e300;
    for (const fn of [
      () => series.raster({ dt: 0.1, numTimesteps: 30 }),
      () => series.raster({ dt: 0.1, numTimesteps: 30, channels: [1, 2, 2] }),
      () => series.raster({ dt: 0.1, tStop: 3 }),
      () => series.events(),
      () => series.merge([series, make()], { removeDuplicates: true }),
      () => series.pick([2, 0]),
      () => series.clip({ tStart: 0, remapChannels: true }),
      () => series.remapChannels([0, 1, 2, 3]),
      () => series.copy().appendC(series),
      () => [...series],
    ]) {
      try {
        codesDuring<unknown>(fn);
      } catch (error) {
        assert.match((error as { code: string }).code, /^ERR_(VALUE|INDEX)$/);
      }
    }
  });
});
