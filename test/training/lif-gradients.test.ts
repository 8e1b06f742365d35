import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Constant, type Matrix, Module, NdArray, setConcurrency } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import {
  aLIFTorch,
  LIF,
  LIFBitshiftSinabs,
  LIFBitshiftTorch,
  LIFExodus,
  LIFJax,
  LIFMembraneExodus,
  LIFNeuronTorch,
  LIFODEJax,
  LIFSinabs,
  LIFTorch,
  Linear,
} from 'rockpool-node/nn/modules';
import { type GradientTree, type LossFunction, valueAndGrad } from 'rockpool-node/training';
import { checkGradients, checkPieces, probeLoss, randomArray } from './check-gradients.js';

type AnyModule = Module<object>;

const positive = (shape: number[], low: number, high: number, seed: number): Matrix => {
  const array = randomArray(shape, 1, seed);
  array.data.forEach((x, i) => (array.data[i] = low + ((high - low) * (x + 1)) / 2));
  return array;
};

const [units, synapses] = [3, 2];
const shape = [units * synapses, units];
const common = {
  tauMem: positive([units], 5e-3, 20e-3, 1),
  bias: positive([units], 0, 0.05, 2),
  threshold: positive([units], 0.7, 1.2, 3),
  dt: 1e-3,
  seed: 4,
};
const synaptic = { ...common, tauSyn: positive([units, synapses], 5e-3, 15e-3, 5) };
const recurrent = { ...synaptic, hasRec: true, wRec: randomArray([units, units * synapses], 0.2, 6) };
const { bias, threshold, dt, seed } = common;
const noLeaks = { bias, threshold, dt, seed };
const decays = { alpha: positive([units], 0.7, 0.9, 7), beta: positive([units, synapses], 0.6, 0.9, 8) };
const dashes = { dashMem: positive([units], 2, 4, 9), dashSyn: positive([units, synapses], 2, 4, 10) };
const ahp = { tauAhp: positive([units], 5e-3, 15e-3, 11), wAhp: positive([units], -0.4, -0.1, 12) };
const periodic = { spikeGenerationFn: 'PeriodicExponential' } as const;
const input = (columns: number, batch = 2, steps = 20, scale = 0.5): Matrix =>
  positive([batch, steps, columns], -0.2 * scale, scale, 13);

const variants: Record<string, () => AnyModule> = {
  LIF: () => new LIF(shape, recurrent),
  'LIF with noise': () => new LIF(shape, { ...recurrent, noiseStd: 0.1, noiseScaling: 'legacy' }),
  'LIF, decay then add': () => new LIF(shape, { ...recurrent, scheme: 'decayThenAdd' }),
  'LIF with few spikes': () => new LIF(shape, { ...recurrent, maxSpikesPerDt: 1, maskSurrogate: true }),
  'LIF with numbers for all neurons': () =>
    new LIF(shape, {
      tauMem: 15e-3,
      tauSyn: positive([1, synapses], 5e-3, 15e-3, 5),
      bias: 0.02,
      threshold: 0.9,
      seed: 1,
    }),
  LIFJax: () => new LIFJax(units, { ...common, tauSyn: 10e-3 }),
  LIFODEJax: () => new LIFODEJax(shape, recurrent),
  LIFTorch: () => new LIFTorch(shape, recurrent),
  'LIFTorch, periodic exponential': () =>
    new LIFTorch(shape, { ...recurrent, ...periodic, learningWindow: 0.4, maxSpikesPerDt: 3 }),
  'LIFTorch, periodic exponential, masked': () =>
    new LIFTorch(shape, { ...recurrent, ...periodic, maxSpikesPerDt: 2, maskSurrogate: true }),
  'LIFTorch, decays': () =>
    new LIFTorch(shape, { ...noLeaks, ...decays, leakMode: 'decays', hasRec: true, wRec: recurrent.wRec }),
  'LIFTorch, bit shifts': () => new LIFTorch(shape, { ...noLeaks, ...dashes, leakMode: 'bitshifts' }),
  LIFNeuronTorch: () => new LIFNeuronTorch(units, common),
  'LIFNeuronTorch, Euler': () => new LIFNeuronTorch(units, { ...common, scheme: 'euler' }),
  aLIFTorch: () => new aLIFTorch(shape, { ...recurrent, ...ahp }),
  'aLIFTorch, Euler': () => new aLIFTorch(shape, { ...recurrent, ...ahp, scheme: 'euler' }),
  'aLIFTorch, periodic exponential': () => new aLIFTorch(shape, { ...recurrent, ...ahp, ...periodic }),
  LIFExodus: () => new LIFExodus(shape, synaptic),
  LIFSinabs: () => new LIFSinabs(shape, synaptic),
  LIFMembraneExodus: () => new LIFMembraneExodus(shape, synaptic),
};

const inputOf = (module: AnyModule): Matrix =>
  input(module.sizeIn, 2, 20, module instanceof LIFODEJax || (module as LIF).scheme === 'euler' ? 8 : 0.5);
const recordsOf = (module: AnyModule): string[] =>
  Object.keys(module.evolve(inputOf(module), { record: true })[2]).filter((name) => name !== 'spikes');

describe('gradients of LIF modules', () => {
  for (const [name, make] of Object.entries(variants))
    it(`${name}: those of central differences`, () => {
      const module = make();
      // That one bends so much that the difference over a longer step shows it.
      checkGradients(module, inputOf(module), { step: name === 'LIFTorch, periodic exponential' ? 1e-7 : 1e-6 });
    });

  for (const name of ['LIF', 'LIFNeuronTorch', 'aLIFTorch', 'aLIFTorch, Euler', 'LIFMembraneExodus'])
    it(`${name}: also of what was recorded`, () => {
      const module = variants[name]();
      checkGradients(module, inputOf(module), { loss: { ...recordLoss(recordsOf(module)) }, directions: 3 });
    });

  for (const name of [
    'LIF with noise',
    'LIFODEJax',
    'LIFTorch, decays',
    'aLIFTorch, periodic exponential',
    'LIFMembraneExodus',
  ])
    it(`${name}: the same bit for bit in pieces and on any number of threads`, () => {
      const module = variants[name]();
      const signal = input(module.sizeIn, 3, 100, module instanceof LIFODEJax ? 8 : 0.5);
      checkPieces(module, signal, 32);
      checkPieces(module, signal, 64);
      const one = (): unknown => {
        const { gradients, output } = valueAndGrad(module, probeLoss())(signal, undefined);
        return { gradients, output };
      };
      const results = [1, 2, 3].map((n) => {
        setConcurrency(n);
        return one();
      });
      setConcurrency(2);
      assert.deepEqual(results[1], results[0]);
      assert.deepEqual(results[2], results[0]);
    });

  it('evolve and the forward pass give the same spikes', () => {
    for (const make of Object.values(variants)) {
      const module = make();
      if (module.name === 'noise' || (module as LIF).noiseStd > 0) continue;
      const signal = inputOf(module);
      const { output } = valueAndGrad(module, probeLoss())(signal, undefined);
      assert.deepEqual(output, module.evolve(signal)[0]);
    }
  });

  it('in single precision within rounding', () => {
    const options = { ...recurrent, ...ahp };
    const signal = input(shape[0]);
    const [double, single] = (['float64', 'float32'] as const).map((precision) =>
      valueAndGrad(new aLIFTorch(shape, { ...options, precision }), probeLoss(), { smooth: true })(signal, undefined),
    );
    assert.ok(single.output.data instanceof Float32Array);
    for (const [name, value] of Object.entries(double.gradients)) close(single.gradients[name], value, 1e-4, name);
  });

  it('time constants that are rounded to bit shifts: as if they were not', () => {
    for (const Class of [LIFBitshiftTorch, LIFBitshiftSinabs]) {
      const module = new Class(shape, synaptic);
      const plain = new LIFTorch(shape, { ...synaptic, tauMem: module.tauMem, tauSyn: module.tauSyn });
      const options = Class === LIFBitshiftSinabs ? periodic : {};
      plain.spikeGenerationFn = (options as typeof periodic).spikeGenerationFn ?? 'StepPWL';
      plain.maxSpikesPerDt = 31;
      const signal = input(shape[0]);
      const [a, b] = [module, plain].map((m) => valueAndGrad(m, probeLoss())(signal, undefined).gradients);
      for (const name of Object.keys(b)) close(a[name], b[name], 1e-9, name);
    }
  });

  it('off the event loop the same, and stops when asked to', async () => {
    const net = new Sequential(new Linear([4, shape[0]], { seed: 3 }), variants['aLIFTorch']());
    const step = valueAndGrad(net, probeLoss());
    const signal = input(4, 3, 50, 4);
    const here = step(signal, undefined);
    assert.deepEqual(await step.async(signal, undefined), here);
    const abort = new AbortController();
    const large = new LIF(600, { hasRec: true, seed: 1 });
    const long = valueAndGrad(large, probeLoss()).async(input(600, 4, 200), undefined, { signal: abort.signal });
    setTimeout(() => abort.abort(), 5);
    await assert.rejects(long, { code: 'ERR_ABORTED' });
    assert.equal(valueAndGrad(large, probeLoss())(input(600, 1, 2), undefined).output.shape[2], 600);
  });

  it('constants have none', () => {
    const module = new LIF(units, { tauMem: Constant(0.01), threshold: Constant(1), seed: 1 });
    const { gradients } = valueAndGrad(module, probeLoss())(input(units), undefined);
    assert.deepEqual(Object.keys(gradients).sort(), ['bias', 'tauSyn']);
  });

  it('a decay of 0 has one', () => {
    const module = new LIFTorch(units, {
      leakMode: 'decays',
      alpha: 0.5,
      beta: NdArray.zeros([units, 1]),
      bias: 0.6,
      hasRec: true,
      seed: 1,
    });
    checkGradients(module, input(units));
    assert.ok(
      (valueAndGrad(module, probeLoss())(input(units), undefined).gradients['beta'] as Matrix).data.some(
        (x) => x !== 0,
      ),
    );
  });

  it('the derivative may end where no more spikes come, and this is saved', () => {
    const options = { ...synaptic, maxSpikesPerDt: 1 };
    const signal = input(shape[0], 2, 20, 3);
    const [open, masked] = [false, true].map((maskSurrogate) => new LIF(shape, { ...options, maskSurrogate }));
    const gradient = (m: AnyModule): GradientTree => valueAndGrad(m, probeLoss())(signal, undefined).gradients;
    assert.notDeepEqual(gradient(open), gradient(masked));
    assert.deepEqual(gradient(Module.loadFromDict<AnyModule>(masked.toDict())), gradient(masked));
    assert.throws(() => new LIF(2, { maskSurrogate: 1 as never }), { name: 'TypeError' });
  });
});

function recordLoss(records: string[]): { name: string; needsRecord: boolean; evaluate: LossFunction } {
  return { name: 'records', needsRecord: true, evaluate: probeLoss(2, records) };
}

function close(got: unknown, want: unknown, tolerance: number, name: string): void {
  const numbers = (x: unknown): number[] => (typeof x === 'number' ? [x] : Array.from((x as Matrix).data));
  const [a, b] = [numbers(got), numbers(want)];
  assert.equal(a.length, b.length, name);
  const scale = Math.max(...b.map(Math.abs));
  a.forEach((x, i) => assert.ok(Math.abs(x - b[i]) <= tolerance * scale, `${name} at ${i}: ${x}, expected ${b[i]}`));
}

describe('gradients of LIF modules of Rockpool', () => {
  interface Stored {
    shape: number[];
    data: number[];
  }
  interface Case {
    class: string;
    shape: number[];
    options: Record<string, unknown>;
    parameters: Record<string, Stored>;
    input: Stored;
    weights: Record<string, Stored>;
    loss: number;
    output: Stored;
    gradients: Record<string, Stored>;
    inputGradient: Stored;
  }
  const classes: Record<string, new (shape: number | number[], options: object) => AnyModule> = {
    ...{ LIFJax, LIFODEJax, LIFTorch, LIFNeuronTorch, aLIFTorch },
  };
  const camel = (name: string): string => name.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase());
  const stored = ({ shape, data }: Stored): Matrix => new NdArray(Float64Array.from(data), shape);

  for (const backend of ['jax', 'torch']) {
    const path = join(process.cwd(), `test/fixtures/gradients/lif-${backend}.json`);
    const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };
    for (const c of cases)
      it(`${c.class} ${JSON.stringify(c.options)}`, () => {
        const options = Object.entries(c.options).filter(([name]) => name !== 'ahp');
        const given = Object.fromEntries(options.map(([name, value]) => [camel(name), value]));
        const parameters = Object.entries(c.parameters).map(([name, value]) => [camel(name), stored(value)]);
        const module = new classes[c.class](c.shape.length > 1 ? c.shape : c.shape[0], {
          ...given,
          ...Object.fromEntries(parameters),
        });
        const { output: outputWeights, ...recordWeights } = c.weights;
        const loss: LossFunction = ({ output, recorded }) => ({
          loss:
            weighted(output.data, outputWeights.data) +
            Object.entries(recordWeights).reduce((s, [n, w]) => s + weighted((recorded[n] as Matrix).data, w.data), 0),
          output: stored(outputWeights),
          recorded: Object.fromEntries(Object.entries(recordWeights).map(([n, w]) => [n, stored(w)])),
        });
        const result = valueAndGrad(module, loss, { inputGradient: true })(stored(c.input), undefined);
        assert.deepEqual(Array.from(result.output.data), c.output.data);
        close(result.loss, c.loss, 1e-7, 'the loss');
        for (const [name, value] of Object.entries(c.gradients))
          close(result.gradients[camel(name)], stored(value), 1e-5, name);
        close(result.inputGradient, stored(c.inputGradient), 1e-5, 'the input');
      });
  }

  const weighted = (a: ArrayLike<number>, w: number[]): number => w.reduce((sum, x, i) => sum + x * a[i], 0);
});
