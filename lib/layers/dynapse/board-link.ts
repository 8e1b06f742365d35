/** The controller that a layer opens or is given, which may be closed at any time. */
import { DynapseControl, type DynapseControlOptions } from '../../devices/dynapse/control.js';
import type { ControllerKind } from '../../devices/dynapse/open.js';
import { RockpoolError } from '../../errors.js';
import type { TaskOptions } from '../../task.js';

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

/** @internal Where a layer's board is: to be opened, open, or being opened while somebody closes it. */
export class BoardLink {
  /** The one that was given, or what to open. */
  readonly wanted: ControllerKind | DynapseControl;
  #control: DynapseControl | null = null;
  /** Aborts what is under way when the layer is closed. */
  #stop = new AbortController();
  #work: Promise<unknown> = Promise.resolve();

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

  /**
   * Hands the controller, which is opened where there is none, to `fn`.
   *
   * @throws RockpoolError `ERR_CLOSED` when it was closed meanwhile: `undo` has been called then.
   */
  async use(
    options: DynapseControlOptions,
    task: TaskOptions,
    who: string,
    fn: (control: DynapseControl, task: TaskOptions) => Promise<void>,
    undo: (control: DynapseControl) => void,
  ): Promise<void> {
    const { signal: closed } = this.#stop;
    const { signal, release } = anyOf(task.signal, closed);
    const work = this.#use(options, { ...task, signal }, closed, fn, undo);
    this.#work = work.catch(() => undefined);
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
    }
  }

  async #use(
    options: DynapseControlOptions,
    task: TaskOptions,
    closed: AbortSignal,
    fn: (control: DynapseControl, task: TaskOptions) => Promise<void>,
    undo: (control: DynapseControl) => void,
  ): Promise<void> {
    const control = this.#control ?? (await this.#open(options, task));
    try {
      closed.throwIfAborted();
      this.#control = control;
      await fn(control, task);
      closed.throwIfAborted();
    } catch (error) {
      if (closed.aborted) {
        undo(control);
        if (!this.shared) await control.close();
      }
      throw error;
    }
  }

  async #open(options: DynapseControlOptions, task: TaskOptions): Promise<DynapseControl> {
    if (this.wanted instanceof DynapseControl) return this.wanted;
    return DynapseControl.open({ ...options, controller: this.wanted, ...task });
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
