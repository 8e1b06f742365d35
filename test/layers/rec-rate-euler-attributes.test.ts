import assert from 'node:assert/strict';
import { Layer, RecRateEuler } from 'rockpool-node/layers';
import { assertClose, assertSame, matrix, warningsOf } from './rate-helpers';

const layerOf = (options: object = {}) =>
  new RecRateEuler(
    [
      [0.1, 0.2],
      [0.3, 0.4],
    ],
    options,
  );

describe('RecRateEuler', () => {
  it('has the defaults of the original', () => {
    const layer = layerOf();
    assertSame(layer.tau, [1, 1]);
    assertSame(layer.bias, [0, 0]);
    assert.equal(layer.dt, 0.1);
    assert.equal(layer.noiseStd, 0);
    assert.equal(layer.activationFunc, 'relu');
    assertSame(layer.state, [0, 0]);
    assert.equal(
      String(layer),
      'RecRateEuler object: "unnamed" [2 TSContinuous in -> 2 internal -> 2 TSContinuous out]',
    );
  });

  it('takes the weights among the options too', () => {
    const layer = new RecRateEuler({ weights: [[1]], tau: 2, dt: 0.2, name: 'r' });
    assert.equal(layer.size, 1);
    assert.equal(layer.name, 'r');
  });

  it('lets elements of its arrays be written', () => {
    const layer = layerOf({ activationFunc: 'linear' });
    layer.state = [1, 0];
    layer.evolve(null, { numTimesteps: 1 });
    const { weights, tau, bias } = layer;
    layer.state = [1, 0];
    weights.set(0, 1, 10);
    tau[1] = 2;
    bias[0] = 1;
    layer.evolve(null, { numTimesteps: 1 });
    assertClose(layer.state, [1 + 0.1 * (-1 + 2 * 0.1), 0.05 * (2 * 10)]);
  });

  it('takes new parameters', () => {
    const layer = layerOf();
    layer.tau = 4;
    assertSame(layer.tau, [4, 4]);
    layer.bias = [1, 2];
    layer.dt = 0.4;
    layer.noiseStd = 0.1;
    layer.activationFunc = 'H_tanh';
    assert.equal(layer.activationFunc, 'tanh');
    layer.weights = matrix(2, 2, 1, 0);
    const output = layer.evolve(null, { numTimesteps: 1 });
    assertClose(output.samples.data.subarray(0, 2), [Math.tanh(1), Math.tanh(2)], 1e-15);
  });

  it('warns of a coarse time step, and refuses to set one', () => {
    assert.deepEqual(
      warningsOf(() => layerOf({ tau: 0.5 })),
      ['DT_COARSE'],
    );
    assert.deepEqual(
      warningsOf(() => layerOf({ tau: 1 })),
      [],
    );
    const layer = layerOf();
    assert.throws(() => (layer.dt = 10), /expected dt to be at most a tenth of the smallest tau, 0.1, received 10/);
    assert.equal(layer.dt, 0.1);
  });

  it('refuses wrong arguments', () => {
    const make = (...args: unknown[]) =>
      new (RecRateEuler as unknown as new (...a: unknown[]) => RecRateEuler)(...args);
    assert.throws(() => make([[1, 2]]), { name: 'RangeError', code: 'ERR_SHAPE' });
    assert.throws(() => make([1]), { name: 'RangeError', code: 'ERR_SHAPE' });
    assert.throws(() => make(1), { name: 'RangeError', code: 'ERR_SHAPE' });
    assert.throws(() => make(null), { name: 'TypeError' });
    assert.throws(() => make(), { name: 'TypeError' });
    for (const [options, kind] of [
      [{ tau: null }, 'TypeError'],
      [{ tau: 0 }, 'RangeError'],
      [{ tau: [1, -1] }, 'RangeError'],
      [{ tau: [1, 2, 3] }, 'RangeError'],
      [{ tau: NaN }, 'RangeError'],
      [{ bias: null }, 'TypeError'],
      [{ bias: [1, 2, 3] }, 'RangeError'],
      [{ bias: 'a' }, 'TypeError'],
      [{ noiseStd: null }, 'TypeError'],
      [{ noiseStd: -1 }, 'RangeError'],
      [{ dt: 0 }, 'RangeError'],
      [{ activationFunc: 'cube' }, 'RangeError'],
      [{ activationFunc: 3 }, 'TypeError'],
      [{ precision: 'float16' }, 'RangeError'],
      [{ noiseScaling: 'other' }, 'RangeError'],
      [{ weight: 1 }, 'TypeError'],
    ] as const) {
      assert.throws(
        () =>
          make(
            [
              [1, 0],
              [0, 1],
            ],
            options,
          ),
        { name: kind },
        JSON.stringify(options),
      );
    }
  });

  it('travels through a dictionary', () => {
    const layer = layerOf({ tau: [1, 2], bias: [0.1, 0.2], noiseStd: 0.3, name: 'x' });
    const config = layer.toDict();
    assert.deepEqual(config, {
      weights: [
        [0.1, 0.2],
        [0.3, 0.4],
      ],
      dt: 0.1,
      noise_std: 0.3,
      name: 'x',
      class_name: 'RecRateEuler',
      tau: [1, 2],
      bias: [0.1, 0.2],
    });
    assert.deepEqual(Layer.loadFromDict(config).toDict(), config);
    const special = layerOf({ activationFunc: 'tanh', noiseScaling: 'stationary', precision: 'float32' }).toDict();
    assert.equal(special['activation_func'], 'tanh');
    assert.equal(special['noise_scaling'], 'stationary');
    assert.equal(special['precision'], 'float32');
    assert.deepEqual(RecRateEuler.loadFromDict(special).toDict(), special);
    assert.throws(
      () => layerOf({ activationFunc: (x: Float64Array) => x }).toDict(),
      /since a dictionary cannot hold a function/,
    );
  });
});
