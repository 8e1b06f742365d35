import assert from 'node:assert/strict';
import { TSContinuous } from 'rockpool-node';
import { FFRateEuler, Layer } from 'rockpool-node/layers';
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

const noisy = (options: object = {}) =>
  new FFRateEuler(matrix(7, 33, 3), {
    tau: numbers(33, 5, 1).map((v) => 2 + v),
    gain: 1.5,
    bias: numbers(33, 6),
    dt: 0.1,
    noiseStd: 0.2,
    seed: 12,
    ...options,
  });

describe('FFRateEuler', () => {
  it('gives the reference vector', () => {
    const layer = new FFRateEuler([[1]], { tau: 1, dt: 0.1 });
    const output = layer.evolve(new TSContinuous([0, 1], [1, 1]), { numTimesteps: 3 });
    assertClose(output.samples.data, [0, 0.1, 0.19, 0.271], 1e-15);
    assertClose(output.times, [0, 0.1, 0.2, 0.3]);
  });

  it('agrees with plain loops, for every activation', () => {
    const input = inputSeries(60, 7, 0.1);
    const w = matrix(7, 33, 3).data;
    const lanes = {
      relu: (v: number) => Math.max(v, 0),
      tanh: Math.tanh,
      sigmoid: (v: number) => (Math.tanh(v) + 1) / 2,
      linear: (v: number) => v,
    };
    for (const [activationFunc, h] of Object.entries(lanes)) {
      const layer = noisy({ noiseStd: 0, activationFunc });
      const x = new Float64Array(33);
      const expected: number[] = [];
      const { tau, bias } = layer;
      for (let k = 0; k <= 60; k++) {
        for (let j = 0; j < 33; j++) expected.push(h(x[j] + bias[j]));
        if (k === 60) break;
        for (let j = 0; j < 33; j++) {
          let u = 0;
          for (let i = 0; i < 7; i++) u += input.samples.get(k, i) * w[i * 33 + j];
          x[j] += (0.1 / tau[j]) * (1.5 * u - x[j]);
        }
      }
      assertClose(layer.evolve(input).samples.data, expected, 1e-13);
      assertClose(layer.state, x, 1e-13);
      assertClose(layer.activation, Array.from(x, h), 1e-13);
      const own = noisy({ noiseStd: 0, activationFunc: (v: Float64Array) => Array.from(v, h) });
      assertClose(own.evolve(input).samples.data, expected, 1e-13);
    }
  });

  it('is bit for bit the same in pieces, and asynchronously', async () => {
    for (const precision of ['float64', 'float32'] as const) {
      const input = inputSeries(200, 7, 0.1);
      const whole = noisy({ precision });
      const output = whole.evolve(input, { numTimesteps: 200 });
      const layer = noisy({ precision });
      const pieces: TSContinuous[] = [];
      for (const numTimesteps of [1, 2, 0, 57, 140]) pieces.push(await layer.evolveAsync(input, { numTimesteps }));
      assertSame(joined(pieces, 1), output.samples.data);
      assertSame(layer.state, whole.state);
    }
  });

  it('gives the same on every instruction set, up to rounding', function () {
    this.timeout(120_000);
    const results = onEveryTarget(`
      const { FFRateEuler } = require('rockpool-node/layers');
      const { TSContinuous } = require('rockpool-node');
      const layer = new FFRateEuler([Array.from({ length: 41 }, (_, j) => Math.cos(j))], { tau: 2, activationFunc: 'tanh', noiseStd: 0.1, seed: 3 });
      layer.evolve(new TSContinuous([0, 40], [-1, 1]), { numTimesteps: 150 });
      console.log(JSON.stringify([...layer.state, ...layer.activation]));`);
    const [first, ...others] = results.values();
    for (const other of others) assertClose(other, first, 1e-12);
  });

  it('has the defaults and attributes of the original', () => {
    const layer = new FFRateEuler([1, 2, 3]);
    assert.equal(layer.dt, 1);
    assertSame(layer.tau, [10]);
    assertSame(layer.gain, [1]);
    assertSame(layer.bias, [0]);
    assertClose(layer.alpha, [0.1]);
    assert.equal(layer.activationFunc, 'relu');
    layer.alpha = 0.5;
    assertClose(layer.tau, [2]);
    layer.dt = 0.5;
    assertClose(layer.alpha, [0.25]);
    layer.gain = [1, 2, 3];
    layer.bias = 0.1;
    layer.state = [1, -1, 2];
    assertSame(layer.activation, [1, 0, 2]);
    assert.equal(
      String(layer),
      'FFRateEuler object: "unnamed" [1 TSContinuous in -> 3 internal -> 3 TSContinuous out]',
    );
  });

  it('lets elements of its arrays be written', () => {
    const layer = new FFRateEuler([[1, 1]], { tau: [1, 1], gain: [1, 1], bias: [0, 0], dt: 0.1 });
    const input = new TSContinuous([0, 10], [1, 1]);
    layer.evolve(input, { numTimesteps: 1 });
    layer.resetAll();
    layer.weights.set(0, 0, 5);
    layer.gain[1] = 7;
    layer.tau[1] = 2;
    const output = layer.evolve(input, { numTimesteps: 1 });
    assertClose(output.samples.row(1), [0.5, 0.35]);
  });

  it('refuses wrong arguments', () => {
    const make = (weights: unknown, options: object = {}) =>
      new (FFRateEuler as unknown as new (...a: unknown[]) => FFRateEuler)(weights, options);
    for (const [options, kind] of [
      [{ tau: null }, 'TypeError'],
      [{ gain: null }, 'TypeError'],
      [{ tau: 0.01, dt: 0.1 }, 'RangeError'],
      [{ tau: [1, 2, 3] }, 'RangeError'],
      [{ gain: [1, 2, 3] }, 'RangeError'],
      [{ bias: [1, 2, 3] }, 'RangeError'],
      [{ bias: Infinity }, 'RangeError'],
      [{ activationFunc: 'x' }, 'RangeError'],
      [{ unknown: 1 }, 'TypeError'],
    ] as const) {
      assert.throws(() => make([[1, 2]], options), { name: kind }, JSON.stringify(options));
    }
    const layer = make([[1, 2]], { tau: 1, dt: 0.1 });
    for (const change of [
      () => (layer.alpha = 1.5),
      () => (layer.alpha = 0),
      () => (layer.tau = 0.01),
      () => (layer.dt = 2),
      () => layer.evolve(new TSContinuous([0, 1], matrix(2, 3)), { numTimesteps: 1 }),
      () => layer.evolve(null, { numTimesteps: -1 }),
    ]) {
      assert.throws(change, RangeError);
    }
    assert.throws(() => layer.evolve(), TypeError);
    assert.throws(() => layer.evolve([1] as never, { numTimesteps: 1 }), TypeError);
    assert.equal(layer.dt, 0.1);
    assertSame(layer.tau, [1]);
    assert.equal(layer.t, 0);
  });

  it('replicates one channel with a warning', () => {
    const layer = new FFRateEuler(matrix(3, 2), { tau: 1, dt: 0.1 });
    const wide = new FFRateEuler(matrix(3, 2), { tau: 1, dt: 0.1 });
    const one = new TSContinuous([0, 1], [1, 2]);
    assert.deepEqual(
      warningsOf(() => layer.evolve(one, { numTimesteps: 5 })),
      ['INPUT_REPLICATED'],
    );
    wide.evolve(
      new TSContinuous(
        [0, 1],
        [
          [1, 1, 1],
          [2, 2, 2],
        ],
      ),
      { numTimesteps: 5 },
    );
    assertSame(layer.state, wide.state);
  });

  it('has noise of the stated deviation', () => {
    const layer = new FFRateEuler(matrix(1, 60, 1, 0), { dt: 0.01, tau: 0.2, noiseStd: 0.5, bias: 20, seed: 8 });
    const { data } = layer.evolve(null, { numTimesteps: 6000 }).samples;
    let square = 0;
    for (let i = 60_000; i < data.length; i++) square += (data[i] - 20) ** 2;
    const deviation = Math.sqrt(square / (data.length - 60_000));
    // The time constant is 20 steps: about 7,500 independent values, 0.8 % standard error; 4 % is allowed.
    assert.ok(Math.abs(deviation / (0.5 / Math.sqrt(1 - 0.025)) - 1) < 0.04, String(deviation));
  });

  it('travels through a dictionary', () => {
    const layer = new FFRateEuler([[1, 2]], { tau: [1, 2], gain: 3, bias: 0.5, dt: 0.1, activationFunc: 'sigmoid' });
    const config = layer.toDict();
    assert.deepEqual(config, {
      weights: [[1, 2]],
      dt: 0.1,
      noise_std: 0,
      name: 'unnamed',
      class_name: 'FFRateEuler',
      bias: [0.5],
      tau: [1, 2],
      gain: [3],
      activation_func: 'sigmoid',
    });
    assert.deepEqual(Layer.loadFromDict(config).toDict(), config);
  });
});
