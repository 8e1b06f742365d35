import assert from 'node:assert/strict';
import { SparseMatrix } from 'rockpool-node/layers';

const parts = { shape: [2, 3], indptr: [0, 2, 3], indices: [0, 2, 1], data: [1, 2, 3] } as const;
const dense = [
  [1, 0, 2],
  [0, 3, 0],
];

describe('SparseMatrix', () => {
  it('comes from rows, from a dense matrix and from its own JSON form', () => {
    const matrix = new SparseMatrix(parts);
    assert.equal(matrix.nnz, 3);
    assert.deepEqual(matrix.shape, [2, 3]);
    assert.deepEqual(matrix.toDense().toArray(), dense);
    assert.deepEqual(SparseMatrix.fromDense(dense), matrix);
    assert.deepEqual(new SparseMatrix(JSON.parse(JSON.stringify(matrix)) as never), matrix);
    assert.equal(String(matrix), 'SparseMatrix 2 x 3 with 3 entries');
  });

  it('keeps typed arrays as they are', () => {
    const init = {
      shape: [2, 3],
      indptr: Float64Array.of(0, 2, 3),
      indices: Int32Array.of(0, 2, 1),
      data: Float64Array.of(1, 2, 3),
    };
    const matrix = new SparseMatrix(init);
    assert.equal(matrix.indptr, init.indptr);
    assert.equal(matrix.indices, init.indices);
    assert.equal(matrix.data, init.data);
    assert.throws(() => ((matrix as { data: unknown }).data = []), TypeError);
  });

  it('may have one value for all entries, or no entries', () => {
    const uniform = new SparseMatrix({ ...parts, data: 0.5 });
    assert.deepEqual(uniform.toDense().toArray(), [
      [0.5, 0, 0.5],
      [0, 0.5, 0],
    ]);
    assert.deepEqual(uniform.toJSON().data, [0.5]);
    const empty = new SparseMatrix({ shape: [1, 2], indptr: [0, 0], indices: [], data: [] });
    assert.deepEqual([empty.nnz, empty.toDense().toArray()], [0, [[0, 0]]]);
    assert.deepEqual(SparseMatrix.fromDense([[0, 0]]), empty);
  });

  it('refuses parts that do not belong together', () => {
    const wrong: [object | null, string][] = [
      [{ indptr: [0, 2] }, 'ERR_SHAPE'],
      [{ indptr: [0, 3, 2] }, 'ERR_VALUE'],
      [{ indptr: [1, 2, 3] }, 'ERR_VALUE'],
      [{ indptr: [0, 1.5, 3] }, 'ERR_VALUE'],
      [{ indptr: [0, 2, 4] }, 'ERR_VALUE'],
      [{ indptr: [0, 1, 2] }, 'ERR_VALUE'],
      [{ indptr: [0, NaN, 3] }, 'ERR_VALUE'],
      [{ indices: [0, 3, 1] }, 'ERR_VALUE'],
      [{ indices: [0, -1, 1] }, 'ERR_VALUE'],
      [{ indices: Int32Array.of(0, -1, 1) }, 'ERR_VALUE'],
      [{ indices: [0, 0.5, 1] }, 'ERR_VALUE'],
      [{ indices: [2, 0, 1] }, 'ERR_VALUE'],
      [{ indices: [0, 0, 1] }, 'ERR_VALUE'],
      [{ indices: [0, 2] }, 'ERR_SHAPE'],
      [{ data: [1, 2] }, 'ERR_SHAPE'],
      [{ data: [1, NaN, 2] }, 'ERR_VALUE'],
      [{ data: Infinity }, 'ERR_VALUE'],
      [{ data: 'x' }, 'ERR_TYPE'],
      [{ shape: [2] }, 'ERR_TYPE'],
      [{ shape: [2, 0] }, 'ERR_VALUE'],
      [{ shape: [2.5, 3] }, 'ERR_VALUE'],
      [{ rows: 2 }, 'ERR_TYPE'],
      [{ indices: undefined }, 'ERR_TYPE'],
    ];
    for (const [change, code] of wrong) {
      const init = { ...parts, ...change } as never;
      assert.throws(() => new SparseMatrix(init), { code }, JSON.stringify(change));
    }
    assert.throws(() => new SparseMatrix(null as never), { code: 'ERR_TYPE' });
    assert.throws(() => SparseMatrix.fromDense([1, 2]), { code: 'ERR_SHAPE' });
    assert.throws(() => SparseMatrix.fromDense([[1, NaN]]), { code: 'ERR_VALUE' });
  });

  it('tells that a dense form would not fit in memory', () => {
    const n = 2 ** 24;
    const huge = new SparseMatrix({ shape: [n, n], indptr: new Float64Array(n + 1), indices: [], data: [] });
    assert.throws(() => huge.toDense(), { code: 'ERR_NOMEM' });
  });
});
