import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSynCurrentInJax, FFExpSynJax, Layer } from 'rockpool-node/layers';
import { countsOf, randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertClose, assertSame, inputSeries, joined, matrix, warningsOf } from './rate-helpers';

const dt = 1e-3;
const tau = [0.01, 0.02, 0.05];
const wOut = matrix(3, 2, 4);
const steps = 100;
const events = randomEvents(150, 3, dt, steps);
const currents = inputSeries(steps, 3, dt);

/** Filter first, then the output weights. */
function expectedOutput(input: (k: number) => ArrayLike<number>): number[] {
  const x = [0, 0, 0];
  const out: number[] = [];
  for (let k = 0; k < steps; k++) {
    for (let i = 0; i < 3; i++) x[i] = Math.exp(-dt / tau[i]) * x[i] + input(k)[i];
    for (let o = 0; o < 2; o++) out.push(x.reduce((s, v, i) => s + v * wOut.data[i * 2 + o], 0));
  }
  return out;
}

const counts = countsOf(events, 3, dt, steps).map((row) => row.map((n) => Math.min(n, 1)));
const kinds = [
  { Class: FFExpSynJax, input: events, expected: expectedOutput((k) => counts[k]) },
  { Class: FFExpSynCurrentInJax, input: currents, expected: expectedOutput((k) => currents.samples.row(k)) },
] as const;

describe('FFExpSynJax and FFExpSynCurrentInJax', () => {
  it('filter the input, then weigh it: sample k holds the input of step k', () => {
    for (const { Class, input, expected } of kinds) {
      const layer = new Class(wOut, { tau, dt, name: 'f' });
      const output = layer.evolve(input);
      assertClose(output.samples.data, expected, 1e-12);
      assert.deepEqual([output.length, output.numChannels, output.name], [steps, 2, '$I_{syn}$ f']);
      assert.deepEqual([layer.sizeIn, layer.size, layer.sizeOut], [3, 3, 2]);
      assert.ok(Math.abs(layer.t - steps * dt) < 1e-12);
    }
  });

  it('give the same in pieces, off the event loop, after restoring', async () => {
    for (const { Class, input } of kinds) {
      for (const precision of ['float64', 'float32'] as const) {
        const make = () => new Class(wOut, { tau, dt, noiseStd: 0.1, rngKey: [1, 2], precision });
        const whole = make().evolve(input);
        const layer = make();
        const pieces: TSContinuous[] = [layer.evolve(input, { numTimesteps: 1 })];
        pieces.push(await layer.evolveAsync(input, { numTimesteps: 40 }));
        const other = make();
        other.restore(layer.snapshot());
        pieces.push(other.evolve(input, { numTimesteps: 59 }));
        assertSame(joined(pieces, 0), whole.samples.data);
      }
    }
  });

  it('have noise as they say', () => {
    for (const [noiseScaling, scale] of [
      ['legacy', 1 / Math.sqrt(1 - Math.exp(-0.2))],
      ['stationary', 1],
    ] as const) {
      const n = 2000;
      const layer = new FFExpSynCurrentInJax(matrix(n, 1), { tau: 0.01, dt, noiseStd: 0.5, noiseScaling, seed: 2 });
      let sum = 0;
      for (let i = 0; i < 51; i++) {
        layer.evolve(null, { numTimesteps: 40 });
        if (i > 0) sum += layer.state.reduce((s, v) => s + v * v, 0);
      }
      const error = Math.abs(Math.sqrt(sum / (50 * n)) / (0.5 * scale) - 1);
      assert.ok(error < 4.89 / Math.sqrt(2 * 50 * n), `${noiseScaling}: off by ${error}`);
    }
  });

  it('store and load their parameters, with the keys of the original', () => {
    for (const { Class } of kinds) {
      const layer = new Class(wOut, { tau, dt, name: 'f', rngKey: [3, 4294967295], noiseStd: 0.1 });
      const dict = layer.toDict();
      assert.deepEqual(Object.keys(dict).sort(), ['class_name', 'dt', 'name', 'noise_std', 'rng_key', 'tau', 'w_out']);
      assert.deepEqual([dict['rng_key'], dict['tau']], [[3, 4294967295], tau]);
      assert.deepEqual(layer.rngKey, [3, 4294967295]);
      const loaded = Layer.loadFromDict(dict);
      assert.equal(loaded.constructor, Class);
      assert.deepEqual(loaded.toDict(), dict);
    }
  });

  it('have their time step by default, and take new parameters', () => {
    const layer = new FFExpSynCurrentInJax({ wOut, tau });
    assert.equal(layer.dt, 0.001);
    const before = layer.evolve(currents).samples.data;
    layer.wOut.data[0] += 1;
    layer.resetAll();
    assert.notDeepEqual(layer.evolve(currents).samples.data, before);
    layer.wOut = wOut;
    layer.resetAll();
    assertSame(layer.evolve(currents).samples.data, before);
    layer.tau = 0.02;
    assertSame(layer.tau, [0.02, 0.02, 0.02]);
    layer.dt = 0.0005;
    assert.deepEqual(layer.weights.toArray(), [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
    layer.randomizeState({ seed: 3 });
    const drawn = Array.from(layer.state);
    layer.randomizeState({ seed: 3 });
    assertSame(layer.state, drawn);
    assert.ok(drawn.every((v) => v !== 0));
    assert.deepEqual(
      warningsOf(() => new FFExpSynJax(wOut, { tau, dt: 0.002 })),
      ['DT_COARSE'],
    );
  });

  it('refuse wrong arguments and stay as they were', async () => {
    const make: [() => unknown, string][] = [
      [() => new FFExpSynJax(null as never, { tau }), 'ERR_TYPE'],
      [() => new FFExpSynJax(wOut, {} as never), 'ERR_TYPE'],
      [() => new FFExpSynJax([1, 2], { tau }), 'ERR_SHAPE'],
      [() => new FFExpSynJax([[NaN]], { tau: 1 }), 'ERR_VALUE'],
      [() => new FFExpSynJax(wOut, { tau: [1, 2] }), 'ERR_SHAPE'],
      [() => new FFExpSynJax(wOut, { tau: -1 }), 'ERR_VALUE'],
      [() => new FFExpSynJax(wOut, { tau, rngKey: [1] }), 'ERR_SHAPE'],
      [() => new FFExpSynJax(wOut, { tau, noiseScaling: 'no' as never }), 'ERR_VALUE'],
      [() => new FFExpSynJax(wOut, { tau, bias: 1 } as never), 'ERR_TYPE'],
    ];
    for (const [call, code] of make) assert.equal(codeOf(call), code, String(call));
    const layer = new FFExpSynJax(wOut, { tau, dt });
    const before = layer.toDict({ includeState: true });
    const calls: [() => unknown, string][] = [
      [() => (layer.wOut = [[1]]), 'ERR_SHAPE'],
      [() => (layer.tau = 0), 'ERR_VALUE'],
      [() => (layer.tau = 0.005), 'ERR_VALUE'],
      [() => (layer.dt = 0.01), 'ERR_VALUE'],
      [() => (layer.weights = [[1]]), 'ERR_TYPE'],
      [() => layer.evolve(currents), 'ERR_TYPE'],
      [() => layer.evolve(new TSEvent([0.1], 3, { tStop: 1 })), 'ERR_INDEX'],
      [() => new FFExpSynCurrentInJax(wOut, { tau, dt }).evolve(events), 'ERR_TYPE'],
      [() => new FFExpSynCurrentInJax(wOut, { tau, dt }).evolve(inputSeries(5, 2, dt)), 'ERR_SHAPE'],
    ];
    for (const [call, code] of calls) assert.equal(codeOf(call), code, String(call));
    assert.deepEqual(layer.toDict({ includeState: true }), before);
    layer.state.fill(Infinity);
    assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_NOT_FINITE' });
    layer.resetAll();
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: 3e6, signal: controller.signal });
    await wait(5);
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(layer.toDict({ includeState: true }), before);
  });
});
