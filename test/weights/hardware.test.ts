import assert from 'node:assert/strict';
import {
  digital,
  discretiseWeightMatrix,
  combineFfRecStack,
  dynapseConform,
  inResDigital,
  inResDynapse,
  inResDynapseFlex,
  SparseMatrix,
} from 'rockpool-node/weights';
import { codeOf } from '../layers/helpers.js';
import {
  assertBinomial,
  assertChiSquared,
  itSeeded,
  nonzero,
  radiusBySquaring,
  rows,
  sum,
  transpose,
  warningsOf,
} from './helpers.js';

describe('Weights: dynapseConform', () => {
  itSeeded('keeps the limits and counts every connection', (seed) => {
    const [n, inputs] = [50, 20];
    const { weights, counts, byValue } = dynapseConform(n, {
      seed,
      connectivity: 0.4,
      ratioExc: 0.7,
      weightsExc: [1, 3],
      weightsInh: [-2, 4],
      probsWExc: [0.3, 0.7],
      maxNumInputs: 25,
      maxNumOutputs: 30,
    });
    assert.ok(counts.data instanceof Int32Array);
    const c = rows(counts);
    assert.ok(transpose(c).every((column) => sum(column) === inputs));
    assert.ok(c.every((row) => sum(row) <= 30));
    assert.deepEqual([...byValue.keys()], [-4, -2, 1, 3]);
    const parts = [...byValue].map(([value, matrix]) => ({ value, m: rows(matrix) }));
    rows(weights).forEach((row, i) =>
      row.forEach((w, j) => {
        assert.equal(sum(parts.map(({ m }) => m[i][j])), c[i][j]);
        assert.equal(sum(parts.map(({ value, m }) => value * m[i][j])), w);
      }),
    );
    const excitatory = parts.filter(({ value }) => value > 0).map(({ m }) => m);
    transpose(c).forEach((_, j) => assert.equal(sum(excitatory.flatMap((m) => m.map((row) => row[j]))), 14));
    const number = (value: number): number => sum(rows(byValue.get(value) as never).flat());
    assertBinomial(number(3), 14 * n, 0.7, 'excitatory weights of 3');
    assertBinomial(number(-4), 6 * n, 0.5, 'inhibitory weights of -4');
  });

  itSeeded('chooses rows uniformly and repeats them', (seed) => {
    const c = rows(dynapseConform([30, 400], { seed, connectivity: 0.5, maxNumOutputs: 100000 }).counts);
    assertChiSquared(c.map(sum), new Array<number>(30).fill(200), 'outputs');
    // A pair has two connections or more about as often as independent draws: 15 of 30.
    const repeated = c.flat().filter((x) => x > 1).length;
    const p = 1 - (29 / 30) ** 15 - 15 * (1 / 30) * (29 / 30) ** 14;
    assertBinomial(repeated, 12000, p, 'repeated pairs');
  });

  itSeeded('takes the outputs that are left, in columns of random order', (seed) => {
    const [n, outputs] = [20, 3];
    const c = rows(dynapseConform(n, { seed, connectivity: 0.5, maxNumOutputs: outputs }).counts);
    assert.ok(c.every((row) => sum(row) === outputs));
    const sums = transpose(c).map(sum);
    assert.deepEqual(
      [...sums].sort((a, b) => b - a),
      [...new Array<number>(6).fill(10), ...new Array<number>(14).fill(0)],
    );
    const full = rows(dynapseConform(n, { seed, maxNumOutputs: 0 }).counts);
    assert.equal(sum(full.flat()), 0);
    // Of the last free outputs each row keeps its own: with one output each all rows are used once.
    const once = rows(dynapseConform(n, { seed, connectivity: 1, maxNumOutputs: 1 }).counts);
    assert.ok(once.every((row) => sum(row) === 1));
  });

  itSeeded('merges equal weights, scales values with the matrix', (seed) => {
    const merged = dynapseConform(20, { seed, weightsExc: [1, 1], weightsInh: [2, -2] });
    assert.deepEqual([...merged.byValue.keys()], [-2, 1]);
    const total = [...merged.byValue.values()].map((m) => sum(rows(m).flat()));
    assert.deepEqual(total, [200, 200]);
    const scaled = dynapseConform(20, { seed, normalization: 0.5 });
    assert.ok(Math.abs(radiusBySquaring(rows(scaled.weights)) - 0.5) < 1e-5);
    const plain = dynapseConform(20, { seed });
    const factor = [...scaled.byValue.keys()][3] / 2;
    rows(scaled.weights)
      .flat()
      .forEach((w, k) => assert.ok(Math.abs(w - factor * plain.weights.data[k]) < 1e-12));
    const codes = warningsOf(() => {
      const { weights } = dynapseConform([30, 10], { seed, normalization: 1 });
      const m = rows(weights);
      const gram = transpose(m).map((a) => transpose(m).map((b) => sum(a.map((x, i) => x * b[i]))));
      assert.ok(Math.abs(radiusBySquaring(gram, 40) - 1) < 1e-8);
    });
    assert.deepEqual(codes, ['NOT_SQUARE']);
    assert.deepEqual(
      warningsOf(() => dynapseConform(4, { connectivity: 0, normalization: 1 })),
      ['ZERO_SPECTRAL_RADIUS'],
    );
  });

  it('refuses more inputs than there are, and says how many there may be', () => {
    assert.throws(() => dynapseConform(100, { connectivity: 0.65 }), /at most 0.64/);
    for (const options of [
      { probsWExc: [0.5, 0.6] },
      { weightsExc: [1, 2, 3], probsWExc: [0.5, 0.5] },
      { ratioExc: 1.1 },
    ])
      assert.match(String(codeOf(() => dynapseConform(4, options))), /^ERR_(VALUE|SHAPE)$/);
    for (const shape of [[], [1, 2, 3], 0, [2, -1], 1.5])
      assert.match(String(codeOf(() => dynapseConform(shape))), /^ERR_(VALUE|SHAPE)$/);
  });
});

describe('Weights: reservoirs within the limits of hardware', () => {
  itSeeded('inResDynapse gives inputs to neurons with a place for it', (seed) => {
    const { weightsIn, weights, counts } = inResDynapse(40, {
      seed,
      connectivity: 0.2,
      inputDensity: 0.5,
      ratioExcIn: 0.8,
    });
    assert.deepEqual(
      [weightsIn.shape, weights.shape, counts.shape],
      [
        [40, 1],
        [40, 40],
        [40, 40],
      ],
    );
    const given = Array.from(weightsIn.data).filter((x) => x !== 0);
    assert.deepEqual([given.length, given.filter((x) => x > 0).length], [20, 16]);
    assert.ok(given.every((x) => [1, 2, -1, -2].includes(x)));
    const row = inResDynapse(40, { seed, connectivity: 0.2, inputDensity: 0.5, ratioExcIn: 0.8, orientation: 'row' });
    assert.deepEqual([row.weightsIn.shape, row.weightsIn.data], [[1, 40], weightsIn.data]);
    // Two strongest of three, scaled.
    const three = inResDynapse(40, {
      seed,
      weightsExc: [1, 5, 9],
      weightsInh: [3],
      normalization: 1,
      maxNumInputs: 30,
      leaveSpaceForInput: true,
    });
    const keys = [...three.byValue.keys()];
    assert.equal(keys.length, 4);
    const values = new Set(Array.from(three.weightsIn.data).filter((x) => x !== 0));
    for (const value of values)
      assert.ok([keys[0], keys[2], keys[3]].includes(value), `${value} of ${keys.join(', ')}`);
    assert.equal(nonzero(Array.from(three.weightsIn.data)), 40);
  });

  itSeeded('recurrent connections and inputs together stay within the limit', (seed) => {
    for (const leaveSpaceForInput of [true, false]) {
      const { weightsIn, counts } = inResDynapse(20, { seed, maxNumInputs: 8, leaveSpaceForInput, inputDensity: null });
      const sums = transpose(rows(counts)).map(sum);
      sums.forEach((s, j) => assert.ok(s + Number(weightsIn.data[j] !== 0) <= 8));
      assert.equal(nonzero(Array.from(weightsIn.data)), leaveSpaceForInput ? 20 : 0);
    }
    const codes = warningsOf(() => inResDynapse(20, { seed, maxNumInputs: 8 }));
    assert.deepEqual(codes, ['NO_INPUT_PLACES']);
  });

  itSeeded('inResDynapseFlex: several inputs at a neuron, from any channel, with their own sign', (seed) => {
    const { weightsIn, counts } = inResDynapseFlex(30, {
      seed,
      sizeIn: 7,
      maxFanin: 3,
      maxNumInputs: 12,
      inputDensity: 1,
      ratioExcIn: 1,
    });
    assert.deepEqual(weightsIn.shape, [7, 30]);
    const inputs = transpose(rows(weightsIn)).map(sum);
    assert.deepEqual(inputs, new Array<number>(30).fill(3), 'all places are taken, and repeated inputs add up');
    assert.ok(transpose(rows(counts)).every((column) => sum(column) === 9));
    const inhibitory = rows(inResDynapseFlex(30, { seed, maxFanin: 2, ratioExcIn: 0, maxNumInputs: 10 }).weightsIn);
    assert.equal(sum(inhibitory.flat()), -60);
    assert.equal(inhibitory.length, 30);
    const many = rows(inResDynapseFlex(300, { seed, sizeIn: 5, maxFanin: 4, ratioExcIn: 1 }).weightsIn);
    assertChiSquared(many.map(sum), new Array<number>(5).fill(240), 'channels');
  });

  itSeeded('digital: integers of the whole range, or of the original one', (seed) => {
    for (const [options, high, low] of [
      [{}, 7, 8],
      [{ range: 'legacy' }, 3, 4],
      [{ bitResolution: 6, range: 'legacy' }, 7, 8],
      [{ bitResolution: 5, useRange: 0.5 }, 7, 8],
    ] as const) {
      const { weights, counts, scale } = digital([40, 200], { ...options, seed, connectivity: 0.5 });
      assert.equal(scale, 1);
      const c = rows(counts);
      assert.ok(transpose(c).every((column) => sum(column) === 20) && c.every((row) => sum(row) <= 1024));
      const single = Array.from(weights.data).filter((_, k) => counts.data[k] === 1);
      for (const [most, sign] of [
        [high, 1],
        [low, -1],
      ]) {
        const ofSign = single.filter((w) => w * sign > 0).map((w) => w * sign);
        assert.ok(ofSign.every((w) => w <= most));
        const observed = Array.from({ length: most }, (_, k) => ofSign.filter((w) => w === k + 1).length);
        assertChiSquared(observed, new Array<number>(most).fill(ofSign.length / most), `integers of sign ${sign}`);
      }
    }
    const scaled = digital(30, { seed, normalization: 2, fRescale: 3 });
    assert.ok(Math.abs(radiusBySquaring(rows(scaled.weights)) - 6) < 1e-4);
    const whole = Array.from(scaled.weights.data, (w) => w / scaled.scale);
    assert.ok(whole.every((w) => Math.abs(w - Math.round(w)) < 1e-9));
  });

  itSeeded('inResDigital: scaled integer inputs', (seed) => {
    const { weightsIn, weights, scale, counts } = inResDigital(40, {
      seed,
      connectivity: 0.3,
      normalization: 0.9,
      ratioRecIn: 0.5,
      ratioExcIn: 0.25,
    });
    const given = Array.from(weightsIn.data, (w) => w / scale);
    assert.ok(
      given.every((w) => Math.abs(w - Math.round(w)) < 1e-9 && Math.round(w) >= -8 && Math.round(w) <= 7 && w !== 0),
    );
    assert.equal(given.filter((w) => w > 0).length, 10);
    const single = Array.from(weights.data, (w) => Math.round(w / scale)).filter((_, k) => counts.data[k] === 1);
    assert.ok(single.every((w) => w >= -4 && w <= 3));
    const codes = warningsOf(() => {
      const full = inResDigital(10, { seed, maxNumInputs: 5 });
      assert.deepEqual([full.scale, nonzero(Array.from(full.weightsIn.data))], [1, 0]);
    });
    assert.deepEqual(codes, ['NO_INPUT_PLACES']);
  });
});

describe('Weights: made from given matrices', () => {
  it('combineFfRecStack', () => {
    const expected = [
      [0, 1, 2],
      [0, 3, 4],
      [0, 5, 6],
    ];
    const [ff, rec] = [[[1, 2]], [[3, 4], [5, 6]]]; // prettier-ignore
    assert.deepEqual(rows(combineFfRecStack(ff, rec)), expected);
    const sparse = combineFfRecStack(SparseMatrix.fromDense(ff), rec);
    assert.ok(sparse instanceof SparseMatrix);
    assert.deepEqual(rows(sparse), expected);
    assert.deepEqual(rows(combineFfRecStack(ff, rec, { sparse: true })), expected);
    assert.deepEqual(rows(combineFfRecStack(SparseMatrix.fromDense(ff), rec, { sparse: false })), expected);
    const shared = new SparseMatrix({ shape: [2, 2], indptr: [0, 1, 2], indices: [0, 1], data: 7 });
    assert.deepEqual(rows(combineFfRecStack(ff, shared)), [
      [0, 1, 2],
      [0, 7, 0],
      [0, 0, 7],
    ]);
    assert.equal(
      codeOf(() => combineFfRecStack([[1]], rec)),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => combineFfRecStack(ff, [[1, 2]])),
      'ERR_SHAPE',
    );
  });

  it('discretiseWeightMatrix', () => {
    const w = [
      [0.9, -0.2, 0],
      [0.35, -0.6, 0.1],
      [0.5, 0.25, -0.31],
    ];
    const { weights, counts } = discretiseWeightMatrix(w);
    assert.ok(counts.data instanceof Int32Array);
    assert.deepEqual(rows(counts), [
      [3, -1, 0],
      [1, -3, 0],
      [2, 1, -2],
    ]);
    const expected = [0.9, -0.2, 0, 0.3, -0.6, 0, 0.6, 0.3, -0.4];
    weights.data.forEach((x, k) => assert.ok(Math.abs(x - expected[k]) < 1e-15));
    // Two inputs: one of each sign for each column, before the base weights are known; of equal ones the first.
    const limited = discretiseWeightMatrix([[5, 1], [5, 2], [-1, -1], [-4, -1]], { maxNumInputs: 2, maxNumConnections: 2 }); // prettier-ignore
    assert.deepEqual(rows(limited.counts), [[2, 0], [0, 1], [0, 0], [-2, 0]]); // prettier-ignore
    const outputs = discretiseWeightMatrix([[3, 2, 1, -1, -2]], { maxNumOutputs: 2, maxNumConnections: 1 });
    assert.deepEqual(rows(outputs.counts), [[1, 0, 0, 0, -1]]);
    assert.deepEqual(rows(discretiseWeightMatrix([[0, 0]]).counts), [[0, 0]]);
    assert.deepEqual(
      rows(discretiseWeightMatrix([[2.5, 5]], { maxNumConnections: 3 }).counts),
      [[2, 3]],
      'half to even',
    );
    assert.equal(
      codeOf(() => discretiseWeightMatrix([[NaN]])),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => discretiseWeightMatrix([[1]], { maxNumConnections: 0 })),
      'ERR_VALUE',
    );
  });
});
