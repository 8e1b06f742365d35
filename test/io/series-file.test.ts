import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { loadTsFromFile, loadTsFromFileSync, NdArray, TimeSeries, TSContinuous, TSEvent } from 'rockpool-node';
import { readNpzSync, writeNpzSync } from 'rockpool-node/io';
import { fixture, isFileError, useFolder, warningsOf } from './helpers.js';

const everything = (ts: TSContinuous) => ({
  times: ts.times,
  samples: ts.samples,
  tStart: ts.tStart,
  tStop: ts.tStop,
  periodic: ts.periodic,
  name: ts.name,
  units: ts.units,
  interpKind: ts.interpKind,
  fillValue: ts.fillValue,
  flags: [ts.beyondRangeException, ts.approxLimitTimes],
  trials: ts.trialStartTimes,
});

const allOfEvents = (ts: TSEvent) => ({
  times: ts.times,
  channels: ts.channels,
  numChannels: ts.numChannels,
  tStart: ts.tStart,
  tStop: ts.tStop,
  periodic: ts.periodic,
  name: ts.name,
  trials: ts.trialStartTimes,
});

describe('files of time series', () => {
  const folder = useFolder();

  for (const version of ['1.0.8', '1.1.0', '3.1.0']) {
    it(`reads what the original ${version} wrote`, async () => {
      let series!: TSContinuous;
      const warnings = await warningsOf(async () => {
        series = await TSContinuous.load(fixture(`series/continuous-${version}.npz`));
      });
      // 1.0 stored a Python object for trial times that are not set.
      assert.deepEqual(
        warnings.map((w) => w.code),
        version === '1.0.8' ? ['FILE_FIELD_SKIPPED'] : [],
      );
      assert.deepEqual(everything(series), {
        times: Float64Array.of(0.5, 1.25, 2, 3.5),
        samples: new NdArray(Float64Array.of(1, -1, 2, -2, 3.5, -3.5, 4, NaN), [4, 2]),
        tStart: 0.25,
        tStop: 4,
        periodic: true,
        name: 'sine ä/1',
        units: null,
        interpKind: 'linear',
        fillValue: 'extrapolate',
        flags: [true, true],
        trials: null,
      });
      assert.deepEqual(allOfEvents(TSEvent.loadSync(fixture(`series/events-${version}.npz`))), {
        times: Float64Array.of(0.1, 0.1, 0.75, 2),
        channels: Int32Array.of(2, 0, 1, 2),
        numChannels: 4,
        tStart: 0,
        tStop: 2.5,
        periodic: false,
        name: 'spikes',
        trials: Float64Array.of(0, 1),
      });
    });
  }

  it('loses nothing of a continuous series', async () => {
    const fills = [
      fc.constant('extrapolate' as const),
      fc.double({ noNaN: true }),
      fc.constant(Float64Array.of(1, 2)),
      fc.constant({ below: 1, above: Float64Array.of(2, 3) }),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { maxLength: 20 }),
        fc.double(),
        fc.record({
          name: fc.string({ unit: 'grapheme', maxLength: 20 }).map((s) => s.replaceAll('\0', '')),
          units: fc.option(fc.constant('mV/√Hz')),
          periodic: fc.boolean(),
          interpKind: fc.constantFrom('linear' as const, 'previous' as const, 'nearest-up' as const, 0, 1),
          fillValue: fc.oneof(...fills),
          beyondRangeException: fc.boolean(),
          approxLimitTimes: fc.boolean(),
        }),
        async (times, sample, options) => {
          const sorted = Float64Array.from(times).sort();
          const samples = NdArray.zeros([sorted.length, 2]);
          samples.data.fill(sample);
          const series = new TSContinuous(sorted, samples, options);
          series.trialStartTimes = times.length > 3 ? sorted.slice(0, 2) : null;
          await series.save(folder.path('c'));
          assert.deepEqual(everything(await TSContinuous.load(folder.path('c'))), everything(series));
          series.saveSync(folder.path('d.npz'));
          assert.deepEqual(readFileSync(folder.path('c.npz')), readFileSync(folder.path('d.npz')));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('loses nothing of an event series', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.nat(500))),
        fc.boolean(),
        (events, periodic) => {
          events.sort((a, b) => a[0] - b[0]);
          const series = new TSEvent(
            events.map((e) => e[0]),
            events.map((e) => e[1]),
            { tStart: 0, tStop: 101, numChannels: 600, periodic, name: 'e' },
          );
          series.saveSync(folder.path('e'), { dtypeChannels: 'uint16' });
          assert.deepEqual(allOfEvents(TSEvent.loadSync(folder.path('e'))), allOfEvents(series));
        },
      ),
      { numRuns: 40 },
    );
  });

  it('widens the extent when rounded times leave it', () => {
    const series = new TSContinuous([0.3611, 0.9212, 1.5043], [1.1, 2.2, 3.3]);
    series.saveSync(folder.path('c'), { dtypeTimes: 'float32', dtypeSamples: 'float32' });
    const loaded = TSContinuous.loadSync(folder.path('c'));
    assert.equal(loaded.tStart, Math.fround(0.3611)); // below 0.3611
    assert.equal(loaded.tStop, 1.5043); // above the rounded time
    assert.deepEqual(loaded.samples.data, Float64Array.from(Float32Array.of(1.1, 2.2, 3.3)));

    for (const dtypeTimes of ['float16', 'float32', 'float64'] as const) {
      fc.assert(
        fc.property(fc.array(fc.double({ min: -6e4, max: 6e4, noNaN: true }), { minLength: 1 }), (times) => {
          const sorted = Float64Array.from(times).sort();
          new TSEvent(sorted, 0, { tStop: (sorted.at(-1) as number) + 1e-7 }).saveSync(folder.path('e'), {
            dtypeTimes,
          });
          assert.equal(TSEvent.loadSync(folder.path('e')).length, sorted.length);
          new TSContinuous(sorted, sorted).saveSync(folder.path('e'), { dtypeTimes });
          const { tStart, tStop } = TSContinuous.loadSync(folder.path('e'));
          assert.ok(tStart <= sorted[0] && tStop >= (sorted.at(-1) as number));
        }),
        { numRuns: 20 },
      );
    }
    const half = new TSEvent([1], [0], { tStop: 1 + 1e-12 }).toDict({ dtypeTimes: 'float32' });
    assert.equal(half.t_stop, Math.fround(1 + Math.fround(1e-6)));
  });

  it('saves empty series in reduced precision', () => {
    new TSEvent({ numChannels: 3, tStart: 1, tStop: 2 }).saveSync(folder.path('e'), {
      dtypeTimes: 'float32',
      dtypeChannels: 'int8',
    });
    const events = TSEvent.loadSync(folder.path('e'));
    assert.deepEqual([events.length, events.numChannels, events.tStart, events.tStop], [0, 3, 1, 2]);
    new TSContinuous({ numChannels: 4 }).saveSync(folder.path('c'), { dtypeTimes: 'float16', dtypeSamples: 'float16' });
    assert.equal(TSContinuous.loadSync(folder.path('c')).numChannels, 4);
  });

  it('refuses types that do not hold the values', () => {
    const events = new TSEvent([1], [200], { tStop: 2 });
    assert.throws(() => events.saveSync(folder.path('e'), { dtypeChannels: 'int8' }), { code: 'ERR_VALUE' });
    assert.throws(() => events.toDict({ dtypeChannels: 'float32' }), { code: 'ERR_VALUE' });
    assert.throws(() => events.toDict({ dtypeTimes: 'int32' }), { code: 'ERR_VALUE' });
    assert.throws(() => events.toDict({ dtypeSamples: 'float32' } as never), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous([1e39], [1]).saveSync(folder.path('e'), { dtypeTimes: 'float32' }), {
      code: 'ERR_VALUE',
    });
    assert.deepEqual(folder.names(), []);
  });

  it('toDict has the fields of the original', () => {
    const series = new TSContinuous(
      [0, 1],
      [
        [1, 2],
        [3, 4],
      ],
      { tStop: 1.5, name: 'p0', interpKind: 'previous', units: 'mV' },
    );
    const dict = series.toDict();
    assert.deepEqual(Object.keys(dict), [
      'times',
      'samples',
      't_start',
      't_stop',
      'interp_kind_previous',
      'periodic',
      'name_p0',
      'type_TSContinuous',
    ]);
    assert.deepEqual(dict.samples, series.samples);
    assert.notEqual((dict.samples as NdArray).data, series.samples.data);
    assert.deepEqual([dict.t_start, dict.t_stop, dict.periodic], [0, 1.5, false]);
    const events = new TSEvent([0.5], [1], { tStop: 1 }).toDict({ dtypeTimes: 'float16' });
    assert.deepEqual(Object.keys(events), [
      'times',
      'channels',
      't_start',
      't_stop',
      'periodic',
      'num_channels',
      'name_unnamed',
      'type_TSEvent',
    ]);
    assert.deepEqual(events.channels, new NdArray(Int32Array.of(1), [1]));
    assert.equal(events.num_channels, 2);
  });

  it('knows which class a file holds', async () => {
    const path = folder.path('c.npz');
    new TSContinuous([0], [1]).saveSync(path);
    assert.ok((await loadTsFromFile(path)) instanceof TSContinuous);
    assert.ok(TimeSeries.loadSync(path, { expectedType: 'TSContinuous' }) instanceof TSContinuous);
    assert.ok(loadTsFromFileSync(readFileSync(path)) instanceof TSContinuous);
    assert.throws(() => loadTsFromFileSync(path, { expectedType: 'TSEvent' }), { name: 'TypeError', code: 'ERR_TYPE' });
    await assert.rejects(TSEvent.load(path), { name: 'TypeError', code: 'ERR_TYPE' });
    assert.throws(() => TSContinuous.loadSync(path, { expectedType: 'TSContinuous' } as never), {
      name: 'TypeError',
      code: 'ERR_TYPE',
    });
    assert.throws(() => loadTsFromFileSync(path, { expectedType: 'Other' as never }), { code: 'ERR_VALUE' });

    writeNpzSync(folder.path('anonymous'), { times: [1], samples: [[1]] });
    assert.throws(() => loadTsFromFileSync(folder.path('anonymous')), isFileError);
    const warnings = await warningsOf(() => {
      const series = loadTsFromFileSync(folder.path('anonymous'), { expectedType: 'TSContinuous' }) as TSContinuous;
      assert.deepEqual([series.name, series.interpKind], ['unnamed', 'linear']);
    });
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['FILE_TYPE_ASSUMED'],
    );
  });

  it('accepts events at the end of the extent, as 1.0 stored them', () => {
    writeNpzSync(folder.path('old'), {
      times: [1, 2],
      channels: [0, 1],
      t_start: 0,
      t_stop: 2,
      periodic: false,
      num_channels: 2,
      str_type: 'TSEvent',
      name: 'old',
    });
    const series = TSEvent.loadSync(folder.path('old'));
    assert.equal(series.length, 2);
    assert.ok(series.tStop > 2 && series.tStop < 2 + 1e-12);
  });

  it('answers contents that make no series with ERR_FILE', () => {
    const good = {
      times: [1, 2],
      samples: [[1], [2]],
      t_start: 0,
      t_stop: 3,
      periodic: false,
      type_TSContinuous: [] as number[],
    };
    const bad: Record<string, unknown>[] = [
      { times: [2, 1] },
      { times: [NaN, 1] },
      { samples: [[1]] },
      { samples: 'text' },
      { t_start: 1.5 },
      { t_stop: NaN },
      { interp_kind: 'wavy' },
      { rp_fill_value: [1, 2, 3] },
      { str_type: 'TSOther' },
    ];
    for (const change of bad) {
      writeNpzSync(folder.path('bad'), { ...good, ...change });
      assert.throws(
        () => loadTsFromFileSync(folder.path('bad')),
        (e) => isFileError(e, /bad\.npz/),
        JSON.stringify(change),
      );
    }
    writeNpzSync(folder.path('bad'), { times: [1], samples: [1], type_TSContinuous: [] });
    assert.equal(loadTsFromFileSync(folder.path('bad')).length, 1);
    writeNpzSync(folder.path('bad'), { times: [1], channels: [-1], type_TSEvent: [] });
    assert.throws(() => loadTsFromFileSync(folder.path('bad')), isFileError);
    writeNpzSync(folder.path('bad'), { times: [1], type_TSEvent: [] });
    assert.throws(
      () => loadTsFromFileSync(folder.path('bad')),
      (e) => isFileError(e, /no array 'channels'/),
    );
  });

  it('keeps names that make trouble', () => {
    for (const name of ['', '/', '../../x', 'a\\b', 'ü😀', 'type_', 'x.npy', 'n'.repeat(100_000), '__proto__']) {
      new TSEvent({ name }).saveSync(folder.path('n'));
      assert.equal(loadTsFromFileSync(folder.path('n')).name, name);
      assert.ok([...readNpzSync(folder.path('n')).keys()].includes(`name_${name.slice(0, 1000)}`));
    }
  });
});
