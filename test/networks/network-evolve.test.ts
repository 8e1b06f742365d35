import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildRandomReservoir,
  buildRateReservoir,
  Network,
  type NetworkOutputs,
  setWarningHandler,
  TSContinuous,
  TSDictOnDisk,
  TSEvent,
} from 'rockpool-node';
import { FFRateEuler, PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { unitLambdaNet } from 'rockpool-node/weights';
import { Accumulator, codeOf, EventCounter, ones, Slow } from '../layers/helpers.js';
import '../layers/register.js';

const chain = (dt = 0.1): Network =>
  new Network(new Accumulator(1, { dt, name: 'a' }), new Accumulator(1, { dt, name: 'b' }));
const samples = (outputs: NetworkOutputs, name: string): number[] => [...(outputs[name] as TSContinuous).samples.data];
const clocks = (net: Network): number[] => [net.timestep, ...net.evolOrder.map((l) => l.timestep)];

describe('Network: evolution', () => {
  it('evolves layer after layer', () => {
    const net = chain();
    const input = ones(1);
    const outputs = net.evolve(input, { duration: 0.3 });
    assert.deepEqual(Object.keys(outputs), ['external', 'a', 'b']);
    assert.equal(outputs.external, input);
    assert.deepEqual(
      [samples(outputs, 'a'), samples(outputs, 'b')],
      [
        [1, 2, 3],
        [1, 3, 6],
      ],
    );
    assert.equal(outputs['a'].name, 'a');
    assert.deepEqual(clocks(net), [3, 3, 3]);
    assert.equal(net.evolve(input)['a'].length, 7);
    assert.equal(net.evolve(null, { duration: 0.2 }).external, null);
  });

  it('counts steps as the reference does', () => {
    for (const [duration, n] of [
      [0.3, 3],
      [0.7, 7],
      [0.6, 6],
      [1.1, 11],
      [2.3, 23],
    ] as const) {
      const net = chain();
      net.evolve(null, { duration });
      assert.equal(net.timestep, n);
    }
    const net = chain();
    assert.equal(
      codeOf(() => net.evolve()),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => net.evolve(null, { numTimesteps: 1.5 })),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => net.evolve(null, { numTimesteps: -1 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => net.evolve(3 as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => net.evolve(null, { duratio: 1 } as never)),
      'ERR_TYPE',
    );
  });

  it('tells what it does when asked', () => {
    const lines: string[] = [];
    const { log } = console;
    console.log = (line: string) => lines.push(line);
    try {
      const net = chain();
      net.evolve(ones(1), { numTimesteps: 1 });
      assert.deepEqual(lines, []);
      net.evolve(ones(1), { numTimesteps: 1, verbose: true });
      net.evolve(null, { numTimesteps: 1, verbose: true });
      net.train(() => undefined, null, { numTimesteps: 2, numsTsBatch: 1, verbose: true });
    } finally {
      console.log = log;
    }
    assert.deepEqual(lines, [
      'Network: Evolving layer `a` with external input as input',
      "Network: Evolving layer `b` with a's output as input",
      'Network: Evolving layer `a` with nothing as input',
      "Network: Evolving layer `b` with a's output as input",
      'Network: Training batch 1 of 2 from t = 0.300 to 0.400.',
      'Network: Training batch 2 of 2 from t = 0.400 to 0.500.',
      'Network: Training successful',
    ]);
  });

  it('copies trial start times to all outputs', () => {
    const input = ones(1);
    input.trialStartTimes = Float64Array.of(0, 0.5);
    assert.deepEqual(chain().evolve(input)['b'].trialStartTimes, Float64Array.of(0, 0.5));
  });

  it('demands layers in step', () => {
    const net = chain();
    net.a.evolve(ones(1), { numTimesteps: 1 });
    assert.throws(() => net.evolve(ones(1)), { code: 'ERR_SYNC', message: /'a' at 0.1/ });
    net.resetTime();
    net.evolve(ones(1));
    net.t = 0.5;
    assert.deepEqual(clocks(net), [5, 5, 5]);
  });

  it('is as before when a layer fails', () => {
    const net = chain();
    net.evolve(ones(1), { duration: 0.5 });
    const before = [clocks(net), net.a.state[0], net.b.state[0]];
    net.b.fail = true;
    assert.throws(() => net.evolve(ones(1)), /as told/);
    assert.deepEqual([clocks(net), net.a.state[0], net.b.state[0]], before);
    net.b.fail = false;
    assert.throws(() => net.evolve(ones(1), { onLayer: () => assert.fail('stop') }), /stop/);
    assert.deepEqual([clocks(net), net.a.state[0], net.b.state[0]], before);
    net.evolve(ones(1));
  });

  it('evolves off the event loop with the same result, progress and busy layers', async () => {
    const slow = new Slow(1, { dt: 0.1, name: 'slow' });
    const net = new Network(new Accumulator(1, { dt: 0.1, name: 'a' }), slow);
    const seen: number[] = [];
    const names: string[] = [];
    const running = net.evolveAsync(ones(1), {
      onProgress: ({ done, total }) => seen.push(done / total),
      onLayer: (name) => names.push(name),
    });
    await new Promise((resolve) => setImmediate(resolve));
    const calls: (() => unknown)[] = [
      () => net.evolve(ones(1)),
      () => net.resetAll(),
      () => net.resetTime(),
      () => net.resetState(),
      () => net.addLayer(new Accumulator(1)),
      () => net.connect('a', 'slow'),
      () => net.disconnect('a', 'slow'),
      () => net.removeLayer('a'),
      () => (net.t = 0),
      () => net.a.evolve(ones(1)),
      () => net.a.resetAll(),
      () => (net.a.weights = [[3]]),
      () => slow.resetAll(),
      () => net.shallowCopy().evolve(ones(1)),
    ];
    for (const call of calls) assert.equal(codeOf(call), 'ERR_BUSY', String(call));
    await assert.rejects(net.evolveAsync(ones(1)), { code: 'ERR_BUSY' });
    slow.proceed();
    const outputs = await running;
    const expected = chain().evolve(ones(1));
    assert.deepEqual(samples(outputs, 'slow'), samples(expected, 'b'));
    assert.deepEqual([seen.at(-1), names], [1, ['a', 'slow']]);
    net.resetAll();
  });

  it('restores all layers when aborted', async () => {
    const slow = new Slow(1, { dt: 0.1, name: 'slow' });
    const net = new Network(new Accumulator(1, { dt: 0.1, name: 'a' }), slow);
    const controller = new AbortController();
    const running = net.evolveAsync(ones(1), { signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    slow.proceed();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual([clocks(net), net.a.state[0], slow.state[0]], [[0, 0, 0], 0, 0]);
    await assert.rejects(net.evolveAsync(ones(1), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    net.evolve(ones(1));
  });

  it('runs and aborts kernels off the event loop', async () => {
    const make = (): Network => buildRandomReservoir({ reservoirSize: 50, seed: 3, weightsResStd: 0.1, dt: 0.05 });
    const [a, b] = [make(), make()];
    const input = ones(10);
    const [x, y] = [a.evolve(input), await b.evolveAsync(input)];
    for (const name of ['Input', 'Reservoir', 'Readout']) assert.deepEqual(samples(x, name), samples(y, name));
    const before = b.Reservoir.state.slice();
    const controller = new AbortController();
    const running = b.evolveAsync(null, { numTimesteps: 5_000_000, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(b.Reservoir.state, before);
    assert.deepEqual(clocks(b), clocks(a));
  });

  it('keeps outputs on disk', () => {
    const net = new Network([new Accumulator(1, { dt: 0.1, name: 'a' }), new Accumulator(1, { dt: 0.1, name: 'b' })], {
      evolveOnDisk: true,
    });
    const outputs = net.evolve(ones(1)) as unknown as TSDictOnDisk<string, TSContinuous>;
    assert.ok(outputs instanceof TSDictOnDisk);
    assert.deepEqual([...outputs.get('b').samples.data], samples(chain().evolve(ones(1)), 'b'));
    outputs.dispose();
  });

  it('streams with constant delay or none', async () => {
    const pieces = (n: number) =>
      Array.from({ length: n }, (_, k) => new TSContinuous([k * 0.2, (k + 1) * 0.2], [1, 1]));
    const expected = samples(chain().evolve(ones(0.8)), 'b');
    const seen: number[] = [];
    const net = chain();
    for await (const { t, outputs } of net.stream(pieces(4))) {
      assert.equal(t, net.t);
      seen.push(...samples(outputs, 'b'));
    }
    assert.deepEqual(seen, expected);
    const delayed: number[] = [];
    for await (const { outputs } of chain().stream(pieces(4), { pipelineDelay: true }))
      delayed.push(...samples(outputs, 'b'));
    assert.deepEqual(delayed, [0, 0, ...expected.slice(0, 6)]);
    let count = 0;
    const limited = chain();
    for await (const { outputs } of limited.stream(pieces(4), { numTimesteps: 3 })) count += outputs['a'].length;
    assert.deepEqual([count, limited.timestep], [3, 3]);
    await assert.rejects(
      chain()
        .stream([ones(0.25)])
        .next(),
      { code: 'ERR_TIME_RANGE' },
    );
    await assert.rejects(chain().stream(pieces(1), { signal: AbortSignal.abort() }).next(), { code: 'ERR_ABORTED' });
  });
});

describe('Network: training', () => {
  const batches = (options: object): number[] => {
    const net = new Network(new Accumulator(1, { dt: 0.01, name: 'a' }));
    const ends: number[] = [];
    const flags: boolean[][] = [];
    net.train(
      (n, _signals, isFirst, isLast) => (ends.push(Number(n.t.toFixed(6))), flags.push([isFirst, isLast]), undefined),
      { input: ones(1), duration: 1, ...options },
    );
    assert.ok(flags.every(([first, last], i) => first === (i === 0) && last === (i === flags.length - 1)));
    return ends;
  };

  it('cuts batches as the reference does', () => {
    assert.deepEqual(batches({}), [1]);
    assert.deepEqual(batches({ batchDurs: 0.3 }), [0.3, 0.6, 0.9, 1]);
    assert.deepEqual(batches({ batchDurs: [0.3, 0.2] }), [0.3, 0.5, 1]);
    assert.deepEqual(batches({ batchDurs: [0.3, 0.5, 0.4, 0.5] }), [0.3, 0.8, 1]);
    assert.deepEqual(batches({ numsTsBatch: 30 }), [0.3, 0.6, 0.9, 1]);
    assert.deepEqual(batches({ numsTsBatch: [30, 60, 40, 50] }), [0.3, 0.9, 1]);
    assert.deepEqual(batches({ batchDurs: 0.1, numsTsBatch: 50 }), [0.5, 1]);
    assert.deepEqual(batches({ batchDurs: 3 }), [1]);
    for (const options of [
      { batchDurs: 0.001 },
      { batchDurs: 0 },
      { numsTsBatch: 0 },
      { numsTsBatch: 1.5 },
      { batchDurs: [0.1, -1] },
    ]) {
      assert.throws(() => batches(options), RangeError, JSON.stringify(options));
    }
    assert.throws(() => batches({ batchDur: 1 }), TypeError);
  });

  it('hands on signals, the clipped input and progress, and stops when told', () => {
    const net = chain();
    const infos: unknown[] = [];
    const result = net.train(
      (n, signals, _first, _last, info) => {
        infos.push(info, signals.external!.tStart, signals.external!.tStop, signals['b'].length);
        return n.timestep < 6;
      },
      ones(1),
      { numsTsBatch: 3 },
    );
    assert.deepEqual(infos[0], { batch: 0, numBatches: 4, steps: 3 });
    assert.ok(Math.abs((infos[5] as number) - 0.3) < 1e-12 && Math.abs((infos[6] as number) - 0.6) < 1e-12);
    assert.deepEqual([infos[7], result], [3, { batches: 2, steps: 6, stopped: true }]);
  });

  it('gives batch by batch what evolve gives at once', () => {
    const input = new TSContinuous([0, 0.33, 1], [0, 3, 1]);
    const expected = samples(chain().evolve(input), 'b');
    const seen: number[] = [];
    chain().train((_net, signals) => (seen.push(...samples(signals, 'b')), undefined), { input, batchDurs: 0.3 });
    assert.deepEqual(seen, expected);
  });

  it('trains on events, on periodic input and on nothing', () => {
    const net = new Network(new EventCounter(1, { dt: 0.1, name: 'a' }));
    const counts: number[] = [];
    const events = new TSEvent([0.05, 0.1, 0.3, 0.35, 0.9], [0, 0, 0, 0, 0], { tStart: 0, tStop: 1 });
    net.train((n) => (counts.push(n.a.state[0]), undefined), { input: events, batchDurs: 0.3 });
    assert.deepEqual(counts, [2, 4, 4, 5]);
    let calls = 0;
    chain().train(() => void calls++, { duration: 0.5, numsTsBatch: 2 });
    chain().train(() => void calls++, { input: ones(0.4, 1, { periodic: true }), duration: 1, batchDurs: 0.5 });
    assert.equal(calls, 5);
    assert.throws(() => chain().train(() => undefined), TypeError);
    assert.throws(() => chain().train(null as never, ones(1)), TypeError);
  });

  it('refuses a promise, which trainAsync waits for', async () => {
    assert.throws(() => chain().train(async () => undefined, ones(1)), /trainAsync/);
    const net = chain();
    let running = 0;
    const progress: number[] = [];
    const result = await net.trainAsync(
      async () => {
        assert.equal(++running, 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
      },
      { input: ones(1), numsTsBatch: 4, onProgress: ({ done }) => progress.push(done) },
    );
    assert.deepEqual([result, progress], [{ batches: 3, steps: 10, stopped: false }, [4, 8, 10]]);
    const controller = new AbortController();
    await assert.rejects(
      net.trainAsync(() => controller.abort(), { duration: 1, numsTsBatch: 4, signal: controller.signal }),
      { code: 'ERR_ABORTED' },
    );
    assert.equal(net.timestep, 14);
  });
});

describe('Network: files', () => {
  let folder: string;
  before(() => (folder = mkdtempSync(join(tmpdir(), 'networks-'))));
  after(() => rmSync(folder, { recursive: true }));

  const branched = (options?: object): Network => {
    const net = new Network(
      [
        new FFRateEuler([[1, 2]], { name: 'a', dt: 0.1, tau: 2 }),
        new RecRateEuler(
          [
            [0.1, 0],
            [0, 0.1],
          ],
          { name: 'a', dt: 0.1, tau: 2 },
        ),
      ],
      options,
    );
    net.addLayer(new PassThrough([[1], [1]], { name: 'out', dt: 0.1 }), { inputLayer: 'a' });
    return net;
  };

  it('has the fields of the original', () => {
    const dict = branched().toDict();
    assert.deepEqual(Object.keys(dict), ['class_name', 'name', 'layers', 'input_layer_name', 'output_layer_name']);
    assert.deepEqual(
      (dict['layers'] as Record<string, unknown>[]).map(({ name, class_name, pre_layer_name, external_input }) => [
        name,
        class_name,
        pre_layer_name,
        external_input,
      ]),
      [
        ['a', 'FFRateEuler', undefined, true],
        ['a_0', 'RecRateEuler', 'a', false],
        ['out', 'PassThrough', 'a', false],
      ],
    );
    assert.equal(branched({ dt: 0.2 }).toDict()['dt'], 0.2);
  });

  it('comes back equal', async () => {
    for (const net of [branched(), branched({ dt: 0.2 })]) {
      const file = join(folder, 'net.json');
      await net.save(file);
      const twin = await Network.load(file);
      assert.deepEqual(twin.toDict(), net.toDict());
      assert.equal(twin.layerName(twin.outputLayer!), 'a_0');
      const [x, y] = [net.evolve(ones(2)), twin.evolve(ones(2))];
      assert.deepEqual(samples(x, 'out'), samples(y, 'out'));
      net.saveSync(file, { includeState: true });
      const later = Network.loadSync(file);
      assert.deepEqual([later.timestep, later.t], [net.timestep, net.t]);
      assert.deepEqual(
        samples(later.evolve(null, { numTimesteps: 3 }), 'a_0'),
        samples(net.evolve(null, { numTimesteps: 3 }), 'a_0'),
      );
      assert.equal(Network.loadFromDict(net.toDict(), { dt: 0.4 }).dt, 0.4);
    }
  });

  it('chains the layers of old files with a warning, and says what is wrong with others', async () => {
    const file = join(folder, 'old.json');
    const layer = (name: string) => ({ class_name: 'PassThrough', weights: [[1]], dt: 0.1, name });
    writeFileSync(file, JSON.stringify({ layers: [layer('x'), layer('y')] }));
    const codes: string[] = [];
    setWarningHandler(({ code }) => codes.push(code));
    const net = await Network.load(file);
    setWarningHandler(null);
    assert.deepEqual(
      [codes, net.preLayer('y'), net.externalInput('x'), net.outputLayer],
      [['NETWORK_CHAIN_ASSUMED'], net.x, true, net.y],
    );
    assert.equal(
      codeOf(() => Network.loadFromDict({ layers: [{ ...layer('x'), class_name: 'Nonsense' }] })),
      'ERR_CLASS',
    );
    assert.equal(
      codeOf(() => Network.loadFromDict({})),
      'ERR_KEY',
    );
    assert.equal(
      codeOf(() => Network.loadFromDict({ layers: [3] })),
      'ERR_TYPE',
    );
    await assert.rejects(Network.load(join(folder, 'none.json')), { code: 'ERR_FILE' });
    Network.addLayerClass(Accumulator, 'Another');
    assert.equal(Network.loadFromDict({ layers: [{ ...layer('x'), class_name: 'Another' }] }).x.className, 'Another');
    Network.addLayerClass(Accumulator, 'Accumulator');
  });
});

describe('Network: builders and weights', () => {
  it('builds rate reservoirs', () => {
    for (const net of [
      buildRateReservoir(
        [[1, 2]],
        [
          [0.1, 0],
          [0, 0.1],
        ],
        [[1], [1]],
        { dt: 0.05 },
      ),
      buildRateReservoir({
        weightsIn: [[1, 2]],
        weightsRes: [
          [0.1, 0],
          [0, 0.1],
        ],
        weightsOut: [[1], [1]],
        dt: 0.05,
      }),
    ]) {
      assert.deepEqual(
        net.evolOrder.map((l) => [l.className, l.name, l.dt]),
        [
          ['FFRateEuler', 'Input', 0.05],
          ['RecRateEuler', 'Reservoir', 0.05],
          ['PassThrough', 'Readout', 0.05],
        ],
      );
    }
    const random = buildRandomReservoir(2, 30, 3, { seed: 1 });
    assert.deepEqual(
      [random.Input.weights.shape, random.Reservoir.weights.shape, random.Readout.weights.shape],
      [
        [2, 30],
        [30, 30],
        [30, 3],
      ],
    );
    assert.deepEqual(buildRandomReservoir(2, 30, 3, { seed: 1 }).Reservoir.weights, random.Reservoir.weights);
    assert.equal(
      codeOf(() => buildRateReservoir([[1]], [[1]], [[1]], { tau: 1 } as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => buildRandomReservoir({ reservoirSize: 0 })),
      'ERR_VALUE',
    );
  });

  it('draws matrices of unit spectral radius', () => {
    const w = unitLambdaNet(60, { seed: 4 });
    assert.deepEqual(w.shape, [60, 60]);
    assert.deepEqual(unitLambdaNet(60, { seed: 4 }), w);
    assert.notDeepEqual(unitLambdaNet(60, { seed: 5 }), w);
    assert.notDeepEqual(unitLambdaNet(60), unitLambdaNet(60));
    const rms = Math.sqrt(w.data.reduce((s, x) => s + x * x, 0) / 60);
    assert.ok(Math.abs(rms - 1) < 0.05);
    const exact = unitLambdaNet(60, { seed: 4, exact: true });
    assert.ok(Math.abs(unitLambdaNet(1, { seed: 1, exact: true }).data[0]) - 1 < 1e-12);
    const factor = exact.data[0] / w.data[0];
    assert.ok(factor > 0.7 && factor < 1.3 && Math.abs(exact.data[77] / w.data[77] - factor) < 1e-12);
    assert.deepEqual(unitLambdaNet(5, { rng: () => 0.25 }), unitLambdaNet(5, { seed: 2 ** 51 }));
    for (const bad of [0, -1, 1.5, NaN])
      assert.equal(
        codeOf(() => unitLambdaNet(bad)),
        'ERR_VALUE',
      );
    assert.equal(
      codeOf(() => unitLambdaNet('5' as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => unitLambdaNet(5, { sed: 1 } as never)),
      'ERR_TYPE',
    );
  });
});
