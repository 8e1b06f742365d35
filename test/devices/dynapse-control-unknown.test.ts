/** A controller after writes that failed half-way, and what layers ask of it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DynapseControl, type DynapseControlOptions } from 'rockpool-node/devices/dynapse';
import type { NativeDynapse } from '../../dist/devices/dynapse/native.js';

const coded = (code: string) => (error: unknown) => (error as { code?: string }).code === code;
const model: DynapseControlOptions = { controller: 'model', model: { mismatch: false } };

describe('DynapseControl, chips of unknown content', () => {
  let native: NativeDynapse;
  let control: DynapseControl;
  before(async () => {
    native = (await import(join(__dirname, '../../../dist/binding.js'))).native as NativeDynapse;
  });
  beforeEach(async () => {
    control = await DynapseControl.open(model);
  });
  afterEach(() => control.close());

  /** A write that the chip does not take. */
  const fail = async (call: () => Promise<unknown>): Promise<void> => {
    native.dynapseModelFailHandshakes(control._board, 1);
    await assert.rejects(call(), coded('ERR_DEVICE_CHIP'));
  };

  it('connections of a chip that was emptied stay away, whatever the others hold', async () => {
    await control.initChips([0, 1]);
    await control.setConnections([[5]], [1], [2]);
    await control.setConnections([[7]], [3], [1030]);
    await fail(() => control.initChips([0]));
    await fail(() => control.initChips([1]));
    assert.deepEqual(control._unknownChips, [0, 1]);
    await control.initChips([0]);
    assert.deepEqual(control.getConnections([1, 3], [2, 1030]).toArray(), [
      [0, 0],
      [0, 0],
    ]);
    await control.initChips([1]);
    assert.deepEqual(control._unknownChips, []);
    assert.deepEqual(control.image, await emptyImage());
  });

  it('a removal that fails is not undone by the next change', async () => {
    await control.initChips([0, 1]);
    await control.setConnections([[5]], [1], [2]);
    await control.setConnections([[7]], [1027], [1030]);
    await fail(() => control.clearConnections());
    assert.deepEqual(control._unknownChips, [0]);
    assert.deepEqual(control.getConnections([1, 1027], [2, 1030]).toArray(), [
      [0, 0],
      [0, 0],
    ]);
    await control.setConnections([[2]], [1028], [1031]);
    assert.equal(control.image.synapsesOf(1030).length, 0);
    assert.equal(control.image.synapsesOf(1031).length, 2);
    await assert.rejects(control.setConnections([[2]], [1], [2]), coded('ERR_STATE'));
  });

  it('are not used: no stimuli, no neurons', async () => {
    await control.initChips([0]);
    const free = control.numFreeNeurons;
    await fail(() => control.setConnections([[1]], [1], [2]));
    assert.equal(free - control.numFreeNeurons, free);
    await assert.rejects(control.sendEvents({ timesteps: [0], channels: [0] }, { virtualNeuronIds: [5] }), {
      code: 'ERR_STATE',
    });
    await assert.rejects(control.startPoisson(10, [5]), coded('ERR_STATE'));
    await assert.rejects(control.startContStim(10, [5]), coded('ERR_STATE'));
    await assert.rejects(control.allocateNeurons([7]), coded('ERR_STATE'));
    assert.deepEqual(await control.allocateNeurons(1), [1025]);
    await control.initChips([0]);
    assert.deepEqual(await control.allocateNeurons([7]), [7]);
    await control.startPoisson(10, [5]);
    await control.stopPoisson();
  });

  it('do not come from a call that was cancelled before it began', async () => {
    await control.initChips([0]);
    const signal = AbortSignal.abort();
    await control.setConnections([[1]], [1], [2]);
    await assert.rejects(control.initChips([0], { signal }), coded('ERR_ABORTED'));
    await assert.rejects(control.clearConnections({ signal }), coded('ERR_ABORTED'));
    await assert.rejects(control.setConnections([[2]], [1], [2], { signal }), coded('ERR_ABORTED'));
    assert.deepEqual(control._unknownChips, []);
    assert.deepEqual(control.getConnections([1], [2]).toArray(), [[1]]);
  });

  it('neurons that are given back are free and without connections', async () => {
    const neurons = await control.allocateNeurons([5, 6, 1030]);
    const virtual = control.allocateVirtualNeurons([20]);
    await control.setConnections([[3, 0, 2]], virtual, neurons, { virtual: true });
    await control.setConnections([[4]], [5], [1030]);
    await control._giveBack([5], virtual);
    assert.deepEqual(control.getConnections([5], [1030]).toArray(), [[0]]);
    assert.deepEqual(control.getConnections(virtual, neurons, { virtual: true }).toArray(), [[0, 0, 0]]);
    assert.deepEqual(await control.allocateNeurons([5]), [5]);
    assert.deepEqual(control.allocateVirtualNeurons([20]), [20]);
    await assert.rejects(control.allocateNeurons([6]), coded('ERR_VALUE'));
    await control._giveBack([0, 1024], [0]);
    await assert.rejects(control.allocateNeurons([1024]), coded('ERR_VALUE'));
  });

  it('counts what is written to the memory of the FPGA', async () => {
    const before = control._memoryGeneration;
    await control.record(0.001);
    await control.startPoisson(10, [5]);
    assert.equal(control._memoryGeneration, before);
    await control.sendEvents({ timesteps: [0], channels: [0] }, { virtualNeuronIds: [5], tRecord: 0.001 });
    assert.equal(control._memoryGeneration, before + 1);
  });
});

async function emptyImage() {
  const fresh = await DynapseControl.open(model);
  await fresh.close();
  return fresh.image;
}
