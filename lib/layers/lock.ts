/** Keeps an object that is evolving from being evolved, reset or changed meanwhile. */
import { RockpoolError } from '../errors.js';

export class Lock {
  #holders = 0;
  #permitted = false;

  get busy(): boolean {
    return this.#holders > 0;
  }

  /** @throws RockpoolError `ERR_BUSY` while the lock is held by somebody else than the caller. */
  check(who: string): void {
    if (this.#holders > 0 && !this.#permitted) {
      throw new RockpoolError('ERR_BUSY', `expected ${who} to be idle, received a call while it is evolving`);
    }
  }

  /** Holds the lock until the function returned is called. */
  acquire(): () => void {
    this.#holders++;
    let held = true;
    return () => {
      if (held) this.#holders--;
      held = false;
    };
  }

  /** Holds the lock while `fn` runs and its promise is pending. The part of `fn` before its first await passes `check`. */
  async run<T>(fn: () => Promise<T>): Promise<T> {
    const release = this.acquire();
    try {
      return await this.permit(fn);
    } finally {
      release();
    }
  }

  /** Lets a synchronous call of the holder pass `check`. */
  permit<T>(fn: () => T): T {
    return this.#during(true, fn);
  }

  /** The same for several locks. */
  static permitAll<T>(locks: readonly Lock[], fn: () => T): T {
    const before = locks.map((lock) => lock.#permitted);
    for (const lock of locks) lock.#permitted = true;
    try {
      return fn();
    } finally {
      locks.forEach((lock, i) => (lock.#permitted = before[i]));
    }
  }

  /** Holds the lock, also against the holder, while `fn` runs: a function of the user's that the holder calls. */
  guard<T>(fn: () => T): T {
    const release = this.acquire();
    try {
      return this.#during(false, fn);
    } finally {
      release();
    }
  }

  #during<T>(permitted: boolean, fn: () => T): T {
    const before = this.#permitted;
    this.#permitted = permitted;
    try {
      return fn();
    } finally {
      this.#permitted = before;
    }
  }
}
