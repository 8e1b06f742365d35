import assert from 'node:assert/strict';
import { Network, setWarningHandler, TSEvent } from 'rockpool-node';
import { type CoreBias, DynapseControl } from 'rockpool-node/devices/dynapse';
import { Layer, PassThroughEvents, RecDynapSE, RecDynapSEDemo, type RecDynapSEOptions } from 'rockpool-node/layers';
import * as nn from 'rockpool-node/nn/layers';

const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;

/** Synapses of which 16 make a neuron spike, with time constants of 7 ms. */
const biases: CoreBias[] = [...Array(16).keys()].flatMap((core) => [
  { core, name: 'PS_WEIGHT_EXC_F_N', coarse: 1, fine: 160 },
  { core, name: 'PS_WEIGHT_EXC_S_N', coarse: 1, fine: 160 },
  { core, name: 'NPDPIE_TAU_F_P', coarse: 6, fine: 40 },
]);

// Channel 0 drives neuron 0, channel 1 neuron 1; both drive neuron 2.
const weightsIn = [
  [24, 0, 0],
  [0, 24, 0],
];
const weightsRec = [
  [0, 0, 24],
  [0, 0, 24],
  [0, 0, 0],
];
const model: RecDynapSEOptions = { controller: 'model', board: { model: { mismatch: false } }, biases };
const make = (options: RecDynapSEOptions = {}): RecDynapSE =>
  new RecDynapSE(weightsIn, weightsRec, { ...model, ...options });

const input = (): TSEvent =>
  new TSEvent([0.001, 0.011, 0.021, 0.031, 0.041], [0, 1, 0, 1, 0], { tStart: 0, tStop: 0.06, numChannels: 2 });
const events = (ts: TSEvent): [number, number][] => [...ts.times].map((t, i) => [t, ts.channels[i]]);

describe('RecDynapSE', () => {
  const open: { close(): Promise<void> }[] = [];
  const opened = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  afterEach(async () => {
    setWarningHandler(null);
    for (const one of open.splice(0)) await one.close();
  });

  it('asks for a board unless told otherwise', async () => {
    const layer = opened(new RecDynapSE(weightsIn, weightsRec, { board: { serial: 'NO SUCH1' } }));
    assert.deepEqual([layer.size, layer.sizeIn, layer.dt], [3, 2, 2e-5]);
    await assert.rejects(layer.evolveAsync(input()), /controller: 'model'/);
    await assert.rejects(layer.prepare(), /rockpool-node doctor/);
    assert.equal(layer.t, 0);
    assert.throws(() => layer.controller, coded('ERR_STATE'));
    assert.throws(() => layer.evolve(input()), /prepare/);
  });

  it('gets its neurons, its synapses by kind, and spikes', async () => {
    const layer = opened(make());
    const spikes = await layer.evolveAsync(input());
    assert.equal(layer.controller.simulated, true);
    assert.deepEqual(
      [layer.neuronIds, layer.virtualNeuronIds],
      [
        [1, 2, 3],
        [4, 5],
      ],
    );
    const { image } = layer.controller;
    assert.deepEqual([...new Set(image.synapsesOf(1).map(({ source, type }) => `${source} ${type}`))], ['4 fastExc']);
    assert.deepEqual([...new Set(image.synapsesOf(3).map(({ type }) => type))], ['fastExc']);
    assert.deepEqual([spikes.tStart, spikes.numChannels, spikes.name], [0, 3, 'DynapSE spikes']);
    assert.ok(Math.abs(spikes.tStop - 0.06) < 1e-12);
    assert.deepEqual([...new Set(spikes.channels)].sort(), [0, 1, 2]);
    assert.ok(spikes.times[0] > 0.001 && spikes.times[0] < 0.006, String(spikes));
    assert.equal(layer.timestep, 3000);
    const silent = await layer.evolveAsync(null, { duration: 0.05 });
    assert.ok(Math.abs(silent.tStart - 0.06) < 1e-12 && Math.abs(layer.t - 0.11) < 1e-12);
    layer.resetAll();
    assert.deepEqual([layer.t, [...layer.state]], [0, [0, 0, 0]]);
  });

  it('uses slow excitation from neurons without input', async () => {
    const layer = opened(
      new RecDynapSE(
        [[24, 0, 0]],
        [
          [0, 3, 0],
          [0, 0, -2],
          [0, 5, 0],
        ],
        model,
      ),
    );
    await layer.prepare();
    assert.equal(layer.prepared, true);
    const kinds = (neuron: number): string[] =>
      layer.controller.image
        .synapsesOf(neuron)
        .map(({ source, type }) => `${source} ${type}`)
        .sort();
    assert.deepEqual(kinds(2), [...new Array(3).fill('1 fastExc'), ...new Array(5).fill('3 slowExc')]);
    assert.deepEqual(kinds(3), ['2 fastInh', '2 fastInh']);
    layer.weightsRec = [
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 1],
    ];
    assert.equal(layer.prepared, false);
    await layer.prepare();
    assert.deepEqual(kinds(2), []);
    assert.deepEqual(kinds(3), ['3 slowExc']);
  });

  it('evolves while it waits, as off the event loop', async () => {
    const [a, b] = [opened(make()), opened(make())];
    await a.prepare();
    const waited = a.evolve(input());
    const expected = await b.evolveAsync(input());
    assert.ok(waited.length > 5);
    assert.deepEqual(events(waited), events(expected));
    assert.equal(a.timestep, b.timestep);
  });

  it('plays long input in batches: by time steps, events, duration and trials', async () => {
    const spans: number[] = [];
    const count = async (options: RecDynapSEOptions, ts = input()): Promise<number> => {
      const layer = opened(make(options));
      await layer.prepare();
      let batches = 0;
      const play = layer.controller._capture.bind(layer.controller);
      layer.controller._capture = (playback) => {
        batches++;
        spans.push(playback.duration);
        return play(playback);
      };
      const spikes = await layer.evolveAsync(ts);
      assert.equal(layer.timestep, 3000);
      assert.ok([...spikes.channels].includes(0) && [...spikes.channels].includes(1));
      await layer.close();
      return batches;
    };
    assert.equal(await count({}), 1);
    assert.equal(await count({ maxNumTimesteps: 1000 }), 3);
    assert.equal(await count({ maxBatchDur: 0.02 }), 3);
    assert.equal(await count({ maxNumEventsBatch: 2 }), 3);
    const trials = input();
    trials.trialStartTimes = [0, 0.01, 0.02, 0.03, 0.04];
    spans.length = 0;
    assert.equal(await count({ maxNumTrialsBatch: 2 }, trials), 3);
    assert.deepEqual(
      spans.map((s) => Math.round(s * 1e3)),
      [20, 20, 20],
    );
    assert.equal(await count({ maxNumTrialsBatch: 5, maxNumEventsBatch: 3 }, trials), 2);
    await assert.rejects(count({ maxNumTrialsBatch: 2, maxNumTimesteps: 100 }, trials), coded('ERR_VALUE'));
  });

  it('takes part in a network, in both ways', async () => {
    const layer = opened(make({ dt: 1e-5 }));
    const router = new PassThroughEvents(
      [
        [1, 0],
        [0, 1],
      ],
      { dt: 1e-5 },
    );
    const net = new Network(router, layer);
    const output = await net.evolveAsync(input(), { duration: 0.03 });
    const spikes = output[layer.name] as TSEvent;
    assert.ok(spikes.length > 2);
    const more = net.evolve(input(), { duration: 0.03 });
    assert.ok((more[layer.name] as TSEvent).times.every((t) => t >= 0.03));
    assert.ok(Math.abs(net.t - 0.06) < 1e-9);
  });

  it('takes a controller that is open, and leaves it open', async () => {
    const control = opened(await DynapseControl.open({ controller: 'model', biases }));
    const layers = [1, 2].map(() => new RecDynapSE(weightsIn, weightsRec, { controller: control }));
    for (const layer of layers) await layer.prepare();
    assert.deepEqual(
      layers.map(({ neuronIds }) => neuronIds),
      [
        [1, 2, 3],
        [6, 7, 8],
      ],
    );
    await layers[0].close();
    assert.equal(control.state, 'open');
  });

  it('stops when it is told to, and is as before then', async () => {
    const layer = opened(make());
    await layer.prepare();
    const abort = new AbortController();
    const long = layer.evolveAsync(null, {
      duration: 100,
      signal: abort.signal,
      onProgress: ({ done, total }) => {
        assert.equal(total, 5_000_000);
        if (done > 0) abort.abort();
      },
    });
    await assert.rejects(layer.evolveAsync(input()), coded('ERR_BUSY'));
    await assert.rejects(long, coded('ERR_ABORTED'));
    assert.equal(layer.timestep, 0);
    assert.ok((await layer.evolveAsync(input())).length > 0);
  });

  it('is saved with its neurons, and loaded', async () => {
    const layer = opened(make({ maxNumTimesteps: 500, lInputCoreIds: [0, 2], name: 'saved' }));
    await layer.prepare();
    const dict = JSON.parse(JSON.stringify(layer.toDict())) as Record<string, unknown>;
    const copy = opened(Layer.loadFromDict(dict) as RecDynapSE);
    assert.deepEqual(copy.toDict(), layer.toDict());
    assert.deepEqual([copy.neuronIds, copy.lInputCoreIds, copy.prepared], [[1, 2, 3], [0, 2], false]);
    const original = {
      class_name: 'RecDynapSE',
      name: 'from Python',
      weights_in: weightsIn,
      weights_rec: weightsRec,
      neuron_ids: [300, 301, 302],
      virtual_neuron_ids: [1, 2],
      dt: 2e-5,
      max_num_trials_batch: null,
      max_batch_dur: null,
      max_num_timesteps: null,
      l_input_core_ids: [1],
      input_chip_id: 0,
      clearcores_list: null,
      rpyc_port: null,
      skip_weights: false,
    };
    const read = Layer.loadFromDict(original) as RecDynapSE;
    assert.deepEqual([read.name, read.neuronIds, read.maxBatchDur], ['from Python', [300, 301, 302], null]);
    const module = new nn.RecDynapSE(weightsIn, weightsRec, model);
    assert.deepEqual([module.sizeIn, module.sizeOut], [2, 3]);
    await module.layer.close();
  });

  it('refuses what no board can do, before one is opened', async () => {
    const wrong = (options: object, code: string, win: number[][] = weightsIn, wrec: number[][] = weightsRec): void =>
      assert.throws(() => new RecDynapSE(win, wrec, options), coded(code), JSON.stringify(options));
    wrong(
      {},
      'ERR_FAN_IN',
      [[40, 0, 0]],
      [
        [-25, 0, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    );
    wrong({}, 'ERR_SHAPE', weightsIn, [[1]]);
    wrong({ dt: 1e-9 }, 'ERR_VALUE');
    wrong({ dt: 1e-3 }, 'ERR_VALUE');
    wrong({ neuronIds: [1, 2] }, 'ERR_SHAPE');
    wrong({ neuronIds: [0, 1, 2] }, 'ERR_INDEX');
    wrong({ virtualNeuronIds: [1024, 1] }, 'ERR_INDEX');
    wrong({ neuronIds: [1, 2, 3], virtualNeuronIds: [1, 7] }, 'ERR_ALIASING', weightsIn, [
      [0, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    wrong({ maxNumEventsBatch: 65536 }, 'ERR_VALUE');
    wrong({ lInputCoreIds: [4] }, 'ERR_VALUE');
    wrong({ inputChipId: 4 }, 'ERR_VALUE');
    wrong({ controller: 'chip' }, 'ERR_TYPE');
    wrong({ fastmode: true, speedup: 7e6 }, 'ERR_VALUE');
    wrong({ unknown: 1 }, 'ERR_TYPE');
    wrong({ biases: 5 }, 'ERR_TYPE');
    wrong({ biases: [null] }, 'ERR_TYPE');
    wrong({ biases: [{ core: 16, name: 'IF_DC_P', fine: 1, coarse: 1 }] }, 'ERR_VALUE');
    wrong({ board: 1 }, 'ERR_TYPE');
    wrong({ board: { foo: 1 } }, 'ERR_TYPE');
    wrong({ board: { model: { seed: -1 } } }, 'ERR_VALUE');
    wrong({ board: { queueEvents: 0 } }, 'ERR_VALUE');
    wrong({ controller: 'model', board: { serial: 'A' } }, 'ERR_VALUE');
    assert.deepEqual(new RecDynapSE([[1.4, -2.6, 0.5]], weightsRec, {}).weightsIn.toArray(), [[1, -3, 0]]);
    const layer = opened(make());
    await assert.rejects(
      layer.evolveAsync(new TSEvent([0.01], [2], { tStop: 0.02, numChannels: 3 })),
      coded('ERR_INDEX'),
    );
    const warnings: string[] = [];
    setWarningHandler(({ code }) => warnings.push(code));
    const far = opened(make({ neuronIds: [300, 1, 2], virtualNeuronIds: [7, 8] }));
    await far.prepare();
    assert.deepEqual(warnings, ['INPUT_UNREACHED']);
  });
});

describe('RecDynapSEDemo', () => {
  it('plays back parts that were loaded, with their own starts', async () => {
    const layer = new RecDynapSEDemo(weightsIn, weightsRec, model);
    try {
      await assert.rejects(layer.evolveAsync(0), coded('ERR_STATE'));
      await layer.loadEvents(input(), [0, 0.02, 0.05], 0.06);
      assert.deepEqual(
        layer.rhythmDurations.map((d) => Math.round(d * 1e3)),
        [20, 30, 10],
      );
      const second = await layer.evolveAsync(1);
      assert.deepEqual([second.tStart, second.name], [0, 'DynapSEDemoBeat']);
      // Its first event was at 0.021 s, 1 ms after the part began.
      assert.ok(second.times[0] > 0.001 && second.times[0] < 0.006 && second.channels[0] === 0, String(second));
      const first = await layer.evolveAsync(0, { duration: 0.03 });
      assert.ok(Math.abs(first.tStart - 0.03) < 1e-12 && first.times[0] >= 0.03, String(first)); // neurons go on between parts
      await layer.evolveAsync(2); // no events
      assert.ok(Math.abs(layer.t - 0.07) < 1e-9);
      await assert.rejects(layer.evolveAsync(3), coded('ERR_VALUE'));
      await assert.rejects(layer.evolveAsync(input()), coded('ERR_TYPE'));
      await assert.rejects(layer.loadEvents(input(), [0.02, 0], 0.06), coded('ERR_VALUE'));
      assert.throws(() => layer.evolve(), coded('ERR_STATE'));
    } finally {
      await layer.close();
    }
  });
});

describe('RecDynapSE, closed, aborted and loaded', () => {
  const open: { close(): Promise<void> }[] = [];
  const opened = <T extends { close(): Promise<void> }>(one: T): T => {
    open.push(one);
    return one;
  };
  afterEach(async () => {
    setWarningHandler(null);
    for (const one of open.splice(0)) await one.close();
  });

  it('close() ends a preparation, and no board stays open', async () => {
    const layer = opened(make());
    for (const begin of [() => layer.prepare(), () => layer.evolveAsync(input())]) {
      const preparing = assert.rejects(begin(), coded('ERR_CLOSED'));
      await layer.close();
      await preparing;
      assert.equal(layer.prepared, false);
      assert.throws(() => layer.controller, coded('ERR_STATE'));
    }
    await layer.prepare(); // it can be prepared again
    const { controller } = layer;
    await layer.close();
    assert.equal(controller.state, 'closed');
  });

  it('close() ends a preparation on a controller that is shared, which stays open', async () => {
    const control = opened(await DynapseControl.open({ controller: 'model', biases }));
    const layer = new RecDynapSE(weightsIn, weightsRec, { controller: control });
    const preparing = assert.rejects(layer.prepare(), coded('ERR_CLOSED'));
    await layer.close();
    await preparing;
    assert.deepEqual([layer.prepared, control.state], [false, 'open']);
    await layer.prepare();
    assert.ok((await layer.evolveAsync(input())).length > 0);
  });

  it('close() gives the neurons of a shared controller back', async () => {
    const control = opened(await DynapseControl.open({ controller: 'model', biases }));
    const layer = new RecDynapSE(weightsIn, weightsRec, { controller: control });
    await layer.prepare();
    const [free, freeVirtual] = [control.numFreeNeurons, control.numFreeVirtualNeurons];
    await layer.close();
    assert.deepEqual([control.numFreeNeurons, control.numFreeVirtualNeurons], [free + 5, freeVirtual + 5]);
    assert.ok((await layer.evolveAsync(input())).length > 0);
    // Virtual neuron 7 is taken: the hardware neurons are not kept.
    control.allocateVirtualNeurons([7]);
    const other = new RecDynapSE(weightsIn, weightsRec, { controller: control, virtualNeuronIds: [7, 8] });
    const before = control.numFreeNeurons;
    await assert.rejects(other.prepare(), coded('ERR_VALUE'));
    assert.equal(control.numFreeNeurons, before);
  });

  it('empties again what an aborted connection has left', async () => {
    const size = 250;
    const one = (weight: number): number[][] => [new Array<number>(size).fill(weight)];
    const none = one(0).flatMap((row) => row.map(() => new Array<number>(size).fill(0)));
    const neuronIds = Array.from({ length: size }, (_, k) => (k < 125 ? k + 1 : k + 1000)); // on chips 0 and 1
    setWarningHandler(() => {}); // the input reaches chip 0 alone
    const layer = opened(new RecDynapSE(one(1), none, { ...model, neuronIds }));
    await layer.prepare();
    layer.weightsIn = one(40);
    const abort = new AbortController();
    const write = layer.controller._connectAll.bind(layer.controller);
    layer.controller._connectAll = (post, blocks, task) => {
      const writing = write(post, blocks, task);
      abort.abort();
      return writing;
    };
    await assert.rejects(layer.prepare({ signal: abort.signal }), coded('ERR_ABORTED'));
    layer.controller._connectAll = write;
    assert.ok(!layer.controller.initializedChips.includes(0));
    await layer.prepare();
    assert.equal(layer.controller.image.synapsesOf(layer.neuronIds![0]).length, 40);
    assert.equal(layer.prepared, true);
  });

  it('is saved with the biases and the board, and spikes when it is loaded', async () => {
    const layer = opened(make({ board: { model: { mismatch: true, seed: 7 } } }));
    const before = JSON.parse(JSON.stringify(layer.toDict())) as Record<string, unknown>;
    assert.deepEqual([before.biases, before.board], [biases, { model: { mismatch: true, seed: 7 } }]);
    const expected = await layer.evolveAsync(input());
    await layer.controller.setBiases([{ core: 0, name: 'IF_DC_P', coarse: 7, fine: 0 }]);
    const after = JSON.parse(JSON.stringify(layer.toDict())) as Record<string, unknown>;
    assert.ok(
      (after.biases as CoreBias[]).some(({ core, name, fine }) => core === 0 && name === 'IF_DC_P' && fine === 0),
    );
    const loaded = opened(Layer.loadFromDict(before) as RecDynapSE);
    const spikes = await loaded.evolveAsync(input());
    assert.ok(spikes.length > 5);
    assert.deepEqual(events(spikes), events(expected));
    const control = opened(await DynapseControl.open({ controller: 'model' }));
    assert.equal(new RecDynapSE(weightsIn, weightsRec, { controller: control }).toDict().controller, 'model');
  });

  it('refuses batches shorter than a time step, and no input cores', () => {
    assert.throws(() => make({ maxBatchDur: 1e-9 }), coded('ERR_VALUE'));
    assert.equal(make({ maxBatchDur: 2e-5 }).maxNumTimesteps, 1);
    assert.throws(() => (make().maxBatchDur = 1e-5), coded('ERR_VALUE'));
    assert.throws(() => make({ lInputCoreIds: [] }), coded('ERR_VALUE'));
  });

  it('hears an abort between short batches, and before it cuts the input', async () => {
    const layer = opened(make({ maxNumTimesteps: 10 }));
    await layer.prepare();
    const begin = performance.now();
    const long = layer.evolveAsync(null, { duration: 20, signal: AbortSignal.timeout(300) });
    await assert.rejects(long, coded('ERR_ABORTED'));
    const aborted = layer.evolveAsync(null, { duration: 1000, signal: AbortSignal.abort() });
    await assert.rejects(aborted, coded('ERR_ABORTED'));
    assert.ok(performance.now() - begin < 5000);
    assert.equal(layer.timestep, 0);
  });
});

describe('RecDynapSEDemo, changed after loading', () => {
  it('plays with the present weights, and not in another time step', async () => {
    const layer = new RecDynapSEDemo(weightsIn, weightsRec, model);
    try {
      await layer.loadEvents(input(), [0], 0.06);
      assert.ok((await layer.evolveAsync(0)).length > 0);
      layer.weightsIn = [
        [0, 0, 0],
        [0, 0, 0],
      ];
      await layer.evolveAsync(0); // what was charged before is gone after this
      assert.equal((await layer.evolveAsync(0)).length, 0);
      await layer.controller.sendEvents({ timesteps: [1], channels: [1] }, { virtualNeuronIds: [4, 5] });
      await assert.rejects(layer.evolveAsync(0), coded('ERR_STATE'));
      await layer.loadEvents(input(), [0], 0.06);
      layer.dt = 1e-5;
      await assert.rejects(layer.evolveAsync(0), coded('ERR_STATE'));
      await layer.loadEvents(input(), [0], 0.06);
      await layer.evolveAsync(0);
    } finally {
      await layer.close();
    }
  });
});
