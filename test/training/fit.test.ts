import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Matrix, NdArray, setWarningHandler } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear } from 'rockpool-node/nn/modules';
import {
  activityL2,
  Adam,
  crossEntropy,
  ctcLoss,
  type EpochRecord,
  fit,
  type FitOptions,
  type FitProgress,
  type LossFunction,
  mse,
  scaled,
  type ParameterTree,
  SGD,
  sumLosses,
  l2Loss,
  type TrainingBatch,
  valueAndGrad,
} from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';

const make = (seed = 1): Sequential =>
  new Sequential([
    ['first', new Linear([4, 6], { hasBias: true, seed })],
    ['second', new Linear([6, 2], { hasBias: true, seed: seed + 1 })],
  ] as const);

const input = randomArray([20, 7, 4], 1, 3);
const wanted = make(50);
const [target] = wanted.evolve(input);
const data = { input, target };
const flat = (module: Sequential): ParameterTree =>
  structuredClone(JSON.parse(JSON.stringify(module.parameters())) as ParameterTree);
const options = (more: Partial<FitOptions<Matrix>> = {}): FitOptions<Matrix> => ({
  loss: mse(),
  optimiser: new Adam(0.02),
  batchSize: 6,
  epochs: 4,
  seed: 9,
  ...more,
});

describe('fit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-fit-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('trains a module and says how', async () => {
    const net = make();
    const before = net.snapshot();
    const { history, iterations, stopped, seed } = await fit(
      net,
      data,
      options({
        epochs: 60,
        metrics: { worst: (o, t) => Math.max(...o.data.map((x, i) => Math.abs(x - t.data[i]))) },
        validation: { input: randomArray([5, 7, 4], 1, 4), target: wanted.evolve(randomArray([5, 7, 4], 1, 4))[0] },
      }),
    );
    assert.equal(history.length, 60);
    assert.equal(iterations, 240); // 20 samples in batches of 6, 6, 6 and 2
    assert.equal(stopped, 'epochs');
    assert.equal(seed, 9);
    const [first, last] = [history[0], history[59]];
    assert.ok(last.loss < 0.02 * first.loss, `${first.loss} -> ${last.loss}`);
    assert.ok(last.validation!.loss < 0.02 * first.validation!.loss);
    assert.ok(last.metrics['worst'] < first.metrics['worst']);
    assert.equal(last.terms['mse'], last.loss);
    assert.ok(last.gradientNorm < first.gradientNorm);
    assert.equal(last.iteration, 240);
    assert.deepEqual(net.snapshot(), before);
  });

  it('does the steps that valueAndGrad and an optimiser do by hand', async () => {
    const [a, b] = [make(), make()];
    await fit(a, data, options({ shuffle: false, epochs: 2 }));
    const adam = new Adam(0.02);
    const step = valueAndGrad(b, mse());
    const rows = (x: Matrix, from: number, to: number): Matrix => {
      const width = x.size / x.shape[0];
      return new NdArray(x.data.slice(from * width, to * width), [to - from, ...x.shape.slice(1)]);
    };
    for (let epoch = 0; epoch < 2; epoch++)
      for (let from = 0; from < 20; from += 6) {
        const to = Math.min(from + 6, 20);
        const { gradients } = step(rows(input, from, to), rows(target, from, to));
        b.setAttributes(adam.step(b.parameters(), gradients));
      }
    assert.deepEqual(a.parameters(), b.parameters());
  });

  it('the order depends on the seed alone, and on nothing when it is not shuffled', async () => {
    const run = async (more: Partial<FitOptions<Matrix>>): Promise<ParameterTree> => {
      const net = make();
      await fit(net, data, options({ epochs: 2, ...more }));
      return flat(net);
    };
    const first = await run({});
    assert.deepEqual(await run({}), first);
    assert.notDeepEqual(await run({ seed: 10 }), first);
    assert.deepEqual(await run({ shuffle: false, seed: 1 }), await run({ shuffle: false, seed: 2 }));
  });

  it('takes batches from iterables and functions', async () => {
    const batches = [0, 1, 2].map((k) => ({
      input: randomArray([3, 7, 4], 1, k),
      target: randomArray([3, 7, 2], 1, k + 5),
    }));
    const [a, b, c] = [make(), make(), make()];
    await fit(a, batches, options({ epochs: 3 }));
    await fit(b, () => batches, options({ epochs: 3 }));
    const seen: number[] = [];
    await fit(
      c,
      async function* (epoch): AsyncGenerator<TrainingBatch<Matrix>> {
        seen.push(epoch);
        for (const batch of batches) yield await Promise.resolve(batch);
      },
      options({ epochs: 3 }),
    );
    assert.deepEqual(seen, [0, 1, 2]);
    assert.deepEqual(a.parameters(), b.parameters());
    assert.deepEqual(a.parameters(), c.parameters());
    function* once(): Generator<TrainingBatch<Matrix>> {
      yield* batches;
    }
    await assert.rejects(fit(make(), once(), options({ epochs: 2 })), /made anew by a function/);
    await assert.rejects(fit(make(), [{ input } as never], options()), TypeError);
  });

  it('targets are arrays, lists and objects of these', async () => {
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    const net = make();
    const { history } = await fit(net, { input, target: labels }, { ...options(), loss: crossEntropy() } as FitOptions<
      number[]
    >);
    assert.ok(history[3].loss < history[0].loss);
    const sequences = labels.map((label) => (label === 0 ? [] : [1]));
    const ctc = { loss: ctcLoss({ logits: true }), epochs: 1, batchSize: 8 };
    await fit(net, { input, target: sequences }, ctc);
    await fit(net, { input, target: { labels: sequences, lengths: new Int32Array(20).fill(5) } as never }, ctc);
    await assert.rejects(fit(net, { input, target: labels.slice(1) }, { loss: crossEntropy() }), { code: 'ERR_SHAPE' });
  });

  it('trains what is to be trained, within bounds', async () => {
    const net = make();
    const before = flat(net) as Record<string, Record<string, number[]>>;
    await fit(
      net,
      data,
      options({
        trained: ['weights', 'second'],
        frozen: 'second.weight',
        bounds: { 'first.weight': { lower: -0.3, upper: 0.4 }, biases: { upper: 10 } },
        clip: { norm: 1, value: 0.5 },
      }),
    );
    const now = flat(net) as typeof before;
    assert.deepEqual(now['second']['weight'], before['second']['weight']);
    assert.deepEqual(now['first']['bias'], before['first']['bias']);
    assert.notDeepEqual(now['second']['bias'], before['second']['bias']);
    const weights = (net.parameters() as { first: { weight: Matrix } }).first.weight.data;
    assert.equal(Math.min(...weights), -0.3);
    assert.equal(Math.max(...weights), 0.4);
    await assert.rejects(fit(net, data, options({ frozen: 'nothing' })), { code: 'ERR_KEY' });
    await assert.rejects(fit(net, data, options({ bounds: { weights: { lower: [1, 2] } } })), { code: 'ERR_SHAPE' });
  });

  it('stops when nothing becomes better, and puts the best back', async () => {
    const net = make();
    const parameters: ParameterTree[] = [];
    const losses = [5, 4, 3, 3.5, 2.9, 3, 4, 2];
    let epoch = 0;
    const result = await fit(
      net,
      data,
      options({
        epochs: 20,
        metrics: { given: () => losses[epoch] },
        earlyStopping: { patience: 2, monitor: 'given', minDelta: 0.2 },
        onEpoch: () => {
          parameters.push(flat(net));
          epoch++;
        },
      }),
    );
    assert.equal(result.stopped, 'early');
    assert.equal(result.history.length, 5); // 2.9 is not better by 0.2
    assert.deepEqual(result.best, { epoch: 2, value: 3 });
    assert.deepEqual(flat(net), parameters[2]);
    await assert.rejects(fit(net, data, options({ earlyStopping: { monitor: 'nothing' } })), { code: 'ERR_VALUE' });
    const stopped = await fit(net, data, options({ onEpoch: ({ epoch }: EpochRecord) => epoch < 1 }));
    assert.equal(stopped.stopped, 'callback');
    assert.equal(stopped.history.length, 2);
  });

  it('goes on from a checkpoint as if nothing had happened', async () => {
    const all = (path?: string): FitOptions<Matrix> =>
      options({
        loss: sumLosses(mse(), l2Loss()),
        epochs: 5,
        validation: data,
        earlyStopping: { patience: 4 },
        ...(path && { checkpoint: { path: join(folder, path), every: 3 } }),
      });
    const whole = make();
    const expected = await fit(whole, data, all());
    for (const stopAt of [1, 3, 4, 7, 8, 14]) {
      const path = `at-${stopAt}`;
      const controller = new AbortController();
      let steps = 0;
      const counted: LossFunction<Matrix> = (context) => {
        if (++steps === stopAt) controller.abort('enough');
        return sumLosses(mse(), l2Loss()).evaluate(context);
      };
      const first = make();
      await assert.rejects(
        fit(first, data, {
          ...all(path),
          loss: { name: 'counted', evaluate: counted },
          signal: controller.signal,
        }),
        { code: 'ERR_ABORTED' },
      );
      const second = make(30); // another module of the same form, with a fresh optimiser
      const result = await fit(second, data, { ...all(path), seed: undefined });
      assert.deepEqual(second.parameters(), whole.parameters(), `stopped at ${stopAt}`);
      assert.deepEqual(result, expected);
    }
    // Over already: nothing happens.
    const again = make(40);
    assert.deepEqual(await fit(again, data, all('at-3')), expected);
    assert.deepEqual(again.parameters(), whole.parameters());
    const more = await fit(make(), data, { ...all('at-3'), epochs: 6 });
    assert.equal(more.history.length, 6);
    await assert.rejects(fit(make(), data, { ...all('at-3'), seed: 1 }), { code: 'ERR_STATE' });
    await assert.rejects(fit(make(), data, { ...all('at-3'), batchSize: 5 }), { code: 'ERR_STATE' });
    await assert.rejects(fit(make(), data, { ...all('at-3'), optimiser: new SGD() }), { code: 'ERR_STATE' });
    await assert.rejects(fit(new Linear([4, 2]), data, all('at-3')), { code: 'ERR_KEY' });
    const fresh = await fit(make(), data, {
      ...all(),
      checkpoint: { path: join(folder, 'at-3'), resume: false },
      epochs: 1,
    });
    assert.equal(fresh.history.length, 1);
    const own = { step: (p: ParameterTree) => p };
    await assert.rejects(fit(make(), data, { ...all('own'), optimiser: own }), TypeError);
    assert.equal((await fit(make(), data, { ...all(), optimiser: own })).history.length, 5);
  });

  it('stops where it is told to, with the parameters of the last complete step', async () => {
    const net = make();
    const controller = new AbortController();
    const states: ParameterTree[] = [];
    let calls = 0;
    const loss: LossFunction<Matrix> = (context) => {
      states.push(flat(net));
      if (++calls === 6) controller.abort(new Error('enough'));
      return mse().evaluate(context);
    };
    let error: (Error & { history: unknown[]; iterations: number; cause: unknown }) | undefined;
    await fit(net, data, options({ loss, signal: controller.signal })).catch(
      (e: unknown) => (error = e as typeof error),
    );
    assert.match(error!.message, /stopped in epoch 1 after batch 1.*last complete step, 5 in all/);
    assert.equal(error!.history.length, 1);
    assert.equal(error!.iterations, 5);
    assert.match(String(error!.cause), /enough/);
    assert.deepEqual(flat(net), states[5]);
    await assert.rejects(fit(net, data, options({ signal: AbortSignal.abort() })), { code: 'ERR_ABORTED' });
    await fit(net, data, options()); // not busy any more
  });

  it('says where a number is not finite, and does not do the step', async () => {
    const net = make();
    const bad = { input, target: target.copy() };
    bad.target.data.fill(NaN, 7 * 2 * 6, 7 * 2 * 7);
    const run = fit(net, bad, options({ shuffle: false }));
    await assert.rejects(run, { code: 'ERR_NOT_FINITE', epoch: 0, batch: 1 });
    await assert.rejects(fit(net, bad, options({ shuffle: false })), /epoch 0, batch 1/);
    const loss: LossFunction<Matrix> = ({ output }) => ({
      loss: 1,
      output: new NdArray(new Float64Array(output.size).fill(Infinity), output.shape),
    });
    const before = flat(net);
    let error: { parameter?: string; message: string } | undefined;
    await fit(net, data, options({ loss })).catch((e: unknown) => (error = e as typeof error));
    assert.match(error!.parameter!, /weight|bias/);
    assert.match(error!.message, /(weight|bias).*epoch 0, batch 0/);
    assert.deepEqual(flat(net), before);
    await assert.rejects(fit(net, data, options({ validation: bad })), { code: 'ERR_NOT_FINITE' });
    await assert.rejects(fit(net, data, options({ optimiser: new SGD(1e300), epochs: 3 })), { code: 'ERR_NOT_FINITE' });
    const last = make();
    const values = flat(last);
    const step = (p: ParameterTree): ParameterTree => ({
      ...p,
      first: { weight: new Float64Array(24).fill(Infinity) },
    });
    await assert.rejects(
      fit(last, data, options({ optimiser: { step } })),
      /a step made first.weight.*epoch 0, batch 0/,
    );
    assert.deepEqual(flat(last), values);
  });

  it('reports progress, leaves the event loop free, and one training at a time', async () => {
    const net = make();
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    const seen: number[] = [];
    try {
      const onProgress = ({ done, total }: FitProgress): unknown => seen.push(done / total);
      const running = fit(net, data, options({ epochs: 8, onProgress }));
      await assert.rejects(fit(net, data, options()), { code: 'ERR_BUSY' });
      await running;
    } finally {
      clearInterval(timer);
    }
    assert.ok(turns > 0);
    assert.deepEqual(
      seen,
      [...seen].sort((x, y) => x - y),
    );
    assert.equal(seen[seen.length - 1], 1);
  });

  it('trains in floats, and in pieces with the same result', async () => {
    const single = new Sequential(
      new Linear([4, 6], { precision: 'float32', seed: 1 }),
      new Linear([6, 2], { precision: 'float32', seed: 2 }),
    );
    const floats = new NdArray(Float32Array.from(input.data), input.shape);
    const { history } = await fit(single, { input: floats, target }, options({ epochs: 20 }));
    assert.ok(history[19].loss < 0.5 * history[0].loss);
    const long = { input: randomArray([4, 100, 4]), target: randomArray([4, 100, 2]) };
    const [a, b] = [make(), make()];
    await fit(a, long, options({ epochs: 2 }));
    await fit(b, long, options({ epochs: 2, checkpointSteps: 32 }));
    assert.deepEqual(a.parameters(), b.parameters());
  });

  it('trains spiking networks: noise is fresh in each step, and the same when a training is repeated or goes on', async () => {
    const spiking = (): Sequential =>
      new Sequential(
        new Linear([4, 8], { seed: 1 }),
        new LIF(8, { seed: 2, noiseStd: 0.1, tauMem: 10e-3, tauSyn: 5e-3, hasRec: true }),
        new Linear([8, 2], { seed: 3 }),
      );
    const labels = Array.from({ length: 20 }, (_, i) => i % 2);
    const shown = {
      input: new NdArray(
        input.data.map((x, i) => 3 * x + (Math.floor(i / 28) % 2)),
        input.shape,
      ),
      target: labels,
    };
    const settings: FitOptions<number[]> = {
      loss: sumLosses<number[]>(crossEntropy({ time: 'max' }), scaled(0.01, activityL2({ of: 'vmem' }))),
      optimiser: new Adam(0.02),
      epochs: 6,
      batchSize: 5,
      seed: 1,
      bounds: { taus: { lower: 2e-3 } },
    };
    const [a, b] = [spiking(), spiking()];
    const { history } = await fit(a, shown, settings);
    assert.ok(history[5].loss < history[0].loss);
    await fit(b, shown, { ...settings, optimiser: new Adam(0.02), epochs: 3, checkpoint: join(folder, 'lif') });
    const c = spiking();
    await fit(c, shown, { ...settings, optimiser: new Adam(0.02), checkpoint: join(folder, 'lif') });
    assert.deepEqual(c.parameters(), a.parameters());
    assert.notDeepEqual(b.parameters(), a.parameters());
  });

  it('refuses wrong arguments before anything happens', async () => {
    const net = make();
    const before = flat(net);
    setWarningHandler(null);
    const rejects = (given: unknown, expected: object): Promise<void> =>
      assert.rejects(fit(net, data, given as FitOptions<Matrix>), expected);
    await rejects({}, TypeError);
    await rejects(options({ epochs: -1 }), { code: 'ERR_VALUE' });
    await rejects(options({ batchSize: 0 }), { code: 'ERR_VALUE' });
    await rejects({ ...options(), learningRate: 1 }, TypeError);
    await rejects(options({ optimiser: {} as never }), TypeError);
    await rejects(options({ metrics: { a: 1 } as never }), TypeError);
    await rejects(options({ clip: { norm: -1 } }), { code: 'ERR_VALUE' });
    await rejects(options({ signal: {} as never }), TypeError);
    await rejects(options({ checkpoint: 3 as never }), TypeError);
    await assert.rejects(fit({} as never, data, options()), TypeError);
    await assert.rejects(fit(net, 3 as never, options()), TypeError);
    await assert.rejects(fit(net, { input: [1, 2], target: [1] } as never, options()), { code: 'ERR_SHAPE' });
    await assert.rejects(fit(net, { input: randomArray([2, 3, 5]), target: randomArray([2, 3, 2]) }, options()), {
      code: 'ERR_SHAPE',
    });
    assert.deepEqual(flat(net), before);
    assert.equal((await fit(net, data, options({ epochs: 0 }))).history.length, 0);
  });
});
