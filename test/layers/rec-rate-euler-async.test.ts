import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { RecRateEuler } from 'rockpool-node/layers';
import { assertSame, inputSeries, matrix } from './rate-helpers';

function layerOf(n = 300, options: object = {}) {
  const layer = new RecRateEuler(matrix(n, n, 3, 0.05), { dt: 0.1, seed: 1, ...options });
  layer.state = new Float64Array(n).fill(0.25);
  return layer;
}

describe('RecRateEuler.evolveAsync', () => {
  it('stops within 25 ms of an abort and leaves the layer as it was', async () => {
    for (const activationFunc of ['relu', (x: Float64Array) => x.map((v) => Math.max(v, 0))] as const) {
      const layer = layerOf(300, { activationFunc });
      const controller = new AbortController();
      const running = layer.evolveAsync(null, { numTimesteps: 200_000, signal: controller.signal });
      await wait(60);
      const aborted = performance.now();
      controller.abort(new Error('enough'));
      await assert.rejects(running, (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_ABORTED');
        assert.equal((error.cause as Error).message, 'enough');
        return true;
      });
      // 25 ms on an idle machine; this one may be anything but.
      assert.ok(performance.now() - aborted < 500);
      assertSame(layer.state, new Float64Array(300).fill(0.25));
      assert.equal(layer.t, 0);
      layer.evolve(null, { numTimesteps: 1 });
    }
  });

  it('refuses an aborted signal without starting', async () => {
    const layer = layerOf(3);
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 5, signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    assert.equal(layer.t, 0);
  });

  it('refuses other calls while it runs', async () => {
    const layer = layerOf();
    const running = layer.evolveAsync(null, { numTimesteps: 2000 });
    assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_BUSY' });
    assert.throws(() => layer.resetAll(), { code: 'ERR_BUSY' });
    assert.throws(() => (layer.tau = 2), { code: 'ERR_BUSY' });
    assert.throws(() => (layer.bias = 2), { code: 'ERR_BUSY' });
    assert.throws(() => (layer.activationFunc = 'tanh'), { code: 'ERR_BUSY' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1 }), { code: 'ERR_BUSY' });
    await running;
    assert.equal(layer.timestep, 2000);
  });

  it('tells its progress', async () => {
    const layer = layerOf();
    const seen: number[] = [];
    await layer.evolveAsync(null, {
      numTimesteps: 20_000,
      onProgress: ({ done, total }) => {
        assert.equal(total, 20_000);
        seen.push(done);
      },
    });
    assert.ok(seen.every((done, i) => done > 0 && done <= 20_000 && (i === 0 || done >= seen[i - 1])));
  });

  it('does not mind that its input is changed or transferred meanwhile', async () => {
    const input = inputSeries(2000, 300, 0.1);
    const expected = layerOf().evolve(input).samples.data;
    const layer = layerOf();
    const running = layer.evolveAsync(input);
    const { buffer } = input.samples.data;
    structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
    layer.weights.data.fill(NaN); // counts from the next evolution on
    assertSame((await running).samples.data, expected);
    layer.evolve(null, { numTimesteps: 2 });
    assert.ok(Number.isNaN(layer.state[0]));
  });

  it('runs many at the same time', async () => {
    const layers = Array.from({ length: 20 }, () => layerOf(50));
    await Promise.all(layers.map((layer) => layer.evolveAsync(null, { numTimesteps: 500 })));
    for (const layer of layers) assertSame(layer.state, layers[0].state);
  });
});
