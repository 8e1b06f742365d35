/** Progress of a training. */
import { checkFunction } from '../../check.js';
import type { FitProgress } from './types.js';

/** Milliseconds between two calls. */
const interval = 50;

/** Calls back not too often. */
export class ProgressReport {
  readonly #call: ((progress: FitProgress) => void) | undefined;
  readonly #batches: number | undefined;
  readonly #epochs: number;
  #start = 0;
  #last = -Infinity;
  #before = 0;
  #batch = 0;

  constructor(call: unknown, batches: number | undefined, epochs: number) {
    this.#call = call === undefined ? undefined : checkFunction<(progress: FitProgress) => void>(call, 'onProgress');
    this.#batches = batches;
    this.#epochs = epochs;
  }

  begin(epoch: number, batch: number): void {
    this.#start = performance.now();
    this.#before = this.#done(epoch, batch);
  }

  #done(epoch: number, batch: number): number {
    return this.#batches === undefined ? epoch : epoch * this.#batches + batch;
  }

  batchDone(epoch: number, batch: number, loss: number): void {
    this.#batch = batch;
    if (performance.now() - this.#last >= interval) this.#report(epoch, this.#done(epoch, batch), loss);
  }

  epochDone(epoch: number, loss: number): void {
    this.#report(epoch, this.#done(epoch + 1, 0), loss);
  }

  #report(epoch: number, done: number, loss: number): void {
    if (!this.#call) return;
    const now = performance.now();
    this.#last = now;
    const total = this.#done(this.#epochs, 0);
    const seconds = (now - this.#start) / 1000;
    const own = done - this.#before;
    const etaSeconds = own > 0 ? (seconds * (total - done)) / own : NaN;
    this.#call({ done, total, etaSeconds, epoch, batch: this.#batch, loss });
  }
}
