import assert from 'node:assert/strict';
import { buildRandomReservoir, NetworkDeneve, TSContinuous } from 'rockpool-node';
import { FFCLIAF, FFUpDown, RecCLIAF, RecFSSpikeADS, RecFSSpikeEulerBT } from 'rockpool-node/layers';
import { matrix } from './rate-helpers';

describe('Bursts without end', () => {
  it('of constant-leak units are a named error, soon, and change nothing', () => {
    for (const stateType of ['float64', 'int64'] as const) {
      const layer = new RecCLIAF([[1]], [[0]], { bias: 1e15, stateType, dt: 1 });
      const before = layer.snapshot();
      assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), {
        code: 'ERR_NOMEM',
        message: /2\^27 spikes .* unit 0/,
      });
      assert.deepEqual(layer.snapshot(), before);
    }
    assert.throws(() => new FFCLIAF([[1]], { bias: 1.7e10 }).evolve(null, { numTimesteps: 1 }), { code: 'ERR_NOMEM' });
  });

  it('of delta modulation are too', () => {
    const layer = new FFUpDown(1, { dt: 1, thrUp: 1e-9, thrDown: 1e-9 });
    const jump = TSContinuous.fromClocked([[0], [1]], { dt: 1, interpKind: 'previous' });
    assert.throws(() => layer.evolve(jump, { numTimesteps: 2 }), { code: 'ERR_NOMEM', message: /2\^27 events/ });
  });
});

describe('Arguments that are given twice', () => {
  it('are refused, not ignored', () => {
    assert.throws(() => new FFCLIAF([[1]], { weights: [[2]] } as never), { code: 'ERR_TYPE' });
    assert.throws(() => buildRandomReservoir(2, 5, 1, { reservoirSize: 7 }), { code: 'ERR_TYPE' });
  });
});

describe('RecCLIAF.dt', () => {
  it('changes all or nothing', () => {
    const layer = new RecCLIAF([[1]], [[0]], { dt: 1, refractory: 2, delay: 3, tTauBias: 2 });
    layer.evolve(null, { numTimesteps: 5 });
    const all = () => [layer.dt, layer.t, layer.delay, layer.tTauBias];
    const before = all();
    assert.throws(() => (layer.dt = 1e308), { code: 'ERR_VALUE' });
    layer.refractory[0] = NaN;
    assert.throws(() => (layer.dt = 2), { code: 'ERR_VALUE' });
    assert.deepEqual(all(), before);
    layer.refractory[0] = 2;
    layer.dt = 2;
    assert.deepEqual([...all(), layer.refractory[0]], [2, 10, 6, 4, 4]);
  });

  it('leaves the clock finite in every layer', () => {
    const layer = new FFCLIAF([[1]], { dt: 1 });
    layer.evolve(null, { numTimesteps: 11 });
    assert.throws(() => (layer.dt = 1e308), { code: 'ERR_VALUE' });
    assert.equal(layer.t, 11);
  });
});

describe('restore', () => {
  const put = (snapshot: object, name: string, value: unknown) => ({ ...snapshot, [name]: value }) as never;

  it('of RecCLIAF refuses spikes under way that cannot be', () => {
    const layer = new RecCLIAF([[9]], [[0]], { dt: 1, delay: 3, bias: 9 });
    layer.evolve(null, { numTimesteps: 4 });
    const snapshot = layer.snapshot();
    for (const wrong of [
      [99, 0, 1],
      [0, 7, 1],
      [0.5, 0, 1],
      [0, 0],
      [2, 0, 1, 1, 0, 1],
      [0, 0, 0],
    ])
      // prettier-ignore
      assert.throws(() => layer.restore(put(snapshot, 'pendingSpikes', Float64Array.from(wrong))), RangeError, String(wrong));
    layer.restore(snapshot);
    layer.evolve(null, { numTimesteps: 1 });
  });

  it('of RecFSSpikeEulerBT refuses a place of the solver that cannot be', () => {
    const w = matrix(3, 3, 1, 0.01);
    const layer = new RecFSSpikeEulerBT({ weightsFast: w, weightsSlow: w, dt: 1e-4, bias: 15e-3 });
    layer.evolve(null, { numTimesteps: 50 });
    const snapshot = layer.snapshot();
    for (const wrong of [[NaN], [1], [-1, 2, 3]])
      assert.throws(() => layer.restore(put(snapshot, 'pending', Float64Array.from(wrong))), { code: 'ERR_VALUE' });
    layer.restore(snapshot);
  });
});

describe('Networks and learning of exact spike times', () => {
  it('NetworkDeneve is loaded as what it is', () => {
    const net = NetworkDeneve.solveLinearProblem([[-1]], { netSize: 4, seed: 1 });
    const loaded = NetworkDeneve.loadFromDict(JSON.parse(JSON.stringify(net)) as Record<string, unknown>);
    assert.ok(loaded instanceof NetworkDeneve);
    assert.ok(loaded.lyrRes instanceof RecFSSpikeEulerBT);
    assert.deepEqual(loaded.toJSON(), net.toJSON());
  });

  it('learning that overflows is an error, with the weights as before', () => {
    const w = matrix(2, 2, 3, 0.5);
    const layer = new RecFSSpikeADS({
      ...{
        weightsFast: w,
        weightsSlow: w,
        weightsIn: w,
        weightsOut: w,
        eta: 1.7e308,
        k: 1,
        bias: 1,
        noiseStd: 0,
        dt: 1e-3,
      },
      ...{ vThresh: 1, vReset: 0, vRest: 0.5, tauMem: 0.05, tauSynRFast: 0.07, tauSynRSlow: 0.07, tauSynROut: 0.07 },
      ...{ refractory: 0, record: false, name: 'ads', discretize: -1, discretizeDynapse: false },
    });
    layer.isTraining = true;
    layer.tsTarget = TSContinuous.fromClocked(new Array(201).fill([1, -1]), 1e-3);
    const undefinedTarget = TSContinuous.fromClocked([[1, NaN]], 1e-3);
    assert.throws(() => (layer.tsTarget = undefinedTarget), { code: 'ERR_VALUE' });
    const before = Array.from(layer.weightsSlow.data);
    const learn = () => {
      for (let k = 0; k < 2; k++) layer.evolve(null, { numTimesteps: 100 });
    };
    assert.throws(learn, { code: 'ERR_NOT_FINITE' });
    assert.ok(before.every(Number.isFinite) && layer.weightsSlow.data.every(Number.isFinite));
  });
});
