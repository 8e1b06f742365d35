import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TimeSeries, TSContinuous, TSEvent } from 'rockpool-node';
import { loadSnapshotSync, saveSnapshotSync } from 'rockpool-node/io';
import {
  type EvolveOptions,
  FFExpSyn,
  FFExpSynBrian,
  FFExpSynCurrentInJax,
  FFExpSynJax,
  FFExpSynTorch,
  FFRateEuler,
  Layer,
  type LayerOptions,
  type LayerSnapshot,
  PassThrough,
  PassThroughEvents,
  RecRateEuler,
  registerLayerClass,
  snapshotArray,
} from 'rockpool-node/layers';
import { useFolder } from '../io/helpers.js';
import { Accumulator, codeOf, Slow } from './helpers.js';
import { assertSame, inputSeries, matrix } from './rate-helpers.js';

const dt = 0.1;
const makers: Record<string, (seed: number) => Layer> = {
  PassThrough: (seed) => new PassThrough(matrix(3, 4), { dt, noiseStd: 0.3, delay: 0.7, seed }),
  'PassThrough without delay': (seed) => new PassThrough(matrix(3, 4), { dt, noiseStd: 0.3, seed }),
  FFRateEuler: (seed) => new FFRateEuler(matrix(3, 4), { dt, tau: 2, noiseStd: 0.3, seed }),
  RecRateEuler: (seed) =>
    new RecRateEuler(matrix(3, 3, 1, 0.5), { dt, tau: 2, noiseStd: 0.3, activationFunc: 'tanh', seed }),
  'RecRateEuler with a function': (seed) =>
    new RecRateEuler(matrix(3, 3, 1, 0.5), { dt, tau: 2, noiseStd: 0.3, activationFunc: (x) => x.map(Math.sin), seed }),
  FFExpSyn: (seed) => new FFExpSyn(matrix(3, 4), { dt, tauSyn: 2, bias: 0.1, noiseStd: 0.3, seed }),
  FFExpSynTorch: (seed) => new FFExpSynTorch(matrix(3, 4), { dt, tauSyn: 2, noiseStd: 0.3, seed }),
  FFExpSynBrian: (seed) => new FFExpSynBrian(matrix(3, 4), { dt, tauSyn: 2, noiseStd: 0.3, seed }),
  FFExpSynJax: (seed) => new FFExpSynJax({ wOut: matrix(3, 4), dt, tau: 2, noiseStd: 0.3, seed }),
  FFExpSynCurrentInJax: (seed) => new FFExpSynCurrentInJax({ wOut: matrix(3, 4), dt, tau: 2, noiseStd: 0.3, seed }),
  PassThroughEvents: (seed) => new PassThroughEvents([[1, 2], [0, 1], [1, 0]], { dt, seed }), // prettier-ignore
};

/** Input of 60 steps for a layer. */
function inputOf(layer: Layer): TimeSeries {
  if (layer.inputType === TSContinuous) return inputSeries(60, layer.sizeIn, dt);
  const times = Float64Array.from({ length: 120 }, (_, k) => 0.05 * k + 0.01);
  return new TSEvent(times, Int32Array.from(times, (_, k) => (k * k) % layer.sizeIn), { tStop: 60 * dt, numChannels: layer.sizeIn }); // prettier-ignore
}

/** What a series holds. */
function contents(series: TimeSeries): unknown {
  const values =
    series instanceof TSEvent
      ? { times: [...series.times], channels: [...series.channels] }
      : Array.from((series as TSContinuous).samples.data);
  return [series.tStart, series.tStop, values];
}

/** Adds up its input and keeps everything that a snapshot can hold. */
class Hoarder extends Layer {
  v = new Float64Array(this.size);
  refractory = new Int32Array(this.size);
  pending = new Float64Array(0);
  total = 0;
  notes: unknown = null;

  constructor(weights: number[][], options: LayerOptions = {}) {
    super(weights, options);
    this.resetAll();
  }

  evolve(tsInput?: TimeSeries | null, options: EvolveOptions = {}): TSContinuous {
    const { timeBase, input, numTimesteps } = this.prepareInput(tsInput, options);
    const { t: tStart } = this;
    for (const [k, u] of input.data.entries()) {
      this.total += u;
      this.v[k % this.size] += u;
      this.refractory[k % this.size]++;
      this.pending = Float64Array.of(...this.pending, u).slice(-3);
    }
    this.timestep += numTimesteps;
    return new TSContinuous(timeBase, new Array<number>(numTimesteps).fill(this.total), { tStart, tStop: this.t });
  }

  override snapshot(): LayerSnapshot {
    const { total, notes } = this;
    return {
      ...super.snapshot(),
      v: this.v.slice(),
      refractory: this.refractory.slice(),
      pending: this.pending.slice(),
      total,
      notes,
    };
  }

  protected override prepareRestore(snapshot: LayerSnapshot): () => void {
    const putBack = super.prepareRestore(snapshot);
    const v = snapshotArray(snapshot, 'v', 'float64', this.size);
    const refractory = snapshotArray(snapshot, 'refractory', 'int32', this.size);
    const pending = snapshotArray(snapshot, 'pending', 'float64');
    return () => {
      putBack();
      this.v.set(v);
      this.refractory.set(refractory);
      this.pending = pending;
      this.total = snapshot['total'] as number;
      this.notes = snapshot['notes'];
    };
  }
}
registerLayerClass('Hoarder', Hoarder);

const odd = {
  numbers: [NaN, Infinity, -Infinity, -0, 2 ** 40, 0.1, -5e-324],
  texts: ['NaN', '', '-0', 'ü😀'],
  arrays: { bytes: Uint8Array.of(1, 255), short: Int16Array.of(-3), none: new Float32Array(0) },
  $key: { flag: true, nothing: null, big: 2n ** 70n },
};

describe('Layer.snapshot and restore', () => {
  const folder = useFolder();

  for (const [name, make] of Object.entries(makers)) {
    it(`${name}: a layer continues bit for bit, here and as a new one with another seed`, async () => {
      const layer = make(11);
      const input = inputOf(layer);
      layer.evolve(input, { numTimesteps: 17 });
      const snapshot = layer.snapshot();
      const file = folder.path('state');
      saveSnapshotSync(snapshot, file);
      const run = async (l: Layer) => {
        const first = l.evolve(input, { numTimesteps: 9 });
        return [first, await l.evolveAsync(input, { numTimesteps: 20 })].map(contents);
      };
      const expected = await run(layer);
      const after = layer.snapshot();
      const fresh = make(5);
      fresh.restore(loadSnapshotSync(file));
      assert.equal(fresh.seed, 11);
      layer.restore(snapshot);
      for (const l of [layer, fresh]) {
        assert.deepEqual(l.snapshot(), snapshot);
        assert.deepEqual(await run(l), expected);
        assert.deepEqual(l.snapshot(), after);
      }
      layer.restore(snapshot); // the snapshot is a copy, which no run has touched
      assert.deepEqual(await run(layer), expected);
    });
  }

  it('keeps the live arrays', () => {
    const layer = new PassThrough(matrix(2, 2), { dt, delay: 0.3 });
    const { state, buffer } = layer;
    const before = layer.snapshot();
    layer.evolve(inputSeries(9, 2, dt));
    layer.restore(before);
    assert.equal(layer.state, state);
    assert.equal(layer.buffer, buffer);
    assertSame(buffer!.data, new Float64Array(6));
  });

  it('takes a layer back all or nothing, and says what does not fit', () => {
    const layer = new PassThrough(matrix(2, 2), { dt, delay: 0.3, seed: 3 });
    layer.evolve(inputSeries(9, 2, dt));
    const good = layer.snapshot();
    layer.evolve(null, { numTimesteps: 1 });
    const present = layer.snapshot();
    for (const [wrong, code, pattern] of [
      [null, 'ERR_TYPE', /expected snapshot to be what snapshot\(\) returned, received null/],
      [[], 'ERR_TYPE', /snapshot/],
      [{ ...good, timestep: -1 }, 'ERR_VALUE', /expected timestep to be an integer of 0 or more/],
      [{ ...good, timestep: undefined }, 'ERR_TYPE', /timestep/],
      [{ ...good, seed: 1.5 }, 'ERR_VALUE', /expected seed/],
      [{ ...good, state: undefined }, 'ERR_TYPE', /expected state to be 2 numbers \(size\), received undefined/],
      [{ ...good, state: [1, 2, 3] }, 'ERR_SHAPE', /expected state to be 2 numbers \(size\), received 3 of them/],
      [{ ...good, state: 'x' }, 'ERR_TYPE', /expected state/],
      [
        { ...good, buffer: undefined },
        'ERR_TYPE',
        /expected buffer to be a Float64Array of 6 elements, received undefined/,
      ],
      [{ ...good, buffer: [1] }, 'ERR_SHAPE', /expected buffer to be 6 numbers, received 1 of them/],
      [{ ...good, buffer: 5 }, 'ERR_SHAPE', /received 5 \(number\)/],
    ] as const) {
      assert.throws(
        () => layer.restore(wrong as never),
        (e: Error & { code?: string }) => e.code === code && pattern.test(e.message),
        String(pattern),
      );
      assert.deepEqual(layer.snapshot(), present);
    }
    layer.restore(good);
    assert.deepEqual(layer.snapshot(), good);
    const { buffer, ...without } = good;
    const direct = new PassThrough(matrix(2, 2), { dt });
    assert.ok(buffer);
    direct.restore(without);
    assert.equal(codeOf(() => direct.restore(good)), 'ERR_SHAPE'); // prettier-ignore
  });

  it('refuses while the layer is evolving', async () => {
    const layer = new Slow(1);
    const before = layer.snapshot();
    const running = layer.evolveAsync(null, { numTimesteps: 1 });
    assert.equal(codeOf(() => layer.snapshot()), 'ERR_BUSY'); // prettier-ignore
    assert.equal(codeOf(() => layer.restore(before)), 'ERR_BUSY'); // prettier-ignore
    assert.equal(codeOf(() => layer.toDict({ includeState: true })), 'ERR_BUSY'); // prettier-ignore
    layer.toDict();
    layer.proceed();
    await running;
    layer.restore(before);
    assert.equal(layer.timestep, 0);
  });

  it('carries what a class adds: in memory, in a file, in a dictionary and in JSON', async () => {
    const layer = new Hoarder([[1, 2, 3]], { dt, seed: 4 });
    layer.evolve(inputSeries(5, 1, dt));
    layer.notes = odd;
    layer.v[1] = -0;
    const snapshot = layer.snapshot();
    saveSnapshotSync(snapshot, folder.path('state'));
    const dict = layer.toDict({ includeState: true });
    await layer.saveLayer(folder.path('layer.json'), { includeState: true });
    const fresh = new Hoarder([[1, 2, 3]], { dt });
    fresh.restore(loadSnapshotSync(folder.path('state')));
    for (const twin of [
      fresh,
      Hoarder.loadFromDict(dict),
      Layer.loadFromDict(JSON.parse(JSON.stringify(dict)) as never) as Hoarder,
      Hoarder.loadFromFileSync(folder.path('layer.json')),
    ]) {
      assert.deepEqual(twin.snapshot(), snapshot);
      assert.ok(twin.refractory instanceof Int32Array && Object.is(twin.v[1], -0));
      const next = inputSeries(9, 1, dt);
      layer.restore(snapshot);
      assert.deepEqual(twin.evolve(next).samples, layer.evolve(next).samples);
      assert.deepEqual(twin.snapshot(), layer.snapshot());
    }
    // what is no state stays plain numbers
    assert.match(readFileSync(folder.path('layer.json'), 'utf8'), /"weights":\[\[1,2,3\]\],"dt":0\.1,/);
    const { timestep, state, ...rest } = dict;
    assert.deepEqual([timestep, state], [5, [0, 0, 0]]);
    assert.deepEqual(Hoarder.loadFromDict(rest).pending, layer.snapshot()['pending'] && snapshot['pending']);
    assert.equal(Hoarder.loadFromDict({ ...rest, more_state: undefined, timestep: 3 }).timestep, 3);
    layer.notes = () => 1;
    assert.throws(
      () => layer.toDict({ includeState: true }),
      /expected snapshot.notes to be plain data, received a function/,
    );
  });

  it('keeps the sign of zero in files', async () => {
    const layer = new Accumulator([[-0, 1]]);
    layer.state = [-0, 0];
    await layer.saveLayer(folder.path('layer.json'), { includeState: true });
    const twin = await Accumulator.loadFromFile(folder.path('layer.json'));
    assert.ok([twin.weights.data[0], twin.state[0]].every((v) => Object.is(v, -0)));
    assert.ok([twin.state[1]].every((v) => Object.is(v, 0)));
  });

  it('snapshotArray checks kind, length and elements', () => {
    const snapshot = { timestep: 0, a: Int32Array.of(1, 2), list: [1, 2.5], big: Float64Array.of(2 ** 31) };
    const a = snapshotArray(snapshot, 'a', 'int32', 2);
    assert.deepEqual(a, Int32Array.of(1, 2));
    assert.notEqual(a, snapshot.a);
    assert.deepEqual(snapshotArray(snapshot, 'a', 'float64'), Float64Array.of(1, 2));
    assert.deepEqual(snapshotArray(snapshot, 'list', 'float32'), Float32Array.of(1, 2.5));
    assert.deepEqual(snapshotArray(snapshot, 'big', 'uint32'), Uint32Array.of(2 ** 31));
    for (const [name, dtype, length, code, pattern] of [
      ['none', 'int32', undefined, 'ERR_TYPE', /expected none to be a Int32Array, received undefined/],
      ['a', 'int32', 3, 'ERR_SHAPE', /expected a to be 3 numbers, received 2 of them/],
      ['list', 'int32', 2, 'ERR_VALUE', /expected list\[1\] to be a number that a Int32Array holds, received 2.5/],
      ['big', 'int32', 1, 'ERR_VALUE', /expected big\[0\]/],
    ] as const) {
      assert.throws(
        () => snapshotArray(snapshot, name, dtype, length),
        (e: Error & { code?: string }) => e.code === code && pattern.test(e.message),
      );
    }
  });
});
