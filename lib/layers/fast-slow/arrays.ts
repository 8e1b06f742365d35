/** Parameters of the layers with fast and slow synapses: arrays that users may hold. */
import { type ArrayLike_ as ArrayInput, type Matrix, NdArray, shapeText, toNdArray } from '../../array.js';
import { shapeError, typeError } from '../../check.js';
import { expandToShape } from '../expand.js';
import { checkFiniteVector, checkMatrix, checkSquare, checkTimeConstants } from '../jax/parameters.js';
import { LiveArrays } from '../live-arrays.js';

/** A vector of finite numbers; those whose names begin with tau are greater than 0. */
export function readVector(value: unknown, name: string, size: number): Float64Array {
  if (value === undefined || value === null) throw typeError(name, 'a number or an array of numbers', value);
  const { data } = expandToShape(value as ArrayInput, [size], name)!;
  return name.startsWith('tau') ? checkTimeConstants(data, name) : checkFiniteVector(data, name);
}

/** Arrays by name. What is handed out may change without a call, which {@link changed} notices. */
export class ParameterArrays {
  readonly #arrays = new Map<string, Matrix>();
  readonly #live = new LiveArrays();

  /** An array of the layer's own. */
  put(name: string, array: Matrix): void {
    this.#arrays.set(name, array);
    this.#live.forget(name);
  }

  putVector(name: string, value: unknown, size: number): void {
    this.put(name, new NdArray(readVector(value, name, size), [size]));
  }

  /** Takes a matrix of the shape that is there; as many numbers in a vector will do. */
  replaceMatrix(name: string, value: unknown, what: string): void {
    const { shape } = this.get(name);
    const given = value === undefined || value === null ? null : toNdArray(value, name, 'float64');
    const fits = given?.ndim === 1 && given.size === shape[0] * shape[1];
    this.put(name, checkMatrix(fits ? new NdArray(given.data, shape) : value, name, shape[0], shape[1], what));
  }

  has(name: string): boolean {
    return this.#arrays.has(name);
  }

  get(name: string): Matrix {
    return this.#arrays.get(name)!;
  }

  data(name: string): Float64Array {
    return this.get(name).data;
  }

  handOut(name: string): Matrix {
    const array = this.get(name);
    this.#live.watch(name, array.data);
    return array;
  }

  /** The names of those that were written since the last call. */
  changed(): string[] {
    return this.#live.changed((name) => this.data(name));
  }
}

/** Two square matrices of one size. */
export function readPair(fast: unknown, slow: unknown): [Matrix, Matrix] {
  const weightsFast = checkSquare(fast, 'weightsFast');
  const weightsSlow = checkSquare(slow, 'weightsSlow');
  const [size] = weightsFast.shape;
  if (weightsSlow.shape[0] !== size)
    throw shapeError('weightsSlow', `${size} x ${size} (as weightsFast)`, shapeText(weightsSlow.shape));
  return [weightsFast, weightsSlow];
}

/** The entries that are not undefined. */
export function defined<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}
