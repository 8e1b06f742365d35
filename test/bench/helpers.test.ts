import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Spikes = { times: ArrayLike<number>; neurons: ArrayLike<number> };
type Rows = { indptr: Float64Array; indices: Int32Array };
type Random = () => number;

interface Helpers {
  kolmogorovSmirnov(a: ArrayLike<number>, b: ArrayLike<number>): { distance: number; p: number };
  uniform(seed: number): Random;
  normal(random: Random): Random;
  intervals(spikes: Spikes, size: number, dt: number): number[][];
  compareSpikes(ours: Spikes, theirs: Spikes, size: number, dt: number): string | undefined;
  pairwise(random: Random, sources: number, targets: number, probability: number): Rows;
  fixedInDegree(random: Random, targets: number, parts: { from: number; to: number; degree: number }[]): Rows;
}

const folder = join(__dirname, '../../../bench/lib');

/** A network whose neurons fire independently; the intervals of neuron j last at least 2 steps, 40 on average. */
function poissonSpikes(random: Random, size: number, dt: number, meanInterval = 40): Spikes {
  const spikes: [number, number][] = [];
  for (let j = 0; j < size; j++) {
    let step = 0;
    for (;;) {
      step += 2 + Math.floor(-Math.log(1 - random()) * (meanInterval - 2));
      if (step >= 4000) break;
      spikes.push([step, j]);
    }
  }
  spikes.sort((a, b) => a[0] - b[0]);
  return { times: spikes.map(([step]) => step * dt), neurons: spikes.map(([, j]) => j) };
}

describe('helpers of the benchmarks', () => {
  let lib: Helpers;
  before(async () => {
    const load = async (name: string): Promise<object> =>
      (await import(pathToFileURL(join(folder, `${name}.mjs`)).href)) as object;
    lib = Object.assign({}, await load('statistics'), await load('spikes'), await load('connectivity')) as Helpers;
  });

  it('Kolmogorov-Smirnov: the distance is exact, with and without ties', () => {
    const a = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const { distance, p } = lib.kolmogorovSmirnov(
      a,
      a.map((x) => x + 3),
    );
    assert.ok(Math.abs(distance - 0.3) < 1e-15);
    // The Kolmogorov distribution at (sqrt(5) + 0.12 + 0.11 / sqrt(5)) 0.3, from SciPy.
    assert.ok(Math.abs(p - 0.6750781537165953) < 1e-12);
    assert.deepEqual(lib.kolmogorovSmirnov([3, 1, 2], [1, 2, 3]), { distance: 0, p: 1 });
    assert.equal(lib.kolmogorovSmirnov([1, 1, 1, 2], [1, 2, 2, 2]).distance, 0.5);
    assert.equal(lib.kolmogorovSmirnov([1, 2], [3, 4, 5]).distance, 1);
  });

  it('Kolmogorov-Smirnov: p is uniform for equal distributions and small for others', () => {
    const random = lib.uniform(1);
    const sample = (n: number, shift: number) => Float64Array.from({ length: n }, () => random() + shift);
    let below = 0;
    for (let i = 0; i < 2000; i++) below += lib.kolmogorovSmirnov(sample(100, 0), sample(150, 0)).p < 0.1 ? 1 : 0;
    assert.ok(below > 120 && below < 280, `p < 0.1 in ${below} of 2000 tests`);
    assert.ok(lib.kolmogorovSmirnov(sample(2000, 0), sample(2000, 0.1)).p < 1e-6);
  });

  it('normal numbers have mean 0 and deviation 1', () => {
    const draw = lib.normal(lib.uniform(3));
    const x = Float64Array.from({ length: 100_000 }, draw);
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
    assert.ok(Math.abs(mean) < 0.015);
    assert.ok(Math.abs(variance - 1) < 0.02);
  });

  it('intervals are whole steps of each neuron', () => {
    const spikes = { times: [0.001, 0.0015, 0.0040000001, 0.0065, 0.0069999], neurons: [0, 2, 0, 2, 0] };
    assert.deepEqual(lib.intervals(spikes, 3, 1e-3), [[3, 3], [], [5]]);
  });

  it('spike trains of one process pass, other rates and other intervals do not', () => {
    const dt = 1e-3;
    const size = 400;
    const ours = poissonSpikes(lib.uniform(1), size, dt);
    assert.equal(lib.compareSpikes(ours, poissonSpikes(lib.uniform(2), size, dt), size, dt), undefined);
    assert.match(lib.compareSpikes(ours, poissonSpikes(lib.uniform(2), size, dt, 45), size, dt) ?? '', /5 %/);
    const regular: Spikes = { times: [], neurons: [] };
    const count = ours.times.length / size;
    for (let k = 0; k < count; k++) {
      for (let j = 0; j < size; j++) {
        (regular.times as number[]).push(Math.round((4000 * k) / count) * dt);
        (regular.neurons as number[]).push(j);
      }
    }
    assert.match(lib.compareSpikes(ours, regular, size, dt) ?? '', /intervals/);
    const one: Spikes = { times: ours.times, neurons: Array.from(ours.times, () => 0) };
    assert.match(lib.compareSpikes(ours, one, size, dt) ?? '', /too few/);
  });

  it('random connections: ascending targets, the asked probability or in-degree', () => {
    const ascending = ({ indptr, indices }: Rows, targets: number) => {
      assert.equal(indptr[0], 0);
      assert.equal(indptr.at(-1), indices.length);
      for (let i = 0; i + 1 < indptr.length; i++) {
        for (let k = indptr[i]; k < indptr[i + 1]; k++) {
          assert.ok(indices[k] >= 0 && indices[k] < targets);
          if (k > indptr[i]) assert.ok(indices[k] > indices[k - 1]);
        }
      }
    };
    const sparse = lib.pairwise(lib.uniform(5), 300, 500, 0.1);
    ascending(sparse, 500);
    assert.equal(sparse.indptr.length, 301);
    assert.ok(Math.abs(sparse.indices.length - 15_000) < 600);

    const fixed = lib.fixedInDegree(lib.uniform(5), 200, [
      { from: 0, to: 100, degree: 20 },
      { from: 100, to: 120, degree: 5 },
    ]);
    ascending(fixed, 200);
    const excitatory = new Int32Array(200);
    const all = new Int32Array(200);
    for (let i = 0; i < 120; i++) {
      for (let k = fixed.indptr[i]; k < fixed.indptr[i + 1]; k++) {
        all[fixed.indices[k]]++;
        if (i < 100) excitatory[fixed.indices[k]]++;
      }
    }
    assert.ok(all.every((n) => n === 25) && excitatory.every((n) => n === 20));
  });
});
