/** One layer of each class of the original that is here: the rows of docs/layer-classes.md. */
import type { Layer } from 'rockpool-node/layers';
import * as layers from 'rockpool-node/layers';
import { allNames, weightsOf } from './iaf/helpers';
import { classes as lifClasses } from './lif-helpers';
import { matrix } from './rate-helpers';

type Options = Record<string, unknown>;

function make(name: string, options: Options): Layer {
  const Class = (layers as unknown as Record<string, new (options: Options) => Layer>)[name];
  return new Class({ seed: 4, ...options });
}

const dt = 1e-3;
const taus = { tau: [0.02, 0.03, 0.04, 0.05], dt };
const [sizeIn, size] = [3, 4];
const wIn = matrix(sizeIn, size, 1, 1);
const recurrent = matrix(size, size, 2, 0.5);
const wOut = matrix(size, 2, 3, 1);

/** Small integers. */
const whole = (rows: number) => ({
  data: Float64Array.from({ length: rows * size }, (_, k) => 5 + ((k * 7) % 11)),
  shape: [rows, size],
});

function balanced(): Layer {
  const net = layers.RecFSSpikeADS;
  return new net({
    weightsFast: recurrent,
    weightsSlow: recurrent,
    weightsIn: matrix(2, size, 5, 1),
    weightsOut: wOut,
    eta: 0,
    k: 0,
    bias: 1,
    noiseStd: 0,
    dt: 1e-3,
    vThresh: 1,
    vReset: 0,
    vRest: 0.5,
    tauMem: 0.05,
    tauSynRFast: 0.07,
    tauSynRSlow: 0.07,
    tauSynROut: 0.07,
    refractory: 0,
    record: false,
    name: 'balanced',
    discretize: -1,
    discretizeDynapse: false,
  });
}

/** What each class is made with, beside `dt` and a seed. Sizes are 3 inputs and 4 units where the class does not say otherwise. */
export const makers: Readonly<Record<string, () => Layer>> = {
  PassThrough: () => make('PassThrough', { weights: wIn, dt, delay: 2e-3 }),
  PassThroughEvents: () => make('PassThroughEvents', { weights: [[1, 0, 2]], dt }),
  FFRateEuler: () => make('FFRateEuler', { weights: wIn, tau: 0.02, dt }),
  RecRateEuler: () => make('RecRateEuler', { weights: recurrent, tau: 0.02, dt }),
  RecRateEulerJax: () => make('RecRateEulerJax', { weights: recurrent, ...taus, bias: 0 }),
  RecRateEulerJax_IO: () => make('RecRateEulerJax_IO', { wIn, wRecurrent: recurrent, wOut, ...taus, bias: 0 }),
  FFRateEulerJax: () => make('FFRateEulerJax', { wIn, ...taus, bias: 0 }),
  ForceRateEulerJax: () => make('ForceRateEulerJax', { wIn, wOut, ...taus, bias: 0 }),
  ForceRateEulerJax_IO: () => make('ForceRateEulerJax_IO', { wIn, wOut, ...taus, bias: 0 }),
  FFExpSyn: () => make('FFExpSyn', { weights: wIn, dt }),
  FFExpSynTorch: () => make('FFExpSynTorch', { weights: wIn, dt }),
  FFExpSynBrian: () => make('FFExpSynBrian', { weights: wIn, dt }),
  FFExpSynJax: () => make('FFExpSynJax', { wOut: wIn, tau: 0.02, dt }),
  FFExpSynCurrentInJax: () => make('FFExpSynCurrentInJax', { wOut: wIn, tau: 0.02, dt }),
  RecAEIFSpkInNest: () => make('RecAEIFSpkInNest', { weightsIn: wIn, weightsRec: recurrent, dt }),
  VirtualDynapse: () =>
    make('VirtualDynapse', {
      // Input channels 4 to 11: 0 to 3 are the numbers of the neurons.
      connectionsExt: [...Array(12).keys()].map((row) => new Array<number>(size).fill(row < size ? 0 : 4)),
      connectionsRec: [
        [0, 2, 0, -1],
        [-2, 0, 1, 0],
        [0, 0, 0, 3],
        [1, 0, -3, 0],
      ],
      dt,
      baseweightE: 0.01,
      baseweightI: 0.01,
      mismatchSeed: 3,
    }),
  FFCLIAF: () => make('FFCLIAF', { weights: wIn, dt, vThresh: 0.5, vSubtract: 0.5 }),
  RecCLIAF: () =>
    make('RecCLIAF', { weightsIn: wIn, weightsRec: recurrent, dt, vThresh: 0.5, vSubtract: 0.5, delay: 2e-3 }),
  SoftMaxLayer: () => make('SoftMaxLayer', { weights: wIn, dt }),
  RecDIAF: () => make('RecDIAF', { weightsIn: whole(sizeIn), weightsRec: whole(size), dt, vThresh: 60 }),
  FFCLIAFCNNTorch: () => {
    const kernels = { data: Float64Array.from({ length: 8 }, (_, k) => k - 2), shape: [2, 1, 2, 2] };
    return make('FFCLIAFCNNTorch', {
      weights: new layers.ConvolutionWeights({ data: kernels, inpShape: [1, 3, 3] }),
      dt,
    });
  },
  RecFSSpikeEulerBT: () =>
    make('RecFSSpikeEulerBT', { weightsFast: recurrent, weightsSlow: recurrent, dt: 1e-4, bias: 15e-3 }),
  RecFSSpikeADS: () => balanced(),
  FFUpDown: () => make('FFUpDown', { weights: sizeIn, dt, thrUp: 0.1, thrDown: 0.1 }),
  ButterMelFilter: () => make('ButterMelFilter', { fs: 8000, numFilters: 4, cutoffFs: 100, name: 'mel' }),
  ButterFilter: () => make('ButterFilter', { fs: 8000, frequency: [400, 900], bandwidth: 200, name: 'bands' }),
  ...Object.fromEntries(allNames.map((name) => [name, () => make(name, { ...weightsOf(name), dt, bias: 12e-3 })])),
  ...Object.fromEntries(Object.entries(lifClasses).map(([name, one]) => [name, () => one({ noiseStd: 0 })])),
};
