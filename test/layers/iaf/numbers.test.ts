import assert from 'node:assert/strict';
import { TSContinuous, TSEvent } from 'rockpool-node';
import {
  FFIAFBrian,
  FFIAFNest,
  FFIAFSpkInBrian,
  FFIAFSpkInTorch,
  FFIAFTorch,
  RecIAFSpkInBrian,
  RecIAFSpkInNest,
  RecIAFSpkInRefrCLTorch,
  RecIAFSpkInRefrTorch,
  RecIAFTorch,
  type IAFLayer,
} from 'rockpool-node/layers';
import { assertClose, assertSame } from '../rate-helpers';
import { stepsOf } from './helpers';

const dt = 1e-3;

/** Potentials after each of the first steps. */
function potentials(layer: IAFLayer, steps: number, input: TSEvent | TSContinuous | null = null): number[][] {
  return Array.from({ length: steps }, () => {
    layer.evolve(input, { numTimesteps: 1 });
    return Array.from(layer.state);
  });
}

describe('a single neuron with constant input', () => {
  const options = { dt, bias: 0.015, vThresh: -0.055 };
  const euler = [-0.06425, -0.0635375, -0.062860625, -0.06221759375, -0.0616067140625];
  const exact = [1, 2, 3, 4, 5].map((k) => -0.065 + 0.015 * -Math.expm1((-k * dt) / 20e-3));

  it('follows the forward Euler step', () => {
    assertClose(potentials(new FFIAFTorch([[1]], options), 5).flat(), euler, 1e-15);
  });

  it('follows the exponential', () => {
    for (const layer of [
      new FFIAFNest([[1]], options),
      new FFIAFTorch([[1]], { ...options, integrator: 'exact' }),
      new FFIAFBrian([[1]], { ...options, integratorName: 'linear' }),
      new FFIAFBrian([[1]], { ...options, integratorName: 'exponential_euler' }),
    ])
      assertClose(potentials(layer, 5).flat(), exact, 1e-15);
  });

  it('follows the Runge-Kutta step, which is the exponential to fourth order', () => {
    const a = dt / 20e-3;
    const factor = 1 - a + a ** 2 / 2 - a ** 3 / 6 + a ** 4 / 24;
    const expected = [1, 2, 3, 4, 5].map((k) => -0.065 + 0.015 * (1 - factor ** k));
    for (const layer of [new FFIAFBrian([[1]], options), new FFIAFTorch([[1]], { ...options, integrator: 'rk4' })])
      assertClose(potentials(layer, 5).flat(), expected, 1e-14);
    assertClose(expected, exact, 1e-8);
  });

  it('fires when it must, with and without a refractory period', () => {
    assert.deepEqual(stepsOf(new FFIAFTorch([[1]], options).evolve(null, { numTimesteps: 50 }), dt), [21, 43]);
    const held = new FFIAFNest([[1]], { ...options, refractory: 3e-3 });
    assert.deepEqual(stepsOf(held.evolve(null, { numTimesteps: 50 }), dt), [21, 46]);
    const free = new FFIAFNest([[1]], { ...options, refractory: 0 });
    assert.deepEqual(stepsOf(free.evolve(null, { numTimesteps: 50 }), dt), [21, 43]);
    // Brian counts the refractory time from the start of the step of the spike.
    const brian = new FFIAFBrian([[1]], { ...options, refractory: 4e-3 });
    assert.deepEqual(stepsOf(brian.evolve(null, { numTimesteps: 50 }), dt), [21, 46]);
  });

  it('fires at its threshold in the NEST classes, above it in the others', () => {
    const just = { dt, tauMem: dt, vThresh: -0.05, vReset: -0.07, vRest: -0.065, bias: 0.015 };
    // With Euler and dt = tau the potential is at the threshold after one step, exactly.
    const torch = new FFIAFTorch([[1]], just);
    assert.equal(torch.evolve(null, { numTimesteps: 1 }).length, 0);
    assert.equal(torch.state[0], -0.05);
    torch.vThresh = -0.0500000001;
    assert.equal(torch.evolve(null, { numTimesteps: 1 }).length, 1);
    // At rest, nothing moves.
    for (const vRest of [-0.05, -0.050001]) {
      const nest = new FFIAFNest([[1]], { ...just, vRest, bias: 0 });
      assert.equal(nest.evolve(null, { numTimesteps: 1 }).length, vRest === -0.05 ? 1 : 0);
    }
  });

  it('integrates R I / tau without a leak', () => {
    const layer = new FFIAFBrian([[1]], { dt, bias: 0.002, neuronEq: 'constant_leak' });
    assertClose(
      potentials(layer, 5).flat(),
      [1, 2, 3, 4, 5].map((k) => -0.065 + (0.002 * k * dt) / 20e-3),
      1e-15,
    );
  });

  it('scales by the capacity', () => {
    const layer = new FFIAFNest([[1]], { dt, bias: 0.01, capacity: 40e-3 });
    assertClose(
      potentials(layer, 3).flat(),
      [1, 2, 3].map((k) => -0.065 + 0.005 * -Math.expm1((-k * dt) / 20e-3)),
      1e-15,
    );
  });
});

/** The network of the reference's table. */
describe('two neurons with all that there is', () => {
  const common = { dt, bias: 0.005, tauMem: [20e-3, 10e-3], vThresh: -0.055, vReset: -0.065, vRest: -0.065 };
  const synapses = { tauSynInp: 5e-3, tauSynRec: [10e-3, 20e-3] };
  const weightsIn = [[0.02, 0.01]];
  const weightsRec = [
    [0, 0.03],
    [-0.02, 0],
  ];
  const input = new TSEvent(
    Float64Array.from({ length: 15 }, (_, k) => (2 * k + 0.5) * dt),
    0,
    { tStop: 30 * dt, numChannels: 1 },
  );
  const cases: [
    string,
    IAFLayer & { synapseState: Float64Array; synapseStateInp: Float64Array },
    number[][],
    string,
    number[],
    number[],
  ][] = [
    [
      'Euler, input without lag',
      new RecIAFSpkInRefrTorch({ weightsIn, weightsRec, ...common, ...synapses, refractory: 2e-3 }),
      [
        [-0.06375, -0.0635],
        [-0.062743769, -0.062331269],
        [-0.060936261, -0.060427822],
      ],
      '6: 0,1; 10: 1; 14: 1; 18: 0; 19: 1; 23: 1; 27: 1',
      [0.040564097, 0.020282049],
      [-0.044167589, 0.026807597],
    ],
    [
      'exact, input without lag',
      new RecIAFSpkInRefrTorch({
        weightsIn,
        weightsRec,
        ...common,
        ...synapses,
        refractory: 2e-3,
        integrator: 'exact',
      }),
      [
        [-0.063872823, -0.06366312],
        [-0.062960738, -0.062609547],
        [-0.061340906, -0.060922959],
      ],
      '6: 0,1; 11: 1; 16: 0,1; 20: 1; 24: 1; 28: 1',
      [0.040564097, 0.020282049],
      [-0.049120545, 0.025160476],
    ],
    [
      'exact, input a step later',
      new RecIAFSpkInBrian({
        weightsIn,
        weightsRec,
        ...common,
        ...synapses,
        refractory: 3e-3,
        integratorName: 'exact',
      }),
      [
        [-0.064756147, -0.064524187],
        [-0.063640863, -0.063232587],
        [-0.062740091, -0.062219984],
      ],
      '7: 0,1; 12: 1; 17: 0,1; 21: 1; 25: 1; 29: 1',
      [0.0495451, 0.02477255],
      [-0.054286598, 0.026450482],
    ],
  ];
  for (const [name, layer, first, spikes, currentIn, currentRec] of cases) {
    it(name, () => {
      potentials(layer, 3, input).forEach((v, k) => v.forEach((x, j) => assert.ok(Math.abs(x - first[k][j]) < 6e-10)));
      layer.resetAll();
      const out = layer.evolve(input);
      const byStep = new Map<number, number[]>();
      out.times.forEach((t, i) => {
        const k = Math.floor(t / dt);
        byStep.set(k, [...(byStep.get(k) ?? []), out.channels[i]]);
      });
      assert.equal([...byStep].map(([k, ids]) => `${k}: ${ids.join()}`).join('; '), spikes);
      currentIn.forEach((x, j) => assert.ok(Math.abs(layer.synapseStateInp[j] - x) < 6e-10));
      currentRec.forEach((x, j) => assert.ok(Math.abs(layer.synapseState[j] - x) < 6e-10));
    });
  }
});

describe('when an input event acts', () => {
  const one = (steps = 20): TSEvent => new TSEvent([2.5 * dt], [0], { tStop: steps * dt, numChannels: 1 });
  /** The first step that moves a potential from rest. */
  const firstEffect = (layer: IAFLayer): number => potentials(layer, 20, one()).findIndex(([v]) => v !== -0.065);

  it('in its own step in the Torch classes, in the next in the Brian classes', () => {
    assert.equal(firstEffect(new FFIAFSpkInTorch([[0.001]], { dt, bias: 0 })), 2);
    assert.equal(firstEffect(new FFIAFSpkInBrian([[0.001]], { dt, bias: 0 })), 3);
    assert.equal(firstEffect(new RecIAFSpkInBrian([[0.001]], [[0]], { dt, bias: 0 })), 3);
  });

  it('after its delay in the NEST classes', () => {
    for (const [delayIn, step] of [
      [undefined, 3],
      [1e-3, 3],
      [2e-3, 4],
      [7.4e-3, 9],
      [[[7.6e-3]], 10],
    ] as const)
      assert.equal(firstEffect(new RecIAFSpkInNest([[0.001]], [[0]], { dt, delayIn })), step);
  });

  it('as the potential kernel tells', () => {
    for (const tauSyn of [5e-3, 20e-3, 20e-3 * (1 + 1e-9), 80e-3]) {
      const layer = new FFIAFSpkInBrian([[0.001]], { dt: 1e-4, bias: 0, tauSyn, integratorName: 'exact' });
      const event = new TSEvent([0.5e-4], [0], { tStop: 0.2, numChannels: 1 });
      layer.evolve(event, { numTimesteps: 1 });
      const times = Float64Array.from({ length: 500 }, (_, k) => (k + 1) * 1e-4);
      const kernel = layer.potKernel(times);
      assert.deepEqual(kernel.shape, [500, 1]);
      const v = Array.from(times, () => {
        layer.evolve(null, { numTimesteps: 1 });
        return (layer.state[0] + 0.065) / 0.001;
      });
      v.forEach((x, k) => assert.ok(Math.abs(x - kernel.data[k]) < 1e-11));
      const peak = kernel.data.indexOf(Math.max(...kernel.data));
      if (tauSyn === 5e-3) {
        const tPeak = (Math.log(20 / 5) * 5e-3 * 20e-3) / 15e-3;
        assert.ok(Math.abs(times[peak] - tPeak) < 1e-4);
      }
    }
    const layer = new FFIAFSpkInBrian([[1]], {});
    assertClose(layer.potKernel([0.02]).data, [Math.exp(-1)], 1e-15);
    assertSame(layer.potKernel([-1, 0]).data, [0, 0]);
    assert.throws(() => layer.potKernel('x' as never), { code: 'ERR_TYPE' });
  });
});

describe('a recurrent spike', () => {
  it('acts undecayed in the next step, or after its delay', () => {
    const weightsRec = [
      [0, 0.02],
      [0, 0],
    ];
    const fire = (layer: IAFLayer): number[] => {
      layer.state = [0, -0.065]; // unit 0 is above its threshold
      return potentials(layer, 12).map(([, v]) => v);
    };
    const torch = fire(new RecIAFTorch(weightsRec, { dt, bias: 0 }));
    assert.equal(torch[0], -0.065);
    assert.ok(Math.abs(torch[1] - (-0.065 + 0.05 * 0.02)) < 1e-15);
    for (const [delayRec, step] of [
      [undefined, 2],
      [3e-3, 4],
      [
        [
          [1e-3, 5e-3],
          [1e-3, 1e-3],
        ],
        6,
      ],
    ] as const) {
      const nest = fire(new RecIAFSpkInNest([[0, 0]], weightsRec, { dt, delayRec }));
      assert.equal(
        nest.findIndex((v) => v !== -0.065),
        step,
      );
    }
  });

  it('goes through the synapse of its sign', () => {
    const layer = new RecIAFSpkInNest(
      [[0.02, -0.03]],
      [
        [0, 0],
        [0, 0],
      ],
      { dt, tauSynExc: 5e-3, tauSynInh: 10e-3 },
    );
    layer.evolve(new TSEvent([0.5 * dt], [0], { tStop: 3 * dt, numChannels: 1 }));
    assertClose(layer.synapseStateExc, [0.02 * Math.exp(-2 / 5), 0], 1e-14);
    assertClose(layer.synapseStateInh, [0, -0.03 * Math.exp(-2 / 10)], 1e-14);
    assert.equal(layer.tauSyn, null);
    layer.tauSyn = 7e-3;
    assertSame(layer.tauSynExc, [7e-3, 7e-3]);
    assertSame(layer.tauSynInh, [7e-3, 7e-3]);
    assertSame(layer.tauSyn!, [7e-3, 7e-3]);
    layer.tauSynExc = 8e-3;
    assert.equal(layer.tauSyn, null);
  });
});

describe('several events of one channel in a time step', () => {
  const twice = new TSEvent([0.2 * dt, 0.7 * dt], [0, 0], { tStop: 2 * dt, numChannels: 1 });
  const both = (options: object = {}): RecIAFSpkInRefrTorch =>
    new RecIAFSpkInRefrTorch([[0.001]], [[0]], { dt, ...options });

  it('count once or as many, as the class and addEvents say', () => {
    const weightOf = (layer: IAFLayer & { synapseStateInp: Float64Array }): number => {
      layer.evolve(twice, { numTimesteps: 1 });
      return layer.synapseStateInp[0] / Math.exp(-dt / 50e-3);
    };
    assertClose([weightOf(both())], [0.002]);
    assertClose([weightOf(both({ addEvents: false }))], [0.001]);
    const layer = both();
    layer.addEvents = false;
    assertClose([weightOf(layer)], [0.001]);
    const ff = new FFIAFSpkInTorch([[0.001]], { dt });
    ff.evolve(twice, { numTimesteps: 1 });
    assertClose(ff.synapseState, [0.001 * Math.exp(-dt / 20e-3)]);
    assert.throws(() => (ff.addEvents = true), { code: 'ERR_VALUE' });
    const nest = new RecIAFSpkInNest([[0.001]], [[0]], { dt });
    nest.evolve(twice, { numTimesteps: 1 });
    assertClose(nest.synapseStateExc, [0.002]);
  });
});

describe('a continuous input', () => {
  const ramp = new TSContinuous([0, dt, 2 * dt, 3 * dt], [0.001, 0.002, 0.004, 0.008], {
    tStop: 4 * dt,
    interpKind: 'previous',
  });

  it('is held over its step; with blendInput the end of a step sees the next sample', () => {
    const last = (options: object): number => {
      const layer = new FFIAFBrian([[1]], { dt, bias: 0, ...options });
      layer.evolve(ramp, { numTimesteps: 2 });
      return layer.state[0];
    };
    const a = dt / 20e-3;
    const factor = 1 - a + a ** 2 / 2 - a ** 3 / 6 + a ** 4 / 24;
    const gain = 1 - factor;
    const held = -0.065 + factor * gain * 0.001 + gain * 0.002;
    assertClose([last({})], [held], 1e-15);
    const next = a / 6;
    const blended = -0.065 + factor * ((gain - next) * 0.001 + next * 0.002) + gain * 0.002;
    assertClose([last({ blendInput: true })], [blended], 1e-15);
    assertClose([last({ numerics: 'legacy' })], [blended], 1e-15);
    assertClose([last({ numerics: 'legacy', blendInput: false })], [held], 1e-15);
    assert.throws(() => new FFIAFBrian([[1]], { blendInput: true, integratorName: 'euler' }), { code: 'ERR_VALUE' });
    assert.equal(new FFIAFBrian([[1]], { numerics: 'legacy', integratorName: 'euler' }).blendInput, false);
  });
});

describe('RecIAFSpkInRefrCLTorch', () => {
  const zero = { weightsIn: [[0]], weightsRec: [[0]], dt, vThresh: -0.03, leakRate: 0.5, bias: 0 };
  const after = (steps: number, options: object, v: number): number => {
    const layer = new RecIAFSpkInRefrCLTorch({ ...zero, ...options });
    layer.state = [v];
    layer.evolve(null, { numTimesteps: steps });
    return layer.state[0];
  };

  it('loses a constant amount until it is at rest', () => {
    assertClose([after(3, {}, -0.06)], [-0.0615], 1e-14);
    assertSame([after(30, {}, -0.06)], [-0.065]);
    assertClose([after(3, {}, -0.07)], [-0.0685], 1e-14);
    assertSame([after(30, {}, -0.07)], [-0.065]);
    assertClose([after(2, { bias: 0.02 }, -0.065)], [-0.065 + 0.001 + 0.001 - 0.0005], 1e-14);
  });

  it('always goes down without a rest, to its limit if it has one', () => {
    assertClose([after(4, { vRest: null }, -0.065)], [-0.067], 1e-14);
    assertSame([after(400, { vRest: null }, -0.065)], [-0.085]);
    assertSame([after(400, { vRest: null, stateMin: -0.07 }, -0.065)], [-0.07]);
    assertClose([after(400, { vRest: null, stateMin: null }, -0.065)], [-0.265], 1e-13);
    const layer = new RecIAFSpkInRefrCLTorch({ ...zero, vRest: null, vReset: -0.066, stateMin: null });
    assertSame(layer.state, [-0.066]);
    assert.equal(layer.vRest.length, 0);
    assert.equal(layer.stateMin.length, 0);
    layer.stateMin = -0.08;
    layer.vRest = -0.06;
    layer.resetState();
    assertSame(layer.state, [-0.06]);
    layer.vRest = null;
    assert.equal(layer.toDict()['v_rest'], null);
  });

  it('has the leak of the original when asked to', () => {
    const options = { numerics: 'legacy', bias: 0.1 };
    const step = (0.5 * dt * dt) / 20e-3;
    assertClose([after(3, options, -0.06)], [-0.06 - 3 * step], 1e-14);
    assertClose([after(2, { ...options, vRest: null }, -0.06)], [-0.06 + 2 * step], 1e-14);
  });

  it('has parameters of its own for each unit', () => {
    const layer = new RecIAFSpkInRefrCLTorch({
      ...zero,
      weightsIn: [[0, 0, 0]],
      weightsRec: new Array(3).fill([0, 0, 0]),
      vRest: null,
      leakRate: [0.5, 1, 1],
      stateMin: [-0.09, -0.09, -0.066],
    });
    layer.evolve(null, { numTimesteps: 2 });
    assertClose(layer.state, [-0.066, -0.067, -0.066], 1e-14);
  });
});
