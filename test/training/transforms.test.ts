import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Matrix, NdArray } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear } from 'rockpool-node/nn/modules';
import {
  Adam,
  adversarialLoss,
  bitshiftTransform,
  crossEntropy,
  deterministicRounding,
  dropout,
  dropoutTransform,
  fit,
  intQuant,
  intQuantTransform,
  mismatchGenerator,
  mismatchTransform,
  mse,
  type MismatchLoss,
  type ParameterTransform,
  type ParameterTree,
  pgaAttack,
  roundingTransform,
  softmaxDivergence,
  squaredMismatch,
  stochasticChannelRounding,
  stochasticQuantizeTransform,
  stochasticRounding,
  straightThrough,
  tDecay,
  TransformedModule,
  valueAndGrad,
} from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';
import { uniform } from './random.js';

interface TorchFile {
  transforms: {
    value: number[][];
    intQuant: { options: Record<string, unknown>; result: number[][] }[];
    deterministicRounding: { options: Record<string, unknown>; result: number[][] }[];
    tDecay: { decay: number[]; result: number[] };
  };
}

const { transforms: torch } = JSON.parse(
  readFileSync(join(__dirname, '../../../test/fixtures/training/torch.json'), 'utf8'),
) as TorchFile;
const camel = (options: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(options).map(([k, v]) => [k.replace(/_(\w)/g, (_, c: string) => c.toUpperCase()), v]),
  );

function assertClose(got: NdArray, expected: unknown, tolerance = 1e-12): void {
  NdArray.from(expected as number[]).data.forEach((x, i) =>
    assert.ok(Math.abs(got.data[i] - x) <= tolerance * Math.max(1, Math.abs(x)), `${i}: ${got.data[i]}, expected ${x}`),
  );
}

const mean = (data: ArrayLike<number>): number => Array.from(data).reduce((sum, x) => sum + x, 0) / data.length;
const make = (): Sequential =>
  new Sequential([
    ['a', new Linear([4, 6], { hasBias: true, seed: 1 })],
    ['b', new Linear([6, 2], { hasBias: true, seed: 2 })],
  ] as const);
const input = randomArray([3, 8, 4], 1, 3);
const target = randomArray([3, 8, 2], 1, 4);
const weights = (module: Sequential): Matrix => (module.parameters() as { a: { weight: Matrix } }).a.weight;

/** A gradient against differences of a loss, by all parameters together. */
function checkTree(module: Sequential, loss: () => number, gradients: object, tolerance = 1e-6): void {
  const next = uniform(2);
  const parameters = module.parameters() as Record<string, Record<string, Matrix>>;
  const got = gradients as typeof parameters;
  for (const [member, tree] of Object.entries(parameters))
    for (const [name, { data }] of Object.entries(tree))
      for (let k = 0; k < 5; k++) {
        const kept = data.slice();
        const d = Float64Array.from(data, () => next() * 2 - 1);
        const at = (h: number): number => {
          data.forEach((_, i) => (data[i] = kept[i] + h * d[i]));
          const value = loss();
          data.set(kept);
          return value;
        };
        const difference = (at(1e-6) - at(-1e-6)) / 2e-6;
        const g = got[member][name].data.reduce((sum, x, i) => sum + x * d[i], 0);
        const size = got[member][name].data.reduce((sum, x) => sum + Math.abs(x), 0);
        const error = Math.abs(g - difference) / Math.max(Math.abs(difference), 1e-3 * size, 1e-12);
        assert.ok(error <= tolerance, `${member}.${name}: ${g}, by differences ${difference}`);
      }
}

describe('transforms of parameters', () => {
  it('round as those of the original', () => {
    for (const { options, result } of torch.intQuant) assertClose(intQuant(torch.value, camel(options)), result);
    for (const { options, result } of torch.deterministicRounding)
      assertClose(deterministicRounding(torch.value, camel(options)), result);
    assertClose(tDecay(torch.tDecay.decay), torch.tDecay.result);
    assert.deepEqual([...intQuant([0, 0]).data], [0, 0]);
    assert.deepEqual([...deterministicRounding([0, 0]).data], [0, 0]);
    assert.deepEqual([...deterministicRounding([3, 3], { maintainZero: false }).data], [3, 3]);
    assert.throws(() => intQuant([1], { nBits: 1 }), { code: 'ERR_VALUE' });
    assert.throws(() => deterministicRounding([1], { numLevels: 1 }), { code: 'ERR_VALUE' });
    assert.throws(() => deterministicRounding([1], { inputRange: [1, 0] }), { code: 'ERR_VALUE' });
    assert.throws(() => stochasticChannelRounding([1], { outputRange: [0, 1] }), { code: 'ERR_SHAPE' });
  });

  it('round at random with the right mean', () => {
    const value = new NdArray(new Float64Array(20000).fill(0.3), [20000]);
    const rounded = stochasticRounding(value, { inputRange: [0, 1], outputRange: [0, 10], numLevels: 2, seed: 1 });
    assert.deepEqual([...new Set(rounded.data)].sort(), [0, 10]);
    assert.ok(Math.abs(mean(rounded.data) - 3) < 5 * 10 * Math.sqrt((0.3 * 0.7) / 20000));
    assert.deepEqual(
      stochasticRounding(value, { inputRange: [0, 1], numLevels: 2, seed: 1 }).data.map((x) => 10 * x),
      rounded.data,
    );
    const columns = stochasticChannelRounding(
      [
        [-1, 10, 0],
        [1, -10, 0],
        [0.5, 5, 0],
      ],
      { outputRange: [-2, 2], numLevels: 5, seed: 1 },
    );
    assert.deepEqual([...columns.data], [-2, 2, 0, 2, -2, 0, 1, 1, 0]);
    const dropped = dropout(value, 0.25, { seed: 3 });
    assert.ok(Math.abs(dropped.data.filter((x) => x === 0).length / 20000 - 0.25) < 0.02);
    assert.deepEqual([...new Set(dropped.data)].sort(), [0, 0.3]);
  });

  it('mismatch varies what the prototype says', () => {
    const net = new Sequential([
      ['a', new Linear([2, 500], { seed: 1 })],
      ['b', new LIF(500)],
    ] as const);
    const before = JSON.stringify(net.toDict());
    const generate = mismatchGenerator({ a: { weight: true }, b: { tauMem: true } }, 0.3, 3);
    const varied = generate(net, 5) as { a: { weight: Matrix }; b: Record<string, unknown> };
    const { data } = (net.parameters() as { a: { weight: Matrix } }).a.weight;
    const deviations = varied.a.weight.data.map((x, i) => x / data[i] - 1);
    assert.ok(Math.abs(mean(deviations)) < 0.02);
    assert.ok(Math.abs(Math.sqrt(mean(deviations.map((x) => x * x))) - 0.1) < 0.01);
    const taus = NdArray.from(varied.b['tauMem'] as Matrix).data;
    assert.ok(taus.every((x) => x !== 20e-3));
    assert.deepEqual(varied.b['threshold'], (net.parameters() as { b: Record<string, unknown> }).b['threshold']);
    assert.deepEqual(generate(net, 5), varied);
    assert.notDeepEqual(generate(net, 6), varied);
    assert.equal(JSON.stringify(net.toDict()), before);
    net.setAttributes(varied, { strict: true });
    assert.throws(() => mismatchGenerator(null, 0.3, 0), { code: 'ERR_VALUE' });
  });

  it('hold while a module evolves, and only then', async () => {
    const net = make();
    const kept = weights(net).copy();
    const transformed = new TransformedModule(net, { weights: intQuantTransform({ nBits: 4 }) }, { seed: 1 });
    const by = make();
    by.setAttributes({ a: { weight: intQuant(kept, { nBits: 4 }) } });
    by.setAttributes({
      b: { weight: intQuant((net.parameters() as { b: { weight: Matrix } }).b.weight, { nBits: 4 }) },
    });
    const [expected] = by.evolve(input);
    const [output, , recorded] = transformed.evolve(input, { record: true });
    assert.deepEqual(output, expected);
    assert.deepEqual(Object.keys(recorded), ['module']);
    assert.deepEqual(weights(net), kept);
    assert.deepEqual((await transformed.evolveAsync(input))[0], expected);
    assert.deepEqual(valueAndGrad(transformed, mse())(input, target).output, expected);
    assert.equal(transformed.applyTransforms(), net);
    assert.deepEqual(net.evolve(input)[0], expected);
    assert.throws(() => new TransformedModule(make(), { nothing: dropoutTransform() }), { code: 'ERR_KEY' });
    assert.throws(() => new TransformedModule(make(), { weights: {} as ParameterTransform }), TypeError);
  });

  it('keep the state of the module going', () => {
    const one = new Sequential(new Linear([4, 5], { seed: 1 }), new LIF(5));
    const other = new Sequential(new Linear([4, 5], { seed: 1 }), new LIF(5));
    const transformed = new TransformedModule(other, { weights: straightThrough((x) => x) });
    for (let k = 0; k < 3; k++) {
      assert.deepEqual(transformed.evolve(input)[0], one.evolve(input)[0]);
      assert.deepEqual(other.state(), one.state());
    }
  });

  it('let gradients pass straight through, or as they say', () => {
    const net = make();
    const plain = make();
    const at = (
      transform: ParameterTransform,
    ): { got: ParameterTree; expected: ParameterTree; net: TransformedModule } => {
      const wrapped = new TransformedModule(net, { weights: transform }, { seed: 7 });
      plain.setAttributes(wrapped.transformedParameters(3));
      const expected = valueAndGrad(plain, mse())(input, target).gradients as ParameterTree;
      const { module } = valueAndGrad(wrapped, mse())(input, target, { iteration: 3 }).gradients as {
        module: ParameterTree;
      };
      return { got: module, expected, net: wrapped };
    };
    for (const transform of [
      roundingTransform({ numLevels: 7 }),
      roundingTransform({ numLevels: 7, stochastic: true }),
      stochasticQuantizeTransform(),
      bitshiftTransform(),
      straightThrough((x) => x),
    ]) {
      const { got, expected } = at(transform);
      assert.deepEqual(got, expected);
      net._setParent(null, '');
    }
    const scale = at(intQuantTransform({ nBits: 8 }));
    const largest = Math.max(...weights(net).data.map(Math.abs));
    assertClose(
      (scale.got as { a: { weight: Matrix } }).a.weight,
      (scale.expected as { a: { weight: Matrix } }).a.weight.data.map((g) => (g * 127) / largest),
      1e-9,
    );
    // Those that have a derivative: against differences.
    for (const transform of [dropoutTransform(0.4), mismatchTransform({ percentDeviation: 0.6 })]) {
      net._setParent(null, '');
      const wrapped = new TransformedModule(net, { weights: transform, biases: mismatchTransform() }, { seed: 7 });
      const step = valueAndGrad(wrapped, mse());
      const { module } = step(input, target, { iteration: 2 }).gradients as { module: object };
      checkTree(net, () => step(input, target, { iteration: 2 }).loss, module);
      assert.notEqual(step(input, target, { iteration: 1 }).loss, step(input, target, { iteration: 2 }).loss);
    }
    net._setParent(null, '');
    const wrapped = new TransformedModule(net, { weights: dropoutTransform(0.4) }, { seed: 7 });
    const long = randomArray([2, 70, 4]);
    const whole = valueAndGrad(wrapped, mse())(long, randomArray([2, 70, 2]));
    assert.deepEqual(
      valueAndGrad(wrapped, mse(), { checkpoint: 32 })(long, randomArray([2, 70, 2])).gradients,
      whole.gradients,
    );
  });

  it('train: quantised weights that do well', async () => {
    const data = { input: randomArray([40, 5, 4], 1, 5), target: new NdArray(new Float64Array(400), [40, 5, 2]) };
    const teacher = new Linear([4, 2], { weight: randomArray([4, 2], 1, 6) });
    const [wanted] = teacher.evolve(data.input);
    const student = new Linear([4, 2], { seed: 3 });
    const quantised = new TransformedModule(student, {
      weights: roundingTransform({ inputRange: [-1, 1], numLevels: 17 }),
    });
    const { history } = await fit(
      quantised,
      { input: data.input, target: wanted },
      {
        loss: mse(),
        epochs: 60,
        seed: 1,
        batchSize: 8,
        optimiser: new Adam(0.02),
      },
    );
    assert.ok(history[59].loss < 0.05 * history[0].loss);
    quantised.applyTransforms();
    student.weight.data.forEach((w, i) => {
      assert.ok(Math.abs(w * 8 - Math.round(w * 8)) < 1e-12);
      assert.ok(Math.abs(w - teacher.weight.data[i]) < 0.2);
    });
  });
});

describe('attacks on parameters', () => {
  const checkMismatch = (mismatch: MismatchLoss): void => {
    const [a, b] = [randomArray([2, 3, 4], 2, 1), randomArray([2, 3, 4], 2, 2)];
    const { target: byTarget, output: byOutput } = mismatch(a, b);
    for (const [array, gradient] of [
      [a, byTarget],
      [b, byOutput],
    ] as const)
      for (let i = 0; i < array.size; i++) {
        const kept = array.data[i];
        array.data[i] = kept + 1e-6;
        const above = mismatch(a, b).loss;
        array.data[i] = kept - 1e-6;
        const difference = (above - mismatch(a, b).loss) / 2e-6;
        array.data[i] = kept;
        assert.ok(Math.abs(difference - gradient.data[i]) < 1e-6 * Math.max(1, Math.abs(difference)));
      }
  };

  it('measures of mismatch have their derivatives', () => {
    checkMismatch(squaredMismatch);
    checkMismatch(softmaxDivergence);
    assert.ok(Math.abs(softmaxDivergence(input, input).loss) < 1e-12);
  });

  it('an attack stays within its level and makes things worse', () => {
    const net = make();
    const before = JSON.stringify(net.toDict());
    for (const mismatch of [squaredMismatch, softmaxDivergence]) {
      const { parameters, losses, gradients } = pgaAttack(net, input, mismatch, {
        mismatchLevel: 0.1,
        initialStd: 1e-3,
        seed: 4,
      });
      assert.equal(losses.length, 10);
      assert.equal(gradients.length, 10);
      assert.ok(losses[9] > 5 * losses[0]);
      const attacked = (parameters as { a: { weight: Matrix } }).a.weight.data;
      weights(net).data.forEach((p, i) => assert.ok(Math.abs(attacked[i] - p) <= Math.abs(p) * 0.106));
      assert.deepEqual(
        pgaAttack(net, input, mismatch, { mismatchLevel: 0.1, initialStd: 1e-3, seed: 4 }).parameters,
        parameters,
      );
    }
    assert.equal(JSON.stringify(net.toDict()), before);
    assert.throws(() => pgaAttack(net, input, squaredMismatch, { attackSteps: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => pgaAttack({} as never, input), TypeError);
    assert.throws(() => pgaAttack(net, randomArray([1, 2, 5])), { code: 'ERR_SHAPE' });
    assert.equal(JSON.stringify(net.toDict()), before);
  });

  it('the loss has its derivative, through the attack too', async () => {
    const net = make();
    const options = {
      mismatchLevel: 0.2,
      initialStd: 0.01,
      noisyForwardStd: 0.05,
      betaRobustness: 3,
      attackSteps: 4,
      seed: 1,
    };
    for (const mismatch of [squaredMismatch, softmaxDivergence]) {
      const step = adversarialLoss(net, crossEntropy(), mismatch, options);
      const labels = [0, 1, 1];
      const result = step(input, labels, { iteration: 5 });
      checkTree(net, () => step(input, labels, { iteration: 5 }).loss, result.gradients, 1e-5);
      assert.ok(result.terms['robustness'] > 0);
      assert.deepEqual(await step.async(input, labels, { iteration: 5 }), result);
      assert.notEqual(step(input, labels, { iteration: 6 }).loss, result.loss);
    }
    const before = JSON.stringify(net.toDict());
    const controller = new AbortController();
    const running = adversarialLoss(net, mse()).async(input, target, { signal: controller.signal });
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.equal(JSON.stringify(net.toDict()), before);
  });

  it('trains against attacks', async () => {
    const net = make();
    const { history } = await fit(
      net,
      { input, target: [0, 1, 1] },
      {
        loss: crossEntropy(),
        gradients: adversarialLoss(net, crossEntropy(), softmaxDivergence, { attackSteps: 3 }),
        epochs: 3,
      },
    );
    assert.ok(history[2].terms['robustness'] > 0);
    assert.ok(history[2].loss < history[0].loss);
  });
});
