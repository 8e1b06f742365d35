import assert from 'node:assert/strict';
import { setWarningHandler, type RockpoolWarning } from 'rockpool-node';
import { RidgeRegression, RidgeRegrTrainer } from 'rockpool-node/training';

const X = [
  [1, 2],
  [0, 1],
  [3, -1],
  [2, 2],
  [1, 0],
];
const Y = [[1], [0], [2], [1], [1]];
const labels = [[1], [0], [1], [0], [0]];

function close(actual: Iterable<number>, expected: number[], tolerance = 1e-9): void {
  const list = [...actual];
  assert.equal(list.length, expected.length);
  for (const [i, value] of list.entries())
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `element ${i}: ${value}, expected ${expected[i]}`);
}

/** Deterministic numbers between -1 and 1. */
function numbers(n: number, seed: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (Math.sin(12.9898 * (i + 1) + 78.233 * seed) * 43758.5453) % 1);
}

describe('RidgeRegression', () => {
  let warnings: RockpoolWarning[];
  beforeEach(() => {
    warnings = [];
    setWarningHandler((warning) => warnings.push(warning));
  });
  afterEach(() => setWarningHandler(null));

  it('gives the reference values', () => {
    const cases: [object, number[][], number[], number[]][] = [
      [{}, Y, [0.5296167247, -0.0696864111], [0.2857142857]],
      [{ trainBiases: false }, Y, [0.643902439, 0.006504065], []],
      [{ standardize: true }, Y, [0.4785485877, -0.101039261], [0.3199542951]],
      [{ fisherRelabelling: true, fisherVariant: 'A' }, labels, [0.7167745147, -0.1319064211], [-0.8163265306]],
      [{ fisherRelabelling: true }, labels, [0.4089376054, 0.0111145179], [-0.5921355205]],
    ];
    for (const [options, target, weights, bias] of cases) {
      const ridge = new RidgeRegression(2, 1, { regularize: 0.5, ...options });
      assert.equal(ridge.weights, null);
      ridge.fit(X, target);
      close(ridge.weights!.data, weights);
      close(ridge.bias ?? [], bias);
      assert.equal(ridge.numSamples, 0);
      assert.ok(ridge.conditionEstimate >= 1 && ridge.conditionEstimate < 100);
    }
  });

  it('is also RidgeRegrTrainer and takes one options object', () => {
    assert.equal(RidgeRegrTrainer, RidgeRegression);
    const ridge = new RidgeRegrTrainer({ numFeatures: 2, numOutputs: 1, regularize: 0.5 });
    ridge.trainBatch(X, [1, 0, 2, 1, 1], { updateModel: true });
    assert.deepEqual(ridge.xtx.toArray(), [
      [15, 3, 7],
      [3, 10, 4],
      [7, 4, 5],
    ]);
    assert.deepEqual(ridge.xty.toArray(), [[10], [2], [5]]);
    assert.deepEqual([...ridge.kahanCompXtx.data, ...ridge.kahanCompXty.data], new Array(12).fill(0));
    assert.equal(ridge.inpMean, null);
    ridge.regularize = 0;
    ridge.regularizeBias = false;
    ridge.updateModel();
    assert.ok(ridge.mse![0] < 0.2);
  });

  it('does not depend on how the data is cut into batches, thanks to compensation', () => {
    const rows = 4000;
    const x = numbers(rows * 3, 1).map((v, i) => v + (i % 3 === 0 ? 1e6 : 0));
    const y = numbers(rows, 2);
    const whole = new RidgeRegression(3, 1, { regularize: 0.1 });
    whole.trainBatch({ data: x, shape: [rows, 3] }, y);
    const pieces = new RidgeRegression(3, 1, { regularize: 0.1 });
    for (let r = 0; r < rows; r++)
      pieces.trainBatch({ data: x.subarray(r * 3, r * 3 + 3), shape: [1, 3] }, y.subarray(r, r + 1));
    const total = whole.xtx.data;
    for (const [i, value] of pieces.xtx.data.entries())
      assert.ok(Math.abs(value - total[i]) <= 1e-15 * 20 * Math.abs(total[0]));
    // Exact integers: the compensated sum of 4000 addends beyond 2^53 keeps what plain addition loses.
    const sum = new RidgeRegression(1, 1, { trainBiases: false });
    sum.trainBatch([[1]], [[2 ** 53]]);
    for (let i = 0; i < 1000; i++) sum.trainBatch([[1]], [[1]]);
    assert.equal(sum.xty.data[0] - sum.kahanCompXty.data[0] - 2 ** 53, 1000);
  });

  it('weighs classes over all batches', () => {
    const split = new RidgeRegression(2, 1, { regularize: 0.5, fisherRelabelling: true });
    split.trainBatch(X.slice(0, 1), labels.slice(0, 1));
    assert.throws(() => split.updateModel(), /expected Y to be labels of both classes for output 0, received no 0/);
    split.trainBatch(X.slice(1), labels.slice(1), { updateModel: true });
    close(split.weights!.data, [0.4089376054, 0.0111145179]);
    assert.deepEqual(split.xtx.shape, [1, 3, 3]);
    assert.throws(
      () => split.trainBatch(X, [[1], [0], [1], [3], [0]]),
      /expected Y\[3, 0\] to be a label: 1, 0 or -1, received 3/,
    );
  });

  it('ignores samples with label -1', () => {
    const all = new RidgeRegression(2, 1, { regularize: 0.5, fisherRelabelling: true });
    all.fit([...X, [7, 7]], [...labels, [-1]]);
    const w1 = 6 / 2;
    const scaled = new RidgeRegression(2, 1, { regularize: (0.5 * (5 / 2)) / w1, fisherRelabelling: true });
    scaled.fit(X, labels);
    close(all.weights!.data, [...scaled.weights!.data]);
  });

  it('reports the error of the model', () => {
    const ridge = new RidgeRegression(2, 1, { regularize: 0.5 });
    ridge.fit(X, Y);
    const predicted = ridge.predict(X);
    const mse = Y.reduce((sum, [y], r) => sum + (predicted.get(r, 0) - y) ** 2, 0) / 5;
    close(ridge.mse!, [mse], 1e-12);
  });

  it('solves singular systems by least norm and warns', () => {
    const ridge = new RidgeRegression(2, 1, { trainBiases: false });
    ridge.fit(
      [
        [1, 1],
        [2, 2],
      ],
      [[2], [4]],
    );
    close(ridge.weights!.data, [1, 1], 1e-12);
    assert.equal(ridge.conditionEstimate, Infinity);
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['RIDGE_RANK_DEFICIENT'],
    );
  });

  it('refuses wrong arguments, and an error changes nothing', () => {
    const ridge = new RidgeRegression(2, 1);
    assert.throws(() => ridge.updateModel(), { code: 'ERR_STATE' });
    assert.throws(() => ridge.predict(X), { code: 'ERR_STATE' });
    ridge.trainBatch(X, Y);
    const before = [...ridge.xtx.data];
    assert.throws(() => ridge.trainBatch([[1, 2, 3]], [[1]]), /expected X to be rows of 2 columns, received 1 x 3/);
    assert.throws(() => ridge.trainBatch(X, [[1, 1]]), { code: 'ERR_SHAPE' });
    assert.throws(() => ridge.trainBatch(X, Y.slice(1)), /expected Y to be 5 rows, as many as X has, received 4 rows/);
    assert.throws(
      () =>
        ridge.trainBatch(
          [
            [1, 2],
            [NaN, 1],
          ],
          [[1], [2]],
        ),
      /expected X\[1, 0\] to be a finite number, received NaN/,
    );
    assert.throws(
      () => ridge.trainBatch([[1, 2]], [[Infinity]]),
      /expected Y\[0, 0\] to be a finite number, received Infinity/,
    );
    assert.throws(() => ridge.trainBatch([[1e200, 2]], [[1]]), { code: 'ERR_VALUE' });
    assert.throws(() => ridge.fit([[NaN, 2]], [[1]]), { code: 'ERR_VALUE' });
    assert.deepEqual([...ridge.xtx.data], before);
    for (const bad of [-1, NaN, Infinity, '1'])
      assert.throws(() => new RidgeRegression(2, 1, { regularize: bad as number }));
    for (const bad of [0, 1.5, -1]) assert.throws(() => new RidgeRegression(bad, 1), /numFeatures/);
    assert.throws(() => new RidgeRegression(2, 1, { regularise: 1 } as object), /regularise/);
  });

  it('standardises with the first batch', () => {
    const ridge = new RidgeRegression(2, 1, { standardize: true });
    ridge.trainBatch(
      [
        [1, 5],
        [3, 5],
      ],
      [[1], [2]],
    );
    ridge.trainBatch([[9, 7]], [[1]]);
    assert.deepEqual([...ridge.inpMean!.data], [2, 5]);
    assert.deepEqual([...ridge.inpStd!.data], [1, 1]);
    ridge.reset();
    assert.equal(ridge.inpMean, null);
    ridge.trainBatch([], []);
    assert.equal(ridge.numSamples, 0);
  });

  it('closes', () => {
    const ridge = new RidgeRegression(2, 1);
    ridge.trainBatch(X, Y, { updateModel: true });
    ridge.close();
    ridge.close();
    assert.ok(ridge.weights);
    ridge.predict(X);
    assert.throws(() => ridge.trainBatch(X, Y), { code: 'ERR_STATE' });
    assert.throws(() => ridge.xtx, { code: 'ERR_STATE' });
  });

  it('trains off the event loop with the same result', async () => {
    const a = new RidgeRegression(2, 1, { regularize: 0.5 });
    const b = new RidgeRegression(2, 1, { regularize: 0.5 });
    a.trainBatch(X, Y, { updateModel: true });
    const running = b.trainBatchAsync(X, Y, { updateModel: true });
    assert.throws(() => b.trainBatch(X, Y), { code: 'ERR_BUSY' });
    assert.throws(() => b.reset(), { code: 'ERR_BUSY' });
    await running;
    assert.deepEqual(b.weights, a.weights);
    await b.fitAsync(X, Y);
    assert.deepEqual(b.weights, a.weights);
    assert.equal(b.numSamples, 0);
    await assert.rejects(b.fitAsync([[NaN, 1]], [[1]]), { code: 'ERR_VALUE' });
  });

  it('an aborted batch leaves everything as it was', async () => {
    const rows = 10000;
    const features = 400;
    const x = { data: numbers(rows * features, 1), shape: [rows, features] };
    const y = numbers(rows, 2);
    const ridge = new RidgeRegression(features, 1, { standardize: true });
    const controller = new AbortController();
    const running = ridge.trainBatchAsync(x, y, {
      updateModel: true,
      signal: controller.signal,
    });
    setImmediate(() => controller.abort()); // long before some 30 ms of computing are over
    await assert.rejects(running, { code: 'ERR_ABORTED', name: 'AbortError' });
    assert.equal(ridge.numSamples, 0);
    assert.equal(ridge.inpMean, null);
    assert.equal(ridge.weights, null);
    ridge.trainBatch(x, y, { updateModel: true });
    assert.equal(ridge.numSamples, rows);
  });
});
