import assert from 'node:assert/strict';
import { Module, NdArray, TimedModuleWrapper } from 'rockpool-node';
import { type AnyModule, FFwdStack, Residual, Sequential } from 'rockpool-node/nn/combinators';
import { LIF, Linear, Rate } from 'rockpool-node/nn/modules';

describe('Modules of what could not be made', () => {
  const attempts: Record<string, (a: AnyModule, b: AnyModule) => unknown> = {
    'a sequence of other sizes': (a, b) => new Sequential(a, b, new Rate(5)),
    'a sequence with what is no module': (a, b) => new Sequential(a, b, 5 as never),
    'a sequence with a name that is taken': (a, b) => new Sequential([['a', a], ['evolve', b]]), // prettier-ignore
    'a sequence with a name of the language': (a, b) => new Sequential([['a', a], ['__proto__', b]]), // prettier-ignore
    'a residual block of other sizes': (a, b) => new Residual(a, b, new Linear([2, 3])),
    'a stack with weights of other shapes': (a, b) => new FFwdStack([a, b], { weightInit: () => [1] }),
    'a module twice': (a, b) => new Sequential(a, b, a),
  };
  for (const [name, attempt] of Object.entries(attempts))
    it(`belong to nobody: ${name}`, () => {
      const [a, b] = [new Rate(2), new Rate(2)];
      assert.throws(() => attempt(a, b));
      assert.equal(a.parent, null);
      assert.equal(b.parent, null);
      assert.equal(a.name, '');
      assert.equal(new Sequential(a, b).length, 2);
    });

  it('a busy module is not taken, and can be afterwards', async () => {
    const module = new LIF(2);
    const running = module.evolveAsync(NdArray.zeros([1, 1000, 2]));
    assert.throws(() => module.timed(), { code: 'ERR_BUSY' });
    assert.throws(() => new Sequential(module), { code: 'ERR_BUSY' });
    await running;
    assert.equal(module.parent, null);
    assert.ok(module.timed() instanceof TimedModuleWrapper);
  });
});

describe('A tree with one busy module', () => {
  for (const reset of ['resetState', 'resetParameters', 'resetAll'] as const)
    it(`${reset} changes nothing`, async () => {
      const net = new Sequential(new Rate(2), new Rate(2));
      net.evolve([[1, 2]]);
      net.at<Rate>(0).setAttributes({ tau: [0.5, 0.5] });
      const before = [net.at(0).toDict({ includeState: true }), net.at(0).snapshot()];
      const running = net.at(1).evolveAsync(NdArray.zeros([1, 1000, 2]));
      assert.throws(() => net[reset](), { code: 'ERR_BUSY' });
      assert.deepEqual([net.at(0).toDict({ includeState: true }), net.at(0).snapshot()], before);
      await running;
      net[reset]();
    });
});

describe('Modules within modules', () => {
  it('300 of them evolve off the event loop', async () => {
    let net: Module = new Rate(1);
    for (let i = 0; i < 300; i++) net = new Sequential(net);
    const [output] = await net.evolveAsync([[1]]);
    assert.deepEqual(output.shape, [1, 1, 1]);
  });
});

describe('evolvePure', () => {
  it('leaves even a module with parameters that it would refuse as it was', () => {
    const rate = new Rate(2);
    (rate.tau as NdArray).set(0, -1);
    const [output] = rate.evolvePure([[1, 2]], { parameters: { tau: [1, 1], dt: 0.5 }, state: { x: [3, 3] } });
    assert.deepEqual([...output.data], [2, 2.5]);
    assert.deepEqual([...(rate.tau as NdArray).data], [-1, 20e-3]);
    assert.equal(rate.dt, 1e-3);
    assert.deepEqual([...rate.x.data], [0, 0]);
  });
});
