import assert from 'node:assert/strict';
import { fromNir, type FromNirOptions } from 'rockpool-node/io';
import { nirFile, recording } from './helpers.js';

/** What is said of a file beside its convention: all that the convention leaves open. */
const files: Record<string, (keyof FromNirOptions)[]> = {
  'nir-cuba-lif': ['dt', 'integration', 'reset'],
  'nir-lif': ['dt', 'integration', 'reset'],
  'nir-recurrent': ['dt', 'integration', 'reset'],
  'nir-old': ['dt', 'integration', 'reset'],
  'snntorch-leaky': [],
  'snntorch-leaky-zero': ['reset'],
  'snntorch-leaky-zero-now': ['reset', 'resetAt'],
  'snntorch-synaptic': [],
  'snntorch-synaptic-zero': ['reset'],
  'snntorch-rleaky': [],
  'snntorch-rleaky-diagonal': [],
  'snntorch-rsynaptic': [],
  'norse-lif-box': ['dt'],
  'norse-lif': ['dt'],
  'norse-lif-leak': ['dt'],
  'norse-iaf': ['dt'],
  'norse-li-box': ['dt'],
  'rockpool-lif': [],
  'rockpool-neuron': [],
  'rockpool-exp-syn': [],
};

describe('NIR files of other toolkits', () => {
  for (const [name, given] of Object.entries(files)) {
    it(`${name} gives what it gave there`, async () => {
      const told = recording(name);
      const options: FromNirOptions = { convention: name.split('-')[0] as 'nir' };
      for (const key of given) Object.assign(options, { [key]: told[key as 'dt'] });
      const net = await fromNir(nirFile(name), options);
      const [output] = net.evolve(told.inputs);
      const expected = told.outputs.flat();
      assert.deepEqual(output.shape, [1, told.outputs.length, told.outputs[0].length]);
      // Spikes are whole numbers; potentials were single precision there.
      const analog = expected.some((v) => !Number.isInteger(v));
      for (const [i, value] of expected.entries())
        assert.ok(
          analog ? Math.abs(output.data[i] - value) <= 1e-5 * (1 + Math.abs(value)) : output.data[i] === value,
          `element ${i}: ${output.data[i]} instead of ${value}`,
        );
      assert.ok(expected.some((v) => v !== 0));
    });
  }

  it('another convention gives other spikes', async () => {
    const told = recording('snntorch-synaptic');
    const net = await fromNir(nirFile('snntorch-synaptic'), {
      convention: 'snntorch',
      reset: 'value',
      resetAt: 'spike',
    });
    assert.notDeepEqual(Array.from(net.evolve(told.inputs)[0].data), told.outputs.flat());
  });

  it('the step of a file of Rockpool is told from its resistances', async () => {
    const net = await fromNir(nirFile('rockpool-lif'), { convention: 'rockpool' });
    assert.equal((net.at(1) as unknown as { dt: number }).dt, 1e-3);
    assert.equal(net.at(1).className, 'LIFTorch');
  });

  it('resistances of others tell no step', async () => {
    await assert.rejects(fromNir(nirFile('nir-cuba-lif'), { convention: 'rockpool' }), /expected dt to be given/);
  });

  for (const [missing, options] of [
    ['dt', { integration: 'euler', reset: 'value' }],
    ['integration', { dt: 1e-3, reset: 'value' }],
    ['reset', { dt: 1e-3, integration: 'euler' }],
    ['dt', { convention: 'norse' }],
  ] as [string, FromNirOptions][])
    it(`nothing is guessed: ${missing} with ${JSON.stringify(options)}`, async () => {
      await assert.rejects(fromNir(nirFile('nir-cuba-lif'), options), (error: Error & { code: string }) => {
        assert.equal(error.code, 'ERR_VALUE');
        assert.match(error.message, new RegExp(`expected ${missing} to be given.*'cubalif'`));
        return true;
      });
    });
});
