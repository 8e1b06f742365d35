import assert from 'node:assert/strict';
import {
  genSparsePartitionedNetwork,
  iafSparseNet,
  kaiming,
  kaimingTorch,
  linearBias,
  rndmEiNet,
  rndmSparseEiNet,
  unitEigs,
  unitLambdaNet,
  wilsonCowanNet,
  xavier,
} from 'rockpool-node/weights';
import {
  assertBinomial,
  assertChiSquared,
  assertDistribution,
  assertNear,
  itSeeded,
  nonzero,
  normalCdf,
  ofThousand,
  radiusBySquaring,
  rows,
  sum,
  transpose,
  uniformCdf,
  warningsOf,
} from './helpers.js';

describe('Weights: dense random matrices', () => {
  itSeeded('unitLambdaNet is normal with standard deviation 1 / sqrt(n); exact has the radius 1', (seed) => {
    const n = 120;
    const { data } = unitLambdaNet(n, { seed });
    assertDistribution(
      Array.from(data, (x) => x * Math.sqrt(n)),
      normalCdf,
      'elements',
    );
    // Elements of a row and of a column belong together in no way.
    const m = rows(unitLambdaNet(n, { seed }));
    for (const [name, lines] of [
      ['rows', m],
      ['columns', transpose(m)],
    ] as const)
      assertDistribution(lines.map(sum), normalCdf, `sums of ${name}`);
    const exact = rows(unitLambdaNet(12, { seed, exact: true }));
    assert.ok(Math.abs(radiusBySquaring(exact) - 1) < 1e-5);
  });

  itSeeded('rndmEiNet gives each neuron the excitation 1 and the inhibition -ratio', (seed) => {
    const [exc, inh, ratio] = [60, 40, -1.5];
    const m = rows(rndmEiNet(exc, inh, { seed, ratioInhExc: ratio }));
    const n = exc + inh;
    for (const column of transpose(m)) {
      assert.ok(column.slice(0, exc).every((x) => x >= 0) && column.slice(exc).every((x) => x <= 0));
      assert.ok(Math.abs(sum(column.slice(0, exc)) - 1) < 1e-12);
      assert.ok(Math.abs(sum(column.slice(exc)) + 1.5) < 1e-12);
    }
    assertBinomial(nonzero(m.flat()), n * n, 0.5, 'elements of the right sign');
    // Ratios within a column are those of half-normals: by the mean of |x| against its root mean square.
    const first = transpose(m)[0]
      .slice(0, exc)
      .filter((x) => x > 0);
    const shape = sum(first) / first.length / Math.sqrt(sum(first.map((x) => x * x)) / first.length);
    assertNear(shape, Math.sqrt(2 / Math.PI), 0.36 / Math.sqrt(first.length), 'shape of a column');
  });

  itSeeded('rndmEiNet leaves columns without the right sign zero, or draws them again', (seed) => {
    let m: number[][] = [];
    const codes = warningsOf(() => (m = rows(rndmEiNet(2, 40, { seed }))));
    const empty = transpose(m).filter((column) => column[0] === 0 && column[1] === 0).length;
    assert.ok(m.flat().every(Number.isFinite));
    assertBinomial(empty, 42, 0.25, 'empty columns');
    assert.deepEqual(codes, empty > 0 ? ['EMPTY_WEIGHTS'] : []);
    const redrawn = rows(rndmEiNet(2, 40, { seed, emptyColumns: 'redraw' }));
    for (const [j, column] of transpose(redrawn).entries()) {
      assert.ok(Math.abs(column[0] + column[1] - 1) < 1e-12, `column ${j}`);
      if (m[0][j] !== 0 || m[1][j] !== 0) assert.deepEqual(column, transpose(m)[j], 'other columns stay');
    }
    assert.deepEqual(rows(rndmEiNet(0, 1, { weightFct: () => [[-3]] })), [[-1]]);
  });

  itSeeded('wilsonCowanNet has rows of blocks with the sums of the model', (seed) => {
    const n = 30;
    const m = rows(wilsonCowanNet(n, { seed, selfExc: 0.7, selfInh: -0.4, excSigma: 2, inhSigma: 0.5 }));
    const peak = 1 / Math.sqrt(2 * Math.PI);
    for (const [i, row] of m.entries()) {
      const expected = i < n ? peak + 0.7 : -(peak + 0.4);
      for (const part of [row.slice(0, n), row.slice(n)]) {
        assert.ok(Math.abs(sum(part) - expected) < 1e-12);
        assert.ok(part.every((x) => x * expected >= 0));
      }
      assert.ok(row[i % n] !== 0 && row[n + (i % n)] !== 0, 'self coupling in every block');
    }
    assertBinomial(nonzero(m.flat()) - 4 * n, 4 * n * (n - 1), 0.5, 'elements of the right sign');
    const one = rows(wilsonCowanNet(1, { weightFct: () => [[1]] }));
    assert.ok(one.every((row, i) => row.every((x) => Math.abs(x - (i === 0 ? 1 : -1) * (peak + 1)) < 1e-15)));
    // A draw is [post, pre]: excitatory to excitatory, neuron 1 to 0.
    const shaped = rows(
      wilsonCowanNet(2, {
        selfExc: 0,
        selfInh: 0,
        weightFct: () => [
          [1, 3],
          [1, 1],
        ],
      }),
    );
    assert.ok(Math.abs(shaped[1][0] / shaped[1][1] - 3) < 1e-12);
  });

  itSeeded('initialisers have their bounds', (seed) => {
    const bound = (fan: number): number => Math.sqrt(6 / fan);
    const unit = uniformCdf(-1, 1);
    const check = (values: ArrayLike<number>, b: number, what: string): void =>
      assertDistribution(
        Array.from(values, (x) => x / b),
        unit,
        what,
      );
    check(kaiming([30, 70], { seed }).data, bound(30), 'kaiming');
    check(xavier([30, 70], { seed }).data, bound(100), 'xavier');
    check(kaimingTorch([30, 70], { seed }).data, bound(30), 'kaimingTorch');
    check(kaimingTorch([30, 70], { seed, fanDimension: 1 }).data, bound(70), 'kaimingTorch of [out, in]');
    check(linearBias(3000, { seed }).data, Math.sqrt(1 / 3000), 'linearBias');
    assertDistribution(
      Array.from(unitEigs([50, 60], { seed }).data, (x) => x * Math.sqrt(50)),
      normalCdf,
      'unitEigs',
    );
    assert.deepEqual(kaiming([2, 3, 4]).shape, [2, 3, 4]);
  });
});

describe('Weights: sparse random matrices', () => {
  itSeeded('rndmSparseEiNet sets exact numbers of elements, uniform, at uniform places', (seed) => {
    const n = 8;
    const places = new Array<number>(n * n).fill(0);
    const negative = new Array<number>(n * n).fill(0);
    const values: number[] = [];
    const draws = 600;
    for (let k = 0; k < draws; k++) {
      const { data } = rndmSparseEiNet(n, { seed: seed + k, connectivity: 0.3, ratioExc: 0.7, normalization: null });
      const set = Array.from(data);
      assert.deepEqual([nonzero(set), set.filter((x) => x < 0).length], [19, Math.floor(19 * (1 - 0.7))]);
      set.forEach((x, p) => {
        if (x !== 0) places[p]++;
        if (x < 0) negative[p]++;
      });
      values.push(...set.filter((x) => x !== 0).map(Math.abs));
    }
    // Draws without replacement vary less than independent ones.
    const spread = (k: number): number => Math.sqrt(1 - k / (n * n));
    for (const [counts, k] of [
      [places, 19],
      [negative, 5],
    ] as const) {
      const expected = (draws * k) / (n * n);
      const scaled = counts.map((c) => expected + (c - expected) / spread(k));
      assertChiSquared(scaled, new Array<number>(n * n).fill(expected), `${k} places`);
    }
    assertDistribution(values, uniformCdf(0, 1), 'magnitudes');
  });

  itSeeded('rndmSparseEiNet scales to the spectral radius and keeps partitions', (seed) => {
    const m = rows(
      rndmSparseEiNet(20, {
        seed,
        connectivity: 0.6,
        partitioned: true,
        ratioExc: 0.75,
        scaleInh: 3,
        normalization: 0.8,
      }),
    );
    assert.ok(m.every((row, i) => row.every((x) => (i < 15 ? x >= 0 : x <= 0))));
    assert.equal(nonzero(m.flat()), 240);
    assert.ok(Math.abs(radiusBySquaring(m) - 0.8) < 1e-5);
    const [exc, inh] = [m.slice(0, 15).flat(), m.slice(15).flat()].map((part) => part.filter((x) => x !== 0));
    const means = [exc, inh].map((part) => Math.abs(sum(part)) / part.length);
    const error = Math.sqrt(1 / 12 / exc.length + 1 / 12 / inh.length) * 2 * 3;
    assertNear(means[1] / means[0], 3, error, 'scale of inhibition');
  });

  it('rndmSparseEiNet: given weights go to random places; nothing to scale is told', () => {
    const given = [1, 2, 3, 4, 5];
    const { data } = rndmSparseEiNet(5, {
      connectivity: 0.2,
      ratioExc: 1,
      normalization: null,
      weightFct: (shape) => {
        assert.deepEqual(shape, [5]);
        return given;
      },
    });
    assert.deepEqual(
      Array.from(data)
        .filter((x) => x !== 0)
        .sort(),
      given,
    );
    assert.deepEqual(
      warningsOf(() => rndmSparseEiNet(4, { connectivity: 0 })),
      ['ZERO_SPECTRAL_RADIUS'],
    );
    assert.equal(nonzero(Array.from(rndmSparseEiNet(4, { connectivity: 7, normalization: null }).data)), 16, 'clipped');
  });

  itSeeded('iafSparseNet: each row has its number of normal weights at uniform places', (seed) => {
    const [n, density] = [60, 0.25];
    const m = rows(iafSparseNet(n, { seed, density }));
    assert.ok(m.every((row) => nonzero(row) === 15));
    const [mean, std] = [-0.0045 / (density * n), 0.0055 / Math.sqrt(density)];
    const set = m.flat().filter((x) => x !== 0);
    assertDistribution(
      set.map((x) => (x - mean) / std),
      normalCdf,
      'weights',
    );
    const inputs = transpose(m).map(nonzero);
    const expected = n * density;
    const scaled = inputs.map((c) => expected + (c - expected) / Math.sqrt(1 - density));
    assertChiSquared(scaled, new Array<number>(n).fill(expected), 'inputs');
    assert.deepEqual(rows(iafSparseNet(3, { density: 0 })).flat(), new Array<number>(9).fill(0));
    assert.deepEqual(iafSparseNet({ seed }).shape, [100, 100]);
  });

  itSeeded('genSparsePartitionedNetwork: distinct sources inside and between', (seed) => {
    const sizes = [3, 5, 4];
    const part = [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2];
    for (const allowSelf of [true, false]) {
      const hits = new Array<number>(144).fill(0);
      for (let k = 0; k < 400; k++) {
        const { weights, connections } = genSparsePartitionedNetwork(sizes, {
          seed: seed + k,
          numInternalInputs: 2,
          numBetweenInputs: 3,
          allowSelf,
        });
        const m = rows(weights);
        assert.equal(connections.length, 12);
        for (const [j, sources] of connections) {
          assert.deepEqual(
            [...sources].sort((a, b) => a - b),
            transpose(m)[j].flatMap((x, i) => (x === 1 ? [i] : [])),
          );
          assert.ok(
            sources.slice(0, 2).every((i) => part[i] === part[j]) && sources.slice(2).every((i) => part[i] !== part[j]),
          );
          if (!allowSelf) assert.ok(!sources.includes(j));
        }
        m.flat().forEach((x, p) => (hits[p] += x));
      }
      for (let p = 0; p < 144; p++) {
        const [i, j] = [Math.floor(p / 12), p % 12];
        const own = sizes[part[j]] - (allowSelf ? 0 : 1);
        const q = part[i] === part[j] ? (!allowSelf && i === j ? 0 : 2 / own) : 3 / (12 - sizes[part[j]]);
        if (q === 0 || q === 1) assert.equal(hits[p], 400 * q);
        else assertBinomial(hits[p], 400, q, `connection ${i} to ${j}`, ofThousand);
      }
    }
    const all = genSparsePartitionedNetwork([2, 2], { numInternalInputs: 9, numBetweenInputs: 9 });
    assert.deepEqual(rows(all.weights).flat(), new Array<number>(16).fill(1));
  });
});
