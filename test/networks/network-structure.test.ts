import assert from 'node:assert/strict';
import { gcd, isMultiple, lcm, Network, setWarningHandler, TSContinuous } from 'rockpool-node';
import { Accumulator, codeOf, EventCounter, ones } from '../layers/helpers.js';
import '../layers/register.js';

const layer = (name: string, dt = 0.1, sizeIn = 1, size = sizeIn): Accumulator =>
  new Accumulator(
    Array.from({ length: sizeIn }, () => new Array<number>(size).fill(1)),
    { dt, name },
  );

describe('Network: structure', () => {
  before(() => setWarningHandler(() => undefined));
  after(() => setWarningHandler(null));

  it('is made in every form', () => {
    for (const make of [
      (a: Accumulator, b: Accumulator) => new Network(a, b, { dt: 0.2 }),
      (a: Accumulator, b: Accumulator) => new Network([a, b], { dt: 0.2 }),
      (a: Accumulator, b: Accumulator) => new Network({ layers: [a, b], dt: 0.2 }),
    ]) {
      const [a, b] = [layer('a'), layer('b')];
      const net = make(a, b);
      assert.deepEqual([...net.layers.keys()], ['a', 'b']);
      assert.deepEqual([net.inputLayer, net.outputLayer, net.a, net.layer('b')], [a, b, a, b]);
      assert.deepEqual(
        [net.evolOrder, [...net.layerset]],
        [
          [a, b],
          [a, b],
        ],
      );
      assert.deepEqual(
        [net.preLayer(a), net.preLayer('b'), net.externalInput(a), net.externalInput('b')],
        [null, a, true, false],
      );
      assert.deepEqual([net.dt, net.t, net.timestep], [0.2, 0, 0]);
    }
    const empty = new Network([]);
    assert.deepEqual([empty.dt, empty.t, empty.evolOrder, empty.inputLayer], [null, 0, [], null]);
    assert.equal(String(new Network()), 'Network object with 0 layers\n    ');
    assert.equal(
      codeOf(() => empty.evolve(null, { numTimesteps: 1 })),
      'ERR_STATE',
    );
  });

  it('refuses wrong arguments', () => {
    const a = layer('a');
    assert.equal(
      codeOf(() => new Network(a, a)),
      'ERR_NAME',
    );
    assert.equal(
      codeOf(() => new Network([null as never])),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new Network(null as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new Network(3 as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => new Network([a], { dt: 0 })),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => new Network([a], { dts: 1 } as never)),
      'ERR_TYPE',
    );
    const net = new Network([layer('x')]);
    assert.equal(
      codeOf(() => net.addLayer(null as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(() => net.addLayer(a, { inputLayer: 'nobody' })),
      'ERR_NAME',
    );
    assert.equal(
      codeOf(() => net.layer('nobody')),
      'ERR_NAME',
    );
    assert.equal(
      codeOf(() => net.removeLayer(a)),
      'ERR_NAME',
    );
    assert.deepEqual([...net.layers.keys()], ['x']);
  });

  it('finds free names and leaves the layers theirs', () => {
    const net = new Network();
    const name = (wanted: string): string => net.layerName(net.addLayer(layer(wanted)));
    assert.deepEqual(['a', 'a', 'a'].map(name), ['a', 'a_0', 'a_1']);
    assert.deepEqual(['x_3', 'x_3', 'x_9_y', 'x_9_y', 'dt', 'evolve', 'external'].map(name), [
      'x_3',
      'x_4',
      'x_9_y',
      'x_9_y_0',
      'dt_0',
      'evolve_0',
      'external_0',
    ]);
    assert.equal(net.a_1.name, 'a');
    assert.match(String(net), /Accumulator object: "a_1" \[/);
    assert.equal(net.addLayer(net.a), net.a);
    assert.equal(net.layers.size, 10);
  });

  it('connects what fits, and changes nothing otherwise', () => {
    const [a, b, c] = [layer('a'), layer('b'), layer('c')];
    const net = new Network(a, b, c);
    const wide = net.addLayer(layer('wide', 0.1, 2));
    const events = net.addLayer(new EventCounter(1, { dt: 0.1, name: 'events' }));
    assert.equal(
      codeOf(() => net.connect(a, wide)),
      'ERR_DIMENSION',
    );
    assert.equal(
      codeOf(() => net.connect(a, events)),
      'ERR_CLASS',
    );
    assert.equal(
      codeOf(() => net.connect(c, b)),
      'ERR_CYCLE',
    );
    assert.equal(
      codeOf(() => net.connect(b, b)),
      'ERR_CYCLE',
    );
    assert.equal(
      codeOf(() => net.connect(b, a)),
      'ERR_STATE',
    );
    assert.equal(
      codeOf(() => net.connect(a, layer('stranger'))),
      'ERR_NAME',
    );
    assert.equal(
      codeOf(() => net.connect(a, layer('stranger', 0.1, 3))),
      'ERR_DIMENSION',
    );
    assert.equal(net.preLayer(b), a);
    net.connect(a, c);
    assert.equal(net.preLayer(c), a);
    net.disconnect(b, c);
    assert.equal(net.preLayer(c), a);
    net.disconnect('a', 'c');
    assert.equal(net.preLayer(c), null);
    assert.equal(
      codeOf(() => net.setExternalInput(b, true)),
      'ERR_STATE',
    );
    net.setExternalInput(c, true);
    assert.ok(net.externalInput(c));
    assert.equal(
      codeOf(() => net.addLayer(layer('d'), { inputLayer: a, externalInput: true })),
      'ERR_STATE',
    );
    assert.equal(
      codeOf(() => net.addLayer(layer('d'), { outputLayer: a })),
      'ERR_STATE',
    );
    assert.equal(net['d'], undefined);
    assert.equal(net.layers.size, 5);
  });

  it('adds a layer in front of another one', () => {
    const b = layer('b');
    const net = new Network();
    net.addLayer(b);
    const a = net.addLayer(layer('a'), { outputLayer: b, externalInput: true });
    assert.deepEqual(net.evolOrder, [a, b]);
  });

  it('removes layers', () => {
    const [a, b, c] = [layer('a', 0.1), layer('b', 0.2), layer('c', 0.3)];
    const net = new Network(a, b, c);
    assert.equal(net.dt, 0.6);
    const codes: string[] = [];
    setWarningHandler(({ code, message }) => codes.push(code, message));
    net.removeLayer(b);
    setWarningHandler(() => undefined);
    assert.equal(codes[0], 'LAYER_WITHOUT_INPUT');
    assert.match(codes[1], /'c'/);
    assert.deepEqual([net.dt, net['b'], net.preLayer(c), net.outputLayer], [0.3, undefined, null, c]);
    net.removeLayer('c');
    assert.deepEqual([net.outputLayer, net.inputLayer, net.dt], [null, a, 0.1]);
    net.evolve(ones(1));
    net.removeLayer(a);
    assert.deepEqual([net.dt, net.t, net.inputLayer], [null, 0, null]);
  });

  it('has the common time steps of the reference', () => {
    const steps = (dts: number[], dt?: number): number | null =>
      new Network(
        dts.map((d, i) => layer(`l${i}`, d)),
        { dt },
      ).dt;
    assert.equal(steps([0.005, 0.003, 0.006]), 0.03);
    assert.equal(steps([0.007, 0.013, 0.043]), 3.913);
    assert.equal(steps([1 / 3, 1 / 6]), Number((1 / 3).toPrecision(15)));
    assert.equal(steps([1e-8, 2e-8]), 2e-8);
    assert.equal(steps([0.001], 0.005), 0.005);
    assert.equal(
      codeOf(() => steps([0.002], 0.005)),
      'ERR_DT',
    );
    assert.equal(
      codeOf(() => steps([0.1, 0.1 * Math.SQRT2])),
      'ERR_DT',
    );
    assert.equal(
      codeOf(() => steps([0.0101, 0.0103])),
      'ERR_DT',
    );
    const net = new Network(layer('a', 0.005), layer('b', 0.003), layer('c', 0.006));
    assert.deepEqual(
      ['a', 'b', 'c'].map((n) => net.timestepsPerNetworkDt(n)),
      [6, 10, 5],
    );
    const signals = net.evolve(ones(1), { duration: 0.09 });
    assert.deepEqual(
      ['a', 'b', 'c'].map((n) => signals[n].length),
      [18, 30, 15],
    );
    assert.ok(['a', 'b', 'c'].every((n) => Math.abs(signals[n].tStop - 0.09) < 1e-12 && signals[n].tStart === 0));
    assert.equal(net.timestep, 3);
    assert.ok([net.t, net.a.t, net.b.t, net.c.t].every((t) => Math.abs(t - 0.09) < 1e-12));
    net.a.dt = 0.003;
    assert.equal(
      codeOf(() => net.evolve(ones(1), { numTimesteps: 1 })),
      'ERR_SYNC',
    );
  });

  it('refuses a layer without a common time step and stays as it was', () => {
    const net = new Network(layer('a', 0.1));
    assert.equal(
      codeOf(() => net.addLayer(layer('b', 0.1 * Math.PI))),
      'ERR_DT',
    );
    assert.deepEqual([net.dt, [...net.layers.keys()], net['b']], [0.1, ['a'], undefined]);
  });

  it('refuses a layer at another time, unless it may set its clock', () => {
    const net = new Network(layer('a', 0.1));
    net.evolve(ones(1));
    const b = layer('b', 0.05);
    assert.equal(
      codeOf(() => net.addLayer(b)),
      'ERR_SYNC',
    );
    assert.equal(b.t, 0);
    net.addLayer(b, { syncTime: true });
    assert.equal(b.timestep, 20);
    const c = layer('c', 0.2);
    net.addLayer(c, { syncTime: true });
    assert.deepEqual([net.dt, net.t, net.timestep], [0.2, 1, 5]);
    assert.equal(
      codeOf(() => net.addLayer(layer('d', 0.3), { syncTime: true })),
      'ERR_SYNC',
    );
    assert.deepEqual([net.dt, net.t, net.layers.size], [0.2, 1, 3]);
  });

  it('copies around the same layers without disconnecting the original', () => {
    const net = new Network(layer('a'), layer('b'));
    const copy = net.shallowCopy();
    for (const n of [net, copy]) assert.equal(n.preLayer('b'), net.a);
    copy.disconnect('a', 'b');
    assert.equal(net.preLayer('b'), net.a);
    assert.deepEqual([copy.inputLayer, copy.outputLayer, copy.b], [net.a, net.b, net.b]);
    assert.equal('dt' in copy.toDict(), false);
  });

  it('prints as the original does', () => {
    const net = new Network(layer('a', 0.1, 2, 3), layer('b', 0.1, 3));
    assert.equal(
      String(net),
      'Network object with 2 layers\n    Accumulator object: "a" [2 TSContinuous in -> 3 internal -> 3 TSContinuous out]\n    Accumulator object: "b" [3 TSContinuous in -> 3 internal -> 3 TSContinuous out]',
    );
  });

  it('orders branches as they were added', () => {
    const net = new Network(layer('a'));
    for (const n of ['z', 'y', 'x']) net.addLayer(layer(n), { inputLayer: 'a' });
    assert.deepEqual(
      net.evolOrder.map((l) => l.name),
      ['a', 'z', 'y', 'x'],
    );
  });

  it('stands for its ends in another network', () => {
    const inner = new Network([layer('a', 0.1, 1, 2), layer('b', 0.2, 2, 3)], { name: 'inner' });
    assert.deepEqual(
      [inner.sizeIn, inner.sizeOut, inner.inputType, inner.outputType],
      [1, 3, TSContinuous, TSContinuous],
    );
    const net = new Network(layer('first'), inner, layer('last', 0.1, 3));
    const signals = net.evolve(ones(1));
    assert.deepEqual(Object.keys(signals), ['external', 'first', 'inner', 'last']);
    assert.equal(signals['inner'].numChannels, 3);
    assert.equal(inner.t, 1);
    const twin = Network.loadFromDict(net.toDict());
    assert.deepEqual(twin.toDict(), net.toDict());
  });

  it('does the arithmetic of time steps', () => {
    assert.deepEqual([lcm(0.1, 0.25), gcd(0.1, 0.25), lcm(1.79, 1.65), gcd(1.1, 1.78)], [0.5, 0.05, 295.35, 0.02]);
    assert.deepEqual([isMultiple(0.6, 0.2), isMultiple(0.2, 0.6), isMultiple(0.3, 0.1)], [true, false, true]);
    assert.equal(
      codeOf(() => lcm(0, 1)),
      'ERR_VALUE',
    );
  });
});
