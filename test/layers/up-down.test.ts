import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { Network, TSContinuous, TSEvent } from 'rockpool-node';
import { decodeUpDown, FFUpDown, Layer, UpDownDecoder } from 'rockpool-node/layers';
import { codeOf } from './helpers';
import { assertClose, assertSame, numbers } from './rate-helpers';

const dt = 1e-3;
const series = (samples: number[] | number[][], step = 1) => TSContinuous.fromClocked(samples, { dt: step });
const channelsOf = (events: TSEvent) => Array.from(events.channels);
const pairs = (events: TSEvent): [number, number][] => [...events];

/** A sum of tones below `limit` Hz, of `channels` channels. */
function bandLimited(steps: number, channels: number, limit: number): TSContinuous {
  const tones = Array.from({ length: 8 * channels }, (_, i) => ({
    amplitude: 0.25 + numbers(1, i + 1, 0.2)[0],
    frequency: limit * (numbers(1, i + 100, 1)[0] + 0.5),
    phase: numbers(1, i + 200, 6)[0],
  }));
  const rows = Array.from({ length: steps }, (_, k) =>
    Array.from({ length: channels }, (__, c) =>
      tones
        .slice(8 * c, 8 * (c + 1))
        .reduce((sum, t) => sum + t.amplitude * Math.sin(2 * Math.PI * t.frequency * k * dt + t.phase), 0),
    ),
  );
  return series(rows, dt);
}

describe('FFUpDown', () => {
  it('emits an event for each threshold that the input has moved', () => {
    const layer = new FFUpDown(1, { thrUp: 0.5, thrDown: 0.5, dt: 1 });
    const events = layer.evolve(series([0, 1.2, 1.2, -0.3, -0.3, 2.1]));
    assert.deepEqual(pairs(events), [
      [1.5, 0],
      [1.5, 0],
      [3.5, 1],
      [3.5, 1],
      [5.5, 0],
      [5.5, 0],
      [5.5, 0],
      [5.5, 0],
    ]);
    assertSame(layer.state, [2]);
    assert.deepEqual([events.tStart, events.tStop, events.numChannels], [0, 6, 2]);
    assert.equal(events.name, 'Spikes from analogue');
    assert.equal(String(layer), 'FFUpDown object: "unnamed" [1 TSContinuous in -> 2 internal -> 2 TSEvent out]');
    const single = new FFUpDown(1, { thrUp: 0.5, thrDown: 0.5, dt: 1, multiplexSpikes: false });
    assert.deepEqual(channelsOf(single.evolve(series([0, 1.2, 1.2, -0.3, -0.3, 2.1]))), [0, 0, 1, 1, 0]);
  });

  it('has the defaults of the original and takes its size in three forms', () => {
    const layer = new FFUpDown(3);
    assert.deepEqual(
      [layer.dt, layer.repeatOutput, layer.maxNumTimesteps, layer.multiplexSpikes],
      [1e-3, 1, 5000, true],
    );
    assertSame(layer.thrUp, [1e-3, 1e-3, 1e-3]);
    assert.deepEqual(layer.tauDecay, [null, null, null]);
    assert.deepEqual([layer.sizeIn, layer.size, layer.sizeOut, layer.multiChannels], [3, 6, 6, 1]);
    assert.deepEqual([new FFUpDown([2, 3]).size, new FFUpDown({ weights: [2, 3] }).sizeIn], [12, 2]);
    const matrix = new FFUpDown([
      [9, 9, 9, 9, 9, 9, 9, 9],
      [9, 9, 9, 9, 9, 9, 9, 9],
    ]);
    assert.deepEqual([matrix.sizeIn, matrix.size, matrix.multiChannels], [2, 8, 2]);
    assert.deepEqual(matrix.weights.shape, [2, 8]);
    assert.ok(layer.state.every(Number.isNaN));
  });

  it('lets the reference decay where it has a time constant, from the first sample on', () => {
    const layer = new FFUpDown(2, { thrUp: 0.1, thrDown: 0.1, dt: 1, tauDecay: [4, null] });
    const input = series([
      [1, 1],
      [1, 1],
    ]);
    const copy = Array.from(input.samples.data);
    assert.deepEqual(channelsOf(layer.evolve(input)), [0, 0, 0, 0]);
    assertClose(layer.state, [0.9125, 1]);
    assertSame(input.samples.data, copy);
    layer.tauDecay[0] = null;
    layer.thrUp[1] = 0.25;
    assert.deepEqual(
      channelsOf(layer.evolve(null, { numTimesteps: 1 })),
      [1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3],
    );
    layer.tauDecay[0] = 0.5;
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
      'ERR_VALUE',
    );
  });

  it('repeats events and gives channels their turns', () => {
    const input = series([
      [0, 0],
      [1.6, -1.2],
      [0, 0],
    ]);
    const options = { thrUp: 0.5, thrDown: 0.5, dt: 1, repeatOutput: 2 };
    const all = [0, 1, 2, 0, 1, 2, 9, 10, 11, 9, 4, 5, 3, 4, 5, 3, 7, 8, 6, 7];
    assert.deepEqual(channelsOf(new FFUpDown([2, 3], options).evolve(input)), all);
    const own = new FFUpDown([2, 3], { ...options, roundRobin: 'perChannel' });
    assert.deepEqual(channelsOf(own.evolve(input, { numTimesteps: 2 })), [0, 1, 2, 0, 1, 2, 9, 10, 11, 9]);
    const restored = Layer.loadFromDict(own.toDict({ includeState: true }));
    for (const layer of [own, restored])
      assert.deepEqual(channelsOf(layer.evolve(input) as TSEvent), [3, 4, 5, 3, 4, 5, 6, 7, 8, 6]);
    for (const layer of [own, restored])
      assert.deepEqual(
        channelsOf(
          layer.evolve(
            series([
              [0, 0],
              [0, 0],
              [0, 0],
              [0, -0.6],
            ]),
          ) as TSEvent,
        ),
        [10, 11],
      );
    assert.throws(() => own.restore({ ...own.snapshot(), turns: new Float64Array(4).fill(3) }), /turns/);
  });

  it('stamps events where it is told to', () => {
    const stamps = (spikeTime: 'start' | 'mid' | 'end') =>
      Array.from(new FFUpDown(1, { thrUp: 1, dt: 1, spikeTime }).evolve(series([0, 1, 2])).times);
    assert.deepEqual(stamps('start'), [1, 2]);
    assert.deepEqual(stamps('mid'), [1.5, 2.5]);
    assert.deepEqual(stamps('end'), [2, 2.99]);
  });

  it('gives bit for bit the same in pieces and off the event loop, noise included', async () => {
    const input = bandLimited(2000, 3, 40);
    for (const noiseStd of [0, 0.05]) {
      const make = () =>
        new FFUpDown([3, 2], {
          dt,
          thrUp: 0.07,
          thrDown: [0.05, 0.1, 0.2],
          tauDecay: [0.1, null, 1],
          roundRobin: 'perChannel',
          noiseStd,
          seed: 4,
        });
      const whole = pairs(make().evolve(input));
      assert.ok(whole.length > 500);
      assert.deepEqual(pairs(await make().evolveAsync(input)), whole);
      for (const size of [1, 33, 700]) {
        const layer = make();
        const all: [number, number][] = [];
        for (let done = 0; done < 2000; done += size) {
          const options = { numTimesteps: Math.min(size, 2000 - done) };
          all.push(...pairs(done % 2 === 0 ? layer.evolve(input, options) : await layer.evolveAsync(input, options)));
        }
        assert.deepEqual(all, whole, `pieces of ${size}`);
      }
    }
  });

  it('continues a state that was set, and begins with the input after a reset', () => {
    const layer = new FFUpDown(2, { thrUp: 1, thrDown: 1, dt: 1 });
    layer.state = [0, 5];
    assert.deepEqual(channelsOf(layer.evolve(series([[2, 3]]))), [0, 0, 3, 3]);
    layer.resetState();
    assert.ok(layer.state.every(Number.isNaN));
    assert.equal(
      layer.evolve(
        series([
          [7, 7],
          [7, 7],
        ]),
      ).length,
      0,
    );
    assertSame(layer.state, [7, 7]);
    layer.state = null;
    assert.ok(layer.state.every(Number.isNaN));
    layer.state = 4;
    assertSame(layer.state, [4, 4]);
    assert.equal(
      codeOf(() => (layer.state = [1, 2, 3])),
      'ERR_SHAPE',
    );
    layer.resetAll();
    assert.equal(layer.t, 0);
  });

  it('goes through a dictionary', () => {
    const layer = new FFUpDown([2, 2], {
      dt,
      thrUp: [0.1, 0.2],
      tauDecay: [null, 0.5],
      spikeTime: 'start',
      name: 'cochlea',
    });
    const config = layer.toDict();
    assert.deepEqual(config, {
      class_name: 'FFUpDown',
      ...{ name: 'cochlea', weights: [new Array(8).fill(0), new Array(8).fill(0)], dt, noise_std: 0, repeat_output: 1 },
      ...{ max_num_timesteps: 5000, multiplex_spikes: true, tau_decay: [null, 0.5], thr_up: [0.1, 0.2] },
      ...{ thr_down: [1e-3, 1e-3], spike_time: 'start' },
    });
    const text = JSON.parse(JSON.stringify(layer)) as Record<string, unknown>;
    assert.deepEqual(Layer.loadFromDict(text).toDict(), config);
    const loaded = Layer.loadFromDict(layer.toDict({ includeState: true }));
    assert.ok(loaded.state.length === 2 && loaded.state.every(Number.isNaN));
  });

  it('refuses wrong arguments, by name', () => {
    const make = (options: object) => () => new FFUpDown(2, options);
    const wrong: [string, RegExp, () => unknown][] = [
      ['ERR_TYPE', /weights/, () => new FFUpDown(undefined as never)],
      ['ERR_VALUE', /weights/, () => new FFUpDown(0)],
      ['ERR_VALUE', /weights/, () => new FFUpDown(1.5)],
      ['ERR_VALUE', /weights\[1\]/, () => new FFUpDown([2, 0])],
      ['ERR_SHAPE', /weights/, () => new FFUpDown([1, 2, 3])],
      ['ERR_SHAPE', /weights/, () => new FFUpDown([[1, 2, 3]])],
      ['ERR_VALUE', /weights/, () => new FFUpDown(2 ** 31)],
      ['ERR_VALUE', /thrUp/, make({ thrUp: 0 })],
      ['ERR_VALUE', /thrDown\[1\]/, make({ thrDown: [1, -1] })],
      ['ERR_VALUE', /thrUp/, make({ thrUp: NaN })],
      ['ERR_SHAPE', /thrUp/, make({ thrUp: [1, 2, 3] })],
      ['ERR_VALUE', /tauDecay\[0\]/, make({ tauDecay: 1e-4 })],
      ['ERR_VALUE', /tauDecay\[1\]/, make({ tauDecay: [null, 0] })],
      ['ERR_TYPE', /tauDecay\[1\]/, make({ tauDecay: [null, 'a'] })],
      ['ERR_SHAPE', /tauDecay/, make({ tauDecay: [null, null, 1] })],
      ['ERR_VALUE', /repeatOutput/, make({ repeatOutput: 0 })],
      ['ERR_VALUE', /maxNumTimesteps/, make({ maxNumTimesteps: 0 })],
      ['ERR_TYPE', /multiplexSpikes/, make({ multiplexSpikes: 1 })],
      ['ERR_VALUE', /roundRobin/, make({ roundRobin: 'mine' })],
      ['ERR_VALUE', /spikeTime/, make({ spikeTime: 'late' })],
      ['ERR_VALUE', /dt/, make({ dt: 0 })],
      ['ERR_TYPE', /the option 'tau'/, make({ tau: 1 })],
      ['ERR_SHAPE', /tsInput/, () => new FFUpDown(2).evolve(series([[1, 2, 3]]))],
      ['ERR_SHAPE', /weights/, () => (new FFUpDown(2).weights = [1, 2])],
      ['ERR_VALUE', /tauDecay/, () => (new FFUpDown(2, { tauDecay: 0.1 }).dt = 1)],
    ];
    for (const [code, message, fn] of wrong) {
      assert.equal(codeOf(fn), code, String(fn));
      assert.throws(fn, message);
    }
    const layer = new FFUpDown(1, { thrUp: 0, multiplexSpikes: false });
    assert.equal(
      codeOf(() => (layer.multiplexSpikes = true)),
      'ERR_VALUE',
    );
    assert.equal(layer.multiplexSpikes, false);
    layer.thrUp = 1;
    layer.multiplexSpikes = true;
    layer.thrUp[0] = 0;
    assert.equal(
      codeOf(() => layer.evolve(null, { numTimesteps: 1 })),
      'ERR_VALUE',
    );
  });

  it('stays as it was when the input is out of reach, or a run is aborted', async () => {
    const layer = new FFUpDown(1, { thrUp: 1e-3, dt: 1, name: 'ear' });
    layer.evolve(series([1]));
    const before = layer.snapshot();
    const far = series([0, 1e9]);
    for (const run of [async () => layer.evolve(far), () => layer.evolveAsync(far)])
      await assert.rejects(run, { code: 'ERR_VALUE', message: /2\^31 thresholds/ });
    const loud = series([0, Infinity]);
    for (const run of [async () => layer.evolve(loud), () => layer.evolveAsync(loud)])
      await assert.rejects(run, { code: 'ERR_NOT_FINITE', message: /^FFUpDown 'ear': / });
    assert.deepEqual(layer.snapshot(), before);

    const noisy = new FFUpDown(200, { noiseStd: 1, thrUp: 3, thrDown: 3 });
    const controller = new AbortController();
    const running = noisy.evolveAsync(null, { numTimesteps: 300_000, signal: controller.signal });
    assert.equal(
      codeOf(() => noisy.evolve(null, { numTimesteps: 1 })),
      'ERR_BUSY',
    );
    assert.equal(
      codeOf(() => (noisy.thrUp = 1)),
      'ERR_BUSY',
    );
    await wait(20);
    controller.abort();
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.ok(noisy.state.every(Number.isNaN));
    assert.equal(noisy.timestep, 0);
  });
});

describe('UpDownDecoder', () => {
  it('gives a band-limited signal again, to within a threshold', async () => {
    const input = bandLimited(3000, 4, 30);
    const [thrUp, thrDown] = [
      [0.02, 0.05, 0.02, 0.1],
      [0.02, 0.05, 0.04, 0.1],
    ];
    for (const more of [{}, { tauDecay: [0.2, null, 1, 0.05] }, { repeatOutput: 3 }]) {
      for (const n of [1, 3]) {
        const layer = new FFUpDown([4, n], { dt, thrUp, thrDown, ...more });
        const decoder = layer.decoder(input.samples.row(0));
        const events = layer.evolve(input);
        const signal = decoder.evolve(events);
        assert.deepEqual([signal.length, signal.numChannels, signal.tStart, signal.tStop], [3000, 4, 0, 3]);
        assertSame(decoder.state, layer.state);
        for (let k = 0; k < 3000; k++)
          for (let c = 0; c < 4; c++) {
            const error = input.samples.get(k, c) - signal.samples.get(k, c);
            assert.ok(
              error < thrUp[c] + 1e-12 && error > -thrDown[c] - 1e-12,
              `off by ${error} in channel ${c} at step ${k}`,
            );
          }
        const { tauDecay, repeatOutput } = layer;
        const options = { dt, thrUp, thrDown, tauDecay, repeatOutput, initial: input.samples.row(0), multiChannels: n };
        assertSame(decodeUpDown(events, options).samples.data, signal.samples.data);
        decoder.resetAll();
        const pieces: number[] = [];
        for (let done = 0; done < 3000; done += 700) {
          const options = { numTimesteps: Math.min(700, 3000 - done) };
          const piece = done === 700 ? decoder.evolve(events, options) : await decoder.evolveAsync(events, options);
          pieces.push(...piece.samples.data);
        }
        assertSame(pieces, signal.samples.data);
      }
    }
  });

  it('continues where the encoder is, and decodes what comes later', () => {
    const layer = new FFUpDown(1, { dt: 1, thrUp: 0.5, thrDown: 0.5 });
    layer.evolve(series([1, 1.6, 1.6]));
    const decoder = layer.decoder();
    assert.deepEqual([decoder.t, Array.from(decoder.initial)], [3, [1.5]]);
    const later = series([0, 0, 0, 3, 4, 2]);
    assertSame(decoder.evolve(layer.evolve(later)).samples.data, [3, 4, 2]);
    assertSame(new FFUpDown(1).decoder().initial, [0]);
  });

  it('is a layer: text, weights, dictionary, network, no events', () => {
    const decoder = new UpDownDecoder([1, 2], {
      dt: 1,
      thrUp: 0.5,
      thrDown: 0.25,
      repeatOutput: 2,
      initial: 3,
      name: 'back',
    });
    assert.equal(String(decoder), 'UpDownDecoder object: "back" [4 TSEvent in -> 1 internal -> 1 TSContinuous out]');
    assertSame(decoder.weights.data, [0.25, 0.25, -0.125, -0.125]);
    assert.equal(
      codeOf(() => (decoder.weights = 1)),
      'ERR_TYPE',
    );
    const loaded = Layer.loadFromDict(decoder.toDict({ includeState: true })) as UpDownDecoder;
    assert.deepEqual(loaded.toDict(), decoder.toDict());
    assertSame(loaded.evolve(new TSEvent([0.5, 1.5, 1.5], [1, 2, 3], { tStop: 2 })).samples.data, [3.25, 3]);
    assertSame(decoder.evolve(null, { numTimesteps: 2 }).samples.data, [3, 3]);
    assert.equal(decoder.evolve(null, { numTimesteps: 0 }).length, 0);
    const encoder = new FFUpDown(1, { dt: 1, thrUp: 0.5, thrDown: 0.5, name: 'there' });
    const net = new Network([encoder, encoder.decoder(1)]);
    assertSame((net.evolve(series([1, 2, 3]))['there decoder'] as TSContinuous).samples.data, [1, 2, 3]);
  });

  it('refuses wrong arguments, by name', () => {
    const events = new TSEvent([0.5], [3], { tStop: 1, numChannels: 4 });
    const wrong: [string, RegExp, () => unknown][] = [
      ['ERR_TYPE', /tsEvents/, () => decodeUpDown(null as never)],
      ['ERR_VALUE', /tsEvents.numChannels/, () => decodeUpDown(events, { multiChannels: 3 })],
      ['ERR_VALUE', /multiChannels/, () => decodeUpDown(events, { multiChannels: 0 })],
      ['ERR_TYPE', /the option 'name'/, () => decodeUpDown(events, { name: 'a' } as never)],
      ['ERR_SHAPE', /initial/, () => decodeUpDown(events, { initial: [1, 2, 3] })],
      ['ERR_INDEX', /channels/, () => new UpDownDecoder(1).evolve(events)],
      ['ERR_TYPE', /shape/, () => new UpDownDecoder({} as never)],
      ['ERR_TYPE', /tsInput/, () => new UpDownDecoder(1).evolve(series([1]))],
    ];
    for (const [code, message, fn] of wrong) {
      assert.equal(codeOf(fn), code, String(fn));
      assert.throws(fn, message);
    }
  });
});
