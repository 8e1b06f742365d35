import assert from 'node:assert/strict';
import { Module, NdArray, Parameter, SimulationParameter } from 'rockpool-node';
import * as modules from 'rockpool-node/nn/modules';

const { LIF, LIFBitshiftTorch, LIFTorch, Linear, Rate } = modules;

/** A module class by name, constructed without the help of types. */
function make(name: string, options: object): Module {
  const cls = modules[name as 'Rate'] as unknown as new (shape: unknown, options: object) => Module;
  return new cls(name.startsWith('Linear') ? [2, 3] : 2, options);
}

const leaky = [
  'LIF',
  'LIFJax',
  'LIFODEJax',
  'LIFTorch',
  'LIFBitshiftTorch',
  'aLIFTorch',
  'LIFExodus',
  'LIFNeuronTorch',
];

describe('Options that are no numbers', () => {
  const perNeuron: [cls: string, option: string, more?: object][] = [
    ...leaky.map((cls): [string, string] => [cls, 'tauMem']),
    ...leaky.map((cls): [string, string] => [cls, 'bias']),
    ...leaky.map((cls): [string, string] => [cls, 'threshold']),
    ['LIF', 'tauSyn'],
    ['LIFBitshiftTorch', 'tauSyn'],
    ['LIFTorch', 'alpha', { leakMode: 'decays' }],
    ['LIFTorch', 'beta', { leakMode: 'decays' }],
    ['LIFBitshiftTorch', 'alpha', { leakMode: 'decays' }],
    ['LIFBitshiftTorch', 'dashMem', { leakMode: 'bitshifts' }],
    ['aLIFTorch', 'tauAhp'],
    ['aLIFTorch', 'wAhp'],
    ['Rate', 'tau'],
    ['Rate', 'bias'],
    ['Rate', 'threshold'],
    ['ExpSyn', 'tau'],
    ['LowPass', 'tau'],
    ['UpDownTorch', 'thrUp'],
  ];
  for (const [cls, option, more] of perNeuron)
    it(`${cls} refuses them for ${option} and says so`, () => {
      for (const value of ['x', '', true, {}, () => 1, Symbol('s'), 1n, new Date(0)])
        assert.throws(() => make(cls, { ...more, [option]: value }), {
          name: 'TypeError',
          code: 'ERR_TYPE',
          message: new RegExp(`^expected ${option} to be `),
        });
      for (const value of [NaN, [NaN, 0.5], [0.5, NaN]])
        assert.throws(() => make(cls, { ...more, [option]: value }), {
          name: 'RangeError',
          code: 'ERR_VALUE',
          message: new RegExp(`^expected ${option} to be .*, received NaN`),
        });
      assert.throws(() => make(cls, { ...more, [option]: [0.5, 0.5, 0.5] }), {
        code: 'ERR_SHAPE',
        message: new RegExp(`^expected ${option} to be `),
      });
    });

  for (const cls of [...leaky, 'Rate', 'ExpSyn'])
    it(`${cls} refuses time steps`, () => {
      for (const dt of [NaN, 0, -1, Infinity]) assert.throws(() => make(cls, { dt }), { code: 'ERR_VALUE' });
      assert.throws(() => make(cls, { dt: '1' }), { code: 'ERR_TYPE' });
    });

  it('decays are from 0 to 1, spikes are counted in whole numbers', () => {
    for (const alpha of [-0.1, 1.5, Infinity])
      assert.throws(() => new LIFTorch(2, { leakMode: 'decays', alpha }), /expected alpha to be from 0 to 1, received/);
    const lif = new LIFTorch(2, { leakMode: 'decays', alpha: 1, beta: 0 });
    assert.throws(() => (lif.beta = NaN), /expected beta to be numbers, received NaN/);
    const taus = new LIFTorch(2, { tauMem: 0.01 });
    assert.throws(() => (taus.alpha = -1), /expected alpha to be from 0 to 1/);
    assert.throws(() => (taus.dashMem = -1), /expected dashMem to be greater than 0/);
    assert.equal(taus.tauMem, 0.01);
    assert.throws(() => new LIF(2, { maxSpikesPerDt: 1.5 }), /expected maxSpikesPerDt to be an integer/);
  });

  it('negative time constants are no bit shifts', () => {
    assert.throws(() => new LIFBitshiftTorch(2, { tauMem: -1 }), /expected tauMem to be greater than 0/);
    const lif = new LIFBitshiftTorch(2, { leakMode: 'bitshifts', dashMem: [3.4, 9.9] });
    assert.deepEqual([...(lif.dashMem as NdArray).data], [3, 10]);
    const decays = new LIFBitshiftTorch(2, { leakMode: 'decays', alpha: 0.7 });
    assert.equal(decays.alpha, 0.75);
  });

  it('nor are elements that are written later', () => {
    const rate = new Rate(2);
    (rate.threshold as NdArray).set(0, NaN);
    assert.throws(() => rate.evolve([[1, 1]]), /expected threshold to be numbers, received NaN/);
    const lif = new LIF(2);
    (lif.tauMem as NdArray).set(1, NaN);
    assert.throws(() => lif.evolve([[1, 1]]), /expected tauMem to be greater than 0, received NaN/);
  });

  it('what makes weights must make numbers', () => {
    for (const made of ['x', undefined, null, {}])
      assert.throws(
        () => new Linear([2, 3], { weightInitFunc: () => made as never }),
        /expected the result of init to be /,
      );
    assert.throws(() => new Parameter({ data: 'x' as never, shape: [] }), /expected data to be numbers \(a scalar\)/);
    assert.throws(
      () => new Parameter({ data: 'x' as never, shape: [[2], []], name: 'tau' }),
      /expected tau to be numb/,
    );
    assert.throws(() => new SimulationParameter({ shape: [], init: () => undefined as never }), { code: 'ERR_TYPE' });
  });
});

describe('Input that is not finite', () => {
  for (const cls of ['ExpSyn', 'LowPass', 'ExpSmoothJax'])
    it(`does not get into the state of ${cls}`, async () => {
      const module = make(cls, {});
      module.evolve([[1, 1]]);
      const before = module.snapshot();
      const fails = { code: 'ERR_NOT_FINITE', message: /expected the isyn of channel 1 to be finite, received/ };
      for (const bad of [NaN, Infinity]) {
        assert.throws(() => module.evolve([[1, bad], [0, 0]]), fails); // prettier-ignore
        await assert.rejects(module.evolveAsync([[1, bad]]), fails);
      }
      assert.deepEqual(module.snapshot(), before);
    });
});

describe('Saved modules with another time step', () => {
  const saved: Module[] = [
    new LIFBitshiftTorch(2, { dt: 2e-4, tauMem: 0.01, tauSyn: 0.003 }),
    new Rate(2, { dt: 1e-4, tau: 5e-4 }),
  ];
  for (const module of saved)
    it(`${module.className} is loaded as it was`, () => {
      const loaded = Module.loadFromDict(JSON.parse(JSON.stringify(module)) as object);
      assert.deepEqual(loaded.toDict(), module.toDict());
    });
});
