import assert from 'node:assert/strict';
import { concurrency, setConcurrency, TSContinuous } from 'rockpool-node';
import { RecRateEuler } from 'rockpool-node/layers';
import {
  assertClose,
  assertSame,
  inputSeries,
  joined,
  matrix,
  numbers,
  onEveryTarget,
  warningsOf,
} from './rate-helpers';

const golden = () =>
  new RecRateEuler(
    [
      [0, 0.5],
      [-0.5, 0],
    ],
    { tau: [1, 2], dt: 0.1, bias: [0.1, 0] },
  );
const ones = () =>
  new TSContinuous(
    [0, 10],
    [
      [1, 1],
      [1, 1],
    ],
  );

function noisy(options: object = {}) {
  return new RecRateEuler(matrix(40, 40, 3, 0.3), {
    tau: numbers(40, 5, 1).map((v) => 2 + v),
    bias: numbers(40, 6),
    dt: 0.1,
    noiseStd: 0.2,
    seed: 12,
    ...options,
  });
}

describe('RecRateEuler.evolve', () => {
  it('gives the reference vector', () => {
    const layer = golden();
    const output = layer.evolve(ones(), { numTimesteps: 4 });
    assertClose(
      output.samples.data.subarray(0, 8),
      [0.1, 0, 0.2, 0.0525, 0.287375, 0.104875, 0.36339375, 0.156815625],
      1e-14,
    );
    assertClose(layer.state, [0.329213594, 0.208059688], 1e-8);
    assert.equal(output.times.length, 5);
    assertClose(output.times, [0, 0.1, 0.2, 0.3, 0.4]);
    assert.equal(output.tStop, 0.4);
    assert.equal(output.interpKind, 'previous');
  });

  it('is bit for bit the same in pieces as in one run', () => {
    for (const precision of ['float64', 'float32'] as const) {
      const input = inputSeries(300, 40, 0.1);
      const whole = noisy({ precision });
      const output = whole.evolve(input, { numTimesteps: 300 });
      const layer = noisy({ precision });
      const pieces = [1, 2, 17, 0, 200, 80].map((numTimesteps) => layer.evolve(input, { numTimesteps }));
      assertSame(joined(pieces, 1), output.samples.data);
      assertSame(layer.state, whole.state);
      assert.equal(layer.t, whole.t);
    }
  });

  it('does not depend on the number of threads, nor on where it runs', async () => {
    const input = inputSeries(200, 40, 0.1);
    const expected = noisy().evolve(input).samples.data;
    const before = concurrency();
    try {
      for (const threads of [1, 2, 5]) {
        setConcurrency(threads);
        const layers = [noisy(), noisy(), noisy()];
        const outputs = await Promise.all(layers.map((layer) => layer.evolveAsync(input)));
        for (const output of outputs) assertSame(output.samples.data, expected);
      }
    } finally {
      setConcurrency(before);
    }
  });

  it('gives the same on every instruction set, up to rounding', function () {
    this.timeout(120_000);
    const results = onEveryTarget(`
      const { RecRateEuler } = require('rockpool-node/layers');
      const w = Array.from({ length: 33 }, (_, i) => Array.from({ length: 33 }, (_, j) => Math.sin(i * 33 + j) / 6));
      for (const activationFunc of ['relu', 'tanh', 'sigmoid']) {
        const layer = new RecRateEuler(w, { bias: 0.1, activationFunc, noiseStd: 0.1, seed: 3 });
        layer.evolve(null, { numTimesteps: 200 });
        (globalThis.all ??= []).push(...layer.state);
      }
      console.log(JSON.stringify(all));`);
    const [first, ...others] = results.values();
    for (const other of others) assertClose(other, first, 1e-12);
  });

  it('takes one channel for all units, nothing for zeros, and undefined samples as zeros', () => {
    const layer = golden();
    const one = new TSContinuous([0, 10], [1, 1]);
    assert.deepEqual(
      warningsOf(() => layer.evolve(one, { numTimesteps: 4 })),
      ['INPUT_REPLICATED'],
    );
    assertClose(layer.state, [0.329213594, 0.208059688], 1e-8);
    const silent = golden();
    silent.evolve(null, { numTimesteps: 3 });
    const other = golden();
    other.evolve(
      new TSContinuous(
        [0, 10],
        [
          [NaN, NaN],
          [NaN, NaN],
        ],
      ),
      { numTimesteps: 3 },
    );
    assertSame(other.state, silent.state);
  });

  it('computes in single precision on demand', () => {
    const input = inputSeries(100, 40, 0.1);
    const double = noisy({ noiseStd: 0 });
    const single = noisy({ noiseStd: 0, precision: 'float32' });
    const a = single.evolve(input).samples.data;
    assertClose(a, double.evolve(input).samples.data, 1e-5);
    assert.ok(a.every((v) => v === Math.fround(v)));
    assert.equal(single.precision, 'float32');
  });

  it('calls an activation of the user once for each step, with the whole vector', async () => {
    const input = inputSeries(50, 40, 0.1);
    const expected = noisy();
    const output = expected.evolve(input);
    let calls = 0;
    const relu = (x: Float64Array) => {
      calls++;
      assert.equal(x.length, 40);
      return Array.from(x, (v) => Math.max(v, 0));
    };
    const layer = noisy({ activationFunc: relu });
    assertSame(layer.evolve(input).samples.data, output.samples.data);
    assert.equal(calls, 51);
    assertSame(layer.state, expected.state);
    const later = noisy({ activationFunc: relu });
    assertSame((await later.evolveAsync(input)).samples.data, output.samples.data);
    for (const bad of [() => undefined, () => [1, 2], () => 'x']) {
      const wrong = noisy({ activationFunc: bad });
      assert.throws(() => wrong.evolve(input), /expected the result of activationFunc to be/);
      assert.equal(wrong.t, 0);
      assertSame(wrong.state, new Float64Array(40));
    }
  });

  it('has noise of the stated deviation', () => {
    const n = 60;
    for (const [noiseScaling, expected] of [
      ['legacy', 0.5 / Math.sqrt(1 - 0.05)],
      ['stationary', 0.5],
    ] as const) {
      const layer = new RecRateEuler(matrix(n, n, 1, 0), {
        tau: 1,
        dt: 0.1,
        noiseStd: 0.5,
        activationFunc: 'linear',
        seed: 4,
        noiseScaling,
      });
      const { data } = layer.evolve(null, { numTimesteps: 6000 }).samples;
      let square = 0;
      for (let i = 500 * n; i < data.length; i++) square += data[i] ** 2;
      const deviation = Math.sqrt(square / (data.length - 500 * n));
      // About 1.6e4 independent values: 1.3 % is more than two standard errors of the deviation; 3 % is allowed.
      assert.ok(Math.abs(deviation / expected - 1) < 0.03, `${noiseScaling}: ${deviation}, expected ${expected}`);
    }
  });

  it('continues the noise over calls and repeats it for the same seed', () => {
    const a = noisy();
    const first = Array.from(a.evolve(null, { numTimesteps: 5 }).samples.data);
    a.resetState();
    const second = Array.from(a.evolve(null, { numTimesteps: 5 }).samples.data);
    assert.notDeepEqual(first, second);
    a.resetAll();
    assert.deepEqual(Array.from(a.evolve(null, { numTimesteps: 5 }).samples.data), first);
    const other = noisy({ seed: 13 });
    assert.notDeepEqual(Array.from(other.evolve(null, { numTimesteps: 5 }).samples.data), first);
  });
});
