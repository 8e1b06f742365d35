/** Losses and metrics without training. */
import { checkNumber } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { Module } from '../../modules/module.js';
import type { Pass, Signal, Steps } from '../../modules/pass.js';
import type { RecordTree } from '../../modules/types.js';
import type { TaskOptions } from '../../task.js';
import type { Loss } from '../types.js';
import { readInput } from '../value-and-grad.js';
import { abortable } from './abortable.js';
import type { BatchSource } from './data.js';
import type { EpochValues, Metric } from './types.js';

/** Sums over batches, weighted by their samples. */
export interface Sums {
  samples: number;
  values: Record<string, number>;
}

/** Adds numbers of a batch. */
export function addTo(sums: Sums, samples: number, values: Record<string, number>): void {
  sums.samples += samples;
  for (const [name, value] of Object.entries(values)) sums.values[name] = (sums.values[name] ?? 0) + samples * value;
}

/** The numbers of a batch by name, of which `terms.` and `metrics.` are groups. */
export function valuesOf(
  loss: number,
  terms: Record<string, number>,
  metrics: Record<string, number>,
): Record<string, number> {
  const group = (name: string, tree: Record<string, number>): [string, number][] =>
    Object.entries(tree).map(([key, value]) => [`${name}.${key}`, value]);
  return { loss, ...Object.fromEntries([...group('terms', terms), ...group('metrics', metrics)]) };
}

/** The means. */
export function meansOf(sums: Sums): EpochValues {
  const entries = Object.entries(sums.values).map(([name, sum]) => [name, sum / sums.samples] as const);
  const group = (name: string): Record<string, number> =>
    Object.fromEntries(
      entries.filter(([key]) => key.startsWith(`${name}.`)).map(([key, v]) => [key.slice(name.length + 1), v]),
    );
  return { loss: Object.fromEntries(entries)['loss'], terms: group('terms'), metrics: group('metrics') };
}

/** What the metrics say of an output. */
export function measure<Target>(
  metrics: Record<string, Metric<Target>>,
  output: Signal,
  target: Target,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      name,
      checkNumber(metric(output, target), `the metric ${name}`, { infinite: true }),
    ]),
  );
}

function* forward(module: Module, input: Signal, record: boolean): Steps<Pass> {
  const options = { state: null, firstStep: null, record, smooth: false, tape: false, needsInput: false };
  return yield* module._pass(input, options);
}

/** Loss and metrics of data, from the module's present state, which stays. */
export async function evaluateData<Target>(
  module: Module,
  loss: Loss<Target>,
  metrics: Record<string, Metric<Target>>,
  source: BatchSource<Target>,
  epoch: number,
  task: TaskOptions,
): Promise<EpochValues> {
  const sums: Sums = { samples: 0, values: {} };
  for await (const { input, target, samples } of abortable(source.batches(epoch), task.signal)) {
    const { output, recorded } = await module._runSteps(
      forward(module, readInput(module, input), loss.needsRecord === true),
      task,
    );
    const parameters = module.parameters() as RecordTree;
    const value = loss.evaluate({ output, target, recorded, parameters, module });
    if (!Number.isFinite(value.loss))
      throw new RockpoolError('ERR_NOT_FINITE', `the loss '${loss.name}' of the validation data is ${value.loss}`);
    const terms = value.terms ?? { [loss.name]: value.loss };
    addTo(sums, samples, valuesOf(value.loss, terms, measure(metrics, output, target)));
  }
  return meansOf(sums);
}
