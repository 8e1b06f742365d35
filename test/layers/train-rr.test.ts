import assert from 'node:assert/strict';
import { NdArray, setWarningHandler, TSContinuous, type RockpoolWarning } from 'rockpool-node';
import { FFRateEuler, PassThrough, RRTrainedLayer } from 'rockpool-node/layers';

const X = [
  [1, 2],
  [0, 1],
  [3, -1],
  [2, 2],
  [1, 0],
];
const Y = [[1], [0], [2], [1], [1]];
const options = { interpKind: 'previous' as const };
const times = [0, 1, 2, 3, 4, 5];
/** The five samples, and a repetition of the last one at t = 5. */
const input = () => new TSContinuous(times, [...X, X[4]], options);
const target = () => new TSContinuous(times, [...Y, Y[4]], options);
const layer = () => new PassThrough([[0], [0]], { dt: 1, bias: 7 });

function close(actual: Iterable<number>, expected: number[], tolerance = 1e-9): void {
  const list = [...actual];
  assert.equal(list.length, expected.length);
  for (const [i, value] of list.entries()) {
    assert.ok(Math.abs(value - expected[i]) <= tolerance, `element ${i}: ${value}, expected ${expected[i]}`);
  }
}

describe('trainRr', () => {
  let warnings: RockpoolWarning[];
  beforeEach(() => {
    warnings = [];
    setWarningHandler((warning) => warnings.push(warning));
  });
  afterEach(() => setWarningHandler(null));

  it('counts the sample at the end of the target in the last batch only', () => {
    const last = layer();
    assert.ok(last instanceof RRTrainedLayer);
    const result = last.trainRr(target(), input(), { regularize: 0.5, isLast: true });
    close(last.weights.data, [0.5183468521, -0.0865198919]);
    close(last.bias as Iterable<number>, [0.3383545771]);
    assert.equal(result.trainingProgress!.xtx.get(2, 2), 6);
    assert.deepEqual(result.trainingProgress!.weights!.data, last.weights.data);
    const first = layer();
    first.trainRr(target(), input(), { regularize: 0.5, calcIntermediateResults: true });
    close(first.weights.data, [0.5296167247, -0.0696864111]);
    close(first.bias as Iterable<number>, [0.2857142857]);
    assert.deepEqual(warnings, []);
  });

  it('solves only when it is asked for', () => {
    const lyr = layer();
    const result = lyr.trainRr(target(), input());
    assert.deepEqual([...lyr.weights.data], [0, 0]);
    assert.equal(result.mse, undefined);
    assert.equal(result.trainingProgress!.weights, undefined);
    assert.ok(result.trainingProgress!.xtx);
    const { output, trainingProgress, mse } = lyr.trainRr(target(), input(), {
      returnTrainedOutput: true,
      returnTrainingProgress: false,
    });
    assert.equal(trainingProgress, undefined);
    assert.notEqual(lyr.weights.get(0, 0), 0);
    assert.deepEqual([output!.tStart, output!.tStop, output!.length], [0, 4, 5]);
    const error = Y.reduce((sum, [y], k) => sum + (output!.samples.get(k, 0) - y) ** 2, 0) / 5;
    close(mse!.batch, [error], 1e-12);
    close(mse!.total, [error], 1e-12);
  });

  it('gives the same in batches as in one go', () => {
    const whole = layer();
    whole.trainRr(target(), input(), { regularize: 0.5, isLast: true });
    const cut = layer();
    const part = (t0: number, t1: number) =>
      new TSContinuous(times.slice(t0, t1 + 1), Y.concat([Y[4]]).slice(t0, t1 + 1), options);
    cut.trainRr(part(0, 2), input(), { regularize: 0.5 });
    cut.trainRr(part(2, 4), input(), { regularize: 0.5, isFirst: false });
    cut.trainRr(part(4, 5), input(), { regularize: 0.5, isFirst: false, isLast: true });
    close(cut.weights.data, [...whole.weights.data], 1e-14);
    assert.deepEqual(cut.bias, whole.bias);
  });

  it('keeps the bias when it is not trained', () => {
    const lyr = layer();
    const { trainingProgress } = lyr.trainRr(target(), input(), { regularize: 0.5, isLast: true, trainBiases: false });
    close(lyr.bias as Iterable<number>, [7]);
    assert.equal(trainingProgress!.biases, undefined);
    assert.deepEqual(trainingProgress!.xtx.shape, [2, 2]);
  });

  it('standardises, regularises without the bias, and relabels', () => {
    const lyr = layer();
    const { trainingProgress } = lyr.trainRr(target(), input(), {
      regularize: 0.5,
      standardize: true,
      calcIntermediateResults: true,
    });
    close(lyr.weights.data, [0.4785485877, -0.101039261]);
    assert.deepEqual(trainingProgress!.inpMean!.shape, [1, 2]);
    close(trainingProgress!.inpMean!.data, [1.4, 0.8], 1e-15);
    const labels = new TSContinuous(times, [1, 0, 1, 0, 0, 0], options);
    lyr.trainRr(labels, input(), { regularize: 0.5, fisherRelabelling: true, calcIntermediateResults: true });
    close(lyr.weights.data, [0.4089376054, 0.0111145179]);
    close(lyr.bias as Iterable<number>, [-0.5921355205]);
    lyr.trainRr(target(), input(), { regularize: 1e9, regularizeBias: false, calcIntermediateResults: true });
    close(lyr.bias as Iterable<number>, [1], 1e-6);
  });

  it('warns when options change within a training, and keeps the first', () => {
    const lyr = layer();
    lyr.trainRr(target(), input(), { regularize: 0.5 });
    lyr.trainRr(target(), input(), { regularize: 3, trainBiases: false, isFirst: false });
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['RIDGE_OPTION_KEPT', 'RIDGE_OPTION_KEPT'],
    );
    assert.equal(lyr.ridgeRegression!.regularize, 0.5);
  });

  it('counts missing input as 0', () => {
    const none = layer();
    none.trainRr(target(), null, { regularize: 0.5, isLast: true });
    assert.deepEqual([...none.weights.data], [0, 0]);
    const short = layer();
    const { trainingProgress } = short.trainRr(
      target(),
      new TSContinuous(
        [1, 2],
        [
          [1, 1],
          [1, 1],
        ],
        options,
      ),
      { regularize: 1 },
    );
    assert.equal(trainingProgress!.xtx.get(0, 0), 2);
    assert.deepEqual(
      warnings.map((w) => w.code),
      ['INPUT_NOT_CONTAINED'],
    );
  });

  it('refuses wrong targets and inputs, and changes nothing', () => {
    const lyr = layer();
    const holes = new TSContinuous(times, [1, 2, NaN, 3, NaN, 5], options);
    assert.throws(() => lyr.trainRr(holes, input()), /NaN at t = 2 \(channel 0\), t = 4 \(channel 0\)/);
    assert.throws(
      () => lyr.trainRr(input(), input()),
      /expected tsTarget to be a series of 1 channels \(size\), received 2 channels/,
    );
    assert.throws(() => lyr.trainRr(target(), new TSContinuous(times, NdArray.zeros([6, 3]))), { code: 'ERR_SHAPE' });
    assert.throws(() => lyr.trainRr(null as unknown as TSContinuous, input()), { code: 'ERR_TYPE' });
    assert.throws(() => lyr.trainRr(target(), input(), { regularize: -1 }), { code: 'ERR_VALUE' });
    assert.throws(() => lyr.trainRr(target(), input(), { isLst: true } as object), /isLst/);
    assert.equal(lyr.ridgeRegression, null);
  });

  it('train forwards by name', () => {
    const lyr = new FFRateEuler([[0], [0]], { dt: 1, tau: 10 });
    lyr.train(target(), input(), { method: 'rr', regularize: 0.5, isLast: true });
    close(lyr.weights.data, [0.5183468521, -0.0865198919]);
    close(lyr.bias as Iterable<number>, [0.3383545771]);
    assert.throws(() => lyr.train(target(), input(), { method: 'nonsense' }), /expected method to be one of 'rr'/);
  });

  it('trains off the event loop, and an aborted training changes nothing', async () => {
    const lyr = layer();
    const running = lyr.trainRrAsync(target(), input(), { regularize: 0.5, isLast: true });
    assert.throws(() => lyr.trainRr(target(), input()), { code: 'ERR_BUSY' });
    assert.throws(() => lyr.evolve(input()), { code: 'ERR_BUSY' });
    const result = await running;
    close(lyr.weights.data, [0.5183468521, -0.0865198919]);
    assert.ok(result.mse);
    const before = [...lyr.weights.data];
    const aborted = lyr.trainRrAsync(target(), input(), { isLast: true, signal: AbortSignal.abort() });
    await assert.rejects(aborted, { code: 'ERR_ABORTED' });
    assert.deepEqual([...lyr.weights.data], before);
    lyr.evolve(input());
  });
});
