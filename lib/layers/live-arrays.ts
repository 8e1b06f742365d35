/** Arrays of parameters that were handed out, and may therefore have changed without a call. */

/** None where the memory was transferred away. */
function bytes(array: ArrayBufferView): Buffer {
  if (array.byteLength === 0) return Buffer.alloc(0);
  return Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}

/** Remembers what the arrays that users hold contained when a plan was made from them. */
export class LiveArrays {
  readonly #copies = new Map<string, Buffer>();

  /** An array is handed out: from now on {@link changed} compares it. */
  watch(name: string, array: ArrayBufferView): void {
    if (!this.#copies.has(name)) this.#copies.set(name, Buffer.from(bytes(array)));
  }

  /** Another array took its place, which nobody holds yet. */
  forget(name: string): void {
    this.#copies.delete(name);
  }

  /** The names of the arrays that are not as they were at the last call (bit for bit), where `current` gives their content. */
  changed(current: (name: string) => ArrayBufferView): string[] {
    const names: string[] = [];
    for (const [name, copy] of this.#copies) {
      const now = bytes(current(name));
      if (now.length === copy.length && copy.compare(now) === 0) continue;
      names.push(name);
      this.#copies.set(name, Buffer.from(now));
    }
    return names;
  }
}
