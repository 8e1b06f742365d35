import assert from 'node:assert/strict';
import { setWarningHandler, TSEvent } from 'rockpool-node';
import { FFIAFSpkInBrian, type FFIAFSpkInBrianOptions, SparseMatrix } from 'rockpool-node/layers';
import { codeOf } from '../helpers.js';
import { assertClose, matrix } from '../rate-helpers.js';

const dt = 1e-3;
const [inputs, units] = [8, 3];

function make(options: FFIAFSpkInBrianOptions = {}): FFIAFSpkInBrian {
  return new FFIAFSpkInBrian(matrix(inputs, units, 3, 6e-3), {
    ...{ dt, bias: 10.5e-3, record: true, tauSyn: [10e-3, 20e-3, 5e-3] },
    ...options,
  });
}

/** Inputs fire in the middle of time steps, in turn. */
const input = new TSEvent(
  Array.from({ length: 120 }, (_, k) => (2 * k + 0.5) * dt),
  Array.from({ length: 120 }, (_, k) => (k * k) % inputs),
  { numChannels: inputs, tStart: 0, tStop: 0.3 },
);

/** The sum of the reference, term by term. */
function eligibilityOf(layer: FFIAFSpkInBrian, tStart: number, tStop: number): Float64Array {
  const { v } = layer.stateMonitor!;
  const sums = new Float64Array(inputs * units);
  input.times.forEach((s, i) => {
    if (s < tStart || s >= tStop) return;
    v.times.forEach((t, k) => {
      if (t < s) return;
      const kernel = layer.potKernel([t - s]);
      for (let j = 0; j < units; j++)
        sums[input.channels[i] * units + j] += kernel.get(0, j) * (v.samples.get(k, j) - layer.vRest[j]);
    });
  });
  return sums;
}

describe('FFIAFSpkInBrian.trainMstSimple', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('changes the weights of the inputs that helped most', () => {
    const layer = make();
    const output = layer.evolve(input, { numTimesteps: 300 });
    const weights = layer.weights.copy();
    const [tStart, duration] = [0.05, 0.2];
    const counts = new Float64Array(units);
    output.times.forEach((t, i) => (counts[output.channels[i]] += Number(t >= tStart && t <= tStart + duration)));
    assert.ok(
      counts.every((c) => c > 0),
      String(counts),
    );
    const targetCounts = [counts[0] - 1, counts[1] + 1, counts[2]];
    const options = { duration, tStart, tsInput: input, targetCounts, lambda: 1e-4, eligibilityRatio: 0.3 };
    const { spikeCounts, eligibility, weightChange } = layer.trainMstSimple(options);
    assert.deepEqual(spikeCounts, counts);
    assertClose(eligibility.data, eligibilityOf(layer, tStart, tStart + duration), 1e-10);
    for (let j = 0; j < units; j++) {
      const column = Array.from({ length: inputs }, (_, i) => eligibility.get(i, j));
      const best = [...column.keys()].sort((a, b) => column[b] - column[a]).slice(0, 2); // floor(0.3 * 8)
      for (let i = 0; i < inputs; i++) {
        const expected = best.includes(i) ? [-1e-4, 1e-4, 0][j] : 0;
        assert.ok(Math.abs(weightChange.get(i, j) - expected) < 1e-18);
        assert.ok(Math.abs(layer.weights.get(i, j) - weights.get(i, j) - expected) < 1e-17);
      }
    }
    // With momentum, a part of that change comes again; a new training forgets it.
    const next = { ...options, targetCounts: counts, momentum: 0.5 };
    assertClose(
      layer.trainMstSimple({ ...next, isFirst: false }).weightChange.data,
      weightChange.data.map((w) => w / 2),
    );
    assert.ok(layer.trainMstSimple(next).weightChange.data.every((w) => w === 0));
  });

  it('makes a unit fire as often as it should', () => {
    const layer = make();
    const targetCounts = [3, 4, 5];
    let counts: Float64Array = new Float64Array(units);
    for (let epoch = 0; epoch < 400; epoch++) {
      layer.resetAll();
      layer.evolve(input, { numTimesteps: 300 });
      const options = {
        duration: 0.3,
        tStart: 0,
        targetCounts,
        lambda: 2e-5,
        eligibilityRatio: 0.5,
        isFirst: epoch === 0,
      };
      counts = layer.train(null, input, { ...options, method: 'multi-spike tempotron' }).spikeCounts;
      if (counts.every((c, j) => c === targetCounts[j])) break;
    }
    assert.deepEqual([...counts], targetCounts);
  });

  it('has target counts of 0, no input, and the original name of lambda', () => {
    const layer = make();
    layer.evolve(input, { numTimesteps: 300 });
    const { weightChange, eligibility } = layer.trainMstSimple({
      duration: 0.3,
      tStart: 0,
      lambda_: 1e-3,
      eligibilityRatio: 1,
    });
    assertClose(weightChange.data, new Float64Array(inputs * units).fill(-1e-3));
    assert.ok(eligibility.data.every((e) => e === 0));
  });

  it('refuses what is missing or wrong, and changes nothing', () => {
    const layer = make();
    const window = { duration: 0.1, tStart: 0 };
    const weights = layer.weights.copy();
    assert.equal(
      codeOf(() => layer.trainMstSimple(window)),
      'ERR_STATE',
    );
    layer.evolve(input, { numTimesteps: 300 });
    const wrong: [() => unknown, string][] = [
      [() => layer.train(null, input, { tStart: 0 }), 'ERR_TYPE'],
      [() => layer.train(null, input, { duration: 1 }), 'ERR_TYPE'],
      [() => layer.train(null, input, { ...window, method: 'rr' }), 'ERR_VALUE'],
      [() => layer.train(null, input, undefined as never), 'ERR_TYPE'],
      [() => layer.trainMstSimple({ ...window, tStart: 0.25 }), 'ERR_STATE'],
      [() => layer.trainMstSimple({ ...window, targetCounts: [1, 2] }), 'ERR_SHAPE'],
      [() => layer.trainMstSimple({ ...window, eligibilityRatio: 1.1 }), 'ERR_VALUE'],
      [() => layer.trainMstSimple({ ...window, lambda: -1 }), 'ERR_VALUE'],
      [() => layer.trainMstSimple({ ...window, lambda: 1, lambda_: 2 }), 'ERR_TYPE'],
      [() => layer.trainMstSimple({ ...window, tsInput: 3 as never }), 'ERR_TYPE'],
      [() => layer.trainMstSimple({ ...window, tsInput: new TSEvent([0.01], [inputs]) }), 'ERR_INDEX'],
      [() => layer.trainMstSimple({ ...window, other: 1 } as never), 'ERR_TYPE'],
    ];
    for (const [call, code] of wrong) assert.equal(codeOf(call), code, String(call));
    assert.deepEqual(layer.weights.data, weights.data);
    const others = [make({ record: false }), make({ record: { channels: [1] } })];
    const sparse = new FFIAFSpkInBrian(SparseMatrix.fromDense(weights), { dt, record: true });
    for (const other of [...others, sparse]) {
      other.evolve(input, { numTimesteps: 300 });
      assert.equal(
        codeOf(() => other.trainMstSimple(window)),
        'ERR_STATE',
      );
    }
  });
});
