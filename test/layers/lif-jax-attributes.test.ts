import assert from 'node:assert/strict';
import { Network, TSContinuous, TSEvent } from 'rockpool-node';
import {
  FFLIFCurrentInJax_SO,
  FFLIFJax_IO,
  Layer,
  RecLIFCurrentInJax,
  RecLIFJax,
  RecLIFJax_IO,
} from 'rockpool-node/layers';
import { classes, content, inputFor } from './lif-helpers';
import { assertClose, assertSame } from './rate-helpers';

const w2 = [
  [0.1, 0.2],
  [0.3, 0.4],
];
const wIn = [[1, 2]];
const wOut = [[1], [-1]];
const times = { tauMem: 0.02, tauSyn: 0.01 };
const io = (options: object = {}) => new RecLIFJax_IO({ wIn, wRecurrent: w2, wOut, ...times, ...options });

describe('LIF layers: attributes', () => {
  it('have the sizes, kinds of series and defaults of the original', () => {
    for (const [name, input, output] of [
      ['RecLIFJax', '40 TSEvent in', '40 TSEvent out'],
      ['RecLIFCurrentInJax', '40 TSContinuous in', '40 TSEvent out'],
      ['RecLIFCurrentInJax_SO', '40 TSContinuous in', '40 TSContinuous out'],
      ['RecLIFJax_IO', '3 TSEvent in', '4 TSContinuous out'],
      ['RecLIFCurrentInJax_IO', '3 TSContinuous in', '4 TSContinuous out'],
      ['FFLIFJax_IO', '3 TSEvent in', '4 TSContinuous out'],
      ['FFLIFJax_SO', '3 TSEvent in', '40 TSContinuous out'],
      ['FFLIFCurrentInJax_SO', '3 TSContinuous in', '40 TSContinuous out'],
    ]) {
      assert.equal(String(classes[name]()), `${name} object: "unnamed" [${input} -> 40 internal -> ${output}]`);
    }
    const layer = new RecLIFJax(w2, times);
    assert.equal(layer.dt, 0.001);
    assertSame(layer.bias, [-1, -1]);
    assertSame(layer.tauMem, [0.02, 0.02]);
    assertSame(layer.wRecurrent.data, [0.1, 0.2, 0.3, 0.4]);
    assert.deepEqual([layer.wIn, layer.wOut, layer.addEvents, layer.noiseStd], [null, null, true, 0]);
    assert.deepEqual(layer.surrogate, { kind: 'tanh', gain: 20, shift: 1 });
    assert.equal(new RecLIFCurrentInJax(w2, times).addEvents, undefined);
  });

  it('have a state of three parts', () => {
    const layer = new RecLIFCurrentInJax(w2, { ...times, bias: [-0.5, -2] });
    assertSame(layer.state, [-0.5, -2, 0, 0, 0, 0]);
    layer.state = { Vmem: [1, 2], Isyn: [3, 4], spikes: [2, 0] };
    assertSame(layer.state.Vmem, [1, 2]);
    assertSame(layer.state.Isyn, [3, 4]);
    assertSame(layer.state.spikes, [2, 0]);
    layer.state.Vmem[0] = 7; // the layer's own array
    assertSame(layer.state, [7, 2, 3, 4, 2, 0]);
    const other = new RecLIFCurrentInJax(w2, times);
    other.state = layer.state;
    assertSame(other.state, layer.state);
    other.state.Isyn[1] = 0;
    assert.equal(layer.state.Isyn[1], 4);
    for (const [wrong, code] of [
      [null, 'ERR_TYPE'],
      [[1, 2], 'ERR_TYPE'],
      [new Float64Array(6), 'ERR_TYPE'],
      [{ Vmem: [1, 2], Isyn: [1, 2] }, 'ERR_TYPE'],
      [{ Vmem: [1, 2], Isyn: [1, 2], spikes: null }, 'ERR_TYPE'],
      [{ Vmem: [1, 2], Isyn: [1, 2], spikes: [0] }, 'ERR_SHAPE'],
      [{ Vmem: [1, NaN], Isyn: [1, 2], spikes: [0, 0] }, 'ERR_VALUE'],
      [{ Vmem: [1, 2], Isyn: [1, 2], spikes: [0, 0], Iahp: [0, 0] }, 'ERR_TYPE'],
    ] as const)
      assert.throws(() => (layer.state = wrong as never), { code }, JSON.stringify(wrong));
    assertSame(layer.state, [7, 2, 3, 4, 2, 0]);
    layer.resetAll();
    assertSame(layer.state, [-0.5, -2, 0, 0, 0, 0]);
  });

  it('draw a random state', () => {
    const size = 20_000;
    const layer = new FFLIFCurrentInJax_SO([new Float64Array(size)], times);
    layer.evolve(new TSContinuous([0, 1], [5, 5]), { numTimesteps: 1 });
    layer.randomizeState({ seed: 5 });
    const mean = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0) / size;
    const { Vmem, Isyn, spikes } = layer.state;
    assert.ok(Vmem.every((v) => v >= -1 && v < 0));
    assert.ok(Math.abs(mean(Vmem) + 0.5) < 5 / Math.sqrt(12 * size));
    assert.ok(Math.abs(mean(Isyn)) < (5 * 0.1) / Math.sqrt(size));
    assert.ok(Math.abs(mean(Isyn.map((v) => v * v)) / 0.01 - 1) < (5 * Math.SQRT2) / Math.sqrt(size));
    assertSame(spikes, new Float64Array(size));
    const first = layer.state.slice();
    layer.randomizeState({ seed: 6 });
    assert.notDeepEqual(layer.state.slice(), first);
    layer.randomizeState({ seed: 5 });
    assertSame(layer.state, first);
    assert.throws(() => layer.randomizeState({ factor: 1 } as never), { code: 'ERR_TYPE' });
  });

  it('take new parameters, also written into their arrays', () => {
    const layer = new FFLIFJax_IO([[1]], [[1]], {
      ...times,
      bias: 0,
      dt: 0.001,
      surrogate: { kind: 'logistic', gain: 1 },
    });
    const drive = (bias: number): number => {
      layer.resetAll();
      layer.state = { Vmem: [-1], Isyn: [0], spikes: [0] };
      layer.bias = bias;
      return layer.evolve(null, { numTimesteps: 1 }).samples.data[0];
    };
    const logistic = (v: number): number => 1 / (1 + Math.exp(-v));
    assertClose([drive(1)], [logistic(-1 + 0.05 * 2)], 1e-14);
    layer.tauMem = 0.04;
    assertClose([drive(1)], [logistic(-1 + 0.025 * 2)], 1e-14);
    layer.tauMem[0] = 0.01;
    assertClose([drive(1)], [logistic(-1 + 0.1 * 2)], 1e-14);
    layer.dt = 0.0005;
    assertClose([drive(1)], [logistic(-1 + 0.05 * 2)], 1e-14);
    layer.wOut = [[2]];
    assertClose([drive(1)], [2 * logistic(-1 + 0.05 * 2)], 1e-14);
    layer.wOut.data[0] = -1;
    assertClose([drive(1)], [-logistic(-1 + 0.05 * 2)], 1e-14);
    layer.wIn = [[4]];
    layer.evolve(new TSEvent([0.0006], [0], { tStart: 0, tStop: 0.01 }), { numTimesteps: 1 });
    assertClose(layer.state.Isyn, [4], 1e-15);
    assert.throws(() => (layer.wRecurrent = [[1]]), {
      code: 'ERR_TYPE',
      message: /expected wRecurrent to be left out/,
    });
  });

  it('keep the time step at or below a tenth of the smallest time constant', () => {
    assert.throws(
      () => io({ dt: 0.0011 }),
      /expected dt to be at most a tenth of the smallest of tauMem and tauSyn, 0.001/,
    );
    const layer = io({ dt: 0.001 });
    layer.dt = 0.0001;
    layer.dt = 0.001;
    assert.throws(() => (layer.dt = 0.002), { code: 'ERR_VALUE' });
    assert.throws(() => (layer.tauMem = 0.009), /expected tauMem to be at least ten time steps, 0.01, received 0.009/);
    assert.throws(() => (layer.tauSyn = [0.01, 0.001]), { code: 'ERR_VALUE' });
    assert.equal(layer.dt, 0.001);
    assertSame(layer.tauSyn, [0.01, 0.01]);
  });

  it('refuse wrong arguments', () => {
    for (const [options, kind] of [
      [{ tauMem: undefined }, 'TypeError'],
      [{ tauSyn: null }, 'TypeError'],
      [{ tauMem: -1 }, 'RangeError'],
      [{ tauSyn: [1, 0] }, 'RangeError'],
      [{ tauMem: Infinity }, 'RangeError'],
      [{ tauMem: [1, 2, 3] }, 'RangeError'],
      [{ bias: NaN }, 'RangeError'],
      [{ bias: [1, 2, 3] }, 'RangeError'],
      [{ noiseStd: -1 }, 'RangeError'],
      [{ dt: 0 }, 'RangeError'],
      [
        {
          wRecurrent: [
            [1, NaN],
            [0, 1],
          ],
        },
        'RangeError',
      ],
      [{ wRecurrent: [[1, 2]] }, 'RangeError'],
      [{ wIn: [1, 2] }, 'RangeError'],
      [{ wIn: [[1]] }, 'RangeError'],
      [{ wOut: [[1, 2]] }, 'RangeError'],
      [{ wOut: null }, 'TypeError'],
      [{ surrogate: 'tanh' }, 'TypeError'],
      [{ surrogate: { kind: 'relu' } }, 'RangeError'],
      [{ surrogate: { gain: NaN } }, 'RangeError'],
      [{ surrogate: { slope: 1 } }, 'TypeError'],
      [{ addEvents: 1 }, 'TypeError'],
      [{ rngKey: [1] }, 'RangeError'],
      [{ noiseScaling: 'other' }, 'RangeError'],
      [{ precision: 'float16' }, 'RangeError'],
      [{ tau: 1 }, 'TypeError'],
    ] as const)
      assert.throws(() => io(options), { name: kind, code: /^ERR_(TYPE|VALUE|SHAPE)$/ }, JSON.stringify(options));
    assert.throws(() => new RecLIFCurrentInJax(w2, { ...times, addEvents: true } as never), /the option 'addEvents'/);
    const current = new RecLIFCurrentInJax(w2, times);
    assert.throws(() => (current.addEvents = false), { code: 'ERR_TYPE' });
    assert.throws(() => (current.weights = [[NaN, 0, 0, 0]] as never), { code: 'ERR_VALUE' });
    assertSame(current.weights.data, [0.1, 0.2, 0.3, 0.4]);
  });

  it('travel through dictionaries, those of the original included', () => {
    const plain = new RecLIFJax(w2, { ...times, rngKey: [3, 4], name: 'p' });
    const config = {
      w_recurrent: w2,
      dt: 0.001,
      noise_std: 0,
      name: 'p',
      class_name: 'RecLIFJax',
      tau_mem: [0.02, 0.02],
      tau_syn: [0.01, 0.01],
      bias: [-1, -1],
      rng_key: [3, 4],
    };
    assert.deepEqual(plain.toDict(), config);
    // Files of 1.0 hold the recurrent weights twice.
    assert.deepEqual(Layer.loadFromDict({ ...config, weights: w2 }).toDict(), config);
    const special = io({
      addEvents: false,
      surrogate: { kind: 'logistic' },
      noiseScaling: 'stationary',
      precision: 'float32',
      noiseStd: 0.1,
    });
    assert.deepEqual(special.surrogate, { kind: 'logistic', gain: 10, shift: 0 });
    assert.deepEqual(Object.keys(special.toDict()).sort(), [
      ...['add_events', 'bias', 'class_name', 'dt', 'name', 'noise_scaling', 'noise_std', 'precision', 'rng_key'],
      ...['surrogate', 'tau_mem', 'tau_syn', 'w_in', 'w_out', 'w_recurrent'],
    ]);
    for (const layer of [plain, special, ...Object.values(classes).map((make) => make())]) {
      const dictionary = layer.toDict();
      const loaded = Layer.loadFromDict(JSON.parse(JSON.stringify(dictionary)) as Record<string, unknown>);
      assert.deepEqual(loaded.toDict(), dictionary);
      assert.equal(loaded.seed, layer.seed);
      const input = inputFor(layer, 20);
      layer.evolve(input, { numTimesteps: 10 });
      const again = Layer.loadFromDict(layer.toDict({ includeState: true }));
      assert.deepEqual(again.snapshot(), layer.snapshot());
      assertSame(
        content(again.evolve(input, { numTimesteps: 10 })),
        content(layer.evolve(input, { numTimesteps: 10 })),
      );
    }
  });

  it('work in a network, which is saved and continues', async () => {
    const make = (): Network =>
      new Network([
        new RecLIFCurrentInJax(w2, { ...times, bias: 2, name: 'spikes', seed: 1, dt: 0.001 }),
        new FFLIFJax_IO(w2, wOut, { ...times, name: 'readout', seed: 2, dt: 0.001 }),
      ]);
    const net = make();
    const first = net.evolve(null, { duration: 0.05 });
    assert.ok((first['spikes'] as TSEvent).length > 5);
    const snapshot = net.snapshot();
    const expected = net.evolve(null, { duration: 0.05 })['readout'];
    const other = make();
    other.restore(snapshot);
    const result = await other.evolveAsync(null, { duration: 0.05 });
    assertSame(content(result['readout']), content(expected));
  });
});
