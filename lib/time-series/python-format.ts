/** Numbers as Python and NumPy print them, so that descriptions read as the original's do. */

/** `repr` of a Python float, the shortest text that identifies it: `1.0`, `0.25`, `1e-05`, `nan`. */
export function pythonFloat(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'nan' : x > 0 ? 'inf' : '-inf';
  if (Object.is(x, -0)) return '-0.0';
  const size = Math.abs(x);
  if (x !== 0 && (size < 1e-4 || size >= 1e16)) return x.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  const text = String(x);
  return text.includes('.') ? text : `${text}.0`;
}

const maxDigits = 8;

/** The digits of one element in an array text: at most 8 decimals, trailing zeros dropped, at least a dot. */
function fixed(x: number, decimals: number): string {
  if (!Number.isFinite(x)) return pythonFloat(x);
  const text = `${Object.is(x, -0) ? '-' : ''}${x.toFixed(decimals)}`;
  return decimals === 0 ? `${text}.` : text;
}

/** One row of numbers as NumPy prints a vector: `[ 0.7 -0.8]`. */
export function numpyRow(row: ArrayLike<number>): string {
  const values = Array.from(row);
  const finite = values.filter((x) => Number.isFinite(x) && x !== 0).map(Math.abs);
  const largest = Math.max(...finite, 0);
  const smallest = Math.min(...finite, Infinity);
  if (finite.length > 0 && (largest >= 1e8 || smallest < 1e-4 || largest / smallest > 1000))
    return scientificRow(values);
  const decimals = Math.max(0, ...values.filter(Number.isFinite).map((x) => decimalsOf(x.toFixed(maxDigits))));
  return joined(values.map((x) => trimmed(x, decimals)));
}

function decimalsOf(text: string): number {
  return (text.split('.')[1] ?? '').replace(/0+$/, '').length;
}

/** With `decimals` places, of which trailing zeros become blanks on the right, as NumPy pads them. */
function trimmed(x: number, decimals: number): string {
  const text = fixed(x, decimals);
  if (!Number.isFinite(x) || decimals === 0) return text;
  return text.replace(/0+$/, '').padEnd(text.length);
}

function scientificRow(values: readonly number[]): string {
  const digits = Math.max(
    0,
    ...values.filter(Number.isFinite).map((x) => {
      const mantissa = Number(x).toExponential(maxDigits).split('e')[0] ?? '';
      return decimalsOf(mantissa);
    }),
  );
  return joined(
    values.map((x) => {
      if (!Number.isFinite(x)) return pythonFloat(x);
      const [mantissa = '', power = ''] = x.toExponential(digits).split('e');
      const dotted = mantissa.includes('.') ? mantissa : `${mantissa}.`;
      return `${dotted}e${power[0] ?? '+'}${power.slice(1).padStart(2, '0')}`;
    }),
  );
}

function joined(texts: readonly string[]): string {
  const width = Math.max(0, ...texts.map((t) => t.length));
  return `[${texts.map((t) => t.padStart(width)).join(' ')}]`;
}
