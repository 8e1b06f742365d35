/** Training of layers in a row. */
import { type Matrix, toNdArray, shapeText } from '../../array.js';
import { checkNumber, checkOptions, shapeError } from '../../check.js';
import { Sequential } from '../../combinators/sequential.js';
import { Lock } from '../../layers/lock.js';
import { RateEulerJax } from '../../layers/jax/rate-euler-jax.js';
import type { LifJax } from '../../layers/lif/lif-jax.js';
import type { JaxStack } from '../../networks/jax-stack.js';
import type { RecordTree } from '../../modules/types.js';
import type { ParameterTree } from '../tree.js';
import type { Loss, LossValue } from '../types.js';
import { lifModel } from './lif-model.js';
import { readSeries } from './lif-training.js';
import { type Cost, costOf, meanSquaredError, type RateLossParams, squares, tauCost } from './rate-loss.js';
import { rateModel } from './rate-model.js';
import { type Trainee, trainOutputTarget, trainOutputTargetAsync } from './trainer.js';
import type {
  AsyncTrainOutputTargetOptions,
  LayerModel,
  LossParams,
  SpikingTrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from './types.js';

type StackLayer = ReturnType<JaxStack['_stack']>[number];

/** A stack as the trainer sees it. */
function trainee(stack: JaxStack): Trainee {
  const { t, dt, sizeIn, sizeOut, name } = stack;
  const layer = { startPrint: `JaxStack '${name}': `, t, dt: dt!, sizeIn, sizeOut };
  return {
    layer,
    key: stack,
    forced: null,
    model: ({ activationDerivative = null }) => stackModel(stack, activationDerivative),
  };
}

function stackModel(stack: JaxStack, derivative: TrainOutputTargetOptions['activationDerivative'] | null): LayerModel {
  const models = stack._stack().map((layer) => [stack.layerName(layer), modelOf(layer, derivative ?? null)] as const);
  const chain = (part: (model: LayerModel, name: string) => LayerModel['module']): Sequential =>
    new Sequential(models.map(([name, model]) => [name, part(model, name)] as const));
  return {
    module: chain((model) => model.module),
    loss: (lossParams) => stackLoss(stack.dt!, lossParams),
    with: (tree) => chain((model, name) => model.with(tree[name] as ParameterTree)),
    prepare: (tree) => {
      const writes = models.map(([name, model]) => model.prepare(tree[name] as ParameterTree));
      return () => writes.forEach((write) => write());
    },
  };
}

function modelOf(
  layer: StackLayer,
  activationDerivative: TrainOutputTargetOptions['activationDerivative'] | null,
): LayerModel {
  if (layer instanceof RateEulerJax)
    return rateModel(layer, { force: null, activationDerivative: activationDerivative ?? null });
  return lifModel(layer, false);
}

const names = ['lambdaMse', 'regTau', 'regL2Rec', 'minTau'];

/**
 * The mean squared error, in which targets that are NaN do not count, and for each layer the cost of time constants below `minTau` and of the
 * mean square of the recurrent weights, as for a rate layer.
 */
function stackLoss(dt: number, lossParams: LossParams): Loss {
  const given = checkOptions<RateLossParams>(lossParams, 'lossParams', names);
  const number = (name: keyof RateLossParams, standard: number): number =>
    checkNumber(given[name] ?? standard, `lossParams.${name}`);
  const [lambdaMse, regTau] = [number('lambdaMse', 1), number('regTau', 1e4)];
  const [regL2Rec, minTau] = [number('regL2Rec', 1), number('minTau', 11 * dt)];
  return {
    name: 'stackLoss',
    evaluate({ output, target: wanted, parameters }): LossValue {
      const target = toNdArray(wanted, 'target', 'float64');
      if (String(target.shape) !== String(output.shape))
        throw shapeError('target', shapeText(output.shape), shapeText(target.shape));
      const mse = meanSquaredError(output, target, lambdaMse);
      const terms: Record<string, number> = { lossMse: mse.loss, lossTau: 0, lossL2Rec: 0 };
      const gradients: RecordTree = {};
      for (const [name, tree] of Object.entries(parameters as Record<string, Record<string, Matrix>>)) {
        const own: Record<string, Matrix> = {};
        for (const parameter of ['tau', 'tauMem', 'tauSyn'].filter((key) => key in tree))
          terms['lossTau'] += add(own, parameter, tree, tauCost(minTau, regTau));
        if ('wRecurrent' in tree) terms['lossL2Rec'] += add(own, 'wRecurrent', tree, squares(regL2Rec));
        gradients[name] = own;
      }
      const loss = Object.values(terms).reduce((a, b) => a + b, 0);
      return { loss, terms, output: mse.gradient, parameters: gradients };
    },
  };
}

function add(gradients: Record<string, Matrix>, name: string, tree: Record<string, Matrix>, cost: Cost): number {
  const { loss, gradient } = costOf(tree[name], cost);
  gradients[name] = gradient;
  return loss;
}

/** Series as the first layer takes and the last one emits them. */
function signals(
  stack: JaxStack,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
): ReturnType<typeof readSeries> {
  const layers = stack._stack();
  const [first, last] = [layers[0], layers[layers.length - 1]];
  const { t, sizeIn, sizeOut } = stack;
  const { inputType, addEvents } = first as LifJax;
  const of = { startPrint: `JaxStack '${stack.name}': `, t, dt: stack.dt!, sizeIn, sizeOut };
  return readSeries({ ...of, inputType, outputType: last.outputType, addEvents }, tsInput, tsTarget);
}

function checkIdle(stack: JaxStack): void {
  for (const layer of stack._stack()) layer._lock().check(layer.startPrint);
}

/** @internal See `JaxStack.trainOutputTarget`. */
export function trainStack(
  stack: JaxStack,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
  options?: TrainOutputTargetOptions,
): TrainingStep {
  checkIdle(stack);
  return trainOutputTarget(trainee(stack), ...signals(stack, tsInput, tsTarget), options);
}

/** @internal The same off the event loop. */
export async function trainStackAsync(
  stack: JaxStack,
  tsInput: SpikingTrainingSignal,
  tsTarget: SpikingTrainingSignal,
  options: AsyncTrainOutputTargetOptions = {},
): Promise<TrainingStep> {
  const locks = stack._stack().map((layer) => layer._lock());
  checkIdle(stack);
  const releases = locks.map((lock) => lock.acquire());
  const within = <T>(fn: () => T): T => Lock.permitAll(locks, fn);
  try {
    const given = within(() => signals(stack, tsInput, tsTarget));
    return await within(() => trainOutputTargetAsync(trainee(stack), ...given, options, within));
  } finally {
    releases.forEach((release) => release());
  }
}
