import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NdArray, Network, setWarningHandler, TSContinuous, TSEvent } from 'rockpool-node';
import { readNpySync } from 'rockpool-node/io';
import {
  FFExpSyn,
  FFIAFBrian,
  FFIAFSpkInBrian,
  FFIAFSpkInTorch,
  FFLIFJax_SO,
  FFRateEuler,
  PassThrough,
  RecAEIFSpkInNest,
  RecIAFSpkInNest,
  SparseMatrix,
} from 'rockpool-node/layers';
import { itUnsanitized } from '../../sanitized';

const dt = 1e-3;

describe('A potential or current of infinity at the end of a run', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  const drop = TSContinuous.fromClocked([[0], [-Infinity], [0], [0]], { dt, interpKind: 'previous' });

  it('is an error that names layer, neuron and step, and the layer is as before', () => {
    const layer = new FFIAFBrian([[1]], { dt, name: 'sad' });
    const before = layer.snapshot();
    assert.throws(() => layer.evolve(drop, { numTimesteps: 4 }), {
      code: 'ERR_NOT_FINITE',
      message: /'sad'.*membrane potential of neuron 0 .* -Infinity at time step 3/,
    });
    assert.deepEqual(layer.snapshot(), before);
  });

  it('is an error also for a synaptic current', () => {
    const kicks = new TSEvent([0, 1e-3, 2e-3, 3e-3], [0, 0, 0, 0], { tStart: 0, tStop: 0.01, numChannels: 1 });
    const layer = new FFIAFSpkInTorch([[-1e308]], { dt, tauSyn: 1e6 });
    assert.throws(() => layer.evolve(kicks, { numTimesteps: 10 }), { code: 'ERR_NOT_FINITE' });
  });

  it('cannot come from weights that single precision does not hold', () => {
    const precision = 'float32';
    for (const layer of [
      new FFIAFSpkInTorch([[1e39]], { dt, precision }),
      new FFIAFBrian([[-1e39]], { dt, precision }),
      new FFIAFBrian([[1]], { dt, precision, bias: -1e41 }),
    ])
      assert.throws(() => layer.evolve(null, { numTimesteps: 5 }), { code: 'ERR_VALUE' }, layer.className);
  });
});

describe('A network in which a layer fails', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rockpool-robust-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  const failing = (record: boolean | { to: string }) => {
    const a = new FFIAFBrian([[1]], { dt, name: 'a', record });
    const b = new FFIAFSpkInTorch([[1]], { dt, name: 'b' });
    return { a, b, net: new Network(a, b) };
  };

  it('takes the rows of the failed evolution out of record files', async () => {
    const { b, net } = failing({ to: join(folder, 'rows') });
    const rows = () => ['times', 'vMem'].map((n) => readNpySync(join(folder, `rows.${n}.npy`)).shape[0]);
    net.evolve(null, { numTimesteps: 10 });
    b.state[0] = NaN;
    assert.throws(() => net.evolve(null, { numTimesteps: 20 }), { code: 'ERR_NOT_FINITE' });
    assert.deepEqual(rows(), [10, 10]);
    await assert.rejects(net.evolveAsync(null, { numTimesteps: 20 }), { code: 'ERR_NOT_FINITE' });
    assert.deepEqual(rows(), [10, 10]);
    b.state[0] = 0;
    net.evolve(null, { numTimesteps: 5 });
    assert.deepEqual(rows(), [15, 15]);
  });

  it('keeps the record of the evolution before', () => {
    const { a, b, net } = failing(true);
    net.evolve(null, { numTimesteps: 10 });
    b.state[0] = NaN;
    assert.throws(() => net.evolve(null, { numTimesteps: 20 }), { code: 'ERR_NOT_FINITE' });
    assert.equal(a.stateMonitor!.v.length, 10);
  });

  it('continues files of another layer when asked, and notices a file that was changed', () => {
    const to = join(folder, 'more');
    const times = () => Array.from((readNpySync(`${to}.times.npy`) as NdArray).data);
    const first = new FFIAFBrian([[1]], { dt, record: { to } });
    first.evolve(null, { numTimesteps: 3 });
    const next = new FFIAFBrian([[1]], { dt, record: { to, append: true } });
    next.restore(first.snapshot());
    next.evolve(null, { numTimesteps: 2 });
    assert.deepEqual(times(), [0, 1e-3, 2e-3, 3e-3, 4e-3]);
    rmSync(`${to}.vMem.npy`);
    assert.throws(() => next.evolve(null, { numTimesteps: 2 }), { code: 'ERR_FILE' });
    new FFIAFBrian([[1]], { dt, record: { to } }).evolve(null, { numTimesteps: 1 });
    assert.deepEqual(times(), [0]);
  });
});

describe('Events on the edge between two pieces of a series', () => {
  it('are not lost', () => {
    const fine = 1e-4;
    const n = 600;
    // Multiples of the time step, rounded as a file in decimal would be: some lie just before, some just behind an edge.
    const times = Array.from({ length: n }, (_, k) => Number((k * fine).toFixed(12)));
    const tStop = n * fine;
    const series = new TSEvent(times, new Int32Array(n), { tStart: 0, tStop, numChannels: 1 });
    const arrived = (steps: number) => {
      const layer = new FFIAFSpkInBrian([[1e-6]], { dt: fine, tauSyn: 1e9, vThresh: 1 });
      for (let k = 0; k < n; k += steps) {
        const piece = series.clip({ tStart: k * fine, tStop: (k + steps) * fine });
        layer.evolve(piece, { numTimesteps: steps });
      }
      return Math.round(layer.synapseState[0] / 1e-6);
    };
    for (const steps of [1, 3, 100, n]) assert.equal(arrived(steps), n, `in pieces of ${steps} steps`);
  });
});

describe('What is replaced in a layer is freed at once', () => {
  const size = 1000;
  const w = { data: new Float64Array(size * size).fill(1e-4), shape: [size, size] };
  const layers: Record<string, () => { bias?: unknown; evolve(input: null, o: { numTimesteps: number }): unknown }> = {
    FFLIFJax_SO: () => new FFLIFJax_SO(w, { tauMem: 0.02, tauSyn: 0.02, dt }),
    FFExpSyn: () => new FFExpSyn(w, { dt }),
    FFRateEuler: () => new FFRateEuler(w, { dt, tau: 0.02 }),
    PassThrough: () => new PassThrough(w, { dt }),
    FFIAFBrian: () => new FFIAFBrian(w, { dt }),
  };
  for (const [name, make] of Object.entries(layers)) {
    itUnsanitized(`in ${name}`, () => {
      const layer = make();
      layer.evolve(null, { numTimesteps: 1 });
      const before = process.memoryUsage().rss;
      for (let k = 0; k < 60; k++) {
        layer.bias = -1e-3 * k;
        layer.evolve(null, { numTimesteps: 1 });
      }
      const grown = (process.memoryUsage().rss - before) / 2 ** 20;
      assert.ok(grown < 150, `${grown} MB more after 60 plans of 8 MB`); // 480 when all of them stay
    });
  }
});

describe('Setters and restore refuse what does not fit', () => {
  it('sparse weights of another number than there are delays', () => {
    const delayRec = [
      [1e-3, 2e-3],
      [3e-3, 4e-3],
    ];
    const layer = new RecIAFSpkInNest([[1, 1]], [[0, 1], [1, 0]], { dt, delayRec }); // prettier-ignore
    assert.throws(() => (layer.weightsRec = SparseMatrix.fromDense([[0, 1], [1, 0]])), { code: 'ERR_SHAPE' }); // prettier-ignore
    layer.evolve(null, { numTimesteps: 5 });
    layer.weightsRec = [[1, 2], [0, 1]]; // prettier-ignore
    layer.evolve(null, { numTimesteps: 5 });
  });

  it('pending spikes of units or steps that cannot be', () => {
    const layer = new RecIAFSpkInNest([[1, 1]], [[0, 0], [0, 0]], { dt }); // prettier-ignore
    layer.evolve(null, { numTimesteps: 5 });
    const snapshot = layer.snapshot();
    for (const wrong of [{ pendingSpikes: [3, 2] }, { pendingInput: [3, 1] }, { pendingSpikes: [5, 0] }]) {
      const other = Object.fromEntries(Object.entries(wrong).map(([k, v]) => [k, Float64Array.from(v)]));
      assert.throws(() => layer.restore({ ...snapshot, ...other }), { code: 'ERR_VALUE' });
    }
    layer.restore({ ...snapshot, pendingSpikes: Float64Array.of(4, 1) });
    layer.evolve(null, { numTimesteps: 1 });
  });

  it('refractory times and delays of more than a million steps, in seconds', () => {
    assert.throws(
      () => new FFIAFBrian([[1]], { dt, refractory: 1001 }),
      /refractory to be at most 1000 s, a million .* received 1001/,
    );
    const layer = new FFIAFBrian([[1]], { dt });
    assert.throws(() => (layer.refractory = 1e300), { code: 'ERR_VALUE' });
    assert.equal(layer.refractory, 0);
    assert.throws(() => new RecIAFSpkInNest([[1]], [[0]], { dt, delayIn: 1001 }), /delayIn .* received 1001/);
  });

  it('a conductance that leaves no time constant; nothing changes', () => {
    const layer = new RecAEIFSpkInNest([[1]], [[0]], { dt });
    const before = layer.toDict();
    assert.throws(() => (layer.conductance = 1e-320), { code: 'ERR_VALUE' });
    assert.throws(() => (layer.capacity = 1e-320), { code: 'ERR_VALUE' });
    assert.deepEqual(layer.toDict(), before);
  });

  it('options of evolve that are a matter of the layer', () => {
    const layer = new FFIAFSpkInTorch([[1]], { dt });
    const wrong = { numTimesteps: 1, addEvents: true };
    assert.throws(() => layer.evolve(null, wrong), { code: 'ERR_TYPE' });
    const stray = new TSEvent([0], [1], { tStart: 0, tStop: 1e-3, numChannels: 2 });
    layer.evolve(stray, { numTimesteps: 1, ignoreExtraChannels: true });
  });
});

describe('The record of the total current', () => {
  it('has the bias that there was', () => {
    const layer = new FFIAFBrian([[0.02]], { dt, bias: 0.012, record: true });
    layer.evolve(null, { numTimesteps: 2 });
    layer.bias = 5;
    assert.equal(layer.stateMonitor!.iTotal!.samples.data[0], 0.012);
  });
});

describe('Stiff adaptive neurons', () => {
  it('stop within a time step when a stop is asked for', async () => {
    const full = (rows: number, columns: number, value: number) => ({
      data: new Float64Array(rows * columns).fill(value),
      shape: [rows, columns],
    });
    setWarningHandler(() => undefined);
    try {
      const layer = new RecAEIFSpkInNest(full(2, 500, 0.01), full(500, 500, 0), {
        tauMem: 1e-6,
        bias: 10,
        dt,
        refractory: 0,
        delayIn: dt,
      });
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 100);
      await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1e5, signal: controller.signal }), {
        code: 'ERR_ABORTED',
      });
    } finally {
      setWarningHandler(null);
    }
  });
});
