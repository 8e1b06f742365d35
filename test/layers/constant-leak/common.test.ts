import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { loadSnapshot, Network, saveSnapshot, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { CLIAF, Layer } from 'rockpool-node/layers';
import { randomEvents } from '../event-helpers';
import { codeOf } from '../helpers';
import { assertSame } from '../rate-helpers';
import { classes, contentOf, dt, inPieces, input, inputs, steps } from './helpers';

describe('constant-leak and digital layers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'digital-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  for (const [name, make] of Object.entries(classes)) {
    describe(name, () => {
      it('gives something, the same in pieces, off the event loop and as a stream', async () => {
        const events = input();
        const layer = make();
        const whole = contentOf(layer.evolve(events));
        assert.ok(whole[0].length >= steps / 2, `${whole[0].length} values`);
        assert.equal(layer.timestep, steps);
        for (const size of [1, 7, 64]) {
          const other = make();
          assert.deepEqual(inPieces(other, events, size), whole, `pieces of ${size}`);
          assert.deepEqual(other.snapshot(), layer.snapshot());
        }
        const later = make();
        assert.deepEqual(contentOf(await later.evolveAsync(events)), whole);
        assert.deepEqual(later.snapshot(), layer.snapshot());
        const streamed = make();
        const pieces = [0, 50, 100, 150].map((k) => events.clip({ tStart: k * dt, tStop: (k + 50) * dt }));
        const all: [number[], number[]] = [[], []];
        for await (const piece of streamed.stream(pieces))
          contentOf(piece).forEach((values, i) => all[i].push(...values));
        assert.deepEqual(all, whole);
      });

      it('continues from a snapshot, a file and a dictionary', async () => {
        const events = input();
        const layer = make();
        layer.evolve(events, { numTimesteps: 90 });
        const snapshot = layer.snapshot();
        await saveSnapshot(snapshot, join(folder, 'snapshot.npz'));
        const stored = JSON.parse(JSON.stringify(layer.toDict({ includeState: true }))) as Record<string, unknown>;
        const dict = layer.toJSON() as Record<string, unknown>;
        const rest = contentOf(layer.evolve(events));
        assert.ok(rest[0].length > 0);
        layer.restore(snapshot);
        assert.deepEqual(contentOf(layer.evolve(events)), rest);
        const other = make();
        other.restore(await loadSnapshot(join(folder, 'snapshot.npz')));
        assert.deepEqual(contentOf(other.evolve(events)), rest);
        const loaded = Layer.loadFromDict(stored);
        assert.equal(loaded.constructor, layer.constructor);
        assert.deepEqual(contentOf(loaded.evolve(events)), rest);
        const again = Layer.loadFromDict(dict);
        assert.deepEqual(again.toJSON(), dict);
        await layer.saveLayer(join(folder, 'layer.json'));
        assert.deepEqual((await Layer.loadFromFile(join(folder, 'layer.json'))).toJSON(), dict);
      });

      it('is as before after a failed, an aborted and an empty evolution', async () => {
        const layer = make();
        layer.evolve(input(), { numTimesteps: 50 });
        const before = layer.snapshot();
        const wrong = new TSEvent([0.06], [inputs], { tStop: 1 });
        assert.equal(
          codeOf(() => layer.evolve(wrong)),
          'ERR_INDEX',
        );
        await assert.rejects(layer.evolveAsync(wrong), { code: 'ERR_INDEX' });
        assert.equal(
          codeOf(() => layer.evolve(new TSContinuous([0, 1], [0, 0]))),
          'ERR_TYPE',
        );
        assert.equal(
          codeOf(() => layer.evolve(null)),
          'ERR_TYPE',
        );
        assert.equal(
          codeOf(() => layer.evolve(null, { numTimesteps: 2 ** 53 })),
          'ERR_VALUE',
        );
        await assert.rejects(layer.evolveAsync(input(), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
        assert.equal(layer.evolve(input(), { numTimesteps: 0 }).tStop, 0.05);
        assert.deepEqual(layer.snapshot(), before);
        // Without input the leak goes on.
        assert.equal(layer.evolve(null, { numTimesteps: 5 }).tStop, 0.055);
      });

      it('stops while it computes, and refuses calls meanwhile', async () => {
        const layer = make();
        layer.monitorId = [];
        const events = randomEvents(200_000, inputs, dt, 1000);
        events.periodic = true;
        const before = layer.snapshot();
        const controller = new AbortController();
        const seen: number[] = [];
        const running = layer.evolveAsync(events, {
          numTimesteps: 200_000,
          signal: controller.signal,
          onProgress: ({ done, total }) => {
            assert.equal(total, 200_000);
            seen.push(done);
          },
        });
        const calls: (() => unknown)[] = [
          () => layer.evolve(null, { numTimesteps: 1 }),
          () => layer.resetAll(),
          () => (layer.weights = layer.weights),
          () => (layer.vThresh = 1),
          () => (layer.monitorId = true),
          () => (layer.state = layer.state),
          () => layer.randomizeState(),
          () => layer.restore(before),
        ];
        for (const call of calls) assert.equal(codeOf(call), 'ERR_BUSY', String(call));
        await wait(5);
        controller.abort();
        await assert.rejects(running, { code: 'ERR_ABORTED' });
        assert.deepEqual(layer.snapshot(), before);
        assert.ok(seen.every((done, i) => done <= 200_000 && (i === 0 || done >= seen[i - 1])));
      });

      it('heeds what is written into its arrays', () => {
        const events = input();
        const layer = make();
        const plain = contentOf(make().evolve(events));
        const { vThresh } = layer;
        if (name !== 'SoftMaxLayer') {
          layer.evolve(events, { numTimesteps: 1 }); // a plan is there
          layer.resetAll();
          vThresh.fill(1e6);
          assert.equal(contentOf(layer.evolve(events))[0].length, 0);
          vThresh.fill(1e6); // the same again: nothing to prepare
          layer.resetAll();
          vThresh.set(make().vThresh);
        }
        assert.deepEqual(contentOf(layer.evolve(events)), plain);
        layer.resetAll();
        vThresh[0] = NaN;
        assert.equal(
          codeOf(() => layer.evolve(events)),
          'ERR_VALUE',
        );
        vThresh[0] = 1e6;
        layer.evolve(events);
      });

      it('tells when memory of its arrays was transferred away', () => {
        const transfer = ({ buffer }: Float64Array): unknown =>
          structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
        for (const pick of [(l: ReturnType<typeof make>) => l.state, (l: ReturnType<typeof make>) => l.vThresh]) {
          const layer = make();
          layer.evolve(input(), { numTimesteps: 1 });
          transfer(pick(layer));
          assert.equal(
            codeOf(() => layer.evolve(input(), { numTimesteps: 1 })),
            'ERR_SHAPE',
          );
          layer.vThresh = 1e6;
          layer.resetAll();
          layer.evolve(input(), { numTimesteps: 1 });
        }
      });

      it('works in a network, and says what it is', () => {
        const layer = make();
        const net = new Network(layer);
        const outputs = net.evolve(input());
        assert.deepEqual(contentOf(outputs['unnamed']), contentOf(make().evolve(input())));
        assert.match(
          String(layer),
          /^\w+ object: "unnamed" \[6 TSEvent in -> \d+ internal -> \d+ TS(Event|Continuous) out\]$/,
        );
        assert.equal(layer.noiseStd, 0);
        assert.equal(
          codeOf(() => (layer.noiseStd = 1)),
          'ERR_VALUE',
        );
        assert.equal(layer instanceof CLIAF, name !== 'RecDIAF');
      });

      it('resets, and draws states', () => {
        const layer = make();
        const start = layer.snapshot();
        layer.evolve(input());
        layer.resetTime();
        assert.equal(layer.t, 0);
        layer.resetState();
        assert.deepEqual(layer.snapshot(), start);
        layer.state.fill(5);
        layer.randomizeState({ seed: 3 });
        const drawn = layer.state.slice();
        assert.ok(drawn.some((v) => v !== 5));
        layer.state.fill(5);
        layer.randomizeState({ seed: 3 });
        assertSame(layer.state, drawn);
        if (!/^Rec/.test(name)) return;
        assert.ok(drawn.every((v, i) => v >= layer.vReset[i] && v < layer.vThresh[i]));
      });

      it('refuses snapshots that do not fit', () => {
        const layer = make();
        layer.evolve(input());
        const good = layer.snapshot();
        for (const key of Object.keys(good)) {
          const without = Object.fromEntries(Object.entries(good).filter(([k]) => k !== key));
          if (key !== 'seed')
            assert.ok(
              codeOf(() => layer.restore(without as never)),
              `without ${key}`,
            );
          if (ArrayBuffer.isView(good[key])) {
            const longer = Array.from(good[key] as Float64Array).concat([7.5]);
            assert.ok(
              codeOf(() => layer.restore({ ...good, [key]: longer })),
              `longer ${key}`,
            );
          }
        }
        assert.deepEqual(layer.snapshot(), good);
      });
    });
  }

  it('refuses wrong arguments', () => {
    const make = classes['FFCLIAF'];
    const layer = make();
    const calls: [() => unknown, string][] = [
      [() => (layer.vThresh = [1, 2]), 'ERR_SHAPE'],
      [() => (layer.vThresh = null as never), 'ERR_TYPE'],
      [() => (layer.vSubtract = 0), 'ERR_VALUE'],
      [() => (layer.vReset = Infinity), 'ERR_VALUE'],
      [() => (layer.monitorId = [99]), 'ERR_INDEX'],
      [() => (layer.monitorId = [0.5]), 'ERR_INDEX'],
      [() => (layer.monitorId = 'all' as never), 'ERR_TYPE'],
      [() => (layer.weights = [1, 2]), 'ERR_SHAPE'],
      [() => (layer.state = [1]), 'ERR_SHAPE'],
      [() => (layer.dt = 0), 'ERR_VALUE'],
      [() => layer.evolve(input(), { signal: new AbortController().signal } as never), 'ERR_TYPE'],
    ];
    for (const [call, code] of calls) assert.equal(codeOf(call), code, String(call));
    assert.deepEqual(layer.toJSON(), make().toJSON());
  });
});
