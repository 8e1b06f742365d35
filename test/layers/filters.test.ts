import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { concurrency, Network, NdArray, setConcurrency, TSContinuous } from 'rockpool-node';
import {
  ButterFilter,
  ButterMelFilter,
  FilterBank,
  type FilterDesign,
  Layer,
  PassThrough,
  registerLayerClass,
} from 'rockpool-node/layers';
import { codeOf } from './helpers';
import { assertClose, assertSame, numbers, onEveryTarget, warningsOf } from './rate-helpers';

const fs = 8000;
const sound = (n: number, seed = 1, rate = fs) => TSContinuous.fromClocked(numbers(n, seed), { dt: 1 / rate });
const bank = (options: object = {}) => new ButterMelFilter(fs, { numFilters: 19, ...options });
const samplesOf = (series: TSContinuous) => Array.from(series.samples.data);

async function inPieces(layer: FilterBank, input: TSContinuous, steps: number, size: number): Promise<number[]> {
  const all: number[] = [];
  for (let done = 0; done < steps; done += size) {
    const options = { numTimesteps: Math.min(size, steps - done) };
    const piece = done % 2 === 0 ? layer.evolve(input, options) : await layer.evolveAsync(input, options);
    all.push(...samplesOf(piece));
  }
  return all;
}

describe('filter banks', () => {
  it('answer an impulse as the specification says', () => {
    const layer = new ButterMelFilter(fs, { numFilters: 4, cutoffFs: 100, filterWidth: 2 });
    const impulse = TSContinuous.fromClocked([1, 0, 0], { dt: 1 / fs });
    const output = layer.evolve(impulse);
    assertClose(
      [0, 1, 2].map((k) => output.samples.get(k, 0)),
      [5.477202764e-7, 4.280583936e-6, 1.661632265e-5],
      1e-9,
    );
    assert.equal(output.name, 'filteredInput');
    assert.deepEqual([output.tStart, output.tStop, output.length, output.numChannels], [0, 3 / fs, 3, 4]);
    assert.deepEqual([layer.timestep, layer.dt, layer.size, layer.sizeIn], [3, 1 / fs, 4, 1]);
    assert.equal(
      String(layer),
      'ButterMelFilter object: "unnamed" [1 TSContinuous in -> 4 internal -> 4 TSContinuous out]',
    );
  });

  it('tell how strong a tone is: 2 / pi of its amplitude in its band', () => {
    const layer = new ButterFilter(fs, [500, 1500, 3000], 200, { order: 3, cutoffFs: 20 });
    const tone = Float64Array.from({ length: fs }, (_, k) => 0.5 * Math.sin((2 * Math.PI * 1500 * k) / fs));
    const last = layer.evolve(TSContinuous.fromClocked(tone, { dt: 1 / fs })).samples.row(fs - 1);
    // The mean magnitude of 16 samples in three periods is a little less than that of the sine.
    assert.ok(Math.abs(last[1] - 1 / Math.PI) < 5e-3, String(last[1]));
    assert.ok(last[0] < 5e-3 && last[2] < 5e-3);
  });

  it('give bit for bit the same in pieces, off the event loop and on any number of threads', async () => {
    const input = sound(5000);
    const whole = samplesOf(bank().evolve(input));
    for (const size of [1, 77, 1000])
      assertSame(
        await inPieces(bank(), input, size === 1 ? 50 : 5000, size),
        whole.slice(0, size === 1 ? 50 * 19 : undefined),
      );
    const before = concurrency();
    try {
      for (const n of [1, 3]) {
        setConcurrency(n);
        assertSame(samplesOf(bank({ numFilters: 19 }).evolve(input)), whole);
      }
    } finally {
      setConcurrency(before);
    }
    const parts: number[] = [];
    const pieces = [0, 1, 2].map((i) => input.clip({ tStart: i * 0.1, tStop: (i + 1) * 0.1 }));
    for await (const part of bank().stream(pieces)) parts.push(...samplesOf(part as TSContinuous));
    assertSame(parts, whole.slice(0, parts.length));
    assert.ok(parts.length >= 2000 * 19);
  });

  it('give the same bits on every instruction set', () => {
    const results = onEveryTarget(`
      const { TSContinuous } = require('./dist/index.js');
      const { ButterMelFilter } = require('./dist/layers/index.js');
      const u = Float64Array.from({ length: 400 }, (_, k) => Math.sin(k * k * 0.01));
      const out = new ButterMelFilter(8000, { numFilters: 21, order: 3 }).evolve(TSContinuous.fromClocked(u, { dt: 1 / 8000 }));
      console.log(JSON.stringify(Array.from(out.samples.data)));`);
    const [first, ...rest] = results.values();
    assert.ok(first.some((x) => x > 0));
    for (const other of rest) assertSame(other, first);
  });

  it('emit every n-th sample when asked to, by the absolute time step', async () => {
    const input = sound(1000);
    const all = bank().evolve(input);
    const layer = bank({ downsample: 80 });
    const some = layer.evolve(input);
    assert.equal(some.length, 13);
    assertClose(
      some.times,
      Array.from({ length: 13 }, (_, i) => i * 0.01),
      1e-12,
    );
    for (let i = 0; i < 13; i++) assertSame(some.samples.row(i), all.samples.row(80 * i));
    assert.equal(some.tStop, 1000 / fs);
    assertSame(await inPieces(bank({ downsample: 80 }), input, 1000, 33), samplesOf(some));
  });

  it('divide each output by its largest magnitude and subtract the mean of each channel', () => {
    const input = sound(2000);
    const plain = bank().evolve(input).samples;
    const largest = plain.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    const normal = bank({ normalize: true }).evolve(input).samples;
    assertClose(
      normal.data,
      plain.data.map((x) => x / largest),
    );
    const centred = bank({ normalize: true, meanSubtraction: true }).evolve(input).samples;
    const columns = Array.from({ length: 19 }, (_, j) => Array.from({ length: 2000 }, (__, k) => centred.get(k, j)));
    for (const column of columns) assert.ok(Math.abs(column.reduce((a, b) => a + b)) < 1e-10);
    assert.ok(Math.abs(centred.get(5, 3) - centred.get(4, 3) - (normal.get(5, 3) - normal.get(4, 3))) < 1e-14);
    const silence = bank({ normalize: true }).evolve(null, { numTimesteps: 10 });
    assertSame(silence.samples.data, new Float64Array(190));
  });

  it('carry the states of the filters until they are reset', () => {
    const layer = bank();
    assert.equal(layer.state.length, 19 * 3 * 2);
    const [first, second] = [samplesOf(layer.evolve(sound(100))), samplesOf(layer.evolve(sound(200)))];
    assert.notDeepEqual(first, second);
    layer.resetState();
    assert.equal(layer.timestep, 200);
    assertSame(layer.state, new Float64Array(114));
    layer.resetAll();
    assertSame(samplesOf(layer.evolve(sound(100))), first);
    const snapshot = layer.snapshot();
    layer.evolve(null, { numTimesteps: 50 });
    layer.restore(snapshot);
    layer.state = layer.state.map((x) => x);
    assertSame(samplesOf(layer.evolve(sound(200))), second);
    assert.equal(
      codeOf(() => (layer.state = [1, 2])),
      'ERR_SHAPE',
    );
  });

  it('go through a dictionary and a file', () => {
    const mel = new ButterMelFilter(fs, { numFilters: 5, filterWidth: 1.5, cutoffFs: 120, downsample: 4, name: 'ear' });
    const config = mel.toDict();
    assert.deepEqual(config, {
      class_name: 'ButterMelFilter',
      ...{ fs, name: 'ear', cutoff_fs: 120, num_filters: 5, order: 2, mean_subtraction: false, normalize: false },
      ...{ num_workers: 1, downsample: 4, filter_width: 1.5 },
    });
    const butter = new ButterFilter(fs, [400, 900], 100, { order: 1, normalize: true });
    assert.deepEqual(butter.toDict(), {
      class_name: 'ButterFilter',
      ...{ fs, name: 'unnamed', order: 1, mean_subtraction: false, normalize: true, num_workers: 1 },
      ...{ frequency: [400, 900], bandwidth: [100, 100] },
    });
    for (const layer of [mel, butter]) {
      layer.evolve(sound(100));
      const loaded = Layer.loadFromDict(layer.toDict({ includeState: true }));
      assert.deepEqual(loaded.toDict(), layer.toDict());
      assertSame(samplesOf(loaded.evolve(sound(300)) as TSContinuous), samplesOf(layer.evolve(sound(300))));
    }
  });

  it('take new frequencies, whole or element by element, and keep their states', () => {
    const layer = new ButterFilter(fs, [400, 900], 100);
    const same = (other: ButterFilter) => assertSame(layer.filters.data, other.filters.data);
    layer.frequency[1] = 1000;
    same(new ButterFilter(fs, [400, 1000], 100));
    layer.bandwidth = [50, 60];
    same(new ButterFilter(fs, [400, 1000], [50, 60]));
    layer.evolve(sound(50));
    const state = layer.state.slice();
    layer.cutoffFs = 200;
    assertSame(layer.state, state);
    assertSame(layer.lowpass!.data, new ButterFilter(fs, 500, 10, { cutoffFs: 200 }).lowpass!.data);
    layer.frequency[0] = 5000;
    assert.equal(
      codeOf(() => layer.evolve(sound(100))),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => layer.evolve(sound(100))),
      'ERR_VALUE',
    );
    layer.frequency[0] = 400;
    layer.evolve(sound(100));
    assert.equal(
      codeOf(() => (layer.frequency = 4000)),
      'ERR_VALUE',
    );
    assertSame(layer.frequency, [400, 1000]);
    const mel = bank();
    mel.filterWidth = 1;
    assertSame(mel.filters.data, bank({ filterWidth: 1 }).filters.data);
    assert.equal(
      codeOf(() => (mel.cutoffFs = 4000)),
      'ERR_VALUE',
    );
    assert.equal(mel.cutoffFs, 100);
    mel.evolve(sound(10));
  });

  it('refuse wrong arguments, by name', () => {
    const wrong: [string, RegExp, () => unknown][] = [
      ['ERR_TYPE', /fs/, () => new ButterMelFilter('a' as never)],
      ['ERR_TYPE', /fs/, () => new ButterMelFilter({ numFilters: 3 } as never)],
      ['ERR_VALUE', /fs/, () => new ButterMelFilter(0)],
      ['ERR_VALUE', /cutoffFs/, () => new ButterMelFilter(200)],
      ['ERR_VALUE', /cutoffFs/, () => bank({ cutoffFs: 0 })],
      ['ERR_VALUE', /order/, () => bank({ order: 0 })],
      ['ERR_VALUE', /order/, () => bank({ order: 65 })],
      ['ERR_VALUE', /order/, () => bank({ order: 1.5 })],
      ['ERR_VALUE', /numFilters/, () => bank({ numFilters: 0 })],
      ['ERR_VALUE', /numWorkers/, () => bank({ numWorkers: 0 })],
      ['ERR_VALUE', /downsample/, () => bank({ downsample: 0 })],
      ['ERR_VALUE', /filterWidth/, () => bank({ filterWidth: 0 })],
      ['ERR_TYPE', /normalize/, () => bank({ normalize: 1 })],
      ['ERR_TYPE', /the option 'frequency'/, () => bank({ frequency: 1 })],
      ['ERR_TYPE', /bandwidth/, () => new ButterFilter({ fs, frequency: 1 } as never)],
      ['ERR_SHAPE', /bandwidth/, () => new ButterFilter(fs, [100, 200], [1, 2, 3])],
      ['ERR_SHAPE', /frequency/, () => new ButterFilter(fs, [], 1)],
      ['ERR_VALUE', /band 1/, () => new ButterFilter(fs, [1000, 3999], 100)],
      ['ERR_VALUE', /band 0/, () => new ButterFilter(fs, [50, 1000], 100)],
      ['ERR_VALUE', /dt/, () => (bank().dt = 1)],
      ['ERR_TYPE', /weights/, () => (bank().weights = 1)],
      ['ERR_VALUE', /nPts/, () => bank().getAnalyticalFilterResponse(0)],
      ['ERR_SHAPE', /tsInput/, () => bank().evolve(TSContinuous.fromClocked([[1, 2]], { dt: 1 }))],
      ['ERR_TYPE', /signal/, () => bank().evolve(null, { numTimesteps: 1, signal: 1 } as never)],
    ];
    for (const [code, message, fn] of wrong) {
      assert.equal(codeOf(fn), code, String(fn));
      assert.throws(fn, message);
    }
    assert.deepEqual(
      warningsOf(() => (bank().noiseStd = 1)),
      ['NOISE_UNUSED'],
    );
    assertSame(bank().weights.data, new Array<number>(19).fill(1));
    bank().terminate();
  });

  it('name the filter whose state is not finite, and stay as they were', async () => {
    const layer = bank({ name: 'ear' });
    layer.evolve(sound(10));
    const before = layer.snapshot();
    const loud = TSContinuous.fromClocked(new Float64Array(100).fill(Infinity), { dt: 1 / fs });
    for (const run of [async () => layer.evolve(loud), () => layer.evolveAsync(loud)])
      await assert.rejects(run, { code: 'ERR_NOT_FINITE', message: /^ButterMelFilter 'ear': .*neuron 0/, neuron: 0 });
    assert.deepEqual(layer.snapshot(), before);
    layer.evolve(sound(100));
  });

  it('stop after an abort, and refuse calls while they run', async () => {
    const layer = new ButterMelFilter(fs, { numFilters: 2000, downsample: 1000 });
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: 1_000_000, signal: controller.signal });
    for (const call of [
      () => layer.evolve(null, { numTimesteps: 1 }),
      () => (layer.cutoffFs = 1),
      () => layer.resetAll(),
    ])
      assert.equal(codeOf(call), 'ERR_BUSY');
    await wait(20);
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.equal(layer.timestep, 0);
    assertSame(layer.state, new Float64Array(12_000));
    const seen: number[] = [];
    await layer.evolveAsync(null, { numTimesteps: 2000, onProgress: ({ done, total }) => seen.push(done / total) });
    assert.ok(seen.every((share) => share > 0 && share <= 1));
  });

  it('work in a network and without input', () => {
    const net = new Network([
      bank({ name: 'ear' }),
      new PassThrough(NdArray.zeros([19, 2]), { dt: 1 / fs, name: 'out' }),
    ]);
    const signals = net.evolve(sound(100));
    assert.equal((signals['ear'] as TSContinuous).length, 100);
    assert.equal(bank().evolve(null, { numTimesteps: 0 }).length, 0);
  });

  it('take sections of a subclass of ones own', () => {
    class Comb extends FilterBank {
      constructor({ fs }: { fs: number }) {
        super(fs, { numFilters: 2, cutoffFs: 1 });
        this.resetAll();
      }
      protected override design(): FilterDesign {
        const sections = Float64Array.of(1, 0, 0, 1, 0, 0, 0.5, 0, -0.5, 1, 0, 0);
        return { bandpass: new NdArray(sections, [2, 1, 6]), lowpass: null };
      }
    }
    registerLayerClass('Comb', Comb);
    const output = new Comb({ fs: 10 }).evolve(TSContinuous.fromClocked([1, -2, 3], { dt: 0.1 }));
    assertSame(output.samples.data, [1, 0.5, 2, 1, 3, 1]);
  });
});
