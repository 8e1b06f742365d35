import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Network } from 'rockpool-node';
import { loadSnapshot, loadSnapshotSync, saveSnapshot, saveSnapshotSync } from 'rockpool-node/io';
import type { LayerSnapshot } from 'rockpool-node/layers';
import { useFolder } from '../io/helpers.js';
import { Accumulator, codeOf, Slow } from '../layers/helpers.js';
import { inputSeries } from '../layers/rate-helpers.js';
import { dt, make, run } from './snapshot-network.js';

describe('Network.snapshot and restore', () => {
  const folder = useFolder();

  it('has the clock, and a part for each layer under its name in the network', () => {
    const net = make(1);
    net.evolve(inputSeries(10, 1, dt), { numTimesteps: 4 });
    const snapshot = net.snapshot();
    assert.deepEqual(Object.keys(snapshot), ['timestep', 'layers']);
    assert.deepEqual(Object.keys(snapshot.layers), ['a', 'a_0', 'inner']);
    assert.deepEqual([snapshot.timestep, snapshot.layers['a'].timestep, snapshot.layers['inner'].timestep], [4, 8, 4]);
    assert.deepEqual(snapshot.layers['a_0'], net.layer('a_0').snapshot());
    assert.deepEqual(Object.keys(snapshot.layers['inner']['layers'] as object), ['a', 'out']);
    assert.deepEqual(new Network().snapshot(), { timestep: 0, layers: {} });
  });

  it('continues bit for bit: in memory, from a file, and in another process', async () => {
    const net = make(1);
    run(net, 13);
    const snapshot = net.snapshot();
    await saveSnapshot(snapshot, folder.path('a'));
    saveSnapshotSync(snapshot, folder.path('b'));
    const expected = [run(net, 7), run(net, 20)];
    const after = net.snapshot();
    for (const part of [snapshot, await loadSnapshot(folder.path('a')), loadSnapshotSync(folder.path('b.npz'))]) {
      for (const target of [net, make(100)]) {
        target.restore(part);
        assert.deepEqual(target.snapshot(), snapshot);
        assert.deepEqual([run(target, 7), run(target, 20)], expected);
        assert.deepEqual(target.snapshot(), after);
      }
    }
    net.restore(snapshot);
    const program = `const { makeAndRun } = require(process.argv[1]); process.stdout.write(makeAndRun(process.argv[2]));`;
    const there = execFileSync(
      process.execPath,
      ['-e', program, join(__dirname, 'snapshot-network.js'), folder.path('a')],
      {
        cwd: join(__dirname, '..', '..', '..'),
        encoding: 'utf8',
      },
    );
    assert.deepEqual(JSON.parse(there), expected);
  });

  it('all layers or none: a part that does not fit names its layer', () => {
    const net = make(1);
    run(net, 5);
    const good = net.snapshot();
    run(net, 3);
    const present = net.snapshot();
    const within = (name: string, change: object): LayerSnapshot => ({
      ...good,
      layers: { ...good.layers, [name]: { ...good.layers[name], ...change } },
    });
    const inner = good.layers['inner']['layers'] as Record<string, LayerSnapshot>;
    const { a_0: dropped, ...fewer } = good.layers;
    assert.ok(dropped);
    for (const [wrong, code, layer, pattern] of [
      [
        within('a', { buffer: [1] }),
        'ERR_SHAPE',
        'a',
        /^layer 'a': expected buffer to be 15 numbers, received 1 of them$/,
      ],
      [within('a_0', { state: [1] }), 'ERR_SHAPE', 'a_0', /^layer 'a_0': expected state to be 3 numbers/],
      [within('a_0', { timestep: 0.5 }), 'ERR_VALUE', 'a_0', /^layer 'a_0': expected timestep/],
      [
        within('inner', { layers: { ...inner, out: { ...inner['out'], seed: 'x' } } }),
        'ERR_TYPE',
        'inner.out',
        /^layer 'inner': layer 'out': expected seed/,
      ],
      [
        within('inner', { layers: { a: inner['a'] } }),
        'ERR_KEY',
        'inner.out',
        /^layer 'inner': expected the snapshot to have parts for the layers 'a', 'out', received none for 'out'$/,
      ],
      [within('inner', { layers: undefined }), 'ERR_TYPE', 'inner', /what snapshot\(\) of a network returned/],
      [within('more', {}), 'ERR_KEY', 'more', /for the layers 'a', 'a_0', 'inner', received one for 'more' too$/],
      [{ ...good, layers: fewer }, 'ERR_KEY', 'a_0', /received none for 'a_0'/],
      [{ ...good, layers: { ...good.layers, a: null } }, 'ERR_TYPE', 'a', /^layer 'a': expected snapshot/],
      [{ ...good, timestep: -1 }, 'ERR_VALUE', undefined, /^expected timestep/],
      [
        { ...good, layers: [] },
        'ERR_TYPE',
        undefined,
        /^expected snapshot to be what snapshot\(\) of a network returned/,
      ],
      [good.layers['a'], 'ERR_TYPE', undefined, /of a network/],
      [null, 'ERR_TYPE', undefined, /^expected snapshot/],
    ] as const) {
      // prettier-ignore
      assert.throws(
        () => net.restore(wrong as never),
        (e: Error & { code?: string; layer?: string }) =>
          e.code === code && e.layer === layer && pattern.test(e.message) && e.stack!.includes(e.message),
        String(pattern),
      );
      assert.deepEqual(net.snapshot(), present);
    }
    net.restore(good);
    assert.deepEqual(net.snapshot(), good);
  });

  it('all layers or none, also when a class finds fault only while it restores', () => {
    class Fussy extends Accumulator {
      override restore(snapshot: LayerSnapshot): void {
        super.restore(snapshot);
        if (snapshot.timestep === 2) throw new Error('as told');
      }
    }
    const net = new Network(new Accumulator(1, { name: 'a' }), new Fussy(1, { name: 'b' }));
    net.evolve(null, { numTimesteps: 2 });
    const wrong = net.snapshot();
    net.evolve(null, { numTimesteps: 3 });
    const present = net.snapshot();
    assert.throws(() => net.restore(wrong), /^Error: layer 'b': as told$/);
    assert.deepEqual(net.snapshot(), present);
  });

  it('refuses while it evolves, and while one of its layers does, however deep', async () => {
    const slow = new Slow(1, { name: 'slow' });
    const net = new Network(new Accumulator(1), new Network([slow], { name: 'inner' }));
    const before = net.snapshot();
    const refused = (): void => {
      assert.equal(codeOf(() => net.snapshot()), 'ERR_BUSY'); // prettier-ignore
      assert.equal(codeOf(() => net.restore(before)), 'ERR_BUSY'); // prettier-ignore
    };
    let running: Promise<unknown> = net.evolveAsync(null, { numTimesteps: 1 });
    refused();
    await new Promise((resolve) => setImmediate(resolve));
    refused();
    slow.proceed();
    await running;
    net.restore(before);
    running = slow.evolveAsync(null, { numTimesteps: 1 });
    refused();
    slow.proceed();
    await running;
    const seen: (string | undefined)[] = [];
    net.restore(before);
    const sync = new Network(new Accumulator(1));
    sync.evolve(null, { numTimesteps: 1, onLayer: () => seen.push(codeOf(() => sync.snapshot())) });
    assert.deepEqual(seen, ['ERR_BUSY']);
  });

  it('does not care what layers are called', () => {
    const names = ['__proto__', 'a.b', 'a/b', 'A.B', 'snapshot', 'ü', '$array', ''];
    const net = new Network(...names.map((name, i) => new Accumulator(1, { name, seed: i })));
    net.evolve(null, { numTimesteps: 2 });
    for (const [i, layer] of net.evolOrder.entries()) (layer as Accumulator).state = [i + 0.5];
    const snapshot = net.snapshot();
    saveSnapshotSync(snapshot, folder.path('a'));
    net.resetAll();
    net.restore(loadSnapshotSync(folder.path('a')));
    assert.deepEqual(net.snapshot(), snapshot);
    assert.deepEqual(net.evolOrder.map((l) => (l as Accumulator).state[0]), names.map((_, i) => i + 0.5)); // prettier-ignore
  });
});
