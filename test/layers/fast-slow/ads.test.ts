import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous } from 'rockpool-node';
import { Layer, quantizeWeightsDynapseII, RecFSSpikeADS } from 'rockpool-node/layers';
import { codeOf } from '../helpers.js';
import { assertClose, matrix } from '../rate-helpers.js';
import { dt, makeADS, n } from './helpers.js';

const target = (value = 0.5, steps = 500) =>
  new TSContinuous(
    [0, steps * dt],
    [
      [value, -value],
      [value, -value],
    ],
  );

describe('RecFSSpikeADS', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('filters its spikes to outputs and rates, and keeps potentials above 0', () => {
    const layer = makeADS({ noiseStd: 0, record: true, bias: 1.3 });
    const output = layer.evolve(null, { numTimesteps: 500 });
    const { rate, iSO, weightsOut } = layer;
    // Every spike has decayed by (1 - dt / tau) per step since, more or less: its step is cut where it lies.
    const expected = new Float64Array(n);
    output.times.forEach((t, i) => (expected[output.channels[i]] += Math.exp(-(layer.t - t) / 0.07)));
    assertClose(rate, expected, 2e-3);
    const sums = [0, 1].map((c) => rate.reduce((sum, r, j) => sum + r * weightsOut.get(j, c), 0));
    assertClose(iSO, sums, 1e-9);
    const record = layer.recordedStates!;
    assert.ok(record.mfX.data.every((v) => v >= 0));
    assertClose(record.r!.row(record.vt.length - 1), rate);
    assertClose(record.out!.row(record.vt.length - 1), iSO);
    assert.equal(makeADS().recordedStates, null);
    layer.record = false;
    layer.evolve(null, { numTimesteps: 1 });
    layer.record = true;
    assert.equal(
      codeOf(() => layer.recordedStates),
      'ERR_STATE',
    );
  });

  it('learns along the correlation of rates and fed back errors', async () => {
    const layer = makeADS({ noiseStd: 0, record: true, eta: 2e-3 });
    const weights = layer.weightsSlow.copy();
    layer.tsTarget = target();
    layer.isTraining = true;
    layer.evolve(null, { numTimesteps: 400 });
    const { vt, r, out, spReservoir } = layer.recordedStates!;
    const spikes = new Map(Array.from(spReservoir.times, (t, i) => [t, spReservoir.vnNeuron[i]]));
    assert.ok(spikes.size > 30);
    // dW from the record: rates and errors of an iteration are those after its step, in which a jump has not decayed yet.
    const dW = new Float64Array(n * n);
    for (let k = 0; k < vt.length - 1; k++) {
      const unit = spikes.get(vt[k]) ?? -1;
      const after = (x: number, jump: number): number => x - (x - jump) * (dt / 0.07);
      const jumps = [0, 1].map((c) => (unit < 0 ? 0 : layer.weightsOut.get(unit, c)));
      const errors = [0.5 - after(out!.get(k, 0), jumps[0]), -0.5 - after(out!.get(k, 1), jumps[1])];
      const drive = Array.from({ length: n }, (_, j) =>
        errors.reduce((sum, e, c) => sum + e * layer.weightsIn.get(c, j), 0),
      );
      for (let i = 0; i < n; i++) {
        const rate = after(r!.get(k, i), Number(i === unit));
        for (let j = 0; j < n; j++) if (i !== j) dW[i * n + j] += rate * drive[j];
      }
    }
    const scale = dW.reduce((sum, x) => sum + Math.abs(x), 0) / n ** 2;
    const learned = layer.weightsSlow.data.map((w, i) => w - weights.data[i]);
    assertClose(
      learned,
      dW.map((x) => (2e-3 * x) / scale),
      1e-9,
    );
    for (let i = 0; i < n; i++) assert.equal(learned[i * n + i], 0);

    const other = makeADS({ noiseStd: 0, eta: 2e-3 });
    other.tsTarget = target();
    other.isTraining = true;
    const held = other.weightsSlow;
    await other.evolveAsync(null, { numTimesteps: 400 });
    assert.equal(other.weightsSlow, held);
    assert.deepEqual(held.data, layer.weightsSlow.data);
  });

  it('feeds the error back only while it learns', () => {
    const [quiet, taught] = [makeADS({ k: 3, eta: 0 }), makeADS({ k: 3, eta: 0 })];
    for (let j = 0; j < n; j++) for (const c of [0, 1]) taught.weightsIn.set(c, j, 5 * taught.weightsOut.get(j, c));
    taught.isTraining = true;
    taught.tsTarget = target(2);
    const [a, b] = [quiet, taught].map((layer) => layer.evolve(null, { numTimesteps: 400 }));
    assert.notDeepEqual([...a.times], [...b.times]);
    const distance = (layer: RecFSSpikeADS) => Math.abs(layer.iSO[0] - 2) + Math.abs(layer.iSO[1] + 2);
    assert.ok(distance(taught) < distance(quiet));
    assert.deepEqual(taught.weightsSlow.data, quiet.weightsSlow.data); // eta is 0
  });

  it('needs a target that fits, and leaves its weights when it is cancelled', async () => {
    const layer = makeADS();
    layer.isTraining = true;
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 10 })),
      'ERR_STATE',
    );
    assert.equal(
      codeOf(() => (layer.tsTarget = new TSContinuous([0, 1], [[1], [1]]))),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.tsTarget = 3 as never)),
      'ERR_TYPE',
    );
    layer.tsTarget = target(0.5, 5);
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 10 })),
      'ERR_TIME_RANGE',
    );
    layer.tsTarget = target(0.5, 1e9);
    const before = layer.weightsSlow.copy();
    const snapshot = layer.snapshot();
    const control = new AbortController();
    setTimeout(() => control.abort(), 20);
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 5e7, signal: control.signal }), {
      code: 'ERR_ABORTED',
    });
    assert.deepEqual(layer.weightsSlow.data, before.data);
    layer.evolve(null, { numTimesteps: 300 });
    assert.notDeepEqual(layer.weightsSlow.data, before.data);
    layer.restore(snapshot); // of a learning layer
    assert.deepEqual(layer.weightsSlow.data, before.data);
  });

  it('holds a share of its units in a window', () => {
    const layer = makeADS({ noiseStd: 0 });
    layer.percentageSuppress = 0.5;
    layer.tStartSuppress = 0.02;
    layer.tStopSuppress = 0.04;
    const output = layer.evolve(null, { numTimesteps: 700 });
    const held = Math.floor(n / 2);
    const spikes = [...output.times].map((t, i) => ({ t, unit: output.channels[i] }));
    assert.ok(spikes.some(({ t, unit }) => t < 0.02 && unit < held));
    assert.ok(spikes.some(({ t, unit }) => t > 0.02 && t < 0.04 && unit >= held));
    assert.ok(spikes.some(({ t, unit }) => t > 0.045 && unit < held));
    assert.deepEqual(
      spikes.filter(({ t, unit }) => t > 0.0201 && t < 0.0399 && unit < held),
      [],
    );
    assert.equal(
      codeOf(() => (layer.percentageSuppress = 2)),
      'ERR_VALUE',
    );
  });

  it('runs with slow weights of few values', () => {
    const exact = makeADS();
    assert.deepEqual(exact.weightsSlowDiscretized.data, exact.weightsSlow.data);
    const layer = makeADS({ discretize: 4 });
    const { data } = layer.weightsSlow;
    const base = (Math.max(...data) - Math.min(...data)) / 3;
    assertClose(
      layer.weightsSlowDiscretized.data,
      data.map((w) => base * Math.round(w / base)),
    );
    assert.ok(new Set(layer.weightsSlowDiscretized.data).size <= 4);
    layer.weightsSlow.data.fill(0.2);
    assert.ok(new Set(layer.weightsSlowDiscretized.data).size > 1); // of equal weights nothing is made
    const chip = makeADS({ discretizeDynapse: true, discretize: 3 });
    assert.deepEqual(chip.weightsSlowDiscretized.data, quantizeWeightsDynapseII(n, chip.weightsSlow).data);
    const dict = chip.toDict();
    assert.deepEqual([dict['N'], dict['Nc'], dict['Nb'], dict['discretize_dynapse']], [n, 2, n, true]);
    assert.deepEqual(Layer.loadFromDict({ ...dict, record: 1 }).toDict(), { ...dict, record: true });
    for (const discretize of [0, 1, -2, 1.5])
      assert.equal(
        codeOf(() => makeADS({ discretize })),
        'ERR_VALUE',
      );
  });

  it('refuses wrong arguments', () => {
    const w = [matrix(3, 3), matrix(3, 3), matrix(2, 3), matrix(3, 2)] as const;
    const options = { eta: 1, k: 1 };
    const wrong: [() => unknown, string][] = [
      [() => new RecFSSpikeADS(...w, {} as never), 'ERR_TYPE'],
      [() => new RecFSSpikeADS(w[0], w[1], w[3], w[3], options), 'ERR_SHAPE'],
      [() => new RecFSSpikeADS(w[0], w[1], w[2], w[2], options), 'ERR_SHAPE'],
      [() => new RecFSSpikeADS(w[0], matrix(2, 2), w[2], w[3], options), 'ERR_SHAPE'],
      [() => new RecFSSpikeADS(...w, { ...options, tauSynROut: [1, 2, 3] }), 'ERR_SHAPE'],
      [() => new RecFSSpikeADS(...w, { ...options, spikeCallback: () => 1 } as never), 'ERR_TYPE'],
      [() => quantizeWeightsDynapseII(1025, 0), 'ERR_VALUE'],
      [() => quantizeWeightsDynapseII(3, matrix(3, 2)), 'ERR_SHAPE'],
      [() => quantizeWeightsDynapseII(3, w[0], { numSynapsesAvailable: 1.5 }), 'ERR_VALUE'],
    ];
    for (const [call, code] of wrong) assert.equal(codeOf(call), code, String(call));
  });
});

describe('quantizeWeightsDynapseII', () => {
  const base = (data: Float64Array) => {
    const sizes = data.map(Math.abs);
    return (Math.max(...sizes) - Math.min(...sizes)) / 31;
  };

  it('rounds to 31 magnitudes', () => {
    const w = matrix(20, 20, 3);
    const b = base(w.data);
    assertClose(
      quantizeWeightsDynapseII(20, w).data,
      w.data.map((x) => b * Math.round(x / b)),
    );
    assert.ok(quantizeWeightsDynapseII(2, { data: [1, -1, 1, 1], shape: [2, 2] }).data.every((x) => x === 0));
  });

  it('keeps the largest synapses of each neuron', () => {
    const w = matrix(40, 40, 3);
    const q = quantizeWeightsDynapseII(40, w, { numSynapsesAvailable: 5, useDense: false });
    const b = base(w.data);
    for (let i = 0; i < 40; i++) {
      const row = Array.from(w.data.slice(40 * i, 40 * i + 40), (x) => Math.abs(Math.round(x / b)));
      const least = [...row].sort((x, y) => y - x)[4];
      const kept = Array.from(q.row(i), Math.abs).filter((x) => x > 0);
      assert.ok(kept.length === 5 && kept.every((x) => x >= (least - 0.1) * b));
    }
    // All 40 neurons find room on dense cores.
    const dense = quantizeWeightsDynapseII(40, w, { numSynapsesAvailable: 5 });
    assertClose(dense.data, quantizeWeightsDynapseII(40, w).data);
  });
});
