import assert from 'node:assert/strict';
import { NdArray } from 'rockpool-node';
import {
  addRandomLongRange,
  inpToRec,
  oneDimExcRes,
  partitioned2dReservoir,
  ringReservoir,
  SparseMatrix,
  twoDimExcRes,
  type TwoDimExcResOptions,
} from 'rockpool-node/weights';
import { codeOf } from '../layers/helpers.js';
import {
  assertBinomial,
  assertChiSquared,
  itSeeded,
  nonzero,
  ofThousand,
  rows,
  type Rows,
  sum,
  transpose,
} from './helpers.js';

/** Probability of each neuron to be a partner of j. */
function probabilities(size: number, [gx, gy]: number[], [wx, wy]: number[], torus: boolean, j: number): number[] {
  const place = (k: number): [number, number] => [Math.floor(k / gy), k % gy];
  const distance = (a: number, b: number, n: number): number => {
    const d = Math.abs(a - b);
    return torus ? Math.min(d, n - d) : d;
  };
  const [x, y] = place(j);
  const weights = Array.from({ length: size }, (_, k) => {
    if (k === j) return 0;
    const [u, v] = place(k);
    return Math.exp(-((distance(u, x, gx) / wx) ** 2 + (distance(v, y, gy) / wy) ** 2));
  });
  return weights.map((w) => w / sum(weights));
}

function columnsOver(draws: number, make: (k: number) => Rows, j: number): number[] {
  let total: number[] = [];
  for (let k = 0; k < draws; k++) {
    const column = make(k).map((row) => row[j]);
    total = total.length === 0 ? column : total.map((x, i) => x + column[i]);
  }
  return total;
}

describe('Weights: neighbours', () => {
  it('oneDimExcRes connects neighbours on a line', () => {
    assert.deepEqual(rows(oneDimExcRes(4, 3)), [
      [0, 1, 0, 0],
      [1, 0, 1, 0],
      [0, 1, 0, 1],
      [0, 0, 1, 0],
    ]);
    assert.deepEqual(rows(oneDimExcRes(3, 4, { zeroDiagnoal: false })), [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1],
    ]);
    assert.equal(nonzero(oneDimExcRes(5, 99).data as never as number[]), 20);
    assert.equal(nonzero(rows(oneDimExcRes(5, 1)).flat()), 0);
  });

  const sheets: [number, number, number[], TwoDimExcResOptions][] = [
    [49, 6, [2, 2], {}],
    [60, 5, [1.5, 4], { gridDim: [10, 6] }],
    [23, 4, [1, 2.5], { gridDim: [4, 6] }], // the last row is not full
    [20, 4, [2, 3], { gridDim: [9, 7] }], // rows stay empty
    [30, 5, [1.2, 1.7], { gridDim: [5, 6], torus: true }],
    [17, 3, [1, 5], { gridDim: [1, 17] }],
  ];
  for (const [size, number, width, options] of sheets) {
    itSeeded(`twoDimExcRes draws by distance: ${size} neurons, ${JSON.stringify(options)}`, (seed) => {
      const grid = options.gridDim ?? [7, 7];
      const draws = 400;
      for (const j of [0, Math.floor(size / 2), size - 1]) {
        const counts = columnsOver(
          draws,
          (k) => rows(twoDimExcRes(size, number, width, { ...options, seed: seed + k })),
          j,
        );
        const p = probabilities(size, [...grid], width, options.torus ?? false, j);
        // Rare partners together.
        const [rare, often] = [[] as number[], [] as number[]];
        p.forEach((q, i) => (q * draws * number < 5 ? rare : often).push(i));
        const expected = often.map((i) => p[i] * draws * number);
        const observed = often.map((i) => counts[i]);
        const rest = sum(rare.map((i) => p[i])) * draws * number;
        assert.equal(counts[j], 0);
        assert.equal(sum(counts), draws * number);
        if (rest >= 5) {
          expected.push(rest);
          observed.push(sum(rare.map((i) => counts[i])));
        }
        assertChiSquared(observed, expected, `partners of ${j}`);
      }
      const m = rows(twoDimExcRes(size, number, width, { ...options, seed }));
      assert.ok(transpose(m).every((column, j) => sum(column) === number && column[j] === 0));
    });
  }

  itSeeded('twoDimExcRes without repetition draws as one after the other, without those taken', (seed) => {
    const [size, draws] = [6, 3000];
    const p = probabilities(size, [2, 3], [0.9, 0.9], false, 1);
    // Probability to be among two, by the order in which they come.
    const both = p.map((q, i) => q + sum(p.map((r, k) => (k === i || r === 0 ? 0 : (r * q) / (1 - r)))));
    const make = (k: number): Rows =>
      rows(twoDimExcRes(size, 2, 0.9, { gridDim: [2, 3], multipleConn: false, seed: seed + k }));
    const counts = columnsOver(draws, make, 1);
    assert.equal(sum(counts), 2 * draws);
    both.forEach((q, i) => {
      if (q > 0) assertBinomial(counts[i], draws, q, `partner ${i}`, ofThousand);
    });
    // A Gaussian so narrow that the nearest always win, and that probabilities vanish altogether.
    for (const width of [0.2, 0.02]) {
      const near = rows(twoDimExcRes(9, 2, width, { multipleConn: false, seed }));
      assert.deepEqual([near[1][0], near[3][0], sum(near.map((row) => row[0]))], [1, 1, 2]);
    }
    const all = rows(twoDimExcRes(9, 8, 0.3, { multipleConn: false, seed }));
    assert.ok(all.every((row, i) => row.every((x, j) => x === Number(i !== j))));
    const wide = rows(twoDimExcRes(16, 7, [2, 1], { multipleConn: false, seed }));
    assert.ok(transpose(wide).every((column) => nonzero(column) === 7 && sum(column) === 7));
  });

  itSeeded('addRandomLongRange adds partners, new ones if asked', (seed) => {
    const base = rows(oneDimExcRes(12, 4));
    const before = JSON.stringify(base);
    const draws = 500;
    const hits = new Array<number>(12).fill(0);
    for (let k = 0; k < draws; k++) {
      const m = rows(addRandomLongRange(base, 3, { seed: seed + k, avoidExisting: true, multipleConn: false }));
      m.forEach((row, i) =>
        row.forEach((x, j) => assert.ok(x === base[i][j] || (x === 1 && i !== j && base[i][j] === 0))),
      );
      transpose(m).forEach((column, j) => assert.equal(sum(column), sum(base.map((row) => row[j])) + 3));
      m.forEach((row, i) => (hits[i] += row[0] - base[i][0]));
    }
    const free = base.map((row, i) => i !== 0 && row[0] === 0);
    const candidates = free.filter(Boolean).length;
    hits.forEach((h, i) =>
      free[i] ? assertBinomial(h, draws, 3 / candidates, `partner ${i}`, ofThousand) : assert.equal(h, 0),
    );
    assert.equal(JSON.stringify(base), before);
    const any = rows(addRandomLongRange(base, 400, { seed }));
    for (const [j, column] of transpose(any).entries()) {
      const added = column.map((x, i) => x - base[i][j]);
      assertChiSquared(
        added,
        added.map((_, i) => (i === j ? 0 : 400 / 11)),
        `added to ${j}`,
      );
    }
  });

  it('addRandomLongRange: in place, of a sparse matrix, with too few partners', () => {
    const base = oneDimExcRes(20, 4);
    const sparse = SparseMatrix.fromDense(base);
    for (const options of [{ seed: 1 }, { seed: 2, avoidExisting: true, multipleConn: false }]) {
      const copy = addRandomLongRange(base, 5, options);
      assert.deepEqual(rows(addRandomLongRange(sparse, 5, options)), rows(copy));
      const own = new NdArray(Float64Array.from(base.data), base.shape);
      assert.equal(addRandomLongRange(own, 5, { ...options, inPlace: true }), own);
      assert.deepEqual(own, copy);
    }
    const full = new NdArray(new Float64Array(9).fill(1), [3, 3]);
    for (const options of [{ avoidExisting: true }, { avoidExisting: true, multipleConn: false, inPlace: true }])
      assert.equal(
        codeOf(() => addRandomLongRange(full, 1, options)),
        'ERR_VALUE',
      );
    assert.deepEqual(new Set(full.data), new Set([1]), 'left as it was');
    assert.equal(
      codeOf(() => addRandomLongRange([[0]], 1)),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() =>
        addRandomLongRange(
          [
            [0, 0],
            [0, 0],
          ],
          2,
          { multipleConn: false },
        ),
      ),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => addRandomLongRange([[0]], 0, { inPlace: true })),
      'ERR_TYPE',
    );
    assert.deepEqual(rows(addRandomLongRange([[0]], 0)), [[0]]);
  });
});

describe('Weights: reservoirs with inputs', () => {
  itSeeded('inpToRec gives each receiver its channels', (seed) => {
    const m = rows(inpToRec(16, 400, { numInpToRec: 6, seed }));
    assert.ok(transpose(m).every((column) => sum(column) === 6));
    assertChiSquared(m.map(sum), new Array<number>(16).fill(150), 'channels');
    const distinct = rows(inpToRec(8, 300, { numInpToRec: 3, seed, allowMultiples: false }));
    assert.ok(transpose(distinct).every((column) => nonzero(column) === 3 && sum(column) === 3));
    const first = rows(inpToRec(4, 9, { numInpToRec: 2, seed, inputSparsity: 0.5, inputSparsityType: 'first' }));
    assert.deepEqual(transpose(first).map(sum), [2, 2, 2, 2, 0, 0, 0, 0, 0], 'round half to even');
    const ignored = rows(inpToRec({ sizeIn: 4, sizeRec: 9, numInpToRec: 2, seed, inputSparsity: 0.5 }));
    assert.deepEqual(transpose(ignored).map(sum), new Array<number>(9).fill(2));
    const hits = new Array<number>(10).fill(0);
    for (let k = 0; k < 300; k++) {
      const some = inpToRec(3, 10, { numInpToRec: 1, seed: seed + k, inputSparsity: 0.3, inputSparsityType: 'random' });
      const received = transpose(rows(some)).map(sum);
      assert.equal(sum(received), 3);
      received.forEach((x, j) => (hits[j] += x));
    }
    hits.forEach((h, j) => assertBinomial(h, 300, 0.3, `receiver ${j}`, ofThousand));
    assert.deepEqual(inpToRec().shape, [64, 256]);
    assert.equal(nonzero(rows(inpToRec(3, 4, { numInpToRec: 0 })).flat()), 0);
  });

  itSeeded('ringReservoir: a ring, and inputs of both signs', (seed) => {
    const [sizeIn, n, number] = [12, 300, 4];
    const m = rows(ringReservoir(sizeIn, n, { numInpToRec: number, seed }));
    assert.ok(m.every((row) => row.slice(0, sizeIn).every((x) => x === 0)));
    m.slice(sizeIn).forEach((row, k) =>
      row.slice(sizeIn).forEach((x, j) => assert.equal(x, Number(k === (j + 1) % n))),
    );
    const sums = transpose(m.slice(0, sizeIn)).slice(sizeIn).map(sum);
    assert.ok(sums.every((s) => Math.abs(s) <= number && s % 2 === 0));
    const expected = [1, 4, 6, 4, 1].map((c) => (c / 16) * n);
    assertChiSquared(
      [-4, -2, 0, 2, 4].map((s) => sums.filter((x) => x === s).length),
      expected,
      'sums of signs',
    );
    assert.deepEqual(rows(ringReservoir(0, 3, { numInpToRec: 0 })), [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const sparse = ringReservoir(2, 20, { numInpToRec: 2, seed, sparse: true });
    assert.ok(
      sparse.data.every((x) => x !== 0),
      'what cancels is not stored',
    );
  });

  itSeeded('partitioned2dReservoir: the sums of every block', (seed) => {
    const options = {
      maxFanin: 32,
      numInpToRec: 4,
      numRecToInhib: 12,
      numInhibToRec: 6,
      numRecShort: 10,
      numRecLong: 4,
    };
    const check = (sizeInhib: number, sizeIn: number): void => {
      const m = rows(partitioned2dReservoir(sizeIn, 60, sizeInhib, { ...options, widthNeighbour: [3, 2.5], seed }));
      const [rec, inh] = [sizeIn, sizeIn + 60];
      assert.equal(m.length, inh + sizeInhib);
      for (const [j, column] of transpose(m).entries()) {
        const parts = [column.slice(0, rec), column.slice(rec, inh), column.slice(inh)].map(sum);
        const fromPool = sizeInhib > 0 ? -6 : 0;
        const expected = j < rec ? [0, 0, 0] : j < inh ? [sizeIn > 0 ? 4 : 0, 14, fromPool] : [0, 12, 0];
        assert.deepEqual(
          parts.map((x) => x + 0),
          expected,
          `column ${j}`,
        );
        assert.equal(column[j], 0);
      }
    };
    check(16, 16);
    check(0, 16);
    check(5, 0);
    const first = partitioned2dReservoir({
      sizeIn: 4,
      sizeRec: 16,
      sizeInhib: 0,
      seed,
      inputSparsity: 0.25,
      inputSparsityType: 'first',
    });
    assert.deepEqual(
      transpose(rows(first).slice(0, 4)).map(sum),
      Array.from({ length: 20 }, (_, j) => (j >= 4 && j < 8 ? 16 : 0)),
    );
    assert.deepEqual(partitioned2dReservoir().shape, [384, 384]);
    assert.equal(
      codeOf(() => partitioned2dReservoir({ maxFanin: 63 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => partitioned2dReservoir({ maxFanin: 64, numRecToInhib: 65 })),
      'ERR_VALUE',
    );
    assert.deepEqual(partitioned2dReservoir({ maxFanin: null, numRecToInhib: 65 }).shape, [384, 384]);
  });
});
