/** Steps of gradient training of layers. */
import { type Matrix, NdArray } from '../../array.js';
import { checkBoolean, checkFunction, checkOptions, typeError } from '../../check.js';
import type { Module } from '../../modules/module.js';
import { runSteps, type Signal } from '../../modules/pass.js';
import type { RecordTree } from '../../modules/types.js';
import { taskOptionNames, type TaskOptions } from '../../task.js';
import { Adam } from '../optimisers/adam.js';
import type { OptimiserLike } from '../optimisers/optimiser.js';
import type { Loss } from '../types.js';
import { readLoss, valueAndGrad, type ValueAndGradResult } from '../value-and-grad.js';
import { explain } from './debug-nans.js';
import { readSignals, type TrainingData } from './signals.js';
import type {
  LayerLoss,
  LayerModel,
  LossParams,
  TrainableLayer,
  TrainedOutput,
  TrainingSignal,
  TrainingStep,
  TrainOutputTargetOptions,
} from './types.js';

/** What is kept of a training between its steps. */
interface Training {
  optimiser: OptimiserLike;
  iteration: number;
  lossFcn: LayerLoss | undefined;
  lossParams: LossParams;
}

/** Evaluations are told apart by less than this. */
const iterations = 2 ** 20;

const optionNames = [
  ...['isFirst', 'isLast', 'debugNans', 'lossFcn', 'lossParams', 'optimizer', 'optParams', 'batchAxis', 'tsForce'],
  ...['activationDerivative', 'checkpoint'],
];

const trainings = new WeakMap<object, Training>();

/** A step that was prepared: what to evaluate, and what to do with the result. */
interface Prepared {
  model: LayerModel;
  loss: Loss;
  data: TrainingData;
  iteration: number;
  checkpoint: number | undefined;
  finish(result: ValueAndGradResult): TrainingStep;
  fail(error: unknown): unknown;
}

/** @internal What a layer provides. */
export interface Trainee {
  layer: TrainableLayer;
  /** What the training belongs to. Default: the layer. */
  key?: object;
  /** Channels of a forcing signal, where there may be one. */
  forced: number | null;
  model(options: TrainOutputTargetOptions, force: Matrix | null): LayerModel;
}

function makeOptimiser({ optimizer, optParams = {} }: TrainOutputTargetOptions): OptimiserLike {
  if (typeof optParams !== 'object' || optParams === null) throw typeError('optParams', 'an object', optParams);
  if (optimizer === undefined || optimizer === null) return new Adam({ stepSize: 1e-4, ...optParams });
  const made = typeof optimizer === 'function' ? optimizer({ stepSize: 1e-4, ...optParams }) : optimizer;
  if (typeof made?.step !== 'function') throw typeError('optimizer', 'an optimiser such as Adam', made);
  return made;
}

function lossOf(model: LayerModel, { lossFcn, lossParams }: Training): Loss {
  if (lossFcn === undefined) return model.loss(lossParams);
  if (typeof lossFcn !== 'function') return readLoss(lossFcn);
  return readLoss((context: Parameters<typeof lossFcn>[0]) => lossFcn(context, lossParams));
}

function prepare(
  trainee: Trainee,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options: TrainOutputTargetOptions,
): Prepared {
  const { layer, forced, key = layer } = trainee;
  const { isFirst = false, isLast = false, debugNans = false, tsForce, batchAxis, checkpoint } = options;
  for (const [name, flag] of Object.entries({ isFirst, isLast, debugNans })) checkBoolean(flag, name);
  if (options.activationDerivative !== undefined) checkFunction(options.activationDerivative, 'activationDerivative');
  const data = readSignals(layer, { input: tsInput, target: tsTarget, force: tsForce, batchAxis }, forced);
  const before = isFirst ? undefined : trainings.get(key);
  const training: Training = {
    optimiser: before?.optimiser ?? makeOptimiser(options),
    iteration: before?.iteration ?? 0,
    lossFcn: options.lossFcn ?? before?.lossFcn,
    lossParams: options.lossParams ?? before?.lossParams ?? {},
  };
  const model = trainee.model(options, data.force);
  const loss = lossOf(model, training);
  return {
    ...{ model, loss, data, checkpoint },
    iteration: training.iteration % iterations,
    finish(result) {
      const parameters = training.optimiser.step(
        model.module.parameters(),
        result.gradients as object as Record<string, unknown>,
      );
      model.prepare(parameters)();
      training.iteration++;
      if (isLast) trainings.delete(key);
      else trainings.set(key, training);
      const trained = model.with(parameters);
      return [result.loss, result.gradients, () => evolveTrained(trained, data)];
    },
    fail: (error) => (debugNans ? explain(error, layer, model, loss, data, training.iteration % iterations) : error),
  };
}

function evolveTrained(module: Module, { input, batched }: TrainingData): TrainedOutput {
  const options = { state: null, firstStep: null, record: true, smooth: false, tape: false, needsInput: false };
  const { output, state, recorded } = runSteps(module._pass(input, options));
  if (batched) return [output, state, recorded];
  const flat = (array: Signal): Signal => new NdArray(array.data, array.shape.slice(1));
  const flatTree = (tree: RecordTree): RecordTree =>
    Object.fromEntries(
      Object.entries(tree).map(
        ([name, value]) =>
          [name, value instanceof NdArray ? flat(value as Signal) : flatTree(value as RecordTree)] as const,
      ),
    );
  return [flat(output), state, flatTree(recorded)];
}

/** @internal One step here and now; the layer is idle. */
export function trainOutputTarget(
  trainee: Trainee,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options: TrainOutputTargetOptions = {},
): TrainingStep {
  const given = checkOptions<TrainOutputTargetOptions>(options, 'options', optionNames) as TrainOutputTargetOptions;
  const step = prepare(trainee, tsInput, tsTarget, given);
  const { model, loss, data, iteration, checkpoint } = step;
  try {
    return step.finish(valueAndGrad(model.module, loss, { checkpoint })(data.input, data.target, { iteration }));
  } catch (error) {
    throw step.fail(error);
  }
}

/** @internal The same off the event loop; the caller holds the layer's lock, which `within` opens. */
export async function trainOutputTargetAsync(
  trainee: Trainee,
  tsInput: TrainingSignal,
  tsTarget: TrainingSignal,
  options: TrainOutputTargetOptions & TaskOptions,
  within: <T>(fn: () => T) => T,
): Promise<TrainingStep> {
  const all = checkOptions<TrainOutputTargetOptions & TaskOptions>(options, 'options', [
    ...optionNames,
    ...taskOptionNames,
  ]) as TrainOutputTargetOptions & TaskOptions;
  const task = Object.fromEntries(taskOptionNames.map((name) => [name, all[name]] as const));
  const step = prepare(trainee, tsInput, tsTarget, all);
  const { model, loss, data, iteration, checkpoint } = step;
  try {
    const evaluate = valueAndGrad(model.module, loss, { checkpoint });
    const result = await evaluate.async(data.input, data.target, { iteration, ...task });
    return within(() => step.finish(result));
  } catch (error) {
    throw within(() => step.fail(error));
  }
}

/** @internal Loss and gradients without a step, as the next step would see them. */
export function evaluateOnly(
  trainee: Trainee,
  data: TrainingData,
  options: Pick<TrainOutputTargetOptions, 'lossFcn' | 'lossParams' | 'activationDerivative'>,
): (input: Matrix, target: Matrix) => ValueAndGradResult {
  const model = trainee.model(options, data.force);
  const training = {
    optimiser: null as never,
    iteration: 0,
    lossFcn: options.lossFcn,
    lossParams: options.lossParams ?? {},
  };
  const evaluate = valueAndGrad(model.module, lossOf(model, training));
  return (input, target) => evaluate(input, target);
}
