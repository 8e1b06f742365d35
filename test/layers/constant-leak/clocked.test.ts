import assert from 'node:assert/strict';
import { TSEvent } from 'rockpool-node';
import {
  ConvolutionWeights,
  FFCLIAF,
  FFCLIAFCNNTorch,
  Layer,
  RecCLIAF,
  SoftMaxLayer,
  type WeightOperator,
} from 'rockpool-node/layers';
import { countsOf, randomEvents } from '../event-helpers';
import { codeOf } from '../helpers';
import { assertClose, assertSame, matrix, numbers, warningsOf } from '../rate-helpers';
import { spikesOf } from './helpers';

const everyStep = (n: number, skip: readonly number[] = []): TSEvent => {
  const kept = Array.from({ length: n }, (_, k) => k).filter((k) => !skip.includes(k));
  return new TSEvent(
    kept.map((k) => k + 0.5),
    0,
    { tStop: n },
  );
};

describe('FFCLIAF', () => {
  it('gives the numbers of the reference', () => {
    const layer = new FFCLIAF([[3]], { bias: -0.25, monitorId: true });
    assert.equal(layer.dt, 1);
    const output = layer.evolve(everyStep(7, [4]));
    assertSame(output.times, [2.5, 6.5]);
    assertSame(
      layer.tsRecorded!.samples.data.filter((_, i) => i % 2 === 0),
      [0, 2.75, 5.5, 0.25, 3, 2.75, 5.5, 0.25],
    );
    assertSame(layer.tsRecorded!.times, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7]);
    assert.deepEqual(layer.tsState!.shape, [15, 3]);
    assertSame(layer.tsState!.row(5), [3, 0, 8.25]);
    assert.deepEqual([output.tStart, output.tStop, output.numChannels, output.name], [0, 7, 1, 'unnamed']);
    layer.monitorId = false;
    layer.evolve(null, { numTimesteps: 1 });
    assert.equal(layer.tsRecorded, null);
    assert.equal(layer.tsState, null);
  });

  it('counts events of a step, or takes them once', () => {
    const events = new TSEvent([0.1, 0.2, 0.3, 1.5], 0, { tStop: 2 });
    const layer = new FFCLIAF([[4]]);
    assert.deepEqual(spikesOf(layer, events), [
      [0.5, 0],
      [1.5, 0],
    ]);
    layer.resetAll();
    layer.addEvents = false;
    assert.deepEqual(spikesOf(layer, events), [[1.5, 0]]);
    assert.equal((layer.toDict() as { add_events?: boolean }).add_events, false);
  });

  it('spikes several times in a step, and where in it is an option', () => {
    const events = new TSEvent([0.5], 0, { tStop: 1 });
    for (const [spikeTime, time] of [
      ['start', 0],
      ['mid', 0.5],
      ['end', 0.99],
    ] as const) {
      const layer = new FFCLIAF([[25]], { spikeTime });
      assert.deepEqual(spikesOf(layer, events), [
        [time, 0],
        [time, 0],
        [time, 0],
      ]);
      assertSame(layer.state, [1]);
      assert.equal(
        Layer.loadFromDict(layer.toDict()).toDict()['spike_time'],
        spikeTime === 'mid' ? undefined : spikeTime,
      );
    }
    assert.deepEqual(spikesOf(new FFCLIAF([[25]], { vSubtract: null, vReset: 2 }), events), [[0.5, 0]]);
  });

  it('takes an operator of yours, which no dictionary can hold', async () => {
    const w = matrix(4, 5, 3, 9);
    const events = randomEvents(300, 4, 1, 50);
    const rows: number[][] = [];
    const operator: WeightOperator = {
      shape: [4, 5],
      apply(row) {
        rows.push([...row]);
        return Array.from({ length: 5 }, (_, j) => row.reduce((sum, x, i) => sum + x * w.data[5 * i + j], 0));
      },
    };
    const plain = new FFCLIAF(w);
    const layer = new FFCLIAF(operator);
    const expected = spikesOf(plain, events);
    assert.ok(expected.length > 20);
    assert.deepEqual(spikesOf(layer, events), expected);
    assert.deepEqual(rows, countsOf(events, 4, 1, 50));
    assertClose(layer.state, plain.state);
    layer.resetAll();
    assert.deepEqual([...(await layer.evolveAsync(events))], expected);
    assert.equal(layer.weights, operator);
    assert.equal(
      codeOf(() => layer.toDict()),
      'ERR_STATE',
    );
    const failing = new FFCLIAF({ shape: [4, 5], apply: () => [1] });
    assert.equal(
      codeOf(() => failing.evolve(events)),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => new FFCLIAF({ shape: [4, 5], apply: () => [NaN, 0, 0, 0, 0] }).evolve(events)),
      'ERR_VALUE',
    );
    const calling: FFCLIAF = new FFCLIAF({
      shape: [4, 5],
      apply: () => calling.evolve(events) as never,
    });
    assert.equal(
      codeOf(() => calling.evolve(events)),
      'ERR_BUSY',
    );
    assert.equal(
      codeOf(() => new FFCLIAF({ shape: [4], apply: () => 0 })),
      'ERR_SHAPE',
    );
    layer.weights = w;
    layer.resetAll();
    assert.deepEqual(spikesOf(layer, events), expected);
    assert.equal(
      codeOf(() => (layer.weights = { shape: [5, 4], apply: () => 0 } as never)),
      'ERR_SHAPE',
    );
  });
});

describe('RecCLIAF', () => {
  const options = { bias: -0.5, dt: 1, delay: 2, refractory: 2, stateType: 'int8', monitorId: true } as const;
  const make = () =>
    new RecCLIAF(
      [[3, 5]],
      [
        [0, 2],
        [-4, 0],
      ],
      options,
    );

  it('gives the numbers of the reference', () => {
    const layer = make();
    assert.deepEqual(spikesOf(layer, everyStep(10)), [
      [1.5, 1],
      [5.5, 0],
      [5.5, 1],
      [9.5, 1],
    ]);
    assertSame(layer.state, [4, 0]);
    const { data } = layer.tsRecorded!.samples;
    assertSame(
      data.filter((_, i) => i % 2 === 0),
      [0, 2, 2, 4, 4, 6, 6, 4, 4, 6, 6, 8, 0, 0, 0, 0, 0, 2, 2, 4, 4],
    );
    assertSame(
      data.filter((_, i) => i % 2 === 1),
      [0, 4, 4, 8, 0, 0, 0, 0, 0, 4, 4, 8, 0, 0, 0, 0, 0, 4, 4, 8, 0],
    );
    assert.deepEqual([layer.delay, layer.tTauBias, [...layer.refractory]], [2, 1, [2, 2]]);
  });

  it('does not let a refractory neuron spike', () => {
    const layer = new RecCLIAF([[100]], [[0]], { dt: 1, refractory: 3 });
    assert.deepEqual(
      spikesOf(layer, new TSEvent([0.5], 0, { tStop: 9 })).map(([time]) => time),
      [0.5, 4.5, 8.5],
    );
  });

  it('adds the bias at its interval, whatever the clock begins with', () => {
    const layer = new RecCLIAF([[1]], [[0]], { dt: 1, bias: -1, tTauBias: 3, monitorId: true });
    const states: number[] = [];
    for (const numTimesteps of [1, 4, 4]) {
      layer.evolve(null, { numTimesteps });
      states.push(...layer.tsRecorded!.samples.data.filter((_, i) => i > 0 && i % 2 === 0));
    }
    assertSame(states, [0, 0, -1, -1, -1, -2, -2, -2, -3]);
  });

  it('moves spikes under way when the delay changes', () => {
    const after = (change: (layer: RecCLIAF) => void): number[] => {
      const layer = new RecCLIAF(
        [[8, 0]],
        [
          [0, 8],
          [0, 0],
        ],
        { dt: 1, delay: 5 },
      );
      layer.evolve(new TSEvent([0.5], 0, { tStop: 3 })); // arrives in step 5
      change(layer);
      return spikesOf(layer, null, { numTimesteps: 10 }).map(([time]) => time);
    };
    assert.deepEqual(
      after(() => undefined),
      [5.5],
    );
    assert.deepEqual(
      after((layer) => (layer.delay = 7)),
      [7.5],
    );
    assert.deepEqual(
      after((layer) => (layer.delay = 3)),
      [3.5],
    );
    assert.deepEqual(
      after((layer) => layer.resetTime()),
      [2.5],
    );
    assert.deepEqual(
      after((layer) => layer.resetState()),
      [],
    );
    let lost: number[] = [];
    const codes = warningsOf(() => (lost = after((layer) => (layer.delay = 2))));
    assert.deepEqual([lost, codes], [[], ['SPIKES_LOST']]);
  });

  it('keeps states in their type, and tells of fractions that are lost', () => {
    const layer = new RecCLIAF([[100]], [[0]], { dt: 1, vThresh: 1000, stateType: 'int8' });
    layer.evolve(everyStep(3));
    assertSame(layer.state, [127]);
    layer.stateType = 'int16';
    layer.evolve(null, { numTimesteps: 1 });
    layer.state = 1e6;
    assertSame(layer.state, [32767]);
    layer.stateType = 'uint8';
    assertSame(layer.state, [255]);
    layer.state = -3.7;
    assertSame(layer.state, [0]);
    const fractional = () => new RecCLIAF([[0.5]], [[0]], { stateType: 'int32' });
    assert.deepEqual(warningsOf(fractional), ['WEIGHTS_FRACTIONAL']);
    assert.deepEqual(
      warningsOf(() => (layer.weightsIn = [[0.5]])),
      ['WEIGHTS_FRACTIONAL'],
    );
    assert.equal(
      codeOf(() => (layer.stateType = 'complex' as never)),
      'ERR_VALUE',
    );
  });

  it('keeps numbers of steps when dt changes', () => {
    const layer = make();
    layer.dt = 0.5;
    assert.deepEqual([layer.delay, layer.tTauBias, [...layer.refractory]], [1, 0.5, [1, 1]]);
    layer.refractory = [0.3, 1.2];
    assert.deepEqual([...layer.refractory], [0, 1]);
    layer.delay = null;
    assert.equal(layer.delay, 0.5);
    assert.equal(
      codeOf(() => (layer.delay = 0.4)),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => new RecCLIAF([[1]], [[1]], { dt: 1, tTauBias: 0.5 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => new RecCLIAF([[1, 2]], [[1]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => new RecCLIAF([[1]], [[1, 2]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => new RecCLIAF({ weightsIn: [[1]] } as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new RecCLIAF([[1]], [[1]], { refractory: -1 })),
      'ERR_VALUE',
    );
  });

  it('says which subtraction cannot end', () => {
    const layer = new RecCLIAF([[100]], [[0]], { dt: 1, vThresh: -10, vSubtract: 0.25, stateType: 'int8' });
    assert.throws(() => layer.evolve(everyStep(1)), { code: 'ERR_STATE', message: /v_subtract\[0\]/ });
    assertSame(layer.state, [0]);
    assert.equal(layer.t, 0);
  });
});

describe('SoftMaxLayer', () => {
  it('emits the soft-max of what it has added up', () => {
    const layer = new SoftMaxLayer([
      [Math.log(3), 0],
      [0, 1000],
    ]);
    const output = layer.evolve(new TSEvent([0.5, 2.5], [0, 1], { tStop: 4 }));
    assertSame(output.times, [0, 1, 2, 3]);
    assertClose(output.samples.data, [0.75, 0.25, 0.75, 0.25, 0, 1, 0, 1]);
    assert.deepEqual([output.tStop, output.name, output.numChannels], [4, 'SoftMaxOutput', 2]);
    assert.deepEqual((layer.toDict() as { thresh?: number }).thresh, 1e10);
    layer.thresh = [2000, 1500];
    assert.throws(() => layer.evolve(new TSEvent([4.5], 1, { tStop: 5, numChannels: 2 })), { code: 'ERR_STATE' });
    assert.equal(layer.t, 4);
    assert.deepEqual(Layer.loadFromDict(layer.toDict()).toDict()['thresh'], [2000, 1500]);
    assert.equal(
      codeOf(() => new SoftMaxLayer(undefined as never)),
      'ERR_TYPE',
    );
  });
});

describe('FFCLIAFCNNTorch', () => {
  const data = { data: numbers(2 * 3 * 2 * 2, 8, 9), shape: [2, 3, 2, 2] };

  it('is FFCLIAF with the matrix of the convolution', () => {
    const weights = new ConvolutionWeights({ data, inpShape: [3, 4, 5], strides: [2, 1], padding: [1, 0, 2, 1] });
    assert.deepEqual(
      [weights.shape, weights.outShape, weights.kernelSize],
      [
        [60, 2 * 3 * 5],
        [2, 3, 5],
        [2, 2],
      ],
    );
    const [m, n] = weights.shape;
    const dense = new Float64Array(m * n);
    for (let i = 0; i < m; i++)
      dense.set(weights.apply(Float64Array.from({ length: m }, (_, k) => Number(k === i))), i * n);
    const events = randomEvents(3000, m, 1, 100);
    const layer = new FFCLIAFCNNTorch(weights, { bias: -0.25, fVThresh: 5, fVSubtract: 2 });
    const plain = new FFCLIAF({ data: dense, shape: [m, n] }, { bias: -0.25, vThresh: 5, vSubtract: 2 });
    const spikes = spikesOf(layer, events);
    assert.ok(spikes.length > 200);
    assert.deepEqual(spikes, spikesOf(plain, events));
    assertClose(layer.state, plain.state, 1e-9);
    assert.deepEqual([layer.fVThresh[0], layer.fVReset[0], layer.fVSubtract![0]], [5, 0, 2]);
    layer.fVThresh = 1e9;
    assert.equal(spikesOf(layer, events.delay(100)).length, 0);
  });

  it('reads images with the channels last', () => {
    const channelsLast = new ConvolutionWeights({
      data: { data: data.data, shape: [2, 2, 3, 2] },
      inpShape: [4, 5, 3],
      imgDataFormat: 'channels_last',
    });
    assert.deepEqual(
      [channelsLast.shape, channelsLast.outShape],
      [
        [60, 24],
        [3, 4, 2],
      ],
    );
    // Pixel (1, 2), channel 1 reaches output pixel (0, 1) through kernel entry (1, 1).
    const row = new Float64Array(60);
    row[(1 * 5 + 2) * 3 + 1] = 1;
    const out = channelsLast.apply(row);
    for (const o of [0, 1]) assert.equal(out[(0 * 4 + 1) * 2 + o], data.data[((1 * 2 + 1) * 3 + 1) * 2 + o]);
    const layer = new FFCLIAFCNNTorch(channelsLast);
    assert.deepEqual(Layer.loadFromDict(layer.toDict()).toJSON(), layer.toJSON());
  });

  it('refuses what does not fit', () => {
    const make = (options: object) => () => new ConvolutionWeights({ data, inpShape: [3, 4, 5], ...options });
    for (const [options, code] of [
      [{ inpShape: [2, 4, 5] }, 'ERR_SHAPE'],
      [{ inpShape: [3, 1, 5] }, 'ERR_VALUE'],
      [{ inpShape: [3, 4] }, 'ERR_SHAPE'],
      [{ strides: 0 }, 'ERR_VALUE'],
      [{ padding: -1 }, 'ERR_VALUE'],
      [{ padding: [1, 2, 3] }, 'ERR_SHAPE'],
      [{ kernels: 3 }, 'ERR_SHAPE'],
      [{ kernelSize: 3 }, 'ERR_SHAPE'],
      [{ imgDataFormat: 'rows' }, 'ERR_VALUE'],
      [{ data: [[1]] }, 'ERR_SHAPE'],
      [{ data: undefined }, 'ERR_TYPE'],
      [{ size: 3 }, 'ERR_TYPE'],
    ] as const)
      assert.equal(codeOf(make(options)), code, JSON.stringify(options));
    assert.equal(
      codeOf(() => new FFCLIAFCNNTorch([[1]] as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new ConvolutionWeights({ data, inpShape: [3, 4, 5] }).apply([1])),
      'ERR_SHAPE',
    );
  });
});
