import assert from 'node:assert/strict';
import {
  iafSparseNet,
  rndmSparseEiNet,
  SparseMatrix,
  spectralRadius,
  unitLambdaNet,
  wipeNonSwitchingEigs,
  wipeNonSwitichingEigs,
} from 'rockpool-node/weights';
import { codeOf } from '../layers/helpers.js';
import { itSeeded, radiusBySquaring, rows, type Rows, sum, transpose } from './helpers.js';

const near = (a: number, b: number, tolerance: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what} expected ${b}, received ${a}`);

/** Eigenvalues r exp(+-i phi) in blocks on the diagonal, everything turned by a random similarity. */
function turned(blocks: [number, number][], n: number, seed: number): Rows {
  const s = rows(unitLambdaNet(n, { seed })).map((row, i) => row.map((x, j) => x + (i === j ? 2 : 0)));
  const d: Rows = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  blocks.forEach(([r, phi], k) => {
    const [c, t] = [r * Math.cos(phi), r * Math.sin(phi)];
    [d[2 * k][2 * k], d[2 * k][2 * k + 1], d[2 * k + 1][2 * k], d[2 * k + 1][2 * k + 1]] = [c, -t, t, c];
  });
  // D S^-1 by elimination of S^T X = D^T
  const a = transpose(s).map((row, i) => [...row, ...transpose(d)[i]]);
  for (let i = 0; i < n; i++) {
    let p = i;
    for (let k = i; k < n; k++) if (Math.abs(a[k][i]) > Math.abs(a[p][i])) p = k;
    [a[i], a[p]] = [a[p], a[i]];
    for (let k = 0; k < n; k++) {
      if (k === i) continue;
      const f = a[k][i] / a[i][i];
      for (let j = i; j < 2 * n; j++) a[k][j] -= f * a[i][j];
    }
  }
  const x = transpose(a.map((row, i) => row.slice(n).map((v) => v / a[i][i])));
  return s.map((row) => transpose(x).map((column) => sum(row.map((v, k) => v * column[k]))));
}

describe('Weights: spectral radius', () => {
  it('finds single eigenvalues and complex pairs', () => {
    for (const method of ['dense', 'krylov'] as const) {
      const of = (m: number[][]): number => spectralRadius(m, { method }).radius;
      near(of([[-3]]), 3, 1e-12);
      near(of([[0, -2], [2, 0]]), 2, 1e-12); // prettier-ignore
      near(of([[1, 5], [0, -4]]), 4, 1e-12); // prettier-ignore
      near(of([[0, 0], [0, 0]]), 0, 0); // prettier-ignore
      // Companion matrix of x^3 - 6x^2 + 11x - 6 = (x - 1)(x - 2)(x - 3)
      near(of([[6, -11, 6], [1, 0, 0], [0, 1, 0]]), 3, 1e-10); // prettier-ignore
      const sparse = new SparseMatrix({ shape: [3, 3], indptr: [0, 1, 2, 3], indices: [1, 2, 0], data: 5 });
      near(spectralRadius(sparse, { method }).radius, 5, 1e-12);
    }
  });

  itSeeded('Arnoldi agrees with all eigenvalues, whether a pair or a single one leads', (seed) => {
    const n = 100;
    for (const lead of [0.9, 0]) {
      const blocks = Array.from({ length: n / 2 }, (_, k): [number, number] => [1 / (1 + k / 40), k === 0 ? lead : k]);
      const m = turned(blocks, n, seed);
      const krylov = spectralRadius(m, { method: 'krylov' });
      assert.ok(krylov.converged && krylov.residual <= 1e-9, `residual ${krylov.residual}`);
      near(krylov.radius, 1, 1e-7);
      near(spectralRadius(m, { method: 'dense' }).radius, 1, 1e-7);
    }
    const random = unitLambdaNet(300, { seed });
    const [a, b] = (['dense', 'krylov'] as const).map((method) => spectralRadius(random, { method }));
    near(a.radius, b.radius, 1e-8);
    assert.equal(b.method, 'krylov');
    near(spectralRadius(unitLambdaNet(14, { seed })).radius, radiusBySquaring(rows(unitLambdaNet(14, { seed }))), 1e-5);
  });

  it('reports what it did not reach', () => {
    const { converged, residual } = spectralRadius(unitLambdaNet(500, { seed: 1 }), {
      method: 'krylov',
      maxProducts: 1,
    });
    assert.ok(!converged && residual > 1e-10);
  });

  it('large sparse matrices: the radius of the scaled one is what was asked for', () => {
    const n = 20000;
    // More excitation than inhibition: one eigenvalue stands out.
    const w = rndmSparseEiNet(n, { seed: 2, sparse: true, connectivity: 10 / n, ratioExc: 0.9, normalization: 0.7 });
    const found = spectralRadius(w);
    assert.equal(found.method, 'krylov');
    assert.ok(found.converged && found.residual < 1e-9);
    near(found.radius, 0.7, 1e-8);
  });

  it('refuses what has none', () => {
    assert.equal(
      codeOf(() => spectralRadius([[1, 2]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => spectralRadius(iafSparseNet(4, { sparse: true }), { method: 'fast' as never })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => spectralRadius([[Infinity]])),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => spectralRadius([[1]], { tolerance: 0 })),
      'ERR_VALUE',
    );
    const wide = new SparseMatrix({ shape: [1, 2], indptr: [0, 1], indices: [0], data: 1 });
    assert.equal(
      codeOf(() => spectralRadius(wide)),
      'ERR_SHAPE',
    );
  });
});

describe('Weights: wipeNonSwitchingEigs', () => {
  it('only scales where every mode switches', () => {
    const w = [[0.5, 0.2, -0.6], [0.1, 0.4, -0.5], [0.3, 0.2, -0.7]]; // prettier-ignore
    const { weights, jacobian, numWiped } = wipeNonSwitchingEigs(w);
    const expected = [15, 6, -18, 3, 12, -15, 9, 6, -21];
    weights.data.forEach((x, k) => near(x, expected[k], 1e-12));
    rows(jacobian).forEach((row, i) => row.forEach((x, j) => near(x, w[i][j] - Number(i === j), 1e-15)));
    assert.equal(numWiped, 0);
    assert.equal(wipeNonSwitichingEigs, wipeNonSwitchingEigs);
    rows(wipeNonSwitchingEigs(w, { scale: 1 }).weights).forEach((row, i) =>
      row.forEach((x, j) => near(x, w[i][j], 1e-15)),
    );
  });

  it('removes the mode in which all units move together, and nothing else', () => {
    // Symmetric: J has -1.3 (all the same way), 0.1 and 0.2 on orthogonal vectors.
    const basis = [[1, 1, 1], [1, -1, 0], [1, 1, -2]]; // prettier-ignore
    const build = (values: number[]): Rows =>
      basis[0].map((_, i) =>
        basis[0].map(
          (_, j) => sum(basis.map((v, k) => (values[k] * v[i] * v[j]) / sum(v.map((x) => x * x)))) + Number(i === j),
        ),
      );
    const { weights, jacobian, numWiped } = wipeNonSwitchingEigs(build([-1.3, 0.1, 0.2]), { scale: 1 });
    assert.equal(numWiped, 1);
    const expected = build([0, 0.1, 0.2]);
    rows(weights).forEach((row, i) => row.forEach((x, j) => near(x, expected[i][j], 1e-12)));
    rows(jacobian).forEach((row, i) => row.forEach((x, j) => near(x, expected[i][j] - Number(i === j), 1e-12)));
    // The eigenvalue with the largest real part stays, even so.
    assert.equal(wipeNonSwitchingEigs(build([0.5, 0.1, 0.2])).numWiped, 0);
  });

  it('removes complex pairs together', () => {
    // On (1, 1, 1, 1) plus a small turning part: v = ones + 0.1 i (1, -1, 1, -1) with a + ib, the rest leads.
    const [u, v] = [[1, 1, 1, 1], [1, -1, 1, -1]]; // prettier-ignore
    const others = [[1, 1, -1, -1], [1, -1, -1, 1]]; // prettier-ignore
    const [re, im] = [-0.5, 0.3];
    const w = u.map((_, i) =>
      u.map((_, j) => {
        // Real form of the pair on the plane of u and v / 10.
        const plane = re * (u[i] * u[j] + v[i] * v[j]) + im * (-u[i] * v[j] * 10 + (v[i] * u[j]) / 10);
        return (plane + sum(others.map((o, k) => (0.2 + 0.1 * k) * o[i] * o[j]))) / 4 + Number(i === j);
      }),
    );
    const { jacobian, numWiped } = wipeNonSwitchingEigs(w, { scale: 1 });
    assert.equal(numWiped, 2);
    rows(jacobian).forEach((row, i) =>
      row.forEach((x, j) => near(x, sum(others.map((o, k) => (0.2 + 0.1 * k) * o[i] * o[j])) / 4, 1e-12)),
    );
  });

  it('takes inhibitory rows with their own time constant', () => {
    const w = [[0.5, -0.6], [0.4, -0.7]]; // prettier-ignore
    const { weights, jacobian } = wipeNonSwitchingEigs(w, { idcsInh: [1], inhTauFactor: 2 });
    const expected = [30, -36, 24, -42];
    weights.data.forEach((x, k) => near(x, expected[k], 1e-12));
    [-0.5, -0.6, 0.2, -0.85].forEach((x, k) => near(jacobian.data[k], x, 1e-15));
    for (const idcsInh of [[2], [-1], [0.5], [1, 1]])
      assert.equal(
        codeOf(() => wipeNonSwitchingEigs(w, { idcsInh })),
        'ERR_VALUE',
      );
    assert.equal(
      codeOf(() => wipeNonSwitchingEigs(w, { inhTauFactor: 0 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => wipeNonSwitchingEigs([[1, 2]])),
      'ERR_SHAPE',
    );
  });
});
