import assert from 'node:assert/strict';
import { TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, FFExpSynBrian, FFExpSynTorch, Layer } from 'rockpool-node/layers';
import { randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertClose, assertSame, matrix, warningsOf } from './rate-helpers';

const dt = 1e-3;
const classes = [FFExpSyn, FFExpSynTorch, FFExpSynBrian];

describe('FFExpSyn: construction and attributes', () => {
  it('has the defaults of the original', () => {
    for (const Class of classes) {
      const layer = new Class(3);
      assert.deepEqual(layer.weights.toArray(), [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]);
      assert.deepEqual(
        [layer.dt, layer.tauSyn, layer.noiseStd, layer.addEvents, layer.name],
        [1e-4, 5e-3, 0, true, 'unnamed'],
      );
      assertSame(layer.bias, [0, 0, 0]);
      assertSame(layer.state, [0, 0, 0]);
      assert.deepEqual([layer.precision, layer.noiseScaling], ['float64', 'stationary']);
      assert.equal(String(layer), `${Class.name} object: "unnamed" [3 TSEvent in -> 3 internal -> 3 TSContinuous out]`);
    }
    assert.equal(new FFExpSyn(1, { dt: null, tauSyn: 0.02 }).dt, 0.002);
    assert.equal(new FFExpSynBrian(1, { dt: null, tauSyn: 0.02 }).dt, 1e-4);
    assert.deepEqual(new FFExpSyn([1, 2, 3]).weights.shape, [1, 3]);
    assert.equal(new FFExpSyn({ weights: [[1], [2]], bias: 2 }).sizeIn, 2);
  });

  it('takes new parameters at any time, whole or element by element', () => {
    const input = randomEvents(100, 2, dt, 50);
    const layer = new FFExpSyn([[1], [1]], { dt });
    layer.evolve(input);
    layer.weights = [[2], [-1]];
    layer.bias = 0.5;
    layer.tauSyn = 0.01;
    layer.addEvents = false;
    layer.dt = 5e-4;
    const same = () => new FFExpSyn([[2], [-1]], { dt: 5e-4, bias: 0.5, tauSyn: 0.01, addEvents: false });
    layer.resetAll();
    const expected = same().evolve(input).samples.data;
    assertSame(layer.evolve(input).samples.data, expected);
    for (const change of [
      (l: FFExpSyn) => (l.weights.data[1] = 7),
      (l: FFExpSyn) => (l.bias[0] = 7),
      (l: FFExpSyn) => (l.noiseStd = 7),
    ]) {
      layer.resetAll();
      change(layer);
      assert.notDeepEqual(layer.evolve(input).samples.data, expected);
      const fresh = same();
      fresh.evolve(input);
      fresh.resetAll();
      change(fresh);
      assert.notDeepEqual(fresh.evolve(input).samples.data, expected);
    }
  });

  it('shows the state with the bias and holds it without', () => {
    const layer = new FFExpSyn(2, { bias: [1, 2] });
    layer.state = [5, 5];
    assertSame(layer.stateNoBias, [4, 3]);
    layer.bias = 10;
    assertSame(layer.state, [14, 13]);
    layer.stateNoBias[0] = 0; // the layer's own array
    assertSame(layer.state, [10, 13]);
    layer.state = 3;
    assertSame(layer.stateNoBias, [-7, -7]);
    layer.stateNoBias = [0.1, 0.2];
    const before = layer.snapshot();
    layer.resetAll();
    layer.restore(before);
    assertSame(layer.stateNoBias, [0.1, 0.2]);
  });

  it('draws its state around itself', () => {
    const layer = new FFExpSyn(1000, { bias: 2 });
    layer.randomizeState({ seed: 3, factor: 0.1 });
    const mean = layer.state.reduce((s, v) => s + v, 0) / 1000;
    const deviation = Math.sqrt(layer.state.reduce((s, v) => s + (v - mean) ** 2, 0) / 1000);
    assert.ok(Math.abs(mean - 2) < 0.05 && Math.abs(deviation - 0.2) < 0.03, `${mean}, ${deviation}`);
  });

  it('stores and loads its parameters and its state', () => {
    const layers = [
      new FFExpSyn(matrix(2, 3), { dt, bias: [1, 2, 3], tauSyn: 0.02, noiseStd: 0.1, addEvents: false, name: 'syn' }),
      new FFExpSyn(matrix(2, 3), { noiseScaling: 'legacy', precision: 'float32' }),
      new FFExpSynTorch(2, { maxNumTimesteps: 10 }),
      new FFExpSynBrian(2, { integratorName: 'rk4', bias: 1 }),
    ];
    for (const layer of layers) {
      const dict = layer.toDict();
      const loaded = Layer.loadFromDict(dict);
      assert.equal(loaded.constructor, layer.constructor);
      assert.deepEqual(loaded.toDict(), dict);
      layer.stateNoBias = Array.from({ length: layer.size }, (_, j) => j / 3);
      const withState = Layer.loadFromDict(JSON.parse(JSON.stringify(layer.toDict({ includeState: true }))) as never);
      assertSame((withState as FFExpSyn).stateNoBias, layer.stateNoBias);
    }
    const [first, , torch] = layers.map((layer) => layer.toDict());
    assert.deepEqual(Object.keys(first), [
      'weights',
      'dt',
      'noise_std',
      'name',
      'class_name',
      'bias',
      'tau_syn',
      'add_events',
    ]);
    assert.equal(torch['max_num_timesteps'], 10);
    assert.deepEqual([first['tau_syn'], first['add_events'], first['bias']], [0.02, false, [1, 2, 3]]);
    // What the original writes for its Brian class.
    const brian = Layer.loadFromDict({ weights: [[1]], dt, noise_std: 0, name: 'b', class_name: 'FFExpSynBrian' });
    assert.equal((brian as FFExpSynBrian).tauSyn, 5e-3);
  });

  it('warns of a time step longer than the time constant', () => {
    assert.deepEqual(
      warningsOf(() => {
        const layer = new FFExpSyn(1, { dt: 1, tauSyn: 0.5 });
        layer.tauSyn = 2;
        layer.dt = 2.5;
        layer.tauSyn = 2.4;
      }),
      ['DT_COARSE', 'DT_COARSE', 'DT_COARSE'],
    );
    const layer = new FFExpSynBrian(1);
    assert.throws(() => (layer.dt = 1e-3), {
      code: 'ERR_VALUE',
      message: /dt to be the one of the construction, 0.0001/,
    });
    assert.equal(layer.dt, 1e-4);
  });

  it('refuses wrong arguments', () => {
    const wrong: [() => unknown, string][] = [
      [() => new FFExpSyn(null as never), 'ERR_TYPE'],
      [() => new FFExpSyn(undefined as never), 'ERR_TYPE'],
      [() => new FFExpSyn('1' as never), 'ERR_TYPE'],
      [() => new FFExpSyn(0), 'ERR_VALUE'],
      [() => new FFExpSyn(1.5), 'ERR_VALUE'],
      [() => new FFExpSyn([[1, NaN]]), 'ERR_VALUE'],
      [() => new FFExpSyn([[1, -Infinity]]), 'ERR_VALUE'],
      [() => new FFExpSyn([[[1]]]), 'ERR_SHAPE'],
      [() => new FFExpSyn([[]]), 'ERR_SHAPE'],
      [() => new FFExpSyn(1, { tauSyn: -1 }), 'ERR_VALUE'],
      [() => new FFExpSyn(1, { tauSyn: 0 }), 'ERR_VALUE'],
      [() => new FFExpSyn(1, { tauSyn: NaN }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { tauSyn: [1, 2] as never }), 'ERR_TYPE'],
      [() => new FFExpSyn(1, { dt: 0 }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { bias: [1, 2, 3] }), 'ERR_SHAPE'],
      [() => new FFExpSyn(2, { bias: NaN }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { noiseStd: -1 }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { addEvents: 1 as never }), 'ERR_TYPE'],
      [() => new FFExpSyn(2, { precision: 'half' as never }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { noiseScaling: 'none' as never }), 'ERR_VALUE'],
      [() => new FFExpSyn(2, { tau: 1 } as never), 'ERR_TYPE'],
      [() => new FFExpSynTorch(2, { maxNumTimesteps: 0 }), 'ERR_VALUE'],
      [() => new FFExpSynTorch(2, { maxNumTimesteps: 1.5 }), 'ERR_VALUE'],
      [() => new FFExpSynBrian(2, { integratorName: 'rk2' as never }), 'ERR_VALUE'],
      [() => new FFExpSynBrian(2, { synapseEq: '' } as never), 'ERR_TYPE'],
    ];
    for (const [make, code] of wrong) assert.equal(codeOf(make), code, String(make));
    assert.throws(() => new FFExpSyn([[1, NaN]]), /expected weights to be finite, received NaN/);

    const layer = new FFExpSyn([[1, 2]], { bias: [3, 4] });
    const dict = layer.toDict({ includeState: true });
    for (const [set, code] of [
      [() => (layer.weights = [[1, NaN]]), 'ERR_VALUE'],
      [() => (layer.weights = [[1]]), 'ERR_SHAPE'],
      [() => (layer.weights = null as never), 'ERR_TYPE'],
      [() => (layer.bias = [1, 2, 3]), 'ERR_SHAPE'],
      [() => (layer.bias = null as never), 'ERR_TYPE'],
      [() => (layer.tauSyn = -1), 'ERR_VALUE'],
      [() => (layer.state = [1, 2, 3]), 'ERR_SHAPE'],
      [() => (layer.stateNoBias = [1, 2, 3]), 'ERR_SHAPE'],
      [() => (layer.addEvents = 0 as never), 'ERR_TYPE'],
    ] as const)
      assert.equal(codeOf(set), code, String(set));
    assert.deepEqual(layer.toDict({ includeState: true }), dict);
  });

  it('refuses wrong input, and stays as it was', async () => {
    const layer = new FFExpSyn([[1], [1]], { dt });
    layer.state = 2;
    const before = layer.snapshot();
    const beyond = new TSEvent([0.0001, 0.0041], [0, 2], { tStop: 0.005 });
    const inputs: [unknown, object, string][] = [
      [new TSContinuous([0, 1], [0, 1]), { numTimesteps: 3 }, 'ERR_TYPE'],
      [beyond, { numTimesteps: 3 }, 'ERR_INDEX'],
      [null, {}, 'ERR_TYPE'],
      [null, { numTimesteps: 1.5 }, 'ERR_TYPE'],
      [null, { duration: -1 }, 'ERR_VALUE'],
      [null, { steps: 1 }, 'ERR_TYPE'],
    ];
    for (const [input, options, code] of inputs) {
      assert.equal(
        codeOf(() => layer.evolve(input as never, options)),
        code,
      );
      await assert.rejects(layer.evolveAsync(input as never, options), { code });
      assert.deepEqual(layer.snapshot(), before);
    }
    assertClose(layer.evolve(beyond, { numTimesteps: 1, ignoreExtraChannels: true }).samples.data, [
      2,
      2 * Math.exp(-0.2) + 1,
    ]);
  });

  it('tells layer, neuron and step when a current stops being finite', async () => {
    const layer = new FFExpSyn([[1, 1.2e308]], { dt, name: 'syn' });
    const input = new TSEvent([0.0001, 0.0031, 0.0032], 0, { tStop: 0.01 });
    layer.evolve(null, { numTimesteps: 2 });
    const before = layer.snapshot();
    const expected = {
      code: 'ERR_NOT_FINITE',
      message: "FFExpSyn 'syn': expected the current of neuron 1 to be finite, received Infinity at time step 3",
      neuron: 1,
      timestep: 3,
    };
    assert.throws(() => layer.evolve(input), expected);
    await assert.rejects(layer.evolveAsync(input), expected);
    assert.deepEqual(layer.snapshot(), before);
    layer.stateNoBias[0] = NaN;
    assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_NOT_FINITE' });
    layer.resetState();
    layer.weights.data[0] = NaN;
    assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_VALUE', message: /weights/ });
  });
});
