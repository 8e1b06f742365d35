/** A list whose elements are unique. */

/** Elements in the order in which they came; what is there already is not added again. */
export class SetList<T> implements Iterable<T> {
  #items: T[] = [];
  readonly #set = new Set<T>();

  constructor(items: Iterable<T> = []) {
    this.extend(items);
  }

  get length(): number {
    return this.#items.length;
  }

  /** Element `index`; negative ones count from the end. */
  at(index: number): T | undefined {
    return this.#items.at(index);
  }

  has(item: T): boolean {
    return this.#set.has(item);
  }

  indexOf(item: T): number {
    return this.#items.indexOf(item);
  }

  /** Adds an element at the end, unless it is there. */
  add(item: T): this {
    if (!this.#set.has(item)) this.#items.push(item);
    this.#set.add(item);
    return this;
  }

  /** The same as {@link add}. */
  append(item: T): this {
    return this.add(item);
  }

  extend(items: Iterable<T>): this {
    for (const item of items) this.add(item);
    return this;
  }

  /** Takes an element out; one that is not there is ignored. */
  remove(item: T): this {
    if (this.#set.delete(item)) this.#items = this.#items.filter((other) => other !== item);
    return this;
  }

  /** Puts another element in the place of one; one that is there already is not there twice. */
  replace(item: T, other: T): this {
    if (!this.#set.has(item) || item === other) return this;
    const present = this.#set.has(other);
    this.#set.delete(item);
    this.#set.add(other);
    this.#items = present ? this.#items.filter((x) => x !== item) : this.#items.map((x) => (x === item ? other : x));
    return this;
  }

  clear(): this {
    this.#items = [];
    this.#set.clear();
    return this;
  }

  toArray(): T[] {
    return [...this.#items];
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }
}
