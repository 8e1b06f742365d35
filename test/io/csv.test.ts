import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { NdArray, TSContinuous, TSEvent } from 'rockpool-node';
import { readCsv, readCsvHeader, readCsvPieces, readCsvSync, writeCsv, writeCsvSync } from 'rockpool-node/io';
import { isFileError, useFolder } from './helpers.js';

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');
const rows = (value: string, options?: Parameters<typeof readCsvSync>[1]): [number[], unknown] => {
  const series = readCsvSync(text(value), options);
  return [Array.from(series.times), series instanceof TSEvent ? Array.from(series.channels) : series.samples.toArray()];
};

/** Doubles that are hard to write: subnormal, largest, one beyond integers, negative zero, not finite. */
const hard = [
  5e-324,
  1.7976931348623157e308,
  9007199254740993,
  0.1,
  -0,
  1 / 3,
  Infinity,
  -Infinity,
  NaN,
  2 ** -1022,
  123456789.125,
  -1e-7,
];

describe('csv', () => {
  const folder = useFolder();

  it('gives back every double of a continuous series, exactly', async () => {
    const times = hard.map((_, i) => i * 0.1);
    const series = new TSContinuous(times, NdArray.from(hard.map((x, i) => [x, hard[hard.length - 1 - i]])), {
      name: 'hard, "quoted"',
      tStart: -0.3,
      tStop: 7,
      interpKind: 'nearest',
      units: 'mV',
      periodic: true,
    });
    for (const separator of [',', ';', '\t', ' ', '|']) {
      await writeCsv(folder.path('a.csv'), series, { separator, metadata: true });
      const again = await readCsv(folder.path('a.csv'), separator === '|' ? { separator } : {});
      assert.ok(again instanceof TSContinuous);
      assert.deepEqual(again.times, series.times, separator);
      assert.deepEqual(again.samples.data, series.samples.data);
      const facts = (s: TSContinuous) => [s.name, s.tStart, s.tStop, s.interpKind, s.units, s.periodic, s.numChannels];
      assert.deepEqual(facts(again), facts(series));
    }
    writeCsvSync(folder.path('a.csv'), series);
    assert.equal(readFileSync(folder.path('a.csv'), 'utf8').split('\n')[0], 'time,channel0,channel1');
    assert.deepEqual(readCsvSync(folder.path('a.csv')).name, 'a');
    assert.deepEqual(folder.names(), ['a.csv']);
  });

  it('gives back events', async () => {
    const series = new TSEvent([0, 0.1, 0.1, 1 / 3], [5, 0, 3, 2147483646], { tStart: -1, tStop: 2, name: 'spikes' });
    await writeCsv(folder.path('e.csv'), series, { metadata: true });
    const again = await readCsv(folder.path('e.csv'));
    assert.ok(again instanceof TSEvent);
    assert.deepEqual([again.times, again.channels], [series.times, series.channels]);
    assert.deepEqual([again.tStart, again.tStop, again.numChannels, again.name], [-1, 2, 2147483647, 'spikes']);
    writeCsvSync(folder.path('e.csv'), new TSEvent([0.5, 1], [3, 1], { tStop: 2 }));
    assert.equal(readFileSync(folder.path('e.csv'), 'utf8'), 'time,channel\n0.5,3\n1,1\n');
    const plain = readCsvSync(folder.path('e.csv'), { type: 'TSEvent', numChannels: 8, tStop: 5 });
    assert.deepEqual([plain.numChannels, plain.tStop, plain.tStart], [8, 5, 0.5]);
    const empty = new TSEvent({ tStart: 1, tStop: 3, numChannels: 4 });
    writeCsvSync(folder.path('e.csv'), empty, { metadata: true });
    const none = readCsvSync(folder.path('e.csv'));
    assert.deepEqual([none.length, none.tStart, none.tStop, none.numChannels], [0, 1, 3, 4]);
  });

  it('reads what others write', () => {
    const expected = [
      [0, 1],
      [
        [1, 2],
        [3, 4],
      ],
    ];
    assert.deepEqual(rows('0,1,2\n1,3,4'), expected);
    assert.deepEqual(rows('\ufefftime,"a ""b"", c",d\r\n0,1,2\r\n1,3,4\r\n'), expected);
    assert.deepEqual(rows('# a comment\n\n t ;a;b # no comment here \n 0 ; 1 ;+2\n1;3;"4" # the end\n#\n\n'), expected);
    assert.deepEqual(rows('0 1  2\n  1\t3 4  \n', { separator: ' ' }), expected);
    assert.deepEqual(rows('0.000000000000000000e+00 1.0e0 2.\n1e+00 3.0 4.00e+00\n'), expected);
    assert.deepEqual(rows('a\tb\ttime (ms)\n1\t2\t0\n3\t4\t1000\n', { timeUnit: 1e-3 }), expected);
    assert.deepEqual(rows('0,1,2\r1,3,4\r'), expected);
    assert.deepEqual(rows('t,"two\nlines",b\n0,1,2\n1,3,4\n'), expected);
    assert.deepEqual(rows('1,2\n3,4\n', { dt: 1 }), expected);
    assert.deepEqual(rows('x,y\n1,2\n3,4\n', { dt: 0.5, tStart: 3 })[0], [3, 3.5]);
    assert.deepEqual(rows('t,a,b\n0,,NA\n1,nan,4\n', { missing: 'nan' }), [
      [0, 1],
      [
        [NaN, NaN],
        [NaN, 4],
      ],
    ]);
    assert.deepEqual(
      rows('neuron,when,text\n3,0.5,"x, y"\n1,0.25,z\n', {
        type: 'TSEvent',
        timeColumn: 'when',
        channelColumn: 0,
        sort: true,
      }),
      [
        [0.25, 0.5],
        [1, 3],
      ],
    );
    assert.deepEqual(rows('t,a,b,c\n0,1,2,x\n1,3,4,y\n', { columns: ['b', 1] }), [
      [0, 1],
      [
        [2, 1],
        [4, 3],
      ],
    ]);
    assert.deepEqual(rows('5,1\n'), [[5], [[1]]]);
    assert.deepEqual(rows('Times,Channels\n0,1\n'), [[0], [1]]);
    for (const nothing of ['', '# only this', '\n\n', '\ufeff']) assert.equal(readCsvSync(text(nothing)).length, 0);
    assert.deepEqual(readCsvHeader(text('#\nt;a b;"c;d"\n0;1;2')), {
      names: ['t', 'a b', 'c;d'],
      columns: 3,
      separator: ';',
    });
    assert.deepEqual(readCsvHeader(text('0 1 2\n')), { names: [], columns: 3, separator: ' ' });
  });

  it('says where it is wrong, and what was expected', async () => {
    const bad: [string, RegExp, Parameters<typeof readCsvSync>[1]?][] = [
      ['t,a\n0,1\n\n1,x\n', /line 4, column 2: expected a number, received 'x'/],
      ['t,a\n0,\n', /line 2, column 2: expected a number, received an empty field/],
      ['t;a\n0;1,5\n', /line 2, column 2: expected a number with a decimal point, received '1,5'/],
      ['t,a\n0,1,2\n', /line 2: expected 2 columns, received more/],
      ['t,a,b\n0,1\n', /line 2: expected 3 columns, received 2/],
      [
        't,a\n1,0\n0.5,0\n',
        /line 3, column 1: expected a time not before that of the row before \(1 s\), received '0.5'/,
      ],
      ['t,a\nnan,0\n', /line 2, column 1: expected a finite time, received 'nan'/],
      ['t,a\n,0\n', /line 2, column 1: expected a number, received an empty field/, { missing: 'nan' }],
      ['t,a\n0,1e999\n', /expected a number within the range of doubles, received '1e999'/],
      ['t,a\n0,0x10\n', /expected a number, received '0x10'/],
      ['t,a\n0,"1\n2"\n', /line 2, column 2: expected closing quotes/],
      ['t,"a\n0,1\n', /line 1, column 2: expected closing quotes/],
      [
        'time,channel\n0,1.5\n',
        /line 2, column 2: expected a channel \(an integer from 0 to 2147483646\), received '1.5'/,
      ],
      ['time,channel\n0,-1\n', /expected a channel/],
      ['time,channel\n0,2147483647\n', /expected a channel/],
      ['1\n2\n', /expected columns of times and channels/, { type: 'TSEvent' }],
      ['\xff\xfe', /UTF-16/],
    ];
    for (const [file, pattern, options] of bad) {
      const bytes = Buffer.from(file, 'latin1');
      assert.throws(
        () => readCsvSync(bytes, options),
        (e) => isFileError(e, pattern),
        file,
      );
      await assert.rejects(readCsv(bytes, options), (e) => isFileError(e, pattern), file);
    }
    assert.throws(
      () => readCsvSync(folder.path('no.csv')),
      (e) => isFileError(e, /no\.csv': there is no such file/),
    );
  });

  it('answers wrong options', () => {
    const file = text('t,a\n0,1\n');
    const wrong: [object, string][] = [
      [{ separator: '' }, 'ERR_VALUE'],
      [{ separator: '.' }, 'ERR_VALUE'],
      [{ separator: 'ab' }, 'ERR_VALUE'],
      [{ separator: '#' }, 'ERR_VALUE'],
      [{ timeColumn: 'x' }, 'ERR_VALUE'],
      [{ timeColumn: 2 }, 'ERR_VALUE'],
      [{ columns: 'a' }, 'ERR_TYPE'],
      [{ columns: ['a', 'a'] }, 'ERR_VALUE'],
      [{ columns: ['t'] }, 'ERR_VALUE'],
      [{ type: 'x' }, 'ERR_VALUE'],
      [{ dt: 0 }, 'ERR_VALUE'],
      [{ dt: 1, timeColumn: 0 }, 'ERR_TYPE'],
      [{ dt: 1, type: 'TSEvent' }, 'ERR_TYPE'],
      [{ numChannels: 3 }, 'ERR_TYPE'],
      [{ numChannels: 1, type: 'TSEvent' }, 'ERR_VALUE'],
      [{ tStop: -1 }, 'ERR_VALUE'],
      [{ missing: 'maybe' }, 'ERR_VALUE'],
      [{ Separator: ',' }, 'ERR_TYPE'],
    ];
    for (const [options, code] of wrong)
      assert.throws(() => readCsvSync(file, options as never), { code }, JSON.stringify(options));
    assert.throws(() => readCsvSync(5 as never), { code: 'ERR_TYPE' });
    const series = new TSContinuous([0], [1]);
    assert.throws(() => writeCsvSync(folder.path('a'), 5 as never), { code: 'ERR_TYPE' });
    assert.throws(() => writeCsvSync(folder.path('a'), series, { names: ['a', 'b'] }), { code: 'ERR_SHAPE' });
    assert.throws(() => writeCsvSync(folder.path('a'), series, { separator: 'x' }), { code: 'ERR_VALUE' });
    assert.throws(() => writeCsvSync(folder.path('a'), new TSEvent(), { times: false }), { code: 'ERR_TYPE' });
    assert.deepEqual(folder.names(), []);
  });

  it('reads long files piece by piece, and stops when it is told', async () => {
    const n = 160_000;
    const samples = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i) * 10 ** (i % 40));
    const series = TSContinuous.fromClocked(new NdArray(samples, [n, 2]), 1e-3);
    const seen: number[] = [];
    await writeCsv(folder.path('long.csv'), series, { onProgress: ({ done }) => seen.push(done) });
    assert.equal(seen.at(-1), n);
    const progress: number[] = [];
    const again = await readCsv(folder.path('long.csv'), {
      type: 'TSContinuous',
      onProgress: ({ done, total }) => progress.push(done / total),
    });
    assert.deepEqual(again.samples.data, samples);
    assert.deepEqual(again.times, series.times);
    assert.ok(progress.length >= 1 && progress.every((x, i) => x > (progress[i - 1] ?? 0) && x < 1));
    assert.deepEqual((readCsvSync(folder.path('long.csv')) as TSContinuous).samples.data, samples);
    await assert.rejects(readCsv(folder.path('long.csv'), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    const stop = new AbortController();
    await assert.rejects(readCsv(folder.path('long.csv'), { signal: stop.signal, onProgress: () => stop.abort() }), {
      code: 'ERR_ABORTED',
    });
    await assert.rejects(
      readCsv(folder.path('long.csv'), {
        onProgress: () => {
          throw new TypeError('mine');
        },
      }),
      { message: 'mine' },
    );

    // Pieces are adjacent and hold all rows.
    writeCsvSync(folder.path('long.csv'), series, { times: false });
    let at = 0;
    let stopTime = 0;
    for await (const piece of readCsvPieces(folder.path('long.csv'), { dt: 1e-3 })) {
      assert.ok(piece instanceof TSContinuous);
      assert.equal(piece.tStart, stopTime);
      assert.deepEqual(piece.samples.data, samples.subarray(2 * at, 2 * (at + piece.length)));
      at += piece.length;
      stopTime = piece.tStop;
    }
    assert.deepEqual([at, stopTime], [n, 160]);
  });

  it('reads a line that is longer than a piece', () => {
    const names = Array.from({ length: 220_000 }, (_, i) => `channel number ${i}`);
    const numbers = names.map((_, i) => i).join(',');
    writeFileSync(folder.path('wide.csv'), `t,${names.join(',')}\n0,${numbers}\n1,${numbers}\n`);
    const series = readCsvSync(folder.path('wide.csv'));
    assert.deepEqual([series.length, series.numChannels], [2, 220_000]);
    assert.equal((series as TSContinuous).samples.get(1, 219_999), 219_999);
  });

  it('metadata that cannot be is an error of the file, with its line', async () => {
    const file = folder.path('m.csv');
    const cases: [string, string, RegExp][] = [
      ['{"type":"TSContinuous","tStart":5}', 'time,a\n0,1\n1,2', /line 2, metadata: expected tStart .* received 5/],
      ['{"type":"TSEvent","numChannels":2}', 'time,channel\n0,1\n1,7', /line 2, metadata: expected numChannels/],
      ['{"interpKind":"none such"}', 'time,a\n0,1', /line 2, metadata: expected interpKind/],
      ['{"type":"TSEv', 'time,channel\n0,1', /line 2: its metadata is no JSON/],
    ];
    for (const [metadata, table, message] of cases) {
      writeFileSync(file, `# first\n# rockpool ${metadata}\n${table}\n`);
      await assert.rejects(readCsv(file), (error) => isFileError(error, message));
      assert.throws(
        () => readCsvSync(file),
        (error) => isFileError(error, message),
      );
    }
    writeFileSync(file, '# rockpool {"tStart":0}\ntime,a\n0,1\n');
    await assert.rejects(readCsv(file, { tStart: 5 }), { code: 'ERR_VALUE' }, 'what the caller gives is the caller');
    writeFileSync(file, '# rockpool is a fish\ntime,a\n0,1\n');
    assert.equal((await readCsv(file)).length, 1);
  });

  it('a failing writer leaves the old file', async () => {
    writeFileSync(folder.path('a.csv'), 'old');
    const series = TSContinuous.fromClocked(new Float64Array(400_000), 1);
    await assert.rejects(
      writeCsv(folder.path('a.csv'), series, {
        onProgress: () => {
          throw new TypeError('mine');
        },
      }),
      { message: 'mine' },
    );
    const stop = new AbortController();
    await assert.rejects(
      writeCsv(folder.path('a.csv'), series, { signal: stop.signal, onProgress: () => stop.abort() }),
      { code: 'ERR_ABORTED' },
    );
    assert.equal(readFileSync(folder.path('a.csv'), 'utf8'), 'old');
    assert.deepEqual(folder.names(), ['a.csv']);
  });
});
