import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NdArray, Network, setWarningHandler, TSContinuous } from 'rockpool-node';
import { FFRateEuler, Layer, PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { Accumulator, codeOf } from './helpers.js';
import './register.js';

const eye = [
  [1, 0],
  [0, 1],
];
type Euler = RecRateEuler | FFRateEuler;
const eulers = (activationFunc: (x: Float64Array) => Float64Array): Euler[] => [
  new RecRateEuler(eye, { tau: 1, dt: 0.1, activationFunc }),
  new FFRateEuler(eye, { tau: 1, dt: 0.1, activationFunc }),
];

function transfer(array: { buffer: ArrayBufferLike }): void {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
}

describe('Layers under rough handling', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('refuse calls from their own activation function', async () => {
    for (const i of [0, 1]) {
      for (const run of ['evolve', 'evolveAsync'] as const) {
        const calls: ((layer: Euler) => unknown)[] = [
          (l) => l.evolve(null, { numTimesteps: 1 }),
          (l) => l.resetTime(),
          (l) => (l.dt = 0.05),
          (l) => (l.state = [3, 4]),
          (l) => l.restore(l.snapshot()),
        ];
        for (const call of calls) {
          let busy: unknown;
          const layer: Euler = eulers((x) => {
            busy = codeOf(() => call(layer));
            return x;
          })[i];
          const out = await layer[run](null, { numTimesteps: 3 });
          assert.equal(busy, 'ERR_BUSY', `${layer.className}.${run}: ${String(call)}`);
          assert.deepEqual([layer.timestep, layer.dt, out.tStart, [...layer.state]], [3, 0.1, 0, [0, 0]]);
        }
      }
    }
  });

  it('refuse to be restored while they evolve', async () => {
    const layer = new RecRateEuler(eye, { tau: 1, dt: 0.1 });
    const net = new Network([layer]);
    const before = net.snapshot();
    const running = net.evolveAsync(null, { numTimesteps: 20_000 });
    assert.equal(
      codeOf(() => layer.restore(layer.snapshot())),
      'ERR_BUSY',
    );
    assert.equal(
      codeOf(() => net.restore(before)),
      'ERR_BUSY',
    );
    await running;
    assert.deepEqual([layer.timestep, net.timestep], [20_000, 20_000]);
    for (const wrong of [null, undefined, {}, 3, { layers: [3] }, { layers: [], timestep: -1 }]) {
      assert.match(String(codeOf(() => net.restore(wrong as never))), /^ERR_(TYPE|VALUE)$/);
      assert.match(String(codeOf(() => layer.restore(wrong as never))), /^ERR_(TYPE|VALUE)$/);
    }
    assert.equal(
      codeOf(() => layer.restore({ timestep: 5, state: NaN as never })),
      'ERR_SHAPE',
    );
    assert.equal(layer.timestep, 20_000);
  });

  it('refuse time constants that were written out of range', () => {
    for (const wrong of [0, -1, NaN, Infinity]) {
      for (const layer of eulers((x) => x)) {
        layer.tau[0] = wrong;
        assert.equal(
          codeOf(() => layer.evolve(null, { numTimesteps: 2 })),
          'ERR_VALUE',
          `${layer.className} ${wrong}`,
        );
        assert.equal(layer.timestep, 0);
      }
    }
    const layer = new FFRateEuler(eye, { tau: 1, dt: 0.1 });
    layer.tau[0] = 0.01;
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 2 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => new RecRateEuler(eye, { bias: NaN })),
      'ERR_VALUE',
    );
  });

  it('refuse parameters and buffers whose memory was transferred', () => {
    const rec = new RecRateEuler(eye, { tau: 1, dt: 0.1 });
    transfer(rec.weights.data);
    assert.equal(
      codeOf(() => rec.evolve(null, { numTimesteps: 1 })),
      'ERR_SHAPE',
    );
    rec.weights = eye;
    rec.evolve(null, { numTimesteps: 1 });
    const delayed = new PassThrough(eye, { delay: 2 });
    transfer((delayed.buffer as NdArray).data);
    assert.equal(
      codeOf(() => delayed.evolve(null, { numTimesteps: 1 })),
      'ERR_TYPE',
    );
    delayed.resetAll();
    assert.equal(delayed.buffer?.size, 4);
    delayed.evolve(null, { numTimesteps: 1 });
  });

  it('keep the buffer that was handed out', async () => {
    const layer = new PassThrough(eye, { delay: 2 });
    const buffer = layer.buffer as NdArray;
    await layer.evolveAsync(TSContinuous.fromClocked([[1, 1]], { dt: 1 }), { numTimesteps: 1 });
    assert.equal(layer.buffer, buffer);
    assert.deepEqual([...buffer.data], [0, 0, 1, 1]);
  });

  it('say when something does not fit in memory or in the clock', () => {
    const custom = new RecRateEuler(eye, { activationFunc: (x: Float64Array) => x });
    for (const layer of [new RecRateEuler(eye), custom, new PassThrough(eye), new Accumulator(eye)]) {
      assert.equal(
        codeOf(() => layer.evolve(null, { numTimesteps: 2 ** 50 })),
        'ERR_NOMEM',
      );
      assert.equal(
        codeOf(() => (layer.t = 1e300)),
        'ERR_VALUE',
      );
      layer.t = (2 ** 53 - 2) * layer.dt;
      assert.equal(
        codeOf(() => layer.evolve(null, { numTimesteps: 5 })),
        'ERR_VALUE',
      );
    }
    assert.equal(
      codeOf(() => new PassThrough(eye, { delay: 1e300 })),
      'ERR_NOMEM',
    );
    assert.equal(
      codeOf(() => new PassThrough({ data: [1], shape: [1e9, 1e9], stride: [0, 0] })),
      'ERR_NOMEM',
    );
  });

  it('check the options of evolveAsync of the base class', async () => {
    const layer: Layer = new Accumulator(eye);
    await assert.rejects(layer.evolveAsync(null, null as never), { code: 'ERR_TYPE' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1, signal: 5 as never }), { code: 'ERR_TYPE' });
    await assert.rejects(layer.evolveAsync(null, { numTimesteps: 1, onProgress: 5 as never }), { code: 'ERR_TYPE' });
    assert.equal(layer.timestep, 0);
  });
});

describe('Streams', () => {
  it('let go of their pieces', async function () {
    this.timeout(20_000);
    let alive = 0;
    const gone = new FinalizationRegistry(() => alive--);
    const layer = new PassThrough([[1]], { dt: 1 });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    async function* source(): AsyncGenerator<TSContinuous> {
      for (let i = 0; i < 300; i++) {
        const piece = TSContinuous.fromClocked(new Float64Array(10), { dt: 1, tStart: layer.t });
        gone.register(piece, undefined);
        alive++;
        yield piece;
        if (i === 299) {
          for (let k = 0; k < 20 && alive > 20; k++) {
            collect();
            await new Promise((resolve) => setTimeout(resolve, 10));
          }
        }
      }
    }
    for await (const out of layer.stream(source(), { signal: new AbortController().signal })) void out;
    assert.ok(alive <= 20, `${alive} of 300 pieces are kept`);
  });

  it('wait for the source to clean up when the consumer stops', async () => {
    const layer = new PassThrough([[1]], { dt: 1 });
    const done: string[] = [];
    async function* source(): AsyncGenerator<TSContinuous> {
      try {
        for (;;) yield TSContinuous.fromClocked([1], { dt: 1, tStart: layer.t });
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 5));
        done.push('cleaned');
      }
    }
    for await (const out of layer.stream(source())) {
      void out;
      break;
    }
    assert.deepEqual(done, ['cleaned']);
  });
});
