/** Common time steps, asked of our networks: the arithmetic has no function of its own in the original's interface either. */
import { required, type Constructor } from './api.js';

interface Net {
  dt: number;
}

function network(steps: readonly number[], forced?: number): Net {
  const PassThrough = required('PassThrough') as Constructor;
  const layers = steps.map((dt, i) => new PassThrough({ weights: [[1]], dt, name: `layer${i}` }));
  const options = forced === undefined ? [] : [{ dt: forced }];
  return new (required('Network') as Constructor)(layers, ...options) as unknown as Net;
}

/** Least common multiple: the time step of a network of layers with these time steps. */
export function lcmOf(a: number, b: number): number {
  return network([a, b]).dt;
}

/** Greatest common divisor, from a * b = gcd * lcm. */
export function gcdOf(a: number, b: number): number {
  return (a * b) / lcmOf(a, b);
}

/** Whether a layer with time step `b` fits in a network with the forced time step `a`. */
export function isMultipleOf(a: number, b: number): boolean {
  try {
    return network([b], a).dt === a;
  } catch (error) {
    if ((error as { code?: string }).code !== undefined) return false;
    throw error;
  }
}
