import assert from 'node:assert/strict';
import { TSContinuous, TSEvent } from 'rockpool-node';

describe('series made from others', () => {
  it('do not share memory with them, whoever writes first', () => {
    const continuous = () => new TSContinuous([0, 1, 2], [5, 6, 7]);
    const events = () => new TSEvent([0, 1, 2], [0, 1, 2], { tStop: 3 });
    const ways: [() => TSContinuous | TSEvent, (s: never) => TSContinuous | TSEvent][] = [
      [continuous, (s: TSContinuous) => s.copy()],
      [continuous, (s: TSContinuous) => s.add(1)],
      [continuous, (s: TSContinuous) => s.clip({ channels: [0] })],
      [continuous, (s: TSContinuous) => s.appendC(s)],
      [continuous, (s: TSContinuous) => s.delay(0)],
      [events, (s: TSEvent) => s.copy()],
      [events, (s: TSEvent) => s.remapChannels([0, 1, 2])],
      [events, (s: TSEvent) => s.delay(0)],
      [events, (s: TSEvent) => s.clip()],
    ];
    for (const [make, derive] of ways) {
      for (const first of [true, false]) {
        const series = make();
        const derived = derive(series as never);
        const [writer, other] = first ? [series, derived] : [derived, series];
        writer.times[0] = -9;
        assert.equal(other.times[0], 0, String(derive));
        other.times[1] = 1.5;
        assert.deepEqual([...writer.times], [-9, 1, 2], String(derive));
        const data = (s: TSContinuous | TSEvent) => (s instanceof TSEvent ? s.channels : s.samples.data);
        const before = data(other)[0];
        data(writer)[0] = 1;
        assert.equal(data(other)[0], before, String(derive));
      }
    }
  });
});

describe('trialStartTimes', () => {
  it('takes times or null, and nothing else', () => {
    const series = new TSContinuous([0, 1], [1, 2]);
    series.trialStartTimes = [0, 0.5];
    assert.deepEqual(series.copy().trialStartTimes, Float64Array.of(0, 0.5));
    for (const wrong of [{}, 'abc', new Map(), true]) {
      assert.throws(() => (series.trialStartTimes = wrong as never), { code: 'ERR_TYPE', message: /trialStartTimes/ });
    }
    series.trialStartTimes = null;
    assert.equal(series.copy().trialStartTimes, null);
  });
});

describe('Lists of series', () => {
  it('say which entry is wrong, at once', () => {
    const series = new TSContinuous([0, 1], [1, 2]);
    assert.throws(() => series.appendT([series, null as never]), { code: 'ERR_TYPE', message: /other\[1\]/ });
    assert.throws(() => series.merge(new Array<TSContinuous>(2 ** 32 - 1)), {
      code: 'ERR_TYPE',
      message: /other\[0\]/,
    });
    assert.throws(() => series.appendC(new Float64Array(3) as never), { code: 'ERR_TYPE' });
  });
});
