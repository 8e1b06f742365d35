import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  readAedat,
  readAedatPieces,
  readAedatSync,
  type AedatRecording,
  type ReadAedatOptions,
} from 'rockpool-node/io';
import {
  aedat2,
  aedat3,
  aedat4,
  davisAddress,
  dvs128Address,
  packet3,
  packet4,
  type Pixel,
  polarityData,
  spikeData,
} from './aedat-files';
import { fixture, isFileError, useFolder, warningsOf } from './helpers.js';

const pixels: Pixel[] = [
  { t: 10, x: 0, y: 0, on: true },
  { t: 10, x: 127, y: 3, on: false },
  { t: 4000, x: 5, y: 127, on: true },
];

/** The events as (time in microseconds, x, y, polarity). */
const rowsOf = ({
  events,
  x = new Uint16Array(0),
  y = new Uint16Array(0),
  polarity = new Uint8Array(0),
}: AedatRecording) =>
  Array.from(events.times, (t, i) => ({ t: Math.round(t * 1e6), x: x[i], y: y[i], on: polarity[i] === 1 }));

const davis = aedat2('eu.seebetter.ini.chips.davis.DAVIS240C', [
  ...pixels.map((p) => [davisAddress(p), p.t] as const),
  [0x80000000, 4001], // a sample of a frame
  [0x400, 4002], // external input
]);
const retina = aedat3('DVS128', [
  packet3(
    1,
    pixels.map((p) => [polarityData(p), p.t] as const),
  ),
  packet3(2, [], { size: 40 }),
  packet3(0, [[(2 << 1) | 1, 5000]]),
  packet3(
    1,
    [
      [polarityData(pixels[0]), 7],
      [polarityData(pixels[1]) & ~1, 8],
    ],
    { overflow: 2 },
  ),
]);
const board = aedat3('DYNAPSEFX2', [
  packet3(12, [
    [spikeData(0, 3, 255), 1],
    [spikeData(3, 1, 7), 2],
  ]),
  packet3(12, [[spikeData(1, 0, 0), 3]], { overflow: 1 }),
]);
const camera = aedat4(
  [
    [346, 260],
    [10, 20],
  ],
  [packet4(0, pixels), packet4(1, [{ t: 5, x: 1, y: 2, on: true }]), packet4(2, [], 'FRME')],
);

describe('aedat', () => {
  const folder = useFolder();

  it('version 2: DAVIS and DVS128 addresses', () => {
    const read = readAedatSync(davis);
    assert.deepEqual([read.version, read.source, read.size], ['2.0', 'DAVIS240C', { width: 240, height: 180 }]);
    assert.deepEqual(rowsOf(read), pixels);
    assert.deepEqual(Array.from(read.events.channels), [0, 3 * 240 + 127, 127 * 240 + 5]);
    assert.deepEqual([read.events.numChannels, read.events.tStart], [240 * 180, 1e-5]);
    assert.deepEqual(Array.from(read.triggers.times), [4002 / 1e6]);
    assert.deepEqual(read.skipped, { frames: 0, inertial: 0, invalid: 0, other: 1 });
    const dvs = aedat2(
      'ch.unizh.ini.jaer.chip.retina.DVS128',
      pixels.map((p) => [dvs128Address(p), p.t] as const),
    );
    assert.deepEqual(rowsOf(readAedatSync(dvs)), pixels);
    const top = readAedatSync(dvs, { origin: 'top' });
    assert.deepEqual(Array.from(top.y ?? []), [127, 124, 0]);
    assert.equal(top.events.channels[0], 127 * 128);
    // Without a name of a chip nothing is guessed.
    const unknown = aedat2(
      null,
      pixels.map((p) => [dvs128Address(p), p.t] as const),
    );
    assert.throws(
      () => readAedatSync(unknown),
      (e) => isFileError(e, /received no name of a chip; give the option layout/),
    );
    assert.deepEqual(rowsOf(readAedatSync(unknown, { layout: 'dvs128' })), pixels);
    const v1 = Buffer.concat([Buffer.from('#!AER-DAT1.0\r\n'), Buffer.from([0x03, 0x05, 0, 0, 0, 9])]);
    assert.deepEqual(rowsOf(readAedatSync(v1)), [{ t: 9, x: 2, y: 3, on: false }]);
    const spikes = readAedatSync(aedat2(null, [[1024 * 2 + 256 + 7, 5]]), { layout: 'dynapse' });
    assert.deepEqual(
      [spikes.events.channels[0], spikes.chip?.[0], spikes.core?.[0], spikes.neuron?.[0]],
      [2311, 2, 1, 7],
    );
  });

  it('version 3: polarity, spikes, special events, times of 63 bits', async () => {
    const read = await readAedat(retina);
    assert.deepEqual([read.version, read.source, read.size], ['3.1', 'DVS128', { width: 128, height: 128 }]);
    assert.deepEqual(rowsOf(read), [...pixels, { ...pixels[0], t: 2 * 2 ** 31 + 7 }]);
    assert.deepEqual([Array.from(read.triggers.times), Array.from(read.triggers.types)], [[0.005], [2]]);
    assert.deepEqual(read.skipped, { frames: 0, inertial: 0, invalid: 1, other: 0 });
    const spikes = await readAedat(board);
    assert.deepEqual(Array.from(spikes.events.channels), [1023, 3 * 1024 + 256 + 7, 1024]);
    assert.deepEqual(Array.from(spikes.events.times), [1e-6, 2e-6, (2 ** 31 + 3) / 1e6]);
    assert.deepEqual([spikes.events.numChannels, spikes.size, spikes.x], [4096, null, undefined]);
    assert.deepEqual(
      [spikes.chip, spikes.core, spikes.neuron],
      [Uint16Array.of(0, 3, 1), Uint16Array.of(3, 1, 0), Uint8Array.of(255, 7, 0)],
    );
    const old = aedat3('DYNAPSEFX2', [
      packet3(12, [
        [spikeData(12, 0, 1), 1],
        [spikeData(8, 0, 1), 2],
      ]),
    ]);
    assert.deepEqual(Array.from(readAedatSync(old, { chips: [0, 8, 4, 12] }).events.channels), [
      3 * 1024 + 1,
      1024 + 1,
    ]);
    let raw: AedatRecording | undefined;
    const warnings = await warningsOf(() => (raw = readAedatSync(old)));
    assert.deepEqual([warnings.map((w) => w.code), raw?.events.numChannels], [['AEDAT_CHIPS'], 12 * 1024 + 2]);
    assert.throws(
      () => readAedatSync(old, { chips: [0, 8] }),
      (e) => isFileError(e, /expected one of the chips, received chip 12/),
    );
    assert.equal(readAedatSync(aedat3('DVS128', [], '3.0')).events.length, 0);
    assert.deepEqual(readAedatSync(retina, { stream: 7 }).events.length, 0);
  });

  it('version 4: streams, polarity, relative times', () => {
    const read = readAedatSync(camera);
    assert.deepEqual(
      [read.version, read.source, read.size, read.timeOrigin],
      ['4.0', 'a & b', { width: 346, height: 260 }, 10],
    );
    assert.deepEqual(
      rowsOf(read),
      pixels.map((p) => ({ ...p, t: p.t - 10 })),
    );
    assert.deepEqual(rowsOf(readAedatSync(camera, { relative: false })), pixels);
    assert.deepEqual([read.skipped.frames, read.skipped.other, read.streams.length], [1, 1, 2]);
    const second = readAedatSync(camera, { stream: 1 });
    assert.deepEqual([second.size, Array.from(second.events.channels)], [{ width: 10, height: 20 }, [21]]);
    const channels = (polarity: ReadAedatOptions['polarity']) =>
      Array.from(readAedatSync(camera, { polarity }).events.channels);
    const at = pixels.map(({ x, y }) => y * 346 + x);
    assert.deepEqual(channels('on'), [at[0], at[2]]);
    assert.deepEqual(channels('off'), [at[1]]);
    assert.deepEqual(channels('split'), [2 * at[0] + 1, 2 * at[1], 2 * at[2] + 1]);
    assert.equal(readAedatSync(camera, { polarity: 'split' }).events.numChannels, 2 * 346 * 260);
  });

  it('version 4: files of dv-processing, not compressed and by LZ4 and ZSTD', async () => {
    for (const name of ['none', 'lz4', 'zstd']) {
      const path = fixture(`aedat/dv-${name}.aedat4`);
      for (const read of [readAedatSync(path), await readAedat(path)]) {
        assert.equal(read.timeOrigin, 1700000000000000, name);
        assert.deepEqual(
          rowsOf(read),
          Array.from({ length: 300 }, (_, i) => ({ t: 7 * i, x: (i * 31) % 346, y: (i * 17) % 260, on: i % 3 === 0 })),
        );
        assert.deepEqual(
          [Array.from(read.triggers.times), Array.from(read.triggers.types)],
          [
            [1e-4, 2e-4],
            [1, 2],
          ],
        );
        assert.deepEqual([read.source, read.events.name], ['DAVIS346_00000001', `dv-${name}`]);
      }
    }
  });

  it('sorts what the file has in another order', () => {
    const read = readAedatSync(
      aedat4(
        [[9, 9]],
        [
          packet4(0, [
            { t: 5, x: 1, y: 0, on: true },
            { t: 3, x: 2, y: 0, on: false },
          ]),
        ],
      ),
      { relative: false },
    );
    assert.deepEqual(rowsOf(read), [
      { t: 3, x: 2, y: 0, on: false },
      { t: 5, x: 1, y: 0, on: true },
    ]);
  });

  it('reads in pieces what it reads as a whole', async () => {
    const many = Array.from({ length: 550_000 }, (_, i): Pixel => ({
      t: 3 * i,
      x: i % 240,
      y: i % 180,
      on: i % 2 === 0,
    }));
    const file = aedat2(
      'davis.DAVIS240C',
      many.map((p) => [davisAddress(p), p.t] as const),
    );
    writeFileSync(folder.path('a.aedat'), file);
    const whole = await readAedat(folder.path('a.aedat'));
    assert.deepEqual(whole.events.channels, readAedatSync(file).events.channels);
    let at = 0;
    let end: number | undefined;
    for await (const piece of readAedatPieces(folder.path('a.aedat'))) {
      const n = piece.events.length;
      assert.deepEqual(piece.events.times, whole.events.times.subarray(at, at + n));
      assert.deepEqual(piece.events.channels, whole.events.channels.subarray(at, at + n));
      if (end !== undefined) assert.equal(piece.events.tStart, end);
      end = piece.events.tStop;
      at += n;
    }
    assert.deepEqual([at, end], [550_000, whole.events.tStop]);
    const seen: number[] = [];
    await readAedat(folder.path('a.aedat'), { onProgress: ({ done, total }) => seen.push(done / total) });
    assert.equal(seen.at(-1), 1);
    const stop = new AbortController();
    await assert.rejects(readAedat(folder.path('a.aedat'), { signal: stop.signal, onProgress: () => stop.abort() }), {
      code: 'ERR_ABORTED',
    });
    await assert.rejects(
      readAedat(folder.path('a.aedat'), {
        onProgress: () => {
          throw new TypeError('mine');
        },
      }),
      { message: 'mine' },
    );
    await assert.rejects(readAedat(folder.path('a.aedat'), { maxEvents: 10 }), (e) =>
      isFileError(e, /more than 10 events/),
    );
  });

  it('a file cut anywhere is an error that names the byte, or is read as far as it goes', async () => {
    for (const [name, file] of Object.entries({ davis, retina, board, camera })) {
      const whole = readAedatSync(file).events.length;
      for (let length = 0; length < file.length; length++) {
        const cut = file.subarray(0, length);
        let read: AedatRecording | undefined;
        try {
          read = readAedatSync(cut);
        } catch (error) {
          isFileError(error);
        }
        // Where a packet ends a file may end.
        if (read) assert.ok(read.events.length <= whole, `${name} ${length}`);
      }
    }
    const cut = camera.subarray(0, camera.length - 3);
    assert.throws(
      () => readAedatSync(cut),
      (e) => isFileError(e, /byte \d+: expected a packet of \d+ bytes, received \d+ bytes and the end \(cut off\)/),
    );
    let kept: AedatRecording | undefined;
    const warnings = await warningsOf(() => (kept = readAedatSync(cut, { truncated: 'keep' })));
    assert.deepEqual([warnings.map((w) => w.code), kept?.events.length], [['AEDAT_TRUNCATED'], 3]);
    const whole = readFileSync(fixture('aedat/dv-lz4.aedat4'));
    assert.throws(
      () => readAedatSync(whole.subarray(0, 2000)),
      (e) => isFileError(e, /cut off/),
    );
  });

  it('damaged files are errors of the file, and never more', () => {
    let state = 1;
    const random = (n: number) => (state = (state * 48271) % 2147483647) % n;
    const files = [
      davis,
      retina,
      board,
      camera,
      ...['none', 'lz4', 'zstd'].map((name) => readFileSync(fixture(`aedat/dv-${name}.aedat4`))),
    ];
    for (const file of files)
      for (let round = 0; round < 150; round++) {
        const damaged = Buffer.from(file);
        for (let k = 1 + random(4); k > 0; k--) damaged[random(damaged.length)] = random(4) ? random(256) : 255;
        try {
          readAedatSync(damaged, { chips: [0, 1, 2, 3], truncated: 'keep' });
        } catch (error) {
          isFileError(error);
        }
      }
    const huge = Buffer.from(camera);
    huge.writeInt32LE(0x7fffffff, camera.indexOf('EVTS', 500) - 12);
    assert.throws(
      () => readAedatSync(huge),
      (e) => isFileError(e, /expected a packet of 2147483655 bytes/),
    );
    for (const [text, pattern] of [
      ['', /expected an AEDAT file/],
      ['hello', /expected an AEDAT file/],
      ['#!AER-DAT5.0\r\n', /AEDAT 5.0; versions 1 to 4/],
      ['#!AER-DAT3.1\r\n#Format: PNGFRAMES\r\n#!END-HEADER\r\n', /received PNGFRAMES/],
      ['#!AER-DAT3.1\r\n#Source 1: DVS128\r\n', /#!END-HEADER/],
      ['#!AER-DAT3.1\r\n#Source 1: EYE\r\n#!END-HEADER\r\n', /sensor whose size is known, received 'EYE'/],
      ['#!AER-DAT4.0\r\n\x10\0\0\0', /expected its header/],
    ] as const)
      assert.throws(
        () => readAedatSync(Buffer.from(text, 'latin1')),
        (e) => isFileError(e, pattern),
        text,
      );
    const outside = aedat4([[10, 10]], [packet4(0, [{ t: 1, x: 10, y: 0, on: true }])]);
    assert.throws(
      () => readAedatSync(outside),
      (e) => isFileError(e, /byte \d+: expected a pixel of 10 x 10, received \(10, 0\)/),
    );
    assert.throws(
      () => readAedatSync(folder.path('no')),
      (e) => isFileError(e, /no such file/),
    );
  });

  it('answers wrong options', () => {
    const wrong: [object, string][] = [
      [{ layout: 'x' }, 'ERR_VALUE'],
      [{ layout: 'dynapse' }, 'ERR_VALUE'],
      [{ size: { width: 0, height: 1 } }, 'ERR_VALUE'],
      [{ size: 5 }, 'ERR_TYPE'],
      [{ polarity: 1 }, 'ERR_TYPE'],
      [{ origin: 'left' }, 'ERR_VALUE'],
      [{ chips: [] }, 'ERR_TYPE'],
      [{ chips: [-1] }, 'ERR_VALUE'],
      [{ stream: 5 }, 'ERR_VALUE'],
      [{ truncated: true }, 'ERR_TYPE'],
      [{ maxEvents: -1 }, 'ERR_VALUE'],
      [{ Size: 1 }, 'ERR_TYPE'],
    ];
    for (const [options, code] of wrong)
      assert.throws(() => readAedatSync(camera, options), { code }, JSON.stringify(options));
    assert.throws(() => readAedatSync(5 as never), { code: 'ERR_TYPE' });
    assert.throws(() => readAedatSync(davis, { stream: 0 }), { code: 'ERR_TYPE' });
  });
});
