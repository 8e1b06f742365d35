/** Which neurons a layer records. */
import { toNdArray } from '../../array.js';
import { indexError, shapeError, typeError } from '../../check.js';
import type { ArrayLike_ as ArrayInput } from '../../array.js';

/** `true`: all neurons; their ids; or none, by `[]`, `null` or `false`. */
export type MonitorInput = ArrayInput | boolean | null;

/** Reads the ids of monitored neurons; always a new array. */
export function readMonitor(value: unknown, size: number): Int32Array {
  if (value === undefined || value === null || value === false) return new Int32Array(0);
  if (value === true) return Int32Array.from({ length: size }, (_, i) => i);
  if (typeof value === 'string') throw typeError('monitorId', 'true, false or a list of neurons', value);
  const { data, ndim } = toNdArray(value, 'monitorId', 'float64');
  if (ndim > 1) throw shapeError('monitorId', 'a list of neurons', 'a matrix');
  const wrong = data.find((id) => !Number.isInteger(id) || id < 0 || id >= size);
  if (wrong !== undefined) throw indexError('monitorId', `neurons from 0 to ${size - 1}`, wrong);
  return Int32Array.from(data);
}
