import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { setConcurrency, concurrency, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { FFLIFCurrentInJax_SO, FFLIFJax_SO, RecLIFCurrentInJax, RecLIFJax } from 'rockpool-node/layers';
import { codeOf } from './helpers';
import { classes, content, dt, inputEvents, inputFor, type LifLayer, n } from './lif-helpers';
import { assertClose, assertSame, matrix, onEveryTarget } from './rate-helpers';

const golden = () =>
  new RecLIFJax(
    [
      [0, 1.5],
      [-1, 0],
    ],
    { tauMem: 0.02, tauSyn: [0.01, 0.02], dt },
  );
const goldenInput = () =>
  new TSEvent(
    [...new Array<number>(30).fill(0.0004), ...new Array<number>(15).fill(0.0014)],
    [...new Array<number>(40).fill(0), ...new Array<number>(5).fill(1)],
    { tStart: 0, tStop: 0.006, numChannels: 2 },
  );

const records = ['vMemLastEvolution', 'iSynLastEvolution', 'surrogateLastEvolution', 'spikesLastEvolution'] as const;

/** All that a layer tells about its last evolution. */
function told(layer: LifLayer): number[][] {
  const all = records.map((name) => content(layer[name]));
  if (layer.wRecurrent) all.push(content(layer.iRecLastEvolution));
  return all;
}

describe('LIF layers', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('give the reference vector', () => {
    const layer = golden();
    const output = layer.evolve(goldenInput());
    assert.deepEqual([...output.channels], [0, 0, 0, 0, 0, 0, 1, 0, 0, 1]);
    assertClose(
      output.times,
      [0, 1, 1, 2, 3, 3, 3, 4, 5, 5].map((k) => (k + 0.5) * dt),
    );
    assert.deepEqual([output.name, output.numChannels, output.tStart, output.tStop], ['Spikes unnamed', 2, 0, 0.006]);
    assertClose(
      layer.vMemLastEvolution.samples.data,
      [
        ...[0.5, -1, 1.332256127, -0.675, 0.996158159, -0.232100437, 1.466942959, 0.241261159],
        ...[0.76948499, -0.134003987, 0.930724883, 0.503437124],
      ],
      1e-9,
    );
    assertClose(
      layer.iSynLastEvolution.samples.data,
      [
        ...[30, 0, 37.145122541, 6.5, 33.610296773, 9.182991259, 30.411854151, 10.235131491],
        ...[26.517783588, 12.735958238, 23.994282834, 13.614818225],
      ],
      1e-10,
    );
    assertSame(layer.iRecLastEvolution.samples.data, [0, 0, 0, 1.5, 0, 3, 0, 1.5, -1, 3, 0, 1.5]);
    assert.ok(Math.abs(layer.surrogateLastEvolution.samples.get(4, 1) - 0.03356405) < 1e-8);
    assertSame(layer.state.spikes, [1, 1]);
  });

  for (const [name, make] of Object.entries(classes)) {
    describe(name, () => {
      it('is bit for bit the same in pieces, after a snapshot, and off the event loop', async () => {
        for (const precision of ['float64', 'float32'] as const) {
          const whole = make({ precision });
          const input = inputFor(whole, 300);
          const output = whole.evolve(input, { numTimesteps: 300 });
          const all = told(whole);
          assert.ok(whole.spikesLastEvolution.length > 50, `${whole.spikesLastEvolution.length} spikes`);
          const layer = make({ precision });
          const pieces: (TSContinuous | TSEvent)[] = [];
          const parts: number[][][] = [];
          const take = (piece: TSContinuous | TSEvent, from: LifLayer): void => {
            pieces.push(piece);
            parts.push(told(from));
          };
          for (const numTimesteps of [1, 2, 17, 0]) take(layer.evolve(input, { numTimesteps }), layer);
          const other = make({ precision, seed: 99 });
          other.restore(layer.snapshot());
          take(other.evolve(input, { numTimesteps: 200 }), other);
          take(await other.evolveAsync(input, { numTimesteps: 80 }), other);
          const join = (lists: number[][], events: boolean): number[] =>
            events
              ? [...lists.flatMap((l) => l.slice(0, l.length / 2)), ...lists.flatMap((l) => l.slice(l.length / 2))]
              : lists.flat();
          assertSame(join(pieces.map(content), output instanceof TSEvent), content(output));
          all.forEach((record, r) =>
            assertSame(
              join(
                parts.map((p) => p[r]),
                r === 3,
              ),
              record,
            ),
          );
          assertSame(other.state, whole.state);
          assert.equal(other.t, whole.t);
        }
      });

      it('tells records that fit each other and the output', () => {
        const layer = make();
        const input = inputFor(layer, 50);
        layer.evolve(input, { numTimesteps: 10 });
        const output = layer.evolve(input, { numTimesteps: 40 });
        const { vMemLastEvolution: v, iSynLastEvolution: i, surrogateLastEvolution: u, spikesLastEvolution: s } = layer;
        assert.deepEqual(
          [v, i, u].map((series) => [
            series.name,
            series.numChannels,
            series.times.length,
            series.tStart,
            series.tStop,
          ]),
          ['V_mem unnamed', '$I_{syn}$ unnamed', '$U$ unnamed'].map((text) => [text, n, 40, 10 * dt, 50 * dt]),
        );
        assertSame(v.samples.data.subarray(39 * n), layer.state.Vmem);
        assertSame(i.samples.data.subarray(39 * n), layer.state.Isyn);
        const counts = s.raster({ dt, tStart: 10 * dt, numTimesteps: 40, addEvents: true });
        for (let k = 0; k < 40; k++)
          for (let j = 0; j < n; j++) {
            assert.equal(counts.get(k, j), Math.max(0, Math.floor(v.samples.get(k, j) + 1)));
            const expected = 0.5 + 0.5 * Math.tanh(20 * v.samples.get(k, j) + 1);
            assert.ok(Math.abs(u.samples.get(k, j) - expected) < 1e-14);
          }
        assertSame(
          layer.state.spikes,
          Array.from({ length: n }, (_, j) => counts.get(39, j)),
        );
        assertSame(content(layer.outputLastEvolution), content(output));
        const what = output instanceof TSEvent ? 'Spikes' : layer.wOut ? '$O$' : '$U$';
        assert.equal(output.name, `${what} unnamed`);
        if (output instanceof TSContinuous && !layer.wOut) assertSame(output.samples.data, u.samples.data);
        if (output instanceof TSContinuous && layer.wOut)
          assertClose(output.samples.data, u.matmul(layer.wOut).samples.data, 1e-13);
        if (layer.wRecurrent) {
          const rec = layer.iRecLastEvolution.samples;
          for (let k = 1; k < 40; k++)
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let a = 0; a < n; a++) sum += counts.get(k - 1, a) * layer.wRecurrent.get(a, j);
              assert.ok(Math.abs(rec.get(k, j) - sum) < 1e-13);
            }
        } else {
          assert.throws(() => layer.iRecLastEvolution, { code: 'ERR_STATE', message: /recurrent weights/ });
        }
        assert.throws(() => ((layer as { vMemLastEvolution: unknown }).vMemLastEvolution = v), { code: 'ERR_TYPE' });
      });

      it('keeps its state when a run is aborted or goes wrong, and refuses calls meanwhile', async () => {
        const layer = make();
        layer.evolve(inputFor(layer, 3));
        const before = layer.snapshot();
        const controller = new AbortController();
        const running = layer.evolveAsync(null, { numTimesteps: 5_000_000, signal: controller.signal });
        for (const call of [
          () => layer.evolve(null, { numTimesteps: 1 }),
          () => (layer.tauMem = 3),
          () => (layer.bias = 3),
          () => layer.resetAll(),
          () => (layer.state = layer.state),
        ])
          assert.equal(codeOf(call), 'ERR_BUSY');
        await wait(20);
        controller.abort();
        await assert.rejects(running, { code: 'ERR_ABORTED' });
        assert.deepEqual(layer.snapshot(), before);
        layer.bias[7] = NaN;
        const failure = {
          name: 'RockpoolError',
          code: 'ERR_NOT_FINITE',
          neuron: 7,
          timestep: 3,
          message: `${layer.startPrint}expected the membrane potential of neuron 7 to be finite, received NaN at time step 3`,
        };
        assert.throws(() => layer.evolve(null, { numTimesteps: 500 }), failure);
        await assert.rejects(layer.evolveAsync(null, { numTimesteps: 500 }), failure);
        assert.deepEqual(layer.snapshot(), before);
        layer.bias[7] = -1;
        layer.state.Isyn[5] = Infinity;
        assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), {
          code: 'ERR_NOT_FINITE',
          neuron: 5,
          timestep: 3,
        });
      });
    });
  }

  it('keep the number of spikes of a step, in single precision as well', () => {
    for (const precision of ['float64', 'float32'] as const) {
      const layer = new RecLIFCurrentInJax([[0]], { tauMem: 0.01, tauSyn: 0.01, dt, precision });
      const output = layer.evolve(new TSContinuous([0, 0.01], [100.5, 100.5]), { numTimesteps: 2 });
      // -1 + 0.1 * 100.5 = 9.05; then 9.05 - 10 = -0.95, and -0.95 + 0.1 * (100.5 - 1 + 0.95) = 9.095.
      assert.deepEqual([...output.channels], new Array<number>(20).fill(0));
      assert.deepEqual([...new Set(output.times)], [0.5 * dt, 1.5 * dt]);
      assertClose(layer.state.Vmem, [9.095], 1e-6);
      assertSame(layer.state.spikes, [10]);
    }
  });

  it('count input events, or take several of one channel in a step as one', () => {
    const make = (addEvents?: boolean) =>
      new FFLIFJax_SO([[1], [10]], { tauMem: 0.01, tauSyn: 0.01, dt, ...(addEvents !== undefined && { addEvents }) });
    const input = new TSEvent([0.0001, 0.0005, 0.0006, 0.0011], [0, 0, 1, 0], {
      tStart: 0,
      tStop: 0.01,
      numChannels: 2,
    });
    const beta = Math.exp(-0.1);
    const current = (layer: FFLIFJax_SO): Float64Array => {
      layer.evolve(input, { numTimesteps: 2 });
      return layer.iSynLastEvolution.samples.data;
    };
    assertClose(current(make()), [12, 12 * beta + 1], 1e-15);
    assertClose(current(make(false)), [11, 11 * beta + 1], 1e-15);
    const changing = make();
    changing.addEvents = false;
    assertClose(current(changing), [11, 11 * beta + 1], 1e-15);
    // An event on the edge belongs to the later step, whatever rounding does to it.
    const edges = new FFLIFJax_SO([[1]], { tauMem: 0.01, tauSyn: 0.01, dt });
    edges.evolve(
      new TSEvent(
        Array.from({ length: 99 }, (_, k) => (k + 1) * dt),
        0,
        { tStart: 0, tStop: 0.1 },
      ),
    );
    const steps = edges.iSynLastEvolution.samples.data;
    for (let k = 1; k < 100; k++) assert.ok(Math.abs(steps[k] - (beta * steps[k - 1] + 1)) < 1e-12, `step ${k}`);
    assert.equal(steps[0], 0);
  });

  it('repeat periodic events, take series with fewer channels, and refuse channels that there are not', () => {
    const layer = new FFLIFJax_SO([[1], [10]], { tauMem: 0.01, tauSyn: 0.01, dt });
    layer.evolve(new TSEvent([0.0005], [0], { tStart: 0, tStop: 0.002, periodic: true }), { numTimesteps: 5 });
    const currents = Array.from(layer.iSynLastEvolution.samples.data);
    const arrivals = currents.map((i, k) => Math.round(i - (k > 0 ? Math.exp(-0.1) * currents[k - 1] : 0)));
    assert.deepEqual(arrivals, [1, 0, 1, 0, 1]);
    const extra = new TSEvent([0.0055], [2], { tStart: 0, tStop: 0.01 });
    const before = layer.snapshot();
    assert.throws(() => layer.evolve(extra), { code: 'ERR_INDEX', message: /channels from 0 to 1/ });
    assert.deepEqual(layer.snapshot(), before);
    assert.throws(() => layer.evolve(new TSContinuous([0, 1], [0, 0])), { code: 'ERR_TYPE' });
    assert.throws(() => new FFLIFCurrentInJax_SO([[1]], { tauMem: 1, tauSyn: 1 }).evolve(extra), { code: 'ERR_TYPE' });
  });

  it('do not depend on the number of threads', async () => {
    const before = concurrency();
    try {
      const expected = content(classes['RecLIFJax']().evolve(inputEvents(200, n)));
      for (const threads of [1, 2, 3]) {
        setConcurrency(threads);
        const layers = [1, 2, 3].map(() => classes['RecLIFJax']());
        const outputs = await Promise.all(layers.map((layer) => layer.evolveAsync(inputEvents(200, n))));
        for (const output of outputs) assertSame(content(output), expected);
      }
    } finally {
      setConcurrency(before);
    }
  });

  it('give the same spikes on every instruction set', function () {
    this.timeout(120_000);
    const results = onEveryTarget(`
      const { RecLIFCurrentInJax } = require('rockpool-node/layers');
      const w = Array.from({ length: 33 }, (_, i) => Array.from({ length: 33 }, (_, j) => Math.sin(i * 33 + j) / 6));
      const layer = new RecLIFCurrentInJax(w, { tauMem: 0.02, tauSyn: 0.01, bias: 0.3, noiseStd: 2, dt: 1e-3, seed: 3 });
      const { times, channels } = layer.evolve(null, { numTimesteps: 300 });
      console.log(JSON.stringify([...times, ...channels, ...layer.vMemLastEvolution.samples.data, ...layer.surrogateLastEvolution.samples.data]));`);
    const [first, ...others] = results.values();
    assert.ok(first.length > 2 * 300 * 33 + 200);
    for (const other of others) assertClose(other, first, 1e-11);
  });

  it('have noise of the stated deviation', () => {
    const a = 0.1;
    for (const [noiseScaling, expected] of [
      ['legacy', 0.5 * Math.sqrt(a / (2 - a))],
      ['stationary', 0.5],
    ] as const) {
      const layer = new FFLIFCurrentInJax_SO(matrix(1, 60, 1, 0), {
        tauMem: 0.01,
        tauSyn: 0.01,
        dt,
        bias: -100,
        noiseStd: 0.5,
        seed: 4,
        noiseScaling,
      });
      layer.evolve(null, { numTimesteps: 6000 });
      const { data } = layer.vMemLastEvolution.samples;
      let square = 0;
      for (let i = 500 * 60; i < data.length; i++) square += (data[i] + 100) ** 2;
      const deviation = Math.sqrt(square / (data.length - 500 * 60));
      assert.ok(Math.abs(deviation / expected - 1) < 0.03, `${noiseScaling}: ${deviation}, expected ${expected}`);
    }
  });

  it('say when the input of the last evolution was changed, and when there was none', () => {
    const layer = classes['RecLIFCurrentInJax_IO']();
    assert.throws(() => layer.vMemLastEvolution, { code: 'ERR_STATE', message: /to have evolved/ });
    const input = inputFor(layer, 30) as TSContinuous;
    layer.evolve(input);
    const v = content(layer.vMemLastEvolution);
    layer.wIn?.data.fill(0);
    layer.tauSyn = 1;
    layer.resetAll();
    assert.equal(content(layer.iSynLastEvolution).length, 30 * n);
    assertSame(content(layer.vMemLastEvolution), v);
    input.samples.data[20] += 1;
    assert.equal(
      codeOf(() => layer.spikesLastEvolution),
      'ERR_STATE',
    );
    const spiking = classes['RecLIFJax']();
    const output = spiking.evolve(inputFor(spiking, 30)) as TSEvent;
    const before = [...output.channels];
    output.channels.fill(0);
    assert.deepEqual([...spiking.spikesLastEvolution.channels], before);
  });

  it('refuse to list spikes without end', () => {
    const layer = new RecLIFCurrentInJax([[0]], { tauMem: 0.01, tauSyn: 0.01, dt, bias: 1e12 });
    assert.throws(() => layer.evolve(null, { numTimesteps: 2 }), { code: 'ERR_NOMEM', message: /2\^27 spikes/ });
    assert.equal(layer.t, 0);
    assertSame(layer.state.Vmem, [1e12]);
  });
});
