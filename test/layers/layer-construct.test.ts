import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { TSContinuous, TSEvent } from 'rockpool-node';
import { Layer } from 'rockpool-node/layers';
import { Accumulator, codeOf, EventCounter } from './helpers.js';

describe('Layer: construction and attributes', () => {
  it('reads weights of every form, and both forms of arguments', () => {
    for (const [weights, shape] of [
      [3, [1, 1]],
      [
        [1, 2, 3],
        [1, 3],
      ],
      [
        [
          [1, 2],
          [3, 4],
          [5, 6],
        ],
        [3, 2],
      ],
      [new Float64Array(4), [1, 4]],
      [{ data: [1, 2, 3, 4, 5, 6], shape: [2, 3] }, [2, 3]],
    ] as const) {
      assert.deepEqual([...new Accumulator(weights as never).weights.shape], shape);
    }
    class Plain extends Layer {
      evolve(): TSContinuous {
        return new TSContinuous([], []);
      }
    }
    const layer = new Plain({ weights: [[1, 2]], dt: 0.5, noiseStd: null, name: null, seed: 7 });
    assert.deepEqual(
      [layer.dt, layer.noiseStd, layer.name, layer.seed, layer.sizeIn, layer.size, layer.sizeOut],
      [0.5, 0, 'unnamed', 7, 1, 2, 2],
    );
    assert.equal(new Plain([[1]]).dt, 1);
    assert.throws(() => layer.state, { code: 'ERR_STATE' });
  });

  it('keeps weight containers of one’s own', () => {
    const container = { shape: [4, 2], kernels: [] };
    assert.equal(new Accumulator(container as never).weights, container as never);
    assert.equal(new Accumulator(container as never).sizeIn, 4);
  });

  it('copies what it is given', () => {
    const weights = Float64Array.of(1, 2);
    const layer = new Accumulator(weights);
    weights[0] = 9;
    assert.equal(layer.weights.get(0, 0), 1);
    const state = Float64Array.of(5, 6);
    layer.state = state;
    state[0] = 9;
    assert.equal(layer.state[0], 5);
    layer.weights.set(0, 1, 8);
    assert.equal(layer.weights.get(0, 1), 8);
  });

  it('refuses wrong arguments with the code and the name of the argument', () => {
    const cases: [() => unknown, RegExp, string][] = [
      [() => new Accumulator(null as never), /weights/, 'ERR_TYPE'],
      [() => new Accumulator(undefined as never), /weights/, 'ERR_TYPE'],
      [() => new Accumulator('1' as never), /weights/, 'ERR_TYPE'],
      [() => new Accumulator([[[1]]]), /weights to be a matrix, received 1 x 1 x 1/, 'ERR_SHAPE'],
      [() => new Accumulator([[1, 2], [3]]), /weights/, 'ERR_SHAPE'],
      [() => new Accumulator(1, { dt: 0 }), /dt to be a finite number greater than 0, received 0/, 'ERR_VALUE'],
      [() => new Accumulator(1, { dt: -1 }), /dt/, 'ERR_VALUE'],
      [() => new Accumulator(1, { dt: NaN }), /dt/, 'ERR_VALUE'],
      [() => new Accumulator(1, { dt: Infinity }), /dt/, 'ERR_VALUE'],
      [() => new Accumulator(1, { dt: '1' as never }), /dt/, 'ERR_TYPE'],
      [() => new Accumulator(1, { dt: [1, 2] as never }), /dt/, 'ERR_TYPE'],
      [() => new Accumulator(1, { noiseStd: -1 }), /noiseStd/, 'ERR_VALUE'],
      [() => new Accumulator(1, { noiseStd: [1, 2] as never }), /noiseStd/, 'ERR_TYPE'],
      [() => new Accumulator(1, { name: 3 as never }), /name/, 'ERR_TYPE'],
      [() => new Accumulator(1, { seed: 1.5 }), /seed/, 'ERR_VALUE'],
      [() => new Accumulator(1, { tau: 1 } as never), /only the options .*received the option 'tau'/, 'ERR_TYPE'],
      [() => new (Layer as never as new (w: number) => Layer)(1), /subclass of Layer/, 'ERR_TYPE'],
    ];
    for (const [fn, message, code] of cases)
      assert.throws(
        fn,
        (error: Error & { code: string }) => message.test(error.message) && error.code === code,
        String(fn),
      );
  });

  it('has setters with the same checks', () => {
    const layer = new Accumulator(
      [
        [1, 2],
        [3, 4],
      ],
      { dt: 0.1 },
    );
    layer.weights = [
      [5, 6],
      [7, 8],
    ];
    assert.deepEqual(layer.weights.toArray(), [
      [5, 6],
      [7, 8],
    ]);
    layer.weights = [1, 2, 3, 4];
    assert.deepEqual(layer.weights.toArray(), [
      [1, 2],
      [3, 4],
    ]);
    assert.equal(
      codeOf(() => (layer.weights = null as never)),
      'ERR_TYPE',
    );
    assert.equal(
      codeOf(
        () =>
          (layer.weights = [
            [1, 2, 3],
            [4, 5, 6],
          ]),
      ),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.weights = [[1, 2, 3, 4]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.weights = 1)),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (new Accumulator([[1, 2]]).weights = [[1], [2]])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.state = 1)),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.state = [1, 2, 3])),
      'ERR_SHAPE',
    );
    assert.equal(
      codeOf(() => (layer.dt = 0)),
      'ERR_VALUE',
    );
    assert.equal(
      codeOf(() => (layer.noiseStd = [1, 2] as never)),
      'ERR_TYPE',
    );
    layer.noiseStd = null;
    layer.name = null;
    assert.deepEqual([layer.noiseStd, layer.name], [0, 'unnamed']);
  });

  it('counts time in steps', () => {
    const layer = new Accumulator(1, { dt: 0.1 });
    for (const [t, step] of [
      [0.3, 3],
      [0.7, 7],
      [0.6, 6],
      [1.1, 11],
      [2.3, 23],
      [0.35, 3],
    ] as const) {
      layer.t = t;
      assert.equal(layer.timestep, step);
      assert.equal(layer._t, step * 0.1);
    }
    layer._t = 0.2;
    layer.dt = 1;
    assert.equal(layer.t, 2);
    assert.equal(
      codeOf(() => (layer.t = -1)),
      'ERR_VALUE',
    );
  });

  it('describes itself', () => {
    const layer = new EventCounter(
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      { name: 'x' },
    );
    assert.equal(String(layer), 'EventCounter object: "x" [3 TSEvent in -> 2 internal -> 2 TSContinuous out]');
    assert.equal(inspect(layer), String(layer));
    assert.equal(layer.startPrint, "EventCounter 'x': ");
    assert.equal(layer.inputType, TSEvent);
    assert.equal(layer.outputType, TSContinuous);
    assert.equal(layer.className, 'EventCounter');
  });
});
