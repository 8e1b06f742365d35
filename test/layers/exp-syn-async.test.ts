import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { FFExpSyn } from 'rockpool-node/layers';
import { randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertSame, matrix } from './rate-helpers';

const dt = 1e-3;

describe('FFExpSyn.evolveAsync', () => {
  it('stops after an abort and leaves the layer as it was', async () => {
    const layer = new FFExpSyn(matrix(2, 100), { dt, noiseStd: 1, seed: 1 });
    layer.state = 0.25;
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: 300_000, signal: controller.signal });
    await wait(30);
    controller.abort(new Error('enough'));
    await assert.rejects(running, (error: Error & { code: string }) => {
      assert.equal(error.code, 'ERR_ABORTED');
      assert.equal((error.cause as Error).message, 'enough');
      return true;
    });
    assertSame(layer.state, new Float64Array(100).fill(0.25));
    assert.equal(layer.t, 0);
    layer.evolve(null, { numTimesteps: 1 });
  });

  it('refuses other calls while it runs', async () => {
    const layer = new FFExpSyn(2, { dt });
    const running = layer.evolveAsync(null, { numTimesteps: 1000 });
    const calls: (() => unknown)[] = [
      () => layer.evolve(null, { numTimesteps: 1 }),
      () => layer.resetAll(),
      () => (layer.weights = [1, 2, 3, 4]),
      () => (layer.bias = 1),
      () => (layer.tauSyn = 1),
      () => (layer.dt = 1),
      () => (layer.noiseStd = 1),
      () => (layer.state = 1),
      () => (layer.stateNoBias = 1),
      () => (layer.addEvents = false),
      () => layer.randomizeState(),
      () => layer.restore(layer.snapshot()),
      () => layer.trainRr(null as never),
      () => layer.trainLogreg(null as never),
    ];
    for (const call of calls) assert.equal(codeOf(call), 'ERR_BUSY', String(call));
    await running;
    assert.equal(layer.timestep, 1000);
  });

  it('tells its progress in time steps', async () => {
    const layer = new FFExpSyn(matrix(2, 200), { dt, noiseStd: 1 });
    const seen: number[] = [];
    await layer.evolveAsync(randomEvents(100, 2, dt, 20_000), {
      onProgress: ({ done, total }) => {
        assert.equal(total, 20_000);
        seen.push(done);
      },
    });
    assert.ok(seen.every((done, i) => done > 0 && done <= 20_000 && (i === 0 || done >= seen[i - 1])));
  });

  it('does not mind that its input is changed or transferred meanwhile', async () => {
    const make = () => new FFExpSyn(matrix(3, 50), { dt });
    const input = randomEvents(5000, 3, dt, 2000);
    const expected = make().evolve(input).samples.data;
    const layer = make();
    const running = layer.evolveAsync(input);
    const { buffer } = input.times;
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    layer.weights.data.fill(7); // counts from the next evolution on
    assertSame((await running).samples.data, expected);
  });

  it('runs many at the same time', async () => {
    const input = randomEvents(1000, 2, dt, 500);
    const layers = Array.from({ length: 20 }, () => new FFExpSyn(matrix(2, 30), { dt, seed: 5, noiseStd: 0.1 }));
    await Promise.all(layers.map((layer) => layer.evolveAsync(input)));
    for (const layer of layers) assertSame(layer.state, layers[0].state);
  });
});
