import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Network, NetworkADS, NetworkDeneve, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { FFExpSyn, PassThrough, RecFSSpikeADS, RecFSSpikeEulerBT } from 'rockpool-node/layers';
import { useFolder } from '../io/helpers.js';
import { codeOf } from '../layers/helpers.js';
import { assertClose, matrix } from '../layers/rate-helpers.js';

const constant = (values: number[], duration: number) =>
  new TSContinuous([0, duration], [values, values], { interpKind: 'previous' });

describe('NetworkDeneve', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('solves a linear problem', () => {
    // dx/dt = -5 x + c: x rises to c / 5 with the time constant 0.2 s.
    const net = NetworkDeneve.solveLinearProblem([[-5]], { netSize: 100, seed: 3 });
    assert.ok(net instanceof NetworkDeneve && net instanceof Network);
    const { Output } = net.evolve(constant([300], 0.6), { duration: 0.6 }) as unknown as { Output: TSContinuous };
    for (const t of [0.2, 0.3, 0.4, 0.5, 0.59]) {
      const samples = Array.from({ length: 50 }, (_, k) => Output.sample([t - k * 1e-4]).data[0]);
      const mean = samples.reduce((a, b) => a + b, 0) / samples.length;
      const expected = 60 * (1 - Math.exp(-5 * (t - 25e-4)));
      assert.ok(Math.abs(mean - expected) < 0.05 * expected, `${mean} at ${t}, expected ${expected}`);
    }
  });

  it('makes weights and layers as the reference says', () => {
    const gamma = [
      [0.3, -0.2, 0.1],
      [0.1, 0.4, -0.5],
    ];
    const a = [
      [-1, 2],
      [-2, -1],
    ];
    const [mu, nu, vThresh, vRest] = [1e-3, 2e-3, [1, 1.2, 1.4], 0.1];
    const net = NetworkDeneve.solveLinearProblem(a, { gamma, mu, nu, vThresh, vRest, tauMem: 0.03, tauSynFast: 2e-3 });
    const { lyrRes } = net;
    assert.ok(lyrRes instanceof RecFSSpikeEulerBT);
    const lambda = 10;
    const product = (m: (p: number, q: number) => number, i: number, j: number): number => {
      let sum = 0;
      for (let p = 0; p < 2; p++) for (let q = 0; q < 2; q++) sum += gamma[p][i] * m(p, q) * gamma[q][j];
      return sum;
    };
    for (let i = 0; i < 3; i++) {
      const size = Math.abs(gamma[0][i]) + Math.abs(gamma[1][i]);
      const scale = (vThresh[i] - vRest) / ((nu * lambda + mu * lambda ** 2 + size ** 2) / 2);
      const fast = (j: number) => scale * (product((p, q) => Number(p === q), i, j) + (i === j ? mu * lambda ** 2 : 0));
      const slow = (j: number) => scale * product((p, q) => a[p][q] + (p === q ? lambda : 0), i, j);
      assertClose([lyrRes.vReset[i]], [vThresh[i] - fast(i)]);
      for (let j = 0; j < 3; j++) {
        assertClose([lyrRes.weightsFast.get(i, j)], [i === j ? 0 : (-fast(j) * 0.03) / 2e-3]);
        assertClose([lyrRes.weightsSlow.get(i, j)], [slow(j) * 0.03]);
      }
      for (let p = 0; p < 2; p++) {
        assertClose([(net['Input'] as PassThrough).weights.get(p, i)], [scale * gamma[p][i] * 0.03]);
        assert.equal((net['Output'] as FFExpSyn).weights.get(i, p), gamma[p][i]);
      }
    }
    assert.deepEqual([...net.layers.keys()], ['Input', 'Deneve_Reservoir', 'Output']);
    assert.deepEqual([net.inputLayer, net.outputLayer], [net['Input'], net['Output']]);
    const { Input, Output } = net as unknown as { Input: PassThrough; Output: FFExpSyn };
    assert.deepEqual([Input.dt, lyrRes.dt, Output.dt, Output.tauSyn], [2e-4, 2e-4, 1e-5, 0.1]);
  });

  it('draws the same network from the same seed', () => {
    const nets = [7, 7, 8].map((seed) => NetworkDeneve.solveLinearProblem(-1, { seed }));
    const [a, b, c] = nets.map((net) => net.lyrRes.weightsSlow.data);
    assert.deepEqual(a, b);
    assert.notDeepEqual(a, c);
    assert.equal(nets[0].lyrRes.size, 100);
    const out = (nets[0]['Output'] as FFExpSyn).weights.data; // gamma: columns of magnitude 50 / 100
    assertClose(out.map(Math.abs), new Float64Array(100).fill(0.5));
  });

  it('refuses what does not fit', () => {
    const wrong: [() => unknown, string][] = [
      [() => NetworkDeneve.solveLinearProblem([[1, 2]]), 'ERR_SHAPE'],
      [() => NetworkDeneve.solveLinearProblem([[1]], { gamma: [[1, 2]], netSize: 3 }), 'ERR_VALUE'],
      [() => NetworkDeneve.solveLinearProblem([[1]], { gamma: [[1], [2]] }), 'ERR_SHAPE'],
      [() => NetworkDeneve.solveLinearProblem([[1]], { tauMem: 0 }), 'ERR_VALUE'],
      [() => NetworkDeneve.solveLinearProblem([[1]], { other: 0 } as never), 'ERR_TYPE'],
      [() => NetworkDeneve.specifyNetwork([[0]], [[0]], [[1, 2]], [[1]]), 'ERR_SHAPE'],
      [() => NetworkDeneve.specifyNetwork([[0]], [[0]], [[1]], [[1], [2]]), 'ERR_SHAPE'],
    ];
    for (const [call, code] of wrong) assert.equal(codeOf(call), code, String(call));
  });
});

describe('NetworkADS', () => {
  const folder = useFolder();
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  const [N, Nc] = [30, 2];
  const make = (options: object = {}) =>
    NetworkADS.specifyNetwork({
      ...{ N, Nc, Nb: N, eta: 1e-3, k: 0.5, dt: 1e-3 },
      weightsIn: matrix(Nc, N, 1, 1),
      weightsOut: matrix(N, Nc, 2, 0.1),
      weightsFast: matrix(N, N, 3, 0.1),
      weightsSlow: matrix(N, N, 4, 0.1),
      bias: 0.8,
      ...options,
    });
  const input = constant([1, -1], 0.2);
  const target = constant([0.3, 0.1], 0.2);

  it('has the layers and defaults of the reference', () => {
    const net = make();
    assert.deepEqual([...net.layers.keys()], ['input_layer', 'lyrRes', 'output_layer']);
    const { lyrRes } = net;
    assert.ok(lyrRes instanceof RecFSSpikeADS);
    const { vThresh, vReset, vRest, tauMem, tauSynRFast, tauSynROut, record, discretize } = lyrRes;
    const all = [vThresh, vReset, vRest, tauMem, tauSynRFast, tauSynROut].map((vector) => vector[0]);
    assert.deepEqual(all, [1, 0, 0.5, 0.05, 0.07, 0.07]);
    assert.deepEqual([record, discretize, lyrRes.kInitial, lyrRes.etaInitial], [true, -1, 0.5, 1e-3]);
    const outputs = net.evolve(input);
    assert.ok(outputs['lyrRes'] instanceof TSEvent && outputs['lyrRes'].length > 20);
  });

  it('trains in steps, after which it is reset', async () => {
    const net = make();
    const weights = net.lyrRes.weightsSlow.copy();
    const outputs = net.trainStep(input, target, 0.7, 2e-3);
    assert.deepEqual(Object.keys(outputs), ['external', 'input_layer', 'lyrRes', 'output_layer']);
    const change = net.lyrRes.weightsSlow.data.map((w, i) => Math.abs(w - weights.data[i]));
    assertClose([change.reduce((a, b) => a + b, 0) / N ** 2], [2e-3], 1e-9);
    const { isTraining, tsTarget, k, eta, t } = net.lyrRes;
    assert.deepEqual([isTraining, tsTarget, k, eta, t, net.t], [false, null, 0.7, 2e-3, 0, 0]);
    const other = make();
    await other.trainStepAsync(input, target, 0.7, 2e-3);
    assert.deepEqual(other.lyrRes.weightsSlow.data, net.lyrRes.weightsSlow.data);
  });

  it('is as before when a step fails', async () => {
    const net = make();
    const weights = net.lyrRes.weightsSlow.copy();
    const before = net.snapshot();
    const control = new AbortController();
    let layers = 0;
    // Cancelled in the output layer, when the reservoir has learnt already.
    const onProgress = ({ done, total }: { done: number; total: number }) => {
      if (done > 0.6 * total && layers++ === 0) control.abort();
    };
    await assert.rejects(net.trainStepAsync(input, target, 0.7, 2e-3, { signal: control.signal, onProgress }), {
      code: 'ERR_ABORTED',
    });
    assert.equal(
      codeOf(() => net.trainStep(input, constant([1, 2], 0.01), 1, 1)),
      'ERR_TIME_RANGE',
    );
    assert.equal(
      codeOf(() => net.trainStep(input, target, NaN, 1)),
      'ERR_VALUE',
    );
    assert.deepEqual(net.lyrRes.weightsSlow.data, weights.data);
    assert.deepEqual(net.snapshot(), before);
    const { isTraining, tsTarget, k, eta } = net.lyrRes;
    assert.deepEqual([isTraining, tsTarget, k, eta], [false, null, 0.5, 1e-3]);
  });

  it('is saved and loaded as itself', async () => {
    const net = make({ discretize: 8 });
    const file = join(folder.path('.'), 'net.json');
    await net.save(file);
    for (const loaded of [
      await NetworkADS.load(file),
      NetworkADS.loadSync(file),
      NetworkADS.loadFromDict(net.toDict()),
    ]) {
      assert.ok(loaded instanceof NetworkADS);
      assert.deepEqual(loaded.toJSON(), net.toJSON());
      loaded.trainStep(input, target, 1, 1e-3);
    }
  });

  it('refuses what does not fit', () => {
    for (const [options, code] of [
      [{ N: 31 }, 'ERR_SHAPE'],
      [{ Nc: 3 }, 'ERR_SHAPE'],
      [{ Nb: 3 }, 'ERR_SHAPE'],
      [{ weightsIn: [[1]] }, 'ERR_SHAPE'],
      [{ eta: undefined }, 'ERR_TYPE'],
      [{ tauSynROut: 0 }, 'ERR_VALUE'],
      [{ other: 1 }, 'ERR_TYPE'],
    ] as const)
      assert.equal(
        codeOf(() => make(options)),
        code,
        JSON.stringify(options),
      );
    assert.equal(
      codeOf(() => new NetworkADS([]).trainStep(input, target, 1, 1)),
      'ERR_TYPE',
    );
  });
});
