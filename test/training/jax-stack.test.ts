import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JaxStack, type Matrix, NdArray, TSContinuous } from 'rockpool-node';
import {
  FFLIFCurrentInJax_SO,
  FFRateEulerJax,
  PassThrough,
  RecLIFJax,
  RecLIFJax_IO,
  RecRateEulerJax_IO,
} from 'rockpool-node/layers';
import { Adam, type GradientTree, type OptimiserLike } from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';

const dt = 1e-3;
const steps = 40;
const input = randomArray([steps, 2], 1, 31);
const target = randomArray([steps, 2], 0.5, 32);
const none: OptimiserLike = { step: (parameters: Record<string, unknown>) => parameters };

const first = () =>
  new FFRateEulerJax(randomArray([2, 4], 1, 1), { tau: 0.02, dt, name: 'first', activationFunc: 'tanh', seed: 1 });
const second = () =>
  new RecRateEulerJax_IO(randomArray([4, 5], 1, 2), randomArray([5, 5], 0.4, 3), randomArray([5, 2], 1, 4), {
    ...{ tau: 0.03, bias: 0.1, dt, name: 'second', activationFunc: 'tanh', seed: 2 },
  });
const make = (): JaxStack => new JaxStack([first(), second()]);

const series = (rows: Matrix): TSContinuous => {
  const longer = NdArray.zeros([rows.shape[0] + 1, rows.shape[1]]);
  longer.data.set(rows.data);
  return TSContinuous.fromClocked(longer, { dt });
};

function lossOf(stack: JaxStack): number {
  const own = stack.trainOutputTarget(input, target, { optimizer: none });
  return own[0];
}

describe('JaxStack', () => {
  it('is a network of its layers', () => {
    const stack = make();
    assert.deepEqual([stack.sizeIn, stack.sizeOut, stack.length, stack.dt], [2, 2, 2, dt]);
    assert.equal(stack.at(-1), stack['second' as never]);
    const outputs = stack.evolve(series(input), { numTimesteps: steps });
    assert.deepEqual(Object.keys(outputs).sort(), ['external', 'first', 'second']);
    assert.equal(stack.at(0).timestep, steps);
  });

  it('evolves what it trains', () => {
    const stack = make();
    const [, , evolved] = stack.trainOutputTarget(input, target, { optimizer: none });
    const own = evolved()[0];
    const output = stack.evolve(series(input), { numTimesteps: steps })['second'] as TSContinuous;
    for (let i = 0; i < own.size; i++) assert.ok(Math.abs(own.data[i] - output.samples.data[i]) < 1e-12);
  });

  it('has gradients for the parameters of all layers, those of differences', () => {
    const stack = make();
    const { 1: gradients } = stack.trainOutputTarget(input, target, { optimizer: none });
    assert.deepEqual(Object.keys(gradients), ['first', 'second']);
    const check = (name: string, parameter: 'wIn' | 'tau' | 'bias' | 'wRecurrent', i: number): void => {
      const layer = (name === 'first' ? stack.at(0) : stack.at(1)) as unknown as Record<string, Matrix | Float64Array>;
      // A step puts new arrays there.
      const data = (): Float64Array => {
        const values = layer[parameter];
        return values instanceof NdArray ? values.data : values;
      };
      const kept = data()[i];
      const h = parameter === 'tau' ? 1e-6 : 1e-5;
      const at = (x: number): number => {
        data()[i] = x;
        return lossOf(stack);
      };
      const difference = (at(kept + h) - at(kept - h)) / (2 * h);
      at(kept);
      const own = ((gradients[name] as GradientTree)[parameter] as Matrix).data[i];
      assert.ok(
        Math.abs(own - difference) <= 1e-5 * Math.max(1, Math.abs(own)),
        `${name}.${parameter}: ${own}, ${difference}`,
      );
    };
    check('first', 'wIn', 3);
    check('first', 'tau', 2);
    check('first', 'bias', 1);
    check('second', 'wIn', 7);
    check('second', 'wRecurrent', 6);
    check('second', 'tau', 4);
  });

  it('learns, here and off the event loop, with series too', async () => {
    const stack = make();
    const optimizer = new Adam({ stepSize: 1e-2 });
    const losses: number[] = [];
    for (let k = 0; k < 60; k++) losses.push(stack.trainOutputTarget(series(input), series(target), { optimizer })[0]);
    const [later] = await stack.trainOutputTargetAsync(input, target);
    assert.ok(later < 0.75 * losses[0] && losses[59] < 0.75 * losses[0], `${losses[0]}, ${losses[59]}, ${later}`);
  });

  it('takes spiking layers', () => {
    const stack = new JaxStack([
      new RecLIFJax_IO(randomArray([2, 3], 2, 1), randomArray([3, 3], 0.2, 2), randomArray([3, 2], 1, 3), {
        tauMem: 0.02,
        tauSyn: 0.02,
        dt,
        name: 'a',
      }),
      new FFLIFCurrentInJax_SO(randomArray([2, 2], 2, 4), { tauMem: 0.02, tauSyn: 0.02, dt, name: 'b' }),
    ]);
    const events = new NdArray(
      input.data.map((x) => (x > 0.5 ? 1 : 0)),
      input.shape,
    );
    const [loss, gradients] = stack.trainOutputTarget(events, target);
    assert.ok(loss > 0);
    assert.ok(((gradients['a'] as GradientTree)['wIn'] as Matrix).data.some((x) => x !== 0));
  });

  it('is saved and loaded', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rockpool-stack-'));
    try {
      const stack = make();
      await stack.save(join(folder, 'stack.json'));
      const loaded = await JaxStack.load(join(folder, 'stack.json'));
      assert.ok(loaded instanceof JaxStack);
      assert.equal(lossOf(loaded), lossOf(stack));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('names what is wrong', async () => {
    assert.throws(() => new JaxStack([new PassThrough([[1]], { dt })] as never), {
      name: 'TypeError',
      message: /layers/,
    });
    assert.throws(() => new JaxStack(first() as never), { name: 'TypeError', message: /layers/ });
    const slower = new FFRateEulerJax(randomArray([4, 2], 1, 1), { tau: 0.2, dt: 2e-3, name: 'slow' });
    assert.throws(() => new JaxStack([first(), slower]), { name: 'RangeError', message: /time steps/ });
    assert.throws(
      () => new JaxStack([first(), new RecLIFJax(randomArray([3, 3]), { tauMem: 0.02, tauSyn: 0.02, dt })]),
    );
    assert.throws(() => new JaxStack().trainOutputTarget(input, target), { code: 'ERR_STATE' });
    const stack = make();
    assert.throws(() => stack.at(2), { code: 'ERR_INDEX' });
    assert.throws(() => stack.trainOutputTarget(input, randomArray([steps, 3])), {
      code: 'ERR_SHAPE',
      message: /tsTarget/,
    });
    const running = stack.trainOutputTargetAsync(input, target);
    assert.throws(() => stack.trainOutputTarget(input, target), { code: 'ERR_BUSY' });
    await running;
    await assert.rejects(stack.trainOutputTargetAsync(input, target, { signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    stack.evolve(series(input));
  });
});
