/** How closely results must agree, by what computed them. */
import type { Tolerance } from './compare.js';

export interface Tolerances {
  times: Tolerance;
  samples: (interpKind: unknown) => Tolerance;
  values: Tolerance;
}

const splines = new Set<unknown>(['quadratic', 'cubic', 2, 3]);

/** Tolerance of values by class: the Euler layers and all that is made of them, regression. Everything else is arithmetic. */
const byClass: [RegExp, number][] = [
  [/^(RidgeRegrTrainer|RidgeRegression)$/, 1e-7],
  [/^(FFRateEuler|RecRateEuler|PassThrough|PassThroughEvents|Network|build_rate_reservoir)$/, 1e-10],
];

/**
 * @param className class of the object that a step works on.
 * @param member method of the step.
 * @param trained whether ridge regression took part in what the object holds.
 * @param interpKind kind of interpolation of the object, when it is a continuous series.
 */
export function tolerancesFor(className: string, member: string, trained: boolean, interpKind: unknown): Tolerances {
  const rel =
    trained || /^train/.test(member) ? 1e-7 : (byClass.find(([pattern]) => pattern.test(className))?.[1] ?? 1e-12);
  return {
    times: { abs: 1e-9 },
    samples: (kind) => ({ rel: splines.has(kind) ? Math.max(rel, 1e-9) : rel }),
    values: { rel: splines.has(interpKind) ? Math.max(rel, 1e-9) : rel },
  };
}
