import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, FFExpSynTorch } from 'rockpool-node/layers';
import { countsOf, randomEvents } from './event-helpers';
import { codeOf } from './helpers';
import { assertClose, assertSame, matrix, numbers } from './rate-helpers';

const dt = 1e-3;
const tauSyn = 5e-3;
const channels = 3;
const units = 2;
const steps = 200;
const input = randomEvents(500, channels, dt, steps);

/** Classes that the filtered input tells apart, but for some noise. */
const rows = filtered(input);
const w = matrix(channels, units, 9, 3);
const labels = rows.map((row) =>
  Array.from({ length: units }, (_, j) =>
    Number(row.reduce((s, x, i) => s + x * w.data[i * units + j], 0) > 0.3 * numbers(1, j + 1)[0]),
  ),
);
const target = new TSContinuous(
  Float64Array.from({ length: steps + 1 }, (_, k) => k * dt),
  [...labels, labels[steps - 1]],
  { interpKind: 'previous' },
);

function filtered(events: TSEvent): number[][] {
  const beta = Math.exp(-dt / tauSyn);
  const out = [new Array<number>(channels).fill(0)];
  for (const row of countsOf(events, channels, dt, steps - 1)) {
    out.push(out[out.length - 1].map((x, c) => beta * x + row[c]));
  }
  return out;
}

const layerOf = (options: object = {}) => new FFExpSyn(matrix(channels, units), { dt, tauSyn, seed: 5, ...options });
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** Plain gradient descent over all samples. */
function descend(layer: FFExpSyn, passes: number, rate: number, lambda: number) {
  const weights = Array.from(layer.weights.data);
  const bias = Array.from(layer.bias);
  const loss: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const dw = new Array<number>(weights.length).fill(0);
    const db = new Array<number>(units).fill(0);
    let sum = 0;
    rows.forEach((x, k) => {
      for (let j = 0; j < units; j++) {
        const p = sigmoid(x.reduce((s, v, i) => s + v * weights[i * units + j], bias[j]));
        const y = labels[k][j];
        sum -= y * Math.log(p) + (1 - y) * Math.log(1 - p);
        x.forEach((v, i) => (dw[i * units + j] += (v * (p - y)) / steps));
        db[j] += (p - y) / steps;
      }
    });
    weights.forEach((v, at) => (weights[at] -= rate * (dw[at] + (lambda / channels) * v)));
    bias.forEach((_, j) => (bias[j] -= rate * db[j]));
    loss.push(sum / steps / units);
  }
  return { weights, bias, loss };
}

describe('FFExpSyn.trainLogreg', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('descends along the gradient of the cross-entropy', async () => {
    for (const regularize of [0, 0.5]) {
      const options = { learningRate: 0.4, epochs: 5, regularize };
      const expected = descend(layerOf(), 5, 0.4, regularize);
      for (const asynchronous of [false, true]) {
        const layer = layerOf();
        const result = asynchronous
          ? await layer.trainLogregAsync(target, input, options)
          : layer.trainLogreg(target, input, options);
        assertClose(layer.weights.data, expected.weights, 1e-12);
        assertClose(layer.bias, expected.bias, 1e-12);
        assertClose(result.crossEntropy, expected.loss, 1e-12);
        assertClose(result.trainingState!, rows[steps - 1], 1e-13);
      }
    }
  });

  it('learns to tell classes apart', () => {
    const layer = layerOf();
    const { crossEntropy } = layer.trainLogreg(target, input, { learningRate: 1, epochs: 200, batchSize: 20 });
    assert.ok(crossEntropy[199] < 0.5 * crossEntropy[0], String(crossEntropy[199]));
    const out = layer.evolve(input).samples;
    const right = labels.flatMap((row, k) => row.map((y, j) => Number(out.get(k, j) > 0 === (y === 1))));
    assert.ok(right.reduce((a, b) => a + b) / right.length > 0.9);
  });

  it('shuffles the samples from the second pass on, by its seed', () => {
    const train = (options: object) => {
      const layer = layerOf();
      layer.trainLogreg(target, input, { learningRate: 0.1, batchSize: 7, epochs: 3, ...options });
      return Array.from(layer.weights.data);
    };
    assert.deepEqual(train({}), train({ seed: 5 }));
    assert.notDeepEqual(train({}), train({ seed: 6 }));
    // The first pass is in order, whatever the seed.
    assert.deepEqual(train({ epochs: 1 }), train({ epochs: 1, seed: 6 }));
  });

  it('goes on with the filtered input of the last batch', () => {
    const whole = layerOf().trainLogreg(target, input).crossEntropy[0] * 200;
    const layer = layerOf();
    const part = (a: number, b: number) =>
      layer.trainLogreg(target.clip({ tStart: a * dt, tStop: b * dt, includeStop: true }), input.clip(a * dt, b * dt));
    const sum = part(0, 80).crossEntropy[0] * 80 + part(80, 200).crossEntropy[0] * 120;
    assert.ok(Math.abs(sum / whole - 1) < 1e-12, `${sum}, ${whole}`);
    const fresh = layerOf();
    assert.equal(fresh.trainLogreg(target, input, { storeStates: false }).trainingState, undefined);
  });

  it('measures without learning when the rate is 0', () => {
    const layer = layerOf();
    const before = layer.toDict();
    const { crossEntropy } = layer.trainLogreg(target, input);
    assertClose(crossEntropy, descend(layerOf(), 1, 0, 0).loss, 1e-12);
    assert.deepEqual(layer.toDict(), before);
  });

  it('is a method of train, which drops isFirst and isLast', () => {
    for (const method of ['logreg', 'logistic', 'logistic regression']) {
      const [a, b] = [layerOf(), layerOf()];
      const result = a.train(target, input, { method, learningRate: 0.2, isFirst: true, isLast: true });
      const expected = b.trainLogreg(target, input, { learningRate: 0.2 });
      assertSame(a.weights.data, b.weights.data);
      assertSame(result.crossEntropy!, expected.crossEntropy);
    }
    const torch = new FFExpSynTorch(matrix(channels, units), { dt, tauSyn });
    torch.train(target, input, { method: 'logistic', learningRate: 0.2 });
    assert.notDeepEqual(torch.weights.data, matrix(channels, units).data);
  });

  it('prints its passes when told to', () => {
    const log = console.log;
    const printed: string[] = [];
    console.log = (text: string) => printed.push(text);
    try {
      layerOf({ name: 'out' }).trainLogreg(target, input, { epochs: 2, verbose: true });
    } finally {
      console.log = log;
    }
    assert.match(printed.join('\n'), /^FFExpSyn 'out': pass 1 of 2: cross-entropy \d\.\d+\npass 2 of 2: /);
  });

  it('refuses wrong arguments and leaves the layer as it was', async () => {
    const layer = layerOf();
    const before = layer.toDict();
    const beyond = new TSContinuous([0, 0.2], [[0, 0], [1, 2]], { interpKind: 'linear' }); // prettier-ignore
    const calls: [unknown, unknown, object, string][] = [
      [null, input, {}, 'ERR_TYPE'],
      [target, target, {}, 'ERR_TYPE'],
      [beyond, input, { learningRate: 1 }, 'ERR_VALUE'],
      [target, input, { learningRate: -1 }, 'ERR_VALUE'],
      [target, input, { learningRate: NaN }, 'ERR_VALUE'],
      [target, input, { regularize: -1 }, 'ERR_VALUE'],
      [target, input, { batchSize: 0 }, 'ERR_VALUE'],
      [target, input, { batchSize: 1.5 }, 'ERR_VALUE'],
      [target, input, { epochs: 0 }, 'ERR_VALUE'],
      [target, input, { seed: -1 }, 'ERR_VALUE'],
      [target, input, { storeStates: 'no' }, 'ERR_TYPE'],
      [target, input, { verbose: 1 }, 'ERR_TYPE'],
      [target, input, { trainBiases: true }, 'ERR_TYPE'],
      [target, input, null as never, 'ERR_TYPE'],
      [target, input, { learningRate: 1e200, regularize: 1e200, epochs: 5 }, 'ERR_NOT_FINITE'],
    ];
    for (const [tsTarget, tsInput, options, code] of calls) {
      assert.equal(
        codeOf(() => layer.trainLogreg(tsTarget as never, tsInput as never, options)),
        code,
        JSON.stringify(options),
      );
      await assert.rejects(layer.trainLogregAsync(tsTarget as never, tsInput as never, options), { code });
      assert.deepEqual(layer.toDict(), before);
    }
    assert.throws(() => layer.trainLogreg(beyond, input), /from 0 to 1/);
    assert.equal(
      codeOf(() => layer.trainLogreg(target, input, { onProgress: () => undefined } as never)),
      'ERR_TYPE',
    );
  });

  it('is aborted off the event loop, with nothing learnt', async () => {
    const layer = layerOf();
    const before = layer.toDict();
    const controller = new AbortController();
    const totals = new Set<number>();
    const running = layer.trainLogregAsync(target, input, {
      learningRate: 0.1,
      epochs: 1e6,
      signal: controller.signal,
      onProgress: ({ total }) => totals.add(total),
    });
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
      'ERR_BUSY',
    );
    setTimeout(() => controller.abort(), 100);
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(layer.toDict(), before);
    for (const total of totals) assert.equal(total, 2e8);
  });
});
