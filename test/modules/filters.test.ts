import assert from 'node:assert/strict';
import { concurrency, Module, NdArray, setConcurrency, TSContinuous } from 'rockpool-node';
import { ButterMelFilter as ButterMelFilterLayer } from 'rockpool-node/layers';
import { ButterFilter as TimedButterFilter } from 'rockpool-node/nn/layers';
import { ButterFilter, ButterMelFilter } from 'rockpool-node/nn/modules';
import { assertClose, numbers } from '../layers/rate-helpers';

const fs = 8000;
const bank = (options: object = {}) => new ButterMelFilter(19, { fs, ...options });
const samples = (batch: number, steps: number, seed = 1) =>
  new NdArray(numbers(batch * steps, seed), [batch, steps, 1]);
const flat = (array: unknown): number[] => Array.from((array as NdArray).data);
const reload = (module: Module): Module => Module.loadFromDict(JSON.parse(JSON.stringify(module)) as object);

/** Steps `from` to `to` of all elements. */
function cut(array: NdArray, from: number, to: number): NdArray {
  const [batch, steps, n] = array.shape;
  const rows = Array.from({ length: batch }, (_, b) => flat(array).slice((b * steps + from) * n, (b * steps + to) * n));
  return new NdArray(Float64Array.from(rows.flat()), [batch, to - from, n]);
}

describe('filter banks as modules', () => {
  it('filter as SciPy does: band-pass, magnitude, low-pass at the lowest edge', () => {
    const input = [1, -0.5, 0.25, 2, -1, 0.5, 0, 0.75].map((x) => [x]);
    const options = { fs, order: 3 };
    const [output, state, record] = new ButterFilter([2000, 500], [1000, 100], options).evolve(input, { record: true });
    const smooth = [
      2.2382025866030073e-7, 2.2827164632949774e-6, 1.129594217196201e-5, 3.698714093552638e-5, 9.22454824809861e-5,
      0.0001897421803726061, 0.0003357423768963153, 0.0005196697064106479,
    ];
    const second = (array: unknown) => flat(array).filter((_, i) => i % 2 === 1);
    assertClose(second(output), smooth, 1e-12);
    assert.deepEqual([output.shape, state.filterState.shape, record], [[1, 8, 2], [2, 5, 2], {}]);
    const bands = [
      5.607011494695884e-5, 0.00027487570136882294, 0.0006257158654627608, 0.0010223600684182948, 0.0014791766029141756,
      0.001804204157063805, 0.0015751670078819734, 0.0005565952854576124,
    ];
    const plain = new ButterFilter({ frequency: [2000, 500], bandwidth: [1000, 100], ...options, useLowpass: false });
    assertClose(second(plain.evolve(input)[0]), bands, 1e-12);
    assert.deepEqual([plain.lowpass, plain.filterState.shape, plain.cutoffFs], [null, [2, 3, 2], 450]);
  });

  it('give what the layer gives', () => {
    const input = samples(1, 900);
    const layer = new ButterMelFilterLayer(fs, { numFilters: 19, normalize: true, meanSubtraction: true });
    const series = TSContinuous.fromClocked(input.data, { dt: 1 / fs });
    const module = bank({ normalize: true, meanSubtraction: true });
    assert.deepEqual(flat(module.evolve(input)[0]), flat(layer.evolve(series).samples));
    assert.deepEqual(flat(module.filterState), Array.from(layer.state));
    assert.deepEqual([flat(module.filters), flat(module.lowpass)], [flat(layer.filters), flat(layer.lowpass)]);
    assert.deepEqual(module.bands, layer.bands);
    assert.deepEqual(module.getAnalyticalFilterResponse(50), layer.getAnalyticalFilterResponse(50));
  });

  it('take the elements of a batch each by itself', () => {
    const [batch, steps] = [3, 500];
    const input = samples(batch, steps);
    const options = { normalize: true, meanSubtraction: true };
    const [output, state] = bank(options).evolve(input);
    const alone = Array.from({ length: batch }, (_, b) =>
      bank(options).evolve(new NdArray(input.data.slice(b * steps, (b + 1) * steps), [steps, 1])),
    );
    assert.deepEqual(
      flat(output),
      alone.flatMap(([part]) => flat(part)),
    );
    assert.deepEqual(flat(state.filterState), flat(alone[0][1].filterState));
    const mean = bank({ ...options, stateReduction: 'mean' }).evolve(input)[1];
    const states = alone.map(([, { filterState }]) => flat(filterState));
    assertClose(
      flat(mean.filterState),
      states[0].map((_, i) => (states[0][i] + states[1][i] + states[2][i]) / 3),
      1e-12,
    );
  });

  it('give the same bits in pieces, from a snapshot, off the event loop and on any number of threads', async () => {
    const input = samples(1, 700);
    const whole = flat(bank().evolve(input)[0]);
    const before = concurrency();
    try {
      for (const threads of [1, 3]) {
        setConcurrency(threads);
        const module = bank();
        const first = module.evolve(cut(input, 0, 211))[0];
        const snapshot = module.snapshot();
        const second = (await module.evolveAsync(cut(input, 211, 212)))[0];
        const third = module.evolve(cut(input, 212, 700))[0];
        assert.deepEqual([...flat(first), ...flat(second), ...flat(third)], whole);
        const other = bank().restore(snapshot);
        assert.deepEqual(flat(other.evolve(cut(input, 211, 700))[0]), whole.slice(211 * 19));
        assert.deepEqual(flat(module.resetState().evolve(input)[0]), whole);
      }
    } finally {
      setConcurrency(before);
    }
  });

  it('take and return floats, and compute in doubles', () => {
    const input = samples(2, 300);
    const floats = new NdArray(Float32Array.from(input.data), input.shape);
    const [output] = bank({ precision: 'float32' }).evolve(floats);
    assert.ok((output as NdArray).data instanceof Float32Array);
    const exact = bank().evolve(new NdArray(Float64Array.from(floats.data), input.shape))[0];
    assert.deepEqual(flat(output), Array.from(Float32Array.from(exact.data)));
  });

  it('have simulation parameters, which can be set', () => {
    const module = new ButterFilter([500, 1000], 100, { fs });
    assert.deepEqual(Object.keys(module.parameters()), []);
    const { frequency, bandwidth, ...rest } = module.simulationParameters();
    assert.deepEqual(
      [flat(frequency), flat(bandwidth)],
      [
        [500, 1000],
        [100, 100],
      ],
    );
    const defaults = { order: 2, meanSubtraction: false, normalize: false, numWorkers: 1, useLowpass: true };
    assert.deepEqual({ ...rest }, { fs, ...defaults, cutoffFs: 450 });
    const input = samples(1, 50);
    module.evolve(input);
    const state = flat(module.filterState);
    module.frequency.data[0] = 600; // live
    module.bandwidth = NdArray.from([200, 100]);
    assert.deepEqual([flat(module.filterState), module.cutoffFs], [state, 500]);
    const fresh = new ButterFilter([600, 1000], [200, 100], { fs });
    assert.deepEqual(flat(module.resetState().evolve(input)[0]), flat(fresh.evolve(input)[0]));
    assert.throws(() => (module.fs = 2000), /band 1.*half the sample rate/);
    assert.throws(() => (module.cutoffFs = 100), RangeError);
    for (const set of [{ order: 3 }, { useLowpass: false }])
      assert.throws(() => module.setAttributes(set), { name: 'RangeError', message: /of the construction/ });
    assert.deepEqual(module.simulationParameters(), fresh.simulationParameters());
    module.setAttributes({ fs: 2000, frequency: [300, 400] }); // together
    assert.equal(module.bands.high[1], 450);
    const mel = bank();
    assert.deepEqual([mel.filterWidth, mel.cutoffFs, new ButterMelFilter().shape], [2, 100, [1, 64]]);
    assert.throws(() => (mel.cutoffFs = 4000), { name: 'RangeError', message: /cutoffFs/ });
    assert.equal(mel.cutoffFs, 100);
  });

  it('are saved and loaded, apart from the timed layers of their names', async () => {
    const mel = bank({
      filterWidth: 3,
      cutoffFs: 50,
      useLowpass: false,
      order: 3,
      normalize: true,
      precision: 'float32',
    });
    const centred = new ButterFilter([40, 90], [20, 30], { fs: 400, numWorkers: 2, meanSubtraction: true });
    for (const module of [mel, centred]) {
      module.evolve(samples(1, 40));
      const again = reload(module);
      assert.ok(again instanceof module.constructor);
      assert.deepEqual(again.toDict(), module.toDict());
      const loaded = Module.loadFromDict(module.toDict({ includeState: true }));
      const [a, b] = [await loaded.evolveAsync(samples(1, 60, 2)), module.evolve(samples(1, 60, 2))];
      assert.deepEqual(flat(a[0]), flat(b[0]));
    }
    const timed = new TimedButterFilter(fs, [500], 100);
    assert.ok(TimedButterFilter.loadFromDict(timed.toDict()) instanceof TimedButterFilter);
  });

  it('become timed modules, with the step of the sample rate', () => {
    const sound = TSContinuous.fromClocked(samples(1, 100).data, { dt: 1 / fs });
    const timed = bank().timed();
    assert.equal(timed.dt, 1 / fs);
    const [series] = timed.evolve(sound);
    assert.deepEqual(flat((series as TSContinuous).samples), flat(bank().evolve(samples(1, 100))[0]));
    assert.equal(bank().timed({ dt: 0.01 }).dt, 0.01);
  });

  it('stop after an abort, and stay as they were when a run fails', async () => {
    const module = new ButterMelFilter(500, { fs });
    module.evolve(samples(1, 10));
    const before = module.snapshot();
    const running = module.evolveAsync(samples(1, 300_000), { signal: AbortSignal.timeout(20) });
    assert.throws(() => module.evolve([[1]]), { code: 'ERR_BUSY' });
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(module.snapshot(), before);
    const loud = samples(3, 400);
    loud.data[900] = Infinity;
    for (const run of [async () => module.evolve(loud), () => module.evolveAsync(loud)])
      await assert.rejects(run, { code: 'ERR_NOT_FINITE', message: /batch element 2/ });
    assert.deepEqual(module.snapshot(), before);
    const seen: [number, number][] = [];
    await module.evolveAsync(samples(2, 2000), { onProgress: ({ done, total }) => seen.push([done, total]) });
    assert.ok(seen.every(([done, total]) => done <= total && total === 4000));
  });

  it('no steps and no batch are fine, silence too', () => {
    const module = bank({ normalize: true, meanSubtraction: true });
    assert.deepEqual(module.evolve(new NdArray(new Float64Array(0), [0, 1]))[0].shape, [1, 0, 19]);
    assert.deepEqual(module.evolve(new NdArray(new Float64Array(0), [0, 5, 1]))[0].shape, [0, 5, 19]);
    assert.ok(flat(module.evolve(new NdArray(new Float64Array(9), [9, 1]))[0]).every((x) => x === 0));
  });

  it('refuse wrong arguments, by name', () => {
    const wrong: [() => unknown, RegExp][] = [
      [() => bank({ fs: 0 }), /fs/],
      [() => bank({ fs: '8' }), /fs/],
      [() => bank({ cutoffFs: 4000 }), /cutoffFs/],
      [() => bank({ order: 0 }), /order/],
      [() => bank({ order: 65 }), /order/],
      [() => bank({ filterWidth: -1 }), /filterWidth/],
      [() => bank({ numWorkers: 0 }), /numWorkers/],
      [() => bank({ normalize: 1 }), /normalize/],
      [() => bank({ useLowpass: 1 }), /useLowpass/],
      [() => bank({ plot: true }), /plot/],
      [() => new ButterMelFilter([2, 4], { fs }), /shape/],
      [() => new ButterMelFilter([4], { fs }), /shape/],
      [() => new ButterMelFilter(0, { fs }), /shape/],
      [() => new ButterFilter([500], undefined as never, { fs }), /bandwidth/],
      [() => new ButterFilter([], 100, { fs }), /frequency/],
      [() => new ButterFilter([500, 600], [100, 100, 100], { fs }), /bandwidth/],
      [() => new ButterFilter([500, 50], 100, { fs }), /cutoffFs|band 1/],
      [() => new ButterFilter([500, 3960], 100, { fs }), /band 1/],
      [() => bank().evolve(samples(1, 4).data, { dt: 1 } as never), /dt/],
      [() => bank().evolve([[1, 2]]), /channels/],
    ];
    for (const [call, message] of wrong)
      assert.throws(call, (error: Error) => {
        assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
        assert.match(error.message, message);
        return true;
      });
    assert.throws(() => bank().asGraph(), { code: 'ERR_NOT_IMPLEMENTED' });
  });
});
