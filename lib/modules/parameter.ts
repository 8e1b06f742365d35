/** What a module registers: parameters, states and simulation parameters, each with its first value and the way back to it. */
import {
  type ArrayLike_ as ArrayInput,
  checkShape,
  type Matrix,
  NdArray,
  shapeText,
  sizeOf,
  toNdArray,
} from '../array.js';
import { checkBoolean, checkFunction, checkOptions, checkString, rangeError, shapeError, typeError } from '../check.js';

/** What an attribute is to its module. */
export type AttributeKind = 'parameter' | 'state' | 'simulationParameter';

/** A function that is a value, such as an activation function. */
export type AttributeFunction = (...args: never[]) => unknown;

/**
 * The value of an attribute: a number where its shape is `[]`, an `NdArray` for any other shape, and for what is no array of numbers
 * (simulation parameters mostly) the thing itself.
 */
export type AttributeValue = number | Matrix | string | boolean | AttributeFunction | object;

/** One shape (an integer or a list of integers, `[]` for a number), or a list of permitted ones, of which one is a list itself. */
export type ShapeInput = number | readonly number[] | readonly (number | readonly number[])[];

/** A value that is fixed: whatever is made of it is a simulation parameter, which training leaves alone. */
export interface ConstantValue<T = unknown> {
  readonly value: T;
  readonly constant: true;
}

/** Marks a value as fixed. */
export function Constant<T>(value: T): ConstantValue<T> {
  return { value: isConstant(value) ? (value.value as T) : value, constant: true };
}

/** @internal */
export function isConstant(value: unknown): value is ConstantValue {
  return (
    typeof value === 'object' && value !== null && 'constant' in value && value.constant === true && 'value' in value
  );
}

/** Options of {@link Parameter}, {@link State} and {@link SimulationParameter}. */
export interface AttributeOptions<T = AttributeValue> {
  /** The first value. Left out: `init` makes it. */
  data?: ArrayInput | NoInfer<T> | ConstantValue | null;
  /** The group that queries find it by: `'weights'`, `'taus'`, `'biases'`, `'thresholds'` or any other text. */
  family?: string | null;
  /** Makes the first value of the given shape, and again at each reset. */
  init?: (shape: number[]) => ArrayInput | NoInfer<T>;
  /** The shape, or the permitted shapes; the first of them holds when `init` makes the value. Default: that of `data`. */
  shape?: ShapeInput;
  /** As many numbers in another shape are put into the first permitted shape that holds so many. Default true. */
  permitReshape?: boolean;
  /** Repeat a single number to the first permitted shape. Default false. */
  broadcast?: boolean;
  /** What errors call the value. Default `'data'`. */
  name?: string;
  /** Applied to the value, at construction and at each reset; must keep the shape. */
  cast?: ((value: T) => ArrayInput | NoInfer<T>) | null;
}

const optionNames = ['data', 'family', 'init', 'shape', 'permitReshape', 'broadcast', 'cast', 'name'];

/** Base class of the three kinds. `T` is the type of the value: `number` for the shape `[]`, else a `Matrix` (an `NdArray`). */
export abstract class AttributeBase<T = AttributeValue> {
  /** What the attribute is to its module. Made from a {@link Constant}, it is a simulation parameter. */
  readonly kind: AttributeKind;
  readonly family: string | null;
  /** The shape of the value; null for what is no array of numbers. */
  readonly shape: readonly number[] | null;
  /** All permitted shapes. */
  readonly shapes: readonly (readonly number[])[];
  /** The first value. */
  readonly value: T;
  readonly #fresh: () => T;

  constructor(kind: AttributeKind, options: AttributeOptions<T>) {
    const given = checkOptions<AttributeOptions<T>>(options, 'options', optionNames);
    const { data: marked, family, init, shape, permitReshape = true, broadcast = false, cast } = given;
    const name = checkString(given.name ?? 'data', 'name');
    this.kind = isConstant(marked) ? 'simulationParameter' : kind;
    const data = (isConstant(marked) ? marked.value : marked) as ArrayInput | T | null | undefined;
    this.family = family === undefined || family === null ? null : checkString(family, 'family');
    if (init !== undefined) checkFunction(init, 'init');
    if (cast !== undefined && cast !== null) checkFunction(cast, 'cast');
    checkBoolean(permitReshape, 'permitReshape');
    checkBoolean(broadcast, 'broadcast');
    const shapes = shape === undefined ? null : readShapes(shape);
    const plain = source<T>(data, shapes, { init, permitReshape, broadcast, name });
    this.#fresh = () => {
      const value = plain();
      return cast ? sameShape(cast(value), shapeOf(value), 'the result of cast') : value;
    };
    this.value = this.#fresh();
    this.shape = shapeOf(this.value);
    this.shapes = shapes ?? (this.shape ? [this.shape] : []);
  }

  /** A new first value, which nobody else holds. */
  fresh(): T {
    return this.#fresh();
  }
}

/** A part of a network's configuration, which training may change. */
export class Parameter<T = Matrix> extends AttributeBase<T> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(options: AttributeOptions<T>) {
    super('parameter', options);
  }
}

/** A value that changes when the module evolves. */
export class State<T = Matrix> extends AttributeBase<T> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(options: AttributeOptions<T>) {
    super('state', options);
  }
}

/** A value that only the simulation needs, such as `dt`. */
export class SimulationParameter<T = number> extends AttributeBase<T> {
  /** @throws TypeError or RangeError for an option of the wrong kind, value or shape. */
  constructor(options: AttributeOptions<T>) {
    super('simulationParameter', options);
  }
}

/** Whether a value is an array of numbers, or something else that is kept as it is. */
function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || Array.isArray(value) || value instanceof NdArray) return true;
  if (typeof value !== 'object' || value === null) return false;
  return ArrayBuffer.isView(value) || ('data' in value && 'shape' in value);
}

/** @internal The shape of a value; null for what is no array of numbers. */
export function shapeOf(value: unknown): readonly number[] | null {
  if (typeof value === 'number') return [];
  return value instanceof NdArray ? value.shape : null;
}

function readShapes(shape: ShapeInput): number[][] {
  const one = (s: unknown): number[] => [...checkShape(typeof s === 'number' ? [s] : s)];
  if (typeof shape === 'number') return [one(shape)];
  if (!Array.isArray(shape)) throw typeError('shape', 'an integer, a list of integers or a list of shapes', shape);
  const list = shape as readonly unknown[];
  return list.some((s) => Array.isArray(s)) ? list.map(one) : [one(list)];
}

/** A number for the shape `[]`, else an array with elements of its own. */
function boxed(data: Float64Array, shape: readonly number[]): number | Matrix {
  return shape.length === 0 ? data[0] : new NdArray(data.slice(), shape);
}

const equal = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

const shapesText = (shapes: readonly (readonly number[])[]): string => shapes.map(shapeText).join(' or ');

/** @internal A value that must have the shape of another one; for what is no array of numbers, its kind. Copies arrays. */
export function sameShape<T>(value: unknown, shape: readonly number[] | null, name: string, kindOf?: unknown): T {
  if (value === null || value === undefined)
    throw typeError(name, shape ? `numbers (${shapeText(shape)})` : 'a value', value);
  if (!shape) {
    if (kindOf !== undefined && !sameKind(kindOf, value)) throw typeError(name, `a ${typeof kindOf}`, value);
    return value as T;
  }
  const array = toNdArray(value, name, 'float64');
  if (!equal(array.shape, shape)) throw shapeError(name, shapeText(shape), shapeText(array.shape));
  return boxed(array.data, shape) as T;
}

/** Texts stand for functions. */
function sameKind(a: unknown, b: unknown): boolean {
  const kind = (value: unknown): string => (typeof value === 'function' ? 'string' : typeof value);
  return kind(a) === kind(b);
}

/** @internal The same for several permitted shapes. */
export function permittedShape<T>(value: unknown, shapes: readonly (readonly number[])[], name: string): T {
  const array = toNdArray(value, name, 'float64');
  const shape = shapes.find((s) => equal(s, array.shape));
  if (!shape) throw shapeError(name, shapesText(shapes), shapeText(array.shape));
  return boxed(array.data, shape) as T;
}

interface SourceOptions<T> {
  init?: (shape: number[]) => ArrayInput | T;
  permitReshape: boolean;
  broadcast: boolean;
  name: string;
}

/** What makes the first value, again and again. */
function source<T>(
  data: ArrayInput | T | null | undefined,
  shapes: number[][] | null,
  { init, permitReshape, broadcast, name }: SourceOptions<T>,
): () => T {
  if (data === undefined || data === null) {
    if (!shapes) throw rangeError('options', 'an object with data or shape', 'neither');
    if (!init) throw rangeError('init', 'a function, since there is no data', init);
    const shape = shapes[0];
    return () => {
      const made = init([...shape]);
      // What is no array has no shape; `init` needs one all the same.
      if (shapes.length === 1 && shape.length === 0 && typeof made === 'function') return made;
      return broadcast && typeof made === 'number' ? filled(made, shape) : sameShape(made, shape, 'the result of init');
    };
  }
  if (!isNumeric(data)) {
    if (shapes) throw typeError(name, `numbers (${shapesText(shapes)})`, data);
    return () => data as T;
  }
  const given = toNdArray(data, name, 'float64');
  const shape = chooseShape(given.shape, shapes, { permitReshape, broadcast, name });
  const kept = given.data.slice();
  return () => (kept.length === sizeOf(shape) ? (boxed(kept, shape) as T) : filled(kept[0], shape));
}

function filled<T>(value: number, shape: readonly number[]): T {
  return (shape.length === 0 ? value : new NdArray(new Float64Array(sizeOf(shape)).fill(value), shape)) as T;
}

function chooseShape(
  given: readonly number[],
  shapes: number[][] | null,
  { permitReshape, broadcast, name }: Omit<SourceOptions<unknown>, 'init'>,
): readonly number[] {
  if (!shapes) return given;
  const same = shapes.find((s) => equal(s, given));
  if (same) return same;
  const holding = permitReshape ? shapes.find((s) => sizeOf(s) === sizeOf(given)) : undefined;
  if (holding) return holding;
  if (broadcast && sizeOf(given) === 1 && shapes.length > 0) return shapes[0];
  throw shapeError(name, shapesText(shapes), shapeText(given));
}
