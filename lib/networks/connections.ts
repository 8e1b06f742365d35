/** The layers of a network, their names in it and what each gets as input. */
import { RockpoolError } from '../errors.js';
import type { NetworkMember } from './types.js';

/** A layer in a network. */
export interface Entry {
  readonly layer: NetworkMember;
  /** The layer's name in the network: its own, or one made from it when that was taken. */
  readonly name: string;
  pre: Entry | null;
  external: boolean;
  /** Time steps of the layer in one of the network. */
  steps: number;
}

/** A free name: a trailing `_<number>` is incremented, otherwise `_0` appended, until it is not taken. */
export function freeName(wanted: string, taken: (name: string) => boolean): string {
  let name = wanted;
  while (taken(name)) {
    const match = /^(.*_)(\d+)$/s.exec(name);
    name = match ? `${match[1]}${BigInt(match[2]) + 1n}` : `${name}_0`;
  }
  return name;
}

/** Each entry after its predecessor, otherwise in the order given. Null when they form a cycle. */
export function orderOf(entries: Iterable<Entry>): Entry[] | null {
  const rest = new Set(entries);
  const order: Entry[] = [];
  while (rest.size > 0) {
    const next = [...rest].find((entry) => entry.pre === null || !rest.has(entry.pre));
    if (!next) return null;
    order.push(next);
    rest.delete(next);
  }
  return order;
}

/** Refuses layers whose sizes or types do not fit together. */
export function checkFit(pre: NetworkMember, post: NetworkMember): void {
  const names = `the output of '${pre.name}' to fit the input of '${post.name}'`;
  if (pre.sizeOut !== post.sizeIn) {
    throw new RockpoolError('ERR_DIMENSION', `expected ${names}, received ${pre.sizeOut} channels for ${post.sizeIn}`, {
      details: { sizeOut: pre.sizeOut, sizeIn: post.sizeIn },
    });
  }
  if (pre.outputType !== post.inputType) {
    throw new RockpoolError(
      'ERR_CLASS',
      `expected ${names}, received ${pre.outputType.name} for ${post.inputType.name}`,
      {
        details: { outputType: pre.outputType.name, inputType: post.inputType.name },
      },
    );
  }
}

/** The layers of a network by object and by name, in the order in which they were added. */
export class Connections {
  readonly #entries = new Map<NetworkMember, Entry>();
  #order: Entry[] = [];

  get size(): number {
    return this.#entries.size;
  }

  /** In evolution order. */
  get order(): readonly Entry[] {
    return this.#order;
  }

  /** In the order in which they were added. */
  entries(): Entry[] {
    return [...this.#entries.values()];
  }

  of(layer: unknown): Entry | undefined {
    return this.#entries.get(layer as NetworkMember);
  }

  named(name: string): Entry | undefined {
    return this.entries().find((entry) => entry.name === name);
  }

  add(entry: Entry): void {
    this.#entries.set(entry.layer, entry);
    this.reorder();
  }

  remove(entry: Entry): void {
    this.#entries.delete(entry.layer);
    this.reorder();
  }

  /** Feeds `post` from `pre`, or changes nothing. */
  connect(pre: Entry, post: Entry): void {
    checkFit(pre.layer, post.layer);
    if (post.external) {
      throw new RockpoolError(
        'ERR_STATE',
        `expected layer '${post.name}' to have one source of input, received '${pre.name}' beside the external input`,
      );
    }
    const before = post.pre;
    post.pre = pre;
    if (!orderOf(this.entries())) {
      post.pre = before;
      throw new RockpoolError(
        'ERR_CYCLE',
        `expected the layers to have an order of evolution, received a cycle through '${pre.name}' and '${post.name}'`,
      );
    }
    this.reorder();
  }

  reorder(): void {
    const order = orderOf(this.entries());
    if (!order)
      throw new RockpoolError('ERR_CYCLE', 'expected the layers to have an order of evolution, received a cycle');
    this.#order = order;
  }
}
