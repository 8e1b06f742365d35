/** Attributes of layers, as modules read and write them. */
import { NdArray, toNdArray } from '../array.js';
import { checkString, shapeError, typeError } from '../check.js';

/** One name or several. */
export function namesOf(names: unknown, argument: string): string[] {
  if (names === undefined || names === null) return [];
  if (typeof names === 'string') return [names];
  if (!Array.isArray(names)) throw typeError(argument, 'a name or a list of names', names);
  return names.map((name, i) => checkString(name, `${argument}[${i}]`));
}

/** The family that a layer's attribute belongs to, by its name. */
export function familyOf(name: string): string | null {
  if (/^(weights|w(In|Out|Recurrent)$)/.test(name)) return 'weights';
  if (name.startsWith('tau')) return 'taus';
  return { bias: 'biases', vThresh: 'thresholds', dt: 'dt' }[name] ?? null;
}

/** Assigns to a layer's property. A state with parts is one vector to a module: its numbers are written. */
export function writeTo(layer: Record<string, unknown>, name: string, value: unknown): void {
  const present = layer[name];
  if (present instanceof Float64Array && present.constructor !== Float64Array) {
    const { data, size } = toNdArray(value, name, 'float64');
    if (size !== present.length) throw shapeError(name, `${present.length} numbers`, `${size} of them`);
    present.set(data);
    return;
  }
  if (!settable(layer, name)) throw typeError(name, 'left as it is, since the layer fixes it at construction', value);
  if (present instanceof Float64Array && present.length > 1 && typeof value === 'number')
    layer[name] = new Float64Array(present.length).fill(value);
  else layer[name] = value;
}

/** Whether a property can be assigned. */
export function settable(object: object, name: string): boolean {
  for (let o: unknown = object; o !== null; o = Object.getPrototypeOf(o)) {
    const found = Object.getOwnPropertyDescriptor(o, name);
    if (found) return found.set !== undefined || found.writable === true;
  }
  return false;
}

/** Vectors as arrays over the same memory. */
export function wrapped(value: unknown): unknown {
  if (!(value instanceof Float64Array)) return value;
  const plain = new Float64Array(value.buffer as ArrayBuffer, value.byteOffset, value.length);
  return new NdArray(plain, [plain.length]);
}
