import assert from 'node:assert/strict';
import { TSEvent } from 'rockpool-node';
import { FFIAFBrian, FFIAFSpkInTorch, RecIAFSpkInBrian, RecIAFSpkInNest, SparseMatrix } from 'rockpool-node/layers';

const train = (channels: number[], numChannels: number) =>
  new TSEvent(
    channels.map((_, i) => (i + 0.5) * 1e-3),
    channels,
    { numChannels, tStart: 0, tStop: 0.1 },
  );

describe('synapticEvents', () => {
  const weightsIn = [
    [1, 0, -1],
    [0, 0, 2],
  ];
  const weightsRec = [
    [0, 1, 1],
    [0, 0, 0],
    [-1, 0, 0],
  ];

  it('counts the synapses that input and own spikes reach', () => {
    const layer = new RecIAFSpkInBrian(weightsIn, weightsRec, { dt: 1e-3 });
    assert.equal(layer.synapticEvents(train([0, 1, 1], 2), 'input'), 2 + 1 + 1);
    assert.equal(layer.synapticEvents(train([0, 1, 2, 0], 3), 'recurrent'), 2 + 0 + 1 + 2);
    assert.equal(layer.synapticEvents(train([], 3), 'recurrent'), 0);
  });

  it('counts excitatory and inhibitory synapses, dense or sparse', () => {
    const options = { dt: 1e-3, tauSyn: 5e-3 };
    const dense = new RecIAFSpkInNest(weightsIn, weightsRec, options);
    const sparse = new RecIAFSpkInNest(SparseMatrix.fromDense(weightsIn), SparseMatrix.fromDense(weightsRec), options);
    for (const layer of [dense, sparse]) {
      assert.equal(layer.synapticEvents(train([0, 1], 2), 'input'), 3);
      assert.equal(layer.synapticEvents(train([0, 1, 2], 3), 'recurrent'), 3);
    }
  });

  it('follows weights that are written', () => {
    const layer = new FFIAFSpkInTorch(weightsIn, { dt: 1e-3 });
    assert.equal(layer.synapticEvents(train([0], 2), 'input'), 2);
    layer.weights.set(0, 1, 3);
    assert.equal(layer.synapticEvents(train([0], 2), 'input'), 3);
  });

  it('is 0 where there are no synapses of the kind', () => {
    assert.equal(new FFIAFSpkInTorch(weightsIn, { dt: 1e-3 }).synapticEvents(train([0], 3), 'recurrent'), 0);
    assert.equal(new FFIAFBrian(weightsIn, { dt: 1e-3 }).synapticEvents(train([0], 2), 'input'), 0);
  });

  it('refuses channels that there are not, and other arguments', () => {
    const layer = new RecIAFSpkInBrian(weightsIn, weightsRec, { dt: 1e-3 });
    assert.throws(() => layer.synapticEvents(train([2], 3), 'input'), { code: 'ERR_INDEX' });
    assert.throws(() => layer.synapticEvents(train([3], 4), 'recurrent'), { code: 'ERR_INDEX' });
    assert.throws(() => layer.synapticEvents([0] as never, 'input'), { code: 'ERR_TYPE' });
    assert.throws(() => layer.synapticEvents(train([0], 2), 'both' as never), { code: 'ERR_VALUE' });
  });
});
