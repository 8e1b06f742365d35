import assert from 'node:assert/strict';
import {
  type EvolveResult,
  Module,
  type ModuleConfig,
  NdArray,
  Parameter,
  type RockpoolWarning,
  setWarningHandler,
  SimulationParameter,
} from 'rockpool-node';
import { Leak, list, Pair, vector, Weight, zeros } from './helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);

class Free extends Module {
  constructor(shape: number | number[] = 2) {
    super(shape);
  }
  override evolve(input: never): EvolveResult {
    return [NdArray.from(input), {}, {}];
  }
  add(name: string, p: unknown): void {
    this.register(name, p as Parameter);
  }
  hold(name: string, m: Module): void {
    this.addModule(name, m);
  }
  drop(name: string): void {
    this.unregister(name);
  }
  batches(input: never, states: NdArray<Float64Array>[] = [], shapes: number[][] = []): NdArray[] {
    const { data, states: batched } = this.autoBatch(input, states, shapes);
    return [data, ...batched];
  }
}

function warnings(fn: () => void): RockpoolWarning[] {
  const seen: RockpoolWarning[] = [];
  setWarningHandler((w) => seen.push(w));
  try {
    fn();
  } finally {
    setWarningHandler(null);
  }
  return seen;
}

describe('Module', () => {
  it('has sizes from its shape', () => {
    const m = new Free([2, 5, 3]);
    assert.deepEqual([m.sizeIn, m.sizeOut, m.shape], [2, 3, [2, 5, 3]]);
    assert.deepEqual(new Free(4).shape, [4]);
    throwsCode(() => new Free([]), 'ERR_VALUE');
    throwsCode(() => new Free(null as never), 'ERR_TYPE');
    throwsCode(() => new Free(-1), 'ERR_VALUE');
    throwsCode(() => new Leak({ shape: 'x' as never }), 'ERR_TYPE');
    const seen = warnings(() => assert.equal(m.size, 3));
    assert.deepEqual(
      seen.map((w) => w.code),
      ['DEPRECATED'],
    );
  });

  it('needs evolve, and no unknown options', () => {
    // @ts-expect-error evolve is missing
    class NoEvolve extends Module {}
    throwsCode(() => new NoEvolve({ shape: 2 }), 'ERR_TYPE');
    const Odd = class extends Free {
      constructor() {
        super({ shape: 2, odd: 1 } as never);
      }
    };
    throwsCode(() => new Odd(), 'ERR_TYPE');
  });

  it('lists attributes by kind, with submodules even when they have none', () => {
    const m = new Pair({ shape: 2 });
    assert.deepEqual(Object.keys(m.parameters()), ['w', 'first', 'second']);
    assert.deepEqual(Object.keys(m.parameters().first), ['gain', 'bias']);
    assert.deepEqual(m.simulationParameters(), { first: { dt: 0.1 }, second: { dt: 0.1 } });
    assert.deepEqual(Object.keys(m.state()), ['first', 'second']);
    assert.deepEqual(Object.keys(m.modules()), ['first', 'second']);
    assert.deepEqual(m.attributesNamed('dt'), { first: { dt: 0.1 }, second: { dt: 0.1 } });
    assert.deepEqual(m.attributesNamed(['none']), {});
  });

  it('finds families by equality, in the order of registration, singular or plural (F-04m)', () => {
    const m = new Pair({ shape: 2 });
    const computed = ['wei', 'ghts'].join('');
    assert.deepEqual(Object.keys(m.parameters(computed)), ['w', 'first', 'second']);
    assert.deepEqual(Object.keys(m.parameters(['biases', 'weights']).first!), ['gain', 'bias']);
    assert.deepEqual(Object.keys(m.parameters('bias')), ['first', 'second']);
    assert.deepEqual(m.parameters('none'), {});
    assert.deepEqual(m.simulationParameters('dt'), { first: { dt: 0.1 }, second: { dt: 0.1 } });
    throwsCode(() => m.parameters(3 as never), 'ERR_TYPE');
  });

  it('has live arrays: a written element takes effect', () => {
    const m = new Leak({ shape: 2 });
    m.evolve([[1, 1]]);
    m.gain.set(1, 3);
    m.parameters().bias.data[0] = 10;
    assert.deepEqual(list(m.evolve([[1, 1]])[0]), [[[11.5, 3.5]]]);
    assert.equal(m.plans, 2);
    m.evolve([[0, 0]]);
    assert.equal(m.plans, 2, 'the plan is kept while nothing changes');
  });

  it('copies what is assigned, checks its shape exactly, and refuses null (F-02m)', () => {
    const m = new Leak({ shape: 2 });
    const held = m.gain;
    const given = Float64Array.of(5, 6);
    (m as { gain: unknown }).gain = given;
    given[0] = 0;
    assert.deepEqual(list(held), [5, 6]);
    throwsCode(() => ((m as { gain: unknown }).gain = 3), 'ERR_SHAPE');
    throwsCode(() => ((m as { gain: unknown }).gain = null), 'ERR_TYPE');
    throwsCode(() => ((m as { dt: unknown }).dt = [1]), 'ERR_SHAPE');
    throwsCode(() => ((m as { dt: unknown }).dt = 'x'), 'ERR_TYPE');
  });

  it('refuses names that are taken', () => {
    const m = new Free();
    for (const name of ['evolve', 'state', 'name', 'shape', 'parameters', ''])
      throwsCode(() => m.add(name, new Parameter({ data: 1 })), 'ERR_NAME');
    m.add('a', new Parameter({ data: 1 }));
    throwsCode(() => m.add('a', new Parameter({ data: 1 })), 'ERR_NAME');
    throwsCode(() => m.hold('a', new Free()), 'ERR_NAME');
    throwsCode(() => m.add('b', 3), 'ERR_TYPE');
  });

  it('leaves a class field without a value to the attribute', () => {
    class Field extends Free {
      tau!: number;
      constructor() {
        super(1);
        this.register('tau', new SimulationParameter({ data: 2, shape: [] }));
      }
    }
    const m = new Field();
    assert.equal(m.tau, 2);
    m.tau = 3;
    assert.deepEqual(m.simulationParameters(), { tau: 3 });
  });

  it('lets a class have accessors of its own', () => {
    class Own extends Free {
      constructor() {
        super(1);
        this.register('tau', new SimulationParameter({ data: 2, shape: [] }));
      }
      get tau(): number {
        return this.attribute('tau');
      }
      set tau(value: number) {
        this.assign('tau', value * 2);
      }
    }
    const m = new Own();
    m.tau = 4;
    assert.equal(m.tau, 8);
  });

  it('belongs to one parent (F-01m), and is free again when it is replaced', () => {
    const [a, b] = [new Free(), new Free()];
    const m = new Free();
    a.hold('inner', m);
    throwsCode(() => b.hold('other', m), 'ERR_STATE');
    assert.equal(m.name, 'inner');
    throwsCode(() => m.hold('loop', a), 'ERR_CYCLE');
    a.hold('second', new Free());
    a.hold('inner', new Leak({ shape: 2 }));
    assert.deepEqual(Object.keys(a.modules()), ['inner', 'second']);
    assert.equal(m.name, '');
    b.hold('other', m);
    assert.equal(m.fullName, "Free 'other'");
  });

  it('unregisters a submodule that is overwritten (F-03m)', () => {
    const m = new Free();
    m.hold('inner', new Free());
    const open = m as unknown as { inner: unknown };
    open.inner = new Leak({ shape: 2 });
    assert.equal(String(m), "Free with shape (2,) {\n    Leak 'inner' with shape (2,)\n}");
    open.inner = 'text';
    assert.equal(open.inner, 'text');
    assert.deepEqual(m.modules(), {});
    assert.equal(String(m), 'Free with shape (2,)');
    m.add('a', new Parameter({ data: 1 }));
    m.drop('a');
    assert.deepEqual(m.parameters(), {});
    assert.equal('a' in m, false);
    throwsCode(() => m.drop('a'), 'ERR_KEY');
  });

  it('prints itself and its submodules', () => {
    const m = new Free([1, 5]);
    const inner = new Free([1, 5]);
    inner.hold('0_Weight', new Weight({ shape: [1, 5] }));
    inner.hold('1_Leak', new Leak({ shape: 5 }));
    m.hold('_module', inner);
    assert.equal(
      String(m),
      `Free with shape (1, 5) {
    Free '_module' with shape (1, 5) {
        Weight '0_Weight' with shape (1, 5)
        Leak '1_Leak' with shape (5,)
    }
}`,
    );
    assert.equal(inner.name, '_module');
  });

  it('sets attributes of a tree, all or none, and warns of unknown ones (F-05m)', () => {
    const m = new Pair({ shape: 2 });
    assert.equal(m.setAttributes({ w: [1, 2], first: { gain: [3, 4] } }), m);
    assert.deepEqual(
      [list(m.w), list(m.first.gain)],
      [
        [1, 2],
        [3, 4],
      ],
    );
    throwsCode(() => m.setAttributes({ w: [9, 9], second: { gain: [1] } }), 'ERR_SHAPE');
    assert.deepEqual(list(m.w), [1, 2]);
    const seen = warnings(() => m.setAttributes({ w: [5, 5], odd: 1 } as never));
    assert.deepEqual(
      seen.map((w) => w.code),
      ['UNKNOWN_ATTRIBUTE'],
    );
    assert.deepEqual(list(m.w), [5, 5]);
    throwsCode(() => m.setAttributes({ odd: 1 } as never, { strict: true }), 'ERR_KEY');
    throwsCode(() => m.setAttributes(3 as never), 'ERR_TYPE');
    const [, state] = m.evolve([[1, 1]]);
    m.resetState();
    m.setAttributes(state);
    assert.deepEqual(list(m.first.x), [3, 4]);
  });

  it('resets states and parameters, in submodules too, into the arrays that are held', () => {
    const m = new Pair({ shape: 2 });
    const { x, gain } = m.first;
    m.evolve([[1, 1]]);
    gain.set(0, 7);
    m.resetState();
    assert.deepEqual(
      [list(x), list(gain)],
      [
        [0, 0],
        [7, 1],
      ],
    );
    assert.equal(m.resetParameters(), m);
    assert.deepEqual(list(gain), [1, 1]);
  });

  it('returns copies of states (F-08m)', () => {
    const m = new Leak({ shape: 1 });
    const [, before] = m.evolve([[1]]);
    m.evolve([[1]]);
    assert.deepEqual([list(before.x), list(m.x)], [[1], [1.5]]);
  });

  it('brings inputs and states to batches', () => {
    const m = new Free(3);
    const shapeOf = (input: unknown): readonly number[] => m.batches(input as never)[0].shape;
    assert.deepEqual(list(m.batches([1, 2] as never)[0]), [
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
    ]);
    assert.deepEqual(shapeOf([1, 2, 3, 4]), [1, 4, 3]);
    assert.deepEqual(shapeOf(NdArray.zeros([4, 1])), [1, 4, 3]);
    assert.deepEqual(shapeOf(NdArray.zeros([4, 3])), [1, 4, 3]);
    assert.deepEqual(shapeOf(NdArray.zeros([2, 0, 3])), [2, 0, 3]);
    throwsCode(() => shapeOf(NdArray.zeros([4, 2])), 'ERR_SHAPE');
    throwsCode(() => shapeOf(3), 'ERR_SHAPE');
    throwsCode(() => shapeOf(NdArray.zeros([1, 1, 1, 3])), 'ERR_SHAPE');
    const input = NdArray.zeros([2, 4, 3]) as never;
    assert.deepEqual(list(m.batches(input, [vector(1, 2, 3)])[1]), [
      [1, 2, 3],
      [1, 2, 3],
    ]);
    const wide = m.batches(input, [vector(1, 2, 3)], [[5, 3]])[1];
    assert.deepEqual(wide.shape, [2, 5, 3]);
    assert.deepEqual(Array.from(wide.row(1)), [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    assert.deepEqual(m.batches(input, [NdArray.from([[1], [2]])], [[2, 3]])[1].toArray(), [
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
      [
        [1, 1, 1],
        [2, 2, 2],
      ],
    ]);
    throwsCode(() => m.batches(input, [vector(1, 2)], [[3]]), 'ERR_SHAPE');
    const nan = m.batches([NaN] as never)[0];
    assert.ok(Number.isNaN(nan.data[2]), 'NaN is passed on');
  });

  it('chains calls under plain names, or positions (F-06m)', () => {
    const m = new Pair({ shape: 1 });
    const free = new Leak({ shape: 1 });
    const [out, state, record] = free.call(m.second.call(m.first.call([[1]], { record: true })), { record: true });
    assert.deepEqual(list(out), [[[1]]]);
    assert.deepEqual(Object.keys(state).sort(), ['2', 'second', 'x']);
    assert.deepEqual(Object.keys(record).sort(), ['2', 'second', 'x']);
  });

  it('evolves without a trace with evolvePure (F-09m)', () => {
    const m = new Pair({ shape: 1 });
    m.evolve([[4]]);
    const before = m.snapshot();
    const [out, state] = m.evolvePure([[1]], {
      state: { first: { x: [2] } },
      parameters: { first: { gain: [10] } },
    });
    assert.deepEqual(list(out), [[[11 + 2]]]);
    assert.deepEqual(list(state.first.x), [11]);
    assert.deepEqual(m.snapshot(), before);
    assert.deepEqual(list(m.first.gain), [1]);
    assert.throws(() => m.evolvePure([[1, 2, 3]], { parameters: { w: [1, 1] } }));
    assert.deepEqual(list(m.w), [0, 0]);
  });

  it('restores snapshots, all or nothing', () => {
    const m = new Pair({ shape: 1 });
    m.evolve([[4]]);
    const s = m.snapshot();
    const expected = m.evolve([[1], [2]])[0];
    assert.deepEqual(m.restore(s).evolve([[1], [2]])[0], expected);
    const broken = { ...s, modules: { ...s.modules, second: { state: { x: [1, 2] }, modules: {} } } };
    const now = m.snapshot();
    throwsCode(() => m.restore(broken), 'ERR_SHAPE');
    throwsCode(() => m.restore({} as never), 'ERR_TYPE');
    assert.deepEqual(m.snapshot(), now);
  });

  it('is busy during evolveAsync, and leaves no trace of a failed one', async () => {
    const m = new Pair({ shape: 1 });
    const running = m.evolveAsync([[1]]);
    throwsCode(() => m.evolve([[1]]), 'ERR_BUSY');
    throwsCode(() => m.first.evolve([[1]]), 'ERR_BUSY');
    throwsCode(() => m.first.resetState(), 'ERR_BUSY');
    await running;
    const before = m.snapshot();
    await assert.rejects(m.evolveAsync(NdArray.zeros([1, 2])), { code: 'ERR_SHAPE' });
    await assert.rejects(m.evolveAsync([[1]], { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    await assert.rejects(m.evolveAsync([[1]], { odd: 1 } as never), { code: 'ERR_TYPE' });
    assert.deepEqual(m.snapshot(), before);
  });

  it('is saved and loaded', () => {
    const m = new Pair({ shape: [2] });
    m.setAttributes({ w: [1, 2], first: { gain: [3, 4], dt: 0.5 } });
    m.evolve([[1, 2]]);
    const text = JSON.stringify(m.toDict({ includeState: true }));
    const other = Module.loadFromDict(JSON.parse(text) as ModuleConfig) as unknown as Pair;
    assert.ok(other instanceof Pair);
    assert.deepEqual(other.parameters(), m.parameters());
    assert.deepEqual(other.simulationParameters(), m.simulationParameters());
    assert.deepEqual(other.evolve([[5, 6]]), m.evolve([[5, 6]]));
    assert.deepEqual(Pair.loadFromDict(m.toDict()).evolve([[1, 1]]), m.resetState().evolve([[1, 1]]));
    const bare = new Leak({ shape: 1, withBias: false });
    assert.deepEqual(Leak.loadFromDict(bare.toDict()).parameters(), bare.parameters());
    throwsCode(() => Leak.loadFromDict(m.toDict()), 'ERR_TYPE');
    throwsCode(() => Module.loadFromDict({ ...bare.toDict(), class_name: 'Odd' }), 'ERR_CLASS');
    throwsCode(() => Module.loadFromDict({}), 'ERR_KEY');
    throwsCode(() => Module.loadFromDict({ ...bare.toDict(), parameters: { odd: 1 } }), 'ERR_KEY');
  });

  it('keeps zeros of a shape apart', () => {
    const m = new Free();
    m.add('a', new Parameter({ shape: [0, 3], init: zeros }));
    assert.deepEqual((m.parameters()['a'] as NdArray).shape, [0, 3]);
  });
});
