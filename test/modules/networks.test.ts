import assert from 'node:assert/strict';
import { type Matrix, Module, NdArray } from 'rockpool-node';
import { LIF, LIFBitshiftTorch, Linear, Rate } from 'rockpool-node/nn/modules';
import { SynNet, WaveSenseNet } from 'rockpool-node/nn/networks';

const numbers = (value: unknown): number[] => Array.from((value as NdArray).data);

function spikes(batch: number, steps: number, channels: number): NdArray {
  let s = 3;
  const data = Float64Array.from({ length: batch * steps * channels }, () => {
    s = (s * 16807) % 2147483647;
    return s % 4 === 0 ? 1 : 0;
  });
  return new NdArray(data, [batch, steps, channels]);
}

const reload = (module: Module): Module => Module.loadFromDict(JSON.parse(JSON.stringify(module)) as object);

describe('SynNet', () => {
  it('has layers of neurons with quantised powers of a time constant', () => {
    const net = new SynNet(3, 16, { sizeHiddenLayers: [12, 20], timeConstantsPerLayer: [10, 2], pDropout: 0.1 });
    assert.deepEqual(Object.keys(net.modules()), [
      ...['0_linear', '0_neurons', '0_dropout', '1_linear', '1_neurons', '1_dropout', 'out_linear', 'out_neurons'],
    ]);
    assert.deepEqual(net.shape, [16, 3]);
    const hidden = net.get<LIF>('0_neurons');
    const ms = numbers(hidden.tauSyn).map((tau) => Number((tau * 1e3).toPrecision(5)));
    assert.deepEqual(ms, [1.4427, 3.4761, 7.4889, 15.495, 31.497, 63.499, 127.5, 255.5, 511.5, 1023.5, 1.4427, 3.4761]);
    assert.ok(Math.abs((hidden.tauMem as number) - 1.4427e-3) < 1e-7);
    assert.deepEqual(Object.keys(net.parameters('taus')), []);
    assert.deepEqual(Object.keys(net.parameters('weights')), ['0_linear', '1_linear', 'out_linear']);
    assert.equal(hidden.maxSpikesPerDt, 31);
  });

  it('time constants and thresholds are parameters where they are trained', () => {
    const net = new SynNet(2, 4, { trainTimeConstants: true, trainThreshold: true, quantizeTimeConstants: false });
    assert.deepEqual(Object.keys(net.parameters('taus')), ['0_neurons']);
    assert.deepEqual(Object.keys(net.parameters('thresholds')), ['0_neurons']);
    assert.equal(net.get<LIF>('0_neurons').tauMem, 2e-3);
  });

  it('spikes at most once a step in its output, or gives membrane potentials', () => {
    const input = spikes(2, 60, 8);
    const [output, state, record] = new SynNet(3, 8, { seed: 1, threshold: 0.3 }).evolve(input, { record: true });
    assert.deepEqual(output.shape, [2, 60, 3]);
    assert.ok(numbers(output).every((n) => n === 0 || n === 1) && numbers(output).includes(1));
    assert.deepEqual(Object.keys(state), ['0_linear', '0_neurons', 'out_linear', 'out_neurons']);
    assert.ok(Math.max(...numbers(record['0_neurons_output'])) > 1);
    const vmem = new SynNet(3, 8, { seed: 1, output: 'vmem' }).evolve(input)[0];
    assert.ok(numbers(vmem).some((v) => !Number.isInteger(v)));
    assert.equal(new SynNet(3, 8, { output: 'vmem' }).spikingOutput, false);
  });

  it('is saved and loaded, with another class of neurons', () => {
    const net = new SynNet(3, 8, { sizeHiddenLayers: [7], neuronModel: LIFBitshiftTorch });
    const loaded = reload(net) as SynNet;
    assert.ok(loaded instanceof SynNet && loaded.get('0_neurons') instanceof LIFBitshiftTorch);
    net.get<Linear>('0_linear').weight.data[3] = 0.5;
    const again = reload(net);
    assert.deepEqual(numbers(again.evolve(spikes(1, 30, 8))[0]), numbers(net.evolve(spikes(1, 30, 8))[0]));
  });

  it('wrong arguments', () => {
    assert.throws(() => new SynNet(2, 4, { sizeHiddenLayers: [5, 5] }), RangeError);
    assert.throws(() => new SynNet(2, 4, { tauSynBase: 1e-3 }), RangeError);
    assert.throws(() => new SynNet(2, 4, { output: 'isyn' as 'vmem' }), RangeError);
    assert.throws(() => new SynNet(2, 4, { output: 'vmem', thresholdOut: 2 }), RangeError);
    assert.throws(() => new SynNet(2, 4, { neuronModel: Rate }), TypeError);
    assert.throws(() => new SynNet(2, 4, { classes: 2 } as object), TypeError);
  });
});

describe('WaveSenseNet', () => {
  const small = { nChannelsIn: 6, nChannelsRes: 8, nChannelsSkip: 9, nHidden: 10, kernelSize: 3, seed: 2 };

  it('has blocks with dilated time constants', () => {
    const net = new WaveSenseNet([1, 4], { ...small, baseTauSyn: 10e-3 });
    const blocks = net.modules() as unknown as Record<string, Module>;
    const { spk1, lin1 } = blocks['wave1'].modules() as unknown as { spk1: LIF; lin1: Linear };
    assert.deepEqual(numbers(spk1.tauSyn), [10e-3, 40e-3, 80e-3]);
    assert.equal(spk1.tauMem, 80e-3);
    assert.deepEqual(lin1.shape, [8, 24]);
    const bound = (Math.sqrt(6 / 8) * 1) / 80;
    const largest = Math.max(...numbers(lin1.weight).map(Math.abs));
    assert.ok(largest <= bound && largest > 0.9 * bound);
  });

  it('adds what a block is given to what it spikes, and the skips of all blocks', () => {
    const net = new WaveSenseNet([1, 2], { ...small, threshold: 0.1, thresholdOut: 0.1 });
    const [output, state, record] = net.evolve(spikes(2, 50, 6), { record: true });
    assert.deepEqual(output.shape, [2, 50, 2]);
    assert.deepEqual(Object.keys(state), ['lin1', 'spk1', 'wave0', 'wave1', 'hidden', 'spk2', 'readout', 'spk_out']);
    const inner = record['wave0'] as Record<string, Matrix>;
    const input = numbers(record['spk1_output']);
    const sum = numbers(inner['spk2_res_output']).map((n, i) => n + input[i]);
    assert.deepEqual(numbers(record['wave0_output']), sum);
    assert.ok(sum.some((n) => n > 0));
  });

  it('in pieces, off the event loop and after saving the same', async () => {
    const options = { ...small, threshold: 0.1, thresholdOut: 0.1 };
    const input = spikes(1, 40, 6);
    const whole = new WaveSenseNet([1, 2], options).evolve(input)[0];
    const net = new WaveSenseNet([1, 2], options);
    const piece = (from: number, to: number): NdArray =>
      new NdArray(input.data.slice(from * 6, to * 6), [to - from, 6]);
    const first = (await net.evolveAsync(piece(0, 15)))[0];
    const loaded = Module.loadFromDict(JSON.parse(JSON.stringify(net.toDict({ includeState: true }))) as object);
    assert.deepEqual([...numbers(first), ...numbers(loaded.evolve(piece(15, 40))[0])], numbers(whole));
  });

  it('wrong arguments', async () => {
    assert.throws(() => new WaveSenseNet([0]), RangeError);
    assert.throws(() => new WaveSenseNet([1], { kernelSize: 0 }), RangeError);
    assert.throws(() => new WaveSenseNet([1], { neuronModel: Rate }), TypeError);
    const net = new WaveSenseNet([1], small);
    const before = net.snapshot();
    await assert.rejects(net.evolveAsync(spikes(1, 30, 6), { signal: AbortSignal.abort() }), { code: 'ERR_ABORTED' });
    assert.deepEqual(net.snapshot(), before);
  });
});

describe('networks in single precision', () => {
  it('are computed in it from end to end, and saved with it', () => {
    const networks = [
      (precision: 'float64' | 'float32') => new SynNet(2, 4, { seed: 1, precision, output: 'vmem' }),
      (precision: 'float64' | 'float32') => new WaveSenseNet([2, 4], { nChannelsIn: 4, seed: 1, precision }),
    ];
    for (const make of networks) {
      const input = NdArray.from(
        Array.from({ length: 50 }, (_, k) => Array.from({ length: 4 }, (_, i) => ((k * 7 + i) % 3 === 0 ? 30 : 0))),
      );
      const [single, double] = [make('float32').evolve(input)[0], make('float64').evolve(input)[0]];
      assert.equal(single.dtype, 'float32');
      assert.ok(double.data.some((x) => x !== 0));
      const off = double.data.filter((x, i) => Math.abs(x - single.data[i]) > 1e-3).length;
      assert.ok(off <= double.size / 50, `${off} of ${double.size} differ`);
      const net = make('float32');
      assert.deepEqual((net.constructor as typeof SynNet).loadFromDict(net.toDict()).evolve(input)[0], single);
    }
  });
});
