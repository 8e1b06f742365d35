/** The controller that a layer opens or is given, which may be closed at any time. */
import type { CoreBias } from '../../devices/dynapse/bias-file.js';
import { DynapseControl, type DynapseControlOptions } from '../../devices/dynapse/control.js';
import type { ControllerKind } from '../../devices/dynapse/open.js';
import { RockpoolError } from '../../errors.js';
import type { TaskOptions } from '../../task.js';
import type { RecDynapSEOptions } from './board-options.js';

/** A signal that aborts when any of these does, and what lets go of them. */
function anyOf(...signals: (AbortSignal | undefined)[]): { signal: AbortSignal; release: () => void } {
  const own = new AbortController();
  const given = signals.filter((signal) => signal !== undefined);
  const abort = (event: Event): void => own.abort((event.target as AbortSignal).reason);
  for (const signal of given) {
    if (signal.aborted) own.abort(signal.reason);
    signal.addEventListener('abort', abort);
  }
  return { signal: own.signal, release: () => given.forEach((signal) => signal.removeEventListener('abort', abort)) };
}

/** The biases that are set; null where none is known. */
function biasesOf(control: DynapseControl): CoreBias[] | null {
  try {
    return control.biases;
  } catch {
    return null;
  }
}

/** @internal Where a layer's board is: to be opened, open, or being opened while somebody closes it. */
export class BoardLink {
  /** The one that was given, or what to open. */
  readonly wanted: ControllerKind | DynapseControl;
  #control: DynapseControl | null = null;
  /** Chips that a transfer of this layer's has left with unknown content. */
  readonly #spoilt = new Set<number>();
  /** Aborts what is under way when the layer is closed. */
  #stop = new AbortController();
  #work: Promise<unknown> | null = null;

  constructor(wanted: ControllerKind | DynapseControl) {
    this.wanted = wanted;
  }

  /** The controller that is in use. */
  get control(): DynapseControl | null {
    return this.#control;
  }

  /** Whether the controller belongs to somebody else, too. */
  get shared(): boolean {
    return this.wanted instanceof DynapseControl;
  }

  /** Whether it is being opened, or used. */
  get busy(): boolean {
    return this.#work !== null;
  }

  /**
   * Hands the controller, which is opened where there is none, to `fn`.
   *
   * @throws RockpoolError `ERR_CLOSED` when it was closed meanwhile: `undo` has given a shared controller back what was taken.
   */
  async use(
    options: DynapseControlOptions,
    task: TaskOptions,
    who: string,
    fn: (control: DynapseControl, task: TaskOptions) => Promise<void>,
    undo: (control: DynapseControl) => Promise<void>,
  ): Promise<void> {
    const { signal: closed } = this.#stop;
    const { signal, release } = anyOf(task.signal, closed);
    const work = this.#use(options, { ...task, signal }, closed, fn, undo);
    const settled = work.catch(() => undefined);
    this.#work = settled;
    try {
      await work;
    } catch (cause) {
      if (!closed.aborted) throw cause;
      throw new RockpoolError(
        'ERR_CLOSED',
        `${who}expected the layer to stay open until it was prepared, received close()`,
        { cause },
      );
    } finally {
      release();
      if (this.#work === settled) this.#work = null;
    }
  }

  async #use(
    options: DynapseControlOptions,
    task: TaskOptions,
    closed: AbortSignal,
    fn: (control: DynapseControl, task: TaskOptions) => Promise<void>,
    undo: (control: DynapseControl) => Promise<void>,
  ): Promise<void> {
    const control = this.#control ?? (await this.#open(options, task));
    try {
      closed.throwIfAborted();
      this.#control = control;
      await fn(control, task);
      closed.throwIfAborted();
    } catch (error) {
      if (closed.aborted) {
        if (this.shared) await undo(control);
        else await control.close();
      }
      throw error;
    }
  }

  async #open(options: DynapseControlOptions, task: TaskOptions): Promise<DynapseControl> {
    if (this.wanted instanceof DynapseControl) return this.wanted;
    return DynapseControl.open({ ...options, controller: this.wanted, ...task });
  }

  /** Runs a transfer, and remembers the chips whose content is unknown when it fails. */
  async transfer<T>(control: DynapseControl, fn: () => Promise<T>): Promise<T> {
    const before = control._unknownChips;
    try {
      return await fn();
    } catch (error) {
      for (const chip of control._unknownChips) if (!before.includes(chip)) this.#spoilt.add(chip);
      throw error;
    }
  }

  /** Empties chips of unknown content: those of `chips`, those that transfers of this layer's left so, and all of a board that is the layer's own. */
  async emptyUnknown(control: DynapseControl, chips: readonly number[], task: TaskOptions): Promise<void> {
    const wanted = (chip: number): boolean => !this.shared || this.#spoilt.has(chip) || chips.includes(chip);
    const unknown = control._unknownChips.filter(wanted);
    if (unknown.length > 0) await control.initChips(unknown, task);
    this.#spoilt.clear();
  }

  /** In a dictionary: who is asked for spikes, and what it was told, without which a layer that is loaded would be another. */
  config({ board, biases: given }: Pick<RecDynapSEOptions, 'board' | 'biases'>): Record<string, unknown> {
    const { wanted } = this;
    const model = wanted instanceof DynapseControl ? wanted.simulated : wanted === 'model';
    const biases = (this.#control && biasesOf(this.#control)) ?? given ?? null;
    return {
      ...(model && { controller: 'model' }),
      ...(board && { board: structuredClone(board) }),
      ...(biases !== null && { biases: structuredClone(biases) }),
    };
  }

  /** Closes what was opened, waits for what is under way, and is as new. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    const control = this.#control;
    this.#control = null;
    if (control && !this.shared) await control.close();
    await this.#work;
  }
}
