import assert from 'node:assert/strict';
import { type Matrix, NdArray, TSContinuous, TSEvent } from 'rockpool-node';
import {
  FFLIFCurrentInJax_SO,
  FFLIFJax_IO,
  FFLIFJax_SO,
  RecLIFCurrentInJax,
  RecLIFCurrentInJax_IO,
  RecLIFCurrentInJax_SO,
  RecLIFJax,
  RecLIFJax_IO,
} from 'rockpool-node/layers';
import { Adam, addShimLifJaxSgd, type OptimiserLike, type TrainingStep } from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';
import { uniform } from './random.js';

const [steps, inputs, n, outputs, dt] = [50, 3, 4, 2, 1e-3];
const tauMem = [0.02, 0.03, 0.05, 0.025];
const tauSyn = [0.03, 0.02, 0.04, 0.05];
const bias = [-0.3, 0.1, -0.2, 0.05];
const common = { tauMem, tauSyn, bias, dt, seed: 4 };
const wIn = randomArray([inputs, n], 2, 33);
const wRecurrent = randomArray([n, n], 0.5, 34);
const wOut = randomArray([n, outputs], 1, 35);

const classes = {
  RecLIFJax: () => new RecLIFJax(wRecurrent, common),
  RecLIFCurrentInJax: () => new RecLIFCurrentInJax(wRecurrent, common),
  RecLIFCurrentInJax_SO: () => new RecLIFCurrentInJax_SO(wRecurrent, common),
  RecLIFJax_IO: () => new RecLIFJax_IO(wIn, wRecurrent, wOut, common),
  RecLIFCurrentInJax_IO: () => new RecLIFCurrentInJax_IO(wIn, wRecurrent, wOut, common),
  FFLIFJax_IO: () => new FFLIFJax_IO(wIn, wOut, common),
  FFLIFJax_SO: () => new FFLIFJax_SO(wIn, common),
  FFLIFCurrentInJax_SO: () => new FFLIFCurrentInJax_SO(wIn, common),
};
type Layer = ReturnType<(typeof classes)[keyof typeof classes]>;

const takesEvents = (layer: Layer): boolean => layer.inputType === TSEvent;
const emitsEvents = (layer: Layer): boolean => layer.outputType === TSEvent;

/** Numbers of events, or currents. */
function inputOf(layer: Layer, scale = 1): Matrix {
  const next = uniform(9);
  const array = NdArray.zeros([steps, layer.sizeIn]);
  for (let i = 0; i < array.size; i++)
    array.data[i] = takesEvents(layer) ? (next() < 0.2 ? 1 : 0) : (next() * 4 - 1) * scale;
  return array;
}

const targetOf = (layer: Layer): Matrix => randomArray([steps, layer.sizeOut], 1, 32);

function seriesOf(rows: Matrix, events: boolean): TSContinuous | TSEvent {
  const [count, channels] = rows.shape;
  if (!events) return TSContinuous.fromClocked(rows, { dt });
  const [times, on]: [number[], number[]] = [[], []];
  for (let k = 0; k < count; k++)
    for (let c = 0; c < channels; c++)
      for (let s = 0; s < rows.data[k * channels + c]; s++) {
        times.push((k + 0.5) * dt);
        on.push(c);
      }
  return new TSEvent(times, on, { numChannels: channels, tStart: 0, tStop: count * dt });
}

/** Leaves the parameters alone. */
const none: OptimiserLike = { step: (parameters: Record<string, unknown>) => parameters };

/** The equations, one after the other: the loss and its gradients. */
function direct(layer: Layer, u: Matrix, target: Matrix): { loss: number; gradients: Record<string, number[]> } {
  const T = u.shape[0];
  const M = layer.sizeIn;
  const O = layer.sizeOut;
  const {
    wIn: W_in,
    wRecurrent: W,
    wOut: W_out,
  } = layer as { wIn: Matrix | null; wRecurrent: Matrix | null; wOut: Matrix | null };
  const alpha = Array.from(layer.tauMem, (t) => dt / t);
  const beta = Array.from(layer.tauSyn, (t) => Math.exp(-dt / t));
  const into = (k: number, j: number): number =>
    W_in
      ? Array.from({ length: M }, (_, m) => u.data[k * M + m] * W_in.data[m * n + j]).reduce((a, b) => a + b, 0)
      : u.data[k * M + j];
  const events = takesEvents(layer);
  const rows = (): number[][] => Array.from({ length: T + 2 }, () => new Array<number>(n).fill(0));
  // Index k + 1 is step k; index 0 the state before.
  const [I, V, S, U, q] = [rows(), rows(), rows(), rows(), rows()];
  V[0] = Array.from(layer.state.Vmem);
  I[0] = Array.from(layer.state.Isyn);
  S[0] = Array.from(layer.state.spikes);
  for (let k = 0; k < T; k++)
    for (let j = 0; j < n; j++) {
      const recurrent = W ? S[k].reduce((sum, s, i) => sum + s * W.data[i * n + j], 0) : 0;
      const p = into(k, j);
      I[k + 1][j] = beta[j] * I[k][j] + (events ? p : 0) + recurrent;
      const before = V[k][j] - S[k][j];
      q[k + 1][j] = I[k + 1][j] + (events ? 0 : p) + layer.bias[j] - before;
      V[k + 1][j] = before + alpha[j] * q[k + 1][j];
      S[k + 1][j] = Math.max(0, Math.floor(V[k + 1][j] + 1));
      U[k + 1][j] = (1 + Math.tanh(20 * V[k + 1][j] + 1)) / 2;
    }
  const count = T * O;
  const e = Array.from({ length: T }, (_, k) =>
    Array.from({ length: O }, (_, o) => {
      const out = W_out
        ? U[k + 1].reduce((sum, x, j) => sum + x * W_out.data[j * O + o], 0)
        : emitsEvents(layer)
          ? S[k + 1][o]
          : U[k + 1][o];
      return out - target.data[k * O + o];
    }),
  );
  let loss = e.flat().reduce((sum, x) => sum + x * x, 0) / count;
  const g = Object.fromEntries(
    [
      ['tauMem', n],
      ['tauSyn', n],
      ['bias', n],
      ...(W_in ? [['wIn', M * n]] : []),
      ...(W ? [['wRecurrent', n * n]] : []),
      ...(W_out ? [['wOut', n * O]] : []),
    ].map(([name, size]) => [name, new Array<number>(size as number).fill(0)]),
  ) as Record<string, number[]>;
  const squares = (name: string, w: Matrix | null, weight: number): void => {
    if (!w) return;
    loss += (weight * w.data.reduce((sum, x) => sum + x * x, 0)) / w.size;
    w.data.forEach((x, i) => (g[name][i] += (2 * weight * x) / w.size));
  };
  squares('wIn', W_in, 0.1);
  squares('wRecurrent', W, 1);
  squares('wOut', W_out, 0.1);
  loss +=
    (2 *
      U.slice(1, T + 1)
        .flat()
        .reduce((a, b) => a + b, 0)) /
    (T * n);
  loss +=
    (2 *
      V.slice(1, T + 1)
        .flat()
        .reduce((a, b) => a + b * b, 0)) /
    (T * n);
  let [gI, gV] = [new Array<number>(n).fill(0), new Array<number>(n).fill(0)];
  for (let k = T - 1; k >= 0; k--) {
    const de = e[k].map((x) => (2 * x) / count);
    const nextV = gV.map((x, j) => (1 - alpha[j]) * x);
    const gS = nextV.map((x, j) => {
      const direct = emitsEvents(layer) ? de[j] : 0;
      const recurrent = W ? gI.reduce((sum, y, i) => sum + y * W.data[j * n + i], 0) : 0;
      return direct + recurrent - x;
    });
    const newV = gS.map((gs, j) => {
      const v = V[k + 1][j];
      const back = W_out
        ? de.reduce((sum, x, o) => sum + x * W_out.data[j * O + o], 0)
        : emitsEvents(layer)
          ? 0
          : de[j];
      const slope = 10 * (1 - Math.tanh(20 * v + 1) ** 2);
      return (4 * v) / (T * n) + slope * (2 / (T * n) + back) + (v > -0.5 ? gs : 0) + nextV[j];
    });
    const newI = newV.map((x, j) => alpha[j] * x + beta[j] * gI[j]);
    for (let j = 0; j < n; j++) {
      g['bias'][j] += alpha[j] * newV[j];
      g['tauMem'][j] += newV[j] * q[k + 1][j] * (-dt / layer.tauMem[j] ** 2);
      g['tauSyn'][j] += (newI[j] * I[k][j] * beta[j] * dt) / layer.tauSyn[j] ** 2;
      if (W) for (let i = 0; i < n; i++) g['wRecurrent'][i * n + j] += S[k][i] * newI[j];
      if (W_in)
        for (let m = 0; m < M; m++) g['wIn'][m * n + j] += u.data[k * M + m] * (events ? newI[j] : alpha[j] * newV[j]);
      if (W_out) for (let o = 0; o < O; o++) g['wOut'][j * O + o] += U[k + 1][j] * de[o];
    }
    [gI, gV] = [newI, newV];
  }
  return { loss, gradients: g };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number, what: string): void {
  const scale = Array.from(expected).reduce((a, x) => Math.max(a, Math.abs(x)), 1e-9);
  for (let i = 0; i < expected.length; i++)
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= tolerance * scale,
      `${what}[${i}]: ${actual[i]}, expected ${expected[i]}`,
    );
}

describe('training of LIF layers', () => {
  for (const [name, make] of Object.entries(classes)) {
    it(`${name}: loss and gradients are those of the equations`, () => {
      const layer = make();
      layer.state = { Vmem: [0.3, -0.2, 1.4, -0.7], Isyn: [0.5, 0, 0.2, -0.1], spikes: [1, 0, 2, 0] };
      const [u, target] = [inputOf(layer), targetOf(layer)];
      const expected = direct(layer, u, target);
      const [loss, gradients] = layer.trainOutputTarget(u, target, { optimizer: none });
      near([loss], [expected.loss], 1e-9, 'loss');
      assert.deepEqual(Object.keys(gradients).sort(), Object.keys(expected.gradients).sort());
      for (const [parameter, values] of Object.entries(expected.gradients))
        near((gradients[parameter] as Matrix).data, values, 1e-9, parameter);
    });

    it(`${name}: what it trains is what it evolves, and series count as arrays do`, async () => {
      const layer = make();
      const [u, target] = [inputOf(layer), targetOf(layer)];
      const before = layer.snapshot();
      const wanted = emitsEvents(layer)
        ? new NdArray(
            target.data.map((x) => (x > 0.5 ? 1 : 0)),
            target.shape,
          )
        : target;
      const longer = NdArray.zeros([steps + 1, wanted.shape[1]]);
      longer.data.set(wanted.data);
      const series = [
        seriesOf(u, takesEvents(layer)),
        emitsEvents(layer) ? seriesOf(wanted, true) : TSContinuous.fromClocked(longer, { dt }),
      ] as const;
      const [loss, gradients, evolved] = layer.trainOutputTarget(u, wanted, { optimizer: none });
      if (takesEvents(layer)) {
        const other = layer.trainOutputTarget(series[0], series[1], { optimizer: none });
        assert.deepEqual([other[0], other[1]], [loss, gradients]);
      }
      const later = await layer.trainOutputTargetAsync(u, wanted, { optimizer: none });
      assert.deepEqual([later[0], later[1]], [loss, gradients]);
      assert.deepEqual(layer.snapshot(), before);
      const output = layer.evolve(series[0], { numTimesteps: steps });
      const [own, , records] = evolved();
      const rows =
        output instanceof TSEvent
          ? output.raster({ dt, tStart: 0, numTimesteps: steps, channels: [...Array(n).keys()], addEvents: true }).data
          : output.samples.data;
      near(own.data, Array.from(rows), 1e-9, 'output');
      near((records['vmem'] as Matrix).data, layer.vMemLastEvolution.samples.data, 1e-9, 'vmem');
      near((records['surrogate'] as Matrix).data, layer.surrogateLastEvolution.samples.data, 1e-7, 'surrogate');
      assert.ok(layer.spikesLastEvolution.length > 0, 'the layer spikes');
    });
  }

  it('learns: the loss falls, and time constants stay at ten time steps', () => {
    const layer = classes.RecLIFJax_IO();
    const [u, target] = [inputOf(layer), targetOf(layer)];
    const optimizer = new Adam({ stepSize: 5e-3 });
    const losses: number[] = [];
    for (let k = 0; k < 200; k++) losses.push(layer.trainOutputTarget(u, target, { optimizer })[0]);
    assert.ok(losses[199] < 0.6 * losses[0], `${losses[0]} to ${losses[199]}`);
    assert.ok(layer.tauMem.every((t) => t >= 10 * dt * (1 - 1e-12)));
  });

  it('a batch is the mean of its elements', () => {
    const layer = classes.RecLIFJax_IO();
    const [u, target] = [inputOf(layer), targetOf(layer)];
    const other = new NdArray(u.data.slice().reverse(), u.shape);
    const pair = new NdArray(Float64Array.from([...u.data, ...other.data]), [2, ...u.shape]);
    const wanted = new NdArray(Float64Array.from([...target.data, ...target.data]), [2, ...target.shape]);
    const given = { optimizer: none };
    const [a, b] = [u, other].map((x) => layer.trainOutputTarget(x, target, given));
    const both = layer.trainOutputTarget(pair, wanted, { ...given, batchAxis: 0 });
    near([both[0]], [(a[0] + b[0]) / 2], 1e-9, 'loss');
    const tau = (step: TrainingStep): Float64Array => (step[1]['tauMem'] as Matrix).data;
    near(
      tau(both),
      Array.from(tau(a), (x, i) => (x + tau(b)[i]) / 2),
      1e-9,
      'tauMem',
    );
  });

  it('noise is fresh in each step and part of the gradients', () => {
    const make = (): RecLIFJax_IO => new RecLIFJax_IO(wIn, wRecurrent, wOut, { ...common, noiseStd: 0.3 });
    const run = (): number[] => {
      const layer = make();
      const [u, target] = [inputOf(layer), targetOf(layer)];
      return [0, 1].map(() => layer.trainOutputTarget(u, target, { optimizer: none })[0]);
    };
    const [first, second] = run();
    assert.notEqual(first, second);
    assert.deepEqual(run(), [first, second]);
  });

  it('the shim has the losses of the first releases', () => {
    const layer = classes.RecLIFJax_IO();
    const [u, target] = [inputOf(layer), targetOf(layer)];
    const [plain] = layer.trainOutputTarget(u, target, { optimizer: none });
    const shimmed = addShimLifJaxSgd(classes.RecLIFJax_IO());
    const [loss] = shimmed.trainOutputTarget(u, target, { optimizer: none, lossParams: { regTau: 0 } });
    assert.notEqual(loss, plain);
    // A minimum above the time constants: (minTau + 1 ms - tau)^2 on the mean
    const minTau = 0.1;
    const lossParams = { regTau: 3, minTauMem: minTau, minTauSyn: 0 };
    const [costly] = addShimLifJaxSgd(classes.RecLIFJax_IO()).trainOutputTarget(u, target, {
      optimizer: none,
      lossParams,
    });
    const cost = tauMem.reduce((sum, t) => sum + (minTau + 1e-3 - t) ** 2, 0) / n;
    near([costly - loss], [3 * cost], 1e-9, 'the cost of time constants');
  });

  it('names what is wrong', () => {
    const layer = classes.RecLIFJax_IO();
    const [u, target] = [inputOf(layer), targetOf(layer)];
    assert.throws(() => layer.trainOutputTarget(u, targetOf(classes.FFLIFJax_SO())), {
      code: 'ERR_SHAPE',
      message: /tsTarget/,
    });
    assert.throws(() => layer.trainOutputTarget(null as never, target), { name: 'TypeError', message: /tsInput/ });
    assert.throws(() => layer.trainOutputTarget(seriesOf(u, true), target), { name: 'TypeError', message: /tsTarget/ });
    assert.throws(() => layer.trainOutputTarget(u, seriesOf(u, true)), { name: 'TypeError', message: /tsTarget/ });
    assert.throws(() => layer.trainOutputTarget(u, target, { lossParams: { regTaus: 1 } }), {
      name: 'TypeError',
      message: /regTaus/,
    });
    const activationDerivative = (x: Float64Array): Float64Array => x;
    assert.throws(() => layer.trainOutputTarget(u, target, { activationDerivative }), {
      name: 'TypeError',
      message: /activationDerivative/,
    });
    assert.throws(() => layer.trainOutputTarget(u, target, { tsForce: u }), { name: 'TypeError', message: /tsForce/ });
    assert.throws(() => addShimLifJaxSgd(3 as never), { name: 'TypeError', message: /layer/ });
    const before = layer.toDict();
    const wild = new NdArray(u.data.slice().fill(1e308), u.shape);
    assert.throws(() => layer.trainOutputTarget(wild, target), { code: 'ERR_NOT_FINITE' });
    assert.deepEqual(layer.toDict(), before);
  });
});
