import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NdArray } from 'rockpool-node';
import {
  Adam,
  clipGradients,
  constantSchedule,
  cosineSchedule,
  exponentialSchedule,
  gradientNorm,
  type Optimiser,
  type ParameterTree,
  SGD,
  stepSchedule,
  warmUp,
} from 'rockpool-node/training';

type Nested = number[] | Nested[];
const folder = join(__dirname, '../../../test/fixtures/training');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;

interface TorchFile {
  optimisers: { class: 'Adam' | 'SGD'; options: object; start: Nested[]; after: Nested[][] }[];
  clipping: Record<'norm' | 'value', { gradients: Nested[]; clipped: Nested[] }>;
}

const leaves = (tree: unknown): number[] =>
  tree instanceof NdArray
    ? [...(tree as NdArray).data]
    : typeof tree === 'number'
      ? [tree]
      : Object.keys(tree as object)
          .sort()
          .flatMap((name) => leaves((tree as Record<string, unknown>)[name]));

function assertClose(got: unknown, expected: unknown, tolerance = 1e-12): void {
  const [a, b] = [leaves(got), leaves(expected)];
  assert.equal(a.length, b.length);
  b.forEach((x, i) =>
    assert.ok(Math.abs(a[i] - x) <= tolerance * Math.max(1, Math.abs(x)), `${i}: ${a[i]}, expected ${x}`),
  );
}

const map = (tree: unknown, fn: (x: number) => number): unknown =>
  Array.isArray(tree) || typeof tree === 'number' || tree instanceof NdArray
    ? new NdArray(Float64Array.from(NdArray.from(tree as number[]).data, fn), NdArray.from(tree as number[]).shape)
    : Object.fromEntries(Object.entries(tree as object).map(([k, v]) => [k, map(v, fn)]));

/** Of (p - 1)^2 / 2 + p^4 / 4. */
const slope = (tree: ParameterTree): ParameterTree => map(tree, (p) => p - 1 + p ** 3) as ParameterTree;

describe('optimisers', () => {
  const torch = read<TorchFile>('torch.json');
  const jax = read<{ adam: { options: object; start: ParameterTree; after: ParameterTree[] } }>('jax.json');

  it('Adam is that of the original', () => {
    const adam = new Adam(jax.adam.options);
    let tree = jax.adam.start;
    jax.adam.after.forEach((expected, k) => {
      assert.equal(adam.iteration, k);
      tree = adam.step(tree, slope(tree));
      assertClose(tree, expected);
    });
  });

  it('Adam, AdamW and SGD are those of PyTorch', () => {
    for (const { class: name, options, start, after } of torch.optimisers) {
      const optimiser: Optimiser = name === 'Adam' ? new Adam(options) : new SGD(options);
      let tree: ParameterTree = { a: start[0], b: start[1] };
      for (const expected of after) {
        tree = optimiser.step(tree, slope(tree));
        assertClose(tree, { a: expected[0], b: expected[1] });
      }
    }
  });

  it('leave what they are given, and what has no gradient', () => {
    const tree = { w: NdArray.from([1, 2]), tau: 0.5, inner: { b: NdArray.from([3]) } };
    const gradients = { w: NdArray.from([1, -1]), inner: { b: [2] } };
    const after = new SGD(0.5).step(tree, gradients) as { w: NdArray; tau: number; inner: { b: NdArray } };
    assert.deepEqual([...after.w.data], [0.5, 2.5]);
    assert.equal(after.tau, 0.5);
    assert.deepEqual([...after.inner.b.data], [2]);
    assert.deepEqual([...tree.w.data], [1, 2]);
    assert.equal((new Adam(0.1).step({ tau: 1 }, { tau: 3 })['tau'] as number).toFixed(6), '0.900000');
  });

  it('go on from a snapshot bit for bit', () => {
    for (const make of [() => new Adam(0.03), () => new SGD({ stepSize: 0.03, momentum: 0.9 }), () => new SGD(0.1)]) {
      let tree: ParameterTree = { a: [0.3, -2], b: { c: 0.7 } };
      const whole = make();
      for (let k = 0; k < 4; k++) tree = whole.step(tree, slope(tree));
      const snapshot = structuredClone(whole.snapshot());
      let other = tree;
      for (let k = 0; k < 3; k++) tree = whole.step(tree, slope(tree));
      const fresh = make().restore(snapshot);
      assert.equal(fresh.iteration, 4);
      for (let k = 0; k < 3; k++) other = fresh.step(other, slope(other));
      assert.deepEqual(other, tree);
      assert.deepEqual(whole.snapshot(), fresh.snapshot());
      whole.reset();
      assert.equal(whole.iteration, 0);
    }
    assert.throws(() => new Adam().restore(new SGD().snapshot()), { code: 'ERR_STATE' });
    assert.throws(() => new Adam().restore({}), TypeError);
    const broken = { optimiser: 'Adam', iteration: 1, slots: { a: [new Float64Array(1)] } };
    assert.throws(() => new Adam().restore(broken), TypeError);
  });

  it('refuse what does not fit', () => {
    const adam = new Adam();
    assert.throws(() => adam.step({ a: [1, 2] }, { a: [1] }), { code: 'ERR_SHAPE' });
    assert.throws(() => adam.step({ a: [1, 2] }, { b: [1] }), { code: 'ERR_KEY' });
    assert.equal(adam.iteration, 0);
    adam.step({ a: [1, 2] }, { a: [1, 2] });
    assert.throws(() => adam.step({ a: [1] }, { a: [1] }), { code: 'ERR_SHAPE' });
    assert.throws(() => new Adam({ b1: 1 }), { code: 'ERR_VALUE' });
    assert.throws(() => new Adam({ beta1: 0.9 } as never), TypeError);
    assert.throws(() => new Adam(-1), { code: 'ERR_VALUE' });
    assert.throws(() => new Adam('fast' as never), TypeError);
    assert.throws(() => new SGD({ nesterov: true }), { code: 'ERR_VALUE' });
    assert.throws(() => new Adam(() => NaN).step({ a: 1 }, { a: 1 }), { code: 'ERR_VALUE' });
  });

  it('follow schedules', () => {
    const of = (schedule: (k: number) => number, n: number): number[] =>
      Array.from({ length: n }, (_, k) => schedule(k));
    assertClose(of(constantSchedule(0.1), 3), [0.1, 0.1, 0.1]);
    assertClose(of(stepSchedule(1, { every: 2, factor: 0.5 }), 5), [1, 1, 0.5, 0.5, 0.25]);
    assertClose(of(exponentialSchedule(1, { factor: 0.25, every: 2 }), 4), [1, 0.5, 0.25, 0.125]);
    assertClose(of(cosineSchedule(1, { steps: 4, last: 0.2 }), 6), [
      1,
      0.6 + 0.4 * Math.SQRT1_2,
      0.6,
      0.6 - 0.4 * Math.SQRT1_2,
      0.2,
      0.2,
    ]);
    assertClose(of(warmUp(4, stepSchedule(1, { every: 1, factor: 0.5 })), 7), [0.25, 0.5, 0.75, 1, 1, 0.5, 0.25]);
    assertClose(of(warmUp(2, 3), 4), [1.5, 3, 3, 3]);
    assert.throws(() => stepSchedule(1, { every: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => cosineSchedule(1, {} as never), TypeError);
    const sgd = new SGD(stepSchedule(1, { every: 1, factor: 0.5 }));
    let tree: ParameterTree = { p: 0 };
    const seen: unknown[] = [];
    for (let k = 0; k < 3; k++) seen.push((tree = sgd.step(tree, { p: -1 }))['p']);
    assert.deepEqual(seen, [1, 1.5, 1.75]);
    assert.equal(sgd.stepSize, 0.125);
  });

  it('gradients are clipped as PyTorch does', () => {
    for (const [kind, options] of [
      ['norm', { norm: 1.5 }],
      ['value', { value: 0.7 }],
    ] as const) {
      const { gradients, clipped } = torch.clipping[kind];
      const got = clipGradients({ a: gradients[0], b: gradients[1] }, options);
      assertClose(got, { a: clipped[0], b: clipped[1] }, 1e-6); // PyTorch adds 1e-6 to the norm
    }
    assertClose([gradientNorm({ a: [3, 0], b: { c: 4 } })], [5]);
    assertClose([gradientNorm({ a: [3e200, 0], b: { c: 4e200 } }) / 1e200], [5]);
    assert.equal(gradientNorm({}), 0);
    assert.equal(gradientNorm({ a: [0, 0] }), 0);
    assert.ok(Number.isNaN(gradientNorm({ a: [1, NaN] })));
    assert.equal(gradientNorm({ a: [1, -Infinity] }), Infinity);
    const small = { a: NdArray.from([0.1, 0.2]) };
    assert.deepEqual([...clipGradients(small, { norm: 1, value: 1 }).a.data], [0.1, 0.2]);
    assert.throws(() => clipGradients(small, { norm: 0 }), { code: 'ERR_VALUE' });
  });
});
