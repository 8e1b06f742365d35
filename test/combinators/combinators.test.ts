import assert from 'node:assert/strict';
import { type EvolveResult, Module, NdArray, TSContinuous, TSEvent } from 'rockpool-node';
import { FFwdStack, Residual, Sequential, sequential } from 'rockpool-node/nn/combinators';
import { Rate } from 'rockpool-node/nn/modules';
import { Leak, list, matrix, Weight } from '../modules/helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);
const weight = (): Weight =>
  new Weight({
    shape: [2, 3],
    weight: [
      [1, 0, 1],
      [0, 1, 1],
    ],
  });
const input = matrix([
  [1, 2],
  [3, 4],
]);

class Failing extends Module {
  override evolve(): EvolveResult {
    throw new Error('as told');
  }
}

describe('Sequential', () => {
  it('names its members by position and class, and prints them', () => {
    const seq = new Sequential(weight(), new Leak({ shape: 3 }));
    assert.equal(
      String(seq),
      `ModSequential with shape (2, 3) {
    Weight '0_Weight' with shape (2, 3)
    Leak '1_Leak' with shape (3,)
}`,
    );
    assert.deepEqual([seq.shape, seq.length, seq.spikingInput, seq.spikingOutput], [[2, 3], 2, false, false]);
    assert.equal(seq.at(-1), seq.get('1_Leak'));
    assert.equal(seq.at<Weight>(0).weight.get(0, 0), 1);
    assert.deepEqual([...seq], seq.slice());
    assert.deepEqual(seq.slice(1), [seq.at(1)]);
    throwsCode(() => seq.at(2), 'ERR_INDEX');
    throwsCode(() => seq.get('none'), 'ERR_KEY');
    assert.deepEqual(seq.parameters()['0_Weight'], seq.at(0).parameters());
  });

  it('takes names from a Map, pairs or an object, and numbers what follows by position (I-01)', () => {
    const leaks = (): [Leak, Leak] => [new Leak({ shape: 2 }), new Leak({ shape: 2 })];
    const names = (seq: Sequential): string[] => Object.keys(seq.modules());
    const [a, b] = leaks();
    assert.deepEqual(names(new Sequential({ in: a, out: b }, new Leak({ shape: 2 }))), ['in', 'out', '2_Leak']);
    const [c, d] = leaks();
    assert.deepEqual(names(new Sequential(new Map([['in', c]]), d)), ['in', '1_Leak']);
    const [e, f] = leaks();
    assert.deepEqual(names(sequential([['in', e]], f)), ['in', '1_Leak']);
    assert.deepEqual(names(new Sequential(leaks())), ['0_Leak', '1_Leak']);
  });

  it('appends, in chains', () => {
    const seq = new Sequential();
    assert.deepEqual(seq.shape, [0, 0]);
    assert.deepEqual(list(seq.evolve([[1, 2]])[0]), [[[1, 2]]]);
    seq.append(weight()).append(new Leak({ shape: 3 }), 'leak');
    assert.deepEqual(
      [Object.keys(seq.modules()), seq.shape],
      [
        ['0_Weight', 'leak'],
        [2, 3],
      ],
    );
    throwsCode(() => seq.append(new Leak({ shape: 3 }), 'leak'), 'ERR_NAME');
    throwsCode(() => seq.append(new Leak({ shape: 2 })), 'ERR_SHAPE');
    throwsCode(() => seq.append({} as never), 'ERR_TYPE');
    assert.equal(seq.length, 2);
  });

  it('refuses what is no module, options, and members of others', () => {
    throwsCode(() => new Sequential(3 as never), 'ERR_TYPE');
    throwsCode(() => new Sequential(weight(), 3 as never), 'ERR_TYPE');
    throwsCode(() => new Sequential({ shape: [1, 2] } as never), 'ERR_VALUE');
    throwsCode(() => new Sequential({ a: 3 } as never), 'ERR_TYPE');
    const w = weight();
    new Sequential(w);
    throwsCode(() => new Sequential(w), 'ERR_STATE');
  });

  it('hands outputs on; records only when asked (I-02)', () => {
    const seq = new Sequential(weight(), new Leak({ shape: 3 }));
    const [out, state, none] = seq.evolve(input);
    assert.deepEqual(list(out), [
      [
        [1, 2, 3],
        [3.5, 5, 8.5],
      ],
    ]);
    assert.deepEqual(none, {});
    assert.deepEqual(Object.keys(state), ['0_Weight', '1_Leak']);
    assert.deepEqual(list((state['1_Leak'] as { x: unknown }).x), [3.5, 5, 8.5]);
    seq.resetState();
    const [again, , record] = seq.evolve(input, { record: true });
    assert.deepEqual(Object.keys(record), ['0_Weight', '0_Weight_output', '1_Leak', '1_Leak_output']);
    assert.deepEqual(list(record['0_Weight_output']), [
      [
        [1, 2, 3],
        [3, 4, 7],
      ],
    ]);
    assert.deepEqual(list(record['1_Leak_output']), list(again));
    assert.notEqual(record['1_Leak_output'], again);
    throwsCode(() => seq.evolve([[1, 2, 3]]), 'ERR_SHAPE');
    throwsCode(() => seq.evolve(input, { odd: 1 } as never), 'ERR_TYPE');
  });

  it('evolves batches, and pieces as the whole', async () => {
    const make = (): Sequential => new Sequential(weight(), new Leak({ shape: 3 }), new Leak({ shape: 3, gain: 2 }));
    const seq = make();
    assert.deepEqual(seq.evolve(NdArray.zeros([4, 5, 2]))[0].shape, [4, 5, 3]);
    const whole = make().evolve(input)[0].data;
    const [a] = seq.resetAll().evolve(NdArray.from([[1, 2]]));
    const progress: number[] = [];
    await assert.rejects(seq.evolveAsync([[3, 4]], { onProgress: 5 as never }), { code: 'ERR_TYPE' });
    const [b] = await seq.evolveAsync(NdArray.from([[3, 4]]), { onProgress: ({ done }) => progress.push(done) });
    assert.deepEqual([...a.data, ...b.data], [...whole]);
    assert.ok(progress.every((p, i) => i === 0 || p >= progress[i - 1]));
  });

  it('is as before when a member fails, and busy while it evolves', async () => {
    const leak = new Leak({ shape: 2 });
    const seq = new Sequential(leak, new Failing(2));
    assert.throws(() => seq.evolve(input), /as told/);
    assert.deepEqual(list(leak.x), [0, 0]);
    await assert.rejects(seq.evolveAsync(input), /as told/);
    assert.deepEqual(list(leak.x), [0, 0]);
    const fine = new Sequential(new Leak({ shape: 2 }), new Leak({ shape: 2 }));
    const running = fine.evolveAsync(input);
    throwsCode(() => fine.evolve(input), 'ERR_BUSY');
    throwsCode(() => fine.at<Leak>(1).evolve(input), 'ERR_BUSY');
    throwsCode(() => fine.append(new Leak({ shape: 2 })), 'ERR_BUSY');
    await running;
    await assert.rejects(fine.evolveAsync(input, { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
  });

  it('turns records into series, unbatched outputs too (I-03)', () => {
    class Unbatched extends Weight {
      override evolve(x: NdArray): ReturnType<Weight['evolve']> {
        const [out, ...rest] = super.evolve(x);
        return [out.reshape(out.shape[1], out.shape[2]), ...rest];
      }
    }
    const seq = new Sequential(new Unbatched({ shape: [2, 3] }), new Leak({ shape: 3, dt: 0.5 }));
    const m = seq.timed({ dt: 0.25 });
    assert.equal(m.dt, 0.5);
    const [, , record] = m.evolve(input, { record: true });
    const first = record['0_Unbatched_output'] as TSContinuous;
    assert.deepEqual(
      [first.samples.shape, first.tStart, first.tStop, first.name],
      [[2, 3], 0, 1, '0_Unbatched_output'],
    );
    const [, , later] = m.evolve(input, { record: true });
    assert.equal((later['1_Leak_output'] as TSContinuous).tStart, 1);
    class Spiking extends Module {
      override evolve(x: NdArray): EvolveResult {
        return [NdArray.from(x), {}, {}];
      }
    }
    const spiking = new Sequential(new Spiking({ shape: 2, spikingOutput: true })).timed({ dt: 1 });
    const [out, , events] = spiking.evolve(input, { record: true });
    assert.ok(out instanceof TSEvent);
    assert.equal((events['0_Spiking_output'] as TSEvent).length, 10);
  });

  it('belongs to a time step only when wrapped, and is saved and loaded', () => {
    const seq = new Sequential({ w: weight(), leak: new Leak({ shape: 3 }) });
    assert.equal('dt' in seq, false);
    seq.evolve(input);
    const copy = Module.loadFromDict(JSON.parse(JSON.stringify(seq.toDict({ includeState: true }))) as object);
    assert.ok(copy instanceof Sequential);
    assert.equal(String(copy), String(seq));
    assert.deepEqual(copy.evolve(input), seq.evolve(input));
    const timed = new Sequential(new Weight({ shape: [1, 5] }), new Leak({ shape: 5 })).timed({ dt: 0.1 });
    assert.equal(
      String(timed),
      `TimedModuleWrapper with shape (1, 5) {
    ModSequential '_module' with shape (1, 5) {
        Weight '0_Weight' with shape (1, 5)
        Leak '1_Leak' with shape (5,)
    }
} with ModSequential '_module' as module`,
    );
    assert.deepEqual(timed.attributesNamed('dt'), { dt: 0.1, _module: { dt: 0.1, '1_Leak': { dt: 0.1 } } });
  });

  it('nests', () => {
    const inner = new Sequential(new Leak({ shape: 2 }), weight());
    const outer = new Sequential(inner, new Leak({ shape: 3 }));
    const [, state, record] = outer.evolve(input, { record: true });
    assert.deepEqual(Object.keys(state['0_ModSequential'] as object), ['0_Leak', '1_Weight']);
    assert.ok('0_Leak_output' in (record['0_ModSequential'] as object));
    outer.setAttributes(state, { strict: true });
  });
});

describe('FFwdStack', () => {
  const make = (): FFwdStack =>
    new FFwdStack([new Leak({ shape: 2 }), new Leak({ shape: 3 }), new Leak({ shape: 1 })], {
      weightInit: (shape) => new NdArray(new Float64Array(shape[0] * shape[1]).fill(0.5), shape),
    });

  it('has weights between its members, zeros by default, in one registry (I-05)', () => {
    const ff = make();
    assert.deepEqual(Object.keys(ff.parameters('weights')), ['0_1_weight', '1_2_weight', '0_Leak', '1_Leak', '2_Leak']);
    assert.deepEqual(
      [ff.shape, ff.weight(0).shape, ff.weight(1).shape],
      [
        [2, 1],
        [2, 3],
        [3, 1],
      ],
    );
    assert.deepEqual(Object.keys(ff.modules()), ['0_Leak', '1_Leak', '2_Leak']);
    assert.deepEqual(
      [...ff].map((m) => m.name),
      Object.keys(ff.modules()),
    );
    assert.equal(ff.at(0), ff.get('0_Leak'));
    assert.equal(String(ff).split('\n')[0], 'ModFFwdStack with shape (2, 1) {');
    const silent = new FFwdStack(new Leak({ shape: 2 }), new Leak({ shape: 3 }));
    assert.deepEqual(list(silent.evolve([[1, 1]])[0]), [[[0, 0, 0]]]);
    assert.deepEqual(silent.shape, [2, 3]);
    assert.equal(
      new FFwdStack(new Leak({ shape: 2 }), new Leak({ shape: 3 }), {
        weightInit: () =>
          matrix([
            [1, 2, 3],
            [4, 5, 6],
          ]),
      })
        .weight(0)
        .get(1, 2),
      6,
    );
  });

  it('weighs outputs, and records them before that', () => {
    const ff = make();
    const [out, state, record] = ff.evolve([[1, 3]], { record: true });
    assert.deepEqual(list(out), [[[3]]]);
    assert.deepEqual(Object.keys(state), ['0_Leak', '1_Leak', '2_Leak']);
    assert.deepEqual(Object.keys(record), ['0_Leak', '0_Leak_output', '1_Leak', '1_Leak_output', '2_Leak']);
    assert.deepEqual(list(record['0_Leak_output']), [[[1, 3]]]);
    ff.resetState();
    ff.weight(1).data.fill(1);
    assert.deepEqual(list(ff.evolve([[1, 3]])[0]), [[[6]]]);
    const copy = Module.loadFromDict(ff.toDict({ includeState: true }));
    assert.deepEqual((copy as FFwdStack).evolve([[1, 3]]), ff.evolve([[1, 3]]));
  });

  it('gives the same bits off the event loop', async () => {
    const data = NdArray.from(Array.from({ length: 50 }, (_, k) => [Math.sin(k), Math.cos(3 * k)]));
    const [now] = make().evolve(data);
    const [later] = await make().evolveAsync(data);
    assert.deepEqual(later, now);
    await assert.rejects(make().evolveAsync(data, { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
  });

  it('takes members of single precision', async () => {
    const single = { precision: 'float32', dt: 1e-3 } as const;
    const ff = new FFwdStack([new Rate(2, single), new Rate(2, single)], {
      weightInit: () =>
        matrix([
          [1, 0],
          [0, 1],
        ]),
    });
    assert.deepEqual(ff.evolve([[1, 2]])[0].shape, [1, 1, 2]);
    assert.deepEqual((await ff.evolveAsync([[1, 2]]))[0].shape, [1, 1, 2]);
    assert.deepEqual(new Residual(new Rate(2, single)).evolve([[1, 2]])[0].shape, [1, 1, 2]);
  });

  it('needs two modules', () => {
    throwsCode(() => new FFwdStack([new Leak({ shape: 2 })]), 'ERR_SHAPE');
    throwsCode(() => new FFwdStack([new Leak({ shape: 2 }), 3 as never]), 'ERR_TYPE');
    throwsCode(() => new FFwdStack([new Leak({ shape: 2 }), new Leak({ shape: 2 })], { odd: 1 } as never), 'ERR_TYPE');
    throwsCode(
      () => new FFwdStack([new Leak({ shape: 2 }), new Leak({ shape: 3 })], { weightInit: () => [1, 2] }),
      'ERR_SHAPE',
    );
  });
});

describe('Residual', () => {
  const back = (): Weight =>
    new Weight({
      shape: [3, 2],
      weight: [
        [1, 0],
        [0, 1],
        [0, 0],
      ],
    });

  it('adds its input, after the last output was recorded', () => {
    const res = new Residual(weight(), back());
    const [out, , record] = res.evolve(input, { record: true });
    assert.deepEqual(list(out), [
      [
        [2, 4],
        [6, 8],
      ],
    ]);
    assert.deepEqual(list(record['1_Weight_output']), [
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    assert.equal(String(res).split('\n')[0], 'ModResidual with shape (2, 2) {');
    assert.ok(res instanceof Sequential);
    assert.ok(Number.isNaN(res.evolve([[NaN, 0]])[0].data[0]), 'NaN is passed on');
    assert.deepEqual(list(res.evolve([[1]])[0]), [[[2, 2]]]);
  });

  it('is as wide out as in, also after append (I-04)', () => {
    throwsCode(() => new Residual(weight()), 'ERR_SHAPE');
    const res = new Residual(weight(), back());
    throwsCode(() => res.append(weight()), 'ERR_SHAPE');
    assert.deepEqual([res.length, res.shape, Object.keys(res.modules())], [2, [2, 2], ['0_Weight', '1_Weight']]);
    res.append(new Leak({ shape: 2 }));
    assert.deepEqual(list(res.evolve(input)[0]), [
      [
        [2, 4],
        [6.5, 9],
      ],
    ]);
    assert.ok(Module.loadFromDict(res.toDict()) instanceof Residual);
  });
});
