/** Prepared plans that outlive a run. */

/** Holds a plan until a parameter changes. */
export class PlanCache<Plan, Parameters extends readonly unknown[]> {
  readonly #make: (...parameters: Parameters) => Plan;
  readonly #matches: (...args: [...Parameters, plan: Plan]) => boolean;
  #plan: Plan | null = null;
  #handedOut = false;

  /** @param matches Whether a plan of these parameters would be the same. */
  constructor(make: (...parameters: Parameters) => Plan, matches: (...args: [...Parameters, plan: Plan]) => boolean) {
    this.#make = make;
    this.#matches = matches;
  }

  /** A parameter was set. */
  drop(): void {
    this.#plan = null;
  }

  /** A live array of parameters was handed out: it may change without a call, so the plan is compared before each run. */
  watch(): void {
    this.#handedOut = true;
  }

  get(parameters: () => Parameters): Plan {
    if (this.#plan !== null && !(this.#handedOut && !this.#matches(...parameters(), this.#plan))) return this.#plan;
    return (this.#plan = this.#make(...parameters()));
  }
}
