import assert from 'node:assert/strict';
import { concurrency, setConcurrency } from 'rockpool-node';
import { type IAFLayer, RecIAFSpkInNest, SparseMatrix } from 'rockpool-node/layers';
import { matrix } from '../rate-helpers';
import { allNames, assertSameRun, classOf, inputFor, isRefractory, make, type Name, takesEvents } from './helpers';

const steps = 200;

/** The layer that its dictionary describes, in the same state. */
function remade(layer: IAFLayer, name: Name): IAFLayer {
  const Class = classOf(name) as unknown as { loadFromDict(config: object): IAFLayer };
  const copy = Class.loadFromDict(layer.toDict());
  copy.restore(layer.snapshot());
  return copy;
}

/** Both go on alike: what was prepared before is not used where it is out of date. */
function assertLikeRemade(layer: IAFLayer, name: Name): void {
  const fresh = remade(layer, name);
  const input = inputFor(layer, 8 * steps, 9);
  const spikes = layer.evolve(input, { numTimesteps: steps });
  assertSameRun(spikes, fresh.evolve(input, { numTimesteps: steps }));
  assert.deepEqual(layer.snapshot(), fresh.snapshot());
}

describe('Parameters that are set after a run', () => {
  for (const name of allNames) {
    it(`act in the next run of ${name}`, () => {
      const layer = make(name);
      layer.evolve(inputFor(layer, steps), { numTimesteps: steps });
      layer.bias = 14e-3;
      assertLikeRemade(layer, name);
      layer.tauMem[1] = 15e-3; // written, not set
      assertLikeRemade(layer, name);
      if (isRefractory(name)) layer.refractory = 3e-3;
      layer.weights.set(0, 1, 0.04);
      assertLikeRemade(layer, name);
      layer.weights = matrix(layer.weights.shape[0], layer.size, 77, 0.03);
      layer.vThresh = layer.vThresh.map((v) => v - 1e-3);
      assertLikeRemade(layer, name);
    });
  }

  it('act with delays and sparse weights, on any number of threads', () => {
    const size = 40;
    const options = { dt: 1e-3, bias: 12e-3, delayRec: 4e-3, seed: 5 };
    const { data, shape } = matrix(size, size, 2, 0.02);
    const weightsRec = SparseMatrix.fromDense({ data: data.map((w, k) => (k % 7 ? 0 : w)), shape });
    const layer = new RecIAFSpkInNest(matrix(3, size, 1, 0.05), weightsRec, options);
    assert.ok(takesEvents(layer.className));
    const before = concurrency();
    try {
      for (const threads of [1, 3, 3, 2]) {
        setConcurrency(threads);
        layer.bias = 12e-3 + threads * 1e-4;
        assertLikeRemade(layer, 'RecIAFSpkInNest');
      }
    } finally {
      setConcurrency(before);
    }
  });

  it('of a wrong value leave a layer that works when they are mended', () => {
    const layer = make('RecIAFSpkInBrian');
    const input = inputFor(layer, 8 * steps);
    layer.evolve(input, { numTimesteps: steps });
    layer.vThresh[2] = -1; // below the reset
    assert.throws(() => layer.evolve(input, { numTimesteps: steps }), { code: 'ERR_VALUE' });
    layer.vThresh[2] = layer.vThresh[1];
    assertLikeRemade(layer, 'RecIAFSpkInBrian');
    layer.weights.set(1, 1, Number.NaN);
    assert.throws(() => layer.evolve(input, { numTimesteps: steps }), { code: 'ERR_VALUE' });
    layer.weights.set(1, 1, 0.01);
    assertLikeRemade(layer, 'RecIAFSpkInBrian');
  });
});
