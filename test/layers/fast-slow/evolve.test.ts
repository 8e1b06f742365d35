import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { Layer, RecFSSpikeEulerBT } from 'rockpool-node/layers';
import { codeOf } from '../helpers.js';
import { assertClose, assertSame, inputSeries, matrix, numbers, onEveryTarget } from '../rate-helpers.js';
import { dt, makeADS, makeBT, makers, n } from './helpers.js';

const golden = () =>
  new RecFSSpikeEulerBT(
    [
      [0, -0.5],
      [-0.5, 0],
    ],
    [
      [0, 0.1],
      [0.2, 0],
    ],
    { vThresh: 1, vReset: 0, vRest: 0, dt },
  );

const constant = (values: number[]) => new TSContinuous([0, 1], [values, values], { interpKind: 'previous' });
const content = (series: TSEvent): number[][] => [[...series.times], [...series.channels]];

describe('Layers with fast and slow synapses', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('give the reference vector', () => {
    const layer = golden();
    const output = layer.evolve(constant([2, 1.5]), { numTimesteps: 600 });
    assertClose(
      output.times,
      [0.0138283081, 0.0205205546, 0.0274624327, 0.0371144093, 0.0405833365, 0.0515752617, 0.0531421095],
      2e-9,
    );
    assert.deepEqual([...output.channels], [0, 1, 0, 1, 0, 1, 0]);
    assert.deepEqual([output.numChannels, output.tStart, output.tStop], [2, 0, 600 * dt]);
    assertClose(layer.state, [0.65001354, 0.7101809], 1e-8);
    assertClose(layer.iSF, [-7.7787e-5, -4.04874e-4], 1e-5);
    assertClose(layer.iSS, [0.23905941, 0.6224871], 1e-8);
  });

  it('take fast weights as [post, pre], the adaptive layer slow ones as [pre, post]', () => {
    const weights = [
      [0, 0],
      [0.5, 0],
    ];
    const zeros = [
      [0, 0],
      [0, 0],
    ];
    // Neuron 0 alone fires; what it sends stands in its column or in its row.
    const options = { vThresh: 1, vReset: 0, vRest: 0, bias: [1.5, 0], dt };
    const bt = new RecFSSpikeEulerBT(weights, zeros, options);
    bt.evolve(null, { numTimesteps: 250 });
    assert.deepEqual([bt.iSF[0], bt.iSF[1] > 0], [0, true]);
    const slow = new RecFSSpikeEulerBT(zeros, weights, options);
    slow.evolve(null, { numTimesteps: 250 });
    assert.deepEqual([slow.iSS[0], slow.iSS[1] > 0], [0, true]);
  });

  for (const [name, make] of Object.entries(makers)) {
    describe(name, () => {
      const input = inputSeries(800, n, dt).mul(0.5);

      it('gives the same bits in pieces, from a snapshot, off the event loop, as a stream and on every instruction set', async () => {
        const whole = make();
        const output = whole.evolve(input, { numTimesteps: 800 });
        assert.ok(output.length > 100, `${output.length} spikes`);
        const layer = make();
        const pieces = [1, 2, 30, 0, 267].map((numTimesteps) => layer.evolve(input, { numTimesteps }));
        const other = make({ seed: 1 });
        other.restore(layer.snapshot());
        pieces.push(await other.evolveAsync(input, { numTimesteps: 200 }));
        async function* source() {
          for (const [from, to] of [
            [500, 610],
            [610, 800],
          ])
            yield input.clip({ tStart: from * dt, tStop: to * dt });
        }
        for await (const piece of other.stream(source())) pieces.push(piece as TSEvent);
        for (const piece of pieces)
          assert.ok(
            [...piece.times].every((t) => t >= piece.tStart && t < piece.tStop),
            String(piece),
          );
        assert.deepEqual(
          [pieces.flatMap((p) => [...p.times]), pieces.flatMap((p) => [...p.channels])],
          content(output),
        );
        assert.deepEqual(other.snapshot(), { ...whole.snapshot(), seed: 12 });
        const helpers = JSON.stringify(require.resolve('./helpers.js'));
        const targets = onEveryTarget(
          `const l = require(${helpers}).makers.${name}(); const out = l.evolve(null, { numTimesteps: 300 });
           console.log(JSON.stringify([...out.times, ...out.channels, ...l.state, ...l.iSS]));`,
        );
        const [first, ...rest] = targets.values();
        assert.ok(first.length > 2 * n + 20);
        for (const bits of rest) assert.deepEqual(bits, first);
      });

      it('goes on from what was written into its state', () => {
        const [a, b] = [make(), make()];
        for (const layer of [a, b]) layer.evolve(input, { numTimesteps: 300 });
        a.state[4] = 0.5;
        b.state = [...b.state.slice(0, 4), 0.5, ...b.state.slice(5)];
        const [x, y] = [a, b].map((layer) => layer.evolve(input, { numTimesteps: 100 }));
        assert.deepEqual(content(x), content(y));
        a.resetTime();
        assert.deepEqual([a.t, a.state[3] !== 0], [0, true]);
        a.resetAll();
        const fresh = make();
        assert.deepEqual(
          content(a.evolve(input, { numTimesteps: 100 })),
          content(fresh.evolve(input, { numTimesteps: 100 })),
        );
      });

      it('takes elements that are written into its parameters, and refuses what is wrong', () => {
        const layer = make({ noiseStd: 0 });
        const spikes = () => {
          layer.resetAll();
          return layer.evolve(null, { numTimesteps: 400 }).length;
        };
        const before = spikes();
        for (const name of ['bias', 'vThresh', 'tauMem', 'vRest'] as const) {
          const value = layer[name][0];
          layer[name][0] = name === 'tauMem' ? 0.1 : value + 3;
          assert.notEqual(spikes(), before, name);
          layer[name][0] = value;
          assert.equal(spikes(), before, name);
        }
        layer.weightsFast.data.fill(-2);
        assert.notEqual(spikes(), before);
        layer.vReset[1] = 1;
        assert.equal(codeOf(spikes), 'ERR_VALUE');
        layer.vReset[1] = 0;
        layer.tauMem[1] = -1;
        assert.equal(codeOf(spikes), 'ERR_VALUE');
      });

      it('lets units that are above a lowered threshold spike in the evolution that finds them', () => {
        const layer = make();
        layer.evolve(input, { numTimesteps: 137 });
        layer.vThresh = 1e-3;
        const { times, channels, tStart, tStop } = layer.evolve(input, { numTimesteps: 20 });
        assert.ok(times.length > n && times.every((t, i) => t >= (times[i - 1] ?? tStart) && t < tStop));
        assert.ok(new Set(channels).size > n / 2);
        assert.equal(layer.evolve(input, { numTimesteps: 0 }).length, 0);
      });

      it('survives being saved and loaded', () => {
        const layer = make({ noiseScaling: 'legacy', name: 'x' });
        const dict = layer.toJSON() as Record<string, unknown>;
        const loaded = Layer.loadFromDict(dict);
        assert.deepEqual(loaded.toJSON(), dict);
        assert.equal(dict['class_name'], name);
        layer.evolve(null, { numTimesteps: 100 });
        const withState = Layer.loadFromDict(JSON.parse(JSON.stringify(layer.toDict({ includeState: true }))) as never);
        const [a, b] = [layer, withState].map((l) => l.evolve(null, { numTimesteps: 200 }) as TSEvent);
        assert.deepEqual(content(a), content(b));
      });

      it('stays as it was when an evolution fails or is cancelled', async () => {
        const layer = make();
        layer.evolve(input, { numTimesteps: 50 });
        const before = layer.snapshot();
        const bad = new TSContinuous([0, 1], [numbers(n).fill(Infinity), numbers(n)], { interpKind: 'previous' });
        assert.equal(
          codeOf(() => layer.evolve(bad, { numTimesteps: 5 })),
          'ERR_NOT_FINITE',
        );
        await assert.rejects(layer.evolveAsync(bad, { numTimesteps: 5 }), { code: 'ERR_NOT_FINITE' });
        const control = new AbortController();
        const running = layer.evolveAsync(null, { numTimesteps: 50_000_000, signal: control.signal });
        assert.equal(
          codeOf(() => layer.resetAll()),
          'ERR_BUSY',
        );
        setTimeout(() => control.abort(), 20);
        await assert.rejects(running, { code: 'ERR_ABORTED' });
        assert.deepEqual(layer.snapshot(), before);
      });

      it('refuses wrong arguments', () => {
        const layer = make();
        const wrong: [() => unknown, string][] = [
          [() => layer.evolve(null, { numTimesteps: 1, minDelta: dt }), 'ERR_VALUE'],
          [() => layer.evolve(null, { numTimesteps: 1, minDelta: 0 }), 'ERR_VALUE'],
          [() => layer.evolve(null, { numTimesteps: 1, minDelta: dt * 1e-10 }), 'ERR_VALUE'],
          [() => layer.evolve(null, { numTimesteps: 1, minDelta: '1' as never }), 'ERR_TYPE'],
          [() => layer.evolve(null, { numTimesteps: 1, other: 1 } as never), 'ERR_TYPE'],
          [() => layer.evolve(null, 5 as never), 'ERR_TYPE'],
          [() => layer.evolve(new TSEvent([0.1], [0]), { numTimesteps: 1 }), 'ERR_TYPE'],
          [() => layer.evolve(inputSeries(10, n + 1, dt), { numTimesteps: 1 }), 'ERR_SHAPE'],
          [() => (layer.iSF = [1]), 'ERR_SHAPE'],
          [() => (layer.bias = [1, 2]), 'ERR_SHAPE'],
          [() => (layer.bias = NaN), 'ERR_VALUE'],
          [() => (layer.weightsFast = [[1]]), 'ERR_SHAPE'],
          [() => (layer.refractory = NaN), 'ERR_VALUE'],
          [() => layer.restore({ timestep: 1, state: layer.state.slice() }), 'ERR_TYPE'],
          [() => make({ noiseScaling: 'x' as never }), 'ERR_VALUE'],
          [() => make({ vThresh: 0 }), 'ERR_VALUE'],
          [() => make({ tauMem: [1, 2] }), 'ERR_SHAPE'],
          [() => make({ tauSynRFast: 0 }), 'ERR_VALUE'],
          [() => make({ tau: 1 } as never), 'ERR_TYPE'],
        ];
        for (const [call, code] of wrong) assert.equal(codeOf(call), code, String(call));
        assert.deepEqual(layer.snapshot(), make().snapshot());
      });
    });
  }

  it('keep dt at or below a tenth of the smallest time constant of the synapses', () => {
    const layer = new RecFSSpikeEulerBT([[0]], [[0]], { tauSynRFast: 2e-3 });
    assert.ok(Math.abs(layer.dt - 2e-4) < 1e-15);
    assert.equal(
      codeOf(() => (layer.dt = 3e-4)),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => new RecFSSpikeEulerBT([[0]], [[0]], { dt: 1.1e-4 })),
      'ERR_VALUE',
    );
    layer.dt = 1e-4;
    assert.equal(layer.dt, 1e-4);
    layer.tauSynRFast[0] = 1e-4;
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
      'ERR_VALUE',
    );
    assert.equal(makeADS({ dt: 0.05 }).dt, 0.05); // the adaptive layer does not ask
    for (const args of [
      [
        [[0]],
        [
          [0, 0],
          [0, 0],
        ],
      ],
      [[[0, 0]], [[0]]],
      [[[0]]],
    ] as const)
      assert.ok(
        /ERR_(SHAPE|TYPE)/.test(codeOf(() => new RecFSSpikeEulerBT(...(args as unknown as [never, never]))) ?? ''),
      );
  });

  it('call back for every spike in order, after the evolution', async () => {
    const calls: [number, number, number][] = [];
    const layer = makeBT({
      spikeCallback: (self, t, neuron) => {
        assert.equal(self, layer);
        calls.push([t, neuron, self.timestep]);
        self.bias[0] += 1e-9; // allowed: the layer is idle
        self.refractory = 1e-3;
      },
    });
    const output = layer.evolve(null, { numTimesteps: 300 });
    assert.deepEqual(
      calls.map(([t]) => t),
      [...output.times],
    );
    assert.deepEqual(
      calls.map(([, j]) => j),
      [...output.channels],
    );
    assert.ok(calls.every(([, , timestep]) => timestep === 300));
    calls.length = 0;
    const later = await layer.evolveAsync(null, { numTimesteps: 200 });
    assert.equal(calls.length, later.length);
    layer.spikeCallback = () => {
      throw new Error('mine');
    };
    assert.throws(() => layer.evolve(null, { numTimesteps: 300 }), /mine/);
    assert.equal(layer.timestep, 800);
    assert.equal('spike_callback' in layer.toDict(), false);
    assert.equal(
      codeOf(() => (layer.spikeCallback = 3 as never)),
      'ERR_TYPE',
    );
  });

  it('tell what the neurons did in the last evolution', () => {
    const layer = makeBT({ noiseStd: 0 });
    assert.equal(
      codeOf(() => layer.lastEvolve),
      'ERR_STATE',
    );
    const input = inputSeries(200, n, dt);
    layer.evolve(input, { numTimesteps: 120 });
    const start = layer.state.slice();
    const output = layer.evolve(input, { numTimesteps: 80 });
    const { vt, mfX, s, f, dotV, staticInput, spReservoir, tsX, tsA } = layer.lastEvolve;
    assert.equal(vt[0], 120 * dt);
    assert.equal(vt.at(-1), layer.t);
    assertSame(mfX.row(0), start);
    assertSame(mfX.row(vt.length - 1), layer.state);
    assertSame(s.row(vt.length - 1), layer.iSS);
    assertSame(f.row(vt.length - 1), layer.iSF);
    assert.deepEqual(dotV.shape, [vt.length, n]);
    assert.deepEqual([[...spReservoir.times], [...spReservoir.vnNeuron]], content(output));
    assertSame(staticInput.data.subarray(0, n), input.sample([120 * dt]).data);
    // Between two rows without a spike at the later one, V is on a line of the slope that is told.
    const spikes = new Set(output.times);
    let checked = 0;
    for (let k = 1; k < vt.length - 2; k++) {
      if (spikes.has(vt[k + 1])) continue;
      for (let j = 0; j < n; j++) {
        const expected = mfX.get(k, j) + dotV.get(k, j) * (vt[k + 1] - vt[k]);
        if (mfX.get(k + 1, j) === layer.vReset[j]) continue;
        assert.ok(Math.abs(mfX.get(k + 1, j) - expected) < 1e-9);
        checked++;
      }
    }
    assert.ok(checked > 100);
    for (const [i, t] of [...output.times].entries())
      assert.equal(mfX.get(vt.indexOf(t), output.channels[i]), layer.vReset[output.channels[i]]);
    assert.equal(tsX.name, 'Membrane potential');
    assert.equal(tsA.times.length, vt.length);
    assert.deepEqual([tsX.tStart, tsX.tStop, tsX.numChannels], [120 * dt, 200 * dt, n]);
    layer.evolve(input, { numTimesteps: 0 });
    assert.deepEqual([layer.lastEvolve.vt.length, layer.lastEvolve.mfX.shape], [0, [0, n]]);
    const changed = new TSContinuous([0, 1], matrix(2, n), { interpKind: 'previous' });
    layer.evolve(changed, { numTimesteps: 10 });
    changed.samples.data[0] += 1;
    assert.equal(
      codeOf(() => layer.lastEvolve),
      'ERR_STATE',
    );
  });

  it('have the standard deviation of the noise that is asked for', () => {
    const layer = new RecFSSpikeEulerBT([[0]], [[0]], { vThresh: 100, vReset: 0, vRest: 0, noiseStd: 0.5, seed: 3 });
    layer.evolve(null, { numTimesteps: 200_000 });
    const { data } = layer.lastEvolve.mfX;
    const values = data.subarray(5000);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
    assert.ok(Math.abs(deviation - 0.5) < 0.05, String(deviation)); // 500 independent values
    const legacy = new RecFSSpikeEulerBT([[0]], [[0]], {
      ...{ vThresh: 100, vReset: 0, vRest: 0, noiseStd: 0.5, seed: 3 },
      noiseScaling: 'legacy',
    });
    legacy.evolve(null, { numTimesteps: 1 });
    assert.ok(Math.abs(legacy.lastEvolve.staticInput.data[0]) < 2.5);
  });
});
