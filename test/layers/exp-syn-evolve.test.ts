import assert from 'node:assert/strict';
import { buildInfo, setConcurrency, TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, FFExpSynBrian, FFExpSynTorch } from 'rockpool-node/layers';
import { countsOf, randomEvents } from './event-helpers';
import { assertClose, assertSame, joined, matrix, onEveryTarget } from './rate-helpers';
import { itUnsanitized } from '../sanitized';

const dt = 1e-3;
const tauSyn = 5e-3;

/** The closed form: a sum over the events before each sample. */
function closedForm(
  counts: number[][],
  w: { data: Float64Array; shape: number[] },
  bias: number,
  start: ArrayLike<number>,
): number[] {
  const [m, n] = w.shape as [number, number];
  const out: number[] = [];
  for (let k = 0; k <= counts.length; k++) {
    const row = Array.from({ length: n }, (_, j) => bias + start[j] * Math.exp((-k * dt) / tauSyn));
    for (let e = 0; e < k; e++) {
      const kernel = Math.exp((-(k - e - 1) * dt) / tauSyn);
      for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) row[j] += kernel * counts[e][i] * w.data[i * n + j];
    }
    out.push(...row);
  }
  return out;
}

describe('FFExpSyn.evolve', () => {
  it('filters events: undecayed in the first sample after their step', () => {
    const layer = new FFExpSyn([[1]], { dt, tauSyn });
    const input = new TSEvent([0.0005, 0.0021, 0.0029], 0, { tStop: 0.005 });
    const output = layer.evolve(input);
    assertClose(
      output.samples.data,
      [0, 1, 0.8187307530779818, 2.670320046035639, 2.18627314224999, 1.7899690561885],
      1e-12,
    );
    assert.deepEqual([output.length, output.tStart, output.tStop, output.interpKind], [6, 0, 0.005, 'previous']);
    assert.equal(output.name, 'Receiver current');
    assertSame(layer.state, output.samples.row(5));
    assert.equal(layer.t, 0.005);
  });

  it('is the closed form over 1000 steps, to the last digits', () => {
    const input = randomEvents(1500, 4, dt, 1000);
    const w = matrix(4, 3, 5);
    for (const addEvents of [true, false]) {
      const layer = new FFExpSyn(w, { dt, tauSyn, bias: 0.3, addEvents });
      layer.stateNoBias = [1, -2, 3];
      const counts = countsOf(input, 4, dt, 1000).map((row) => (addEvents ? row : row.map((n) => Math.min(n, 1))));
      assertClose(layer.evolve(input).samples.data, closedForm(counts, w, 0.3, [1, -2, 3]), 1e-12);
    }
  });

  it('decays for ever as it should', () => {
    for (const [a, steps] of [
      [0.1, 1000],
      [1, 300],
      [1e-6, 1000],
    ]) {
      const layer = new FFExpSyn(1, { dt: a, tauSyn: 1 });
      layer.state = 1;
      layer.evolve(null, { numTimesteps: steps });
      assert.ok(Math.abs(layer.state[0] / Math.exp(-a * steps) - 1) <= 1e-12, `dt = ${a} tauSyn`);
    }
  });

  it('begins with the state that it ended with, and after a reset with the bias', () => {
    const layer = new FFExpSyn(2, { dt, tauSyn, bias: [0.25, -1] });
    const input = randomEvents(50, 2, dt, 20);
    const first = layer.evolve(input, { numTimesteps: 10 });
    const second = layer.evolve(input);
    assertSame(second.samples.row(0), first.samples.row(10));
    layer.resetState();
    assertSame(layer.state, [0.25, -1]);
    assertSame(layer.stateNoBias, [0, 0]);
    assertSame(layer.evolve(null, { numTimesteps: 1 }).samples.data, [0.25, -1, 0.25, -1]);
    layer.resetTime();
    assert.equal(layer.t, 0);
  });

  it('is bit for bit the same in pieces, on any number of threads, off the event loop, after restoring', async () => {
    const before = buildInfo().threads;
    for (const precision of ['float64', 'float32'] as const) {
      const input = randomEvents(2000, 6, dt, 300);
      const w = matrix(6, 700, 2);
      const make = () => new FFExpSyn(w, { dt, tauSyn, noiseStd: 0.2, bias: 0.1, seed: 9, precision });
      const whole = make().evolve(input);
      try {
        for (const threads of [1, 2, 3]) {
          setConcurrency(threads);
          for (const size of [1, 7, 100, 300]) {
            const layer = make();
            const pieces: TSContinuous[] = [];
            for (let done = 0; done < 300; done += size) {
              const numTimesteps = Math.min(size, 300 - done);
              if (size === 7) {
                const other = make();
                other.restore(layer.snapshot());
                pieces.push(other.evolve(input, { numTimesteps }));
                layer.restore(other.snapshot());
              } else if (size === 100) pieces.push(await layer.evolveAsync(input, { numTimesteps }));
              else pieces.push(layer.evolve(input, { numTimesteps }));
            }
            assertSame(joined(pieces, 1), whole.samples.data);
          }
        }
      } finally {
        setConcurrency(before);
      }
    }
  });

  it('is bit for bit the same with every instruction set', () => {
    const results = onEveryTarget(`
      const { FFExpSyn } = require('rockpool-node/layers');
      const { TSEvent } = require('rockpool-node');
      const times = Float64Array.from({ length: 500 }, (_, i) => (i + 0.5) * 2e-4);
      const input = new TSEvent(times, times.map((_, i) => (i * 7) % 5), { tStop: 0.1 });
      const w = Array.from({ length: 5 }, (_, i) => Array.from({ length: 13 }, (_, j) => Math.sin(1 + i * 13 + j)));
      const layer = new FFExpSyn(w, { dt: 1e-3, noiseStd: 0.1, seed: 4, bias: 0.2 });
      console.log(JSON.stringify(Array.from(layer.evolve(input).samples.data)));
    `);
    const [first] = results.values();
    for (const [target, values] of results) assert.deepEqual(values, first, target);
  });

  itUnsanitized('has noise of the stated deviation whatever the time step: 10^6 samples', () => {
    // Samples four time constants apart are as good as independent.
    for (const [step, noiseScaling] of [
      [1e-3, 'stationary'],
      [5e-3, 'stationary'],
      [1e-3, 'legacy'],
    ] as const) {
      const units = 5000;
      const layer = new FFExpSyn(new Float64Array(units), { dt: step, tauSyn, noiseStd: 0.7, noiseScaling, seed: 3 });
      const apart = Math.round((4 * tauSyn) / step);
      layer.evolve(null, { numTimesteps: 3 * apart });
      let sum = 0;
      for (let i = 0; i < 200; i++) {
        layer.evolve(null, { numTimesteps: apart });
        sum += layer.stateNoBias.reduce((s, v) => s + v * v, 0);
      }
      const n = 200 * units;
      const a = step / tauSyn;
      const expected = noiseScaling === 'stationary' ? 0.7 : 0.7 * Math.sqrt((2 * a) / (1 - Math.exp(-2 * a)));
      // 4.89 standard errors: alpha = 1e-6.
      const error = Math.abs(Math.sqrt(sum / n) / expected - 1);
      assert.ok(error < 4.89 / Math.sqrt(2 * n), `${noiseScaling}, dt ${step}: off by ${error}`);
    }
  });

  it('computes in single precision when told to', () => {
    const input = randomEvents(500, 4, dt, 200);
    const w = matrix(4, 3, 5);
    const double = new FFExpSyn(w, { dt, tauSyn }).evolve(input).samples.data;
    const single = new FFExpSyn(w, { dt, tauSyn, precision: 'float32' }).evolve(input).samples.data;
    assertClose(single, double, 1e-5);
    assert.notDeepEqual(single, double);
  });

  it('streams', async () => {
    const input = randomEvents(400, 2, dt, 100);
    const layer = new FFExpSyn(2, { dt, tauSyn });
    const pieces: TSContinuous[] = [];
    const source = Array.from({ length: 10 }, (_, i) => input.clip(i * 10 * dt, (i + 1) * 10 * dt));
    for await (const piece of layer.stream(source)) pieces.push(piece as TSContinuous);
    assertSame(joined(pieces, 1), new FFExpSyn(2, { dt, tauSyn }).evolve(input).samples.data);
  });

  it('repeats periodic events', () => {
    const periodic = new TSEvent([0.0015], 0, { tStart: 0, tStop: 0.004, periodic: true });
    const listed = new TSEvent([0.0015, 0.0055, 0.0095], 0, { tStop: 0.012 });
    const [a, b] = [periodic, listed].map((s) => new FFExpSyn(1, { dt, tauSyn }).evolve(s, { numTimesteps: 12 }));
    assertSame(a.samples.data, b.samples.data);
  });

  it('takes no steps, and steps without input', () => {
    const layer = new FFExpSyn(2, { dt, bias: 1 });
    const none = layer.evolve(null, { numTimesteps: 0 });
    assertSame(none.samples.data, [1, 1]);
    assert.equal(layer.timestep, 0);
    assertSame(layer.evolve(null, { duration: 2 * dt }).samples.data, [1, 1, 1, 1, 1, 1]);
  });
});

describe('FFExpSynTorch and FFExpSynBrian', () => {
  it('are FFExpSyn under other names', () => {
    const input = randomEvents(300, 4, dt, 100);
    const w = matrix(4, 3, 5);
    const expected = new FFExpSyn(w, { dt, tauSyn, bias: 0.5 }).evolve(input).samples.data;
    const torch = new FFExpSynTorch(w, { dt, tauSyn, bias: 0.5, maxNumTimesteps: 7 });
    assertSame(torch.evolve(input).samples.data, expected);
    assert.equal(torch.maxNumTimesteps, 7);
    torch.resetAll();
    assert.equal(torch.evolve(input).name, 'Filtered spikes');
    const brian = new FFExpSynBrian(w, { dt, tauSyn, bias: 0.5 });
    assertSame(brian.evolve(input).samples.data, expected);
  });

  it('decay in a Brian class as its integrator does', () => {
    const a = dt / tauSyn;
    for (const [integratorName, beta] of [
      ['exact', Math.exp(-a)],
      ['rk4', 1 - a + a ** 2 / 2 - a ** 3 / 6 + a ** 4 / 24],
      ['euler', 1 - a],
    ] as const) {
      const layer = new FFExpSynBrian(1, { dt, tauSyn, integratorName });
      layer.state = 1;
      layer.evolve(null, { numTimesteps: 3 });
      assert.ok(Math.abs(layer.state[0] / beta ** 3 - 1) < 1e-14, integratorName);
      assert.equal(layer.integratorName, integratorName);
    }
  });
});
