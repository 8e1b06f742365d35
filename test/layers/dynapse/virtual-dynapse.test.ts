import assert from 'node:assert/strict';
import { RockpoolError, setWarningHandler, TSEvent } from 'rockpool-node';
import {
  checkDynapseConnections,
  Layer,
  RecAEIFSpkInNest,
  SparseMatrix,
  VirtualDynapse,
  type VirtualDynapseOptions,
} from 'rockpool-node/layers';

const dt = 1e-3;

/** Four neurons that inputs 100 to 102 drive and that excite and inhibit each other. */
const ext = [
  [3, 0, 1, 0],
  [0, 4, 0, 2],
  [1, 1, 1, 1],
];
const rec = [
  [0, 2, 0, -1],
  [-2, 0, 1, 0],
  [0, 0, 0, 3],
  [1, 0, -3, 0],
];
const inputs = [100, 101, 102];
const base = { dt, baseweightE: 0.01, baseweightI: 0.01, mismatchSeed: 11, seed: 5 };

function board(options: VirtualDynapseOptions = {}): VirtualDynapse {
  const layer = new VirtualDynapse({ ...base, connectionsRec: rec, ...options });
  layer.setConnections(ext, inputs, null, { external: true });
  return layer;
}

/** Regular events on three channels. */
function input(steps: number): TSEvent {
  const times = Array.from({ length: steps * 2 }, (_, k) => (k + 0.25) * (dt / 2));
  const channels = times.map((_, k) => k % 3);
  return new TSEvent(times, channels, { tStart: 0, tStop: steps * dt, numChannels: 3 });
}

const plain = (s: TSEvent): [number[], number[]] => [Array.from(s.times), Array.from(s.channels)];
const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

describe('VirtualDynapse', () => {
  const warnings: string[] = [];
  before(() => setWarningHandler(({ code }) => warnings.push(code)));
  after(() => setWarningHandler(null));
  beforeEach(() => (warnings.length = 0));

  it('has the size and the defaults of the board', () => {
    const layer = new VirtualDynapse();
    assert.deepEqual(
      [layer.sizeIn, layer.size, layer.numChips, layer.numCores, layer.numNeurons, layer.numExternal, layer.dt],
      [1024, 4096, 4, 16, 4096, 1024, 1e-4],
    );
    assert.deepEqual(Array.from(layer.tauMem1), new Array(16).fill(0.02));
    assert.deepEqual([layer.vThresh[15], layer.baseweightE[0], layer.spikeAdapt[3]], [0.01, 1e-4, 0]);
    assert.equal(layer.connectionsRec.nnz, 0);
    assert.equal(layer.toDict()['mismatch'], true);
  });

  it('spreads parameters over neurons, by seed', () => {
    const spread = board({ tauAdapt: Float64Array.from({ length: 16 }, (_, k) => 0.1 * (k + 1)) });
    const of = (layer: VirtualDynapse): number[] => Array.from(layer.tauAdapt_, (x, i) => x / layer.tauAdapt[i >> 8]);
    const factors = of(spread);
    const mean = factors.reduce((a, b) => a + b) / 4096;
    const deviation = Math.sqrt(factors.reduce((a, b) => a + (b - mean) ** 2, 0) / 4096);
    assert.ok(Math.abs(mean - 1) < 0.02, `mean ${mean}`);
    assert.ok(Math.abs(deviation - 0.2) < 0.015, `deviation ${deviation}`);
    assert.ok(Math.min(...factors) >= 0.1 - 1e-12);
    assert.deepEqual(Array.from(board().bias_), Array.from(board().bias_));
    assert.deepEqual(Array.from(board().tauMem_), Array.from(board().tauMem_));
    assert.notDeepEqual(Array.from(board({ mismatchSeed: 12 }).tauMem_), Array.from(board().tauMem_));
    const exact = board({ mismatch: false });
    assert.deepEqual(Array.from(exact.tauMem_), new Array(4096).fill(0.02));
    assert.deepEqual(exact.getWeights(inputs, [0, 1, 2, 3], true).toArray(), [
      [0.03, 0, 0.01, 0],
      [0, 0.04, 0, 0.02],
      [0.01, 0.01, 0.01, 0.01],
    ]);
    // Two synapses from one source have different factors at two neurons, and each its own from the base weight.
    const [[a, b]] = spread.getWeights([102], [0, 1], true).toArray() as number[][];
    assert.ok(a !== b && a > 0 && b > 0 && a !== 0.01);
  });

  it('is the neurons of RecAEIFSpkInNest', () => {
    const exact = board({ mismatch: false });
    const neurons = new RecAEIFSpkInNest({
      weightsIn: ext.map((row) => row.map((w) => w * 0.01)),
      weightsRec: rec.map((row) => row.map((w) => w * 0.01)),
      dt,
      vReset: 0,
      vRest: 0,
      vThresh: 0.01,
      tauMem: 0.02,
      spikeAdapt: 0,
      subthreshAdapt: 0,
      tauAdapt: 0.1,
      delayIn: dt,
      delayRec: dt,
    });
    const expected = neurons.evolve(input(200), { numTimesteps: 200 });
    assert.ok(expected.length > 50, `${expected.length} spikes`);
    const spikes = exact.evolve(input(200), { numTimesteps: 200, idsIn: inputs, idsOut: [0, 1, 2, 3] });
    assert.deepEqual(plain(spikes), plain(expected));
  });

  it('maps input channels, and hears the neurons that are asked for', () => {
    const all = board().evolve(input(100), { numTimesteps: 100, idsIn: inputs });
    assert.equal(all.numChannels, 4096);
    const chosen = board().evolve(input(100), { numTimesteps: 100, idsIn: inputs, idsOut: [3, 1] });
    const own = board().evolve(input(100), {
      numTimesteps: 100,
      idsIn: inputs,
      idsOut: [3, 1],
      remapOutChannels: false,
    });
    const of = Array.from(all.channels).filter((c) => c === 1 || c === 3);
    assert.deepEqual(Array.from(own.channels), of);
    assert.deepEqual(
      Array.from(chosen.channels),
      of.map((c) => (c === 1 ? 0 : 1)),
    );
    assert.ok(of.length > 0);
    assert.throws(() => board().evolve(input(10), { idsOut: [4096] }), coded('ERR_INDEX'));
    assert.throws(() => board().evolve(input(10), { idsOut: [1, 1] }), coded('ERR_VALUE'));
    assert.throws(() => board().evolve(input(10), { idsIn: [1, 2] }), coded('ERR_SHAPE'));
    assert.throws(() => board().evolve(input(10), { idsIn: [1, 2, 1024] }), coded('ERR_INDEX'));
  });

  it('goes on where it was, in pieces and off the event loop', async () => {
    const whole = board().evolve(input(90), { numTimesteps: 90, idsIn: inputs });
    const layer = board();
    const pieces = [layer.evolve(input(90), { numTimesteps: 40, idsIn: inputs })];
    const copy = board();
    copy.restore(layer.snapshot());
    pieces.push(await copy.evolveAsync(input(90), { numTimesteps: 50, idsIn: inputs }));
    assert.deepEqual(
      pieces.flatMap((p) => Array.from(p.times)),
      Array.from(whole.times),
    );
    const controller = new AbortController();
    controller.abort();
    const before = copy.snapshot();
    await assert.rejects(
      copy.evolveAsync(null, { numTimesteps: 100000, signal: controller.signal }),
      coded('ERR_ABORTED'),
    );
    assert.deepEqual(copy.snapshot(), before);
  });

  it('refuses what the hardware cannot connect', () => {
    const make = (options: VirtualDynapseOptions) => () => new VirtualDynapse({ ...base, ...options });
    assert.throws(make({ connectionsRec: [[65]] }), coded('ERR_FAN_IN'));
    assert.doesNotThrow(make({ connectionsRec: [[-64]] }));
    assert.doesNotThrow(make({ connectionsRec: [[65]], validateFanin: false }));
    const layer = new VirtualDynapse(base);
    layer.setConnections([[1, 1, 1]], [7], [1, 1025, 2049]);
    assert.throws(() => layer.setConnections([[1]], [7], [3073]), coded('ERR_FAN_OUT'));
    assert.throws(() => layer.setConnections([[1]], [1024 + 7], [5]), coded('ERR_ALIASING'));
    assert.throws(() => layer.setConnections([[1]], [7], [5], { external: true }), {
      code: 'ERR_ALIASING',
      aliases: [{ core: 0, id: 7, chips: [0, 4] }],
    });
    assert.equal(layer.connectionsRec.nnz, 3);
    assert.equal(layer.connectionsExt.nnz, 0);
    layer.validateAliasing = false;
    layer.setConnections([[1]], [7], [5], { external: true });
    assert.equal(layer.validateConnections(layer.connectionsRec, { connectionsExt: layer.connectionsExt }), 4);
    const found = checkDynapseConnections([[70, 1, 1, 1]], { neuronsPre: [9], neuronsPost: [0, 1024, 2048, 3072] });
    assert.deepEqual(found, { code: 3, fanIn: [0], fanOut: [9], aliases: [] });
    assert.equal(checkDynapseConnections([[70]], { validateFanin: false }).code, 0);
  });

  it('replaces and adds connections', () => {
    const layer = new VirtualDynapse({ ...base, connectionsRec: rec, mismatch: false });
    layer.setConnections([[1.9, -1]], [0], [1, 2], { add: true });
    assert.deepEqual(warnings, ['CONNECTIONS_TRUNCATED']);
    assert.deepEqual(Array.from(layer.connectionsRec.indices.subarray(0, 3)), [1, 2, 3]);
    assert.deepEqual(Array.from(layer.connectionsRec.data.subarray(0, 3)), [3, -1, -1]);
    layer.setConnections([[0, 0, 0]], [0], [1, 2, 3]);
    assert.equal(layer.connectionsRec.indptr[1], 0);
    layer.connectionsRec = null;
    assert.equal(layer.connectionsRec.nnz, 0);
    assert.throws(() => layer.setConnections([[1]], [0, 1]), coded('ERR_SHAPE'));
    assert.throws(() => layer.setConnections([[1]], [4096]), RangeError);
    assert.throws(
      () =>
        (layer.connectionsExt = new SparseMatrix({
          shape: [1025, 1],
          indptr: new Float64Array(1026),
          indices: [],
          data: [],
        })),
      coded('ERR_SHAPE'),
    );
  });

  it('takes values of cores, also when they are written in place', () => {
    const layer = new VirtualDynapse({ ...base, mismatch: false });
    layer.bias[2] = 0.05;
    const spikes = layer.evolve(null, { numTimesteps: 100 });
    assert.ok(spikes.length > 0);
    assert.ok(spikes.channels.every((c) => c >> 8 === 2));
    assert.deepEqual([layer.bias_[511], layer.bias_[512], layer.bias_[767], layer.bias_[768]], [0, 0.05, 0.05, 0]);
    layer.bias = -1;
    assert.deepEqual(warnings, ['NEGATIVE_CLIPPED']);
    assert.deepEqual(Array.from(layer.bias), new Array(16).fill(0));
    layer.tauMem2 = 0.04;
    layer.hasTauMem2 = Array.from({ length: 4096 }, (_, i) => i === 9);
    assert.deepEqual([layer.tauMem_[8], layer.tauMem_[9]], [0.02, 0.04]);
    assert.throws(() => (layer.tauMem = 0.1), coded('ERR_STATE'));
    assert.throws(() => (layer.weightsRec = [[1]]), coded('ERR_STATE'));
    assert.throws(() => (layer.tauMem1 = 0), coded('ERR_VALUE'));
    assert.equal(layer.tauMem1[0], 0.02);
  });

  it('is the same after saving and loading, and reads dictionaries of the original', () => {
    const layer = board({ hasTauMem2: true, validateFanout: false, refractory: 2e-3 });
    const dict = JSON.parse(JSON.stringify(layer.toDict())) as Record<string, unknown>;
    const loaded = Layer.loadFromDict(dict) as VirtualDynapse;
    assert.deepEqual(loaded.toDict(), layer.toDict());
    assert.deepEqual(
      plain(loaded.evolve(input(50), { numTimesteps: 50, idsIn: inputs })),
      plain(layer.evolve(input(50), { numTimesteps: 50, idsIn: inputs })),
    );
    const original = {
      class_name: 'VirtualDynapse',
      dt,
      connections_ext: ext,
      connections_rec: [[0]],
      tau_mem_1: new Array(16).fill(0.03),
      tau_mem_2: new Array(16).fill(0.02),
      has_tau_mem_2: new Array(4096).fill(false),
      tau_syn_exc: new Array(16).fill(0.05),
      baseweight_e: new Array(16).fill(0.01),
      name: 'from Python',
      num_threads: 2,
      record: false,
      mismatch: false,
    };
    const read = Layer.loadFromDict(original) as VirtualDynapse;
    assert.deepEqual(
      [read.name, read.tauMem1[0], read.numThreads, read.connectionsExt.nnz],
      ['from Python', 0.03, 2, 8],
    );
  });

  it('refuses wrong arguments by name', () => {
    const make = (options: object) => () => new VirtualDynapse(options);
    assert.throws(make({ hasTauMem2: 1 }), TypeError);
    assert.throws(make({ hasTauMem2: [true] }), coded('ERR_SHAPE'));
    assert.throws(make({ tauMem1: [1, 2] }), coded('ERR_SHAPE'));
    assert.throws(make({ bias: NaN }), /bias/);
    assert.throws(make({ connectionsRec: new Array(4097).fill([0]) }), coded('ERR_SHAPE'));
    assert.throws(make({ mismatch: 'some' }), TypeError);
    assert.throws(make({ mismatchSeed: -1 }), /mismatchSeed/);
    assert.throws(make({ weightsIn: [[1]] }), TypeError);
    assert.throws(make({ numThreads: 0 }), /expected numThreads/);
    assert.throws(make({ tauMem1: 0 }), /expected tauMem1 to be greater than 0/);
    const layer = new VirtualDynapse({ mismatch: false });
    for (const wrong of [5000, -1, 1.5])
      assert.throws(() => layer.setConnections([[1]], [wrong], [1]), /expected idsPre to be integers from 0 to 4095/);
    assert.throws(() => layer.getWeights([1], [4096]), /expected idsPost to be integers/);
    const two = new TSEvent([0.001], [0], { tStop: 0.01, numChannels: 2 });
    assert.throws(() => layer.evolve(two, { idsIn: [1] }), /expected idsIn to be 2 numbers/);
    assert.throws(() => layer.evolve(two, { idsIn: [1, -3] }), /expected idsIn to be integers/);
    assert.throws(() => layer.evolve(two, { idsOut: [1, 1] }), /expected idsOut to be numbers that differ/);
    assert.equal(layer.t, 0);
    make({ mismatch: [[1, 2]] })();
    assert.deepEqual(warnings, ['MISMATCH_SHAPE']);
    assert.throws(
      () => new VirtualDynapse(base).evolve(new TSEvent([0.1], [1024], { numChannels: 1025 })),
      (error) => error instanceof RangeError && !(error instanceof RockpoolError),
    );
  });
});
