/** Batches of training data. */
import { type ArrayLike_ as ArrayInput, NdArray, shapeText, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { shapeError, typeError } from '../../check.js';
import { RockpoolError } from '../../errors.js';
import type { Real } from '../../modules/kernels/native.js';
import type { TrainingBatch, TrainingData } from './types.js';

/** A batch and how many samples it counts for. */
export interface SizedBatch<Target> extends TrainingBatch<Target> {
  samples: number;
}

/** Data as batches, epoch by epoch. */
export interface BatchSource<Target> {
  /** Batches of an epoch; undefined when that is not known before. */
  readonly count: number | undefined;
  /** What decides the batches, so that a training does not go on with other data. */
  readonly form: string;
  /** Takes the order of a checkpoint. */
  seed: number;
  batches(epoch: number): AsyncIterable<SizedBatch<Target>> | Iterable<SizedBatch<Target>>;
}

/** How arrays are cut into batches. */
export interface BatchOptions {
  batchSize: number;
  shuffle: boolean;
  seed: number;
}

/** @throws TypeError for what is no data, RangeError `ERR_SHAPE` for inputs and targets of different numbers of samples. */
export function batchSource<Target>(
  data: TrainingData<Target>,
  name: string,
  options: BatchOptions,
): BatchSource<Target> {
  if (typeof data === 'function')
    return fromIterables((epoch) => checkIterable(data(epoch), `what ${name} returned for epoch ${epoch}`), name);
  if (typeof data !== 'object' || data === null)
    throw typeError(name, 'arrays { input, target }, batches or a function that returns batches', data);
  if (Array.isArray(data) && data.length === 0) throw shapeError(name, 'a batch or more', 'an empty list');
  if (Symbol.asyncIterator in data || Symbol.iterator in data) return fromIterables(() => data, name);
  if (!('input' in data && 'target' in data)) throw typeError(name, 'an object with input and target', data);
  return new Arrays(data.input, data.target, name, options);
}

function checkIterable<T>(value: T, name: string): T {
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value || Symbol.iterator in value))
    throw typeError(name, 'an iterable or async iterable of batches', value);
  return value;
}

function fromIterables<Target>(
  make: (epoch: number) => Iterable<TrainingBatch<Target>> | AsyncIterable<TrainingBatch<Target>>,
  name: string,
): BatchSource<Target> {
  return {
    count: undefined,
    form: 'batches',
    seed: 0,
    async *batches(epoch) {
      let count = 0;
      for await (const batch of make(epoch)) {
        const what = `batch ${count++} of ${name}`;
        if (typeof batch !== 'object' || batch === null || !('input' in batch && 'target' in batch))
          throw typeError(what, 'an object with input and target', batch);
        const given: unknown = batch.input;
        const { shape } = given instanceof NdArray ? given : NdArray.from(batch.input, `the input of ${what}`);
        yield { ...batch, samples: shape.length === 3 ? shape[0] : 1 };
      }
      if (count === 0)
        throw new RockpoolError(
          'ERR_STATE',
          `expected ${name} to give a batch or more in epoch ${epoch}, received none${epoch > 0 ? ': what can be gone through once only is to be made anew by a function of the epoch' : ''}`,
        );
    },
  };
}

type Rows = NdArray<Real>;

/** Floats stay floats. */
function rowsOf(value: unknown, name: string): Rows {
  const floats =
    value instanceof Float32Array || (value instanceof NdArray && (value as NdArray).data instanceof Float32Array);
  return toNdArray(value, name, floats ? 'float32' : 'float64') as Rows;
}

class Arrays<Target> implements BatchSource<Target> {
  readonly count: number;
  readonly form: string;
  seed: number;
  readonly #input: Rows;
  readonly #target: Picker;
  readonly #options: BatchOptions;

  constructor(input: ArrayInput, target: Target, name: string, options: BatchOptions) {
    this.#input = rowsOf(input, `${name}.input`);
    const { shape } = this.#input;
    if (shape.length !== 3 || shape[0] === 0)
      throw shapeError(`${name}.input`, '[samples, steps, channels] of one sample or more', shapeText(shape));
    this.#target = picker(target, shape[0], `${name}.target`);
    this.#options = options;
    this.seed = options.seed;
    this.count = Math.ceil(shape[0] / options.batchSize);
    this.form = `${shape[0]} samples in batches of ${options.batchSize}, ${options.shuffle ? 'shuffled' : 'in order'}`;
  }

  *batches(epoch: number): Iterable<SizedBatch<Target>> {
    const { batchSize, shuffle } = this.#options;
    const [samples] = this.#input.shape;
    const order = new Uint32Array(samples);
    if (shuffle) native.shuffled(this.seed, epoch, order);
    else for (let i = 0; i < samples; i++) order[i] = i;
    for (let from = 0; from < samples; from += batchSize) {
      const rows = order.subarray(from, Math.min(from + batchSize, samples));
      yield { input: gather(this.#input, rows), target: this.#target(rows) as Target, samples: rows.length };
    }
  }
}

function gather({ data, shape }: Rows, rows: Uint32Array): Rows {
  const width = shape.slice(1).reduce((n, m) => n * m, 1);
  const floats = data instanceof Float32Array;
  const out = floats ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
  native.gatherRows(floats ? 1 : 0, undefined, width, rows, data, out);
  return new NdArray<Real>(out, [rows.length, ...shape.slice(1)]);
}

/** The targets of some samples. */
type Picker = (rows: Uint32Array) => unknown;

function picker(target: unknown, samples: number, name: string): Picker {
  const plain = typeof target === 'object' && target !== null && Object.getPrototypeOf(target) === Object.prototype;
  if (plain && !('data' in target && 'shape' in target)) {
    const inner = Object.entries(target).map(
      ([key, value]) => [key, picker(value, samples, `${name}.${key}`)] as const,
    );
    return (rows) => Object.fromEntries(inner.map(([key, pick]) => [key, pick(rows)]));
  }
  if (Array.isArray(target)) {
    checkCount(target.length, samples, name);
    if (!isNumeric(target)) return (rows) => Array.from(rows, (i) => target[i] as unknown);
  }
  const array = rowsOf(target, name);
  checkCount(array.shape[0] ?? 0, samples, name);
  return (rows) => gather(array, rows);
}

/** Nested lists that make an array, rather than entries of different lengths or kinds. */
function isNumeric(list: readonly unknown[]): boolean {
  try {
    NdArray.from(list as number[], 'target');
    return true;
  } catch {
    return false;
  }
}

function checkCount(count: number, samples: number, name: string): void {
  if (count !== samples) throw shapeError(name, `${samples} of them, as many as there are samples`, String(count));
}
