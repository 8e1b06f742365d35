/** One node: its fields are there, are known, and hold what they may. */
import { NdArray, shapeText, sizeOf, toNdArray } from '../array.js';
import { native } from '../binding.js';
import { nodeFields, type Field } from './fields.js';
import { nodeError } from './node-error.js';
import type { NirArray, NirMetadata, NirNode, NirType } from './types.js';

/** Numbers in the precision in which they came, doubles for all others. */
function toNumbers(value: unknown, node: string, field: string): NirArray {
  try {
    const data: unknown = value instanceof NdArray ? (value as NdArray).data : value;
    const array = toNdArray(value, field, data instanceof Float32Array ? 'float32' : 'float64');
    return array as NirArray;
  } catch (error) {
    throw nodeError(node, field, 'an array of numbers', (error as Error).message);
  }
}

const asDoubles = (array: NirArray): Float64Array =>
  array.data instanceof Float64Array ? array.data : Float64Array.from(array.data);

function checkNumbers(array: NirArray, node: string, name: string, field: Field): NirArray {
  const doubles = asDoubles(array);
  const bounded = field.positive === true || field.notNegative === true;
  const at = native.firstOutside(doubles, bounded ? 0 : -Number.MAX_VALUE, field.positive !== true);
  if (at === doubles.length) return array;
  const what = field.positive ? 'finite and greater than 0' : field.notNegative ? 'finite and 0 or more' : 'finite';
  throw nodeError(node, name, what, `${doubles[at]} (element ${at})`);
}

/** A list of integers: a plain list, a typed array, or one number. */
function toIntegers(value: unknown, node: string, name: string, least: number): number[] {
  const array = toNumbers(value, node, name);
  const list = Array.from(array.data);
  for (const n of list)
    if (!Number.isSafeInteger(n) || n < least) throw nodeError(node, name, `integers of ${least} or more`, n);
  if (array.ndim > 1) throw nodeError(node, name, 'a list of integers', `an array of ${shapeText(array.shape)}`);
  return list;
}

function checkSizes(value: unknown, node: string, name: string, field: Field): number[] | number | string {
  if (field.padding && (value === 'same' || value === 'valid')) return value;
  const list = toIntegers(value, node, name, field.least ?? 0);
  const { dimensions } = field;
  if (dimensions === undefined) {
    if (list.length === 1) return list[0];
  } else if (list.length === 1) return new Array<number>(dimensions).fill(list[0]);
  if (list.length === dimensions) return list;
  throw nodeError(
    node,
    name,
    dimensions === undefined ? 'one integer' : `1 or ${dimensions} integers`,
    `${list.length} of them`,
  );
}

function checkField(value: unknown, node: string, name: string, field: Field): unknown {
  if (field.kind === 'shape') {
    const shape = toIntegers(value, node, name, 1);
    if (sizeOf(shape) > Number.MAX_SAFE_INTEGER)
      throw nodeError(node, name, 'a shape of at most 2^53 elements', shape.join(' x '));
    return shape;
  }
  if (field.kind === 'sizes') return checkSizes(value, node, name, field);
  if (field.kind === 'integer') return toIntegers(value, node, name, -Number.MAX_SAFE_INTEGER)[0];
  const array = checkNumbers(toNumbers(value, node, name), node, name, field);
  if (field.kind === 'weight' && array.ndim < (field.least as number))
    throw nodeError(node, name, `of ${field.least} dimensions or more`, shapeText(array.shape));
  if (array.size === 0) throw nodeError(node, name, 'of one element or more', shapeText(array.shape));
  return array;
}

/** A node of a known type with all its fields; those that may be missing get their standard value. */
export function checkNodeFields(given: Record<string, unknown>, node: string): NirNode {
  const { type, metadata, ...values } = given;
  if (typeof type !== 'string' || !Object.hasOwn(nodeFields, type))
    throw nodeError(node, 'type', `one of ${Object.keys(nodeFields).join(', ')}, NIRGraph`, type, false);
  const fields = nodeFields[type as Exclude<NirType, 'NIRGraph'>];
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name) && values[name] !== undefined)
      throw nodeError(node, '', `a ${type} with only ${Object.keys(fields).join(', ')}`, `the field '${name}'`);
  const checked: Record<string, unknown> = { type };
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    if (value !== undefined) checked[name] = checkField(value, node, name, field);
    else if (field.standard) checked[name] = NdArray.from(field.standard === 'zeros' ? 0 : 1);
    else if (!field.optional) throw nodeError(node, name, `there (it is a ${type})`, 'nothing');
  }
  const meta = checkMetadata(metadata, node);
  return { ...checked, ...(meta && { metadata: meta }) } as NirNode;
}

function checkMetadataValue(value: unknown, node: string, path: string): NirMetadata[string] {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return value;
  if (Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === 'string')) return value;
  if (value instanceof NdArray || ArrayBuffer.isView(value) || Array.isArray(value))
    return toNumbers(value, node, path);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, checkMetadataValue(v, node, `${path}.${k}`)]));
  throw nodeError(node, path, 'text, numbers, truth values or an object of these', value, false);
}

/** Metadata without its undefined entries, or nothing. */
export function checkMetadata(value: unknown, node: string): NirMetadata | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object' || Array.isArray(value) || ArrayBuffer.isView(value))
    throw nodeError(node, 'metadata', 'an object', value, false);
  const entries = Object.entries(value).filter(([, v]) => v !== undefined);
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([k, v]) => [k, checkMetadataValue(v, node, `metadata.${k}`)]));
}
