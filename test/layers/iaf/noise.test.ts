import assert from 'node:assert/strict';
import { NdArray, setWarningHandler } from 'rockpool-node';
import { FFIAFBrian, FFIAFSpkInTorch, FFIAFTorch, type IAFLayer, RecIAFBrian, RecIAFTorch } from 'rockpool-node/layers';
import { spikesOf } from './helpers';
import { itUnsanitized } from '../../sanitized';

const units = 500;
const far = { bias: 0, vThresh: 1, noiseStd: 1e-3, seed: 11 };

/** Standard deviation over units and time of the potentials, apart enough to be nearly independent. */
function deviation(layer: IAFLayer, tau: number): number {
  const gap = Math.max(Math.round((2 * tau) / layer.dt), 1);
  layer.evolve(null, { numTimesteps: 10 * gap });
  let sum = 0;
  const rounds = 150;
  for (let i = 0; i < rounds; i++) {
    layer.evolve(null, { numTimesteps: gap });
    for (const v of layer.state) sum += (v + 0.065) ** 2;
  }
  return Math.sqrt(sum / (rounds * units));
}

/** 75,000 nearly independent samples: the standard error of a deviation is 0.26 %. */
const tolerance = 0.0125;

describe('noise of integrate-and-fire layers', () => {
  before(() => setWarningHandler(() => undefined)); // of coarse time steps
  after(() => setWarningHandler(null));

  const input = NdArray.zeros([1, units]);
  const recurrent = NdArray.zeros([units, units]);

  itUnsanitized('has the standard deviation that was asked for, whatever the time step and the integrator', () => {
    for (const dt of [1e-4, 1e-3, 4e-3, 2e-2])
      for (const layer of [
        new FFIAFTorch(input, { ...far, dt }),
        new FFIAFTorch(input, { ...far, dt, integrator: 'exact' }),
        new FFIAFBrian(input, { ...far, dt }),
        new FFIAFSpkInTorch(input, { ...far, dt }),
      ]) {
        const sigma = deviation(layer, 20e-3);
        assert.ok(Math.abs(sigma / 1e-3 - 1) < tolerance, `${layer.className} dt ${dt}: ${sigma}`);
      }
  });

  it('is 1.63 times that, and more, with the scaling of the original', () => {
    for (const dt of [1e-3, 1e-2]) {
      const expected = (1.63 * 1e-3) / Math.sqrt(1 - dt / 20e-3 / 2);
      for (const layer of [
        new FFIAFTorch(input, { ...far, dt, noiseScaling: 'legacy' }),
        new RecIAFTorch(recurrent, { ...far, dt, numerics: 'legacy' }),
      ])
        assert.ok(Math.abs(deviation(layer, 20e-3) / expected - 1) < tolerance);
    }
  });

  it('of FFIAFSpkInTorch goes through the synapse with legacy numerics', () => {
    const options = { ...far, dt: 1e-3, tauSyn: 20e-3 };
    const layer = new FFIAFSpkInTorch(input, { ...options, numerics: 'legacy' });
    assert.equal(layer.noiseOnSynapse, true);
    layer.evolve(null, { numTimesteps: 1 });
    assert.ok(layer.synapseState.every((x) => x !== 0));
    const native = new FFIAFSpkInTorch(input, options);
    native.evolve(null, { numTimesteps: 1 });
    assert.ok(native.synapseState.every((x) => x === 0) && native.state.every((v) => v !== -0.065));
    assert.throws(() => new FFIAFSpkInTorch(input, { ...options, noiseOnSynapse: true, noiseScaling: 'stationary' }), {
      code: 'ERR_VALUE',
    });
  });

  it('depends on the seed alone, and goes on where it stopped', () => {
    const run = (seed: number, pieces: number[]): [number[], number[]] => {
      const layer = new RecIAFBrian(recurrent, { dt: 1e-3, bias: 9e-3, noiseStd: 3e-3, seed });
      const parts = pieces.map((numTimesteps) => spikesOf(layer.evolve(null, { numTimesteps })));
      return [parts.flatMap(([t]) => t), parts.flatMap(([, c]) => c)];
    };
    const whole = run(1, [100]);
    assert.ok(whole[0].length > 0);
    assert.deepEqual(run(1, [1, 42, 57]), whole);
    assert.notDeepEqual(run(2, [100]), whole);
  });
});
