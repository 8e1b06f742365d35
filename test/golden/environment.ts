/** What the steps of one case share. */
export class Environment {
  readonly #objects = new Map<string, object>();
  readonly #classes = new Map<string, string>();
  readonly #void = new Set<string>();
  /** Notes that bindings and deviations keep about an object. */
  readonly #memory = new WeakMap<object, Map<string, unknown>>();
  /** Release that the case was recorded with. */
  readonly version: readonly number[];
  /** Names of the reservoir, readout and target that training functions speak of, and the batches they saw. */
  batches: [number, number, boolean, boolean][] = [];
  /** Whether ridge regression took part so far. */
  trained = false;
  /** Number of the step that runs, and those that ours refuses though the original does not. */
  step = 0;
  readonly refused: number[] = [];
  /** Deviations that were applied, by row of the reference. */
  readonly deviations = new Map<string, number>();

  #seeds = 0;

  constructor(version: string) {
    this.version = version.split('.').map(Number);
  }

  set(name: string, object: object, className: string): void {
    this.#void.delete(name);
    this.#objects.set(name, object);
    this.#classes.set(name, className);
  }

  /** The object that the original made does not exist with ours. */
  voids(name: string): void {
    this.#void.add(name);
  }

  isVoid(name: string): boolean {
    return this.#void.has(name);
  }

  has(name: string): boolean {
    return this.#objects.has(name);
  }

  object(name: string): object {
    const object = this.#objects.get(name);
    if (object === undefined) throw new Error(`the case has no object ${name}`);
    return object;
  }

  className(name: string): string {
    return this.#classes.get(name) ?? name;
  }

  /** Names of all objects of a class, in the order in which they were made. */
  names(): string[] {
    return [...this.#objects.keys()];
  }

  /** Seeds for repeated draws: always the same ones. */
  nextSeed(): number {
    return (this.#seeds += 7919);
  }

  memory(object: object): Map<string, unknown> {
    let memory = this.#memory.get(object);
    if (!memory) this.#memory.set(object, (memory = new Map()));
    return memory;
  }
}
