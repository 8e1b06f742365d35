import assert from 'node:assert/strict';
import { Network, TSContinuous, TSEvent } from 'rockpool-node';
import { Layer, PassThroughEvents } from 'rockpool-node/layers';
import { randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertSame, warningsOf } from './rate-helpers';

const dt = 0.1;
const weights = [
  [2, 0, 1],
  [0, 1, 0],
];
const input = () => new TSEvent([0, 0.05, 0.25, 0.25, 0.5], [0, 1, 1, 0, 0], { tStop: 1, numChannels: 2 });
const pairs = (series: TSEvent): [number, number][] => [...series];

describe('PassThroughEvents', () => {
  it('copies events as often as the weights say, in the order of input and channels', () => {
    const layer = new PassThroughEvents(weights, { dt });
    const output = layer.evolve(input());
    assert.deepEqual(pairs(output), [
      [0, 0],
      [0, 0],
      [0, 2],
      [0.05, 1],
      [0.25, 1],
      [0.25, 0],
      [0.25, 0],
      [0.25, 2],
      [0.5, 0],
      [0.5, 0],
      [0.5, 2],
    ]);
    assert.equal(output.numChannels, 3);
    assert.equal(output.name, 'transformed event raster');
    assert.deepEqual([output.tStart, output.tStop, output.periodic], [0, 1, false]);
    assert.equal(layer.t, 1);
    assert.equal(String(layer), 'PassThroughEvents object: "unnamed" [2 TSEvent in -> 3 internal -> 3 TSEvent out]');
    assert.equal(new PassThroughEvents([[1]]).dt, 1e-3);
    assert.equal(new PassThroughEvents({ weights: [1, 2], dt }).size, 2);
  });

  it('takes the events from the start of the evolution on, up to but not including its end', () => {
    const layer = new PassThroughEvents([[1], [1]], { dt: 0.25 });
    assertSame(layer.evolve(input(), { numTimesteps: 1 }).times, [0, 0.05]);
    const second = layer.evolve(input(), { duration: 0.25 });
    assertSame(second.times, [0.25, 0.25]);
    assert.deepEqual([second.tStart, second.tStop], [0.25, 0.5]);
    assertSame(layer.evolve(input()).times, [0.5]);
  });

  it('gives the same in pieces and off the event loop', async () => {
    const events = randomEvents(3000, 5, 1e-3, 1000);
    const w = [
      [1, 0, 3],
      [0, 0, 0],
      [2, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const whole = pairs(new PassThroughEvents(w).evolve(events));
    assert.equal(whole.length > 3000, true);
    for (const size of [1, 7, 100, 1000]) {
      for (const asynchronous of [false, true]) {
        const layer = new PassThroughEvents(w);
        const all: [number, number][] = [];
        for (let done = 0; done < 1000; done += size) {
          const numTimesteps = Math.min(size, 1000 - done);
          const piece = asynchronous
            ? await layer.evolveAsync(events, { numTimesteps })
            : layer.evolve(events, { numTimesteps });
          all.push(...pairs(piece));
        }
        assert.deepEqual(all, whole, `pieces of ${size}`);
        if (size === 1) break;
      }
    }
  });

  it('advances its clock without events, and returns an empty series over the evolution', async () => {
    for (const nothing of [null, new TSEvent([], [], { tStop: 1, numChannels: 2 })]) {
      const layer = new PassThroughEvents(weights, { dt });
      const output = layer.evolve(nothing, { numTimesteps: 3 });
      assert.deepEqual([output.length, output.numChannels, output.tStart], [0, 3, 0]);
      assert.ok(Math.abs(output.tStop - 0.3) < 1e-12);
      assert.equal(layer.timestep, 3);
      const next = await layer.evolveAsync(nothing, { numTimesteps: 2 });
      assert.equal(next.length, 0);
      assert.equal(layer.timestep, 5);
    }
    const none = new PassThroughEvents(weights, { dt }).evolve(input(), { numTimesteps: 0 });
    assert.deepEqual([none.length, none.tStart, none.tStop], [0, 0, 0]);
  });

  it('repeats a periodic input', () => {
    const periodic = new TSEvent([0.05], [0], { tStart: 0, tStop: 0.1, periodic: true });
    const output = new PassThroughEvents([[1]], { dt }).evolve(periodic, { numTimesteps: 30 });
    assert.equal(output.length, 30);
    assert.ok(Math.abs(output.times[29] - 2.95) < 1e-12);
  });

  it('takes new weights, whole or element by element', () => {
    const layer = new PassThroughEvents(weights, { dt });
    const events = new TSEvent([0.05], [0], { tStop: 1, numChannels: 2 });
    const channelsOf = () => {
      layer.resetAll();
      return Array.from(layer.evolve(events).channels);
    };
    assert.deepEqual(channelsOf(), [0, 0, 2]);
    layer.weights = [
      [0, 3, 0],
      [0, 0, 0],
    ];
    assert.deepEqual(channelsOf(), [1, 1, 1]);
    layer.weights.data[0] = 1;
    assert.deepEqual(channelsOf(), [0, 1, 1, 1]);
    layer.weights.data[0] = -1;
    assert.equal(codeOf(channelsOf), 'ERR_VALUE');
    assert.equal(
      codeOf(() => (layer.weights = [[1, 2]])),
      'ERR_SHAPE',
    );
  });

  it('cuts fractions off and has no use for noise, with warnings', () => {
    let layer!: PassThroughEvents;
    assert.deepEqual(
      warningsOf(() => (layer = new PassThroughEvents([[1.9, -0.5]], { noiseStd: 0.1 }))),
      ['WEIGHTS_TRUNCATED', 'NOISE_UNUSED'],
    );
    assertSame(layer.weights.data, [1, 0]);
    assert.deepEqual(
      warningsOf(() => (layer.noiseStd = 2)),
      ['NOISE_UNUSED'],
    );
    assert.deepEqual(
      warningsOf(() => new PassThroughEvents([[1, 2]], { noiseStd: 0 })),
      [],
    );
  });

  it('stores and loads its parameters', () => {
    const layer = new PassThroughEvents(weights, { dt, name: 'router' });
    assert.deepEqual(layer.toDict(), {
      weights,
      dt,
      noise_std: 0,
      name: 'router',
      class_name: 'PassThroughEvents',
    });
    const loaded = Layer.loadFromDict(layer.toDict());
    assert.ok(loaded instanceof PassThroughEvents);
    assert.deepEqual(loaded.toDict(), layer.toDict());
  });

  it('refuses wrong arguments and leaves the layer as it was', async () => {
    for (const wrong of [[[-1]], [[NaN]], [[1, 2 ** 31]], [[Infinity]]])
      assert.throws(() => new PassThroughEvents(wrong), {
        code: 'ERR_VALUE',
        message: /weights\[0, \d\] to be from 0/,
      });
    assert.equal(
      codeOf(() => new PassThroughEvents(null as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new PassThroughEvents([])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => new PassThroughEvents([[1]], { bias: 1 } as never)),
      'ERR_TYPE',
    );
    const layer = new PassThroughEvents([[1]], { dt });
    const continuous = new TSContinuous([0, 1], [0, 1]);
    const beyond = new TSEvent([0.1, 0.9], [0, 4], { tStop: 1 });
    for (const [run, code] of [
      [() => layer.evolve(continuous), 'ERR_TYPE'],
      [() => layer.evolve(beyond), 'ERR_INDEX'],
      [() => layer.evolve(beyond, { numTimesteps: 1 }), 'ERR_INDEX'],
      [() => layer.evolve(null), 'ERR_TYPE'],
      [() => layer.evolve(null, { numTimesteps: -1 }), 'ERR_VALUE'],
      [() => layer.evolve(beyond, { addEvents: true } as never), 'ERR_TYPE'],
      [() => layer.evolve(null, { numTimesteps: 1, onProgress: () => undefined } as never), 'ERR_TYPE'],
    ] as const) {
      assert.equal(codeOf(run), code, String(run));
      assert.equal(layer.timestep, 0);
    }
    await assert.rejects(layer.evolveAsync(beyond), { code: 'ERR_INDEX' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1, signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    assert.equal(layer.timestep, 0);
    assertSame(layer.evolve(beyond, { ignoreExtraChannels: true }).times, [0.1]);
  });

  it('more events than memory holds are an error', () => {
    const layer = new PassThroughEvents([[2 ** 31 - 1]], { dt });
    const many = new TSEvent(new Float64Array(1000).fill(0.5), 0, { tStop: 1 });
    assert.equal(
      codeOf(() => layer.evolve(many)),
      'ERR_NOMEM',
    );
    assert.equal(layer.timestep, 0);
  });

  it('is aborted while it copies, and refuses other calls meanwhile', async () => {
    const layer = new PassThroughEvents([[40_000]], { dt });
    const many = new TSEvent(new Float64Array(1000).fill(0.5), 0, { tStop: 1 });
    const controller = new AbortController();
    const running = layer.evolveAsync(many, { signal: controller.signal });
    assert.equal(
      codeOf(() => layer.evolve(many)),
      'ERR_BUSY',
    );
    assert.equal(
      codeOf(() => (layer.weights = [[1]])),
      'ERR_BUSY',
    );
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.equal(layer.timestep, 0);
  });

  it('routes events in a network', () => {
    const net = new Network([
      new PassThroughEvents(weights, { dt, name: 'a' }),
      new PassThroughEvents([[1], [1], [1]], { dt, name: 'b' }),
    ]);
    const out = net.evolve(input());
    assert.equal((out['a'] as TSEvent).length, 11);
    assert.equal((out['b'] as TSEvent).length, 11);
  });
});
