import assert from 'node:assert/strict';
import { type Matrix, Module, NdArray, Parameter, setConcurrency, State } from 'rockpool-node';
import { FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import { Linear } from 'rockpool-node/nn/modules';
import {
  type DifferentiateContext,
  type Differentiated,
  type LossFunction,
  valueAndGrad,
} from 'rockpool-node/training';
import { checkGradients, checkPieces, probeLoss, randomArray } from './check-gradients.js';

/** x[n] = tanh(gain x[n - 1] + u[n]), as somebody outside would write it. */
class Leaky extends Module<{ parameters: { gain: Matrix }; states: { x: Matrix } }> {
  declare gain: Matrix;
  declare x: Matrix;
  constructor(n: number) {
    super(n);
    this.register('gain', new Parameter({ data: randomArray([n], 0.9, 5), shape: [n] }));
    this.register('x', new State({ shape: [n], init: (shape) => NdArray.zeros(shape) }));
  }
  override evolve(
    input: Matrix,
  ): ReturnType<Module<{ parameters: { gain: Matrix }; states: { x: Matrix } }>['evolve']> {
    const { output } = this.differentiate(input, { state: { x: new NdArray(this.x.data, [1, this.sizeIn]) } });
    return [output, this.copyState(), {}];
  }
  differentiate(input: Matrix, { state }: Pick<DifferentiateContext, 'state'>): Differentiated {
    const [batch, steps, n] = input.shape;
    const output = NdArray.zeros(input.shape);
    const start = state['x'].data;
    const before = (b: number, k: number, j: number): number =>
      k === 0 ? start[b * n + j] : output.data[(b * steps + k - 1) * n + j];
    for (let b = 0; b < batch; b++)
      for (let k = 0; k < steps; k++)
        for (let j = 0; j < n; j++)
          output.data[(b * steps + k) * n + j] = Math.tanh(
            this.gain.data[j] * before(b, k, j) + input.data[(b * steps + k) * n + j],
          );
    const last = NdArray.zeros([batch, n]);
    for (let b = 0; b < batch; b++) for (let j = 0; j < n; j++) last.data[b * n + j] = before(b, steps, j);
    return {
      output,
      state: { x: last },
      backward: (gradient, after) => {
        const into = NdArray.zeros(input.shape);
        const gain = NdArray.zeros([n]);
        const x = NdArray.zeros([batch, n]);
        for (let b = 0; b < batch; b++)
          for (let j = 0; j < n; j++) {
            let g = after['x']?.data[b * n + j] ?? 0;
            for (let k = steps - 1; k >= 0; k--) {
              const i = (b * steps + k) * n + j;
              const z = (g + gradient.data[i]) * (1 - output.data[i] ** 2);
              into.data[i] = z;
              gain.data[j] += z * before(b, k, j);
              g = z * this.gain.data[j];
            }
            x.data[b * n + j] = g;
          }
        return { input: into, parameters: { gain }, state: { x } };
      },
    };
  }
}

const input = randomArray([3, 70, 4]);

function linear(inputs: number, outputs: number, hasBias = true, seed = 1): Linear {
  return new Linear([inputs, outputs], { hasBias, seed });
}

describe('valueAndGrad', () => {
  it('gives the gradients of a projection', () => {
    checkGradients(linear(4, 5), input);
    checkGradients(linear(4, 5, false), input);
    const sparse = randomArray([3, 70, 4]);
    sparse.data.forEach((x, i) => (sparse.data[i] = x > 0.9 ? 1 : 0));
    checkGradients(linear(4, 130), sparse);
  });

  it('goes through combinators and modules of the user', () => {
    const net = new Sequential(linear(4, 6), new Leaky(6), new Residual(linear(6, 6), new Leaky(6)), linear(6, 2));
    checkGradients(net, input);
    const init = (shape: number[]): Matrix => randomArray(shape, 0.7);
    checkGradients(new FFwdStack([linear(4, 3), new Leaky(5), linear(2, 2)], { weightInit: init }), input);
  });

  it('gives the gradient by what members recorded', () => {
    const net = new Sequential([
      ['a', linear(4, 6)],
      ['b', linear(6, 2)],
    ] as const);
    const loss = probeLoss(3, ['a_output']);
    checkGradients(net, input, { loss });
  });

  it('gives the same bits in pieces', () => {
    const net = new Sequential(linear(4, 6), linear(6, 150), linear(150, 7));
    for (const steps of [1, 32, 64, 65]) checkPieces(net, input, steps);
  });

  it('gives the same off the event loop, on any number of threads', async () => {
    const net = new Sequential(linear(4, 200), new Leaky(200), linear(200, 3));
    const evaluate = valueAndGrad(net, probeLoss(), { inputGradient: true });
    const expected = evaluate(input, undefined);
    assert.deepEqual(await evaluate.async(input, undefined), expected);
    setConcurrency(3);
    try {
      assert.deepEqual(evaluate(input, undefined), expected);
    } finally {
      setConcurrency(2);
    }
  });

  it('leaves the module as it is, and refuses a second use meanwhile', async () => {
    const net = new Sequential(linear(4, 6), new Leaky(6));
    const before = [net.snapshot(), net.toDict()];
    const running = valueAndGrad(net, probeLoss()).async(input, undefined);
    assert.throws(() => net.evolve(input), { code: 'ERR_BUSY' });
    assert.throws(() => valueAndGrad(net, probeLoss())(input, undefined), { code: 'ERR_BUSY' });
    await running;
    assert.deepEqual([net.snapshot(), net.toDict()], before);
  });

  it('stops when it is aborted', async () => {
    const net = new Sequential(linear(4, 6), new Leaky(6));
    const aborted = valueAndGrad(net, probeLoss()).async(input, undefined, { signal: AbortSignal.abort() });
    await assert.rejects(aborted, { code: 'ERR_ABORTED' });
    net.evolve(input);
  });

  it('computes in single precision where the module does', () => {
    const single = (): Linear => new Linear([4, 5], { hasBias: true, seed: 1, precision: 'float32' });
    const exact = valueAndGrad(linear(4, 5), probeLoss())(input, undefined);
    const near = valueAndGrad(single(), probeLoss())(input, undefined);
    assert.ok(near.output.data instanceof Float32Array);
    const weights = (r: typeof exact): Matrix => r.gradients['weight'] as Matrix;
    weights(exact).data.forEach((x, i) => assert.ok(Math.abs(x - weights(near).data[i]) < 1e-4));
  });

  it('adds the derivatives of the loss by parameters', () => {
    const net = linear(4, 5);
    const decay: LossFunction = () => {
      const { weight } = net;
      const loss = weight.data.reduce((sum, w) => sum + w * w, 0);
      return {
        loss,
        parameters: {
          weight: new NdArray(
            Float64Array.from(weight.data, (w) => 2 * w),
            weight.shape,
          ),
        },
      };
    };
    checkGradients(net, input, { loss: decay });
  });

  it('names what is wrong', () => {
    class Mute extends Module {
      override evolve(): never {
        throw new Error('unused');
      }
    }
    const net = linear(4, 5);
    const run = valueAndGrad(new Mute(4), probeLoss());
    assert.throws(() => run(input, undefined), { code: 'ERR_NOT_TRAINABLE', message: /Mute/ });
    assert.throws(() => valueAndGrad(null as never, probeLoss()), { name: 'TypeError', message: /module/ });
    assert.throws(() => valueAndGrad(net, 3 as never), { name: 'TypeError', message: /loss/ });
    assert.throws(() => valueAndGrad(net, probeLoss(), { pieces: 1 } as never), {
      name: 'TypeError',
      message: /pieces/,
    });
    assert.throws(() => valueAndGrad(net, probeLoss(), { checkpoint: 0 }), {
      name: 'RangeError',
      message: /checkpoint/,
    });
    assert.throws(() => valueAndGrad(net, () => 3 as never)(input, undefined), { name: 'TypeError', message: /loss/ });
    assert.throws(() => valueAndGrad(net, () => ({ loss: NaN }))(input, undefined), { code: 'ERR_NOT_FINITE' });
    const narrow: LossFunction = ({ output }) => ({
      loss: 0,
      output: new NdArray(new Float64Array(3), [1, 3]),
      o: output,
    });
    assert.throws(() => valueAndGrad(net, narrow)(input, undefined), { code: 'ERR_SHAPE', message: /3 x 70 x 5/ });
    const wild: LossFunction = ({ output }) => ({
      loss: 0,
      output: new NdArray(output.data.slice().fill(Infinity), output.shape),
    });
    assert.throws(() => valueAndGrad(net, wild)(input, undefined), {
      code: 'ERR_NOT_FINITE',
      message: /weight of Linear/,
    });
    assert.throws(() => valueAndGrad(net, probeLoss())(randomArray([3, 5]), undefined), { code: 'ERR_SHAPE' });
    assert.throws(() => valueAndGrad(net, probeLoss())(input, undefined, { iteration: -1 }), { name: 'RangeError' });
  });

  it('takes inputs without steps or elements', () => {
    const net = new Sequential(linear(4, 6), new Leaky(6));
    for (const shape of [
      [0, 5, 4],
      [2, 0, 4],
    ]) {
      const { gradients, output } = valueAndGrad(net, probeLoss())(NdArray.zeros(shape), undefined);
      assert.deepEqual(output.shape, [...shape.slice(0, 2), 6]);
      assert.ok((gradients['0_Linear'] as { weight: Matrix }).weight.data.every((x) => x === 0));
    }
  });
});
