import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { TSContinuous } from 'rockpool-node';
import { Layer, PassThrough } from 'rockpool-node/layers';
import { assertClose, assertSame, inputSeries, joined, matrix, numbers } from './rate-helpers';

const dt = 0.1;

/** input W, delayed by `delay` steps, plus bias. */
function expectedOutput(
  input: TSContinuous,
  w: { data: Float64Array; shape: number[] },
  bias: ArrayLike<number>,
  delay: number,
  steps: number,
): number[] {
  const [m, n] = w.shape as [number, number];
  const out: number[] = [];
  for (let k = 0; k < steps; k++) {
    for (let j = 0; j < n; j++) {
      let y = 0;
      for (let i = 0; i < m && k >= delay; i++) y += input.samples.get(k - delay, i) * w.data[i * n + j];
      out.push(y + bias[bias.length > 1 ? j : 0]);
    }
  }
  return out;
}

describe('PassThrough', () => {
  it('weights, adds the bias and keeps the last sample', () => {
    const input = inputSeries(30, 3, dt);
    const w = matrix(3, 5, 2);
    const layer = new PassThrough(w, { dt, bias: [1, 2, 3, 4, 5] });
    const output = layer.evolve(input);
    assertClose(output.samples.data, expectedOutput(input, w, [1, 2, 3, 4, 5], 0, 30), 1e-14);
    assert.deepEqual(output.samples.shape, [30, 5]);
    assertClose(
      output.times,
      Float64Array.from({ length: 30 }, (_, k) => k * dt),
    );
    assert.equal(output.tStop, 3);
    assertClose(
      layer.state,
      Array.from(output.samples.row(29), (v, j) => v - (j + 1)),
      1e-14,
    );
  });

  it('honours the bias of the constructor', () => {
    const layer = new PassThrough([[1]], { dt, bias: 0.5 });
    assertSame(layer.bias, [0.5]);
    assertSame(layer.evolve(null, { numTimesteps: 2 }).samples.data, [0.5, 0.5]);
  });

  it('delays, whatever the cutting and whatever the widths', async () => {
    const input = inputSeries(40, 3, dt);
    const w = matrix(3, 5, 2);
    for (const cuts of [[40], [1, 2, 3, 0, 4, 30], [10, 20, 10]]) {
      for (const asynchronous of [false, true]) {
        const layer = new PassThrough(w, { dt, delay: 0.7, bias: 2 });
        const pieces: TSContinuous[] = [];
        for (const numTimesteps of cuts) {
          pieces.push(
            asynchronous ? await layer.evolveAsync(input, { numTimesteps }) : layer.evolve(input, { numTimesteps }),
          );
        }
        assertClose(joined(pieces, 0), expectedOutput(input, w, [2], 7, 40), 1e-14);
      }
    }
  });

  it('shows and clears what is on its way', () => {
    const input = inputSeries(40, 2, dt);
    const layer = new PassThrough(
      [
        [1, 0],
        [0, 1],
      ],
      { dt, delay: 0.31 },
    );
    assert.equal(layer.delaySteps, 3);
    assertClose([layer.delay], [0.3]);
    assert.deepEqual(layer.buffer!.shape, [3, 2]);
    layer.evolve(input, { numTimesteps: 5 });
    assertSame(layer.buffer!.data, input.samples.data.slice(4, 10));
    const before = layer.snapshot();
    layer.resetBuffer();
    assertSame(layer.buffer!.data, new Float64Array(6));
    layer.restore(before);
    assertSame(layer.buffer!.data, input.samples.data.slice(4, 10));
    layer.resetAll();
    assertSame(layer.buffer!.data, new Float64Array(6));
    assertSame(layer.state, [0, 0]);
    assert.equal(new PassThrough([[1]], { dt }).buffer, null);
    assert.equal(new PassThrough([[1]], { dt, delay: null }).delaySteps, 0);
    const log = console.log;
    const printed: unknown[] = [];
    console.log = (v: unknown) => printed.push(v);
    try {
      layer.printBuffer();
      new PassThrough([[1]]).printBuffer();
    } finally {
      console.log = log;
    }
    assert.deepEqual(printed, [
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      'This layer does not use a delay.',
    ]);
  });

  it('adds white noise of the stated deviation, repeatable and independent of the cutting', () => {
    const make = () => new PassThrough(matrix(1, 60, 1, 0), { dt, noiseStd: 0.1, seed: 5 });
    const whole = make().evolve(null, { numTimesteps: 4000 }).samples.data;
    const deviation = Math.sqrt(whole.reduce((sum, v) => sum + v * v, 0) / whole.length);
    assert.ok(Math.abs(deviation / 0.1 - 1) < 5 / Math.sqrt(2 * whole.length), String(deviation));
    const layer = make();
    assertSame(
      joined(
        [1500, 1, 2499].map((numTimesteps) => layer.evolve(null, { numTimesteps })),
        0,
      ),
      whole,
    );
  });

  it('computes in single precision on demand', () => {
    const input = inputSeries(20, 3, dt);
    const w = matrix(3, 5, 2);
    const single = new PassThrough(w, { dt, precision: 'float32' }).evolve(input).samples.data;
    assertClose(single, expectedOutput(input, w, [0], 0, 20), 1e-6);
    assert.ok(single.every((v) => v === Math.fround(v)));
  });

  it('lets elements of its arrays be written', () => {
    const layer = new PassThrough([[1, 1]], { dt, bias: [0, 0] });
    layer.evolve(null, { numTimesteps: 1 });
    layer.weights.set(0, 1, 3);
    layer.bias[0] = 0.5;
    assertSame(layer.evolve(new TSContinuous([0, 10], [1, 1]), { numTimesteps: 1 }).samples.data, [1.5, 3]);
  });

  it('prints as the original does', () => {
    const layer = new PassThrough(matrix(2, 3), { dt, delay: 0.2, name: 'pt' });
    assert.equal(String(layer), 'PassThrough object: "pt" [2 TSContinuous in -> 3 internal -> 3 TSContinuous out]');
    assert.equal(inspect(layer), 'PassThrough layer object `pt`.\nnSize: 3, size_in: 2, delay: 0.2');
  });

  it('treats an evolution of no steps as nothing', async () => {
    const layer = new PassThrough([[1]], { dt, delay: 0.2 });
    layer.state = 3;
    for (const output of [
      layer.evolve(null, { numTimesteps: 0 }),
      await layer.evolveAsync(null, { numTimesteps: 0 }),
    ]) {
      assert.deepEqual(output.samples.shape, [0, 1]);
    }
    assertSame(layer.state, [3]);
    assert.equal(layer.t, 0);
  });

  it('leaves everything as it was when it is aborted', async () => {
    const layer = new PassThrough(matrix(200, 200), { dt, delay: 0.5 });
    layer.buffer!.data.fill(1);
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: 300_000, signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.equal(layer.t, 0);
    assert.ok(layer.buffer!.data.every((v) => v === 1));
  });

  it('refuses wrong arguments', () => {
    const make = (weights: unknown, options: object = {}) =>
      new (PassThrough as unknown as new (...a: unknown[]) => PassThrough)(weights, options);
    assert.throws(() => make(null), TypeError);
    assert.throws(() => make([[1, 2]], { bias: null }), TypeError);
    assert.throws(() => make([[1, 2]], { bias: [1, 2, 3] }), { code: 'ERR_SHAPE' });
    assert.throws(() => make([[1, 2]], { delay: -1 }), RangeError);
    assert.throws(() => make([[1, 2]], { delay: '1' }), TypeError);
    assert.throws(() => make([[1, 2]], { dealy: 1 }), TypeError);
    const layer = make([[1, 2]], { dt });
    assert.throws(() => (layer.bias = [1, 2, 3]), { code: 'ERR_SHAPE' });
    assert.throws(() => layer.evolve(inputSeries(5, 3, dt)), { code: 'ERR_SHAPE' });
  });

  it('travels through a dictionary', () => {
    const layer = new PassThrough(matrix(2, 2), { dt, bias: numbers(2), delay: 0.2, noiseStd: 0.1, name: 'p' });
    const config = layer.toDict();
    assert.deepEqual(Object.keys(config).sort(), ['bias', 'class_name', 'delay', 'dt', 'name', 'noise_std', 'weights']);
    assert.deepEqual(Layer.loadFromDict(config).toDict(), config);
  });
});
