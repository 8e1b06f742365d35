/** Reading the parts of a snapshot that a layer has put there. */
import { type DType, type NdData, toNdArray } from '../array.js';
import { describe, rangeError, shapeError, typeError } from '../check.js';
import type { LayerSnapshot } from './types.js';

const classes = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint32: Uint32Array,
  uint8: Uint8Array,
};

type Classes = { [D in DType]: InstanceType<(typeof classes)[D]> };

/** Checks that a snapshot is an object. */
export function checkSnapshot(snapshot: unknown): LayerSnapshot {
  if (typeof snapshot !== 'object' || snapshot === null || Array.isArray(snapshot) || ArrayBuffer.isView(snapshot))
    throw typeError('snapshot', 'what snapshot() returned', snapshot);
  return snapshot as LayerSnapshot;
}

/**
 * An array that `snapshot()` of a layer stored under a name of its own, as a copy. Lists of numbers and arrays of another type are taken
 * too when no element changes.
 *
 * @param length How many elements there must be; any number when left out.
 * @throws TypeError when there is no such array, RangeError for another length or for elements that the type does not hold.
 */
export function snapshotArray<D extends DType>(
  snapshot: LayerSnapshot,
  name: string,
  dtype: D,
  length?: number,
): Classes[D] {
  const value = checkSnapshot(snapshot)[name];
  const elements = length === undefined ? '' : ` of ${length} elements`;
  if (value === undefined || value === null) throw typeError(name, `a ${classes[dtype].name}${elements}`, value);
  const given = toNdArray(value, name, value instanceof classes[dtype] ? dtype : 'float64');
  if (length !== undefined && given.size !== length)
    throw shapeError(name, `${length} numbers`, given.ndim === 0 ? describe(value) : `${given.size} of them`);
  const array = new classes[dtype](given.data) as NdData; // a copy
  const changed = given.data.findIndex((v, i) => !Object.is(v, array[i]));
  if (changed >= 0)
    throw rangeError(`${name}[${changed}]`, `a number that a ${classes[dtype].name} holds`, given.data[changed]);
  return array as Classes[D];
}
