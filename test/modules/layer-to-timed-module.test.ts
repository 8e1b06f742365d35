import assert from 'node:assert/strict';
import {
  asTimedModule,
  LayerToTimedModule,
  NdArray,
  setWarningHandler,
  TimedModule,
  type TimedInput,
  type TimedResult,
  type TimeSeries,
  TSContinuous,
  TSEvent,
} from 'rockpool-node';
import * as raw from 'rockpool-node/layers';
import * as layers from 'rockpool-node/nn/layers';
import { list } from './helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);
const dt = 1e-3;
const w = [
  [1, 0.5],
  [0.5, 1],
];

type Options = Record<string, unknown>;
const perUnit = { bias: 0.02, dt };
const torch = { ...perUnit, seed: 1 };

/** Options that make a small layer of each class. */
const recipes: Record<string, Options> = {
  PassThrough: { weights: w, dt, delay: 2 * dt },
  FFRateEuler: { weights: w, tau: 0.05, dt },
  RecRateEuler: { weights: w, tau: 0.05, dt },
  PassThroughEvents: { weights: w.map((r) => r.map(Math.ceil)), dt },
  FFExpSyn: { weights: w, dt },
  FFExpSynTorch: { weights: w, dt },
  FFExpSynBrian: { weights: w, dt },
  FFExpSynCurrentInJax: { wOut: w, tau: 0.05, dt },
  FFExpSynJax: { wOut: w, tau: 0.05, dt },
  FFRateEulerJax: { wIn: w, tau: 0.05, dt },
  RecRateEulerJax: { weights: w, tau: 0.05, dt },
  RecRateEulerJax_IO: { wIn: w, wRecurrent: w, wOut: w, tau: 0.05, dt },
  ForceRateEulerJax: { wIn: w, wOut: w, tau: 0.05, dt },
  ForceRateEulerJax_IO: { wIn: w, wOut: w, tau: 0.05, dt },
  FFIAFBrian: { weights: w, ...perUnit },
  FFIAFSpkInBrian: { weights: w, ...perUnit },
  RecIAFBrian: { weights: w, ...perUnit },
  RecIAFSpkInBrian: { weightsIn: w, weightsRec: w, ...perUnit },
  FFIAFTorch: { weights: w, ...torch },
  FFIAFRefrTorch: { weights: w, ...torch },
  FFIAFSpkInTorch: { weights: w, ...torch },
  FFIAFSpkInRefrTorch: { weights: w, ...torch },
  RecIAFTorch: { weights: w, ...torch },
  RecIAFRefrTorch: { weights: w, ...torch },
  RecIAFSpkInTorch: { weightsIn: w, weightsRec: w, ...torch },
  RecIAFSpkInRefrTorch: { weightsIn: w, weightsRec: w, ...torch },
  RecIAFSpkInRefrCLTorch: { weightsIn: w, weightsRec: w, dt },
  FFIAFNest: { weights: w, dt },
  RecIAFSpkInNest: { weightsIn: w, weightsRec: w, dt },
  FFCLIAF: { weights: w, dt },
  FFCLIAFCNNTorch: { weights: { data: [[[[2]]]], inpShape: [1, 2, 1] }, dt },
  RecCLIAF: { weightsIn: w, weightsRec: w, bias: -0.1, dt },
  RecDIAF: { weightsIn: w, weightsRec: w, dt },
  SoftMaxLayer: { weights: w, dt },
  RecFSSpikeEulerBT: { weightsFast: w, weightsSlow: w, tauSynRFast: 0.01, dt },
  RecFSSpikeADS: {
    ...{ weightsIn: w, weightsOut: w, weightsFast: w, weightsSlow: w, dt, eta: 0, k: 0, bias: 1, noiseStd: 0 },
    ...{ vThresh: 1, vReset: 0, vRest: 0.5, tauMem: 0.05, tauSynRFast: 0.07, tauSynRSlow: 0.07, tauSynROut: 0.07 },
    ...{ refractory: 0, record: false, name: 'ads', discretize: -1, discretizeDynapse: false },
  },
  FFUpDown: { weights: 2, dt, thrUp: 0.1, thrDown: 0.1 },
  ButterFilter: { fs: 1000, frequency: [50, 100], bandwidth: [10, 20] },
  ButterMelFilter: { fs: 1000, numFilters: 2 },
  RecAEIFSpkInNest: { weightsIn: w, weightsRec: w, dt },
  VirtualDynapse: { dt, mismatchSeed: 1 },
};
const lif = { tauMem: 0.05, tauSyn: 0.05, dt };
for (const [name, weights] of Object.entries({
  FFLIFCurrentInJax_SO: { wIn: w },
  FFLIFJax_IO: { wIn: w, wOut: w },
  FFLIFJax_SO: { wIn: w },
  RecLIFJax: { wRecurrent: w },
  RecLIFJax_IO: { wIn: w, wRecurrent: w, wOut: w },
  RecLIFCurrentInJax: { wRecurrent: w },
  RecLIFCurrentInJax_IO: { wIn: w, wRecurrent: w, wOut: w },
  RecLIFCurrentInJax_SO: { wRecurrent: w },
}))
  recipes[name] = { ...weights, ...lif };

type AnyClass = new (options: Options) => LayerToTimedModule;
const classes = layers as unknown as Record<string, AnyClass>;
const layerNames = Object.keys(layers).filter((name) => !name.endsWith('V1'));

/** These need a board, or the board model, which are opened first: see dynapse/rec-dynapse.test.ts. */
const onBoards = ['RecDynapSE', 'RecDynapSEDemo'];
/** Classes without weights to train. */
const unweighted = ['FFUpDown', 'ButterFilter', 'ButterMelFilter', 'VirtualDynapse'];

function inputOf(module: LayerToTimedModule): TimeSeries {
  if (module.spikingInput) return new TSEvent([0.0015, 0.0035, 0.0125], [0, 1, 0], { tStop: 0.02, numChannels: 2 });
  const rows = Array.from({ length: 20 }, (_, k) => [Math.sin(k) + 1, k / 20].slice(0, module.sizeIn));
  return TSContinuous.fromClocked(rows, dt);
}

const quietly = <T>(fn: () => T): T => {
  setWarningHandler(() => undefined);
  try {
    return fn();
  } finally {
    setWarningHandler(null);
  }
};

describe('nn/layers', () => {
  it('has every layer class, converted and raw', () => {
    const concrete = Object.entries(raw)
      .filter(([, c]) => typeof c === 'function' && c.prototype instanceof raw.Layer)
      .map(([name]) => name)
      .filter(
        (name) =>
          ![
            'RRTrainedLayer',
            'IAFLayer',
            'CLIAF',
            'FastSlowLayer',
            'UpDownLayer',
            'UpDownDecoder',
            'FilterBank',
          ].includes(name),
      );
    assert.deepEqual(layerNames.sort(), concrete.sort());
    for (const name of concrete)
      assert.equal((layers as Record<string, unknown>)[`${name}V1`], (raw as Record<string, unknown>)[name]);
    assert.deepEqual(layerNames, [...Object.keys(recipes), ...onBoards].sort());
  });

  for (const name of Object.keys(recipes)) {
    it(`${name} evolves, shows its attributes and is saved`, () =>
      quietly(() => {
        const module = new classes[name](recipes[name]);
        const layer = new (raw as unknown as Record<string, new (o: Options) => raw.Layer>)[name](recipes[name]);
        assert.equal(module.className, name);
        assert.ok(module instanceof LayerToTimedModule && module instanceof TimedModule);
        assert.deepEqual([module.sizeIn, module.sizeOut], [layer.sizeIn, layer.sizeOut]);
        layer.seed = module.layer.seed;
        const input = inputOf(module);
        const [out, state] = module.evolve(input, { numTimesteps: 12 });
        const expected = layer.evolve(input, { numTimesteps: 12 });
        assert.deepEqual(String(out), String(expected));
        assert.equal(module.timestep, 12);
        assert.deepEqual(Object.keys(module.modules()), []);
        assert.equal(module.simulationParameters()['dt'], dt);
        if (!unweighted.includes(name)) assert.ok(Object.keys(module.parameters('weights')).length > 0);
        // everything that it shows it accepts
        module.setAttributes({ ...module.parameters(), ...module.simulationParameters(), ...state }, { strict: true });
        const dict = JSON.parse(JSON.stringify(module.toDict({ includeState: true }))) as object;
        const copy = TimedModule.loadFromDict(dict) as unknown as LayerToTimedModule;
        assert.equal(copy.constructor, module.constructor);
        assert.deepEqual(copy.evolve(input)[1], module.evolve(input)[1]);
        module.resetAll();
        assert.deepEqual(String(module.evolve(input, { numTimesteps: 12 })[0]), String(expected));
        module.resetParameters();
        module.evolve(null, { numTimesteps: 3, record: true });
      }));
  }

  it('takes the arguments of the layer', () => {
    const a = new layers.FFIAFBrian(w, { bias: 0.015, name: 'wrapped' });
    const b = new layers.FFIAFBrian({ weights: w });
    assert.equal(String(a), "FFIAFBrian 'wrapped' with shape (2, 2)");
    assert.equal(a.tauMem.size, b.layer.tauMem.length);
    assert.deepEqual(Object.keys(a.parameters()), ['weights', 'bias', 'tauMem', 'vThresh', 'vReset', 'vRest']);
    assert.deepEqual(a.simulationParameters(), { dt: 1e-4, noiseStd: 0, refractory: 0 });
    throwsCode(() => new layers.FFIAFBrian(w, { wrong: 1 } as never), 'ERR_TYPE');
  });
});

describe('LayerToTimedModule', () => {
  const make = (): layers.RecRateEuler => new layers.RecRateEuler({ weights: w, tau: 0.05, dt, name: 'rec' });

  it('has the output size of the layer (H-01)', () => {
    const m = new layers.FFLIFJax_IO({
      wIn: [[1, 1, 1]],
      wOut: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      ...lif,
    });
    assert.deepEqual([m.shape, m.layer.size], [[1, 2], 3]);
  });

  it('knows families by name (H-02)', () => {
    const m = new layers.FFIAFSpkInBrian(w, {});
    assert.deepEqual(Object.keys(m.parameters('weights')), ['weights']);
    assert.deepEqual(Object.keys(m.parameters('taus')), ['tauMem', 'tauSyn']);
    assert.deepEqual(Object.keys(m.parameters(['biases', 'thresholds'])), ['bias', 'vThresh']);
  });

  it('keeps state() a method (H-03)', () => {
    const m = make();
    assert.deepEqual(Object.keys(m.state()), ['layerState']);
    m.resetState();
    assert.deepEqual(Object.keys(m.state()), ['layerState']);
    assert.deepEqual(list(m.layerState), [0, 0]);
  });

  it('returns what the layer recorded (H-04)', async () => {
    const m = new layers.FFIAFBrian(w, { dt });
    const [, , none] = m.evolve(null, { numTimesteps: 3 });
    assert.deepEqual(none, {});
    const [, , record] = m.evolve(null, { numTimesteps: 3, record: true });
    assert.ok(record['v'] instanceof TSContinuous);
    const [, , later] = await m.evolveAsync(null, { numTimesteps: 3, record: true });
    assert.ok(later['v'] instanceof TSContinuous);
    assert.equal(later['v'].tStart, 0.006);
    const [, , jax] = new layers.FFRateEulerJax({ wIn: w, tau: 0.05, dt }).evolve(null, {
      numTimesteps: 2,
      record: true,
    });
    assert.ok(jax['resActsLastEvolution'] instanceof TSContinuous);
  });

  it('reads and writes the layer alone (H-05)', () => {
    const m = make();
    m.setAttributes({ layerState: [1, 2], bias: 0.5 });
    assert.deepEqual(Array.from(m.layer.state), [1, 2]);
    assert.deepEqual(list(m.bias), [0.5, 0.5]);
    const [, state] = m.evolve(null, { numTimesteps: 5 });
    assert.deepEqual(list(m.layerState), Array.from(m.layer.state));
    assert.deepEqual(list(state.layerState), Array.from(m.layer.state));
    m.layer.tau = 0.5;
    assert.deepEqual(list(m.tau), [0.5, 0.5]);
    m.tau.set(1, 0.25);
    assert.equal(m.layer.tau[1], 0.25);
    m.evolve(null, { numTimesteps: 1 });
    assert.notDeepEqual(list(state.layerState), list(m.layerState), 'the state that was returned is a copy');
    throwsCode(() => m.setAttributes({ bias: [1, 2, 3] }), 'ERR_SHAPE');
    throwsCode(() => m.setAttributes({ bias: 0.1, tau: -1 }), 'ERR_VALUE');
    assert.deepEqual(list(m.bias), [0.5, 0.5], 'all or none');
    m.resetParameters();
    assert.deepEqual(list(m.bias), list(NdArray.from(make().layer.bias)));
    const fixed = new layers.FFIAFNest(w, {});
    throwsCode(() => fixed.setAttributes({ numCores: 7 }), 'ERR_TYPE');
    m.layer.t = 0.003;
    assert.equal(m.t, 0.003);
  });

  it('counts steps as timed modules do, and refuses wrong input', () => {
    const m = make();
    m.evolve(null, { duration: 0.01 - 5e-7 });
    assert.equal(m.layer.timestep, 10);
    throwsCode(() => m.evolve(new TSEvent([0], [0], { tStop: 1 })), 'ERR_TYPE');
    throwsCode(() => m.evolve([[1, 2, 3]]), 'ERR_SHAPE');
    const [out] = m.evolve([[1, 2]], { kwargsTimeseries: { name: 'mine' } });
    assert.deepEqual([out.name, out.tStart, m.timestep], ['mine', 0.01, 11]);
    throwsCode(() => m.evolve(null, { numTimesteps: 1, odd: 1 } as never), 'ERR_TYPE');
  });

  it('evolves off the event loop, and not at all when aborted', async () => {
    const [m, n] = [make(), make()];
    const input = inputOf(m);
    const [out] = await m.evolveAsync(input, { numTimesteps: 12 });
    assert.deepEqual((out as TSContinuous).samples, (n.evolve(input, { numTimesteps: 12 })[0] as TSContinuous).samples);
    await assert.rejects(m.evolveAsync(input, { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    assert.equal(m.timestep, 12);
    const running = m.evolveAsync(input);
    throwsCode(() => m.resetState(), 'ERR_BUSY');
    await running;
    assert.equal(m.timestep, 20);
    assert.deepEqual(m.restore(n.snapshot()).evolve(input)[1], n.evolve(input)[1]);
  });

  it('hands options of its own to the layer', () => {
    const m = new layers.ForceRateEulerJax({ wIn: w, wOut: w, tau: 0.05, dt });
    const force = TSContinuous.fromClocked(
      [
        [1, 1],
        [1, 1],
      ],
      dt,
    );
    const [a] = m.evolve(null, { numTimesteps: 2, layerOptions: { tsForce: force } });
    assert.notEqual((a as TSContinuous).max, 0);
  });

  it('takes part in a timed network', () => {
    class Net extends TimedModule<{ modules: { a: layers.RecRateEuler; b: layers.FFRateEuler } }> {
      declare a: layers.RecRateEuler;
      declare b: layers.FFRateEuler;
      constructor() {
        super({ shape: 2, dt });
        this.addModule('a', make());
        this.addModule('b', new layers.FFRateEuler(w, { tau: 0.05, dt: 2 * dt }));
      }
      override evolve(tsInput?: TimedInput, { numTimesteps }: { numTimesteps?: number } = {}): TimedResult<never> {
        const [x] = this.a.evolve(tsInput, { numTimesteps });
        const [y] = this.b.evolve(x, { numTimesteps });
        return [y, {}, {}] as never;
      }
    }
    const net = new Net();
    assert.equal(
      String(net),
      `Net with shape (2,) {
    RecRateEuler 'a' with shape (2, 2)
    FFRateEuler 'b' with shape (2, 2)
}`,
    );
    assert.equal(quietly(() => net.evolve(inputOf(make()), { numTimesteps: 4 })[0]).tStop, 0.008);
    assert.deepEqual([net.dt, net.a.timestep, net.b.timestep], [2 * dt, 8, 4]);
    net.resetTime();
    assert.equal(net.a.layer.timestep, 0);
  });
});

describe('asTimedModule', () => {
  it('converts a class, with single names or lists', () => {
    const Rate = asTimedModule(raw.RecRateEuler, { parameters: 'weights', states: ['state'] });
    const m = new Rate(w, { tau: 0.05, dt });
    assert.deepEqual(Object.keys(m.parameters()), ['weights']);
    const layer = new raw.RecRateEuler(w, { tau: 0.05, dt });
    assert.equal(new Rate(layer).layer, layer);
    assert.equal(Rate.loadFromDict(m.toDict()).dt, dt);
    throwsCode(() => asTimedModule(TimedModule as never), 'ERR_VALUE');
    throwsCode(() => asTimedModule(3 as never), 'ERR_TYPE');
    throwsCode(() => new LayerToTimedModule({} as never), 'ERR_TYPE');
    throwsCode(() => new LayerToTimedModule(layer, { parameters: 'none' }), 'ERR_KEY');
    throwsCode(() => new LayerToTimedModule(layer, { parameters: 3 as never }), 'ERR_TYPE');
    throwsCode(() => new LayerToTimedModule(layer, { odd: 'bias' } as never), 'ERR_TYPE');
    const plain = new LayerToTimedModule(layer, { parameters: 'bias', simulationParameters: ['_t', 'name'] });
    assert.deepEqual([plain.simulationParameters(), Object.keys(plain.parameters())], [{ dt }, ['bias']]);
    const loaded = LayerToTimedModule.loadFromDict(plain.toDict());
    assert.deepEqual(Object.keys(loaded.parameters()), ['bias']);
  });
});
