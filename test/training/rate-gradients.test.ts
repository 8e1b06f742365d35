import assert from 'node:assert/strict';
import { type Matrix, NdArray, setConcurrency } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { Linear, Rate, RateEulerJax, RateJax, type RateModuleOptions, RateTorch } from 'rockpool-node/nn/modules';
import { valueAndGrad } from 'rockpool-node/training';
import { checkGradients, checkPieces, probeLoss, randomArray } from './check-gradients.js';

const n = 6;
const input = randomArray([3, 70, n]);

function vector(low: number, high: number, seed: number): Matrix {
  const v = randomArray([n], 1, seed);
  v.data.forEach((x, i) => (v.data[i] = low + ((x + 1) / 2) * (high - low)));
  return v;
}

/** Every parameter is a vector, and no unit sits at a kink. */
function rate(options: Partial<RateModuleOptions> = {}): Rate {
  const module = new Rate(n, {
    tau: vector(8e-3, 60e-3, 11),
    bias: vector(-0.3, 0.3, 12),
    threshold: vector(-0.2, 0.2, 13),
    hasRec: true,
    wRec: randomArray([n, n], 0.6, 14),
    seed: 5,
    ...options,
  });
  module.x = vector(-0.5, 0.5, 15);
  return module;
}

const soft = {
  activationFunc: (x: Matrix, threshold: Matrix): Float64Array =>
    Float64Array.from(x.data, (v, i) => Math.log1p(Math.exp(v - threshold.data[i]))),
  activationDerivative: (x: Matrix, threshold: Matrix): Float64Array =>
    Float64Array.from(x.data, (v, i) => 1 / (1 + Math.exp(threshold.data[i] - v))),
};

/** Depends on the threshold otherwise than by a difference. */
const scaled = {
  activationFunc: (x: Matrix, threshold: Matrix): Float64Array =>
    Float64Array.from(x.data, (v, i) => Math.tanh(v) * (1 + threshold.data[i])),
  activationDerivative: (x: Matrix, threshold: Matrix) => ({
    x: Float64Array.from(x.data, (v, i) => (1 - Math.tanh(v) ** 2) * (1 + threshold.data[i])),
    threshold: Float64Array.from(x.data, (v) => Math.tanh(v)),
  }),
};

describe('gradients of rate modules', () => {
  for (const activationFunc of ['identity', 'relu', 'leakyRelu', 'tanh', 'sigmoid'] as const)
    for (const hasRec of [false, true])
      it(`${activationFunc}, ${hasRec ? 'recurrent' : 'feed-forward'}`, () => {
        const wRec = hasRec ? randomArray([n, n], 0.6, 14) : undefined;
        const records = hasRec ? ['x', 'recInput'] : ['x'];
        checkGradients(rate({ activationFunc, hasRec, wRec }), input, { loss: probeLoss(2, records) });
      });

  it('parameters that are one number for all', () => {
    checkGradients(rate({ tau: 20e-3, bias: 0.1, threshold: -0.1, activationFunc: 'tanh' }), input);
  });

  it('noise, whose size depends on the time constants', () => {
    for (const noiseScaling of ['stationary', 'legacy'] as const)
      checkGradients(
        rate({ noiseStd: noiseScaling === 'legacy' ? 5 : 0.3, noiseScaling, activationFunc: 'tanh' }),
        input,
      );
  });

  it('time constants that are clipped have none', () => {
    const module = rate({ tau: [6e-3, 30e-3, 9e-3, 12e-3, 15e-3, 4e-3], minTauSteps: 10, activationFunc: 'tanh' });
    checkGradients(module, input);
    const { gradients } = valueAndGrad(module, probeLoss())(input, undefined);
    const g = (gradients['tau'] as Matrix).data;
    const tau = (module.tau as Matrix).data;
    assert.ok(tau.some((t) => t < 10e-3) && tau.some((t) => t > 10e-3));
    tau.forEach((t, i) => assert.equal(g[i] === 0, t < 10e-3));
  });

  it('functions of the user with their derivatives', () => {
    checkGradients(rate(soft), input, { loss: probeLoss(2, ['x', 'recInput']) });
    checkGradients(rate(scaled), input, { loss: probeLoss(2, ['x']) });
    checkGradients(rate({ ...scaled, hasRec: false, wRec: undefined }), input);
  });

  it('of a function of the user without: an error with the name of module and option', () => {
    const { activationFunc } = soft;
    const net = new Sequential(new Linear([n, n]), rate({ activationFunc }));
    const message = /1_Rate.*activationDerivative/;
    assert.throws(() => valueAndGrad(net, probeLoss())(input, undefined), { code: 'ERR_NOT_TRAINABLE', message });
    const wrong = rate({ activationFunc, activationDerivative: () => [1] });
    assert.throws(() => valueAndGrad(wrong, probeLoss())(input, undefined), { code: 'ERR_SHAPE' });
    assert.throws(() => rate({ activationDerivative: 3 as never }), {
      name: 'TypeError',
      message: /activationDerivative/,
    });
  });

  it('are the same bits in pieces, and on any number of threads', async () => {
    for (const options of [{}, soft, { noiseStd: 0.1 }, { activationFunc: 'tanh', precision: 'float32' }] as const) {
      const module = rate(options);
      checkPieces(module, input, 32, probeLoss(1, ['x']));
      const evaluate = valueAndGrad(module, probeLoss(), { inputGradient: true });
      const expected = evaluate(input, undefined);
      assert.deepEqual(await evaluate.async(input, undefined), expected);
      setConcurrency(3);
      try {
        assert.deepEqual(evaluate(input, undefined), expected);
      } finally {
        setConcurrency(2);
      }
    }
  });

  it('go through every class and through combinators', () => {
    for (const cls of [RateJax, RateEulerJax, RateTorch])
      checkGradients(new cls(n, { activationFunc: 'tanh', hasRec: true, seed: 1 }), input);
    const net = new Sequential(
      new Linear([n, 4], { seed: 1, hasBias: true }),
      new Rate(4, { activationFunc: 'sigmoid', hasRec: true, seed: 2 }),
      new Linear([4, 2], { seed: 3 }),
    );
    checkGradients(net, input);
  });

  it('are close in single precision', () => {
    const exact = valueAndGrad(rate({ activationFunc: 'tanh' }), probeLoss())(input, undefined).gradients;
    const near = valueAndGrad(rate({ activationFunc: 'tanh', precision: 'float32' }), probeLoss())(input, undefined);
    for (const [name, value] of Object.entries(exact)) {
      const [a, b] = [(value as Matrix).data, (near.gradients[name] as Matrix).data];
      const size = Math.hypot(...a);
      a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-4 * size, `${name}[${i}]: ${b[i]}, expected ${x}`));
    }
  });

  it('empty input, and a stop', async () => {
    for (const shape of [
      [0, 5, n],
      [2, 0, n],
    ]) {
      const { gradients } = valueAndGrad(rate(), probeLoss())(NdArray.zeros(shape), undefined);
      assert.ok((gradients['wRec'] as Matrix).data.every((x) => x === 0));
    }
    const evaluate = valueAndGrad(rate(), probeLoss());
    await assert.rejects(evaluate.async(input, undefined, { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
  });
});
