import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, NdArray } from 'rockpool-node';
import {
  activityBounds,
  activityL2,
  activityMean,
  binaryPeakLoss,
  BinaryPeakLoss,
  boundsClip,
  boundsCost,
  boundsLoss,
  crossEntropy,
  type CrossEntropyOptions,
  ctcLoss,
  type CtcOptions,
  l0Loss,
  l0NormApprox,
  l2Loss,
  l2sqrNorm,
  logsoftmax,
  logsoftmaxGradient,
  type Loss,
  type LossContext,
  makeBounds,
  mse,
  MSELoss,
  type OutputLoss,
  parameterBoundary,
  type ParameterTree,
  peakLoss,
  PeakLoss,
  scaled,
  softmax,
  softmaxGradient,
  sse,
  summedExpBoundaryLoss,
  sumLosses,
  targetActivity,
} from 'rockpool-node/training';
import { Sequential } from 'rockpool-node/nn/combinators';
import { Linear } from 'rockpool-node/nn/modules';
import { randomArray } from './check-gradients.js';
import { uniform } from './random.js';

type Nested = number[] | Nested[];
const folder = join(__dirname, '../../../test/fixtures/training');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T;

interface Graded {
  loss: number;
  gradient: Nested;
}
interface JaxFile {
  squared: { output: Nested; target: Nested; mse: Graded; sse: Graded };
  softmax: { x: Nested; temperature: number; softmax: Nested; logsoftmax: Nested }[];
  parameters: {
    params: ParameterTree;
    bounds: [ParameterTree, ParameterTree];
    boundsCost: { loss: number; gradient: ParameterTree };
    boundsClip: ParameterTree;
    l2sqrNorm: { loss: number; gradient: ParameterTree };
    l0NormApprox: { sigma: number; loss: number; gradient: ParameterTree }[];
  };
  ctc: { label: number[]; logProb: number[][]; loss: number }[];
}
interface TorchFile {
  peak: (Graded & {
    options: [number, number, number];
    pred: Nested;
    labels: number[];
    target: number;
    nontarget: number;
  })[];
  binaryPeak: (Graded & { options: [number, number, number]; pred: Nested; labels: number[] })[];
  mse: Graded & { pred: Nested; target: Nested };
  crossEntropy: (Graded & { time: NonNullable<CrossEntropyOptions['time']>; pred: Nested; target: Nested })[];
  ctc: (Graded & {
    reduction: NonNullable<CtcOptions['reduction']>;
    logits: Nested;
    labels: number[][];
    lengths: number[];
  })[];
}

/** Relative to the largest number. */
function assertClose(got: unknown, expected: unknown, tolerance = 1e-12, name = 'value'): void {
  const [a, b] = [NdArray.from(got as number[]), NdArray.from(expected as number[])];
  assert.equal(a.size, b.size, name);
  const scale = Math.max(1e-30, ...Array.from(b.data, Math.abs));
  b.data.forEach((x, i) =>
    assert.ok(Math.abs(a.data[i] - x) <= tolerance * scale, `${name}[${i}]: ${a.data[i]}, expected ${x}`),
  );
}

/** The derivative by the output against central differences in random directions. */
function checkOutput<T>(loss: OutputLoss<T>, output: Matrix, target: T, tolerance = 1e-6): void {
  const { gradient } = loss.valueAndGradient(output, target);
  const next = uniform(11);
  const h = 1e-6;
  for (let k = 0; k < 5; k++) {
    const d = Float64Array.from(output.data, () => next() * 2 - 1);
    const at = (s: number): number =>
      loss.value(
        new NdArray(
          Float64Array.from(output.data, (x, i) => x + s * d[i]),
          output.shape,
        ),
        target,
      );
    const difference = (at(h) - at(-h)) / (2 * h);
    const g = Float64Array.from(gradient.data);
    const got = g.reduce((sum, x, i) => sum + x * d[i], 0);
    const size = g.reduce((sum, x) => sum + Math.abs(x), 0);
    const error = Math.abs(got - difference) / Math.max(Math.abs(difference), 1e-3 * size);
    assert.ok(error <= tolerance, `${loss.name}: ${got}, by differences ${difference}`);
  }
  const floats = new NdArray(Float32Array.from(output.data), output.shape);
  const single = loss.valueAndGradient(floats, target);
  assert.ok(single.gradient.data instanceof Float32Array);
  assertClose([single.loss], [loss.value(output, target)], 1e-5);
  assertClose(single.gradient, gradient, 1e-4);
}

const context = (module: LossContext['module'], rest: Partial<LossContext> = {}): LossContext => ({
  output: NdArray.zeros([1, 1, 1]),
  target: null,
  recorded: {},
  parameters: module.parameters(),
  module,
  ...rest,
});

/** The derivative of a loss of parameters. */
function checkParameters(loss: Loss, module: Linear | Sequential): void {
  const value = (): number => loss.evaluate(context(module)).loss;
  const gradients = loss.evaluate(context(module)).parameters as Record<string, Record<string, Matrix>>;
  const parameters = module.parameters() as Record<string, Record<string, Matrix>>;
  for (const [member, tree] of Object.entries(gradients))
    for (const [name, gradient] of Object.entries(tree)) {
      const { data } = parameters[member][name];
      const kept = data.slice();
      const next = uniform(5);
      for (let k = 0; k < 5; k++) {
        const d = Float64Array.from(data, () => next() * 2 - 1);
        const at = (h: number): number => {
          data.forEach((_, i) => (data[i] = kept[i] + h * d[i]));
          return value();
        };
        const difference = (at(1e-6) - at(-1e-6)) / 2e-6;
        data.set(kept);
        const got = gradient.data.reduce((sum, g, i) => sum + g * d[i], 0);
        const size = gradient.data.reduce((sum, g) => sum + Math.abs(g), 0);
        const error = Math.abs(got - difference) / Math.max(Math.abs(difference), 1e-3 * size, 1e-30);
        assert.ok(error <= 1e-6, `${loss.name} by ${member}.${name}: ${got}, by differences ${difference}`);
      }
    }
}

const output = randomArray([4, 9, 3], 2);
const labels = [0, 2, 1, 2];
const net = new Sequential([
  ['a', new Linear([3, 4], { hasBias: true, seed: 1 })],
  ['b', new Linear([4, 2], { hasBias: true, seed: 2 })],
] as const);

describe('losses', () => {
  const jax = read<JaxFile>('jax.json');
  const torch = read<TorchFile>('torch.json');

  it('mse and sse are those of the original', () => {
    const { output: o, target, ...cases } = jax.squared;
    for (const [name, make] of Object.entries({ mse, sse })) {
      const expected = cases[name as 'mse'];
      const { loss, gradient, terms } = make().valueAndGradient(o, target);
      assertClose([loss], [expected.loss]);
      assertClose(gradient, expected.gradient);
      assert.deepEqual(terms, { [name]: loss });
      assert.equal(make(o, target), loss);
      checkOutput(make(), output, randomArray([4, 9, 3], 1, 8));
    }
    const object = new MSELoss();
    assert.equal(object.loss, 0);
    assertClose([object.value(torch.mse.pred, torch.mse.target)], [torch.mse.loss]);
    assertClose([object.loss], [torch.mse.loss]);
    assertClose(object.valueAndGradient(torch.mse.pred, torch.mse.target).gradient, torch.mse.gradient);
  });

  it('targets that are NaN do not count when that is said', () => {
    const target = randomArray([4, 9, 3], 1, 8);
    target.data.fill(NaN, 0, 50);
    const rest = output.data.slice(50).reduce((sum, o, i) => sum + (o - target.data[50 + i]) ** 2, 0);
    assertClose([sse({ ignoreNan: true }).value(output, target)], [rest]);
    assertClose([mse({ ignoreNan: true }).value(output, target)], [rest / 58]);
    checkOutput(mse({ ignoreNan: true }), output, target);
    assert.ok(Number.isNaN(mse().value(output, target)));
    target.data.fill(NaN);
    const none = mse({ ignoreNan: true }).valueAndGradient(output, target);
    assert.equal(none.loss, 0);
    assert.ok(none.gradient.data.every((g) => g === 0));
  });

  it('soft-max along an axis', () => {
    for (const { x, temperature, ...expected } of jax.softmax) {
      assertClose(softmax(x, { axis: null, temperature }), expected.softmax);
      assertClose(logsoftmax(x, { axis: null, temperature }), expected.logsoftmax);
    }
    const x = randomArray([2, 3, 4], 900);
    for (const axis of [0, 1, 2, -1, -2]) {
      const y = softmax(x, { axis });
      const k = axis < 0 ? axis + 3 : axis;
      const inner = [12, 4, 1][k];
      for (let i = 0; i < 24; i++) {
        if (Math.floor(i / inner) % [2, 3, 4][k] !== 0) continue;
        let sum = 0;
        for (let n = 0; n < [2, 3, 4][k]; n++) sum += y.data[i + n * inner];
        assert.ok(Math.abs(sum - 1) < 1e-12);
      }
    }
    assert.throws(() => softmax(x, { axis: 3 }), { code: 'ERR_VALUE' });
    assert.throws(() => softmax(x, { temperature: 0 }), { code: 'ERR_VALUE' });
    const small = randomArray([2, 3, 4]);
    const w = randomArray([2, 3, 4], 1, 9);
    for (const [fn, back] of [
      [softmax, softmaxGradient],
      [logsoftmax, logsoftmaxGradient],
    ] as const)
      checkOutput(
        {
          name: fn.name,
          value: (o) => (fn(o, { axis: 1, temperature: 0.7 }) as Matrix).data.reduce((s, y, i) => s + w.data[i] * y, 0),
          valueAndGradient: (o) => {
            const y = fn(o, { axis: 1, temperature: 0.7 }) as Matrix;
            const loss = y.data.reduce((s, v, i) => s + w.data[i] * v, 0);
            return { loss, terms: {}, gradient: back(y, w, { axis: 1, temperature: 0.7 }) };
          },
          evaluate: () => ({ loss: 0 }),
        },
        small,
        null,
      );
  });

  it('cross-entropy is that of PyTorch, for every reduction over time and kind of target', () => {
    for (const { time, pred, target, loss, gradient } of torch.crossEntropy) {
      const got = crossEntropy({ time }).valueAndGradient(pred, target);
      assertClose([got.loss], [loss], 1e-12, time);
      assertClose(got.gradient, gradient, 1e-12, time);
      checkOutput(crossEntropy({ time }), NdArray.from(pred), target);
    }
    assertClose([crossEntropy().value(output, labels)], [crossEntropy({ time: 'mean' }).value(output, labels)]);
    const each = randomArray([4, 9]).data.map((x) => (x > 0 ? 1 : 0));
    const eachTarget = new NdArray(each, [4, 9]);
    assert.equal(crossEntropy().value(output, eachTarget), crossEntropy({ time: 'each' }).value(output, eachTarget));
  });

  it('cross-entropy refuses what it cannot tell', () => {
    assert.throws(() => crossEntropy().value(output, [0, 3, 1, 2]), { code: 'ERR_VALUE' });
    assert.throws(() => crossEntropy().value(output, [0, 1.5, 1, 2]), { code: 'ERR_VALUE' });
    assert.throws(() => crossEntropy().value(output, [0, 1]), { code: 'ERR_SHAPE' });
    assert.throws(() => crossEntropy({ time: 'all' as 'max' }), { code: 'ERR_VALUE' });
    assert.throws(() => crossEntropy({ time: 'max' }).value(output, new NdArray(new Float64Array(36), [4, 9])), {
      code: 'ERR_VALUE',
    });
    const square = randomArray([4, 3, 3]);
    const target = new NdArray(new Float64Array(12).fill(1), [4, 3]);
    assert.throws(() => crossEntropy().value(square, target), /option target/);
    assert.ok(crossEntropy({ target: 'labels' }).value(square, target) > 0);
    assert.ok(crossEntropy({ target: 'probabilities' }).value(square, target) > 0);
    assert.equal(crossEntropy().value(output, [-1, -1, -1, -1]), 0);
  });

  it('peak losses are those of the original', () => {
    for (const { options, pred, labels: given, ...expected } of torch.peak) {
      const loss = new PeakLoss(...options);
      const { gradient } = loss.valueAndGradient(pred, given);
      assertClose(
        [loss.loss, loss.lossTarget, loss.lossNontarget],
        [expected.loss, expected.target, expected.nontarget],
      );
      assertClose(gradient, expected.gradient);
    }
    for (const { options, pred, labels: given, loss, gradient } of torch.binaryPeak) {
      const got = new BinaryPeakLoss(...options).valueAndGradient(pred, given);
      assertClose([got.loss], [loss]);
      assertClose(got.gradient, gradient);
    }
    const options = { maxInterval: 4, weightNontarget: 0.3, targetOutput: 1.5, nontargetOutput: 0.2 };
    checkOutput(peakLoss(options), output, labels);
    checkOutput(binaryPeakLoss(options), randomArray([4, 9, 1]), [1, 0, 0, 1]);
    assert.throws(() => new PeakLoss(0, 1, 1), { code: 'ERR_VALUE' });
    assert.throws(() => new PeakLoss(1, 1, 1).value(output, [0, 1, 2, 3]), { code: 'ERR_VALUE' });
    assert.throws(() => new BinaryPeakLoss(1, 1, 1).value(output, labels), { code: 'ERR_SHAPE' });
    assert.equal(new PeakLoss(2, 1, 1).value(randomArray([1, 5, 1]), [0]) >= 0, true); // one channel: nothing else to be silent
  });

  it('the CTC loss is that of the original and of PyTorch', () => {
    for (const { label, logProb, loss } of jax.ctc) assertClose([ctcLoss().value(logProb, [label])], [loss], 1e-9);
    for (const { reduction, logits, labels: sequences, lengths, loss, gradient } of torch.ctc) {
      const ctc = ctcLoss({ logits: true, reduction });
      const target = { labels: sequences, lengths };
      const got = ctc.valueAndGradient(logits, target);
      assertClose([got.loss], [loss], 1e-10);
      assertClose(got.gradient, gradient, 1e-10);
      checkOutput(ctc, NdArray.from(logits), target);
      checkOutput(ctcLoss({ reduction }), NdArray.from(logits), target); // not normalised: the derivative is that of what is computed
    }
  });

  it('the CTC loss of short signals and sequences', () => {
    const one = logsoftmax(randomArray([1, 1, 3])) as Matrix;
    assertClose([ctcLoss().value(one, [[2]])], [-one.data[2]]);
    assertClose([ctcLoss().value(one, [[]])], [-one.data[0]]);
    assertClose([ctcLoss({ blank: 1 }).value(one, [[]])], [-one.data[1]]);
    const none = NdArray.zeros([1, 0, 3]);
    assert.equal(ctcLoss().value(none, [[]]) + 0, 0);
    assert.equal(ctcLoss().value(one, [[1, 2]]), Infinity);
    const { loss, gradient } = ctcLoss({ zeroInfinity: true }).valueAndGradient(one, [[1, 1]]);
    assert.equal(loss, 0);
    assert.ok(gradient.data.every((g) => g === 0));
    // Probabilities of 0, of which some do not matter.
    const sure = new NdArray(Float64Array.of(-Infinity, 0, -Infinity, -Infinity, -Infinity, 0), [1, 2, 3]);
    const got = ctcLoss().valueAndGradient(sure, [[1, 2]]);
    assert.equal(got.loss + 0, 0);
    assert.deepEqual(
      [...got.gradient.data].map((g) => g + 0),
      [0, -1, 0, 0, 0, -1],
    );
    assert.throws(() => ctcLoss().value(one, [[0]]), { code: 'ERR_VALUE' });
    assert.throws(() => ctcLoss().value(one, [[3]]), { code: 'ERR_VALUE' });
    assert.throws(() => ctcLoss().value(one, [[1], [2]]), { code: 'ERR_SHAPE' });
    assert.throws(() => ctcLoss().value(one, { labels: [[1]], lengths: [2] }), { code: 'ERR_VALUE' });
    assert.throws(() => ctcLoss({ blank: 3 }).value(one, [[1]]), { code: 'ERR_VALUE' });
    const matrix = new NdArray(Int32Array.of(1, 2, 2, 1), [2, 2]);
    const two = logsoftmax(randomArray([2, 6, 3])) as Matrix;
    assert.equal(
      ctcLoss().value(two, matrix),
      ctcLoss().value(two, [
        [1, 2],
        [2, 1],
      ]),
    );
  });

  it('costs of parameters are those of the original', () => {
    const { params, bounds, ...expected } = jax.parameters;
    const revive = (tree: ParameterTree): ParameterTree =>
      JSON.parse(JSON.stringify(tree), (_, v: unknown) =>
        v === 'inf' ? Infinity : v === '-inf' ? -Infinity : v,
      ) as ParameterTree;
    const [lower, upper] = bounds.map(revive);
    assertClose([boundsCost(params, lower, upper)], [expected.boundsCost.loss]);
    assertClose([l2sqrNorm(params)], [expected.l2sqrNorm.loss]);
    for (const { sigma, loss } of expected.l0NormApprox) assertClose([l0NormApprox(params, sigma)], [loss]);
    const clipped = boundsClip(params, lower, upper) as { weight: Matrix; inner: { tau: Matrix; bias: Matrix } };
    const wanted = expected.boundsClip as { weight: Nested; inner: { tau: Nested; bias: Nested } };
    assertClose(clipped.weight, wanted.weight);
    assertClose(clipped.inner.tau, wanted.inner.tau);
    assertClose(clipped.inner.bias, wanted.inner.bias);
    assert.deepEqual(makeBounds(params), [
      { weight: -Infinity, inner: { tau: -Infinity, bias: -Infinity } },
      { weight: Infinity, inner: { tau: Infinity, bias: Infinity } },
    ]);
    const [low, high] = makeBounds(params);
    assert.equal(boundsCost(params, low, high), 0);
    assert.throws(() => boundsCost(params, { weight: 0 }, high), { code: 'ERR_KEY' });
    assert.throws(() => boundsCost(params, { ...low, other: 0 }, high), { code: 'ERR_KEY' });
    assert.throws(() => boundsClip({ a: [1] }, { a: 2 }, { a: 1 }), { code: 'ERR_VALUE' });
    assertClose([summedExpBoundaryLoss([-1, 0.5, 3], 0, 2)], [2 * Math.E]); // a bound of 0 is one
    assert.equal(summedExpBoundaryLoss([-1, 0.5, 3], null, null), 0);
  });

  it('losses of parameters have their derivatives', () => {
    const [lower, upper] = makeBounds(net.parameters());
    (lower['a'] as ParameterTree)['weight'] = -0.1;
    (upper['b'] as ParameterTree)['bias'] = [0.05, -0.2];
    for (const loss of [
      l2Loss(),
      l2Loss({ parameters: 'weights' }),
      l2Loss({ parameters: ['a.bias', 'b'] }),
      l0Loss({ sigma: 0.01 }),
      boundsLoss(lower, upper),
      parameterBoundary({ parameters: 'weights', lower: -0.2, upper: 0.3 }),
      scaled(0.3, l2Loss()),
      sumLosses(l2Loss(), scaled(2, l0Loss({ parameters: 'b', sigma: 0.1 }))),
    ])
      checkParameters(loss, net);
    assertClose([l2Loss().evaluate(context(net)).loss], [l2sqrNorm(net.parameters())]);
    const jaxTree = jax.parameters.l2sqrNorm.gradient as { weight: Nested };
    assert.ok(NdArray.from(jaxTree.weight).size === 12);
    assert.throws(() => l2Loss({ parameters: 'nothing' }).evaluate(context(net)), { code: 'ERR_KEY' });
  });

  it('losses of activity have their derivatives', () => {
    const record = {
      a: { vmem: randomArray([4, 9, 3]) },
      b: { vmem: randomArray([4, 9, 3, 2]), other: randomArray([4, 9, 1]) },
    };
    const makers = [
      activityMean,
      activityL2,
      ({ of }: { of?: string }) => targetActivity({ target: 0.3, ...(of && { of }) }),
      ({ of }: { of?: string }) => activityBounds({ lower: 0.02, upper: 0.03, ...(of && { of }) }),
    ];
    for (const make of makers) {
      const own = make({});
      const wrapped: OutputLoss<null> = {
        name: own.name,
        value: (o) => own.evaluate(context(net, { output: NdArray.from(o) })).loss,
        valueAndGradient: (o) => {
          const floats = o instanceof NdArray && (o as NdArray).data instanceof Float32Array;
          const { loss, output: gradient } = own.evaluate(
            context(net, { output: floats ? (o as never) : NdArray.from(o) }),
          );
          return { loss, terms: {}, gradient: gradient! };
        },
        evaluate: () => ({ loss: 0 }),
      };
      checkOutput(wrapped, output, null);
      assert.notEqual(own.needsRecord, true);
      const one = make({ of: 'a.vmem' });
      assert.equal(one.needsRecord, true);
      const same = make({}).evaluate(context(net, { output: record.a.vmem }));
      const got = one.evaluate(context(net, { recorded: record }));
      assert.equal(got.loss, same.loss);
      assert.deepEqual(got.recorded, { a: { vmem: same.output } });
      const both = make({ of: 'vmem' }).evaluate(context(net, { recorded: record }));
      const other = make({ of: 'b.vmem' }).evaluate(context(net, { recorded: record }));
      assertClose([both.loss], [(got.loss + other.loss) / 2]);
      assert.deepEqual(Object.keys(both.recorded!), ['a', 'b']);
      assert.throws(() => make({ of: 'nothing' }).evaluate(context(net, { recorded: record })), { code: 'ERR_KEY' });
    }
  });

  it('losses add, and are multiplied', () => {
    const target = randomArray([4, 9, 3], 1, 8);
    const sum = sumLosses(
      mse(),
      scaled(0.5, sse(), 'half'),
      scaled(2, mse()),
      scaled(0.1, l2Loss()),
      ({ output: o }) => ({
        loss: o.data[0],
      }),
    );
    const got = sum.evaluate({ ...context(net, { output }), target });
    const [a, b] = [mse().valueAndGradient(output, target), sse().valueAndGradient(output, target)];
    assertClose([got.loss], [3 * a.loss + 0.5 * b.loss + 0.1 * l2sqrNorm(net.parameters()) + output.data[0]]);
    assertClose(
      got.output,
      a.gradient.data.map((g, i) => 3 * g + 0.5 * b.gradient.data[i]),
    );
    assert.deepEqual(Object.keys(got.terms!), ['mse', 'half', 'l2', 'loss']);
    assertClose([got.terms!['mse']], [3 * a.loss]);
    assert.throws(() => sumLosses(), TypeError);
    assert.throws(() => scaled(1, 3 as never), TypeError);
    assert.throws(() => scaled(NaN, mse()), { code: 'ERR_VALUE' });
    assert.throws(() => mse({ nan: true } as never), TypeError);
    assert.throws(() => mse().value(output, [1, 2]), { code: 'ERR_SHAPE' });
    assert.throws(() => mse().value([1, 2], [1, 2]), { code: 'ERR_SHAPE' });
  });
});
