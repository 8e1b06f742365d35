import assert from 'node:assert/strict';
import { type Matrix, Module, NdArray, setConcurrency } from 'rockpool-node';
import {
  aLIFTorch,
  bitshiftToDecay,
  bitshiftToTau,
  decayToTau,
  ExpSynTorch,
  LIF,
  LIFBitshiftTorch,
  LIFExodus,
  LIFJax,
  LIFMembraneExodus,
  LIFNeuronTorch,
  LIFODEJax,
  LIFTorch,
  tauToBitshift,
  tauToDecay,
} from 'rockpool-node/nn/modules';

const single = { tauMem: 20e-3, tauSyn: 10e-3, dt: 1e-3 };
const pulse = [1, 0.5, 0, 3, 0, 0].map((x) => [x]);
const numbers = (value: unknown): number[] => Array.from((value as NdArray).data);

function close(actual: unknown, expected: readonly number[], tolerance = 1e-8): void {
  const got = numbers(actual);
  assert.equal(got.length, expected.length);
  got.forEach((x, i) =>
    assert.ok(Math.abs(x - expected[i]) <= tolerance, `element ${i}: ${x}, expected ${expected[i]}`),
  );
}

/** Deterministic numbers in [0, 1). */
function noise(n: number, seed = 1): Float64Array {
  let s = seed;
  return Float64Array.from({ length: n }, () => (s = (s * 16807) % 2147483647) / 2147483647);
}

const sequence = (batch: number, steps: number, channels: number, scale = 1): NdArray =>
  new NdArray(
    noise(batch * steps * channels).map((x) => x * scale),
    [batch, steps, channels],
  );

describe('LIF modules', () => {
  it('a single neuron: currents, potentials and spikes of the equations', () => {
    const [output, state, record] = new LIF(1, single).evolve(pulse, { record: true });
    assert.deepEqual(output.shape, [1, 6, 1]);
    assert.deepEqual(numbers(output), [0, 2, 1, 4, 3, 3]);
    close(record['isyn'], [0.904837418, 1.271149462, 1.150183597, 3.75524141, 3.397882942, 3.074531628]);
    close(record['vmem'], [0.904837418, 0.131857439, 0.275610273, 0.017410011, 0.414443857, 0.46876282]);
    assert.deepEqual((record['isyn'] as NdArray).shape, [1, 6, 1, 1]);
    close(state.vmem, [0.46876282]);
    assert.deepEqual(numbers(record['irec']), [0, 0, 0, 0, 0, 0]);
  });

  it('two synapses for each neuron, recurrence between columns of the input, bias', () => {
    const lif = new LIF([4, 2], {
      tauMem: 20e-3,
      tauSyn: [
        [10e-3, 20e-3],
        [5e-3, 10e-3],
      ],
      bias: 0.1,
      hasRec: true,
      wRec: [
        [0.1, 0, 0.2, 0],
        [0, -0.3, 0, 0.1],
      ],
    });
    const input = [
      [1, 0.5, 0, 0.25],
      [0, 0, 1.5, 0],
      [2, 0, 0, 0],
      [0, 0, 0, 3],
    ];
    const [output, , record] = lif.evolve(input, { record: true });
    assert.deepEqual(numbers(output), [1, 0, 1, 2, 3, 1, 2, 5]);
    close(
      record['vmem'],
      [0.48045213, 0.32620935, 0.91865341, 0.00682491, 0.55631636, 0.77595432, 0.94546626, 0.53271498],
      1e-8,
    );
    close(
      (record['isyn'] as NdArray).data.subarray(12) && new NdArray((record['isyn'] as Matrix).data.slice(12), [4]),
      [2.73518768, -0.4189059, 1.55828224, 3.13632216],
      1e-8,
    );
  });

  it('after-hyperpolarisation', () => {
    const [output, , record] = new aLIFTorch(1, single).evolve(pulse, { record: true });
    assert.deepEqual(numbers(output), [0, 2, 0, 1, 1, 0]);
    close(record['vmem'], [0.904837418, 0.131857439, -0.436602692, 0.711224731, 0.669039994, 0.566766643]);
    close(record['iahp'], [0, 0, -1.712212964, -1.628707352, -2.40538084, -3.144175514]);
  });

  it('Euler steps: the gain is 1, and a constant input is reached', () => {
    const lif = new LIFODEJax(2, { tauMem: 20e-3, tauSyn: 10e-3, threshold: 10 });
    const [, state] = lif.evolve(new NdArray(new Float64Array(2000).fill(0.5), [1000, 2]));
    close(state.vmem, [0.5, 0.5], 1e-9);
    close(state.isyn, [0.5, 0.5], 1e-9);
  });

  it('the variants that must agree do', () => {
    const input = sequence(2, 40, 3, 0.6);
    const want = numbers(new LIF(3, single).evolve(input)[0]);
    assert.ok(want.some((x) => x > 1));
    for (const lif of [new LIFJax(3, single), new LIFTorch(3, single), new LIFExodus(3, single)])
      assert.deepEqual(numbers(lif.evolve(input)[0]), want, lif.className);
    const [currents] = new ExpSynTorch(3, { tau: 10e-3, dt: 1e-3 }).evolve(input);
    assert.deepEqual(numbers(new LIFNeuronTorch(3, { tauMem: 20e-3, dt: 1e-3 }).evolve(currents)[0]), want);
    const tau = bitshiftToTau(4, 1e-3);
    const power = { tauMem: tau, tauSyn: tau, dt: 1e-3 };
    assert.deepEqual(
      numbers(new LIFBitshiftTorch(3, power).evolve(input)[0]),
      numbers(new LIFTorch(3, { ...power, maxSpikesPerDt: 31 }).evolve(input)[0]),
    );
  });

  it('the membrane as output does not spike', () => {
    const lif = new LIFMembraneExodus(1, single);
    assert.equal(lif.spikingOutput, false);
    const [output, state] = lif.evolve(pulse);
    assert.ok(Math.max(...numbers(output)) > 1);
    close(state.spikes, [0]);
    close(state.vmem, numbers(output).slice(-1));
  });

  it('at most so many spikes in a step', () => {
    const [output] = new LIF(1, { ...single, maxSpikesPerDt: 2 }).evolve([[100]]);
    assert.deepEqual(numbers(output), [2]);
  });

  it('leaks in three forms: one is the parameter, all can be read and set', () => {
    const lif = new LIFTorch([4, 2], { leakMode: 'decays', alpha: 0.9, beta: 0.8 });
    assert.deepEqual(Object.keys(lif.parameters()), ['alpha', 'beta', 'bias', 'threshold']);
    assert.deepEqual(Object.keys(lif.parameters('decays')), ['alpha', 'beta']);
    assert.equal(lif.tauMem, decayToTau(0.9, 1e-3));
    lif.tauMem = 20e-3;
    assert.ok(Math.abs((lif.alpha as number) - Math.exp(-0.05)) < 1e-15);
    lif.dashSyn = 3;
    assert.ok(Math.abs((lif.beta as number) - 0.875) < 1e-15);
    assert.throws(() => new LIFTorch(2, { leakMode: 'decays', tauMem: 1e-3 }), RangeError);
    assert.throws(() => new LIFTorch(2, { leakMode: 'speeds' as 'taus' }), RangeError);
    const taus = new LIFTorch(2, { tauMem: [10e-3, 20e-3] });
    assert.equal(taus.tauMem, taus.parameters().tauMem);
    close(taus.alpha, [Math.exp(-0.1), Math.exp(-0.05)], 1e-15);
  });

  it('conversions and their inverses', () => {
    for (const tau of [1e-3, 12e-3, 0.4]) {
      assert.ok(Math.abs(decayToTau(tauToDecay(tau, 1e-3), 1e-3) / tau - 1) < 1e-12);
      assert.ok(Math.abs(bitshiftToTau(tauToBitshift(tau, 1e-3), 1e-3) / tau - 1) < 1e-12);
    }
    assert.equal(bitshiftToDecay(2), 0.75);
  });

  it('bit shifts replace time constants, and are 1 at least', () => {
    const lif = new LIFBitshiftTorch(3, { tauMem: [1e-3, 17e-3, 0.1] });
    close(lif.dashMem, [1, 4, 7], 1e-9);
    lif.tauMem = NdArray.from([30e-3, 17e-3, 0.1]);
    close(lif.dashMem, [5, 4, 7], 1e-9);
    assert.equal(lif.maxSpikesPerDt, 31);
  });

  it('an element that is written takes effect', () => {
    const [a, b] = [
      new LIF(2, { ...single, tauMem: [20e-3, 20e-3] }),
      new LIF(2, { ...single, tauMem: [20e-3, 5e-3] }),
    ];
    a.evolve([[1, 1]]);
    a.resetState();
    (a.tauMem as Matrix).data[1] = 5e-3;
    const input = sequence(1, 20, 2);
    assert.deepEqual(numbers(a.evolve(input)[1].vmem), numbers(b.evolve(input)[1].vmem));
  });

  it('bit for bit the same in pieces, on any number of threads and off the event loop, noise included', async () => {
    const options = { ...single, hasRec: true, noiseStd: 0.3, seed: 5 };
    const whole = new LIF([12, 6], options);
    const [output, state] = whole.evolve(sequence(1, 50, 12, 0.3));
    const pieces = new LIF([12, 6], options);
    const input = sequence(1, 50, 12, 0.3).data as Float64Array;
    const parts = [
      pieces.evolve(new NdArray(input.slice(0, 17 * 12), [17, 12]))[0],
      (await pieces.evolveAsync(new NdArray(input.slice(17 * 12), [33, 12])))[0],
    ];
    assert.deepEqual(parts.flatMap(numbers), numbers(output));
    assert.deepEqual(numbers(pieces.vmem), numbers(state.vmem));
    const again = (reset: 'resetAll' | 'resetState'): number[] =>
      numbers(whole[reset]().evolve(sequence(1, 50, 12, 0.3))[0]);
    assert.deepEqual(again('resetAll'), numbers(output));
    assert.notDeepEqual(again('resetState'), numbers(output));
    setConcurrency(1);
    const one = new LIF([12, 6], options).evolve(sequence(5, 30, 12, 0.3))[0];
    setConcurrency(3);
    const three = new LIF([12, 6], options).evolve(sequence(5, 30, 12, 0.3))[0];
    assert.deepEqual(numbers(one), numbers(three));
  });

  it('elements of a batch are independent; the state kept is that of the first, or the mean', () => {
    const input = sequence(3, 25, 2);
    const [output] = new LIF(2, single).evolve(input);
    const last = new LIF(2, single).evolve(new NdArray(input.data.slice(100), [25, 2]));
    assert.deepEqual(numbers(output).slice(100), numbers(last[0]));
    const first = new LIF(2, single);
    const mean = new LIF(2, { ...single, stateReduction: 'mean' });
    first.evolve(input);
    mean.evolve(input);
    const ends = [0, 1, 2].map((b) => {
      const lif = new LIF(2, single);
      return numbers(lif.evolve(new NdArray(input.data.slice(b * 50, b * 50 + 50), [25, 2]))[1].vmem);
    });
    assert.deepEqual(numbers(first.vmem), ends[0]);
    close(
      mean.vmem,
      [0, 1].map((j) => (ends[0][j] + ends[1][j] + ends[2][j]) / 3),
      1e-14,
    );
  });

  it('single precision: arrays of floats in and out', () => {
    const lif = new LIF(3, { ...single, precision: 'float32' });
    const input = sequence(2, 20, 3);
    const [output, , record] = lif.evolve(input, { record: true });
    assert.ok((output as NdArray).data instanceof Float32Array);
    const want = new LIF(3, single).evolve(input, { record: true })[2];
    close(record['isyn'], numbers(want['isyn']), 1e-5);
    const floats = new NdArray(Float32Array.from(input.data), input.shape);
    assert.deepEqual(numbers(new LIF(3, { ...single, precision: 'float32' }).evolve(floats)[0]), numbers(output));
  });

  it('is saved and loaded, with its state', () => {
    const options = { ...single, hasRec: true, tauMem: [10e-3, 20e-3], precision: 'float32', seed: 3 } as const;
    const lif = new LIF([4, 2], { ...options, noiseStd: 0.1 });
    lif.evolve(sequence(1, 10, 4));
    const text = JSON.stringify(lif.toDict({ includeState: true }));
    const loaded = Module.loadFromDict(JSON.parse(text) as object);
    assert.ok(loaded instanceof LIF);
    const input = sequence(1, 10, 4, 0.5);
    assert.deepEqual(numbers(loaded.evolve(input)[0]), numbers(lif.evolve(input)[0]));
    for (const module of [new aLIFTorch(2, { leakMode: 'bitshifts' }), new LIFODEJax(3), new LIFMembraneExodus(2)]) {
      const again = Module.loadFromDict(JSON.parse(JSON.stringify(module)) as object);
      assert.equal(again.className, module.className);
      assert.deepEqual(again.toDict(), module.toDict());
    }
  });

  it('a run that is cancelled or fails leaves everything as it was', async () => {
    const lif = new LIF(400, { ...single, hasRec: true });
    lif.evolve(sequence(1, 3, 400));
    const before = lif.snapshot();
    const long = new NdArray(new Float64Array(400 * 20000).fill(1), [20000, 400]);
    const running = lif.evolveAsync(long, { signal: AbortSignal.timeout(20) });
    assert.throws(() => lif.evolve([[1]]), { code: 'ERR_BUSY' });
    await assert.rejects(running, { code: 'ERR_ABORTED' });
    assert.deepEqual(lif.snapshot(), before);
    const broken = new Float64Array(400).fill(NaN);
    assert.throws(() => lif.evolve(new NdArray(broken, [1, 400])), { code: 'ERR_NOT_FINITE' });
    assert.deepEqual(lif.snapshot(), before);
  });

  it('no steps and no batch are fine', () => {
    const lif = new LIF(2, single);
    assert.deepEqual(lif.evolve(new NdArray(new Float64Array(0), [0, 2]))[0].shape, [1, 0, 2]);
    assert.deepEqual(lif.evolve(new NdArray(new Float64Array(0), [0, 4, 2]))[0].shape, [0, 4, 2]);
  });

  it('wrong arguments', () => {
    assert.throws(() => new LIF([2, 3, 4]), RangeError);
    assert.throws(() => new LIF([5, 2]), RangeError);
    assert.throws(
      () =>
        new LIF(3, {
          wRec: [
            [1, 0, 0],
            [0, 1, 0],
            [0, 0, 1],
          ],
        }),
      RangeError,
    );
    assert.throws(() => new LIF(3, { threshold: 0 }), RangeError);
    assert.throws(() => new LIF(3, { tauMem: [1, 2, -1] }), RangeError);
    assert.throws(() => new LIF(3, { tauMem: [1, 2] }), { code: 'ERR_SHAPE' });
    assert.throws(() => new LIF(3, { dt: 0 }), RangeError);
    assert.throws(() => new LIF(3, { noiseStd: -1 }), RangeError);
    assert.throws(() => new LIF(3, { alpha: 0.5 } as object), TypeError);
    assert.throws(() => new LIFExodus(3, { hasRec: true } as object), TypeError);
    assert.throws(() => new LIFNeuronTorch([2, 2]), RangeError);
    assert.throws(() => new LIF(3).evolve([[1, 2]]), { code: 'ERR_SHAPE' });
    const lif = new LIF(2, { threshold: [1, 1] });
    (lif.threshold as Matrix).data[1] = -1;
    assert.throws(() => lif.evolve([[1, 1]]), { name: 'RangeError', message: /threshold/ });
  });
});
