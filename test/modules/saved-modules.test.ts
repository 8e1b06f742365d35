import assert from 'node:assert/strict';
import { Constant, Module, ModuleBase, NdArray, TimedModule } from 'rockpool-node';
import { Sequential } from 'rockpool-node/nn/combinators';
import { ExpSyn, LIF, Linear, Rate, UpDownTorch } from 'rockpool-node/nn/modules';
import { SynNet, WaveSenseNet } from 'rockpool-node/nn/networks';

/** What a file of the module holds. */
function loaded<M extends ModuleBase>(module: M, includeState = false): M {
  const text = JSON.stringify(module.toDict({ includeState }));
  return ModuleBase.loadFromDict(JSON.parse(text) as object) as unknown as M;
}

const load = (dict: unknown): unknown => Module.loadFromDict(dict as object);

describe('Saved modules', () => {
  it('keep constants constant', () => {
    const net = new Sequential(
      new Linear([2, 3], { weight: Constant([[1, 2, 3], [4, 5, 6]]) }), // prettier-ignore
      new LIF(3, { tauMem: Constant(0.01) }),
    );
    const copy = loaded(net);
    assert.deepEqual(copy.parameters(), net.parameters());
    assert.deepEqual(copy.simulationParameters(), net.simulationParameters());
    assert.deepEqual(loaded(copy).toDict(), net.toDict());
  });

  for (const [name, make] of Object.entries({
    Rate: () => new Rate(2, { noiseStd: 0.1 }),
    LIF: () => new LIF(2, { noiseStd: 0.5 }),
    ExpSyn: () => new ExpSyn(2, { noiseStd: 0.1 }),
    'a sequence': () => new Sequential(new Linear([2, 2]), new Rate(2, { noiseStd: 0.1 })),
  }))
    it(`${name} with noise continues bit for bit, also where no seed was given`, () => {
      const module: Module = make();
      const input = NdArray.zeros([1, 20, 2]);
      module.evolve(input);
      const copy = loaded(module, true);
      const other = loaded(module).restore(module.snapshot());
      const [expected] = module.evolve(input);
      assert.deepEqual([...copy.evolve(input)[0].data], [...expected.data]);
      assert.deepEqual([...other.evolve(input)[0].data], [...expected.data]);
    });

  it('go back to what was loaded', () => {
    for (const module of [
      new Rate(3, { tau: 0.1, hasRec: true }),
      new Linear([2, 3], { hasBias: true }),
      new Sequential(new Linear([2, 3]), new LIF(3, { hasRec: true, tauSyn: [[0.01]] })),
    ] as Module[]) {
      const copy = loaded(module);
      copy.resetParameters();
      assert.deepEqual(copy.toDict(), module.toDict());
    }
    const rate = loaded(new Rate(2, { tau: [0.1, 0.2] }));
    (rate.tau as NdArray).set(0, 5);
    rate.resetParameters();
    assert.deepEqual([...(rate.tau as NdArray).data], [0.1, 0.2]);
  });

  it('a function of the user cannot be written, and is not left out', async () => {
    const rate = new Rate(2, { activationFunc: (x) => x });
    assert.throws(() => JSON.stringify(rate));
    await assert.rejects(rate.save('never-written.json'), /activation_func/);
    const copy = Module.loadFromDict(rate.toDict()) as unknown as Rate;
    assert.equal(copy.actFn, rate.actFn);
  });

  it('an array that was given away is not written as nothing', () => {
    const linear = new Linear([2, 3]);
    structuredClone(0, { transfer: [linear.weight.data.buffer as ArrayBuffer] });
    assert.throws(() => linear.toDict(), /expected weight to be 2 x 3, received an array that is detached/);
  });
});

describe('Dictionaries that are none of a module', () => {
  for (const key of ['parameters', 'simulation_parameters', 'modules'])
    it(`${key} must be a dictionary`, () => {
      for (const value of [5, 'abc', [1], true])
        assert.throws(() => load({ class_name: 'Rate', shape: [2], [key]: value }), {
          code: 'ERR_TYPE',
          message: new RegExp(`^expected ${key} to be a dictionary`),
        });
    });

  it('say what is missing, and which class it is', () => {
    assert.throws(() => load({ class_name: 'Rate' }), /expected the config of Rate to have a shape, received none/);
    assert.throws(() => load({ class_name: 'SynNet' }), { code: 'ERR_TYPE', message: /nClasses/ });
    assert.throws(() => load({ class_name: 'WaveSenseNet' }), { code: 'ERR_TYPE', message: /dilations/ });
    assert.throws(() => TimedModule.loadFromDict(new Rate(2).toDict()), /received an object of class Rate/);
  });

  it('networks are loaded without a name of their neurons', () => {
    for (const net of [new SynNet(2, 3, { seed: 1 }), new WaveSenseNet([2], { seed: 1 })]) {
      const dict: Record<string, unknown> = net.toDict();
      delete dict['neuron_model'];
      assert.deepEqual((load(dict) as Module).toDict(), net.toDict());
    }
  });

  it('UpDownTorch still has its own shape', () => {
    assert.deepEqual(loaded(new UpDownTorch(2)).shape, [2, 4]);
  });
});
