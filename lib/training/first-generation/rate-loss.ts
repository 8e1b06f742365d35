/** The loss of rate layers in the first generation. */
import { type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkNumber, checkOptions, shapeError } from '../../check.js';
import type { Signal } from '../../modules/pass.js';
import type { Loss, LossValue } from '../types.js';
import type { LossParams } from './types.js';

/** Parameters of {@link rateLoss}. */
export interface RateLossParams {
  /** Weight of the squared error. Default 1. */
  lambdaMse?: number;
  /** Weight of time constants below `minTau`. Default 1e4. */
  regTau?: number;
  /** Weight of the mean square of the recurrent weights. Default 1. */
  regL2Rec?: number;
  /** Seconds. Default: 11 time steps of the layer. */
  minTau?: number;
}

const names = ['lambdaMse', 'regTau', 'regL2Rec', 'minTau'];

/**
 * The mean squared error, in which targets that are NaN do not count, plus costs of parameters:
 *
 *     lambdaMse mean((o - t)^2) + regTau mean(exp(minTau - tau) where tau < minTau, else 0) + regL2Rec mean(wRecurrent^2)
 *
 * Of a batch it is the mean over its elements. The cost of a time constant jumps from 0 to regTau / units where it falls below `minTau`, and
 * hardly slopes there: it tells, but does not correct.
 */
export function rateLoss(dt: number, lossParams: LossParams = {}): Loss {
  const given = checkOptions<RateLossParams>(lossParams, 'lossParams', names);
  const [lambdaMse, regTau, regL2Rec, minTau] = [
    checkNumber(given.lambdaMse ?? 1, 'lossParams.lambdaMse'),
    checkNumber(given.regTau ?? 1e4, 'lossParams.regTau'),
    checkNumber(given.regL2Rec ?? 1, 'lossParams.regL2Rec'),
    checkNumber(given.minTau ?? 11 * dt, 'lossParams.minTau'),
  ];
  return {
    name: 'rateLoss',
    evaluate(context): LossValue {
      const target = toNdArray(context.target, 'target', 'float64');
      if (String(target.shape) !== String(context.output.shape))
        throw shapeError('target', shapeText(context.output.shape), shapeText(target.shape));
      const mse = meanSquaredError(context.output, target, lambdaMse);
      const tau = costOf(context.parameters['tau'] as Matrix, tauCost(minTau, regTau));
      const recurrent = context.parameters['wRecurrent'] as Matrix | undefined;
      const l2 = recurrent && costOf(recurrent, squares(regL2Rec));
      const terms = { lossMse: mse.loss, lossTau: tau.loss, ...(l2 && { lossL2Rec: l2.loss }) };
      return {
        loss: mse.loss + tau.loss + (l2?.loss ?? 0),
        terms,
        output: mse.gradient,
        parameters: { tau: tau.gradient, ...(l2 && { wRecurrent: l2.gradient }) },
      };
    },
  };
}

/** The cost of a parameter; writes its derivatives. */
export type Cost = (data: Float64Array, gradient: Float64Array) => number;

/** `weight` times the mean of exp(minTau - tau) over all time constants, 0 for those that are not below. */
export function tauCost(minTau: number, weight: number): Cost {
  return (data, gradient) => {
    const [low, high] = [Float64Array.of(minTau), Float64Array.of(Infinity)];
    const scale = weight / data.length;
    const cost = native.boundsCost(data, low, high, gradient) * scale;
    native.scaleArray(scale, gradient, gradient);
    return cost;
  };
}

/** `weight` times the mean square. */
export function squares(weight: number): Cost {
  return (data, gradient) => {
    const cost = native.parameterCost(0, 1, data, gradient) * weight;
    native.scaleArray(weight, gradient, gradient);
    return cost;
  };
}

/** A cost and its gradient in the parameter's form. */
export function costOf(parameter: Matrix, cost: Cost): { loss: number; gradient: Matrix } {
  const gradient = new Float64Array(parameter.size);
  return { loss: cost(parameter.data, gradient), gradient: new NdArray(gradient, parameter.shape) };
}

/** Over each element of the batch what has a target, then over the batch. */
export function meanSquaredError(output: Signal, target: Matrix, weight: number): { loss: number; gradient: Signal } {
  const [batch, steps, channels] = output.shape;
  const n = steps * channels;
  const single = output.data instanceof Float32Array;
  const each = single ? new Float32Array(n) : new Float64Array(n);
  const gradient = single ? new Float32Array(batch * n) : new Float64Array(batch * n);
  const result = new Float64Array(3);
  let loss = 0;
  for (let b = 0; b < batch; b++) {
    const [from, to] = [b * n, (b + 1) * n];
    const own = target.data.subarray(from, to);
    const code = single ? 1 : 0;
    const shape = [1, steps, channels] as const;
    native.squaredError(code, undefined, ...shape, output.data.subarray(from, to), each, result, own, true, true);
    loss += (weight / batch) * result[0];
    native.addScaled(code, undefined, weight / batch, each, gradient.subarray(from, to));
  }
  return { loss, gradient: new NdArray(gradient, output.shape) };
}
