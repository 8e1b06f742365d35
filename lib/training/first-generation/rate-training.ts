/** Training of rate layers. */
import { NdArray } from '../../array.js';
import { checkFunction, checkNumber, checkOptions, typeError } from '../../check.js';
import { RateEulerJax } from '../../layers/jax/rate-euler-jax.js';
import { ForceRateEulerJax, RecRateEulerJax, RecRateEulerJax_IO } from '../../layers/jax/rate-layers.js';
import { timeOf } from '../../time-grid.js';
import { TSContinuous } from '../../time-series/ts-continuous.js';
import type { GradientTree } from '../types.js';
import { rateModel } from './rate-model.js';
import { readSignals, truncated } from './signals.js';
import { evaluateOnly, type Trainee, trainOutputTarget, trainOutputTargetAsync } from './trainer.js';
import type { AsyncTrainOutputTargetOptions, TrainingSignal, TrainingStep, TrainOutputTargetOptions } from './types.js';

/** A rate layer as the trainer sees it. */
export function rateTrainee(layer: RateEulerJax): Trainee {
  return {
    layer,
    forced: layer instanceof ForceRateEulerJax ? layer.size : null,
    model: ({ activationDerivative = null }, force) => rateModel(layer, { force, activationDerivative }),
  };
}

/** @internal See `RateEulerJax.trainOutputTarget`. */
export function trainRate(
  layer: RateEulerJax,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options?: TrainOutputTargetOptions,
): TrainingStep {
  return trainOutputTarget(rateTrainee(layer), tsInput, tsTarget, options);
}

/** @internal The same off the event loop, for a caller who holds the lock. */
export function trainRateAsync(
  layer: RateEulerJax,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options: AsyncTrainOutputTargetOptions = {},
): Promise<TrainingStep> {
  const within = <T>(fn: () => T): T => layer._lock().permit(fn);
  return trainOutputTargetAsync(rateTrainee(layer), tsInput, tsTarget, options, within);
}

/** Options of `trainAdam`. */
export interface TrainAdamOptions {
  /** Time constants below cost. Default: ten time steps of the layer. */
  minTau?: number | null;
  /** Start the optimiser anew. The first call does so, too. */
  isFirst?: boolean;
  /** Forget the optimiser after this step. */
  isLast?: boolean;
}

/** A layer with `trainAdam`. */
export type TrainableRate<L> = L & {
  /**
   * One step of Adam of size 1e-4 on all parameters. The loss is the mean squared error, 1e4 times the mean over units of exp(minTau - tau)
   * where tau is below, and the mean square of the recurrent weights. State and clock stay.
   *
   * @returns Functions that tell the loss and the gradients before the step.
   */
  trainAdam(
    tsInput: TrainingSignal,
    tsTarget: TrainingSignal,
    options?: TrainAdamOptions,
  ): [loss: () => number, gradients: () => GradientTree];
};

/**
 * Gives a recurrent rate layer with input and output weights the method `trainAdam`, and returns the layer.
 *
 * @throws TypeError for another layer.
 */
export function addTrainOutput<L extends RecRateEulerJax | RecRateEulerJax_IO>(layer: L): TrainableRate<L> {
  const fits = layer instanceof RecRateEulerJax || layer instanceof RecRateEulerJax_IO;
  if (!fits || !layer.wIn || !layer.wOut)
    throw typeError('layer', 'a RecRateEulerJax with wIn, wRecurrent and wOut', layer);
  const trainAdam: TrainableRate<object>['trainAdam'] = (tsInput, tsTarget, options = {}) => {
    const names = ['minTau', 'isFirst', 'isLast'];
    const { minTau, ...rest } = checkOptions<TrainAdamOptions>(options, 'options', names);
    const given = checkNumber(minTau ?? 10 * layer.dt, 'minTau', { min: 0 });
    const [loss, gradients] = layer.trainOutputTarget(tsInput, tsTarget, { ...rest, lossParams: { minTau: given } });
    return [() => loss, () => gradients];
  };
  return Object.assign(layer, { trainAdam });
}

/** Options of {@link gradientEvolution}. */
export interface GradientEvolutionOptions extends Pick<
  TrainOutputTargetOptions,
  'lossFcn' | 'lossParams' | 'activationDerivative' | 'tsForce'
> {
  /** Called after each time step. */
  onProgress?: (done: number, total: number) => void;
}

/**
 * How the gradients come about: sample k of a parameter's series is its gradient when input and target end with time step k, behind zeros up
 * to the length of the whole. As many evaluations as there are time steps: to look at, not to train with.
 *
 * @returns A series for each parameter, one channel for each of its elements, and the losses.
 */
export function gradientEvolution(
  layer: RateEulerJax,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options: GradientEvolutionOptions = {},
): { loss: TSContinuous; gradients: Record<string, TSContinuous> } {
  if (!(layer instanceof RateEulerJax)) throw typeError('layer', 'a rate layer', layer);
  const names = ['lossFcn', 'lossParams', 'activationDerivative', 'tsForce', 'onProgress'];
  const { onProgress, tsForce, ...rest } = checkOptions<GradientEvolutionOptions>(options, 'options', names);
  if (onProgress !== undefined) checkFunction(onProgress, 'onProgress');
  const trainee = rateTrainee(layer);
  const given = { input: tsInput, target: tsTarget, force: tsForce, batchAxis: null };
  const data = readSignals(layer, given, trainee.forced);
  const evaluate = evaluateOnly(trainee, data, rest);
  const steps = data.input.shape[1];
  const losses = new Float64Array(steps);
  const rows: Record<string, Float64Array[]> = {};
  for (let k = 1; k <= steps; k++) {
    const { loss, gradients } = evaluate(truncated(data.input, k, true), truncated(data.target, k, true));
    losses[k - 1] = loss;
    for (const [name, value] of Object.entries(gradients))
      (rows[name] ??= []).push((value as NdArray<Float64Array>).data);
    onProgress?.(k, steps);
  }
  const { t, dt } = layer;
  const times = Float64Array.from({ length: steps }, (_, k) => timeOf(k, t, dt));
  const series = (samples: Float64Array, name: string): TSContinuous =>
    new TSContinuous(times, new NdArray(samples, [steps, samples.length / steps]), { name });
  const joined = (name: string): Float64Array => {
    const all = new Float64Array(steps * rows[name][0].length);
    rows[name].forEach((row, k) => all.set(row, k * row.length));
    return all;
  };
  return {
    loss: series(losses, 'Loss'),
    gradients: Object.fromEntries(Object.keys(rows).map((name) => [name, series(joined(name), name)] as const)),
  };
}
