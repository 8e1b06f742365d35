/** The dynamics of a trained reservoir for neurons with other parameters. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray } from '../../array.js';
import { checkInstance, checkNumber, checkOptions, typeError } from '../../check.js';
import { ForceRateEulerJax, RecRateEulerJax, RecRateEulerJax_IO } from '../../layers/jax/rate-layers.js';
import { RidgeRegression } from '../../learning/ridge-regression.js';
import type { ActivationFunction } from '../../layers/rate-options.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';

/** Options of {@link reservoirTransfer}: the neurons that are to have the dynamics. What is left out is as in the reservoir. */
export interface ReservoirTransferOptions {
  /** Time constants in seconds. */
  tau?: ArrayInput;
  bias?: ArrayInput;
  activationFunc?: ActivationFunction | string;
  noiseStd?: number;
  /** Of both regressions. Default 1e-4. */
  regularize?: number;
  seed?: number;
  name?: string;
}

/**
 * A reservoir of other neurons with the recurrent dynamics of a trained one. The reservoir evolves over the input; a layer of the other
 * neurons is forced with the recurrent input that it had; and from the activities of these neurons that recurrent input and the reservoir's
 * output are regressed, which gives the recurrent and the output weights.
 *
 * The reservoir is evolved from its present state on and put back.
 *
 * @param reservoir A recurrent rate layer with input and output weights.
 * @param tsInput What it was trained on.
 */
export function reservoirTransfer(
  reservoir: RecRateEulerJax | RecRateEulerJax_IO,
  tsInput: TSContinuous,
  options: ReservoirTransferOptions = {},
): RecRateEulerJax_IO {
  const given = checkOptions<ReservoirTransferOptions>(options, 'options', [
    ...['tau', 'bias', 'activationFunc', 'noiseStd', 'regularize', 'seed', 'name'],
  ]);
  const fits = reservoir instanceof RecRateEulerJax || reservoir instanceof RecRateEulerJax_IO;
  const { wIn, wOut } = fits ? reservoir : { wIn: null, wOut: null };
  if (!wIn || !wOut) throw typeError('reservoir', 'a RecRateEulerJax with wIn, wRecurrent and wOut', reservoir);
  checkInstance(tsInput, 'tsInput', TSContinuous);
  const { regularize = 1e-4, ...neurons } = given;
  checkNumber(regularize, 'regularize', { min: 0 });
  const { size, dt, precision, noiseScaling } = reservoir;
  const own = { tau: reservoir.tau, bias: reservoir.bias, activationFunc: reservoir.activationFunc };
  const before = reservoir.snapshot();
  const restoreRecords = reservoir._markRecords();
  try {
    const output = reservoir.evolve(tsInput);
    const recurrent = (reservoir as RecRateEulerJax_IO).recInputsLastEvolution;
    const common = { ...own, noiseStd: 0, ...neurons, dt, precision, noiseScaling };
    const forced = new ForceRateEulerJax({ wIn, wOut: identity(size), ...common });
    forced.restore({ ...forced.snapshot(), timestep: before.timestep });
    const activity = samples(forced.evolve(tsInput, recurrent));
    return new RecRateEulerJax_IO({
      wIn,
      // A step reads the activities before it.
      wRecurrent: regress(rows(activity, 0, -1), rows(samples(recurrent), 1, 0), regularize),
      wOut: regress(activity, samples(output), regularize),
      ...common,
    });
  } finally {
    reservoir.restore(before);
    restoreRecords();
  }
}

const samples = (series: TSContinuous): Matrix => series.samples;

/** Without the first and the last rows. */
function rows({ data, shape: [n, columns] }: Matrix, from: number, to: number): Matrix {
  return new NdArray(data.subarray(from * columns, (n + to) * columns), [n - from + to, columns]);
}

function identity(n: number): Matrix {
  const eye = NdArray.zeros([n, n]) as Matrix;
  for (let i = 0; i < n; i++) eye.data[i * n + i] = 1;
  return eye;
}

function regress(x: Matrix, y: Matrix, regularize: number): Matrix {
  const regression = new RidgeRegression(x.shape[1], y.shape[1], { regularize, trainBiases: false });
  regression.fit(x, y);
  return regression.weights as Matrix;
}
