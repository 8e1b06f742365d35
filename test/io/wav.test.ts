import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NdArray, TSContinuous } from 'rockpool-node';
import { readWav, readWavSync, writeWav, writeWavSync, type WavFormat } from 'rockpool-node/io';
import { isFileError, useFolder, warningsOf } from './helpers.js';

const corpus = join(__dirname, '..', '..', '..', 'native', 'fuzz', 'corpus', 'wav');

/** A file of chunks. */
function wav(...chunks: [name: string, body: Uint8Array, length?: number][]): Buffer {
  const parts = chunks.map(([name, body, length = body.length]) => {
    const head = Buffer.alloc(8);
    head.write(name, 'latin1');
    head.writeUInt32LE(length, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
  });
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...parts]);
}

function format(tag: number, channels: number, bits: number, rate = 1000): Buffer {
  const f = Buffer.alloc(16);
  f.writeUInt16LE(tag, 0);
  f.writeUInt16LE(channels, 2);
  f.writeUInt32LE(rate, 4);
  f.writeUInt16LE((channels * bits) / 8, 12);
  f.writeUInt16LE(bits, 14);
  return f;
}

describe('wav', () => {
  const folder = useFolder();

  it('reads every format', async () => {
    const expected: Record<string, [number, number[][], number]> = {
      u8: [8000, [[0], [-127 / 128], [125 / 128]], 0],
      i16: [
        16000,
        [
          [0, 0.5],
          [-1, 0.25],
          [0.99, -0.5],
        ],
        1e-4,
      ],
      i32: [
        44100,
        [
          [0, 0.5],
          [-1, 0.25],
          [0.99, -0.5],
        ],
        1e-8,
      ],
      ext24: [22050, [[0], [1 - 2 ** -23], [-1]], 0],
      f32: [
        48000,
        [
          [0, 0.5],
          [-1, 0.25],
          [Math.fround(0.99), -0.5],
        ],
        0,
      ],
      f64: [
        48000,
        [
          [0, 0.5],
          [-1, 0.25],
          [0.99, -0.5],
        ],
        0,
      ],
    };
    for (const [name, [rate, samples, tolerance]] of Object.entries(expected)) {
      const series = await readWav(join(corpus, `${name}.wav`));
      const read = series.samples.toArray() as number[][];
      read.forEach((row, i) =>
        row.forEach((x, j) => assert.ok(Math.abs(x - samples[i]?.[j]) <= tolerance, `${name} ${i} ${j}: ${x}`)),
      );
      assert.deepEqual(
        [series.length, series.numChannels, series.name, series.tStart, series.tStop],
        [3, samples[0]?.length, name, 0, 3 / rate],
      );
      assert.equal(series.times[2], 2 * (1 / rate));
      assert.equal(series.interpKind, 'previous');
    }
    const series = readWavSync(join(corpus, 'f64.wav'), { name: 'n', interpKind: 'linear' });
    assert.deepEqual([series.name, series.interpKind], ['n', 'linear']);
  });

  it('gives back what was written, within the steps of the format', async () => {
    const samples = NdArray.from([
      [0, 0.5],
      [-1, 0.123456789],
      [0.99, -0.7],
    ]);
    const series = TSContinuous.clockedTrusted({
      samples: samples.data,
      numChannels: 2,
      t0: 0,
      dt: 1 / 44100,
      n: 3,
      tStart: 0,
      tStop: 3 / 44100,
    });
    const steps: Record<WavFormat, number> = {
      pcm8: 2 ** -7,
      pcm16: 2 ** -15,
      pcm24: 2 ** -23,
      pcm32: 2 ** -31,
      float32: 2 ** -24,
      float64: 0,
    };
    for (const [name, step] of Object.entries(steps)) {
      await writeWav(folder.path('a.wav'), series, { format: name as WavFormat });
      const again = readWavSync(folder.path('a.wav'));
      assert.deepEqual(again.samples.shape, [3, 2]);
      again.samples.data.forEach((x, i) =>
        assert.ok(Math.abs(x - samples.data[i]) <= step / 1.9, `${name} ${i}: ${x}`),
      );
      assert.deepEqual(again.times, series.times);
    }
  });

  it('samples series that are no clock, and tells what was clipped', async () => {
    const line = new TSContinuous([0, 0.001, 0.002], [0, 1, 2]);
    const warnings = await warningsOf(() => writeWavSync(folder.path('a.wav'), line, { format: 'pcm16' }));
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['WAV_CLIPPED'],
    );
    writeWavSync(folder.path('a.wav'), line, { rate: 2000 });
    assert.deepEqual(Array.from(readWavSync(folder.path('a.wav')).samples.data), [0, 0.5, 1, 1.5, 2]);
    assert.throws(() => writeWavSync(folder.path('b.wav'), new TSContinuous([0, 0.3], [1, 2])), { code: 'ERR_VALUE' });
    assert.throws(() => writeWavSync(folder.path('b.wav'), new TSContinuous()), { code: 'ERR_VALUE' });
    assert.throws(() => writeWavSync(folder.path('b.wav'), 5 as never), { code: 'ERR_TYPE' });
    assert.throws(() => writeWavSync(folder.path('b.wav'), line, { format: 'mp3' as never }), { code: 'ERR_VALUE' });
  });

  it('reads more than a megabyte off the event loop', async () => {
    const samples = Float64Array.from({ length: 200_000 }, (_, i) => i / 2e5);
    const series = TSContinuous.clockedTrusted({
      samples,
      numChannels: 1,
      t0: 0,
      dt: 1e-3,
      n: samples.length,
      tStart: 0,
      tStop: 200,
    });
    writeWavSync(folder.path('a.wav'), series, { format: 'float64' });
    assert.deepEqual((await readWav(folder.path('a.wav'))).samples.data, samples);
    await assert.rejects(readWav(folder.path('a.wav'), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
  });

  it('takes chunks in any order, unknown ones and a missing last padding byte', () => {
    const data = Uint8Array.of(0, 128, 255);
    const file = wav(['junk', Uint8Array.of(1)], ['data', data], ['fmt ', format(1, 1, 8)]);
    assert.deepEqual(Array.from(readWavSync(file).samples.data), [-1, 0, 127 / 128]);
    const last = wav(['fmt ', format(1, 1, 8)], ['data', data]);
    assert.equal(readWavSync(last.subarray(0, last.length - 1)).length, 3);
    assert.equal(readWavSync(wav(['fmt ', format(1, 3, 16)], ['data', new Uint8Array(0)])).length, 0);
  });

  it('reads the output of a pipe, whose length was not known, up to its last whole frame', () => {
    const data = new Uint8Array(new Int16Array([0, 16384, -32768, 8192, 1]).buffer);
    const file = wav(['fmt ', format(1, 2, 16)], ['data', data, 0xffffffff]);
    assert.deepEqual(readWavSync(file).samples.toArray(), [
      [0, 0.5],
      [-1, 0.25],
    ]);
    assert.equal(readWavSync(file.subarray(0, 44)).length, 0);
  });

  it('answers every cut with ERR_FILE, and names formats that it cannot read', async () => {
    for (const name of ['u8', 'i16', 'ext24', 'f32']) {
      const whole = readFileSync(join(corpus, `${name}.wav`));
      const needed = name === 'u8' ? whole.length - 1 : whole.length; // its last byte is padding
      for (let length = 0; length < needed; length++)
        assert.throws(() => readWavSync(whole.subarray(0, length)), isFileError, `${name} ${length}`);
    }
    const data: [string, Uint8Array] = ['data', new Uint8Array(8)];
    const bad: [Buffer, RegExp][] = [
      [wav(['fmt ', format(0x55, 1, 8)], data), /MP3/],
      [wav(['fmt ', format(7, 1, 8)], data), /mu-law/],
      [wav(['fmt ', format(0x1234, 1, 8)], data), /format number 4660/],
      [wav(['fmt ', format(1, 1, 12)], data), /12 bits/],
      [wav(['fmt ', format(3, 1, 16)], data), /float samples of 16 bits/],
      [wav(['fmt ', format(1, 0, 16)], data), /no channels/],
      [wav(['fmt ', format(1, 1, 16, 0)], data), /rate is 0/],
      [wav(['fmt ', format(1, 3, 16)], data), /last frame/],
      [wav(['fmt ', format(1, 1, 16)]), /no samples/],
      [wav(data), /no format chunk/],
      [wav(['fmt ', format(1, 1, 16)], ['data', new Uint8Array(8), 4e9]), /cut off: 4000000000 bytes/],
      [Buffer.from('RF64\0\0\0\0WAVE'), /RF64/],
      [Buffer.from('hello, I am text'), /no WAV file/],
    ];
    for (const [file, pattern] of bad)
      assert.throws(
        () => readWavSync(file),
        (e) => isFileError(e, pattern),
        String(pattern),
      );
    await assert.rejects(readWav(folder.path('no.wav')), (e) => isFileError(e, /no\.wav/));
    await assert.rejects(readWav(5 as never), { code: 'ERR_TYPE' });
  });
});
