/** Neighbours of doubles. */

const bits = new DataView(new ArrayBuffer(8));

/** The smallest double greater than `x`. */
export function nextUp(x: number): number {
  if (Number.isNaN(x) || x === Infinity) return x;
  if (x === 0) return Number.MIN_VALUE;
  bits.setFloat64(0, x);
  const raw = bits.getBigInt64(0);
  bits.setBigInt64(0, x > 0 ? raw + 1n : raw - 1n);
  return bits.getFloat64(0);
}
