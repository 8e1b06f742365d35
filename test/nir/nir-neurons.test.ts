import assert from 'node:assert/strict';
import { ModuleBase, type Module, NdArray } from 'rockpool-node';
import { NirNeurons, type NirNeuronsOptions } from 'rockpool-node/io';
import { raster, weights } from './helpers.js';

const n = 3;
const options: Omit<NirNeuronsOptions, 'shape'> = {
  tauMem: [10e-3, 15e-3, 20e-3],
  tauSyn: [4e-3, 5e-3, 6e-3],
  r: 10,
  vLeak: [0, 0.1, 0.2],
  wIn: 4,
  threshold: 1,
  wRec: weights(n, n, 0.3),
  dt: 1e-3,
  integration: 'exponential',
  reset: 'value',
  vReset: -0.1,
};

describe('NirNeurons', () => {
  const input = raster(60, n, 9);
  const data = (m: NirNeurons, x = input): number[] => Array.from(m.evolve(x)[0].data);

  it('membranes settle at vLeak + r x', () => {
    for (const integration of ['exponential', 'euler'] as const) {
      const m = new NirNeurons(2, { tauMem: [5e-3, 8e-3], r: [2, 3], vLeak: [0.5, -0.5], dt: 1e-3, integration });
      const out = m.evolve(Array.from({ length: 600 }, () => [1, 2]))[0];
      assert.ok(Math.abs(out.data[1198] - 2.5) < 1e-12);
      assert.ok(Math.abs(out.data[1199] - 5.5) < 1e-12);
    }
  });

  it('steps as documented', () => {
    const one = { shape: 1, dt: 1e-3, integration: 'euler' as const };
    // v = 0.5 v + 0.5 x; then a reset of each kind
    const leaky = { ...one, tauMem: 2e-3, threshold: 1 };
    const x = [[3], [0], [3], [0], [2]];
    const run = (more: object): number[] => {
      const { vmem } = new NirNeurons({ ...leaky, ...more }).evolve(x, { record: true })[2] as { vmem: NdArray };
      return Array.from(vmem.data);
    };
    assert.deepEqual(run({ reset: 'value', vReset: 0.25 }), [0.25, 0.125, 0.25, 0.125, 0.25]);
    assert.deepEqual(run({ reset: 'subtract' }), [0.5, 0.25, 0.625, 0.3125, 0.15625]);
    assert.deepEqual(run({ reset: 'subtract', resetAt: 'next-step' }), [1.5, -0.25, 1.375, -0.3125, 0.84375]);
    assert.deepEqual(run({ reset: 'value', resetAt: 'next-step' }), [1.5, 0, 1.5, 0, 1]);
  });

  it('spikes above the threshold or at it, once or as often as it fits', () => {
    const spikes = (more: object): number =>
      new NirNeurons({ shape: 1, r: 1000, threshold: 0.5, dt: 1e-3, integration: 'euler', ...more }).evolve([[1.5]])[0]
        .data[0];
    assert.equal(spikes({}), 1);
    assert.equal(spikes({ maxSpikesPerDt: 10 }), 2); // 1.5 is not above 3 times 0.5
    assert.equal(spikes({ maxSpikesPerDt: 10, spikeWhere: 'reached' }), 3);
    assert.equal(spikes({ threshold: 1.5 }), 0);
    assert.equal(spikes({ threshold: 1.5, spikeWhere: 'reached' }), 1);
  });

  it('a run in pieces and a run off the event loop give the same bits', async () => {
    const whole = new NirNeurons(n, options);
    const expected = data(whole);
    assert.ok(expected.some((v) => v > 0));
    const cut = new NirNeurons(n, options);
    assert.deepEqual(
      [...data(cut, input.slice(0, 7)), ...data(cut, input.slice(7, 8)), ...data(cut, input.slice(8))],
      expected,
    );
    const later = new NirNeurons(n, options);
    assert.deepEqual(Array.from((await later.evolveAsync(input))[0].data), expected);
    assert.deepEqual(Array.from(later.vmem.data), Array.from(whole.vmem.data));
    const batches = new NirNeurons(n, options).evolve([input, input])[0];
    assert.deepEqual(Array.from(batches.data), [...expected, ...expected]);
  });

  it('an aborted run leaves it as it was', async () => {
    const m = new NirNeurons(n, options);
    data(m);
    const before = m.snapshot();
    await assert.rejects(m.evolveAsync(input, { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    const controller = new AbortController();
    const big = NdArray.zeros([3_000_000, n]);
    const running = m.evolveAsync(big, { signal: controller.signal });
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(m.snapshot(), before);
  });

  it('written elements take effect', () => {
    const m = new NirNeurons(n, options);
    m.threshold.data[1] = 1e9;
    const out = data(m);
    assert.ok(out.every((v, i) => i % n !== 1 || v === 0));
  });

  it('goes through its dictionary', () => {
    for (const more of [
      {},
      { start: 'leak' as const },
      { wRec: undefined, recBias: 0.1 },
      { threshold: undefined, vReset: undefined },
    ]) {
      const m = new NirNeurons(n, { ...options, ...more });
      const copy = (ModuleBase as unknown as { loadFromDict(d: unknown): Module }).loadFromDict(
        JSON.parse(JSON.stringify(m.toDict())),
      );
      assert.deepEqual(Array.from(copy.evolve(input)[0].data), data(m));
      assert.deepEqual(copy.toDict(), m.toDict());
    }
  });

  it('begins at its leak potential when told', () => {
    const m = new NirNeurons(n, { ...options, start: 'leak' });
    assert.deepEqual(Array.from(m.vmem.data), [0, 0.1, 0.2]);
    data(m);
    m.resetState();
    assert.deepEqual(Array.from(m.vmem.data), [0, 0.1, 0.2]);
  });

  it('refuses what is wrong', () => {
    const make =
      (more: object): (() => unknown) =>
      () =>
        new NirNeurons(n, { ...options, ...more });
    assert.throws(make({ integration: 'rk4' }), RangeError);
    assert.throws(make({ integration: undefined }), TypeError);
    assert.throws(make({ dt: 0 }), RangeError);
    assert.throws(make({ dt: undefined }), TypeError);
    assert.throws(make({ tauMem: 0 }), RangeError);
    assert.throws(make({ tauMem: [1, 2] }), RangeError);
    assert.throws(make({ maxSpikesPerDt: 2 }), RangeError);
    assert.throws(make({ reset: 'soft' }), RangeError);
    assert.throws(make({ precision: 'float32' }), RangeError);
    assert.throws(make({ foo: 1 }), TypeError);
    assert.throws(() => new NirNeurons(n, { ...options, integration: 'euler', dt: 1 }).evolve(input), /at most 2/);
    assert.throws(() => new NirNeurons(n, options).evolve([[1, 2]]), RangeError);
    assert.throws(() => new NirNeurons(n, options).evolve([[NaN, 0, 0]]), { code: 'ERR_NOT_FINITE' });
  });
});
