import assert from 'node:assert/strict';
import { type Matrix, NdArray } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import {
  BooleanState,
  ButterFilter,
  ButterMelFilter,
  ExpSmoothJax,
  ExpSyn,
  ExpSynExodus,
  ExpSynJax,
  ExpSynTorch,
  Instant,
  InstantJax,
  InstantTorch,
  LogSoftmaxJax,
  LowPass,
  SoftmaxJax,
  TimeStepDropout,
  UnitDropout,
  UpDownTorch,
} from 'rockpool-node/nn/modules';
import { valueAndGrad } from 'rockpool-node/training';
import { checkGradients, checkPieces, probeLoss, randomArray } from './check-gradients.js';

const n = 5;
const input = randomArray([3, 70, n]);
const tau = NdArray.from([3e-3, 10e-3, 50e-3, 5e-3, 200e-3]) as Matrix;
const named = ['identity', 'relu', 'leakyRelu', 'tanh', 'sigmoid'] as const;

function started<M extends { isyn: Matrix }>(module: M): M {
  module.isyn = randomArray([n], 1, 21);
  return module;
}

describe('gradients of synapses and smoothing', () => {
  it('of every class, with time constants for all or for each', () => {
    for (const t of [tau, 12e-3])
      for (const module of [
        ...[ExpSyn, ExpSynJax, ExpSynTorch, ExpSynExodus, LowPass].map((cls) => started(new cls(n, { tau: t }))),
        started(new ExpSmoothJax(n, { tau: t })),
      ]) {
        checkGradients(module, input);
        checkPieces(module, input, 32);
      }
  });

  it('with noise', () => {
    for (const cls of [ExpSyn, LowPass])
      for (const noiseScaling of ['stationary', 'legacy'] as const) {
        const module = started(new cls(n, { tau, noiseStd: 0.5, noiseScaling, seed: 3 }));
        checkGradients(module, input, { step: 2e-7 });
        checkPieces(module, input, 32);
      }
  });

  it('of activations on the output', () => {
    for (const activationFun of named) checkGradients(started(new ExpSmoothJax(n, { tau, activationFun })), input);
  });

  it('through the initial state', () => {
    for (const cls of [ExpSyn, LowPass]) {
      const module = started(new cls(n, { tau }));
      const evaluate = valueAndGrad(module, probeLoss());
      const g = evaluate(input, undefined).stateGradients['isyn'] as Float64Array;
      const from = module.isyn.data[2];
      const at = (x: number): number => {
        module.isyn.data[2] = x;
        return evaluate(input, undefined).loss;
      };
      const difference = (at(from + 1e-5) - at(from - 1e-5)) / 2e-5;
      const sum = g[2] + g[n + 2] + g[2 * n + 2];
      assert.ok(Math.abs(sum - difference) < 1e-6 * Math.abs(sum), `${sum}, by differences ${difference}`);
    }
  });

  it('off the event loop and in single precision', async () => {
    const exact = valueAndGrad(new ExpSyn(n, { tau }), probeLoss(), { inputGradient: true });
    assert.deepEqual(await exact.async(input, undefined), exact(input, undefined));
    const near = valueAndGrad(new ExpSyn(n, { tau, precision: 'float32' }), probeLoss())(input, undefined).gradients;
    const want = exact(input, undefined).gradients['tau'] as Matrix;
    want.data.forEach((x, i) => {
      const got = (near['tau'] as Matrix).data[i];
      assert.ok(Math.abs(got - x) < 1e-4 * Math.abs(x), `${got}, expected ${x}`);
    });
  });
});

describe('gradients of read-outs', () => {
  it('of soft-max and its logarithm', () => {
    for (const cls of [SoftmaxJax, LogSoftmaxJax]) {
      const options = { weight: randomArray([n, 4], 1, 2), tau: 20e-3 };
      checkGradients(new cls(options), input);
      checkGradients(new cls({ ...options, hasBias: false }), input, {
        loss: probeLoss(3, ['linear_output', 'smooth_output']),
      });
      checkPieces(new cls(options), input, 32);
    }
  });
});

describe('gradients of functions at each moment', () => {
  it('of named ones, and of the input itself', () => {
    for (const name of named) checkGradients(new Instant(n, { function: name }), input);
    for (const cls of [Instant, InstantJax, InstantTorch]) checkGradients(new cls(n), input);
  });

  it('of functions of the user with their derivatives', () => {
    const sums = (x: Matrix): Matrix => {
      const y = NdArray.zeros([...x.shape.slice(0, 2), 1]);
      x.data.forEach((v, i) => (y.data[Math.floor(i / n)] += Math.sin(v)));
      return y;
    };
    const derivative = (x: Matrix, g: Matrix): Matrix =>
      new NdArray(
        Float64Array.from(x.data, (v, i) => Math.cos(v) * g.data[Math.floor(i / n)]),
        x.shape,
      );
    checkGradients(new Instant([n, 1], { function: sums, derivative }), input);
    const net = new Sequential(new ExpSyn(n), new Instant([n, 1], { function: sums }));
    const message = /1_Instant.*derivative/;
    assert.throws(() => valueAndGrad(net, probeLoss())(input, undefined), { code: 'ERR_NOT_TRAINABLE', message });
    const wrong = new Instant([n, 1], { function: sums, derivative: (_x, g) => g });
    assert.throws(() => valueAndGrad(wrong, probeLoss(), { inputGradient: true })(input, undefined), {
      code: 'ERR_SHAPE',
    });
    assert.throws(() => new Instant(n, { derivative: 1 as never }), { name: 'TypeError', message: /derivative/ });
  });
});

describe('gradients of dropout', () => {
  it('go where the signal went', () => {
    for (const module of [
      new UnitDropout(n, { p: 0.4, seed: 2 }),
      new TimeStepDropout(n, { p: 0.4, seed: 2 }),
      new TimeStepDropout(n, { p: 0.4, seed: 2, rescale: true }),
      new UnitDropout(n, { training: false }),
    ]) {
      checkGradients(module, input);
      checkPieces(module, input, 32);
      checkPieces(module, input, 32);
    }
  });

  it('differ from iteration to iteration, and repeat for the same', () => {
    for (const module of [new UnitDropout(50, { seed: 2 }), new TimeStepDropout(50, { seed: 2 })]) {
      const evaluate = valueAndGrad(module, probeLoss());
      const wide = randomArray([2, 3, 50]);
      const output = (iteration: number): Matrix => evaluate(wide, undefined, { iteration }).output as Matrix;
      assert.deepEqual(output(1), output(1));
      assert.notDeepEqual(output(1), output(2));
    }
  });
});

describe('gradients of delta modulation', () => {
  const thresholds = { thrUp: [0.3, 0.2, 0.4, 0.5, 0.25], thrDown: [0.25, 0.35, 0.3, 0.2, 0.5] };
  it('of the smooth counts', () => {
    for (const nRefSteps of [0, 1, 3])
      for (const values of [thresholds, { thrUp: 0.3, thrDown: 0.4 }]) {
        const module = new UpDownTorch(n, { ...values, nRefSteps, repeatOutput: 2 });
        checkGradients(module, input, { loss: probeLoss(2, ['analogValue']) });
        checkPieces(module, input, 32);
      }
  });
});

describe('gradients of filter banks', () => {
  it('of the input and the state, rectified or not', () => {
    const sound = randomArray([3, 70, 1]);
    for (const useLowpass of [true, false])
      for (const module of [
        new ButterMelFilter(4, { fs: 8000, useLowpass }),
        new ButterFilter([500, 1000], 200, { fs: 8000, useLowpass, order: 3 }),
      ]) {
        module.filterState = randomArray([...module.filterState.shape], 0.1, 8);
        checkGradients(module, sound, { step: 1e-5 });
        checkPieces(module, sound, 32);
      }
  });

  it('are refused where an output is scaled as a whole', () => {
    const net = new Sequential(new ButterMelFilter(4, { fs: 8000, normalize: true }), new ExpSyn(4));
    const message = /0_ButterMelFilter/;
    const run = valueAndGrad(net, probeLoss());
    assert.throws(() => run(randomArray([1, 9, 1]), undefined), { code: 'ERR_NOT_TRAINABLE', message });
  });
});

describe('gradients of a latch', () => {
  it('are refused with its name', () => {
    const net = new Sequential(new ExpSyn(n), new BooleanState(n));
    const message = /1_BooleanState/;
    assert.throws(() => valueAndGrad(net, probeLoss())(input, undefined), { code: 'ERR_NOT_TRAINABLE', message });
  });
});
