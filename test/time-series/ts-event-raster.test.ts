import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NdArray, TSEvent } from 'rockpool-node';
import { codesDuring } from './warnings.js';

describe('TSEvent: raster', () => {
  const seven = (periodic: boolean) =>
    new TSEvent([0, 1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1, 0], { tStop: 7, periodic });

  it('has a row for each step and a column for each channel', () => {
    const series = new TSEvent([0, 30], 0, { tStop: 31, numChannels: 4 });
    assert.deepEqual(series.raster({ dt: 1 }).shape, [31, 4]);
    const two = new TSEvent([1], 0, { tStart: 0, tStop: 2 });
    assert.deepEqual(two.raster({ dt: 0.9 }).shape, [3, 1]);
    assert.deepEqual(two.raster({ dt: 1.1 }).shape, [2, 1]);
    assert.deepEqual(two.raster(1, { addEvents: true }).toArray(), [[0], [1]]);
  });

  it('is empty outside of the extent, or repeats', () => {
    const plain = seven(false).raster({ dt: 1, tStart: 0, tStop: 10 });
    const repeated = seven(true).raster({ dt: 1, tStart: 0, tStop: 10 });
    assert.deepEqual(plain.toArray(), [...rows(repeated).slice(0, 7), [0, 0], [0, 0], [0, 0]]);
    assert.deepEqual(rows(repeated).slice(7), rows(repeated).slice(0, 3));
    assert.deepEqual(rows(seven(true).raster({ dt: 1, tStart: -7, numTimesteps: 3 })), rows(repeated).slice(0, 3));
  });

  it('puts an event at an edge into the later bin', () => {
    const series = new TSEvent([0.3], 0, { tStart: 0, tStop: 1 });
    assert.deepEqual(
      series.raster({ dt: 0.1 }).data,
      Uint8Array.from({ length: 10 }, (_, i) => Number(i === 3)),
    );
    const edges = new TSEvent([0.1, 0.2, 0.3, 0.6, 0.7], 0, { tStart: 0, tStop: 1 });
    assert.deepEqual([...edges.raster({ dt: 0.1, addEvents: true }).data], [0, 1, 1, 1, 0, 0, 1, 1, 0, 0]);
  });

  it('gives exactly as many rows as asked for', () => {
    const series = new TSEvent([0.05, 0.12], [0, 1], { tStart: 0, tStop: 1 });
    for (let n = 0; n < 40; n++) assert.deepEqual(series.raster({ dt: 0.1, numTimesteps: n }).shape, [n, 2]);
    for (const tStart of [0.021, 1e4, -3.3]) {
      assert.equal(series.raster({ dt: 1e-3, tStart, numTimesteps: 1 }).shape[0], 1);
    }
  });

  it('loses no event up to the own end', () => {
    const series = new TSEvent([0.05, 1.7], [0, 1], { tStart: 0, tStop: 1.7000000000000002 });
    assert.deepEqual(series.raster({ dt: 0.1 }).shape, [18, 2]);
    assert.equal(series.raster({ dt: 0.1, tStop: series.tStop }).data.at(-1), 1);
    assert.equal(new TSEvent([0.5], 0, { tStart: 0, tStop: 0.5000000000000001 }).raster({ dt: 0.5 }).shape[0], 2);
  });

  it('leaves out events from the end on', () => {
    const series = new TSEvent([0.1, 0.24, 0.26], 0, { tStart: 0, tStop: 1 });
    const options = { dt: 0.1, addEvents: true } as const;
    assert.deepEqual([...series.raster({ ...options, tStop: 0.25 }).data], [0, 1, 1]);
    assert.deepEqual([...series.raster({ ...options, tStop: 0.26 }).data], [0, 1, 1]);
    assert.deepEqual([...series.raster({ ...options, tStop: 0.27 }).data], [0, 1, 2]);
  });

  it('has columns in the order of the selection, duplicates included', () => {
    const series = new TSEvent([0.05, 0.15, 0.25, 0.35], [0, 1, 2, 1], { tStart: 0, tStop: 0.4, numChannels: 4 });
    const select = (channels: number[] | number) => series.raster({ dt: 0.1, channels }).toArray();
    assert.deepEqual(select([2, 1]), [
      [0, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    assert.deepEqual(select([1, 3, 1]), [
      [0, 0, 0],
      [1, 0, 1],
      [0, 0, 0],
      [1, 0, 1],
    ]);
    assert.deepEqual(select(0), [[1], [0], [0], [0]]);
    assert.deepEqual(series.raster({ dt: 0.1, channels: [] }).shape, [4, 0]);
  });

  it('warns of channels that the series does not have', () => {
    const series = new TSEvent([0], 0, { tStop: 1, numChannels: 2 });
    const { result, codes } = codesDuring(() => series.raster({ dt: 1, channels: [5, 0, 2 ** 31 - 1] }));
    assert.deepEqual(codes, ['RASTER_UNKNOWN_CHANNELS']);
    assert.deepEqual([...result.data], [0, 1, 0]);
    assert.throws(() => series.raster({ dt: 1, channels: [-1] }), { code: 'ERR_INDEX' });
    assert.throws(() => series.raster({ dt: 1, channels: [0.5] }), { code: 'ERR_VALUE' });
  });

  it('warns once when events merge, and counts when asked to', () => {
    const series = new TSEvent([0.1, 0.2, 0.3, 1.5, 1.6], [0, 1, 0, 1, 1], { tStart: 0, tStop: 2 });
    const merged = codesDuring(() => series.raster({ dt: 1 }));
    assert.deepEqual(merged.codes, ['RASTER_EVENTS_MERGED']);
    assert.deepEqual([...merged.result.data], [1, 1, 0, 1]);
    assert.ok(merged.result.data instanceof Uint8Array);
    const counted = codesDuring(() => series.raster({ dt: 1, addEvents: true }));
    assert.deepEqual(counted.codes, []);
    assert.deepEqual(counted.result.data, Uint32Array.of(2, 1, 0, 2));
    assert.deepEqual(codesDuring(() => series.raster({ dt: 0.1 })).codes, []);
  });

  it('rasters empty series', () => {
    assert.deepEqual(new TSEvent().raster({ dt: 1 }).shape, [0, 0]);
    const empty = new TSEvent([], [], { tStop: 1, numChannels: 3 });
    assert.deepEqual(empty.raster({ dt: 0.25 }).toArray(), Array(4).fill([0, 0, 0]));
    assert.deepEqual(empty.raster({ dt: 0.25, tStart: 0.5, numTimesteps: 3, addEvents: true }).shape, [3, 3]);
    empty.periodic = true;
    assert.deepEqual(empty.raster({ dt: 1, tStart: -5, tStop: 5 }).shape, [10, 3]);
  });

  it('refuses wrong arguments', () => {
    const series = seven(false);
    for (const dt of [0, -1, NaN, Infinity]) assert.throws(() => series.raster({ dt }), { code: 'ERR_VALUE' });
    for (const dt of ['1', null, undefined])
      assert.throws(() => series.raster({ dt: dt as never }), { code: 'ERR_TYPE' });
    assert.throws(() => series.raster({ dt: 1, tStop: 3, numTimesteps: 2 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.raster({ dt: 1, tStart: 5, tStop: 3 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.raster({ dt: 1, numTimesteps: -1 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.raster({ dt: 1, numTimesteps: 1.5 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.raster({ dt: 1, add_events: true } as never), { code: 'ERR_TYPE' });
    assert.throws(() => series.raster({ dt: 1, addEvents: 1 as never }), { code: 'ERR_TYPE' });
    assert.throws(() => series.raster({ dt: 1e-300 }), { code: 'ERR_VALUE' });
    assert.throws(() => series.raster({ dt: 1e-12 }), { code: 'ERR_NOMEM' });
  });

  it('is the same computed off the event loop', async () => {
    const series = seven(true);
    for (const addEvents of [false, true]) {
      const options = { dt: 0.4, tStart: -3, tStop: 20, channels: [1, 0, 1], addEvents };
      assert.deepEqual(await series.rasterAsync(options), series.raster(options));
    }
    await assert.rejects(series.rasterAsync({ dt: 1, signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    await assert.rejects(series.rasterAsync({ dt: 0 }), { code: 'ERR_VALUE' });
    const started = series.rasterAsync({ dt: 1 });
    series.clip(1, 3, { inplace: true });
    assert.deepEqual(await started, seven(true).raster({ dt: 1 }));
    const long = new TSEvent([0.25], 0, { tStart: 0, tStop: 0.5, periodic: true });
    const abort = new AbortController();
    const running = long.rasterAsync({ dt: 1e8, numTimesteps: 4, signal: abort.signal });
    setTimeout(() => abort.abort(), 20);
    await assert.rejects(running, { code: 'ERR_ABORTED' });
  });

  it('yields row after row', () => {
    const series = seven(true);
    const options = { dt: 1, tStart: -2, tStop: 1e5, addEvents: true };
    const matrix = series.raster(options);
    let k = 0;
    for (const row of series.rasterRows(options)) assert.deepEqual(row, matrix.row(k++));
    assert.equal(k, 100002);
    assert.deepEqual([...series.xraster({ dt: 2 })].length, 4);
    assert.throws(() => series.rasterRows({ dt: 0 }), { code: 'ERR_VALUE' });
    const lazy = series.rasterRows({ dt: 1 });
    series.clip(3, 4, { inplace: true });
    assert.equal([...lazy].length, 7);
    assert.deepEqual(codesDuring(() => [...seven(true).rasterRows({ dt: 1, tStop: 1e6 })]).codes, []);
    const merging = new TSEvent([0, 0], 0, { tStop: 1, periodic: true });
    assert.deepEqual(codesDuring(() => [...merging.rasterRows({ dt: 1, tStop: 2e5 })]).codes, ['RASTER_EVENTS_MERGED']);
  });

  it('agrees with binning one event after another', () => {
    const exact = { noNaN: true, noDefaultInfinity: true };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 9.99, ...exact }), fc.nat(4)), { maxLength: 60 }),
        fc.double({ min: 0.01, max: 3, ...exact }),
        (events, dt) => {
          events.sort((x, y) => x[0] - y[0]);
          const series = new TSEvent(
            events.map((e) => e[0]),
            events.map((e) => e[1]),
            { tStart: 0, tStop: 10, numChannels: 5 },
          );
          const { data, shape } = series.raster({ dt, addEvents: true });
          const expected = new Uint32Array(data.length);
          for (const [t, c] of events) {
            const x = t / dt;
            const r = Math.round(x);
            const at = (Math.abs(x - r) <= 1e-6 ? r : Math.floor(x)) * 5 + c;
            expected[at] = expected[at] + 1;
          }
          assert.deepEqual([data, shape[1]], [expected, 5]);
        },
      ),
    );
  });
});

describe('TSEvent: fromRaster', () => {
  it('puts events into the middle or at the start of their step', () => {
    const series = TSEvent.fromRaster(
      [
        [2, 1],
        [0, 1],
      ],
      { dt: 0.5, tStart: 1 },
    );
    assert.deepEqual([...series.times], [1.25, 1.25, 1.25, 1.75]);
    assert.deepEqual([...series.channels], [0, 0, 1, 1]);
    assert.deepEqual([series.tStart, series.tStop, series.numChannels], [1, 2, 2]);
    const start = TSEvent.fromRaster(
      [
        [2, 1],
        [0, 1],
      ],
      0.5,
      { spikesAtBinStart: true, name: 's', periodic: true },
    );
    assert.deepEqual([...start.times], [0, 0, 0, 0.5]);
    assert.deepEqual([start.name, start.periodic, start.tStop], ['s', true, 1]);
  });

  it('takes vectors, truth values and all number types', () => {
    assert.deepEqual([...TSEvent.fromRaster([1, 0, 2]).times], [0.5, 2.5, 2.5]);
    assert.equal(TSEvent.fromRaster([[1], [0], [1]]).numChannels, 1);
    assert.deepEqual(
      [
        ...TSEvent.fromRaster([
          [true, false],
          [false, true],
        ]).channels,
      ],
      [0, 1],
    );
    assert.deepEqual([...TSEvent.fromRaster([true, false, true]).times], [0.5, 2.5]);
    for (const Type of [Uint8Array, Uint32Array, Int32Array, Float32Array, Float64Array]) {
      const matrix = new NdArray(Type.of(0, 2, 1, 0, 0, 3), [2, 3]);
      assert.deepEqual([...TSEvent.fromRaster(matrix).channels], [1, 1, 2, 2, 2, 2]);
      assert.deepEqual([...TSEvent.fromRaster(Type.of(0, 2)).times], [1.5, 1.5]);
    }
    const empty = TSEvent.fromRaster(NdArray.zeros([0, 3]), { dt: 1 });
    assert.deepEqual([empty.length, empty.numChannels, empty.tStop], [0, 3, 0]);
    assert.deepEqual(TSEvent.fromRaster(NdArray.zeros([4, 3])).tStop, 4);
    assert.deepEqual(TSEvent.fromRaster(NdArray.zeros([4, 0])).raster({ dt: 1 }).shape, [4, 0]);
  });

  it('refuses what is no raster', () => {
    for (const bad of [[[-1]], [[0.5]], [[NaN]], [[Infinity]]]) {
      assert.throws(() => TSEvent.fromRaster(bad), { code: 'ERR_VALUE' });
    }
    assert.throws(() => TSEvent.fromRaster(Int32Array.of(0, -1)), { code: 'ERR_VALUE' });
    assert.throws(() => TSEvent.fromRaster([[[1]]]), { code: 'ERR_SHAPE' });
    assert.throws(() => TSEvent.fromRaster(null as never), { code: 'ERR_TYPE' });
    assert.throws(() => TSEvent.fromRaster([['x']] as never), { code: 'ERR_TYPE' });
    assert.throws(() => TSEvent.fromRaster([1], { dt: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => TSEvent.fromRaster([1, 1], { dt: 1, tStop: 1 }), { code: 'ERR_VALUE' });
    assert.throws(() => TSEvent.fromRaster([[0, 1]], { numChannels: 1 }), { code: 'ERR_VALUE' });
    assert.throws(() => TSEvent.fromRaster([1], { step: 1 } as never), { code: 'ERR_TYPE' });
  });

  it('is the inverse of raster', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.nat(3), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 200 }),
        fc.oneof(fc.constantFrom(1e-6, 1e-4, 1e-3, 3e-3, 0.1, 0.7, 1), fc.double({ min: 1e-6, max: 10, noNaN: true })),
        fc.oneof(fc.constantFrom(0, 0.3, 17.7, -1, 1e4), fc.double({ min: -1000, max: 1000, noNaN: true })),
        fc.boolean(),
        (matrix, dt, tStart, spikesAtBinStart) => {
          const series = TSEvent.fromRaster(matrix, { dt, tStart, spikesAtBinStart });
          assert.deepEqual(series.raster({ dt, addEvents: true }).toArray(), matrix);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('cut anywhere, a raster loses no event and gives none twice', () => {
    const dt = 0.1;
    const series = TSEvent.fromRaster(new NdArray(new Uint8Array(1000).fill(1), [1000, 1]), {
      dt,
      spikesAtBinStart: true,
    });
    for (let k = 0; k < 1000; k += 7) {
      const count = (tStart: number, numTimesteps: number) =>
        series.raster({ dt, tStart, numTimesteps, addEvents: true }).data.reduce((sum, n) => sum + n, 0);
      assert.equal(count(0, k) + count(k * dt, 1000 - k), 1000);
    }
  });
});

function rows(matrix: NdArray): unknown[] {
  return matrix.toArray() as unknown[];
}
