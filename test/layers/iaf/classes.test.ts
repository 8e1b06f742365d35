import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TSContinuous, TSEvent } from 'rockpool-node';
import { IAFLayer, Layer } from 'rockpool-node/layers';
import { assertSame, warningsOf } from '../rate-helpers';
import {
  allNames,
  assertSameRun,
  backendOf,
  classOf,
  hasBoth,
  hasNoise,
  inputFor,
  isRecurrent,
  isRefractory,
  make,
  type Name,
  spikesOf,
  stateOf,
  takesEvents,
  weightsOf,
} from './helpers';

const bias: Record<string, number> = {
  FFIAFBrian: 10e-3,
  FFIAFSpkInBrian: 10e-3,
  RecIAFBrian: 10.5e-3,
  RecIAFSpkInBrian: 10.5e-3,
  FFIAFTorch: 15e-3,
  FFIAFRefrTorch: 15e-3,
  FFIAFSpkInTorch: 10e-3,
  FFIAFSpkInRefrTorch: 10e-3,
  RecIAFTorch: 15e-3,
  RecIAFRefrTorch: 15e-3,
  RecIAFSpkInTorch: 10.5e-3,
  RecIAFSpkInRefrTorch: 10.5e-3,
  RecIAFSpkInRefrCLTorch: 10.5e-3,
  FFIAFNest: 0,
  RecIAFSpkInNest: 0,
};

/** The names of the time constants of synapses, with their defaults. */
function synapses(name: string): Record<string, number> {
  if (name === 'RecIAFSpkInNest') return { tauSynExc: 50e-3, tauSynInh: 50e-3 };
  if (hasBoth(name)) return { tauSynInp: 50e-3, tauSynRec: 50e-3 };
  if (isRecurrent(name)) return { tauSynR: 50e-3 };
  return takesEvents(name) ? { tauSyn: 20e-3 } : {};
}

/** Values that are not the defaults, for every parameter of a class. */
function unusual(name: Name): Record<string, unknown> {
  const taus = Object.fromEntries(Object.keys(synapses(name)).map((tau, i) => [tau, [0.011, 0.012, 0.013, 0.014 + i]]));
  return {
    ...weightsOf(name, 3, 4, 9),
    ...taus,
    dt: 2e-4,
    bias: [0.01, 0.011, 0.012, 0.013],
    tauMem: [0.021, 0.022, 0.023, 0.024],
    vThresh: -0.05,
    vReset: [-0.06, -0.061, -0.062, -0.063],
    vRest: -0.064,
    name: 'odd',
    record: { every: 3, channels: [2, 0] },
    precision: 'float32',
    numerics: 'legacy',
    spikeTime: 'mid',
    ...(hasNoise(name) && { noiseStd: 1e-4, noiseScaling: 'legacy' }),
    ...(isRefractory(name) && { refractory: 2e-3 }),
    ...(backendOf(name) === 'Brian' && { neuronEq: 'constant_leak', integratorName: 'euler' }),
    ...(backendOf(name) === 'Torch' && { maxNumTimesteps: 17 }),
    ...(backendOf(name) === 'Torch' && !name.includes('CL') && { integrator: 'exact' }),
    ...(/^RecIAFSpkIn\w*Torch$/.test(name) && { addEvents: false }),
    ...(name.includes('CL') && {
      leakRate: 0.03,
      stateMin: [-0.08, -0.081, -0.082, -0.083],
      legacyConstantLeak: false,
    }),
    ...(backendOf(name) === 'Nest' && { capacity: 0.03, numCores: 2 }),
    ...(name === 'RecIAFSpkInNest' && { delayIn: 4e-4, delayRec: new Array(4).fill([2e-4, 4e-4, 6e-4, 1e-3]) }),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'rockpool-iaf-'));
after(() => rmSync(folder, { recursive: true }));

for (const name of allNames) {
  describe(name, () => {
    it('has the defaults of the original', () => {
      const layer = new (classOf(name))(weightsOf(name));
      assert.ok(layer instanceof IAFLayer);
      const expected: Record<string, number> = {
        bias: bias[name],
        tauMem: 20e-3,
        vThresh: -55e-3,
        vReset: -65e-3,
        vRest: -65e-3,
        ...synapses(name),
      };
      for (const [key, value] of Object.entries(expected))
        assertSame((layer as unknown as Record<string, Float64Array>)[key], new Array<number>(4).fill(value));
      assert.equal(layer.dt, 1e-4);
      assert.equal(layer.refractory, backendOf(name) === 'Nest' ? 1e-3 : 0);
      assert.equal(layer.noiseStd, 0);
      assert.equal(layer.record, false);
      assert.deepEqual(
        [layer.numerics, layer.precision, layer.spikeTime, layer.noiseScaling],
        ['native', 'float64', 'mid', 'stationary'],
      );
    });

    it('tells its sizes and types', () => {
      const layer = make(name);
      assert.deepEqual(
        [layer.sizeIn, layer.size, layer.sizeOut],
        [name.startsWith('RecIAF') && !hasBoth(name) ? 4 : 3, 4, 4],
      );
      assert.equal(layer.inputType, takesEvents(name) ? TSEvent : TSContinuous);
      assert.equal(layer.outputType, TSEvent);
      const input = takesEvents(name) ? 'TSEvent' : 'TSContinuous';
      assert.equal(
        String(layer),
        `${name} object: "unnamed" [${layer.sizeIn} ${input} in -> 4 internal -> 4 TSEvent out]`,
      );
    });

    it('takes its weights first, or all in one object', () => {
      const { weights, weightsIn, weightsRec } = weightsOf(name);
      const Class = classOf(name) as unknown as new (...args: unknown[]) => IAFLayer;
      const layer = hasBoth(name)
        ? new Class(weightsIn, weightsRec, { bias: 0.02, name: 'a' })
        : new Class(weights, { bias: 0.02, name: 'a' });
      assert.deepEqual(layer.toDict(), make(name, { bias: 0.02, name: 'a', dt: 1e-4 }).toDict());
    });

    it('emits spikes in the middle of their time steps, within its evolution', () => {
      const layer = make(name);
      const first = layer.evolve(inputFor(layer, 300), { numTimesteps: 100 });
      const out = layer.evolve(inputFor(layer, 300), { numTimesteps: 200 });
      assert.ok(first.length + out.length > 0, 'no spikes');
      assert.deepEqual([out.tStart, out.tStop, out.numChannels], [100 * 1e-3, 300 * 1e-3, 4]);
      for (const t of out.times) assert.ok(Math.abs((t / 1e-3) % 1) - 0.5 < 1e-6 && t > out.tStart && t < out.tStop);
      assert.equal(layer.timestep, 300);
    });

    it('gives the same run in pieces, off the event loop, streamed, and after a snapshot was restored', async () => {
      const noise = hasNoise(name) ? { noiseStd: 2e-3 } : {};
      const whole = make(name, noise);
      const input = inputFor(whole, 400);
      const expected = whole.evolve(input, { numTimesteps: 400 });
      assert.ok(expected.length > 0, 'no spikes');
      const pieces = make(name, noise);
      const got: [number[], number[]] = [[], []];
      for (const numTimesteps of [1, 7, 100, 292]) {
        const copy = make(name, noise);
        copy.restore(pieces.snapshot());
        const out = pieces.evolve(input, { numTimesteps });
        assertSameRun(await copy.evolveAsync(input, { numTimesteps }), out);
        assert.deepEqual(stateOf(copy), stateOf(pieces));
        got[0].push(...out.times);
        got[1].push(...out.channels);
      }
      assert.deepEqual(got, [Array.from(expected.times), Array.from(expected.channels)]);
      assert.deepEqual(stateOf(pieces), stateOf(whole));
      const streamed = make(name, noise);
      const source = [0, 1, 2, 3].map((i) => (input as TSEvent).clip(i * 0.1, (i + 1) * 0.1));
      let n = 0;
      for await (const out of streamed.stream(source)) n += out.length;
      assert.equal(n, expected.length);
    });

    it('starts from rest again after a reset', () => {
      const layer = make(name, { vRest: -0.07 });
      const before = stateOf(layer);
      assertSame(layer.state, new Array<number>(4).fill(-0.07));
      layer.evolve(inputFor(layer, 100));
      assert.notDeepEqual(stateOf(layer), before);
      layer.resetTime();
      assert.equal(layer.t, 0);
      assert.notDeepEqual(stateOf(layer), before);
      layer.resetState();
      assert.deepEqual(stateOf(layer), before);
    });

    it('draws a random state between reset and threshold', () => {
      const layer = make(name, { vReset: [-0.07, -0.06, -0.08, -0.065], vThresh: [-0.05, -0.059, -0.04, -0.055] });
      layer.randomizeState({ seed: 3 });
      const first = layer.snapshot();
      layer.state.forEach((v, i) => assert.ok(v >= layer.vReset[i] && v < layer.vThresh[i]));
      assert.equal(new Set(layer.state).size, 4);
      layer.resetState();
      layer.randomizeState({ seed: 3 });
      assert.deepEqual(layer.snapshot(), first);
      layer.randomizeState();
      assert.notDeepEqual(layer.snapshot(), first);
      assert.throws(() => layer.randomizeState({ factor: 2 } as object), { code: 'ERR_TYPE' });
    });

    it('comes back from its dictionary as it was', () => {
      const layer = new (classOf(name))(unusual(name));
      const dict = JSON.parse(JSON.stringify(layer)) as Record<string, unknown>;
      assert.equal(dict['class_name'], name);
      const copy = Layer.loadFromDict(dict, { seed: layer.seed }) as IAFLayer;
      assert.equal(copy.className, name);
      assert.deepEqual(copy.toDict(), layer.toDict());
      const input = inputFor(layer, 100);
      assertSameRun(copy.evolve(input), layer.evolve(input));
      const file = join(folder, `${name}.json`);
      layer.saveLayerSync(file, { includeState: true });
      const onward = Layer.loadFromFileSync(file) as IAFLayer;
      assert.deepEqual(stateOf(onward), stateOf(layer));
      assertSameRun(onward.evolve(null, { numTimesteps: 50 }), layer.evolve(null, { numTimesteps: 50 }));
      const plain = make(name).toDict();
      assert.deepEqual(Layer.loadFromDict(plain).toDict(), plain);
    });

    it('takes effect of elements that are written, from the next evolution on', () => {
      const input = inputFor(make(name), 100);
      for (const key of ['bias', 'tauMem', 'vThresh', 'vReset', ...Object.keys(synapses(name))]) {
        const value = { bias: 0.05, tauMem: 0.012, vThresh: -0.0645, vReset: -0.061 }[key] ?? 0.012;
        const one = (): IAFLayer => make(name, { bias: 30e-3 });
        const [live, set] = [one(), one()] as unknown as Record<string, Float64Array>[];
        (live as unknown as IAFLayer).evolve(input, { numTimesteps: 50 });
        (set as unknown as IAFLayer).evolve(input, { numTimesteps: 50 });
        const array = live[key];
        (live as unknown as IAFLayer).evolve(input, { numTimesteps: 10 });
        array[1] = value;
        (set as unknown as IAFLayer).evolve(input, { numTimesteps: 10 });
        set[key] = array.slice();
        const a = (live as unknown as IAFLayer).evolve(input, { numTimesteps: 40 });
        assertSameRun(a, (set as unknown as IAFLayer).evolve(input, { numTimesteps: 40 }));
        assert.deepEqual(stateOf(live as unknown as IAFLayer), stateOf(set as unknown as IAFLayer), key);
        const other = one();
        other.evolve(input, { numTimesteps: 60 });
        const b = other.evolve(input, { numTimesteps: 40 });
        assert.notDeepEqual(
          [spikesOf(b), stateOf(other)],
          [spikesOf(a), stateOf(live as unknown as IAFLayer)],
          `${key} has no effect`,
        );
      }
    });

    it('takes effect of weights that are written', () => {
      for (const key of hasBoth(name) ? (['weightsIn', 'weightsRec'] as const) : (['weights'] as const)) {
        const [live, set] = [make(name), make(name)] as unknown as Record<
          string,
          { data: Float64Array; shape: number[] }
        >[];
        const input = inputFor(live as unknown as IAFLayer, 200);
        (live as unknown as IAFLayer).evolve(input, { numTimesteps: 100 });
        (set as unknown as IAFLayer).evolve(input, { numTimesteps: 100 });
        const { data, shape } = live[key];
        data.fill(0.02);
        set[key] = { data: new Float64Array(data.length).fill(0.02), shape: [...shape] };
        assertSameRun(
          (live as unknown as IAFLayer).evolve(input, { numTimesteps: 100 }),
          (set as unknown as IAFLayer).evolve(input, { numTimesteps: 100 }),
        );
        assert.deepEqual(stateOf(live as unknown as IAFLayer), stateOf(set as unknown as IAFLayer));
      }
    });

    it('computes nearly the same in single precision', () => {
      const [double, single] = [make(name), make(name, { precision: 'float32' })];
      const input = inputFor(double, 20);
      double.evolve(input, { numTimesteps: 5 });
      single.evolve(input, { numTimesteps: 5 });
      single.state.forEach((v, i) => assert.ok(Math.abs(v - double.state[i]) < 1e-7));
      assert.notDeepEqual(Array.from(single.state), Array.from(double.state));
      assertSame(single.state, Float32Array.from(single.state));
    });

    it('keeps a refractory period, where it has one', () => {
      if (!isRefractory(name)) {
        assert.throws(() => (make(name).refractory = 1e-3), { code: 'ERR_STATE' });
        assert.throws(() => make(name, { refractory: 1e-3 }), { code: 'ERR_TYPE' });
        return;
      }
      const layer = make(name, { bias: 1, refractory: 5e-3, ...(name.includes('CL') && { stateMin: null }) });
      const steps = layer.evolve(null, { numTimesteps: 40 }).events({ channels: 0 }).times;
      const held = backendOf(name) === 'Brian' ? 4 : 5;
      const free = make(name, { bias: 1, refractory: 0 })
        .evolve(null, { numTimesteps: 40 })
        .events({ channels: 0 }).times;
      const interval = (t: Float64Array): number => Math.round((t[2] - t[1]) / 1e-3);
      assert.equal(interval(steps) - interval(free), held);
    });

    it('refuses changes and other calls while it evolves, and gives up when asked to', async () => {
      const layer = make(name);
      const before = stateOf(layer);
      const controller = new AbortController();
      const running = layer.evolveAsync(null, { numTimesteps: 50_000_000, signal: controller.signal });
      for (const call of [
        () => layer.evolve(null, { numTimesteps: 1 }),
        () => layer.resetAll(),
        () => (layer.bias = 1),
        () => (layer.weights = layer.weights),
        () => (layer.record = true),
        () => layer.randomizeState(),
      ])
        assert.throws(call, { code: 'ERR_BUSY' });
      controller.abort();
      await assert.rejects(running, { code: 'ERR_ABORTED' });
      assert.deepEqual(stateOf(layer), before);
    });

    it('reads a dictionary of the original, without its equations', () => {
      const own = make(name).toDict();
      const original = {
        ...own,
        ...(backendOf(name) === 'Brian' && { neuron_eq: 'dv/dt = (v_rest - v) / tau_m : volt' }),
      };
      let layer: Layer | undefined;
      const codes = warningsOf(() => (layer = Layer.loadFromDict(original)));
      assert.deepEqual(codes, backendOf(name) === 'Brian' ? ['EQUATIONS_IGNORED'] : []);
      assert.deepEqual(layer?.toDict(), own);
    });
  });
}
