/** Prepared plans that outlive a run. */
import { native } from '../binding.js';

/**
 * Holds a plan until a parameter changes, and frees the one that it replaces. With `later`, a replaced plan stays until
 * {@link PlanCache.settle}: for layers that can run their last evolution again.
 */
export class PlanCache<Plan extends object, Parameters extends readonly unknown[]> {
  readonly #make: (...parameters: Parameters) => Plan;
  readonly #matches: (...args: [...Parameters, plan: Plan]) => boolean;
  readonly #later: boolean;
  #plan: Plan | null = null;
  #replaced: Plan[] = [];
  #handedOut = false;

  /** @param matches Whether a plan of these parameters would be the same. */
  constructor(
    make: (...parameters: Parameters) => Plan,
    matches: (...args: [...Parameters, plan: Plan]) => boolean,
    { later = false }: { later?: boolean } = {},
  ) {
    this.#make = make;
    this.#matches = matches;
    this.#later = later;
  }

  /** A parameter was set. */
  drop(): void {
    if (this.#plan) this.#replaced.push(this.#plan);
    this.#plan = null;
    if (!this.#later) this.settle();
  }

  /** A live array of parameters was handed out: it may change without a call, so the plan is compared before each run. */
  watch(): void {
    this.#handedOut = true;
  }

  get(parameters: () => Parameters): Plan {
    if (this.#plan !== null) {
      if (!this.#handedOut || this.#matches(...parameters(), this.#plan)) return this.#plan;
      this.drop();
    }
    return (this.#plan = this.#make(...parameters()));
  }

  /** Nobody needs the plans that were replaced any more. */
  settle(): void {
    for (const plan of this.#replaced) native.releaseHandle(plan);
    this.#replaced = [];
  }
}
