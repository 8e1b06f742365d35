/** The state of LIF neurons: one array with names for its parts. */
import { type ArrayLike_ as ArrayInput, toNdArray } from '../../array.js';
import { native } from '../../binding.js';
import { checkOptions, rangeError, shapeError, typeError } from '../../check.js';

/** What a state is set from. */
export interface LifStateParts {
  /** Membrane potentials, before the reset by `spikes`. */
  readonly Vmem: ArrayInput;
  /** Synaptic currents. */
  readonly Isyn: ArrayInput;
  /** Numbers of spikes in the last time step. */
  readonly spikes: ArrayInput;
}

const partNames = ['Vmem', 'Isyn', 'spikes'] as const;

/** `3 size` numbers: membrane potentials, synaptic currents and numbers of spikes, one after another. The parts are views. */
export class LifState extends Float64Array {
  /** Copies and views of parts are plain arrays. */
  static get [Symbol.species](): Float64ArrayConstructor {
    return Float64Array;
  }

  /** Membrane potentials, before the reset by `spikes`. */
  get Vmem(): Float64Array {
    return this.#part(0);
  }

  /** Synaptic currents. */
  get Isyn(): Float64Array {
    return this.#part(1);
  }

  /** Numbers of spikes in the last time step. */
  get spikes(): Float64Array {
    return this.#part(2);
  }

  #part(i: number): Float64Array {
    const n = this.length / partNames.length;
    return this.subarray(i * n, (i + 1) * n);
  }
}

/** The same memory with names. */
export function namedState(state: Float64Array): LifState {
  return state instanceof LifState ? state : new LifState(state.buffer as ArrayBuffer, state.byteOffset, state.length);
}

/** A copy. */
export function copyState(state: Float64Array): LifState {
  const copy = new LifState(state.length);
  copy.set(state);
  return copy;
}

/** A new state of `size` neurons from its parts. */
export function readState(value: unknown, size: number): LifState {
  const what = `an object with ${partNames.join(', ')}`;
  if (typeof value !== 'object' || value === null || (ArrayBuffer.isView(value) && !(value instanceof LifState)))
    throw typeError('state', what, value);
  const parts =
    value instanceof LifState ? value : (checkOptions<LifStateParts>(value, 'state', partNames) as LifStateParts);
  const state = new LifState(partNames.length * size);
  for (const name of partNames) {
    if (parts[name] === undefined || parts[name] === null)
      throw typeError(`state.${name}`, 'an array of numbers', parts[name]);
    const { data } = toNdArray(parts[name], `state.${name}`, 'float64');
    if (data.length !== size) throw shapeError(`state.${name}`, `${size} numbers (size)`, `${data.length} of them`);
    const wrong = native.firstNotFinite(data);
    if (wrong < size) throw rangeError(`state.${name}`, 'finite', data[wrong]);
    state[name].set(data);
  }
  return state;
}
