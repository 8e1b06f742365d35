import assert from 'node:assert/strict';
import { type Matrix, NdArray } from 'rockpool-node';
import { FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import { Linear, Rate } from 'rockpool-node/nn/modules';

type Precision = 'float32' | 'float64';
const linear = (precision: Precision): Linear => new Linear([3, 3], { seed: 1, precision });
const rate = (precision: Precision): Rate => new Rate(3, { precision });
const weightInit = (shape: number[]): Matrix => new NdArray(new Float64Array(9).fill(0.2), shape);

const combinators = {
  Sequential: (precision: Precision) => new Sequential(linear(precision), rate(precision)),
  FFwdStack: (precision: Precision) => new FFwdStack([rate(precision), rate(precision)], { weightInit }),
  Residual: (precision: Precision) => new Residual(linear(precision), rate(precision)),
};

describe('combinators in single precision', () => {
  const data = Float32Array.from({ length: 60 }, (_, i) => Math.fround(Math.sin(i)));
  for (const [name, make] of Object.entries(combinators))
    it(`${name}: floats go in, between members and out`, async () => {
      const input = new NdArray(data, [20, 3]);
      const [single] = make('float32').evolve(input);
      assert.equal(single.dtype, 'float32');
      assert.deepEqual((await make('float32').evolveAsync(input))[0], single);
      const [double] = make('float64').evolve(input);
      assert.equal(double.dtype, 'float64');
      single.data.forEach((x, i) => assert.ok(Math.abs(x - double.data[i]) < 1e-5));
      assert.ok(double.data.some((x) => x !== 0));
    });
});
