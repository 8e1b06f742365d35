import assert from 'node:assert/strict';
import { melSpectrogram, melSpectrogramAsync, TSContinuous } from 'rockpool-node';

const rate = 16000;

/** Tones, one channel each. */
function tones(hz: number[], seconds: number, { amplitude = 1, tStart = 0 } = {}): TSContinuous {
  const ticks = Array.from({ length: seconds * rate }, (_, i) => i);
  return new TSContinuous(
    ticks.map((i) => tStart + i / rate),
    ticks.map((i) => hz.map((f) => amplitude * Math.sin((2 * Math.PI * f * i) / rate))),
  );
}

const tone = (hz: number, seconds: number, amplitude = 1) => tones([hz], seconds, { amplitude });

const sum = (values: ArrayLike<number>) => Array.from(values).reduce((a, b) => a + b, 0);

describe('melSpectrogram', () => {
  it('gives a sample for each hop, from the first sample of the signal to its last', () => {
    const mel = melSpectrogram(tone(440, 0.5), { bands: 12, hop: 0.01 });
    assert.equal(mel.numChannels, 12);
    assert.equal(mel.length, 50);
    assert.equal(mel.tStart, 0);
    assert.ok(Math.abs(mel.tStop - 0.49) < 1e-12);
    assert.equal(mel.interpKind, 'linear');
  });

  it('shows a tone in its band with the power that it has', () => {
    const mel = melSpectrogram(tone(1000, 0.5, 0.2), { bands: 20, scale: 'power' });
    const row = mel.at(0.25);
    assert.ok(Math.abs(sum(row) - 0.02) < 1e-4);
    assert.equal(row.indexOf(Math.max(...row)), 6);
    const decibel = melSpectrogram(tone(1000, 0.5, 0.2), { bands: 20, floor: -60 }).at(0.25);
    assert.ok(Math.abs(decibel[6] - 10 * Math.log10(row[6])) < 1e-9);
    assert.equal(decibel[19], -60);
  });

  it('follows the start of the series and keeps channels apart', () => {
    const mel = melSpectrogram(tones([500, 3000], 0.2, { tStart: 3 }), { bands: 8 });
    assert.equal(mel.numChannels, 16);
    assert.equal(mel.tStart, 3);
    const alone = melSpectrogram(tones([500], 0.2, { tStart: 3 }), { bands: 8 });
    assert.deepEqual(mel.at(3.1).slice(0, 8), alone.at(3.1));
  });

  it('is the same off the event loop', async () => {
    const signal = tone(700, 1);
    const [here, there] = [melSpectrogram(signal), await melSpectrogramAsync(signal, { onProgress: () => {} })];
    assert.deepEqual(there.samples.data, here.samples.data);
    assert.deepEqual([there.numChannels, there.tStop], [here.numChannels, here.tStop]);
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    const running = melSpectrogramAsync(tone(700, 60), { hop: 0.001, signal: abort.signal });
    abort.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
  });

  it('refuses what it cannot do', () => {
    const signal = tone(440, 0.1);
    assert.throws(() => melSpectrogram([1, 2] as never), /expected ts to be an instance of TSContinuous/);
    assert.throws(() => melSpectrogram(new TSContinuous([0, 1, 3], [1, 2, 3])), /at even intervals/);
    assert.throws(() => melSpectrogram(new TSContinuous([0], [1])), /two or more samples at even intervals/);
    for (const bad of [{ bands: 0 }, { bands: 1.5 }, { hop: 0 }, { window: 0 }, { window: 1e9 }, { fMin: -1 }]) {
      assert.throws(() => melSpectrogram(signal, bad), { name: 'RangeError', code: 'ERR_VALUE' });
    }
    assert.throws(() => melSpectrogram(signal, { fMax: 9000 }), /expected fMax to be a finite number of 8000 or less/);
    assert.throws(() => melSpectrogram(signal, { fMin: 500, fMax: 400 }), /expected fMax to be greater than fMin/);
    assert.throws(() => melSpectrogram(signal, { hops: 1 } as never), /only the options/);
    assert.throws(() => melSpectrogram(signal, { hop: 1e-12 }), RangeError);
  });
});
