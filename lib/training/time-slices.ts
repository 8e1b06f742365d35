/** Pieces of signals along time. */
import { allocate, NdArray } from '../array.js';
import type { Real } from '../modules/kernels/native.js';
import type { Signal } from '../modules/pass.js';
import type { RecordTree } from '../modules/types.js';

const like = (data: Real, shape: readonly number[]): Real =>
  allocate(shape, 'a piece of a signal', data instanceof Float32Array ? 'float32' : 'float64') as Real;

/** Steps `from` to before `to` of `[batch, steps, …]`. */
export function sliceTime({ data, shape }: Signal, from: number, to: number): Signal {
  const [batch, steps, ...rest] = shape;
  if (from === 0 && to === steps) return new NdArray(data, shape);
  const width = rest.reduce((n, m) => n * m, 1);
  const dims = [batch, to - from, ...rest];
  const out = like(data, dims);
  for (let b = 0; b < batch; b++)
    out.set(data.subarray((b * steps + from) * width, (b * steps + to) * width), b * (to - from) * width);
  return new NdArray(out, dims);
}

/** Pieces one after the other. */
export function joinTime(pieces: readonly Signal[]): Signal {
  if (pieces.length === 1) return pieces[0];
  const [batch, , ...rest] = pieces[0].shape;
  const width = rest.reduce((n, m) => n * m, 1);
  const steps = pieces.reduce((n, { shape }) => n + shape[1], 0);
  const dims = [batch, steps, ...rest];
  const out = like(pieces[0].data, dims);
  let at = 0;
  for (const { data, shape } of pieces) {
    const n = shape[1] * width;
    for (let b = 0; b < batch; b++) out.set(data.subarray(b * n, (b + 1) * n), (b * steps + at) * width);
    at += shape[1];
  }
  return new NdArray(out, dims);
}

/** The same of all arrays of a tree. */
export function sliceRecords(tree: RecordTree, from: number, to: number): RecordTree {
  return mapTree([tree], ([array]) => sliceTime(array, from, to));
}

/** The same of all arrays of trees that are alike. */
export function joinRecords(trees: readonly RecordTree[]): RecordTree {
  return mapTree(trees, joinTime);
}

function mapTree(trees: readonly RecordTree[], fn: (arrays: Signal[]) => Signal): RecordTree {
  return Object.fromEntries(
    Object.entries(trees[0] ?? {}).map(([name, first]) => {
      const all = trees.map((tree) => tree[name]);
      if (first instanceof NdArray) return [name, fn(all as Signal[])];
      const isTree = typeof first === 'object' && first !== null;
      return [name, isTree ? mapTree(all as RecordTree[], fn) : first];
    }),
  );
}
