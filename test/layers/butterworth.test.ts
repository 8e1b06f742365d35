import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { NdArray } from 'rockpool-node';
import { ButterFilter, ButterMelFilter, hz2mel, mel2hz } from 'rockpool-node/layers';
import { assertClose } from './rate-helpers';

/** A design of SciPy's, see `test/fixtures/filters/make.py`. */
interface Design {
  fs: number;
  frequency: number;
  bandwidth: number;
  cutoffFs: number;
  order: number;
  bandpass: number[];
  lowpass: number[];
  response: number[];
}

const designs = JSON.parse(readFileSync('test/fixtures/filters/butterworth.json', 'utf8')) as Design[];

/** |a - b| <= tolerance * |b|, each element by itself. */
function assertRelative(a: ArrayLike<number>, b: readonly number[], tolerance: number, what: string): void {
  assert.equal(a.length, b.length, `${what}: lengths differ`);
  for (let i = 0; i < b.length; i++)
    assert.ok(Math.abs(a[i] - b[i]) <= tolerance * Math.abs(b[i]), `${what}[${i}] is ${a[i]}, SciPy's ${b[i]}`);
}

describe('Butterworth filters', () => {
  it("have SciPy's sections and response for 100 random specifications", () => {
    assert.equal(designs.length, 100);
    for (const [i, { fs, frequency, bandwidth, cutoffFs, order, ...expected }] of designs.entries()) {
      const what = `${i}: order ${order}, ${frequency} +- ${bandwidth / 2} of ${fs} Hz`;
      const layer = new ButterFilter(fs, frequency, bandwidth, { order, cutoffFs });
      const { filters, lowpass } = layer;
      assert.deepEqual(filters.shape, [1, order, 6]);
      assert.deepEqual(lowpass!.shape, [Math.ceil(order / 2), 6]);
      assertRelative(filters.data, expected.bandpass, 1e-9, `${what}: bandpass`);
      assertRelative(lowpass!.data, expected.lowpass, 1e-9, `${what}: lowpass`);
      const [frequencies, response] = layer.getAnalyticalFilterResponse(expected.response.length);
      assert.deepEqual(response.shape, [1, expected.response.length]);
      assertRelative(response.data, expected.response, 1e-9, `${what}: response`);
      assert.ok(Math.abs(frequencies[3] - (3 * fs) / 2 / expected.response.length) < 1e-9);
    }
  });

  it('have the edges and coefficients of the specification', () => {
    const layer = new ButterMelFilter(8000, { numFilters: 4, cutoffFs: 100, filterWidth: 2 });
    const edges = [100, 591.46812534, 1384.862398462, 2665.666666667];
    assertClose(layer.bands.low, edges, 1e-12);
    assertClose(
      layer.bands.high,
      edges.map((f) => 1.5 * f),
      1e-12,
    );
    const [s0, s1] = [layer.filters.data.subarray(0, 6), layer.filters.data.subarray(6, 12)];
    const gain = 3.75069616297e-4;
    assertClose(s0, [gain, 2 * gain, gain, 1, -1.956567081113, 9.687356598071e-1], 1e-12);
    assertClose(s1, [1, -2, 1, 1, -1.969673658869, 9.765078085601e-1], 1e-12);
    const k = 1.460316305528e-3;
    assertClose(layer.lowpass!.data, [k, 2 * k, k, 1, -1.889033079395, 8.948743446166e-1], 1e-12);
  });

  it('fall to the square root of one half at the edges of the band, and to 0 at 0 Hz', () => {
    const layer = new ButterFilter(8000, [500, 1000], [250, 500], { order: 3 });
    const [frequencies, response] = layer.getAnalyticalFilterResponse(32);
    const at = (filter: number, hz: number) => response.get(filter, frequencies.indexOf(hz));
    for (const [filter, hz] of [
      [0, 375],
      [0, 625],
      [1, 750],
      [1, 1250],
    ])
      assert.ok(Math.abs(at(filter, hz) - Math.SQRT1_2) < 1e-12, `${filter} at ${hz} Hz: ${at(filter, hz)}`);
    assert.equal(at(0, 0), 0);
    assert.ok(at(1, 1000) > 0.99);
  });

  it('convert between Hz and mel', () => {
    assert.ok(Math.abs(hz2mel(1000) - 2595 * Math.log10(1 + 1000 / 700)) < 1e-9);
    assert.ok(Math.abs(mel2hz(hz2mel(440)) - 440) < 1e-9);
    const mels = ButterMelFilter.hz2mel([0, 700, 6300]) as NdArray<Float64Array>;
    assertClose(mels.data, [0, 2595 * Math.log10(2), 2595], 1e-14);
    assertClose((ButterMelFilter.mel2hz(mels) as NdArray<Float64Array>).data, [0, 700, 6300], 1e-14);
  });
});
