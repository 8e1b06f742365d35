/** The network of rate neurons: input weights, a reservoir, a readout. */
import { Network, NdArray, type Matrix } from 'rockpool-node';
import { PassThrough, RecRateEuler } from 'rockpool-node/layers';
import { unitLambdaNet } from 'rockpool-node/weights';
import { makeReadouts, type Kind, type Model } from './model';
import { between, uniforms } from './random';
import { features, hop, regularize, reservoir, seed } from './settings';

/** Readouts that do without the reservoir get the features. */
export const rateKind: Kind = {
  direct: ({ external }) => external!,
  directLatency: 0,
  makeReadout: (inputs, classes, name) => new PassThrough(NdArray.zeros([inputs, classes]), { dt: hop, name }),
  regularize,
};

function matrix(rows: number, columns: number, element: () => number): Matrix {
  return new NdArray(Float64Array.from({ length: rows * columns }, element), [rows, columns]);
}

/** An untrained model. `leaveOut` names the recordings to leave out, one at a time. */
export function buildModel(neurons: number, classes: string[], leaveOut: string[]): Model {
  const random = uniforms(seed);
  const { dt, radius, tau, input, bias } = reservoir;
  const inputWeights = matrix(
    features.bands,
    neurons,
    () => between(random, -1, 1) * input * Math.sqrt(3 / features.bands),
  );
  const weights = unitLambdaNet(neurons, { seed });
  const [fastest, slowest] = tau;
  const net = new Network(
    new PassThrough(inputWeights, { dt, name: 'Input' }),
    new RecRateEuler(
      new NdArray(
        weights.data.map((w) => w * radius),
        [neurons, neurons],
      ),
      {
        dt,
        tau: Float64Array.from({ length: neurons }, () => fastest * (slowest / fastest) ** random()),
        bias: Float64Array.from({ length: neurons }, () => between(random, -bias, bias)),
        name: 'Reservoir',
      },
    ),
    rateKind.makeReadout(neurons, classes.length, 'Readout'),
  );
  return { kind: rateKind, net, readouts: makeReadouts(rateKind, net, features.bands, leaveOut), classes };
}
