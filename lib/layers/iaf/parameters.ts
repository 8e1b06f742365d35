/** The parameters of integrate-and-fire layers that are one number for each unit. */
import type { ArrayLike_ as ArrayInput } from '../../array.js';
import { rangeError, typeError } from '../../check.js';
import { expandToShape } from '../expand.js';
import type { LiveArrays } from '../live-arrays.js';
import { type IAFModel, peakAboveThreshold, smallestSlope, type VectorName } from './model.js';

/** The smallest number of full precision. */
export const smallestNormal = 2 ** -1022;

type Rule = 'positive' | 'finite' | 'notNegative' | 'slope';

const rules: Readonly<Partial<Record<VectorName, Rule>>> = {
  tauMem: 'positive',
  tauSyn: 'positive',
  tauSynR: 'positive',
  tauSynInp: 'positive',
  tauSynRec: 'positive',
  tauSynExc: 'positive',
  tauSynInh: 'positive',
  capacity: 'positive',
  leakRate: 'notNegative',
  conductance: 'positive',
  deltaT: 'slope',
  tauAdapt: 'positive',
};

const texts: Readonly<Record<Rule, string>> = {
  positive: `finite numbers greater than 0 (from ${smallestNormal})`,
  finite: 'finite',
  notNegative: 'finite numbers of 0 or more',
  slope: `0, or finite numbers of ${smallestSlope} or more`,
};

function allowed(rule: Rule, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  if (rule === 'slope') return value === 0 || value >= smallestSlope;
  return rule === 'finite' || (rule === 'positive' ? value >= smallestNormal : value >= 0);
}

/** Reads one number or one for each unit; always a new array. */
export function readVector(value: unknown, name: string, size: number, rule: Rule): Float64Array {
  const vector = expandToShape(value as ArrayInput, [size], name)!.data;
  const wrong = vector.find((v) => !allowed(rule, v));
  if (wrong !== undefined) throw rangeError(name, texts[rule], wrong);
  return vector;
}

/** Reads a refractory time in seconds: a number stays one. */
export function readRefractory(value: unknown, size: number): number | Float64Array {
  const vector = readVector(value, 'refractory', size, 'notNegative');
  return typeof value === 'number' ? value : vector;
}

/** Pairs of which the first must be above the second in every unit. */
const above: readonly (readonly [VectorName, VectorName])[] = [
  ['vThresh', 'vReset'],
  ['vThresh', 'stateMin'],
];

/** Values by name. `null` stands for none: no rest or no lower limit, where the class can do without. */
export class Parameters {
  readonly #values = new Map<VectorName, Float64Array | null>();
  readonly #size: number;
  readonly #live: LiveArrays;
  readonly #nullable: ReadonlySet<VectorName>;
  readonly #peaks: boolean;

  constructor(model: IAFModel, size: number, live: LiveArrays, given: Readonly<Record<string, unknown>>) {
    this.#size = size;
    this.#live = live;
    this.#nullable = new Set(model.constantLeak ? ['vRest', 'stateMin'] : []);
    this.#peaks = model.adaptation ?? false;
    for (const [name, fallback] of Object.entries(model.vectors) as [VectorName, number][]) {
      this.#values.set(name, this.#read(name, given[name] === undefined ? fallback : given[name]));
    }
    this.#checkOrder();
  }

  /** Adds a parameter that not all classes of a model have, or replaces one. */
  put(name: VectorName, value: unknown): void {
    this.#values.set(name, this.#read(name, value));
  }

  has(name: VectorName): boolean {
    return this.#values.has(name);
  }

  /** The array, for reading. */
  get(name: VectorName): Float64Array {
    return this.#values.get(name)!;
  }

  orNull(name: VectorName): Float64Array | null {
    return this.#values.get(name) ?? null;
  }

  /** Where each unit is reset: above its threshold where there is an exponential term. A new array. */
  peak(): Float64Array {
    const slope = this.get('deltaT');
    return this.get('vThresh').map((v, i) => (slope[i] === 0 ? v : v + peakAboveThreshold));
  }

  /** The array, for a user: it may change from now on. An empty one stands for none. */
  handOut(name: VectorName): Float64Array {
    const array = this.orNull(name);
    if (!array) return new Float64Array(0);
    this.#live.watch(name, array);
    return array;
  }

  /** Replaces a value; nothing changes when it is not allowed. */
  set(name: VectorName, value: unknown): void {
    const before = this.#values.get(name)!;
    this.#values.set(name, this.#read(name, value));
    try {
      this.#checkOrder();
    } catch (error) {
      this.#values.set(name, before);
      throw error;
    }
    this.#live.forget(name);
  }

  /** Checks all again: elements may have been written. */
  check(): void {
    for (const [name, value] of this.#values) if (value) readVector(value, name, this.#size, rules[name] ?? 'finite');
    this.#checkOrder();
  }

  /** All as plain lists. */
  toDict(): [name: VectorName, value: number[] | null][] {
    return [...this.#values].map(([name, value]) => [name, value && Array.from(value)]);
  }

  #read(name: VectorName, value: unknown): Float64Array | null {
    if (value === null || value === undefined) {
      if (this.#nullable.has(name)) return null;
      throw typeError(name, 'a number or an array of numbers', value);
    }
    return readVector(value, name, this.#size, rules[name] ?? 'finite');
  }

  #checkOrder(): void {
    if (this.#peaks) {
      const peak = this.peak();
      const reset = this.get('vReset');
      const wrong = peak.findIndex((v, i) => !(v > reset[i]));
      if (wrong >= 0) throw rangeError(`vReset[${wrong}]`, `less than vPeak, ${peak[wrong]}`, reset[wrong]);
      return;
    }
    for (const [high, low] of above) {
      const [upper, lower] = [this.orNull(high), this.orNull(low)];
      if (!upper || !lower) continue;
      const wrong = upper.findIndex((v, i) => !(v > lower[i]));
      if (wrong >= 0) throw rangeError(`${high}[${wrong}]`, `greater than ${low}, ${lower[wrong]}`, upper[wrong]);
    }
  }
}
