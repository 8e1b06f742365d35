/** How closely results must agree, by what computed them. */
import type { Tolerance } from './compare.js';

export interface Tolerances {
  times: Tolerance;
  samples: (interpKind: unknown) => Tolerance;
  values: Tolerance;
}

const splines = new Set<unknown>(['quadratic', 'cubic', 2, 3]);

const lifLayers = /^(Rec|FF)LIF(CurrentIn)?Jax(_IO|_SO)?$/;

/** Tolerance of values by class: the clocked layers and all that is made of them, regression. Everything else is arithmetic. */
const byClass: [RegExp, number][] = [
  // Brian's are good to 1e-12 V, of 0.06 V
  [/^(FF|Rec)IAF(SpkIn)?Brian$/, 1e-11],
  [/^(FF|Rec)IAF\w*Torch$/, 1e-10],
  [/^(RidgeRegrTrainer|RidgeRegression)$/, 1e-7],
  [
    /^(FFRateEuler|RecRateEuler|(Rec|FF|Force)RateEulerJax(_IO)?|(Rec|FF)LIF(CurrentIn)?Jax(_IO|_SO)?|PassThrough|PassThroughEvents|Linear|Rate|LIF|ExpSyn|Sequential|FFwdStack|Residual|FFExpSynTorch|FFExpSyn(CurrentIn)?Jax|Network|build_rate_reservoir)$/,
    1e-10,
  ],
];

/** The original's exponential synapses convolve by FFT, with a kernel that is cut off: good to 1e-7 of the largest weight. */
export function synapseTolerance(layer: object | undefined): Tolerance {
  const { weights, stateNoBias } = (layer ?? {}) as { weights?: unknown; stateNoBias?: unknown };
  if (weights === undefined || stateNoBias === undefined) return { rel: 1e-7 };
  const { data } = weights as { data: ArrayLike<number> };
  return { abs: 1e-7 * Math.max(...Array.from(data, Math.abs)) };
}

/**
 * @param className class of the object that a step works on.
 * @param member method of the step.
 * @param trained whether ridge regression took part in what the object holds.
 * @param interpKind kind of interpolation of the object, when it is a continuous series.
 * @param object the object itself.
 */
export function tolerancesFor(
  className: string,
  member: string,
  trained: boolean,
  interpKind: unknown,
  object?: object,
): Tolerances {
  if (className === 'FFExpSyn' && !trained && !/^train/.test(member)) {
    const tolerance = synapseTolerance(object);
    return { times: { abs: 1e-9 }, samples: () => tolerance, values: tolerance };
  }
  // (1 + tanh x) / 2, as the original has it, is off by a rounding error of 1 near 0, and so are weighted sums of it.
  const abs = lifLayers.test(className) ? 1e-14 : 0;
  const rel =
    trained || /^train/.test(member) ? 1e-7 : (byClass.find(([pattern]) => pattern.test(className))?.[1] ?? 1e-12);
  return {
    times: { abs: 1e-9 },
    samples: (kind) => ({ rel: splines.has(kind) ? Math.max(rel, 1e-9) : rel, abs }),
    values: { rel: splines.has(interpKind) ? Math.max(rel, 1e-9) : rel, abs },
  };
}
