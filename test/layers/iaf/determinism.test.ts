import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInfo, loadSnapshotSync, Network, saveSnapshotSync, setConcurrency, TSEvent } from 'rockpool-node';
import { FFExpSyn, RecIAFSpkInNest, RecIAFSpkInTorch, SparseMatrix } from 'rockpool-node/layers';

/** Each instruction of a sanitized build takes many times longer; on a chosen instruction set it is the kernels that are in question. */
const networks = process.env['ROCKPOOL_TEST_SANITIZED'] ? 3 : process.env['ROCKPOOL_SIMD'] ? 6 : 20;
const dt = 1e-3;
const steps = 100;

function generator(seed: number): () => number {
  let state = seed + 1;
  return () => (state = (state * 48271) % 2147483647) / 2147483647;
}

function sparse(random: () => number, rows: number, columns: number, fan: number, size: number): SparseMatrix {
  const indptr = [0];
  const indices: number[] = [];
  const data: number[] = [];
  for (let r = 0; r < rows; r++) {
    const row = new Set(Array.from({ length: fan }, () => Math.floor(random() * columns)));
    for (const c of [...row].sort((a, b) => a - b)) {
      indices.push(c);
      data.push((random() - 0.4) * size);
    }
    indptr.push(indices.length);
  }
  return new SparseMatrix({ shape: [rows, columns], indptr, indices, data });
}

/** Network number k, and its input. Every fourth is so large that threads share it. */
function makeNetwork(k: number): { net: Network; input: TSEvent } {
  const random = generator(k);
  const units = k % 4 === 0 ? 16500 + k : 20 + k * 7;
  const inputs = 5;
  const weightsIn = sparse(random, inputs, units, Math.ceil(units / 3), 0.05);
  const weightsRec = sparse(random, units, units, 6, 0.02);
  const bias = Float64Array.from({ length: units }, () => 0.008 + 0.006 * random());
  const common = { dt, bias, seed: k, name: 'Reservoir' };
  const layer =
    k % 2 === 0
      ? new RecIAFSpkInNest(weightsIn, weightsRec, { ...common, delayIn: 2e-3, delayRec: (1 + (k % 5)) * 1e-3 })
      : new RecIAFSpkInTorch(weightsIn, weightsRec, { ...common, noiseStd: 1e-3 });
  const readout = new FFExpSyn(
    Array.from({ length: units }, (_, i) => [Math.sin(i)]),
    { dt, noiseStd: 0.1, seed: k, name: 'Readout' },
  );
  const events = Array.from({ length: 60 }, () => (0.5 + Math.floor(random() * steps)) * dt).sort((a, b) => a - b);
  const channels = events.map(() => Math.floor(random() * inputs));
  return {
    net: new Network(layer, readout),
    input: new TSEvent(events, channels, { numChannels: inputs, tStart: 0, tStop: steps * dt }),
  };
}

/** Spikes and final state of a run that is cut every `chunk` steps, and at step `cut` carried over to a network of its own through a file. */
function run(k: number, chunk: number, cut: number | null, file: string) {
  let { net, input } = makeNetwork(k);
  const pieces: TSEvent[] = [];
  for (let at = 0; at < steps;) {
    if (at === cut) {
      saveSnapshotSync(net.snapshot(), file);
      ({ net, input } = makeNetwork(k));
      net.restore(loadSnapshotSync(file));
    }
    const end = Math.min(at + chunk, steps, cut !== null && cut > at ? cut : steps);
    const { Reservoir } = net.evolve(input, { numTimesteps: end - at });
    pieces.push(Reservoir as TSEvent);
    at = end;
  }
  const join = (name: 'times' | 'channels') =>
    Buffer.concat(
      pieces.map((piece) => Buffer.from(piece[name].buffer, piece[name].byteOffset, piece[name].byteLength)),
    );
  return { times: join('times'), channels: join('channels'), state: net.snapshot() };
}

describe('twenty random networks', function () {
  this.timeout(300_000);
  const concurrency = buildInfo().threads;
  let folder = '';
  before(() => (folder = mkdtempSync(join(tmpdir(), 'rockpool-determinism-'))));
  after(() => {
    setConcurrency(concurrency);
    rmSync(folder, { recursive: true, force: true });
  });

  for (let k = 0; k < networks; k++) {
    it(`give the same bits however they are cut, on any number of threads, through a snapshot: ${k}`, () => {
      const random = generator(100 + k);
      setConcurrency(1);
      const whole = run(k, steps, null, '');
      assert.ok(whole.times.length > 20 * 8, `${whole.times.length / 8} spikes`);
      for (const threads of [1, 2, 3]) {
        setConcurrency(threads);
        for (const chunk of [1, 7, 100, steps]) {
          for (const cut of [null, 1 + Math.floor(random() * (steps - 1))]) {
            if (chunk === 1 && k % 4 === 0 && threads !== 2) continue; // once is enough for the large ones
            const again = run(k, chunk, cut, join(folder, `${k}.npz`));
            assert.deepEqual(again, whole, `threads ${threads}, chunk ${chunk}, snapshot at ${cut}`);
          }
        }
      }
    });
  }
});
