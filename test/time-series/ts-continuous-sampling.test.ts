import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type InterpKind, type RockpoolWarning, setWarningHandler, TSContinuous } from 'rockpool-node';

const round = (x: ArrayLike<number>, digits = 4) => Array.from(x, (v) => Number(v.toFixed(digits)) + 0);

/** Runs `body` and returns the codes of the warnings that it caused. */
function warningsOf(body: () => void): string[] {
  const seen: RockpoolWarning[] = [];
  setWarningHandler((warning) => seen.push(warning));
  try {
    body();
  } finally {
    setWarningHandler(null);
  }
  return seen.map((warning) => warning.code);
}

describe('TSContinuous.sample', () => {
  const queries = [-0.5, 0, 0.25, 0.5, 0.75, 1.5, 2.5, 3.999, 4, 4.5];
  const make = (interpKind: InterpKind, more = {}) =>
    new TSContinuous([0, 1, 2, 3, 4], [0, 10, 5, 20, -3], {
      tStart: -1,
      tStop: 5,
      interpKind,
      beyondRangeException: false,
      ...more,
    });
  const expected: [InterpKind, number[]][] = [
    ['linear', [-5, 0, 2.5, 5, 7.5, 7.5, 12.5, -2.977, -3, -14.5]],
    ['slinear', [-5, 0, 2.5, 5, 7.5, 7.5, 12.5, -2.977, -3, -14.5]],
    ['nearest', [0, 0, 0, 0, 10, 10, 5, -3, -3, -3]],
    ['nearest-up', [0, 0, 0, 10, 10, 5, 20, -3, -3, -3]],
    ['zero', [0, 0, 0, 0, 0, 10, 5, 20, -3, -3]],
    ['quadratic', [-13.4964, 0, 4.6241, 7.8321, 9.6241, 6.5036, 13.1464, -2.9526, -3, -32.8536]],
    ['cubic', [-28.8281, 0, 7.0918, 10.5156, 11.1816, 5.7344, 12.1719, -2.931, -3, -54.1406]],
    ['previous', [NaN, 0, 0, 0, 0, 10, 5, 20, -3, -3]],
    ['next', [0, 0, 10, 10, 10, 5, 20, -3, -3, NaN]],
  ];

  for (const [kind, values] of expected) {
    it(`interpolates ${kind}`, () => {
      warningsOf(() => {
        assert.deepEqual(round(make(kind).sample(queries).data), values);
        const filled = [42, ...values.slice(1, -1), 42];
        assert.deepEqual(round(make(kind, { fillValue: 42 }).sample(queries).data), filled);
      });
    });
  }

  it('takes integers for splines', () => {
    const names = ['zero', 'slinear', 'quadratic', 'cubic'] as const;
    names.forEach((name, degree) => {
      assert.deepEqual(make(degree).sample(queries).data, make(name).sample(queries).data);
    });
  });

  it('returns a matrix also for one time, and one row with at()', () => {
    const ts = new TSContinuous(
      [0, 1],
      [
        [1, 2],
        [3, 4],
      ],
    );
    assert.deepEqual(ts.sample(0.5).shape, [1, 2]);
    assert.deepEqual(ts.at(0.5), Float64Array.of(2, 3));
    assert.deepEqual(ts.sample([]).shape, [0, 2]);
  });

  it('keeps a sample next to a NaN, and takes the first and last of equal times', () => {
    const ts = new TSContinuous([0, 1, 2, 3], [1, NaN, 3, 4]);
    assert.deepEqual(Array.from(ts.sample([0, 0.5, 1, 1.5, 2, 2.5]).data), [1, NaN, NaN, NaN, 3, 3.5]);
    const twice = new TSContinuous([0, 1, 1, 2], [0, 1, 5, 6]);
    assert.deepEqual(Array.from(twice.sample([0.5, 1, 1.5]).data), [0.5, 1, 5.5]);
    twice.interpKind = 'previous';
    assert.equal(twice.at(1)[0], 5);
    twice.interpKind = 'next';
    assert.equal(twice.at(1)[0], 1);
  });

  it('fills per channel, below and above', () => {
    const samples = [
      [1, 2],
      [3, 4],
    ];
    const options = { tStart: -1, tStop: 2 };
    const at = (fillValue: TSContinuous['fillValue']) =>
      Array.from(new TSContinuous([0, 1], samples, { ...options, fillValue }).sample([-0.5, 1.5]).data);
    assert.deepEqual(at([7, 8]), [7, 8, 7, 8]);
    assert.deepEqual(at({ below: 7, above: [8, 9] }), [7, 7, 8, 9]);
    assert.throws(() => at([1, 2, 3]), { code: 'ERR_SHAPE' });
    assert.throws(() => at('nearest' as 'extrapolate'), { code: 'ERR_VALUE' });
  });

  it('holds a single sample for every kind', () => {
    for (const [interpKind] of expected) {
      const one = new TSContinuous([1], [[3, 4]], { tStart: 0, tStop: 2, interpKind, beyondRangeException: false });
      warningsOf(() => assert.deepEqual(Array.from(one.sample([1, 2]).data), [3, 4, 3, 4]));
    }
  });

  it('refuses splines with too few samples, equal times or an unknown kind', () => {
    assert.throws(() => new TSContinuous([0, 1], [0, 1], { interpKind: 'quadratic' }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1, 2], [0, 1, 2], { interpKind: 'cubic' }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0, 1, 1, 2], [0, 1, 2, 3], { interpKind: 'cubic' }).sample(0.5), {
      code: 'ERR_VALUE',
    });
    assert.throws(() => new TSContinuous([0], [0], { interpKind: 'quintic' as never }), { code: 'ERR_VALUE' });
    assert.throws(() => new TSContinuous([0], [0], { interpKind: true as never }), { code: 'ERR_TYPE' });
    assert.throws(() => new TSContinuous([0], [0], { interpKind: 10 }), { code: 'ERR_VALUE' });
  });

  it('sees what is written into samples, also by splines', () => {
    for (const interpKind of ['linear', 'cubic'] as const) {
      const ts = new TSContinuous([0, 1, 2, 3], [0, 0, 0, 0], { interpKind });
      assert.equal(ts.at(1.5)[0], 0);
      const { samples } = ts;
      samples.data.fill(2);
      assert.ok(Math.abs(ts.at(1.5)[0] - 2) < 1e-12);
      samples.data.fill(3);
      assert.ok(Math.abs(ts.at(1.5)[0] - 3) < 1e-12);
      ts.samples = [1, 1, 1, 1];
      assert.ok(Math.abs(ts.at(1.5)[0] - 1) < 1e-12);
      assert.equal(samples.data[0], 3);
    }
  });

  it('gives the same for any order of the times', () => {
    const times = Array.from({ length: 200 }, (_, i) => i + Math.sin(i) * 0.4);
    const samples = times.map((t) => Math.cos(t));
    fc.assert(
      fc.property(
        fc.constantFrom<InterpKind>('linear', 'previous', 'nearest', 'cubic'),
        fc.array(fc.double({ min: times[0], max: times[199], noNaN: true }), { minLength: 1, maxLength: 50 }),
        (interpKind, at) => {
          const ts = new TSContinuous(times, samples, { interpKind, tStop: 200 });
          const together = ts.sample(at).data;
          at.forEach((t, i) => assert.equal(together[i], ts.at(t)[0]));
        },
      ),
    );
  });

  it('samples off the event loop', async () => {
    const ts = TSContinuous.fromClocked([1, 2, 3], 1);
    const pending = ts.sampleAsync([0, 1.5, 2]);
    ts.samples = [0, 0, 0];
    assert.deepEqual(Array.from((await pending).data), [1, 2, 3]);
    await assert.rejects(ts.sampleAsync([-1]), { code: 'ERR_TIME_RANGE' });
    await assert.rejects(ts.sampleAsync([0], { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    const again = await ts.resampleAsync([0, 1], { tStop: 2 });
    assert.equal(again.tStop, 2);
    assert.equal(again.length, 2);
  });
});

describe('range of TSContinuous', () => {
  const make = (beyondRangeException: boolean, approxLimitTimes: boolean) =>
    new TSContinuous([0, 1], [1, 2], { beyondRangeException, approxLimitTimes });

  it('follows the two flags', () => {
    const slightly = 1 + 5e-10;
    assert.deepEqual(
      warningsOf(() => assert.equal(make(true, true).at(slightly)[0], 2)),
      ['TS_APPROX_LIMIT'],
    );
    assert.throws(() => make(true, true).at(1.1), { code: 'ERR_TIME_RANGE', received: 1.1, tStop: 1 });
    assert.throws(() => make(true, false).at(slightly), { code: 'ERR_TIME_RANGE' });
    assert.deepEqual(
      warningsOf(() => assert.equal(make(false, true).at(slightly)[0], 2)),
      ['TS_APPROX_LIMIT'],
    );
    assert.deepEqual(
      warningsOf(() => assert.ok(Number.isNaN(make(false, true).at(1.1)[0]))),
      ['TS_BEYOND_RANGE'],
    );
    assert.deepEqual(
      warningsOf(() => assert.ok(Number.isNaN(make(false, false).at(slightly)[0]))),
      ['TS_BEYOND_RANGE'],
    );
  });

  it('warns once for each series', () => {
    const ts = make(false, true);
    assert.equal(warningsOf(() => [2, 3, 4].forEach((t) => ts.at(t))).length, 1);
  });

  it('holds an empty series to the same rule', () => {
    const empty = new TSContinuous({ numChannels: 2, tStop: 1 });
    assert.deepEqual(Array.from(empty.sample([0, 1]).data), [NaN, NaN, NaN, NaN]);
    assert.throws(() => empty.sample(2), { code: 'ERR_TIME_RANGE' });
  });

  it('contains times within the extent', () => {
    const ts = make(true, true);
    assert.ok(ts.contains([0, 0.5, 1]));
    assert.ok(ts.contains([]));
    assert.ok(!ts.contains([0.5, 1.5]));
    assert.ok(!ts.contains(NaN));
    ts.periodic = true;
    assert.ok(ts.contains(1e9));
  });
});

describe('periodic TSContinuous', () => {
  it('wraps times, with virtual samples in the gap', () => {
    const linear = new TSContinuous([0, 1, 2], [0, 10, 20], { periodic: true });
    assert.deepEqual(Array.from(linear.sample([-0.5, 0, 1.5, 2, 2.5, 3, 4]).data), [15, 0, 15, 0, 5, 10, 0]);
    const held = new TSContinuous([0, 1, 2], [0, 10, 20], { periodic: true, tStop: 3, interpKind: 'previous' });
    assert.deepEqual(Array.from(held.sample([-0.5, 0, 1.5, 2, 2.5, 3, 4]).data), [20, 0, 10, 20, 20, 0, 10]);
    held.interpKind = 'linear';
    assert.deepEqual(Array.from(held.sample([2.5, 3.5, -0.25]).data), [10, 5, 5]);
    const late = new TSContinuous([1, 2], [10, 20], { periodic: true, tStart: 0, tStop: 3 });
    assert.deepEqual(Array.from(late.sample([0.5, 0, 2.5]).data), [12.5, 15, 17.5]);
    late.interpKind = 'previous';
    assert.deepEqual(Array.from(late.sample([0.5, 2.5]).data), [20, 20]);
    late.interpKind = 'next';
    assert.deepEqual(Array.from(late.sample([0.5, 2.5]).data), [10, 10]);
    late.interpKind = 'nearest';
    assert.deepEqual(Array.from(late.sample([0.4, 1.4, 1.6, 2.6]).data), [10, 10, 20, 20]);
  });

  it('interpolates with splines across the gap', () => {
    const n = 32;
    const ts = TSContinuous.fromClocked(
      Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * i) / n)),
      { dt: 1 / n, periodic: true, interpKind: 'cubic' },
    );
    for (const t of [0.01, 0.33, 0.985, 0.999, 5.42]) {
      assert.ok(Math.abs(ts.at(t)[0] - Math.sin(2 * Math.PI * t)) < 1e-3);
    }
  });
});

describe('TSContinuous: sampling off the event loop', () => {
  it('does not mind that the times are transferred meanwhile', async () => {
    const series = new TSContinuous([0, 1, 2], [0, 10, 20]);
    const times = Float64Array.of(0.5, 1.5);
    const running = series.sampleAsync(times);
    structuredClone(times.buffer, { transfer: [times.buffer] });
    const { shape, data } = await running;
    assert.deepEqual([...shape], [2, 1]);
    assert.deepEqual([...data], [5, 15]);
  });
});

describe('TSContinuous: times that somebody wrote nonsense into', () => {
  before(() => setWarningHandler(() => {}));
  after(() => setWarningHandler(null));

  it('are read without leaving the array', () => {
    for (const nonsense of [NaN, -Infinity, Infinity, 1e300]) {
      for (const interpKind of ['linear', 'previous', 'next', 'nearest', 'cubic'] as const) {
        for (const periodic of [false, true]) {
          for (let i = 0; i < 5; i++) {
            const series = new TSContinuous([0, 1, 2, 3, 4], [1, 2, 3, 4, 5], { tStop: 5, periodic, interpKind });
            series.beyondRangeException = false;
            series.times[i] = nonsense;
            try {
              assert.equal(series.sample([0.5, 4.5, 1]).size, 3);
            } catch (error) {
              assert.match(String((error as { code?: string }).code), /^ERR_(VALUE|TIME_RANGE)$/);
            }
          }
        }
      }
    }
  });
});
