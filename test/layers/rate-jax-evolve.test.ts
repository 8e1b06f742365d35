import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { RockpoolError, TSContinuous } from 'rockpool-node';
import {
  FFRateEulerJax,
  ForceRateEulerJax,
  ForceRateEulerJax_IO,
  RecRateEulerJax,
  RecRateEulerJax_IO,
  type RateJaxOptions,
} from 'rockpool-node/layers';
import { codeOf } from './helpers';
import {
  assertClose,
  assertSame,
  inputSeries,
  joined,
  matrix,
  numbers,
  onEveryTarget,
  warningsOf,
} from './rate-helpers';

const eye = [
  [1, 0],
  [0, 1],
];
const wRecurrent = [
  [0, 0.5],
  [-0.5, 0],
];
const ones = () =>
  new TSContinuous(
    [0, 10],
    [
      [1, 1],
      [1, 1],
    ],
  );
const golden = { tau: [1, 2], dt: 0.1, bias: [0.1, 0] };
const outputs = [0.11, 0.05, 0.2065, 0.10025, 0.2908375, 0.1504, 0.36423375, 0.200150938];
const recurrentInputs = [0, 0, -0.025, 0.055, -0.050125, 0.10325, -0.0752, 0.14541875];

const n = 40;
const common = (options: Partial<RateJaxOptions> = {}): RateJaxOptions => ({
  tau: numbers(n, 5, 1).map((v) => 2 + v),
  bias: numbers(n, 6),
  dt: 0.1,
  noiseStd: 0.2,
  seed: 12,
  ...options,
});
const weights = { wIn: matrix(3, n, 2), wRecurrent: matrix(n, n, 3, 0.3), wOut: matrix(n, 4, 4) };
const classes = {
  RecRateEulerJax: (o?: Partial<RateJaxOptions>) => new RecRateEulerJax(weights.wRecurrent, common(o)),
  'RecRateEulerJax with input and output weights': (o?: Partial<RateJaxOptions>) =>
    new RecRateEulerJax({ ...weights, ...common(o) }),
  RecRateEulerJax_IO: (o?: Partial<RateJaxOptions>) =>
    new RecRateEulerJax_IO(weights.wIn, weights.wRecurrent, weights.wOut, common(o)),
  FFRateEulerJax: (o?: Partial<RateJaxOptions>) => new FFRateEulerJax(weights.wIn, common(o)),
  ForceRateEulerJax: (o?: Partial<RateJaxOptions>) => new ForceRateEulerJax(weights.wIn, weights.wOut, common(o)),
  ForceRateEulerJax_IO: (o?: Partial<RateJaxOptions>) => new ForceRateEulerJax_IO(weights.wIn, weights.wOut, common(o)),
};

describe('Jax-named rate layers', () => {
  it('give the reference vector, output and records', () => {
    for (const layer of [
      new RecRateEulerJax(wRecurrent, golden),
      new RecRateEulerJax({ wIn: eye, wRecurrent, wOut: eye, ...golden }),
      new RecRateEulerJax_IO(eye, wRecurrent, eye, golden),
    ]) {
      const output = layer.evolve(ones(), { numTimesteps: 4 });
      assertClose(output.samples.data, outputs, 1e-8);
      assertClose(layer.recInputsLastEvolution.samples.data, recurrentInputs, 1e-14);
      assertSame(layer.resActsLastEvolution.samples.data, output.samples.data);
      assertSame(layer.resInputsLastEvolution.samples.data, new Float64Array(8).fill(1));
      assertClose(output.times, [0, 0.1, 0.2, 0.3]);
      assert.deepEqual([output.tStart, output.tStop, layer.t, output.name], [0, 0.4, 0.4, 'Outputs']);
    }
  });

  for (const [name, make] of Object.entries(classes)) {
    describe(name, () => {
      const channels = () => make().sizeIn;

      it('is bit for bit the same in pieces, after a snapshot, and off the event loop', async () => {
        for (const precision of ['float64', 'float32'] as const) {
          const input = inputSeries(300, channels(), 0.1);
          const whole = make({ precision });
          const output = whole.evolve(input, { numTimesteps: 300 });
          const layer = make({ precision });
          const pieces = [1, 2, 17, 0].map((numTimesteps) => layer.evolve(input, { numTimesteps }));
          const other = make({ precision });
          other.restore(layer.snapshot());
          pieces.push(other.evolve(input, { numTimesteps: 200 }), await other.evolveAsync(input, { numTimesteps: 80 }));
          assertSame(joined(pieces, 0), output.samples.data);
          assertSame(other.state, whole.state);
          assert.equal(other.t, whole.t);
        }
      });

      it('computes the same with an activation of the user', async () => {
        const input = inputSeries(40, channels(), 0.1);
        const plain = make({ activationFunc: 'relu' });
        const expected = plain.evolve(input);
        let calls = 0;
        const activationFunc = (x: Float64Array) => {
          calls++;
          return x.map((v) => Math.max(v, 0));
        };
        for (const run of ['evolve', 'evolveAsync'] as const) {
          const layer = make({ activationFunc });
          calls = 0;
          assertSame((await layer[run](input)).samples.data, expected.samples.data);
          assert.equal(calls, 41);
          assertSame(layer.state, plain.state);
          assertSame(layer.resInputsLastEvolution.samples.data, plain.resInputsLastEvolution.samples.data);
          assertSame(layer.resActsLastEvolution.samples.data, plain.resActsLastEvolution.samples.data);
          if (layer instanceof RecRateEulerJax && plain instanceof RecRateEulerJax)
            assertSame(layer.recInputsLastEvolution.samples.data, plain.recInputsLastEvolution.samples.data);
        }
      });

      it('keeps its state when a run is aborted or goes wrong, and refuses calls meanwhile', async () => {
        const layer = make();
        layer.evolve(null, { numTimesteps: 3 });
        const before = layer.snapshot();
        const controller = new AbortController();
        const running = layer.evolveAsync(null, { numTimesteps: 2_000_000, signal: controller.signal });
        assert.equal(
          codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
          'ERR_BUSY',
        );
        assert.equal(
          codeOf(() => (layer.tau = 3)),
          'ERR_BUSY',
        );
        await wait(20);
        controller.abort();
        await assert.rejects(running, { code: 'ERR_ABORTED' });
        assert.deepEqual(layer.snapshot(), before);
        layer.bias[7] = Infinity;
        const failure = {
          name: 'RockpoolError',
          code: 'ERR_NOT_FINITE',
          neuron: 7,
          timestep: 3,
          message: `${layer.startPrint}expected the state of neuron 7 to be finite, received Infinity at time step 3`,
        };
        assert.throws(() => layer.evolve(null, { numTimesteps: 500 }), failure);
        await assert.rejects(layer.evolveAsync(null, { numTimesteps: 500 }), failure);
        assert.deepEqual(layer.snapshot(), before);
      });
    });
  }

  it('give the same on every instruction set, up to rounding', function () {
    this.timeout(120_000);
    const results = onEveryTarget(`
      const { RecRateEulerJax_IO } = require('rockpool-node/layers');
      const w = (m, n) => Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => Math.sin(i * n + j) / 6));
      const all = [];
      for (const activationFunc of ['relu', 'tanh', 'sigmoid']) {
        const layer = new RecRateEulerJax_IO(w(2, 33), w(33, 33), w(33, 3), { tau: 1, bias: 0.1, activationFunc, noiseStd: 0.1, seed: 3 });
        all.push(...layer.evolve(null, { numTimesteps: 200 }).samples.data, ...layer.recInputsLastEvolution.samples.data);
      }
      console.log(JSON.stringify(all));`);
    const [first, ...others] = results.values();
    for (const other of others) assertClose(other, first, 1e-12);
  });

  it('have noise of the stated deviation', () => {
    const [a, steps] = [0.1, 6000];
    for (const [noiseScaling, expected] of [
      ['legacy', 0.5 * Math.sqrt(a / (2 - a))],
      ['stationary', 0.5],
    ] as const) {
      const layer = new FFRateEulerJax(matrix(1, 60, 1, 0), {
        tau: 1,
        dt: a,
        noiseStd: 0.5,
        activationFunc: 'linear',
        seed: 4,
        noiseScaling,
      });
      const { data } = layer.evolve(null, { numTimesteps: steps }).samples;
      let square = 0;
      for (let i = 500 * 60; i < data.length; i++) square += data[i] ** 2;
      const deviation = Math.sqrt(square / (data.length - 500 * 60));
      assert.ok(Math.abs(deviation / expected - 1) < 0.03, `${noiseScaling}: ${deviation}, expected ${expected}`);
    }
  });

  it('record what went into the units', () => {
    const layer = classes.RecRateEulerJax_IO({ noiseStd: 0.1 });
    const input = inputSeries(20, 3, 0.1);
    layer.evolve(input, { numTimesteps: 5 });
    const output = layer.evolve(input, { numTimesteps: 15 });
    const u = input.sample(Float64Array.from({ length: 15 }, (_, k) => (k + 5) * 0.1));
    const { resInputsLastEvolution: inputs, resActsLastEvolution: acts, recInputsLastEvolution: recurrent } = layer;
    assert.equal(layer.resInputsLastEvolution, inputs);
    assert.deepEqual(
      [inputs, acts, recurrent].map((s) => [s.name, s.numChannels, s.times.length, s.tStart, s.tStop]),
      ['Reservoir inputs', 'Layer activations', 'Recurrent inputs'].map((s) => [s, n, 15, 0.5, 2]),
    );
    for (let k = 0; k < 15; k++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let i = 0; i < 3; i++) sum += u.get(k, i) * layer.wIn.get(i, j);
        assert.ok(Math.abs(inputs.samples.get(k, j) - sum) < 1e-13);
        sum = 0;
        for (let i = 0; i < n && k > 0; i++) sum += acts.samples.get(k - 1, i) * layer.wRecurrent.get(i, j);
        if (k > 0) assert.ok(Math.abs(recurrent.samples.get(k, j) - sum) < 1e-13);
      }
      for (let o = 0; o < 4; o++) {
        let sum = 0;
        for (let i = 0; i < n; i++) sum += acts.samples.get(k, i) * layer.wOut.get(i, o);
        assert.ok(Math.abs(output.samples.get(k, o) - sum) < 1e-13);
      }
    }
    const none = classes.FFRateEulerJax();
    none.evolve(null, { numTimesteps: 2 });
    assertSame(none.recInputsLastEvolution.samples.data, new Float64Array(2 * n));
  });

  it('tell the records of the last evolution whatever was set since, and say when its input was changed', () => {
    const layer = classes.RecRateEulerJax_IO();
    assert.throws(() => layer.resActsLastEvolution, {
      code: 'ERR_STATE',
      message: /^RecRateEulerJax_IO 'unnamed': expected the layer to have evolved/,
    });
    const input = inputSeries(20, 3, 0.1);
    layer.evolve(input);
    const { data } = layer.resActsLastEvolution.samples;
    layer.evolve(null, { numTimesteps: 2 });
    layer.resetAll();
    layer.evolve(input);
    layer.wRecurrent = matrix(n, n, 9);
    layer.wIn.data.fill(0);
    layer.tau = 9;
    layer.randomizeState();
    assertSame(layer.resActsLastEvolution.samples.data, data);
    input.samples.data[5] += 1;
    assert.equal(
      codeOf(() => layer.resInputsLastEvolution),
      'ERR_STATE',
    );
    assert.throws(() => layer.resInputsLastEvolution, RockpoolError);
  });

  it('are forced by a signal', async () => {
    const recurrent = classes.RecRateEulerJax_IO();
    const input = inputSeries(30, 3, 0.1);
    const output = recurrent.evolve(input);
    const force = TSContinuous.fromClocked(recurrent.recInputsLastEvolution.samples, {
      dt: 0.1,
      interpKind: 'previous',
    });
    const make = classes.ForceRateEulerJax;
    for (const activationFunc of ['relu', (x: Float64Array) => x.map((v) => Math.max(v, 0))] as const) {
      const layer = make({ activationFunc });
      assertClose(layer.evolve(input, force).samples.data, output.samples.data, 1e-13);
      assertClose(layer.state, recurrent.state, 1e-13);
    }
    assertClose((await make().evolveAsync(input, force)).samples.data, output.samples.data, 1e-13);
    assertClose(make().evolve(input, { tsForce: force }).samples.data, output.samples.data, 1e-13);
    const without = make();
    const unforced = without.evolve(input);
    assert.equal(unforced.name, 'unnamed');
    assertSame(make().evolve(input, null).samples.data, unforced.samples.data);
    // A force alone: the input is zeros.
    const alone = make({ noiseStd: 0, bias: 0 });
    alone.evolve(null, force, { numTimesteps: 1 });
    assertClose(
      alone.state,
      alone.tau.map((tau, j) => (0.1 / tau) * force.samples.get(0, j)),
      1e-14,
    );
    assert.deepEqual(
      warningsOf(() => make().evolve(input, new TSContinuous([0, 10], [1, 1]))),
      ['INPUT_REPLICATED'],
    );
    const wrong = make();
    for (const [args, text] of [
      [[input, inputSeries(30, 3, 0.1)], /expected tsForce to be an input of 40 channels/],
      [[input, 3], /expected options to be an options object/],
      [[input, {}, {}], /expected tsForce to be a TSContinuous or null/],
      [[input, { force }], /the option 'force'/],
    ] as const) {
      const call = wrong.evolve.bind(wrong) as (...a: unknown[]) => unknown;
      assert.throws(() => call(...args), text);
      const callAsync = wrong.evolveAsync.bind(wrong) as (...a: unknown[]) => Promise<unknown>;
      await assert.rejects(callAsync(...args), text);
    }
    assert.equal(wrong.t, 0);
  });
});
