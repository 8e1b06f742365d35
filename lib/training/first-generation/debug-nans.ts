/** What is not finite in a training step, and since when. */
import type { Matrix, NdArray } from '../../array.js';
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import type { Loss } from '../types.js';
import { valueAndGrad } from '../value-and-grad.js';
import { truncated, type TrainingData } from './signals.js';
import type { LayerModel, TrainableLayer } from './types.js';

/** The error with all that is not finite, and with the first time step whose evolution or gradients are not; others as they are. */
export function explain(
  error: unknown,
  layer: TrainableLayer,
  model: LayerModel,
  loss: Loss,
  data: TrainingData,
  iteration: number,
): unknown {
  if (!(error instanceof RockpoolError) || error.code !== 'ERR_NOT_FINITE') return error;
  const { module } = model;
  const offenders: string[] = [];
  const look = (what: string, { data: numbers }: Pick<NdArray<Float64Array>, 'data'>): void => {
    const at = native.firstNotFinite(numbers);
    if (at < numbers.length) offenders.push(`${what} at element ${at}`);
  };
  for (const [name, value] of Object.entries(module.state())) look(`the state ${name}`, value as Matrix);
  for (const [name, value] of Object.entries(module.parameters())) look(`the parameter ${name}`, value as Matrix);
  look('the input', data.input);
  if (data.force) look('the forcing signal', data.force);
  const step = firstStep(model, loss, data, iteration);
  offenders.push(error.message);
  const since = step === null ? '' : `, first when time step ${step} is part of it`;
  return new RockpoolError(
    'ERR_NOT_FINITE',
    `${layer.startPrint}expected a training step of finite numbers, received others: ${offenders.join('; ')}${since}`,
    { cause: error, details: { offenders, ...(step !== null && { timestep: step }) } },
  );
}

/** The last step of the shortest beginning that fails; null when there is none. */
function firstStep(model: LayerModel, loss: Loss, { input, target }: TrainingData, iteration: number): number | null {
  const evaluate = valueAndGrad(model.module, loss);
  const fails = (steps: number): boolean => {
    try {
      evaluate(truncated(input, steps, false), truncated(target, steps, false), { iteration });
      return false;
    } catch {
      return true;
    }
  };
  let [good, bad] = [0, input.shape[1]];
  if (bad === 0 || !fails(bad)) return null;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (fails(middle)) bad = middle;
    else good = middle;
  }
  return bad - 1;
}
