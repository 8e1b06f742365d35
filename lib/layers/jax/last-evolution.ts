/** Records of a layer's last evolution that are computed when somebody reads them. */
import { RockpoolError } from '../../errors.js';

/** Whether two arrays hold the same bits. */
export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));
}

/**
 * What the last evolution of a layer was: enough to run it again, which gives the same bits, since a run is a function of plan,
 * state, input and seed. So an evolution costs nothing for records that nobody reads.
 */
export class LastEvolution<E, R> {
  readonly #who: () => string;
  readonly #compute: (evolution: E, record: string) => R;
  #evolution: E | null = null;
  readonly #records = new Map<string, R>();

  /** `compute` runs an evolution again for one record; `who` is the prefix of messages. */
  constructor(who: () => string, compute: (evolution: E, record: string) => R) {
    this.#who = who;
    this.#compute = compute;
  }

  /** Another evolution was done. */
  replace(evolution: E): void {
    this.#evolution = evolution;
    this.#records.clear();
  }

  /** Returns the function that makes the present evolution the last one again. */
  mark(): () => void {
    const evolution = this.#evolution;
    const records = [...this.#records];
    return () => {
      this.#evolution = evolution;
      this.#records.clear();
      for (const [name, record] of records) this.#records.set(name, record);
    };
  }

  /** Another evolution was done, of which nothing is kept. */
  forget(): void {
    this.#evolution = null;
    this.#records.clear();
  }

  /** A record that is known already. */
  keep(record: string, value: R): void {
    this.#records.set(record, value);
  }

  /** @throws RockpoolError `ERR_STATE` before the first evolution, and when the input was changed since. */
  get(record: string): R {
    const known = this.#records.get(record);
    if (known !== undefined) return known;
    if (!this.#evolution)
      throw new RockpoolError(
        'ERR_STATE',
        `${this.#who()}expected the layer to have evolved when ${record} is read, received no evolution`,
      );
    const computed = this.#compute(this.#evolution, record);
    this.#records.set(record, computed);
    return computed;
  }
}

/** The error for an input that gives another result than it did. */
export function inputChanged(record: string): RockpoolError {
  return new RockpoolError(
    'ERR_STATE',
    `expected the input of the last evolution to be as it was when ${record} is read, received one that was changed since`,
  );
}

/** Puts the layer's name in front of the message when a state became infinite or NaN. */
export function named(error: unknown, startPrint: string): unknown {
  if (!(error instanceof RockpoolError) || error.code !== 'ERR_NOT_FINITE') return error;
  const [, neuron, timestep] = /neuron (\d+) .* time step (\d+)$/.exec(error.message) ?? [];
  return new RockpoolError('ERR_NOT_FINITE', `${startPrint}${error.message}`, {
    cause: error,
    details: { neuron: Number(neuron), timestep: Number(timestep) },
  });
}
