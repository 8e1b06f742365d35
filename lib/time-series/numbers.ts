/** Doubles: the next one, and their text. */

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

/**
 * The text of a double in the original's format: the shortest that identifies it, always with a point or an exponent, as
 * in `1.0`, `0.25`, `1e-05`, `1e+16`.
 */
export function floatText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  if (Object.is(x, -0)) return '-0.0';
  const size = Math.abs(x);
  if (x !== 0 && (size < 1e-4 || size >= 1e16)) {
    return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = String(x);
  return text.includes('.') ? text : `${text}.0`;
}
