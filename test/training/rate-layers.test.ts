import assert from 'node:assert/strict';
import { type Matrix, NdArray, TSContinuous } from 'rockpool-node';
import {
  FFRateEulerJax,
  ForceRateEulerJax,
  RecRateEulerJax,
  RecRateEulerJax_IO,
  type RateJaxOptions,
} from 'rockpool-node/layers';
import {
  Adam,
  addTrainOutput,
  gradientEvolution,
  type LayerLoss,
  mse,
  reservoirTransfer,
  SGD,
  type TrainOutputTargetOptions,
} from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';
import { uniform } from './random.js';

const [steps, inputs, n, outputs] = [60, 2, 5, 3];
const tau = [0.02, 0.03, 0.05, 0.04, 0.025];
const base = { tau, bias: [0.1, -0.2, 0.3, 0, 0.05], dt: 1e-3, activationFunc: 'tanh' as const, seed: 4 };
const input = randomArray([steps, inputs], 1, 31);
const target = randomArray([steps, outputs], 1, 32);

function io(options: Partial<RateJaxOptions> = {}): RecRateEulerJax_IO {
  const [wIn, wRecurrent, wOut] = [
    randomArray([inputs, n], 1, 33),
    randomArray([n, n], 0.5, 34),
    randomArray([n, outputs], 1, 35),
  ];
  const layer = new RecRateEulerJax_IO({ wIn, wRecurrent, wOut, ...base, ...options });
  layer.state = [0.1, -0.1, 0.2, 0, 0.3];
  return layer;
}

/** As long as its samples say: the last one is there twice. */
function series(samples: Matrix): TSContinuous {
  const [rows, columns] = samples.shape;
  const longer = NdArray.zeros([rows + 1, columns]) as Matrix;
  longer.data.set(samples.data);
  longer.data.copyWithin(rows * columns, (rows - 1) * columns, rows * columns);
  return new TSContinuous(
    Array.from({ length: rows + 1 }, (_, k) => k * 1e-3),
    longer,
  );
}

type AnyLayer = RecRateEulerJax | RecRateEulerJax_IO | FFRateEulerJax | ForceRateEulerJax;

/** The default loss of what the layer itself does. */
function lossOf(layer: AnyLayer, u: Matrix, want: Matrix, force?: Matrix): number {
  const before = layer.snapshot();
  const numTimesteps = u.shape[0];
  const out =
    layer instanceof ForceRateEulerJax
      ? layer.evolve(series(u), { numTimesteps, tsForce: force && series(force) })
      : layer.evolve(series(u), { numTimesteps });
  layer.restore(before);
  const o = out.samples.data;
  let [sum, count] = [0, 0];
  want.data.forEach((t, i) => {
    if (Number.isNaN(t)) return;
    sum += (o[i] - t) ** 2;
    count++;
  });
  const w = layer.wRecurrent?.data ?? new Float64Array(0);
  const squares = w.reduce((s, x) => s + x * x, 0);
  const minTau = 11 * layer.dt;
  const cost = layer.tau.reduce((s, t) => s + (t < minTau ? Math.exp(minTau - t) : 0), 0) / layer.tau.length;
  return sum / count + 1e4 * cost + (w.length > 0 ? squares / w.length : 0);
}

/** Loss and gradients are those of the layer's own evolution, by differences in every element. */
function check(make: () => AnyLayer, u: Matrix, want: Matrix, force?: Matrix, width = 1e-5): void {
  const { t, state } = make();
  const trained = make();
  const options = force ? { tsForce: force } : {};
  const [loss, gradients] = trained.trainOutputTarget(u, want, options);
  const expected = lossOf(make(), u, want, force);
  assert.ok(Math.abs(loss - expected) < 1e-9 * expected, `${loss}, expected ${expected}`);
  assert.deepEqual([trained.t, trained.state], [t, state]);
  for (const [name, value] of Object.entries(gradients)) {
    const g = (value as Matrix).data;
    const layer = make();
    const parameter = (layer as unknown as Record<string, Matrix | Float64Array>)[name];
    const data = parameter instanceof NdArray ? parameter.data : parameter;
    const next = uniform(6);
    for (let k = 0; k < 5; k++) {
      const direction = Float64Array.from(data, () => next() * 2 - 1);
      const kept = data.slice();
      const at = (h: number): number => {
        data.forEach((_, i) => (data[i] = kept[i] + h * direction[i]));
        const value = lossOf(layer, u, want, force);
        data.set(kept);
        return value;
      };
      const h = name === 'tau' ? 1e-2 * width : width;
      const difference = (8 * (at(h) - at(-h)) - at(2 * h) + at(-2 * h)) / (12 * h);
      const exact = g.reduce((s, x, i) => s + x * direction[i], 0);
      const scale = Math.max(Math.abs(difference), 1e-3 * Math.hypot(...g));
      assert.ok(Math.abs(exact - difference) < 1e-6 * scale, `${name}: ${exact}, by differences ${difference}`);
    }
  }
}

describe('gradient training of rate layers', () => {
  it('of every class and activation: loss and gradients of the layer as it evolves', () => {
    for (const activationFunc of ['relu', 'tanh', 'sigmoid', 'linear'] as const)
      check(() => io({ activationFunc }), input, target);
    const wide = randomArray([steps, n], 1, 36);
    check(() => new RecRateEulerJax({ weights: randomArray([n, n], 0.5, 34), ...base }), wide, randomArray([steps, n]));
    check(() => new FFRateEulerJax({ wIn: randomArray([inputs, n], 1, 33), ...base }), input, randomArray([steps, n]));
    const force = randomArray([steps, n], 1, 37);
    const [wIn, wOut] = [randomArray([inputs, n], 1, 33), randomArray([n, outputs], 1, 35)];
    check(() => new ForceRateEulerJax({ wIn, wOut, ...base }), input, target, force);
  });

  it('targets that are NaN do not count, time constants that are short cost', () => {
    const holes = target.copy();
    holes.data.forEach((_, i) => i % 3 === 0 && (holes.data[i] = NaN));
    check(io, input, holes);
    const short = { tau: [0.0105, 0.03, 0.05, 0.0104, 0.025] };
    check(() => io(short), input, target, undefined, 1e-3);
  });

  it('takes a step of Adam, and leaves state and clock', () => {
    const layer = io();
    const before = io();
    const [, gradients] = layer.trainOutputTarget(series(input), series(target));
    for (const name of ['wIn', 'wRecurrent', 'wOut'] as const) {
      const g = (gradients[name] as Matrix).data;
      layer[name].data.forEach((w, i) => {
        const want = before[name].data[i] - 1e-4 * Math.sign(g[i]);
        assert.ok(Math.abs(w - want) < 1e-8, `${name}[${i}]: ${w}, expected ${want}`);
      });
    }
    assert.notDeepEqual(layer.tau, before.tau);
    assert.notDeepEqual(layer.bias, before.bias);
  });

  it('takes series and arrays for the same', () => {
    const [a, b] = [io(), io()];
    assert.deepEqual(a.trainOutputTarget(series(input), series(target))[0], b.trainOutputTarget(input, target)[0]);
    assert.deepEqual(a.toDict(), b.toDict());
  });

  it('learns', () => {
    const teacher = io({ bias: 0.2 });
    const want = teacher.evolve(series(input), { numTimesteps: steps }).samples;
    const layer = io();
    const options = { optParams: { stepSize: 0.01 }, lossParams: { regL2Rec: 0 } };
    const losses = Array.from({ length: 60 }, () => layer.trainOutputTarget(input, want, options)[0]);
    assert.ok(losses[59] < 0.1 * losses[0], `${losses[0]} became ${losses[59]}`);
  });

  it('means over a batch, whichever dimension it is', () => {
    const batch = randomArray([3, steps, inputs], 1, 38);
    const targets = randomArray([3, steps, outputs], 1, 39);
    const part = (a: Matrix, b: number): Matrix => {
      const [, s, c] = a.shape;
      return new NdArray(a.data.slice(b * s * c, (b + 1) * s * c), [s, c]);
    };
    const each = [0, 1, 2].map((b) => io().trainOutputTarget(part(batch, b), part(targets, b)));
    const [loss, gradients, output] = io().trainOutputTarget(batch, targets, { batchAxis: 0 });
    const mean = each.reduce((s, [l]) => s + l / 3, 0);
    assert.ok(Math.abs(loss - mean) < 1e-12 * mean);
    for (const [name, value] of Object.entries(gradients))
      (value as Matrix).data.forEach((g, i) => {
        const want = each.reduce((s, [, e]) => s + (e[name] as Matrix).data[i] / 3, 0);
        assert.ok(Math.abs(g - want) < 1e-10 * Math.max(1, Math.abs(want)), `${name}[${i}]: ${g}, expected ${want}`);
      });
    assert.deepEqual(output()[0].shape, [3, steps, outputs]);
    const moved = (a: Matrix): Matrix => {
      const [b, s, c] = a.shape;
      const m = NdArray.zeros([s, b, c]) as Matrix;
      for (let i = 0; i < b; i++)
        for (let k = 0; k < s; k++) m.data.set(a.data.subarray((i * s + k) * c, (i * s + k + 1) * c), (k * b + i) * c);
      return m;
    };
    assert.equal(io().trainOutputTarget(moved(batch), moved(targets), { batchAxis: 1 })[0], loss);
  });

  it('gives the output of the layer as it is after the step', () => {
    const layer = io();
    const [, , output] = layer.trainOutputTarget(input, target);
    const trained = layer.toDict();
    const [o, state, recorded] = output();
    const own = layer.evolve(series(input), { numTimesteps: steps });
    const near = (a: ArrayLike<number>, b: ArrayLike<number>): void =>
      Array.from(a).forEach((x, i) => assert.ok(Math.abs(x - b[i]) < 1e-12, `${x}, expected ${b[i]}`));
    near(o.data, own.samples.data);
    near(state['x'] as Float64Array, layer.state);
    near((recorded['recInputs'] as Matrix).data, layer.recInputsLastEvolution.samples.data);
    near((recorded['resInputs'] as Matrix).data, layer.resInputsLastEvolution.samples.data);
    near((recorded['resActs'] as Matrix).data, layer.resActsLastEvolution.samples.data);
    assert.deepEqual(trained, { ...layer.toDict() });
  });

  it('goes on where it was, begins anew and ends when it is told', () => {
    const run = (...options: TrainOutputTargetOptions[]): object => {
      const layer = io();
      for (const o of options) layer.trainOutputTarget(input, target, o);
      return layer.toDict();
    };
    const fast = { optParams: { stepSize: 0.01 } };
    assert.deepEqual(run(fast, {}), run(fast, fast));
    assert.notDeepEqual(run(fast, {}), run(fast, { isFirst: true }));
    assert.deepEqual(run({ ...fast, isLast: true }, {}), run(fast, { isFirst: true }));
    const sgd: TrainOutputTargetOptions = { optimizer: (o) => new SGD(o) };
    assert.deepEqual(run({ ...sgd, ...fast }), run({ optimizer: new SGD(0.01) }));
    assert.deepEqual(run({ optimizer: new Adam(1e-4) }), run({}));
  });

  it('passes parameters to a loss of the user, at every call', () => {
    const seen: unknown[] = [];
    const lossFcn: LayerLoss = ({ output, target, recorded }, params) => {
      seen.push(params['scale'], Object.keys(recorded).sort());
      const scale = params['scale'] as number;
      const { loss, gradient } = mse().valueAndGradient(output, target);
      gradient.data.forEach((g, i) => (gradient.data[i] = g * scale));
      return { loss: loss * scale, output: gradient };
    };
    const layer = io();
    const [once] = layer.trainOutputTarget(input, target, { lossFcn, lossParams: { scale: 1 } });
    const [twice] = io().trainOutputTarget(input, target, { lossFcn, lossParams: { scale: 2 } });
    assert.equal(twice, 2 * once);
    layer.trainOutputTarget(input, target, { lossParams: { scale: 3 } });
    layer.trainOutputTarget(input, target);
    const records = ['recInputs', 'resActs', 'resInputs', 'x'];
    assert.deepEqual(seen, [1, records, 2, records, 3, records, 3, records]);
    assert.equal(io().trainOutputTarget(input, target, { lossFcn: mse() })[0], once);
  });

  it('sees other noise in each step, and the same when it is repeated', () => {
    const losses = (): number[] => {
      const layer = io({ noiseStd: 0.5 });
      const options = { optimizer: { step: (p: object) => p as Record<string, unknown> } };
      return [0, 1].map(() => layer.trainOutputTarget(input, target, options)[0]);
    };
    const [first, second] = losses();
    assert.notEqual(first, second);
    assert.deepEqual(losses(), [first, second]);
  });

  it('keeps time constants at ten time steps', () => {
    const layer = io({ tau: [0.0101, 0.03, 0.05, 0.04, 0.025] });
    const lossFcn: LayerLoss = ({ parameters }) => {
      const g = (parameters['tau'] as Matrix).copy();
      return { loss: 0, parameters: { tau: new NdArray(g.data.fill(1), g.shape) } };
    };
    layer.trainOutputTarget(input, target, { lossFcn, optParams: { stepSize: 0.01 } });
    assert.equal(layer.tau[0], 10 * layer.dt);
    assert.ok(Math.abs(layer.tau[1] - 0.02) < 1e-8);
  });

  it('goes through an activation of the user by its derivative', () => {
    const activationFunc = (x: Float64Array): Float64Array => x.map(Math.tanh);
    const activationDerivative = (x: Float64Array): Float64Array => x.map((v) => 1 - Math.tanh(v) ** 2);
    const [a, b] = [io(), io({ activationFunc })];
    const [la, ga] = a.trainOutputTarget(input, target);
    const [lb, gb] = b.trainOutputTarget(input, target, { activationDerivative });
    assert.ok(Math.abs(la - lb) < 1e-12);
    for (const [name, value] of Object.entries(ga))
      (value as Matrix).data.forEach((g, i) => assert.ok(Math.abs(g - (gb[name] as Matrix).data[i]) < 1e-9));
    assert.throws(() => b.trainOutputTarget(input, target), {
      code: 'ERR_NOT_TRAINABLE',
      message: /activationDerivative/,
    });
  });

  it('off the event loop: the same; busy meanwhile; stopped without a trace', async () => {
    const [a, b] = [io(), io()];
    const running = a.trainOutputTargetAsync(input, target);
    assert.throws(() => a.trainOutputTarget(input, target), { code: 'ERR_BUSY' });
    const [loss, gradients] = await running;
    const want = b.trainOutputTarget(input, target);
    assert.deepEqual([loss, gradients], want.slice(0, 2));
    assert.deepEqual(a.toDict(), b.toDict());
    const aborted = a.trainOutputTargetAsync(input, target, { signal: AbortSignal.abort() });
    await assert.rejects(aborted, { code: 'ERR_ABORTED' });
    assert.deepEqual(a.toDict(), b.toDict());
  });

  it('names what is not finite, and since when', () => {
    const layer = io();
    const before = layer.toDict();
    const wild = input.copy();
    wild.data[2 * 20] = 1e308;
    wild.data[2 * 21] = 1e308;
    layer.wIn.data.fill(10);
    assert.throws(() => layer.trainOutputTarget(wild, target), { code: 'ERR_NOT_FINITE' });
    assert.throws(() => layer.trainOutputTarget(wild, target, { debugNans: true }), {
      code: 'ERR_NOT_FINITE',
      timestep: 20,
      message: /time step 20/,
    });
    layer.wIn = io().wIn;
    assert.deepEqual(layer.toDict(), before);
  });

  it('refuses what does not fit', () => {
    const layer = io();
    const kinds: [unknown, unknown, object?][] = [
      [series(input), target],
      [input, series(target)],
      [null, target],
      [input, target, { isFirst: 1 }],
      [input, target, { nonsense: 1 }],
      [input, target, { tsForce: input }],
      [input, target, { optimizer: 3 }],
    ];
    for (const [u, t, o] of kinds)
      assert.throws(() => layer.trainOutputTarget(u as Matrix, t as Matrix, o), { name: 'TypeError' });
    const shapes: [Matrix, Matrix, object?][] = [
      [target, target],
      [input, input],
      [input, randomArray([steps + 1, outputs])],
      [input, target, { batchAxis: 0 }],
      [randomArray([2, steps, inputs]), randomArray([3, steps, outputs]), { batchAxis: 0 }],
    ];
    for (const [u, t, o] of shapes) assert.throws(() => layer.trainOutputTarget(u, t, o), { name: 'RangeError' });
    assert.throws(() => layer.trainOutputTarget(input, target, { batchAxis: 2 }), { name: 'RangeError' });
    assert.throws(() => layer.trainOutputTarget(input, target, { lossParams: { what: 1 } }), { name: 'TypeError' });
    assert.deepEqual(layer.toDict(), io().toDict());
  });
});

describe('addTrainOutput', () => {
  it('gives trainAdam, whose time constants may be ten time steps', () => {
    const short = { tau: [0.0105, 0.03, 0.05, 0.04, 0.025] };
    const layer = addTrainOutput(io(short));
    const [loss, gradients] = layer.trainAdam(series(input), series(target), { isFirst: true });
    const [want, g] = io(short).trainOutputTarget(input, target, { lossParams: { minTau: 0.01 } });
    assert.equal(loss(), want);
    assert.deepEqual(gradients(), g);
    const [strict] = addTrainOutput(io(short)).trainAdam(input, target, { minTau: 0.02 });
    assert.ok(strict() > loss() + 1e3);
    layer.trainAdam(input, target, { isLast: true });
    assert.throws(() => addTrainOutput(new FFRateEulerJax({ wIn: [[1]], tau: 0.02 }) as never), { name: 'TypeError' });
  });
});

describe('gradientEvolution', () => {
  it('ends with the gradients of the whole, and begins with silence', () => {
    const layer = io();
    const [u, t] = [randomArray([12, inputs]), randomArray([12, outputs])];
    let calls = 0;
    const { loss, gradients } = gradientEvolution(layer, u, t, { onProgress: () => calls++ });
    assert.equal(calls, 12);
    const [want, g] = io().trainOutputTarget(u, t);
    assert.equal(loss.samples.data[11], want);
    for (const [name, value] of Object.entries(g)) {
      const { samples } = gradients[name];
      const size = (value as Matrix).size;
      assert.deepEqual(samples.shape, [12, size]);
      assert.deepEqual(samples.data.slice(11 * size), (value as Matrix).data);
    }
    assert.deepEqual(layer.toDict(), io().toDict());
  });
});

describe('reservoirTransfer', () => {
  it('gives other neurons the dynamics of a reservoir', () => {
    const size = 30;
    const reservoir = new RecRateEulerJax_IO({
      wIn: randomArray([1, size], 1, 41),
      wRecurrent: randomArray([size, size], 0.25, 42),
      wOut: randomArray([size, 1], 0.3, 43),
      ...{ tau: 0.02, bias: 0, dt: 1e-3, activationFunc: 'tanh' },
    });
    const wave = NdArray.zeros([1500, 1]) as Matrix;
    wave.data.forEach((_, k) => (wave.data[k] = Math.sin(k / 30) + Math.sin(k / 41)));
    const before = reservoir.snapshot();
    const bias = Array.from(randomArray([size], 0.3, 44).data);
    const copy = reservoirTransfer(reservoir, series(wave), { bias, regularize: 1e-8 });
    assert.deepEqual(reservoir.snapshot(), before);
    assert.deepEqual(Array.from(copy.bias), bias);
    assert.deepEqual(copy.wIn.data, reservoir.wIn.data);
    const want = reservoir.evolve(series(wave)).samples.data;
    const got = copy.evolve(series(wave)).samples.data;
    const power = want.reduce((s, x) => s + x * x, 0);
    const error = want.reduce((s, x, i) => s + (x - got[i]) ** 2, 0);
    assert.ok(error < 0.02 * power, `error ${error / power}`);
    assert.throws(() => reservoirTransfer({} as never, series(wave)), { name: 'TypeError' });
  });
});
