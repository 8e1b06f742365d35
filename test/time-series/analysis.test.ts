import assert from 'node:assert/strict';
import { fanoFactor, fanoFactorPerChannel, lv, TSContinuous, TSEvent } from 'rockpool-node';

describe('analysis of spike trains', () => {
  const events = new TSEvent([0, 1, 3, 6, 10, 11], [0, 0, 0, 0, 0, 1], { numChannels: 3, tStop: 12 });

  it('lv', () => {
    const [first = NaN, ...others] = lv(events);
    const terms = [1 / 3, 1 / 5, 1 / 7].map((r) => r * r);
    assert.ok(Math.abs(first - terms.reduce((a, b) => a + b)) < 1e-15);
    assert.ok(Math.abs(first - 0.171519274) < 1e-9);
    assert.deepEqual(others, [NaN, NaN]);
    assert.deepEqual([...lv(new TSEvent([0, 1, 2, 3], 0, { tStop: 4 }))], [0]);
    assert.deepEqual([...lv(new TSEvent([0, 1], 0, { tStop: 4 }))], [NaN]);
    assert.equal(lv(new TSEvent()).length, 0);
  });

  it('fanoFactor', () => {
    assert.equal(fanoFactor(events, { dt: 1 }), 0.5);
    assert.equal(fanoFactor(new TSEvent()), NaN);
    assert.equal(fanoFactor(new TSEvent([], [], { tStop: 1, numChannels: 2 })), NaN);
    const raster = events.raster({ dt: 0.001, addEvents: true });
    const sums = Array.from({ length: raster.length }, (_, k) => raster.row(k).reduce((a, b) => a + b, 0));
    const mean = sums.reduce((a, b) => a + b) / sums.length;
    const expected = sums.reduce((a, b) => a + (b - mean) ** 2, 0) / sums.length / mean;
    assert.ok(Math.abs(fanoFactor(events) - expected) < 1e-12);
  });

  it('fanoFactorPerChannel', () => {
    const dt = 2;
    const out = fanoFactorPerChannel(events, { dt });
    const raster = events.raster({ dt, addEvents: true });
    for (const c of [0, 1]) {
      const counts = Array.from({ length: raster.length }, (_, k) => raster.get(k, c));
      const mean = counts.reduce((a, b) => a + b) / counts.length;
      const expected = counts.reduce((a, b) => a + (b - mean) ** 2, 0) / counts.length / mean;
      assert.ok(Math.abs(out[c] - expected) < 1e-12, `channel ${c}`);
    }
    assert.equal(out[2], NaN);
  });

  it('refuses wrong arguments', () => {
    for (const bad of [null, [1, 2], new TSContinuous([0, 1], [0, 1])]) {
      assert.throws(() => lv(bad as never), { code: 'ERR_TYPE' });
      assert.throws(() => fanoFactor(bad as never), { code: 'ERR_TYPE' });
    }
    assert.throws(() => fanoFactor(events, { dt: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => fanoFactor(events, 0.1 as never), { code: 'ERR_TYPE' });
    assert.throws(() => fanoFactorPerChannel(events, { DT: 1 } as never), { code: 'ERR_TYPE' });
  });
});
