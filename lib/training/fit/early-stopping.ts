/** Stopping when nothing becomes better. */
import {
  checkBoolean,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkString,
  rangeError,
} from '../../check.js';
import type { EarlyStoppingOptions, EpochRecord } from './types.js';

const names = ['patience', 'minDelta', 'monitor', 'mode', 'restoreBest'];

/** What is remembered of the best epoch. */
export interface BestEpoch {
  epoch: number;
  value: number;
  /** Epochs since. */
  waited: number;
}

/** Watches one number. */
export class EarlyStopping {
  readonly restoreBest: boolean;
  readonly #patience: number;
  readonly #minDelta: number;
  readonly #monitor: string;
  readonly #sign: number;
  best: BestEpoch | null = null;

  constructor(options: EarlyStoppingOptions) {
    const given = checkOptions<EarlyStoppingOptions>(options, 'earlyStopping', names);
    this.#patience = checkInteger(given.patience ?? 10, 'earlyStopping.patience', { min: 1 });
    this.#minDelta = checkNumber(given.minDelta ?? 0, 'earlyStopping.minDelta', { min: 0 });
    this.#monitor = checkString(given.monitor ?? 'loss', 'earlyStopping.monitor');
    this.#sign = checkOneOf(given.mode ?? 'min', 'earlyStopping.mode', ['min', 'max']) === 'min' ? 1 : -1;
    this.restoreBest = checkBoolean(given.restoreBest ?? true, 'earlyStopping.restoreBest');
  }

  /** Whether an epoch is better than all before. The validation data decide where there are any. */
  isBetter(record: EpochRecord): boolean {
    const values = record.validation ?? record;
    const value = this.#monitor === 'loss' ? values.loss : (values.metrics[this.#monitor] ?? NaN);
    if (Number.isNaN(value)) throw rangeError('earlyStopping.monitor', "'loss' or the name of a metric", this.#monitor);
    const better = this.best === null || this.#sign * (this.best.value - value) > this.#minDelta;
    this.best =
      better || this.best === null
        ? { epoch: record.epoch, value, waited: 0 }
        : { ...this.best, waited: this.best.waited + 1 };
    return better;
  }

  get isOver(): boolean {
    return this.best !== null && this.best.waited >= this.#patience;
  }
}
