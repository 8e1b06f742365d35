import assert from 'node:assert/strict';
import { setWarningHandler, TSContinuous, TSEvent, type TimeSeries } from 'rockpool-node';
import { type EvolveOptions, Layer, type PrepareOptions } from 'rockpool-node/layers';
import { Accumulator, codeOf, EventCounter, ones, Slow } from './helpers.js';

/** Opens the helpers of subclass authors. */
class Open extends Accumulator {
  steps = (ts?: TimeSeries | null, o?: EvolveOptions): number => this.determineTimesteps(ts, o);
  prepare = (ts?: TimeSeries | null, o?: PrepareOptions) => this.prepareInput(ts, o);
  window = (ts?: TimeSeries | null, o?: PrepareOptions) => this.samplingWindow(ts, o);
  dims = (x: number[][]) => this.checkInputDims(x);
  trace = (t: number, n: number) => this.genTimeTrace(t, n);
  shape = (x: never, shape: number[]) => this.expandToShape(x, shape, 'x');
  net = (x: never) => this.expandToNetSize(x, 'x');
  weightSize = (x: never) => this.expandToWeightSize(x, 'x');
  inputWeightSize = (x: never) => this.expandToInputWeightSize(x, 'x');
}

class OpenEvents extends Open {
  override get inputType(): typeof TSEvent {
    return TSEvent;
  }
}

async function warningsOf(fn: () => unknown): Promise<string[]> {
  const codes: string[] = [];
  setWarningHandler(({ code }) => codes.push(code));
  try {
    await fn();
  } finally {
    setWarningHandler(null);
  }
  return codes;
}

describe('Layer: number of steps', () => {
  const layer = new Open(1, { dt: 0.1 });

  it('has the slack of the reference', () => {
    for (const [duration, n] of [
      [0.3, 3],
      [0.7, 7],
      [0.6, 6],
      [1.1, 11],
      [2.3, 23],
      [0.35, 3],
      [0.3 - 1e-10, 3],
      [0.3 - 1e-8, 2],
      [0, 0],
    ] as const) {
      assert.equal(layer.steps(null, { duration }), n, String(duration));
    }
    const fast = new Open(1, { dt: 1e-9 });
    assert.equal(fast.steps(null, { duration: 2.5e-9 }), 2);
    const late = new Open(1, { dt: 0.1 });
    late.t = 1e7;
    assert.equal(late.steps(new TSContinuous([1e7, 1e7 + 0.3], [0, 0])), 3);
  });

  it('prefers numTimesteps to duration to the input', () => {
    const input = ones(1);
    assert.equal(layer.steps(input, { numTimesteps: 3, duration: 0.7 }), 3);
    assert.equal(layer.steps(input, { duration: 0.7 }), 7);
    assert.equal(layer.steps(input), 10);
    assert.equal(layer.steps(ones(0.5, 1, { periodic: true })), 5);
    const later = new Open(1, { dt: 0.1 });
    later.t = 0.4;
    assert.equal(later.steps(input), 6);
  });

  it('refuses what makes no sense', () => {
    assert.throws(() => layer.steps(), TypeError);
    assert.throws(() => layer.steps(null, { numTimesteps: 1.5 }), TypeError);
    assert.throws(() => layer.steps(null, { numTimesteps: '2' as never }), TypeError);
    assert.throws(() => layer.steps(null, { numTimesteps: true as never }), TypeError);
    assert.throws(() => layer.steps(null, { numTimesteps: -1 }), RangeError);
    assert.throws(() => layer.steps(null, { duration: -1 }), RangeError);
    assert.throws(() => layer.steps(null, { duration: NaN }), RangeError);
    assert.throws(() => layer.steps(null, { durations: 1 } as never), TypeError);
    assert.throws(() => layer.steps('x' as never), TypeError);
    const late = new Open(1, { dt: 0.1 });
    late.t = 1;
    assert.throws(() => late.steps(ones(1)), { code: 'ERR_TIME_RANGE' });
  });
});

describe('Layer: input', () => {
  it('samples, replicates one channel with a warning, and takes no input as zeros', async () => {
    const layer = new Open([[1], [2], [3]], { dt: 0.25 });
    const input = new TSContinuous([0, 1], [[0], [1]]);
    let prepared!: ReturnType<Open['prepare']>;
    assert.deepEqual(await warningsOf(() => (prepared = layer.prepare(input))), ['INPUT_REPLICATED']);
    assert.deepEqual([...prepared.timeBase], [0, 0.25, 0.5, 0.75]);
    assert.deepEqual(
      prepared.input.toArray(),
      [0, 0.25, 0.5, 0.75].map((x) => [x, x, x]),
    );
    assert.deepEqual(layer.prepare(null, { numTimesteps: 2 }).input.toArray(), [
      [0, 0, 0],
      [0, 0, 0],
    ]);
    assert.equal(
      codeOf(() => layer.prepare(ones(1, 2))),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => layer.prepare(new TSEvent([0.1], [0], { tStop: 1 }))),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => layer.dims([[1, 2]])),
      'ERR_SHAPE',
    );
    assert.deepEqual([...layer.trace(1, 3)], [1, 1.25, 1.5]);
  });

  it('reads NaN as 0', () => {
    const layer = new Open(1, { dt: 1 });
    const input = new TSContinuous([0, 1, 2], [1, NaN, 3], { interpKind: 'previous', tStop: 3 });
    assert.deepEqual([...layer.prepare(input).input.data], [1, 0, 3]);
  });

  it('takes samples on its own grid, whatever rounding does', () => {
    const input = new TSContinuous(
      Array.from({ length: 60 }, (_, k) => k * 0.1),
      Array.from({ length: 60 }, (_, k) => k),
      { interpKind: 'previous', tStop: 6 },
    );
    const layer = new Open(1, { dt: 0.1 });
    const seen: number[] = [];
    for (const n of [5, 15, 1, 7, 32]) {
      seen.push(...layer.prepare(input, { numTimesteps: n }).input.data);
      layer.t = (layer.timestep + n) * 0.1;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 60 }, (_, k) => k),
    );
  });

  it('forgives ends within a thousandth of a step, and warns beyond', async () => {
    const layer = new Open(1, { dt: 0.1 });
    const late = new TSContinuous([5e-5, 1], [7, 7], { interpKind: 'previous' });
    assert.deepEqual([...layer.prepare(late, { numTimesteps: 2 }).input.data], [7, 7]);
    assert.deepEqual(await warningsOf(() => layer.window(late, { numTimesteps: 2 })), []);
    const tooLate = new TSContinuous([0.05, 1], [7, 7]);
    for (const fn of [layer.prepare, layer.window]) {
      assert.deepEqual(
        await warningsOf(() => assert.throws(() => fn(tooLate, { numTimesteps: 2 }), { code: 'ERR_TIME_RANGE' })),
        ['INPUT_NOT_CONTAINED'],
      );
    }
    const loose = new TSContinuous([0.05, 1], [7, 7], { beyondRangeException: false });
    const codes = await warningsOf(() =>
      assert.deepEqual([...layer.prepare(loose, { numTimesteps: 2 }).input.data], [0, 7]),
    );
    assert.ok(codes.includes('INPUT_NOT_CONTAINED'));
  });

  it('rasterises events to exactly n rows', () => {
    const layer = new OpenEvents([[1], [1]], { dt: 0.1 });
    const events = new TSEvent([0, 0.15, 0.25], [0, 1, 0], { tStop: 0.4 });
    const { input, numTimesteps } = layer.prepare(events);
    assert.equal(numTimesteps, 4);
    assert.deepEqual(input.toArray(), [
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 0],
    ]);
    for (let n = 0; n < 40; n++) assert.equal(layer.prepare(events, { numTimesteps: n }).input.length, n);
  });

  it('counts events on request, refuses or drops extra channels, and feeds one channel to the first input only', () => {
    const counter = new EventCounter([[1], [1]], { dt: 1 });
    assert.deepEqual([...counter.evolve(new TSEvent([0.1, 0.2, 1.5], [0, 0, 1], { tStop: 2 })).samples.data], [2, 3]);
    const layer = new OpenEvents([[1], [1]], { dt: 1 });
    const wide = new TSEvent([0.1, 0.2], [0, 2], { tStop: 1, numChannels: 3 });
    assert.equal(
      codeOf(() => layer.prepare(wide)),
      'ERR_INDEX',
    );
    assert.deepEqual([...layer.prepare(wide, { ignoreExtraChannels: true }).input.data], [1, 0]);
    assert.deepEqual([...layer.prepare(new TSEvent([0.1], [0], { tStop: 1, numChannels: 3 })).input.data], [1, 0]);
    const one = new TSEvent([0.1], [0], { tStop: 1 });
    setWarningHandler(() => undefined);
    assert.deepEqual([...layer.prepare(one).input.data], [1, 0]);
    setWarningHandler(null);
    assert.deepEqual([...layer.prepare(one, { broadcastInput: true }).input.data], [1, 1]);
    assert.equal(
      codeOf(() => layer.prepare(ones(1))),
      'ERR_TYPE',
    );
  });

  it('expands parameters', () => {
    const layer = new Open([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual([...layer.net(2 as never)], [2, 2, 2]);
    assert.deepEqual([...layer.net([[1], [2], [3]] as never)], [1, 2, 3]);
    assert.deepEqual(layer.weightSize(1 as never).shape, [3, 3]);
    assert.deepEqual(layer.inputWeightSize(1 as never).shape, [2, 3]);
    assert.deepEqual(layer.shape([1, 2, 3, 4] as never, [2, 2]).toArray(), [
      [1, 2],
      [3, 4],
    ]);
    assert.throws(() => layer.net([1, 2] as never), /expected x to be a number or 3 numbers, received 2 numbers/);
    assert.equal(
      codeOf(() => layer.net(null as never)),
      'ERR_TYPE',
    );
  });
});

describe('Layer: while it is evolving', () => {
  it('refuses all that would disturb, and only until it is done', async () => {
    const layer = new Slow([[1]], { dt: 0.1 });
    const running = layer.evolveAsync(ones(1));
    const calls: Record<string, () => unknown> = {
      evolve: () => layer.evolve(ones(1)),
      resetTime: () => layer.resetTime(),
      resetState: () => layer.resetState(),
      resetAll: () => layer.resetAll(),
      randomizeState: () => layer.randomizeState(),
      weights: () => (layer.weights = [[2]]),
      state: () => (layer.state = [2]),
      dt: () => (layer.dt = 1),
      noiseStd: () => (layer.noiseStd = 1),
      t: () => (layer.t = 1),
      seed: () => (layer.seed = 1),
    };
    for (const [name, call] of Object.entries(calls)) assert.equal(codeOf(call), 'ERR_BUSY', name);
    await assert.rejects(layer.evolveAsync(ones(1)), { code: 'ERR_BUSY' });
    assert.equal(layer.toDict().name, 'unnamed');
    layer.proceed();
    await running;
    for (const call of Object.values(calls)) assert.notEqual(codeOf(call), 'ERR_BUSY');
  });

  it('is as before after an aborted or failed evolveAsync', async () => {
    const layer = new Accumulator(1, { dt: 0.1 });
    layer.evolve(ones(1), { duration: 0.5 });
    await assert.rejects(layer.evolveAsync(ones(1), { signal: AbortSignal.abort() }), {
      code: 'ERR_ABORTED',
      name: 'AbortError',
    });
    layer.fail = true;
    await assert.rejects(layer.evolveAsync(ones(1)), /as told/);
    assert.deepEqual([layer.timestep, layer.state[0]], [5, 5]);
    layer.fail = false;
    assert.equal((await layer.evolveAsync(ones(1))).length, 5);
    assert.equal(layer.state[0], 10);
  });
});

describe('Layer: stream', () => {
  function* piecesOf(input: TSContinuous, n: number): Generator<TSContinuous> {
    for (let k = 0; k < n; k++) yield input.clip({ tStart: (k * input.tStop) / n, tStop: ((k + 1) * input.tStop) / n });
  }

  it('gives in pieces what evolve gives at once', async () => {
    const input = new TSContinuous([0, 0.5, 1], [0, 5, 1]);
    const whole = new Accumulator(1, { dt: 0.05 });
    const expected = [...whole.evolve(input).samples.data];
    const layer = new Accumulator(1, { dt: 0.05 });
    const seen: number[] = [];
    for await (const output of layer.stream(piecesOf(input, 4))) seen.push(...(output as TSContinuous).samples.data);
    assert.ok(seen.every((x, i) => Math.abs(x - expected[i]) < 1e-12));
    assert.equal(seen.length, 20);
    assert.equal(layer.t, 1);
  });

  it('refuses pieces that do not follow on or do not end on a step', async () => {
    const layer = new Accumulator(1, { dt: 0.1 });
    const next = (piece: unknown) => layer.stream([piece] as never).next();
    await assert.rejects(next(new TSContinuous([0.1, 0.2], [1, 1])), { code: 'ERR_TIME_RANGE' });
    await assert.rejects(next(ones(0.25)), { code: 'ERR_TIME_RANGE' });
    await assert.rejects(next(3), { code: 'ERR_TYPE' });
    await assert.rejects(layer.stream(3 as never).next(), { code: 'ERR_TYPE' });
    assert.equal(
      codeOf(() => layer.stream([], { sinal: 1 } as never)),
      'ERR_TYPE',
    );
  });

  it('stops when aborted, also while it waits for a piece, and closes its source', async () => {
    const layer = new Accumulator(1, { dt: 0.1 });
    const controller = new AbortController();
    let closed = false;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => undefined),
        return: () => ((closed = true), Promise.resolve({ done: true as const, value: undefined })),
      }),
    };
    const pending = layer.stream(source, { signal: controller.signal }).next();
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(pending, { code: 'ERR_ABORTED' });
    assert.ok(closed);
    assert.equal(layer.timestep, 0);
  });

  it('closes its source when the reader leaves', async () => {
    let closed = false;
    function* source(): Generator<TSContinuous> {
      try {
        for (let k = 0; ; k++) yield new TSContinuous([k, k + 1], [1, 1]);
      } finally {
        closed = true;
      }
    }
    const layer = new Accumulator(1, { dt: 0.5 });
    for await (const output of layer.stream(source())) if (output.tStop > 2) break;
    assert.ok(closed);
    assert.equal(layer.t, 3);
  });
});

describe('Layer: reset and randomise', () => {
  it('resets clock, state or both', () => {
    const layer = new Accumulator([1, 2], { dt: 0.1 });
    layer.evolve(ones(1));
    layer.resetTime();
    assert.deepEqual([layer.t, layer.state[0]], [0, 10]);
    layer.t = 1;
    layer.resetState();
    assert.deepEqual([layer.t, layer.state[0]], [1, 0]);
    layer.resetAll();
    assert.equal(layer.t, 0);
  });

  it('draws around each entry, the same for the same seed', () => {
    const n = 20000;
    const layer = new Accumulator(new Float64Array(n));
    const draw = (options: object): Float64Array => {
      layer.state = new Float64Array(n).fill(10);
      layer.state[0] = 0;
      layer.randomizeState(options);
      return layer.state.slice();
    };
    const a = draw({ seed: 5 });
    assert.deepEqual(draw({ seed: 5 }), a);
    assert.notDeepEqual(draw({ seed: 6 }), a);
    assert.equal(a[0], 0);
    const mean = a.reduce((s, x) => s + x, 0) / n;
    const std = Math.sqrt(a.reduce((s, x) => s + (x - mean) ** 2, 0) / n);
    assert.ok(Math.abs(mean - 10) < 0.1 && Math.abs(std - 2) < 0.1, `${mean} ${std}`);
    const narrow = draw({ seed: 5, factor: 0.02 });
    assert.ok(Math.abs((narrow[1] - 10) * 10 - (a[1] - 10)) < 1e-9);
    assert.equal(
      codeOf(() => layer.randomizeState({ factor: -1 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => layer.randomizeState({ seeds: 1 } as never)),
      'ERR_TYPE',
    );
  });
});

describe('Layer: a subclass', () => {
  it('has the members of the reference', () => {
    for (const name of [
      'evolve',
      'evolveAsync',
      'stream',
      'resetAll',
      'resetState',
      'resetTime',
      'randomizeState',
      'toDict',
      'save',
      'saveLayer',
      'checkInputDims',
      'determineTimesteps',
      'expandToNetSize',
      'expandToShape',
      'expandToSize',
      'expandToWeightSize',
      'genTimeTrace',
      'prepareInput',
      'prepareInputContinuous',
      'prepareInputEvents',
    ]) {
      assert.equal(typeof (Accumulator.prototype as never)[name], 'function', name);
    }
    for (const name of ['loadFromDict', 'loadFromFile']) assert.equal(typeof (Layer as never)[name], 'function', name);
    const layer = new Accumulator(1);
    for (const name of [
      'className',
      'dt',
      'inputType',
      'noiseStd',
      'outputType',
      'size',
      'sizeIn',
      'sizeOut',
      'startPrint',
      'state',
      't',
      '_t',
      'weights',
      'name',
    ]) {
      assert.notEqual((layer as never)[name], undefined, name);
    }
  });
});
