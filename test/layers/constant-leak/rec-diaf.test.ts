import assert from 'node:assert/strict';
import { TSEvent } from 'rockpool-node';
import { Layer, RecDIAF, type RecDIAFOptions } from 'rockpool-node/layers';
import { codeOf } from '../helpers';
import { assertClose, assertSame, numbers, onEveryTarget, warningsOf } from '../rate-helpers';
import { integers, spikesOf } from './helpers';

const weights = {
  weightsIn: [[30, 50]],
  weightsRec: [
    [0, 20],
    [-40, 0],
  ],
};
const options: RecDIAFOptions = {
  dt: 1e-3,
  delay: 0.5e-3,
  tauLeak: 2e-3,
  refractory: 1.5e-3,
  leak: 3,
  vSubtract: 60,
};
const make = (more: RecDIAFOptions = {}) => new RecDIAF(weights.weightsIn, weights.weightsRec, { ...options, ...more });
const beat = (n: number): TSEvent =>
  new TSEvent(
    Array.from({ length: n }, (_, k) => (k + 0.5) * 1e-3),
    0,
    { tStop: n * 1e-3 },
  );

describe('RecDIAF', () => {
  it('gives the numbers of the reference', () => {
    const layer = make();
    const output = layer.evolve(beat(8));
    assertClose(output.times, [1.5e-3, 4.5e-3, 4.5e-3, 6.5e-3]);
    assertSame(output.channels, [1, 0, 1, 1]);
    assertSame(layer.state, [61, 54]);
    assert.deepEqual([output.tStart, output.tStop, output.numChannels, output.name], [0, 8e-3, 2, 'unnamed']);
    // The leak at 8 ms is the first event of the next evolution.
    layer.evolve(null, { numTimesteps: 1 });
    assertSame(layer.state, [58, 51]);
    const { times, channels } = make().pendingEvents;
    assert.deepEqual([times.length, channels.length], [0, 0]);
  });

  it('has the defaults of the original', () => {
    const layer = new RecDIAF([[1]], [[0]]);
    const { dt, delay, tauLeak, stateType, vRest, vSubtract } = layer;
    assert.deepEqual(
      { dt, delay, tauLeak, stateType, vRest, vSubtract },
      { dt: 1e-4, delay: 1e-8, tauLeak: 1e-3, stateType: 'int8', vRest: null, vSubtract: null },
    );
    assert.deepEqual([layer.vThresh[0], layer.vReset[0], layer.leak[0], layer.refractory[0]], [100, 0, 1, 1e-9]);
    assert.equal(layer.toDict()['v_rest'], null);
    assert.equal(layer.weights, layer.weightsRec);
  });

  it('records the states around every event', () => {
    const layer = make({ monitorId: [1] });
    layer.evolve(beat(2));
    const record = layer.tsRecorded!;
    assert.equal(record.numChannels, 2);
    assertClose(record.times, [0, 0.5e-3, 0.5e-3, 0.5e-3, 1.5e-3, 1.5e-3, 1.5e-3]);
    assertSame(record.samples.data, [0, NaN, 0, 0, 50, NaN, 50, NaN, 50, 0, 100, NaN, 40, NaN]);
    layer.evolve(null, { numTimesteps: 1 }); // at 2 ms the spike, which is channel 2, before the leak
    assertSame(
      layer.tsRecorded!.samples.data.filter((_, i) => i % 6 === 3),
      [2, 3],
    );
    layer.monitorId = null;
    layer.evolve(null, { numTimesteps: 1 });
    assert.equal(layer.tsRecorded, null);
  });

  it('processes simultaneous events by channel, the leak last', () => {
    const order = (channels: number[]): number[] => {
      const layer = new RecDIAF([[127], [-128]], [[0]], { dt: 1, tauLeak: 0.5, vThresh: 128, monitorId: true });
      layer.evolve(new TSEvent([0.5, 0.5], channels, { tStop: 1, numChannels: 2 }));
      return Array.from(layer.tsRecorded!.samples.data.filter((_, i) => i > 1 && i % 6 === 3));
    };
    assert.deepEqual(order([1, 0]), [0, 1, 3]);
    assert.deepEqual(order([0, 1]), [0, 1, 3]);
  });

  it('leads to the rest, or down', () => {
    const after = (vRest: number | null, state: number): number => {
      const layer = new RecDIAF([[0]], [[0]], { dt: 1, tauLeak: 0.3, leak: 2, vRest });
      layer.state = state;
      layer.evolve(null, { numTimesteps: 1 }); // three times
      return layer.state[0];
    };
    assert.deepEqual([after(null, 0), after(0, 9), after(0, -9), after(1, 1), after(0, 1)], [-6, 3, -3, 1, -1]);
    assert.equal(after(null, -126), -128);
    assert.equal(after(0.5, 0), 2 - 2 + 2);
  });

  it('keeps events and refractory times when the clock is set', () => {
    const layer = new RecDIAF(
      [[100, 0]],
      [
        [0, 100],
        [0, 0],
      ],
      { dt: 1e-3, delay: 3e-3, refractory: 2e-3, tauLeak: 1e3 },
    );
    layer.evolve(new TSEvent([0.5e-3], 0, { tStop: 1e-3 }));
    const { times, channels } = layer.pendingEvents;
    assertClose(times, [3.5e-3]);
    assertSame(channels, [1]);
    assertClose(layer.refractoryEnds, [2.5e-3, 0]);
    layer.resetTime();
    assertClose(layer.pendingEvents.times, [2.5e-3]);
    assertClose(layer.refractoryEnds, [1.5e-3, -1e-3]);
    layer.t = 1;
    assertClose(layer.pendingEvents.times, [1.0025]);
    const spikes = spikesOf(layer, new TSEvent([1.001, 1.002], 0, { tStart: 1, tStop: 1.004 }));
    assertClose(
      spikes.map(([time]) => time),
      [1.002, 1.0025],
    );
    assert.deepEqual(
      spikes.map(([, neuron]) => neuron),
      [0, 1],
    );
    layer.resetAll();
    assert.deepEqual(spikesOf(layer, null, { numTimesteps: 10 }), []);
  });

  it('tells of fractions, and of refractory times that are too short', () => {
    assert.deepEqual(
      warningsOf(() => new RecDIAF([[0.5]], [[0]])),
      ['WEIGHTS_FRACTIONAL'],
    );
    assert.deepEqual(
      warningsOf(() => new RecDIAF([[0.5]], [[0]], { stateType: 'float' })),
      [],
    );
    let layer = make();
    assert.deepEqual(
      warningsOf(() => (layer = make({ refractory: [0, 1] }))),
      ['REFRACTORY_RAISED'],
    );
    assertSame(layer.refractory, [1e-9, 1]);
    assertClose(layer.state, [0, 0]);
    layer.state = [300, -7.9];
    assertSame(layer.state, [127, -7]);
    layer.stateType = 'uint8';
    assertSame(layer.state, [127, 0]);
  });

  it('cuts fractions toward zero at every update', () => {
    let layer: RecDIAF | undefined;
    warningsOf(
      () =>
        (layer = new RecDIAF(
          [[1.75, -1.75]],
          [
            [0, 0],
            [0, 0],
          ],
          { tauLeak: 10, stateType: 'int16' },
        )),
    );
    layer!.evolve(beat(5), { duration: 5e-3 });
    assertSame(layer!.state, [5, -5]);
  });

  it('refuses wrong arguments', () => {
    const layer = make();
    const before = layer.toJSON();
    const calls: [() => unknown, string][] = [
      [() => make({ delay: 0 }), 'ERR_VALUE'],
      [() => make({ tauLeak: -1 }), 'ERR_VALUE'],
      [() => make({ refractory: -1 }), 'ERR_VALUE'],
      [() => make({ vSubtract: 0 }), 'ERR_VALUE'],
      [() => make({ vRest: [1, 2, 3] }), 'ERR_SHAPE'],
      [() => make({ stateType: 'int7' as never }), 'ERR_VALUE'],
      [() => make({ stateType: 8 as never }), 'ERR_TYPE'],
      [() => make({ noise: 1 } as never), 'ERR_TYPE'],
      [() => new RecDIAF([[1, 2]], [[1]]), 'ERR_SHAPE'],
      [() => new RecDIAF([[1]], [[NaN]]), 'ERR_VALUE'],
      [() => (layer.dt = 1), 'ERR_STATE'],
      [() => (layer.delay = Infinity), 'ERR_VALUE'],
      [() => (layer.vRest = NaN), 'ERR_VALUE'],
      [() => (layer.weightsIn = [[1, 2, 3]]), 'ERR_SHAPE'],
      [() => (layer.state = [NaN, 0]), 'ERR_VALUE'],
      [() => layer.evolve(beat(1), { addEvents: true } as never), 'ERR_TYPE'],
      [() => (make({ delay: 1e-300 }).t = 1), ''],
    ];
    for (const [call, code] of calls) assert.equal(codeOf(call) ?? '', code, String(call));
    const late = make({ delay: 1e-12 });
    late.t = 1e6;
    assert.equal(
      codeOf(() => late.evolve(null, { numTimesteps: 1 })),
      'ERR_VALUE',
    );
    layer.dt = 1e-3;
    assert.deepEqual(layer.toJSON(), before);
    assert.deepEqual(Layer.loadFromDict(layer.toDict()).toJSON(), before);
  });

  it('gives the same on every instruction set', () => {
    const results = onEveryTarget(`
      const { TSEvent } = require('rockpool-node');
      const { RecDIAF } = require('rockpool-node/layers');
      let s = 1;
      const draw = () => ((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 2 ** 32);
      const integers = (rows, columns, low, high) => ({ data: Float64Array.from({ length: rows * columns }, () => Math.floor(low + draw() * (high - low))), shape: [rows, columns] });
      const layer = new RecDIAF(integers(8, 130, -30, 70), integers(130, 130, -20, 20), { delay: 1e-3, vSubtract: 70, refractory: 4e-4 });
      const times = Float64Array.from({ length: 2000 }, () => draw()).sort();
      const output = layer.evolve(new TSEvent(times, Int32Array.from(times, () => Math.floor(draw() * 8)), { tStop: 1, numChannels: 8 }));
      console.log(JSON.stringify([output.length, ...output.channels, ...layer.state]));
    `);
    const [first, ...others] = results.values();
    assert.ok(first[0] > 1000);
    for (const other of others) assertSame(other, first);
  });

  it('takes many events and neurons', () => {
    const layer = new RecDIAF(integers(10, 1000, 3, 60), integers(1000, 1000, 4, 6), { delay: 1e-4, dt: 1e-3 });
    const times = numbers(5000, 5, 1)
      .map((v) => v + 0.5)
      .sort();
    const channels = Int32Array.from(numbers(5000, 6, 1), (v) => Math.floor((v + 0.5) * 10));
    const output = layer.evolve(new TSEvent(times, channels, { tStop: 1, numChannels: 10 }));
    assert.ok(output.length > 1000);
  });
});
