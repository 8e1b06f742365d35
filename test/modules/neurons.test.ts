import assert from 'node:assert/strict';
import { Constant, Module, NdArray } from 'rockpool-node';
import {
  BooleanState,
  ExpSmoothJax,
  ExpSyn,
  Instant,
  Linear,
  LinearTorch,
  LogSoftmaxJax,
  LowPass,
  Rate,
  RateTorch,
  SoftmaxJax,
  TimeStepDropout,
  UnitDropout,
  UpDownTorch,
} from 'rockpool-node/nn/modules';

const numbers = (value: unknown): number[] => Array.from((value as NdArray).data);

function close(actual: unknown, expected: readonly number[], tolerance = 1e-9): void {
  const got = numbers(actual);
  assert.equal(got.length, expected.length);
  got.forEach((x, i) =>
    assert.ok(Math.abs(x - expected[i]) <= tolerance, `element ${i}: ${x}, expected ${expected[i]}`),
  );
}

const ones = (...shape: number[]): NdArray => new NdArray(NdArray.zeros(shape).data.fill(1), shape);
const reload = (module: Module): Module => Module.loadFromDict(JSON.parse(JSON.stringify(module)) as object);

describe('Linear', () => {
  it('projects every time step of every element of a batch', () => {
    const linear = new Linear([2, 3], {
      weight: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      bias: [0.5, 0, -0.5],
    });
    const [output, state, record] = linear.evolve([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [2, 2],
        [0, 0],
      ],
    ]);
    assert.deepEqual(output.shape, [2, 2, 3]);
    assert.deepEqual(numbers(output), [1.5, 2, 2.5, 4.5, 5, 5.5, 10.5, 14, 17.5, 0.5, 0, -0.5]);
    assert.deepEqual([state, record], [{}, {}]);
  });

  it('draws its weights from its seed, within the bounds that are told', () => {
    const linear = new Linear([24, 50], { seed: 4, hasBias: true });
    assert.deepEqual(numbers(new LinearTorch([24, 50], { seed: 4 }).weight), numbers(linear.weight));
    const largest = Math.max(...numbers(linear.weight).map(Math.abs));
    assert.ok(largest < 0.5 && largest > 0.48, `${largest}`);
    assert.ok(Math.max(...numbers(linear.bias).map(Math.abs)) < 1 / Math.sqrt(24));
    assert.notDeepEqual(numbers(new Linear([24, 50]).weight), numbers(linear.weight));
    assert.deepEqual(Object.keys(linear.parameters('weights')), ['weight']);
    assert.deepEqual(Object.keys(linear.parameters('bias')), ['bias']);
    assert.equal(
      new Linear([2, 2], {
        weight: Constant([
          [1, 0],
          [0, 1],
        ]),
      }).hasAttribute('weight'),
      true,
    );
  });

  it('is saved and loaded', async () => {
    const linear = new Linear([5, 4], { hasBias: true, precision: 'float32' });
    const loaded = reload(linear) as Linear;
    const input = ones(3, 7, 5);
    assert.deepEqual(numbers(loaded.evolve(input)[0]), numbers((await linear.evolveAsync(input))[0]));
  });

  it('wrong arguments', () => {
    assert.throws(() => new Linear([2]), { code: 'ERR_SHAPE' });
    assert.throws(() => new Linear(2 as unknown as number[]), { code: 'ERR_SHAPE' });
    assert.throws(() => new Linear([2, 3], { weight: [[1]] }), { code: 'ERR_SHAPE' });
    assert.throws(() => new Linear([2, 2], { weights: [[1]] } as object), TypeError);
    assert.throws(() => new Linear([2, 2]).evolve([[1, 2, 3]]), { code: 'ERR_SHAPE' });
  });
});

describe('Rate', () => {
  it('goes to its input, with a bias outside and a threshold inside of the activation', () => {
    const rate = new Rate(2, { tau: [0.01, 0.02], bias: [0.1, 0], threshold: [0.2, 2] });
    const [output, state, record] = rate.evolve(ones(1000, 2), { record: true });
    close(state.x, [1.1, 1]);
    close(new NdArray(output.data.slice(-2), [2]), [0.9, 0]);
    assert.deepEqual(Object.keys(record), ['recInput', 'x']);
  });

  it('the first steps by hand, with recurrence', () => {
    const rate = new Rate(2, {
      tau: 0.01,
      dt: 1e-3,
      hasRec: true,
      wRec: [
        [0, 1],
        [-1, 0],
      ],
    });
    const [output] = rate.evolve([
      [1, 0],
      [1, 0],
      [0, 0],
    ]);
    close(output, [0.1, 0, 0.19, 0.01, 0.17, 0.028], 1e-12);
  });

  it('a function of your own gives what the same name does, for batches too', () => {
    const input = new NdArray(
      Float64Array.from({ length: 36 }, (_, i) => Math.sin(i)),
      [2, 6, 3],
    );
    const options = { hasRec: true, seed: 2, tau: 0.02, threshold: 0.1, bias: 0.2, noiseStd: 0.1 };
    const own = (x: NdArray, theta: NdArray): Float64Array =>
      Float64Array.from(x.data, (v, j) => Math.tanh(v - theta.data[j]));
    const named = new Rate(3, { ...options, activationFunc: 'tanh' }).evolve(input, { record: true });
    const called = new Rate(3, { ...options, activationFunc: own }).evolve(input, { record: true });
    close(called[0], numbers(named[0]), 1e-14);
    close(called[2]['recInput'], numbers(named[2]['recInput']), 1e-14);
    close(called[1].x, numbers(named[1].x), 1e-14);
  });

  it('names of activations, in the spellings of the original', () => {
    assert.equal(new RateTorch(1, { activationFunc: 'SIG' as 'sigmoid' }).actFn, 'sigmoid');
    close(new Rate(1, { activationFunc: 'sigmoid', tau: 1e-3 }).evolve([[0.5]])[0], [(Math.tanh(0.5) + 1) / 2], 1e-15);
    close(new Rate(1, { activationFunc: 'leakyRelu', tau: 1e-3 }).evolve([[-1]])[0], [-0.01], 1e-15);
    assert.throws(() => new Rate(1, { activationFunc: 'step' as 'relu' }), RangeError);
  });

  it('is saved and loaded; wrong arguments', () => {
    const rate = new Rate(3, { hasRec: true, activationFunc: 'tanh', tau: [0.01, 0.02, 0.03] });
    const input = ones(5, 3);
    assert.deepEqual(numbers((reload(rate) as Rate).evolve(input)[0]), numbers(rate.evolve(input)[0]));
    assert.throws(() => new Rate([2, 3]), { code: 'ERR_SHAPE' });
    assert.throws(
      () =>
        new Rate(2, {
          wRec: [
            [1, 0],
            [0, 1],
          ],
        }),
      RangeError,
    );
    assert.throws(() => new Rate(2, { tau: 1e-4, dt: 1e-3 }), RangeError);
  });
});

describe('Instant', () => {
  it('applies a named function in the core, or one of your own to the whole input', async () => {
    const tanh = new Instant(2, { function: 'tanh' });
    close(tanh.evolve([[0.5, -1]])[0], [Math.tanh(0.5), Math.tanh(-1)], 1e-15);
    assert.deepEqual((await tanh.evolveAsync([[0.5, -1]]))[0], tanh.evolve([[0.5, -1]])[0]);
    const own = new Instant([2, 1], { function: (x) => [[[x.data[0] + x.data[1]], [x.shape[1]]]] });
    assert.deepEqual(
      numbers(
        own.evolve([
          [1, 2],
          [3, 4],
        ])[0],
      ),
      [3, 2],
    );
    assert.deepEqual(numbers(new Instant(2).evolve([[3, 4]])[0]), [3, 4]);
    assert.equal((reload(tanh) as Instant).function, 'tanh');
    assert.throws(() => own.evolve([[1, 2]]), { code: 'ERR_SHAPE' });
    assert.throws(() => new Instant(2, { function: 'cosine' as 'tanh' }), RangeError);
    assert.throws(() => new Instant([2, 3], { function: 'relu' }), { code: 'ERR_SHAPE' });
  });
});

describe('synapses and smoothing', () => {
  it('ExpSyn decays what it adds', () => {
    const [output, state] = new ExpSyn(1, { tau: 10e-3 }).evolve([[1], [0], [2], [0]]);
    close(output, [0.904837418, 0.818730753, 2.550493057, 2.307781552]);
    close(state.isyn, [2.307781552]);
  });

  it('LowPass and ExpSmoothJax decay what they had', async () => {
    const decay = Math.exp(-0.01);
    close(new LowPass(1).evolve([[1], [0], [2]])[0], [1, decay, decay * decay + 2], 1e-14);
    const smooth = new ExpSmoothJax(1, { activationFun: 'tanh' });
    close(smooth.evolve([[1], [0]])[0], [Math.tanh(1), Math.tanh(decay)], 1e-14);
    close((await smooth.evolveAsync([[0]]))[0], [Math.tanh(decay ** 2)], 1e-14);
    assert.equal((reload(smooth) as ExpSmoothJax).activationFun, 'tanh');
  });

  it('soft-max over the channels of each step', () => {
    const options = {
      weight: [
        [1, 0],
        [0, 1],
      ],
      bias: [0, 0],
      tau: 10e-3,
    };
    const [output, state] = new SoftmaxJax(options).evolve([
      [1, 2],
      [0, 0],
    ]);
    const d = Math.exp(-0.1);
    const second = (x: number): number => 1 / (1 + Math.exp(-x));
    close(output, [1 - second(d), second(d), 1 - second(d * d), second(d * d)], 1e-14);
    assert.deepEqual(Object.keys(state), ['linear', 'smooth']);
    close(new LogSoftmaxJax(options).evolve([[1, 2]])[0], [Math.log(1 - second(d)), Math.log(second(d))], 1e-14);
    const module = new SoftmaxJax([3, 2]);
    assert.deepEqual(numbers(reload(module).evolve(ones(4, 3))[0]), numbers(module.evolve(ones(4, 3))[0]));
    assert.throws(() => new SoftmaxJax({} as never), { message: /shape/ });
  });
});

describe('latches, encoders and dropout', () => {
  it('BooleanState holds what was set', () => {
    const latch = new BooleanState(1, { threshold: 0.1 });
    assert.deepEqual(numbers(latch.evolve([[0], [0.5], [0.05], [-0.05], [-0.2]])[0]), [0, 1, 1, 1, 0]);
    assert.throws(() => new BooleanState(1, { threshold: -1 }), RangeError);
  });

  it('UpDownTorch turns changes into events, and goes on where it was', () => {
    const encoder = new UpDownTorch(1, { thrUp: 0.5, thrDown: 0.25, repeatOutput: 2 });
    assert.deepEqual([encoder.sizeIn, encoder.sizeOut], [1, 2]);
    const first = encoder.evolve([[1], [1.6]], { record: true });
    const second = encoder.evolve([[2.7], [2.2], [2.2]]);
    assert.deepEqual([...numbers(first[0]), ...numbers(second[0])], [0, 0, 2, 0, 4, 0, 0, 2, 0, 0]);
    assert.deepEqual(numbers(first[2]['analogValue']), [1, 1]);
    encoder.resetState();
    assert.deepEqual(numbers(encoder.evolve([[5]])[0]), [0, 0]);
    assert.deepEqual((reload(encoder) as UpDownTorch).shape, [1, 2]);
    assert.throws(() => new UpDownTorch(1, { thrUp: 0 }), RangeError);
  });

  it('UnitDropout: whole units, the mean stays', () => {
    const dropout = new UnitDropout(1000, { p: 0.25, seed: 1 });
    const [output] = dropout.evolve(ones(2, 3, 1000));
    const kept = numbers(output);
    assert.deepEqual([...new Set(kept)].sort(), [0, 4 / 3]);
    assert.deepEqual(kept.slice(0, 1000), kept.slice(1000, 2000));
    assert.notDeepEqual(kept.slice(0, 1000), kept.slice(3000, 4000));
    const mean = kept.slice(0, 1000).reduce((a, b) => a + b) / 1000;
    assert.ok(Math.abs(mean - 1) < 0.1, `${mean}`);
    dropout.training = false;
    assert.deepEqual(new Set(numbers(dropout.evolve(ones(3, 1000))[0])), new Set([1]));
    assert.throws(() => new UnitDropout(2, { p: 1 }), RangeError);
  });

  it('TimeStepDropout: each unit in each step, by seed and step', () => {
    const whole = new TimeStepDropout(50, { p: 0.5, seed: 1 }).evolve(ones(20, 50))[0];
    const pieces = new TimeStepDropout(50, { p: 0.5, seed: 1 });
    const parts = [...numbers(pieces.evolve(ones(7, 50))[0]), ...numbers(pieces.evolve(ones(13, 50))[0])];
    assert.deepEqual(parts, numbers(whole));
    assert.deepEqual(new Set(parts), new Set([0, 1]));
    assert.deepEqual(new Set(numbers(new TimeStepDropout(2, { p: 1 }).evolve(ones(3, 2))[0])), new Set([0]));
    const rescaled = new TimeStepDropout(50, { p: 0.5, rescale: true });
    assert.deepEqual(new Set(numbers(rescaled.evolve(ones(20, 50))[0])), new Set([0, 2]));
    assert.deepEqual(reload(rescaled).toDict(), rescaled.toDict());
  });
});
