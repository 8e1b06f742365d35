import assert from 'node:assert/strict';
import { NdArray, Network, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import {
  FFIAFBrian,
  FFIAFNest,
  FFIAFSpkInTorch,
  FFIAFTorch,
  Layer,
  RecIAFBrian,
  RecIAFSpkInBrian,
  RecIAFSpkInNest,
  RecIAFSpkInRefrCLTorch,
  RecIAFSpkInTorch,
  RecIAFTorch,
  SparseMatrix,
} from 'rockpool-node/layers';
import { warningsOf } from '../rate-helpers';
import { allNames, assertSameRun, classOf, events, inputFor, make, stateOf, takesEvents, weightsOf } from './helpers';

const dt = 1e-3;

function transfer(array: { buffer: ArrayBufferLike }): void {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
}

describe('integrate-and-fire layers refuse', () => {
  /** What is wrong, the options, the code and the argument that the message names. */
  const wrong: [string, Record<string, unknown>, string, RegExp][] = [
    ['a negative time constant', { tauMem: -0.02 }, 'ERR_VALUE', /tauMem/],
    ['a time constant of 0', { tauMem: [0.02, 0, 0.02, 0.02] }, 'ERR_VALUE', /tauMem/],
    ['a threshold at the reset', { vThresh: -0.065 }, 'ERR_VALUE', /vThresh\[0\].*greater than vReset/],
    ['a threshold below the reset', { vReset: [-0.065, -0.065, -0.05, -0.065] }, 'ERR_VALUE', /vThresh\[2\]/],
    ['a bias that is no number', { bias: NaN }, 'ERR_VALUE', /bias/],
    ['a bias of another length', { bias: [1, 2, 3] }, 'ERR_SHAPE', /bias/],
    ['a rest that is missing', { bias: null }, 'ERR_TYPE', /bias/],
    ['a time step of 0', { dt: 0 }, 'ERR_VALUE', /dt/],
    ['an infinite time step', { dt: Infinity }, 'ERR_VALUE', /dt/],
    ['an unknown precision', { precision: 'float16' }, 'ERR_VALUE', /precision/],
    ['unknown numerics', { numerics: 'new' }, 'ERR_VALUE', /numerics/],
    ['an unknown spike time', { spikeTime: 'late' }, 'ERR_VALUE', /spikeTime/],
    ['a misspelt option', { taumem: 1 }, 'ERR_TYPE', /'taumem'/],
    ['a name that is no text', { name: 3 }, 'ERR_TYPE', /name/],
  ];
  for (const name of allNames)
    for (const [what, options, code, message] of wrong)
      it(`${what} (${name})`, () => {
        assert.throws(
          () => make(name, options),
          (e: Error & { code: string }) => {
            assert.equal(e.code, code);
            assert.match(e.message, message);
            return true;
          },
        );
      });

  it('weights that are no matrix of finite numbers', () => {
    for (const name of allNames)
      for (const key of Object.keys(weightsOf(name))) {
        const attempt =
          (value: unknown): (() => unknown) =>
          () =>
            new (classOf(name))({ ...weightsOf(name), [key]: value });
        assert.throws(
          attempt([
            [1, NaN],
            [1, 1],
          ]),
          { code: 'ERR_VALUE' },
        );
        assert.throws(
          attempt([
            [1, Infinity],
            [1, 1],
          ]),
          { code: 'ERR_VALUE' },
        );
        assert.throws(attempt([[1, 2], [3]]), { code: 'ERR_SHAPE' });
        assert.throws(attempt(null), { code: 'ERR_TYPE' });
        assert.throws(attempt('w'), { code: 'ERR_TYPE' });
        assert.throws(attempt(NdArray.zeros([0, 3])), { code: 'ERR_SHAPE' });
        assert.throws(attempt(NdArray.zeros([2, 2, 2])), { code: 'ERR_SHAPE' });
      }
  });

  it('recurrent weights that are not square, or do not fit those of the input', () => {
    assert.throws(
      () =>
        new RecIAFTorch([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      { code: 'ERR_SHAPE' },
    );
    assert.throws(
      () =>
        new RecIAFSpkInTorch(
          [[1, 2]],
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
        ),
      { code: 'ERR_SHAPE' },
    );
    assert.throws(() => new RecIAFSpkInTorch([[1, 2]], NdArray.zeros([3, 3])), { code: 'ERR_SHAPE' });
    const layer = new RecIAFSpkInTorch([[1, 2]], NdArray.zeros([2, 2]));
    assert.throws(() => (layer.weightsIn = [[1, 2, 3]]), { code: 'ERR_SHAPE' });
    assert.throws(() => (layer.weightsRec = NdArray.zeros([3, 3])), { code: 'ERR_SHAPE' });
    assert.throws(
      () =>
        (layer.weights = [
          [NaN, 0],
          [0, 0],
        ]),
      { code: 'ERR_VALUE' },
    );
    layer.weights = [1, 2, 3, 4];
    assert.deepEqual(layer.weightsRec.toJSON(), [
      [1, 2],
      [3, 4],
    ]);
  });

  it('integrators, equations and delays that they do not have', () => {
    assert.throws(() => new FFIAFBrian([[1]], { integratorName: 'gsl_rk8pd' }), { code: 'ERR_VALUE' });
    assert.throws(() => new RecIAFBrian([[1]], { integratorName: 'exponential_euler' }), { code: 'ERR_VALUE' });
    assert.throws(() => new RecIAFBrian([[1]], { integratorName: 'toString' }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFBrian([[1]], { neuronEq: 'dv/dt = 0' as never }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFTorch([[1]], { integrator: 'rk2' as never }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFTorch([[1]], { maxNumTimesteps: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFNest([[1]], { numCores: 1.5 }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFNest([[1]], { capacity: 0 }), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFNest([[1]], { noiseStd: 1 } as never), { code: 'ERR_VALUE' });
    assert.throws(() => new RecIAFSpkInRefrCLTorch([[0]], [[0]], { noiseStd: 1 } as never), { code: 'ERR_VALUE' });
    assert.throws(() => (new FFIAFNest([[1]]).noiseStd = 1), { code: 'ERR_VALUE' });
    assert.throws(() => new FFIAFTorch([[1]], { noiseStd: -1 }), { code: 'ERR_VALUE' });
    for (const delay of [0.5e-3, -1, NaN, Infinity, [[1e-3, 1e-3, 1e-3]], 'long'])
      for (const name of ['delayIn', 'delayRec'])
        assert.throws(
          () => new RecIAFSpkInNest([[0, 0]], NdArray.zeros([2, 2]), { dt, [name]: delay }),
          (e: { code: string }) => /ERR_(VALUE|SHAPE|TYPE)/.test(e.code),
        );
    const nest = new RecIAFSpkInNest([[0, 0]], NdArray.zeros([2, 2]), { dt });
    assert.equal(nest.delayIn, dt);
    assert.throws(() => ((nest as { delayIn: unknown }).delayIn = 1), TypeError);
    assert.throws(() => (nest.dt = 2e-3), { code: 'ERR_STATE' });
    assert.throws(() => (new FFIAFBrian([[1]]).dt = 1e-3), { code: 'ERR_STATE' });
    assert.throws(() => new RecIAFSpkInRefrCLTorch([[0]], [[0]], { stateMin: -0.05 }), { code: 'ERR_VALUE' });
    assert.throws(() => new RecIAFSpkInRefrCLTorch([[0]], [[0]], { leakRate: -1 }), { code: 'ERR_VALUE' });
    assert.throws(() => new RecIAFSpkInRefrCLTorch([[0]], [[0]], { integrator: 'exact' } as never), {
      code: 'ERR_TYPE',
    });
  });

  it('input of another class', async () => {
    for (const name of allNames) {
      const layer = make(name);
      const before = stateOf(layer);
      const input = takesEvents(name)
        ? new TSContinuous([0, 1], [0, 1])
        : new TSEvent([0.1], [0], { tStop: 1, numChannels: layer.sizeIn });
      assert.throws(() => layer.evolve(input), { code: 'ERR_TYPE' });
      await assert.rejects(layer.evolveAsync(input), { code: 'ERR_TYPE' });
      assert.throws(() => layer.evolve(), { code: 'ERR_TYPE' });
      assert.throws(() => layer.evolve(null, { numTimesteps: 1, signal: AbortSignal.abort() } as never), {
        code: 'ERR_TYPE',
      });
      assert.deepEqual(stateOf(layer), before);
    }
  });
});

describe('events on channels', () => {
  const far = new TSEvent([0.5 * dt, 1.5 * dt], [0, 7], { tStop: 5 * dt, numChannels: 8 });

  it('that a layer does not have are an error, or left out when asked to', () => {
    for (const name of allNames.filter(takesEvents)) {
      const layer = make(name);
      const before = stateOf(layer);
      assert.throws(() => layer.evolve(far), { code: 'ERR_INDEX' });
      assert.deepEqual(stateOf(layer), before);
      layer.evolve(far, { ignoreExtraChannels: true });
      const only = make(name);
      only.evolve(new TSEvent([0.5 * dt], [0], { tStop: 5 * dt, numChannels: 3 }));
      assert.deepEqual(stateOf(layer), stateOf(only));
    }
  });

  it('of one series can feed all inputs', () => {
    const layer = make('FFIAFSpkInTorch');
    const one = new TSEvent([0.5 * dt, 2.5 * dt], [0, 0], { tStop: 5 * dt, numChannels: 1 });
    layer.evolve(one, { broadcastInput: true });
    const all = make('FFIAFSpkInTorch');
    all.evolve(
      new TSEvent(
        [0.5, 0.5, 0.5, 2.5, 2.5, 2.5].map((k) => k * dt),
        [0, 1, 2, 0, 1, 2],
        { tStop: 5 * dt },
      ),
    );
    assert.deepEqual(stateOf(layer), stateOf(all));
  });

  it('repeat with a periodic series', () => {
    const period = new TSEvent([0.5 * dt, 3.5 * dt], [0, 2], {
      tStart: 0,
      tStop: 5 * dt,
      numChannels: 3,
      periodic: true,
    });
    const layer = make('RecIAFSpkInTorch');
    layer.evolve(period, { numTimesteps: 20 });
    const all = make('RecIAFSpkInTorch');
    const times = [0, 5, 10, 15].flatMap((k) => [(k + 0.5) * dt, (k + 3.5) * dt]);
    all.evolve(
      new TSEvent(
        times,
        times.map((_, i) => (i % 2) * 2),
        { tStop: 20 * dt, numChannels: 3 },
      ),
    );
    assert.deepEqual(stateOf(layer), stateOf(all));
  });
});

describe('a potential that is no number any more', () => {
  it('is an error with layer, unit and time step, and changes nothing', async () => {
    for (const name of allNames) {
      const layer = make(name, { name: 'bad one' });
      layer.evolve(null, { numTimesteps: 17 });
      layer.state[2] = NaN;
      const before = stateOf(layer);
      const message = new RegExp(`^${name} 'bad one': .*2 .*step 17`);
      for (const run of [
        () => Promise.reject(thrown(() => layer.evolve(null, { numTimesteps: 5 }))),
        () => layer.evolveAsync(null, { numTimesteps: 5 }),
      ])
        await assert.rejects(run, (e: Error & { code: string; layer: string }) => {
          assert.equal(e.code, 'ERR_NOT_FINITE');
          assert.match(e.message, message);
          assert.equal(e.layer, 'bad one');
          return true;
        });
      assert.deepEqual(stateOf(layer), before);
      assert.equal(layer.timestep, 17);
    }
  });
});

function thrown(fn: () => unknown): Error {
  try {
    fn();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('parameters that were written through a live array', () => {
  it('are checked before the next evolution', () => {
    for (const name of allNames) {
      const layer = make(name);
      layer.evolve(null, { numTimesteps: 1 });
      const before = stateOf(layer);
      const { tauMem, vThresh } = layer;
      for (const [array, bad, good] of [
        [tauMem, -1, 0.02],
        [vThresh, -0.065, -0.055],
      ] as const) {
        array[1] = bad;
        assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_VALUE' });
        assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_VALUE' });
        array[1] = good;
      }
      layer.weights.data[0] = NaN;
      assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_VALUE' });
      assert.throws(() => layer.evolve(null, { numTimesteps: 1 }), { code: 'ERR_VALUE' });
      layer.weights.data[0] = 0;
      assert.deepEqual(stateOf(layer), before);
      layer.evolve(null, { numTimesteps: 1 });
    }
  });

  it('survive that a setter refuses a value', () => {
    const layer = make('FFIAFTorch');
    const before = layer.toDict();
    assert.throws(() => (layer.vThresh = -0.07), { code: 'ERR_VALUE' });
    assert.throws(() => (layer.vReset = -0.05), { code: 'ERR_VALUE' });
    assert.throws(() => (layer.tauMem = [1, 2]), { code: 'ERR_SHAPE' });
    assert.deepEqual(layer.toDict(), before);
  });

  it('whose memory was transferred away are an error, not a crash', async () => {
    for (const key of ['bias', 'tauMem', 'state', 'synapseState'] as const) {
      const layer = make('RecIAFTorch') as RecIAFTorch;
      const array = layer[key];
      layer.evolve(null, { numTimesteps: 1 });
      transfer(array);
      assert.throws(() => layer.evolve(null, { numTimesteps: 1 }));
      await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1 }));
      assert.equal(layer.timestep, 1);
      if (key !== 'bias' && key !== 'tauMem') layer.resetState();
      else layer[key] = 0.02;
      layer.evolve(null, { numTimesteps: 1 });
    }
  });

  it('may lose the memory of the state while they evolve', async () => {
    const layer = make('RecIAFTorch') as RecIAFTorch;
    const twin = make('RecIAFTorch') as RecIAFTorch;
    const running = layer.evolveAsync(null, { numTimesteps: 2000 });
    transfer(layer.state);
    transfer(layer.synapseState);
    assertSameRun(await running, twin.evolve(null, { numTimesteps: 2000 }));
    assert.deepEqual(stateOf(layer), stateOf(twin));
  });
});

describe('snapshots', () => {
  it('that do not fit are refused, and nothing has changed', () => {
    for (const name of allNames) {
      const layer = make(name);
      layer.evolve(inputFor(layer, 30));
      const good = layer.snapshot();
      const bad: Record<string, unknown>[] = [
        { state: [1, 2] },
        { current0: [1] },
        { refractorySteps: [0.5, 0, 0, 0] },
        { refractorySteps: [-1, 0, 0, 0] },
        { pendingSpikes: [1] },
        { pendingSpikes: [-1, 0] },
        { pendingInput: [1, 0.5] },
        { timestep: -1 },
      ];
      for (const change of bad) {
        if ('current0' in change && !('current0' in good)) continue;
        assert.throws(
          () => layer.restore({ ...good, ...change }),
          (e: { code: string }) => /^ERR_/.test(e.code),
        );
        assert.deepEqual(layer.snapshot(), good);
      }
      assert.throws(() => layer.restore(null as never), { code: 'ERR_TYPE' });
    }
  });

  it('hold spikes and events under way', () => {
    const options = { delayIn: 9e-3, delayRec: new Array(4).fill([3e-3, 12e-3, 5e-3, 7e-3]), bias: 0.02, dt };
    const make_ = (): RecIAFSpkInNest => make('RecIAFSpkInNest', options) as RecIAFSpkInNest;
    const input = events(3, 0.2);
    const whole = make_().evolve(input, { numTimesteps: 200 });
    assert.ok(whole.length > 20);
    for (const cut of [1, 13, 77, 150]) {
      const first = make_();
      const a = first.evolve(input, { numTimesteps: cut });
      const { pendingSpikes, pendingInput } = first.snapshot() as unknown as Record<string, Float64Array>;
      if (cut > 1) assert.ok(pendingSpikes.length > 0 && pendingInput.length > 0);
      const second = make_();
      second.restore(first.snapshot());
      const b = second.evolve(input, { numTimesteps: 200 - cut });
      assert.deepEqual([...a.times, ...b.times], Array.from(whole.times));
      assert.deepEqual([...a.channels, ...b.channels], Array.from(whole.channels));
    }
    const layer = make_();
    layer.evolve(input, { numTimesteps: 50 });
    layer.resetTime();
    assert.equal((layer.snapshot()['pendingSpikes'] as Float64Array).length, 0);
  });
});

describe('a time step that is large for a time constant', () => {
  it('gives a warning with the numbers', () => {
    const messages: string[] = [];
    setWarningHandler(({ code, message }) => messages.push(`${code} ${message}`));
    try {
      new FFIAFTorch([[1]], { dt, tauMem: 5e-3 });
      new FFIAFSpkInTorch([[1]], { dt, tauSyn: [2e-3] });
      new FFIAFNest([[1]], { dt, tauMem: 5e-3 });
      new FFIAFNest([[1]], { dt, tauMem: 0.5e-3 });
      const layer = new FFIAFTorch([[1]], { dt, tauMem: 20e-3 });
      layer.tauMem = 1e-3;
      layer.tauMem = 1e-2;
      layer.dt = 2e-3;
    } finally {
      setWarningHandler(null);
    }
    assert.equal(messages.length, 5);
    assert.match(
      messages[0],
      /^DT_COARSE FFIAFTorch 'unnamed': the time step 0.001 is more than a tenth of the smallest tauMem, 0.005$/,
    );
    assert.match(messages[1], /tauSyn, 0.002/);
    assert.match(messages[2], /larger than the smallest tauMem, 0.0005/);
  });
});

describe('integrate-and-fire layers in a network', () => {
  it('pass spikes on, within the same time step or the next', async () => {
    const build = (): Network =>
      new Network([
        new FFIAFTorch([[0.02, 0.03]], { dt, bias: 0.02, name: 'analog', seed: 1 }),
        new RecIAFSpkInTorch(
          [
            [0.02, 0.02, 0.01],
            [0.01, 0.03, 0.02],
          ],
          NdArray.zeros([3, 3]),
          { dt, name: 'rec', seed: 2 },
        ),
      ]);
    const input = new TSContinuous([0, 0.1, 0.2], [0.5, 1, 0.2], { tStop: 0.2 });
    const net = build();
    const whole = net.evolve(input, { duration: 0.2 });
    const rec = whole['rec'] as TSEvent;
    assert.ok(rec.length > 3);
    const pieces = build();
    const times: number[] = [];
    for (let k = 0; k < 4; k++)
      times.push(...((await pieces.evolveAsync(input, { duration: 0.05 }))['rec'] as TSEvent).times);
    assert.deepEqual(times, Array.from(rec.times));
  });

  it('with spikes at the end of their steps lose none', () => {
    const layer = new FFIAFTorch([[0]], { dt, bias: 1, spikeTime: 'end' });
    const out = layer.evolve(null, { numTimesteps: 10 });
    assert.ok(out.length > 0 && out.times.every((t) => t < out.tStop));
    const raster = out.raster({ dt });
    assert.equal(raster.shape[0], 10);
    const mid = new FFIAFTorch([[0]], { dt, bias: 1 }).evolve(null, { numTimesteps: 10 });
    assert.equal(out.length, mid.length);
    assert.ok(Math.abs(out.times[0] - mid.times[0] - dt / 2) < 1e-12);
    const start = new FFIAFTorch([[0]], { dt, bias: 1, spikeTime: 'start' }).evolve(null, { numTimesteps: 10 });
    assert.ok(Math.abs(mid.times[0] - start.times[0] - dt / 2) < 1e-12);
  });
});

describe('sparse weights', () => {
  it('give the run of the dense ones, bit for bit', () => {
    for (const name of allNames) {
      const dense = weightsOf(name, 3, 4);
      const sparse = Object.fromEntries(
        Object.entries(dense).map(([key, value]) => [key, SparseMatrix.fromDense(value as NdArray)]),
      );
      const [a, b] = [make(name), make(name, sparse)];
      const input = inputFor(a, 200);
      assertSameRun(b.evolve(input), a.evolve(input));
      assert.deepEqual(stateOf(b), stateOf(a));
      assert.ok(b.sparseWeights instanceof SparseMatrix);
      assert.equal(a.sparseWeights, null);
      assert.deepEqual(b.weights.toArray(), a.weights.toArray());
      const dict = JSON.parse(JSON.stringify(b)) as never;
      const copy = Layer.loadFromDict(dict);
      assert.deepEqual(copy.toDict(), b.toDict());
      b.randomizeState({ seed: 1 });
      a.randomizeState({ seed: 1 });
      b.state.forEach((v, i) => assert.equal(v, a.state[i]));
    }
  });

  it('take delays for each of their entries', () => {
    const weightsRec = SparseMatrix.fromDense([
      [0, 0.02, 0],
      [0, 0, 0.03],
      [0.01, 0, 0],
    ]);
    const options = { weightsIn: [[0, 0, 0]], dt, bias: 0, seed: 1 };
    const sparse = new RecIAFSpkInNest({ ...options, weightsRec, delayRec: [2e-3, 3e-3, 4e-3] });
    const delays = [
      [1e-3, 2e-3, 1e-3],
      [1e-3, 1e-3, 3e-3],
      [4e-3, 1e-3, 1e-3],
    ];
    const dense = new RecIAFSpkInNest({ ...options, weightsRec: weightsRec.toDense(), delayRec: delays });
    for (const layer of [sparse, dense]) {
      layer.state = [0, 0, 0];
      layer.evolve(null, { numTimesteps: 3 });
    }
    assert.deepEqual(stateOf(sparse), stateOf(dense));
    for (const layer of [sparse, dense]) layer.evolve(null, { numTimesteps: 30 });
    assert.deepEqual(stateOf(sparse), stateOf(dense));
    assert.throws(() => new RecIAFSpkInNest({ ...options, weightsRec, delayRec: delays }), { code: 'ERR_SHAPE' });
    assert.deepEqual(Layer.loadFromDict(JSON.parse(JSON.stringify(sparse)) as never).toDict(), sparse.toDict());
  });

  it('are warned of nothing', () => {
    assert.deepEqual(
      warningsOf(
        () =>
          new RecIAFSpkInBrian(
            SparseMatrix.fromDense([[1, 0]]),
            SparseMatrix.fromDense([
              [0, 1],
              [1, 0],
            ]),
          ),
      ),
      [],
    );
  });
});
