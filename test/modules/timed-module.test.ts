import assert from 'node:assert/strict';
import {
  type Matrix,
  Module,
  NdArray,
  Parameter,
  type RockpoolWarning,
  setWarningHandler,
  type TimedEvolveOptions,
  type TimedInput,
  TimedModule,
  type TimedModuleOptions,
  TimedModuleWrapper,
  type TimedResult,
  type TimeSeries,
  TSContinuous,
  TSEvent,
} from 'rockpool-node';
import { Leak, list, Pair, Weight, zeros } from './helpers.js';

const throwsCode = (fn: () => unknown, code: string): void =>
  assert.throws(fn, (e: { code?: string }) => e.code === code);

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

/** Returns its input, of its own clock, and remembers how many steps it was asked for. */
class Echo extends TimedModule {
  steps: number[] = [];
  fail = false;
  constructor(options: Partial<TimedModuleOptions> = {}) {
    super({ shape: 1, dt: 1e-3, ...options });
  }
  override evolve(tsInput?: TimedInput, options: TimedEvolveOptions = {}): TimedResult {
    const { input, numTimesteps } = this.prepareInput(tsInput as TimeSeries, options);
    this.steps.push(numTimesteps);
    const output = this.genTimeSeries(input, options.kwargsTimeseries);
    if (this.fail) throw new Error('as told');
    return [output, {}, {}];
  }
}

/** Hands its input and its number of steps on to two children. */
class Nest extends TimedModule {
  declare first: Echo;
  declare second: Echo;
  constructor(dt: number, children: [number, number], options: Partial<TimedModuleOptions> = {}) {
    super({ shape: 1, dt, ...options });
    this.addModule('first', new Echo({ dt: children[0] }));
    this.addModule('second', new Echo({ dt: children[1] }));
  }
  override evolve(tsInput?: TimedInput, options: TimedEvolveOptions = {}): TimedResult {
    const { numTimesteps } = options;
    const [x] = this.first.evolve(tsInput, { numTimesteps });
    const [y] = this.second.evolve(x, { numTimesteps });
    return [y, {}, {}];
  }
}

const ramp = (n: number, dt: number, channels = 1): TSContinuous =>
  TSContinuous.fromClocked(NdArray.from(Array.from({ length: n }, (_, k) => new Array<number>(channels).fill(k))), dt);

describe('TimedModule', () => {
  it('counts steps of dt', () => {
    const m = new Echo({ dt: 1e-3 });
    const steps = (duration: number): number => {
      m.resetTime();
      m.evolve(null, { duration });
      return m.timestep;
    };
    assert.deepEqual([0.01, 0.01 - 5e-7, 0.01 - 2e-6, 0.0105].map(steps), [10, 10, 9, 10]);
    m.resetTime();
    m.evolve(ramp(10, 1e-3));
    assert.deepEqual([m.timestep, m.t], [10, 0.01]);
    m.t = 0.005;
    assert.equal(m.timestep, 5);
    assert.deepEqual(m.simulationParameters(), { dt: 1e-3 });
  });

  it('caps the slack at a thousandth of a step (G-12)', () => {
    const m = new Echo({ dt: 1e-6 });
    m.evolve(null, { duration: 2.5e-6 });
    assert.equal(m.timestep, 2);
  });

  it('is at its start time while it evolves, and returns series of its own clock', () => {
    const m = new Echo();
    m.evolve(null, { numTimesteps: 5 });
    const [out] = m.evolve(ramp(10, 1e-3), { numTimesteps: 2 });
    assert.deepEqual([out.tStart, out.tStop], [0.005, 0.007]);
    assert.deepEqual(list((out as TSContinuous).samples), [[5], [6]]);
    assert.equal(out.name, 'Output samples');
    const [named] = m.evolve(null, { numTimesteps: 1, kwargsTimeseries: { name: 'mine', interpKind: 'linear' } });
    assert.equal(named.name, 'mine');
    assert.equal(m.evolve(null, { numTimesteps: 0 })[0].duration, 0);
  });

  it('says when the input ends too early, also by less than a step (G-04)', () => {
    const m = new Echo();
    m.evolve(null, { numTimesteps: 10 });
    throwsCode(() => m.evolve(ramp(10, 1e-3)), 'ERR_TIME_RANGE');
    m.t = 0.0095;
    assert.equal(m.timestep, 9);
    throwsCode(() => m.evolve(TSContinuous.fromClocked([[1]], 0.0094)), 'ERR_TIME_RANGE');
    assert.equal(m.timestep, 9);
    throwsCode(() => m.evolve(), 'ERR_TYPE');
  });

  it('replicates one channel, takes NaN for 0 unless that is an error (G-05), and checks the width (G-11)', () => {
    const m = new Echo({ shape: 2 });
    const nan = new TSContinuous([0, 1e-3], [[1], [NaN]], { tStop: 2e-3, interpKind: 'previous' });
    let out: TimeSeries | undefined;
    warnings(() => ([out] = m.evolve(nan)));
    assert.deepEqual(list((out as TSContinuous).samples), [
      [1, 1],
      [0, 0],
    ]);
    class Strict extends Echo {
      override evolve(tsInput?: TimedInput, options: TimedEvolveOptions = {}): TimedResult {
        this.prepareInput(tsInput as TimeSeries, { ...options, undefinedSamples: 'error' });
        return super.evolve(tsInput, options);
      }
    }
    throwsCode(() => new Strict().evolve(nan), 'ERR_VALUE');
    throwsCode(() => m.evolve(ramp(3, 1e-3, 3)), 'ERR_SHAPE');
    throwsCode(() => m.evolve(new TSEvent([0], [0], { tStop: 1 })), 'ERR_TYPE');
  });

  it('takes arrays as clocked at its own steps from the present time on (G-13)', () => {
    const m = new Echo({ shape: 2 });
    m.evolve(null, { numTimesteps: 3 });
    const [out] = m.evolve([
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual(list((out as TSContinuous).samples), [
      [1, 2],
      [3, 4],
    ]);
    assert.deepEqual([out.tStart, m.timestep], [0.003, 5]);
    throwsCode(() => m.evolve([[1, 2, 3]]), 'ERR_SHAPE');
    throwsCode(() => m.evolve(3), 'ERR_SHAPE');
    throwsCode(() => m.evolve('x' as never), 'ERR_TYPE');
    const spiking = new Echo({ shape: 2, spikingInput: true, spikingOutput: true });
    const [events] = spiking.evolve([
      [0, 2],
      [1, 0],
    ]);
    assert.deepEqual(Array.from((events as TSEvent).channels).sort(), [0, 1, 1]);
  });

  it('counts events by default, everywhere (G-08)', () => {
    const events = new TSEvent([0.0001, 0.0002, 0.0011], [0, 0, 0], { tStop: 0.002 });
    const count = (m: TimedModule): unknown => list((m.evolve(events)[0] as TSContinuous).samples);
    assert.deepEqual(count(new Echo({ spikingInput: true })), [[2], [1]]);
    assert.deepEqual(count(new Echo({ spikingInput: true, addEvents: false })), [[1], [1]]);
    class Spiking extends Module {
      override evolve(input: Matrix): never {
        return [input, {}, {}] as never;
      }
    }
    const make = (): Spiking => new Spiking({ shape: 1, spikingInput: true });
    assert.deepEqual(count(make().timed({ dt: 1e-3 })), [[2], [1]]);
    assert.deepEqual(count(new TimedModuleWrapper(make(), { dt: 1e-3 }) as unknown as TimedModule), [[2], [1]]);
    assert.deepEqual(count(make().timed({ dt: 1e-3, addEvents: false })), [[1], [1]]);
  });

  it('takes the least common multiple of the time steps of its children, and tells so (G-02)', () => {
    const m = new Nest(1e-3, [2e-3, 3e-3]);
    assert.equal(m.dt, 6e-3);
    assert.deepEqual([m.first.parentDtFactor, m.second.parentDtFactor], [3, 2]);
    assert.deepEqual(m.simulationParameters(), { dt: 6e-3, first: { dt: 2e-3 }, second: { dt: 3e-3 } });
    assert.deepEqual(
      warnings(() => m.evolve(null, { numTimesteps: 1 })).map((w) => w.code),
      ['DT_REPLACED'],
    );
    throwsCode(() => new Nest(1e-3, [2e-3, 3e-3], { strictDt: true }).evolve(null, { numTimesteps: 1 }), 'ERR_DT');
    throwsCode(() => new Nest(1, [1e-3, Math.PI * 1e-3]).dt, 'ERR_DT');
    const fitting = new Nest(2e-3, [1e-3, 2e-3]);
    assert.deepEqual(
      warnings(() => fitting.evolve(null, { numTimesteps: 1 })),
      [],
    );
    assert.deepEqual([fitting.first.parentDtFactor, fitting.second.parentDtFactor], [2, 1]);
  });

  it('converts the steps of a parent exactly once (G-03)', () => {
    const m = new Nest(2e-3, [1e-3, 2e-3]);
    m.evolve(ramp(20, 1e-3), { numTimesteps: 3 });
    assert.deepEqual([m.first.steps, m.second.steps], [[6], [3]]);
    assert.deepEqual([m.timestep, m.first.timestep, m.second.timestep], [3, 6, 3]);
    assert.deepEqual([m.t, m.first.t, m.second.t], [0.006, 0.006, 0.006]);
  });

  it('finds its time step after a failed construction elsewhere (G-01)', () => {
    assert.throws(() => new Nest(NaN, [1, 1]));
    assert.throws(() => new Nest(1e-3, [-1, 1]));
    const m = new Nest(1e-3, [1e-3, 4e-3]);
    assert.equal(m.dt, 4e-3);
  });

  it('resets the clocks of submodules (G-07)', () => {
    const m = new Nest(1e-3, [1e-3, 1e-3]);
    m.evolve(null, { numTimesteps: 3 });
    m.resetTime();
    assert.deepEqual([m.timestep, m.first.timestep, m.second.timestep], [0, 0, 0]);
    m.evolve(null, { numTimesteps: 3 });
    assert.equal(m.resetAll(), m);
    assert.equal(m.second.t, 0);
  });

  it('quotes its name once in the names of outputs (G-06)', () => {
    const m = new Nest(1e-3, [1e-3, 1e-3]);
    assert.equal(m.evolve(null, { numTimesteps: 1 })[0].name, "Output samples 'second'");
  });

  it('leaves no trace of a failed or aborted evolution, in submodules either', async () => {
    const m = new Nest(1e-3, [1e-3, 1e-3]);
    m.evolve(null, { numTimesteps: 2 });
    m.second.fail = true;
    assert.throws(() => m.evolve(null, { numTimesteps: 2 }), /as told/);
    assert.deepEqual([m.timestep, m.first.timestep, m.second.timestep], [2, 2, 2]);
    await assert.rejects(m.evolveAsync(null, { numTimesteps: 2 }), /as told/);
    assert.deepEqual([m.timestep, m.first.timestep, m.second.timestep], [2, 2, 2]);
    m.second.fail = false;
    await assert.rejects(m.evolveAsync(null, { numTimesteps: 1, signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
    });
    const [out] = await m.evolveAsync(null, { numTimesteps: 2 });
    assert.deepEqual([out.tStart, m.timestep], [0.002, 4]);
    throwsCode(() => m.evolve(null, { numTimesteps: 1, odd: 1 } as never), 'ERR_TYPE');
    throwsCode(() => m.evolve(null, { numTimesteps: 1.5 }), 'ERR_TYPE');
    throwsCode(() => m.evolve(null, { numTimesteps: 1, record: 1 as never }), 'ERR_TYPE');
  });

  it('streams', async () => {
    const m = new Echo();
    const pieces = [ramp(2, 1e-3), ramp(3, 1e-3).delay(0.002)];
    const lengths: number[] = [];
    for await (const [out] of m.stream(pieces)) lengths.push((out as TSContinuous).length);
    assert.deepEqual(lengths, [2, 3]);
  });

  it('refuses a step that is no number', () => {
    throwsCode(() => new Echo({ dt: 0 }), 'ERR_VALUE');
    throwsCode(() => new Echo({ dt: 'x' as never }), 'ERR_TYPE');
    throwsCode(() => (new Echo().dt = -1), 'ERR_VALUE');
    const m = new Echo();
    m.setAttributes({ dt: 2e-3 });
    assert.equal(m.dt, 2e-3);
    throwsCode(() => m.setAttributes({ dt: -1 }), 'ERR_VALUE');
    class NoResult extends Echo {
      override evolve(): never {
        return undefined as never;
      }
    }
    throwsCode(() => (new NoResult() as Echo).evolve(null, { numTimesteps: 1 }), 'ERR_TYPE');
  });
});

describe('TimedModuleWrapper', () => {
  it('wraps a module, which keeps dt, parameters and state', () => {
    const inner = new Leak({ shape: 2, dt: 0.1 });
    const m = inner.timed();
    assert.equal(m.module, inner);
    assert.deepEqual([m.shape, m.dt, inner.name], [[2, 2], 0.1, '_module']);
    const [out, state, record] = m.evolve([[1, 2]], { record: true });
    assert.deepEqual(list((out as TSContinuous).samples), [[1, 2]]);
    assert.deepEqual(Object.keys(record), ['x']);
    assert.deepEqual(m.parameters()._module.gain.toArray(), [1, 1]);
    assert.equal(
      String(m),
      `TimedModuleWrapper with shape (2, 2) {
    Leak '_module' with shape (2,)
} with Leak '_module' as module`,
    );
    m.resetState();
    assert.deepEqual(list(inner.x), [0, 0]);
    // the state that it returns is accepted, in both nestings (G-09)
    m.setAttributes(state, { strict: true });
    assert.deepEqual(list(inner.x), [1, 2]);
    m.setAttributes({ _module: { x: [3, 4] } }, { strict: true });
    assert.deepEqual(list(inner.x), [3, 4]);
    throwsCode(() => m.setAttributes({ odd: 1 } as never, { strict: true }), 'ERR_KEY');
  });

  it('has one dt with its module (G-10)', () => {
    const inner = new Leak({ shape: 1, dt: 0.1 });
    const m = inner.timed();
    m.dt = 0.2;
    assert.equal(inner.dt, 0.2);
    inner.dt = 0.4;
    assert.equal(m.dt, 0.4);
    assert.deepEqual(m.simulationParameters(), { dt: 0.4, _module: { dt: 0.4 } });
  });

  it('needs a dt when the module has none, and ignores another one', () => {
    throwsCode(() => new Weight({ shape: [1, 2] }).timed(), 'ERR_KEY');
    const weight = new Weight({ shape: [1, 2], weight: [[1, 2]] });
    const m = weight.timed({ dt: 0.5 });
    assert.deepEqual(m.simulationParameters(), { dt: 0.5, _module: { dt: 0.5 } });
    let ignored: TimedModuleWrapper<Leak> | undefined;
    const seen = warnings(() => (ignored = new Leak({ shape: 1 }).timed({ dt: 9 })));
    assert.deepEqual([seen.map((w) => w.code), ignored?.dt], [['DT_IGNORED'], 0.1]);
    throwsCode(() => new TimedModuleWrapper({} as never), 'ERR_TYPE');
    throwsCode(() => new Leak({ shape: 1 }).timed({ dt: -1 }), 'ERR_VALUE');
    throwsCode(() => weight.timed({ dt: 0.5 }), 'ERR_STATE');
    assert.equal(new Pair({ shape: 1 }).timed({ dt: 0.25 }).dt, 0.5);
  });

  it('chooses one of several outputs', () => {
    class Two extends Module {
      override evolve(input: Matrix): never {
        return [[NdArray.from(input), NdArray.zeros([1, 1, 1])], {}, {}] as never;
      }
    }
    const [out] = new Two(1).timed({ dt: 1, outputNum: 1 }).evolve([[5]]);
    assert.deepEqual(list((out as TSContinuous).samples), [[0]]);
    throwsCode(() => new Two(1).timed({ dt: 1, outputNum: 2 }).evolve([[5]]), 'ERR_INDEX');
  });

  it('evolves off the event loop and in pieces as in one go', async () => {
    const input = ramp(20, 0.1, 2);
    const [whole] = new Leak({ shape: 2 }).timed().evolve(input);
    const m = new Leak({ shape: 2 }).timed();
    const [a] = await m.evolveAsync(input, { numTimesteps: 7 });
    const [b] = m.evolve(input);
    assert.deepEqual(
      [...(a as TSContinuous).samples.data, ...(b as TSContinuous).samples.data],
      [...(whole as TSContinuous).samples.data],
    );
    const running = m.evolveAsync(null, { numTimesteps: 1 });
    throwsCode(() => m.evolve(null, { numTimesteps: 1 }), 'ERR_BUSY');
    throwsCode(() => m.module.resetState(), 'ERR_BUSY');
    await running;
  });

  it('is saved and loaded', () => {
    const m = new Weight({ shape: [1, 2], weight: [[1, 2]] }).timed({ dt: 0.5, addEvents: false });
    m.evolve([[1]]);
    const other = TimedModule.loadFromDict(m.toDict({ includeState: true })) as unknown as typeof m;
    assert.ok(other instanceof TimedModuleWrapper);
    assert.deepEqual([other.dt, other.timestep, other.addEvents], [0.5, 1, false]);
    assert.deepEqual(list((other.evolve([[3]])[0] as TSContinuous).samples), [[3, 6]]);
  });

  it('is a submodule of a timed network', () => {
    class Net extends TimedModule<{ parameters: { w: Matrix }; modules: { neurons: TimedModuleWrapper<Leak> } }> {
      declare w: Matrix;
      declare neurons: TimedModuleWrapper<Leak>;
      constructor() {
        super({ shape: [2, 3], dt: 0.1 });
        this.register('w', new Parameter({ shape: [2, 3], init: zeros, family: 'weights' }));
        this.addModule('neurons', new Leak({ shape: 3 }).timed());
      }
      override evolve(tsInput?: TimedInput): TimedResult<never> {
        const [x, state] = this.neurons.evolve((tsInput as TSContinuous).matmul(this.w));
        return [x, { neurons: state }, {}] as never;
      }
    }
    const net = new Net();
    const p = net.parameters();
    p.w = NdArray.from([
      [1, 0, 0],
      [0, 1, 1],
    ]);
    net.setAttributes(p);
    const [out] = net.evolve(ramp(3, 0.1, 2));
    assert.deepEqual(Array.from((out as TSContinuous).samples.row(2)), [2.5, 2.5, 2.5]);
    assert.equal(out.name, "Output samples 'neurons'");
  });
});
