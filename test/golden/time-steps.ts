/** Arithmetic of common time steps: the functions that networks use. */
import { required } from './api.js';

type Arithmetic<T> = (a: number, b: number) => T;

/** Least common multiple. */
export function lcmOf(a: number, b: number): number {
  return (required('lcm') as Arithmetic<number>)(a, b);
}

/** Greatest common divisor. */
export function gcdOf(a: number, b: number): number {
  return (required('gcd') as Arithmetic<number>)(a, b);
}

/** Whether `a` is a multiple of `b`. */
export function isMultipleOf(a: number, b: number): boolean {
  return (required('isMultiple') as Arithmetic<boolean>)(a, b);
}
