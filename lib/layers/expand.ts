/** Expansion of scalars to the shapes of parameters. */
import { type ArrayLike_, NdArray, shapeText, sizeOf, toNdArray } from '../array.js';
import { shapeError, typeError } from '../check.js';

/** Options of the `expandTo…` helpers. */
export interface ExpandOptions {
  /** Pass null (and undefined) through instead of refusing it. */
  allowNull?: boolean;
}

/**
 * One element is replicated to `shape`; as many elements as `shape` has are reshaped, row by row; anything else is an error.
 * The result is always a new array.
 */
export function expandToShape(
  value: ArrayLike_ | null | undefined,
  shape: readonly number[],
  name: string,
  options: ExpandOptions = {},
): NdArray<Float64Array> | null {
  if (value === null || value === undefined) {
    if (options.allowNull) return null;
    throw typeError(name, 'a number or an array of numbers', value);
  }
  const array = toNdArray(value, name, 'float64');
  const size = sizeOf(shape);
  if (array.size === size) return new NdArray(array.data.slice(), shape);
  if (array.size === 1) return new NdArray(new Float64Array(size).fill(array.data[0]), shape);
  const what = shape.length === 1 ? `a number or ${size} numbers` : `a number or ${shapeText(shape)}`;
  throw shapeError(name, what, array.ndim === 1 ? `${array.size} numbers` : shapeText(array.shape));
}
