import assert from 'node:assert/strict';
import { Network, setWarningHandler, TSContinuous, type TimeSeries } from 'rockpool-node';
import { Layer, PassThrough } from 'rockpool-node/layers';
import { codeOf } from '../layers/helpers.js';
import '../layers/register.js';

const layer = (name: string, dt = 1): PassThrough => new PassThrough([[1]], { dt, name });

/** Returns what it is told to. */
class Answering extends Layer {
  answer: unknown;
  evolve(tsInput?: TimeSeries | null, options = {}): TSContinuous {
    this.timestep += this.determineTimesteps(tsInput, options);
    return this.answer as TSContinuous;
  }
}

describe('Networks under rough handling', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('stay as they are when a layer cannot be removed', () => {
    const net = new Network([layer('a'), layer('c', 1003), layer('b', 1.003)]);
    assert.equal(
      codeOf(() => net.removeLayer('c')),
      'ERR_DT',
    );
    assert.deepEqual([...net.layers.keys()], ['a', 'c', 'b']);
    assert.deepEqual([net.dt, net.preLayer('b'), 'c' in net], [1003, net.layer('c'), true]);
  });

  it('refuse to hold themselves', () => {
    const net = new Network([layer('a')], { name: 'net' });
    const outer = new Network([net], { name: 'outer' });
    const outermost = new Network([outer]);
    for (const around of [net, outer, outermost])
      assert.equal(
        codeOf(() => net.addLayer(around)),
        'ERR_CYCLE',
      );
    assert.equal(net.layers.size, 1);
    assert.match(String(outer), /\n {4}Network object with 1 layers\n {8}PassThrough object: "a"/);
  });

  it('refuse what is no series, and leave the series of the user alone', () => {
    const one = new Answering([[1]], { name: 'one' });
    one.resetAll();
    const net = new Network([one]);
    assert.equal(
      codeOf(() => net.evolve(null, { numTimesteps: 1 })),
      'ERR_TYPE',
    );
    assert.deepEqual([net.timestep, one.timestep], [0, 0]);
    const input = new TSContinuous([0, 1], [0, 1], { name: 'unnamed' });
    one.answer = input;
    assert.equal(net.evolve(input)['one'], input);
    assert.equal(input.name, 'unnamed');
  });

  it('refuse what is no dictionary', () => {
    for (const wrong of [null, undefined, 3, 'x', []]) {
      assert.match(String(codeOf(() => Network.loadFromDict(wrong as never))), /^ERR_(TYPE|KEY)$/);
      if (wrong !== undefined)
        assert.equal(
          codeOf(() => Network.loadFromDict({ layers: [] }, wrong as never)),
          'ERR_TYPE',
        );
    }
  });
});
