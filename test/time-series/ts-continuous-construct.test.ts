import assert from 'node:assert/strict';
import {
  setWarningHandler,
  TSContinuous,
  TimeSeries,
  setGlobalTsPlottingBackend,
  getGlobalTsPlottingBackend,
} from 'rockpool-node';

describe('new TSContinuous', () => {
  it('takes times and samples, alone or in one object', () => {
    for (const ts of [
      new TSContinuous([0, 1], [2, 3], { tStop: 2, name: 'x', units: 'V' }),
      new TSContinuous({ times: [0, 1], samples: [2, 3], tStop: 2, name: 'x', units: 'V' }),
    ]) {
      assert.deepEqual([ts.tStart, ts.tStop, ts.duration, ts.length, ts.numChannels], [0, 2, 2, 2, 1]);
      assert.deepEqual([ts.name, ts.units, ts.interpKind, ts.fillValue], ['x', 'V', 'linear', 'extrapolate']);
      assert.ok(ts instanceof TimeSeries);
    }
  });

  it('is empty without times', () => {
    const ts = new TSContinuous();
    assert.deepEqual([ts.tStart, ts.tStop, ts.length, ts.numChannels, ts.name], [0, 0, 0, 0, 'unnamed']);
    assert.ok(ts.isEmpty());
    assert.equal(new TSContinuous({ numChannels: 3, tStart: 1, tStop: 2 }).numChannels, 3);
  });

  it('shapes samples', () => {
    const shape = (times: number[], samples: unknown) => new TSContinuous(times, samples as number[]).samples.shape;
    assert.deepEqual(shape([0], 5), [1, 1]);
    assert.deepEqual(shape([0], [1, 2, 3]), [1, 3]);
    assert.deepEqual(shape([0, 1], [1, 2]), [2, 1]);
    assert.deepEqual(shape([0, 1], [1, 2, 3, 4]), [2, 2]);
    assert.deepEqual(shape([0, 1], [[1, 2, 3, 4]]), [2, 2]);
    assert.deepEqual(shape([0, 1], [[1], [2]]), [2, 1]);
    assert.deepEqual(shape([], []), [0, 0]);
    for (const [times, samples] of [
      [
        [0, 1],
        [1, 2, 3],
      ],
      [[], [1]],
      [
        [0, 1],
        [[1], [2], [3]],
      ],
      [
        [0, 1],
        [[[1]], [[2]]],
      ],
      [[0, 1], []],
    ] as [number[], number[]][]) {
      assert.throws(() => new TSContinuous(times, samples), { code: 'ERR_SHAPE' });
    }
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => new TSContinuous([1, 0], [0, 0]), { code: 'ERR_VALUE', name: 'RangeError' });
    assert.throws(() => new TSContinuous([0, NaN], [0, 0]), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, Infinity], [0, 0]), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1]), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1], [0, 0], { tStart: 0.5 }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1], [0, 0], { tStop: 0.5 }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1], [0, 0], { tStop: NaN }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1], [0, 0], { numChannels: 2 }), { code: 'ERR_SHAPE' });
    assert.throws(() => new TSContinuous([0], [0], { interpolation: 'x' } as never), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous('0' as never, [0]), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous([0], ['x'] as never), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous([0], [0], { periodic: 1 as never }), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous({ times: [0] } as never, [0]), { code: 'ERR_TYPE' });
  });

  it('snaps an end that is short by less than a nanosecond', () => {
    assert.equal(new TSContinuous([0, 1], [0, 0], { tStop: 1 - 5e-10 }).tStop, 1);
    assert.equal(new TSContinuous([0, 1], [0, 0], { tStart: 5e-10 }).tStart, 0);
  });

  it('copies what it is given', () => {
    const times = Float64Array.of(0, 1);
    const samples = Float64Array.of(2, 3);
    const ts = new TSContinuous(times, samples);
    times[1] = 9;
    samples[1] = 9;
    assert.deepEqual([ts.times[1], ts.samples.get(1, 0)], [1, 3]);
    const copy = ts.copy();
    ts.times[1] = 5;
    ts.samples.set(1, 0, 5);
    assert.deepEqual([copy.times[1], copy.samples.get(1, 0)], [1, 3]);
  });
});

describe('TSContinuous.fromClocked', () => {
  it('places sample k at k * dt + tStart and ends one step after the last', () => {
    const ts = TSContinuous.fromClocked(new Float64Array(200), 0.1, { tStart: 1, name: 'c' });
    assert.equal(ts.tStop, 21);
    assert.equal(ts.times[3], 3 * 0.1 + 1);
    assert.equal(ts.interpKind, 'previous');
    assert.deepEqual(TSContinuous.fromClocked([[1, 2, 3]], { dt: 1 }).samples.shape, [1, 3]);
    assert.deepEqual(TSContinuous.fromClocked(4, 1).samples.shape, [1, 1]);
  });

  it('is undone by toClocked', () => {
    for (const dt of [1e-6, 1e-3, 0.1, 0.3, 1, 7]) {
      for (const tStart of [0, 0.3, 17.7, 1e4]) {
        const samples = Float64Array.from({ length: 400 }, (_, i) => i);
        const back = TSContinuous.fromClocked(samples, dt, { tStart }).toClocked(dt);
        assert.deepEqual(back.shape, [400, 1]);
        assert.deepEqual(back.data, samples);
      }
    }
    assert.deepEqual(new TSContinuous([1], [5]).toClocked(0.1).toArray(), [[5]]);
    assert.deepEqual(new TSContinuous({ numChannels: 2, tStop: 1 }).toClocked(0.5).shape, [2, 2]);
  });

  it('refuses wrong arguments', () => {
    assert.throws(() => TSContinuous.fromClocked([], 1), { code: 'ERR_TYPE' });
    assert.throws(() => TSContinuous.fromClocked(null as never, 1), { code: 'ERR_TYPE' });
    assert.throws(() => TSContinuous.fromClocked([1], 0), { code: 'ERR_VALUE' });
    assert.throws(() => TSContinuous.fromClocked([1], undefined as never), { code: 'ERR_TYPE' });
    assert.throws(() => TSContinuous.fromClocked([1], 1).toClocked(-1), { code: 'ERR_VALUE' });
    assert.throws(() => TSContinuous.fromClocked([1], 1).toClocked(1e-300), { code: 'ERR_VALUE' });
  });
});

describe('properties of TSContinuous', () => {
  it('widens the extent for new times, and keeps them in order', () => {
    const ts = new TSContinuous([0, 1], [2, 3], { tStart: -1, tStop: 2 });
    ts.times = [-3, 5];
    assert.deepEqual([ts.tStart, ts.tStop], [-3, 5]);
    assert.equal(ts.at(1)[0], 2.5);
    assert.throws(() => (ts.times = [0] as never), { code: 'ERR_SHAPE' });
    assert.throws(() => (ts.times = [1, 0] as never), { code: 'ERR_VALUE' });
  });

  it('keeps limits around the samples', () => {
    const ts = new TSContinuous([0, 1], [2, 3]);
    ts.tStart = -1;
    ts.tStop = 2;
    assert.equal(ts.duration, 3);
    ts.tStart = 5e-10;
    ts.tStop = 1 - 5e-10;
    assert.deepEqual([ts.tStart, ts.tStop], [0, 1]);
    assert.throws(() => (ts.tStart = 0.1), { code: 'ERR_VALUE' });
    assert.throws(() => (ts.tStop = 0.9), { code: 'ERR_VALUE' });
    assert.throws(() => (ts.tStop = '1' as never), { code: 'ERR_TYPE' });
  });

  it('names itself', () => {
    const ts = new TSContinuous();
    ts.name = 'n';
    assert.equal(ts.name, 'n');
    ts.name = null;
    assert.equal(ts.name, 'unnamed');
  });

  it('has the smallest and the largest sample, NaN left out', () => {
    const ts = new TSContinuous(
      [0, 1],
      [
        [1, NaN],
        [-5, 3],
      ],
    );
    assert.deepEqual([ts.min, ts.max], [-5, 3]);
    assert.ok(Number.isNaN(new TSContinuous([0], [NaN]).max));
    assert.throws(() => new TSContinuous().max, { code: 'ERR_SHAPE' });
  });

  it('moves', () => {
    const ts = new TSContinuous([1, 2], [5, 6], { tStop: 3 });
    const later = ts.delay(1.5);
    assert.deepEqual([...later.times, later.tStart, later.tStop], [2.5, 3.5, 2.5, 4.5]);
    assert.equal(ts.tStart, 1);
    assert.equal(ts.startAtZero().tStart, 0);
    assert.equal(ts.startAt(-2, { inplace: true }), ts);
    assert.deepEqual([...ts.times, ts.tStop], [-2, -1, 0]);
    const empty = new TSContinuous({ tStop: 1 }).delay(2);
    assert.deepEqual([empty.tStart, empty.tStop], [2, 3]);
  });

  it('keeps the start times of trials', () => {
    const ts = new TSContinuous([0], [0]);
    ts.trialStartTimes = Float64Array.of(1, 2);
    assert.deepEqual(ts.copy().trialStartTimes, Float64Array.of(1, 2));
  });

  it('knows its plotting backend', () => {
    const ts = new TSContinuous();
    assert.equal(ts.plottingBackend, null);
    setGlobalTsPlottingBackend('svg', { verbose: false });
    assert.equal(ts.plottingBackend, 'svg');
    ts.setPlottingBackend('vega-lite', { verbose: false });
    assert.equal(ts.plottingBackend, 'vega-lite');
    setGlobalTsPlottingBackend(null, { verbose: false });
    assert.equal(getGlobalTsPlottingBackend(), null);
    assert.throws(() => ts.setPlottingBackend('mpl'), { code: 'ERR_BACKEND' });
    assert.throws(() => ts.setPlottingBackend('gnuplot'), { code: 'ERR_VALUE' });
  });

  it('makes series of trusted parts, with times made when they are asked for', () => {
    const samples = Float64Array.of(1, 2, 3);
    const ts = TSContinuous.clockedTrusted({
      samples,
      numChannels: 1,
      t0: 0.5,
      dt: 0.25,
      first: 2,
      n: 3,
      tStart: 1,
      tStop: 1.75,
    });
    assert.equal(ts.samples.data, samples);
    assert.deepEqual(Array.from(ts.sample([1, 1.3, 1.75]).data), [1, 2, 3]);
    assert.equal(ts.samplerArgs()[0], null);
    assert.deepEqual(Array.from(ts.times), [1, 1.25, 1.5]);
    ts.times[2] = 1.6; // the array counts from now on
    assert.equal(ts.at(1.55)[0], 2);
    const times = Float64Array.of(0, 1, 2);
    const other = TSContinuous.fromTrusted({ times, samples, numChannels: 1, tStart: 0, tStop: 2, name: 'y' });
    assert.equal(other.at(1.5)[0], 2);
    assert.equal(other.name, 'y');
  });

  it('prints as the original does', () => {
    const ts = new TSContinuous(
      [0, 0.1],
      [
        [0.7, -0.8],
        [1.25, NaN],
      ],
    );
    assert.equal(String(ts), 'non-periodic TSContinuous object `unnamed` from t=0.0 to 0.1. Samples: 2. Channels: 2');
    assert.equal(
      String(new TSContinuous({ name: 'e' })),
      'Empty TSContinuous object `e` from t=0.0 to 0.0. Samples: 0. Channels: 0',
    );
    assert.deepEqual(ts.describe({}).split('\n').slice(1), ['0.0: \t [ 0.7 -0.8]', '0.1: \t [1.25  nan]']);
    const long = TSContinuous.fromClocked(
      Float64Array.from({ length: 12 }, (_, i) => i),
      { dt: 1e-5, periodic: true },
    );
    assert.deepEqual(long.describe({ numFirst: 1, numLast: 2 }).split('\n').slice(1), [
      '0.0: \t [0.]',
      '\t...',
      '0.0001: \t [10.]',
      '0.00011: \t [11.]',
      '\t (...periodic...)',
    ]);
    assert.equal(long.describe({ limitShorten: 12 }).split('\n').length, 14);
    assert.equal(long.describe({ full: true }).split('\n').length, 14);
    assert.throws(() => long.describe({ numFirst: -1 }), { code: 'ERR_VALUE' });
  });

  it('iterates over times and rows', () => {
    const ts = new TSContinuous(
      [0, 1],
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.deepEqual(
      [...ts],
      [
        [0, Float64Array.of(1, 2)],
        [1, Float64Array.of(3, 4)],
      ],
    );
  });
});

after(() => setWarningHandler(null));
