import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EvolveResult, loadSnapshot, type Matrix, Module, NdArray, saveSnapshot } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { LIFTorch, Linear } from 'rockpool-node/nn/modules';
import {
  Adam,
  adversarialLoss,
  crossEntropy,
  type Differentiated,
  fit,
  type FitOptions,
  mse,
  SGD,
  valueAndGrad,
} from 'rockpool-node/training';
import { randomArray } from './check-gradients.js';

const make = (): Sequential => new Sequential(new Linear([2, 3], { seed: 1 }), new Linear([3, 2], { seed: 2 }));
const input = randomArray([8, 5, 2], 1, 3);
const target = randomArray([8, 5, 2], 1, 4);
const data = { input, target };
const all = (module: Sequential): unknown => JSON.parse(JSON.stringify(module.parameters()));
const options = (more: object = {}): FitOptions<Matrix> => ({
  loss: mse(),
  optimiser: new Adam(1e-3),
  epochs: 2,
  batchSize: 3,
  seed: 4,
  ...more,
});

describe('training, misused', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rockpool-misuse-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('goes on from a sound checkpoint or changes nothing', async () => {
    const file = join(folder, 'hostile.npz');
    const early = { earlyStopping: { patience: 9 }, checkpoint: file };
    await fit(make(), data, options(early));
    const good = await loadSnapshot(file);
    type Content = Record<string, unknown> & { optimiser: { slots: object }; history: unknown[] };
    const short = { '0_Linear.weight': [new Float64Array(1), new Float64Array(1)] };
    const wrong: [string, (content: Content) => void][] = [
      ['parameters', (c) => delete c['parameters']],
      ['epoch', (c) => (c['epoch'] = -1)],
      ['epoch', (c) => (c['epoch'] = 1.5)],
      ['batch', (c) => (c['batch'] = 1e9)],
      ['iteration', (c) => (c['iteration'] = 'x')],
      ['module', (c) => (c['module'] = null)],
      ['snapshot', (c) => (c['module'] = {})],
      ['optimiser', (c) => (c['optimiser'] = null as never)],
      ['optimiser', (c) => (c.optimiser = { ...c.optimiser, slots: short })],
      ['sums', (c) => (c['sums'] = { samples: 'x', values: {} })],
      ['history', (c) => (c.history = [3, 4])],
      ['history', (c) => (c.history = [])],
      ['best', (c) => (c['best'] = 3)],
      ['bestParameters', (c) => (c['bestParameters'] = {})],
    ];
    for (const [name, change] of wrong) {
      const content = structuredClone(good) as unknown as Content;
      change(content);
      await saveSnapshot(content as never, file);
      const [net, optimiser] = [make(), new Adam(1e-3)];
      const before = all(net);
      await assert.rejects(fit(net, data, options({ ...early, optimiser, epochs: 3 })), (error: Error) => {
        assert.match(error.message, new RegExp(`\\b${name}\\b`), name);
        assert.ok('code' in error, name);
        return true;
      });
      assert.deepEqual(all(net), before, name);
      assert.equal(optimiser.iteration, 0);
    }
    await saveSnapshot(good, file);
    const net = make();
    const before = all(net);
    await assert.rejects(fit(net, data, options({ ...early, optimiser: new SGD() })), { code: 'ERR_STATE' });
    assert.deepEqual(all(net), before);
    assert.equal((await fit(net, data, options({ ...early, epochs: 3 }))).history.length, 3);
  });

  it('refuses before the first epoch what could not work after it', async () => {
    const net = make();
    const before = all(net);
    const rejects = (more: object, expected: object): Promise<void> =>
      assert.rejects(fit(net, data, options(more)), expected);
    await rejects({ checkpoint: join(folder, 'none', 'a.npz') }, { code: 'ERR_FILE', message: /none/ });
    await rejects({ checkpoint: '' }, { code: 'ERR_VALUE', message: /checkpoint\.path/ });
    await rejects({ checkpoint: 'a\0b' }, { code: 'ERR_VALUE', message: /checkpoint\.path/ });
    await rejects({ earlyStopping: { monitor: 'acuracy' } }, { code: 'ERR_VALUE', message: /monitor.*'acuracy'/ });
    await rejects({ bounds: { weight: { lower: 2, upper: 1 } } }, { code: 'ERR_VALUE', message: /^bounds\.weight/ });
    await rejects({ bounds: { weight: { lower: NaN } } }, { code: 'ERR_VALUE', message: /^bounds\.weight/ });
    await rejects({ gradients: null }, { code: 'ERR_TYPE', message: /gradients/ });
    await assert.rejects(fit(net, (() => 3) as never, options()), { code: 'ERR_TYPE', message: /epoch 0/ });
    await assert.rejects(fit(net, (() => null) as never, options()), { code: 'ERR_TYPE', message: /iterable/ });
    assert.deepEqual(all(net), before);
    assert.deepEqual(
      readdirSync(folder).filter((name) => name !== 'hostile.npz'),
      [],
    );
  });

  it('waits for onEpoch', async () => {
    const { history, stopped } = await fit(make(), data, options({ onEpoch: () => Promise.resolve(false) }));
    assert.deepEqual([history.length, stopped], [1, 'callback']);
    const failing = (): Promise<never> => Promise.reject(new Error('of mine'));
    await assert.rejects(fit(make(), data, options({ onEpoch: failing })), /of mine/);
  });

  it('stops while it waits for a batch, in training and in validation', async () => {
    const batch = { input, target };
    const forever = async function* (): AsyncGenerator<typeof batch> {
      yield batch;
      await new Promise(() => undefined);
    };
    for (const sources of [{}, { validation: forever }]) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 50);
      const training = 'validation' in sources ? data : forever;
      await assert.rejects(fit(make(), training, options({ ...sources, signal: controller.signal })), {
        code: 'ERR_ABORTED',
      });
    }
    let closed = 0;
    const endless = function* (): Generator<typeof batch> {
      try {
        for (;;) yield batch;
      } finally {
        closed++;
      }
    };
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(fit(make(), endless, options({ signal: controller.signal })), { code: 'ERR_ABORTED' });
    assert.equal(closed, 1);
  });

  it('says that it was stopped when the checkpoint cannot be written then', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    const controller = new AbortController();
    const metrics = {
      stop: () => {
        rmSync(gone, { recursive: true });
        controller.abort();
        return 0;
      },
    };
    const given = options({ checkpoint: join(gone, 'a'), signal: controller.signal, metrics });
    await assert.rejects(fit(make(), data, given), (error: Error) => {
      assert.equal((error as { code?: string }).code, 'ERR_FILE');
      assert.deepEqual((error.cause as { iterations?: number }).iterations, 1);
      return true;
    });
  });

  it('passes on errors that cannot be written to', async () => {
    const mine = new Error('of mine');
    Object.freeze(mine);
    const loss = (): never => {
      throw mine;
    };
    await assert.rejects(fit(make(), data, options({ loss })), (error) => error === mine);
  });

  it('names the parameter that a step made impossible', async () => {
    const neurons = new Sequential(new Linear([2, 3], { seed: 1 }), new LIFTorch([3, 3], { tauMem: 1e-3, dt: 1e-3 }));
    const three = randomArray([8, 5, 3], 1, 5);
    await assert.rejects(fit(neurons, { input, target: three }, options({ optimiser: new Adam(10), epochs: 20 })), {
      code: 'ERR_VALUE',
      message: /1_LIFTorch\.tau(Mem|Syn)\b.*bounds/,
      parameter: /1_LIFTorch\.tau/,
    });
  });

  it('refuses what is no derivative of a loss', () => {
    const refuses = (value: object, expected: object): unknown =>
      assert.throws(() => valueAndGrad(make(), () => ({ loss: 1, ...value }))(input, target), expected);
    refuses({ output: null }, { code: 'ERR_TYPE', message: /by the output/ });
    refuses({ parameters: 3 }, { code: 'ERR_TYPE', message: /by parameters/ });
    refuses({ parameters: { '0_Linear': null } }, { code: 'ERR_TYPE', message: /0_Linear/ });
    refuses({ parameters: { '0_Linear': 5 } }, { code: 'ERR_TYPE', message: /0_Linear/ });
    refuses({ recorded: 3 }, { code: 'ERR_TYPE', message: /recorded/ });
    refuses({ recorded: { vmen: input } }, { code: 'ERR_KEY', message: /'vmen'/ });
    refuses({ terms: { a: 'x' } }, { code: 'ERR_TYPE', message: /terms/ });
    const attacked = adversarialLoss(make(), mse(), () => null as never);
    assert.throws(() => attacked(input, target), { code: 'ERR_TYPE', message: /mismatchLoss/ });
    class Own extends Module<object> {
      constructor() {
        super(2);
      }
      override evolve(x: Matrix): EvolveResult<object> {
        return [x, {}, {}];
      }
      differentiate(x: Matrix): Differentiated {
        return { output: x, backward: () => null as never };
      }
    }
    assert.throws(() => valueAndGrad(new Own(), mse())(input, target), {
      code: 'ERR_TYPE',
      message: /backward of Own/,
    });
  });

  it('computes off the event loop with the target as it was', async () => {
    const step = valueAndGrad(make(), mse());
    const expected = step(input, target).loss;
    const changed = new NdArray(target.data.slice(), target.shape);
    const running = step.async(input, changed);
    changed.data.fill(9);
    assert.equal((await running).loss, expected);
  });

  it('refuses negative probabilities, and lists without a batch before anything is trained', async () => {
    const loss = crossEntropy({ target: 'probabilities' });
    const output = new NdArray(new Float64Array(6), [1, 3, 2]);
    for (const wrong of [-0.1, NaN, Infinity])
      assert.throws(() => loss.value(output, [[1, wrong]]), {
        code: 'ERR_VALUE',
        message: /target\[1\] .*probability/,
      });
    const module = make();
    const before = all(module);
    await assert.rejects(fit(module, data, options({ validation: [] })), { code: 'ERR_SHAPE', message: /validation/ });
    await assert.rejects(fit(module, [], options()), { code: 'ERR_SHAPE', message: /a batch or more/ });
    assert.deepEqual(all(module), before);
  });
});
