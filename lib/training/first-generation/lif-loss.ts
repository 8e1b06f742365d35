/** The losses of LIF layers in the first generation. */
import { type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOptions, shapeError } from '../../check.js';
import type { Loss, LossContext, LossValue } from '../types.js';
import { costOf, meanSquaredError, squares } from './rate-loss.js';
import type { LossParams } from './types.js';

/** Parameters of {@link lifLoss}. */
export interface LifLossParams {
  /** Weight of the squared error. Default 1; with the shim 2. */
  lambdaMse?: number;
  /** Weight of time constants below their minimum. Default 1e4; with the shim 100. */
  regTau?: number;
  /** Weights of the mean squares of the weights. Default 0.1, 1, 0.1; with the shim 0, 1, 0. */
  regL2In?: number;
  regL2Rec?: number;
  regL2Out?: number;
  /** Weight of the mean surrogate. Default 2; with the shim 1. */
  regAct1?: number;
  /** Weight of the mean square of the membrane potential. Default 2; with the shim 1. */
  regAct2?: number;
  /** Seconds. Default: 11 time steps of the layer; with the shim 10. */
  minTauMem?: number;
  minTauSyn?: number;
}

const names = [
  ...['lambdaMse', 'regTau', 'regL2In', 'regL2Rec', 'regL2Out', 'regAct1', 'regAct2'],
  ...['minTauMem', 'minTauSyn'],
] as const;

type Numbers = Record<(typeof names)[number], number>;

const standard = { lambdaMse: 1, regTau: 1e4, regL2In: 0.1, regL2Rec: 1, regL2Out: 0.1, regAct1: 2, regAct2: 2 };
const shimStandard = { lambdaMse: 2, regTau: 100, regL2In: 0, regL2Rec: 1, regL2Out: 0, regAct1: 1, regAct2: 1 };

/** A cost of time constants and its derivatives. */
type TauCost = (tau: Float64Array, minimum: number, weight: number) => { loss: number; gradient: Float64Array };

/** The sum of `exp(minimum - tau)` over those below. */
const exponential: TauCost = (tau, minimum, weight) => {
  const gradient = new Float64Array(tau.length);
  const [low, high] = [Float64Array.of(minimum), Float64Array.of(Infinity)];
  const loss = native.boundsCost(tau, low, high, gradient) * weight;
  native.scaleArray(weight, gradient, gradient);
  return { loss, gradient };
};

/** The mean of `(minimum + 1 ms - tau)^2`, 0 for those above. */
const quadratic: TauCost = (tau, minimum, weight) => {
  const least = minimum + 1e-3;
  const [lacking, gradient] = [new Float64Array(tau.length), new Float64Array(tau.length)];
  native.boundsClip(tau, Float64Array.of(-Infinity), Float64Array.of(least), lacking);
  native.addArrays(lacking, new Float64Array(tau.length).fill(-least), lacking);
  const loss = native.parameterCost(0, 1, lacking, gradient) * weight;
  native.scaleArray(weight, gradient, gradient);
  return { loss, gradient };
};

/**
 * The mean squared error (targets that are NaN do not count) plus costs: of time constants below a minimum, of the mean squares of weights, of
 * the mean surrogate and of the mean square of the membrane potential. Of a batch the mean over its elements.
 *
 * @param shim The costs and defaults of `addShimLifJaxSgd`.
 */
export function lifLoss(dt: number, lossParams: LossParams = {}, shim = false): Loss {
  const given = checkOptions<LifLossParams>(lossParams, 'lossParams', names);
  const minimum = (shim ? 10 : 11) * dt;
  const defaults: Numbers = { ...(shim ? shimStandard : standard), minTauMem: minimum, minTauSyn: minimum };
  const p = Object.fromEntries(
    names.map((name) => [name, checkNumber(given[name] ?? defaults[name], `lossParams.${name}`)]),
  ) as Numbers;
  return {
    name: 'lifLoss',
    needsRecord: true,
    evaluate: (context) => evaluate(context, p, shim ? quadratic : exponential),
  };
}

function evaluate(
  { target: given, output, parameters, recorded }: LossContext,
  p: Numbers,
  tauCost: TauCost,
): LossValue {
  const target = toNdArray(given, 'target', 'float64');
  if (String(target.shape) !== String(output.shape))
    throw shapeError('target', shapeText(output.shape), shapeText(target.shape));
  const mse = meanSquaredError(output, target, p.lambdaMse);
  const terms: Record<string, number> = { lossMse: mse.loss };
  const gradients: Record<string, Matrix> = {};
  const term = (name: string, of: string, cost: { loss: number; gradient: Matrix }): void => {
    terms[name] = cost.loss;
    gradients[of] = cost.gradient;
  };
  for (const [name, of, least] of [
    ['lossTauMem', 'tauMem', p.minTauMem],
    ['lossTauSyn', 'tauSyn', p.minTauSyn],
  ] as const) {
    const tau = parameters[of] as Matrix;
    const { loss, gradient } = tauCost(tau.data, least, p.regTau);
    term(name, of, { loss, gradient: new NdArray(gradient, tau.shape) });
  }
  for (const [name, of, weight] of [
    ['lossL2In', 'wIn', p.regL2In],
    ['lossL2Rec', 'wRecurrent', p.regL2Rec],
    ['lossL2Out', 'wOut', p.regL2Out],
  ] as const) {
    const weights = parameters[of] as Matrix | undefined;
    if (weights) term(name, of, meanSquare(weights, weight));
  }
  const [surrogate, vmem] = [recorded['surrogate'], recorded['vmem']] as [Matrix, Matrix];
  const potential = meanSquare(vmem, p.regAct2);
  const activity = mean(surrogate, p.regAct1);
  Object.assign(terms, { lossActivity1: activity.loss, lossActivity2: potential.loss });
  return {
    loss: Object.values(terms).reduce((a, b) => a + b, 0),
    terms,
    output: mse.gradient,
    recorded: { surrogate: activity.gradient, vmem: potential.gradient },
    parameters: gradients,
  };
}

/** `weight mean(x)`; 0 of nothing. */
function mean(x: Matrix, weight: number): { loss: number; gradient: Matrix } {
  const [gradient, result] = [new Float64Array(x.size), new Float64Array(3)];
  if (x.size === 0) return { loss: 0, gradient: x };
  native.activityCost(0, undefined, 0, x.size, 0, 0, x.data, gradient, result);
  native.scaleArray(weight, gradient, gradient);
  return { loss: weight * result[0], gradient: new NdArray(gradient, x.shape) };
}

/** `weight mean(x^2)`; 0 of nothing. */
function meanSquare(x: Matrix, weight: number): { loss: number; gradient: Matrix } {
  return x.size === 0 ? { loss: 0, gradient: x } : costOf(x, squares(weight));
}
