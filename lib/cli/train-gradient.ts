/** Training of a module by gradients through time. */
import { NdArray, type Matrix } from '../array.js';
import { native } from '../binding.js';
import { Module, TimedModuleWrapper, type ModuleBase } from '../modules/index.js';
import { stepsOf } from '../time-grid.js';
import { TSEvent, type TimeSeries, type TSContinuous } from '../time-series/index.js';
import { Adam, crossEntropy, fit, mse, SGD, type EpochRecord, type FitResult, type Loss } from '../training/index.js';
import { UsageError } from './exit.js';
import type { Stage } from './progress.js';
import type { Pair } from './train-data.js';

export interface GradientOptions {
  epochs: number;
  loss: 'mse' | 'cross-entropy';
  optimiser: 'adam' | 'sgd';
  learningRate: number;
  batchSize: number;
  /** Seconds of a training sequence. */
  sequence: number;
  clip?: number;
  seed: number;
  /** File that the training is kept in. */
  checkpoint?: string;
  /** Go on from it. */
  resume?: boolean;
  signal: AbortSignal;
}

/** The module that can be trained. @throws UsageError for one that evolves time series of its own accord. */
export function trainableModule(module: ModuleBase): Module {
  if (module instanceof TimedModuleWrapper) return module.module as Module;
  if (module instanceof Module) return module as Module;
  throw new UsageError(`a ${module.className} is not trained by gradients: it takes a module of arrays`);
}

/** Rows at the ticks of `dt` from 0 on: samples, or numbers of events. */
async function rowsOf(series: TimeSeries, dt: number, steps: number, signal: AbortSignal): Promise<Float64Array> {
  if (series instanceof TSEvent) {
    const raster = await series.rasterAsync({ dt, tStart: 0, numTimesteps: steps, addEvents: true, signal });
    return Float64Array.from(raster.data);
  }
  const times = new Float64Array(steps);
  native.clockTimes(0, dt, 0, times);
  return (await (series as TSContinuous).sampleAsync(times, { signal })).data;
}

interface Data {
  input: Matrix;
  target: Matrix;
}

/** All pairs, cut into sequences: `[sequences, steps, channels]`. What is left at an end is not used. */
async function sequencesOf(
  pairs: readonly Pair[],
  module: Module,
  dt: number,
  options: GradientOptions,
): Promise<Data> {
  const steps = stepsOf(options.sequence, dt);
  if (!(steps >= 1)) throw new UsageError(`--sequence ${options.sequence} is shorter than a time step of ${dt} s`);
  const { sizeIn, sizeOut } = module;
  for (const pair of pairs) checkChannels(pair, sizeIn, sizeOut);
  const counts = pairs.map(({ input, target }) => Math.floor(stepsOf(Math.min(input.tStop, target.tStop), dt) / steps));
  const total = counts.reduce((a, b) => a + b, 0);
  if (total === 0) throw new UsageError(`no input is as long as a sequence of ${options.sequence} s (--sequence)`);
  const input = NdArray.zeros([total, steps, sizeIn]);
  const target = NdArray.zeros([total, steps, sizeOut]);
  let at = 0;
  for (const [k, pair] of pairs.entries()) {
    const rows = counts[k] * steps;
    if (rows === 0) continue;
    input.data.set(await rowsOf(pair.input, dt, rows, options.signal), at * steps * sizeIn);
    target.data.set(await rowsOf(pair.target, dt, rows, options.signal), at * steps * sizeOut);
    at += counts[k];
  }
  return { input, target };
}

function checkChannels({ path, input, target }: Pair, sizeIn: number, sizeOut: number): void {
  const channels = (input as TSContinuous).numChannels;
  if (channels !== sizeIn) throw new UsageError(`'${path}' has ${channels} channels, and the module takes ${sizeIn}`);
  if (target.numChannels !== sizeOut)
    throw new UsageError(`the target of '${path}' has ${target.numChannels} channels, and the module puts out ${sizeOut}`); // prettier-ignore
}

/** Dropout is for training. */
function setTraining(module: ModuleBase, on: boolean): void {
  if ('training' in module) (module as ModuleBase & { training: boolean }).training = on;
  for (const inner of Object.values(module.modules() as Record<string, ModuleBase>)) setTraining(inner, on);
}

/** Trains a module; `onEpoch` learns of each epoch. */
export async function trainGradient(
  module: Module,
  pairs: readonly Pair[],
  dt: number,
  options: GradientOptions & { stage: Stage; onEpoch: (record: EpochRecord) => Promise<void> },
): Promise<FitResult & { sequences: number; steps: number }> {
  const { epochs, batchSize, seed, clip, checkpoint, resume, signal, stage, learningRate, onEpoch } = options;
  const data = await sequencesOf(pairs, module, dt, options);
  const loss: Loss<Matrix> = options.loss === 'mse' ? mse() : crossEntropy({ time: 'each', target: 'probabilities' });
  setTraining(module, true);
  try {
    const result = await fit<Matrix>(module, data, {
      ...{ loss, epochs, batchSize, seed, signal },
      optimiser: options.optimiser === 'adam' ? new Adam(learningRate) : new SGD(learningRate),
      ...(clip !== undefined && { clip: { norm: clip } }),
      ...(checkpoint !== undefined && { checkpoint: { path: checkpoint, resume: resume ?? false } }),
      onProgress: ({ done, total, loss: value }) => stage.update(done, total, `loss ${value.toPrecision(4)}`),
      onEpoch,
    });
    return { ...result, sequences: data.input.shape[0], steps: data.input.shape[1] };
  } finally {
    setTraining(module, false);
  }
}
