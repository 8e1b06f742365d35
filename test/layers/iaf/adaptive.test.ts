import assert from 'node:assert/strict';
import {
  Layer,
  RecAEIFSpkInNest,
  type RecAEIFSpkInNestOptions,
  RecIAFSpkInNest,
  SparseMatrix,
} from 'rockpool-node/layers';
import { matrix, warningsOf } from '../rate-helpers';
import { assertSameRun, events, stateOf, stepsOf } from './helpers';

const weightsIn = matrix(3, 4, 1, 0.1);
const weightsRec = matrix(4, 4, 2, 0.02);

const make = (options: RecAEIFSpkInNestOptions = {}): RecAEIFSpkInNest =>
  new RecAEIFSpkInNest(weightsIn, weightsRec, {
    dt: 1e-3,
    bias: 0.08,
    subthreshAdapt: 1,
    spikeAdapt: 20,
    seed: 5,
    ...options,
  });

/** One unit without input. */
const one = (options: RecAEIFSpkInNestOptions = {}): RecAEIFSpkInNest =>
  new RecAEIFSpkInNest([[0]], [[0]], { bias: 0.08, ...options });

function assertNear(actual: ArrayLike<number>, expected: number, tolerance = 1e-12): void {
  for (const x of Array.from(actual))
    assert.ok(Math.abs(x - expected) <= tolerance * Math.abs(expected), `${x}, expected ${expected}`);
}

function codeOf(fn: () => unknown): [code: string, message: string] {
  try {
    fn();
  } catch (error) {
    return [(error as { code: string }).code, (error as Error).message];
  }
  return ['none', ''];
}

describe('RecAEIFSpkInNest', () => {
  it('has the defaults of the original', () => {
    const layer = new RecAEIFSpkInNest(weightsIn, weightsRec);
    assert.ok(layer instanceof RecIAFSpkInNest);
    assert.deepEqual([layer.sizeIn, layer.size, layer.dt, layer.refractory], [3, 4, 1e-4, 1e-3]);
    const defaults = {
      tauMem: 0.02,
      conductance: 1,
      capacity: 0.02,
      deltaT: 2e-3,
      subthreshAdapt: 4,
      spikeAdapt: 80.5,
      tauAdapt: 0.144,
      tauSynExc: 0.05,
      tauSynInh: 0.05,
      vThresh: -0.055,
      vReset: -0.065,
      vRest: -0.065,
      bias: 0,
    } as const;
    for (const [name, value] of Object.entries(defaults))
      assert.deepEqual(Array.from(layer[name as keyof typeof defaults]), [value, value, value, value], name);
    assertNear(layer.vPeak, -0.045);
    assert.deepEqual([layer.delayIn, layer.delayRec], [1e-4, 1e-4]);
    assert.deepEqual(Array.from(layer.adapt), [0, 0, 0, 0]);
  });

  it('takes two of time constant, conductance and capacity', () => {
    const both = one({ tauMem: 0.03, conductance: 2 });
    assertNear(both.capacity, 0.06);
    assertNear(one({ tauMem: 0.03, conductance: null, capacity: 0.06 }).conductance, 2);
    assertNear(one({ tauMem: null, conductance: 2, capacity: 0.06 }).tauMem, 0.03);
    const names = ['tauMem', 'conductance', 'capacity'] as const;
    for (const given of names) {
      const options = Object.fromEntries(names.map((name) => [name, name === given ? 1 : null]));
      assert.deepEqual(codeOf(() => one(options))[0], 'ERR_VALUE', given);
    }
    assert.match(codeOf(() => one({ conductance: null }))[1], /tauMem, conductance and capacity/);
    assert.match(codeOf(() => one({ tauMem: null, capacity: -1 }))[1], /capacity/);
    assert.match(codeOf(() => one({ conductance: null, capacity: [1, 2] }))[1], /capacity/);
  });

  it('warns when all three are given and do not agree', () => {
    const agreeing = warningsOf(() => one({ tauMem: 0.03, conductance: 0.7, capacity: 0.7 * 0.03 * (1 + 1e-15) }));
    assert.deepEqual(agreeing, []);
    let layer!: RecAEIFSpkInNest;
    const codes = warningsOf(() => (layer = one({ capacity: 0.5 })));
    assert.deepEqual(codes, ['CAPACITY_IGNORED']);
    assertNear(layer.capacity, 0.02);
  });

  it('keeps them in step when one is set', () => {
    const layer = one({ conductance: 0.3 });
    layer.tauMem = 0.05;
    assertNear(layer.capacity, 0.015);
    assertNear(layer.conductance, 0.3);
    layer.conductance = 0.5;
    assertNear(layer.capacity, 0.015);
    assertNear(layer.tauMem, 0.03);
    layer.capacity = 0.01;
    assertNear(layer.tauMem, 0.02);
    layer.conductance[0] = 0.1;
    assertNear(layer.tauMem, 0.1);
    assertNear([(layer.toDict() as unknown as { tau_mem: number[] }).tau_mem[0]], 0.1);
    const same = one({ tauMem: null, conductance: 0.1, capacity: 0.01 });
    assertSameRun(layer.evolve(null, { duration: 0.2 }), same.evolve(null, { duration: 0.2 }));
    assert.deepEqual(layer.state, same.state);
    assert.deepEqual(codeOf(() => (layer.tauMem = -1))[0], 'ERR_VALUE');
    assertNear(layer.tauMem, 0.1);
  });

  it('fires at the peak, which moves with the threshold', () => {
    const layer = one();
    layer.vThresh = -0.05;
    assertNear(layer.vPeak, -0.04);
    layer.deltaT = 0;
    assertNear(layer.vPeak, -0.05);
    assert.throws(() => ((layer as unknown as { vPeak: number }).vPeak = 0), TypeError);
    // V_infinity lies between -0.05 and -0.04.
    const still = one({ subthreshAdapt: 0, spikeAdapt: 0, bias: 0.02, deltaT: 0, vThresh: -0.04 });
    assert.equal(still.evolve(null, { duration: 1 }).length, 0);
    still.vThresh = -0.05;
    assert.ok(still.evolve(null, { duration: 1 }).length > 5);
  });

  it('may be reset above the threshold, below the peak', () => {
    const layer = one({ vReset: -0.05, bias: 0.03, subthreshAdapt: 0, spikeAdapt: 10, tauAdapt: 0.03 });
    const steps = stepsOf(layer.evolve(null, { duration: 1 }), layer.dt);
    const gaps = steps.slice(1).map((step, i) => step - steps[i]);
    assert.ok(Math.min(...gaps) * 3 < Math.max(...gaps), 'bursts');
    for (const vReset of [-0.045, 0])
      assert.match(codeOf(() => one({ vReset }))[1], /vReset\[0\].*less than vPeak/, String(vReset));
    assert.deepEqual(codeOf(() => (layer.vThresh = -0.061))[0], 'ERR_VALUE');
    assertNear(layer.vThresh, -0.055);
  });

  it('adds spikeAdapt, which is in thousandths, to the adaptation current', () => {
    for (const [spikeAdapt, expected] of [
      [undefined, 1],
      [5, 3],
    ] as const) {
      const layer = one({ subthreshAdapt: 0, tauAdapt: 1e6, spikeAdapt, refractory: 0.01 });
      const spikes = layer.evolve(null, { duration: 0.04 });
      assert.equal(spikes.length, expected);
      assertNear(layer.adapt, expected * (spikeAdapt ?? 80.5) * 1e-3, 1e-6);
    }
  });

  it('adapts to the potential below the threshold', () => {
    const layer = one({ bias: 0.02, vThresh: 0, deltaT: 0, subthreshAdapt: 4 });
    layer.evolve(null, { duration: 3 });
    // (1 + 4) nS times the depolarisation is the bias.
    assertNear(layer.state, -0.065 + 0.004, 1e-6);
    assertNear(layer.adapt, 0.016, 1e-6);
  });

  it('may fire several times in a step', () => {
    const layer = one({ dt: 5e-3, bias: 5, refractory: 0, spikeAdapt: 1 });
    const { times } = layer.evolve(null, { numTimesteps: 1 });
    assert.ok(times.length > 10);
    assert.deepEqual(new Set(times), new Set([2.5e-3]));
    layer.bias = 1e6;
    const before = stateOf(layer);
    const [code, message] = codeOf(() => layer.evolve(null, { numTimesteps: 3 }));
    assert.equal(code, 'ERR_STATE');
    assert.match(message, /RecAEIFSpkInNest 'unnamed'.*neuron 0.*step 1$/);
    assert.deepEqual(stateOf(layer), before);
  });

  it('is the same in pieces, off the event loop and after a restore', async () => {
    const input = events(3, 0.3);
    const whole = make();
    const spikes = whole.evolve(input);
    assert.ok(spikes.length > 20);
    const cut = make();
    const first = cut.evolve(input, { numTimesteps: 101 });
    const kept = cut.snapshot();
    assert.ok((kept as unknown as { adaptation: Float64Array }).adaptation.some((w) => w !== 0));
    const rest = await cut.evolveAsync(input, { numTimesteps: 199 });
    assert.deepEqual([...first.times, ...rest.times], Array.from(spikes.times));
    assert.deepEqual(stateOf(cut), stateOf(whole));
    const restored = make();
    restored.restore(kept);
    assert.deepEqual(
      Array.from(restored.adapt),
      Array.from((kept as unknown as { adaptation: Float64Array }).adaptation),
    );
    assertSameRun(restored.evolve(input, { numTimesteps: 199 }), rest);
    assert.deepEqual(stateOf(restored), stateOf(whole));
    const { adaptation, ...without } = kept as unknown as Record<string, unknown>;
    assert.ok(adaptation);
    assert.throws(() => restored.restore(without as never), /adaptation/);
  });

  it('hands out its adaptation current', () => {
    const layer = make();
    const { adapt } = layer;
    layer.evolve(events(3, 0.1));
    assert.equal(layer.adapt, adapt);
    assert.ok(adapt.some((w) => w > 0));
    layer.adapt = [1, 2, 3, 4];
    assert.deepEqual(Array.from(adapt), [1, 2, 3, 4]);
    assert.deepEqual(codeOf(() => (layer.adapt = [1, 2]))[0], 'ERR_SHAPE');
    layer.resetState();
    assert.deepEqual(Array.from(layer.adapt), [0, 0, 0, 0]);
    assert.deepEqual(Array.from(layer.state), Array.from(layer.vRest));
  });

  it('makes the same layer from its dictionary', () => {
    const layer = make({
      conductance: [0.3, 0.7, 1.1, 1.3],
      tauMem: [0.021, 0.022, 0.023, 0.024],
      deltaT: [0, 1e-3, 2e-3, 3e-3],
      subthreshAdapt: [0, 1, 2, 3],
      spikeAdapt: 40,
      tauAdapt: [0.1, 0.11, 0.12, 0.13],
      tauSynExc: 0.01,
      tauSynInh: 0.02,
      delayRec: 5e-3,
      vReset: -0.06,
      refractory: 2e-3,
      spikeTime: 'end',
      name: 'adaptive',
      numCores: 3,
    });
    const dict = layer.toDict();
    for (const key of [
      'conductance',
      'capacity',
      'subthresh_adapt',
      'spike_adapt',
      'delta_t',
      'tau_adapt',
      'tau_syn_exc',
    ])
      assert.equal((dict as unknown as Record<string, unknown[]>)[key].length, 4, key);
    let copy!: Layer;
    assert.deepEqual(
      warningsOf(() => (copy = Layer.loadFromDict(JSON.parse(JSON.stringify(dict)) as never))),
      [],
    );
    assert.ok(copy instanceof RecAEIFSpkInNest);
    assert.deepEqual(copy.toDict(), dict);
    const input = events(3, 0.2);
    assertSameRun(copy.evolve(input), layer.evolve(input));
  });

  it('reads dictionaries without conductance', () => {
    const { conductance, ...dict } = make({ conductance: 0.5, tauMem: 0.04 }).toDict() as unknown as Record<
      string,
      unknown
    >;
    assert.deepEqual(conductance, [0.5, 0.5, 0.5, 0.5]);
    const codes = warningsOf(() => {
      const layer = Layer.loadFromDict(dict) as RecAEIFSpkInNest;
      assertNear(layer.conductance, 0.5);
      assertNear(layer.tauMem, 0.04);
    });
    assert.deepEqual(codes, []);
  });

  it('notices written elements', () => {
    const layer = make();
    for (const name of ['conductance', 'capacity', 'deltaT', 'subthreshAdapt', 'spikeAdapt', 'tauAdapt'] as const) {
      const [written, other] = [make(), make()];
      written.evolve(null, { numTimesteps: 1 });
      other.evolve(null, { numTimesteps: 1 });
      written[name][1] *= 1.5;
      const input = events(3, 0.3);
      const [a, b] = [written.evolve(input), other.evolve(input)];
      assert.notDeepEqual([a.times, written.state], [b.times, other.state], name);
    }
    layer.tauAdapt[2] = -1;
    assert.match(codeOf(() => layer.evolve(null, { numTimesteps: 1 }))[1], /tauAdapt/);
  });

  it('names the layer and the unit when a number is lost', () => {
    const layer = make({ name: 'lost' });
    layer.adapt[2] = NaN;
    const [code, message] = codeOf(() => layer.evolve(null, { numTimesteps: 5 }));
    assert.equal(code, 'ERR_NOT_FINITE');
    assert.match(message, /'lost'.*neuron 2 .*step 0$/);
  });

  it('gives nearly the same in single precision, and with sparse weights exactly the same', () => {
    const input = events(3, 0.2);
    const double = make();
    const spikes = double.evolve(input);
    const single = make({ precision: 'float32' });
    single.evolve(input, { numTimesteps: 20 });
    double.resetAll();
    double.evolve(input, { numTimesteps: 20 });
    single.state.forEach((v, j) => assert.ok(Math.abs(v - double.state[j]) < 1e-5));
    const sparse = new RecAEIFSpkInNest(SparseMatrix.fromDense(weightsIn), SparseMatrix.fromDense(weightsRec), {
      dt: 1e-3,
      bias: 0.08,
      subthreshAdapt: 1,
      spikeAdapt: 20,
    });
    assertSameRun(sparse.evolve(input), spikes);
  });

  it('records potentials and currents', () => {
    const layer = make({ record: true });
    const spikes = layer.evolve(events(3, 0.2));
    const { samples, times } = layer.recordedStates!;
    assert.deepEqual([times.length, samples.shape[1]], [201, 4]);
    assert.deepEqual(Array.from(samples.data.subarray(200 * 4)), Array.from(layer.state));
    spikes.times.forEach((t, i) =>
      assert.equal(samples.data[(Math.floor(t / 1e-3) + 1) * 4 + spikes.channels[i]], -0.065),
    );
  });

  it('refuses what cannot be', () => {
    const wrong: [RecAEIFSpkInNestOptions & Record<string, unknown>, string, RegExp][] = [
      [{ conductance: 0 }, 'ERR_VALUE', /conductance/],
      [{ conductance: [1, 2, 3] }, 'ERR_SHAPE', /conductance/],
      [{ deltaT: -1e-3 }, 'ERR_VALUE', /deltaT/],
      [{ deltaT: 1e-6 }, 'ERR_VALUE', /deltaT/],
      [{ tauAdapt: 0 }, 'ERR_VALUE', /tauAdapt/],
      [{ subthreshAdapt: NaN }, 'ERR_VALUE', /subthreshAdapt/],
      [{ spikeAdapt: Infinity }, 'ERR_VALUE', /spikeAdapt/],
      [{ tauSynExc: -1 }, 'ERR_VALUE', /tauSynExc/],
      [{ noiseStd: 1 }, 'ERR_VALUE', /noiseStd/],
      [{ vPeak: 0 }, 'ERR_TYPE', /vPeak/],
      [{ delayIn: 0 }, 'ERR_VALUE', /delay/],
    ];
    for (const [options, code, message] of wrong) {
      const [got, text] = codeOf(() => make(options));
      assert.equal(got, code, text);
      assert.match(text, message);
    }
    assert.deepEqual(codeOf(() => new RecAEIFSpkInNest(weightsIn, matrix(3, 4, 1, 1)))[0], 'ERR_SHAPE');
  });
});
