/** Training of a module by gradients, epoch by epoch. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  checkBoolean,
  checkFunction,
  checkInstance,
  checkInteger,
  checkOptions,
  checkSignal,
  typeError,
} from '../../check.js';
import { RockpoolError } from '../../errors.js';
import { freshSeed } from '../../lazy.js';
import { Module } from '../../modules/module.js';
import { Adam } from '../optimisers/adam.js';
import { checkClip } from '../optimisers/clipping.js';
import type { OptimiserLike } from '../optimisers/optimiser.js';
import type { Loss } from '../types.js';
import { readLoss, valueAndGrad, type ValueAndGrad } from '../value-and-grad.js';
import { abortable } from './abortable.js';
import {
  Checkpoint,
  copyParameters,
  type FlatParameters,
  putBack,
  setParameters,
  type TrainingState,
} from './checkpoint.js';
import { type BatchSource, batchSource, type SizedBatch } from './data.js';
import { EarlyStopping } from './early-stopping.js';
import { addTo, evaluateData, meansOf, measure, type Sums, valuesOf } from './evaluate.js';
import { ProgressReport } from './progress.js';
import { Updater } from './step.js';
import type { EpochRecord, FitOptions, FitResult, Metric, TrainingData } from './types.js';

const optionNames = [
  ...['loss', 'optimiser', 'epochs', 'batchSize', 'shuffle', 'seed', 'trained', 'frozen', 'clip', 'bounds'],
  ...['checkpointSteps', 'gradients', 'validation', 'metrics', 'earlyStopping', 'checkpoint'],
  ...['onEpoch', 'onProgress', 'signal'],
];

/** Iterations that noise can be keyed by. */
const maxIteration = 2 ** 20;

/** Modules that are being trained. */
const busy = new WeakSet<object>();

/**
 * Trains a module: in each epoch, for each batch of the data, evolves it from its present state, goes back through time and changes its
 * parameters by a step of the optimiser. All of it off the event loop. The module's state stays as it is.
 *
 * @param data All samples as arrays, or batches: see {@link TrainingData}.
 * @returns What each epoch was like, and why training ended. The module then has the parameters of the last step, or with early stopping
 *   those of the best epoch.
 * @throws RockpoolError `ERR_ABORTED` when `signal` stops it: the module has the parameters of the last complete step then, and the error
 *   the `history` and the number of `iterations`. `ERR_NOT_FINITE` for a loss or a gradient that is not finite, with `parameter`, `epoch`
 *   and `batch`: the step was not done. `ERR_BUSY` while the module is trained already. TypeError or RangeError for an option of the wrong
 *   kind or value; nothing has happened then.
 *
 * @example
 * const { history } = await fit(net, { input, target }, { loss: mse(), optimiser: new Adam(1e-3), epochs: 20 });
 */
export async function fit<Target = unknown>(
  module: Module<object>,
  data: TrainingData<Target>,
  options: FitOptions<Target>,
): Promise<FitResult> {
  const training = new Training(module, data, options);
  if (busy.has(module))
    throw new RockpoolError('ERR_BUSY', `expected ${module.fullName} to be idle, received a call while it is trained`);
  busy.add(module);
  try {
    return await training.run();
  } finally {
    busy.delete(module);
  }
}

class Training<Target> {
  readonly #module: Module;
  readonly #options: FitOptions<Target>;
  readonly #loss: Loss<Target>;
  readonly #metrics: Record<string, Metric<Target>>;
  readonly #optimiser: OptimiserLike;
  readonly #updater: Updater;
  readonly #gradients: ValueAndGrad<Target>;
  readonly #source: BatchSource<Target>;
  readonly #validation: BatchSource<Target> | null;
  readonly #checkpoint: Checkpoint | null;
  readonly #early: EarlyStopping | null;
  readonly #progress: ProgressReport;
  readonly #epochs: number;
  #seed: number;
  #history: EpochRecord[] = [];
  #epoch = 0;
  #batch = 0;
  #iteration = 0;
  #sums: Sums = { samples: 0, values: {} };
  #bestParameters: FlatParameters | null = null;

  constructor(module: unknown, data: TrainingData<Target>, options: unknown) {
    this.#module = checkInstance(module as Module, 'module', Module as abstract new (...args: never[]) => Module);
    const given = checkOptions<FitOptions<Target>>(options, 'options', optionNames) as FitOptions<Target>;
    this.#options = given;
    this.#loss = readLoss(given.loss);
    this.#metrics = readMetrics(given.metrics);
    this.#optimiser = readOptimiser(given.optimiser);
    this.#epochs = checkInteger(given.epochs ?? 1, 'epochs', { min: 0 });
    this.#seed = checkInteger(given.seed ?? freshSeed(), 'seed', { min: 0 });
    const batchSize = checkInteger(given.batchSize ?? 32, 'batchSize', { min: 1 });
    const shuffle = checkBoolean(given.shuffle ?? true, 'shuffle');
    checkSignal(given.signal);
    if (given.onEpoch !== undefined) checkFunction(given.onEpoch, 'onEpoch');
    this.#source = batchSource(data, 'data', { batchSize, shuffle, seed: this.#seed });
    this.#validation = given.validation
      ? batchSource(given.validation, 'validation', { batchSize, shuffle: false, seed: 0 })
      : null;
    const { trained, frozen, bounds } = given;
    const clip = given.clip && checkClip(given.clip);
    this.#updater = new Updater(this.#module, { optimiser: this.#optimiser, trained, frozen, clip, bounds });
    const checkpoint = given.checkpointSteps;
    if (given.gradients !== undefined && typeof (given.gradients as ValueAndGrad | null)?.async !== 'function')
      throw typeError('gradients', 'what valueAndGrad or adversarialLoss returned', given.gradients);
    this.#gradients =
      given.gradients ?? valueAndGrad(this.#module, this.#loss, checkpoint === undefined ? {} : { checkpoint });
    this.#checkpoint = given.checkpoint === undefined ? null : new Checkpoint(given.checkpoint);
    if (this.#checkpoint && !(this.#optimiser.snapshot && this.#optimiser.restore))
      throw typeError('optimiser', 'one with snapshot and restore, for checkpoints', given.optimiser);
    this.#early = given.earlyStopping ? new EarlyStopping(given.earlyStopping, Object.keys(this.#metrics)) : null;
    this.#progress = new ProgressReport(given.onProgress, this.#source.count, this.#epochs);
  }

  async run(): Promise<FitResult> {
    try {
      await this.#checkpoint?.checkFolder();
      const state = await this.#checkpoint?.load();
      if (state) this.#resume(state);
      return this.#result(await this.#all());
    } catch (error) {
      if (!(error instanceof RockpoolError && error.code === 'ERR_ABORTED')) throw error;
      const stopped = this.#aborted(error);
      await this.#save().catch((failed: unknown) => {
        throw Object.assign(failed as Error, { cause: stopped });
      });
      throw stopped;
    }
  }

  async #all(): Promise<FitResult['stopped']> {
    if (this.#early?.isOver) return this.#end('early');
    this.#progress.begin(this.#epoch, this.#batch);
    while (this.#epoch < this.#epochs) {
      await this.#runEpoch();
      const record = this.#history[this.#history.length - 1];
      if ((await this.#options.onEpoch?.(record)) === false) return this.#end('callback');
      if (this.#early?.isOver) return this.#end('early');
    }
    return this.#end('epochs');
  }

  #end(stopped: FitResult['stopped']): FitResult['stopped'] {
    if (this.#early?.restoreBest && this.#bestParameters) setParameters(this.#module, this.#bestParameters);
    return stopped;
  }

  async #runEpoch(): Promise<void> {
    let index = 0;
    for await (const batch of abortable(this.#source.batches(this.#epoch), this.#options.signal)) {
      if (index++ < this.#batch) continue; // done before the checkpoint
      this.#checkSignal();
      await this.#step(batch);
      const { every = 0 } = this.#checkpoint ?? {};
      if (every > 0 && this.#iteration % every === 0) await this.#save();
      await nextTurn();
    }
    const record = await this.#endEpoch();
    this.#history.push(record);
    if (this.#early?.isBetter(record) && this.#early.restoreBest) this.#bestParameters = copyParameters(this.#module);
    this.#epoch++;
    this.#batch = 0;
    this.#sums = { samples: 0, values: {} };
    this.#progress.epochDone(record.epoch, record.loss);
    await this.#save();
  }

  async #step({ input, target, samples }: SizedBatch<Target>): Promise<void> {
    const { signal } = this.#options;
    try {
      const iteration = this.#iteration % maxIteration;
      const task = { iteration, ...(signal && { signal }) };
      const { loss, terms, gradients, output } = await this.#gradients.async(input, target, task);
      const metrics = measure(this.#metrics, output, target);
      const norm = this.#updater.step(gradients);
      addTo(this.#sums, samples, { ...valuesOf(loss, terms, metrics), gradientNorm: norm });
      this.#iteration++;
      this.#batch++;
      this.#progress.batchDone(this.#epoch, this.#batch, loss);
    } catch (error) {
      throw this.#located(error);
    }
  }

  async #endEpoch(): Promise<EpochRecord> {
    const { signal } = this.#options;
    const { gradientNorm, ...values } = this.#sums.values;
    const { samples } = this.#sums;
    const own = {
      ...{ epoch: this.#epoch, iteration: this.#iteration, ...meansOf({ samples, values }) },
      gradientNorm: gradientNorm / samples,
    };
    if (!this.#validation) return own;
    const task = signal ? { signal } : {};
    const given = [this.#loss, this.#metrics, this.#validation, this.#epoch, task] as const;
    return { ...own, validation: await evaluateData(this.#module, ...given) };
  }

  #checkSignal(): void {
    const { signal } = this.#options;
    if (signal?.aborted) throw new RockpoolError('ERR_ABORTED', 'stopped', { cause: signal.reason });
  }

  /** Says where something went wrong. */
  #located(error: unknown): unknown {
    if (!(error instanceof Error) || (error as { code?: unknown }).code === 'ERR_ABORTED') return error;
    const where = { epoch: this.#epoch, batch: this.#batch };
    try {
      error.message += ` (epoch ${where.epoch}, batch ${where.batch})`;
      return Object.assign(error, where);
    } catch {
      return error; // one of the user's that cannot be written to
    }
  }

  #aborted(error: RockpoolError): RockpoolError {
    const message = `the training was stopped in epoch ${this.#epoch} after batch ${this.#batch}: the module has the parameters of the last complete step, ${this.#iteration} in all`;
    const details = { history: this.#history, iterations: this.#iteration, epoch: this.#epoch, batch: this.#batch };
    return new RockpoolError('ERR_ABORTED', message, { cause: error.cause, details });
  }

  async #save(): Promise<void> {
    if (!this.#checkpoint) return;
    await this.#checkpoint.save({
      ...{ form: this.#source.form, seed: this.#seed, epoch: this.#epoch, batch: this.#batch },
      ...{ iteration: this.#iteration, history: this.#history, sums: this.#sums },
      parameters: copyParameters(this.#module),
      module: this.#module.snapshot(),
      optimiser: this.#optimiser.snapshot!(),
      best: this.#early?.best ?? null,
      bestParameters: this.#bestParameters,
    });
  }

  #resume(state: TrainingState): void {
    if (this.#options.seed !== undefined && state.seed !== this.#seed)
      throw new RockpoolError(
        'ERR_STATE',
        `expected seed to be ${state.seed}, as in the checkpoint, received ${this.#seed}`,
      );
    const { form, count = Infinity } = this.#source;
    if (state.form !== form)
      throw new RockpoolError('ERR_STATE', `expected data to be ${state.form}, as in the checkpoint, received ${form}`);
    if (state.batch > count)
      throw new RockpoolError('ERR_FILE', `the checkpoint cannot be gone on from: its batch is ${state.batch}`);
    putBack(this.#module, this.#optimiser, state);
    this.#source.seed = this.#seed = state.seed;
    this.#epoch = state.epoch;
    this.#batch = state.batch;
    this.#iteration = state.iteration;
    this.#history = state.history;
    this.#sums = state.sums;
    if (this.#early) this.#early.best = state.best;
    this.#bestParameters = state.bestParameters;
  }

  #result(stopped: FitResult['stopped']): FitResult {
    const best = this.#early?.best;
    return {
      ...{ history: this.#history, iterations: this.#iteration, stopped, seed: this.#seed },
      ...(best && { best: { epoch: best.epoch, value: best.value } }),
    };
  }
}

function readMetrics<Target>(metrics: Record<string, Metric<Target>> | undefined): Record<string, Metric<Target>> {
  const given = checkOptions<Record<string, Metric<Target>>>(metrics, 'metrics', Object.keys(metrics ?? {}));
  for (const [name, metric] of Object.entries(given)) checkFunction(metric, `metrics.${name}`);
  return given as Record<string, Metric<Target>>;
}

function readOptimiser(optimiser: OptimiserLike | undefined): OptimiserLike {
  if (optimiser === undefined) return new Adam();
  if (typeof (optimiser as OptimiserLike | null)?.step !== 'function')
    throw typeError('optimiser', 'an optimiser such as new Adam()', optimiser);
  return optimiser;
}
