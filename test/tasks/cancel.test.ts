import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { RockpoolError, TSContinuous } from 'rockpool-node';
import { LONG, reservoir } from './reservoir.js';

describe('tasks: cancellation, progress, isolation', () => {
  it('an abort rejects with ERR_ABORTED and leaves the layer as it was', async () => {
    const layer = reservoir();
    layer.evolve(null, { numTimesteps: 10 });
    const before = { t: layer.t, state: Float64Array.from(layer.state) };
    const controller = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => controller.abort(reason), 30);
    await assert.rejects(
      layer.evolveAsync(null, { numTimesteps: LONG, signal: controller.signal }),
      (error: unknown) => {
        assert.ok(error instanceof RockpoolError);
        assert.equal(error.code, 'ERR_ABORTED');
        assert.equal(error.name, 'AbortError');
        assert.equal(error.cause, reason);
        return true;
      },
    );
    assert.equal(layer.t, before.t);
    assert.deepEqual(Float64Array.from(layer.state), before.state);
    const reference = reservoir();
    reference.evolve(null, { numTimesteps: 10 });
    assert.deepEqual(
      layer.evolve(null, { numTimesteps: 5 }).samples.data,
      reference.evolve(null, { numTimesteps: 5 }).samples.data,
    );
  });

  it('a signal that is aborted already starts nothing', async () => {
    const layer = reservoir();
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: LONG, signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    assert.equal(layer.t, 0);
  });

  it('a layer that evolves refuses a second evolve', async () => {
    const layer = reservoir();
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: LONG, signal: controller.signal });
    assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_BUSY' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1 }), { code: 'ERR_BUSY' });
    assert.throws(() => layer.resetAll(), { code: 'ERR_BUSY' });
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.equal(layer.evolve(null, { numTimesteps: 1 }).samples.shape[0], 2);
  });

  it('computes the same as the synchronous form', async () => {
    const input = TSContinuous.fromClocked(
      Array.from({ length: 50 }, (_, i) => Math.sin(i)),
      { dt: 0.1 },
    );
    const a = reservoir(20);
    const b = reservoir(20);
    const sync = a.evolve(input);
    const async_ = await b.evolveAsync(input);
    assert.deepEqual(async_.samples.data, sync.samples.data);
    assert.deepEqual(Float64Array.from(b.state), Float64Array.from(a.state));
    assert.equal(b.t, a.t);
  });

  it('reports progress that grows, at most 20 times a second', async () => {
    const layer = reservoir();
    const seen: { done: number; total: number; etaSeconds: number }[] = [];
    const controller = new AbortController();
    const begin = performance.now();
    setTimeout(() => controller.abort(), 600);
    await assert.rejects(
      layer.evolveAsync(null, { numTimesteps: LONG, signal: controller.signal, onProgress: (p) => seen.push(p) }),
    );
    const seconds = (performance.now() - begin) / 1000;
    assert.ok(seen.length >= 1 && seen.length <= 20 * seconds + 1, `${seen.length} calls in ${seconds} s`);
    for (const [i, p] of seen.entries()) {
      assert.equal(p.total, LONG);
      assert.ok(p.done > (seen[i - 1]?.done ?? -1) && p.done <= p.total && p.etaSeconds >= 0);
    }
  });

  it('a progress callback that throws stops the run with its error', async () => {
    const layer = reservoir();
    const boom = new Error('boom');
    const onProgress = () => {
      throw boom;
    };
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: LONG, onProgress }), (error) => error === boom);
    assert.equal(layer.t, 0);
    for (const value of ['text', 3, null, undefined]) {
      const throwing = () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- users do
        throw value;
      };
      const run = layer.evolveAsync(null, { numTimesteps: LONG, onProgress: throwing });
      assert.deepEqual(
        await run.then(
          () => 'done',
          (error: unknown) => [error],
        ),
        [value],
      );
    }
    layer.evolve(null, { numTimesteps: 1 });
  });

  it('refuses a signal or a callback of another kind', async () => {
    const layer = reservoir(3);
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1, signal: {} as AbortSignal }), {
      code: 'ERR_TYPE',
      message: /signal/,
    });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1, onProgress: 3 as never }), {
      code: 'ERR_TYPE',
      message: /onProgress/,
    });
    layer.evolve(null, { numTimesteps: 1 });
  });

  it('evolve refuses what only evolveAsync can honour', () => {
    const layer = reservoir(3);
    const { signal } = new AbortController();
    assert.throws(() => layer.evolve(null, { numTimesteps: 1, signal } as never), {
      code: 'ERR_TYPE',
      message: /evolveAsync/,
    });
    assert.throws(() => layer.evolve(null, { numTimesteps: 1, onProgress: () => {} } as never), { code: 'ERR_TYPE' });
    assert.throws(() => layer.evolve(null, { numTimesteps: 1, verbose: 'yes' } as never), {
      code: 'ERR_TYPE',
      message: /verbose/,
    });
  });

  it('is not disturbed when buffers are transferred meanwhile', async () => {
    const samples = Float64Array.from({ length: 2000 }, (_, i) => Math.sin(i / 7));
    const times = Float64Array.from({ length: 2000 }, (_, i) => i * 0.1);
    const expected = reservoir(200).evolve(new TSContinuous(times.slice(), samples.slice(), { name: 'input' }));
    const layer = reservoir(200);
    const input = new TSContinuous(times, samples);
    const running = layer.evolveAsync(input);
    for (const array of [samples, times, input.samples.data, input.times, layer.state, layer.weights.data]) {
      if (array.buffer.byteLength > 0) structuredClone(array, { transfer: [array.buffer as ArrayBuffer] });
    }
    assert.deepEqual((await running).samples.data, expected.samples.data);
  });

  it('leaves nothing alive', async () => {
    await sleep(20);
    const alive = process.getActiveResourcesInfo().length;
    await Promise.all(Array.from({ length: 8 }, () => reservoir(10).evolveAsync(null, { numTimesteps: 100 })));
    await sleep(20);
    assert.deepEqual(process.getActiveResourcesInfo().slice(alive), []);
  });

  it('runs many layers at once', async () => {
    const expected = reservoir(50).evolve(null, { numTimesteps: 200 }).samples.data;
    const results = await Promise.all(
      Array.from({ length: 20 }, () => reservoir(50).evolveAsync(null, { numTimesteps: 200 })),
    );
    for (const r of results) assert.deepEqual(r.samples.data, expected);
  });
});
