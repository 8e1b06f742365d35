/** An open board and who may use it: one command at a time, one reader at a time, nothing after it was closed. */
import { native } from '../../binding.js';
import { RockpoolError } from '../../errors.js';
import { BoardStream } from './board-stream.js';
import type { DynapseBoard, NativeBoardInfo } from './native.js';
import type { ControllerKind, OpenBoard } from './open.js';

/** What a board can be used for: commands go to it, its spikes are read. */
type Use = 'command' | 'stream';
const uses: Readonly<Record<Use, string>> = {
  command: 'another command is under way',
  stream: 'its spikes are being read',
};

/** Whether a controller can be used. */
export type ControllerState = 'open' | 'busy' | 'lost' | 'closed';

/** @internal Base of `DynapseControl`. */
export abstract class BoardSession {
  /** @internal */
  readonly _board: DynapseBoard;
  /** @internal */
  protected readonly _stream: BoardStream;
  readonly #controller: ControllerKind;
  readonly #info: NativeBoardInfo;
  readonly #taken = new Set<Use>();
  #closing: Promise<void> | null = null;

  protected constructor(open: OpenBoard) {
    this._board = open.board;
    this.#controller = open.controller;
    this.#info = native.dynapseInfo(open.board);
    this._stream = new BoardStream(open);
  }

  /** `'board'`, or `'model'`: then no spike is silicon's. */
  get controller(): ControllerKind {
    return this.#controller;
  }

  /** Whether spikes are simulated: the board model answers. */
  get simulated(): boolean {
    return this.#controller === 'model';
  }

  /** Serial number, versions, place on the bus. */
  get info(): Omit<NativeBoardInfo, 'closed' | 'lost' | 'streaming'> {
    const { serial, bus, address, firmware, logic, chipIdentifier, logicClockMHz, isMaster, model } = this.#info;
    return { serial, bus, address, firmware, logic, chipIdentifier, logicClockMHz, isMaster, model };
  }

  /** `'open'`; `'busy'` while a command is under way; `'lost'` when the board was unplugged; `'closed'`. */
  get state(): ControllerState {
    if (this.#closing) return 'closed';
    if (native.dynapseInfo(this._board).lost) return 'lost';
    return this.#taken.has('command') ? 'busy' : 'open';
  }

  /** `DynapseControl of the board model 'MODEL001' (open)`. */
  toString(): string {
    const what = this.simulated ? 'the board model' : 'board';
    return `DynapseControl of ${what} '${this.#info.serial}' (${this.state})`;
  }

  /** @internal @throws RockpoolError `ERR_CLOSED`, `ERR_DEVICE_LOST`. */
  protected _checkOpen(): void {
    if (this.#closing)
      throw new RockpoolError('ERR_CLOSED', `expected ${this.#who} to be open, received a call after close`);
    if (native.dynapseInfo(this._board).lost)
      throw new RockpoolError(
        'ERR_DEVICE_LOST',
        `expected ${this.#who} to be plugged in, received a call after it was unplugged`,
      );
  }

  get #who(): string {
    return `${this.simulated ? 'the board model' : 'board'} '${this.#info.serial}'`;
  }

  /** @internal Takes the board for a use until the function that is returned is called. @throws RockpoolError `ERR_BUSY`. */
  protected _take(...wanted: Use[]): () => void {
    this._checkOpen();
    for (const use of wanted)
      if (this.#taken.has(use))
        throw new RockpoolError('ERR_BUSY', `expected ${this.#who} to be free, received a call while ${uses[use]}`);
    for (const use of wanted) this.#taken.add(use);
    return () => {
      for (const use of wanted) this.#taken.delete(use);
    };
  }

  /** @internal Runs a command while it has the board. Arguments are checked by `fn` before its first await. */
  protected async _run<T>(wanted: Use[], fn: () => Promise<T>): Promise<T> {
    const release = this._take(...wanted);
    try {
      return await fn();
    } finally {
      release();
    }
  }

  /** Switches the board off and releases it. Ends what is under way. Twice is fine; it never fails. */
  close(): Promise<void> {
    this.#closing ??= native.dynapseClose(this._board).promise;
    return this.#closing;
  }

  /** The same, at the end of an `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
