import assert from 'node:assert/strict';
import { Network } from 'rockpool-node';
import {
  FFRateEulerJax,
  ForceRateEulerJax_IO,
  Layer,
  PassThrough,
  RecRateEulerJax,
  RecRateEulerJax_IO,
} from 'rockpool-node/layers';
import { assertClose, assertSame, inputSeries, warningsOf } from './rate-helpers';

const w2 = [
  [0.1, 0.2],
  [0.3, 0.4],
];
const wIn = [[1, 2]];
const wOut = [[1], [-1]];
const io = (options: object = {}) => new RecRateEulerJax_IO({ wIn, wRecurrent: w2, wOut, tau: 1, ...options });

describe('Jax-named rate layers: attributes', () => {
  it('have the sizes and the text of the original', () => {
    assert.equal(
      String(new RecRateEulerJax(w2, { tau: 1 })),
      'RecRateEulerJax object: "unnamed" [2 TSContinuous in -> 2 internal -> 2 TSContinuous out]',
    );
    assert.equal(
      String(io({ name: 'x' })),
      'RecRateEulerJax_IO object: "x" [1 TSContinuous in -> 2 internal -> 1 TSContinuous out]',
    );
    const plain = new RecRateEulerJax(w2, { tau: [2, 1] });
    assert.deepEqual([plain.dt, plain.noiseStd, plain.activationFunc], [0.1, 0, 'relu']);
    assertSame(plain.bias, [0, 0]);
    assertSame(plain.wRecurrent.data, [0.1, 0.2, 0.3, 0.4]);
    assert.deepEqual([plain.wIn, plain.wOut], [null, null]);
    const ff = new FFRateEulerJax(wIn, { tau: 1 });
    assert.deepEqual([ff.wRecurrent, ff.wOut, ff.sizeIn, ff.size, ff.sizeOut], [null, null, 1, 2, 2]);
    const both = new RecRateEulerJax({ wIn, wRecurrent: w2, wOut, tau: 1 });
    assert.deepEqual([both.className, both.sizeIn, both.size, both.sizeOut], ['RecRateEulerJax', 1, 2, 1]);
  });

  it('take new parameters', () => {
    const layer = io({ activationFunc: 'linear', bias: [1, 0] });
    layer.evolve(null, { numTimesteps: 1 });
    assertClose(layer.state, [0.1, 0]);
    layer.wRecurrent = [
      [0, 10],
      [0, 0],
    ];
    layer.wIn = [[0, 0]];
    layer.wOut = [[0], [2]];
    layer.bias = 0;
    const output = layer.evolve(null, { numTimesteps: 1 });
    assertClose(layer.state, [0.09, 0.1]);
    assertClose(output.samples.data, [0.2]);
    layer.wOut.set(1, 0, 3); // the layer's own array
    layer.tau[1] = 2;
    assertClose(layer.evolve(null, { numTimesteps: 1 }).samples.data, [3 * (0.1 + 0.05 * (-0.1 + 0.9))]);
    layer.activationFunc = 'H_tanh';
    assert.equal(layer.activationFunc, 'tanh');
    const plain = new RecRateEulerJax(w2, { tau: 1 });
    plain.wRecurrent = [
      [1, 2],
      [3, 4],
    ];
    assertSame(plain.weights.data, [1, 2, 3, 4]);
    for (const name of ['wIn', 'wOut'] as const)
      assert.throws(() => (plain[name] = w2), {
        name: 'TypeError',
        message: new RegExp(`expected ${name} to be left out`),
      });
    assert.throws(() => (new FFRateEulerJax(wIn, { tau: 1 }).wRecurrent = w2), { name: 'TypeError' });
  });

  it('keep the time step at or below a tenth of the smallest time constant', () => {
    assert.deepEqual(
      warningsOf(() => io({ tau: [1, 0.5], dt: 0.1 })),
      ['DT_COARSE'],
    );
    assert.deepEqual(
      warningsOf(() => io({ dt: 0.1 })),
      [],
    );
    const layer = io();
    layer.dt = 0.01;
    layer.dt = 0.1;
    assert.throws(() => (layer.dt = 0.11), /expected dt to be at most a tenth of the smallest tau, 0.1, received 0.11/);
    assert.throws(() => (layer.tau = [1, 0.9]), /expected tau to be at least ten time steps, 1, received 0.9/);
    assert.equal(layer.dt, 0.1);
    assertSame(layer.tau, [1, 1]);
  });

  it('refuse wrong arguments', () => {
    const nan = [
      [1, NaN],
      [0, 1],
    ];
    for (const [options, kind] of [
      [{ tau: undefined }, 'TypeError'],
      [{ tau: null }, 'TypeError'],
      [{ tau: -1 }, 'RangeError'],
      [{ tau: [1, 0] }, 'RangeError'],
      [{ tau: [1, 2, 3] }, 'RangeError'],
      [{ bias: NaN }, 'RangeError'],
      [{ bias: [1, 2, 3] }, 'RangeError'],
      [{ noiseStd: -1 }, 'RangeError'],
      [{ dt: 0 }, 'RangeError'],
      [{ wRecurrent: nan }, 'RangeError'],
      [{ wRecurrent: [[1, 2]] }, 'RangeError'],
      [{ wRecurrent: undefined }, 'TypeError'],
      [{ wIn: [1, 2] }, 'RangeError'],
      [{ wIn: [[1]] }, 'RangeError'],
      [{ wIn: [[Infinity, 1]] }, 'RangeError'],
      [{ wOut: [[1, 2]] }, 'RangeError'],
      [{ wOut: null }, 'TypeError'],
      [{ rngKey: [1] }, 'RangeError'],
      [{ rngKey: [1, -2] }, 'RangeError'],
      [{ seed: 1.5 }, 'RangeError'],
      [{ activationFunc: 'cube' }, 'RangeError'],
      [{ noiseScaling: 'other' }, 'RangeError'],
      [{ precision: 'float16' }, 'RangeError'],
      [{ tauMem: 1 }, 'TypeError'],
    ] as const) {
      assert.throws(() => io(options), { name: kind, code: /^ERR_(TYPE|VALUE|SHAPE)$/ }, JSON.stringify(options));
    }
    const layer = io();
    assert.throws(() => (layer.wRecurrent = nan), /expected wRecurrent to be finite, received NaN/);
    assert.throws(() => (layer.wIn = [[1, 2, 3]]), /expected wIn to be 1 x 2 \(sizeIn x size\), received 1 x 3/);
    assert.throws(
      () => new RecRateEulerJax([[1, 2]], { tau: 1 }),
      /expected weights to be a square matrix, received 1 x 2/,
    );
  });

  it('travel through dictionaries, those of the original included', () => {
    const plain = new RecRateEulerJax(w2, {
      tau: [1, 2],
      bias: 0.5,
      rngKey: [3, 4],
      name: 'p',
      activationFunc: 'tanh',
    });
    assert.deepEqual(plain.toDict(), {
      weights: w2,
      dt: 0.1,
      noise_std: 0,
      name: 'p',
      class_name: 'RecRateEulerJax',
      tau: [1, 2],
      bias: [0.5, 0.5],
      rng_key: [3, 4],
      activation_func: 'tanh',
    });
    const layers = [
      plain,
      new RecRateEulerJax({ wIn, wRecurrent: w2, wOut, tau: 1, seed: 2 ** 53 - 1 }),
      io({ noiseScaling: 'stationary', precision: 'float32', noiseStd: 0.1 }),
      new FFRateEulerJax(wIn, { tau: 1 }),
      new ForceRateEulerJax_IO(wIn, wOut, { tau: 1 }),
    ];
    for (const layer of layers) {
      const config = layer.toDict();
      const loaded = Layer.loadFromDict(config) as typeof plain;
      assert.deepEqual(loaded.toDict(), config);
      assert.equal(loaded.seed, layer.seed);
      layer.evolve(null, { numTimesteps: 3 });
      const again = Layer.loadFromDict(layer.toDict({ includeState: true })) as typeof plain;
      assert.deepEqual(again.snapshot(), layer.snapshot());
      assertSame(
        again.evolve(null, { numTimesteps: 3 }).samples.data,
        layer.evolve(null, { numTimesteps: 3 }).samples.data,
      );
    }
    assert.deepEqual(Object.keys(layers[2].toDict()).sort(), [
      ...['activation_func', 'bias', 'class_name', 'dt', 'name', 'noise_scaling', 'noise_std', 'precision', 'rng_key'],
      ...['tau', 'w_in', 'w_out', 'w_recurrent'],
    ]);
    const custom = io({ activationFunc: (x: Float64Array) => x });
    assert.throws(() => custom.toDict(), /since a dictionary cannot hold a function/);
  });

  it('tell what a state means', () => {
    const layer = io();
    const [output, activity, recurrent] = layer.getOutputFromState([2, -3]);
    assertSame(activity, [2, 0]);
    assertSame(output, [2]);
    assertClose(recurrent, [0.2, 0.4]);
    const plain = new FFRateEulerJax(wIn, { tau: 1, activationFunc: 'linear' }).getOutputFromState([1, -1]);
    assert.deepEqual(
      plain.map((v) => [...v]),
      [
        [1, -1],
        [1, -1],
        [0, 0],
      ],
    );
    assert.throws(() => layer.getOutputFromState([1]), /expected x to be 2 numbers \(size\)/);
  });

  it('draw a random state from a standard normal distribution', () => {
    const layer = new FFRateEulerJax([new Float64Array(20_000)], { tau: 1 });
    layer.randomizeState({ seed: 5 });
    const state = layer.state.slice();
    const mean = state.reduce((sum, v) => sum + v, 0) / state.length;
    const square = state.reduce((sum, v) => sum + v * v, 0) / state.length;
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(20_000));
    assert.ok(Math.abs(square - 1) < (5 * Math.SQRT2) / Math.sqrt(20_000));
    layer.randomizeState({ seed: 6 });
    assert.notDeepEqual(layer.state, state);
    layer.randomizeState({ seed: 5 });
    assertSame(layer.state, state);
    assert.throws(() => layer.randomizeState({ factor: 1 } as never), { code: 'ERR_TYPE' });
    layer.resetState();
    assertSame(layer.state, new Float64Array(20_000));
  });

  it('work in a network', async () => {
    const make = () =>
      new Network([
        new PassThrough([[1, 1]], { dt: 0.1, name: 'in' }),
        new RecRateEulerJax(w2, { tau: 1, name: 'res' }),
        new ForceRateEulerJax_IO(
          [[1], [1]].map((row) => [...row, 0]),
          [[1], [1]],
          { tau: 1, name: 'out' },
        ),
      ]);
    const input = inputSeries(20, 1, 0.1);
    const expected = make().evolve(input, { duration: 1 })['out'];
    const result = await make().evolveAsync(input, { duration: 1 });
    assertSame((result['out'] as typeof input).samples.data, (expected as typeof input).samples.data);
  });
});
