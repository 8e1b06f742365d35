/** What a controller refuses, each before anything is sent or opened. */
import assert from 'node:assert/strict';
import { TSEvent } from 'rockpool-node';
import {
  BoardImage,
  copyBiases,
  DynapseControl,
  formatBiases,
  loadBiases,
  NeuronAllocator,
  parseBiases,
  planBatches,
  saveBiases,
  type StimulusOptions,
} from 'rockpool-node/devices/dynapse';

type Coded = Error & { code?: string };
const fails = (code: string, message: RegExp) => (error: Coded) => {
  assert.equal(error.code, code, error.stack);
  assert.match(error.message, message);
  return true;
};
const wrong = <T>(value: unknown): T => value as T;

describe('DynapseControl, arguments', () => {
  let control: DynapseControl;
  before(async () => {
    control = await DynapseControl.open({ controller: 'model' });
  });
  after(() => control.close());

  it('virtual neuron 0 is never played', async () => {
    const series = new TSEvent([0.001], [0], { tStart: 0, tStop: 0.002 });
    for (const call of [
      () => control.sendEvents(series),
      () => control.sendEvents(series, { virtualNeuronIds: [0] }),
      () => control.sendEvents({ timesteps: [1], channels: [0] }),
      () => control.sendPulse(0),
      () => control.startContStim(10, [3, 0]),
      () => control.startPoisson(100, [0]),
    ])
      await assert.rejects(call, fails('ERR_VALUE', /empty synapses/));
    const options: StimulusOptions = { tRecord: 0.001 };
    assert.notEqual(await control.sendEvents({ timesteps: [1], channels: [7] }, options), null);
  });

  it('stimuli', async () => {
    for (const bad of [null, undefined, 5, {}])
      await assert.rejects(control.sendEvents(wrong(bad)), fails('ERR_TYPE', /stimulus/));
    await assert.rejects(
      control.sendEvents({ timesteps: [2, 1], channels: [1] }),
      fails('ERR_VALUE', /timesteps to be .*ascending, received 1 /),
    );
    for (const bad of [undefined, null, 'x'])
      await assert.rejects(control.startPoisson(wrong(bad), [1]), /frequencies/);
    await assert.rejects(control.startPoisson(wrong({ length: 1e9 }), [1]), fails('ERR_SHAPE', /frequencies/));
    const generation = control._memoryGeneration;
    const onProgress = wrong<() => void>(1);
    await assert.rejects(control.sendPulse(3, { onProgress }), fails('ERR_TYPE', /onProgress/));
    await assert.rejects(control.record(0.001, { onProgress }), fails('ERR_TYPE', /onProgress/));
    assert.equal(control._memoryGeneration, generation);
  });

  it('opening', async () => {
    const open = (options: object) => DynapseControl.open(options);
    await assert.rejects(open({ biases: 1 }), fails('ERR_TYPE', /biases/));
    await assert.rejects(open({ biases: [{ core: 99, name: 'IF_DC_P', fine: 1, coarse: 1 }] }), /core/);
    const chosen = { serial: 'A', bus: 1, address: 1 };
    for (const [name, value] of Object.entries(chosen))
      await assert.rejects(open({ controller: 'model', [name]: value }), fails('ERR_VALUE', new RegExp(name)));
    await assert.rejects(open({ controller: 'model', anyLogic: 1 }), fails('ERR_TYPE', /anyLogic/));
  });

  it('connections', async () => {
    await assert.rejects(control.setConnections([[1]], [-1], [2]), fails('ERR_VALUE', /neuronIds to be/));
    await assert.rejects(control.setConnections([[1]], [1], [9999]), fails('ERR_VALUE', /neuronIdsPost to be/));
    await assert.rejects(control.setConnections([[1], [1]], [1, 1], [2]), fails('ERR_VALUE', /1 is there twice/));
    await assert.rejects(control.removeConnectionsFrom([1], { virtual: wrong('x') }), fails('ERR_TYPE', /virtual/));
    assert.throws(() => control.getConnections(wrong(null), [1]), fails('ERR_TYPE', /neuronIds/));
  });

  it('neurons', () => {
    for (const bad of [null, 5])
      assert.throws(() => new NeuronAllocator(wrong(bad)), fails('ERR_TYPE', /preparedChips/));
    const allocator = new NeuronAllocator([0]);
    assert.throws(() => allocator.allocate(wrong('x'), 1), fails('ERR_VALUE', /kind/));
    assert.throws(() => allocator.numFree(wrong('x')), fails('ERR_VALUE', /kind/));
    assert.throws(() => allocator.allocate('hardware', [1, 1]), fails('ERR_VALUE', /1 is there twice/));
  });

  it('files of biases', async () => {
    const line = '\u001b[31m' + 'x'.repeat(1e6);
    assert.throws(
      () => parseBiases(line),
      (error: Coded) => error.code === 'ERR_FILE' && error.message.length < 300 && !error.message.includes('\u001b'),
    );
    assert.throws(() => parseBiases('m.get_bias_groups()[0].set_bias("NONE_P", 1, 1)'), fails('ERR_FILE', /NONE_P/));
    const unknown = [{ core: 0, name: 'NONE_P', fine: 1, coarse: 1 }];
    assert.throws(() => formatBiases(unknown), fails('ERR_VALUE', /name/));
    assert.throws(() => formatBiases(wrong(null)), fails('ERR_TYPE', /biases/));
    await assert.rejects(saveBiases('unwritten.py', [], { coreIds: [] }), fails('ERR_SHAPE', /coreIds/));
    assert.throws(() => copyBiases([], 0, []), fails('ERR_SHAPE', /coreIds/));
    await assert.rejects(loadBiases(''), fails('ERR_VALUE', /filename/));
  });

  it('images are of the size of the board, and their own', () => {
    const { _cams: cams, _srams: srams } = new BoardImage();
    assert.throws(() => new BoardImage({ cams: new Uint16Array(3), srams }), fails('ERR_SHAPE', /cams/));
    const given = cams.slice();
    const image = new BoardImage({ cams: given, srams });
    given.fill(5);
    assert.equal(image.synapsesOf(3).length, 0);
  });

  it('plans of more batches than anybody waits for', () => {
    assert.throws(() => planBatches([1], 1e8, { maxNumTimesteps: 1 }), fails('ERR_VALUE', /maxNumTimesteps/));
    assert.equal(planBatches([1], 1e8, { maxNumTimesteps: 1e6 }).length, 100);
  });

  it('an iteration over spikes ends while the board is quiet', async () => {
    const spikes = control.spikes();
    const next = spikes.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(await spikes.return(), { done: true, value: undefined });
    assert.equal((await next).done, true);
    await control.record(0.001);
  });
});
