/** Clock, batches and input cores of a layer on a DynapSE board. */
import type { Matrix } from '../../array.js';
import { checkBoolean, checkInteger, checkNumber, rangeError } from '../../check.js';
import { defaultIsiBase, intervalBase } from '../../devices/dynapse/stimulus.js';
import { TSEvent } from '../../time-series/ts-event.js';
import { Layer } from '../layer.js';
import { readCoreIds, readDuration, readLimit, readMaxEvents, type RecDynapSEOptions } from './board-options.js';
import { numCoresChip } from './connectivity.js';

/** What of a layer on a board has nothing to do with its neurons. */
export abstract class BoardLayer extends Layer {
  #maxNumTimesteps: number | null;
  #maxNumTrialsBatch: number | null;
  #maxNumEventsBatch: number;
  readonly #lInputCoreIds: number[];
  readonly #inputChipId: number;
  readonly #speedup: number;

  protected constructor(weightsIn: Matrix, given: RecDynapSEOptions) {
    const dt = given.dt ?? defaultIsiBase;
    intervalBase(dt, 'dt');
    super(weightsIn, { dt, name: given.name });
    this.#lInputCoreIds = readCoreIds(given.lInputCoreIds ?? [0], 'lInputCoreIds', numCoresChip);
    if (this.#lInputCoreIds.length === 0) throw rangeError('lInputCoreIds', 'one core or more', 'none');
    this.#inputChipId = checkInteger(given.inputChipId ?? 0, 'inputChipId', { min: 0, max: 3 });
    this.#maxNumTrialsBatch = readLimit(given.maxNumTrialsBatch, 'maxNumTrialsBatch');
    this.#maxNumEventsBatch = readMaxEvents(given.maxNumEventsBatch);
    const steps = readDuration(given.maxBatchDur, dt);
    this.#maxNumTimesteps = readLimit(given.maxNumTimesteps, 'maxNumTimesteps') ?? steps;
    const speedup = checkNumber(given.speedup ?? 1, 'speedup', { positive: true });
    this.#speedup = checkBoolean(given.fastmode ?? false, 'fastmode') ? speedup : 1;
    this._intervalBase();
  }

  override get inputType(): typeof TSEvent {
    return TSEvent;
  }

  override get outputType(): typeof TSEvent {
    return TSEvent;
  }

  /** Cores of the chip that get input. */
  get lInputCoreIds(): number[] {
    return [...this.#lInputCoreIds];
  }

  /** Chip that gets input. */
  get inputChipId(): number {
    return this.#inputChipId;
  }

  /** @internal Bits of the cores that get input. */
  protected get _coreMask(): number {
    return this.#lInputCoreIds.reduce((mask, id) => mask | (1 << id), 0);
  }

  // ---- Limits of batches ------------------------------------------------------------------------------------------

  /** Trials in a batch at most; null: trials do not matter. */
  get maxNumTrialsBatch(): number | null {
    return this.#maxNumTrialsBatch;
  }

  set maxNumTrialsBatch(value: number | null) {
    this.#maxNumTrialsBatch = readLimit(value, 'maxNumTrialsBatch');
  }

  /** Time steps in a batch at most; null: no limit. */
  get maxNumTimesteps(): number | null {
    return this.#maxNumTimesteps;
  }

  set maxNumTimesteps(value: number | null) {
    this.#maxNumTimesteps = readLimit(value, 'maxNumTimesteps');
  }

  /** The same in seconds. */
  get maxBatchDur(): number | null {
    return this.#maxNumTimesteps === null ? null : this.#maxNumTimesteps * this.dt;
  }

  set maxBatchDur(value: number | null) {
    this.#maxNumTimesteps = readDuration(value, this.dt);
  }

  /** Input events in a batch at most, 1 to 65535. */
  get maxNumEventsBatch(): number {
    return this.#maxNumEventsBatch;
  }

  set maxNumEventsBatch(value: number | null) {
    this.#maxNumEventsBatch = readMaxEvents(value);
  }

  /** Time step in seconds: that of the FPGA. */
  override get dt(): number {
    return super.dt;
  }

  override set dt(value: number) {
    intervalBase(value, 'dt');
    super.dt = value;
  }

  /** @internal Ticks of the FPGA in a time step of the stimulus. */
  protected _intervalBase(): number {
    return intervalBase(this.dt / this.#speedup, 'dt / speedup');
  }

  /** @internal How many times faster input is played. */
  protected get _speedup(): number {
    return this.#speedup;
  }
}
