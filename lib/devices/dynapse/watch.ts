/** Boards that come and go. */
import { EventEmitter } from 'node:events';
import { native } from '../../binding.js';
import { checkBoolean, checkOptions, checkSignal } from '../../check.js';
import type { DynapseBoard, DynapseWatch, NativeSeenBoard } from './native.js';

/** A board that is plugged in, by what is known without opening it. */
export interface SeenBoard {
  /** Number of the bus. */
  bus: number;
  /** Number on the bus: a board that is plugged in again gets another one. */
  address: number;
  /** Version of the USB controller's firmware. */
  firmware: number;
}

/** What an iteration over a {@link BoardWatcher} gives. */
export interface BoardChange {
  type: 'arrive' | 'leave';
  board: SeenBoard;
}

/** Options of {@link watchBoards}. */
export interface WatchBoardsOptions {
  /** Ends the watch. */
  signal?: AbortSignal;
  /** Keeps the process alive as long as it is watched. Default: false. */
  persistent?: boolean;
  /** Boards that are there already are told first, as `arrive`. Default: true. */
  initial?: boolean;
}

/** The events of a {@link BoardWatcher} and what their listeners get. */
export interface BoardWatcherEvents {
  arrive: [board: SeenBoard];
  leave: [board: SeenBoard];
  /** What was there at the beginning has been told. */
  ready: [];
  /** It can't be watched: `ERR_NO_LIBUSB`. `close` follows. */
  error: [error: Error];
  close: [];
}

const key = ({ bus, address }: SeenBoard) => `${bus}.${address}`;

/**
 * Tells of boards that are plugged in or pulled out: see {@link watchBoards}. Also an async iterable of {@link BoardChange}; one that is
 * waited for keeps the process alive, ends with the watch, and ends the watch when the loop is left.
 */
export class BoardWatcher extends EventEmitter<BoardWatcherEvents> implements AsyncIterable<BoardChange> {
  readonly #boards = new Map<string, SeenBoard>();
  readonly #initial: boolean;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = () => this.close();
  #watch: DynapseWatch | undefined;
  #persistent: boolean;
  #waiting = 0;
  #ready = false;
  #closed = false;
  #early: BoardChange[] = [];

  /** @internal Use {@link watchBoards}. */
  constructor(options: WatchBoardsOptions, board?: DynapseBoard) {
    super();
    this.#initial = options.initial === undefined ? true : checkBoolean(options.initial, 'initial');
    this.#persistent = options.persistent === undefined ? false : checkBoolean(options.persistent, 'persistent');
    this.#signal = checkSignal(options.signal);
    this.#signal?.addEventListener('abort', this.#abort, { once: true });
    if (this.#signal?.aborted) setImmediate(this.#abort);
    else void this.#open(board);
  }

  /** Boards that are plugged in, as far as it was told. */
  get boards(): SeenBoard[] {
    return [...this.#boards.values()];
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Keeps the process alive from now on. */
  ref(): this {
    this.#persistent = true;
    this.#keepAlive();
    return this;
  }

  /** Lets the process end although boards are watched, as is the default. */
  unref(): this {
    this.#persistent = false;
    this.#keepAlive();
    return this;
  }

  /** Ends the watch; `close` is emitted. Twice is fine. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    if (this.#watch) native.dynapseWatchEnd(this.#watch);
    this.#watch = undefined;
    this.emit('close');
  }

  [Symbol.asyncIterator](): AsyncIterator<BoardChange, undefined> {
    const queue: BoardChange[] = this.boards.map((board) => ({ type: 'arrive', board }));
    let failure: Error | undefined;
    let wake = () => {};
    const push = (type: BoardChange['type']) => (board: SeenBoard) => {
      queue.push({ type, board });
      wake();
    };
    const arrive = push('arrive');
    const leave = push('leave');
    const fail = (error: Error) => (failure = error);
    const end = () => {
      this.off('arrive', arrive).off('leave', leave).off('error', fail);
      wake();
    };
    this.on('arrive', arrive).on('leave', leave).on('error', fail).once('close', end);
    const next = async (): Promise<IteratorResult<BoardChange, undefined>> => {
      this.#wait(1);
      while (queue.length === 0 && !this.#closed) await new Promise<void>((resolve) => (wake = resolve));
      this.#wait(-1);
      const value = queue.shift();
      if (value) return { value, done: false };
      const error = failure;
      failure = undefined;
      if (error) throw error;
      return { value: undefined, done: true };
    };
    return {
      next,
      return: () => {
        this.close();
        return Promise.resolve({ value: undefined, done: true });
      },
    };
  }

  async #open(board: DynapseBoard | undefined): Promise<void> {
    try {
      const job = native.dynapseWatch(board, (seen, arrived) => {
        const change: BoardChange = { type: arrived ? 'arrive' : 'leave', board: seen };
        if (this.#ready) this.#tell(change);
        else this.#early.push(change);
      });
      const { watch, boards } = await job.promise;
      if (this.#closed) return native.dynapseWatchEnd(watch);
      this.#watch = watch;
      this.#keepAlive();
      this.#begin(boards);
    } catch (error) {
      if (this.#closed) return;
      // Outside of the promise: without a listener an error event ends the process, as everywhere in Node.
      process.nextTick(() => {
        try {
          this.emit('error', error as Error);
        } finally {
          this.close();
        }
      });
    }
  }

  /** What was there first; changes that were told meanwhile may be part of it already. */
  #begin(boards: NativeSeenBoard[]): void {
    process.nextTick(() => {
      for (const board of boards) {
        if (this.#initial) this.#tell({ type: 'arrive', board });
        else this.#boards.set(key(board), board);
      }
      for (const change of this.#early) this.#tell(change);
      this.#early = [];
      this.#ready = true;
      if (!this.#closed) this.emit('ready');
    });
  }

  #tell({ type, board }: BoardChange): void {
    if (this.#closed || this.#boards.has(key(board)) === (type === 'arrive')) return;
    if (type === 'arrive') this.#boards.set(key(board), board);
    else this.#boards.delete(key(board));
    this.emit(type, board);
  }

  #wait(by: number): void {
    this.#waiting += by;
    this.#keepAlive();
  }

  #keepAlive(): void {
    if (this.#watch) native.dynapseWatchKeepsAlive(this.#watch, this.#persistent || this.#waiting > 0);
  }
}

/**
 * Watches for DynapSE boards: emits `arrive` and `leave` with `{ bus, address, firmware }`, first for those that are there, then `ready`,
 * then for every change.
 *
 * ```ts
 * const watcher = watchBoards({ signal }).on('arrive', (board) => console.log('there is', board)).on('error', console.error);
 * for await (const { type, board } of watchBoards()) console.log(type, board);   // the same as an iteration
 * ```
 *
 * It does not keep the process alive (`persistent`, `ref()`), and ends with `close()`, with the signal, and with the process or worker.
 * Nothing is opened: whether a board can be used is told by opening it. Where libusb does not tell of changes (Windows), it looks
 * twice a second.
 *
 * @throws TypeError for wrong options. Without libusb `error` is emitted (`ERR_NO_LIBUSB`).
 */
export function watchBoards(options: WatchBoardsOptions = {}): BoardWatcher {
  return new BoardWatcher(checkOptions(options, 'options', ['signal', 'persistent', 'initial']));
}
