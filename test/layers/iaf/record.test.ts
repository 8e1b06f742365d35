import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TSContinuous, TSEvent } from 'rockpool-node';
import {
  FFIAFBrian,
  FFIAFNest,
  FFIAFTorch,
  type IAFLayer,
  RecIAFBrian,
  RecIAFSpkInBrian,
  RecIAFSpkInNest,
  RecIAFSpkInTorch,
  RecIAFTorch,
  type StateMonitor,
} from 'rockpool-node/layers';
import { assertClose, assertSame } from '../rate-helpers';
import { inputFor, make, type Name, spikesOf } from './helpers';

const dt = 1e-3;

/** What a layer holds after each step. */
function stepByStep(layer: IAFLayer, steps: number): { v: number[][]; state: Record<string, Float64Array>[] } {
  const input = inputFor(layer, steps);
  const rows = Array.from({ length: steps }, () => {
    layer.evolve(input, { numTimesteps: 1 });
    return layer.snapshot() as unknown as Record<string, Float64Array>;
  });
  return { v: rows.map(({ state }) => Array.from(state)), state: rows };
}

const flat = (rows: readonly ArrayLike<number>[]): number[] => rows.flatMap((row) => Array.from(row));

/** A matrix in a .npy file. */
function readNpy(path: string): { shape: number[]; data: Float64Array } {
  const bytes = readFileSync(path);
  const length = bytes.readUInt16LE(8);
  const text = bytes.toString('latin1', 10, 10 + length);
  const shape = /'shape': \(([^)]*)\)/
    .exec(text)![1]
    .split(',')
    .filter((s) => s.trim())
    .map(Number);
  const begin = 10 + length;
  const n = shape.reduce((a, b) => a * b, 1);
  return {
    shape,
    data: new Float64Array(bytes.buffer.slice(bytes.byteOffset + begin, bytes.byteOffset + begin + 8 * n)),
  };
}

describe('records in memory', () => {
  it('are absent unless asked for, and those of the last evolution', () => {
    const layer = new FFIAFTorch([[1]], { dt });
    const states = (): TSContinuous | null => layer.tsRecStates;
    layer.evolve(null, { numTimesteps: 3 });
    assert.equal(states(), null);
    assert.equal(layer.tsRecSynapses, null);
    assert.equal(new FFIAFBrian([[1]], { dt }).stateMonitor, null);
    assert.equal(new FFIAFNest([[1]], { dt }).recordedStates, null);
    layer.resetTime();
    layer.record = true;
    layer.evolve(null, { numTimesteps: 3 });
    layer.evolve(null, { numTimesteps: 2 });
    assert.equal(states()?.length, 5);
    assert.deepEqual([states()?.tStart, states()?.tStop], [3 * dt, 5 * dt]);
    layer.record = false;
    assert.equal(states(), null);
  });

  it('of the Torch classes hold potentials around each reset, and currents', async () => {
    for (const name of ['FFIAFTorch', 'RecIAFTorch', 'RecIAFSpkInTorch'] as const) {
      const steps = 60;
      const reference = stepByStep(make(name), steps);
      const layer = make(name, { record: true }) as FFIAFTorch | RecIAFTorch | RecIAFSpkInTorch;
      const out = await layer.evolveAsync(inputFor(layer, steps));
      const states = layer.tsRecStates!;
      assert.equal(states.length, 2 * steps + 1);
      assertSame(states.times.slice(0, 5), [0, dt, dt, 2 * dt, 2 * dt]);
      const rows = Array.from({ length: 2 * steps + 1 }, (_, i) => Array.from(states.samples.row(i)));
      assertSame(rows[0], [-0.065, -0.065, -0.065, -0.065]);
      assertSame(flat(rows.filter((_, i) => i > 0 && i % 2 === 0)), flat(reference.v));
      // Before the reset a unit that fires is above its threshold; all others are as after it.
      const fired = new Set(Array.from(out.times, (t, i) => `${Math.floor(t / dt)} ${out.channels[i]}`));
      assert.ok(fired.size > 0, name);
      for (let k = 0; k < steps; k++)
        for (let j = 0; j < 4; j++) {
          const [before, after] = [rows[2 * k + 1][j], rows[2 * k + 2][j]];
          if (fired.has(`${k} ${j}`)) assert.ok(before > -0.055 && after === -0.065);
          else assert.equal(before, after);
        }
      const currents = layer.tsRecSynapses!;
      assert.equal(currents.length, steps + 1);
      assertSame(currents.samples.row(0), [0, 0, 0, 0]);
      // V after the step, where nothing fired, follows from the current: V + dt / tau (rest + I + bias - V).
      for (let k = 0; k < steps; k++) {
        const v = rows[2 * k].map((x, j) => x + (dt / 20e-3) * (-0.065 + currents.samples.row(k + 1)[j] + 12e-3 - x));
        assertClose(v, rows[2 * k + 1], 1e-14);
      }
    }
  });

  it('of the Brian classes hold potentials and currents at the start of each step', () => {
    for (const name of ['FFIAFBrian', 'RecIAFBrian', 'FFIAFSpkInBrian', 'RecIAFSpkInBrian'] as const) {
      const steps = 80;
      const { v, state } = stepByStep(make(name), steps);
      const layer = make(name, { record: true }) as FFIAFBrian | RecIAFBrian | RecIAFSpkInBrian;
      layer.evolve(inputFor(layer, steps));
      const monitor: StateMonitor = layer.stateMonitor!;
      assert.equal(monitor.v.length, steps);
      assertSame(monitor.v.times.slice(0, 3), [0, dt, 2 * dt]);
      assertSame(monitor.v.samples.data, [...new Array<number>(4).fill(-0.065), ...flat(v.slice(0, -1))]);
      const currents: [TSContinuous | undefined, string][] =
        name === 'RecIAFSpkInBrian'
          ? [
              [monitor.iSynInp, 'current0'],
              [monitor.iSynRec, 'current1'],
            ]
          : name === 'FFIAFBrian'
            ? []
            : [[monitor.iSyn, 'current0']];
      for (const [series, key] of currents) {
        assertSame(series!.samples.data, [0, 0, 0, 0, ...flat(state.slice(0, -1).map((s) => s[key]))]);
        assertSame(series!.times, monitor.v.times);
      }
      assert.equal(monitor.iTotal !== undefined, name === 'FFIAFBrian' || name === 'RecIAFBrian');
      if (name === 'RecIAFBrian') {
        const input = inputFor(layer, steps) as TSContinuous;
        const external = input.sample(Float64Array.from({ length: steps }, (_, k) => k * dt)).data;
        const expected = Array.from(monitor.iSyn!.samples.data, (x, i) => x + external[i] + 12e-3);
        assertClose(monitor.iTotal!.samples.data, expected, 1e-14);
      }
    }
  });

  it('of the NEST classes hold the potential at the start and after each step', () => {
    for (const name of ['FFIAFNest', 'RecIAFSpkInNest'] as const) {
      const { v } = stepByStep(make(name), 50);
      const layer = make(name, { record: true }) as FFIAFNest | RecIAFSpkInNest;
      layer.evolve(inputFor(layer, 50));
      assertSame(layer.recordedStates!.samples.data, [-0.065, -0.065, -0.065, -0.065, ...flat(v)]);
      assertSame(layer.recordedStates!.times.slice(0, 3), [0, dt, 2 * dt]);
    }
  });

  it('can leave out steps and units', () => {
    const steps = 40;
    const whole = make('FFIAFTorch', { record: true }) as FFIAFTorch;
    const part = make('FFIAFTorch', { record: { every: 7, channels: [3, 1] } }) as FFIAFTorch;
    const input = inputFor(whole, 60);
    for (const layer of [whole, part]) layer.evolve(input, { numTimesteps: 10 });
    for (const layer of [whole, part]) layer.evolve(input, { numTimesteps: steps });
    const picked = [14, 21, 28, 35, 42, 49];
    const states = part.tsRecStates!;
    assert.deepEqual([states.length, states.numChannels], [2 * picked.length, 2]);
    assertClose(
      states.times,
      picked.flatMap((k) => [(k + 1) * dt, (k + 1) * dt]),
      1e-15,
    );
    const all = whole.tsRecStates!;
    const expected = picked.flatMap((k) =>
      [0, 1].map((i) => [3, 1].map((c) => all.samples.get(2 * (k - 10) + 1 + i, c))),
    );
    assertSame(states.samples.data, flat(expected));
    assertSame(
      part.tsRecSynapses!.samples.data,
      flat(picked.map((k) => [3, 1].map((c) => whole.tsRecSynapses!.samples.get(k - 10 + 1, c)))),
    );
    const brian = make('RecIAFBrian', { record: { every: 10, channels: [2] } }) as RecIAFBrian;
    brian.evolve(inputFor(brian, 35));
    assertClose(
      brian.stateMonitor!.iSyn!.times,
      [0, 10, 20, 30].map((k) => k * dt),
      1e-15,
    );
    assertClose(
      brian.stateMonitor!.v.times,
      [1, 11, 21, 31].map((k) => k * dt),
      1e-15,
    );
    assert.equal(brian.stateMonitor!.iTotal!.numChannels, 1);
    const none = make('FFIAFNest', { record: { every: 1000 } }) as FFIAFNest;
    none.evolve(null, { numTimesteps: 1 });
    none.evolve(null, { numTimesteps: 5 });
    assert.equal(none.recordedStates!.length, 0);
  });

  it('are refused for steps and units that do not exist', () => {
    for (const record of [
      { every: 0 },
      { every: 1.5 },
      { channels: [4] },
      { channels: [-1] },
      { channels: [0.5] },
      { channels: [] },
      { evry: 2 },
      'yes',
      { to: 3 },
    ])
      assert.throws(
        () => make('FFIAFTorch', { record }),
        (e: { code: string }) => /^ERR_(VALUE|INDEX|TYPE|SHAPE)$/.test(e.code),
      );
  });
});

describe('records on disk', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-record-'));
  after(() => rmSync(folder, { recursive: true }));

  it('grow over evolutions, and hold what a record in memory holds', async () => {
    for (const name of [
      'RecIAFSpkInBrian',
      'RecIAFSpkInTorch',
      'RecIAFTorch',
      'FFIAFNest',
      'RecIAFSpkInNest',
    ] as Name[]) {
      const to = join(folder, `${name}.npy`);
      const layer = make(name, { record: { every: 2, channels: [1, 3], to } });
      const { v, state } = stepByStep(make(name), 100);
      const input = inputFor(layer, 100);
      const plain = make(name);
      assert.deepEqual(
        spikesOf(layer.evolve(input, { numTimesteps: 31 })),
        spikesOf(plain.evolve(input, { numTimesteps: 31 })),
      );
      assert.deepEqual(
        spikesOf(await layer.evolveAsync(input, { numTimesteps: 69 })),
        spikesOf(plain.evolve(input, { numTimesteps: 69 })),
      );
      assert.deepEqual(layer.snapshot(), plain.snapshot());
      const steps = Array.from({ length: 50 }, (_, i) => 2 * i);
      const file = readNpy(join(folder, `${name}.vMem.npy`));
      assert.deepEqual(file.shape, [50, 2]);
      assertSame(file.data, flat(steps.map((k) => [v[k][1], v[k][3]])));
      const times = readNpy(join(folder, `${name}.times.npy`));
      assertClose(
        times.data,
        steps.map((k) => k * dt),
        1e-15,
      );
      const names: Record<string, string[]> = {
        RecIAFSpkInBrian: ['iSynInp', 'iSynRec'],
        RecIAFSpkInTorch: ['iSynInp', 'iSynRec'],
        RecIAFTorch: ['iSyn'],
        FFIAFNest: [],
        RecIAFSpkInNest: ['iSynExc', 'iSynInh'],
      };
      for (const [slot, signal] of names[name].entries()) {
        const current = readNpy(join(folder, `${name}.${signal}.npy`));
        assert.deepEqual(current.shape, [50, 2]);
        if (name !== 'RecIAFSpkInBrian') continue;
        // What acts in a step is what the step before it left.
        const expected = steps
          .slice(1)
          .map((k) => [state[k - 1][`current${slot}`][1], state[k - 1][`current${slot}`][3]]);
        assertSame(current.data.slice(2), flat(expected));
      }
      assert.deepEqual(layer.record, { every: 2, channels: [1, 3], to });
    }
  });

  it('need little memory: the run is cut, which changes nothing', async () => {
    const size = 2000;
    const weights = new Float64Array(size).fill(0.01);
    const layer = new FFIAFTorch([weights], { dt, bias: 0.02, seed: 1, noiseStd: 1e-3 });
    const plain = new FFIAFTorch([weights], { dt, bias: 0.02, seed: 1, noiseStd: 1e-3 });
    layer.record = { to: join(folder, 'long') };
    const progress: number[] = [];
    const steps = 6000; // 96 MB
    const out = await layer.evolveAsync(null, {
      numTimesteps: steps,
      onProgress: ({ done, total }) => {
        assert.equal(total, steps);
        progress.push(done);
      },
    });
    assert.ok(progress.every((done, i) => done <= steps && (i === 0 || done >= progress[i - 1])));
    assert.deepEqual(spikesOf(out), spikesOf(plain.evolve(null, { numTimesteps: steps })));
    assertSame(layer.state, plain.state);
    assert.equal(statSync(join(folder, 'long.vMem.npy')).size, 128 + 8 * size * steps);
    const { data } = readNpy(join(folder, 'long.vMem.npy'));
    assertSame(data.subarray(-size), layer.state);
  });

  it('lose the rows of an evolution that fails or is given up', async () => {
    const to = join(folder, 'failed');
    const layer = make('RecIAFBrian', { record: { to } });
    layer.evolve(null, { numTimesteps: 10 });
    const before = layer.snapshot();
    layer.state[2] = NaN;
    assert.throws(() => layer.evolve(null, { numTimesteps: 10 }), { code: 'ERR_NOT_FINITE' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 10 }), { code: 'ERR_NOT_FINITE' });
    layer.restore(before);
    const controller = new AbortController();
    const running = layer.evolveAsync(null, { numTimesteps: 100_000_000, signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 300));
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    for (const signal of ['vMem', 'iSyn', 'times']) {
      const path = join(folder, `failed.${signal}.npy`);
      assert.equal(readNpy(path).shape[0], 10);
      assert.equal(statSync(path).size, 128 + 80 * (signal === 'times' ? 1 : 4));
    }
    layer.evolve(null, { numTimesteps: 5 });
    assert.equal(readNpy(join(folder, 'failed.vMem.npy')).shape[0], 15);
  });

  it('are begun anew when record is set', () => {
    const to = join(folder, 'anew');
    const layer = make('FFIAFNest', { record: { to } });
    layer.evolve(null, { numTimesteps: 10 });
    layer.record = { to };
    assert.equal(readNpy(join(folder, 'anew.vMem.npy')).shape[0], 10);
    layer.evolve(null, { numTimesteps: 3 });
    assert.equal(readNpy(join(folder, 'anew.vMem.npy')).shape[0], 3);
  });

  it('say what is wrong with a path, and leave the layer as it was', async () => {
    const layer = make('FFIAFNest', { record: { to: join(folder, 'nowhere', 'x') } });
    const before = layer.snapshot();
    assert.throws(() => layer.evolve(null, { numTimesteps: 10 }), { code: 'ERR_FILE' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 10 }), { code: 'ERR_FILE' });
    assert.deepEqual(layer.snapshot(), before);
  });

  it('are whole files when the process is killed in the middle', () => {
    const root = join(__dirname, '../../../..');
    const code = `
      const { FFIAFNest } = require('rockpool-node/layers');
      const layer = new FFIAFNest([new Array(1000).fill(0)], { record: { to: ${JSON.stringify(join(folder, 'killed'))} } });
      layer.evolve(null, { numTimesteps: 100 });
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 700);
      layer.evolveAsync(null, { numTimesteps: 1e6 });`;
    const { signal } = spawnSync(process.execPath, ['-e', code], { cwd: root });
    assert.equal(signal, 'SIGKILL');
    const { shape, data } = readNpy(join(folder, 'killed.vMem.npy'));
    assert.ok(shape[0] >= 100 && shape[1] === 1000 && data.length === shape[0] * 1000);
    assert.ok(data.every((v) => v === -0.065));
  });

  it('stream with the rest', async () => {
    const to = join(folder, 'stream');
    const layer = make('RecIAFSpkInTorch', { record: { to } });
    const input = inputFor(layer, 100) as TSEvent;
    for await (const piece of layer.stream([0, 1, 2, 3].map((i) => input.clip(i * 0.025, (i + 1) * 0.025))))
      assert.ok(piece.tStop > piece.tStart);
    assert.equal(readNpy(join(folder, 'stream.vMem.npy')).shape[0], 100);
    assert.ok(existsSync(join(folder, 'stream.iSynInp.npy')));
  });
});
