import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Network, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, FFExpSynTorch, PassThroughEvents, RRTrainedLayer } from 'rockpool-node/layers';
import { RidgeRegression } from 'rockpool-node/training';
import { countsOf, randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertClose, assertSame, matrix, numbers } from './rate-helpers';
import { itUnsanitized } from '../sanitized';

const dt = 1e-3;
const tauSyn = 5e-3;
const channels = 4;
const steps = 300;
const input = randomEvents(400, channels, dt, steps);
const target = held(2, 0, steps);

/** A target of one value for each time step from `first` on, and one at its end. */
function held(units: number, first: number, last: number, seed = 5, labels = false): TSContinuous {
  const all = numbers((steps + 1) * units, seed).map((v) => (labels ? Number(v > 0) : v));
  const times = Float64Array.from({ length: last - first + 1 }, (_, k) => (first + k) * dt);
  const data = all.slice(first * units, (last + 1) * units);
  return new TSContinuous(times, { data, shape: [times.length, units] }, { interpKind: 'previous' });
}

/** Rows of the filtered events: one for each time step, and one at the end. */
function regressors(counts = countsOf(input, channels, dt, steps)): number[][] {
  const beta = Math.exp(-dt / tauSyn);
  const rows = [new Array<number>(channels).fill(0)];
  for (const row of counts) rows.push(rows[rows.length - 1].map((x, c) => beta * x + row[c]));
  return rows;
}

const layerOf = (options: object = {}) => new FFExpSyn(matrix(channels, 2), { dt, tauSyn, ...options });
const last = { isLast: true, regularize: 0.1 };

describe('FFExpSyn.trainRr', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('regresses the target on the filtered events', () => {
    const layer = layerOf();
    assert.ok(layer instanceof RRTrainedLayer);
    const result = layer.trainRr(target, input, { ...last, returnTrainedOutput: true });
    const ridge = new RidgeRegression(channels, 2, { regularize: 0.1 });
    ridge.trainBatch(regressors(), target.samples, { updateModel: true });
    assertClose(layer.weights.data, ridge.weights!.data, 1e-12);
    assertClose(layer.bias, ridge.bias!, 1e-12);
    assertClose(result.trainingProgress!.xtx.data, ridge.xtx.data, 1e-13);
    assertClose(result.trainingProgress!.trainingState!, regressors()[steps], 1e-13);
    assertClose(result.output!.samples.data, ridge.predict(regressors()).data, 1e-11);
    assertClose(result.mse!.batch, ridge.mse!, 1e-10);
    // The trained layer emits what the regression predicts.
    layer.resetAll();
    assertClose(layer.evolve(input).samples.data, result.output!.samples.data, 1e-11);
  });

  it('is the same in batches, whatever their size, and off the event loop', async () => {
    const whole = layerOf();
    const { trainingProgress } = whole.trainRr(target, input, last);
    for (const cuts of [
      [0, 1, 300],
      [0, 100, 101, 250, 300],
      [0, 128, 256, 300],
    ]) {
      for (const asynchronous of [false, true]) {
        const layer = layerOf();
        const before = layer.weights.copy();
        let sums: number[] = [];
        for (let i = 0; i + 1 < cuts.length; i++) {
          const part = held(2, cuts[i], cuts[i + 1]);
          const own = input.clip(cuts[i] * dt, cuts[i + 1] * dt);
          const options = { regularize: 0.1, isFirst: i === 0, isLast: i + 2 === cuts.length };
          const result = asynchronous
            ? await layer.trainRrAsync(part, own, options)
            : layer.trainRr(part, own, options);
          sums = Array.from(result.trainingProgress!.xtx.data);
          if (!options.isLast) assertSame(layer.weights.data, before.data);
        }
        assertClose(sums, trainingProgress!.xtx.data, 1e-13);
        assertClose(layer.weights.data, whole.weights.data, 1e-10);
        assertClose(layer.bias, whole.bias, 1e-10);
      }
    }
  });

  it('lets the filtered input decay between batches, and begins anew when told to or when time goes back', () => {
    const events = new TSEvent([0.0005, 0.0015], [0, 0], { tStop: 0.0025 });
    const short = (first: number) => held(2, first, first + 2);
    const start = (options: object, first: number) => {
      const layer = new FFExpSyn(matrix(1, 2), { dt, tauSyn });
      layer.trainRr(short(0), events, { isFirst: true });
      const { trainingProgress } = layer.trainRr(short(first), null, { isFirst: false, ...options });
      return trainingProgress!.trainingState?.[0];
    };
    const beta = Math.exp(-dt / tauSyn);
    // Rows at 0 and 1 ms are 0 and 1, the next would be 1 + beta; the last of the second batch comes one step after its first.
    for (const [first, expected] of [
      [1, beta + 0],
      [2, beta * (1 + beta)],
      [5, beta ** 4 * (1 + beta)],
      [0, 0],
    ])
      assert.ok(Math.abs((start({}, first) as number) - expected) < 1e-15, `batch from ${first}: ${start({}, first)}`);
    assert.equal(start({ isFirst: true }, 2), 0);
    assert.equal(start({ storeStates: false }, 2), undefined);
  });

  it('counts several events of a step once without addEvents', () => {
    const layer = layerOf({ addEvents: false });
    layer.trainRr(target, input, last);
    const counts = countsOf(input, channels, dt, steps).map((row) => row.map((n) => Math.min(n, 1)));
    const ridge = new RidgeRegression(channels, 2, { regularize: 0.1 });
    ridge.trainBatch(regressors(counts), target.samples, { updateModel: true });
    assertClose(layer.weights.data, ridge.weights!.data, 1e-12);
  });

  it('standardises and relabels like the regression itself', () => {
    const labels = held(2, 0, steps, 8, true);
    for (const options of [{ standardize: true }, { fisherRelabelling: true }, { trainBiases: false }]) {
      const layer = layerOf();
      layer.trainRr(labels, input, { ...last, ...options });
      const ridge = new RidgeRegression(channels, 2, { regularize: 0.1, ...options });
      ridge.trainBatch(regressors(), labels.samples, { updateModel: true });
      assertClose(layer.weights.data, ridge.weights!.data, 1e-11);
      if (ridge.bias) assertClose(layer.bias, ridge.bias, 1e-11);
    }
  });

  it('shows its sums while it trains', () => {
    const layer = layerOf();
    assert.deepEqual([layer.xtx, layer.xty], [null, null]);
    const { trainingProgress } = layer.trainRr(held(2, 0, 100), input, { isFirst: true });
    assert.deepEqual(layer.xtx, trainingProgress!.xtx);
    assert.deepEqual(layer.xty, trainingProgress!.xty);
  });

  itUnsanitized('needs the memory of a few matrices of features, not of all rows', () => {
    // 10^5 rows of 300 features would be 240 MB. In a process of its own, whose peak is that of the training.
    const code = `
      const { FFExpSyn } = require('rockpool-node/layers');
      const { TSEvent, TSContinuous } = require('rockpool-node');
      const rows = 1e5, n = 300, dt = 1e-3;
      const times = Float64Array.from({ length: 20000 }, (_, i) => (5 * i + 0.5) * dt);
      const input = new TSEvent(times, times.map((_, i) => (i * 37) % n), { tStart: 0, tStop: rows * dt, numChannels: n });
      const target = (n) => new TSContinuous([0, n * dt], [[0], [1]], { interpKind: 'linear' });
      const layer = new FFExpSyn({ data: new Float64Array(n), shape: [n, 1] }, { dt });
      const peak = () => process.resourceUsage().maxRSS;
      layer.trainRr(target(2000), input, { isLast: true, regularize: 1 });
      layer.trainLogreg(target(2000), input, { learningRate: 0.1, batchSize: 100, epochs: 2 });
      const before = peak();
      layer.trainRr(target(rows), input, { isLast: true, regularize: 1 });
      layer.trainLogreg(target(rows), input, { learningRate: 0.1, batchSize: 10000, epochs: 2 });
      console.log(peak() - before);
    `;
    const root = join(__dirname, '..', '..', '..');
    const grown = Number(execFileSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' }));
    assert.ok(grown < 60e3, `${grown / 1e3} MB`);
  });

  itUnsanitized('lets go of the events of a batch as soon as it is added', () => {
    // 300 batches of 50,000 events, more than 1 MB each in the core, without a turn of the event loop.
    const code = `
      const { FFExpSyn } = require('rockpool-node/layers');
      const { TSEvent, TSContinuous } = require('rockpool-node');
      const n = 50000, dt = 1e-3, target = new TSContinuous([0, 0.1], [[0], [1]], { interpKind: 'linear' });
      const times = Float64Array.from({ length: n }, (_, i) => (i * 0.1) / n);
      const input = new TSEvent(times, new Int32Array(n), { tStart: 0, tStop: 0.1, numChannels: 2 });
      const layer = new FFExpSyn([[0], [0]], { dt });
      const peak = () => process.resourceUsage().maxRSS;
      const train = () => {
        layer.trainRr(target, input, { isFirst: false, returnTrainingProgress: false });
        layer.trainLogreg(target, input);
      };
      train();
      const before = peak();
      for (let k = 0; k < 300; k++) train();
      console.log(peak() - before);
    `;
    const root = join(__dirname, '..', '..', '..');
    const grown = Number(execFileSync(process.execPath, ['-e', code], { cwd: root, encoding: 'utf8' }));
    assert.ok(grown < 60e3, `${grown / 1e3} MB`);
  });

  it('trains in a network on events', () => {
    const net = new Network([
      new PassThroughEvents([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], { dt, name: 'in' }), // prettier-ignore
      new FFExpSyn(matrix(channels, 2), { dt, tauSyn, name: 'out' }),
    ]);
    const readout = net.layer<FFExpSyn>('out');
    net.train(
      (_net, signals, isFirst, isLast) => {
        const events = signals['in'] as TSEvent;
        const part = target.clip({ tStart: events.tStart, tStop: events.tStop });
        readout.train(part, events, { isFirst, isLast, regularize: 0.1 });
      },
      input,
      { numsTsBatch: 70 },
    );
    const whole = layerOf();
    whole.trainRr(target, input, last);
    assertClose(readout.weights.data, whole.weights.data, 1e-9);
  });

  it('trains an FFExpSynTorch in double precision too', () => {
    const torch = new FFExpSynTorch(matrix(channels, 2), { dt, tauSyn });
    torch.train(target, input, { method: 'ridge', ...last });
    const layer = layerOf();
    layer.trainRr(target, input, last);
    assertSame(torch.weights.data, layer.weights.data);
  });

  it('refuses wrong arguments and leaves layer and training as they were', async () => {
    const layer = layerOf();
    layer.trainRr(held(2, 0, 100), input, { isFirst: true });
    const before = [layer.toDict(), layer.xtx!.data];
    const bad = new TSEvent([0.0005], [channels], { tStop: 0.3 });
    const gap = new TSContinuous([0, 0.1, 0.2], [[0, 0], [NaN, 1], [1, 1]], { interpKind: 'previous' }); // prettier-ignore
    const calls: [unknown, unknown, object, string][] = [
      [null, input, {}, 'ERR_TYPE'],
      [input, input, {}, 'ERR_TYPE'],
      [target, target, {}, 'ERR_TYPE'],
      [target, bad, {}, 'ERR_INDEX'],
      [held(3, 0, 100), input, {}, 'ERR_SHAPE'],
      [gap, input, {}, 'ERR_VALUE'],
      [target, input, { storeStates: 1 }, 'ERR_TYPE'],
      [target, input, { regularize: -1 }, 'ERR_VALUE'],
      [target, input, { wrong: 1 }, 'ERR_TYPE'],
    ];
    for (const [tsTarget, tsInput, options, code] of calls) {
      const more = { isFirst: false, ...options };
      assert.equal(
        codeOf(() => layer.trainRr(tsTarget as never, tsInput as never, more)),
        code,
      );
      await assert.rejects(layer.trainRrAsync(tsTarget as never, tsInput as never, more), { code });
      assert.deepEqual([layer.toDict(), layer.xtx!.data], before);
    }
    assert.equal(
      codeOf(() => layer.train(target, input, { method: 'magic' })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => layer.train(target, input, { learningRate: 1 })),
      'ERR_TYPE',
    );
    // What was learnt before the errors is still there: the next batch goes on.
    const rest = layer.trainRr(held(2, 100, 300), input, { isFirst: false, ...last });
    const whole = layerOf().trainRr(target, input, last);
    assertClose(rest.trainingProgress!.xtx.data, whole.trainingProgress!.xtx.data, 1e-12);
  });

  it('leaves everything as it was when it is aborted', async () => {
    const layer = new FFExpSyn({ data: new Float64Array(200), shape: [200, 1] }, { dt, tauSyn });
    const events = randomEvents(1000, 200, dt, 1000);
    const ramp = (first: number, n: number) => new TSContinuous([first, first + n * dt], [[0], [1]], { interpKind: 'linear' }); // prettier-ignore
    layer.trainRr(ramp(0, 1000), events, { isFirst: true });
    const before = [layer.toDict(), layer.xtx!.data];
    const controller = new AbortController();
    const running = layer.trainRrAsync(ramp(1, 200_000), randomEvents(1000, 200, dt, 200_000), {
      isFirst: false,
      isLast: true,
      signal: controller.signal,
    });
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
      'ERR_BUSY',
    );
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual([layer.toDict(), layer.xtx!.data], before);
  });
});
